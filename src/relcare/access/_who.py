"""Who acts, how they stand to a client, and what they did and when."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

import attrs

from relcare._fields import check_choice, check_day, check_id, check_text, to_day, to_frozenset, to_tuple
from relcare.access._words import RELATIONS, Relation
from relcare.errors import IllegalStepError, InvalidValueError

__all__ = [
    "Delegation",
    "Principal",
    "Signature",
    "Standing",
    "check_in_order",
    "check_instant",
    "to_instant",
    "to_optional_instant",
]

_DELEGABLE: Final = ("account manager", "head")


def to_instant(value: datetime) -> datetime:
    """An aware instant in UTC, as the standard library's class; what is none stays for the check to refuse."""
    if not isinstance(value, datetime) or value.tzinfo is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        return value
    plain = datetime.combine(date(value.year, value.month, value.day), value.timetz()).replace(fold=value.fold)
    try:
        return plain.astimezone(UTC)
    except (ValueError, OverflowError):  # at the ends of the calendar
        return value


def to_optional_instant(value: datetime | None) -> datetime | None:
    """Like `to_instant`; None stays None."""
    return None if value is None else to_instant(value)


def check_instant(name: str, value: object) -> None:
    """Refuse what is not an aware instant from 1900 to 2199."""
    if not isinstance(value, datetime) or value.tzinfo is not UTC:
        raise InvalidValueError(name, value, "must be an aware instant", "give it a day, a time and a zone")
    check_day(name, value.date())


def _to_relations(values: Iterable[Relation]) -> frozenset[Relation]:
    return to_frozenset(values)  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def _to_relation_tuple(values: Iterable[Relation]) -> tuple[Relation, ...]:
    return to_tuple(values)


def _check_texts(name: str, values: frozenset[str]) -> None:
    if not isinstance(values, frozenset):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError(name, values, "must be a set of texts")
    for value in values:
        check_text(name, value)


@attrs.frozen(kw_only=True)
class Principal:
    """Somebody who acts, as the host knows them.

    Attributes:
        id: The id among the staff, where they are staff.
        roles: What they are, such as `keeper` or `auditor`; free text compared exactly.
        team: The team they belong to; None for that of their head, see `teams_of`.
        is_active: Whether they may act at all; False for an account that was closed.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1.
    """

    id: str
    roles: frozenset[str] = attrs.field(default=frozenset(), converter=to_frozenset)
    team: str | None = None
    is_active: bool = True

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        _check_texts("roles", self.roles)
        if self.team is not None:
            check_id("team", self.team)
        if type(self.is_active) is not bool:
            raise InvalidValueError("is_active", self.is_active, "must be true or false")


@attrs.frozen(kw_only=True)
class Standing:
    """How somebody stands to a client on a day.

    Attributes:
        relations: At least one; `outsider` when there is no other.
        is_pool: Whether the client is in the pool; or, of a request that names no client, that it is about the pool.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1.
    """

    relations: frozenset[Relation] = attrs.field(converter=_to_relations)
    is_pool: bool = False

    def __attrs_post_init__(self) -> None:
        _check_texts("relations", self.relations)
        for relation in self.relations:
            check_choice("relations", relation, RELATIONS)
        if not self.relations:
            raise InvalidValueError("relations", self.relations, "must hold at least one", "write {'outsider'}")
        if type(self.is_pool) is not bool:
            raise InvalidValueError("is_pool", self.is_pool, "must be true or false")


@attrs.frozen(kw_only=True)
class Delegation:
    """Somebody lets somebody else stand to their clients as they do, for a time; it then reverts by itself.

    What was received cannot be handed on, and nobody approves by it what they or the giver asked for.

    Attributes:
        giver_id: Whose standing it is.
        receiver_id: Who is to have it as well.
        relations: `account manager`, `head` or both.
        start_on: The first day.
        end_on: The first day on which it no longer holds. Half-open (TIM-4).

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-2.
    """

    giver_id: str
    receiver_id: str
    relations: tuple[Relation, ...] = attrs.field(converter=_to_relation_tuple)
    start_on: date = attrs.field(converter=to_day)
    end_on: date = attrs.field(converter=to_day)

    def __attrs_post_init__(self) -> None:
        check_id("giver_id", self.giver_id)
        check_id("receiver_id", self.receiver_id)
        if self.giver_id == self.receiver_id:
            raise InvalidValueError("receiver_id", self.receiver_id, "must name somebody else than the giver")
        if not isinstance(self.relations, tuple) or not self.relations:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("relations", self.relations, "must name at least one relation")
        for index, relation in enumerate(self.relations):
            check_choice(f"relations[{index}]", relation, _DELEGABLE)
        check_day("start_on", self.start_on)
        check_day("end_on", self.end_on)
        if self.end_on <= self.start_on:
            raise InvalidValueError("end_on", self.end_on, f"must be after start_on, {self.start_on}")

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day; not on `end_on`."""
        return self.start_on <= day < self.end_on


@attrs.frozen(kw_only=True)
class Signature:
    """Who took a step, as what, for whom and when: what a step is judged by, then and ever after.

    Attributes:
        by: Who.
        roles: They had.
        standing: They had to the client, or to who asked; see `approver_standing`.
        for_ids: On whose behalf: all who lent them a relation to the client, and all for whom they stand in; see `acts_for`.
        at: When; kept in UTC.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-2.
    """

    by: str
    roles: frozenset[str] = attrs.field(default=frozenset(), converter=to_frozenset)
    standing: Standing
    for_ids: frozenset[str] = attrs.field(default=frozenset(), converter=to_frozenset)
    at: datetime = attrs.field(converter=to_instant)

    def __attrs_post_init__(self) -> None:
        check_id("by", self.by)
        _check_texts("roles", self.roles)
        if not isinstance(self.standing, Standing):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("standing", self.standing, "must be a Standing")
        _check_texts("for_ids", self.for_ids)
        for one in sorted(self.for_ids):
            check_id("for_ids", one)
        check_instant("at", self.at)

    @property
    def people(self) -> frozenset[str]:
        """Everybody it stands for: who took the step, and all on whose behalf."""
        return self.for_ids | {self.by}


def check_in_order(index: int, signed: Signature, before: datetime | None) -> None:
    """Refuse a step of a log that was signed before the one it follows.

    Args:
        index: Where in the log it stands.
        signed: Who took it, and when.
        before: The instant of the step before it; None for the first.
    """
    if before is not None and signed.at < before:
        rule = f"must not be before {before}, the instant of the step before it"
        hint = "enter steps in the order in which they are taken"
        raise IllegalStepError(f"events[{index}].signed.at", signed.at, rule, hint)
