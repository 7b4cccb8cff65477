"""What rows say about each other: ids that are there once, references that lead somewhere, spells that do not overlap.

The book checks all of it again; here every row that is wrong is found, with its place.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Protocol, TypeVar

from relcare.errors import Problem
from relcare.formats._findings import Findings, shown
from relcare.formats._table import Table
from relcare.model import Absence, Client, OwnerSpell, Pin, Purchase, TierSpell, Touchpoint, return_problem

__all__ = ["check_clients", "check_returns", "check_spells", "check_unique", "check_voids"]


class _WithId(Protocol):
    @property
    def id(self) -> str: ...


class _OfClient(Protocol):
    @property
    def client_id(self) -> str: ...


I = TypeVar("I", bound=_WithId)  # noqa: E741 - a type, not a number
C = TypeVar("C", bound=_OfClient)
S = TypeVar("S", TierSpell, Absence, OwnerSpell, Pin)


def check_unique(table: Table[I], findings: Findings) -> dict[str, int]:
    """Where each id stands first, as an index of the rows; a later row with the same id is a finding."""
    column = table.sheet.id_column or ""
    first = {item.id: index for index, item in enumerate(table.items)}
    if len(first) == len(table.items) and not table.wrong_starts:
        return first
    first.clear()
    for index, item in enumerate(table.items):
        first.setdefault(item.id, index)
    # Of a row that is wrong elsewhere the id counts as well; one without an id is wrong for that alone.
    rows = [*((start, item.id) for start, item in zip(table.starts, table.items, strict=True)), *table.wrong_starts]
    lines: dict[str, int] = {}
    for start, own in sorted(rows):
        known = lines.setdefault(own, start)
        if known != start and own:
            findings.add(table.problem(start, column, f"{shown(own)} must be unique, and stands in line {known} already"))
    return first


def check_clients(table: Table[C], clients: Table[Client], known: dict[str, int], findings: Findings) -> None:
    """Every row is about a client of the book."""
    starts = table.starts
    unknown = [(starts[index], item.client_id) for index, item in enumerate(table.items) if item.client_id not in known]
    unknown.extend((line, client_id) for line, client_id in table.wrong_rows if client_id not in known)
    if unknown and clients.is_whole and not clients.lines:
        message = f"is missing, and {table.sheet.name}:{min(unknown)[0]} is about a client"
        findings.add(Problem(file=clients.file, message=message, hint="write client_id,name and a line for each client"))
    elif clients.is_whole:
        for line, client_id in sorted(unknown):
            if client_id not in clients.wrong_ids:
                message = f"{shown(client_id)} must name a client of the book"
                findings.add(table.problem(line, "client_id", message, findings.did_you_mean(client_id, known)))


def check_returns(table: Table[Purchase], first: dict[str, int], findings: Findings) -> None:
    """Every return names a purchase that can come back (FCT-3)."""
    for index, purchase in enumerate(table.items):
        named = purchase.returns_purchase_id
        if named is None:
            continue
        found = first.get(named)
        if found is None and _may_be_there(table, named):
            continue
        problem = return_problem(purchase, None if found is None else table.items[found])
        if problem:
            hint = findings.did_you_mean(named, first) if found is None else None
            findings.add(table.problem(table.starts[index], "returns_purchase_id", f"{shown(named)} {problem}", hint))


def check_voids(table: Table[Touchpoint], first: dict[str, int], findings: Findings) -> None:
    """Every entry that takes another back names one of the same client, and none of them go in a circle (TIM-7)."""
    items = table.items
    takes: dict[int, int] = {}
    for index, touch in enumerate(items):
        if touch.voids_id is None:
            continue
        found = first.get(touch.voids_id)
        if found is not None and items[found].client_id == touch.client_id:
            takes[index] = found
        elif found is not None or not _may_be_there(table, touch.voids_id):
            hint = findings.did_you_mean(touch.voids_id, first) if found is None else None
            message = f"{shown(touch.voids_id)} must name a touchpoint of the same client"
            findings.add(table.problem(table.starts[index], "voids_id", message, hint))
    for index in _first_in_circles(takes):
        message = f"{shown(items[index].voids_id or '')} must not take back an entry that takes this one back"
        findings.add(table.problem(table.starts[index], "voids_id", message))


def _may_be_there(table: Table[I], named: str) -> bool:
    """Whether an id that no right row has may be that of a row that is wrong or could not be read."""
    return not table.is_whole or named in table.wrong_ids


def _first_in_circles(takes: dict[int, int]) -> list[int]:
    """The lowest member of each circle; every entry takes back one at most, so that a walk either ends or comes round."""
    walk_of: dict[int, int] = {}
    found: list[int] = []
    for start in takes:
        current: int | None = start
        while current is not None and current not in walk_of:
            walk_of[current] = start
            current = takes.get(current)
        if current is not None and walk_of[current] == start:
            circle = [current]
            while takes[circle[-1]] != current:
                circle.append(takes[circle[-1]])
            found.append(min(circle))
    return sorted(found)


def check_spells(table: Table[S], findings: Findings, whose: Sequence[str], what: str) -> None:
    """No two spells are in force on one day for the same one.

    Args:
        table: The spells.
        findings: Takes what is wrong.
        whose: The fields of a spell that together say for whom it holds.
        what: What a spell must not overlap, for the message.
    """
    spells: Sequence[S] = table.items
    key = attrgetter(*whose)
    order = sorted(range(len(spells)), key=lambda i: (key(spells[i]), spells[i].start_on, table.starts[i]))
    latest: int | None = None
    for index in order:
        spell = spells[index]
        before = None if latest is None else spells[latest]
        if latest is None or before is None or key(before) != key(spell):
            latest = index
            continue
        if before.end_on is None or before.end_on > spell.start_on:
            message = f"'{spell.start_on}' must not overlap {what} in line {table.starts[latest]}"
            findings.add(table.problem(table.starts[index], "start_on", message))
            if before.end_on is None or (spell.end_on is not None and spell.end_on <= before.end_on):
                continue
        latest = index
