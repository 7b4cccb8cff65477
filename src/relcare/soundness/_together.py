"""Criteria about tiers, taken together with the rules that give the tiers.

A criterion may use `tier.size` beside the facts that decide it. Taken by themselves they vary freely; taken together a tier goes
with certain facts only, as long as it is the one the facts give now. A tier in force may be an older one (CAD-6), so what never
holds together is a warning and no error: it holds for clients whose tier lags behind.
"""

from collections.abc import Iterator, Mapping, Sequence

import attrs

from relcare.cells import Box, BudgetSpentError, Cover, Region, Space, meet
from relcare.errors import PolicyError
from relcare.policy import Criterion, Vocabulary, facts_of
from relcare.segmentation import Scheme, ThresholdScheme
from relcare.soundness._ask import or_proved, plain_refutation, plain_undecided
from relcare.soundness._findings import Finding
from relcare.soundness._outcomes import conjoined, tier_boxes

__all__ = ["Tiers", "prove_together"]


@attrs.frozen(eq=False)
class Tiers:
    """The threshold schemes of a policy, by the fact that each becomes.

    Attributes:
        schemes: Index in the policy and scheme.
    """

    schemes: Mapping[str, tuple[int, ThresholdScheme]]

    @classmethod
    def of(cls, schemes: Sequence[Scheme]) -> "Tiers":
        """Of all schemes of a policy; quota tiers depend on the other clients, so any goes with any facts."""
        found = {f"tier.{s.id}": (index, s) for index, s in enumerate(schemes) if isinstance(s, ThresholdScheme)}
        return cls(found)

    def behind(self, criteria: Sequence[Criterion]) -> list[str]:
        """The tiers that criteria ask for, and those that these are decided by, in the order of the policy."""
        wanted: set[str] = set()
        found = list(criteria)
        while found:
            names = {name for name in facts_of(found.pop()) if name in self.schemes} - wanted
            wanted |= names
            for name in names:
                found.extend(_criteria(self.schemes[name][1]))
        return [name for name in self.schemes if name in wanted]


def _criteria(scheme: ThresholdScheme) -> list[Criterion]:
    scope = [] if scheme.scope is None else [scheme.scope]
    return [*scope, *(tier.when for tier in scheme.tiers)]


def prove_together(
    tiers: Tiers, subject: str, named: Sequence[tuple[str, str, Criterion]], vocabulary: Vocabulary, budget: int
) -> Iterator[Finding]:
    """Every criterion can hold for a client whose tiers are those its facts give, and none follows from the others there.

    Args:
        tiers: Of the policy.
        subject: The path of the programme or rule.
        named: Path, name and criterion of each; of several any is enough (the paths of a programme).
        vocabulary: Of the criteria.
        budget: Steps.
    """
    asked = tiers.behind([criterion for _, _, criterion in named])
    if not asked:
        return
    question, cover = "with tiers", Cover(budget)
    try:
        found = list(_Question.of(tiers, asked, subject, named, vocabulary).found(cover))
    except (BudgetSpentError, PolicyError) as given_up:
        why = str(given_up) if isinstance(given_up, PolicyError) else f"the budget of {cover.spent} steps is spent"
        yield plain_undecided(question, subject, why)
        return
    yield from or_proved(question, subject, found)


@attrs.frozen(kw_only=True, eq=False)
class _Question:
    """Criteria in one space with the rules of the tiers they ask for.

    Attributes:
        subject: The path of the set.
        paths: Of the criteria.
        names: Of the criteria.
        regions: Where each criterion holds when tiers vary freely.
        together: Where each holds when tiers are those the facts give.
        places: The paths of the schemes.
    """

    subject: str
    paths: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[Region, ...]
    together: tuple[Sequence[Box], ...]
    places: tuple[str, ...]

    @classmethod
    def of(
        cls, tiers: Tiers, asked: Sequence[str], subject: str, named: Sequence[tuple[str, str, Criterion]], vocabulary: Vocabulary
    ) -> "_Question":
        behind = [tiers.schemes[name] for name in asked]
        every = [*(criterion for _, _, criterion in named), *(c for _, scheme in behind for c in _criteria(scheme))]
        space = Space.of(every, vocabulary, asked)
        possible: list[Box] = [space.everything]
        for name, (_, scheme) in zip(asked, behind, strict=True):
            possible = conjoined(space, [possible, _consistent(space, name, scheme)])
        regions = tuple(space.region(criterion) for _, _, criterion in named)
        return cls(
            subject=subject,
            paths=tuple(path for path, _, _ in named),
            names=tuple(name for _, name, _ in named),
            regions=regions,
            together=tuple(conjoined(space, [region.holds, possible]) for region in regions),
            places=tuple(f"segmentation[{index}]" for index, _ in behind),
        )

    def found(self, cover: Cover) -> Iterator[Finding]:
        for path, name, region, boxes in zip(self.paths, self.names, self.regions, self.together, strict=True):
            if region.holds and not boxes:
                hint = "the rules of the tier leave out every such client"
                yield plain_refutation("with tiers", self.subject, "tier.contradicted", (path, *self.places), hint, rule=name)
        for index, boxes in enumerate(self.together):
            others = [box for other, region in enumerate(self.regions) if other != index for box in region.holds]
            if not boxes or not others or not all(cover.covers(box, others) for box in boxes):
                continue
            # A path that is needless whatever the tiers are is told by the question about paths alone.
            if not all(cover.covers(box, others) for box in self.regions[index].holds):
                places = (self.paths[index], *(path for other, path in enumerate(self.paths) if other != index), *self.places)
                yield plain_refutation("with tiers", self.subject, "path.implied", places, path=self.names[index])


def _consistent(space: Space, name: str, scheme: ThresholdScheme) -> list[Box]:
    """Where a tier goes with the facts: each tier where it is certain; no tier anywhere, for who is held may be anybody."""
    place = space.places[name]
    axis = space.axes[place]
    regions = [space.region(tier.when) for tier in scheme.tiers]
    scope = space.everything if scheme.scope is None else None
    inside = (scope,) if scope is not None else space.region(scheme.scope).holds if scheme.scope is not None else ()
    found = [_with(space.everything, place, axis.full & ~axis.known)] if axis.full != axis.known else []
    for tier, boxes in tier_boxes(scheme, space, regions):
        rank = len(scheme.tier_ids) - 1 - scheme.tier_ids.index(tier)
        # Ranks between two thresholds share a cell: the cell is that of the highest representative not above the rank.
        cell = max(index for index, value in enumerate(axis.cells) if isinstance(value, int) and value <= rank)
        for box in conjoined(space, [boxes, inside]):
            met = meet(box, _with(space.everything, place, 1 << cell))
            if met is not None:
                found.append(met)
    return found


def _with(box: Box, place: int, cells: int) -> Box:
    return (*box[:place], cells, *box[place + 1 :])
