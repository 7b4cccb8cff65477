"""Which tables a book has as columns, and which columns each of them: one layout for frames, Parquet folders and the way back."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap
from relcare.model import (
    Absence,
    Appointment,
    AttributeValue,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    OwnerSpell,
    Pin,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)

__all__ = [
    "ATTRIBUTES",
    "ATTRIBUTE_KINDS",
    "CLIENT_COLUMNS",
    "INSTANT",
    "LAYOUT",
    "TABLES",
    "ZONE",
    "ColumnKind",
    "TableLayout",
    "attribute_column",
    "attribute_of_column",
    "kind_of_attribute",
]

ColumnKind: TypeAlias = Literal["text", "day", "moment", "set", "flag", "number", "birthday", "amount"]

INSTANT: Final = ".instant"
"""Behind the name of a moment's column: its instant, where it is one and no day."""
ZONE: Final = ".zone"
"""Likewise: the IANA zone or the offset in which that instant was written; the book's where there is none."""

AttributeKind: TypeAlias = Literal["text", "number", "flag", "day", "set", "none"]
ATTRIBUTE_KINDS: Final[tuple[AttributeKind, ...]] = ("text", "number", "flag", "day", "set", "none")


def _read_only(columns: Mapping[str, ColumnKind]) -> Mapping[str, ColumnKind]:
    return ReadOnlyMap(columns)


@attrs.frozen(kw_only=True)
class TableLayout:
    """One table of a book.

    Attributes:
        name: As `Frames` calls it.
        field: As `Book` calls it.
        made: What a row becomes; None for attributes, which are parts of clients.
        columns: Each with its kind, in order.
    """

    name: str
    field: str
    made: type[Any] | None
    columns: Mapping[str, ColumnKind] = attrs.field(converter=_read_only)

    @property
    def needed(self) -> frozenset[str]:
        """The columns without which there is no row."""
        if self.made is None:
            return frozenset({"client_id", "name", "kind"})
        return frozenset(field.name for field in attrs.fields(self.made) if field.default is attrs.NOTHING)


def _texts(*names: str) -> dict[str, ColumnKind]:
    return dict.fromkeys(names, "text")


_SPAN: Final[Mapping[str, ColumnKind]] = {"start_on": "day", "end_on": "day"}

_CLIENTS: Final = TableLayout(
    name="clients",
    field="clients",
    made=Client,
    columns={
        **_texts("id", "name"),
        "relationship_types": "set",
        **_texts("stage", "owner_id", "region", "zone"),
        "client_since_on": "day",
    },
)
ATTRIBUTES: Final = TableLayout(
    name="attributes",
    field="attributes",
    made=None,
    columns={**_texts("client_id", "name", "kind", "value"), "effective_on": "day", "recorded_at": "moment"},
)
"""What the columns of clients cannot hold: dated changes, attributes of several kinds, and those that are known to be none."""

LAYOUT: Final = (
    _CLIENTS,
    TableLayout(
        name="people",
        field="people",
        made=ContactPerson,
        columns={**_texts("id", "client_id", "name", "role", "rank", "phone", "email"), "birthday": "birthday"},
    ),
    TableLayout(
        name="touchpoints",
        field="touchpoints",
        made=Touchpoint,
        columns={
            **_texts("id", "client_id"),
            "occurred_at": "moment",
            **_texts("channel", "direction", "outcome", "purpose", "person_id", "staff_id", "in_lieu_of", "note"),
            "follow_up_at": "moment",
            "recorded_at": "moment",
            "voids_id": "text",
        },
    ),
    TableLayout(
        name="purchases",
        field="purchases",
        made=Purchase,
        columns={
            **_texts("id", "client_id"),
            "purchased_on": "day",
            "amount": "amount",
            **_texts("currency", "category", "returns_purchase_id"),
            "recorded_at": "moment",
        },
    ),
    TableLayout(
        name="staff",
        field="staff",
        made=Staff,
        columns={**_texts("id", "name", "role", "head_id"), "birthday": "birthday"},
    ),
    TableLayout(name="tiers", field="tier_spells", made=TierSpell, columns={**_texts("client_id", "scheme_id", "tier"), **_SPAN}),
    TableLayout(
        name="pins",
        field="pins",
        made=Pin,
        columns={**_texts("client_id", "scheme_id", "tier", "kind", "by", "reason"), **_SPAN},
    ),
    TableLayout(
        name="consents",
        field="consents",
        made=Consent,
        columns={
            **_texts("id", "client_id", "kind", "person_id", "channel", "purpose"),
            **_SPAN,
            "night": "flag",
            "source": "text",
            "recorded_at": "moment",
        },
    ),
    TableLayout(
        name="absences",
        field="absences",
        made=Absence,
        columns={"staff_id": "text", **_SPAN, **_texts("deputy_id", "reason")},
    ),
    TableLayout(
        name="owner_spells",
        field="owner_spells",
        made=OwnerSpell,
        columns={**_texts("client_id", "owner_id"), **_SPAN, "note": "text"},
    ),
    TableLayout(
        name="appointments",
        field="appointments",
        made=Appointment,
        columns={
            **_texts("id", "client_id", "staff_id"),
            "on": "day",
            "starts_at": "moment",
            "minutes": "number",
            **_texts("channel", "purpose", "person_id", "obligation_key", "state"),
            "sequence": "number",
            "place": "text",
        },
    ),
    TableLayout(
        name="membership_events",
        field="membership_events",
        made=MembershipEvent,
        columns={
            **_texts("id", "client_id", "programme_id", "step"),
            "on": "day",
            **_texts("by", "role", "sponsor_id", "level"),
            "end_on": "day",
            "reason": "text",
            "recorded_at": "moment",
        },
    ),
    ATTRIBUTES,
)
"""Every table, in the order of the fields of `Book`; attributes last."""

TABLES: Final = tuple(table.name for table in LAYOUT)
CLIENT_COLUMNS: Final = tuple(_CLIENTS.columns)
_PREFIX: Final = "attributes."


def attribute_column(name: str) -> str:
    """The column of a client's attribute: its own name, but not where a field of clients has it."""
    return f"{_PREFIX}{name}" if name in CLIENT_COLUMNS else name


def attribute_of_column(column: str) -> str:
    """The attribute that a column of clients holds, which is no field of theirs."""
    return column.removeprefix(_PREFIX)


def kind_of_attribute(value: AttributeValue) -> AttributeKind:
    """Which kind of column holds a value; whole numbers and decimals share one."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "text"
    if isinstance(value, frozenset):
        return "set"
    return "day" if isinstance(value, date) else "number"
