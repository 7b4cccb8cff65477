"""Documents to values and back: policies, records, and the places of everything that is wrong."""

from relcare.codec._places import DocumentPath, Place, Places, path_text
from relcare.codec._policy_document import PolicyDocument
from relcare.codec._policy_reading import (
    POLICY_FORMAT,
    load_policy,
    load_policy_document,
    loads_policy,
    loads_policy_document,
)
from relcare.codec._policy_writing import dumps_policy, policy_document
from relcare.codec._reason_text import dump_reasons, load_reasons
from relcare.codec._record_values import (
    AccessCase,
    BookSettings,
    ClientOwners,
    ClientPins,
    ClientTiers,
    RecordChange,
    StaffAbsences,
    TextPiece,
)
from relcare.codec._records import RECORD_FORMAT, RecordCodec, RecordKind, RecordValue, dump_record, load_record, load_records
from relcare.codec._text import FloatText, decode_text, float_problems, parse_json, parse_toml, read_text

__all__ = [
    "POLICY_FORMAT",
    "RECORD_FORMAT",
    "AccessCase",
    "BookSettings",
    "ClientOwners",
    "ClientPins",
    "ClientTiers",
    "DocumentPath",
    "FloatText",
    "Place",
    "Places",
    "PolicyDocument",
    "RecordChange",
    "RecordCodec",
    "RecordKind",
    "RecordValue",
    "StaffAbsences",
    "TextPiece",
    "decode_text",
    "dump_reasons",
    "dump_record",
    "dumps_policy",
    "float_problems",
    "load_policy",
    "load_policy_document",
    "load_reasons",
    "load_record",
    "load_records",
    "loads_policy",
    "loads_policy_document",
    "parse_json",
    "parse_toml",
    "path_text",
    "policy_document",
    "read_text",
]
