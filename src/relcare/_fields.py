"""What may come in: converters that normalise and checks that refuse, shared by every value of the library.

Converters never fail: they turn what can be turned and hand on the rest. The checks run in `__attrs_post_init__`, because a
host may switch attrs' validators off for the whole process, and because only there is the name of the field at hand.
"""

import re
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from keyword import kwlist
from typing import Final, TypeVar, cast, overload
from zoneinfo import ZoneInfo, available_timezones

import pendulum

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.errors import InvalidValueError, nearest

__all__ = [
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

MAX_ID: Final = 200
MAX_TEXT: Final = 4_096
MAX_NOTE: Final = 65_536

# Control characters, lone surrogates, zero-width and direction marks, fillers: two ids that look alike must be alike.
_NOT_IN_ID = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ud800-\udfff]"
)
# A name may hold joiners (emoji, Persian); it may not turn the text around it or hide a line.
_NOT_IN_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NOT_IN_NOTE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_INVISIBLE = re.compile("[\\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0]*")
# Those of the invisible that Python calls printable all the same: the blank, and the fillers of Hangul.
_PRINTABLE_BLANKS: Final = " \u115f\u1160\u3164\uffa0"
_NUMBER = re.compile(r"-?[0-9]{1,28}(?:\.[0-9]{1,12})?", re.ASCII)
_MAX_DIGITS: Final = 28
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*", re.ASCII)
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
# These read the machine's own setting or stand for no zone at all.
_NOT_ZONES: Final = frozenset({"Factory", "localtime", "posixrules"})
# Copies that some machines have and others have not; `right/` counts leap seconds.
_NOT_AREAS: Final = ("posix/", "right/")
# Python's own parser reads criteria, so its words cannot be names in them.
_RESERVED: Final = frozenset({*kwlist, "missing"})

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class ReadOnlyMap(Mapping[K, V]):
    """A mapping that cannot be changed, hashes and pickles; order as given, equality as for any mapping."""

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[K, V] | Iterable[tuple[K, V]] = (), *, is_kept: bool = False) -> None:
        # Kept: of somebody who will not change it any more, see `read_only`.
        self._data: dict[K, V] = cast("dict[K, V]", data) if is_kept else dict(data)

    def __getitem__(self, key: K) -> V:
        return self._data[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    # What the base class makes of the three above costs several times as much.
    def __contains__(self, key: object) -> bool:
        return key in self._data

    @overload
    def get(self, key: K, default: None = None, /) -> V | None: ...
    @overload
    def get(self, key: K, default: V, /) -> V: ...
    @overload
    def get(self, key: K, default: T, /) -> V | T: ...
    def get(self, key: K, default: object = None, /) -> object:
        """What a key stands for; the default where it is not there."""
        return self._data.get(key, default)

    def keys(self) -> KeysView[K]:
        """The keys, in their order."""
        return self._data.keys()

    def values(self) -> ValuesView[V]:
        """What they stand for, in the same order."""
        return self._data.values()

    def items(self) -> ItemsView[K, V]:
        """Both."""
        return self._data.items()

    def __hash__(self) -> int:
        return hash(frozenset(self._data.items()))

    def __repr__(self) -> str:
        return repr(self._data)


def read_only(data: dict[K, V]) -> ReadOnlyMap[K, V]:
    """The map of a dictionary that nobody will change any more: nothing is copied."""
    return ReadOnlyMap(data, is_kept=True)


def to_tuple(values: Iterable[T]) -> tuple[T, ...]:
    """The values as a tuple; a text stays as it is, so that the check can refuse it instead of splitting it into letters."""
    return values if isinstance(values, (tuple, str)) else _collected(values, tuple)  # type: ignore[return-value]


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Texts as a tuple, see `to_tuple`. Converters of fields are never generic: type checkers then refuse valid calls."""
    return to_tuple(values)


def to_frozenset(values: Iterable[str]) -> frozenset[str]:
    """The values as a frozenset; a text stays as it is, see `to_tuple`."""
    return values if isinstance(values, (frozenset, str)) else _collected(values, frozenset)  # type: ignore[return-value]


def _collected(values: object, kind: type) -> object:
    try:
        return kind(values)
    except TypeError:  # not iterable, or with members that cannot be hashed: the check names the field
        return values


def to_map(values: Mapping[K, V]) -> Mapping[K, V]:
    """The mapping, read-only."""
    if isinstance(values, ReadOnlyMap) or not isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return values
    return ReadOnlyMap(values)


def to_day(value: date) -> date:
    """A plain `datetime.date`; pendulum dates lose their subclass, instants stay for the check to refuse."""
    return _plain_day(value)


def to_optional_day(value: date | None) -> date | None:
    """Like `to_day`; None stays None."""
    return None if value is None else _plain_day(value)


def _plain_day(value: date) -> date:
    if type(value) is date or not _is_civil(value):
        return value
    return date(value.year, value.month, value.day)


def _is_civil(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def to_moment(value: date) -> date:
    """A plain date, or an aware instant as `pendulum.DateTime` in its own zone; naive instants stay for the check to refuse."""
    if type(value) is date:
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        try:
            # By way of UTC: two equal instants may carry different folds, and later arithmetic would tell them apart.
            zone = _zone(value)
            if zone is not None:
                local = _plain_instant(value).astimezone(UTC).astimezone(zone)
                day, time = (local.year, local.month, local.day), (local.hour, local.minute, local.second, local.microsecond)
                # Its own constructors do the same at six times the price.
                return pendulum.DateTime(*day, *time, tzinfo=zone, fold=local.fold)
        except (ValueError, OverflowError, OSError):
            pass
        # A plain copy, for the check to refuse: only what is in a known zone goes on as pendulum's own class.
        return datetime.combine(value, value.time(), value.tzinfo)
    return _plain_day(value)


def to_optional_moment(value: date | None) -> date | None:
    """Like `to_moment`; None stays None."""
    return None if value is None else to_moment(value)


def _zone(value: datetime) -> pendulum.Timezone | pendulum.FixedTimezone | None:
    """The instant's zone by its IANA name, or its offset when it has no name; None for an offset that no zone has."""
    key = getattr(value.tzinfo, "key", None)
    if isinstance(key, str) and _ZONE.fullmatch(key):
        return _named_zone(key)
    offset = value.utcoffset()
    if offset is None or offset.total_seconds() % 60 or abs(offset.total_seconds()) > 14 * 3_600:
        return None
    return pendulum.timezone(int(offset.total_seconds()) or "UTC")


def _plain_instant(value: datetime) -> datetime:
    """Without the class of whoever made it, whose own conversions may cost many times as much."""
    if type(value) is datetime:
        return value
    day, time = (value.year, value.month, value.day), (value.hour, value.minute, value.second, value.microsecond)
    return datetime(*day, *time, tzinfo=value.tzinfo, fold=value.fold)


@lru_cache(maxsize=1_024)
def _named_zone(key: str) -> pendulum.Timezone | pendulum.FixedTimezone:
    return pendulum.timezone(key)


def to_decimal(name: str, value: object) -> Decimal:
    """An exact number from a Decimal, an int or decimal text.

    Args:
        name: The field, for the message.
        value: At most 28 digits, 12 of them after the point; text in ASCII digits, without exponent, blanks or separators.

    Raises:
        InvalidValueError: If it is a float, a bool, not finite, negative zero, too long, or no number.
    """
    if type(value) is int and -(10**28) < value < 10**28:
        return Decimal(value)
    if isinstance(value, str):
        number = Decimal(value) if _NUMBER.fullmatch(value) else None
    elif type(value) is int:
        number = None
    elif isinstance(value, Decimal):
        number = value if value.is_finite() else None
    else:
        hint = f'write "{value}" as text' if type(value) is float else None
        raise InvalidValueError(name, value, "must be an exact decimal number: Decimal, int or decimal text", hint)
    # Text of at most 28 characters is short enough by itself.
    is_short = number is not None and ((isinstance(value, str) and len(value) <= _MAX_DIGITS) or _is_short(number))
    if number is None or not is_short or (number.is_zero() and number.is_signed()):
        raise InvalidValueError(name, value, "must be a finite decimal number of at most 28 digits, 12 of them after the point")
    return number


def _is_short(number: Decimal) -> bool:
    """Whether it has at most 28 digits when written out, 12 of them after the point."""
    _, digits, exponent = number.as_tuple()
    return -12 <= int(exponent) <= 18 and len(digits) <= _MAX_DIGITS and number.adjusted() < _MAX_DIGITS


def check_id(name: str, value: object) -> None:
    """Refuse what cannot be an id: 1 to 200 visible characters without blanks at the ends; compared by code point (STO-6)."""
    if not isinstance(value, str):
        raise InvalidValueError(name, value, "must be text")
    if value.isascii() and value.isprintable() and 0 < len(value) <= MAX_ID and value[0] != " " and value[-1] != " ":
        return  # nearly all ids there are, at a third of the price
    if not 0 < len(value) <= MAX_ID or value != value.strip() or _NOT_IN_ID.search(value):
        raise InvalidValueError(name, value, f"must be 1 to {MAX_ID} visible characters without blanks at its ends")


def check_identifier(name: str, value: object, reserved: frozenset[str] = _RESERVED) -> None:
    """Refuse what cannot stand as a name in a criterion: a letter or underscore, then letters, digits, underscores; NFKC-normal.

    Args:
        name: The field, for the message.
        value: What to check.
        reserved: Words that are no names; give none for names that never stand in a criterion.
    """
    check_id(name, value)
    text = str(value)
    if text.isascii() and text.isidentifier() and text not in reserved:
        return  # nearly all names there are
    if not (_IDENTIFIER.fullmatch(text) and text.isidentifier()) or text in reserved or not _is_nfkc(text):
        hint = nearest_identifier(text)
        raise InvalidValueError(
            name,
            value,
            "must be an identifier: letters, digits and underscores, no digit first, not a word of the grammar",
            f"write {hint!r}" if hint else None,
        )


def nearest_identifier(text: str) -> str | None:
    """A usable identifier close to the text, for hints."""
    candidate = re.sub(r"\W+", "_", text).strip("_")
    candidate = f"{candidate}_" if candidate in _RESERVED else candidate
    return candidate if candidate.isidentifier() and _is_nfkc(candidate) else None


def _is_nfkc(text: str) -> bool:
    import unicodedata

    return text.isascii() or unicodedata.is_normalized("NFKC", text)


def check_text(name: str, value: object, limit: int = MAX_TEXT) -> None:
    """Refuse what cannot be a name or a short text: at least one visible character, no control or direction marks."""
    if not isinstance(value, str):
        raise InvalidValueError(name, value, "must be text")
    if value.isprintable() and len(value) <= limit and value.strip(_PRINTABLE_BLANKS):
        return  # nearly all texts there are: what Python calls printable holds no control and no direction mark
    pattern = _NOT_IN_NOTE if limit == MAX_NOTE else _NOT_IN_NAME
    if len(value) > limit or _INVISIBLE.fullmatch(value) or pattern.search(value):
        raise InvalidValueError(name, value, f"must be visible text of at most {limit} characters without control characters")


def check_optional_text(name: str, value: object, limit: int = MAX_TEXT) -> None:
    """Like `check_text`; None is allowed, an empty text is not."""
    if value is not None:
        check_text(name, value, limit)


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse what is not among the choices, naming the nearest."""
    known = tuple(choices)
    if not isinstance(value, str) or value not in known:
        near = nearest(value, known) if isinstance(value, str) else None
        shown = ", ".join(repr(choice) for choice in known)
        raise InvalidValueError(name, value, f"must be one of {shown}", f"did you mean {near!r}?" if near else None)


def check_day(name: str, value: object) -> None:
    """Refuse what is not a civil date from 1900-01-01 to 2199-12-31; an instant is not a date."""
    if isinstance(value, datetime):
        raise InvalidValueError(name, value, "must be a date, not an instant", "use .date() in the zone that you mean")
    if not isinstance(value, date):
        raise InvalidValueError(name, value, "must be a date")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise InvalidValueError(name, value, f"must be from {FIRST_DAY} to {LAST_DAY}")


def check_moment(name: str, value: object) -> None:
    """Refuse what is neither a civil date nor an aware instant in a known zone (TIM-2)."""
    if type(value) is date and FIRST_DAY <= value <= LAST_DAY:
        return
    if not isinstance(value, datetime):
        check_day(name, value)
    elif value.tzinfo is None:
        raise InvalidValueError(name, value, "must be a date or an aware instant", "give it a zone")
    else:
        check_day(name, date(value.year, value.month, value.day))
        if not isinstance(value, pendulum.DateTime):
            raise InvalidValueError(name, value, "must be in an IANA zone or at an offset of whole minutes up to 14 hours")


def check_zone(name: str, value: object) -> None:
    """Refuse what is not an IANA zone name, spelled exactly (`Asia/Seoul`)."""
    plain = value if isinstance(value, str) and len(value) <= 64 and _ZONE.fullmatch(value) else None
    if plain is not None and plain not in _NOT_ZONES and not plain.startswith(_NOT_AREAS):
        try:
            ZoneInfo(plain)
        except (ValueError, OSError, LookupError):  # one bad name gives five different classes
            pass
        else:
            return
    near = nearest(value, available_timezones()) if isinstance(value, str) else None
    raise InvalidValueError(
        name, value, "must be an IANA zone name such as 'Asia/Seoul'", f"did you mean {near!r}?" if near else None
    )


def check_tuple_of(name: str, value: object, kind: type) -> None:
    """Refuse a collection with a member of another type, naming the first one's index."""
    if not isinstance(value, tuple):
        raise InvalidValueError(name, value, f"must be a collection of {kind.__name__}")
    for index, member in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if not isinstance(member, kind):
            raise InvalidValueError(f"{name}[{index}]", member, f"must be a {kind.__name__}")  # pyright: ignore[reportUnknownArgumentType]


def zone_of(name: str) -> ZoneInfo:
    """The zone of a checked name."""
    return ZoneInfo(name)
