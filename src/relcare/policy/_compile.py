"""A set of criteria as one generated function: what ten rules cost is what ten comparisons cost.

The function is made of our own closed union of nodes: names become row positions, numbers and text become literals by `repr`,
all else travels in its namespace. It answers exactly as `evaluate` does.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias, cast

from relcare.policy._compile_tree import DEPTH, TreeWriter
from relcare.policy._criteria import And, Compare, Contains, Criterion, Leaf, Missing, Not, OneOf, Or, leaves
from relcare.policy._types import Core
from relcare.policy._vocabulary import Vocabulary

__all__ = ["CompiledCriteria", "CompiledForRows", "compile_criteria", "compile_for_rows"]

CompiledCriteria: TypeAlias = Callable[[Sequence[Core]], tuple[bool | None, ...]]
CompiledForRows: TypeAlias = Callable[[Collection[Mapping[str, Core]]], list[tuple[bool | None, ...]]]


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
    writer = _Writer(criteria, vocabulary, layout)
    source = [
        "def compiled(row):",
        *(f"    v{place} = row[{place}]" for place in writer.used),
        f"    if {writer.known}:",
        f"        return {writer.plain_answers(0)}",
        f"    return {writer.careful_answers}",
    ]
    return cast("CompiledCriteria", writer.function(source))


def compile_for_rows(criteria: Sequence[Criterion], vocabulary: Vocabulary, *, is_for_many: bool = False) -> CompiledForRows:
    """The same over many rows at once, each a mapping by name: no call and no list for each of them.

    Args:
        criteria: Each checked against the vocabulary before.
        vocabulary: What the names mean.
        is_for_many: Whether to take some milliseconds more for a function that spares comparisons: for many thousand rows.

    Returns:
        A function of rows (values in core form, None or left out for missing) that gives the answers of each, in their order.

    Source: CRI-2.
    """
    if not criteria:
        return lambda rows: [() for _ in rows]
    layout = tuple(dict.fromkeys(leaf.fact for criterion in criteria for leaf in leaves(criterion)))
    writer = _Writer(criteria, vocabulary, layout)
    plain = writer.plain_answers(DEPTH if is_for_many else 0)
    answers = f"{plain} if {writer.known} else {writer.careful_answers}"
    # `for v0 in [...]` names a value without a call: the interpreter makes no list of it.
    there, perhaps = (
        "".join(f" for v{place} in [{read.format(repr(layout[place]))}]" for place in writer.used)
        for read in ("row[{}]", "row.get({})")
    )
    source = [
        "def compiled(rows):",
        "    try:",
        f"        return [{answers} for row in rows{there}]",
        "    except left_out:",
        f"        return [{answers} for row in rows{perhaps}]",
    ]
    writer.namespace["left_out"] = KeyError
    return cast("CompiledForRows", writer.function(source))


class _Writer:
    def __init__(self, criteria: Sequence[Criterion], vocabulary: Vocabulary, layout: Sequence[str]) -> None:
        self.criteria = criteria
        self.vocabulary = vocabulary
        self.places: Mapping[str, int] = {name: place for place, name in enumerate(layout)}
        self.namespace: dict[str, Any] = {"__builtins__": {}}

    def function(self, source: Sequence[str]) -> object:
        """The function that these lines define, which is called `compiled`."""
        exec(compile("\n".join(source), "<criteria>", "exec"), self.namespace)  # noqa: S102 - made from a closed grammar, see the module's docstring
        return self.namespace["compiled"]

    @property
    def used(self) -> Sequence[int]:
        """The places that are read."""
        return sorted({self.place(leaf.fact) for criterion in self.criteria for leaf in leaves(criterion)})

    @property
    def known(self) -> str:
        """Whether nothing that is read is missing."""
        return " and ".join(f"v{place} is not None" for place in self.used)

    def plain_answers(self, depth: int) -> str:
        """All answers when nothing is missing, by a tree of that depth."""
        compared = (leaf for criterion in self.criteria for leaf in leaves(criterion) if isinstance(leaf, Compare))
        constants = {id(leaf): self.vocabulary.constants(leaf)[0] for leaf in compared}
        return TreeWriter(self.criteria, self.place, constants, self.test).expression(depth)

    @property
    def careful_answers(self) -> str:
        """All answers, whatever is missing."""
        return f"({', '.join(f'True if {self.holds(c)} else False if {self.fails(c)} else None' for c in self.criteria)},)"

    def place(self, fact: str) -> int:
        return self.places[fact]

    def constant(self, value: Core) -> str:
        if isinstance(value, (bool, int, str)):
            return repr(value)
        name = f"k{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def test(self, leaf: Leaf) -> str:
        """The comparison itself, for a fact that is there."""
        if isinstance(leaf, Missing):
            raise TypeError(leaf)
        value = f"v{self.place(leaf.fact)}"
        constants = [self.constant(c) for c in self.vocabulary.constants(leaf)]
        if isinstance(leaf, Contains):
            return f"{constants[0]} in {value}"
        if isinstance(leaf, OneOf):
            return f"{value} in ({', '.join(constants)},)"
        return f"{value} {leaf.operator} {constants[0]}"

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
