"""Which files a book folder has, and which columns each of them."""

from collections.abc import Mapping
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap

__all__ = [
    "ABSENCES",
    "APPOINTMENTS",
    "ATTRIBUTES",
    "CLIENTS",
    "CONSENTS",
    "HEAD",
    "MEMBERSHIP_EVENTS",
    "OWNER_SPELLS",
    "PEOPLE",
    "PINS",
    "PURCHASES",
    "SHEETS",
    "STAFF",
    "TIERS",
    "TOUCHPOINTS",
    "Sheet",
]

HEAD: Final = "book.toml"
_DAY: Final = "2000-01-01"


def _read_only(texts: Mapping[str, str]) -> Mapping[str, str]:
    return ReadOnlyMap(texts)


@attrs.frozen(kw_only=True)
class Sheet:
    """One CSV file of a book folder.

    Attributes:
        name: The file.
        columns: All its columns, in the order in which they are written.
        stand_ins: The columns that must be there, each with a right value: it takes the place of a wrong cell, so that the rest
            of the row can be judged. An empty one marks a column whose cells may be empty.
        id_column: The column that is unique; None where no column is.
        is_open: Whether further columns are allowed.
        hints: What to say when a column that must be there is not, or its cell is empty.
    """

    name: str
    columns: tuple[str, ...]
    stand_ins: Mapping[str, str] = attrs.field(converter=_read_only)
    id_column: str | None = None
    is_open: bool = False
    hints: Mapping[str, str] = attrs.field(factory=ReadOnlyMap[str, str], converter=_read_only)

    def column_of(self, field: str) -> str:
        """The column in which a field of the model stands."""
        if field == "id" and self.id_column is not None:
            return self.id_column
        return field.removeprefix("attributes.") if self.is_open else field


ABSENCES: Final = Sheet(
    name="absences.csv",
    columns=("staff_id", "start_on", "end_on", "deputy_id", "reason"),
    stand_ins={"staff_id": "x", "start_on": _DAY},
)
APPOINTMENTS: Final = Sheet(
    name="appointments.csv",
    columns=(
        "appointment_id",
        "client_id",
        "staff_id",
        "on",
        "starts_at",
        "minutes",
        "channel",
        "purpose",
        "person_id",
        "obligation_key",
        "state",
        "sequence",
        "place",
    ),
    stand_ins={"appointment_id": "x", "client_id": "x", "staff_id": "x", "on": _DAY, "channel": "x"},
    id_column="appointment_id",
    hints={"on": "write the day, as 2026-03-20"},
)
ATTRIBUTES: Final = Sheet(
    name="attributes.csv",
    columns=("client_id", "name", "value", "effective_on", "recorded_at"),
    stand_ins={"client_id": "x", "name": "x", "value": "", "effective_on": _DAY},
)
CLIENTS: Final = Sheet(
    name="clients.csv",
    columns=("client_id", "name", "relationship_types", "owner_id", "region", "stage", "client_since_on", "zone"),
    stand_ins={"client_id": "x", "name": "x"},
    id_column="client_id",
    is_open=True,
)
CONSENTS: Final = Sheet(
    name="consents.csv",
    columns=(
        "consent_id",
        "client_id",
        "person_id",
        "channel",
        "purpose",
        "kind",
        "start_on",
        "end_on",
        "night",
        "source",
        "recorded_at",
    ),
    stand_ins={"consent_id": "x", "client_id": "x", "kind": "given", "start_on": _DAY},
    id_column="consent_id",
    hints={"kind": "write given or refused"},
)
MEMBERSHIP_EVENTS: Final = Sheet(
    name="membership_events.csv",
    columns=(
        "event_id",
        "client_id",
        "programme_id",
        "step",
        "on",
        "by",
        "role",
        "sponsor_id",
        "level",
        "end_on",
        "reason",
        "recorded_at",
    ),
    stand_ins={"event_id": "x", "client_id": "x", "programme_id": "x", "step": "checked", "on": _DAY, "by": "x"},
    id_column="event_id",
    hints={"on": "write the day, as 2026-03-20"},
)
OWNER_SPELLS: Final = Sheet(
    name="owner_spells.csv",
    columns=("client_id", "owner_id", "start_on", "end_on", "note"),
    stand_ins={"client_id": "x", "owner_id": "", "start_on": _DAY},
    hints={"owner_id": "leave its cells empty for clients in the pool"},
)
PEOPLE: Final = Sheet(
    name="people.csv",
    columns=("person_id", "client_id", "name", "role", "rank", "phone", "email", "birthday"),
    stand_ins={"person_id": "x", "client_id": "x", "name": "x"},
    id_column="person_id",
)
PINS: Final = Sheet(
    name="pins.csv",
    columns=("client_id", "scheme_id", "tier", "kind", "by", "reason", "start_on", "end_on"),
    stand_ins={
        "client_id": "x",
        "scheme_id": "x",
        "tier": "x",
        "kind": "floor",
        "by": "x",
        "reason": "x",
        "start_on": _DAY,
    },
    hints={"kind": "write floor or exact"},
)
PURCHASES: Final = Sheet(
    name="purchases.csv",
    columns=("purchase_id", "client_id", "purchased_on", "amount", "currency", "category", "returns_purchase_id", "recorded_at"),
    stand_ins={"purchase_id": "x", "client_id": "x", "purchased_on": _DAY, "amount": "1"},
    id_column="purchase_id",
    hints={"currency": f'or name the currency of the book in {HEAD}, as in currency = "CNY"'},
)
STAFF: Final = Sheet(
    name="staff.csv",
    columns=("staff_id", "name", "role", "head_id", "birthday"),
    stand_ins={"staff_id": "x", "name": "x"},
    id_column="staff_id",
)
TIERS: Final = Sheet(
    name="tiers.csv",
    columns=("client_id", "scheme_id", "tier", "start_on", "end_on"),
    stand_ins={"client_id": "x", "scheme_id": "x", "tier": "x", "start_on": _DAY},
)
TOUCHPOINTS: Final = Sheet(
    name="touchpoints.csv",
    columns=(
        "touchpoint_id",
        "client_id",
        "occurred_at",
        "channel",
        "direction",
        "outcome",
        "purpose",
        "person_id",
        "staff_id",
        "in_lieu_of",
        "note",
        "follow_up_at",
        "recorded_at",
        "voids_id",
    ),
    stand_ins={"touchpoint_id": "x", "client_id": "x", "occurred_at": _DAY, "channel": "x"},
    id_column="touchpoint_id",
)

SHEETS: Final = (
    ABSENCES,
    APPOINTMENTS,
    ATTRIBUTES,
    CLIENTS,
    CONSENTS,
    MEMBERSHIP_EVENTS,
    OWNER_SPELLS,
    PEOPLE,
    PINS,
    PURCHASES,
    STAFF,
    TIERS,
    TOUCHPOINTS,
)
"""In the order in which they are read, which is also the order in which their problems are shown."""
