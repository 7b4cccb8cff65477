"""Tiers and qualifications as listings."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby

from relcare.model import TierSpell
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, because, count_of, plain
from relcare.segmentation import Assignment, SchemeResult, beside_in_force
from relcare.vip import VipDecision

__all__ = ["tier_row", "tiers_listing", "vip_listing"]

_ORDER = ("yes", "unknown", "no")


def tiers_listing(
    scheme: SchemeResult, names: Names, *, limit: int | None = None, in_force: Mapping[str, TierSpell] | None = None
) -> Listing:
    """Who is in which tier of a scheme, and why.

    Args:
        scheme: The decided scheme.
        names: Of the clients.
        limit: The most clients shown of each tier, of those without a rank as many again; None for all.
        in_force: By client id, what is in force in the scheme: told where it is another tier.
    """
    rows: list[Row] = []
    left_out = 0
    for _, group in groupby(scheme.assignments, key=lambda one: (one.tier, one.rank is None)):
        members = list(group)
        shown = members if limit is None else members[:limit]
        left_out += len(members) - len(shown)
        rows.extend(tier_row(beside_in_force(one, (in_force or {}).get(one.client_id)), names) for one in shown)
    sizes = ", ".join(f"{tier} {count:,}" for tier, count in scheme.sizes.items())
    held = f", held {len(scheme.held):,}" if scheme.held else ""
    unequal = sum(tie.is_unequal for tie in scheme.ties)
    notes = [
        f"… and {left_out:,} more" if left_out else "",
        f"{count_of(unequal, 'cut runs', 'cuts run')} through equal scores" if unequal else "",
    ]
    return Listing(
        title=f"Tiers of {scheme.scheme_id}: {sizes}{held}",
        lead="" if limit is None else _everybody(scheme),
        columns=(Column("Tier", 6), Column("Rank", 5, "right"), Column("Score", 12, "right"), Column("Client")),
        rows=rows,
        empty="nobody is in its scope",
        note="; ".join(note for note in notes if note),
    )


def _everybody(scheme: SchemeResult) -> str:
    """The ids in each tier, where the rows show only some."""
    members: dict[str, list[str]] = {tier: [] for tier in scheme.tier_ids}
    for one in scheme.assignments:
        members.setdefault("held" if one.is_held else one.tier or MISSING, []).append(one.client_id)
    return "\n".join(plain(f"{tier}: {', '.join(ids)}") for tier, ids in members.items() if ids)


def tier_row(one: Assignment, names: Names) -> Row:
    """One client's tier, rank, score and name."""
    tier = "held" if one.is_held else one.tier or MISSING
    rank = MISSING if one.rank is None else f"{one.rank:,}"
    score = MISSING if one.score is None else f"{one.score:,f}"
    return Row((tier, rank, score, names.client(one.client_id)), because(one.reasons, is_brief=True))


def vip_listing(programme_id: str, decisions: Iterable[VipDecision], names: Names, *, limit: int | None = None) -> Listing:
    """Who qualifies for a programme and since when, who may, who does not and what is lacking.

    Args:
        programme_id: The programme.
        decisions: Of all clients, in any order; shown by answer (yes, unknown, no), then in the order given.
        names: Of the clients.
        limit: The most clients shown of each answer; None for all.
    """
    by_answer: dict[str, list[VipDecision]] = {answer: [] for answer in _ORDER}
    for decision in decisions:
        by_answer[decision.qualification].append(decision)
    rows: list[Row] = []
    left_out = 0
    for answer in _ORDER:
        members = by_answer[answer]
        shown = members if limit is None else members[:limit]
        left_out += len(members) - len(shown)
        rows.extend(_vip_row(decision, names) for decision in shown)
    counts = ", ".join(f"{answer} {len(by_answer[answer]):,}" for answer in _ORDER)
    return Listing(
        title=f"VIP programme {programme_id}: {counts}",
        columns=(Column("Answer", 7), Column("Since", 10), Column("Client")),
        rows=rows,
        empty="there are no clients",
        note=f"… and {left_out:,} more" if left_out else "",
    )


def _vip_row(decision: VipDecision, names: Names) -> Row:
    since = MISSING if decision.first_eligible_on is None else decision.first_eligible_on.isoformat()
    who = names.client(decision.client_id) if decision.client_id is not None else MISSING
    lacking = ", ".join(_amounts(amounts) for amounts in decision.shortfall.values() if amounts)
    words = because(decision.reasons, is_brief=True)
    return Row((decision.qualification, since, who), plain(f"{words}; short by {lacking}") if lacking else words)


def _amounts(amounts: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount:,f} of {fact}" for fact, amount in amounts.items())
