"""The laws of segmentation."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor
from typing import Final

import attrs

from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.model import Book, FactValue
from relcare.segmentation import Assignment, QuotaScheme, Scheme, SchemeResult
from relcare.testing.laws._law import Claim, Law, facts_text
from relcare.testing.laws._varied import SchemeOnFacts, improving, schemes_on_facts

__all__ = [
    "SEGMENTATION_LAWS",
    "missing_data_never_demotes",
    "quotas_cut_at_cumulative_shares",
    "ranks_follow_scores",
    "segmentation_ignores_order",
    "segmentation_is_monotone",
    "segmentation_is_total",
    "tier_sizes_add_up",
]

_TOTAL: Final = Claim("SEG-1", "every client in scope gets exactly one tier, or is held with a reason")
_SIZES: Final = Claim("SEG-2", "the sizes of the tiers, the held and those out of scope are all clients")
_CUTS: Final = Claim("SEG-2", "tier i ends at n times the shares up to i, rounded half up")
_RANKS: Final = Claim("SEG-3", "rank is score descending, then client id by code point")
_ORDER: Final = Claim("SEG-3", "the order in which clients are given does not matter")
_MONOTONE: Final = Claim("FCT-1", "more of what is better never gives a worse tier")
_MISSING: Final = Claim("SEG-8", "absence of data never demotes")


def segmentation_is_total(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Every client in the scope of a scheme gets exactly one of its tiers, or is held, and knows why.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: SEG-1.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for scheme in policy.segmentation:
        found = result.schemes[scheme.id]
        for client in book.clients:
            one = found.assignment(client.id)
            who = f"client {client.id!r} in scheme {scheme.id!r}: {_told(one)}"
            _TOTAL.require(_is_total(one, scheme), who)
            _TOTAL.require(one.reasons, f"{who}, without a reason")
            _TOTAL.require(found.tiers.get(client.id) == one.tier, f"{who}, but the book says {found.tiers.get(client.id)!r}")


def _is_total(one: Assignment, scheme: Scheme) -> bool:
    if not one.is_in_scope:
        return one.tier is None and not one.is_held
    return one.is_held if one.tier is None else one.tier in scheme.tier_ids and not one.is_held


def _told(one: Assignment) -> str:
    return f"tier {one.tier!r}, {'in' if one.is_in_scope else 'out of'} scope, {'held' if one.is_held else 'not held'}"


def tier_sizes_add_up(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """The tiers of a scheme, those held and those out of its scope are all clients of the book, each once.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: SEG-2.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for scheme in policy.segmentation:
        found = result.schemes[scheme.id]
        sizes = dict(found.sizes)
        counted = {tier: sum(1 for one in found.assignments if one.tier == tier) for tier in scheme.tier_ids}
        _SIZES.require(sizes == counted, f"scheme {scheme.id!r}: sizes {sizes}, but its clients are {counted}")
        total = sum(sizes.values()) + len(found.held) + len(found.out_of_scope)
        told = f"{sizes}, {len(found.held)} held, {len(found.out_of_scope)} out of scope"
        _SIZES.require(total == len(book.clients), f"scheme {scheme.id!r} over {len(book.clients)} clients: {told}")


def _ranked(found: SchemeResult) -> list[list[Assignment]]:
    """Who is ranked, by rank; each group by itself (SEG-4)."""
    groups: dict[str | None, list[Assignment]] = {}
    for one in found.assignments:
        if one.rank is not None:
            groups.setdefault(one.group, []).append(one)
    return [sorted(group, key=lambda one: one.rank or 0) for group in groups.values()] or [[]]


def quotas_cut_at_cumulative_shares(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Of n ranked clients, n times the shares up to a tier, rounded half up, are in it or a better one.

    Ties that go together upward may make it more, and together downward fewer.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: SEG-2, SEG-3, SEG-4.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for scheme in policy.segmentation:
        if not isinstance(scheme, QuotaScheme):
            continue
        for ranked in _ranked(result.schemes[scheme.id]):
            _require_cuts(scheme, ranked)


def _require_cuts(scheme: QuotaScheme, ranked: Sequence[Assignment]) -> None:
    for place, (tier, share) in enumerate(zip(scheme.tiers, accumulate(t.share for t in scheme.tiers), strict=True)):
        cut = floor(len(ranked) * share + Fraction(1, 2))
        head = sum(1 for one in ranked if scheme.tier_ids.index(one.tier or "") <= place)
        if scheme.ties == "by id" or place == len(scheme.tiers) - 1:
            fits = head == cut
        else:
            fits = head >= cut if scheme.ties == "together upward" else head <= cut
        told = f"{head} of {len(ranked)} are in {tier.id!r} or better, and the cut is {cut}"
        _CUTS.require(fits, f"scheme {scheme.id!r}, ties {scheme.ties}: {told}")


def ranks_follow_scores(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Ranks run from 1 by score descending, then by id; no better rank is in a worse tier, and equals that go together stay so.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: SEG-3.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for scheme in policy.segmentation:
        if not isinstance(scheme, QuotaScheme):
            continue
        for ranked in _ranked(result.schemes[scheme.id]):
            _require_ranks(scheme, ranked)


def _require_ranks(scheme: QuotaScheme, ranked: Sequence[Assignment]) -> None:
    ranks = [one.rank for one in ranked]
    _RANKS.require(ranks == list(range(1, len(ranked) + 1)), f"scheme {scheme.id!r}: the ranks are {ranks}")
    for one, other in pairwise(ranked):
        told = f"scheme {scheme.id!r}: {_scored(one)} before {_scored(other)}"
        if one.score is None or other.score is None:
            _RANKS.require(holds=False, counterexample=f"{told}, without a score")
            continue
        is_equal = one.score == other.score
        _RANKS.require(one.score > other.score or (is_equal and one.client_id < other.client_id), told)
        places = [scheme.tier_ids.index(each.tier or "") for each in (one, other)]
        _RANKS.require(places[0] <= places[1], told)
        _RANKS.require(not is_equal or scheme.ties == "by id" or places[0] == places[1], f"{told}, ties {scheme.ties}")


def _scored(one: Assignment) -> str:
    return f"{one.client_id!r} (score {one.score}, rank {one.rank}, tier {one.tier!r})"


def segmentation_ignores_order(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """The same clients in the opposite order get the same tiers, scores, ranks and reasons.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: SEG-3, TIM-1.
    """
    turned = attrs.evolve(book, clients=book.clients[::-1], people=book.people[::-1], tier_spells=book.tier_spells[::-1])
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    other = policy.decide(turned, as_of=as_of, calendar=calendar)
    for scheme in policy.segmentation:
        for client in book.clients:
            one, two = result.tier(scheme.id, client.id), other.tier(scheme.id, client.id)
            _ORDER.require(one == two, f"scheme {scheme.id!r}: {_scored(one)}, and turned round {_scored(two)}")


def segmentation_is_monotone(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """With all else equal, a client with more of a fact that is better never gets a worse tier by thresholds.

    The facts are those with a polarity; each client of the book is asked about with a value of every piece of them that the
    scheme tells apart. A policy for which this does not hold is one that `prove` refutes.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: FCT-1, SEG-6.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for asked in schemes_on_facts(policy, result.as_of):
        for client in book.clients:
            facts = asked.facts_of(result, client.id)
            for fact in asked.facts:
                _climb(asked, facts, fact)


def _climb(asked: SchemeOnFacts, facts: Mapping[str, FactValue], fact: str) -> None:
    """Gives a fact better and better values, and looks that no tier is worse than the one before."""
    best: tuple[int, Mapping[str, FactValue]] | None = None
    for value in improving(fact, asked.criteria, asked.words):
        given = {**facts, fact: value}
        found = asked.decided(given)
        if found is None:
            continue
        place = asked.place(found)
        if best is not None:
            told = f"{facts_text(best[1])} is {asked.scheme.tier_ids[best[0]]!r}, with {fact} = {value} it is {found.tier!r}"
            _MONOTONE.require(place <= best[0], f"scheme {asked.scheme.id!r}: {told}")
        best = (place, given)


def missing_data_never_demotes(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Who cannot be decided keeps the tier in force, else is a newcomer or held; and no tier is worse for want of a fact.

    A policy that asks for `missing(...)` can break the second half; then `prove` refutes it.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: SEG-8.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for scheme in policy.segmentation:
        for one in result.schemes[scheme.id].assignments:
            is_open = one.rank is None if isinstance(scheme, QuotaScheme) else bool(one.missing)
            # A pin has the last word on its client (SEG-10).
            is_open = is_open and all(reason.code != "segmentation.pinned" for reason in one.reasons)
            kept = book.tiers_in_force(one.client_id, on=result.as_of).get(scheme.id)
            allowed = (kept,) if kept in scheme.tier_ids else (scheme.newcomer, None)
            told = f"client {one.client_id!r} in scheme {scheme.id!r}, {kept!r} in force: {_told(one)} for want of {one.missing}"
            _MISSING.require(not is_open or one.tier in allowed, told)
    for asked in schemes_on_facts(policy, result.as_of):
        for client in book.clients:
            _forget(asked, asked.facts_of(result, client.id))


def _forget(asked: SchemeOnFacts, facts: Mapping[str, FactValue]) -> None:
    """Takes one fact after the other away, and looks that no tier is worse than with it."""
    known = asked.decided(facts)
    for fact in asked.facts:
        if known is None or not asked.words[fact].may_be_missing:
            continue
        without = asked.decided({**facts, fact: None})
        if without is not None:
            told = f"{facts_text(facts)} is {known.tier!r}, without {fact} it is {without.tier!r}"
            _MISSING.require(asked.place(without) <= asked.place(known), f"scheme {asked.scheme.id!r}: {told}")


SEGMENTATION_LAWS: Final[tuple[Law, ...]] = (
    segmentation_is_total,
    tier_sizes_add_up,
    quotas_cut_at_cumulative_shares,
    ranks_follow_scores,
    segmentation_ignores_order,
    segmentation_is_monotone,
    missing_data_never_demotes,
)
"""Every law of segmentation."""
