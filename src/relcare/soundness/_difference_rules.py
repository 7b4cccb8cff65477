"""Schemes, programmes and cadence rules, each compared with the one of the same id."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from relcare._fields import ReadOnlyMap
from relcare.cadence import CadenceRule
from relcare.cells import Box, BudgetSpentError, Space, describe
from relcare.errors import PolicyError
from relcare.grades import Grade
from relcare.model import FactValue
from relcare.policy import Core, Criterion, FactType, Vocabulary, evaluate, facts_of
from relcare.segmentation import QuotaScheme, Scheme, SchemeResult, ThresholdScheme, assign
from relcare.segments import CriterionSegment
from relcare.soundness._difference_regions import OPEN, Answers, Change, Judged, changed_boxes
from relcare.soundness._difference_values import (
    ChangedRegion,
    Direction,
    Room,
    RuleDifference,
    Standing,
    direction_of,
    joint_direction,
)
from relcare.soundness._findings import Witness
from relcare.vip import Programme, qualifier_of

__all__ = ["Comparer", "Side", "cadence_side", "grade_side", "programme_side", "scheme_side", "segment_side"]

Rows: TypeAlias = Sequence[Mapping[str, Core]]

_ANSWERS = {True: Standing("yes"), False: Standing("no"), None: Standing("unknown")}
# By the code of the reason that the evaluator gives: where a client stands who has no tier in force.
_KEEPING = frozenset({"segmentation.scope_unknown", "segmentation.missing", "segmentation.newcomer", "segmentation.kept"})


@attrs.frozen(kw_only=True)
class Side:
    """One policy's part in a comparison.

    Attributes:
        vocabulary: What its facts mean.
        judged: Its criteria, and what follows from their answers.
        replay: What the real evaluator makes of each of several clients, by their facts.
        tier_ids: Best first; empty where there are no tiers.
    """

    vocabulary: Vocabulary
    judged: Judged
    replay: Callable[[Rows], list[Standing]]
    tier_ids: tuple[str, ...] = ()


def scheme_side(scheme: Scheme, vocabulary: Vocabulary) -> Side:
    """A threshold scheme with its scope; of a quota scheme, which needs the others for its tiers, the scope alone."""
    if isinstance(scheme, QuotaScheme):
        return _scope_side(scheme.scope, vocabulary)
    scopes = () if scheme.scope is None else (scheme.scope,)

    def judge(answers: Answers) -> Standing | None:
        scope = answers[0] if scopes else True
        if scope is OPEN:
            return None
        if scope is None:
            return Standing("kept")
        return _of_thresholds(scheme, answers[len(scopes) :]) if scope else Standing("outside")

    def replay(rows: Rows) -> list[Standing]:
        by_id = {str(number): row for number, row in enumerate(rows)}
        found = assign(scheme, by_id, vocabulary=vocabulary, tiers_in_force={})
        return [_replayed(scheme, found, client_id) for client_id in by_id]

    judged = Judged(
        criteria=(*scopes, *(tier.when for tier in scheme.tiers)),
        judge=judge,
        form=(len(scopes), scheme.tier_ids, scheme.hit, scheme.otherwise, scheme.newcomer),
        ordered_from=None if scheme.hit == "unique" else len(scopes),
    )
    return Side(vocabulary=vocabulary, judged=judged, replay=replay, tier_ids=scheme.tier_ids)


def _replayed(scheme: ThresholdScheme, found: SchemeResult, client_id: str) -> Standing:
    """Where the evaluator puts a client who has no tier in force; its reasons are asked only where the tier does not say it."""
    tier = found.tiers.get(client_id)
    if client_id in found.out_of_scope:
        return Standing("outside")
    if tier is not None and tier != scheme.newcomer:
        return Standing("tier", tier)
    if any(reason.code in _KEEPING for reason in found.assignment(client_id).reasons):
        return Standing("kept", tier)
    return Standing("held") if tier is None else Standing("tier", tier)


def _of_thresholds(scheme: ThresholdScheme, answers: Answers) -> Standing | None:
    """The tier that stands whichever way the unknown criteria turn out (SEG-6, CRI-2)."""
    if scheme.hit == "unique":
        if sum(answer is True for answer in answers) > 1:
            return Standing("held")
        decisive = answers
    else:  # what comes after the first that holds changes nothing
        decisive = answers[: answers.index(True) + 1] if True in answers else answers
    if OPEN in decisive:
        return None
    possible: list[str | None] = [tier.id for tier, answer in zip(scheme.tiers, decisive, strict=False) if answer is not False]
    if True not in decisive:
        possible.append(scheme.otherwise)
    if len(set(possible)) > 1:
        return Standing("kept", scheme.newcomer)
    return Standing("held") if possible[0] is None else Standing("tier", possible[0])


def _scope_side(scope: Criterion | None, vocabulary: Vocabulary) -> Side:
    return _one_criterion(scope, vocabulary, {True: Standing("inside"), False: Standing("outside"), None: Standing("kept")})


def _one_criterion(when: Criterion | None, vocabulary: Vocabulary, standings: Mapping[bool | None, Standing]) -> Side:
    """A criterion by itself; without one it holds for everybody."""

    def judge(answers: Answers) -> Standing | None:
        answer = answers[0] if answers else True
        return None if answer is OPEN else standings[answer]

    def replay(rows: Rows) -> list[Standing]:
        return [standings[when is None or evaluate(when, row, vocabulary)] for row in rows]

    judged = Judged(criteria=() if when is None else (when,), judge=judge, form=when is None)
    return Side(vocabulary=vocabulary, judged=judged, replay=replay)


def programme_side(programme: Programme, vocabulary: Vocabulary) -> Side:
    """A VIP programme: one path that holds is enough, whatever else is unknown (VIP-4)."""
    qualifier = qualifier_of(programme, vocabulary)

    def judge(answers: Answers) -> Standing | None:
        if True in answers:
            return Standing("yes")
        return None if OPEN in answers else Standing("unknown" if None in answers else "no")

    def replay(rows: Rows) -> list[Standing]:
        return [Standing(qualifier.qualification(row)) for row in rows]

    judged = Judged(criteria=tuple(path.when for path in programme.paths), judge=judge, form=len(programme.paths))
    return Side(vocabulary=vocabulary, judged=judged, replay=replay)


def cadence_side(rule: CadenceRule, vocabulary: Vocabulary) -> Side:
    """Whether a cadence rule applies."""
    return _one_criterion(rule.when, vocabulary, _ANSWERS)


def segment_side(segment: CriterionSegment, vocabulary: Vocabulary) -> Side:
    """Whether somebody belongs to a segment."""
    return _one_criterion(segment.when, vocabulary, _ANSWERS)


def grade_side(grade: Grade, vocabulary: Vocabulary) -> Side:
    """Of a grade, which needs the others for its numbers, the scope alone; where that is unknown there is no grade."""
    standings = {True: Standing("inside"), False: Standing("outside"), None: Standing("unknown")}
    return _one_criterion(grade.scope, vocabulary, standings)


@attrs.frozen
class Comparer:
    """Compares within a budget.

    Attributes:
        budget: Steps for each rule set.
        computed: Facts that either policy computes from others.
    """

    budget: int
    computed: frozenset[str]

    def compare(self, room: Room, rule_id: str, old: Side, new: Side, *, is_same: bool) -> RuleDifference:
        """Everybody whom two rule sets decide differently, or why nobody can say.

        Args:
            room: Where they stand.
            rule_id: The id of both.
            old: The old rule set.
            new: The new one.
            is_same: Whether both are written alike, so that only their facts could make a difference.
        """
        try:
            words = _shared_words((*old.judged.criteria, *new.judged.criteria), old.vocabulary, new.vocabulary)
            regions = () if is_same else self._regions(words, old, new)
        except (BudgetSpentError, PolicyError) as given_up:
            spent = isinstance(given_up, BudgetSpentError)
            why = f"the budget of {self.budget:,} steps is spent" if spent else str(given_up)
            return RuleDifference(room=room, id=rule_id, direction="undecided", undecided=why)
        return RuleDifference(room=room, id=rule_id, regions=regions, direction=_direction(regions, old.tier_ids, new.tier_ids))

    def _regions(self, words: Vocabulary, old: Side, new: Side) -> tuple[ChangedRegion, ...]:
        # The axes of criteria that only one of them has come first: where those agree, nothing else needs to be looked at.
        every = (*old.judged.criteria, *new.judged.criteria)
        apart = [one for one in every if one not in old.judged.criteria or one not in new.judged.criteria]
        space = Space.of((*apart, *every), words)
        found = changed_boxes(space, old.judged, new.judged, budget=self.budget)
        pairs = [(change, box) for change, boxes in found.items() for box in boxes]
        rows = [space.row(box) for _, box in pairs]
        asked = zip(rows, old.replay(rows), new.replay(rows), strict=True)
        replayed = [
            (Witness(_readable(row, words), str(before)), Witness(_readable(row, words), str(after)))
            for row, before, after in asked
        ]
        return tuple(self._region(space, box, change, both) for (change, box), both in zip(pairs, replayed, strict=True))

    def _region(self, space: Space, box: Box, change: Change, witnesses: tuple[Witness, Witness]) -> ChangedRegion:
        limited = [axis.fact for axis, cells in zip(space.axes, box, strict=True) if cells != axis.full]
        return ChangedRegion(
            before=change[0],
            after=change[1],
            when=describe(space, box),
            witnesses=witnesses,
            computed=tuple(sorted(self.computed.intersection(limited))),
        )


def _readable(row: Mapping[str, Core], words: Vocabulary) -> Mapping[str, FactValue]:
    return ReadOnlyMap({name: words[name].decode(value) for name, value in row.items()})


def _direction(regions: Sequence[ChangedRegion], *orders: tuple[str, ...]) -> Direction:
    """Which way all regions go; undecided where that hangs on regions of which nobody knows whether anybody is in them."""
    ways: list[tuple[Direction, bool]] = [(direction_of(one.before, one.after, orders), not one.computed) for one in regions]
    certain = joint_direction(way for way, is_certain in ways if is_certain)
    return certain if certain == joint_direction(way for way, _ in ways) else "undecided"


def _shared_words(criteria: Sequence[Criterion], old: Vocabulary, new: Vocabulary) -> Vocabulary:
    """What both policies mean by the facts of these criteria.

    Raises:
        PolicyError: If they mean different values by one of them, so that no client can be put to both.
    """
    types: dict[str, FactType] = {}
    for name in dict.fromkeys(fact for criterion in criteria for fact in facts_of(criterion)):
        one, other = old.get(name), new.get(name)
        if one is not None and other is not None and _values_of(one) != _values_of(other):
            raise PolicyError(f"the two policies declare {name} with different values")
        kind = other if other is not None else one
        if kind is not None:
            may_be_missing = any(each is not None and each.may_be_missing for each in (one, other))
            types[name] = attrs.evolve(kind, may_be_missing=may_be_missing)
    return Vocabulary(types)


def _values_of(kind: FactType) -> FactType:
    """A type by its values alone: which there are, and in which order."""
    return attrs.evolve(kind, polarity="neither", may_be_missing=True, rounding=None)
