"""The facts of a book column by column: of every client what its own history says."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare.errors import InvalidValueError
from relcare.facts import BookFacts, FactReader, histories_of
from relcare.model import AttributeChange, Book, Client, Reason
from relcare.policy import Core, Derivation, Fact
from relcare.testing import books_for, days_in_force, policies

DAY = date(2026, 3, 31)
few = settings(max_examples=settings().max_examples // 10)
DECLARED = (
    Fact(id="number", type="number", grain="0.5", min="-2", max="40", round="half up", reads="client.said"),
    Fact(id="whole", type="integer", min=0, max=40, round="half up", reads="client.said"),
    Fact(id="any_whole", type="integer", round="down", reads="client.said"),
    Fact(id="money", type="money", grain="0.01", round="half even", reads="client.said"),
    Fact(id="level", type="level", values=["low", "high"], reads="client.said"),
    Fact(id="category", type="category", reads="client.said"),
    Fact(id="named", type="category", values=["low", "7"], reads="client.said"),
    Fact(id="set", type="set", reads="client.said"),
    Fact(id="flag", type="flag", reads="client.said"),
    Fact(id="day", type="date", min=date(2026, 1, 1), reads="client.said"),
    Fact(id="stage", type="category", values=["open"], reads="client.stage"),
    Fact(id="since", type="date", reads="client.client_since_on"),
    Fact(id="other", type="integer", min=-1),
    Fact(
        id="gap",
        type="number",
        grain="0.1",
        max="9",
        round="up",
        derivation=Derivation(function="difference", first="whole", second="other"),
    ),
    Fact(
        id="times",
        type="number",
        grain="0.1",
        round="half up",
        derivation=Derivation(function="ratio", first="number", second="other"),
    ),
)
FLAG = next(fact for fact in DECLARED if fact.type == "flag")
NAMES = ("client.stage", "client.region", "level", "whole", "gap", "nobody.knows")
words = st.sampled_from(["low", "high", "7", "true", "no", "a|b", "2026-02-01", "1.5"])
numbers = st.integers(-3, 45) | st.sampled_from([Decimal("1.5"), Decimal("1.50"), Decimal(7), Decimal("50.10")])
values = numbers | words | st.booleans() | st.none() | st.sampled_from([date(2026, 2, 1), frozenset({"a", "b"})])


def one_by_one(reader: FactReader, book: Book, day: date) -> list[tuple[dict[str, Core], tuple[Reason, ...]]] | None:
    """What every client's own history says; None if one of them is refused."""
    try:
        return [reader.open(history).at(day.toordinal()) for history in histories_of(book)]
    except InvalidValueError:
        return None


def check(reader: FactReader, book: Book, day: date) -> None:
    expected = one_by_one(reader, book, day)
    if expected is None:
        with pytest.raises(InvalidValueError):
            BookFacts(reader, book, book.clients, day.toordinal())
        return
    found = BookFacts(reader, book, book.clients, day.toordinal())
    places = range(len(book.clients))
    assert [list(found.row(place).items()) for place in places] == [list(row.items()) for row, _ in expected]
    assert [found.notes.get(place, []) for place in places] == [list(notes) for _, notes in expected]
    assert [[type(value) for value in found.row(place).values()] for place in places] == [
        [type(value) for value in row.values()] for row, _ in expected
    ]
    names = {name for name in NAMES if any(name in row for row, _ in expected)}
    assert found.rows(frozenset(NAMES)) == [{name: row[name] for name in names} for row, _ in expected]
    assert [found.source(place).at(day.toordinal()) for place in places] == expected


def book_of(said: Sequence[Any], other: Sequence[Any]) -> Book:
    return Book(
        clients=[
            Client(id=f"c-{place}", name="c", stage="open" if place % 2 else "closed", attributes={"said": one, "other": two})
            for place, (one, two) in enumerate(zip(said, other, strict=True))
        ]
    )


class TestColumns:
    """FCT-1: A value outside the bounds or not among the values is treated as missing.

    FCT-5: Derived facts: `ratio` and `difference` of two facts with grain and rounding; a zero denominator is missing.
    """

    @given(st.lists(st.tuples(values, st.none() | st.integers(-2, 45)), max_size=5), st.sets(st.sampled_from(DECLARED)))
    @example([(1, 2), (True, 2), (Decimal(1), 2), (0, None)], set(DECLARED))
    @example([(1, 2), (True, 2)], {FLAG})
    @example([(41, 2), (None, -2), (40, 0)], set(DECLARED))
    @example([(Decimal("50.10"), 0), (Decimal("50.1"), 0)], set(DECLARED))
    def test_every_client_has_what_it_has_by_itself(self, said: list[tuple[Any, Any]], chosen: set[Fact]) -> None:
        wanted = {fact.id for fact in chosen}
        wanted |= {name for f in chosen if f.derivation for name in (f.derivation.first, f.derivation.second)}
        reader = FactReader([fact for fact in DECLARED if fact.id in wanted], "CNY")
        check(reader, book_of([one for one, _ in said], [two for _, two in said]), DAY)

    @few
    @given(st.data())
    def test_measures_and_people_are_among_them(self, data: st.DataObject) -> None:
        policy = data.draw(policies())
        book = data.draw(books_for(policy, max_clients=3))
        check(FactReader(policy.facts, policy.currency), book, data.draw(days_in_force(policy)))

    def test_dated_attributes_are_those_of_the_day(self) -> None:
        change = AttributeChange(name="said", value=9, effective_on=DAY)
        plain = Client(id="c-1", name="c", attributes={"said": 3})
        changed = Client(id="c-2", name="c", attributes={"said": 3}, attribute_changes=[change])
        facts = BookFacts(FactReader(DECLARED[1:3], None), book := Book(clients=[plain, changed]), book.clients, DAY.toordinal())
        assert [facts.row(place)["whole"] for place in (0, 1)] == [3, 9]
