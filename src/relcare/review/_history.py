"""What became of tiers: movements, transitions, stability, time in tier."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap, check_day
from relcare.errors import InvalidValueError
from relcare.model import Book, TierSpell
from relcare.segmentation import Scheme

__all__ = ["Movement", "TierHistory", "history"]

Direction: TypeAlias = Literal["up", "down", "in", "out", "other"]


@attrs.frozen(kw_only=True)
class Movement:
    """A client changed its tier.

    Attributes:
        client_id: Who.
        on: The first day of the new tier, or without one.
        before: The tier until then; None for none.
        tier: The tier from then on; None for none.
        direction: `up`, `down`, `in` from none, `out` to none, `other` where the scheme does not know a tier.
    """

    client_id: str
    on: date
    before: str | None
    tier: str | None
    direction: Direction


@attrs.frozen(kw_only=True)
class TierHistory:
    """What became of the tiers of a scheme between two days.

    Attributes:
        scheme_id: The scheme.
        from_on: The first day.
        until_on: The last day; inclusive.
        movements: Who changed its tier after the first day, by day, then client.
        transitions: How many clients went from a tier on the first day to one on the last, those that stayed included; None for
            none. In order of the scheme, none last.
        stability: The share of those with a tier on the first day that have the same on the last; None when nobody had one.
        days_by_client: How many of the days each client spent in each tier, in order of the scheme.
    """

    scheme_id: str
    from_on: date
    until_on: date
    movements: tuple[Movement, ...]
    transitions: Mapping[tuple[str | None, str | None], int]
    stability: Fraction | None
    days_by_client: Mapping[str, Mapping[str, int]]

    @property
    def days_by_tier(self) -> Mapping[str, int]:
        """How many days all clients together spent in each tier."""
        total: Counter[str] = Counter()
        for days in self.days_by_client.values():
            total.update(days)
        return ReadOnlyMap(dict(total))


def history(scheme: Scheme, book: Book, *, from_on: date, until_on: date) -> TierHistory:
    """What became of the tiers of a scheme from a day to a day, as they were in force.

    Args:
        scheme: Of the policy that is meant; tiers in force that it does not know count after its own.
        book: With the tier spells.
        from_on: The first day.
        until_on: The last day; not before the first.

    Raises:
        InvalidValueError: If the days are in the wrong order.

    Source: SEG-11.
    """
    for name, day in (("from_on", from_on), ("until_on", until_on)):
        check_day(name, day)
    if until_on < from_on:
        raise InvalidValueError("until_on", until_on, f"must not be before from_on, {from_on}")
    spells = {client_id: _of(scheme, found) for client_id, found in book.tier_spells_by_client.items()}
    spells = {client_id: found for client_id, found in sorted(spells.items()) if found}
    places = {tier: place for place, tier in enumerate(scheme.tier_ids)}
    ends = [(_tier_on(found, from_on), _tier_on(found, until_on)) for found in spells.values()]
    counted = Counter(pair for pair in ends if pair != (None, None))
    held = [pair for pair in ends if pair[0] is not None]
    movements = [move for client_id, found in spells.items() for move in _movements(client_id, found, places)]
    days = {client_id: _days(found, places, from_on, until_on) for client_id, found in spells.items()}
    return TierHistory(
        scheme_id=scheme.id,
        from_on=from_on,
        until_on=until_on,
        movements=tuple(sorted((m for m in movements if from_on < m.on <= until_on), key=lambda m: (m.on, m.client_id))),
        transitions=ReadOnlyMap({pair: counted[pair] for pair in sorted(counted, key=lambda pair: _order(pair, places))}),
        stability=Fraction(sum(a == b for a, b in held), len(held)) if held else None,
        days_by_client=ReadOnlyMap({client_id: tiers for client_id, tiers in days.items() if tiers}),
    )


def _of(scheme: Scheme, spells: tuple[TierSpell, ...]) -> list[TierSpell]:
    return sorted((spell for spell in spells if spell.scheme_id == scheme.id), key=lambda spell: spell.start_on)


def _tier_on(spells: list[TierSpell], day: date) -> str | None:
    return next((spell.tier for spell in spells if spell.covers(day)), None)


def _order(pair: tuple[str | None, str | None], places: Mapping[str, int]) -> tuple[tuple[int, str], tuple[int, str]]:
    first, second = (
        (len(places) + (tier is None), "") if tier is None else (places.get(tier, len(places)), tier) for tier in pair
    )
    return first, second


def _movements(client_id: str, spells: list[TierSpell], places: Mapping[str, int]) -> Iterator[Movement]:
    """Every change, the first tier included; spells that touch with the same tier are none."""
    yield from _changes(client_id, None, spells[0].tier, spells[0].start_on, places)
    for one, following in pairwise(spells):
        if one.end_on is not None and one.end_on < following.start_on:
            yield from _changes(client_id, one.tier, None, one.end_on, places)
            yield from _changes(client_id, None, following.tier, following.start_on, places)
        else:
            yield from _changes(client_id, one.tier, following.tier, following.start_on, places)
    if spells[-1].end_on is not None:
        yield from _changes(client_id, spells[-1].tier, None, spells[-1].end_on, places)


def _changes(client_id: str, before: str | None, tier: str | None, on: date, places: Mapping[str, int]) -> Iterator[Movement]:
    if before != tier:
        yield Movement(client_id=client_id, on=on, before=before, tier=tier, direction=_direction(before, tier, places))


def _direction(before: str | None, tier: str | None, places: Mapping[str, int]) -> Direction:
    if before is None:
        return "in"
    if tier is None:
        return "out"
    if before not in places or tier not in places:
        return "other"
    return "up" if places[tier] < places[before] else "down"


def _days(spells: list[TierSpell], places: Mapping[str, int], from_on: date, until_on: date) -> Mapping[str, int]:
    days: dict[str, int] = {}
    last = until_on.toordinal() + 1
    for spell in spells:
        end = last if spell.end_on is None else min(spell.end_on.toordinal(), last)
        count = end - max(spell.start_on.toordinal(), from_on.toordinal())
        if count > 0:
            days[spell.tier] = days.get(spell.tier, 0) + count
    return ReadOnlyMap({tier: days[tier] for tier in sorted(days, key=lambda tier: (places.get(tier, len(places)), tier))})
