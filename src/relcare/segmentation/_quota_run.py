"""A quota scheme over rows: borders in a ranking (SEG-2, SEG-3), wider for incumbents (SEG-9), beside the pinned (SEG-10)."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate
from typing import Final

import attrs

from relcare.model import Reason
from relcare.ranking import Ranking, cuts, rank
from relcare.segmentation._result import Assignment, BorderTie, SchemeResult
from relcare.segmentation._run import Run, pin_reason
from relcare.segmentation._scheme import QuotaScheme
from relcare.segmentation._score import Scorer, scorer_of

__all__ = ["QuotaRun", "cuts_of"]

_NONE: Final = Fraction(0)


class QuotaRun(Run[QuotaScheme]):
    def result(self) -> SchemeResult:
        scheme = self.scheme
        scorer = scorer_of(scheme, self.vocabulary)
        scopes = self.scope_answers()
        scores: dict[str, int] = {}
        apart: dict[str, int] = {}
        tiers: dict[str, str] = {}
        for client_id, row in self.rows.items():
            if scopes[client_id] is False:
                continue
            score = scorer.score(row) if scopes[client_id] else None
            if score is not None and not self.is_apart(client_id):
                scores[client_id] = score
                continue
            if score is not None:
                apart[client_id] = score
            tier = self.kept(client_id) if scopes[client_id] is None else self.fallback(client_id)
            tier = self.pinned(client_id, tier)
            if tier is not None:
                tiers[client_id] = tier
        seats = Counter(tiers.values()) if scheme.uses_quota else Counter[str]()
        ranking = rank(scores, cuts_of(scheme, len(scores), seats), scheme.ties)
        last = len(scheme.tiers) - 1
        for client_id, score in apart.items():
            placed = _place(ranking, score, client_id)
            tier = scheme.tier_ids[last if placed is None else placed]
            tiers[client_id] = self.pinned(client_id, tier) or tier
        for client_id, place in ranking.places().items():
            # Shares sum to 100 %, so the last border includes everybody; the last tier would take whom it did not.
            tiers[client_id] = scheme.tiers[last if place is None else place].id
        for client_id in self.pins.keys() & scores.keys():
            tiers[client_id] = self.pinned(client_id, tiers[client_id]) or tiers[client_id]
        return SchemeResult(
            scheme_id=scheme.id,
            tier_ids=scheme.tier_ids,
            tiers=tiers,
            client_ids=tuple(self.rows),
            out_of_scope=frozenset(client_id for client_id, scope in scopes.items() if scope is False),
            ties=_ties(scheme, ranking, scorer, tiers),
            wanted=self.wanted(tiers, {**scores, **apart}, ranking, seats),
            ranking=ranking,
            explain=lambda client_id: self.explain(client_id, scopes[client_id], ranking, scorer, tiers),
        )

    def is_apart(self, client_id: str) -> bool:
        """Whether a pinned client is placed by the borders of the others instead of being counted (SEG-10)."""
        pin = self.pins.get(client_id)
        return pin is not None and (pin.kind == "exact" or not self.scheme.uses_quota)

    def wanted(
        self, tiers: Mapping[str, str], scores: Mapping[str, int], ranking: Ranking, seats: Mapping[str, int]
    ) -> Mapping[str, str] | None:
        """Where everybody is once incumbents stay as far as the wider cuts reach (SEG-9); None without hysteresis."""
        scheme = self.scheme
        if scheme.steady is None or not scheme.steady.hysteresis:
            return None
        wider = rank(ranking.scores, cuts_of(scheme, len(ranking.scores), seats, scheme.steady.hysteresis), scheme.ties)
        places = {tier: place for place, tier in enumerate(scheme.tier_ids)}
        found = dict(tiers)
        for client_id, score in scores.items():
            here, there = places.get(self.in_force.get(client_id, "")), places[tiers[client_id]]
            if here is not None and here < there:
                reached = _place(wider, score, client_id)
                # Equals that all go below a wider cut may reach less far than by the cut itself.
                tier = scheme.tier_ids[there if reached is None else min(there, max(here, reached))]
                found[client_id] = self.pinned(client_id, tier) or tier
        return found

    def explain(
        self,
        client_id: str,
        scope: bool | None,  # noqa: FBT001 - a three-valued answer
        ranking: Ranking,
        scorer: Scorer,
        tiers: Mapping[str, str],
    ) -> Assignment:
        if client_id in self.pins and client_id not in ranking.scores and scope is not False:
            return self.placed_apart(client_id, tiers[client_id], scorer)
        if client_id not in ranking.scores:
            return self.outside(client_id, scope, scorer.missing(self.rows[client_id]), scorer.facts)
        scheme = self.scheme
        tier = tiers[client_id]
        position = scheme.tier_ids.index(tier)
        border = ranking.borders[position]
        score = scorer.in_words(ranking.scores[client_id])
        lowest = None if border is None else scorer.in_words(border.score)
        place = ranking.rank_of(client_id)
        reasons = [
            Reason(
                "segmentation.ranked",
                self.shown(client_id, scorer.facts),
                {
                    "scheme": scheme.id,
                    "tier": tier,
                    "score": score,
                    "rank": place,
                    "count": len(ranking.scores),
                    "border_score": lowest,
                    "border_id": None if border is None else border.last_id,
                },
            )
        ]
        for index, group in enumerate(ranking.ties):
            if group and ranking.scores[group[0]] == ranking.scores[client_id]:  # all who share the score are in it
                reasons.append(
                    Reason(
                        "segmentation.tie",
                        {},
                        {"scheme": scheme.id, "cut": scheme.tiers[index].id, "ties": scheme.ties, "equals": len(group)},
                    )
                )
        pin = self.pins.get(client_id)
        return Assignment(
            client_id=client_id,
            scheme_id=scheme.id,
            tier=tier,
            score=score,
            rank=place,
            border=lowest,
            reasons=tuple(reasons) if pin is None else (pin_reason(pin), *reasons),
        )

    def placed_apart(self, client_id: str, tier: str, scorer: Scorer) -> Assignment:
        """Who is pinned and not counted among the ranked, with what its score rests on."""
        pin = self.pins[client_id]
        reason = attrs.evolve(pin_reason(pin), facts=self.shown(client_id, scorer.facts))
        return Assignment(client_id=client_id, scheme_id=self.scheme.id, tier=tier, reasons=(reason,))


def cuts_of(scheme: QuotaScheme, count: int, seats: Mapping[str, int], more: Fraction = _NONE) -> list[int]:
    """The cuts among the ranked once the places that are taken are taken off (SEG-10).

    Args:
        scheme: The scheme.
        count: How many are ranked.
        seats: How many places of each tier are taken by clients who are not ranked.
        more: By how much the share of the tiers up to each one is widened (SEG-9).
    """
    shares = [tier.share for tier in scheme.tiers]
    taken = accumulate(seats.get(tier.id, 0) for tier in scheme.tiers)
    whole = cuts(count + sum(seats.values()), [shares[0] + more, *shares[1:]])
    return list(accumulate((min(max(cut - gone, 0), count) for cut, gone in zip(whole, taken, strict=True)), max))


def _place(ranking: Ranking, score: int, client_id: str) -> int | None:
    """The first border that a score and an id are on the near side of, whether they are ranked or not."""
    borders = enumerate(ranking.borders)
    return next((place for place, border in borders if border is not None and border.includes(score, client_id)), None)


def _ties(scheme: QuotaScheme, ranking: Ranking, scorer: Scorer, tiers: Mapping[str, str]) -> tuple[BorderTie, ...]:
    return tuple(
        BorderTie(
            tier=tier.id,
            score=scorer.in_words(ranking.scores[group[0]]),
            client_ids=group,
            tiers=tuple(tiers[client_id] for client_id in group),
        )
        for tier, group in zip(scheme.tiers, ranking.ties, strict=True)
        if group
    )
