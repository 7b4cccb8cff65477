"""Hypothesis strategies for what the nouns are made of: texts, days, instants, money.

Every strategy mixes the values that software of this kind gets wrong into what it draws at random, and draws only what the
library accepts; what it must refuse is in `NASTY_TEXTS` and its neighbours.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from relcare._fields import to_moment
from relcare._time import FIRST_DAY, LAST_DAY, Every
from relcare.model import Birthday, Money
from relcare.testing._nasty import NASTY_DAYS, NASTY_IDENTIFIERS, NASTY_IDS, NASTY_NAMES, NASTY_TIMES

__all__ = ["amounts", "birthdays", "days", "identifiers", "ids", "intervals", "moments", "money", "names", "zones"]

FILLERS: Final = "\u115f\u1160\u3164\uffa0\u2800"
P = ParamSpec("P")
T = TypeVar("T")
_SIGNS = st.characters(categories=["L", "N", "P", "S"], exclude_characters=FILLERS)
_SIGNS_AND_BLANKS = st.characters(categories=["L", "M", "N", "P", "S", "Zs"], exclude_characters=FILLERS)
_LETTERS = st.characters(codec="ascii", categories=["Ll", "Lu"])

ZONES: Final = (
    "UTC",
    "Asia/Seoul",
    "Asia/Shanghai",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
TYPES: Final = ("upstream", "partner", "channel", "end_customer")
ATTRIBUTES: Final = ("likelihood", "region_weight", "등급")
CATEGORIES: Final = ("high-end", "fibre", "高端")
ROLES: Final = ("principal", "secretary", "account manager", "经理")
RANKS: Final = ("staff", "department", "bureau")
_INTERVALS: Final = ("1 day", "6 days", "1 week", "2 weeks", "30 days", "1 month", "31 days", "2 months", "1 quarter", "1 year")
# Ties, thresholds of the presets and their neighbours, and the sum that floats get wrong.
_NASTY_AMOUNTS: Final = (
    "0",
    "0.01",
    "0.1",
    "0.2",
    "0.3",
    "1",
    "9999.99",
    "10000",
    "10000.01",
    "19999.99",
    "20000",
    "99999999999.99",
)


def cached(function: Callable[P, T]) -> Callable[P, T]:
    """One strategy for the same arguments: Hypothesis looks every new one over, which costs more than to draw from it."""
    return cast("Callable[P, T]", lru_cache(maxsize=256)(function))


def one_of_drawn(several: st.SearchStrategy[tuple[T, ...]]) -> st.SearchStrategy[T]:
    """One of those drawn together."""
    return several.filter(bool).flatmap(st.sampled_from)


@cached
def ids() -> st.SearchStrategy[str]:
    """Ids: a few easily confused ones, often, and any short visible text without blanks."""
    return st.sampled_from(["c-1", "c-2", "c-10"]) | st.sampled_from(NASTY_IDS) | st.text(_SIGNS, min_size=1, max_size=8)


@cached
def names() -> st.SearchStrategy[str]:
    """Names: in three scripts, with quotation marks, joiners, wildcards, formulas, and any short text that can be seen."""
    return st.sampled_from(NASTY_NAMES) | st.text(_SIGNS_AND_BLANKS, min_size=1, max_size=12).filter(
        lambda text: bool(text.strip())
    )


@cached
def identifiers() -> st.SearchStrategy[str]:
    """Names that may stand in a criterion."""
    return st.sampled_from(NASTY_IDENTIFIERS) | st.text(_LETTERS, min_size=1, max_size=6).map(lambda text: f"f_{text}")


@cached
def zones() -> st.SearchStrategy[str]:
    """IANA zones: without summer time, with it, with half hours, half-hour changes, a skipped day, both ends of the date line."""
    return st.sampled_from(ZONES)


@cached
def days(first: date = date(2023, 1, 1), last: date = date(2027, 12, 31)) -> st.SearchStrategy[date]:
    """Civil dates from a day to a day, both included; leap days, ends of months and years and clock changes often.

    Args:
        first: Not before 1900-01-01.
        last: Not after 2199-12-31.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(days(date(2024, 2, 1), date(2024, 2, 29)))
        ... def both_ends_count(day):
        ...     assert day.month == 2
        >>> both_ends_count()
    """
    nasty = [day for day in NASTY_DAYS if first <= day <= last]
    return st.sampled_from([first, last, *nasty]) | st.dates(first, last)


@cached
def moments(zone: str, first: date = date(2023, 1, 1), last: date = date(2027, 12, 31)) -> st.SearchStrategy[datetime]:
    """Aware instants in a zone, as the models keep them; the ends of days and both sides of clock changes often.

    Args:
        zone: An IANA zone.
        first: The first civil day in that zone.
        last: The last civil day in that zone.
    """

    def instant(day: date, at: object, fold: int) -> datetime:
        hour, minute, second, micro = cast("tuple[int, int, int, int]", at)
        local = datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=ZoneInfo(zone), fold=fold)
        return cast("datetime", to_moment(local.astimezone(UTC).astimezone(ZoneInfo(zone))))

    times = st.sampled_from(NASTY_TIMES) | st.times()
    return st.builds(
        instant, days(first, last), times.map(lambda t: (t.hour, t.minute, t.second, t.microsecond)), st.integers(0, 1)
    )


def intervals() -> st.SearchStrategy[Every]:
    """Steps of days and of months, those that are nearly as long often, and two that are exactly as long."""
    # 1,600 Gregorian months are 48,699 days.
    equals = st.sampled_from([Every(months=1_600), Every(days=48_699)])
    return st.sampled_from(_INTERVALS).map(Every.parse) | st.integers(1, 400).map(lambda days: Every(days=days)) | equals


@cached
def amounts(*, low: str = "0", high: str = "1000000", grain: str = "0.01") -> st.SearchStrategy[Decimal]:
    """Exact amounts on a grain from a bound to a bound, both included; thresholds, their neighbours and ties often.

    Args:
        low: The least, a whole multiple of the grain.
        high: The greatest, a whole multiple of the grain.
        grain: The smallest step.
    """
    step, least, most = Decimal(grain), Decimal(low), Decimal(high)
    pool = [value for value in map(Decimal, (low, high, *_NASTY_AMOUNTS)) if least <= value <= most and value % step == 0]
    return st.sampled_from(pool) | st.integers(int(least / step), int(most / step)).map(lambda grains: grains * step)


@cached
def money(currency: str = "CNY", *, low: str = "0", high: str = "1000000") -> st.SearchStrategy[Money]:
    """Amounts in one currency, on the grain 0.01."""
    return amounts(low=low, high=high).map(lambda amount: Money(amount, currency))


@cached
def birthdays() -> st.SearchStrategy[Birthday]:
    """Birthdays with and without the year; 29 February often."""
    dated = days(FIRST_DAY, LAST_DAY).map(lambda day: Birthday(year=day.year, month=day.month, day=day.day))
    return dated | days(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: Birthday(month=day.month, day=day.day))
