"""The facts of everybody in a book: read column by column, and whatever else is behind a client's when it is asked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from relcare.facts._columns import Column, encoded, given, parted
from relcare.facts._history import ClientHistory, history_of
from relcare.facts._reader import FactReader, FactSource, client_facts
from relcare.model import Book, Client, Reason
from relcare.policy import Core, Fact, OutOfBounds

__all__ = ["BookFacts"]

_RowsOf: TypeAlias = Callable[..., list[dict[str, Core]]]

_BUILT_IN: Final[Mapping[str, str]] = {
    "client.stage": "stage",
    "client.relationship_types": "relationship_types",
    "client.owner_id": "owner_id",
    "client.region": "region",
}


class BookFacts:
    """The facts of all clients of a book at the end of a day, what `FactSource.at` says of each.

    Safe for several threads: what is made later is only ever added, equal to what anybody else would add.

    Args:
        reader: Of the policy.
        book: With the history.
        clients: Those of the book, in its order, each with its owner of the day.
        as_of: The day, an ordinal.

    Attributes:
        clients: As given.
        notes: A reason for each value that was out of bounds, in the order of the policy, by the place of the client.

    Raises:
        InvalidValueError: If a value is off its grain, or an amount in another currency; `FactSource.at` says of whom.
    """

    def __init__(self, reader: FactReader, book: Book, clients: Sequence[Client], as_of: int) -> None:
        self.clients: Sequence[Client] = clients
        self.notes: dict[int, list[Reason]] = {}
        self._reader = reader
        self._book = book
        self._as_of = as_of
        self._staff = {member.id: member for member in book.staff}
        self._zone = ZoneInfo(book.zone)
        self._sources: dict[int, FactSource] = {}
        self._columns: dict[str, Sequence[Core]] = {}
        self._read()

    def source(self, place: int) -> FactSource:
        """One client's facts, for any day."""
        found = self._sources.get(place)
        return found or self._sources.setdefault(place, self._reader.open(self._history(place)))

    def row(self, place: int) -> dict[str, Core]:
        """One client's facts of the day, the built-in ones too."""
        row = {name: column[place] for name, column in self._columns.items()}
        row.update(client_facts(self.source(place).history))
        return row

    def rows(self, names: Collection[str]) -> list[dict[str, Core]]:
        """Everybody's facts of the day, in the order of the clients; only those that are named, declared or built in."""
        columns = {name: column for name, column in self._columns.items() if name in names}
        for name, field in _BUILT_IN.items():
            if name in names:
                columns[name] = [getattr(client, field) for client in self.clients]
        return _rows_of(tuple(columns))(*columns.values()) if columns else [{} for _ in self.clients]

    def _history(self, place: int) -> ClientHistory:
        client, book = self.clients[place], self._book
        return history_of(
            client,
            people=book.people_by_client.get(client.id, ()),
            touchpoints=book.touchpoints_by_client.get(client.id, ()),
            purchases=book.purchases_by_client.get(client.id, ()),
            staff=self._staff,
            zone=self._zone,
        )

    def _read(self) -> None:
        """Every column, in the order of the policy: a derived fact comes after those it is made of."""
        reader = self._reader
        lived = [fact.id for fact in reader.facts if _is_lived(fact)]
        self._columns.update(dict.fromkeys((fact.id for fact in reader.facts), ()))
        if lived:
            self._columns.update(self._lived(lived))
        held = [client.attributes for client in self.clients]
        changed = [place for place, client in enumerate(self.clients) if client.attribute_changes]
        for fact in reader.facts:
            if _is_lived(fact):
                continue
            if fact.derivation is not None:
                column, strange = self._derived(fact, fact.derivation.first, fact.derivation.second)
            else:
                values = given(fact, self.clients, held, changed, date.fromordinal(self._as_of))
                column, strange = encoded(fact, reader.types[fact.id], reader.scales[fact.id], values)
            self._columns[fact.id] = column
            for place, one in strange.items():
                note = Reason("fact.out_of_bounds", {}, {"fact": fact.id, "value": one.value})
                self.notes.setdefault(place, []).append(note)
        order = {fact.id: place for place, fact in enumerate(reader.facts)}
        for notes in self.notes.values():
            notes.sort(key=lambda note: order[str(note.values["fact"])])

    def _lived(self, names: Sequence[str]) -> dict[str, list[Core]]:
        """The columns of measures and of the people; those to whom nothing happened and who know nobody are all alike."""
        facts, book = self._reader.closure(names), self._book
        busy: set[str] = set()
        if any(fact.measure is not None and fact.measure.over == "touchpoints" for fact in facts):
            busy |= book.touchpoints_by_client.keys()
        if any(fact.measure is not None and fact.measure.over == "purchases" for fact in facts):
            busy |= book.purchases_by_client.keys()
        if any(fact.measure is None for fact in facts):
            busy |= book.people_by_client.keys()
        columns: dict[str, list[Core]] = {name: [] for name in names}
        idle: tuple[dict[str, Core], tuple[Reason, ...]] | None = None
        for place, client in enumerate(self.clients):
            if client.id in busy:
                row, notes = self.source(place).at(self._as_of, names)
            else:
                idle = idle or self.source(place).at(self._as_of, names)
                row, notes = idle
            if notes:
                self.notes[place] = list(notes)
            for name, column in columns.items():
                column.append(row[name])
        return columns

    def _derived(self, fact: Fact, first: str, second: str) -> Column:
        def core(pair: tuple[Core, Core]) -> "Core | OutOfBounds":
            return self._reader.derived(fact, {first: pair[0], second: pair[1]})

        pairs = list(zip(self._columns[first], self._columns[second], strict=True))
        return parted(pairs, core, is_plain=True)


def _is_lived(fact: Fact) -> bool:
    """Whether it is made of what happened, or of the people at the client."""
    return fact.measure is not None or (fact.reads or "").startswith("people.")


@lru_cache(maxsize=64)
def _rows_of(names: tuple[str, ...]) -> _RowsOf:
    """A function of as many columns that gives the row of each client."""
    values = ", ".join(f"v{place}" for place, _ in enumerate(names))
    pairs = ", ".join(f"{name!r}: v{place}" for place, name in enumerate(names))
    columns = values.replace("v", "c")
    namespace: dict[str, Any] = {"__builtins__": {}, "zip": zip}
    source = f"def rows({columns}):\n    return [{{{pairs}}} for {values}, in zip({columns})]\n"
    exec(compile(source, "<rows>", "exec"), namespace)  # noqa: S102 - made above of the names of facts, which are identifiers
    return namespace["rows"]  # type: ignore[no-any-return]
