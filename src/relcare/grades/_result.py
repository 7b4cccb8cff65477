"""What a grade decided: who stands where, and where the groups end."""

from collections.abc import Callable, Mapping
from functools import cached_property

import attrs

from relcare._fields import to_map
from relcare.errors import UnknownRecordError
from relcare.model import FactValue, Reason

__all__ = ["GradePart", "GradePlace", "GradeResult", "GradeTie"]


def _to_grades(values: Mapping[str, int]) -> Mapping[str, int]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class GradePlace:
    """One client's grade.

    Attributes:
        client_id: Who.
        grade_id: Which grade.
        grade: From 1, the worst group, to the number of groups; None without a place.
        parts: How many groups there are.
        value: The fact it is about, as people read it; None when missing.
        rank: From 1 among the ranked, the best first, then by id; None when not ranked.
        last: The last value that still is in the client's group; None when not ranked.
        missing: The facts for want of which there is no grade, in order of name.
        reasons: Why.
    """

    client_id: str
    grade_id: str
    grade: int | None
    parts: int
    value: FactValue = None
    rank: int | None = None
    last: FactValue = None
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@attrs.frozen(kw_only=True)
class GradePart:
    """One group that somebody is in.

    Attributes:
        grade: Its number; the best group has the highest.
        count: How many are in it.
        best: The best value in it, in the fact's own unit.
        last: The worst value in it.
    """

    grade: int
    count: int
    best: FactValue
    last: FactValue


@attrs.frozen(kw_only=True)
class GradeTie:
    """Clients with equal values through whom a cut runs (SEG-3).

    Attributes:
        value: The value they share.
        client_ids: All who share it, by code point.
        grades: The grade each of them got; more than one here is unequal treatment of equals.
    """

    value: FactValue
    client_ids: tuple[str, ...]
    grades: tuple[int, ...]

    @property
    def is_unequal(self) -> bool:
        """Whether equals were treated unequally."""
        return len(set(self.grades)) > 1


@attrs.frozen(kw_only=True, eq=False)
class GradeResult:
    """One grade over a book.

    Attributes:
        grade_id: The grade.
        fact: What it is about.
        parts: How many groups there are.
        grades: The grade by client id, for clients that have one, in the order of the book.
        client_ids: Everybody asked about.
        groups: The groups that somebody is in, best first, with their borders.
        ties: Equals through whom a cut runs, best first.
    """

    grade_id: str
    fact: str
    parts: int
    grades: Mapping[str, int] = attrs.field(converter=_to_grades)
    client_ids: tuple[str, ...]
    groups: tuple[GradePart, ...] = ()
    ties: tuple[GradeTie, ...] = ()
    _place: Callable[[str], GradePlace] = attrs.field(alias="place")

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.client_ids)

    @property
    def count(self) -> int:
        """How many are ranked."""
        return len(self.grades)

    def placement(self, client_id: str) -> GradePlace:
        """One client's grade with its rank, its group's last value and the reasons.

        Raises:
            UnknownRecordError: If the client was not asked about.
        """
        if client_id not in self._known:
            raise UnknownRecordError("client", client_id)
        return self._place(client_id)
