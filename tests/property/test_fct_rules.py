"""Facts against a plain reading of the rules, written here straight from their text: days, loops and fractions."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare._fields import zone_of
from relcare._time import FIRST_DAY
from relcare.facts import EVENT_VOCABULARY, FactReader, histories_of
from relcare.model import Book, Client, ContactPerson, Money, Purchase, Staff, Touchpoint, civil_day
from relcare.policy import Core, Derivation, Fact, Measure, Window, criterion, evaluate
from relcare.testing import books, days, measures

Event = tuple[date, Purchase | Touchpoint, Fraction]


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def looks_at(window: Window, day: date, as_of: date) -> bool:
    """TIM-4: a rolling window is [e - n months clamped, e) with e = as_of + 1 day; calendar windows are whole months."""
    if day > as_of:
        return False
    if window.is_calendar:
        unit = window.unit_months
        period, current = ((d.year * 12 + d.month - 1) // unit for d in (day, as_of))
        return current - period < window.months // unit
    end = as_of + timedelta(days=1)
    if window.months:
        return day >= months_before(end, window.months)
    return not window.days or day >= end - timedelta(days=window.days)


def row_of(event: Purchase | Touchpoint, people: dict[str, ContactPerson], staff: dict[str, Staff]) -> dict[str, Core]:
    if isinstance(event, Purchase):
        return {"category": event.category, "amount": event.amount.amount}
    person, member = people.get(event.person_id or ""), staff.get(event.staff_id or "")
    return {
        "channel": event.channel,
        "direction": event.direction,
        "outcome": event.outcome,
        "purpose": event.purpose,
        "in_lieu_of": event.in_lieu_of,
        "person.role": person.role if person else None,
        "person.rank": person.rank if person else None,
        "staff.role": member.role if member else None,
    }


def standing(book: Book, client_id: str) -> list[Touchpoint]:
    """TIM-7: what nothing takes back for good; an entry that only takes another back is no contact.

    A deletion undoes what it takes back; a correction of a correction stands for both.
    """
    entries = [t for t in book.touchpoints if t.client_id == client_id]
    channel = {t.id: t.channel for t in entries}
    stands: dict[str, bool] = {}

    def is_undone(taker: str) -> bool:
        by = {channel[t.id] for t in entries if t.voids_id == taker and stands[t.id]}
        return by == {"void"}

    while len(stands) < len(entries):
        for entry in entries:
            takers = [t.id for t in entries if t.voids_id == entry.id]
            if all(taker in stands for taker in takers):
                stands[entry.id] = all(map(is_undone, takers))
    return [t for t in entries if stands[t.id] and t.channel != "void"]


def naive(book: Book, client: Client, measure: Measure, as_of: date) -> "Fraction | date | None":
    """FCT-2 and FCT-3, read aloud."""
    people = {p.id: p for p in book.people if p.client_id == client.id}
    staff = {s.id: s for s in book.staff}
    delay = timedelta(days=measure.returns_delay.days if measure.returns_delay else 0)
    mine = [p for p in book.purchases if p.client_id == client.id]

    def counts(event: Purchase | Touchpoint) -> bool:
        return measure.where is None or evaluate(measure.where, row_of(event, people, staff), EVENT_VOCABULARY) is True

    def is_seen(day: date) -> bool:
        return looks_at(measure.window, day, as_of) and day + delay <= as_of

    def left(purchase: Purchase) -> Fraction:
        back = [
            Fraction(r.amount.amount)
            for r in mine
            if r.returns_purchase_id == purchase.id and r.purchased_on <= as_of and measure.returns == "net"
        ]
        return Fraction(purchase.amount.amount) - sum(back, Fraction(0))

    found: list[Event] = []
    if measure.over == "touchpoints":
        zone = zone_of(book.zone)
        dated = [(civil_day(t.occurred_at, zone), t) for t in standing(book, client.id) if counts(t)]
        found = [(day, touch, Fraction(1)) for day, touch in dated if is_seen(day)]
    else:
        for purchase in mine:
            if purchase.kind == "return" or not counts(purchase) or not is_seen(purchase.purchased_on):
                continue
            if purchase.kind == "credit":
                if measure.returns == "net" and measure.function == "sum":
                    found.append((purchase.purchased_on, purchase, Fraction(purchase.amount.amount)))
                continue
            rest = left(purchase)
            came_back_whole = rest <= 0 and rest != purchase.amount.amount
            if measure.function == "sum" or not came_back_whole:
                found.append((purchase.purchased_on, purchase, rest))
    if measure.per is None:
        return over(measure, found, as_of)
    months = {"calendar month": 1, "calendar quarter": 3, "calendar year": 12}[measure.per]
    periods = {(day.year * 12 + day.month - 1) // months for day, _, _ in found}
    best = [
        over(measure, [e for e in found if (e[0].year * 12 + e[0].month - 1) // months == period], as_of) for period in periods
    ]
    return max((value for value in best if isinstance(value, Fraction)), default=None)


def over(measure: Measure, found: Sequence[Event], as_of: date) -> "Fraction | date | None":
    values, when = [value for _, _, value in found], [day for day, _, _ in found]
    if measure.function == "sum":
        return sum(values, Fraction(0))
    if measure.function == "count":
        return Fraction(len(found))
    if measure.function == "distinct":
        kinds = {getattr(event, measure.field or "") for _, event, _ in found}
        return Fraction(len(kinds - {None}))
    if not found:
        return None
    answers: dict[str, Callable[[], Fraction | date]] = {
        "max": lambda: max(values),
        "min": lambda: min(values),
        "latest": lambda: max(when),
        "days_since": lambda: Fraction((as_of - max(when)).days),
    }
    return answers[measure.function]()


def asked_on(book: Book, measure: Measure) -> st.SearchStrategy[date]:
    """Days on which something changes, the days beside them, any day."""
    zone = zone_of(book.zone)
    there = {p.purchased_on for p in book.purchases} | {civil_day(t.occurred_at, zone) for t in book.touchpoints}
    length = timedelta(days=measure.window.days or round(measure.window.months * 30.44))
    near = sorted(
        {day + timedelta(days=step) + shift for day in there for step in (-1, 0, 1, 5, 14, 31) for shift in (timedelta(), length)}
    )
    return st.sampled_from([day for day in near if day <= date(2199, 12, 31)] or [date(2026, 3, 31)]) | days()


def fact_of(measure: Measure) -> Fact:
    kind: Any = {"sum": "money", "max": "money", "min": "money", "latest": "date"}.get(measure.function, "integer")
    return Fact(id="x", type=kind, measure=measure)


def bought(day: str, amount: str, *, returns: str | None = None, of: str = "b-0") -> Purchase:
    return Purchase(
        id=of, client_id="c", purchased_on=date.fromisoformat(day), amount=Money(amount, "CNY"), returns_purchase_id=returns
    )


FREE = Book(
    clients=[Client(id="c", name="c")],
    purchases=[
        bought("2026-01-01", "0", of="free"),
        bought("2026-01-02", "9", of="whole"),
        bought("2026-01-03", "9", of="back", returns="whole"),
    ],
)
COUNT_NET = Measure(function="count", over="purchases", returns="net")


@cache
def any_measure() -> st.SearchStrategy[Measure]:
    return measures()


class TestMeasures:
    """FCT-2: A measure is count, sum, max, min, latest, days since, or distinct over purchases or touchpoints, filtered by event
    criteria, over a window; or the best of such windows (best calendar month in the last 12). Over no events count, sum and
    distinct are 0; max, min, latest, days-since are missing unless `when_empty` is declared.
    FCT-3: Returns: gross, or net, declared; a return has a positive amount, names its purchase, and counts in the purchase's
    month. A credit names no purchase: it counts in its own window. A delay for returns may be declared.
    TIM-4: Measuring windows and effective dates are half-open. A rolling window of n months is [e - n months clamped, e) with
    e = as_of + 1 day; calendar windows are whole months (quarters, years) including the current one; 90 days and 3 months are
    different things.
    """  # noqa: D205

    @settings(max_examples=100)
    @given(books(max_clients=2), any_measure(), st.data())
    @example(FREE, COUNT_NET, None)
    def test_a_measure_is_what_the_rule_says(self, book: Book, measure: Measure, data: Any) -> None:
        as_of = date(2026, 1, 31) if data is None else data.draw(asked_on(book, measure))
        reader = FactReader([fact_of(measure)], "CNY")
        for history in histories_of(book):
            row, notes = reader.open(history).at(as_of.toordinal())
            expected = naive(book, history.client, measure, as_of)
            if expected is None and measure.when_empty is not None:
                empty = measure.when_empty
                expected = Fraction(empty) if isinstance(empty, Decimal) else empty
            found = reader.types["x"].decode(row["x"])
            assert (Fraction(found) if isinstance(found, Decimal) else found) == expected
            assert not notes

    @settings(max_examples=20)
    @given(books(max_clients=1), any_measure())
    def test_between_two_change_days_a_measure_stays_as_it_is(self, book: Book, measure: Measure) -> None:
        """All that a decision must look at to know a history: days since an event alone grow, one a day."""
        reader = FactReader([fact_of(measure)], "CNY")
        for history in histories_of(book):
            source = reader.open(history)
            turns = set(source.change_days({"x"}))
            before = source.at(date(2022, 6, 1).toordinal())[0]["x"]
            for day in range(date(2022, 6, 2).toordinal(), date(2029, 1, 1).toordinal()):
                now = source.at(day)[0]["x"]
                if day not in turns:
                    grows = measure.function == "days_since" and isinstance(before, int) and now == before + 1
                    assert now == before or grows, date.fromordinal(day)
                before = now

    @settings(max_examples=30)
    @given(books(max_clients=2), any_measure(), days())
    def test_nothing_that_happens_later_changes_what_was(self, book: Book, measure: Measure, as_of: date) -> None:
        """TIM-1: the events of `as_of` count, later ones do not exist yet."""
        zone = zone_of(book.zone)
        early = attrs.evolve(
            book,
            touchpoints=[t for t in book.touchpoints if t.voids_id is None and civil_day(t.occurred_at, zone) <= as_of],
            purchases=[p for p in book.purchases if p.purchased_on <= as_of],
        )
        full = attrs.evolve(book, touchpoints=[t for t in book.touchpoints if t.voids_id is None])
        reader = FactReader([fact_of(measure)], "CNY")
        for one, other in zip(histories_of(early), histories_of(full), strict=True):
            assert reader.open(one).at(as_of.toordinal()) == reader.open(other).at(as_of.toordinal())


def changes(book: Book) -> Iterable[date]:
    return (change.effective_on for client in book.clients for change in client.attribute_changes)


class TestAttributes:
    """FCT-1: A value outside the bounds or not among the values is treated as missing, with the reason `fact.out_of_bounds` and
    the value; never clipped. Attributes are used only through a declared fact.
    TIM-7: Attributes change by dated entries.
    """  # noqa: D205

    FACTS = (
        Fact(id="level", type="level", values=("low", "high"), reads="client.likelihood"),
        Fact(id="word", type="category", values=("low",), reads="client.likelihood"),
        Fact(id="day", type="date", min=date(2024, 6, 1), max=date(2026, 1, 31), reads="client.likelihood"),
        Fact(id="flag", type="flag", reads="client.likelihood"),
        Fact(id="best", type="level", values=("department", "bureau"), reads="people.rank"),
    )

    @settings(max_examples=25)
    @given(books(max_clients=3), st.data())
    def test_a_value_that_the_fact_cannot_have_is_missing_and_named(self, book: Book, data: st.DataObject) -> None:
        as_of = data.draw(st.sampled_from(sorted(changes(book)) or [date(2026, 1, 31)]) | days())
        reader = FactReader(self.FACTS, None)
        for history in histories_of(book):
            client = history.client
            row, notes = reader.open(history).at(as_of.toordinal())
            value = client.attribute("likelihood", as_of=as_of)
            assert row["level"] == (("low", "high").index(value) if value in {"low", "high"} else None)
            assert row["word"] == ("low" if value == "low" else None)
            in_bounds = type(value) is date and date(2024, 6, 1) <= value <= date(2026, 1, 31)
            assert row["day"] == (value.toordinal() if in_bounds and isinstance(value, date) else None)
            assert row["flag"] == (value if isinstance(value, bool) else None)
            told = {str(note.values["fact"]) for note in notes if note.code == "fact.out_of_bounds"}
            assert told - {"best"} == {
                name for name in ("level", "word", "day", "flag") if value is not None and row[name] is None
            }
            ranks = [p.rank for p in book.people if p.client_id == client.id and p.rank is not None]
            best = max(
                (rank for rank in ("department", "bureau") if rank in ranks), key=("department", "bureau").index, default=None
            )
            assert reader.types["best"].decode(row["best"]) == best
            assert ("best" in told) == (best is None and bool(ranks))

    @settings(max_examples=20)
    @given(books(max_clients=3))
    def test_attributes_change_on_change_days_only(self, book: Book) -> None:
        reader = FactReader(self.FACTS, None)
        for history in histories_of(book):
            source = reader.open(history)
            turns = set(source.change_days([fact.id for fact in self.FACTS]))
            for day in {turn + step for turn in turns for step in (-1, 0, 1, 2)}:
                if day not in turns:
                    assert source.at(day)[0] == source.at(day - 1)[0]


class TestDerivedFacts:
    """FCT-5: Derived facts: `ratio` and `difference` of two facts with grain and rounding; a zero denominator is missing.
    FCT-4: whole grains inside: comparisons are exact.
    """  # noqa: D205

    MODES = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}  # noqa: RUF012

    @given(
        st.integers(-10_000, 10_000) | st.sampled_from([0, 1, -1, 5, 25, 35, 10**15]),
        st.integers(-50, 50),
        st.sampled_from(["ratio", "difference"]),
        st.sampled_from(["half up", "half even", "down", "up"]),
        st.sampled_from(["0.01", "0.5", "1", "5"]),
    )
    def test_the_exact_value_is_rounded_once(self, first: int, second: int, function: Any, how: Any, grain: str) -> None:
        facts = [
            Fact(id="a", type="money", reads="client.a"),
            Fact(id="b", type="integer", reads="client.b"),
            Fact(id="c", type="number", grain=grain, round=how, derivation=Derivation(function=function, first="a", second="b")),
        ]
        client = Client(id="c", name="c", attributes={"a": Decimal(first).scaleb(-2), "b": second})
        reader = FactReader(facts, None)
        ((history),) = histories_of(Book(clients=[client]))
        found = reader.open(history).at(FIRST_DAY.toordinal())[0]["c"]
        if function == "ratio" and second == 0:
            assert found is None
            return
        exact = Fraction(first, 100) / second if function == "ratio" else Fraction(first, 100) - second
        grains = exact / Fraction(grain)
        wide = Context(prec=400)
        assert found == int(
            wide.divide(Decimal(grains.numerator), Decimal(grains.denominator)).quantize(Decimal(1), self.MODES[how], wide)
        )

    @settings(max_examples=20)
    @given(books(max_clients=1), days())
    def test_a_missing_part_makes_it_missing(self, book: Book, as_of: date) -> None:
        facts = [
            Fact(id="a", type="integer", measure=Measure(function="days_since", over="touchpoints")),
            Fact(id="b", type="integer", reads="client.b"),
            Fact(id="c", type="integer", derivation=Derivation(function="difference", first="a", second="b")),
        ]
        for history in histories_of(book):
            assert FactReader(facts, None).open(history).at(as_of.toordinal())[0]["c"] is None


def test_an_amount_criterion_sees_the_amount_as_it_was_bought() -> None:
    """FCT-3: what comes back later does not make it another purchase."""
    measure = Measure(function="sum", over="purchases", field="amount", where=criterion("amount >= 9"), returns="net")
    book = attrs.evolve(FREE, purchases=[*FREE.purchases[:2], bought("2026-01-03", "4", of="part", returns="whole")])
    ((history),) = histories_of(book)
    row, _ = FactReader([fact_of(measure)], "CNY").open(history).at(date(2026, 1, 31).toordinal())
    assert row["x"] == 500
