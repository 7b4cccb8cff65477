"""Hypothesis strategies for a scheme with clients to class: on its thresholds and bands, and right beside them."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from relcare.policy import Compare, Core, FactType, OutOfBounds, Vocabulary, leaves
from relcare.segmentation import QuotaScheme, Scheme
from relcare.testing._policy_strategies import rows
from relcare.testing._strategies import ids

__all__ = ["scheme_cases"]

SchemeT = TypeVar("SchemeT", bound=Scheme)


def _points_of(scheme: Scheme, vocabulary: Vocabulary) -> list[tuple[str, Core]]:
    """What a scheme compares facts with, the starts of its bands included, in core form."""
    found = [] if scheme.scope is None else [scheme.scope]
    if isinstance(scheme, QuotaScheme):
        terms = () if isinstance(scheme.score, str) else scheme.score
        found.extend(Compare(term.fact, ">=", band.start) for term in terms for band in term.bands)
    else:
        found.extend(tier.when for tier in scheme.tiers)
    return [(leaf.fact, core) for one in found for leaf in leaves(one) for core in vocabulary.constants(leaf)]


def _beside(kind: FactType, point: Core, step: int, instead: Core) -> Core:
    """A value on a point or one step beside it; another one where the fact's type has no such value."""
    if kind.kind == "set":
        return frozenset({str(point)})
    if type(point) is not int:
        return point
    moved = point + step
    if kind.kind == "level":
        return moved if 0 <= moved < len(kind.values) else instead
    core = kind.encode("near", kind.decode(moved))
    return instead if isinstance(core, OutOfBounds) else core


def _filled(row: dict[str, Core], others: Sequence[dict[str, Core]]) -> dict[str, Core]:
    """A row that has from the others what it misses: one fact in two is missing in what is drawn, which leaves few scores."""
    return {name: next((r[name] for r in (row, *others) if r[name] is not None), None) for name in row}


def scheme_cases(
    schemes: st.SearchStrategy[SchemeT], vocabulary: Vocabulary, *, max_clients: int = 8
) -> st.SearchStrategy[tuple[SchemeT, dict[str, dict[str, Core]]]]:
    """A scheme and the facts of some clients by id, in any order: on its thresholds and bands, beside them, with many equals.

    Args:
        schemes: Over this vocabulary.
        vocabulary: The facts.
        max_clients: At most so many, and now and then none.
    """

    def build(
        scheme: SchemeT, pool: list[dict[str, Core]], moves: list[tuple[int, int, int]], places: dict[str, int]
    ) -> tuple[SchemeT, dict[str, dict[str, Core]]]:
        points = _points_of(scheme, vocabulary)
        first, second, third = pool
        some = [dict(first), dict(second), _filled(third, (first, second))]
        for row, point, step in moves:
            if points:
                fact, core = points[point % len(points)]
                some[row][fact] = _beside(vocabulary[fact], core, step, some[row][fact])
        return scheme, {client_id: dict(some[place]) for client_id, place in places.items()}

    def places(least: int) -> st.SearchStrategy[dict[str, int]]:
        return st.dictionaries(ids(), st.integers(0, 2), min_size=least, max_size=max_clients)

    return st.builds(
        build,
        schemes,
        st.lists(rows(vocabulary), min_size=3, max_size=3),
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20), st.integers(-1, 1)), max_size=8),
        places(min(4, max_clients)) | places(0),
    )
