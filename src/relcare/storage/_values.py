"""What stores hold: records, log entries, and the rules for the text in them.

The rules stand here, once, so that every store refuses the same values before they reach a database.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

import attrs

from relcare.errors import InvalidValueError

MAX_ID_CHARS = 200
MAX_PAYLOAD_BYTES = 1_048_576
MAX_INTEGER = 2**63 - 1


_fill = object.__setattr__


def check_text(name: str, value: object, *, limit: int = MAX_ID_CHARS) -> str:
    """The text itself, if any store can keep it and give it back unchanged.

    Compared by code point afterwards (STO-6): nothing is stripped, folded or normalised.

    Args:
        name: What the caller calls it.
        value: Plain `str`; a subclass is refused, because a database would give back another type than it got.
        limit: The longest length, in characters, inclusive.

    Raises:
        InvalidValueError: It is not text, empty, too long, or holds a NUL or a lone surrogate.
    """
    if type(value) is not str:
        raise InvalidValueError(name, value, "must be plain text (str)")
    if value.isascii() and 0 < len(value) <= limit and "\0" not in value:
        return value
    if not value:
        raise InvalidValueError(name, value, "must not be empty")
    if len(value) > limit:
        raise InvalidValueError(name, value, f"must have at most {limit} characters")
    if "\0" in value:
        raise InvalidValueError(name, value, "must not hold a NUL character")
    if not value.isascii():
        _utf8_size(name, value, shown=value)
    return value


def check_integer(name: str, value: object, *, least: int) -> int:
    """The number itself, if it is an `int` (not a `bool`) from `least` to 2**63 - 1.

    Raises:
        InvalidValueError: It is not.
    """
    if type(value) is not int:
        raise InvalidValueError(name, value, "must be a whole number (int)")
    if not least <= value <= MAX_INTEGER:
        raise InvalidValueError(name, value, f"must be from {least} to {MAX_INTEGER}")
    return value


def _utf8_size(name: str, value: str, *, shown: str) -> int:
    try:
        return len(value.encode())
    except UnicodeEncodeError:
        raise InvalidValueError(name, shown, "must not hold a lone surrogate") from None


def _check_payload(name: str, value: object) -> None:
    # The payload holds what is known about a client, so the messages tell its size and never its text.
    if type(value) is not str:
        raise InvalidValueError(name, type(value).__name__, "must be plain text (str)")
    shown = f"<{len(value)} characters>"
    if not value:
        raise InvalidValueError(name, value, "must not be empty")
    if "\0" in value:
        raise InvalidValueError(name, shown, "must not hold a NUL character")
    size = len(value) if value.isascii() else _utf8_size(name, value, shown=shown)
    if size > MAX_PAYLOAD_BYTES:
        raise InvalidValueError(name, shown, f"must have at most {MAX_PAYLOAD_BYTES} bytes in UTF-8")


def _check_instant(name: str, value: str) -> None:
    check_text(name, value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidValueError(name, value, "must be an ISO instant") from None
    if moment.tzinfo is None:
        raise InvalidValueError(name, value, "must carry its offset", hint="such as 2026-03-31T09:00:00+09:00")


def _as_keys(keys: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if keys == ():
        return ()
    pairs = cast("Iterable[tuple[str, str]]", keys.items() if isinstance(keys, Mapping) else keys)
    checked: set[tuple[str, str]] = set()
    for pair in pairs:
        if type(pair) is not tuple or len(pair) != 2:
            raise InvalidValueError("record.keys", pair, "must be pairs of name and value")
        checked.add((check_text("record.keys", pair[0]), check_text("record.keys", pair[1])))
    return tuple(sorted(checked))


@attrs.frozen(kw_only=True)
class Record:
    """A document as a store keeps it: the latest version, replaced as a whole.

    Attributes:
        kind: What it is (`client`, `staff`, ...); ids are unique within a kind. 1 to 200 characters.
        id: Its id, compared by code point; 1 to 200 characters.
        version: The version it was read at; 0 for a record that no store has seen. Stores set it, callers copy it.
        payload: JSON text, opaque to the store; at most 1 MiB in UTF-8.
        keys: What it can be found by, as (name, value) pairs; a name may come with several values. A mapping or pairs in any
            order; kept sorted, each once. Names and values have 1 to 200 characters: leave out what is empty.

    Raises:
        InvalidValueError: A field breaks its rule; the message names the field.

    Examples:
        >>> Record(kind="client", id="c-17", payload="{}", keys={"owner_id": "lee"}).keys
        (('owner_id', 'lee'),)

    Source: STO-1, STO-6
    """

    kind: str
    id: str
    version: int = 0
    payload: str
    keys: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_as_keys)

    def at_version(self, version: int) -> "Record":
        """The same record under another version, from 0; what was checked when it was made is not checked again."""
        made = sound_record(self.kind, self.id, check_integer("record.version", version, least=0), self.payload)
        if self.keys:
            _fill(made, "keys", self.keys)
        return made

    def __attrs_post_init__(self) -> None:
        check_text("record.kind", self.kind)
        check_text("record.id", self.id)
        check_integer("record.version", self.version, least=0)
        _check_payload("record.payload", self.payload)


@attrs.frozen(kw_only=True)
class LogEntry:
    """Something that happened, as it goes into the log: never changed, and taken out by an erasure alone (TIM-7, ACC-5).

    A correction or a deletion is another entry, whose payload says which one it voids.

    Attributes:
        id: Unique over the whole log; 1 to 200 characters.
        kind: What it is (`touchpoint`, `purchase`, ...).
        client_id: Whom it concerns.
        payload: JSON text, opaque to the store; at most 1 MiB in UTF-8.
        by: Who recorded it; None when nobody is named.
        recorded_at: When it was recorded, an ISO instant with its offset, kept as written; None when it was recorded as it
            happened.

    Raises:
        InvalidValueError: A field breaks its rule; the message names the field.

    Source: STO-1, TIM-7
    """

    id: str
    kind: str
    client_id: str
    payload: str
    by: str | None = None
    recorded_at: str | None = None

    def __attrs_post_init__(self) -> None:
        check_text("entry.id", self.id)
        check_text("entry.kind", self.kind)
        check_text("entry.client_id", self.client_id)
        _check_payload("entry.payload", self.payload)
        if self.by is not None:
            check_text("entry.by", self.by)
        if self.recorded_at is not None:
            _check_instant("entry.recorded_at", self.recorded_at)

    def says_the_same_as(self, other: "LogEntry") -> bool:
        """Whether both tell the same event: id, kind, client and payload; who recorded it and when do not count.

        A retry may come from another clock or another hand; it is still the same event.
        """
        return (self.id, self.kind, self.client_id, self.payload) == (other.id, other.kind, other.client_id, other.payload)


@attrs.frozen
class StoredEntry:
    """A log entry with its place.

    Attributes:
        position: From 1, growing in the order of commits; gaps are allowed. Use it as the cursor of `since`.
        entry: What was appended.
    """

    position: int
    entry: LogEntry


def sound_record(kind: str, record_id: str, version: int, payload: str) -> Record:
    """A record without keys, of values that were checked when it was made: the digest of its row shows that they are those."""
    made = object.__new__(Record)
    _fill(made, "kind", kind)
    _fill(made, "id", record_id)
    _fill(made, "version", version)
    _fill(made, "payload", payload)
    _fill(made, "keys", ())
    return made


def sound_entry(entry_id: str, kind: str, client_id: str, payload: str) -> LogEntry:
    """A log entry that says neither by whom nor when it was recorded, of values that were checked; see `sound_record`."""
    made = object.__new__(LogEntry)
    _fill(made, "id", entry_id)
    _fill(made, "kind", kind)
    _fill(made, "client_id", client_id)
    _fill(made, "payload", payload)
    _fill(made, "by", None)
    _fill(made, "recorded_at", None)
    return made
