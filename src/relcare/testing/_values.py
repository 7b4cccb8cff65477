"""One strategy for each value of the library that a program can construct, by its class; what Hypothesis' `from_type` draws."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar, cast

from hypothesis import strategies as st

from relcare.testing._access_values import ACCESS
from relcare.testing._noun_values import NOUNS
from relcare.testing._policy_values import POLICIES
from relcare.testing._rule_part_values import RULE_PARTS
from relcare.testing._rule_values import RULES
from relcare.testing._strategies import cached

__all__ = ["VALUES", "strategy_of"]

T = TypeVar("T")

VALUES: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {**NOUNS, **RULE_PARTS, **RULES, **ACCESS, **POLICIES}
"""How each is drawn."""


@cached
def strategy_of(kind: type[T]) -> st.SearchStrategy[T]:
    """The strategy of a class, made when it is first asked for."""
    return cast("st.SearchStrategy[T]", VALUES[kind]())
