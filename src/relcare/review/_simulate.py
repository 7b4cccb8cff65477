"""How restless tiers would have been: the reviews of some months, each decided as it is proposed."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_day
from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.errors import InvalidValueError
from relcare.model import Book, Review
from relcare.review._change import decide, put_in_force
from relcare.review._due import own_calendar, review_day
from relcare.review._propose import propose
from relcare.segmentation import QuotaScheme, Scheme, Steadiness

__all__ = ["Simulation", "simulate", "steadied"]

_NOBODY = "simulation"


@attrs.frozen(kw_only=True)
class Simulation:
    """What reviews would have done to a book.

    Attributes:
        reviews: As they would have been decided, in order of day.
        book: With the tiers that they would have put in force.
    """

    reviews: tuple[Review, ...]
    book: Book

    @property
    def churn(self) -> tuple[tuple[date, Fraction | None], ...]:
        """Of each review the share of those with a tier that it moves; None where nobody had one."""
        return tuple((review.on, _churn([review])) for review in self.reviews)

    @property
    def moves(self) -> tuple[tuple[date, int], ...]:
        """Of each review how many of those with a tier it moves."""
        return tuple((review.on, sum(row.before is not None for row in review.moves)) for review in self.reviews)

    @property
    def expected_churn(self) -> Fraction | None:
        """The share over all reviews, each counted by those with a tier; None where nobody ever had one."""
        return _churn(self.reviews)


def simulate(policy: Policy, book: Book, *, from_on: date, until_on: date, calendar: Calendar | None = None) -> Simulation:
    """The reviews from a day until a day, each decided as it is proposed and in force from its own day.

    The tiers that the book has on the first day are where it begins, and reviews come after it; what it says of later tiers is
    left out, so that only the policy moves anybody.

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
    for name, day in (("from_on", from_on), ("until_on", until_on)):
        check_day(name, day)
    if until_on < from_on:
        raise InvalidValueError("until_on", until_on, f"must not be before from_on, {from_on}")
    begun = [attrs.evolve(spell, end_on=None) for spell in book.tier_spells if spell.covers(from_on)]
    now = attrs.evolve(book, tier_spells=begun)
    done: list[Review] = []
    days = own_calendar(policy) if calendar is None else calendar
    for ordinal in range(from_on.toordinal() + 1, until_on.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if any(review_day(scheme, day, days) == day for scheme in policy.segmentation):
            proposed = propose(policy, now, as_of=day, earlier=done, calendar=days)
            at = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(book.zone))
            done.append(decide(proposed, by=_NOBODY, at=at))
            now = put_in_force(done[-1], now)
    return Simulation(reviews=tuple(done), book=now)


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


def _churn(reviews: Sequence[Review]) -> Fraction | None:
    rows = [(review.tier_of(row), row.before) for review in reviews for row in review.rows if row.before is not None]
    return Fraction(sum(tier != before for tier, before in rows), len(rows)) if rows else None
