"""The plain reading of a criterion over one row of facts: Kleene's strong three-valued logic (CRI-2)."""

from collections.abc import Callable, Iterator, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from relcare.policy._criteria import And, Contains, Criterion, Leaf, Missing, Not, OneOf, Operator, Or
from relcare.policy._types import Core
from relcare.policy._vocabulary import Vocabulary

__all__ = ["decisive_facts", "evaluate", "evaluate_leaf", "leaf_test", "may_hold"]

_COMPARE: Final[dict[Operator, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def evaluate_leaf(leaf: Leaf, row: Mapping[str, Core], vocabulary: Vocabulary) -> bool | None:
    """Whether one comparison holds; None when its fact is missing."""
    return leaf_test(leaf, vocabulary)(row.get(leaf.fact))


def leaf_test(leaf: Leaf, vocabulary: Vocabulary) -> Callable[[Core], bool | None]:
    """One comparison, ready to be asked of many values of its fact; its constants are read once.

    Args:
        leaf: Checked against the vocabulary before.
        vocabulary: What its fact means.
    """
    if isinstance(leaf, Missing):
        return lambda value: value is None
    constants = vocabulary.constants(leaf)
    if isinstance(leaf, OneOf):
        return lambda value: None if value is None else value in constants
    constant = constants[0]
    if isinstance(leaf, Contains):
        return lambda value: None if value is None else isinstance(value, frozenset) and constant in value
    compare = _COMPARE[leaf.operator]
    return lambda value: None if value is None else compare(value, constant)


def evaluate(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary) -> bool | None:
    """Whether a criterion holds for a row of facts; None when missing facts leave it unknown.

    No tautology is sought: `x > 5 or x <= 5` is unknown while x is missing, on every engine alike.

    Args:
        criterion: Checked against the vocabulary before.
        row: The facts in core form, by name; an absent name is a missing fact.
        vocabulary: What the names mean.

    Source: CRI-2.
    """
    if isinstance(criterion, Not):
        inner = evaluate(criterion.part, row, vocabulary)
        return None if inner is None else not inner
    if isinstance(criterion, And):
        answers = [evaluate(part, row, vocabulary) for part in criterion.parts]
        return False if False in answers else None if None in answers else True
    if isinstance(criterion, Or):
        answers = [evaluate(part, row, vocabulary) for part in criterion.parts]
        return True if True in answers else None if None in answers else False
    return evaluate_leaf(criterion, row, vocabulary)


def decisive_facts(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The missing facts that could still settle a criterion, each once, in order of name; none where it is settled."""
    return tuple(sorted(set(_open_facts(criterion, row, vocabulary))))


def _open_facts(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary) -> Iterator[str]:
    if evaluate(criterion, row, vocabulary) is not None:
        return
    if isinstance(criterion, (And, Or)):
        for part in criterion.parts:
            yield from _open_facts(part, row, vocabulary)
    elif isinstance(criterion, Not):
        yield from _open_facts(criterion.part, row, vocabulary)
    else:
        yield criterion.fact


def may_hold(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary, never: frozenset[str]) -> bool:
    """Whether a criterion holds, or could once the missing facts are known.

    Args:
        criterion: Checked against the vocabulary before.
        row: The facts in core form.
        vocabulary: What the names mean.
        never: Facts that will never be known, such as the tier of a client whom the scheme does not class: what compares one of
            them can turn out neither true nor false.
    """
    return _possible(criterion, row, vocabulary, never)[0]


def _possible(criterion: Criterion, row: Mapping[str, Core], vocabulary: Vocabulary, never: frozenset[str]) -> tuple[bool, bool]:
    """Whether a criterion may turn out true, and false."""
    answer = evaluate(criterion, row, vocabulary)
    if answer is not None:
        return answer, not answer
    if isinstance(criterion, Not):
        yes, no = _possible(criterion.part, row, vocabulary, never)
        return no, yes
    if isinstance(criterion, (And, Or)):
        parts = [_possible(part, row, vocabulary, never) for part in criterion.parts]
        join, other = (all, any) if isinstance(criterion, And) else (any, all)
        return join(yes for yes, _ in parts), other(no for _, no in parts)
    return criterion.fact not in never, criterion.fact not in never
