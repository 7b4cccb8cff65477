"""A policy made ready for whoever decides in another way than over objects."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from relcare.calendars import Calendar
from relcare.decisions._engine import Engine
from relcare.decisions._vocabularies import Vocabularies
from relcare.facts import FactReader
from relcare.relationships import Strategy
from relcare.vip import Qualifier

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["ReadyPolicy"]


class ReadyPolicy:
    """The parts of a policy that every way to decide shares, each made ready once.

    Args:
        policy: The policy.
    """

    def __init__(self, policy: "Policy") -> None:
        self._engine = Engine(policy)

    @property
    def policy(self) -> "Policy":
        """The policy."""
        return self._engine.policy

    @property
    def words(self) -> Vocabularies:
        """What its facts mean, stage by stage."""
        return self._engine.words

    @property
    def reader(self) -> FactReader:
        """What reads its facts."""
        return self._engine.reader

    @property
    def strategies(self) -> Mapping[str, Strategy]:
        """The strategy of each relationship type, the built-in ones too."""
        return self._engine.strategies

    @property
    def qualifiers(self) -> Sequence[Qualifier]:
        """Its programmes in their order, ready to be asked."""
        return self._engine.programmes.qualifiers

    @property
    def own_calendar(self) -> Calendar:
        """Its business days; Monday to Friday where it names no calendar.

        Raises:
            MissingExtraError: If the calendar needs an extra that is not installed.
        """
        return self._engine.duties.own_calendar

    def day(self, as_of: date, zone: str) -> date:
        """The civil day that is asked about, on which the policy is in force.

        Args:
            as_of: A civil day, or an aware instant.
            zone: Whose calendar shows the day of an instant.

        Raises:
            InvalidValueError: If it is a naive instant, no date, or not from 1900 to 2199.
            PolicyError: If the policy is not in force on that day.
        """
        return self._engine.day(as_of, zone)
