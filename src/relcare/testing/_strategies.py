"""Hypothesis strategies for the nouns: texts, days, money, and books whose parts fit together.

Every strategy mixes the values that software of this kind gets wrong into what it draws at random, and draws only what the
library accepts; what it must refuse is in `NASTY_TEXTS` and its neighbours.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from relcare._fields import to_moment
from relcare._time import FIRST_DAY, LAST_DAY
from relcare.model import STAGES, AttributeChange, AttributeValue, Birthday, Client, ContactPerson, Money, Purchase, Staff
from relcare.testing._nasty import NASTY_DAYS, NASTY_IDENTIFIERS, NASTY_IDS, NASTY_NAMES, NASTY_TIMES

__all__ = [
    "amounts",
    "attribute_changes",
    "birthdays",
    "clients",
    "days",
    "identifiers",
    "ids",
    "moments",
    "money",
    "names",
    "people",
    "purchases",
    "staff",
    "zones",
]

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


@cached
def staff(staff_ids: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Staff]:
    """One member of staff, with or without role, head and birthday."""
    return st.builds(
        Staff,
        id=staff_ids or ids(),
        name=names(),
        role=st.none() | st.sampled_from(ROLES),
        head_id=st.none() | ids(),
        birthday=st.none() | birthdays(),
    )


@cached
def _attribute_values() -> st.SearchStrategy[AttributeValue]:
    texts = st.sampled_from(["low", "high", "12.50", "nowhere"])
    return texts | st.booleans() | amounts() | days() | st.integers(-5, 5) | st.frozensets(texts, max_size=2) | st.none()


@cached
def attribute_changes() -> st.SearchStrategy[AttributeChange]:
    """One dated change of an attribute, to a value of any type or to none."""
    return st.builds(
        AttributeChange,
        name=st.sampled_from(ATTRIBUTES),
        value=_attribute_values(),
        effective_on=days(),
        recorded_at=st.none() | days() | moments("Asia/Seoul"),
    )


@cached
def clients(client_ids: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Client]:
    """One client: any number of relationship types, attributes of every type, dated changes, most fields also absent."""
    return st.builds(
        Client,
        id=client_ids or ids(),
        name=names(),
        relationship_types=st.frozensets(st.sampled_from(TYPES), max_size=4),
        stage=st.none() | st.sampled_from(STAGES),
        owner_id=st.none() | ids(),
        region=st.none() | names(),
        zone=st.none() | zones(),
        client_since_on=st.none() | days(),
        attributes=st.dictionaries(st.sampled_from(ATTRIBUTES), _attribute_values(), max_size=3),
        attribute_changes=st.lists(attribute_changes(), max_size=3),
    )


@cached
def _people_shapes() -> st.SearchStrategy[list[tuple[int, ContactPerson]]]:
    one = st.builds(
        ContactPerson,
        id=ids(),
        client_id=st.just("?"),
        name=names(),
        role=st.none() | st.sampled_from(ROLES),
        rank=st.none() | st.sampled_from(RANKS),
        phone=st.sampled_from([None, "+82 10-0000-0000", "=1"]),
        email=st.sampled_from([None, "a@example.com"]),
        birthday=st.none() | birthdays(),
    )
    return st.lists(st.tuples(st.integers(0, 5), one), max_size=4, unique_by=lambda pair: pair[1].id)


def people(client_ids: Sequence[str]) -> st.SearchStrategy[tuple[ContactPerson, ...]]:
    """People at these clients, with different ids; none where there are no clients."""
    if not client_ids:
        return st.just(())
    there = tuple(client_ids)
    return _people_shapes().map(lambda shapes: tuple(attrs.evolve(one, client_id=there[at % len(there)]) for at, one in shapes))


@attrs.frozen(kw_only=True)
class _Bought:
    """A purchase before it has a client, and what came back of it."""

    place: int
    order: int
    purchase: Purchase
    back: str | None
    back_after_days: int


@cached
def _bought(currency: str) -> st.SearchStrategy[list[_Bought]]:
    purchase = st.builds(
        Purchase,
        id=ids(),
        client_id=st.just("?"),
        purchased_on=days(),
        amount=money(currency) | money(currency, low="-1000", high="-0.01"),
        category=st.none() | st.sampled_from(CATEGORIES),
        recorded_at=st.none() | days() | moments("Asia/Seoul"),
    )
    one = st.builds(
        _Bought,
        place=st.integers(0, 5),
        order=st.integers(0, 9),
        purchase=purchase,
        back=st.sampled_from([None, None, "all", "0.01"]),
        back_after_days=st.sampled_from([0, 1, 31]) | st.integers(0, 400),
    )
    return st.lists(one, max_size=6, unique_by=lambda bought: bought.purchase.id)


def purchases(client_ids: Sequence[str], currency: str = "CNY") -> st.SearchStrategy[tuple[Purchase, ...]]:
    """Purchases of these clients with returns, in part and in whole, and credits; many amounts alike; in any order."""
    if not client_ids:
        return st.just(())
    there = tuple(client_ids)
    return _bought(currency).map(lambda shapes: _purchase_log(shapes, there))


def _purchase_log(shapes: Sequence[_Bought], client_ids: Sequence[str]) -> tuple[Purchase, ...]:
    log: list[tuple[int, Purchase]] = []
    taken = {shape.purchase.id for shape in shapes}
    for index, shape in enumerate(shapes):
        bought = attrs.evolve(shape.purchase, client_id=client_ids[shape.place % len(client_ids)])
        log.append((shape.order, bought))
        if shape.back is None or bought.amount.amount <= 0 or f"return {index}" in taken:
            continue
        back = Purchase(
            id=f"return {index}",
            client_id=bought.client_id,
            purchased_on=bought.purchased_on + timedelta(days=shape.back_after_days),
            amount=bought.amount if shape.back == "all" else Money(shape.back, bought.amount.currency),
            returns_purchase_id=bought.id,
        )
        log.append((9 - shape.order, back))
    return tuple(purchase for _, purchase in sorted(log, key=lambda pair: pair[0]))
