"""The rules of a quota for one client, the others staying as they are."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from operator import itemgetter

import attrs

from relcare.cells import Axis, Space, describe
from relcare.errors import PolicyError
from relcare.policy import Compare, Contains, Core, Leaf, Vocabulary, evaluate, facts_of, leaves
from relcare.segmentation import GroupOf, QuotaScheme, Scorer, grouper_of, scorer_of
from relcare.soundness._explanation import Placement, Way
from relcare.soundness._explanation_endings import Ending, axes_of, space_for
from relcare.soundness._explanation_forcing import Forcing, indexes
from relcare.soundness._explanation_pins import Hold
from relcare.soundness._explanation_ranking import Contests
from relcare.soundness._explanation_weights import crossings, ends_of, values_of

__all__ = ["QuotaRules"]


@attrs.frozen(eq=False)
class QuotaRules:
    """What a quota makes of one client.

    Attributes:
        scheme: The quota.
        vocabulary: What its facts mean.
        contests: The rankings as the client meets them.
        row: The client's facts.
        hold: The client's pin; None without one.
    """

    scheme: QuotaScheme
    vocabulary: Vocabulary
    contests: Contests
    row: Mapping[str, Core]
    hold: Hold | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The tiers, best first."""
        return self.scheme.tier_ids

    @cached_property
    def scorer(self) -> Scorer:
        """What scores a row."""
        return scorer_of(self.scheme, self.vocabulary)

    @cached_property
    def grouper(self) -> GroupOf:
        """What names the group of a row."""
        return grouper_of(self.scheme, self.vocabulary)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts of the score, the one that names the group, then those of the scope."""
        return tuple(dict.fromkeys((*self.scheme.facts, *(facts_of(self.scheme.scope) if self.scheme.scope else ()))))

    @cached_property
    def axes(self) -> Mapping[str, Axis]:
        """Cells within which points, or of a single fact the tier, are the same."""
        return self._cut[0]

    @cached_property
    def _cut(self) -> tuple[dict[str, Axis], str | None]:
        told_apart = [] if self.scheme.scope is None else list(leaves(self.scheme.scope))
        return axes_of(self.facts, [*told_apart, *self._borders()], self.vocabulary)

    @cached_property
    def _weights(self) -> Mapping[str, Fraction]:
        """What one unit of a fact is worth, of those of which every value has points of its own."""
        found: dict[str, Fraction] = {}
        for term in () if isinstance(self.scheme.score, str) else self.scheme.score:
            if term.weight is not None:
                found[term.fact] = found.get(term.fact, Fraction(0)) + Fraction(term.weight)
        return {fact: weight for fact, weight in found.items() if weight}

    @cached_property
    def wide(self) -> frozenset[str]:
        """Weighed facts with too many values for a cell each: theirs are cut where the client's tier changes."""
        return frozenset(name for name in self._weights if values_of(self.vocabulary[name]) is None)

    def _borders(self) -> Iterator[Leaf]:
        """Comparisons that cut each fact of the score where the score, or the tier that comes of it, changes."""
        score = self.scheme.score
        for term in () if isinstance(score, str) else score:
            yield from (Compare(term.fact, ">=", band.start) for band in term.bands)
        for name in self.scorer.facts:
            kind = self.vocabulary[name]
            if kind.kind == "level":
                yield from (Compare(name, "==", value) for value in kind.values)
            elif isinstance(score, str):
                yield from (Compare(name, ">=", entry) for entry in self._entries)
            elif name in self.wide:
                values = crossings(kind, self._weights[name], self._lacking(name))
                yield from (Compare(name, ">=", value) for value in values)
            elif name in self._weights:
                yield from (Compare(name, "==", value) for value in values_of(kind) or ())
        yield from self._group_borders()

    @cached_property
    def _entries(self) -> Sequence[Decimal]:
        """The scores with which the client has another tier."""
        entries = sorted({entry for contest in self.contests.known.values() for entry in contest.entries})
        return [self.scorer.in_words(entry) for entry in entries if isinstance(entry, int)]

    def _lacking(self, name: str) -> Iterator[Fraction]:
        """What a weighed fact must be worth for each tier, the other facts being as they are; nothing where one lacks."""
        others = [self.points(other, self.row.get(other)) for other in dict.fromkeys(self.scorer.facts) if other != name]
        known = [Fraction(points) for points in others if points is not None]
        if len(known) == len(others):
            for beside in self._beside(name):
                yield from (Fraction(entry) - sum(known, beside) for entry in self._entries)

    def _beside(self, name: str) -> Iterator[Fraction]:
        """What bands of a weighed fact add to its weight, by the piece of them."""
        terms = () if isinstance(self.scheme.score, str) else self.scheme.score
        bands = sorted({Fraction(band.start) for term in terms if term.fact == name for band in term.bands})
        grain = Fraction(self.vocabulary[name].grain or 1)
        for value in (*bands, bands[0] - grain if bands else Fraction(0)):
            points = self.points(name, int(value / grain))
            if points is not None:
                yield Fraction(points) - self._weights[name] * value

    def _group_borders(self) -> Iterator[Leaf]:
        """Comparisons that tell the groups with clients apart, and the client's own from all others."""
        by = self.scheme.group_by
        if by is None:
            return
        # Whoever has a group is of one that has a ranking, unless the scheme does not class it.
        groups: set[str] = set(self.contests.rankings)
        if self.vocabulary[by].kind == "set":
            yield from (Contains(by, member) for member in sorted({one for group in groups for one in group.split(", ")}))
        else:
            yield from (Compare(by, "==", group) for group in sorted(groups))

    def judge(self, row: Mapping[str, Core]) -> Ending:
        """How the decision about the client ends with these facts, under its pin."""
        return self._held(self.judge_facts(row))

    def judge_facts(self, row: Mapping[str, Core]) -> Ending:
        """How it ends by these facts alone."""
        scope = True if self.scheme.scope is None else evaluate(self.scheme.scope, row, self.vocabulary)
        if scope is False:
            return "out of scope", None
        return self._ranked(row) if scope else ("undecided", None)

    def judge_ranked(self, row: Mapping[str, Core]) -> Ending:
        """How it ends under its pin for somebody in scope."""
        return self._held(self._ranked(row))

    def _ranked(self, row: Mapping[str, Core]) -> Ending:
        score, group = self.scorer.score(row), self.grouper(row)
        if score is None or group is None:
            return "undecided", None
        return "decided", self.scheme.tier_ids[self.contests.of(group).place(score)]

    def _held(self, ending: Ending) -> Ending:
        return ending if self.hold is None else self.hold.held(ending)

    def points(self, fact: str, value: Core) -> Decimal | None:
        """What a fact adds to the score; None where it adds none, or is missing without points for that."""
        scorer = self._scorers.get(fact)
        points = None if scorer is None else scorer.score({fact: value})
        return None if scorer is None or points is None else scorer.in_words(points)

    @cached_property
    def _scorers(self) -> Mapping[str, Scorer]:
        """A scorer for what each fact adds."""
        score = self.scheme.score
        if isinstance(score, str):
            return {score: self.scorer}
        parts = {name: [term for term in score if term.fact == name] for name in self.scorer.facts}
        return {name: scorer_of(attrs.evolve(self.scheme, score=terms), self.vocabulary) for name, terms in parts.items()}

    def placement(self) -> Placement | None:
        """Where the client stands; None when it is not ranked, or its pin decides."""
        ending = self.judge(self.row)
        if self.hold is not None and ending == self.hold.ending:
            return None
        return self.contests.placement(self.scorer)

    def sufficient(self, row: Mapping[str, Core], ending: Ending) -> tuple[str, ...]:
        """The sufficient reason among the client's facts, while the others stay; later facts are left out first."""
        forcing = Forcing(self, self._space(row), row, ending)
        box = list(forcing.point)
        kept = list(self.facts)
        for place, fact in reversed(list(enumerate(self.facts))):
            fixed, box[place] = box[place], forcing.space.everything[place]
            if forcing.is_forced(tuple(box)):
                kept.remove(fact)
            else:
                box[place] = fixed
        return tuple(kept)

    def _space(self, row: Mapping[str, Core]) -> Space:
        axes, uncut = self._cut
        if uncut is not None:
            raise PolicyError(uncut)
        return space_for(axes.values(), self.vocabulary, frozenset(name for name in axes if row.get(name) is None))

    def extreme_cells(self, axis: Axis, cells: int, *, is_most: bool) -> list[int]:
        """The cells with the most or the fewest points, of those with points."""
        points = {index: self.points(axis.fact, axis.cells[index]) for index in indexes(cells)}
        known = {index: value for index, value in points.items() if value is not None}
        extreme = (max if is_most else min)(known.values())
        return [index for index, value in known.items() if value == extreme]

    def extreme_value(self, axis: Axis, cells: int, *, is_most: bool) -> Core:
        """A value in these cells with the most or the fewest points; within a cell of a weighed fact they differ."""
        if axis.fact not in self.wide:
            return axis.cells[self.extreme_cells(axis, cells, is_most=is_most)[0]]
        known = [(points, end) for end in self._ends(axis, cells) if (points := self.points(axis.fact, end)) is not None]
        return (max if is_most else min)(known, key=itemgetter(0))[1]

    def _ends(self, axis: Axis, cells: int) -> Iterator[Core]:
        return (end for index in indexes(cells) for end in ends_of(axis, index, self.vocabulary[axis.fact]))

    def ways(self, row: Mapping[str, Core]) -> tuple[Way, ...]:
        """What single missing facts would settle; where none does, the values of all of them with the most and fewest points."""
        space = self._space(row)
        missing = [place for place, axis in enumerate(space.axes) if row.get(axis.fact) is None]
        found = [way for place in missing for way in self._single_ways(row, space, place)]
        if not any(way.state == "decided" for way in found):
            found.extend(self._extreme_ways(row, space))
        order = {choice: rank for rank, choice in enumerate(self.choices)}
        return tuple(sorted(found, key=lambda way: order.get(way.outcome or "", len(order))))

    def _single_ways(self, row: Mapping[str, Core], space: Space, place: int) -> Iterator[Way]:
        axis = space.axes[place]
        cells: dict[Ending, int] = {}
        for index in indexes(axis.known):
            ending = self.judge({**row, axis.fact: axis.cells[index]})
            cells[ending] = cells.get(ending, 0) | 1 << index
        for ending, some in cells.items():
            if ending[0] != "undecided":
                yield from _way(space, {place: some}, ending)

    def _extreme_ways(self, row: Mapping[str, Core], space: Space) -> Iterator[Way]:
        lacking = set(self.scorer.missing(row))
        if lacking & self.wide:  # of these no values make the most
            return
        places = [place for place, axis in enumerate(space.axes) if axis.fact in lacking]
        told: set[str] = set()
        for is_most in (True, False):
            best = {place: self.extreme_cells(space.axes[place], space.axes[place].known, is_most=is_most) for place in places}
            ending = self.judge({**row, **{space.axes[p].fact: space.axes[p].cells[cells[0]] for p, cells in best.items()}})
            for way in _way(space, {p: sum(1 << index for index in cells) for p, cells in best.items()}, ending):
                if ending[0] == "decided" and str(way.when) not in told:
                    told.add(str(way.when))
                    yield way


def _way(space: Space, cells: Mapping[int, int], ending: Ending) -> Iterator[Way]:
    """The way that some cells of some axes are; none where they leave nothing to say."""
    when = describe(space, tuple(cells.get(place, full) for place, full in enumerate(space.everything)))
    if when is not None:
        yield Way(when=when, outcome=ending[1], state=ending[0])
