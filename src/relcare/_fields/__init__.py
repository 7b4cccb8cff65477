"""What may come in: converters that normalise and checks that refuse, shared by every value of the library.

Converters never fail: they turn what can be turned and hand on the rest. The checks run in `__attrs_post_init__`, because a
host may switch attrs' validators off for the whole process, and because only there is the name of the field at hand.
"""

from relcare._fields._collections import check_tuple_of, to_frozenset, to_map, to_texts, to_tuple
from relcare._fields._days import check_day, check_moment, to_day, to_moment, to_optional_day, to_optional_moment
from relcare._fields._maps import ReadOnlyMap, read_only
from relcare._fields._numbers import to_decimal
from relcare._fields._texts import (
    MAX_ID,
    MAX_NOTE,
    MAX_TEXT,
    check_choice,
    check_id,
    check_identifier,
    check_optional_text,
    check_text,
    nearest_identifier,
)
from relcare._fields._zones import check_zone, zone_of

__all__ = [
    "MAX_ID",
    "MAX_NOTE",
    "MAX_TEXT",
    "ReadOnlyMap",
    "check_choice",
    "check_day",
    "check_id",
    "check_identifier",
    "check_moment",
    "check_optional_text",
    "check_text",
    "check_tuple_of",
    "check_zone",
    "nearest_identifier",
    "read_only",
    "to_day",
    "to_decimal",
    "to_frozenset",
    "to_map",
    "to_moment",
    "to_optional_day",
    "to_optional_moment",
    "to_texts",
    "to_tuple",
    "zone_of",
]
