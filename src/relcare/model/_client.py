"""The party served, and the people there."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import (
    ReadOnlyMap,
    check_choice,
    check_day,
    check_id,
    check_identifier,
    check_moment,
    check_optional_text,
    check_text,
    check_tuple_of,
    check_zone,
    to_day,
    to_decimal,
    to_frozenset,
    to_map,
    to_optional_day,
    to_optional_moment,
    to_tuple,
)
from relcare.errors import InvalidValueError
from relcare.model._birthday import Birthday, to_birthday

__all__ = [
    "STAGES",
    "AttributeChange",
    "AttributeValue",
    "Client",
    "ContactPerson",
    "Stage",
    "check_attribute",
    "check_attribute_name",
]

Stage = Literal["visitor", "open", "closed", "dormant"]
STAGES: Final[tuple[Stage, ...]] = ("visitor", "open", "closed", "dormant")
"""The stages a client can be in (FCT-5)."""

AttributeValue: TypeAlias = str | int | Decimal | bool | date | frozenset[str] | None
"""What a free attribute may hold; the policy's fact declaration gives it its type. None in a change means: no longer known."""


def check_attribute(name: str, value: object) -> None:
    """Refuse what no free attribute may hold."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, str):
        check_text(name, value)
    elif isinstance(value, (int, Decimal)):
        to_decimal(name, value)
    elif isinstance(value, date):
        check_day(name, value)
    elif isinstance(value, frozenset):
        for member in value:  # pyright: ignore[reportUnknownVariableType]
            check_text(name, member)  # pyright: ignore[reportUnknownArgumentType]
    else:
        raise InvalidValueError(name, value, "must be text, an exact number, a flag, a date or a frozenset of text")


def check_attribute_name(name: str, value: object) -> None:
    """Refuse what cannot name a free attribute."""
    # Attributes stand in criteria only through declared facts, so Python's words may name them: `class`, `from`.
    check_identifier(name, value, reserved=frozenset())


@attrs.frozen(kw_only=True)
class AttributeChange:
    """An attribute takes another value from a day on (TIM-7).

    Attributes:
        name: The attribute.
        value: What it is from that day on; None when it is no longer known.
        effective_on: The first day on which it holds.
        recorded_at: When it was entered; the effective day by default.
    """

    name: str
    value: AttributeValue
    effective_on: date = attrs.field(converter=to_day)
    recorded_at: date | None = attrs.field(default=None, converter=to_optional_moment)

    def __attrs_post_init__(self) -> None:
        check_attribute_name("name", self.name)
        check_attribute("value", self.value)
        check_day("effective_on", self.effective_on)
        if self.recorded_at is not None:
            check_moment("recorded_at", self.recorded_at)


def _to_changes(values: Iterable[AttributeChange]) -> tuple[AttributeChange, ...]:
    return to_tuple(values)


def _to_attributes(values: Mapping[str, AttributeValue]) -> Mapping[str, AttributeValue]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class Client:
    """A party that the firm serves, buys from or works with.

    Attributes:
        id: Unique in the book; compared by code point.
        name: As it is written; never split.
        relationship_types: Any number at once, such as `end_customer` and `partner`; identifiers.
        stage: `visitor`, `open`, `closed` or `dormant`; None when the book does not say.
        owner_id: The account manager; need not be among the staff.
        region: Free text.
        zone: IANA zone of the client for quiet hours; None means the book's.
        client_since_on: The first day of the relationship.
        attributes: What else the firm knows, by name; used by policies only through declared facts (FCT-1).
        attribute_changes: Dated changes of attributes, in any order; of two for one day the later recorded, then the later
            given, holds.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    name: str
    relationship_types: frozenset[str] = attrs.field(default=frozenset(), converter=to_frozenset)
    stage: Stage | None = None
    owner_id: str | None = None
    region: str | None = None
    zone: str | None = None
    client_since_on: date | None = attrs.field(default=None, converter=to_optional_day)
    attributes: Mapping[str, AttributeValue] = attrs.field(factory=ReadOnlyMap[str, AttributeValue], converter=_to_attributes)
    attribute_changes: tuple[AttributeChange, ...] = attrs.field(default=(), converter=_to_changes)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_text("name", self.name)
        if not isinstance(self.relationship_types, frozenset):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("relationship_types", self.relationship_types, "must be a set of identifiers")
        for kind in self.relationship_types:
            check_identifier("relationship_types", kind)
        if self.stage is not None:
            check_choice("stage", self.stage, STAGES)
        if self.owner_id is not None:
            check_id("owner_id", self.owner_id)
        check_optional_text("region", self.region)
        if self.zone is not None:
            check_zone("zone", self.zone)
        if self.client_since_on is not None:
            check_day("client_since_on", self.client_since_on)
        if not isinstance(self.attributes, ReadOnlyMap):
            raise InvalidValueError("attributes", self.attributes, "must be a mapping of names to values")
        for name, value in self.attributes.items():
            check_attribute_name("attributes", name)
            check_attribute(f"attributes.{name}", value)
        check_tuple_of("attribute_changes", self.attribute_changes, AttributeChange)

    def attribute(self, name: str, *, as_of: date) -> AttributeValue:
        """What the attribute was at the end of a day; None when unknown.

        Args:
            name: The attribute.
            as_of: A change effective on this day counts.
        """
        changes = [c for c in self.attribute_changes if c.name == name and c.effective_on <= as_of]
        return max(reversed(changes), key=_recency).value if changes else self.attributes.get(name)


def _recency(change: AttributeChange) -> tuple[date, float]:
    """What makes one change follow another: its day, then when it was entered; a civil date is the start of its day in UTC."""
    entered = change.effective_on if change.recorded_at is None else change.recorded_at
    moment = entered if isinstance(entered, datetime) else datetime(entered.year, entered.month, entered.day, tzinfo=UTC)
    return change.effective_on, moment.timestamp()


@attrs.frozen(kw_only=True)
class ContactPerson:
    """Somebody at a client.

    Attributes:
        id: Unique in the book.
        client_id: Where the person is.
        name: As it is written.
        role: Free text compared exactly, such as `principal`.
        rank: Free text; a policy gives ranks their order through a level fact.
        phone: As it is written.
        email: As it is written.
        birthday: A date, or a `Birthday` when the year is unknown.
    """

    id: str
    client_id: str
    name: str
    role: str | None = None
    rank: str | None = None
    phone: str | None = None
    email: str | None = None
    birthday: Birthday | None = attrs.field(default=None, converter=to_birthday)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("client_id", self.client_id)
        check_text("name", self.name)
        for name in ("role", "rank", "phone", "email"):
            check_optional_text(name, getattr(self, name))
        if self.birthday is not None and not isinstance(self.birthday, Birthday):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("birthday", self.birthday, "must be a date or a Birthday")
