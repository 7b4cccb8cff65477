"""Hypothesis strategies for what a policy declares about relationship types."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from relcare.policy import CLIENT_FACTS, Vocabulary
from relcare.relationships import Indicator, Situation, Strategy
from relcare.testing._policy_strategies import criteria
from relcare.testing._strategies import TYPES, ids, intervals, names

__all__ = ["strategies_of_types"]

_CHANNELS: Final = ("call", "visit", "message")
_ABOUT_CLIENTS: Final = criteria(Vocabulary(CLIENT_FACTS), max_depth=1)
_INDICATORS: Final = st.builds(Indicator, id=ids(), healthy=_ABOUT_CLIENTS)
_SITUATIONS: Final = st.builds(Situation, id=ids(), when=_ABOUT_CLIENTS, action=names())


def strategies_of_types(
    types: Sequence[str] = (*TYPES, "investor"), *, channels: Sequence[str] = _CHANNELS
) -> st.SearchStrategy[tuple[Strategy, ...]]:
    """What a policy declares under relationships: some of the types, each once, in any order, with and without intervals.

    Their indicators and situations ask for facts that every policy has.

    Args:
        types: Which types to draw from.
        channels: Which channels to draw intervals for.
    """

    def one(name: str) -> st.SearchStrategy[Strategy]:
        sentences = st.lists(names(), max_size=2)
        return st.builds(
            Strategy,
            type=st.just(name),
            appeal=names(),
            intervals=st.dictionaries(st.sampled_from(channels), intervals(), max_size=3),
            advice=sentences,
            avoid=sentences,
            source=st.none() | names(),
            questions=sentences,
            forms=sentences,
            indicators=st.lists(_INDICATORS, max_size=2, unique_by=lambda one: one.id),
            situations=st.lists(_SITUATIONS, max_size=2, unique_by=lambda one: one.id),
        )

    any_type = st.one_of([one(name) for name in types])
    return st.lists(any_type, max_size=len(types), unique_by=lambda strategy: strategy.type).map(tuple)
