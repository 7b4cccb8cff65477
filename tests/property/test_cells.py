"""Cells and coverings against the plain interpreter and against trying everything."""

from decimal import Decimal
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from relcare.cells import Box, Cover, Space, axis_of
from relcare.policy import Compare, Core, FactType, Vocabulary, criterion, evaluate, leaves

WORDS = Vocabulary(
    {
        "revenue": FactType(kind="integer", grain=Decimal(1), may_be_missing=True, polarity="more"),
        "orders": FactType(kind="integer", grain=Decimal(1), may_be_missing=False),
        "likelihood": FactType(kind="level", values=("none", "low", "high"), may_be_missing=True),
        "region": FactType(kind="category", may_be_missing=False),
        "types": FactType(kind="set", may_be_missing=False),
        "key": FactType(kind="flag", may_be_missing=True),
    }
)
LEAVES = (
    *("revenue >= 10", "revenue < 20", "10 <= revenue < 11", "orders == 3", "orders != 3", "missing(revenue)", "missing(orders)"),
    *("likelihood >= 'low'", "likelihood in ('none', 'high')", "region == 'north'", "region not in ('north', 'south')"),
    *("'partner' in types", "'channel' not in types", "key", "not key"),
)


@st.composite
def criteria(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(LEAVES))
    joint = draw(st.sampled_from((" and ", " or ")))
    parts = [draw(criteria(depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    joined = joint.join(f"({part})" for part in parts)
    return f"not ({joined})" if draw(st.booleans()) else joined


def inside(point: tuple[int, ...], box: Box) -> bool:
    return all(cells >> index & 1 for index, cells in zip(point, box, strict=True))


class TestRegions:
    """CRI-2 on cells: a criterion holds, fails or is unknown in a cell as the plain interpreter says of every value in it."""

    @given(criteria())
    def test_the_region_of_a_criterion_is_what_the_interpreter_says(self, text: str) -> None:
        parsed = criterion(text)
        space = Space.of([parsed], WORDS)
        region = space.region(parsed)
        for point in product(*(range(len(axis.cells)) for axis in space.axes)):
            row: dict[str, Core] = {axis.fact: axis.cells[index] for axis, index in zip(space.axes, point, strict=True)}
            answer = evaluate(parsed, row, WORDS)
            assert any(inside(point, box) for box in region.holds) is (answer is True)
            assert any(inside(point, box) for box in region.fails) is (answer is False)

    @given(criteria(), st.integers(-5, 30))
    def test_every_value_behaves_as_the_representative_of_its_cell(self, text: str, value: int) -> None:
        parsed = criterion(text)
        for fact in ("revenue", "orders"):
            axis = axis_of(fact, leaves(parsed), WORDS)
            below = [cell for cell in axis.cells if isinstance(cell, int) and cell <= value]
            numbers = [cell for cell in axis.cells if isinstance(cell, int)]
            # The first cell is represented by its highest value, every other by its lowest.
            cell = numbers[0] if value <= numbers[0] else max(below)
            for leaf in leaves(parsed):
                if leaf.fact == fact and isinstance(leaf, Compare):
                    assert evaluate(leaf, {fact: value}, WORDS) is evaluate(leaf, {fact: cell}, WORDS)


boxes = st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 15))


class TestCover:
    """A covering search answers as trying every combination does."""

    @given(boxes, st.lists(boxes, max_size=8))
    def test_what_is_uncovered_is_in_the_box_and_in_no_other(self, box: Box, others: list[Box]) -> None:
        points = [p for p in product(range(3), range(3), range(4)) if inside(p, box)]
        bare = [p for p in points if not any(inside(p, other) for other in others)]
        found = Cover().uncovered(box, others)
        assert (found is None) is (not bare)
        if found is not None:
            assert all(cells for cells in found)
            assert all(p in bare for p in product(range(3), range(3), range(4)) if inside(p, found))

    @given(boxes, st.lists(boxes, min_size=1, max_size=8))
    def test_a_core_covers_and_none_of_it_can_be_left_out(self, box: Box, others: list[Box]) -> None:
        cover = Cover()
        if not cover.covers(box, others):
            return
        core = cover.core(box, others)
        assert cover.covers(box, [others[index] for index in core])
        for index in core:
            assert not cover.covers(box, [others[other] for other in core if other != index])
