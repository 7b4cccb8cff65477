"""From one client's history to its row of facts."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from relcare.errors import InvalidValueError
from relcare.facts._events import EventFilter, event_filter
from relcare.facts._history import UNITS, ClientHistory, check_currency_of, units_of
from relcare.facts._series import Series
from relcare.model import Purchase, Reason, Touchpoint
from relcare.policy import Core, Fact, FactType, Measure, OutOfBounds, facts_of

__all__ = ["FactReader", "FactSource", "client_facts"]

_CLIENT_FIELDS: Final = ("stage", "owner_id", "region", "zone", "client_since_on", "relationship_types")


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
            return _measured(fact, kind, self.reader.scales[fact.id], self.series[fact.id].at(as_of))
        if fact.derivation is not None:
            return self.reader.derived(fact, row)
        if fact.reads is not None and fact.reads.startswith("people."):
            return self._people(fact, kind)
        name = fact.reads.partition(".")[2] if fact.reads else fact.id
        client = self.history.client
        if name in _CLIENT_FIELDS and fact.reads:
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


@attrs.frozen(eq=False)
class _Scale:
    """The grain and bounds of a number as integers, so that the common case needs neither Decimal nor Fraction.

    Attributes:
        units: How many units a grain has, of money and of attributes; of counts and days, how many of them.
        low: The least value in grains, None for none.
        high: The greatest value in grains, None for none.
    """

    units: int
    low: int | None
    high: int | None

    @classmethod
    def of(cls, fact: Fact, kind: FactType) -> "_Scale | None":
        """The scale of a number, measured or an attribute; None for other facts, and for counts on a grain of a fraction."""
        grain = kind.grain or Decimal(1)
        if fact.derivation is not None or not kind.is_numeric or (fact.measure is None and kind.grain is None):
            return None
        # An attribute may be any number, as money is.
        is_money = fact.measure is None or fact.measure.function in {"sum", "max", "min"}
        if not is_money and grain != 1:
            return None
        # Fractions: the host's decimal context may round.
        low = math.ceil(Fraction(kind.low) / Fraction(grain)) if isinstance(kind.low, Decimal) else None
        high = math.floor(Fraction(kind.high) / Fraction(grain)) if isinstance(kind.high, Decimal) else None
        return cls(units_of(grain) if is_money else 1, low, high)

    def whole(self, value: int) -> int | None:
        """The value in grains; None when it is off the grain or out of bounds."""
        grains, rest = divmod(value, self.units)
        if rest or (self.low is not None and grains < self.low) or (self.high is not None and grains > self.high):
            return None
        return grains


def _measured(fact: Fact, kind: FactType, scale: _Scale | None, value: int | None) -> "Core | OutOfBounds":
    measure = fact.measure
    if measure is None or (value is None and measure.when_empty is None):
        return None
    if value is None:
        return kind.encode(fact.id, measure.when_empty)
    if scale is not None:
        grains = scale.whole(value)
        if grains is not None:
            return grains
    if measure.function == "latest":
        return kind.encode(fact.id, date.fromordinal(value))
    if measure.function in {"sum", "max", "min"}:
        return _from_fraction(fact.id, kind, Fraction(value, UNITS))
    return kind.from_number(fact.id, Decimal(value))


def _from_fraction(name: str, kind: FactType, value: Fraction) -> "Core | OutOfBounds":
    """The core form of an exact fraction: whole grains, or rounded as declared."""
    grain = Fraction(kind.grain or 1)
    grains = value / grain
    if grains.denominator != 1 and kind.rounding is None:
        raise InvalidValueError(
            name, f"{float(value):.12g}", f"must be a whole multiple of the fact's grain, {kind.grain}", "declare `round`"
        )
    whole = _rounded(grains, kind.rounding or "half up")
    exact = whole * grain
    if (isinstance(kind.low, Decimal) and exact < Fraction(kind.low)) or (
        isinstance(kind.high, Decimal) and exact > Fraction(kind.high)
    ):
        return OutOfBounds(f"{kind.decode(whole):f}")
    return whole


def _rounded(value: Fraction, how: str) -> int:
    sign = -1 if value < 0 else 1
    size = abs(value)
    down = size.numerator // size.denominator
    rest = size - down
    is_up = {
        "half up": rest >= Fraction(1, 2),
        "half even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and down % 2 == 1),
        "down": False,
        "up": rest > 0,
    }[how]
    return sign * (down + is_up)


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
        self.scales: dict[str, _Scale | None] = {fact.id: _Scale.of(fact, self.types[fact.id]) for fact in facts}
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
            return _from_fraction(fact.id, kind, numbers[0] - numbers[1])
        return None if numbers[1] == 0 else _from_fraction(fact.id, kind, numbers[0] / numbers[1])

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
        series = {fact_id: self._series(fact_id, measure, history) for fact_id, measure in self._measures}
        return FactSource(self, history, series)

    def _series(self, fact_id: str, measure: Measure, history: ClientHistory) -> Series:
        counts = self._filters[fact_id]
        if measure.over == "touchpoints":
            kept = [(day, t) for day, t in zip(history.touch_days, history.touchpoints, strict=True) if counts(history, t)]
            return Series(
                measure=measure, days=[day for day, _ in kept], values=[1] * len(kept), keys=_keys(measure, [t for _, t in kept])
            )
        return self._purchases(fact_id, measure, history, counts)

    def _purchases(self, fact_id: str, measure: Measure, history: ClientHistory, counts: EventFilter) -> Series:
        bought: list[Purchase] = []
        index: dict[str, int] = {}
        returned: list[tuple[int, int, int]] = []
        credited: list[tuple[int, int]] = []
        is_money = measure.field == "amount"
        # A criterion about amounts compares them too: it must not meet another currency either (FCT-4).
        is_filtered = measure.where is not None and "amount" in facts_of(measure.where)
        currency = self.currency or (history.purchases[0].amount.currency if history.purchases else None)
        for purchase in history.purchases:
            kind = purchase.kind
            if is_filtered and kind != "return":
                check_currency_of(purchase, currency, fact_id)
            if kind == "purchase" and counts(history, purchase):
                if is_money:
                    check_currency_of(purchase, currency, fact_id)
                index[purchase.id] = len(bought)
                bought.append(purchase)
            elif kind == "credit" and measure.returns == "net" and measure.function == "sum" and counts(history, purchase):
                check_currency_of(purchase, currency, fact_id)
                credited.append((purchase.purchased_on.toordinal(), units_of(purchase.amount.amount)))
        if measure.returns == "net":
            for purchase in history.purchases:
                place = index.get(purchase.returns_purchase_id or "")
                if place is not None:  # a return counts wherever its purchase counts, whatever its own category says
                    returned.append((purchase.purchased_on.toordinal(), place, units_of(purchase.amount.amount)))
        needs_values = is_money or bool(returned)
        return Series(
            measure=measure,
            days=[purchase.purchased_on.toordinal() for purchase in bought],
            values=[units_of(purchase.amount.amount) for purchase in bought] if needs_values else [1] * len(bought),
            keys=_keys(measure, bought),
            returns=returned,
            credits=credited,
        )


def _keys(measure: Measure, events: Sequence[Touchpoint | Purchase]) -> list[str]:
    if measure.function != "distinct" or measure.field is None:
        return []
    if measure.field == "amount":
        return [str(units_of(event.amount.amount)) for event in events if isinstance(event, Purchase)]  # 1.5 and 1.50 are one
    return [getattr(event, measure.field) or "" for event in events]
