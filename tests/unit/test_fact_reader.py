"""Facts of one client: each measure, where it comes from, and what is refused."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from relcare._fields import zone_of
from relcare.errors import InvalidValueError
from relcare.facts import FactReader, history_of
from relcare.model import AttributeChange, Client, ContactPerson, FactValue, Money, Purchase, Staff, Touchpoint
from relcare.policy import Derivation, Fact, Measure, Span, Window, criterion

AS_OF = "2026-03-31"
CLIENT = Client(id="c", name="c", stage="open", owner_id="lee", region="west", relationship_types={"partner"})
LOG = (
    ("b-1", "2025-12-31", "100.50", "fibre"),
    ("b-2", "2026-01-31", "12000", "high-end"),
    ("b-3", "2026-03-01", "8000", "high-end"),
    ("b-4", "2026-03-31", "0.10", None),
)


def bought(purchase_id: str, on: str, amount: str, category: str | None = None, currency: str = "CNY", **more: Any) -> Purchase:
    day = date.fromisoformat(on)
    return Purchase(id=purchase_id, client_id="c", purchased_on=day, amount=Money(amount, currency), category=category, **more)


PURCHASES = tuple(bought(*row) for row in LOG)
TOUCHES = (
    Touchpoint(
        id="t-1", client_id="c", occurred_at=date(2026, 1, 1), channel="call", outcome="reached", person_id="p", staff_id="s"
    ),
    Touchpoint(id="t-2", client_id="c", occurred_at=date(2026, 2, 10), channel="visit", outcome="met", in_lieu_of="call"),
    Touchpoint(id="t-3", client_id="c", occurred_at=date(2026, 3, 20), channel="call", outcome="missed", direction="incoming"),
    Touchpoint(id="t-4", client_id="c", occurred_at=datetime(2026, 3, 30, 23, 30, tzinfo=UTC), channel="call"),
)
PEOPLE = (
    ContactPerson(id="p", client_id="c", name="p", role="principal", rank="department"),
    ContactPerson(id="q", client_id="c", name="q", role="secretary", rank="staff"),
    ContactPerson(id="r", client_id="c", name="r"),
)


def read(
    *facts: Fact,
    as_of: str = AS_OF,
    client: Client = CLIENT,
    purchases: Sequence[Purchase] = PURCHASES,
    touchpoints: Sequence[Touchpoint] = TOUCHES,
    people: Sequence[ContactPerson] = PEOPLE,
    currency: str | None = "CNY",
    zone: str = "Asia/Seoul",
) -> dict[str, FactValue]:
    """The facts as people read them, and what was out of bounds under `!`."""
    staff = {"s": Staff(id="s", name="s", role="secretary")}
    history = history_of(client, people=people, touchpoints=touchpoints, purchases=purchases, staff=staff, zone=zone_of(zone))
    reader = FactReader(facts, currency)
    row, notes = reader.open(history).at(date.fromisoformat(as_of).toordinal())
    found = {name: reader.types[name].decode(value) for name, value in row.items() if name in reader.types}
    return found | {f"!{note.values['fact']}": str(note.values["value"]) for note in notes if note.code == "fact.out_of_bounds"}


def measured(function: str, over: str = "purchases", *, declared: Any = (), **given: Any) -> Fact:
    kinds = {"sum": "money", "max": "money", "min": "money", "latest": "date"}
    field = "amount" if function in {"sum", "max", "min"} else given.pop("field", None)
    where = given.pop("where", None)
    window = given.pop("window", None)
    measure = Measure(
        function=function,  # type: ignore[arg-type]
        over=over,  # type: ignore[arg-type]
        field=field,
        where=None if where is None else criterion(where),
        window=Window() if window is None else Window.parse(window),
        **given,
    )
    return Fact(id="x", type=kinds.get(function, "integer"), measure=measure, **dict(declared))  # type: ignore[arg-type]


def label(part: Fact | str) -> str:
    measure = part.measure if isinstance(part, Fact) else None
    return str(part) if measure is None else f"{measure.function} {measure.target} {measure.where} {measure.window} {measure.per}"


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (measured("sum"), "20100.60"),
        (measured("sum", window="3 months"), "20000.10"),
        (measured("sum", window="2 months"), "8000.10"),
        (measured("sum", window="1 calendar month"), "8000.10"),
        (measured("sum", window="1 day"), "0.10"),
        (measured("sum", where="category == 'high-end'"), "20000"),
        (measured("sum", where="amount < 8_000"), "100.60"),
        (measured("count", where="amount >= 8_000"), "2"),
        (measured("count", where="missing(category)"), "1"),
        (measured("count", where="category != 'fibre'"), "2"),
        (measured("max"), "12000"),
        (measured("max", window="60 days"), "12000"),
        (measured("max", window="59 days"), "8000"),
        (measured("min"), "0.10"),
        (measured("distinct", field="category"), "2"),
        (measured("distinct", field="amount"), "4"),
        (measured("days_since"), "0"),
        (measured("days_since", where="category == 'high-end'"), "30"),
        (measured("sum", per="calendar month"), "12000"),
        (measured("sum", per="calendar quarter"), "20000.10"),
        (measured("sum", per="calendar month", window="1 month"), "8000.10"),
        (measured("count", per="calendar month"), "2"),
        (measured("count", "touchpoints"), "4"),
        (measured("count", "touchpoints", where="outcome == 'met'"), "1"),
        (measured("count", "touchpoints", where="outcome != 'met'"), "2"),
        (measured("count", "touchpoints", where="not outcome == 'met'"), "2"),
        (measured("count", "touchpoints", where="missing(outcome) or outcome in ('met', 'reached')"), "3"),
        (measured("count", "touchpoints", where="direction == 'incoming'"), "1"),
        (measured("count", "touchpoints", where="in_lieu_of == 'call'"), "1"),
        (measured("count", "touchpoints", where="person.role == 'principal' and person.rank == 'department'"), "1"),
        (measured("count", "touchpoints", where="staff.role == 'secretary'"), "1"),
        (measured("distinct", "touchpoints", field="channel"), "2"),
        (measured("distinct", "touchpoints", field="person_id"), "1"),
        (measured("days_since", "touchpoints"), "0"),
        (measured("days_since", "touchpoints", where="channel == 'visit'"), "49"),
        (measured("count", "touchpoints", window="2 calendar months"), "3"),
    ],
    ids=label,
)
def test_each_measure_reads_what_it_says(fact: Fact, value: str) -> None:
    assert read(fact) == {"x": Decimal(value)}


def test_an_instant_counts_on_its_day_in_the_book_s_zone() -> None:
    fact = measured("days_since", "touchpoints")
    assert read(fact, as_of="2026-03-30") == {"x": Decimal(10)}, "half past eleven at night in UTC is the next morning in Seoul"
    assert read(fact, as_of="2026-03-30", zone="UTC") == {"x": Decimal(0)}


@pytest.mark.parametrize("function", ["max", "min", "days_since", "latest"])
def test_over_no_events_a_measure_is_missing_unless_it_says_otherwise(function: str) -> None:
    nothing = "category == 'nothing'"
    assert read(measured(function, where=nothing)) == {"x": None}
    if function != "latest":
        assert read(measured(function, where=nothing, when_empty="7")) == {"x": Decimal(7)}
        assert read(measured(function, when_empty="7"))["x"] != Decimal(7)


@pytest.mark.parametrize("function", ["sum", "count"])
def test_a_best_month_of_no_month_is_missing_unless_it_says_otherwise(function: str) -> None:
    assert read(measured(function, per="calendar month"), purchases=()) == {"x": None}
    assert read(measured(function, per="calendar month", when_empty="0"), purchases=()) == {"x": Decimal(0)}
    assert read(measured(function), purchases=()) == {"x": Decimal(0)}


def test_the_latest_day_is_a_date() -> None:
    assert read(measured("latest")) == {"x": date(2026, 3, 31)}
    assert read(measured("latest", "touchpoints"), as_of="2026-03-19") == {"x": date(2026, 2, 10)}


BACK = (*PURCHASES, bought("r", "2026-03-15", "12000", None, returns_purchase_id="b-2"))
PART = (*PURCHASES, bought("r", "2026-03-15", "2000.50", None, returns_purchase_id="b-2"))
CREDIT = (*PURCHASES, bought("k", "2026-03-15", "-500", "high-end"))


@pytest.mark.parametrize(
    ("fact", "whole", "part", "credit"),
    [
        (measured("sum", returns="gross"), "20100.60", "20100.60", "20100.60"),
        (measured("sum", returns="net"), "8100.60", "18100.10", "19600.60"),
        (measured("sum", returns="net", where="category == 'high-end'"), "8000", "17999.50", "19500"),
        (measured("sum", returns="net", where="category == 'fibre'"), "100.50", "100.50", "100.50"),
        (measured("sum", returns="net", window="1 calendar month"), "8000.10", "8000.10", "7500.10"),
        (measured("max", returns="gross"), "12000", "12000", "12000"),
        (measured("max", returns="net"), "8000", "9999.50", "12000"),
        (measured("count", returns="net"), "3", "4", "4"),
        (measured("count", returns="gross"), "4", "4", "4"),
        (measured("sum", returns="net", per="calendar month"), "8000.10", "9999.50", "12000"),
        (measured("sum", returns="net", returns_delay=Span(days=14)), "100.50", "10100", "19600.50"),
    ],
    ids=[
        "gross",
        "net",
        "net filtered",
        "other kind",
        "net window",
        "max gross",
        "max net",
        "count",
        "count gross",
        "best",
        "delay",
    ],
)
def test_returns_and_credits(fact: Fact, whole: str, part: str, credit: str) -> None:
    if fact.measure is not None and fact.measure.returns_delay is not None:
        # On 31 March what is 14 days old is of 17 March or earlier: b-4 is not yet, b-2 came back.
        whole, part, credit = "8100.50", "18100", "19600.50"
    assert read(fact, purchases=BACK) == {"x": Decimal(whole)}
    assert read(fact, purchases=PART) == {"x": Decimal(part)}
    assert read(fact, purchases=CREDIT) == {"x": Decimal(credit)}


def test_equal_amounts_are_one_however_they_are_written() -> None:
    twice = (bought("a", "2026-01-01", "12000"), bought("b", "2026-01-02", "12000.00"))
    assert read(measured("distinct", field="amount"), purchases=twice) == {"x": Decimal(1)}


@pytest.mark.parametrize(
    "fact",
    [
        measured("sum"),
        measured("max"),
        measured("distinct", field="amount"),
        measured("count", where="amount >= 1"),
        measured("sum", returns="net"),
    ],
    ids=["sum", "max", "distinct", "count", "net"],
)
def test_an_amount_in_another_currency_is_refused_by_every_measure_that_looks_at_amounts(fact: Fact) -> None:
    dollars = (*PURCHASES, bought("d", "2026-02-01", "5", "fibre", "USD"))
    with pytest.raises(
        InvalidValueError, match=r"purchase 'd' is '5 USD': must be in the policy's currency, CNY, for the fact 'x'"
    ):
        read(fact, purchases=dollars)
    with pytest.raises(InvalidValueError, match="purchase 'd'"):
        read(fact, purchases=dollars, currency=None)
    credit = (*PURCHASES, bought("d", "2026-02-01", "-5", "fibre", "USD"))
    if fact.measure is not None and fact.measure.returns == "net":
        with pytest.raises(InvalidValueError, match="purchase 'd'"):
            read(fact, purchases=credit)


def test_a_measure_without_amounts_does_not_mind_the_currency() -> None:
    dollars = (*PURCHASES, bought("d", "2026-02-01", "5", "fibre", "USD"))
    assert read(measured("count"), purchases=dollars) == {"x": Decimal(5)}
    assert read(measured("sum", where="category == 'high-end'"), purchases=dollars) == {"x": Decimal(20000)}
    assert read(measured("sum"), purchases=[bought("d", "2026-02-01", "5", None, "USD")], currency=None) == {"x": Decimal(5)}


def test_a_measure_off_its_grain_is_refused_with_client_fact_and_value() -> None:
    fine = (bought("a", "2026-01-01", "0.005"),)
    with pytest.raises(
        InvalidValueError, match=r"client 'c': fact 'x' is '0.005': must be a whole multiple of .* 0.01; hint: declare `round`"
    ):
        read(measured("sum"), purchases=fine)
    assert read(measured("sum"), purchases=(*fine, bought("b", "2026-01-01", "0.005"))) == {"x": Decimal("0.01")}


@pytest.mark.parametrize(
    ("how", "amounts"),
    [
        ("half up", {"0.005": "0.01", "0.0049": "0", "0.015": "0.02"}),
        ("half even", {"0.005": "0", "0.015": "0.02", "0.025": "0.02", "0.0251": "0.03"}),
        ("down", {"0.019": "0.01", "0.009": "0"}),
        ("up", {"0.011": "0.02", "0.01": "0.01"}),
    ],
)
def test_rounding_is_declared(how: str, amounts: dict[str, str]) -> None:
    for amount, value in amounts.items():
        found = read(measured("sum", declared={"round": how}), purchases=[bought("a", "2026-01-01", amount)])
        assert found == {"x": Decimal(value)}, amount


@pytest.mark.parametrize("how", ["half up", "half even", "down", "up"])
def test_a_negative_value_is_rounded_as_its_size(how: str) -> None:
    for amount in ("0.005", "0.015", "0.004", "0.006", "0.01"):
        fact = measured("sum", declared={"round": how}, returns="net")
        (plus,) = read(fact, purchases=[bought("a", "2026-01-01", amount)]).values()
        (minus,) = read(fact, purchases=[bought("a", "2026-01-01", f"-{amount}")]).values()
        assert isinstance(plus, Decimal)
        assert minus == -plus


def test_a_measure_out_of_its_bounds_is_missing_never_clipped() -> None:
    bounded = {"min": "0", "max": "20000"}
    assert read(measured("sum", declared=bounded)) == {"x": None, "!x": "20100.60"}
    assert read(measured("sum", declared={"max": "20100.60"})) == {"x": Decimal("20100.60")}
    assert read(measured("sum", declared={"max": "20100.59"})) == {"x": None, "!x": "20100.60"}
    assert read(measured("count", declared={"min": 5})) == {"x": None, "!x": "4"}
    assert read(measured("latest", declared={"max": date(2026, 3, 30)})) == {"x": None, "!x": "2026-03-31"}
    assert read(measured("count", declared={"grain": 4, "max": 4})) == {"x": Decimal(4)}
    with pytest.raises(InvalidValueError, match="must be a whole multiple of the fact's grain, 3"):
        read(measured("count", declared={"grain": 3}))


def test_sums_of_the_longest_amounts_are_exact() -> None:
    long = [bought("a", "2026-01-01", "9999999999999999.99"), bought("b", "2026-01-01", "0.01")]
    assert read(measured("sum"), purchases=long) == {"x": Decimal("10000000000000000.00")}
    tiny = [bought("a", "2026-01-01", "0.000000000001"), bought("b", "2026-01-01", "9999999999999999")]
    assert read(measured("sum", declared={"grain": "0.000000000001"}), purchases=tiny) == {
        "x": Decimal("9999999999999999.000000000001")
    }


# ---- attributes and people


def attribute(kind: str, value: Any = None, **given: Any) -> dict[str, FactValue]:
    fact = Fact(id="x", type=kind, **({"reads": "client.likelihood"} | given))  # type: ignore[arg-type]
    attributes = {} if value is None else {"likelihood": value}
    return read(fact, client=attrs.evolve(CLIENT, attributes=attributes))


LEVELS = ("none", "low", "high")


def test_an_attribute_is_read_by_the_fact_s_type() -> None:
    assert attribute("level", "low", values=LEVELS) == {"x": "low"}
    assert attribute("level", None, values=LEVELS) == {"x": None}
    assert attribute("level", "middling", values=LEVELS) == {"x": None, "!x": "middling"}
    assert attribute("money", "12.5") == {"x": Decimal("12.50")}
    assert attribute("money", 12) == {"x": Decimal(12)}
    assert attribute("money", "twelve") == {"x": None, "!x": "twelve"}
    assert attribute("money", "-1", min="0") == {"x": None, "!x": "-1"}
    assert attribute("money", "0", min="0") == {"x": Decimal(0)}
    assert attribute("integer", "7") == {"x": Decimal(7)}
    assert attribute("category", "fibre", values=("fibre",)) == {"x": "fibre"}
    assert attribute("category", "wool", values=("fibre",)) == {"x": None, "!x": "wool"}
    assert attribute("category", "anything") == {"x": "anything"}
    assert attribute("set", frozenset({"a", "b"})) == {"x": frozenset({"a", "b"})}
    assert attribute("set", "a|b") == {"x": frozenset({"a", "b"})}
    assert attribute("flag", value=True) == {"x": True}
    assert attribute("flag", "no") == {"x": False}
    assert attribute("date", date(2026, 1, 31)) == {"x": date(2026, 1, 31)}
    assert attribute("date", "2026-01-31") == {"x": date(2026, 1, 31)}
    assert attribute("date", "31.1.2026") == {"x": None, "!x": "31.1.2026"}


def test_without_a_source_the_attribute_has_the_fact_s_own_name() -> None:
    fact = Fact(id="likelihood", type="category")
    assert read(fact, client=attrs.evolve(CLIENT, attributes={"likelihood": "low"})) == {"likelihood": "low"}
    own = Fact(id="region", type="category")
    assert read(own) == {"region": None}, "only `from` reaches the client's own fields"
    assert read(Fact(id="x", type="category", reads="client.region")) == {"x": "west"}


@pytest.mark.parametrize(
    ("field", "kind", "value"),
    [
        ("stage", "category", "open"),
        ("owner_id", "category", "lee"),
        ("relationship_types", "set", frozenset({"partner"})),
        ("client_since_on", "date", None),
    ],
)
def test_a_fact_reads_a_client_s_own_field(field: str, kind: Any, value: FactValue) -> None:
    assert read(Fact(id="x", type=kind, reads=f"client.{field}")) == {"x": value}


def test_an_attribute_changes_on_its_day_and_may_stop_being_known() -> None:
    client = attrs.evolve(
        CLIENT,
        attributes={"likelihood": "none"},
        attribute_changes=[
            AttributeChange(name="likelihood", value="high", effective_on=date(2026, 2, 1)),
            AttributeChange(name="likelihood", value=None, effective_on=date(2026, 3, 1)),
            AttributeChange(name="other", value="x", effective_on=date(2026, 1, 1)),
        ],
    )
    fact = Fact(id="x", type="level", values=LEVELS, reads="client.likelihood")
    days = ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01")
    assert [read(fact, as_of=day, client=client)["x"] for day in days] == ["none", "high", "high", None]
    source = FactReader([fact], None).open(history_of(client, zone=zone_of("UTC")))
    assert {date(2026, 2, 1).toordinal(), date(2026, 3, 1).toordinal()} <= set(source.change_days(["x"]))


def test_of_the_people_the_best_rank_counts() -> None:
    rank = Fact(id="x", type="level", values=("staff", "department", "bureau"), reads="people.rank")
    assert read(rank) == {"x": "department"}
    assert read(rank, people=PEOPLE[1:]) == {"x": "staff"}
    assert read(rank, people=PEOPLE[2:]) == {"x": None}
    assert read(rank, people=()) == {"x": None}
    short = attrs.evolve(rank, values=("staff", "bureau"))
    assert read(short) == {"x": "staff"}, "a rank that the fact does not know does not hide one that it knows"
    assert read(short, people=PEOPLE[:1]) == {"x": None, "!x": "department"}


def test_the_roles_of_the_people_are_a_set() -> None:
    roles = Fact(id="x", type="set", reads="people.role")
    assert read(roles) == {"x": frozenset({"principal", "secretary"})}
    assert read(roles, people=()) == {"x": None}


# ---- derived facts


def derived(function: Any, first: Any, second: Any, *, of: Any = "money", **given: Any) -> dict[str, FactValue]:
    facts = (
        Fact(id="a", type=of),
        Fact(id="b", type="integer"),
        Fact(
            id="x",
            **({"type": "number", "grain": "0.01"} | given),
            derivation=Derivation(function=function, first="a", second="b"),
        ),
    )
    client = attrs.evolve(CLIENT, attributes={"a": first, "b": second})
    return {name: value for name, value in read(*facts, client=client).items() if name.endswith("x")}


def test_a_ratio_and_a_difference_are_rounded_to_their_own_grain() -> None:
    assert derived("ratio", "2", "3", round="half up") == {"x": Decimal("0.67")}
    assert derived("ratio", "2", "3", round="down") == {"x": Decimal("0.66")}
    assert derived("ratio", "-2", "3", round="half up") == {"x": Decimal("-0.67")}
    assert derived("ratio", "1", "4") == derived("ratio", "1", "4", round="up") == {"x": Decimal("0.25")}
    assert derived("difference", "2.55", "3") == {"x": Decimal("-0.45")}
    assert derived("difference", "2.55", "3", type="integer", grain=None, round="half up") == {"x": Decimal(0)}
    with pytest.raises(InvalidValueError, match=r"fact 'x' .* must be a whole multiple of the fact's grain, 0.01"):
        derived("ratio", "2", "3")


def test_a_zero_denominator_and_a_missing_part_make_it_missing() -> None:
    assert derived("ratio", "2", 0, round="half up") == {"x": None}
    assert derived("ratio", None, 3, round="half up") == {"x": None}
    assert derived("difference", "2", None) == {"x": None}
    assert derived("ratio", 0, 3, round="half up") == {"x": Decimal(0)}


def test_a_derived_fact_out_of_its_bounds_is_missing() -> None:
    assert derived("difference", "2", 3, min="0") == {"x": None, "!x": "-1.00"}
    assert derived("difference", "3", 3, min="0") == {"x": Decimal(0)}


def test_only_the_facts_asked_for_are_read_with_all_that_they_are_made_of() -> None:
    a, b = (Fact(id=name, type="integer", measure=Measure(function="count", over="touchpoints")) for name in "ab")
    c = Fact(id="c", type="integer", derivation=Derivation(function="difference", first="a", second="a"))
    d = Fact(id="d", type="integer", derivation=Derivation(function="difference", first="c", second="a"))
    reader = FactReader([a, b, c, d], None)
    assert [fact.id for fact in reader.closure(["d"])] == ["a", "c", "d"]
    assert [fact.id for fact in reader.closure(["b", "tier.abc"])] == ["b"]
    source = reader.open(history_of(CLIENT, zone=zone_of("UTC")))
    assert {name for name in source.at(date(2026, 1, 1).toordinal(), ["d"])[0] if "." not in name} == {"a", "c", "d"}


def test_the_client_s_own_facts_stand_in_every_row() -> None:
    row, _ = FactReader([], None).open(history_of(CLIENT, zone=zone_of("UTC"))).at(date(2026, 1, 1).toordinal())
    assert row == {
        "client.stage": "open",
        "client.relationship_types": frozenset({"partner"}),
        "client.owner_id": "lee",
        "client.region": "west",
    }


def test_what_can_fall_is_not_rising() -> None:
    source = FactReader(
        [measured("sum"), attrs.evolve(measured("sum", declared={"max": "5"}), id="y"), Fact(id="z", type="flag")], None
    ).open(history_of(CLIENT, purchases=PURCHASES, zone=zone_of("UTC")))
    assert source.is_rising(["x"])
    assert not source.is_rising(["y"]), "beyond its bound it is missing"
    assert source.is_rising(["x", "z"]), "an attribute that never changed was never greater"
    assert source.is_rising(["x", "tier.abc"]), "what is not declared is taken as it is now"


# ---- histories


def test_a_history_is_in_order_of_day_instant_and_id_whatever_order_it_came_in() -> None:
    later = Touchpoint(id="a", client_id="c", occurred_at=datetime(2026, 1, 1, 12, tzinfo=UTC), channel="call")
    sooner = Touchpoint(id="b", client_id="c", occurred_at=datetime(2026, 1, 1, 9, tzinfo=UTC), channel="call")
    whole_day = Touchpoint(id="z", client_id="c", occurred_at=date(2026, 1, 1), channel="call")
    twin = Touchpoint(id="y", client_id="c", occurred_at=date(2026, 1, 1), channel="call")
    for order in ((later, sooner, whole_day, twin), (twin, whole_day, sooner, later)):
        history = history_of(CLIENT, touchpoints=order, zone=zone_of("UTC"))
        assert [t.id for t in history.touchpoints] == ["y", "z", "b", "a"]


def test_a_client_begins_with_its_first_day_else_its_first_event() -> None:
    def begins(client: Client, **events: Any) -> date | None:
        found = history_of(client, zone=zone_of("UTC"), **events).begins
        return None if found is None else date.fromordinal(found)

    since = attrs.evolve(CLIENT, client_since_on=date(2026, 2, 1))
    assert begins(CLIENT) is None
    assert begins(CLIENT, purchases=PURCHASES) == date(2025, 12, 31)
    assert begins(CLIENT, purchases=PURCHASES, touchpoints=TOUCHES) == date(2025, 12, 31)
    assert begins(CLIENT, touchpoints=TOUCHES) == date(2026, 1, 1)
    assert begins(since, purchases=PURCHASES) == date(2026, 2, 1)
