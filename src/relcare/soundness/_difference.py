"""In what two policies differ: for which clients, which way, and who pays."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

import attrs

from relcare.cadence import CadenceRule
from relcare.cells import DEFAULT_BUDGET
from relcare.decisions import Policy, Vocabularies, vocabularies_of_policy
from relcare.grades import Grade
from relcare.policy import Criterion, facts_of
from relcare.segmentation import QuotaScheme, Scheme
from relcare.segments import CriterionSegment
from relcare.soundness._difference_declared import declared_changes
from relcare.soundness._difference_rules import (
    Comparer,
    cadence_side,
    grade_side,
    programme_side,
    scheme_side,
    segment_side,
)
from relcare.soundness._difference_shares import quota_direction, share_difference
from relcare.soundness._difference_values import DeclaredChange, Direction, PolicyDifference, RuleDifference, joint_direction
from relcare.vip import Programme

__all__ = ["compare"]

T = TypeVar("T", bound=Grade | Scheme | Programme | CriterionSegment | CadenceRule)

# The fields of a grade that say how clients are ranked against each other.
_RANKING: Final = ("fact", "parts", "better", "ties")


def compare(old: Policy, new: Policy, *, budget: int = DEFAULT_BUDGET) -> PolicyDifference:
    """In what two policies differ, for every client there could be; no book is needed.

    Grades, schemes, VIP programmes, segments and cadence rules are matched by id. For thresholds, scopes and conditions the
    answer is exact: all regions of facts in which the decision changes, each with a client whom both policies were asked about. A
    quota ranks clients against each other and has no regions; its shares are compared place by place. So does a grade: of one
    that is cut otherwise it is said in what, and a book shows whom that moves.

    A region is about clients whose facts stay the same. Where a fact itself is measured otherwise, or is the tier of a scheme
    that changed, `RuleDifference.affected_by` says so.

    Args:
        old: The policy to come from.
        new: The policy to go to. Its effective dates may be others: they are compared as fields.
        budget: Steps for each grade, scheme, programme, segment and rule; what needs more is undecided.

    Examples:
        >>> from relcare.presets import preset
        >>> compare(preset("agent"), preset("agent")).is_equal
        True
    """
    changes = tuple(declared_changes(old, new))
    comparison = _Comparison(old, new, changes, budget)
    grades = tuple(comparison.grades())
    schemes = tuple(comparison.schemes())
    programmes = tuple(comparison.programmes())
    segments = tuple(comparison.segments())
    rules = tuple(comparison.rules())
    come_and_gone = any(change.kind != "changed" and change.room in {"segmentation", "vip"} for change in changes)
    directions: list[Direction] = [one.direction for one in (*schemes, *programmes)]
    return PolicyDifference(
        old_id=old.id,
        old_version=old.version,
        new_id=new.id,
        new_version=new.version,
        changes=changes,
        schemes=schemes,
        programmes=programmes,
        rules=rules,
        grades=grades,
        segments=segments,
        direction="other" if come_and_gone else joint_direction(directions),
    )


def _words(policy: Policy) -> Vocabularies:
    return vocabularies_of_policy(policy)


def _pairs(old: Sequence[T], new: Sequence[T]) -> Iterator[tuple[int, T, int, T]]:
    """Those that both have, with their places, in the new order."""
    places = {one.id: place for place, one in enumerate(old)}
    for place, one in enumerate(new):
        if one.id in places:
            yield places[one.id], old[places[one.id]], place, one


class _Comparison:
    """Goes through the rooms in the order in which they feed each other, and keeps in mind which facts are others by then."""

    def __init__(self, old: Policy, new: Policy, changes: Sequence[DeclaredChange], budget: int) -> None:
        self.old, self.new = old, new
        self.old_words, self.new_words = _words(old), _words(new)
        facts = (*old.facts, *new.facts)
        self.comparer = Comparer(budget, frozenset(fact.id for fact in facts if fact.derivation is not None))
        self.moved = _moved_facts(old, new, changes)

    def grades(self) -> Iterator[RuleDifference]:
        for _, old, _, new in _pairs(self.old.grades, self.new.grades):
            sides = grade_side(old, self.old_words.grades), grade_side(new, self.new_words.grades)
            found = self.comparer.compare("grades", new.id, *sides, is_same=old.scope == new.scope)
            ranked = tuple(name for name in _RANKING if getattr(old, name) != getattr(new, name))
            if ranked:
                direction = joint_direction((found.direction, "other"))
                found = attrs.evolve(found, by_rank=ranked, direction=direction)
            yield self._noted(found, {old.fact, new.fact, *_facts_in((old.scope, new.scope))}, feeds=new.name)

    def schemes(self) -> Iterator[RuleDifference]:
        for at, old, place, new in _pairs(self.old.segmentation, self.new.segmentation):
            if isinstance(old, QuotaScheme) is isinstance(new, QuotaScheme):
                sides = scheme_side(old, self.old_words.schemes[at]), scheme_side(new, self.new_words.schemes[place])
                found = self.comparer.compare("segmentation", new.id, *sides, is_same=old == new)
            else:  # a ranking and thresholds have no client in common
                found = RuleDifference(room="segmentation", id=new.id, direction="other")
            if isinstance(old, QuotaScheme) and isinstance(new, QuotaScheme):
                direction = joint_direction((found.direction, quota_direction(old, new)))
                found = attrs.evolve(found, shares=share_difference(old, new), direction=direction)
            yield self._noted(found, _read_by(old) | _read_by(new), feeds=f"tier.{new.id}")

    def programmes(self) -> Iterator[RuleDifference]:
        for _, old, _, new in _pairs(self.old.vip_programmes, self.new.vip_programmes):
            sides = programme_side(old, self.old_words.programmes), programme_side(new, self.new_words.programmes)
            found = self.comparer.compare("vip", new.id, *sides, is_same=old == new)
            yield self._noted(found, _facts_in(path.when for one in (old, new) for path in one.paths), feeds=f"vip.{new.id}")

    def segments(self) -> Iterator[RuleDifference]:
        olds, news = ([one for one in policy.segments if isinstance(one, CriterionSegment)] for policy in (self.old, self.new))
        for _, old, _, new in _pairs(olds, news):
            sides = segment_side(old, self.old_words.segments), segment_side(new, self.new_words.segments)
            found = self.comparer.compare("segments", new.id, *sides, is_same=old.when == new.when)
            yield self._noted(found, _facts_in((old.when, new.when)), feeds=f"segment.{new.id}")

    def rules(self) -> Iterator[RuleDifference]:
        for _, old, _, new in _pairs(self.old.cadence, self.new.cadence):
            sides = cadence_side(old, self.old_words.full), cadence_side(new, self.new_words.full)
            found = self.comparer.compare("cadence", new.id, *sides, is_same=old.when == new.when)
            anchors = {one.anchor for one in (old, new) if one.anchor is not None}
            yield self._noted(found, _facts_in(one.when for one in (old, new)) | anchors)

    def _noted(self, found: RuleDifference, read: set[str], *, feeds: str | None = None) -> RuleDifference:
        """With the facts it reads that are others by now; what it feeds is another fact too, unless nothing changes."""
        affected = tuple(sorted(read & self.moved))
        if affected:
            direction = joint_direction((found.direction, "other"))
            found = attrs.evolve(found, affected_by=affected, direction=direction)
        if feeds is not None and not found.is_equal:
            self.moved.add(feeds)
        return found


def _moved_facts(old: Policy, new: Policy, changes: Iterable[DeclaredChange]) -> set[str]:
    """The facts that are read, measured or computed otherwise, and all that are computed from them."""
    moved = {change.id for change in changes if change.room == "facts" and change.kind == "changed" and change.can_matter}
    sources = {
        (fact.id, part)
        for fact in (*old.facts, *new.facts)
        if fact.derivation is not None
        for part in (fact.derivation.first, fact.derivation.second)
    }
    while more := {fact for fact, part in sources if part in moved} - moved:
        moved |= more
    return moved


def _read_by(scheme: Scheme) -> set[str]:
    if not isinstance(scheme, QuotaScheme):
        return _facts_in((scheme.scope, *(tier.when for tier in scheme.tiers)))
    return {*scheme.facts, *_facts_in((scheme.scope,))}


def _facts_in(criteria: Iterable[Criterion | None]) -> set[str]:
    return {name for criterion in criteria if criterion is not None for name in facts_of(criterion)}
