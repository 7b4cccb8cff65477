"""From one client's history to its row of facts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import attrs

from relcare.errors import InvalidValueError
from relcare.facts._columns import CLIENT_FIELDS
from relcare.facts._events import EventFilter, event_filter
from relcare.facts._grains import Scale, from_fraction, measured
from relcare.facts._history import UNITS, ClientHistory
from relcare.facts._laid_out import laid_out
from relcare.facts._series import Series
from relcare.model import Reason
from relcare.policy import Core, Fact, FactType, OutOfBounds

__all__ = ["FactReader", "FactSource", "client_facts"]


@attrs.frozen(eq=False)
class FactSource:
    """One client's facts, for any day: each measure laid out once.

    Attributes:
        reader: The declarations.
        history: The client.
        series: The measures, by fact id.
    """

    reader: "FactReader"
    history: ClientHistory
    series: Mapping[str, Series]

    def at(self, as_of: int, names: Collection[str] | None = None) -> tuple[dict[str, Core], tuple[Reason, ...]]:
        """The facts at the end of a day, in core form by name, and a reason for each value that was out of bounds (FCT-1).

        Args:
            as_of: The day, an ordinal.
            names: Only these and what they are derived from; all when None.

        Raises:
            InvalidValueError: If a value is off its grain and no rounding is declared; it names client and fact.
        """
        row: dict[str, Core] = {}
        notes: list[Reason] = []
        for fact in self.reader.facts if names is None else self.reader.closure(names):
            try:
                value = self._value(fact, as_of, row)
            except InvalidValueError as error:
                name = f"client {self.history.client.id!r}: fact {fact.id!r}"
                raise error.renamed(name) from None
            if isinstance(value, OutOfBounds):
                notes.append(Reason("fact.out_of_bounds", {}, {"fact": fact.id, "value": value.value}))
                value = None
            row[fact.id] = value
        row.update(client_facts(self.history))
        return row, tuple(notes)

    def _value(self, fact: Fact, as_of: int, row: Mapping[str, Core]) -> "Core | OutOfBounds":
        kind = self.reader.types[fact.id]
        if fact.measure is not None:
            return measured(fact, kind, self.reader.scales[fact.id], self.series[fact.id].at(as_of))
        if fact.derivation is not None:
            return self.reader.derived(fact, row)
        if fact.reads is not None and fact.reads.startswith("people."):
            return self._people(fact, kind)
        name = fact.reads.partition(".")[2] if fact.reads else fact.id
        client = self.history.client
        if name in CLIENT_FIELDS and fact.reads:
            return kind.encode(fact.id, getattr(client, name))
        changes = client.attribute_changes
        value = client.attribute(name, as_of=date.fromordinal(as_of)) if changes else client.attributes.get(name)
        scale = self.reader.scales[fact.id]
        if scale is not None and type(value) is int:
            grains = scale.whole(value * UNITS)
            if grains is not None:
                return grains
        return kind.encode(fact.id, value)

    def _people(self, fact: Fact, kind: FactType) -> "Core | OutOfBounds":
        people = self.history.people.values()
        if fact.reads == "people.role":
            roles = frozenset(person.role for person in people if person.role is not None)
            return roles or None
        ranks = [kind.encode(fact.id, person.rank) for person in people if person.rank is not None]
        known = [rank for rank in ranks if isinstance(rank, int)]
        strange = [rank for rank in ranks if isinstance(rank, OutOfBounds)]
        return max(known) if known else strange[0] if strange else None

    def is_rising(self, names: Collection[str]) -> bool:
        """Whether none of the named facts can ever have been greater before.

        Lifetime measures without returns or credits only rise; the people have no dates, and attributes no changes. A measure
        with an upper bound can have been greater: it is missing once it is beyond. What is not declared is taken as it is now.
        """
        return all(self._never_falls(fact) for fact in self.reader.closure(names))

    def _never_falls(self, fact: Fact) -> bool:
        if fact.measure is not None:
            return self.series[fact.id].is_rising and fact.max is None
        if fact.derivation is not None:
            return False
        return (fact.reads or "").startswith("people.") or not self.history.client.attribute_changes

    def change_days(self, names: Collection[str]) -> Iterator[int]:
        """Every day on which one of the named facts may change by an event, the end of a window or a dated attribute."""
        for fact in self.reader.closure(names):
            if fact.id in self.series:
                yield from self.series[fact.id].change_days()
        for change in self.history.client.attribute_changes:
            yield change.effective_on.toordinal()


def client_facts(history: ClientHistory) -> dict[str, Core]:
    """The built-in facts of a client (FCT-5)."""
    client = history.client
    return {
        "client.stage": client.stage,
        "client.relationship_types": client.relationship_types,
        "client.owner_id": client.owner_id,
        "client.region": client.region,
    }


class FactReader:
    """Reads the declared facts of a policy off histories.

    Args:
        facts: In the order of the policy; a derived fact comes after those it is made of.
        currency: The policy's; purchases in another are refused by the measures that meet them (FCT-4).
    """

    def __init__(self, facts: Sequence[Fact], currency: str | None) -> None:
        self.facts: tuple[Fact, ...] = tuple(facts)
        self.currency: str | None = currency
        self.types: dict[str, FactType] = {fact.id: attrs.evolve(fact.fact_type, currency=currency) for fact in facts}
        self.scales: dict[str, Scale | None] = {fact.id: Scale.of(fact, self.types[fact.id]) for fact in facts}
        self._measures = [(fact.id, fact.measure) for fact in facts if fact.measure is not None]
        self._closures: dict[tuple[str, ...], tuple[Fact, ...]] = {}
        self._filters: dict[str, EventFilter] = {f.id: event_filter(f.measure.where) for f in facts if f.measure is not None}

    def derived(self, fact: Fact, row: Mapping[str, Core]) -> "Core | OutOfBounds":
        """What a derived fact comes to in a row that has the facts it is made of (FCT-5)."""
        derivation, kind = fact.derivation, self.types[fact.id]
        if derivation is None:  # pragma: no cover - only called for derived facts
            return None
        numbers: list[Fraction] = []
        for name in (derivation.first, derivation.second):
            value = row.get(name)
            if not isinstance(value, int):
                return None
            numbers.append(value * Fraction(self.types[name].grain or 1))
        if derivation.function == "difference":
            return from_fraction(fact.id, kind, numbers[0] - numbers[1])
        return None if numbers[1] == 0 else from_fraction(fact.id, kind, numbers[0] / numbers[1])

    def closure(self, names: Collection[str]) -> tuple[Fact, ...]:
        """The named facts and all they are derived from, in the order of the policy; other names are passed over."""
        key = tuple(names)
        if key not in self._closures:
            self._closures[key] = self._closure(key)
        return self._closures[key]

    def _closure(self, names: Collection[str]) -> tuple[Fact, ...]:
        wanted = set(names)
        for fact in reversed(self.facts):  # a derived fact comes after those it is made of
            if fact.id in wanted and fact.derivation is not None:
                wanted |= {fact.derivation.first, fact.derivation.second}
        return tuple(fact for fact in self.facts if fact.id in wanted)

    def open(self, history: ClientHistory) -> FactSource:
        """The facts of one client, for any day."""
        filters, currency = self._filters, self.currency
        series = {one: laid_out(one, measure, history, filters[one], currency) for one, measure in self._measures}
        return FactSource(self, history, series)
