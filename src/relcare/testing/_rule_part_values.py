"""One strategy for each part that rules are made of, by its class: criteria, facts, measures, steps of time."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from hypothesis import strategies as st

from relcare.policy import (
    CLIENT_FACTS,
    And,
    Compare,
    Contains,
    Criterion,
    Derivation,
    Every,
    Fact,
    FactType,
    Measure,
    Missing,
    Not,
    OneOf,
    Or,
    Span,
    Vocabulary,
    Window,
)
from relcare.testing._policy_parts import measures
from relcare.testing._policy_strategies import criteria, facts, vocabularies, windows
from relcare.testing._strategies import cached, identifiers, intervals

__all__ = ["RULE_PARTS", "WORDS", "lone_criteria"]

WORDS: Final = Vocabulary(
    {
        "revenue": FactType(kind="money", grain=Decimal("0.01"), polarity="more"),
        "orders": FactType(kind="integer", grain=Decimal(1), low=Decimal(0)),
        "likelihood": FactType(kind="level", values=("none", "low", "high")),
        "is_local": FactType(kind="flag"),
        "topics": FactType(kind="set"),
        "founded_on": FactType(kind="date"),
        **CLIENT_FACTS,
    }
)
"""What rules that are drawn by themselves, without a policy, ask about."""


@cached
def lone_criteria() -> st.SearchStrategy[Criterion]:
    """A criterion in these words."""
    return criteria(WORDS, max_depth=1)


def _leaf(kind: type, *, of_sets: bool = False) -> st.SearchStrategy[object]:
    """A comparison of one form; only sets are asked what they contain."""
    words = Vocabulary({name: type_ for name, type_ in WORDS.items() if (type_.kind == "set") is of_sets})
    return criteria(words, max_depth=0).filter(lambda leaf: isinstance(leaf, kind))


def _parts() -> st.SearchStrategy[tuple[Criterion, ...]]:
    return st.lists(lone_criteria(), min_size=2, max_size=3).map(tuple)


RULE_PARTS: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {
    And: lambda: st.builds(And, _parts()),
    Compare: partial(_leaf, Compare),
    Contains: partial(_leaf, Contains, of_sets=True),
    Derivation: lambda: st.builds(
        Derivation, function=st.sampled_from(["ratio", "difference"]), first=identifiers(), second=identifiers()
    ),
    Every: intervals,
    Fact: facts,
    FactType: lambda: facts().map(lambda fact: fact.fact_type),
    Measure: measures,
    Missing: lambda: st.builds(Missing, st.sampled_from(sorted(WORDS))),
    Not: lambda: st.builds(Not, lone_criteria()),
    OneOf: partial(_leaf, OneOf),
    Or: lambda: st.builds(Or, _parts()),
    Span: lambda: st.builds(Span, days=st.sampled_from([0, 1, 2, 5]) | st.integers(0, 69_993), is_business=st.booleans()),
    Vocabulary: vocabularies,
    Window: windows,
}
"""How each is drawn."""
