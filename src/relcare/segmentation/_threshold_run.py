"""A threshold scheme over rows: each tier has its criterion (SEG-6), and may have one for who stays (SEG-9)."""

from collections.abc import Mapping, Sequence
from typing import Final

from relcare._fields import read_only
from relcare.model import Reason
from relcare.policy import Criterion, compile_for_rows, decisive_facts, evaluate, facts_of
from relcare.segmentation._matrix import Matrix
from relcare.segmentation._result import Assignment, SchemeResult
from relcare.segmentation._run import Run
from relcare.segmentation._scheme import ThresholdScheme

__all__ = ["ThresholdRun"]

_MANY: Final = 50_000


class ThresholdRun(Run[ThresholdScheme]):
    def result(self) -> SchemeResult:
        scheme = self.scheme
        criteria: list[Criterion] = [tier.when for tier in scheme.tiers]
        scopes = self.scope_answers()
        rows = {client_id: row for client_id, row in self.rows.items() if scopes[client_id] is not False}
        compiled = compile_for_rows(criteria, self.vocabulary, is_for_many=len(rows) >= _MANY)
        answers = dict(zip(rows, compiled(rows.values()), strict=True))
        outcomes = {found: self.outcome(found) for found in set(answers.values())}
        tiers: dict[str, str] = {}
        for client_id, found in answers.items():
            outcome, code = outcomes[found]
            if scopes[client_id] is None:
                outcome = self.kept(client_id)
            elif code == "segmentation.undecided":
                outcome = self.fallback(client_id)
            outcome = self.pinned(client_id, outcome)
            if outcome is not None:
                tiers[client_id] = outcome
        return SchemeResult(
            scheme_id=scheme.id,
            tier_ids=scheme.tier_ids,
            tiers=read_only(tiers),
            client_ids=tuple(self.rows),
            out_of_scope=frozenset(client_id for client_id, scope in scopes.items() if scope is False),
            wanted=self.wanted(tiers),
            explain=lambda client_id: self.with_pin(self.explain(client_id, scopes[client_id], answers.get(client_id, ()))),
        )

    def wanted(self, tiers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Where everybody is once incumbents stay while the criterion of staying holds (SEG-9); None without any.

        What is unknown does not take a client out of its tier (SEG-8).
        """
        stays = {tier.id: tier.stays for tier in self.scheme.tiers if tier.stays is not None}
        if not stays:
            return None
        places = {tier: place for place, tier in enumerate(self.scheme.tier_ids)}
        found = dict(tiers)
        for client_id, tier in tiers.items():
            here, there = places.get(self.in_force.get(client_id, "")), places[tier]
            if here is None or here >= there:
                continue
            between = self.scheme.tier_ids[here:there]
            row = self.rows[client_id]
            stay = next((t for t in between if t in stays and evaluate(stays[t], row, self.vocabulary) is not False), tier)
            found[client_id] = self.pinned(client_id, stay) or stay
        return found

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
        if scheme.matrix is not None and code == "segmentation.threshold_met":
            return self.in_cell(client_id, tier, scheme.matrix)
        when = next((str(t.when) for t in scheme.tiers if t.id == tier), None)
        met = tuple(t.id for t, answer in zip(scheme.tiers, answers, strict=True) if answer)
        reason = Reason(
            code,
            self.shown(client_id, names),
            {"scheme": scheme.id, "tier": tier, "when": when, "hit": scheme.hit, "met": met},
        )
        return Assignment(client_id=client_id, scheme_id=scheme.id, tier=tier, is_held=tier is None, reasons=(reason,))

    def in_cell(self, client_id: str, tier: str | None, matrix: Matrix) -> Assignment:
        """A tier with the cell that names it (SEG-7)."""
        row, words = self.rows[client_id], self.vocabulary
        reason = Reason(
            "segmentation.cell",
            self.shown(client_id, matrix.facts),
            {
                "scheme": self.scheme.id,
                "tier": tier,
                "row": matrix.rows.label_of(row, words),
                "row_fact": matrix.rows.fact,
                "column": matrix.columns.label_of(row, words),
                "column_fact": matrix.columns.fact,
            },
        )
        return Assignment(client_id=client_id, scheme_id=self.scheme.id, tier=tier, reasons=(reason,))
