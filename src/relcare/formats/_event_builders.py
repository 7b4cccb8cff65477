"""From the cells of a row to what happened, was said or is to be: touchpoints, purchases, consents, steps, appointments."""

from collections.abc import Callable, Mapping
from typing import cast
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError
from relcare.formats._cells import Amounts, Days, Instants, Moments, count, flag
from relcare.formats._rows import Build
from relcare.model import (
    Appointment,
    AppointmentState,
    Consent,
    ConsentKind,
    Direction,
    MembershipEvent,
    MembershipStep,
    Purchase,
    Touchpoint,
)

__all__ = ["appointments", "consents", "membership_events", "purchases", "touchpoints"]

At = Mapping[str, int]


def appointments(zone: ZoneInfo) -> Callable[[At], Build[Appointment]]:
    """Rows of appointments.csv; a start on another day than that of the appointment is refused here, in its row."""

    def make(at: At) -> Build[Appointment]:
        appointment_id, client_id, staff_id, on, starts_at, minutes, channel = (
            at[c] for c in ("appointment_id", "client_id", "staff_id", "on", "starts_at", "minutes", "channel")
        )
        purpose, person_id, obligation_key, state, sequence, place = (
            at[c] for c in ("purpose", "person_id", "obligation_key", "state", "sequence", "place")
        )
        days, starts = Days("on"), Instants("starts_at", zone)

        def build(row: list[str]) -> Appointment:
            day, start = days[row[on]], starts[cell] if (cell := row[starts_at]) else None
            if start is not None and start.date() != day:
                raise InvalidValueError("starts_at", cell, f"must be on {day}, the day of the appointment, in {zone.key}")
            return Appointment(
                id=row[appointment_id],
                client_id=row[client_id],
                staff_id=row[staff_id],
                on=day,
                starts_at=start,
                minutes=count("minutes", row[minutes]),
                channel=row[channel],
                purpose=row[purpose] or None,
                person_id=row[person_id] or None,
                obligation_key=row[obligation_key] or None,
                state=cast("AppointmentState", row[state] or "planned"),
                sequence=count("sequence", row[sequence]),
                place=row[place] or None,
            )

        return build

    return make


def consents(zone: ZoneInfo) -> Callable[[At], Build[Consent]]:
    """Rows of consents.csv."""

    def make(at: At) -> Build[Consent]:
        consent_id, client_id, person_id, channel, purpose, kind = (
            at[c] for c in ("consent_id", "client_id", "person_id", "channel", "purpose", "kind")
        )
        start_on, end_on, night, source, recorded_at = (at[c] for c in ("start_on", "end_on", "night", "source", "recorded_at"))
        starts, ends, records = Days("start_on"), Days("end_on"), Moments("recorded_at", zone)

        def build(row: list[str]) -> Consent:
            return Consent(
                id=row[consent_id],
                client_id=row[client_id],
                person_id=row[person_id] or None,
                channel=row[channel] or None,
                purpose=row[purpose] or None,
                kind=cast("ConsentKind", row[kind]),
                start_on=starts[row[start_on]],
                end_on=ends[cell] if (cell := row[end_on]) else None,
                night=flag("night", row[night]),
                source=row[source] or None,
                recorded_at=records[cell] if (cell := row[recorded_at]) else None,
            )

        return build

    return make


def membership_events(zone: ZoneInfo) -> Callable[[At], Build[MembershipEvent]]:
    """Rows of membership_events.csv."""

    def make(at: At) -> Build[MembershipEvent]:
        event_id, client_id, programme_id, step, on, by = (
            at[c] for c in ("event_id", "client_id", "programme_id", "step", "on", "by")
        )
        role, sponsor_id, level, end_on, reason, recorded_at = (
            at[c] for c in ("role", "sponsor_id", "level", "end_on", "reason", "recorded_at")
        )
        days, ends, records = Days("on"), Days("end_on"), Moments("recorded_at", zone)

        def build(row: list[str]) -> MembershipEvent:
            return MembershipEvent(
                id=row[event_id],
                client_id=row[client_id],
                programme_id=row[programme_id],
                step=cast("MembershipStep", row[step]),
                on=days[row[on]],
                by=row[by],
                role=row[role] or None,
                sponsor_id=row[sponsor_id] or None,
                level=row[level] or None,
                end_on=ends[cell] if (cell := row[end_on]) else None,
                reason=row[reason] or None,
                recorded_at=records[cell] if (cell := row[recorded_at]) else None,
            )

        return build

    return make


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


def touchpoints(zone: ZoneInfo) -> Callable[[At], Build[Touchpoint]]:
    """Rows of touchpoints.csv."""

    def make(at: At) -> Build[Touchpoint]:
        touchpoint_id, client_id, occurred_at, channel, direction, outcome, purpose = (
            at[c] for c in ("touchpoint_id", "client_id", "occurred_at", "channel", "direction", "outcome", "purpose")
        )
        person_id, staff_id, in_lieu_of, note, follow_up_at, recorded_at, voids_id = (
            at[c] for c in ("person_id", "staff_id", "in_lieu_of", "note", "follow_up_at", "recorded_at", "voids_id")
        )
        moments, promises, records = (Moments(column, zone) for column in ("occurred_at", "follow_up_at", "recorded_at"))

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
                follow_up_at=promises[cell] if (cell := row[follow_up_at]) else None,
                recorded_at=records[cell] if (cell := row[recorded_at]) else None,
                voids_id=row[voids_id] or None,
            )

        return build

    return make
