"""How many clients somebody holds, and whether one more may be claimed from the pool (CAD-15)."""

from collections.abc import Iterator, Mapping
from datetime import date

import attrs

from relcare._time import Every
from relcare.custody._case import CustodyCase, Turnout
from relcare.custody._custody import Custody
from relcare.custody._holding import Holding, HoldingLimit
from relcare.model import Answer, Reason, Verdict

__all__ = ["Holders", "claim_verdict", "counts_towards", "holdings_of"]


@attrs.frozen(kw_only=True, eq=False)
class Holders:
    """All clients of a book on a day, and who is who.

    Attributes:
        custody: The rules.
        cases: The clients, by id.
        roles: Of the staff, by id.
        as_of: The day, an ordinal.
    """

    custody: Custody
    cases: Mapping[str, CustodyCase]
    roles: Mapping[str, str | None]
    as_of: int

    def of(self, owner_id: str) -> dict[str, CustodyCase]:
        """The clients of one account manager, by id."""
        return {name: case for name, case in self.cases.items() if case.ownership.on(self.as_of).owner_id == owner_id}


def counts_towards(limit: HoldingLimit, case: CustodyCase) -> Turnout:
    """Whether a client counts towards a limit: while its criterion holds and it is not exempt."""
    held, exempt = case.find(limit.when), Turnout(answer=False, facts={}) if limit.exempt is None else case.find(limit.exempt)
    spared = None if exempt.answer is None else not exempt.answer
    answer = False if False in (held.answer, spared) else None if None in (held.answer, spared) else True
    missing = () if answer is not None else tuple(sorted({*held.missing, *exempt.missing}))
    return Turnout(answer, {**held.facts, **exempt.facts}, missing)


def holdings_of(holders: Holders) -> Iterator[Holding]:
    """How many clients every owner of one holds, against every limit that binds; by limit, then owner by code point."""
    held: dict[str, dict[str, CustodyCase]] = {}
    for client_id, case in holders.cases.items():
        owner_id = case.ownership.on(holders.as_of).owner_id
        if owner_id is not None:
            held.setdefault(owner_id, {})[client_id] = case
    for limit in holders.custody.limits:
        for owner_id in sorted(held):
            if limit.binds(holders.roles.get(owner_id)):
                yield _holding(limit, owner_id, held[owner_id], holders.as_of)


def _holding(limit: HoldingLimit, owner_id: str, cases: Mapping[str, CustodyCase], as_of: int) -> Holding:
    answers = {client_id: counts_towards(limit, cases[client_id]).answer for client_id in sorted(cases)}
    counted = tuple(client_id for client_id, answer in answers.items() if answer)
    left_open = tuple(client_id for client_id, answer in answers.items() if answer is None)
    told = Reason(
        "holding.counted",
        {},
        {
            "limit": limit.id,
            "owner": owner_id,
            "most": limit.most,
            "count": len(counted),
            "open": len(left_open) or None,
            "when": str(limit.when) if limit.when else None,
            "exempt": str(limit.exempt) if limit.exempt else None,
            "source": limit.source,
        },
    )
    return Holding(
        limit_id=limit.id,
        owner_id=owner_id,
        most=limit.most,
        client_ids=counted,
        open_ids=left_open,
        as_of=date.fromordinal(as_of),
        reasons=(told,),
    )


@attrs.frozen
class _Step:
    """One thing that speaks for or against a claim."""

    answer: Answer
    reason: Reason
    missing: tuple[str, ...] = ()


def claim_verdict(holders: Holders, client_id: str, staff_id: str) -> Verdict:
    """Whether a member of staff may claim a client: yes, no, or unknown for want of facts; every hindrance is named.

    Args:
        holders: All clients on the day of the claim.
        client_id: The client.
        staff_id: Who wants it.
    """
    case, custody, as_of = holders.cases[client_id], holders.custody, holders.as_of
    found = [
        *_ownership(custody, case, staff_id, as_of),
        *_protections(custody, case, as_of),
        *_daily(holders, staff_id),
        *_limits(holders, client_id, staff_id),
    ]
    answer = _worst({step.answer for step in found})
    missing = {name for step in found for name in step.missing} if answer == "unknown" else set[str]()
    return Verdict(answer=answer, reasons=tuple(step.reason for step in found), missing=tuple(sorted(missing)))


def _worst(answers: set[Answer]) -> Answer:
    return "no" if "no" in answers else "unknown" if "unknown" in answers else "yes"


def _ownership(custody: Custody, case: CustodyCase, staff_id: str, as_of: int) -> Iterator[_Step]:
    now = case.ownership.on(as_of)
    if now.owner_id is not None:
        yield _Step("no", Reason("claim.owned", {}, {"owner": now.owner_id}))
        return
    # Where no spell says since when it is in the pool, it is since it is known at all.
    begins = case.history.begins if now.start is None else now.start
    since = None if begins is None or begins > as_of else begins
    yield _Step("yes", Reason("claim.free", {}, {"since": None if since is None else date.fromordinal(since)}))
    delay, lock_out = custody.pool.delay, custody.pool.lock_out
    if delay is not None and since is None:
        yield _Step("unknown", Reason("claim.since_unknown", {}, {"delay": str(delay)}), ("client.client_since_on",))
    elif delay is not None and since is not None and as_of < delay.after(since):
        yield _Step("no", Reason("claim.too_new", {}, {"delay": str(delay), "until": _end(delay, since)}))
    lost = case.ownership.lost(staff_id, as_of)
    if lock_out is not None and lost is not None and as_of < lock_out.after(lost):
        lost_on, until = date.fromordinal(lost), _end(lock_out, lost)
        told = Reason("claim.locked_out", {}, {"staff": staff_id, "lock_out": str(lock_out), "lost_on": lost_on, "until": until})
        yield _Step("no", told)


def _end(span: Every, since: int) -> date:
    return date.fromordinal(span.after(since))


def _protections(custody: Custody, case: CustodyCase, as_of: int) -> Iterator[_Step]:
    for shield in custody.closed(case, as_of):
        one, until, missing = shield.protection.id, shield.until_on, shield.missing
        if shield.answer is None:
            told = Reason("claim.unsure", shield.facts, {"protection": one, "until": until, "missing": missing})
            yield _Step("unknown", told, missing)
        else:
            yield _Step("no", Reason("claim.protected", shield.facts, {"protection": one, "until": until}))


def _daily(holders: Holders, staff_id: str) -> Iterator[_Step]:
    most = holders.custody.pool.per_day
    if most is None:
        return
    count = sum(case.ownership.claimed_on(staff_id, holders.as_of) for case in holders.cases.values())
    if count >= most:
        yield _Step("no", Reason("claim.daily_limit", {}, {"staff": staff_id, "most": most, "count": count}))


def _limits(holders: Holders, client_id: str, staff_id: str) -> Iterator[_Step]:
    """Whether the client would still fit; one that somebody has already is looked at as if it came on top."""
    held = {other: case for other, case in holders.of(staff_id).items() if other != client_id}
    for limit in holders.custody.limits:
        counts = counts_towards(limit, holders.cases[client_id])
        if counts.answer is False or not limit.binds(holders.roles.get(staff_id)):
            continue
        one = _holding(limit, staff_id, held, holders.as_of)
        if counts.answer and one.count >= one.most:
            full = Reason(
                "claim.full", counts.facts, {"limit": limit.id, "staff": staff_id, "most": one.most, "count": one.count}
            )
            yield _Step("no", full)
        elif one.count + len(one.open_ids) >= one.most:
            open_facts = {name for other in one.open_ids for name in counts_towards(limit, held[other]).missing}
            missing = tuple(sorted({*counts.missing, *open_facts}))
            yield _Step("unknown", _may_be_full(one, staff_id, counts, missing), missing)


def _may_be_full(one: Holding, staff_id: str, counts: Turnout, missing: tuple[str, ...]) -> Reason:
    return Reason(
        "claim.may_be_full",
        counts.facts,
        {"limit": one.limit_id, "staff": staff_id, "most": one.most, "count": one.count, "missing": missing},
    )
