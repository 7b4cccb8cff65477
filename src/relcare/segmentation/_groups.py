"""Which group a client is ranked in: each is cut by itself (SEG-4)."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from relcare.policy import Core, FactType, Vocabulary
from relcare.segmentation._scheme import QuotaScheme

__all__ = ["WHOLE", "GroupOf", "can_group", "group_of", "grouper_of"]

GroupOf: TypeAlias = Callable[[Mapping[str, Core]], str | None]

WHOLE: Final = ""
"""The one group of a scheme that is not cut by groups; no fact has this text as its value."""


def can_group(kind: FactType) -> bool:
    """Whether a fact of this type tells clients apart into groups: a category, a level, or a set."""
    return kind.kind in {"category", "level", "set"}


def group_of(value: Core, kind: FactType) -> str | None:
    """The group that a value names; None for none, which a missing value and an empty set are.

    Several members of a set are one group together, by code point: a client is in one group only, so that sizes sum to n.
    """
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or None
    return None if value is None else str(kind.decode(value)) or None


def grouper_of(scheme: QuotaScheme, vocabulary: Vocabulary) -> GroupOf:
    """What names the group of a row, for a scheme that has passed its check."""
    name = scheme.group_by
    if name is None:
        return lambda _: WHOLE
    kind = vocabulary[name]
    return lambda row: group_of(row.get(name), kind)
