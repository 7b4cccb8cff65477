"""The clients of a book in the course of a decision: what they are compared by at once, all else of each when it is asked for."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

import attrs

from relcare.decisions._case import Case, Row, noted
from relcare.decisions._seen import set_tiers
from relcare.facts import BookFacts
from relcare.model import Book, Client, Reason
from relcare.policy import Core
from relcare.segmentation import Scheme, SchemeResult

if TYPE_CHECKING:
    from relcare.decisions._engine import Engine

__all__ = ["BookCases"]


class BookCases(Mapping[str, Case]):
    """Every client with all that is derived, by id, in the order of the book; a case is made when it is first asked for.

    Safe for several threads once the schemes and lists are through: cases are only ever added, equal to what anybody else would
    add.

    Args:
        engine: The policy.
        book: Its clients.
        day: The civil day that is asked about.

    Attributes:
        rows: By client id the facts that schemes, grades and lists look at; those that these come to are added on the way.

    Raises:
        InvalidValueError: As `Engine.case`, which says of whom.
    """

    def __init__(self, engine: "Engine", book: Book, day: date) -> None:
        clients = _owned(book, day)
        self._engine = engine
        self._book = book
        self._day = day
        self._facts = BookFacts(engine.reader, book, clients, day.toordinal())
        kinds = {client.relationship_types for client in clients}
        for types in kinds:
            engine.strategy(types)  # an unknown type is an error (REL-4)
        self._places = {client.id: place for place, client in enumerate(clients)}
        self.rows: dict[str, Row] = dict(zip(self._places, self._facts.rows(engine.seen), strict=True))
        flags = {types: {name: flag for name, flag in engine.flags(types).items() if name in engine.seen} for types in kinds}
        if any(flags.values()):
            for client in clients:
                self.rows[client.id].update(flags[client.relationship_types])
        self._in_force = {client_id: book.tiers_in_force(client_id, on=day) for client_id in book.tier_spells_by_client}
        self._schemes: list[tuple[Scheme, Mapping[str, str], SchemeResult]] = []
        self._made: dict[str, Case] = {}

    def __getitem__(self, client_id: str) -> Case:
        return self._made.get(client_id) or self._made.setdefault(client_id, self._case(client_id))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def in_force(self, scheme: Scheme) -> dict[str, str]:
        """The tier in force, of who has one."""
        return {client_id: spells[scheme.id] for client_id, spells in self._in_force.items() if scheme.id in spells}

    def classed(self, scheme: Scheme, in_force: Mapping[str, str], result: SchemeResult) -> SchemeResult:
        """What a scheme found, from now on a fact of everybody; with what was noticed about missing facts."""
        self._schemes.append((scheme, in_force, result))
        if f"tier.{scheme.id}" in self._engine.seen:
            set_tiers(scheme, self.rows, in_force, result.tiers)
        notes = self._facts.notes
        if not notes:
            return result
        return result.explained_by(lambda one: noted(result.assignment(one), notes.get(self._places[one], ())))

    def rows_on(self, day: int) -> dict[str, Mapping[str, Core]]:
        """The rows with the facts of an earlier day; what has no history there is as it is now."""
        return {one: {**row, **self._facts.source(self._places[one]).at(day)[0]} for one, row in self.rows.items()}

    def notes(self) -> dict[str, tuple[Reason, ...]]:
        """What was noticed of each, of whom there is anything; steps and tiers in force are looked at together with all else."""
        ids = {scheme.id: scheme.tier_ids for scheme, _, _ in self._schemes}
        strange = {
            client_id
            for client_id, tiers in self._in_force.items()
            if any(scheme_id in ids and tier not in ids[scheme_id] for scheme_id, tier in tiers.items())
        }
        looked_at = strange | self._book.membership_events_by_client.keys()
        read = {self._facts.clients[place].id: notes for place, notes in self._facts.notes.items()}
        found: dict[str, tuple[Reason, ...]] = {}
        for client_id in sorted(looked_at | read.keys(), key=self._places.__getitem__):
            notes = self[client_id].notes if client_id in looked_at else read[client_id]
            if notes:
                found[client_id] = tuple(notes)
        return found

    def _case(self, client_id: str) -> Case:
        """One client, its facts in the order in which one follows from the other (FCT-5)."""
        engine, book, place = self._engine, self._book, self._places[client_id]
        client, source, seen = self._facts.clients[place], self._facts.source(place), self.rows[client_id]
        spells = book.tier_spells_by_client.get(client_id)
        case = Case(
            history=source.history,
            source=source,
            row=self._facts.row(place),
            notes=list(self._facts.notes.get(place, ())),
            strategy=engine.strategy(client.relationship_types),
            changes=engine.changes(spells, self._day) if spells else {},
            consents=book.consents_by_client.get(client_id, ()),
            steps=book.membership_events_by_client.get(client_id, ()),
        )
        case.row.update({grade.name: seen[grade.name] for grade in engine.policy.grades})
        for scheme, in_force, result in self._schemes:
            case.set_tier(scheme.id, scheme.tier_ids, in_force.get(client_id), result.tiers.get(client_id))
            if client_id in result.out_of_scope:
                case.inapplicable.add(f"tier.{scheme.id}")
        case.row.update({name: seen[name] for name in engine.programmes.lists})
        engine.set_derived(case, self._day.toordinal())
        return case


def _owned(book: Book, day: date) -> list[Client]:
    """The clients with the owner of the day, where the book says who that was."""
    known = book.owner_spells_by_client
    if not known:
        return list(book.clients)
    return [
        attrs.evolve(client, owner_id=book.owner_on(client.id, day)) if client.id in known else client for client in book.clients
    ]
