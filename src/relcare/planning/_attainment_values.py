"""What attainment is made of: expectations, outcomes, days late (CAD-12, CAD-14)."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import to_map

__all__ = ["CAUSES", "RESULTS", "Cause", "Expectation", "LastContact", "Lateness", "Outcome", "Result", "Slice"]

Cause: TypeAlias = Literal["owner", "owner_absent", "permission", "cap"]
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
"""Whose or what's fault a late day is (CAD-14)."""

Result: TypeAlias = Literal["on_time", "late", "open_late", "missed", "pending"]
RESULTS: Final[tuple[Result, ...]] = get_args(Result)
"""What became of a contact that was owed."""


def _to_counts(values: Mapping[str | None, int]) -> Mapping[str | None, int]:
    return to_map(values)


def _to_tiers(values: Mapping[str, str | None]) -> Mapping[str, str | None]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class Slice:
    """What a figure is about; reports are grouped by these.

    Attributes:
        client_id: The client.
        rule_id: The cadence rule or trigger; of rules that ask the same thing the one that governed.
        channel: Of the rule.
        owner_id: The account manager on those days; None in the pool.
        month_on: The first day of the calendar month.
        types: The client's relationship types.
        tiers: The client's tiers on those days, by scheme.
    """

    client_id: str
    rule_id: str
    channel: str
    owner_id: str | None
    month_on: date
    types: frozenset[str]
    tiers: Mapping[str, str | None] = attrs.field(converter=_to_tiers)


@attrs.frozen(kw_only=True)
class Expectation:
    """How many contacts a rule expected of the firm with one client, and how many there were.

    Each month stands by itself, and so do the parts of a month before and after a change of owner or tier.

    Attributes:
        about: Client, rule, owner, month.
        planned: How many were expected; exact.
        done_by: How many there were, by who did it (CAD-12); None for touchpoints that name nobody.
        own: How many of them who was responsible did on that day.
    """

    about: Slice
    planned: Fraction
    done_by: Mapping[str | None, int] = attrs.field(converter=_to_counts)
    own: int

    @property
    def done(self) -> int:
        """How many there were, whoever did them; raw, so that it may exceed `planned`."""
        return sum(self.done_by.values())


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of one contact that was owed.

    Attributes:
        about: Client, rule, and the owner on the day that decided: that of the contact if it was on time, else the last in time.
        key: Of the obligation (CAD-13).
        result: `on_time`: by the last day of grace. `late`: after it. `open_late`: still owed after it on `as_of`. `missed`:
            nobody did it, and it is no longer asked for: the next occurrence came, its period ended, or the rule no longer
            applies. `pending`: still owed on `as_of`, and not late yet.
        due_on: The day on which it was due.
        latest_on: The last day of grace.
        kept_on: The day of the contact that kept it, or None.
        touchpoint_id: That contact, or None.
        staff_id: Who did it; None when nobody is named.
    """

    about: Slice
    key: str
    result: Result
    due_on: date
    latest_on: date
    kept_on: date | None = None
    touchpoint_id: str | None = None
    staff_id: str | None = None

    @property
    def days_late(self) -> int:
        """By how many days the contact came after the last day of grace; 0 for one in time, or none."""
        return 0 if self.kept_on is None else max(0, (self.kept_on - self.latest_on).days)


@attrs.frozen(kw_only=True)
class Lateness:
    """Days on end, at whose end a contact was owed after its last day of grace, for one cause.

    Attributes:
        about: Client, rule, and the owner on those days.
        key: Of the obligation.
        cause: `owner`: who was responsible did not do it. `owner_absent`: who was responsible was away, and nobody stood in.
            `permission`: it was not allowed (CAD-11). `cap`: it would have been too often (CAD-10).
        staff_id: Who was responsible: by the role of the rule (CAD-9), the deputy while there was one; None for nobody.
        from_on: The first of the days.
        until_on: The last of them, inclusive.
    """

    about: Slice
    key: str
    cause: Cause
    staff_id: str | None
    from_on: date
    until_on: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until_on - self.from_on).days + 1


@attrs.frozen(kw_only=True)
class LastContact:
    """When a client was last reached.

    Attributes:
        client_id: The client.
        owner_id: The account manager on `as_of`.
        last_on: The day of the latest contact that any rule of the policy counts; None when there was none.
        days: How long ago that is; without one, how long the client has been there, or the policy in force if that is shorter.
    """

    client_id: str
    owner_id: str | None
    last_on: date | None
    days: int
