"""A set of criteria as one generated function: what ten rules cost is what ten comparisons cost.

The function is made of our own closed union of nodes: names become row positions, numbers and text become literals by `repr`,
all else travels in its namespace. It answers exactly as `evaluate` does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from relcare.policy._criteria import And, Contains, Criterion, Missing, Not, OneOf, Or, leaves
from relcare.policy._types import Core
from relcare.policy._vocabulary import Vocabulary

__all__ = ["CompiledCriteria", "compile_criteria"]

CompiledCriteria = Callable[[Sequence[Core]], tuple[bool | None, ...]]


def compile_criteria(criteria: Sequence[Criterion], vocabulary: Vocabulary, layout: Sequence[str]) -> CompiledCriteria:
    """One function that answers several criteria over a row.

    Args:
        criteria: Each checked against the vocabulary before.
        vocabulary: What the names mean.
        layout: The names of the row's places, in order; every fact of the criteria is among them.

    Returns:
        A function of a row (values in core form, None for missing) that gives one answer a criterion, in order: True, False, or
        None for unknown.

    Source: CRI-2.
    """
    if not criteria:
        return lambda _row: ()
    writer = _Writer(vocabulary, layout)
    plain = [writer.plain(c) for c in criteria]
    careful = [f"True if {writer.holds(c)} else False if {writer.fails(c)} else None" for c in criteria]
    used = sorted({writer.place(leaf.fact) for c in criteria for leaf in leaves(c)})
    known = " and ".join(f"v{place} is not None" for place in used)
    source = "\n".join(
        [
            "def compiled(row):",
            *(f"    v{place} = row[{place}]" for place in used),
            f"    if {known}:",
            f"        return ({', '.join(plain)},)",
            f"    return ({', '.join(careful)},)",
        ]
    )
    exec(compile(source, "<criteria>", "exec"), writer.namespace)  # noqa: S102 - made above from a closed grammar, see the module's docstring
    return writer.namespace["compiled"]  # type: ignore[no-any-return]


class _Writer:
    def __init__(self, vocabulary: Vocabulary, layout: Sequence[str]) -> None:
        self.vocabulary = vocabulary
        self.places: Mapping[str, int] = {name: place for place, name in enumerate(layout)}
        self.namespace: dict[str, Any] = {"__builtins__": {}}

    def place(self, fact: str) -> int:
        return self.places[fact]

    def constant(self, value: Core) -> str:
        if isinstance(value, (bool, int, str)):
            return repr(value)
        name = f"k{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def test(self, leaf: Criterion) -> str:
        """The comparison itself, for a fact that is there."""
        if isinstance(leaf, (And, Or, Not, Missing)):
            raise TypeError(leaf)
        value = f"v{self.place(leaf.fact)}"
        constants = [self.constant(c) for c in self.vocabulary.constants(leaf)]
        if isinstance(leaf, Contains):
            return f"{constants[0]} in {value}"
        if isinstance(leaf, OneOf):
            return f"{value} in ({', '.join(constants)},)"
        return f"{value} {leaf.operator} {constants[0]}"

    def plain(self, node: Criterion) -> str:
        """Two-valued: when no fact of the set is missing."""
        if isinstance(node, (And, Or)):
            joint = " and " if isinstance(node, And) else " or "
            return f"({joint.join(self.plain(part) for part in node.parts)})"
        if isinstance(node, Not):
            return f"(not {self.plain(node.part)})"
        return "False" if isinstance(node, Missing) else f"({self.test(node)})"

    def holds(self, node: Criterion) -> str:
        """When it is certainly true."""
        if isinstance(node, (And, Or)):
            joint = " and " if isinstance(node, And) else " or "
            return f"({joint.join(self.holds(part) for part in node.parts)})"
        if isinstance(node, Not):
            return self.fails(node.part)
        value = f"v{self.place(node.fact)}"
        return f"({value} is None)" if isinstance(node, Missing) else f"({value} is not None and {self.test(node)})"

    def fails(self, node: Criterion) -> str:
        """When it is certainly false."""
        if isinstance(node, (And, Or)):
            joint = " or " if isinstance(node, And) else " and "
            return f"({joint.join(self.fails(part) for part in node.parts)})"
        if isinstance(node, Not):
            return self.holds(node.part)
        value = f"v{self.place(node.fact)}"
        return f"({value} is not None)" if isinstance(node, Missing) else f"({value} is not None and not ({self.test(node)}))"
