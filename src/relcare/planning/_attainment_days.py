"""A client's days, cut where its tiers, its owner or the month change (CAD-6)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

import attrs

from relcare._time import first_of_month, month_index
from relcare.cadence import Stretch, tier_changes
from relcare.model import Book, Client, OwnerSpell, TierSpell
from relcare.policy import Core

__all__ = ["Part", "Period", "Tiers", "parts_of"]


@attrs.frozen(kw_only=True)
class Period:
    """Which days count, as ordinals.

    Attributes:
        first: The first day.
        last: The last day, inclusive; the policy is in force on it.
        as_of: Up to when it is known what happened.
    """

    first: int
    last: int
    as_of: int

    @property
    def seen(self) -> int:
        """The last day of the period that is over."""
        return min(self.last, self.as_of)


@attrs.frozen(kw_only=True, eq=False)
class Tiers:
    """How a client's tiers on a day follow from its spells.

    Attributes:
        tier_ids: Of each scheme, best first, by scheme.
        computed: The client's tier by scheme where no spell gives one; None when missing.
        spells: The client's.
    """

    tier_ids: Mapping[str, Sequence[str]]
    computed: Mapping[str, str | None]
    spells: Sequence[TierSpell]

    def on(self, day: date) -> dict[str, str | None]:
        """The tier in each scheme: the one in force, else the computed one."""
        found = dict(self.computed)
        for spell in self.spells:
            if spell.covers(day) and spell.tier in self.tier_ids.get(spell.scheme_id, ()):
                found[spell.scheme_id] = spell.tier
        return found

    def cores(self, tiers: Mapping[str, str | None]) -> dict[str, Core]:
        """The tiers as facts in core form: the higher the better."""
        return {
            f"tier.{scheme_id}": None
            if tier is None
            else len(self.tier_ids[scheme_id]) - 1 - self.tier_ids[scheme_id].index(tier)
            for scheme_id, tier in tiers.items()
        }


@attrs.frozen(kw_only=True, eq=False)
class Part:
    """Days on which a client's tiers and owner are the same, all of one month.

    Attributes:
        stretch: The days, and the facts on them.
        owner_id: The account manager.
        tiers: By scheme.
    """

    stretch: Stretch
    owner_id: str | None
    tiers: Mapping[str, str | None]


def parts_of(client: Client, book: Book, row: Mapping[str, Core], tiers: Tiers, *, first: int, period: Period) -> list[Part]:
    """A client's days from a day to the end of the period, and on to `as_of` if that is later.

    Args:
        client: The client.
        book: With its owner spells.
        row: Its facts in core form; tiers are put in.
        tiers: Its tiers from day to day.
        first: The first day on which anything is expected of it.
        period: Which days count.
    """
    last = max(period.last, period.as_of)
    if first > last:
        return []
    owners = book.owner_spells_by_client.get(client.id, ())
    cuts = {*_months(first, last), *_ends(tiers.spells), *_ends(owners), period.last + 1}
    borders = sorted({first, last + 1, *(day for day in cuts if first < day <= last)})
    parts: list[Part] = []
    for start, after in pairwise(borders):
        day = date.fromordinal(start)
        in_force = tiers.on(day)
        stretch = Stretch(
            first=start,
            last=after - 1,
            row={**row, **tiers.cores(in_force)},
            changes=tier_changes(tiers.spells, tiers.tier_ids, day) if tiers.spells else {},
        )
        parts.append(Part(stretch=stretch, owner_id=book.owner_on(client.id, day), tiers=in_force))
    return parts


def _months(first: int, last: int) -> Iterator[int]:
    for index in range(month_index(first) + 1, month_index(last) + 1):
        yield first_of_month(index)


def _ends(spells: Sequence[TierSpell] | Sequence[OwnerSpell]) -> Iterator[int]:
    for spell in spells:
        yield spell.start_on.toordinal()
        if spell.end_on is not None:
            yield spell.end_on.toordinal()
