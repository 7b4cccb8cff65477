"""A quota scheme over rows: borders in a ranking (SEG-2, SEG-3), of each group by itself (SEG-4)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Final, cast

import attrs

from relcare._fields import read_only
from relcare.model import Reason
from relcare.ranking import Border, Ranking, cuts, rank_columns
from relcare.segmentation._groups import WHOLE, grouper_of
from relcare.segmentation._result import Assignment, BorderTie, SchemeResult
from relcare.segmentation._run import Rows, Run, pin_reason
from relcare.segmentation._scheme import QuotaScheme
from relcare.segmentation._score import Scorer, scorer_of

__all__ = ["QuotaRun", "cuts_of"]

_NONE: Final = Fraction(0)


@attrs.frozen(eq=False)
class _Part:
    """The clients of one group, or all of them.

    Attributes:
        ids: Who is ranked.
        scores: Their scores, in the same order.
        apart: Of who is placed by the borders of the others.
        seats: How many places of each tier are taken by clients who are not ranked (SEG-10).
    """

    ids: list[str] = attrs.field(factory=list[str])
    scores: list[int] = attrs.field(factory=list[int])
    apart: dict[str, int] = attrs.field(factory=dict[str, int])
    seats: Counter[str] = attrs.field(factory=Counter[str])


class QuotaRun(Run[QuotaScheme]):
    def result(self) -> SchemeResult:
        scheme = self.scheme
        scorer = scorer_of(scheme, self.vocabulary)
        scopes = self.not_in_scope()
        groups = self.groups(scopes)
        ranked, apart = self.scored(scorer, scopes, groups)
        tiers = self.unranked(ranked, scopes)
        parts = self.parts(ranked, apart, tiers, groups)
        rankings = {
            group: rank_columns(part.ids, part.scores, cuts_of(scheme, len(part.ids), part.seats), scheme.ties)
            for group, part in parts.items()
        }
        for group, part in parts.items():
            tiers = self.placed(part, rankings[group], tiers)
        return SchemeResult(
            scheme_id=scheme.id,
            tier_ids=scheme.tier_ids,
            tiers=read_only(tiers),
            client_ids=tuple(self.rows),
            out_of_scope=frozenset(client_id for client_id, scope in scopes.items() if scope is False),
            ties=tuple(tie for group, ranking in rankings.items() for tie in self.ties(group, ranking, scorer, tiers)),
            rankings=rankings,
            groups=groups,
            wanted=self.wanted(tiers, parts, rankings),
            explain=lambda client_id: self.marked(
                self.explain(client_id, scopes.get(client_id, True), rankings.get(groups.get(client_id, WHOLE)), scorer, tiers)
            ),
        )

    def placed_by(self, borders: Mapping[str, Sequence[Border | None]]) -> dict[str, str]:
        """The tiers by borders that were found before, by group; who is in a group without any has none."""
        ids = self.scheme.tier_ids
        scopes = self.not_in_scope()
        groups = self.groups(scopes)
        ranked, apart = self.scored(scorer_of(self.scheme, self.vocabulary), scopes, groups)
        found = self.unranked(ranked, scopes)
        for client_id, score in (*zip(ranked.ids, ranked.scores, strict=True), *apart.items()):
            own = borders.get(groups.get(client_id, WHOLE))
            if own is not None:
                tier = next((ids[i] for i, one in enumerate(own) if one is not None and one.includes(score, client_id)), ids[-1])
                found[client_id] = self.pinned(client_id, tier) or tier
        return found

    def standing(self) -> Iterator[tuple[str, Sequence[int], Mapping[str, int]]]:
        """What these clients add to each group that is cut by itself: the scores of who is ranked, and the places taken."""
        scopes = self.not_in_scope()
        groups = self.groups(scopes)
        ranked, apart = self.scored(scorer_of(self.scheme, self.vocabulary), scopes, groups)
        for group, part in self.parts(ranked, apart, self.unranked(ranked, scopes), groups).items():
            yield group, part.scores, part.seats

    def not_in_scope(self) -> dict[str, bool | None]:
        """The answers of the scope for everybody whom it does not clearly class."""
        if self.scheme.scope is None:
            return {}
        return {client_id: answer for client_id, answer in self.scope_answers().items() if answer is not True}

    def scored(
        self, scorer: Scorer, scopes: Mapping[str, bool | None], groups: Mapping[str, str]
    ) -> tuple[_Part, dict[str, int]]:
        """Who is ranked with which score, and the scores of who is placed by the borders of the others."""
        if not scopes and self.scheme.group_by is None:
            rows: Rows = self.rows
        else:
            has_group = self.rows if self.scheme.group_by is None else groups
            rows = {one: row for one, row in self.rows.items() if one not in scopes and one in has_group}
        scores = scorer.scores(rows.values())
        if None not in scores and not self.pins:
            return _Part(list(rows), cast("list[int]", scores)), {}
        known = [(one, score) for one, score in zip(rows, scores, strict=True) if score is not None]
        counted = [(one, score) for one, score in known if not self.is_apart(one)]
        part = _Part([one for one, _ in counted], [score for _, score in counted])
        return part, {one: score for one, score in known if self.is_apart(one)}

    def unranked(self, ranked: _Part, scopes: Mapping[str, bool | None]) -> dict[str, str]:
        """The tiers of those in scope who are not ranked and have one, of who is placed apart for want of a better one."""
        if len(ranked.ids) == len(self.rows):
            return {}
        done, found = set(ranked.ids), dict[str, str]()
        for client_id in self.rows:
            if client_id not in done and scopes.get(client_id) is not False:
                is_unknown = client_id in scopes
                tier = self.pinned(client_id, self.kept(client_id) if is_unknown else self.fallback(client_id))
                if tier is not None:
                    found[client_id] = tier
        return found

    def groups(self, scopes: Mapping[str, bool | None]) -> dict[str, str]:
        """The group of everybody who may be in scope and has one; empty for a scheme without groups (SEG-4)."""
        if self.scheme.group_by is None:
            return {}
        named = grouper_of(self.scheme, self.vocabulary)
        found = {client_id: named(row) for client_id, row in self.rows.items() if scopes.get(client_id) is not False}
        return {client_id: group for client_id, group in found.items() if group is not None}

    def parts(
        self, ranked: _Part, apart: dict[str, int], tiers: Mapping[str, str], groups: Mapping[str, str]
    ) -> dict[str, _Part]:
        """What is ranked and cut by itself, by group in order; who has no group takes no place in any."""
        uses_quota = self.scheme.uses_quota
        if self.scheme.group_by is None:
            return {WHOLE: _Part(ranked.ids, ranked.scores, apart, Counter(tiers.values()) if uses_quota else Counter())}
        parts = {group: _Part() for group in sorted(set(groups.values()))}
        for client_id, score in zip(ranked.ids, ranked.scores, strict=True):
            parts[groups[client_id]].ids.append(client_id)
            parts[groups[client_id]].scores.append(score)
        for client_id, score in apart.items():
            parts[groups[client_id]].apart[client_id] = score
        if uses_quota:
            for client_id in tiers.keys() & groups.keys():
                parts[groups[client_id]].seats[tiers[client_id]] += 1
        return parts

    def placed(self, part: _Part, ranking: Ranking, tiers: dict[str, str]) -> dict[str, str]:
        """The tiers with those of everybody of a part who has a score."""
        ids = self.scheme.tier_ids
        # Shares sum to 100 %, so the last border includes everybody; the last tier would take whom it did not.
        found = ranking.labelled(ids, ids[-1])
        for client_id in self.pins.keys() & found.keys():
            found[client_id] = self.pinned(client_id, found[client_id]) or found[client_id]
        for client_id, score in part.apart.items():
            place = ranking.place_of(score, client_id)
            tier = ids[-1 if place is None else place]
            found[client_id] = self.pinned(client_id, tier) or tier
        return {**tiers, **found} if tiers else found

    def is_apart(self, client_id: str) -> bool:
        """Whether a pinned client is placed by the borders of the others instead of being counted (SEG-10)."""
        pin = self.pins.get(client_id)
        return pin is not None and (pin.kind == "exact" or not self.scheme.uses_quota)

    def wanted(
        self, tiers: Mapping[str, str], parts: Mapping[str, _Part], rankings: Mapping[str, Ranking]
    ) -> Mapping[str, str] | None:
        """Where everybody is once incumbents stay as far as the wider cuts reach (SEG-9); None without hysteresis."""
        scheme = self.scheme
        if scheme.steady is None or not scheme.steady.hysteresis:
            return None
        places = {tier: place for place, tier in enumerate(scheme.tier_ids)}
        found = dict(tiers)
        for group, part in parts.items():
            scores = rankings[group].scores
            at = cuts_of(scheme, len(part.ids), part.seats, scheme.steady.hysteresis)
            wider = rank_columns(part.ids, part.scores, at, scheme.ties)
            for client_id, score in {**scores, **part.apart}.items():
                here, there = places.get(self.in_force.get(client_id, "")), places[tiers[client_id]]
                if here is not None and here < there:
                    reached = wider.place_of(score, client_id)
                    # Equals that all go below a wider cut may reach less far than by the cut itself.
                    tier = scheme.tier_ids[there if reached is None else min(there, max(here, reached))]
                    found[client_id] = self.pinned(client_id, tier) or tier
        return found

    def explain(
        self,
        client_id: str,
        scope: bool | None,  # noqa: FBT001 - a three-valued answer
        ranking: Ranking | None,
        scorer: Scorer,
        tiers: Mapping[str, str],
    ) -> Assignment:
        scheme = self.scheme
        group = None if scheme.group_by is None else grouper_of(scheme, self.vocabulary)(self.rows[client_id])
        is_ranked = ranking is not None and client_id in ranking.scores
        if client_id in self.pins and not is_ranked and scope is not False:
            return attrs.evolve(self.placed_apart(client_id, tiers[client_id]), group=group)
        if ranking is None or not is_ranked:
            return attrs.evolve(self.outside(client_id, scope, self.missing(client_id, scorer), scheme.facts), group=group)
        tier = tiers[client_id]
        position = scheme.tier_ids.index(tier)
        border = ranking.borders[position]
        score = scorer.in_words(ranking.scores[client_id])
        lowest = None if border is None else scorer.in_words(border.score)
        place = ranking.rank_of(client_id)
        reasons = [
            Reason(
                "segmentation.ranked",
                self.shown(client_id, scheme.facts),
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
        if group is not None:
            reasons.append(Reason("segmentation.group", {}, {"scheme": scheme.id, "by": scheme.group_by, "group": group}))
        for index, equals in enumerate(ranking.ties):
            if equals and ranking.cut_scores[index] == ranking.scores[client_id]:  # all who share the score are in it
                reasons.append(
                    Reason(
                        "segmentation.tie",
                        {},
                        {"scheme": scheme.id, "cut": scheme.tiers[index].id, "ties": scheme.ties, "equals": len(equals)},
                    )
                )
        pin = self.pins.get(client_id)
        return Assignment(
            client_id=client_id,
            scheme_id=scheme.id,
            tier=tier,
            score=score,
            group=group,
            rank=place,
            border=lowest,
            reasons=tuple(reasons) if pin is None else (pin_reason(pin), *reasons),
        )

    def ties(self, group: str, ranking: Ranking, scorer: Scorer, tiers: Mapping[str, str]) -> Iterator[BorderTie]:
        """The cuts of a group that run through equals."""
        for tier, equals, score in zip(self.scheme.tiers, ranking.ties, ranking.cut_scores, strict=True):
            if equals and score is not None:
                yield BorderTie(
                    tier=tier.id,
                    score=scorer.in_words(score),
                    client_ids=equals,
                    tiers=tuple(tiers[client_id] for client_id in equals),
                    group=None if self.scheme.group_by is None else group,
                )

    def missing(self, client_id: str, scorer: Scorer) -> tuple[str, ...]:
        """The facts for want of which a client is not ranked, the one that names its group among them, in order of name."""
        row, by = self.rows[client_id], self.scheme.group_by
        has_group = by is None or grouper_of(self.scheme, self.vocabulary)(row) is not None
        return scorer.missing(row) if has_group or by is None else tuple(sorted({*scorer.missing(row), by}))

    def placed_apart(self, client_id: str, tier: str) -> Assignment:
        """Who is pinned and not counted among the ranked, with what its score rests on."""
        pin = self.pins[client_id]
        reason = attrs.evolve(pin_reason(pin), facts=self.shown(client_id, self.scheme.facts))
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
