"""How the values of the book become plain JSON values and back: the hooks of the one converter that the codec owns."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, cast
from zoneinfo import ZoneInfo

from cattrs.preconf.json import JsonConverter, make_converter

from relcare._fields import check_zone
from relcare._time import day_from_text
from relcare.access import Relation, Signature
from relcare.errors import InvalidValueError
from relcare.model import AttributeValue, Birthday, Money, ReasonValue

__all__ = [
    "attribute_of",
    "instant_of",
    "moment_of",
    "money_of",
    "record_converter",
    "same_flag",
    "same_number",
    "same_text",
    "texts_of",
]

_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\[([^\[\]]+)\])?",
    re.ASCII,
)
# A book has few days and many events.
_day_from_text = lru_cache(maxsize=4_096)(day_from_text)
_MONEY: Final = re.compile(r"(-?[0-9.]+) ([A-Z]{3})", re.ASCII)


def record_converter() -> JsonConverter:
    """A converter for every class that is stored; strict: what it was not given by its own other half, it refuses."""
    converter = make_converter(forbid_extra_keys=True, omit_if_default=True, detailed_validation=False)
    # cattrs would turn what is there into what is asked for (`str(7)`, `int("7")`); a stored text is right or damaged.
    converter.register_structure_hook(str, same_text)
    converter.register_structure_hook(int, same_number)
    converter.register_structure_hook(bool, same_flag)
    converter.register_unstructure_hook(date, _moment_text)
    converter.register_structure_hook(date, moment_of)
    # Of an instant cattrs would make its own, without the name of its zone.
    converter.register_unstructure_hook(datetime, _moment_text)
    converter.register_structure_hook(datetime, instant_of)
    converter.register_unstructure_hook(Birthday, str)
    converter.register_structure_hook(Birthday, lambda text, _: Birthday.parse(text))
    converter.register_unstructure_hook(Money, str)
    converter.register_structure_hook(Money, money_of)
    converter.register_unstructure_hook(Decimal, _digits)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_unstructure_hook_func(_is_texts, sorted)
    converter.register_structure_hook_func(_is_texts, texts_of)
    converter.register_unstructure_hook_func(_is_attribute, _attribute_document)
    converter.register_structure_hook_func(_is_attribute, attribute_of)
    converter.register_unstructure_hook_func(_is_reason_value, _reason_document)
    converter.register_structure_hook_func(_is_reason_value, _reason_value)
    signature = converter.get_structure_hook(Signature)
    converter.register_structure_hook(Signature, lambda document, kind: signature(_signed_for_several(document), kind))
    return converter


def _signed_for_several(document: object) -> object:
    """A signature as it is written: once it named one person alone, on whose behalf it was."""
    if not isinstance(document, dict):
        return document
    several = cast("dict[str, object]", document)
    if "for_id" not in several:
        return several
    if "for_ids" in several:
        raise InvalidValueError("for_id", "...", "must not stand beside for_ids")
    return {**{name: value for name, value in several.items() if name != "for_id"}, "for_ids": [several["for_id"]]}


def _is_reason_value(kind: object) -> bool:
    return kind == ReasonValue


def _digits(value: Decimal) -> str:
    return f"{value:f}"


def _decimal(value: object, _: object) -> Decimal:
    return Decimal(same_text(value, str))


def _reason_document(value: ReasonValue) -> object:
    """As an attribute, and lists beside it."""
    return {"list": list(value)} if isinstance(value, tuple) else _attribute_document(value)


def _reason_value(value: object, kind: object) -> ReasonValue:
    document: object = value
    if isinstance(document, dict) and "list" in document:
        (members,) = cast("dict[str, list[object]]", document).values()
        return tuple(same_text(member, str) for member in members)
    return cast("ReasonValue", attribute_of(value, kind))


def _is_texts(kind: object) -> bool:
    return any(kind == one for one in (frozenset[str], frozenset[Relation]))


def _is_attribute(kind: object) -> bool:
    return kind == AttributeValue


def same_text(value: object, _: object) -> str:
    if type(value) is not str:
        raise InvalidValueError("text", type(value).__name__, "must be text")
    return value


def same_number(value: object, _: object) -> int:
    if type(value) is not int:
        raise InvalidValueError("number", type(value).__name__, "must be a whole number")
    return value


def same_flag(value: object, _: object) -> bool:
    if type(value) is not bool:
        raise InvalidValueError("flag", type(value).__name__, "must be true or false")
    return value


def texts_of(value: object, _: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise InvalidValueError("texts", type(value).__name__, "must be a list")
    return frozenset(same_text(member, str) for member in cast("list[object]", value))


def _moment_text(value: date) -> str:
    """`2026-03-20`, or `2026-03-20T14:30:00+09:00[Asia/Seoul]`: an ISO instant loses the name of its zone (RFC 9557 keeps it)."""
    if not isinstance(value, datetime):
        return value.isoformat()
    zone: object = getattr(value.tzinfo, "key", None)
    return f"{value.isoformat()}[{zone}]" if isinstance(zone, str) else value.isoformat()


def moment_of(value: object, _: object) -> date:
    """The day or the instant that a stored text means."""
    text = same_text(value, str)
    day = _day_from_text(text) if len(text) == 10 else None
    if day is not None:
        return day
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise InvalidValueError("moment", text, "must be a day or an instant with its offset")
    instant = datetime.fromisoformat(match[1])
    if match[2] is None:
        return instant
    # The instant holds, whatever the rules of the zone have become since.
    return instant.astimezone(_zone_from_text(match[2]))


@lru_cache(maxsize=1_024)
def _zone_from_text(name: str) -> ZoneInfo:
    check_zone("zone", name)
    return ZoneInfo(name)


def instant_of(value: object, _: object) -> datetime:
    moment = moment_of(value, datetime)
    if not isinstance(moment, datetime):
        raise InvalidValueError("instant", value, "must be an instant with its offset")
    return moment


def money_of(value: object, _: object) -> Money:
    """The amount that a stored text means."""
    match = _MONEY.fullmatch(same_text(value, str))
    if match is None:
        raise InvalidValueError("money", value, "must be an amount and a currency")
    return Money(match[1], match[2])


def _attribute_document(value: AttributeValue) -> object:
    """Text, whole numbers, flags and nothing as JSON has them; every other type says its name."""
    if isinstance(value, Decimal):
        return {"decimal": f"{value:f}"}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, frozenset):
        return {"set": sorted(value)}
    return value


def attribute_of(value: object, _: object) -> AttributeValue:
    if not isinstance(value, dict):
        return value if value is None or isinstance(value, bool) or type(value) is int else same_text(value, str)
    ((name, inner),) = cast("dict[str, object]", value).items()
    if name == "set":
        return texts_of(inner, frozenset)
    text = same_text(inner, str)
    if name == "decimal":
        return Decimal(text)
    if name == "date":
        return date.fromisoformat(text)
    raise InvalidValueError("attribute", name, "must be decimal, date or set")
