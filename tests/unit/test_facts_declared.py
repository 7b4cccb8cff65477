from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from relcare.errors import InvalidValueError
from relcare.policy import Derivation, Fact, FactType, Measure, Span, Window, criterion

COUNT = Measure(function="count", over="touchpoints")
SUM = Measure(function="sum", over="purchases", field="amount")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("lifetime", Window()),
        ("1 day", Window(days=1)),
        ("90 days", Window(days=90)),
        ("2 weeks", Window(days=14)),
        ("3 months", Window(months=3)),
        ("1 year", Window(months=12)),
        ("1 calendar month", Window(months=1, is_calendar=True)),
        ("2 calendar quarters", Window(months=6, is_calendar=True, unit_months=3)),
        ("1 calendar year", Window(months=12, is_calendar=True, unit_months=12)),
        ("9999 months", Window(months=9_999)),
    ],
)
def test_a_window_is_read_and_its_text_gives_it_back(text: str, window: Window) -> None:
    assert Window.parse(text) == window
    assert Window.parse(str(window)) == window
    assert window.is_lifetime == (text == "lifetime")


def test_90_days_and_3_months_are_different_things() -> None:
    assert Window.parse("90 days") != Window.parse("3 months")
    assert str(Window.parse("90 days")) == "90 days"
    assert str(Window.parse("12 months")) == "12 months"
    assert str(Window.parse("12 calendar months")) != str(Window.parse("1 calendar year"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 days",
        "1 calendar week",
        "1 calendar day",
        "3 quarters",
        "-1 day",
        "01 days",
        "69994 days",
        "100000 days",
        "forever",
        "1.5 months",
        " 1 day",
        "1 day\n",
        "١ day",
        "9999 years",
        None,
        12,
    ],
)
def test_anything_else_is_no_window(text: str) -> None:
    with pytest.raises(InvalidValueError):
        Window.parse(text)


@pytest.mark.parametrize(
    "given",
    [
        {"months": 1, "days": 1},
        {"months": -1},
        {"days": -1},
        {"months": True},
        {"months": 1.0},
        {"days": 7, "is_calendar": True},
        {"months": 4, "is_calendar": True, "unit_months": 3},
        {"months": 4, "is_calendar": True, "unit_months": 2},
        {"months": 3, "unit_months": 3},
        {"is_calendar": True},
        {"months": 10_000},
    ],
    ids=repr,
)
def test_a_window_is_one_thing(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        Window(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"function": "sum", "over": "purchases", "field": "amount", "returns": "net", "window": Window(months=12)},
        {"function": "sum", "over": "purchases", "field": "amount", "per": "calendar month", "when_empty": "0"},
        {"function": "count", "over": "touchpoints", "where": criterion("outcome == 'met'")},
        {"function": "count", "over": "purchases", "per": "calendar quarter"},
        {"function": "max", "over": "purchases", "field": "amount", "when_empty": 0, "returns_delay": Span(days=14)},
        {"function": "days_since", "over": "touchpoints", "when_empty": Decimal(9_999)},
        {"function": "latest", "over": "purchases"},
        {"function": "distinct", "over": "touchpoints", "field": "channel"},
    ],
    ids=lambda given: f"{given['function']} {given['over']} {sorted(given)}",
)
def test_a_measure_whose_parts_fit_is_a_value(given: dict[str, Any]) -> None:
    assert Measure(**given) == Measure(**given)
    assert hash(Measure(**given)) == hash(Measure(**given))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"function": "avg"}, "function"),
        ({"over": "visits"}, "over"),
        ({"field": "category"}, "sum"),
        ({"field": None}, "sum"),
        ({"over": "touchpoints"}, "sum"),
        ({"function": "max", "field": None}, "max"),
        ({"function": "count"}, "count"),
        ({"function": "days_since", "field": "amount"}, "days_since"),
        ({"function": "distinct", "field": None}, "distinct"),
        ({"function": "distinct", "field": "channel"}, "distinct"),
        ({"function": "distinct", "over": "touchpoints", "field": "category"}, "distinct"),
        ({"function": "max", "per": "calendar month"}, "per"),
        ({"per": "month"}, "per"),
        ({"returns": "both"}, "returns"),
        ({"when_empty": "0"}, "when_empty"),
        ({"per": "calendar month", "when_empty": 0.5}, "when_empty"),
        ({"per": "calendar month", "when_empty": "NaN"}, "when_empty"),
        ({"window": "12 months"}, "window"),
        ({"window": None}, "window"),
        ({"where": "category == 'a'"}, "where"),
        ({"returns_delay": 14}, "returns_delay"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value),
)
def test_parts_of_a_measure_that_do_not_fit_are_refused_by_name(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{named} is "):
        Measure(**({"function": "sum", "over": "purchases", "field": "amount"} | given))


def test_a_measure_names_its_target_as_the_document_does() -> None:
    assert SUM.target == "purchases.amount"
    assert COUNT.target == "touchpoints"


def test_a_derivation_is_a_ratio_or_a_difference() -> None:
    assert Derivation(function="ratio", first="a", second="b").second == "b"
    with pytest.raises(InvalidValueError, match=r"^function is"):
        Derivation(function="product", first="a", second="b")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"type": "number", "grain": "0.01"},
        {"type": "number", "grain": 1, "min": "-5", "max": 5, "round": "half up"},
        {"type": "money"},
        {"type": "money", "grain": "0.0001", "measure": SUM},
        {"type": "integer", "measure": COUNT},
        {"type": "level", "values": ["low", "high"], "reads": "people.rank"},
        {"type": "category"},
        {"type": "category", "values": ["a"], "reads": "client.kind"},
        {"type": "set", "reads": "people.role"},
        {"type": "flag", "may_be_missing": True, "polarity": "less", "unit": "yes or no"},
        {"type": "date", "min": "2026-01-01", "max": date(2026, 1, 1)},
        {"type": "date", "measure": Measure(function="latest", over="touchpoints")},
        {"type": "number", "grain": "0.001", "derivation": Derivation(function="ratio", first="a", second="b")},
    ],
    ids=repr,
)
def test_a_fact_whose_parts_fit_is_a_value(given: dict[str, Any]) -> None:
    fact = Fact(id="x", **given)
    assert fact == Fact(id="x", **given)
    assert hash(fact) == hash(Fact(id="x", **given))
    assert fact.fact_type.kind == given["type"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"id": "a b"}, "id"),
        ({"id": "class"}, "id"),
        ({"id": "missing"}, "id"),
        ({"id": None}, "id"),
        ({"type": "text"}, "type"),
        ({"type": None}, "type"),
        ({"polarity": "up"}, "polarity"),
        ({"may_be_missing": "yes"}, "may_be_missing"),
        ({"unit": ""}, "unit"),
        ({"unit": 5}, "unit"),
        ({"grain": None}, "grain"),
        ({"grain": "0"}, "grain"),
        ({"grain": "-1"}, "grain"),
        ({"grain": 0.01}, "grain"),
        ({"grain": "NaN"}, "grain"),
        ({"round": "nearest"}, "round"),
        ({"min": "x"}, "bound"),
        ({"min": 0.5}, "bound"),
        ({"min": "2026-01-01"}, "min"),
        ({"min": 2, "max": 1}, "max"),
        ({"type": "integer", "grain": "0.5"}, "grain"),
        ({"type": "flag", "grain": 1}, "grain"),
        ({"type": "flag", "grain": None, "min": 1}, "min"),
        ({"type": "date", "grain": None, "min": 1}, "min"),
        ({"type": "date", "grain": None, "min": "2026-W01-1"}, "bound"),
        ({"type": "date", "grain": None, "min": datetime(2026, 1, 1)}, "bound"),
        ({"type": "date", "grain": None, "min": "2026-01-02", "max": "2026-01-01"}, "max"),
        ({"type": "level", "grain": None}, "values"),
        ({"type": "level", "grain": None, "values": ["a"]}, "values"),
        ({"type": "level", "grain": None, "values": "abc"}, "values"),
        ({"type": "level", "grain": None, "values": ["a", "a"]}, "values"),
        ({"type": "level", "grain": None, "values": ["a", ""]}, "values"),
        ({"type": "level", "grain": None, "values": ["a", 1]}, "values"),
        ({"type": "level", "grain": None, "values": ["a", []]}, "values"),
        ({"type": "level", "grain": None, "values": ["a", "b\0"]}, "values"),
        ({"type": "level", "grain": None, "values": None}, "values"),
        ({"values": ["a", "b"]}, "values"),
        ({"reads": "orders.amount"}, "from"),
        ({"reads": "client."}, "from"),
        ({"reads": "people.rank"}, "from"),
        ({"reads": "people.role"}, "from"),
        ({"reads": "people.phone"}, "from"),
        ({"reads": 5}, "from"),
        ({"reads": "client.x", "measure": SUM}, "from"),
        ({"measure": SUM, "derivation": Derivation(function="ratio", first="a", second="b")}, "from"),
        ({"measure": "count"}, "measure"),
        ({"derivation": "ratio"}, "derivation"),
        ({"measure": Measure(function="latest", over="touchpoints")}, "type"),
        ({"type": "flag", "grain": None, "measure": COUNT}, "type"),
        ({"type": "money", "measure": COUNT}, "type"),
        ({"type": "date", "grain": None, "derivation": Derivation(function="ratio", first="a", second="b")}, "type"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value),
)
def test_parts_of_a_fact_that_do_not_fit_are_refused_by_name(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{named} is "):
        Fact(**{"id": "x", "type": "number", "grain": 1, **given})


def test_money_and_integers_have_a_grain_when_none_is_declared() -> None:
    assert Fact(id="x", type="money").fact_type == FactType(kind="money", grain=Decimal("0.01"), may_be_missing=False)
    assert Fact(id="x", type="integer").fact_type.grain == 1
    assert Fact(id="x", type="flag").fact_type.grain is None


def test_the_type_carries_what_was_declared() -> None:
    fact = Fact(id="x", type="number", grain="0.5", min=0, max="10.5", may_be_missing=True, polarity="more", round="down")
    assert fact.fact_type == FactType(
        kind="number",
        grain=Decimal("0.5"),
        low=Decimal(0),
        high=Decimal("10.5"),
        may_be_missing=True,
        polarity="more",
        rounding="down",
    )
