"""How the relationships of a book are doing, for reading; and the clients around one client."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from relcare.decisions import ClientHealth, Health, IndicatorReading, Portfolio, SituationReading, TypeHealth
from relcare.model import FactValue
from relcare.relationships import Referred
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, count_of, plain, shown

__all__ = ["portfolio_listings", "reading_words", "referrals_listing", "situation_words"]

_HEALTHS: Final[tuple[Health, ...]] = ("healthy", "ailing", "unknown")


def portfolio_listings(found: Portfolio, names: Names) -> Iterator[Listing]:
    """Each type by its own indicators, then who needs attention, by when and why."""
    for one in found.types:
        yield _type(one)
    attention = found.attention
    yield Listing(
        title=f"{found.as_of}: {count_of(len(attention), 'client')} of {len(found.clients):,} to attend to",
        columns=(Column("Act by", 10), Column("Client"), Column("Types", 24)),
        rows=(_client(one, names) for one in attention),
        empty="nobody, by what is known",
    )


def _type(one: TypeHealth) -> Listing:
    return Listing(
        title=f"{one.type}: {count_of(len(one.client_ids), 'client')}, {len(one.attention):,} to attend to",
        columns=(Column("Indicator"), *(Column(health.capitalize(), 8, "right") for health in _HEALTHS)),
        rows=(Row((plain(name), *(f"{counts[health]:,}" for health in _HEALTHS))) for name, counts in one.counts.items()),
        empty="no indicator tells how they are",
    )


def _client(one: ClientHealth, names: Names) -> Row:
    words = [*map(situation_words, one.started), *map(reading_words, one.ailing)]
    return Row((_day(one.act_by), names.client(one.client_id), plain(", ".join(one.types))), "; ".join(words))


def _day(day: date | None) -> str:
    return MISSING if day is None else day.isoformat()


def situation_words(reading: SituationReading) -> str:
    """A situation that holds: what it starts, since when, until when, why, and what is still owed about it."""
    parts = [f"{reading.type}: {reading.situation.action}"]
    if reading.act_by is not None:
        parts.append(f"by {reading.act_by}")
    if reading.began_on is not None:
        parts.append(f"since {reading.began_on}")
    parts.append(f"because {reading.situation.when} holds ({_facts(reading.facts)})")
    if reading.owed:
        parts.append(f"{count_of(len(reading.owed), 'contact')} still owed")
    return plain(", ".join(parts))


def reading_words(reading: IndicatorReading) -> str:
    """An indicator with what it looks at: beyond its threshold, well, or unknown."""
    told = {"ailing": "is not met", "healthy": "is met", "unknown": "is unknown"}[reading.health]
    return plain(f"{reading.type}: {reading.indicator.id}: {reading.indicator.healthy} {told} ({_facts(reading.facts)})")


def _facts(facts: Mapping[str, FactValue]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in facts.items())


def referrals_listing(client_id: str, found: Sequence[Referred], names: Names) -> Listing:
    """The clients around one client, the nearest first, with the way to each."""
    return Listing(
        title=plain(f"Around {client_id}: {count_of(len(found), 'client')}"),
        columns=(Column("Steps", 5, "right"), Column("Client"), Column("By way of", 30)),
        rows=(
            Row((str(one.steps), names.client(one.client_id), plain(" > ".join(one.path[1:-1])) or "directly")) for one in found
        ),
        empty="no referral leads to or from it",
    )
