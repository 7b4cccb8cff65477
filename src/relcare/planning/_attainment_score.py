"""The figures that sum up expectations, outcomes and days late (CAD-14)."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import attrs

from relcare._fields import to_map
from relcare.planning._attainment_values import CAUSES, RESULTS, Cause, Expectation, Lateness, Outcome, Result

__all__ = ["Records", "Score", "score_of"]


def _to_counts(values: Mapping[str | None, int]) -> Mapping[str | None, int]:
    return to_map(values)


def _to_days(values: Mapping[Cause, int]) -> Mapping[Cause, int]:
    return to_map(values)


def _to_results(values: Mapping[Result, int]) -> Mapping[Result, int]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class Score:
    """The figures of one group.

    Attributes:
        name: The group: an id, or a month as `2026-03`; None for who has none.
        clients: Of how many clients something was asked.
        reached: How many of them had a contact that counts.
        covered: How many of them had no late day and nothing late, missed or open late.
        planned: Contacts expected; exact.
        done: Contacts made, by anybody.
        own: Of these those made by who was responsible on that day.
        earned: Contacts that were planned and made: of each client and rule in the group no more than planned, so that contacts
            beyond one plan do not hide neglect elsewhere.
        done_by: Contacts made, by who did it.
        results: How many contacts that were owed came to what, every result.
        late_days: Days late by cause, every cause.
        elapsed: The share of the days that are over, from 0 to 1.
        target: What `on_time_ratio` should be at least; None for no target.
    """

    name: str | None
    clients: int
    reached: int
    covered: int
    planned: Fraction
    done: int
    own: int
    earned: Fraction
    done_by: Mapping[str | None, int] = attrs.field(converter=_to_counts)
    results: Mapping[Result, int] = attrs.field(converter=_to_results)
    late_days: Mapping[Cause, int] = attrs.field(converter=_to_days)
    elapsed: Fraction
    target: Fraction | None = None

    @property
    def remaining(self) -> Fraction:
        """Contacts that were planned and not made: of each client and rule what is not done; never below 0."""
        return self.planned - self.earned

    @property
    def attained_ratio(self) -> Fraction | None:
        """`earned` out of `planned`, from 0 to 1; None when nothing was planned."""
        return _ratio(self.earned, self.planned)

    @property
    def raw_ratio(self) -> Fraction | None:
        """`done` out of `planned`, above 1 where more was done; None when nothing was planned."""
        return _ratio(self.done, self.planned)

    @property
    def pace(self) -> Fraction | None:
        """`raw_ratio` against `elapsed`: below 1 is behind; None when nothing was planned, or no day is over."""
        return _ratio(self.done, self.planned * self.elapsed)

    @property
    def on_time_ratio(self) -> Fraction | None:
        """Contacts on time out of all whose result is known; None when there are none."""
        return _ratio(self.results["on_time"], sum(self.results.values()) - self.results["pending"])

    @property
    def reach_ratio(self) -> Fraction | None:
        """`reached` out of `clients`; None without clients."""
        return _ratio(self.reached, self.clients)

    @property
    def coverage_ratio(self) -> Fraction | None:
        """`covered` out of `clients`; None without clients."""
        return _ratio(self.covered, self.clients)

    @property
    def meets_target(self) -> bool | None:
        """Whether enough was on time; None without a target, or while no result is known."""
        ratio = self.on_time_ratio
        return None if self.target is None or ratio is None else ratio >= self.target


def _ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole else None


@attrs.frozen(eq=False)
class Records:
    """What a score is worked out from, in the order of the book.

    Attributes:
        expectations: What was expected and done.
        outcomes: What became of what was owed.
        lateness: The days late.
    """

    expectations: list[Expectation] = attrs.field(factory=list[Expectation])
    outcomes: list[Outcome] = attrs.field(factory=list[Outcome])
    lateness: list[Lateness] = attrs.field(factory=list[Lateness])


def score_of(name: str | None, records: Records, *, elapsed: Fraction, target: Fraction | None) -> Score:
    """The figures of some records, added up."""
    done_by: dict[str | None, int] = {}
    for expected in records.expectations:
        for staff_id, count in expected.done_by.items():
            done_by[staff_id] = done_by.get(staff_id, 0) + count
    results: dict[Result, int] = dict.fromkeys(RESULTS, 0)
    for outcome in records.outcomes:
        results[outcome.result] += 1
    late_days: dict[Cause, int] = dict.fromkeys(CAUSES, 0)
    for late in records.lateness:
        late_days[late.cause] += late.days
    asked = _asked(records)
    return Score(
        name=name,
        clients=len(asked),
        reached=len(asked & {expected.about.client_id for expected in records.expectations if expected.done}),
        covered=len(asked - _wanting(records)),
        planned=sum((expected.planned for expected in records.expectations), Fraction()),
        done=sum(done_by.values()),
        own=sum(expected.own for expected in records.expectations),
        earned=_earned(records.expectations),
        done_by=dict(sorted(done_by.items(), key=lambda item: (item[0] is None, item[0] or ""))),
        results=results,
        late_days=late_days,
        elapsed=elapsed,
        target=target,
    )


def _earned(expectations: Iterable[Expectation]) -> Fraction:
    planned: dict[tuple[str, str], Fraction] = {}
    done: dict[tuple[str, str], int] = {}
    for expected in expectations:
        which = (expected.about.client_id, expected.about.rule_id)
        planned[which] = planned.get(which, Fraction()) + expected.planned
        done[which] = done.get(which, 0) + expected.done
    return sum((min(planned[which], Fraction(count)) for which, count in done.items()), Fraction())


def _asked(records: Records) -> set[str]:
    planned = {expected.about.client_id for expected in records.expectations if expected.planned}
    return planned | {outcome.about.client_id for outcome in records.outcomes} | _late(records.lateness)


def _wanting(records: Records) -> set[str]:
    """The clients with anything that was not in time."""
    fine = {"on_time", "pending"}
    return {outcome.about.client_id for outcome in records.outcomes if outcome.result not in fine} | _late(records.lateness)


def _late(lateness: Iterable[Lateness]) -> set[str]:
    return {late.about.client_id for late in lateness}
