"""What is owed on a day, and what stands between that and its being done (CAD-1 to CAD-14)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import attrs

from relcare.cadence import Cadence, DueContext, cadence_of, staff_by_role
from relcare.calendars import Calendar, RollTable, Weekdays, calendar
from relcare.decisions._case import Case, about
from relcare.decisions._circumstances import Circumstances
from relcare.errors import InvalidValueError
from relcare.model import Absence, Book, Obligation, Obligations, Undecided
from relcare.policy import Vocabulary

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["Duties"]


class Duties:
    """A policy's cadence rules and triggers made ready to ask.

    Args:
        policy: The policy.
        vocabulary: What its rules may name.
    """

    def __init__(self, policy: "Policy", vocabulary: Vocabulary) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self._tables: list[tuple[Calendar, RollTable]] = []

    def of(
        self, cases: Sequence[Case], book: Book, as_of: date, day: date, given: Calendar | None
    ) -> tuple[Obligations, tuple[Undecided, ...]]:
        """What these clients of a book are owed, and which rules may or may not oblige.

        Args:
            cases: Clients with all their facts.
            book: For its zone, staff and absences.
            as_of: The civil day or the instant that is asked about.
            day: Its civil day.
            given: Business days; None for the policy's own.
        """
        context = self._context(day, given, book.zone, as_of)
        circumstances = self._circumstances(day, given, book.zone, book.absences_by_staff)
        roles = staff_by_role(book.staff)
        owed: list[Obligation] = []
        undecided: list[Undecided] = []
        for case in cases:
            some, unknown = self._cadence.oblige(
                case.history,
                case.row,
                context,
                strategy_intervals=case.strategy.intervals,
                provisional=case.provisional,
                roles=roles,
                inapplicable=frozenset(case.inapplicable),
                changes=case.changes,
            )
            owed.extend(circumstances.applied(some, case.history, case.consents))
            undecided.extend(attrs.evolve(u, reasons=(*u.reasons, *about(case.notes, u.missing))) for u in unknown)
        return Obligations(owed), tuple(undecided)

    @cached_property
    def own_calendar(self) -> Calendar:
        return Weekdays() if self._policy.calendar is None else calendar(self._policy.calendar)

    @cached_property
    def _cadence(self) -> Cadence:
        policy = self._policy
        return cadence_of(
            policy.cadence, self._vocabulary, policy_id=policy.id, policy_version=policy.version, triggers=policy.triggers
        )

    @cached_property
    def _purposes(self) -> Mapping[str, str | None]:
        """What each rule and trigger is for."""
        return Circumstances.purposes_of(self._policy.cadence, self._policy.triggers)

    def _context(self, as_of: date, given: Calendar | None, zone: str, moment: date) -> DueContext:
        if isinstance(given, str):
            raise InvalidValueError("calendar", given, "must be a calendar", f'write relcare.calendars.calendar("{given}")')
        used = self.own_calendar if given is None else given
        table = next((table for known, table in self._tables if known is used), None)
        if table is None:
            table = RollTable(used, as_of, as_of)
            self._tables = [*self._tables[-3:], (used, table)]
        return DueContext(
            as_of=as_of.toordinal(),
            in_force_from=self._policy.effective_from.toordinal(),
            table=table,
            zone=ZoneInfo(zone),
            hours=self._policy.working_hours,
            moment=moment if isinstance(moment, datetime) else None,
        )

    def _circumstances(
        self, day: date, given: Calendar | None, zone: str, absences: Mapping[str, Sequence[Absence]] | None
    ) -> Circumstances:
        """What stands between obligations and their being done on a day."""
        return Circumstances(
            as_of=day,
            rules=self._policy.permission,
            zone=zone,
            calendar=lambda: self.own_calendar if given is None else given,
            purposes=self._purposes,
            absences=absences or {},
        )
