"""Rows in, tiers out (SEG-1 to SEG-3, SEG-6, SEG-8)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import attrs

from relcare.model import FactValue, Reason
from relcare.policy import Core, Criterion, Vocabulary, compile_criteria, decisive_facts, evaluate, facts_of
from relcare.ranking import Ranking, cuts, rank
from relcare.segmentation._result import Assignment, BorderTie, SchemeResult
from relcare.segmentation._scheme import QuotaScheme, Scheme, ThresholdScheme
from relcare.segmentation._score import Scorer, scorer_of

__all__ = ["assign", "assign_one", "in_scope", "threshold_outcome"]

Rows = Mapping[str, Mapping[str, Core]]


def assign(scheme: Scheme, rows: Rows, *, vocabulary: Vocabulary, tiers_in_force: Mapping[str, str]) -> SchemeResult:
    """The tier of every client.

    Args:
        scheme: Checked before.
        rows: The facts by client id, in core form.
        vocabulary: What the facts mean.
        tiers_in_force: The tier each client has in this scheme, for `missing = "hold"`; absent for clients without one.

    Source: SEG-1 to SEG-3, SEG-6, SEG-8.
    """
    if isinstance(scheme, QuotaScheme):
        return _QuotaRun(scheme, rows, vocabulary, tiers_in_force).result()
    return _ThresholdRun(scheme, rows, vocabulary, tiers_in_force).result()


def assign_one(
    scheme: Scheme, client_id: str, row: Mapping[str, Core], *, vocabulary: Vocabulary, tier_in_force: str | None
) -> Assignment | None:
    """The tier of one client by itself; None for a quota, which needs the others."""
    if isinstance(scheme, QuotaScheme):
        return None
    in_force = {} if tier_in_force is None else {client_id: tier_in_force}
    return assign(scheme, {client_id: row}, vocabulary=vocabulary, tiers_in_force=in_force).assignment(client_id)


def in_scope(scheme: Scheme, row: Mapping[str, Core], vocabulary: Vocabulary) -> bool:
    """Whether a scheme classes a client; a client for whom it is unknown counts as in, and is held (SEG-1)."""
    return scheme.scope is None or evaluate(scheme.scope, row, vocabulary) is not False


def threshold_outcome(scheme: ThresholdScheme, answers: Sequence[bool | None]) -> tuple[str | None, str]:
    """The tier that follows from the answers to a scheme's criteria, with the code of its reason.

    For those who ask about many rows and have the criteria compiled; `assign` decides by nothing else.

    Args:
        scheme: The scheme; its scope is not looked at.
        answers: Whether the criterion of each tier holds, in their order; None for unknown.

    Returns:
        The tier with `segmentation.threshold_met` or `segmentation.otherwise`; without a tier `segmentation.no_match`,
        `segmentation.conflict`, or `segmentation.undecided` when the unknown answers could change it (CRI-2).
    """
    return _ThresholdRun(scheme, {}, Vocabulary({}), {}).outcome(answers)


SchemeT = TypeVar("SchemeT", QuotaScheme, ThresholdScheme)


@attrs.frozen(eq=False)
class _Run(Generic[SchemeT]):
    """What both kinds of scheme do alike: scope, and what happens when facts are missing."""

    scheme: SchemeT
    rows: Rows
    vocabulary: Vocabulary
    in_force: Mapping[str, str]

    def scope_answers(self) -> dict[str, bool | None]:
        if self.scheme.scope is None:
            return dict.fromkeys(self.rows, True)
        layout = facts_of(self.scheme.scope)
        compiled = compile_criteria((self.scheme.scope,), self.vocabulary, layout)
        return {client_id: compiled([row.get(name) for name in layout])[0] for client_id, row in self.rows.items()}

    def fallback(self, client_id: str) -> str | None:
        """The tier without a decision: the one it has if the scheme still knows it, else the newcomer's (SEG-8)."""
        kept = self.kept(client_id)
        return self.scheme.newcomer if kept is None else kept

    def kept(self, client_id: str) -> str | None:
        tier = self.in_force.get(client_id)
        return tier if tier in self.scheme.tier_ids else None

    def shown(self, client_id: str, names: Iterable[str]) -> dict[str, FactValue]:
        """The facts of the scope and these, with their values: what it takes to decide the same again (CRI-3)."""
        row = self.rows[client_id]
        scope: Criterion | None = self.scheme.scope
        used = dict.fromkeys((*(facts_of(scope) if scope else ()), *names))
        return {name: self.vocabulary[name].decode(row.get(name)) for name in used}

    def outside(
        self,
        client_id: str,
        scope: bool | None,  # noqa: FBT001 - a three-valued answer
        missing: Sequence[str],
        names: Iterable[str],
    ) -> Assignment:
        scheme, row = self.scheme, self.rows[client_id]
        if scope is False:
            reason = Reason(
                "segmentation.out_of_scope", self.shown(client_id, ()), {"scheme": scheme.id, "scope": str(scheme.scope)}
            )
            return Assignment(client_id=client_id, scheme_id=scheme.id, tier=None, is_in_scope=False, reasons=(reason,))
        if scope is None:
            missing, names = decisive_facts(scheme.scope, row, self.vocabulary) if scheme.scope else (), ()
            tier, code = self.kept(client_id), "segmentation.scope_unknown"
        else:
            tier = self.fallback(client_id)
            code = "segmentation.kept" if self.kept(client_id) else "segmentation.newcomer" if tier else "segmentation.missing"
        facts = self.shown(client_id, names)
        reason = Reason(code, facts, {"scheme": scheme.id, "tier": tier, "missing": tuple(missing)})
        return Assignment(
            client_id=client_id, scheme_id=scheme.id, tier=tier, is_held=tier is None, missing=tuple(missing), reasons=(reason,)
        )


class _QuotaRun(_Run[QuotaScheme]):
    def result(self) -> SchemeResult:
        scheme = self.scheme
        scorer = scorer_of(scheme, self.vocabulary)
        scopes = self.scope_answers()
        scores: dict[str, int] = {}
        tiers: dict[str, str] = {}
        for client_id, row in self.rows.items():
            if scopes[client_id] is False:
                continue
            score = scorer.score(row) if scopes[client_id] else None
            if score is not None:
                scores[client_id] = score
                continue
            tier = self.kept(client_id) if scopes[client_id] is None else self.fallback(client_id)
            if tier is not None:
                tiers[client_id] = tier
        ranking = rank(scores, cuts(len(scores), [tier.share for tier in scheme.tiers]), scheme.ties)
        last = len(scheme.tiers) - 1
        for client_id, place in ranking.places().items():
            # Shares sum to 100 %, so the last border includes everybody; the last tier would take whom it did not.
            tiers[client_id] = scheme.tiers[last if place is None else place].id
        return SchemeResult(
            scheme_id=scheme.id,
            tier_ids=scheme.tier_ids,
            tiers=tiers,
            client_ids=tuple(self.rows),
            out_of_scope=frozenset(client_id for client_id, scope in scopes.items() if scope is False),
            ties=_ties(scheme, ranking, scorer, tiers),
            ranking=ranking,
            explain=lambda client_id: self.explain(client_id, scopes[client_id], ranking, scorer, tiers),
        )

    def explain(
        self,
        client_id: str,
        scope: bool | None,  # noqa: FBT001 - a three-valued answer
        ranking: Ranking,
        scorer: Scorer,
        tiers: Mapping[str, str],
    ) -> Assignment:
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
        return Assignment(
            client_id=client_id, scheme_id=scheme.id, tier=tier, score=score, rank=place, border=lowest, reasons=tuple(reasons)
        )


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


class _ThresholdRun(_Run[ThresholdScheme]):
    def result(self) -> SchemeResult:
        scheme = self.scheme
        criteria: list[Criterion] = [tier.when for tier in scheme.tiers]
        layout = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
        compiled = compile_criteria(criteria, self.vocabulary, layout)
        scopes = self.scope_answers()
        tiers: dict[str, str] = {}
        answers: dict[str, tuple[bool | None, ...]] = {}
        for client_id, row in self.rows.items():
            if scopes[client_id] is False:
                continue
            answers[client_id] = compiled([row.get(name) for name in layout])
            outcome, code = self.outcome(answers[client_id])
            if scopes[client_id] is None:
                outcome = self.kept(client_id)
            elif code == "segmentation.undecided":
                outcome = self.fallback(client_id)
            if outcome is not None:
                tiers[client_id] = outcome
        return SchemeResult(
            scheme_id=scheme.id,
            tier_ids=scheme.tier_ids,
            tiers=tiers,
            client_ids=tuple(self.rows),
            out_of_scope=frozenset(client_id for client_id, scope in scopes.items() if scope is False),
            ranking=None,
            explain=lambda client_id: self.explain(client_id, scopes[client_id], answers.get(client_id, ())),
        )

    def outcome(self, answers: Sequence[bool | None]) -> tuple[str | None, str]:
        """The tier with the code of its reason; `segmentation.undecided` when the unknown answers could change it (CRI-2)."""
        scheme = self.scheme
        possible: set[str | None] = set()
        certain = [tier.id for tier, answer in zip(scheme.tiers, answers, strict=True) if answer]
        open_ones = [tier.id for tier, answer in zip(scheme.tiers, answers, strict=True) if answer is None]
        if scheme.hit == "unique":
            if len(certain) > 1:
                return None, "segmentation.conflict"
            if certain:
                return (None, "segmentation.undecided") if open_ones else (certain[0], "segmentation.threshold_met")
            possible = {*open_ones, scheme.otherwise}
        else:
            for tier, answer in zip(scheme.tiers, answers, strict=True):
                if answer is not False:
                    possible.add(tier.id)
                if answer:
                    break
            else:
                possible.add(scheme.otherwise)
        if len(possible) > 1 or (scheme.hit == "unique" and len(open_ones) > 1):
            return None, "segmentation.undecided"
        tier_id = next(iter(possible))
        if tier_id is None:
            return None, "segmentation.no_match"
        return tier_id, "segmentation.threshold_met" if tier_id in certain else "segmentation.otherwise"

    def explain(self, client_id: str, scope: bool | None, answers: Sequence[bool | None]) -> Assignment:  # noqa: FBT001 - as above
        scheme, row = self.scheme, self.rows[client_id]
        names = [name for t in scheme.tiers for name in facts_of(t.when)]
        if not scope:
            return self.outside(client_id, scope, (), names)
        tier, code = self.outcome(answers)
        if code == "segmentation.undecided":
            # Where the best one counts, what stands below one that holds can change nothing.
            decisive = answers[: answers.index(True)] if scheme.hit != "unique" and True in answers else answers
            open_ones = [t.when for t, answer in zip(scheme.tiers, decisive, strict=False) if answer is None]
            missing = sorted({fact for criterion in open_ones for fact in decisive_facts(criterion, row, self.vocabulary)})
            return self.outside(client_id, scope, missing, names)
        when = next((str(t.when) for t in scheme.tiers if t.id == tier), None)
        met = tuple(t.id for t, answer in zip(scheme.tiers, answers, strict=True) if answer)
        reason = Reason(
            code,
            self.shown(client_id, names),
            {"scheme": scheme.id, "tier": tier, "when": when, "hit": scheme.hit, "met": met},
        )
        return Assignment(client_id=client_id, scheme_id=scheme.id, tier=tier, is_held=tier is None, reasons=(reason,))
