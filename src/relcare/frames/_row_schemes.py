"""The tier that stands in a row, as objects have it: thresholds asked again, of a rank what is known (SEG-1 to SEG-10, CRI-3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import attrs

from relcare.errors import InvalidValueError
from relcare.frames._borders import GroupBorders
from relcare.frames._cells import Row, text_in, whole_in
from relcare.frames._needs import facts_of_scheme
from relcare.model import Pin, Reason
from relcare.policy import Core, Vocabulary
from relcare.segmentation import Assignment, QuotaScheme, Scheme, Scorer, assign, scorer_of

__all__ = ["SchemeReader", "by_a_pin", "check_there", "of_another"]

_WHOLE: Final = ""


class SchemeReader:
    """Turns rows into assignments of one scheme.

    Args:
        scheme: The scheme.
        vocabulary: What its facts mean.
        tiers: What its tier means, where that is a fact.
        rankings: Its cuts by group; empty where they are not known.
    """

    def __init__(self, scheme: Scheme, vocabulary: Vocabulary, tiers: Vocabulary, rankings: Mapping[str, GroupBorders]) -> None:
        self.scheme = scheme
        self._vocabulary = vocabulary
        self._tiers = tiers
        self._rankings = rankings
        self._scorer: Scorer | None = scorer_of(scheme, vocabulary) if isinstance(scheme, QuotaScheme) else None

    def assignment(self, row: Row, facts: Mapping[str, Core], pins: Sequence[Pin]) -> Assignment:
        """What a row says of the scheme.

        Args:
            row: By column.
            facts: Of the row, as they are compared.
            pins: That hold the client on the day.

        Raises:
            InvalidValueError: If a fact that it rests on is not there, or the scheme decides otherwise.
        """
        check_there(row, facts_of_scheme(self.scheme))
        said = _Said(scheme=self.scheme, row=row)
        pin = next((pin for pin in pins if pin.scheme_id == self.scheme.id and pin.tier in self.scheme.tier_ids), None)
        if said.code == "segmentation.pinned" and pin is None:
            return said.by_a_pin()
        found, *others = [self._asked(said, facts, pin, kept) for kept in said.kept_before(facts, self._tiers)]
        if any(other != found for other in others):
            # What the client had before decides why it would be elsewhere, and the row does not say what that was.
            found = attrs.evolve(found, reasons=found.reasons[:1], missing=())
        if self._scorer is not None and found.rank is not None:
            found = self._ranked(found, said, self._scorer)
        if (found.tier, found.reasons[0].code) != (said.tier, said.code):
            raise of_another(said.column("tier"), said.tier)
        return found

    def _asked(self, said: "_Said", facts: Mapping[str, Core], pin: Pin | None, kept: str | None) -> Assignment:
        """What the scheme says of the client alone; where others matter, with the tier that the row has."""
        client_id = said.client_id
        result = assign(
            self.scheme,
            {client_id: facts},
            vocabulary=self._vocabulary,
            tiers_in_force={} if kept is None else {client_id: kept},
            pins={} if pin is None else {client_id: pin},
        )
        found = result.assignment(client_id)
        among_others = self._scorer is not None and (found.rank is not None or pin is not None)
        return attrs.evolve(found, tier=said.tier) if among_others else found

    def _ranked(self, found: Assignment, said: "_Said", scorer: Scorer) -> Assignment:
        """The assignment among all the others, as far as the row and the cuts tell."""
        score, lowest = whole_in(said.row, said.column("score")), whole_in(said.row, said.column("border"))
        if score is None or found.score != scorer.in_words(score):
            raise of_another(said.column("score"), score)
        cuts = self._rankings.get(found.group or _WHOLE)
        border = None if lowest is None else scorer.in_words(lowest)
        alone = (
            self._rank(reason, said, border, cuts) if reason.code == "segmentation.ranked" else reason for reason in found.reasons
        )
        # Who is alone has no equals: they stand among the cuts.
        return attrs.evolve(found, rank=None, border=border, reasons=(*alone, *self._ties(score, cuts)))

    def _rank(self, reason: Reason, said: "_Said", border: Decimal | None, cuts: GroupBorders | None) -> Reason:
        last = None if cuts is None else cuts.borders[self.scheme.tier_ids.index(said.tier or "")]
        return Reason(
            "segmentation.ranked",
            reason.facts,
            {
                "scheme": self.scheme.id,
                "tier": said.tier,
                "score": reason.values["score"],
                "rank": None,
                "count": None if cuts is None else cuts.count,
                "border_score": border,
                "border_id": None if last is None else last.last_id,
            },
        )

    def _ties(self, score: int, cuts: GroupBorders | None) -> Iterator[Reason]:
        """The cuts that part a score, where they are known."""
        scheme = self.scheme
        if cuts is None or not isinstance(scheme, QuotaScheme):
            return
        for tier, tie in zip(scheme.tiers, cuts.ties, strict=True):
            if tie is not None and tie[0] == score:
                yield Reason("segmentation.tie", {}, {"scheme": scheme.id, "cut": tier.id, "ties": scheme.ties, "equals": tie[1]})


@attrs.frozen(kw_only=True)
class _Said:
    """What stands in a row about one scheme."""

    scheme: Scheme
    row: Row

    def column(self, what: str) -> str:
        return f"scheme.{self.scheme.id}.{what}"

    @property
    def client_id(self) -> str:
        return text_in(self.row, "client_id") or ""

    @property
    def tier(self) -> str | None:
        return text_in(self.row, self.column("tier"))

    @property
    def code(self) -> str | None:
        return text_in(self.row, self.column("code"))

    def kept_before(self, facts: Mapping[str, Core], tiers: Vocabulary) -> tuple[str | None, ...]:
        """The tiers that the client may have had before, as far as that matters: one, or that of its facts and none."""
        if self.code in {"segmentation.kept", "segmentation.scope_unknown"}:
            return (self.tier,)
        if self.code != "segmentation.pinned":
            return (None,)
        name = f"tier.{self.scheme.id}"
        known = tiers[name].decode(facts.get(name))
        if known is None:
            return (None,)
        # A tier of the facts that is not the one decided now was there before; an equal one may have been.
        return (str(known),) if known != self.tier else (str(known), None)

    def by_a_pin(self) -> Assignment:
        """The tier by a pin of which the row says no more."""
        reasons = (by_a_pin(self.scheme.id),)
        return Assignment(client_id=self.client_id, scheme_id=self.scheme.id, tier=self.tier, reasons=reasons)


def by_a_pin(scheme_id: str) -> Reason:
    """That there is a pin of which no more is known."""
    unknown = {"tier": None, "kind": None, "by": None, "why": None, "until": None}
    return Reason("segmentation.pinned", {}, {"scheme": scheme_id, **unknown})


def check_there(row: Row, names: Iterable[str]) -> None:
    """Refuse a row without facts that a decision rests on: what is not there is not missing."""
    for name in names:
        text_in(row, name)


def of_another(column: str, said: object) -> InvalidValueError:
    """The refusal of a row that another policy decided: the reasons of this one would not be why."""
    return InvalidValueError(f"row.{column}", said, "must be what the policy decides by these facts", "give its own policy")
