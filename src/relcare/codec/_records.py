"""Values of the book as stored text and back: one JSON object each, with the number of its format (STO-4)."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final, Literal, NoReturn, TypeAlias, cast, overload

from relcare.access import ChangeEvent, DelegationEvent, GrantEvent
from relcare.codec._record_hooks import record_converter
from relcare.codec._record_kinds import CLASSES, RecordKind, RecordValue
from relcare.codec._record_reading import Reader, reader_of, values_of
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
from relcare.codec._record_writing import writer_of
from relcare.errors import InvalidValueError, StorageError
from relcare.model import (
    Absence,
    Appointment,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    OwnerSpell,
    Pin,
    Purchase,
    Review,
    Staff,
    TierSpell,
    Touchpoint,
)

__all__ = [
    "RECORD_FORMAT",
    "RecordCodec",
    "RecordKind",
    "RecordValue",
    "dump_record",
    "load_record",
    "load_records",
]

RECORD_FORMAT: Final = 2
"""The format that this release writes. Every change of a stored class raises it, an added field included: an older release then
says that a newer one wrote the text, instead of taking it for damaged."""

_MOST: Final = 1_000_000
_CONVERTED: Final = ("change_step", "delegation_step", "grant_step", "review")
"""Kinds whose parts have parts of their own, some of them as older releases wrote them: few, and read by the converter."""
_MANY: Final = frozenset({"client", "consent", "membership_event", "person", "purchase", "touchpoint"})
"""Kinds of which a store has many, and which the model makes from columns."""
Document: TypeAlias = dict[str, object]
Upcaster: TypeAlias = Callable[[str, Document], Document]


def _as_it_is(_: str, document: Document) -> Document:
    return document


_UPCASTERS: Final[Mapping[int, Upcaster]] = {
    1: _as_it_is,  # format 2 has more kinds, and touchpoints may say `follow_up_at`
}


class RecordCodec:
    """Writes one format and reads it and all before it.

    Args:
        record_format: The number to write.
        upcasters: By number: from the kind and the object of that format to the object of the next one, without its number.
            They come on top of those of this release, from format 1 on.
    """

    def __init__(self, record_format: int = RECORD_FORMAT, upcasters: Mapping[int, Upcaster] | None = None) -> None:
        self._format = record_format
        self._upcasters = {**_UPCASTERS, **(upcasters or {})}
        self._writers = {kind: writer_of(kind, record_format) for kind in CLASSES.values()}
        self._readers = {name: reader_of(kind) for name, kind in CLASSES.items() if name not in _CONVERTED}
        converter = record_converter()
        hooks = {name: converter.get_structure_hook(CLASSES[name]) for name in _CONVERTED}
        self._to_value = {**hooks, **{name: reader.read for name, reader in self._readers.items()}}
        self._decode = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).raw_decode

    def dump(self, value: RecordValue) -> str:
        """See `dump_record`."""
        # A subclass is none of them: it would come back as another type.
        write = self._writers.get(type(value))
        if write is None:
            raise InvalidValueError("value", value, f"must be one of {', '.join(kind.__name__ for kind in CLASSES.values())}")
        return write(value)

    def load(self, kind: str, text: str) -> RecordValue:
        """See `load_record`."""
        if kind not in CLASSES:
            raise InvalidValueError("kind", kind, f"must be one of {', '.join(sorted(CLASSES))}")
        document = self._object(kind, text)
        number = document.pop("format", None)
        if type(number) is not int or not 0 < number < _MOST:
            raise _damaged(kind, "no format number")
        if number > self._format:
            raise StorageError(
                f"a stored {kind} was written by a newer relcare (format {number}, this one knows {self._format}); "
                "hint: upgrade relcare"
            )
        try:
            for older in range(number, self._format):
                document = self._upcasters[older](kind, document)
            return cast("RecordValue", self._to_value[kind](document, CLASSES[kind]))
        except Exception as error:
            # Of a foreign text the converter may make anything, a bare Exception included. The text holds what is known about a
            # client: the message tells where it failed and never what it says.
            raise _damaged(kind, type(error).__name__) from error

    def load_many(self, kind: str, texts: Sequence[str]) -> tuple[RecordValue, ...]:
        """See `load_records`."""
        reader = self._readers.get(kind)
        if reader is not None and kind in _MANY and len(texts) > 1:
            found = self._at_once(kind, reader, texts)
            if found is not None:
                return found
        return tuple(self.load(kind, text) for text in texts)

    def _at_once(self, kind: str, reader: Reader, texts: Sequence[str]) -> tuple[RecordValue, ...] | None:
        """The values, read column by column; None where one of the texts is of another format, or damaged."""
        try:
            documents: list[Document] = []
            for text in texts:
                document = self._object(kind, text)
                number = document.pop("format", None)
                if type(number) is not int or number != self._format:
                    return None
                documents.append(document)
            return values_of(reader, documents)
        except Exception:  # noqa: BLE001 - whatever it is, reading one after the other tells which text it is
            return None

    def _object(self, kind: str, text: str) -> Document:
        try:
            document, end = self._decode(text)
        except (ValueError, RecursionError) as error:
            raise _damaged(kind, "no JSON") from error
        if not isinstance(document, dict) or end != len(text):
            raise _damaged(kind, "not one object")
        return cast("Document", document)


def _damaged(kind: str, how: str) -> StorageError:
    return StorageError(f"a stored {kind} is damaged ({how}); hint: restore a backup")


def _no_float(_: str) -> NoReturn:
    message = "no number with a point or an exponent is ever written"
    raise ValueError(message)


@cache
def _codec() -> RecordCodec:
    """The one in use; made when first needed, because cattrs writes a function for each class."""
    return RecordCodec()


def dump_record(value: RecordValue) -> str:
    """The value as the text that stores keep: one line of JSON in this release's format.

    The same value always gives the same text: keys and sets are sorted, what has its default is left out, and amounts keep their
    digits (`1.0` and `1.00` are equal values with different texts).

    Args:
        value: Of exactly one of the classes; a subclass is refused, because it would come back as another type.

    Raises:
        InvalidValueError: If it is anything else.

    Examples:
        >>> from relcare.model import Staff
        >>> dump_record(Staff(id="lee", name="이수진"))
        '{"format":2,"id":"lee","name":"이수진"}'

    Source: STO-4
    """
    return _codec().dump(value)


@overload
def load_record(kind: Literal["absence"], text: str) -> Absence: ...
@overload
def load_record(kind: Literal["absences"], text: str) -> StaffAbsences: ...
@overload
def load_record(kind: Literal["access_case"], text: str) -> AccessCase: ...
@overload
def load_record(kind: Literal["appointment"], text: str) -> Appointment: ...
@overload
def load_record(kind: Literal["book"], text: str) -> BookSettings: ...
@overload
def load_record(kind: Literal["change"], text: str) -> RecordChange: ...
@overload
def load_record(kind: Literal["change_step"], text: str) -> ChangeEvent: ...
@overload
def load_record(kind: Literal["client"], text: str) -> Client: ...
@overload
def load_record(kind: Literal["consent"], text: str) -> Consent: ...
@overload
def load_record(kind: Literal["delegation_step"], text: str) -> DelegationEvent: ...
@overload
def load_record(kind: Literal["grant_step"], text: str) -> GrantEvent: ...
@overload
def load_record(kind: Literal["membership_event"], text: str) -> MembershipEvent: ...
@overload
def load_record(kind: Literal["owner_spell"], text: str) -> OwnerSpell: ...
@overload
def load_record(kind: Literal["owners"], text: str) -> ClientOwners: ...
@overload
def load_record(kind: Literal["person"], text: str) -> ContactPerson: ...
@overload
def load_record(kind: Literal["pin"], text: str) -> Pin: ...
@overload
def load_record(kind: Literal["pins"], text: str) -> ClientPins: ...
@overload
def load_record(kind: Literal["purchase"], text: str) -> Purchase: ...
@overload
def load_record(kind: Literal["review"], text: str) -> Review: ...
@overload
def load_record(kind: Literal["staff"], text: str) -> Staff: ...
@overload
def load_record(kind: Literal["text_piece"], text: str) -> TextPiece: ...
@overload
def load_record(kind: Literal["tier_spell"], text: str) -> TierSpell: ...
@overload
def load_record(kind: Literal["tiers"], text: str) -> ClientTiers: ...
@overload
def load_record(kind: Literal["touchpoint"], text: str) -> Touchpoint: ...
@overload
def load_record(kind: str, text: str) -> RecordValue: ...
def load_record(kind: str, text: str) -> RecordValue:
    """The value that a stored text means, with the types and zone names that it had.

    Args:
        kind: What it is; see `RecordKind`.
        text: As `dump_record` of this release or an older one wrote it.

    Raises:
        InvalidValueError: If there is no such kind.
        StorageError: If a newer release wrote it, or it is damaged; the message shows nothing of the text.

    Examples:
        >>> load_record("staff", '{"format":1,"id":"lee","name":"이수진"}').name
        '이수진'

    Source: STO-4
    """
    return _codec().load(kind, text)


def load_records(kind: str, texts: Sequence[str]) -> tuple[RecordValue, ...]:
    """The values of many stored texts of one kind, in their order: as `load_record` of each, at less than its price.

    Raises:
        InvalidValueError: If there is no such kind.
        StorageError: As `load_record` raises it for the first of them that it refuses.

    Examples:
        >>> [one.id for one in load_records("staff", ['{"format":2,"id":"lee","name":"이수진"}'])]
        ['lee']

    Source: STO-4
    """
    return _codec().load_many(kind, texts)
