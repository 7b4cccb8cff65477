"""Differences of policies against asking both about many clients, and descriptions of boxes against every cell."""

from datetime import date
from fractions import Fraction
from itertools import product

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.cells import Box, Space, describe, merged
from relcare.decisions import Policy, vocabularies_of
from relcare.policy import (
    Compare,
    Core,
    Criterion,
    Fact,
    Missing,
    OneOf,
    Vocabulary,
    criterion,
    evaluate,
    facts_of,
    leaves,
    parse_criterion,
)
from relcare.ranking import cuts
from relcare.segmentation import QuotaScheme, QuotaTier, ThresholdScheme, assign_one
from relcare.soundness import ChangedRegion, Direction, compare
from relcare.testing import criteria, policies, rows, shares, threshold_schemes, vocabularies
from relcare.vip import Programme, VipPath, qualifier_of

FACTS = (
    Fact(id="revenue", type="money", min=0, polarity="more", may_be_missing=True),
    Fact(id="orders", type="integer", min=0, max=5),
    Fact(id="likelihood", type="level", values=("none", "low", "medium", "high"), may_be_missing=True),
    Fact(id="kinds", type="set"),
    Fact(id="is_local", type="flag", may_be_missing=True),
    Fact(id="industry", type="category", may_be_missing=True),
    Fact(id="since", type="date", min=date(1999, 12, 31), max=date(2030, 2, 28)),
)
WORDS = vocabularies_of(FACTS, (), (), (), currency="CNY").full
DECLARED = Vocabulary({fact.id: WORDS[fact.id] for fact in FACTS})


def points(space: Space) -> list[tuple[int, ...]]:
    return list(product(*(range(len(axis.cells)) for axis in space.axes)))


def inside(point: tuple[int, ...], box: Box) -> bool:
    return all(cells >> index & 1 for index, cells in zip(point, box, strict=True))


@st.composite
def boxes_in_spaces(draw: st.DrawFn) -> tuple[Space, Box]:
    words = draw(vocabularies(max_facts=3).filter(lambda found: "amount" not in found))
    asked = draw(st.lists(criteria(words, max_depth=0), min_size=1, max_size=5))
    space = Space.of(asked, words)
    return space, tuple(draw(st.integers(1, axis.full)) for axis in space.axes)


class TestDescribe:
    """CRI-1, CRI-2: the description of a box is a criterion of the grammar, and true exactly in the box."""

    @settings(max_examples=60)
    @given(boxes_in_spaces())
    def test_a_description_is_true_in_the_cells_of_its_box_and_in_no_other(self, drawn: tuple[Space, Box]) -> None:
        space, box = drawn
        described = describe(space, box)
        assert (described is None) is (box == space.everything)
        for point in points(space)[:500]:
            row: dict[str, Core] = {axis.fact: axis.cells[index] for axis, index in zip(space.axes, point, strict=True)}
            answer = described is None or evaluate(described, row, space.vocabulary) is True
            assert answer is inside(point, box)

    @settings(max_examples=60)
    @given(st.data())
    def test_every_value_is_described_as_its_cell_is(self, data: st.DataObject) -> None:
        asked = data.draw(st.lists(criteria(DECLARED, max_depth=0), min_size=1, max_size=4))
        space = Space.of(asked, DECLARED)
        row = data.draw(people_near(asked))
        point = tuple(cell_of(space, place, row, asked) for place in range(len(space.axes)))
        box = tuple(data.draw(st.integers(1, axis.full)) for axis in space.axes)
        described = describe(space, box)
        assert (described is None or evaluate(described, row, DECLARED) is True) is inside(point, box)

    @settings(max_examples=60)
    @given(boxes_in_spaces())
    def test_its_text_reads_back_as_the_same_criterion(self, drawn: tuple[Space, Box]) -> None:
        described = describe(*drawn)
        if described is not None and all(map(can_be_written, texts_in(described))):
            assert criterion(str(described)) == described


def texts_in(one: Criterion) -> list[str]:
    found = [
        leaf.values if isinstance(leaf, OneOf) else () if isinstance(leaf, Missing) else (leaf.value,) for leaf in leaves(one)
    ]
    return [value for values in found for value in values if isinstance(value, str)]


def can_be_written(text: str) -> bool:
    """Whether the grammar, which has no escapes, has a way to write a text."""
    return not {"'", '"'} <= set(text) and parse_criterion(str(Compare("x", "==", text))) == Compare("x", "==", text)


FILLED: dict[str, Core] = {"orders": 0, "kinds": frozenset(), "since": date(2020, 2, 29).toordinal()}


def people_near(asked: list[Criterion]) -> st.SearchStrategy[dict[str, Core]]:
    """Rows on both sides of every constant, where only facts are missing that may be."""
    return rows(DECLARED, near=asked).map(
        lambda row: {name: FILLED.get(name) if value is None else value for name, value in row.items()}
    )


def cell_of(space: Space, place: int, row: dict[str, Core], asked: list[Criterion]) -> int:
    """The cell that a value is in: the one whose representative every comparison answers alike."""
    axis = space.axes[place]

    def answers(value: Core) -> list[bool | None]:
        about = [one for one in asked if facts_of(one) == (axis.fact,)]
        return [evaluate(one, {axis.fact: value}, DECLARED) for one in about]

    value = row[axis.fact]
    if value in axis.cells:
        return axis.cells.index(value)
    known = [index for index, cell in enumerate(axis.cells) if (cell is None) is (value is None)]
    if isinstance(value, int):
        above = [index for index in known if axis.ends[index] is None or value <= axis.ends[index]]  # type: ignore[operator]
        return above[0]
    return next(index for index in known if answers(axis.cells[index]) == answers(value))


small_boxes = st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 15))


class TestMerged:
    """Joined boxes cover the same cells, and no two of them could be joined."""

    @given(st.lists(small_boxes, max_size=9))
    def test_the_same_cells_in_boxes_that_cannot_be_joined(self, boxes: list[Box]) -> None:
        found = merged(boxes)
        for point in product(range(3), range(3), range(4)):
            assert any(inside(point, box) for box in boxes) is any(inside(point, box) for box in found)
        for index, one in enumerate(found):
            for other in found[:index]:
                assert sum(a != b for a, b in zip(one, other, strict=True)) > 1
        assert len(found) <= len(set(boxes))


def policy_of(scheme: ThresholdScheme | QuotaScheme) -> Policy:
    return Policy(id="p", version="1", effective_from=date(2024, 1, 1), currency="CNY", facts=FACTS, segmentation=[scheme])


KEEPING = ("segmentation.missing", "segmentation.newcomer", "segmentation.scope_unknown")


def decision(scheme: ThresholdScheme, row: dict[str, Core]) -> tuple[str | None, bool, bool]:
    """Tier, scope, and whether a tier in force would stay, as the evaluator gives them to a client with these facts."""
    found = assign_one(scheme, "c", row, vocabulary=WORDS, tier_in_force=None)
    assert found is not None
    keeps = found.reasons[0].code in KEEPING
    for tier in scheme.tier_ids if keeps else ():
        kept = assign_one(scheme, "c", row, vocabulary=WORDS, tier_in_force=tier)
        assert kept is not None
        assert kept.tier == tier
    return found.tier, found.is_in_scope, keeps


def regions_with(regions: tuple[ChangedRegion, ...], row: dict[str, Core]) -> list[ChangedRegion]:
    return [one for one in regions if one.when is None or evaluate(one.when, row, WORDS) is True]


schemes = threshold_schemes(DECLARED).map(lambda scheme: attrs.evolve(scheme, id="s"))


@st.composite
def changed_schemes(draw: st.DrawFn) -> tuple[ThresholdScheme, ThresholdScheme]:
    """Two schemes that have nothing to do with each other, or one with a few things changed."""
    old, other = draw(schemes), draw(schemes)
    if draw(st.booleans()):
        return old, other
    tiers = list(old.tiers)
    place = draw(st.integers(0, len(tiers) - 1))
    tiers[place] = attrs.evolve(tiers[place], when=other.tiers[0].when)
    scope = draw(st.sampled_from([old.scope, other.scope]))
    return old, attrs.evolve(old, tiers=tiers, scope=scope)


class TestRegions:
    """SEG-1, SEG-6, SEG-8, CRI-2: the decision about a client changes exactly when its facts lie in one of the regions."""

    @settings(max_examples=60)
    @given(changed_schemes(), st.data())
    def test_a_decision_changes_exactly_in_a_region(
        self, pair: tuple[ThresholdScheme, ThresholdScheme], data: st.DataObject
    ) -> None:
        old, new = pair
        (found,) = compare(policy_of(old), policy_of(new)).schemes
        assert found.undecided is None
        near = [one for scheme in pair for one in (*(t.when for t in scheme.tiers), scheme.scope) if one is not None]
        for row in data.draw(st.lists(people_near(near), min_size=1, max_size=5)):
            assert len(regions_with(found.regions, row)) == (decision(old, row) != decision(new, row))

    @settings(max_examples=30)
    @given(changed_schemes())
    def test_both_policies_were_asked_about_every_witness(self, pair: tuple[ThresholdScheme, ThresholdScheme]) -> None:
        (found,) = compare(policy_of(pair[0]), policy_of(pair[1])).schemes
        for region in found.regions:
            assert region.before != region.after
            assert [str(region.before), str(region.after)] == [witness.outcome for witness in region.witnesses]
            row = {name: WORDS[name].encode(name, value) for name, value in region.witnesses[0].facts.items()}
            assert region.when is None or evaluate(region.when, row, WORDS) is True  # type: ignore[arg-type]

    @settings(max_examples=25)
    @given(changed_schemes())
    def test_the_way_back_is_the_way_there_the_other_way_round(self, pair: tuple[ThresholdScheme, ThresholdScheme]) -> None:
        there, back = compare(policy_of(pair[0]), policy_of(pair[1])), compare(policy_of(pair[1]), policy_of(pair[0]))
        turned: dict[Direction, Direction] = {"only raises": "only lowers", "only lowers": "only raises"}
        assert back.direction == turned.get(there.direction, there.direction)
        assert {(one.before, one.after) for one in there.schemes[0].regions} == {
            (one.after, one.before) for one in back.schemes[0].regions
        }
        assert there.is_equal is back.is_equal

    @settings(max_examples=50)
    @given(st.lists(criteria(DECLARED, max_depth=1), min_size=2, max_size=4), st.integers(1, 3), st.data())
    def test_a_qualification_changes_exactly_in_a_region(self, whens: list[Criterion], cut: int, data: st.DataObject) -> None:
        sides = [
            Programme(id="vip", paths=[VipPath(str(index), when) for index, when in enumerate(part)])
            for part in (whens[:cut], whens[-cut:])
        ]
        old, new = (
            Policy(id="p", version="1", effective_from=date(2024, 1, 1), currency="CNY", facts=FACTS, vip=[side])
            for side in sides
        )
        (found,) = compare(old, new).programmes
        for row in data.draw(st.lists(people_near(whens), min_size=1, max_size=5)):
            before, after = (qualifier_of(side, WORDS).qualification(row) for side in sides)
            assert [(one.before.kind, one.after.kind) for one in regions_with(found.regions, row)] == (
                [(before, after)] if before != after else []
            )


class TestPolicies:
    """Whole policies of every kind are compared without an error, and none differs from itself."""

    @settings(max_examples=40)
    @given(policies(with_examples=False), policies(with_examples=False))
    def test_a_policy_equals_itself_and_any_two_can_be_compared(self, one: Policy, other: Policy) -> None:
        assert compare(one, one).is_equal
        assert compare(one, one).changes == ()
        found = compare(one, other)
        assert found.is_equal is compare(other, one).is_equal
        if (
            attrs.evolve(other, id=one.id, version=one.version, title=one.title, source=one.source, vip=other.vip_programmes)
            != one
        ):
            assert found.changes or not found.is_equal


class TestShares:
    """SEG-2: who goes from which tier to which is what the cuts of every book say, as nearly as whole clients can."""

    @given(shares(), shares(), st.integers(0, 120))
    def test_the_places_agree_with_the_cuts_of_a_book(self, before: list[Fraction], after: list[Fraction], count: int) -> None:
        old, new = (quota(part) for part in (before, after))
        (found,) = compare(policy_of(old), policy_of(new)).schemes
        expected = {(flow.before, flow.after): flow.places for flow in (found.shares.flows if found.shares else ())}
        counted = dict.fromkeys(expected, 0)
        for rank in range(1, count + 1):
            pair = tier_at(rank, count, old), tier_at(rank, count, new)
            if pair[0] != pair[1]:
                assert pair in expected
                counted[pair] += 1
        for pair, places in expected.items():
            assert abs(counted[pair] - places * count / 100) <= 1
        for tier, size_before, size_after in found.shares.sizes if found.shares else ():
            leaving = sum(places for pair, places in expected.items() if pair[0] == tier)
            entering = sum(places for pair, places in expected.items() if pair[1] == tier)
            assert size_after - size_before == entering - leaving

    @given(shares(), shares(), st.integers(1, 60))
    def test_a_direction_holds_in_every_book(self, before: list[Fraction], after: list[Fraction], count: int) -> None:
        old, new = quota(before), quota(after)
        (found,) = compare(policy_of(old), policy_of(new)).schemes
        order = max(old.tier_ids, new.tier_ids, key=len)
        for rank in range(1, count + 1):
            rise = order.index(tier_at(rank, count, old)) - order.index(tier_at(rank, count, new))
            assert not (rise < 0 and found.direction in {"equal", "only raises"})
            assert not (rise > 0 and found.direction in {"equal", "only lowers"})


def quota(parts: list[Fraction]) -> QuotaScheme:
    tiers = [QuotaTier(tier, share) for tier, share in zip("ABCD", parts, strict=False)]
    return QuotaScheme(id="s", tiers=tiers, score="orders")


def tier_at(rank: int, count: int, scheme: QuotaScheme) -> str:
    ends = cuts(count, [tier.share for tier in scheme.tiers])
    return next(tier.id for tier, end in zip(scheme.tiers, ends, strict=True) if rank <= end)
