"""What comes in as columns: tables of five makers, and what is wrong with them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from relcare.decisions import Policy
from relcare.errors import BookDocumentError, InvalidValueError, Problem
from relcare.policy import Fact, Measure, Window, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier
from relcare.vip import Programme, VipPath

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
REVENUE: Final = Fact(id="revenue", type="money", measure=Measure(function="sum", over="purchases", field="amount"))
CALLS: Final = Fact(
    id="calls",
    type="integer",
    measure=Measure(function="count", over="touchpoints", where=criterion("channel == 'call'"), window=Window.parse("7 days")),
)
POINTS: Final = Fact(id="points", type="number", grain="0.5", may_be_missing=True)
LISTED: Final = Fact(id="listed", type="flag", may_be_missing=True)
TAGS: Final = Fact(id="tags", type="set", may_be_missing=True)

Maker = Callable[[Any], Any]


def in_duckdb(table: Any) -> Any:
    connection = duckdb.connect()
    connection.from_arrow(table.to_arrow()).create("given")
    return connection.table("given")


def policy(*facts: Fact, **parts: Any) -> Policy:
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), currency="CNY", facts=facts, **parts)


def said(decided: Any) -> dict[str, dict[str, Any]]:
    """The rows by client, whichever engine has them."""
    native = decided.clients
    if decided.engine == "polars":
        rows = native.collect().to_dicts()
    else:
        rows = [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    return {row["client_id"]: row for row in rows}


def problems(house: Policy, **tables: Any) -> tuple[Problem, ...]:
    with pytest.raises(BookDocumentError) as caught:
        frames.decide(house, frames.Frames(**tables), as_of=DAY)
    return caught.value.problems


@pytest.mark.parametrize(
    "maker",
    [
        pytest.param(lambda table: table, id="polars"),
        pytest.param(lambda table: table.lazy(), id="lazy polars"),
        pytest.param(lambda table: table.to_pandas(), id="pandas"),
        pytest.param(lambda table: table.to_arrow(), id="pyarrow"),
        pytest.param(in_duckdb, id="DuckDB"),
    ],
)
def test_a_table_of_every_maker_gives_the_same_facts(maker: Maker) -> None:
    clients = pl.DataFrame(
        {"id": ["a", "b"], "points": [Decimal("1.5"), None], "listed": ["yes", ""], "tags": ["x|y", None]},
        schema={"id": pl.String, "points": pl.Decimal(10, 1), "listed": pl.String, "tags": pl.String},
    )
    decided = frames.decide(policy(POINTS, LISTED, TAGS), frames.Frames(clients=maker(clients)), as_of=DAY)
    rows = said(decided)
    assert (rows["a"]["points"], rows["a"]["listed"], rows["a"]["tags"]) == (3, True, ["x", "y"])
    assert (rows["b"]["points"], rows["b"]["listed"], rows["b"]["tags"]) == (None, None, None)


def test_what_comes_out_is_lazy_and_of_the_engine_that_went_in() -> None:
    clients = pl.DataFrame({"id": ["a"]})
    assert isinstance(frames.decide(policy(), frames.Frames(clients=clients), as_of=DAY).clients, pl.LazyFrame)
    relation = frames.decide(policy(), frames.Frames(clients=in_duckdb(clients)), as_of=DAY).clients
    assert type(relation).__name__ == "DuckDBPyRelation"


@pytest.mark.parametrize("maker", [lambda table: table, in_duckdb], ids=["polars", "DuckDB"])
class TestValues:
    def test_nan_is_missing_and_a_whole_float_is_a_number(self, maker: Maker) -> None:
        clients = maker(pl.DataFrame({"id": ["a", "b", "c"], "points": [float("nan"), 2.0, None]}))
        rows = said(frames.decide(policy(POINTS), frames.Frames(clients=clients), as_of=DAY))
        assert {client_id: row["points"] for client_id, row in rows.items()} == {"a": None, "b": 4, "c": None}

    @pytest.mark.parametrize("number", [0.1, float("inf"), -float("inf"), 2.0**53 + 2])
    def test_a_float_that_is_not_exact_is_refused(self, maker: Maker, number: float) -> None:
        clients = maker(pl.DataFrame({"id": ["a", "b"], "points": [1.0, number]}))
        (found,) = problems(policy(POINTS), clients=clients)
        assert (found.file, found.path, found.hint) == ("clients", "points", "cast it to a decimal with the digits it needs")
        assert found.message == "has floats that are not whole, or too great to be exact (1; one of them of client 'b')"

    def test_a_number_off_its_grain_is_refused_unless_it_is_rounded(self, maker: Maker) -> None:
        clients = maker(pl.DataFrame({"id": ["a"], "points": [Decimal("0.25")]}))
        (found,) = problems(policy(POINTS), clients=clients)
        assert found.path == "points"
        assert "must be whole multiples of the fact's grain, 0.5 (1; one of them of client 'a')" in found.message
        rounded = Fact(id="points", type="number", grain="0.5", round="half up")
        assert said(frames.decide(policy(rounded), frames.Frames(clients=clients), as_of=DAY))["a"]["points"] == 1

    @pytest.mark.parametrize(
        ("rounding", "grains"),
        [
            ("half up", [1, 2, -1, -2, 1, 0]),
            ("half even", [0, 2, 0, -2, 1, 0]),
            ("down", [0, 1, 0, -1, 0, 0]),
            ("up", [1, 2, -1, -2, 1, 1]),
        ],
    )
    def test_rounding_is_that_of_the_objects(self, maker: Maker, rounding: Any, grains: list[int]) -> None:
        values = ["0.5", "1.5", "-0.5", "-1.5", "0.51", "0.49"]
        clients = pl.DataFrame({"id": [str(n) for n in range(6)], "points": [Decimal(value) for value in values]})
        fact = Fact(id="points", type="number", grain="1", round=rounding)
        rows = said(frames.decide(policy(fact), frames.Frames(clients=maker(clients)), as_of=DAY))
        assert [rows[str(n)]["points"] for n in range(6)] == grains

    def test_a_value_out_of_bounds_is_missing_and_noted(self, maker: Maker) -> None:
        level = Fact(id="likelihood", type="level", values=("low", "high"))
        points = Fact(id="points", type="integer", min="0", max="9")
        clients = pl.DataFrame({"id": ["a", "b"], "likelihood": ["often", "high"], "points": [10, 9]})
        rows = said(frames.decide(policy(level, points), frames.Frames(clients=maker(clients)), as_of=DAY))
        assert (rows["a"]["likelihood"], rows["a"]["points"], rows["a"]["notes"]) == (None, None, "likelihood points")
        assert (rows["b"]["likelihood"], rows["b"]["points"], rows["b"]["notes"]) == (1, 9, None)

    def test_an_instant_counts_on_its_day_in_the_zone_of_the_book(self, maker: Maker) -> None:
        late = datetime(2026, 3, 31, 20, tzinfo=UTC)  # the first of April in Seoul
        touches = maker(pl.DataFrame({"client_id": ["a"], "occurred_at": [late], "channel": ["call"]}))
        clients = maker(pl.DataFrame({"id": ["a"]}))
        if maker is in_duckdb:
            connection = duckdb.connect()
            touches = connection.from_arrow(touches.to_arrow_table())
            clients = connection.from_arrow(clients.to_arrow_table())
        for zone, count in (("UTC", 1), ("Asia/Seoul", 0)):
            given = frames.Frames(clients=clients, touchpoints=touches, zone=zone)
            assert said(frames.decide(policy(CALLS), given, as_of=DAY))["a"]["calls"] == count


class TestColumns:
    def test_a_column_that_is_not_there_names_the_nearest(self) -> None:
        purchases = pl.DataFrame({"client": ["a"], "purchased_on": [DAY], "amout": [1]})
        found = problems(policy(REVENUE), clients=pl.DataFrame({"id": ["a"]}), purchases=purchases)
        assert [(one.file, one.path, one.hint) for one in found] == [
            ("purchases", "amount", "did you mean 'amout'?"),
            ("purchases", "client_id", "did you mean 'client'?"),
        ]

    def test_a_table_that_is_needed_and_not_given_is_named_with_the_reason(self) -> None:
        (found,) = problems(policy(REVENUE), clients=pl.DataFrame({"id": ["a"]}))
        assert str(found) == "purchases: is not given, but a fact is measured over it; hint: an empty table will do"

    @pytest.mark.parametrize(
        ("column", "values", "rule"),
        [
            ("occurred_at", ["2026-03-31"], "must be a date, or an instant with a zone"),
            ("occurred_at", [datetime(2026, 3, 31)], "must be a date, or an instant with a zone"),
            ("channel", [7], "must be text"),
            ("client_id", [7], "must be text"),
        ],
        ids=["a day as text", "an instant without a zone", "a number for text", "a number for an id"],
    )
    def test_a_column_of_the_wrong_type_is_refused_with_the_way_out(self, column: str, values: list[Any], rule: str) -> None:
        touches = pl.DataFrame({"client_id": ["a"], "occurred_at": [DAY], "channel": ["call"]} | {column: values})
        (found,) = problems(policy(CALLS), clients=pl.DataFrame({"id": ["a"]}), touchpoints=touches)
        assert (found.file, found.path) == ("touchpoints", column)
        assert rule in found.message
        assert found.hint

    def test_a_field_is_needed_only_where_the_policy_asks_for_it(self) -> None:
        clients = pl.DataFrame({"id": ["a"]})
        by_region = ThresholdScheme(id="s", tiers=[ThresholdTier("x", criterion("client.region == 'north'"))])
        (found,) = problems(policy(segmentation=[by_region]), clients=clients)
        assert (found.path, found.message) == ("region", "is not there")
        assert said(frames.decide(policy(), frames.Frames(clients=clients), as_of=DAY))["a"]["client.region"] is None

    def test_an_attribute_named_as_a_field_has_a_column_of_its_own(self) -> None:
        fact = Fact(id="region", type="category")
        clients = pl.DataFrame({"id": ["a"], "region": ["north"], "attributes.region": ["south"]})
        row = said(frames.decide(policy(fact), frames.Frames(clients=clients), as_of=DAY))["a"]
        assert (row["region"], row["client.region"]) == ("south", "north")

    def test_tables_of_two_engines_are_refused(self) -> None:
        clients = pl.DataFrame({"id": ["a"]})
        (found,) = problems(policy(), clients=clients, people=in_duckdb(clients))
        assert (found.file, found.message) == ("people", "is a table of duckdb, but clients is one of polars")

    def test_what_is_no_table_is_refused(self) -> None:
        with pytest.raises(InvalidValueError, match=r"clients is .*must be a polars frame"):
            frames.decide(policy(), frames.Frames(clients=[{"id": "a"}]), as_of=DAY)


class TestRows:
    CLIENTS: Final = pl.DataFrame({"id": ["a", "b"]})
    BOUGHT: Final = pl.DataFrame(
        {"id": ["p"], "client_id": ["a"], "purchased_on": [DAY], "amount": [Decimal("1.00")], "returns_purchase_id": [None]},
        schema_overrides={"returns_purchase_id": pl.String},
    )

    def test_ids_that_are_there_twice_or_not_at_all_are_refused(self) -> None:
        found = problems(policy(), clients=pl.DataFrame({"id": ["a", "a", "b"]}))
        assert [one.message for one in found] == ["has ids that are there twice (1; one of them is 'a')"]
        found = problems(policy(), clients=pl.DataFrame({"id": ["a", ""]}))
        assert "has rows without one (1" in found[0].message

    def test_rows_about_no_client_are_refused(self) -> None:
        found = problems(policy(REVENUE), clients=pl.DataFrame({"id": ["b"]}), purchases=self.BOUGHT)
        assert [str(one) for one in found] == [
            "purchases: client_id: names clients that are not there (1; one of them of client 'a')"
        ]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"returns_purchase_id": "q"},
            {"returns_purchase_id": "p", "client_id": "b"},
            {"returns_purchase_id": "p", "purchased_on": date(2026, 3, 30)},
            {"returns_purchase_id": "r"},
        ],
        ids=["of nothing", "of another client's", "before it was bought", "of a return"],
    )
    def test_a_return_of_what_was_never_bought_is_refused(self, wrong: dict[str, Any]) -> None:
        net = Fact(id="net", type="money", measure=Measure(function="sum", over="purchases", field="amount", returns="net"))
        returned = self.BOUGHT.with_columns(
            pl.lit("r").alias("id"), *(pl.lit(value).alias(name) for name, value in wrong.items())
        )
        purchases = pl.concat([self.BOUGHT, returned])
        (found,) = problems(policy(net), clients=self.CLIENTS, purchases=purchases)
        assert found.path == "returns_purchase_id"

    def test_another_currency_is_refused_where_amounts_are_measured_and_nowhere_else(self) -> None:
        purchases = self.BOUGHT.with_columns(currency=pl.lit("KRW"))
        (found,) = problems(policy(REVENUE), clients=self.CLIENTS, purchases=purchases)
        assert found.message == "must be the policy's, CNY, where amounts are measured (1; one of them of client 'a')"
        orders = Fact(id="orders", type="integer", measure=Measure(function="count", over="purchases"))
        given = frames.Frames(clients=self.CLIENTS, purchases=purchases)
        assert said(frames.decide(policy(orders), given, as_of=DAY))["a"]["orders"] == 1

    def test_amounts_too_large_for_exact_sums_are_refused(self) -> None:
        purchases = self.BOUGHT.with_columns(amount=pl.lit(Decimal(2) ** 60 / 100).cast(pl.Decimal(38, 2)))
        (found,) = problems(policy(REVENUE), clients=self.CLIENTS, purchases=pl.concat([purchases] * 4))
        assert (found.path, found.message) == ("amount", "adds up to more than is exact with so many decimals")

    def test_entries_that_were_taken_back_do_not_count(self) -> None:
        touches = pl.DataFrame(
            {
                "id": ["t-1", "t-2", "t-3", "t-4", "t-5"],
                "client_id": ["a"] * 5,
                "occurred_at": [DAY] * 5,
                "channel": ["call", "call", "void", "void", "call"],
                # A deletion of t-1 is taken back, so that it stands again; t-5 corrects t-2.
                "voids_id": [None, None, "t-1", "t-3", "t-2"],
            }
        )
        given = frames.Frames(clients=self.CLIENTS, touchpoints=touches)
        assert said(frames.decide(policy(CALLS), given, as_of=DAY))["a"]["calls"] == 2

    def test_what_takes_nothing_back_is_refused(self) -> None:
        touches = pl.DataFrame({"id": ["t"], "client_id": ["a"], "occurred_at": [DAY], "channel": ["void"], "voids_id": ["no"]})
        (found,) = problems(policy(CALLS), clients=self.CLIENTS, touchpoints=touches)
        assert (found.path, found.message) == (
            "voids_id",
            "names no entry of the same client (1; one of them of client 'a')",
        )
        (found,) = problems(policy(CALLS), clients=self.CLIENTS, touchpoints=touches.drop("voids_id"))
        assert (found.path, found.hint) == ("channel", "leave them out")
        idle = touches.with_columns(voids_id=pl.lit(None, dtype=pl.String))
        (found,) = problems(policy(CALLS), clients=self.CLIENTS, touchpoints=idle)
        assert found.message == "is missing where the channel is void (1; one of them of client 'a')"

    def test_entries_that_take_each_other_back_in_a_circle_are_refused(self) -> None:
        touches = pl.DataFrame(
            {
                "id": ["t", "u"],
                "client_id": ["a", "a"],
                "occurred_at": [DAY, DAY],
                "channel": ["call", "call"],
                "voids_id": ["u", "t"],
            }
        )
        (found,) = problems(policy(CALLS), clients=self.CLIENTS, touchpoints=touches)
        assert found.path == "voids_id"

    def test_the_owner_of_the_day_is_asked_about(self) -> None:
        owner = Fact(id="owner", type="category", values=["lee", "kim"], reads="client.owner_id", may_be_missing=True)
        clients = pl.DataFrame({"id": ["a", "b", "c"], "owner_id": ["lee", "lee", "lee"]})
        spells = pl.DataFrame(
            {
                "client_id": ["a", "b", "a"],
                "owner_id": ["kim", None, "lee"],
                "start_on": [date(2026, 1, 1), date(2026, 1, 1), date(2025, 1, 1)],
                "end_on": [None, None, date(2026, 1, 1)],
            }
        )
        rows = said(frames.decide(policy(owner), frames.Frames(clients=clients, owner_spells=spells), as_of=DAY))
        assert [rows[one]["owner"] for one in "abc"] == ["kim", None, "lee"]
        twice = pl.concat([spells, spells])
        (found,) = problems(policy(owner), clients=clients, owner_spells=twice)
        assert found.message == "has two of one client on 2026-03-31 (2; one of them of client 'a')"

    def test_attributes_that_columns_do_not_hold_are_refused_where_they_are_asked_for(self) -> None:
        apart = pl.DataFrame(
            {
                "client_id": ["a", "a", "a"],
                "name": ["points", "listed", "fax"],
                "kind": ["number", "text", "number"],
                "effective_on": [date(2026, 2, 1), None, date(2026, 2, 1)],
            }
        )
        found = problems(policy(POINTS, LISTED), clients=self.CLIENTS, attributes=apart)
        assert {(one.path, one.message.partition(" (")[0]) for one in found} == {
            ("points", "has dated changes, which columns do not hold"),
            ("listed", "has values of several kinds, which no column holds"),
        }
        given = frames.Frames(clients=self.CLIENTS, attributes=apart)
        assert said(frames.decide(policy(TAGS), given, as_of=DAY))["a"]["tags"] is None

    def test_a_relationship_type_that_the_policy_does_not_know_is_refused(self) -> None:
        clients = pl.DataFrame({"id": ["a", "b"], "relationship_types": [["partner", "end_customer"], ["chum"]]})
        (found,) = problems(policy(), clients=clients)
        assert found.message == "names types that the policy does not know (1; one of them of client 'b')"

    def test_two_tiers_of_one_scheme_on_one_day_are_refused(self) -> None:
        spells = pl.DataFrame(
            {
                "client_id": ["a", "a"],
                "scheme_id": ["s", "s"],
                "tier": ["x", "y"],
                "start_on": [date(2026, 1, 1), date(2026, 2, 1)],
            }
        )
        (found,) = problems(policy(), clients=self.CLIENTS, tiers=spells)
        assert found.message == "has two of one scheme on 2026-03-31 (1; one of them of client 'a')"


class TestThreshold:
    def test_a_purchase_at_the_threshold_qualifies_from_its_day_on(self) -> None:
        largest = Fact(id="largest", type="money", measure=Measure(function="max", over="purchases", field="amount"))
        vip = Programme(id="vip", paths=[VipPath("large", criterion("largest >= 10_000"))])
        purchases = pl.DataFrame(
            {"client_id": ["a", "b"], "purchased_on": [date(2026, 3, 2)] * 2, "amount": [Decimal("10000.00"), Decimal("9999.99")]}
        )
        given = frames.Frames(clients=pl.DataFrame({"id": ["a", "b"]}), purchases=purchases)
        rows = said(frames.decide(policy(largest, vip=[vip]), given, as_of=DAY))
        assert (rows["a"]["programme.vip.qualification"], rows["a"]["programme.vip.path"]) == ("yes", "large")
        assert rows["a"]["programme.vip.first_eligible_on"] == date(2026, 3, 2)
        assert (rows["b"]["programme.vip.qualification"], rows["b"]["programme.vip.first_eligible_on"]) == ("no", None)
