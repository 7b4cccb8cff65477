"""One client in the course of a decision, and how what is noted about its facts reaches the decisions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import attrs

from relcare.cadence import TierChange
from relcare.facts import ClientHistory, FactSource
from relcare.model import Book, Consent, MembershipEvent, Pin, Reason
from relcare.policy import Core
from relcare.relationships import MergedStrategy
from relcare.segmentation import Assignment, Scheme
from relcare.vip import VipDecision

__all__ = ["Case", "Row", "about", "as_on", "noted", "owned", "pins_of", "tier_core", "vip_noted"]

Row: TypeAlias = dict[str, Core]


@attrs.frozen(kw_only=True, eq=False)
class Case:
    """One client in the course of a decision; `computed` has its tiers by scheme where they are not in force."""

    history: ClientHistory
    source: FactSource
    row: Row
    notes: list[Reason]
    strategy: MergedStrategy
    computed: dict[str, str] = attrs.field(factory=dict[str, str])
    inapplicable: set[str] = attrs.field(factory=set[str])
    changes: Mapping[str, TierChange] = attrs.field(factory=dict[str, TierChange])
    consents: Sequence[Consent] = ()
    steps: Sequence[MembershipEvent] = ()

    def steps_in(self, programme_id: str) -> list[MembershipEvent]:
        """The client's steps in one programme, in their order."""
        return [step for step in self.steps if step.programme_id == programme_id]

    @property
    def provisional(self) -> dict[str, Reason]:
        """That tiers are provisional, by their facts (CAD-6)."""
        reasons = ((one, Reason("tier.provisional", {}, {"scheme": one, "tier": tier})) for one, tier in self.computed.items())
        return {f"tier.{scheme_id}": reason for scheme_id, reason in reasons}

    def set_tier(self, scheme_id: str, tier_ids: Sequence[str], in_force: str | None, computed: str | None) -> None:
        """The tier in force, else the one computed now, which is provisional (CAD-6)."""
        if in_force is not None and in_force not in tier_ids:
            self.notes.append(Reason("tier.unknown", {}, {"scheme": scheme_id, "tier": in_force}))
        tier = in_force if in_force in tier_ids else computed
        self.row[f"tier.{scheme_id}"] = tier_core(tier_ids, tier)
        if tier is not None and tier != in_force:
            self.computed[scheme_id] = tier


def tier_core(tier_ids: Sequence[str], tier: str | None) -> int | None:
    """A tier as the level that it is: 0 for the last."""
    return None if tier is None else len(tier_ids) - 1 - tier_ids.index(tier)


def as_on(case: Case, day: int) -> Row:
    """A client's facts at the end of an earlier day; what has no history there is as it is now."""
    return {**case.row, **case.source.at(day)[0]}


def owned(histories: Iterable[ClientHistory], book: Book, day: date) -> Iterator[ClientHistory]:
    """The histories with the owner of the day, where the book says who that was."""
    for history in histories:
        if history.client.id in book.owner_spells_by_client:
            owner = book.owner_on(history.client.id, day)
            yield attrs.evolve(history, client=attrs.evolve(history.client, owner_id=owner))
        else:
            yield history


def about(notes: Sequence[Reason], facts: Sequence[str]) -> list[Reason]:
    return [note for note in notes if note.values.get("fact") in facts]


def noted(assignment: Assignment, notes: Sequence[Reason]) -> Assignment:
    found = about(notes, assignment.missing)
    return attrs.evolve(assignment, reasons=(*assignment.reasons, *found)) if found else assignment


def vip_noted(decision: VipDecision, notes: Sequence[Reason]) -> VipDecision:
    found = about(notes, decision.missing)
    return attrs.evolve(decision, reasons=(*decision.reasons, *found)) if found else decision


def pins_of(scheme: Scheme, pins: Iterable[Pin], day: date) -> dict[str, Pin]:
    """Whom the pins of a scheme hold on a day."""
    return {pin.client_id: pin for pin in pins if pin.scheme_id == scheme.id and pin.covers(day)}
