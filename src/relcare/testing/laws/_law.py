"""What a law is, and what it says when it is broken."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

import attrs

from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.model import Book, FactValue

__all__ = ["Claim", "Law", "LawBrokenError", "facts_text"]


class Law(Protocol):
    """Something that holds for every policy, book and day: a function that says nothing, or raises `LawBrokenError`."""

    __name__: str

    def __call__(self, policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
        """Looks for a counterexample.

        Args:
            policy: The policy.
            book: Clients with their history.
            as_of: A day on which the policy is in force.
            calendar: Business days; by default the policy's own.

        Raises:
            LawBrokenError: With the first counterexample.
        """
        ...


class LawBrokenError(AssertionError):
    """A law does not hold.

    Attributes:
        rule: The id of the rule it is about, such as `SEG-2`.
        law: What it says.
        counterexample: Who or what breaks it.
    """

    def __init__(self, rule: str, law: str, counterexample: str) -> None:
        super().__init__(rule, law, counterexample)
        self.rule: str = rule
        self.law: str = law
        self.counterexample: str = counterexample

    def __str__(self) -> str:
        """The rule, the law and the counterexample in one line."""
        return f"{self.rule}: {self.law}: broken by {self.counterexample}"


@attrs.frozen
class Claim:
    """A law in words.

    Attributes:
        rule: The id of the rule it is about.
        law: What it says.
    """

    rule: str
    law: str

    def require(self, holds: object, counterexample: str) -> None:
        """Raise unless it holds.

        Raises:
            LawBrokenError: If it does not.
        """
        if not holds:
            raise LawBrokenError(self.rule, self.law, counterexample)


def facts_text(facts: Mapping[str, FactValue]) -> str:
    """Facts as people read them: `revenue = 12.50, likelihood = missing`."""
    return ", ".join(f"{name} = {'missing' if value is None else value}" for name, value in facts.items()) or "no facts"
