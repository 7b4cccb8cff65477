"""What each type of relationship is owed."""

from collections import Counter
from collections.abc import Iterator, Mapping

import attrs

from relcare.model import Book, Obligation, Obligations
from relcare.relationships import Strategy
from relcare.report._boards import due_listing
from relcare.report._listing import Listing
from relcare.report._names import Names
from relcare.report._text import count_of

__all__ = ["relationship_pages"]


def relationship_pages(
    book: Book, strategies: Mapping[str, Strategy], obligations: Obligations, names: Names, *, limit: int | None = None
) -> Iterator[Listing]:
    """For each type of relationship: what it rests on, what to do and not to do, and what is owed to such clients now.

    A client of several types stands under each of them.

    Args:
        book: For the types of the clients.
        strategies: By type, see `relcare.relationships.strategies_of`.
        obligations: Those to show.
        names: Of clients and staff.
        limit: The most contacts shown for each type; None for all.
    """
    for kind, strategy in strategies.items():
        members = {client.id for client in book.clients if kind in client.relationship_types}
        if not members:
            continue
        owed: list[Obligation] = [one for one in obligations if one.client_id in members]
        rhythm = ", ".join(f"{channel} every {every}" for channel, every in strategy.intervals.items())
        by_rule = Counter(one.rule_id for one in owed).most_common()
        listing = due_listing(
            f"{kind}: {count_of(len(members), 'client')}, {count_of(len(owed), 'contact')} owed", owed, names, limit=limit
        )
        lines = (
            ("appeal", (strategy.appeal,)),
            ("rhythm", (rhythm,) if rhythm else ()),
            ("do", strategy.advice),
            ("avoid", strategy.avoid),
            ("owed", [f"{rule} {count:,}" for rule, count in by_rule]),
        )
        yield attrs.evolve(listing, lead="\n".join(f"{word}: {', '.join(said)}" for word, said in lines if said))
