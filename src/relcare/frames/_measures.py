"""Measures as grouped aggregates: one pass over the events, whatever the number of facts (FCT-2, FCT-3)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import narwhals.stable.v2 as nw

from relcare.facts import EVENT_VOCABULARY
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, all_true, expression, is_true
from relcare.frames._engine import Lazy
from relcare.frames._moments import Moment
from relcare.frames._needs import PERSON_FIELDS
from relcare.frames._reader import CLIENT
from relcare.policy import EVENT_FACTS, Measure, facts_of

__all__ = [
    "EVENT_COLUMNS",
    "STAFF_ROLE",
    "asked_by",
    "counts",
    "with_event_facts",
    "with_facts",
    "with_measures",
    "with_touch_facts",
]

_NOTHING: Final[Mapping[str, nw.dtypes.DType]] = {name: nw.Int64() if name == "amount" else nw.String() for name in EVENT_FACTS}
STAFF_ROLE: Final = "staff.role"
EVENT_COLUMNS: Final = {name: f"e {name.replace('.', '_')}" for name in EVENT_FACTS}
"""The column of each event fact; of purchases those of touchpoints are all missing, and the other way round."""


def counts(measure: Measure, scale: int) -> Expr:
    """Whether an event counts for a measure; one whose criterion is unknown does not (CAD-2)."""
    if measure.where is None:
        return nw.lit(value=True)
    return is_true(expression(measure.where, EVENT_VOCABULARY, EVENT_COLUMNS, scale=scale))


def with_measures(base: Lazy, core: Core, measures: Mapping[str, Measure], moment: Moment) -> Lazy:
    """The base with a column for each measure: in units, a count, a day, or null over no events where that is missing.

    Args:
        base: A row for each client, or each client and day.
        core: The events.
        measures: By new column.
        moment: The days that are asked about.
    """
    for over in ("touchpoints", "purchases"):
        chosen = {name: measure for name, measure in measures.items() if measure.over == over}
        if chosen:
            base = _Pass(core, chosen, moment).joined_to(base)
    return base


_Conditions: TypeAlias = dict[tuple[str, object], Expr]
"""Conditions by what they say, by which the same one is known again."""


def _shared(asked: Mapping[str, _Conditions]) -> tuple[list[Expr], dict[str, list[Expr]]]:
    """What all of them ask, and what each asks besides."""
    first, *others = asked.values()
    shared = [condition for condition in first if all(condition in other for other in others)]
    own = {name: [expr for condition, expr in each.items() if condition not in shared] for name, each in asked.items()}
    return [first[condition] for condition in shared], own


def _filtered(events: Lazy, conditions: Sequence[Expr]) -> Lazy:
    return events.filter(all_true(conditions)) if conditions else events


class _Pass:
    """The measures over one log."""

    def __init__(self, core: Core, measures: Mapping[str, Measure], moment: Moment) -> None:
        self.core = core
        self.measures = measures
        self.moment = moment
        self.places = {name: place for place, name in enumerate(measures)}
        self.is_asked: set[str] = set()
        """The measures for which not every event counts that counts for some."""

    def joined_to(self, base: Lazy) -> Lazy:
        keys, events = list(self.moment.keys), self.events()
        simple = [name for name, measure in self.measures.items() if measure.per is None]
        periods = {m.per for m in self.measures.values() if m.per is not None}
        # The totals of periods make those of all time: who asks for both is answered in one pass.
        together = [name for name in simple if self.measures[name].function != "distinct"] if periods else []
        apart = [name for name in simple if name not in together]
        found = [self.simple(events, apart)] if apart else []
        found += [self.periods(events, period, [] if at else together) for at, period in enumerate(sorted(periods))]
        for aggregated in found:
            base = base.join(aggregated, on=keys, how="left")
        return base.with_columns(**{name: self.settled(name) for name in self.measures})

    def settled(self, name: str) -> Expr:
        """The measure once clients without events are there: count, sum and distinct of nothing are 0 (FCT-2)."""
        measure, found = self.measures[name], nw.col(name).cast(nw.Int64())
        if measure.function in {"count", "sum", "distinct"} and measure.per is None:
            return found.fill_null(0)
        return self.moment.as_of - found if measure.function == "days_since" else found

    # ----------------------------------------------------------------------------------------------- events

    def events(self) -> Lazy:
        """The events that count for some measure, beside the days asked about, with what each is worth to each measure."""
        is_touch = next(iter(self.measures.values())).over == "touchpoints"
        always, own = _shared({name: self.of_events(measure) for name, measure in self.measures.items()})
        events = _filtered(self.touchpoints() if is_touch else self.purchases(), always)
        answered = {f"w {self.places[name]}": all_true(parts) for name, parts in own.items() if parts}
        beside = self.moment.beside(events.with_columns(**answered) if answered else events)
        if not is_touch:
            beside = self.with_returns(beside)
        always, late = _shared({name: self.of_days(measure) for name, measure in self.measures.items()})
        asked = {name: [*([nw.col(f"w {self.places[name]}")] if own[name] else []), *late[name]] for name in self.measures}
        holds = {f"h {self.places[name]}": all_true(parts) for name, parts in asked.items() if parts}
        self.is_asked = {name for name, parts in asked.items() if parts}
        worth = {new: found for name, measure in self.measures.items() for new, found in self.worth(name, measure)}
        counted = _filtered(beside, always)
        return (counted.with_columns(**holds) if holds else counted).with_columns(**worth)

    def touchpoints(self) -> Lazy:
        events = self.core.touchpoints
        if events is None:  # pragma: no cover - the border has asked for them
            raise TypeError
        return with_touch_facts(self.core, events, asked_by(self.measures.values()))

    def purchases(self) -> Lazy:
        events = self.core.purchases
        if events is None:  # pragma: no cover - as above
            raise TypeError
        bought = events.filter(nw.col("back").is_null()).with_columns(is_credit=nw.col("units") < 0)
        return with_event_facts(bought, {"category": "category", "amount": "units"}, self.measures.values())

    def with_returns(self, events: Lazy) -> Lazy:
        """How much of each purchase has come back by the day."""
        if all(measure.returns == "gross" for measure in self.measures.values()) or self.core.purchases is None:
            return events.with_columns(left=nw.col("units"))
        returned = self.core.purchases.filter(~nw.col("back").is_null()).select(CLIENT, "back", gone="units", gone_on="day")
        returned = self.moment.beside(returned).filter(nw.col("gone_on") <= self.moment.as_of)
        keys = list(self.moment.keys)
        totals = returned.group_by(*keys, "back").agg(nw.col("gone").sum())
        beside = events.join(totals, left_on=[*keys, "pid"], right_on=[*keys, "back"], how="left")
        return beside.with_columns(left=nw.col("units") - nw.col("gone").cast(nw.Int64()).fill_null(0))

    # ------------------------------------------------------------------------------------------ what counts

    def of_events(self, measure: Measure) -> _Conditions:
        """What an event must be to count for a measure, on whichever day."""
        found: _Conditions = {}
        if measure.where is not None:
            found["where", measure.where] = counts(measure, self.core.amount_scale)
        if measure.over == "purchases" and not (measure.returns == "net" and measure.function == "sum"):
            found["bought", None] = ~nw.col("is_credit")
        return found

    def of_days(self, measure: Measure) -> _Conditions:
        """What must hold of an event on the day that is asked about."""
        day, delay = nw.col("day"), measure.returns_delay.days if measure.returns_delay is not None else 0
        found: _Conditions = {("by", delay): day <= self.moment.as_of - delay}
        if not measure.window.is_lifetime:
            found["from", measure.window] = day >= self.moment.low(measure.window)
        if measure.over == "purchases" and measure.returns == "net" and measure.function != "sum":
            # What came back whole was not bought; what was free of charge did not come back.
            found["kept", None] = (nw.col("left") > 0) | (nw.col("left") == nw.col("units"))
        return found

    def worth(self, name: str, measure: Measure) -> Iterator[tuple[str, Expr]]:
        place, is_asked = self.places[name], name in self.is_asked

        def held(value: Expr) -> Expr:
            return nw.when(nw.col(f"h {place}")).then(value) if is_asked else value

        if measure.function == "count" or (measure.function == "sum" and is_asked):
            yield f"n {place}", nw.col(f"h {place}").cast(nw.Int64()) if is_asked else nw.lit(1)
        if measure.function in {"sum", "max", "min"}:
            amount = held(nw.col("left" if measure.returns == "net" else "units"))
            yield f"v {place}", amount.fill_null(0) if measure.function == "sum" else amount
        if measure.function in {"latest", "days_since"}:
            yield f"v {place}", held(nw.col("day"))
        if measure.function == "distinct":
            key = held(nw.col("units" if measure.field == "amount" else str(measure.field)))
            yield f"v {place}", key
            yield f"u {place}", key.is_null().cast(nw.Int64())

    # ------------------------------------------------------------------------------------------- aggregates

    def simple(self, events: Lazy, names: Sequence[str]) -> Lazy:
        found: dict[str, Expr] = {}
        unknown: dict[str, Expr] = {}
        for name in names:
            place, function = self.places[name], self.measures[name].function
            if function == "distinct":
                # A null counts as a value of its own.
                found[name] = nw.col(f"v {place}").n_unique()
                found[f"u {place}"] = nw.col(f"u {place}").max()
                unknown[name] = nw.col(name).cast(nw.Int64()) - nw.col(f"u {place}")
            else:
                found[name] = self.total(name, self.value_of(name))
        grouped = events.group_by(*self.moment.keys).agg(**found)
        return grouped.with_columns(**unknown).select(*self.moment.keys, *names) if unknown else grouped

    def periods(self, events: Lazy, period: str, together: Sequence[str] = ()) -> Lazy:
        """The greatest of the measures of each calendar period; null where no event counts in any.

        Args:
            events: Beside the days asked about.
            period: Which.
            together: Measures of all time that are worked out along with them.
        """
        chosen = [name for name, measure in self.measures.items() if measure.per == period]
        keys = list(self.moment.keys)
        dated = self.core.engine.with_dates(events.with_columns(on=nw.col("day")), ["on"])
        summed = {f"n {self.places[n]}" for n in chosen if n in self.is_asked or self.measures[n].function == "count"}
        summed |= {f"v {self.places[n]}" for n in chosen if self.measures[n].function == "sum"}
        sums = {column: nw.col(column).sum() for column in sorted(summed)}
        parts = {f"p {self.places[name]}": self.total(name, self.value_of(name)) for name in together}
        by_period = dated.with_columns(period=_number(period, nw.col("on"))).group_by(*keys, "period").agg(**sums, **parts)
        best: dict[str, Expr] = {}
        for name in chosen:
            count, value = nw.col(f"n {self.places[name]}"), self.value_of(name)
            best[name] = nw.when(count > 0).then(value) if name in self.is_asked else value
        whole = {name: self.total(name, nw.col(f"p {self.places[name]}")) for name in together}
        return by_period.with_columns(**best).group_by(*keys).agg(**{name: nw.col(name).max() for name in chosen}, **whole)

    def value_of(self, name: str) -> Expr:
        """What an event is worth to a measure."""
        place = self.places[name]
        return nw.col(f"n {place}" if self.measures[name].function == "count" else f"v {place}")

    def total(self, name: str, values: Expr) -> Expr:
        """What a measure makes of values, be they of events or of parts of them."""
        function = self.measures[name].function
        return values.sum() if function in {"count", "sum"} else values.min() if function == "min" else values.max()


def _number(period: str, day: Expr) -> Expr:
    """Which period a date is in, counted on and on. Nothing is divided: where engines divide in floats that takes a long text."""
    year, month = day.dt.year().cast(nw.Int64()), day.dt.month().cast(nw.Int64())
    if period == "calendar year":
        return year
    if period == "calendar month":
        return year * 12 + month
    later = [(month > last).cast(nw.Int64()) for last in (3, 6, 9)]
    return year * 4 + later[0] + later[1] + later[2]


def with_touch_facts(core: Core, events: Lazy, names: Collection[str]) -> Lazy:
    """Touchpoints with a column for each event fact that is asked for; people and staff are joined only for facts of theirs.

    Args:
        core: The tables.
        events: Touchpoints, or some of them.
        names: The facts.
    """
    if core.reached is not None and not PERSON_FIELDS.keys().isdisjoint(names):
        events = events.join(core.reached, on=[CLIENT, "person_id"], how="left")
    if core.staff is not None and STAFF_ROLE in names:
        events = events.join(core.staff.select("staff_id", "staff_role"), on="staff_id", how="left")
    columns = events.collect_schema()
    there = {name: name.replace(".", "_") for name in EVENT_FACTS if name.replace(".", "_") in columns}
    return with_facts(events, there, names)


def asked_by(measures: Iterable[Measure]) -> frozenset[str]:
    """The event facts that criteria of measures ask for."""
    return frozenset(name for measure in measures if measure.where is not None for name in facts_of(measure.where))


def with_event_facts(events: Lazy, there: Mapping[str, str], measures: Iterable[Measure]) -> Lazy:
    """The events with a column for each event fact that measures ask for.

    Args:
        events: Touchpoints or purchases.
        there: The columns they have, by event fact; the others are missing.
        measures: Whose criteria ask.
    """
    return with_facts(events, there, asked_by(measures))


def with_facts(events: Lazy, there: Mapping[str, str], names: Collection[str]) -> Lazy:
    """The events with a column for each of some event facts.

    Args:
        events: Touchpoints or purchases.
        there: The columns they have, by event fact; the others are missing.
        names: The facts.
    """
    asked = sorted(names)
    found = {EVENT_COLUMNS[name]: nw.col(there[name]) if name in there else nw.lit(None, dtype=_NOTHING[name]) for name in asked}
    return events.with_columns(**found) if found else events
