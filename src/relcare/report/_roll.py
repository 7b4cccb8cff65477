"""The roll of a VIP programme for reading."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from relcare.decisions import RollEntry, VipRoll
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, because, plain

__all__ = ["roll_listings"]


def roll_listings(roll: VipRoll, names: Names) -> Iterator[Listing]:
    """Members, who is about to lose it and what is missing, who asked, and who qualifies and did not ask."""
    ending = {entry.client_id for entry in roll.ending}
    safe = [entry for entry in roll.members if entry.client_id not in ending]
    yield _listing(f"Members of {roll.programme_id}", safe, names, empty="nobody without an end in sight")
    yield _listing(f"About to lose {roll.programme_id}", roll.ending, names, empty="nobody", is_lacking=True)
    yield _listing(f"Asked for {roll.programme_id}", roll.waiting, names, empty="nobody", is_lacking=True)
    yield _candidates(roll, names)


def _listing(title: str, entries: Iterable[RollEntry], names: Names, *, empty: str, is_lacking: bool = False) -> Listing:
    rows = [_row(entry, names, is_lacking=is_lacking) for entry in entries]
    return Listing(
        title=f"{title}: {len(rows):,}",
        columns=(Column("State", 9), Column("Since", 10), Column("Level", 8), Column("Client")),
        rows=rows,
        empty=empty,
    )


def _candidates(roll: VipRoll, names: Names) -> Listing:
    """Since when and by what they qualify; that they are no members is what the title says."""
    return Listing(
        title=f"Qualify for {roll.programme_id} and did not ask: {len(roll.candidates):,}",
        columns=(Column("Since", 10), Column("Client")),
        rows=(
            Row(
                (_day(entry.decision.first_eligible_on), names.client(entry.client_id)),
                because(entry.decision.reasons, is_brief=True),
            )
            for entry in roll.candidates
        ),
        empty="nobody",
    )


def _day(day: date | None) -> str:
    return MISSING if day is None else day.isoformat()


def _row(entry: RollEntry, names: Names, *, is_lacking: bool) -> Row:
    state = entry.membership
    words = because(state.reasons)
    short = "; ".join(_short(path, amounts) for path, amounts in entry.decision.shortfall.items() if amounts)
    if is_lacking and short:
        words = plain(f"{words}; does not qualify: {short}")
    return Row((state.state, _day(state.since_on), state.level or MISSING, names.client(entry.client_id)), words)


def _short(path: str, amounts: Mapping[str, Decimal]) -> str:
    told = ", ".join(f"{amount:,f} of {fact}" for fact, amount in amounts.items())
    return f"{path} is short by {told}"
