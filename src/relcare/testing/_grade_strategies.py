"""Hypothesis strategies for grades, and for the dimensions, cells and schemes of a matrix."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from relcare.grades import BETTER, Grade
from relcare.policy import Criterion, FactType, Vocabulary
from relcare.ranking import TIE_RULES
from relcare.segmentation import REVIEWS, Dimension, Matrix, MissingRule, ThresholdScheme
from relcare.testing._nasty import NASTY_NAMES
from relcare.testing._picks import Picks
from relcare.testing._policy_parts import condition
from relcare.testing._policy_strategies import criteria, rows
from relcare.testing._scheme_strategies import steadinesses
from relcare.testing._strategies import identifiers

__all__ = ["dimensions", "drawn_grades", "grades", "matrices", "matrix_schemes"]

# Best first; the last one sorts before the others.
_TIERS: Final = ("A", "B", "C", "키", "0")
_PARTS: Final = (2, 3, 4, 5, 10, 100, 1_000)


def grades(vocabulary: Vocabulary) -> st.SearchStrategy[Grade]:
    """Grades that use the facts of a vocabulary rightly: quintiles, percentile points and few parts, every tie rule.

    Args:
        vocabulary: At least one fact with an order; numbers have a grain.
    """
    ordered = [name for name, kind in vocabulary.items() if kind.is_ordered and not _is_endless(kind)]

    def better(fact: str) -> st.SearchStrategy[str | None]:
        return st.sampled_from(BETTER if vocabulary[fact].polarity == "neither" else (None, *BETTER))

    def of(fact: str) -> st.SearchStrategy[Grade]:
        return st.builds(
            Grade,
            id=identifiers(),
            fact=st.just(fact),
            parts=st.sampled_from(_PARTS),
            better=better(fact),
            ties=st.sampled_from(TIE_RULES),
            scope=st.none() | criteria(vocabulary, max_depth=1),
            source=st.sampled_from([None, *NASTY_NAMES]),
        )

    return st.sampled_from(ordered).flatmap(of)


def drawn_grades(picks: Picks, vocabulary: Vocabulary) -> list[Grade]:
    """None, one or two grades of facts with an order.

    Args:
        picks: Of the composite strategy.
        vocabulary: The declared facts.
    """
    ordered = [name for name, kind in vocabulary.items() if kind.is_ordered and not _is_endless(kind)]
    return [
        _grade(picks, name, ordered, vocabulary)
        for name in (picks.one(((), (), ("recency",), ("recency", "등급"))) if ordered else ())
    ]


def _grade(picks: Picks, grade_id: str, ordered: Sequence[str], vocabulary: Vocabulary) -> Grade:
    fact = picks.one(ordered)
    return Grade(
        id=grade_id,
        fact=fact,
        parts=picks.one(_PARTS),
        better=picks.one(BETTER if vocabulary[fact].polarity == "neither" else (None, *BETTER)),
        ties=picks.one(TIE_RULES),
        scope=condition(picks, vocabulary) if picks.flag() else None,
        source=picks.one((None, *NASTY_NAMES)),
    )


def _is_endless(kind: FactType) -> bool:
    """Whether between any two of its values there is another: events have such amounts, facts do not."""
    return kind.is_numeric and kind.grain is None


def _has_cells(kind: FactType) -> bool:
    return bool(kind.values) if kind.kind in {"level", "category"} else kind.is_numeric and not _is_endless(kind)


def _parted(values: Sequence[str], ends: Sequence[bool]) -> list[list[str]]:
    """The values in groups, a new one after each end."""
    groups: list[list[str]] = [[]]
    for value, is_end in zip(values, ends, strict=True):
        groups[-1].append(value)
        if is_end:
            groups.append([])
    return [group for group in groups if group]


def dimensions(vocabulary: Vocabulary, facts: Sequence[str] | None = None) -> st.SearchStrategy[Dimension]:
    """Dimensions of a matrix: all values of a level or a category in one to four groups, or one to three bands of a number.

    Args:
        vocabulary: What the facts are.
        facts: Which of them; all that can be cut by default, of which there must be one.
    """

    def of(fact: str) -> st.SearchStrategy[Dimension]:
        kind = vocabulary[fact]
        if kind.values:
            ends = st.lists(st.booleans(), min_size=len(kind.values), max_size=len(kind.values))
            groups = st.builds(_parted, st.permutations(kind.values), ends)
            return st.builds(Dimension, fact=st.just(fact), values=groups)
        starts = rows(Vocabulary({fact: kind})).map(lambda row: Decimal(str(kind.decode(row[fact] or 0))))
        bands = st.lists(starts, min_size=1, max_size=3, unique=True).map(sorted)
        return st.builds(Dimension, fact=st.just(fact), bands=bands)

    names = [name for name in facts or vocabulary if _has_cells(vocabulary[name])]
    return st.sampled_from(names).flatmap(of)


def matrices(vocabulary: Vocabulary, tiers: Sequence[str] = _TIERS) -> st.SearchStrategy[Matrix]:
    """Matrices that use the facts of a vocabulary rightly, with the same tier in many cells and tiers in none.

    Args:
        vocabulary: At least two facts that can be cut.
        tiers: What cells may name.
    """
    names = [name for name, kind in vocabulary.items() if _has_cells(kind)]

    def of(rows_of: Dimension, columns: Dimension, drawn: Sequence[str]) -> Matrix:
        width = columns.count
        cells = [drawn[place * width : (place + 1) * width] for place in range(rows_of.count)]
        return Matrix(rows=rows_of, columns=columns, cells=cells)

    def beside(first: Dimension) -> st.SearchStrategy[Matrix]:
        others = [name for name in names if name != first.fact]

        def filled(second: Dimension) -> st.SearchStrategy[Matrix]:
            count = first.count * second.count
            drawn = st.lists(st.sampled_from(tiers), min_size=count, max_size=count)
            return st.builds(of, st.just(first), st.just(second), drawn)

        return dimensions(vocabulary, others).flatmap(filled)

    return dimensions(vocabulary, names).flatmap(beside)


def matrix_schemes(vocabulary: Vocabulary) -> st.SearchStrategy[ThresholdScheme]:
    """Matrix schemes that use the facts of a vocabulary rightly, with and without an `otherwise`, newcomers and who stays.

    Args:
        vocabulary: At least two facts that can be cut.
    """

    def build(
        *,
        matrix: Matrix,
        newcomer: bool,
        otherwise: str | None,
        stays: list[Criterion | None],
        **fields: Any,  # noqa: ANN401 - drawn
    ) -> ThresholdScheme:
        # The best two are there even when no cell names them.
        ids: list[str] = [tier for tier in _TIERS if tier in {*matrix.tier_ids, *_TIERS[:2]}]
        kept = {tier: stay for tier, stay in zip(ids, stays, strict=False) if stay is not None}
        rule: MissingRule = "newcomer" if newcomer else "hold"
        return ThresholdScheme(
            tiers=matrix.tiers(ids, kept),
            matrix=matrix,
            otherwise=otherwise,
            missing=rule,
            newcomer=ids[0] if newcomer else None,
            **fields,
        )

    return st.builds(
        build,
        matrix=matrices(vocabulary),
        newcomer=st.booleans(),
        otherwise=st.sampled_from([None, None, "left over", _TIERS[1]]),
        stays=st.lists(st.none() | criteria(vocabulary, max_depth=1), max_size=3),
        id=identifiers(),
        scope=st.none() | criteria(vocabulary, max_depth=1),
        review=st.none() | st.sampled_from(REVIEWS),
        steady=st.none() | steadinesses(of_quota=False),
        source=st.sampled_from([None, *NASTY_NAMES]),
    )
