"""Passes over the parts of a book that find what its clients have to know of each other, one part at a time.

A pass counts how many have each score, by group; where a border parts equals by id, a second one notes the ids of these. What
rests on another comparison waits for it: a quota over a grade is counted when the borders of the grade are known.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import attrs

from relcare.decisions._alone import compared_alone
from relcare.decisions._case import Case
from relcare.decisions._others import Others, lists_of
from relcare.grades import Grade, ends_of, standing_of
from relcare.model import Book, Pin
from relcare.policy import Criterion, Vocabulary, facts_of
from relcare.ranking import Border, TieRule, counted_borders, parted_scores
from relcare.segmentation import QuotaScheme, cuts_of, facts_used, stand_one
from relcare.vip import TopList

if TYPE_CHECKING:
    from relcare.decisions._engine import Engine
    from relcare.decisions._policy_fields import PolicyFields

__all__ = ["compares", "find_others"]

_WHOLE = ""
_Cuts: TypeAlias = Callable[[int, Mapping[str, int]], Sequence[int]]
Again: TypeAlias = Callable[[], Iterable[Book]]
"""Gives every part of the book once more, in the same order."""


@attrs.frozen(eq=False)
class _Comparison:
    """Something for which clients are put in order.

    Attributes:
        name: The fact that it becomes.
        ties: What becomes of equals.
        cuts: From how many are ranked, and the places that are taken otherwise, to where they are cut.
    """

    name: str
    ties: TieRule
    cuts: _Cuts


@attrs.frozen(eq=False)
class _Tally:
    """Those who are ranked together.

    Attributes:
        counts: How many have each score.
        seats: How many places of each tier are taken by clients who are not ranked (SEG-10).
        ids: By score, who has it; of the scores that a cut parts by id.
    """

    counts: Counter[int] = attrs.field(factory=Counter[int])
    seats: Counter[str] = attrs.field(factory=Counter[str])
    ids: dict[int, list[str]] = attrs.field(factory=dict[int, list[str]])

    def cuts(self, comparison: _Comparison) -> Sequence[int]:
        return comparison.cuts(self.counts.total(), self.seats)

    def seek(self, comparison: _Comparison) -> bool:
        """Whether it takes another pass to know who stands at a border."""
        self.ids.update({score: [] for score in parted_scores(self.counts, self.cuts(comparison), comparison.ties)})
        return bool(self.ids)

    def borders(self, comparison: _Comparison) -> tuple[Border | None, ...]:
        return counted_borders(self.counts, self.cuts(comparison), comparison.ties, self.ids)


@attrs.define(kw_only=True, eq=False)
class _Pass:
    """What one pass is after.

    Attributes:
        wanted: The facts whose borders are sought.
        tallies: By fact and group, what was found of them.
        is_second: Whether only ids at borders are still sought.
    """

    wanted: Mapping[str, _Comparison]
    tallies: dict[str, dict[str, _Tally]] = attrs.field(init=False, factory=lambda: defaultdict(lambda: defaultdict(_Tally)))
    is_second: bool = False

    def note(self, name: str, client_id: str, scores: Iterable[int], *, group: str = _WHOLE, seats: Mapping[str, int]) -> None:
        tally = self.tallies[name][group]
        if not self.is_second:
            tally.counts.update(scores)
            tally.seats.update(seats)
            return
        for score in scores:
            if score in tally.ids:
                tally.ids[score].append(client_id)

    def seek(self) -> bool:
        """Whether a second pass is needed; it is what comes next then."""
        tallies = [(comparison, one) for name, comparison in self.wanted.items() for one in self.tallies[name].values()]
        self.is_second = True in [tally.seek(comparison) for comparison, tally in tallies]
        return self.is_second


@attrs.frozen(kw_only=True, eq=False)
class _Noting(Others):
    """What is known of the others, noting what each client adds to what is not known yet."""

    sought: _Pass

    def set_grades(self, engine: "Engine", case: Case) -> None:
        super().set_grades(engine, case)
        for grade in engine.policy.grades:
            if grade.name in self.sought.wanted:
                self._note(grade.name, case, standing_of(grade, case.row, engine.words.grades))

    def tier(
        self,
        scheme: QuotaScheme,
        case: Case,
        *,
        vocabulary: Vocabulary,
        tier_in_force: str | None,
        pin: Pin | None,
    ) -> str | None:
        name, client_id = f"tier.{scheme.id}", case.history.client.id
        if name in self.sought.wanted:
            found = stand_one(scheme, client_id, case.row, vocabulary=vocabulary, tier_in_force=tier_in_force, pin=pin)
            for group, scores, seats in found:
                self.sought.note(name, client_id, scores, group=group, seats=seats)
        return super().tier(scheme, case, vocabulary=vocabulary, tier_in_force=tier_in_force, pin=pin)

    def listed(self, name: str, case: Case, is_on: bool | None, score: int | None) -> bool | None:  # noqa: FBT001 - as it is told
        if name in self.sought.wanted:
            self._note(name, case, score)
        return super().listed(name, case, is_on, score)

    def _note(self, name: str, case: Case, score: int | None) -> None:
        self.sought.note(name, case.history.client.id, () if score is None else (score,), seats={})


def compares(policy: "PolicyFields") -> bool:
    """Whether anything in a policy compares clients with each other."""
    return bool(_in_steps(policy))


def find_others(engine: "Engine", again: Again, as_of: date) -> Others:
    """What everybody in a book has to know of the others.

    One pass for each step, and one more where a border of it parts equals by id. What is kept from one part to the next: how many
    have each score, and the ids of who shares a score that a border parts.

    Args:
        engine: Of the policy.
        again: Gives the parts.
        as_of: The day that is asked about.
    """
    known = Others()
    for step in _in_steps(engine.policy):
        sought = _Pass(wanted={one.name: one for one in step})
        noting = _Noting(grades=known.grades, quotas=known.quotas, lists=known.lists, sought=sought)
        _go_over(engine, again, as_of, noting)
        if sought.seek():
            _go_over(engine, again, as_of, noting)
        known = _with_found(engine.policy, known, sought)
    return known


def _go_over(engine: "Engine", again: Again, as_of: date, noting: _Noting) -> None:
    for part in again():
        compared_alone(engine, part, {}, {}, engine.day(as_of, part.zone), others=noting)


def _with_found(policy: "PolicyFields", known: Others, sought: _Pass) -> Others:
    found = {
        name: {group: tally.borders(comparison) for group, tally in sought.tallies[name].items()}
        for name, comparison in sought.wanted.items()
    }
    return Others(
        grades={**known.grades, **{one.id: found[one.name].get(_WHOLE, ()) for one in policy.grades if one.name in found}},
        quotas={**known.quotas, **{s.id: found[f"tier.{s.id}"] for s in policy.segmentation if f"tier.{s.id}" in found}},
        lists={
            **known.lists,
            **{name: next(iter(found[name].get(_WHOLE, ())), None) for name, _ in lists_of(policy) if name in found},
        },
    )


def _in_steps(policy: "PolicyFields") -> list[list[_Comparison]]:
    """What compares clients, in the order in which it can be found: each step needs those before it."""
    steps: list[list[_Comparison]] = []
    behind: dict[str, int] = {}  # by fact, how many steps it takes to know it

    def add(comparison: _Comparison, uses: Iterable[str]) -> None:
        step = max((behind.get(name, 0) for name in uses), default=0)
        if step == len(steps):
            steps.append([])
        steps[step].append(comparison)
        behind[comparison.name] = step + 1

    for grade in policy.grades:
        add(_Comparison(grade.name, grade.ties, _grade_cuts(grade)), (grade.fact, *_asked(grade.scope)))
    for scheme in policy.segmentation:
        name = f"tier.{scheme.id}"
        if isinstance(scheme, QuotaScheme):
            add(_Comparison(name, scheme.ties, partial(cuts_of, scheme)), facts_used(scheme))
        else:
            behind[name] = max((behind.get(one, 0) for one in facts_used(scheme)), default=0)
    for name, top in lists_of(policy):
        add(_Comparison(name, top.ties, _list_cuts(top)), (top.by, *_asked(top.among)))
    return steps


def _asked(criterion: Criterion | None) -> Iterator[str]:
    yield from () if criterion is None else facts_of(criterion)


def _grade_cuts(grade: Grade) -> _Cuts:
    return lambda count, _: ends_of(grade, count)


def _list_cuts(top: TopList) -> _Cuts:
    return lambda count, _: [min(top.most, count)]
