"""Boards and lists of what is owed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from relcare.model import Obligation, Obligations, Undecided
from relcare.planning import Board, BoardSection, SectionId
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, because, count_of

__all__ = ["board_pages", "due_listing", "undecided_listing"]

_COLUMNS: Final = (Column("Due", 10), Column("State", 10), Column("Client"), Column("Contact", 17), Column("Who", 8))
# The stretches of days, each within those behind it or after it, so that one walk shows everything once.
_STRETCHES: Final[tuple[SectionId, ...]] = ("today", "tomorrow", "this_week", "week", "month")


def due_listing(
    title: str, obligations: Iterable[Obligation], names: Names, *, limit: int | None = None, is_brief: bool = True
) -> Listing:
    """What is owed, with the reasons of each.

    Args:
        title: The first line.
        obligations: Shown in the order given.
        names: Of clients and staff.
        limit: The most that are shown; None for all.
        is_brief: Whether reasons are told in short.
    """
    items = tuple(obligations)
    shown = items if limit is None else items[:limit]
    return Listing(
        title=title,
        columns=_COLUMNS,
        rows=(_row(owed, names, is_brief=is_brief) for owed in shown),
        empty="nothing",
        note=f"… and {len(items) - len(shown):,} more" if len(shown) < len(items) else "",
    )


def undecided_listing(undecided: Iterable[Undecided], names: Names, *, limit: int | None = None) -> Listing:
    """Rules that nobody can decide for a client, those that lack the same facts together."""
    items = tuple(undecided)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in items:
        together.setdefault((one.client_id, one.missing), []).append(one.rule_id)
    shown = list(together.items())[:limit]
    return Listing(
        title=f"Undecided: {count_of(len(items), 'rule')} that may or may not oblige",
        columns=(Column("Client", 34), Column("Missing")),
        rows=(
            Row((names.client(client_id), ", ".join(missing)), f"rules {', '.join(rules)}")
            for (client_id, missing), rules in shown
        ),
        empty="none",
        note=f"… and {len(together) - len(shown):,} more" if len(shown) < len(together) else "",
    )


def board_pages(board: Board, names: Names, *, limit: int | None = None, zone: str = "UTC") -> Iterator[Listing]:
    """The boards of today, tomorrow, this week, seven days and the month, each contact on the first one that it stands on.

    Args:
        board: The boards.
        names: Of clients and staff.
        limit: The most contacts shown on each; None for all.
        zone: Whose clocks show the hours; that of the book.

    Yields:
        One listing for each stretch of days, one for whom nobody has reached, and one each for the answers that clients wait
        for, what is deferred and what is undecided, where there is any.
    """
    seen: set[str] = set()
    for section_id in _STRETCHES:
        section = board.section(section_id)
        fresh = [owed for owed in section.obligations if owed.key not in seen]
        if section_id == "week" and not fresh:
            continue
        seen.update(owed.key for owed in fresh)
        yield due_listing(_title(section, len(fresh)), fresh, names, limit=limit)
    yield _never_contacted(board.section("never_contacted").obligations, names, limit)
    clocks = ZoneInfo(zone)
    if len(replies := board.section("reply_owed")):
        yield _reply_owed(replies.obligations, names, limit, clocks)
    if len(deferred := board.section("deferred")):
        yield _deferred(deferred.obligations, names, limit, clocks)
    if board.undecided:
        yield undecided_listing(board.undecided, names, limit=limit)


def _title(section: BoardSection, fresh: int) -> str:
    count = len(section)
    if section.id == "today":
        by_state = {state: len(section.obligations.in_state(state)) for state in ("overdue", "grace", "due")}
        return (
            f"Today, {section.until_on}: {count:,} owed "
            f"({by_state['overdue']:,} overdue, {by_state['grace']:,} in grace, {by_state['due']:,} due)"
        )
    if section.id == "tomorrow":
        return f"Tomorrow, {section.until_on}: {count:,} owed"
    name = {"this_week": "This week", "week": "Seven days", "month": "A month"}.get(section.id, section.id)
    return f"{name}, to {section.until_on}: {count:,} owed, {fresh:,} of them not listed above"


def _never_contacted(obligations: Obligations, names: Names, limit: int | None) -> Listing:
    """Only whom: when and why stands on the other boards and in `due`."""
    channels: dict[str, list[str]] = {}
    for owed in obligations:
        channels.setdefault(owed.client_id, []).append(owed.channel)
    clients = list(channels)
    shown = clients if limit is None else clients[:limit]
    return Listing(
        title=f"Never contacted: {count_of(len(obligations), 'contact')} owed to {count_of(len(clients), 'client')}",
        columns=(Column("Client"), Column("Contacts", 30)),
        rows=(Row((names.client(client_id), ", ".join(dict.fromkeys(channels[client_id])))) for client_id in shown),
        note=f"… and {len(clients) - len(shown):,} more" if len(shown) < len(clients) else "",
    )


def _reply_owed(obligations: Obligations, names: Names, limit: int | None, zone: ZoneInfo) -> Listing:
    """What came in, and by when it is to be answered."""
    shown = list(obligations)[:limit]
    return Listing(
        title=f"Reply owed: {count_of(len(obligations), 'answer')} that clients wait for",
        columns=(Column("By", 16), Column("Client"), Column("Contact", 17), Column("Who", 8)),
        rows=(
            Row(
                (_minute(owed.due_at, zone) or owed.due_on.isoformat(), *_whom(owed, names)),
                because((r for r in owed.reasons if r.code == "cadence.triggered"), is_brief=True),
            )
            for owed in shown
        ),
        note=_more(len(obligations), len(shown)),
    )


def _deferred(obligations: Obligations, names: Names, limit: int | None, zone: ZoneInfo) -> Listing:
    """What may not be done today, from when on it may, and what stands in its way."""
    shown = list(obligations)[:limit]
    return Listing(
        title=f"Deferred: {count_of(len(obligations), 'contact')} that may not be made today",
        columns=(Column("Allowed from", 16), Column("Client"), Column("Contact", 17), Column("Who", 8)),
        rows=(
            Row(
                (_minute(owed.next_allowed_at, zone) or MISSING, *_whom(owed, names)),
                because((r for r in owed.reasons if r.code.startswith("permission.")), is_brief=True),
            )
            for owed in shown
        ),
        note=_more(len(obligations), len(shown)),
    )


def _whom(owed: Obligation, names: Names) -> tuple[str, str, str]:
    contact = owed.rule_id if owed.channel in owed.rule_id else f"{owed.channel} {owed.rule_id}"
    return names.client(owed.client_id), contact, names.member(owed.staff_id)


def _minute(moment: datetime | None, zone: ZoneInfo) -> str:
    """The instant on the clocks of a zone, to the minute; nothing for None."""
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _more(count: int, shown: int) -> str:
    return f"… and {count - shown:,} more" if shown < count else ""


def _row(owed: Obligation, names: Names, *, is_brief: bool) -> Row:
    return Row(
        (owed.due_on.isoformat(), _state(owed), *_whom(owed, names)),
        because(owed.reasons, is_brief=is_brief),
    )


def _state(owed: Obligation) -> str:
    if owed.state == "deferred":
        return "deferred"
    if owed.overdue_days:
        return f"{owed.overdue_days:,} d {'grace' if owed.state == 'grace' else 'late'}"
    if owed.due_on == owed.as_of:
        return "today"
    return "open" if owed.state == "due" else owed.state
