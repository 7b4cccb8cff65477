"""How long records are kept: for each kind two clocks, until when the law has them kept and after when they must be erased."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import (
    check_choice,
    check_day,
    check_optional_text,
    check_text,
    check_tuple_of,
    to_day,
    to_optional_day,
    to_texts,
    to_tuple,
)
from relcare._time import Every
from relcare.errors import InvalidValueError

__all__ = [
    "RETENTION_CLOCKS",
    "RETENTION_KINDS",
    "EraseClock",
    "KeepClock",
    "RetentionClock",
    "RetentionKind",
    "RetentionRecord",
]

RetentionKind: TypeAlias = Literal[
    "appointment", "audit", "client", "consent", "membership_event", "owners", "person", "pins", "purchase", "tiers", "touchpoint"
]
RETENTION_KINDS: Final[tuple[RetentionKind, ...]] = (
    "appointment",
    "audit",
    "client",
    "consent",
    "membership_event",
    "owners",
    "person",
    "pins",
    "purchase",
    "tiers",
    "touchpoint",
)
"""What a file is made of, as stores name it; `audit` are the entries of the log of access."""

RetentionClock: TypeAlias = Literal["event", "last contact", "end"]
RETENTION_CLOCKS: Final[tuple[RetentionClock, ...]] = ("event", "last contact", "end")
"""From when time is counted: the day of the record itself; the last contact that came from the client; the end of the
relationship. A clock whose day has not come does not run, and what waits for it is not over."""


def _to_every(value: Every | str | None) -> Every | None:
    return Every.parse(value, "lasts") if isinstance(value, str) else value


def _to_after(value: Every | str) -> Every:
    return Every.parse(value, "after") if isinstance(value, str) else value


def _to_kinds(values: Iterable[RetentionKind]) -> tuple[RetentionKind, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class RetentionRecord:
    """A record of a file, as far as retention looks at it.

    Attributes:
        kind: See `RETENTION_KINDS`.
        topic: What it is about, where clocks ask: the purpose of a touchpoint, such as `complaint`.
        event_on: Its day.
        last_contact_on: On which day the client was last in touch by themselves; None when they never were.
        ended_on: On which day the relationship ended; None while it lasts.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-5.
    """

    kind: RetentionKind
    topic: str | None = None
    event_on: date = attrs.field(converter=to_day)
    last_contact_on: date | None = attrs.field(default=None, converter=to_optional_day)
    ended_on: date | None = attrs.field(default=None, converter=to_optional_day)

    def __attrs_post_init__(self) -> None:
        check_choice("kind", self.kind, RETENTION_KINDS)
        check_optional_text("topic", self.topic)
        check_day("event_on", self.event_on)
        for name in ("last_contact_on", "ended_on"):
            if getattr(self, name) is not None:
                check_day(name, getattr(self, name))

    def began(self, clock: RetentionClock) -> date | None:
        """The day from which a clock counts; None while it does not run."""
        if clock == "end":
            return self.ended_on
        # Of a client who was never in touch time counts from the record itself.
        return self.event_on if clock == "event" else self.last_contact_on or self.event_on


@attrs.frozen(kw_only=True)
class KeepClock:
    """Until when records are kept because somebody must be able to ask for them: one `[[retention.keep]]` of a document.

    Attributes:
        kinds: Of which records; at least one, each once, in any order.
        topics: Only those about one of these; empty for whatever they are about.
        ground: What obliges the firm, in words that can be told to the client. Without it nothing can be refused.
        source: Where it says so.
        lasts: How long; None for without an end.
        counted_from: See `RETENTION_CLOCKS`.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-5.
    """

    kinds: tuple[RetentionKind, ...] = attrs.field(eq=frozenset, converter=_to_kinds)
    topics: tuple[str, ...] = attrs.field(eq=frozenset, default=(), converter=to_texts)
    ground: str | None = None
    source: str | None = None
    lasts: Every | None = attrs.field(default=None, converter=_to_every)
    counted_from: RetentionClock = "event"

    def __attrs_post_init__(self) -> None:
        _check_scope(self.kinds, self.topics)
        for name in ("ground", "source"):
            check_optional_text(name, getattr(self, name))
        if self.lasts is not None:
            _check_length("lasts", self.lasts)
        check_choice("counted_from", self.counted_from, RETENTION_CLOCKS)

    def is_about(self, record: RetentionRecord) -> bool:
        """Whether it is about a record."""
        return _is_about(self.kinds, self.topics, record)

    def ends_on(self, record: RetentionRecord) -> date | None:
        """The first day on which it is no longer kept for this; None while that is not known."""
        return None if self.lasts is None else _end(record.began(self.counted_from), self.lasts)


@attrs.frozen(kw_only=True)
class EraseClock:
    """After when a purpose no longer holds records: one `[[retention.erase]]` of a document.

    Attributes:
        kinds: Of which records; at least one, each once, in any order.
        topics: Only those about one of these; empty for whatever they are about.
        purpose: What they are kept for.
        after: How long.
        counted_from: See `RETENTION_CLOCKS`.
        on_request: Whether the purpose ends when the client asks for it, as one that rests on consent does. One that rests on a
            contract in force does not: that takes a `ground`.
        ground: Why it does not end on request.
        source: Where it says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-5.
    """

    kinds: tuple[RetentionKind, ...] = attrs.field(eq=frozenset, converter=_to_kinds)
    topics: tuple[str, ...] = attrs.field(eq=frozenset, default=(), converter=to_texts)
    purpose: str
    after: Every = attrs.field(converter=_to_after)
    counted_from: RetentionClock = "event"
    on_request: bool = True
    ground: str | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        _check_scope(self.kinds, self.topics)
        check_text("purpose", self.purpose)
        _check_length("after", self.after)
        check_choice("counted_from", self.counted_from, RETENTION_CLOCKS)
        if type(self.on_request) is not bool:
            raise InvalidValueError("on_request", self.on_request, "must be true or false")
        for name in ("ground", "source"):
            check_optional_text(name, getattr(self, name))
        if not self.on_request and self.ground is None:
            raise InvalidValueError("ground", None, "must say why the purpose does not end on request", "or leave on_request out")

    def is_about(self, record: RetentionRecord) -> bool:
        """Whether it is about a record."""
        return _is_about(self.kinds, self.topics, record)

    def ends_on(self, record: RetentionRecord) -> date | None:
        """The first day on which the purpose no longer holds it; None while that is not known."""
        return _end(record.began(self.counted_from), self.after)


def _is_about(kinds: Sequence[str], topics: Sequence[str], record: RetentionRecord) -> bool:
    return record.kind in kinds and (not topics or record.topic in topics)


def _end(began: date | None, length: Every) -> date | None:
    return None if began is None else date.fromordinal(length.after(began.toordinal()))


def _check_scope(kinds: tuple[str, ...], topics: tuple[str, ...]) -> None:
    check_tuple_of("kinds", kinds, str)
    check_tuple_of("topics", topics, str)
    if not kinds:
        raise InvalidValueError("kinds", kinds, "must name at least one kind of record")
    for index, kind in enumerate(kinds):
        check_choice(f"kinds[{index}]", kind, RETENTION_KINDS)
    for index, topic in enumerate(topics):
        check_text(f"topics[{index}]", topic)
    for name, values in (("kinds", kinds), ("topics", topics)):
        for index, value in enumerate(values):
            if value in values[:index]:
                raise InvalidValueError(f"{name}[{index}]", value, "must come once")


def _check_length(name: str, value: object) -> None:
    if not isinstance(value, Every):
        raise InvalidValueError(name, value, "must be a length of time", 'write "5 years"')
