"""What both policies have and make something of: schemes, reviews, grades, programmes and segments, as columns to compare."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeVar

import attrs
import narwhals.stable.v2 as nw

from relcare.decisions import Policy
from relcare.frames._criteria import Expr, cases
from relcare.frames._steady import is_steady
from relcare.grades import grade_name
from relcare.segmentation import Scheme
from relcare.segments import ProductSegment

__all__ = ["OF_TIERS", "ComparedRoom", "pairs", "rooms_of"]

OF_TIERS: Final = frozenset({"grades", "segmentation", "wanted", "settled"})
"""The rooms that are asked with the tiers in force as they are."""


class _Named(Protocol):
    @property
    def id(self) -> str: ...


NamedT = TypeVar("NamedT", bound=_Named)


@attrs.frozen(eq=False)
class ComparedRoom(ABC):
    """Something that both policies have.

    Attributes:
        room: What it is.
        id: Which.
        has_cells: Whether its clients may be in cells.
    """

    room: str
    id: str
    has_cells: bool = attrs.field(default=False, kw_only=True)

    def column(self, word: str, what: str) -> str:
        """What one policy says, once both stand in one frame."""
        return f"{word} {self.room} {self.id} {what}"

    @abstractmethod
    def columns(self, word: str) -> Mapping[str, str]:
        """The columns of one policy's decision that are compared, by what they are here."""

    @abstractmethod
    def shown(self, word: str) -> dict[str, Expr]:
        """What one policy makes of a row: the kind of `Standing`, the tier or grade, and why."""

    def seat(self, word: str) -> Expr:
        """What tells apart where rows are."""
        kind, told, _ = self.shown(word).values()
        return nw.concat_str(kind, told.fill_null(""), separator=" ")

    def _said(self, word: str, what: str) -> Expr:
        return nw.col(self.column(word, what))

    def _named(self, word: str, kind: Expr, told: Expr, code: Expr) -> dict[str, Expr]:
        return {f"{word}_kind": kind, word: told, f"{word}_code": code}


class _Answers(ComparedRoom):
    """A programme or a segment."""

    def columns(self, word: str) -> Mapping[str, str]:  # noqa: ARG002 - the same of both
        prefix, what = ("programme", "qualification") if self.room == "vip" else ("segment", "answer")
        return {"said": f"{prefix}.{self.id}.{what}", "code": f"{prefix}.{self.id}.code"}

    def shown(self, word: str) -> dict[str, Expr]:
        return self._named(word, self._said(word, "said"), nw.lit(None, dtype=nw.String()), self._said(word, "code"))

    def seat(self, word: str) -> Expr:
        """Who has no cell of a segment is nowhere, for whatever reason."""
        kind, _, code = self.shown(word).values()
        return nw.when(code == "segment.unplaced").then(nw.lit("unplaced")).otherwise(kind)


class _Grades(ComparedRoom):
    """A grade; which of its parts somebody is in, however many there are."""

    def columns(self, word: str) -> Mapping[str, str]:  # noqa: ARG002 - the same of both
        return {"said": grade_name(self.id), "code": f"{grade_name(self.id)}.code"}

    def shown(self, word: str) -> dict[str, Expr]:
        said = self._said(word, "said")
        kind = nw.when(said.is_null()).then(nw.lit("ungraded")).otherwise(nw.lit("grade"))
        return self._named(word, kind, said.cast(nw.String()), self._said(word, "code"))


class _Tiers(ComparedRoom):
    """A scheme."""

    def columns(self, word: str) -> Mapping[str, str]:  # noqa: ARG002 - the same of both
        return {what: f"scheme.{self.id}.{what}" for what in ("tier", "code", "is_in_scope")}

    def shown(self, word: str) -> dict[str, Expr]:
        return self._standing(word, self._said(word, "tier"), self._said(word, "code"))

    def _standing(self, word: str, tier: Expr, code: Expr) -> dict[str, Expr]:
        is_out = ~self._said(word, "is_in_scope")
        kind = cases([(is_out, nw.lit("outside")), (tier.is_null(), nw.lit("held"))], nw.lit("tier"))
        return self._named(word, kind, tier, code)


@attrs.frozen(eq=False)
class _Review(_Tiers):
    """Where a review on the day would leave a client, or what later ones would be confirmed by (SEG-9).

    Attributes:
        schemes: Of the policies before and after; at least one keeps clients in their tiers.
    """

    schemes: Mapping[str, Scheme]

    def columns(self, word: str) -> Mapping[str, str]:
        found = dict(super().columns(word))
        if is_steady(self.schemes[word]):
            return found | {what: f"scheme.{self.id}.{what}" for what in (self.room, "settled_codes")}
        return found | {"in force": f"tier.{self.id}"}

    def shown(self, word: str) -> dict[str, Expr]:
        scheme, tier, code = self.schemes[word], self._said(word, "tier"), self._said(word, "code")
        if is_steady(scheme):
            codes = self._said(word, "settled_codes")
            return self._standing(word, self._said(word, self.room), code if self.room == "wanted" else codes.fill_null(code))
        if self.room == "wanted":
            return self._standing(word, tier, code)
        # Nothing holds a client but that there is no tier for it: then the one in force stays, which is what the fact says.
        rank = self._said(word, "in force")
        in_force = cases([(rank == at, nw.lit(one)) for at, one in enumerate(reversed(scheme.tier_ids))])
        stays = tier.is_null() & self._said(word, "is_in_scope")
        return self._standing(
            word,
            nw.when(stays).then(in_force).otherwise(tier),
            nw.when(stays & ~in_force.is_null()).then(nw.lit("segmentation.held_stays")).otherwise(code),
        )


def rooms_of(old: Policy, new: Policy, parts: frozenset[str]) -> Iterator[ComparedRoom]:
    """All that is compared of two policies, in the new order.

    Args:
        old: The policy to come from.
        new: The policy to go to.
        parts: Those that were asked for.
    """
    if "grades" in parts:
        yield from (_Grades("grades", grade.id) for _, grade in pairs(old.grades, new.grades))
    if "segmentation" in parts:
        for before, after in pairs(old.segmentation, new.segmentation):
            yield _Tiers("segmentation", after.id)
            if is_steady(before) or is_steady(after):
                schemes = {"before": before, "after": after}
                yield _Review("wanted", after.id, schemes)
                yield _Review("settled", after.id, schemes)
    if "vip" in parts:
        yield from (_Answers("vip", programme.id) for _, programme in pairs(old.vip_programmes, new.vip_programmes))
    if "segments" in parts:
        for one, segment in pairs(old.segments, new.segments):
            has_cells = isinstance(one, ProductSegment) or isinstance(segment, ProductSegment)
            yield _Answers("segments", segment.id, has_cells=has_cells)


def pairs(old: Sequence[NamedT], new: Sequence[NamedT]) -> Iterator[tuple[NamedT, NamedT]]:
    """Those that both have, in the new order."""
    known = {one.id: one for one in old}
    yield from ((known[one.id], one) for one in new if one.id in known)
