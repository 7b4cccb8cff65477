"""What a client by itself has to know of the others: where the borders between all of them lie (SEG-2 to SEG-5, VIP-1)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap
from relcare.decisions._case import Case, as_on
from relcare.grades import standing_of
from relcare.model import Pin
from relcare.policy import Vocabulary
from relcare.ranking import Border
from relcare.segmentation import QuotaScheme, place_one
from relcare.vip import TopList, review_day, top_standing

if TYPE_CHECKING:
    from relcare.decisions._engine import Engine
    from relcare.decisions._policy_fields import PolicyFields

__all__ = ["Borders", "Others", "lists_of"]

Borders: TypeAlias = Mapping[str, Mapping[str, Sequence[Border | None]]]
"""Of quotas: by scheme, then by group, one for each tier, best first."""


def lists_of(policy: "PolicyFields") -> Iterator[tuple[str, TopList]]:
    """The lists of the best of all programmes, each with the fact that it becomes."""
    for programme in policy.vip_programmes:
        for top in programme.top:
            yield f"vip.{programme.id}.top.{top.id}", top


@attrs.frozen(kw_only=True, eq=False)
class Others:
    """What is known of the others of a book.

    Attributes:
        grades: By grade, the borders between its groups, best first. Of one that is not there the clients have none.
        quotas: Their borders. One that is not there gives no tier.
        lists: By the fact that a list of the best becomes, its end; None where nobody is on it. What is not there is missing.
    """

    grades: Mapping[str, Sequence[Border | None]] = attrs.field(factory=ReadOnlyMap[str, Sequence[Border | None]])
    quotas: Borders = attrs.field(factory=ReadOnlyMap[str, Mapping[str, Sequence[Border | None]]])
    lists: Mapping[str, Border | None] = attrs.field(factory=ReadOnlyMap[str, Border | None])

    def set_grades(self, engine: "Engine", case: Case) -> None:
        """The grades of a client that are known, as facts."""
        for grade in engine.policy.grades:
            borders = self.grades.get(grade.id)
            if borders is not None:
                score = standing_of(grade, case.row, engine.words.grades)
                place = None if score is None else _first(borders, score, case.history.client.id)
                case.row[grade.name] = None if place is None else grade.parts - place

    def tier(
        self,
        scheme: QuotaScheme,
        case: Case,
        *,
        vocabulary: Vocabulary,
        tier_in_force: str | None,
        pin: Pin | None,
    ) -> str | None:
        """The tier of a client in a quota; None where its borders are not known, or give none."""
        borders = self.quotas.get(scheme.id)
        if borders is None:
            return None
        return place_one(
            scheme,
            case.history.client.id,
            case.row,
            vocabulary=vocabulary,
            borders=borders,
            tier_in_force=tier_in_force,
            pin=pin,
        )

    def set_lists(self, engine: "Engine", case: Case, as_of: int) -> None:
        """Whether a client is on the lists of the best, as facts; one that is not known only says who is left out (VIP-1)."""
        for name, top in lists_of(engine.policy):
            day = review_day(top, as_of)
            row = case.row if day == as_of else as_on(case, day)
            case.row[name] = self.listed(name, case, *top_standing(top, row, engine.words.programmes))

    def listed(self, name: str, case: Case, is_on: bool | None, score: int | None) -> bool | None:  # noqa: FBT001 - as it is told
        """Whether a client is on a list, given what it says by itself, see `top_standing`."""
        if score is None or name not in self.lists:
            return is_on
        border = self.lists[name]
        return border is not None and border.includes(score, case.history.client.id)


def _first(borders: Sequence[Border | None], score: int, client_id: str) -> int | None:
    return next((i for i, one in enumerate(borders) if one is not None and one.includes(score, client_id)), None)
