"""Who keeps which client: neglected clients and holdings, for a terminal."""

from collections.abc import Iterable
from typing import Final

from relcare.custody import Holding, Neglect
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, because, count_of

__all__ = ["holdings_listing", "neglect_listing"]

_COLUMNS: Final = (Column("To do", 10), Column("Since", 10), Column("Client"), Column("Next", 21), Column("Tell", 8))


def neglect_listing(title: str, neglected: Iterable[Neglect], names: Names) -> Listing:
    """Clients on their ladders, each with the reasons.

    Args:
        title: The first line.
        neglected: Shown in the order given.
        names: Of clients and staff.
    """
    return Listing(title=title, columns=_COLUMNS, rows=(_row(one, names) for one in neglected), empty="nobody")


def _row(one: Neglect, names: Names) -> Row:
    to_do = one.action or ("held back" if one.held_back else "undecided")
    since = MISSING if one.reached_on is None else one.reached_on.isoformat()
    comes = MISSING if one.next_action is None else f"{one.next_action} {one.next_on}"
    cells = (to_do, since, names.client(one.client_id), comes, ", ".join(map(names.member, one.tells)) or MISSING)
    return Row(cells, because(one.reasons))


def holdings_listing(holdings: Iterable[Holding], names: Names) -> Listing:
    """How many clients account managers hold against each limit, those with room left out."""
    items = tuple(holdings)
    shown = [one for one in items if one.state != "room"]
    return Listing(
        title=f"Limits: {count_of(len(shown), 'holding')} without room, of {len(items):,}",
        columns=(
            Column("State", 10),
            Column("Owner", 12),
            Column("Limit"),
            Column("Holds", 9, "right"),
            Column("Most", 9, "right"),
        ),
        rows=(
            Row((one.state, names.member(one.owner_id), one.limit_id, f"{one.count:,}", f"{one.most:,}"), because(one.reasons))
            for one in shown
        ),
        empty="none",
    )
