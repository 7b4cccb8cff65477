"""How restless tiers would have been: the reviews of some months, each decided as it is proposed."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import attrs

from relcare._fields import check_day
from relcare.calendars import Calendar
from relcare.decisions import DayRows, Policy
from relcare.errors import InvalidValueError
from relcare.model import Book
from relcare.review._due import own_calendar, review_day
from relcare.review._rehearsal import Rehearsal, SimulatedReview
from relcare.segmentation import QuotaScheme, Scheme, Steadiness

__all__ = ["Simulation", "simulate", "simulate_each", "steadied"]


@attrs.frozen(kw_only=True)
class Simulation:
    """What reviews would have done to a book.

    Attributes:
        reviews: What each would have done, in order of day.
        book: With the tiers that they would have put in force.
    """

    reviews: tuple[SimulatedReview, ...]
    book: Book

    @property
    def churn(self) -> tuple[tuple[date, Fraction | None], ...]:
        """Of each review the share of those with a tier that it moves; None where nobody had one."""
        return tuple((review.on, _churn([review])) for review in self.reviews)

    @property
    def moves(self) -> tuple[tuple[date, int], ...]:
        """Of each review how many of those with a tier it moves."""
        return tuple((review.on, _moved(review)) for review in self.reviews)

    @property
    def expected_churn(self) -> Fraction | None:
        """The share over all reviews, each counted by those with a tier; None where nobody ever had one."""
        return _churn(self.reviews)


def simulate(policy: Policy, book: Book, *, from_on: date, until_on: date, calendar: Calendar | None = None) -> Simulation:
    """The reviews from a day until a day, each decided as it is proposed and in force from its own day.

    The tiers that the book has on the first day are where it begins, and reviews come after it; what it says of later tiers is
    left out, so that only the policy moves anybody. It moves whom `propose` and `decide` would move, without the reasons.

    Args:
        policy: In force on all these days.
        book: With its history.
        from_on: The first day.
        until_on: The last day, inclusive; not before the first.
        calendar: Business days; by default the policy's own (TIM-6).

    Raises:
        InvalidValueError: If the days are in the wrong order.
        PolicyError: If the policy is not in force on the day of a review.

    Source: SEG-9.
    """
    return simulate_each({policy.id: policy}, book, from_on=from_on, until_on=until_on, calendar=calendar)[policy.id]


def simulate_each(
    policies: Mapping[str, Policy], book: Book, *, from_on: date, until_on: date, calendar: Calendar | None = None
) -> dict[str, Simulation]:
    """The `simulate` of several policies by name, such as one with other bands; facts that they share are worked out once.

    Args:
        policies: By any name.
        book: As for `simulate`.
        from_on: As for `simulate`.
        until_on: As for `simulate`.
        calendar: As for `simulate`.

    Raises:
        InvalidValueError: If the days are in the wrong order.
        PolicyError: If a policy is not in force on the day of a review.

    Source: SEG-9.
    """
    for name, day in (("from_on", from_on), ("until_on", until_on)):
        check_day(name, day)
    if until_on < from_on:
        raise InvalidValueError("until_on", until_on, f"must not be before from_on, {from_on}")
    rehearsals: dict[str, Rehearsal] = {}
    for names in _by_facts(policies):
        rows = DayRows([policies[name] for name in names], book)
        rehearsals.update({name: Rehearsal(policies[name], book, from_on, rows) for name in names})
    business = {name: own_calendar(one) if calendar is None else calendar for name, one in policies.items()}
    reviews: dict[str, list[SimulatedReview]] = {name: [] for name in policies}
    for ordinal in range(from_on.toordinal() + 1, until_on.toordinal() + 1):
        day = date.fromordinal(ordinal)
        for name, policy in policies.items():
            due = [scheme for scheme in policy.segmentation if review_day(scheme, day, business[name]) == day]
            if due:
                reviews[name].append(rehearsals[name].review(day, due))
    return {name: Simulation(reviews=tuple(reviews[name]), book=rehearsals[name].book) for name in policies}


def _by_facts(policies: Mapping[str, Policy]) -> list[list[str]]:
    """The names of the policies that share their facts, together."""
    found: list[list[str]] = []
    for name, policy in policies.items():
        first = [policies[names[0]] for names in found]
        place = next((at for at, one in enumerate(first) if (one.facts, one.currency) == (policy.facts, policy.currency)), None)
        if place is None:
            found.append([name])
        else:
            found[place].append(name)
    return found


def steadied(policy: Policy, *, hysteresis: Fraction | str | None = None) -> Policy:
    """The policy with nothing that keeps tiers steady, or with the hysteresis of its quotas changed: to compare their churn.

    Args:
        policy: The policy.
        hysteresis: None to take everything away: `steady`, and `stays` of thresholds. A share, such as `10%`, changes that one
            setting of every quota and leaves the others as they are.

    Source: SEG-9.
    """
    return attrs.evolve(policy, segmentation=[_steadied(scheme, hysteresis) for scheme in policy.segmentation])


def _steadied(scheme: Scheme, hysteresis: Fraction | str | None) -> Scheme:
    if isinstance(scheme, QuotaScheme):
        changed = None if hysteresis is None else attrs.evolve(scheme.steady or Steadiness(), hysteresis=hysteresis)
        return attrs.evolve(scheme, steady=changed)
    if hysteresis is not None:
        return scheme
    return attrs.evolve(scheme, steady=None, tiers=[attrs.evolve(tier, stays=None) for tier in scheme.tiers])


def _churn(reviews: Sequence[SimulatedReview]) -> Fraction | None:
    counted = sum(review.counted for review in reviews)
    return Fraction(sum(map(_moved, reviews)), counted) if counted else None


def _moved(review: SimulatedReview) -> int:
    return sum(move.before is not None for move in review.moves)
