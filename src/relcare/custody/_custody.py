"""The rules of custody made ready for many clients: neglect, holding and claims as pure functions of one client (CAD-15)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import attrs

from relcare.custody._case import CustodyCase
from relcare.custody._holding import HoldingLimit
from relcare.custody._ladder import NeglectLadder
from relcare.custody._neglect import Neglect, Quiet, ReadyLadder
from relcare.custody._pool import ClaimRules
from relcare.custody._protection import Action
from relcare.custody._shield import ReadyProtection, Shield
from relcare.model import Reason
from relcare.policy import Criterion, Vocabulary, facts_of

__all__ = ["Custody", "custody_of"]


@attrs.frozen(kw_only=True, eq=False)
class Custody:
    """The neglect ladders, holding limits and claim rules of a policy, made ready.

    Attributes:
        vocabulary: What their facts mean.
        layout: The facts they read.
        limits: In the order of the policy.
        pool: The claim rules; those that forbid nothing where the policy has none.
        in_force_from: The first day of the policy, an ordinal.
        policy_id: For the answers.
        policy_version: For the answers.
    """

    vocabulary: Vocabulary
    layout: tuple[str, ...]
    limits: tuple[HoldingLimit, ...]
    pool: ClaimRules
    in_force_from: int
    policy_id: str
    policy_version: str
    _ladders: tuple[ReadyLadder, ...] = attrs.field(alias="ladders")
    _closed: tuple[ReadyProtection, ...] = attrs.field(alias="closed")

    def neglect(self, case: CustodyCase, as_of: int, heads: Mapping[str, str | None]) -> Neglect | None:
        """Where a client stands on its ladder; None in the pool, and where no ladder applies.

        Args:
            case: The client.
            as_of: An ordinal; what happens later is not looked at.
            heads: Who leads whom, by id.
        """
        owner_id = case.ownership.on(as_of).owner_id
        if owner_id is None:
            return None
        plain = Neglect(
            client_id=case.history.client.id,
            owner_id=owner_id,
            head_id=heads.get(owner_id),
            ladder_id="",
            policy_id=self.policy_id,
            policy_version=self.policy_version,
            as_of=date.fromordinal(as_of),
        )
        for ready in self._ladders:
            ladder, found = ready.ladder, case.find(ready.ladder.when)
            values = {"ladder": ladder.id, "when": str(ladder.when) if ladder.when else None, "source": ladder.source}
            if found.answer is None:
                reason = Reason("neglect.undecided", found.facts, {**values, "missing": found.missing})
                return attrs.evolve(plain, ladder_id=ladder.id, missing=found.missing, reasons=(reason,))
            if found.answer:
                applies = Reason("neglect.ladder", found.facts, values)
                quiet = ready.quiet(case, as_of, self.in_force_from)
                return _placed(attrs.evolve(plain, ladder_id=ladder.id, reasons=(applies,)), ready, quiet, case)
        return None

    def closed(self, case: CustodyCase, as_of: int) -> Iterator[Shield]:
        """What keeps a client in the pool from being claimed by anybody, or may."""
        found = (protection.shield(case, as_of) for protection in self._closed)
        return (shield for shield in found if shield.answer is not False)


def _placed(one: Neglect, ready: ReadyLadder, quiet: Quiet, case: CustodyCase) -> Neglect:
    """A client on a ladder that is certainly its own."""
    as_of = one.as_of.toordinal()
    days = max(0, as_of - quiet.since)
    reached = ready.reached(quiet.since, as_of)
    shields = ready.shields(case, as_of) if reached else []  # of most clients nothing has to be held back
    held = [rung for rung in reached if _holding(rung.action, shields)]
    free = [rung for rung in reached if rung not in held]
    rung = free[-1] if free else None
    after = ready.next_rung(quiet.since, as_of, reached[-1].action if reached else None)
    reasons = [*one.reasons, _silence(quiet, days)]
    if rung is not None:
        on = date.fromordinal(rung.reached_on(quiet.since))
        reasons.append(Reason("neglect.rung", {}, {"action": rung.action, "after": str(rung.after), "on": on}))
        if rung.action != "warn" and one.head_id is None:
            reasons.append(Reason("neglect.no_head", {}, {"owner": one.owner_id}))
    reasons.extend(reason for rung in held for reason in _held_back(rung.action, _holding(rung.action, shields)))
    return attrs.evolve(
        one,
        action=None if rung is None else rung.action,
        reached_on=None if rung is None else date.fromordinal(rung.reached_on(quiet.since)),
        held_back=tuple(rung.action for rung in held),
        next_action=None if after is None else after.action,
        next_on=None if after is None else date.fromordinal(after.reached_on(quiet.since)),
        quiet_since=date.fromordinal(quiet.since),
        quiet_days=days,
        last_contact_on=None if quiet.last is None else date.fromordinal(quiet.last[0]),
        missing=tuple(sorted({name for rung in held for s in _holding(rung.action, shields) for name in s.missing})),
        reasons=tuple(reasons),
    )


def _silence(quiet: Quiet, days: int) -> Reason:
    touch = None if quiet.last is None or quiet.kind != "last_contact" else quiet.last[1]
    on, touchpoint = date.fromordinal(quiet.since), None if touch is None else touch.id
    return Reason("neglect.quiet", {}, {"days": days, "on": on, "since": quiet.kind, "touchpoint": touchpoint})


def _holding(action: Action, shields: Sequence[Shield]) -> list[Shield]:
    return [shield for shield in shields if shield.protection.holds_back(action)]


def _held_back(action: Action, shields: Sequence[Shield]) -> Iterator[Reason]:
    for shield in shields:
        values = {"action": action, "protection": shield.protection.id, "until": shield.until_on}
        if shield.answer is None:
            yield Reason("neglect.unsure", shield.facts, {**values, "missing": shield.missing})
        else:
            yield Reason("neglect.held_back", shield.facts, values)


def custody_of(
    ladders: Sequence[NeglectLadder],
    limits: Sequence[HoldingLimit],
    pool: ClaimRules | None,
    vocabulary: Vocabulary,
    *,
    in_force_from: date,
    policy_id: str,
    policy_version: str,
) -> Custody:
    """The rules of a policy made ready, once they have passed their checks."""
    rules = pool or ClaimRules()
    protections = [*(one for ladder in ladders for one in ladder.protect), *rules.protect]
    criteria = [
        *(ladder.when for ladder in ladders),
        *(criterion for limit in limits for criterion in (limit.when, limit.exempt)),
        *(protection.when for protection in protections),
    ]
    dates = [protection.until for protection in protections if protection.until is not None]
    return Custody(
        vocabulary=vocabulary,
        layout=tuple(dict.fromkeys([*_named(criteria), *dates])),
        limits=tuple(limits),
        pool=rules,
        in_force_from=in_force_from.toordinal(),
        policy_id=policy_id,
        policy_version=policy_version,
        ladders=tuple(map(ReadyLadder.of, ladders)),
        closed=tuple(map(ReadyProtection.of, rules.protect)),
    )


def _named(criteria: Sequence[Criterion | None]) -> Iterator[str]:
    for criterion in criteria:
        if criterion is not None:
            yield from facts_of(criterion)
