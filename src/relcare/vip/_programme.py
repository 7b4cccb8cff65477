"""VIP programmes as values: any path is enough (VIP-1)."""

from collections.abc import Iterable, Iterator

import attrs

from relcare._fields import check_identifier, check_optional_text, check_text, check_tuple_of, to_tuple
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, FactType, RuleProblem, Vocabulary, criterion_problems

__all__ = ["QUALIFICATION_TYPE", "Programme", "VipPath", "programme_problems"]

QUALIFICATION_TYPE = FactType(kind="category", values=("yes", "no"))
"""The type of the derived fact `vip.<programme>`; missing while unknown (FCT-5)."""


@attrs.frozen
class VipPath:
    """One way to qualify.

    Attributes:
        id: Free text, unique in the programme.
        when: The criterion; thresholds are inclusive when written with >=.
    """

    id: str
    when: Criterion

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        if not isinstance(self.when, Criterion):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("when", self.when, "must be a criterion", 'write relcare.criterion("...")')


def _to_paths(values: Iterable[VipPath]) -> tuple[VipPath, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Programme:
    """Who is a VIP.

    Attributes:
        id: An identifier; the qualification becomes the fact `vip.<id>`.
        paths: Any of which is enough (VIP-1); ids unique.
        approval: The role that approves membership.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    paths: tuple[VipPath, ...] = attrs.field(converter=_to_paths)
    approval: str | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_tuple_of("paths", self.paths, VipPath)
        ids = [path.id for path in self.paths]
        if not ids:
            raise InvalidValueError("paths", ids, "must list at least one path")
        if len(set(ids)) != len(ids):
            raise InvalidValueError("paths", ids, "must have different ids")
        check_optional_text("approval", self.approval)
        check_optional_text("source", self.source)


def programme_problems(programme: Programme, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a programme's paths."""
    for index, path in enumerate(programme.paths):
        yield from criterion_problems(("paths", index, "when"), path.when, vocabulary)
