"""Documents to values and back: policies, records, and the places of everything that is wrong."""

from relcare.codec._places import DocumentPath, Place, Places, path_text
from relcare.codec._policy_reading import POLICY_FORMAT, load_policy, loads_policy
from relcare.codec._policy_writing import dumps_policy, policy_document
from relcare.codec._text import FloatText, decode_text, float_problems, parse_json, parse_toml, read_text

__all__ = [
    "POLICY_FORMAT",
    "DocumentPath",
    "FloatText",
    "Place",
    "Places",
    "decode_text",
    "dumps_policy",
    "float_problems",
    "load_policy",
    "loads_policy",
    "parse_json",
    "parse_toml",
    "path_text",
    "policy_document",
    "read_text",
]
