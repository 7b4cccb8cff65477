"""Hypothesis strategies for segments."""

from hypothesis import strategies as st

from relcare.policy import Vocabulary
from relcare.segments import CriterionSegment, ProductSegment, Segment, can_divide
from relcare.testing._nasty import NASTY_NAMES
from relcare.testing._picks import Picks
from relcare.testing._policy_parts import condition

__all__ = ["drawn_segments", "segments"]

_IDS = ("bold", "nearby", "高端", "구역")


def drawn_segments(picks: Picks, vocabulary: Vocabulary, *, most: int = 3) -> list[Segment]:
    """Up to so many segments of both kinds.

    Args:
        picks: Draws.
        vocabulary: What their criteria may use; at least one fact.
        most: How many there are at most.
    """
    sides = [name for name, kind in vocabulary.items() if can_divide(kind)]
    return [
        _product(picks, segment_id, vocabulary, sides) if sides and picks.flag() else _criterion(picks, segment_id, vocabulary)
        for segment_id in picks.some(_IDS, 0, most)
    ]


def _criterion(picks: Picks, segment_id: str, vocabulary: Vocabulary) -> CriterionSegment:
    title, source = picks.one((None, *NASTY_NAMES)), picks.one((None, *NASTY_NAMES))
    return CriterionSegment(id=segment_id, when=condition(picks, vocabulary), title=title, source=source)


def _product(picks: Picks, segment_id: str, vocabulary: Vocabulary, sides: list[str]) -> ProductSegment:
    return ProductSegment(
        id=segment_id,
        by=picks.some(sides, 1, 3),
        scope=condition(picks, vocabulary) if picks.flag() else None,
        title=picks.one((None, *NASTY_NAMES)),
    )


@st.composite
def _segments(draw: st.DrawFn, vocabulary: Vocabulary) -> list[Segment]:
    return drawn_segments(Picks(draw), vocabulary)


def segments(vocabulary: Vocabulary) -> st.SearchStrategy[list[Segment]]:
    """Up to three segments that pass `segment_problems`, by criteria and by up to three dimensions.

    Args:
        vocabulary: What they may use; at least one fact.

    Examples:
        >>> from hypothesis import given, settings
        >>> from relcare.policy import CLIENT_FACTS
        >>> @settings(max_examples=5, database=None)
        ... @given(segments(Vocabulary(CLIENT_FACTS)))
        ... def every_id_comes_once(several):
        ...     assert len({segment.id for segment in several}) == len(several)
        >>> every_id_comes_once()
    """
    return _segments(vocabulary)
