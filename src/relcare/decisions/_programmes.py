"""The VIP programmes of a policy over clients: lists, qualifications, memberships, each a fact for what follows (VIP-1 to -4)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property

from relcare.decisions._case import Case, Row, vip_noted
from relcare.decisions._turning_days import turning_days
from relcare.errors import UnknownRecordError, nearest
from relcare.model import Reason
from relcare.policy import Core, Vocabulary
from relcare.vip import (
    MembershipRules,
    MembershipState,
    Programme,
    QualifiedSpell,
    Qualifier,
    RowAt,
    VipDecision,
    benefits_of,
    is_nominated,
    membership,
    membership_so_far,
    qualifier_of,
    review_day,
    top_places,
)

__all__ = ["Programmes"]


class Programmes:
    """The programmes made ready to decide.

    Args:
        programmes: Checked before.
        vocabulary: What they may name.
        in_force_from: The first day of the policy: history begins there for a client who has no day of its own.
    """

    def __init__(self, programmes: tuple[Programme, ...], vocabulary: Vocabulary, in_force_from: date) -> None:
        self._programmes = programmes
        self._vocabulary = vocabulary
        self._in_force_from = in_force_from
        self.qualifiers: tuple[Qualifier, ...] = tuple(qualifier_of(one, vocabulary) for one in programmes)

    def set_lists(self, rows: Mapping[str, Row], as_of: int, rows_on: Callable[[int], Mapping[str, Mapping[str, Core]]]) -> None:
        """Who of all clients is on the lists of the best (VIP-1).

        Args:
            rows: The facts of each client, to which the lists are added.
            as_of: The day, an ordinal.
            rows_on: The facts on an earlier day, that of a review.
        """
        for programme in self._programmes:
            for top in programme.top:
                day, name = review_day(top, as_of), f"vip.{programme.id}.top.{top.id}"
                found = top_places(top, rows if day == as_of else rows_on(day), self._vocabulary)
                for client_id, is_on in found.items():
                    rows[client_id][name] = is_on

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The facts that `set_lists` adds, in their order."""
        return tuple(f"vip.{programme.id}.top.{top.id}" for programme in self._programmes for top in programme.top)

    def set_facts(self, case: Case, as_of: int) -> None:
        """Nomination, qualification and membership of one client as facts (FCT-5)."""
        managed = [programme for programme in self._programmes if programme.membership is not None]
        for programme in managed:
            steps = case.steps_in(programme.id)
            case.row[f"vip.{programme.id}.nominated"] = is_nominated(steps, as_of=date.fromordinal(as_of))
        for qualifier in self.qualifiers:
            answer = qualifier.qualification(case.row)
            case.row[f"vip.{qualifier.programme.id}"] = None if answer == "unknown" else answer
        for programme in managed:
            state = self.membership(programme.id, case, as_of, is_noted=True)
            case.row[f"vip.{programme.id}.membership"] = state.state
            case.row[f"vip.{programme.id}.benefits"] = benefits_of(programme, state)

    def decisions(self, case: Case, as_of: int) -> tuple[VipDecision, ...]:
        """What every programme says of a client, in their order."""
        return tuple(self.decision(programme.id, case, as_of) for programme in self._programmes)

    def memberships(self, case: Case, as_of: int) -> tuple[MembershipState, ...]:
        """Where a client stands with every programme that has members, in their order."""
        return tuple(self.membership(one.id, case, as_of) for one in self._programmes if one.membership is not None)

    def decision(self, programme_id: str, case: Case, as_of: int) -> VipDecision:
        """Whether a client qualifies, since when, and by which path."""
        qualifier = self.qualifier(programme_id)
        never = True not in qualifier.answers(case.row) and qualifier.is_rising and case.source.is_rising(qualifier.layout)
        decision = qualifier.decide(
            case.row,
            client_id=case.history.client.id,
            as_of=as_of,
            row_at=self._row_at(qualifier, case, as_of),
            # What can only rise and does not suffice now never did.
            days=() if never else list(self._days(qualifier, case, as_of)),
        )
        return vip_noted(decision, case.notes)

    def qualified(self, programme_id: str, case: Case, as_of: int) -> tuple[QualifiedSpell, ...]:
        """The stretches in which a client qualified."""
        qualifier = self.qualifier(programme_id)
        days = list(self._days(qualifier, case, as_of))
        return qualifier.qualified(self._row_at(qualifier, case, as_of), days, as_of)

    def membership(self, programme_id: str, case: Case, as_of: int, *, is_noted: bool = False) -> MembershipState:
        """Where a client stands with a programme; `is_noted` leaves a note on the case if a step was illegal."""
        steps = case.steps_in(programme_id)
        if not steps:
            return self._outsiders[programme_id]
        programme = self.qualifier(programme_id).programme
        qualified = self.qualified(programme_id, case, as_of) if _asks_when_qualified(programme) else ()
        state, fault = membership_so_far(programme, steps, qualified, as_of=date.fromordinal(as_of))
        if fault is not None and is_noted:
            values = {"programme": programme_id, "place": fault.name, "value": fault.value, "rule": fault.rule}
            case.notes.append(Reason("membership.illegal", {}, values))
        return state

    def qualifier(self, programme_id: str) -> Qualifier:
        """What decides about one programme, which must exist."""
        return next(q for q in self.qualifiers if q.programme.id == programme_id)

    def named(self, programme_id: str) -> Qualifier:
        """The same for a name that may be wrong.

        Raises:
            UnknownRecordError: If there is no such programme.
        """
        known = {qualifier.programme.id: qualifier for qualifier in self.qualifiers}
        if programme_id not in known:
            near = nearest(programme_id, list(known))
            raise UnknownRecordError("programme", programme_id, f"did you mean {near!r}?" if near else None)
        return known[programme_id]

    @cached_property
    def _outsiders(self) -> Mapping[str, MembershipState]:
        """By programme, where everybody stands who never took a step: the many share one value."""
        programmes = self._programmes
        return {one.id: membership(one, (), (), as_of=self._in_force_from) for one in programmes}

    def _row_at(self, qualifier: Qualifier, case: Case, as_of: int) -> RowAt:
        """The facts of a programme at the end of an earlier day.

        Tiers and strategies have no history here: they are taken as they are now. Lists hold from their last review on (VIP-4).
        """
        programme = qualifier.programme
        today = {name: case.row.get(name) for name in qualifier.layout}
        reviews = {f"vip.{programme.id}.top.{top.id}": review_day(top, as_of) for top in programme.top}
        steps, nominated = case.steps_in(programme.id), f"vip.{programme.id}.nominated"

        def row_at(day: int) -> Mapping[str, Core]:
            row = {**today, **case.source.at(day, qualifier.layout)[0]}
            row.update({name: False for name, review in reviews.items() if day < review})
            if programme.membership is not None:
                row[nominated] = is_nominated(steps, as_of=date.fromordinal(day))
            return row

        return row_at

    def _days(self, qualifier: Qualifier, case: Case, as_of: int) -> Iterator[int]:
        """Every day on which a path may change; history begins with the client's first day."""
        # What happens after `as_of` says nothing about a client's first day, as in CAD-1.
        known = [day for day in (case.history.begins, case.history.first_event) if day is not None and day <= as_of]
        begins = min(known, default=min(as_of, self._in_force_from.toordinal()))
        yield begins
        yield from (day for day in turning_days(qualifier, case.source, as_of) if day > begins)
        programme = qualifier.programme
        own = [*(review_day(top, as_of) for top in programme.top), *(s.on.toordinal() for s in case.steps_in(programme.id))]
        yield from (day for day in own if day > begins)


def _asks_when_qualified(programme: Programme) -> bool:
    """Whether it matters for a membership when the client qualified."""
    rules = programme.membership or MembershipRules()
    return rules.returns_delay is not None or rules.keeping == "re-evaluated"
