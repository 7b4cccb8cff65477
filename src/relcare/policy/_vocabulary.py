"""Which names a criterion may use, and whether it uses them rightly."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap
from relcare.errors import InvalidValueError, nearest
from relcare.model import DIRECTIONS, STAGES
from relcare.policy._criteria import Compare, Contains, Criterion, Leaf, Missing, OneOf, leaves
from relcare.policy._criterion_text import CriterionProblem
from relcare.policy._types import Core, FactType, LiteralProblem

__all__ = ["CLIENT_FACTS", "EVENT_FACTS", "Vocabulary", "check_criterion"]

CLIENT_FACTS: Final[Mapping[str, FactType]] = ReadOnlyMap(
    {
        "client.stage": FactType(kind="category", values=STAGES),
        "client.relationship_types": FactType(kind="set", may_be_missing=False),
        "client.owner_id": FactType(kind="category"),
        "client.region": FactType(kind="category"),
    }
)
"""The built-in facts (FCT-5)."""

EVENT_FACTS: Final[Mapping[str, FactType]] = ReadOnlyMap(
    {
        "channel": FactType(kind="category"),
        "direction": FactType(kind="category", values=DIRECTIONS),
        "outcome": FactType(kind="category"),
        "purpose": FactType(kind="category"),
        "in_lieu_of": FactType(kind="category"),
        "category": FactType(kind="category"),
        "amount": FactType(kind="number"),
        "person.role": FactType(kind="category"),
        "person.rank": FactType(kind="category"),
        "staff.role": FactType(kind="category"),
    }
)
"""What criteria about events may use (CRI-1)."""

# Where what a derived fact comes from is declared.
_HOMES: Final = {
    "grade": "[[grade]]",
    "tier": "[[segmentation]]",
    "strategy": "[[relationship]]",
    "vip": "[[vip]]",
    "segment": "[[segment]]",
}


@attrs.frozen
class Vocabulary(Mapping[str, FactType]):
    """The facts a criterion may use, by name, in a fixed order: the layout of fact rows.

    Attributes:
        types: The facts with their types.
        broken: Names that are declared but wrong, each standing for what is derived from it too (`vip.house` for
            `vip.house.membership`); nobody complains a second time about their use.
        elsewhere: Names that are declared and cannot be used here, each with the way out.
    """

    types: Mapping[str, FactType]
    broken: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = attrs.field(factory=dict[str, str], eq=False)

    def __attrs_post_init__(self) -> None:
        for name, value in (("types", self.types), ("elsewhere", self.elsewhere)):
            if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(name, value, "must be a mapping")
        if not isinstance(self.broken, frozenset):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("broken", self.broken, "must be a frozenset of names")

    def __getitem__(self, name: str) -> FactType:
        return self.types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)

    def is_broken(self, name: str) -> bool:
        """Whether a name is declared but wrong, or derived from one that is."""
        return name in self.broken or any(name.startswith(f"{one}.") for one in self.broken)

    def unknown(self, name: str) -> tuple[str, str] | None:
        """What to say of a name that no fact has, with the way out; None where there is nothing to say.

        Args:
            name: Any text.
        """
        if name in self.types or self.is_broken(name):
            return None
        if name in self.elsewhere:
            return f"{name} cannot be asked for here", self.elsewhere[name]
        near = nearest(name, (*self.types, *self.broken))
        room, dot, _ = name.partition(".")
        home = _HOMES.get(room if dot else "", "[facts]")
        return f"unknown fact {name!r}", f"did you mean {near!r}?" if near else f"declare it under {home}"

    def constants(self, leaf: Leaf) -> tuple[Core, ...]:
        """The leaf's constants in core form; the criterion must have passed `check_criterion`."""
        kind = self.types[leaf.fact]
        values = leaf.values if isinstance(leaf, OneOf) else () if isinstance(leaf, Missing) else (leaf.value,)
        found = tuple(kind.literal(value) for value in values)
        return tuple(value for value in found if not isinstance(value, LiteralProblem))


def check_criterion(criterion: Criterion, vocabulary: Vocabulary) -> tuple[CriterionProblem, ...]:
    """Every wrong use of a name or constant in a criterion, from left to right; empty when there is none (CRI-1)."""
    return tuple(problem for leaf in leaves(criterion) for problem in _check_leaf(leaf, vocabulary))


def _check_leaf(leaf: Leaf, vocabulary: Vocabulary) -> Iterator[CriterionProblem]:
    start = leaf.span[0]
    kind = vocabulary.types.get(leaf.fact)
    if kind is None:
        unknown = vocabulary.unknown(leaf.fact)
        if unknown is not None:
            yield CriterionProblem(start, *unknown)
        return
    if isinstance(leaf, Missing) or leaf.fact in vocabulary.broken:
        return
    if isinstance(leaf, Contains) != (kind.kind == "set"):
        form = f"'...' in {leaf.fact}" if kind.kind == "set" else f"{leaf.fact} == ... or {leaf.fact} in (...)"
        yield CriterionProblem(start, f"{leaf.fact} is a {kind.kind}", f"write {form}")
        return
    if isinstance(leaf, Compare) and leaf.operator not in {"==", "!="} and not kind.is_ordered:
        yield CriterionProblem(start, f"{leaf.fact} is a {kind.kind}, which has no order", "use ==, != or in (...)")
        return
    for value in leaf.values if isinstance(leaf, OneOf) else (leaf.value,):
        bound = kind.literal(value)
        if isinstance(bound, LiteralProblem):
            yield CriterionProblem(start, f"{leaf.fact} {bound.message}", bound.hint)
