"""From columns as one by one: what the class makes of every row, and what it says of every wrong one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.property.test_records import anatomy

from relcare.errors import BookDocumentError, InvalidValueError
from relcare.model import (
    Absence,
    Appointment,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Pin,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
    from_columns,
)
from relcare.testing import books

DAY = date(2026, 3, 20)
ROWS: dict[type, dict[str, object]] = {
    Absence: {"staff_id": "lee", "start_on": DAY},
    Appointment: {"id": "a-1", "client_id": "c-1", "staff_id": "lee", "on": DAY, "channel": "visit"},
    Client: {"id": "c-1", "name": "김철수"},
    Consent: {"id": "n-1", "client_id": "c-1", "kind": "given", "start_on": DAY},
    ContactPerson: {"id": "p-1", "client_id": "c-1", "name": "王小明"},
    MembershipEvent: {"id": "m-1", "client_id": "c-1", "programme_id": "vip", "step": "applied", "on": DAY, "by": "lee"},
    Money: {"amount": "12.50", "currency": "CNY"},
    OwnerSpell: {"client_id": "c-1", "owner_id": None, "start_on": DAY},
    Pin: {"client_id": "c-1", "scheme_id": "abc", "tier": "A", "by": "lee", "reason": "founder", "start_on": DAY},
    Purchase: {"id": "b-1", "client_id": "c-1", "purchased_on": DAY, "amount": Money("12.50", "CNY")},
    Staff: {"id": "lee", "name": "이수진"},
    TierSpell: {"client_id": "c-1", "scheme_id": "abc", "tier": "A", "start_on": DAY},
    Touchpoint: {"id": "t-1", "client_id": "c-1", "occurred_at": DAY, "channel": "电话"},
}
BOOKED: dict[str, type[Any]] = {
    "clients": Client,
    "people": ContactPerson,
    "touchpoints": Touchpoint,
    "purchases": Purchase,
    "staff": Staff,
    "tier_spells": TierSpell,
    "pins": Pin,
    "consents": Consent,
    "absences": Absence,
    "owner_spells": OwnerSpell,
    "appointments": Appointment,
    "membership_events": MembershipEvent,
}


def twice(kind: type) -> dict[str, list[Any]]:
    return {name: [value] * 2 for name, value in ROWS[kind].items()}


class Word(StrEnum):
    OPEN = "open"


SEOUL = ZoneInfo("Asia/Seoul")
OTHERS: list[Any] = [
    *(None, True, False, 0, 7, 1.5, Decimal("1.0"), Decimal("1.00"), Decimal("NaN")),
    *(
        "",
        " ",
        " x",
        "x ",
        "x",
        "a b",
        "void",
        "c-1",
        "t-1",
        "b-1",
        "lee",
        "a\x00b",
        "a\nb",
        "x" * 201,
        "x" * 4_097,
        "한글",
        "\u3164",
    ),
    *("open", "outgoing", "in", "refused", "granted", "exact", "vip", "1x", "CNY", "cny", "Asia/Seoul", "Asia/Seol", Word.OPEN),
    *(DAY, date(2026, 3, 21), date(2027, 1, 1), date(1899, 12, 31), pendulum.date(2026, 3, 20)),
    *(datetime(2026, 3, 20, 9), datetime(2026, 3, 20, 9, tzinfo=SEOUL), datetime(2026, 3, 20, tzinfo=UTC)),
    pendulum.datetime(2026, 3, 20, 9, tz="Asia/Seoul"),
    datetime(2026, 3, 20, 0, tzinfo=UTC).astimezone(SEOUL),
    *(Money("1.0", "CNY"), Money("1.00", "CNY"), Money("-1", "KRW"), Birthday(month=2, day=29)),
    *([], ["partner"], ("partner", "partner"), frozenset({"partner"}), {"grade": 3}, {"grade": "A", "from": None}, {"a b": 1}),
    *({"grade": 1.5}, {"grade": frozenset({""})}, b"x", object),
]


def one_by_one(kind: type, columns: dict[str, list[Any]]) -> object:
    """What the class makes of every row; else what it says of the wrong ones."""
    made: list[object] = []
    told: list[tuple[int, str, str, str | None]] = []
    count = len(next(iter(columns.values())))
    for row in range(count):
        fields: dict[str, Any] = {name: values[row] for name, values in columns.items()}
        try:
            made.append(anatomy(kind(**fields)))
        except InvalidValueError as error:
            told.append((row + 1, error.name, f"is {error.value}: {error.rule}", error.hint))
    return told or made


def at_once(kind: type[Any], columns: dict[str, list[Any]]) -> object:
    try:
        return [anatomy(one) for one in from_columns(kind, columns)]
    except BookDocumentError as error:
        return [(problem.line, problem.path, problem.message, problem.hint) for problem in error.problems]


@st.composite
def changed(draw: st.DrawFn) -> tuple[type, dict[str, list[Any]]]:
    """Some equal rows of one class, with other things in some of their cells."""
    kind: Any = draw(st.sampled_from(list(ROWS)))
    count = draw(st.integers(1, 4))
    columns: dict[str, list[Any]] = {name: [value] * count for name, value in ROWS[kind].items()}
    for name in draw(st.lists(st.sampled_from([field.name for field in attrs.fields(kind)]), min_size=1, max_size=4)):
        old = columns.get(name, [attrs.fields_dict(kind)[name].default] * count)
        if isinstance(old[0], attrs.Factory):  # type: ignore[arg-type]
            old = [old[0].factory()] * count
        columns[name] = [draw(st.sampled_from([before, *OTHERS])) if draw(st.booleans()) else before for before in old]
    return kind, columns


class TestFromColumns:
    """Equal to the one-by-one constructor for valid columns, the same first error for every row that is not."""

    @settings(max_examples=25)
    @given(books())
    def test_the_values_of_a_book_come_back_from_their_columns(self, book: Book) -> None:
        for field, kind in BOOKED.items():
            values: Sequence[Any] = getattr(book, field)
            names = [one.name for one in attrs.fields(kind)]
            columns = {name: [getattr(value, name) for value in values] for name in names}
            assert [anatomy(one) for one in from_columns(kind, columns)] == [anatomy(one) for one in values]

    @settings(max_examples=150)
    @given(changed())
    @example((Touchpoint, {**twice(Touchpoint), "channel": ["call", "void"]}))
    @example((Touchpoint, {**twice(Touchpoint), "voids_id": [None, "t-1"]}))
    @example((Purchase, {**twice(Purchase), "returns_purchase_id": ["b-1", None]}))
    @example((Consent, {**twice(Consent), "kind": ["given", "refused"], "night": [True, True]}))
    @example((TierSpell, {**twice(TierSpell), "end_on": [DAY, None]}))
    @example((Absence, {**twice(Absence), "deputy_id": ["lee", "park"]}))
    @example((MembershipEvent, {**twice(MembershipEvent), "level": ["gold", None]}))
    @example((Touchpoint, {**twice(Touchpoint), "id": ["t-1", "t-2"], "voids_id": [None, "t-2"]}))
    @example((Purchase, {**twice(Purchase), "id": ["b-1", "b-2"], "returns_purchase_id": [None, "b-2"]}))
    @example((TierSpell, {**twice(TierSpell), "start_on": [DAY, date(2026, 6, 1)], "end_on": [None, date(2026, 5, 1)]}))
    @example((Absence, {**twice(Absence), "staff_id": ["lee", "park"], "deputy_id": [None, "park"]}))
    @example((MembershipEvent, {**twice(MembershipEvent), "step": ["granted", "applied"], "end_on": [date(2027, 1, 1)] * 2}))
    @example((Money, {"amount": [Decimal("1.0"), Decimal("1.00"), "1.0", 1], "currency": ["CNY"] * 4}))
    def test_every_row_is_made_or_refused_as_the_class_makes_or_refuses_it(
        self, drawn: tuple[type, dict[str, list[Any]]]
    ) -> None:
        kind, columns = drawn
        assert at_once(kind, columns) == one_by_one(kind, columns)

    @given(
        st.dictionaries(
            st.sampled_from(["grade", "from", "등급"]),
            st.lists(
                st.sampled_from([None, 3, True, "A", "", Decimal("1.50"), DAY, 1.5, frozenset({"x"})]), min_size=3, max_size=3
            ),
            min_size=1,
        )
    )
    def test_free_attributes_may_be_columns_of_their_own(self, free: dict[str, list[Any]]) -> None:
        columns: dict[str, list[Any]] = {"id": ["c-1", "c-2", "c-3"], "name": ["a", "b", "c"]}
        maps = [{name: values[row] for name, values in free.items() if values[row] is not None} for row in range(3)]
        apart = {f"attributes.{name}": values for name, values in free.items()}
        assert at_once(Client, {**columns, **apart}) == one_by_one(Client, {**columns, "attributes": maps})


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_every_field_of_every_noun_is_known_to_its_class(kind: type) -> None:
    """What is checked by itself must be a field: a renamed one would silently be put to the class, value by value."""
    from relcare.model._column_nouns import NOUNS

    names = {field.name for field in attrs.fields(kind)}
    assert {*NOUNS[kind].checks, *NOUNS[kind].apart} <= names
    assert set(ROWS) == set(NOUNS)
