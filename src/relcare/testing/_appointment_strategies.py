"""Hypothesis strategies for appointments."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from relcare.model import APPOINTMENT_STATES, Appointment, civil_day
from relcare.testing._record_strategies import CHANNELS, PURPOSES
from relcare.testing._strategies import cached, days, ids, moments, names

__all__ = ["appointments"]

_OBLIGATIONS: Final = (None, "weekly/first", "weekly/t-1", "birthday/2026")


@attrs.frozen(kw_only=True)
class _Slot:
    """An appointment before it has a client, somebody there, and somebody who keeps it."""

    place: int
    person: int
    staff: int
    obligation: str | None
    appointment: Appointment


@cached
def _slots(zone: str) -> st.SearchStrategy[list[_Slot]]:
    where = ZoneInfo(zone)
    appointment = st.builds(
        _on_its_day,
        st.builds(
            Appointment,
            id=ids(),
            client_id=st.just("?"),
            staff_id=st.just("?"),
            on=days(),
            starts_at=st.none() | moments(zone),
            minutes=st.sampled_from([0, 1, 30, 1_440]),
            channel=st.sampled_from(CHANNELS),
            purpose=st.sampled_from([None, *PURPOSES]),
            state=st.sampled_from(APPOINTMENT_STATES),
            sequence=st.sampled_from([0, 0, 1, 7]),
            place=st.none() | names(),
        ),
        st.just(where),
    )
    slot = st.builds(
        _Slot,
        place=st.integers(0, 5),
        person=st.integers(0, 5),
        staff=st.integers(0, 5),
        obligation=st.sampled_from(_OBLIGATIONS),
        appointment=appointment,
    )
    return st.lists(slot, max_size=3, unique_by=lambda drawn: drawn.appointment.id)


def _on_its_day(drawn: Appointment, zone: ZoneInfo) -> Appointment:
    return drawn if drawn.starts_at is None else attrs.evolve(drawn, on=civil_day(drawn.starts_at, zone))


def appointments(
    client_ids: Sequence[str],
    *,
    zone: str = "Asia/Seoul",
    person_ids: Sequence[str] = (),
    staff_ids: Sequence[str] = (),
) -> st.SearchStrategy[tuple[Appointment, ...]]:
    """Appointments with these clients, planned, confirmed and cancelled; with an hour, or only a day.

    No two that stand keep the same obligation.

    Args:
        client_ids: With whom; none gives none.
        zone: The zone of the book: each starts on its own day there.
        person_ids: Whom they may be meant for.
        staff_ids: Who may keep them, besides somebody who is on no list.
    """
    if not client_ids:
        return st.just(())
    there, persons, doers = tuple(client_ids), (None, *person_ids), ("nobody", *staff_ids)

    def fitted(slots: Sequence[_Slot]) -> tuple[Appointment, ...]:
        kept: set[str] = set()
        found: list[Appointment] = []
        for slot in slots:
            client_id = there[slot.place % len(there)]
            key = None if slot.obligation is None else f"{client_id}/{slot.obligation}"
            is_taken = slot.appointment.is_standing and key in kept
            if slot.appointment.is_standing and key is not None:
                kept.add(key)
            found.append(
                attrs.evolve(
                    slot.appointment,
                    client_id=client_id,
                    person_id=persons[slot.person % len(persons)],
                    staff_id=doers[slot.staff % len(doers)],
                    obligation_key=None if is_taken else key,
                )
            )
        return tuple(found)

    return _slots(zone).map(fitted)
