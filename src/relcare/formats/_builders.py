"""From the cells of a row to a value of the model.

Each function takes the index of every column and gives the function that makes a value. Values are made through their own
constructors, which check everything whatever wrote the file.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError
from relcare.formats._cells import Amounts, Days, Moments
from relcare.formats._rows import Build
from relcare.formats._sheets import CLIENTS
from relcare.model import (
    AttributeChange,
    Birthday,
    Client,
    ContactPerson,
    Direction,
    Purchase,
    Staff,
    Stage,
    TierSpell,
    Touchpoint,
)

__all__ = ["ClientChange", "changes", "clients", "people", "purchases", "staff", "tier_spells", "touchpoints"]

At = Mapping[str, int]


class ClientChange(NamedTuple):
    """A dated change of an attribute, and whose it is."""

    client_id: str
    change: AttributeChange


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


def purchases(amounts: Amounts, zone: ZoneInfo) -> Callable[[At], Build[Purchase]]:
    """Rows of purchases.csv."""

    def make(at: At) -> Build[Purchase]:
        purchase_id, client_id, purchased_on, amount, currency, category, returns, recorded_at = (
            at[c]
            for c in (
                "purchase_id",
                "client_id",
                "purchased_on",
                "amount",
                "currency",
                "category",
                "returns_purchase_id",
                "recorded_at",
            )
        )
        days, records = Days("purchased_on"), Moments("recorded_at", zone)

        def build(row: list[str]) -> Purchase:
            return Purchase(
                id=row[purchase_id],
                client_id=row[client_id],
                purchased_on=days[row[purchased_on]],
                amount=amounts[row[amount], row[currency]],
                category=row[category] or None,
                returns_purchase_id=row[returns] or None,
                recorded_at=records[cell] if (cell := row[recorded_at]) else None,
            )

        return build

    return make


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


def touchpoints(zone: ZoneInfo) -> Callable[[At], Build[Touchpoint]]:
    """Rows of touchpoints.csv."""

    def make(at: At) -> Build[Touchpoint]:
        touchpoint_id, client_id, occurred_at, channel, direction, outcome, purpose = (
            at[c] for c in ("touchpoint_id", "client_id", "occurred_at", "channel", "direction", "outcome", "purpose")
        )
        person_id, staff_id, in_lieu_of, note, recorded_at, voids_id = (
            at[c] for c in ("person_id", "staff_id", "in_lieu_of", "note", "recorded_at", "voids_id")
        )
        moments, records = Moments("occurred_at", zone), Moments("recorded_at", zone)

        def build(row: list[str]) -> Touchpoint:
            return Touchpoint(
                id=row[touchpoint_id],
                client_id=row[client_id],
                occurred_at=moments[row[occurred_at]],
                channel=row[channel],
                direction=cast("Direction", row[direction] or "outgoing"),
                outcome=row[outcome] or None,
                purpose=row[purpose] or None,
                person_id=row[person_id] or None,
                staff_id=row[staff_id] or None,
                in_lieu_of=row[in_lieu_of] or None,
                note=row[note] or None,
                recorded_at=records[cell] if (cell := row[recorded_at]) else None,
                voids_id=row[voids_id] or None,
            )

        return build

    return make
