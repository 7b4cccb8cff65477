"""What a change of tier does to a due date, and how bursts of them are spread (CAD-6)."""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2b

import attrs

from relcare._time import Every
from relcare.model import TierSpell
from relcare.policy import Core

__all__ = ["Redating", "TierChange", "latest_change", "spread_day", "tier_changes"]


@attrs.frozen(kw_only=True)
class TierChange:
    """A client came from one tier of a scheme to another.

    Attributes:
        fact: `tier.<scheme>`.
        start: The first day in the new tier, an ordinal.
        before: The tier until then, in core form.
        tiers: Both by name, the earlier first.
    """

    fact: str
    start: int
    before: Core
    tiers: tuple[str, str]


@attrs.frozen(kw_only=True, eq=False)
class Redating:
    """What one rule has to know about a change of tier.

    Attributes:
        change: The latest change of a tier that the rule asks for.
        old: How often the channel was asked for before it; None when it was not.
    """

    change: TierChange
    old: Every | None

    def raw_day(self, basis: int, new: Every, spread: int, client_id: str, rule_id: str) -> tuple[int, int]:
        """The raw due day after the change, and by how many days it was spread.

        While the last contact precedes the change: max(last + new, min(last + old, start + k)); the new interval thus never
        counts before the change, and a client who was due anyway stays due. Afterwards last + new.

        Args:
            basis: The day of the last contact, an ordinal.
            new: The interval now.
            spread: Over how many days first contacts are spread; at most the new interval counts.
            client_id: Who.
            rule_id: The rule.
        """
        due = new.after(basis)
        if basis >= self.change.start:
            return due, 0
        days = min(spread, int(new.average_days))
        k = spread_day(client_id, rule_id, date.fromordinal(self.change.start), days)
        latest = self.change.start + k
        if self.old is not None:
            latest = min(self.old.after(basis), latest)
        return max(due, latest), k


def spread_day(client_id: str, rule_id: str, start_on: date, days: int) -> int:
    """By how many days the first contact of one client after a change of tier is put off, from 0 to days - 1; 0 for no days.

    It depends on nothing but its arguments, so that it needs no storing: the first 8 bytes, big-endian, of BLAKE2b-64 over the
    UTF-8 text `client_id NUL rule_id NUL start_on`, modulo the days.

    Source: CAD-6.

    Examples:
        >>> spread_day("c-1", "call-A", date(2026, 3, 1), 7)
        5
    """
    if days <= 0:
        return 0
    text = f"{client_id}\0{rule_id}\0{start_on.isoformat()}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % days


def tier_changes(spells: Sequence[TierSpell], tiers: Mapping[str, Sequence[str]], day: date) -> dict[str, TierChange]:
    """The latest change of each tier that is in force on a day, by fact; a first tier, or the same one again, is no change.

    Args:
        spells: Of one client, in any order.
        tiers: The tiers of each scheme, best first, by scheme.
        day: A civil day.
    """
    found: dict[str, TierChange] = {}
    for scheme_id, tier_ids in tiers.items():
        past = sorted((s for s in spells if s.scheme_id == scheme_id and s.start_on <= day), key=lambda s: s.start_on)
        if not past or not past[-1].covers(day):
            continue
        now = past[-1].tier
        first = next((place for place in range(len(past) - 1, -1, -1) if past[place].tier != now), None)
        if first is None or now not in tier_ids:
            continue
        tier = past[first].tier
        before = len(tier_ids) - 1 - tier_ids.index(tier) if tier in tier_ids else None
        start = past[first + 1].start_on.toordinal()
        name = f"tier.{scheme_id}"
        found[name] = TierChange(fact=name, start=start, before=before, tiers=(tier, now))
    return found


def latest_change(changes: Mapping[str, TierChange], facts: Sequence[str]) -> TierChange | None:
    """Of the changes of these facts the latest; of equal ones the first fact's."""
    found = [changes[name] for name in facts if name in changes]
    return max(found, key=lambda change: change.start, default=None)
