"""Hypothesis strategies for the logs of access: who signed, delegations, grants and changes."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from relcare.access import CHANGE_STEPS, GRANT_STEPS, ChangeEvent, Delegation, DelegationEvent, GrantEvent, Signature
from relcare.testing._access_strategies import FIELD_NAMES, PEOPLE, PURPOSE_NAMES, ROLE_NAMES, drawn_request, drawn_standing
from relcare.testing._nasty import NASTY_IDS, NASTY_NAMES
from relcare.testing._picks import Picks

__all__ = ["LOGGED", "START", "STEP"]

START: Final = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
STEP: Final = timedelta(hours=12)


def _signature(picks: Picks) -> Signature:
    return Signature(
        by=picks.one(PEOPLE),
        roles=picks.some(ROLE_NAMES, 0, 2),
        standing=drawn_standing(picks),
        for_ids=picks.some(PEOPLE, 0, 2),
        at=START + picks.count(0, 20) * STEP,
    )


def _delegation(picks: Picks) -> Delegation:
    giver, receiver = picks.some(PEOPLE, 2, 2)
    start = date(2026, 1, 1) + timedelta(days=picks.count(0, 60))
    return Delegation(
        giver_id=giver,
        receiver_id=receiver,
        relations=picks.some(("account manager", "head"), 1, 2),
        start_on=start,
        end_on=start + timedelta(days=picks.count(1, 30)),
    )


def _delegation_event(picks: Picks) -> DelegationEvent:
    is_first = picks.flag()
    return DelegationEvent(
        id=picks.one(NASTY_IDS),
        delegation_id=picks.one(("d-1", "d-2")),
        step="given" if is_first else "ended",
        signed=_signature(picks),
        delegation=_delegation(picks) if is_first else None,
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _grant_event(picks: Picks) -> GrantEvent:
    step = picks.one(GRANT_STEPS)
    signed = _signature(picks)
    return GrantEvent(
        id=picks.one(NASTY_IDS),
        grant_id=picks.one(("g-1", "g-2")),
        step=step,
        signed=signed,
        request=drawn_request(picks) if step == "requested" else None,
        ends_at=signed.at + picks.count(1, 20) * STEP if step == "approved" else None,
        fields=picks.one((None, picks.some(FIELD_NAMES, 0, 3))) if step == "approved" else None,
        count=picks.count(1, 3) if step == "used" else picks.one((None, 1)) if step == "approved" else None,
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _change_event(picks: Picks) -> ChangeEvent:
    step = picks.one(CHANGE_STEPS)
    is_first = step == "proposed"
    return ChangeEvent(
        id=picks.one(NASTY_IDS),
        change_id=picks.one(("ch-1", "ch-2")),
        client_id=picks.one(("c-1", "c-2")),
        step=step,
        signed=_signature(picks),
        values={field: picks.one((None, "서울", 7)) for field in picks.some(FIELD_NAMES, 1, 3)} if is_first else {},
        purpose=picks.one(PURPOSE_NAMES) if is_first else None,
        person_id=picks.one((None, "p-1")) if is_first else None,
        revision=picks.one((None, 0, 3)) if is_first else None,
        reason=picks.one((None, *NASTY_NAMES)),
    )


LOGGED: Final[Mapping[type, Callable[[Picks], object]]] = {
    ChangeEvent: _change_event,
    Delegation: _delegation,
    DelegationEvent: _delegation_event,
    GrantEvent: _grant_event,
    Signature: _signature,
}
"""How each is drawn."""
