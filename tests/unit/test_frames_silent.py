"""What would once have been decided wrongly without a word: each is decided as objects decide it, or refused with its place."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from tests.unit.test_frames_border import CALLS, DAY, REVENUE, in_duckdb, policy, problems, said

from relcare.errors import BookDocumentError, InvalidValueError, UnsupportedPolicyError
from relcare.policy import Fact, Measure, Window, criterion
from relcare.segmentation import QuotaScheme, QuotaTier, ScoreTerm

pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")
frames = pytest.importorskip("relcare.frames")

MOST: Final = 2**62
HALVES: Final = (QuotaTier("hi", "50%"), QuotaTier("lo", "50%"))
ENGINES: Final = (pytest.param(lambda table: table, id="polars"), pytest.param(in_duckdb, id="DuckDB"))


def number(name: str, **bounds: Any) -> Fact:
    return Fact(id=name, type="integer", may_be_missing=True, **bounds)


def weighing(*terms: ScoreTerm) -> dict[str, Any]:
    return {"segmentation": [QuotaScheme(id="abc", score=terms, tiers=HALVES)]}


def both_of(maker: Callable[[Any], Any], *tables: Any) -> list[Any]:
    """Tables of one engine; relations are of one connection."""
    if maker is not in_duckdb:
        return list(tables)
    connection = duckdb.connect()
    for place, table in enumerate(tables):
        connection.from_arrow(table.to_arrow()).create(f"t{place}")
    return [connection.table(f"t{place}") for place in range(len(tables))]


def of_numbers(**columns: list[int | None]) -> Any:
    ids = [f"c{place}" for place in range(len(next(iter(columns.values()))))]
    return pl.DataFrame({"id": ids, **columns}, schema={"id": pl.String, **dict.fromkeys(columns, pl.Int64)})


class TestWeights:
    """SEG-5: a weighed fact is as many points as it is units times its weight."""

    @pytest.mark.parametrize("maker", ENGINES)
    def test_a_weight_counts_and_so_do_points_for_what_is_missing(self, maker: Callable[[Any], Any]) -> None:
        house = policy(number("n"), **weighing(ScoreTerm(fact="n", weight="2", missing_points="1")))
        rows = said(frames.decide(house, frames.Frames(clients=maker(of_numbers(n=[None, 1, -3, 4]))), as_of=DAY))
        assert [rows[f"c{place}"]["scheme.abc.score"] for place in range(4)] == [1, 2, -6, 8]
        assert [rows[f"c{place}"]["scheme.abc.tier"] for place in range(4)] == ["lo", "hi", "lo", "hi"]

    def test_points_of_a_weight_with_decimals_are_whole_numbers_of_their_unit(self) -> None:
        house = policy(number("n"), number("m"), **weighing(ScoreTerm(fact="n", weight="-0.25"), ScoreTerm(fact="m", weight="3")))
        rows = said(frames.decide(house, frames.Frames(clients=of_numbers(n=[2, 4], m=[1, 0])), as_of=DAY))
        assert [rows[f"c{place}"]["scheme.abc.score"] for place in range(2)] == [250, -100]

    @pytest.mark.parametrize(("size", "is_refused"), [((MOST - 1) // 3, False), ((MOST - 1) // 3 + 1, True)])
    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_fact_too_great_for_its_weight_is_refused_at_once(self, size: int, sign: int, *, is_refused: bool) -> None:
        house = policy(number("n"), **weighing(ScoreTerm(fact="n", weight="3")))
        clients = of_numbers(n=[1, sign * size])
        if not is_refused:
            rows = said(frames.decide(house, frames.Frames(clients=clients), as_of=DAY))
            assert rows["c1"]["scheme.abc.score"] == 3 * sign * size
            return
        (problem,) = problems(house, clients=clients)
        assert (problem.file, problem.path) == ("clients", "n")
        assert problem.message == "is too great for its weight in a score (1; one of them of client 'c1')"

    def test_facts_share_what_a_column_holds(self) -> None:
        terms = ScoreTerm(fact="n", weight="1"), ScoreTerm(fact="m", weight="1")
        half = MOST // 2
        (problem,) = problems(policy(number("n"), number("m"), **weighing(*terms)), clients=of_numbers(n=[1, half], m=[1, 1]))
        assert problem.path == "n"

    def test_a_fact_within_bounds_is_not_asked(self) -> None:
        house = policy(number("n", min="0", max="6"), **weighing(ScoreTerm(fact="n", weight=str(10**17))))
        rows = said(frames.decide(house, frames.Frames(clients=of_numbers(n=[6, MOST - 1])), as_of=DAY))
        assert [rows[f"c{place}"]["scheme.abc.score"] for place in range(2)] == [6 * 10**17, None]

    def test_a_weight_that_no_column_holds_is_refused_with_its_place(self) -> None:
        house = policy(number("n"), **weighing(ScoreTerm(fact="n", weight=str(MOST))))
        with pytest.raises(UnsupportedPolicyError, match="may add up to more than a column holds") as caught:
            frames.decide(house, frames.Frames(clients=of_numbers(n=[1])), as_of=DAY)
        assert [problem.path for problem in caught.value.problems] == ["segmentation[0].score"]


class TestTypesOfTheEnginesOwn:
    def test_a_column_of_nanoseconds_is_one_of_instants(self) -> None:
        connection = duckdb.connect()
        clients = connection.sql("SELECT 'c' AS id")
        touched = connection.sql(
            "SELECT 'c' AS client_id, 'call' AS channel, TIMESTAMPTZ_NS '2026-03-30 12:00:00.123456789+00' AS occurred_at"
        )
        rows = said(frames.decide(policy(CALLS), frames.Frames(clients=clients, touchpoints=touched), as_of=DAY))
        assert rows["c"]["calls"] == 1

    @pytest.mark.parametrize(("value", "kind"), [("uuid()", "UUID"), ("'10'::BIT", "BIT"), ("7::BIGNUM", "BIGNUM")])
    def test_a_type_that_nothing_is_read_from_is_refused_by_its_name(self, value: str, kind: str) -> None:
        relation = duckdb.connect().sql(f"SELECT 'c' AS id, {value} AS n")
        (problem,) = problems(policy(number("n")), clients=relation)
        assert (problem.path, problem.message.startswith(f"is of type {kind}: must be ")) == ("n", True)

    @pytest.mark.parametrize("maker", ENGINES)
    def test_a_column_of_nothing_but_nulls_is_missing(self, maker: Callable[[Any], Any]) -> None:
        clients = maker(pl.DataFrame({"id": ["c"], "n": [None]}))
        assert said(frames.decide(policy(number("n")), frames.Frames(clients=clients), as_of=DAY))["c"]["n"] is None

    def test_a_null_of_duckdb_is_missing(self) -> None:
        relation = duckdb.connect().sql("SELECT 'c' AS id, NULL AS n")
        assert said(frames.decide(policy(number("n")), frames.Frames(clients=relation), as_of=DAY))["c"]["n"] is None


class TestMissing:
    """FCT-2: what a record must have is not filled in."""

    @pytest.mark.parametrize("maker", ENGINES)
    @pytest.mark.parametrize("amounts", [[None, Decimal(100)], [float("nan"), 100.0]], ids=["null", "nan"])
    def test_a_purchase_without_an_amount_is_refused(self, maker: Callable[[Any], Any], amounts: list[Any]) -> None:
        bought = pl.DataFrame({"client_id": ["c", "c"], "purchased_on": [DAY, DAY], "amount": amounts}, strict=False)
        clients, purchases = both_of(maker, pl.DataFrame({"id": ["c"]}), bought)
        (problem,) = problems(policy(REVENUE), clients=clients, purchases=purchases)
        assert (problem.file, problem.path) == ("purchases", "amount")
        assert problem.message.startswith("has rows without one")

    @pytest.mark.parametrize("channel", [None, ""])
    def test_a_touchpoint_without_a_channel_is_refused(self, channel: str | None) -> None:
        touched = pl.DataFrame(
            {"client_id": ["c"], "occurred_at": [DAY], "channel": [channel]},
            schema={"client_id": pl.String, "occurred_at": pl.Date, "channel": pl.String},
        )
        (problem,) = problems(policy(CALLS), clients=pl.DataFrame({"id": ["c"]}), touchpoints=touched)
        assert (problem.file, problem.path) == ("touchpoints", "channel")

    @pytest.mark.parametrize("blank", [" a", "a ", "\ta"])
    def test_an_id_with_blanks_at_an_end_is_refused(self, blank: str) -> None:
        (problem,) = problems(policy(), clients=pl.DataFrame({"id": [blank]}))
        assert (problem.path, problem.message.startswith("has ids with blanks at an end")) == ("id", True)


class TestCurrency:
    """FCT-4: amounts in another currency are not compared."""

    BOUGHT: Final = pl.DataFrame({"client_id": ["c"], "purchased_on": [date(2026, 3, 1)], "amount": [5]})

    def test_a_book_in_another_currency_is_refused(self) -> None:
        (problem,) = problems(policy(REVENUE), clients=pl.DataFrame({"id": ["c"]}), purchases=self.BOUGHT, currency="EUR")
        assert (problem.file, problem.path) == ("purchases", "currency")

    def test_purchases_that_name_none_are_in_that_of_the_book(self) -> None:
        bought = pl.concat([self.BOUGHT.with_columns(currency=pl.lit(one, pl.String)) for one in ("CNY", None)])
        clients = pl.DataFrame({"id": ["c"]})
        (problem,) = problems(policy(REVENUE), clients=clients, purchases=bought, currency="EUR")
        assert problem.message.startswith("must be the policy's, CNY, where amounts are measured (1;")
        rows = said(frames.decide(policy(REVENUE), frames.Frames(clients=clients, purchases=bought, currency="CNY"), as_of=DAY))
        assert rows["c"]["revenue"] == 1000

    def test_text_asks_the_same(self) -> None:
        connection = duckdb.connect()
        connection.sql("CREATE TABLE clients AS SELECT 'c' AS id")
        connection.sql("CREATE TABLE purchases AS SELECT 'c' AS client_id, DATE '2026-03-01' AS purchased_on, 5 AS amount")
        columns = {"clients": {"id": "text"}, "purchases": {"client_id": "text", "purchased_on": "date", "amount": "integer"}}
        pytest.importorskip("sqlglot")

        def run(text: str) -> list[Any]:
            rows: list[Any] = connection.execute(text).fetchall()
            return rows

        tables = frames.SqlTables(dialect="duckdb", columns=columns, run=run, currency="EUR")
        with pytest.raises(BookDocumentError, match="must be the policy's, CNY"):
            frames.decide_sql(policy(REVENUE), tables, as_of=DAY)
        with pytest.raises(InvalidValueError, match="currency"):
            frames.SqlTables(dialect="duckdb", columns=columns, run=run, currency="euro")


@pytest.mark.parametrize("name", ["client_id", "notes"])
def test_a_fact_may_not_be_named_as_a_column_of_every_row(name: str) -> None:
    with pytest.raises(UnsupportedPolicyError, match="has the name of a column") as caught:
        frames.decide(policy(number(name)), frames.Frames(clients=pl.DataFrame({"id": ["c"]})), as_of=DAY)
    assert [problem.path for problem in caught.value.problems] == [f"facts.{name}"]


class TestTogether:
    """FCT-2, FCT-3: what several facts ask of an event is asked once; what one asks leaves nothing out of another."""

    def test_a_window_or_criterion_of_some_facts_is_not_that_of_all(self) -> None:
        def calls(name: str, where: str | None, window: str) -> Fact:
            over = Window.parse(window)
            chosen = None if where is None else criterion(where)
            return Fact(id=name, type="integer", measure=Measure(function="count", over="touchpoints", where=chosen, window=over))

        is_call = "channel == 'call'"
        facts = [calls("week", is_call, "7 days"), calls("again", is_call, "7 days"), calls("ever", None, "lifetime")]
        touched = pl.DataFrame(
            {
                "client_id": ["c"] * 4,
                "occurred_at": [DAY, DAY, date(2026, 1, 1), date(2026, 1, 1)],
                "channel": ["call", "visit", "call", "visit"],
            }
        )
        row = said(
            frames.decide(policy(*facts), frames.Frames(clients=pl.DataFrame({"id": ["c"]}), touchpoints=touched), as_of=DAY)
        )
        assert [row["c"][fact.id] for fact in facts] == [1, 1, 4]

    @pytest.mark.parametrize("maker", ENGINES)
    def test_a_client_of_whom_no_event_counts_has_none(self, maker: Callable[[Any], Any]) -> None:
        touched = pl.DataFrame({"client_id": ["c"], "occurred_at": [date(2025, 1, 1)], "channel": ["visit"]})
        clients, touchpoints = both_of(maker, pl.DataFrame({"id": ["c", "d"]}), touched)
        rows = said(frames.decide(policy(CALLS), frames.Frames(clients=clients, touchpoints=touchpoints), as_of=DAY))
        assert [rows[one]["calls"] for one in ("c", "d")] == [0, 0]


class TestDecimals:
    """FCT-4: amounts are exact, however many of their digits stand behind the point."""

    @pytest.mark.parametrize(
        ("kind", "text", "points"),
        [
            ("DECIMAL(18, 2)", "-9999999999999999.99", -999_999_999_999_999_999),
            ("DECIMAL(18, 2)", "99999999999999.99", 9_999_999_999_999_999),
            ("DECIMAL(18, 2)", "100000000000000", 10_000_000_000_000_000),
            ("DECIMAL(18, 9)", "999999999.999999999", 999_999_999_999_999_999),
            ("DECIMAL(18, 9)", "0.000000001", 1),
            ("DECIMAL(18, 12)", "-999999.999999999999", -999_999_999_999_999_999),
            ("DECIMAL(18, 12)", "1.5", 1_500_000_000_000),
            ("DECIMAL(19, 2)", "12345678901234567.89", 1_234_567_890_123_456_789),
            ("DECIMAL(4, 2)", "-0.01", -1),
        ],
    )
    def test_a_decimal_of_duckdb_is_as_many_grains(self, kind: str, text: str, points: int) -> None:
        digits = int(kind.partition(", ")[2].rstrip(")"))
        fact = Fact(id="n", type="number", grain=f"{Decimal(1).scaleb(-digits):f}", may_be_missing=True)
        relation = duckdb.connect().sql(f"SELECT 'c' AS id, {text}::{kind} AS n")
        assert said(frames.decide(policy(fact), frames.Frames(clients=relation), as_of=DAY))["c"]["n"] == points
