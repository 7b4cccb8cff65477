"""From the cells of a row to a value of the model.

Each function takes the index of every column and gives the function that makes a value. Values are made through their own
constructors, which check everything whatever wrote the file.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError
from relcare.formats._cells import Days, Moments
from relcare.formats._rows import Build
from relcare.formats._sheets import CLIENTS, PINS
from relcare.model import (
    Absence,
    AttributeChange,
    Birthday,
    Client,
    ContactPerson,
    OwnerSpell,
    Pin,
    PinKind,
    Staff,
    Stage,
    TierSpell,
)

__all__ = ["ClientChange", "absences", "changes", "clients", "owner_spells", "people", "pins", "staff", "tier_spells"]

At = Mapping[str, int]


class ClientChange(NamedTuple):
    """A dated change of an attribute, and whose it is."""

    client_id: str
    change: AttributeChange


def absences(at: At) -> Build[Absence]:
    """Rows of absences.csv."""
    staff_id, start_on, end_on, deputy_id, reason = (at[c] for c in ("staff_id", "start_on", "end_on", "deputy_id", "reason"))
    starts, ends = Days("start_on"), Days("end_on")

    def build(row: list[str]) -> Absence:
        return Absence(
            staff_id=row[staff_id],
            start_on=starts[row[start_on]],
            end_on=ends[cell] if (cell := row[end_on]) else None,
            deputy_id=row[deputy_id] or None,
            reason=row[reason] or None,
        )

    return build


def changes(zone: ZoneInfo) -> Callable[[At], Build[ClientChange]]:
    """Rows of attributes.csv."""

    def make(at: At) -> Build[ClientChange]:
        client_id, name, value, effective_on, recorded_at = (
            at[c] for c in ("client_id", "name", "value", "effective_on", "recorded_at")
        )
        days, records = Days("effective_on"), Moments("recorded_at", zone)

        def build(row: list[str]) -> ClientChange:
            if not row[client_id]:
                raise InvalidValueError("client_id", "", "must not be empty")
            return ClientChange(
                row[client_id],
                AttributeChange(
                    name=row[name],
                    value=row[value] or None,
                    effective_on=days[row[effective_on]],
                    recorded_at=records[cell] if (cell := row[recorded_at]) else None,
                ),
            )

        return build

    return make


def clients(dated: Mapping[str, list[AttributeChange]]) -> Callable[[At], Build[Client]]:
    """Rows of clients.csv; `dated` has the changes of attributes by client id."""

    def make(at: At) -> Build[Client]:
        client_id, name, types, owner_id, region, stage, since, zone = (at[column] for column in CLIENTS.columns)
        attributes = [(column, index) for column, index in at.items() if column not in CLIENTS.columns]
        days = Days("client_since_on")

        def build(row: list[str]) -> Client:
            return Client(
                id=row[client_id],
                name=row[name],
                relationship_types=row[types].split("|") if row[types] else (),
                owner_id=row[owner_id] or None,
                region=row[region] or None,
                stage=cast("Stage | None", row[stage] or None),
                client_since_on=days[cell] if (cell := row[since]) else None,
                zone=row[zone] or None,
                attributes={column: cell for column, index in attributes if (cell := row[index])},
                attribute_changes=dated.get(row[client_id], ()),
            )

        return build

    return make


def owner_spells(at: At) -> Build[OwnerSpell]:
    """Rows of owner_spells.csv."""
    client_id, owner_id, start_on, end_on, note = (at[c] for c in ("client_id", "owner_id", "start_on", "end_on", "note"))
    starts, ends = Days("start_on"), Days("end_on")

    def build(row: list[str]) -> OwnerSpell:
        return OwnerSpell(
            client_id=row[client_id],
            owner_id=row[owner_id] or None,
            start_on=starts[row[start_on]],
            end_on=ends[cell] if (cell := row[end_on]) else None,
            note=row[note] or None,
        )

    return build


def people(at: At) -> Build[ContactPerson]:
    """Rows of people.csv."""
    person_id, client_id, name, role, rank, phone, email, birthday = (
        at[c] for c in ("person_id", "client_id", "name", "role", "rank", "phone", "email", "birthday")
    )

    def build(row: list[str]) -> ContactPerson:
        return ContactPerson(
            id=row[person_id],
            client_id=row[client_id],
            name=row[name],
            role=row[role] or None,
            rank=row[rank] or None,
            phone=row[phone] or None,
            email=row[email] or None,
            birthday=Birthday.parse(cell) if (cell := row[birthday]) else None,
        )

    return build


def pins(at: At) -> Build[Pin]:
    """Rows of pins.csv."""
    client_id, scheme_id, tier, kind, by, reason, start_on, end_on = (at[column] for column in PINS.columns)
    starts, ends = Days("start_on"), Days("end_on")

    def build(row: list[str]) -> Pin:
        return Pin(
            client_id=row[client_id],
            scheme_id=row[scheme_id],
            tier=row[tier],
            kind=cast("PinKind", row[kind]),
            by=row[by],
            reason=row[reason],
            start_on=starts[row[start_on]],
            end_on=ends[cell] if (cell := row[end_on]) else None,
        )

    return build


def staff(at: At) -> Build[Staff]:
    """Rows of staff.csv."""
    staff_id, name, role, head_id, birthday = (at[c] for c in ("staff_id", "name", "role", "head_id", "birthday"))

    def build(row: list[str]) -> Staff:
        return Staff(
            id=row[staff_id],
            name=row[name],
            role=row[role] or None,
            head_id=row[head_id] or None,
            birthday=Birthday.parse(cell) if (cell := row[birthday]) else None,
        )

    return build


def tier_spells(at: At) -> Build[TierSpell]:
    """Rows of tiers.csv."""
    client_id, scheme_id, tier, start_on, end_on = (at[c] for c in ("client_id", "scheme_id", "tier", "start_on", "end_on"))
    starts, ends = Days("start_on"), Days("end_on")

    def build(row: list[str]) -> TierSpell:
        return TierSpell(
            client_id=row[client_id],
            scheme_id=row[scheme_id],
            tier=row[tier],
            start_on=starts[row[start_on]],
            end_on=ends[cell] if (cell := row[end_on]) else None,
        )

    return build
