"""The answer to a question of permission, with what stands in the way or what it rests on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import attrs

from relcare.model import Reason
from relcare.permission._barriers import Barrier, Lifted, Valid, first_open
from relcare.permission._case import Case
from relcare.permission._consent_barriers import OptIn, Refused
from relcare.permission._consent_rule import ConsentRule
from relcare.permission._fatigue_barriers import fatigue_barrier
from relcare.permission._hour_barriers import Closed
from relcare.permission._hours import Hours
from relcare.permission._local_days import local_day
from relcare.permission._permission_rules import ActiveRule

__all__ = ["HORIZON_DAYS", "PermissionDecision", "barriers_of", "decision", "opens_within"]

HORIZON_DAYS: Final = 400
"""How far ahead the next allowed time is looked for."""

_FATIGUE: Final = frozenset({"permission.cap", "permission.gap", "permission.rotation", "permission.stopped"})
# Reasons that stand beside what is in the way: how sure the answer is, and how far it was looked for.
_BESIDE: Final = frozenset(
    {"permission.zone_unknown", "permission.law_stale", "permission.beyond_horizon", "calendar.not_published"}
)


@attrs.frozen(kw_only=True)
class PermissionDecision:
    """Whether a client may be contacted at an instant.

    Attributes:
        is_allowed: Whether it may be.
        channel: By which channel.
        purpose: For what, or None.
        at: The instant that was asked about, in UTC.
        next_allowed_at: The first allowed instant from `at` on, in UTC; `at` itself when it is allowed. None when no such time is
            known: what stands in the way does not end by itself, or not within `HORIZON_DAYS`.
        zones: The zones in each of which it must be allowed.
        reasons: What stands in the way; where it is allowed, what it rests on.

    Source: CAD-10, CAD-11.
    """

    is_allowed: bool
    channel: str
    purpose: str | None
    at: datetime
    next_allowed_at: datetime | None
    zones: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def laws(self) -> tuple[str, ...]:
        """The rows of laws that the reasons cite, each once."""
        return tuple(dict.fromkeys(str(reason.values["law"]) for reason in self.reasons if reason.values.get("law")))

    @property
    def is_capped(self) -> bool:
        """Whether it is not allowed, and too many contacts are all that stands in the way (CAD-10)."""
        in_the_way = {reason.code for reason in self.reasons} - _BESIDE
        return not self.is_allowed and bool(in_the_way) and in_the_way <= _FATIGUE


def barriers_of(case: Case, zones: Sequence[str]) -> list[Barrier]:
    """Everything that may stand in the way, refusals first and hours last; of a requested contact only refusals may."""
    active = case.rules.rules_for(case.channel, case.purpose)
    found: list[Barrier] = []
    if any(consent.kind == "refused" for consent in case.consents):
        is_global = any(isinstance(one.rule, ConsentRule) and one.rule.is_global for one in active)
        found.extend(Lifted(zone, Refused(case, is_global)) for zone in zones)
    if case.is_requested:
        return found
    late: list[Barrier] = []
    for one in active:
        for zone in zones:
            barrier = _barrier(case, one, zone)
            if barrier is not None:
                made = barrier if one.row is None else Valid(zone, barrier, one.row)
                (late if isinstance(one.rule, Hours) else found).append(made)
    return found + late


def _barrier(case: Case, active: ActiveRule, zone: str) -> Barrier | None:
    rule = active.rule
    if isinstance(rule, Hours):
        return Closed(case, active, rule, zone)
    if isinstance(rule, ConsentRule):
        return Lifted(zone, OptIn(case, active, rule)) if rule.mode == "opt-in" else None
    return fatigue_barrier(case, active, zone)


def opens_within(case: Case, zones: Sequence[str], start: datetime, horizon: datetime) -> bool:
    """Whether the hours alone ever open."""
    hours = [barrier for barrier in barriers_of(case, zones) if isinstance(_bare(barrier), Closed)]
    return first_open(hours, start, horizon) is not None


def decision(
    case: Case,
    zones: tuple[str, ...],
    barriers: Sequence[Barrier],
    at: datetime,
    allowed: datetime | None,
    *,
    is_allowed: bool,
) -> PermissionDecision:
    """The answer with its reasons.

    Args:
        case: The question.
        zones: Where the client may be.
        barriers: Of which those closed at `at` are told as reasons.
        at: The instant asked about.
        allowed: The first allowed one, or None.
        is_allowed: The answer itself.
    """
    if is_allowed:
        reasons = _grounds(case, barriers, allowed or at)
    else:
        closed = [(barrier, opens) for barrier in barriers if (opens := barrier.opens_at(at)) != at]
        reasons = [barrier.reason(at) for barrier, _ in closed]
        if allowed is None and all(opens is not None for _, opens in closed):
            reasons.append(Reason("permission.beyond_horizon", {}, {"days": HORIZON_DAYS}))
    if len(zones) > 1:
        reasons.append(Reason("permission.zone_unknown", {}, {"zones": zones}))
    reasons.extend(_unpublished(barriers, allowed or at))
    reasons.extend(_stale(case, (allowed or at).toordinal()))
    return PermissionDecision(
        is_allowed=is_allowed,
        channel=case.channel,
        purpose=case.purpose,
        at=at,
        next_allowed_at=allowed,
        zones=zones,
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _bare(barrier: Barrier) -> Barrier:
    return barrier.barrier if isinstance(barrier, Valid) else barrier


def _grounds(case: Case, barriers: Sequence[Barrier], at: datetime) -> list[Reason]:
    """What an allowed contact rests on: that it was requested, or each consent that a rule asked for."""
    if case.is_requested:
        return [Reason("permission.requested", {}, {"purpose": case.purpose})]
    found: list[Reason] = []
    for barrier in map(_bare, barriers):
        if isinstance(barrier, Lifted) and isinstance(barrier.days, OptIn):
            ground = barrier.days.ground(local_day(barrier.zone, at))
            if ground is not None:
                found.append(ground)
    return found


def _unpublished(barriers: Sequence[Barrier], at: datetime) -> list[Reason]:
    found = [bare.unpublished(at) for barrier in barriers if isinstance(bare := _bare(barrier), Closed)]
    return [reason for reason in found if reason is not None]


def _stale(case: Case, day: int) -> list[Reason]:
    """Rows of laws that were looked up more than a year before."""
    rows = [one.row for one in case.rules.rules_for(case.channel, case.purpose) if one.row is not None and one.row.is_stale(day)]
    if not rows:
        return []
    oldest = min(row.as_of for row in rows)
    return [Reason("permission.law_stale", {}, {"rows": tuple(dict.fromkeys(row.id for row in rows)), "as_of": oldest})]
