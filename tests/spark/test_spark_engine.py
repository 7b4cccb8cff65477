"""What is Spark's own: days whatever the session's zone is, exact numbers, order by code point, names, files, plans."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import pytest

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.errors import BookDocumentError, UnsupportedPolicyError

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
POLICY: Final = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
currency = "EUR"
"""
InSpark = Callable[[Any], Any]


def policy(text: str) -> Policy:
    return loads_policy(POLICY + text)


def rows_of(table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table of Spark, by client; columns have points in their names."""
    return sorted(tuple(row[name] for name in ("client_id", *columns)) for row in table.collect())


# --------------------------------------------------------------------------------------------------------------- decisions


class TestDays:
    """TIM-2 The civil day of an instant is that of the zone of the book."""

    LATEST: Final = policy('[facts.seen]\ntype = "date"\nmeasure = { latest = "touchpoints" }\n')
    ABOUT_MIDNIGHT: Final = tuple(
        datetime(year, 3, 8, 15, tzinfo=UTC) + timedelta(microseconds=micros) for year in (1965, 2026) for micros in (-1, 0)
    )
    """Midnight in Seoul is 15:00 in UTC."""

    @pytest.mark.parametrize("session_zone", ["Asia/Tokyo", "America/New_York", "UTC"])
    def test_they_do_not_depend_on_the_zone_of_the_session(
        self, spark: Any, setting: Callable[[str, str], None], compiled: None, session_zone: str
    ) -> None:
        names = [f"c{place}" for place in range(len(self.ABOUT_MIDNIGHT))]
        touched = pl.DataFrame({"client_id": names, "occurred_at": list(self.ABOUT_MIDNIGHT)}).to_arrow()
        clients = pl.DataFrame({"id": names}).to_arrow()
        setting("spark.sql.session.timeZone", session_zone)
        given = frames.Frames(
            clients=spark.createDataFrame(clients), touchpoints=spark.createDataFrame(touched), zone="Asia/Seoul"
        )
        decided = frames.decide(self.LATEST, given, as_of=DAY)
        found = [seen for _, seen in rows_of(decided.clients, "seen")]
        assert found == [date(1965, 3, 8), date(1965, 3, 9), date(2026, 3, 8), date(2026, 3, 9)]


def test_equals_at_a_cut_are_told_apart_by_code_point_in_each_group(in_spark: InSpark, compiled: None) -> None:
    """SEG-2, SEG-3, SEG-4: half of each group, and of equals the lowest ids by code point."""
    text = """
[facts.points]
type = "integer"
[[segmentation]]
id = "half"
kind = "quota"
group_by = "client.region"
score = "points"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
"""
    ids = ["b", "B", "é", "a", "𝒵", "ﬀ", "x", "y"]
    clients = pl.DataFrame({"id": ids, "region": ["n"] * 6 + ["s"] * 2, "points": [2**61 - 1] * 6 + [1, 2]})
    decided = frames.decide(policy(text), in_spark(frames.Frames(clients=clients)), as_of=DAY)
    found = {name for name, tier in rows_of(decided.clients, "scheme.half.tier") if tier == "A"}
    assert found == {"B", "a", "b", "y"}
    assert [border.last_id for border in decided.borders["half"]["n"]] == ["b", None]


def test_month_ends_are_counted_from_the_anchor(in_spark: InSpark, compiled: None) -> None:
    """CAD-1: a month after the 31st of January is the last day of February, and no engine steps months."""
    text = '[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 month"\n'
    touched = pl.DataFrame(
        {
            "client_id": ["a", "b"],
            "occurred_at": [date(2026, 1, 31), date(2026, 2, 28)],
            "channel": ["call", "call"],
            "outcome": ["reached", "reached"],
        }
    )
    clients = pl.DataFrame({"id": ["a", "b"], "owner_id": ["lee", "lee"]})
    decided = frames.decide(policy(text), in_spark(frames.Frames(clients=clients, touchpoints=touched)), as_of=DAY)
    assert rows_of(decided.obligations, "due_on", "state") == [
        ("a", date(2026, 3, 2), "overdue"),
        ("b", date(2026, 3, 30), "overdue"),
    ]


def test_returns_are_taken_off_what_they_return(in_spark: InSpark, compiled: None) -> None:
    """FCT-3: net of returns up to the day; what came back whole was not bought."""
    text = """
[facts.net]
type = "money"
measure = { sum = "purchases.amount", returns = "net" }
[facts.largest]
type = "money"
measure = { max = "purchases.amount", returns = "net" }
[facts.tenth]
type = "number"
grain = "0.1"
round = "half even"
ratio = ["net", "largest"]
"""
    bought = pl.DataFrame(
        {
            "id": ["p", "q", "r", "s"],
            "client_id": ["a", "a", "a", "a"],
            "purchased_on": [date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 1), date(2026, 4, 1)],
            "amount": [Decimal("100.05"), Decimal("7.25"), Decimal("100.05"), Decimal("7.25")],
            "currency": ["EUR"] * 4,
            "returns_purchase_id": [None, None, "p", "q"],
        }
    )
    given = frames.Frames(clients=pl.DataFrame({"id": ["a", "b"]}), purchases=bought)
    decided = frames.decide(policy(text), in_spark(given), as_of=DAY)
    assert rows_of(decided.clients, "net", "largest", "tenth") == [("a", 725, 725, 10), ("b", 0, None, None)]


# ------------------------------------------------------------------------------------------------------------------- values


NEAR: Final = (0, 1, 2, 6, 7, 8, 2**31, 2**53 - 1, 2**53 + 1, 2**60 + 7, 2**62 - 1)
BY: Final = (1, 2, 3, 7, 10**9, 2**53 + 1, 2**61)


@pytest.mark.parametrize("by_column", [False, True])
def test_quotients_are_exact(spark: Any, compiled: None, by_column: bool) -> None:
    import narwhals.stable.v2 as nw

    from relcare.frames._spark_engine import SparkEngine

    engine = SparkEngine()
    tops = [max(times * by + off, 0) for times in NEAR for by in BY for off in (-1, 0, 1) if times * by < 2**62]
    for by in BY:
        frame = engine.opened(spark.createDataFrame([(top, by) for top in tops], "top bigint, bottom bigint"))
        quotient = engine.quotient(nw.col("top"), nw.col("bottom") if by_column else by)
        wide = engine.quotient(nw.col("top").cast(engine.wide) * 10**12, nw.col("bottom") if by_column else by)
        found = engine.rows(frame.select("top", narrow=quotient, wide=wide))
        assert [(int(n), int(w)) for _, n, w in found] == [(top // by, top * 10**12 // by) for top, _, _ in found]


@pytest.mark.parametrize("scale", [0, 2, 10, 20, 37, 38])
def test_decimals_become_integers_and_what_is_too_large_stays_too_large(spark: Any, compiled: None, scale: int) -> None:
    from relcare.frames._spark_engine import SparkEngine

    engine, unit = SparkEngine(), Decimal(1).scaleb(-scale)
    whole = [] if scale == 38 else [0, 1, -1, 10**18, -(10**18), 2**62 - 1, 2**62, -(10**37)]
    rows = [(str(number), number * unit) for number in whole]
    table = spark.createDataFrame([*rows, ("none", None)], f"id string, n decimal(38, {scale})")
    found = dict(engine.rows(engine.with_units(engine.opened(table), {"units": ("n", scale)}).select("id", "units")))
    assert found.pop("none") is None
    for text, units in found.items():
        assert units == int(text) or (abs(units) >= 2**62 and abs(int(text)) >= 2**62)


def test_amounts_that_are_too_large_are_refused(spark: Any, compiled: None) -> None:
    text = '[facts.n]\ntype = "number"\ngrain = "0.01"\n'
    table = spark.createDataFrame([("a", Decimal(10) ** 30)], "id string, n decimal(38, 2)")
    with pytest.raises(BookDocumentError, match="too large to be exact"):
        frames.decide(policy(text), frames.Frames(clients=table), as_of=DAY)


def test_what_is_no_number_is_missing(spark: Any, compiled: None) -> None:
    rows = [("a", float("nan")), ("b", None), ("c", 7.0)]
    table = spark.createDataFrame(rows, "id string, n double")
    decided = frames.decide(policy('[facts.n]\ntype = "integer"\n'), frames.Frames(clients=table), as_of=DAY)
    assert rows_of(decided.clients, "n") == [("a", None), ("b", None), ("c", 7)]


def test_text_is_compared_by_code_point_whatever_its_collation(spark: Any, compiled: None) -> None:
    rows = [("a", "low"), ("A", "LOW"), ("b", "High")]
    table = spark.createDataFrame(rows, "id string, likelihood string")
    collated = table.selectExpr("id COLLATE UTF8_LCASE AS id", "likelihood COLLATE UTF8_LCASE AS likelihood")
    text = '[facts.likelihood]\ntype = "category"\nvalues = ["High", "low"]\n'
    decided = frames.decide(policy(text), frames.Frames(clients=collated), as_of=DAY)
    assert rows_of(decided.clients, "likelihood") == [("A", None), ("a", "low"), ("b", "High")]


def test_sets_are_alike_as_lists_and_as_text(spark: Any, compiled: None) -> None:
    rows = [("a", [" z", "b", None, "", "b"], " z| b ||b\t"), ("b", [], ""), ("c", None, None)]
    table = spark.createDataFrame(rows, "id string, listed array<string>, told string")
    text = '[facts.listed]\ntype = "set"\n[facts.told]\ntype = "set"\n'
    decided = frames.decide(policy(text), frames.Frames(clients=table), as_of=DAY)
    assert rows_of(decided.clients, "listed", "told") == [("a", [" z", "b"], ["b", "z"]), ("b", [], []), ("c", None, None)]


# -------------------------------------------------------------------------------------------------------- names, files, plans


def test_an_attribute_may_have_points_and_blanks_in_its_name(spark: Any, compiled: None) -> None:
    table = spark.createDataFrame([("a", "north", "south")], "id string, region string, `attributes.region` string")
    decided = frames.decide(policy('[facts.region]\ntype = "category"\n'), frames.Frames(clients=table), as_of=DAY)
    assert rows_of(decided.clients, "region", "client.region") == [("a", "south", "north")]
    assert decided.counts("client.region") == {"north": 1}


def test_names_that_differ_in_case_alone_are_refused(in_spark: InSpark) -> None:
    text = '[facts.n]\ntype = "flag"\n[facts.N]\ntype = "flag"\nmeasure = { count = "touchpoints" }\n'
    text = text.replace('type = "flag"\nmeasure', 'type = "integer"\nmeasure')
    given = frames.Frames(
        clients=pl.DataFrame({"id": ["a"], "n": [True]}),
        touchpoints=pl.DataFrame({"client_id": ["a"], "occurred_at": [date(2026, 3, 1)]}),
    )
    with pytest.raises(UnsupportedPolicyError, match="to Spark, which does not tell upper from lower case"):
        frames.decide(policy(text), in_spark(given), as_of=DAY)


@pytest.mark.parametrize("reader", ["polars", "spark"])
def test_a_book_that_spark_wrote_is_the_same_book(
    spark: Any, in_spark: InSpark, tmp_path: Path, reader: Literal["polars", "spark"]
) -> None:
    from relcare.demo import demo_book

    book = demo_book()
    given = in_spark(frames.frames_of(book))
    folder = tmp_path / "book [1]"
    parts = {"clients": given.clients.coalesce(1), "touchpoints": given.touchpoints.repartition(3)}
    frames.write_parquet(attrs.evolve(given, **parts), folder)
    assert (folder / "clients.parquet").is_file()
    assert len(list((folder / "touchpoints.parquet").glob("*.parquet"))) == 3
    found = frames.book_from_frames(frames.read_parquet(folder, engine=reader))
    assert (found.zone, found.currency) == (book.zone, book.currency)
    # Spark keeps its rows in no order.
    for name, items in attrs.asdict(book, recurse=False).items():
        if isinstance(items, tuple):
            there = getattr(found, name)
            assert len(there) == len(items)
            assert [item for item in items if item not in there] == []


def test_the_command_decides_a_folder_on_spark(spark: Any, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from relcare.cli._app import app
    from relcare.demo import demo_book

    frames.write_parquet(frames.frames_of(demo_book()), tmp_path / "book")
    (tmp_path / "p.toml").write_text(POLICY + '[facts.touches]\ntype = "integer"\nmeasure = { count = "touchpoints" }\n')
    asked = ["decide", str(tmp_path / "book"), "--policy", str(tmp_path / "p.toml"), "--as-of", "2026-03-31", "--json"]
    found = [CliRunner().invoke(app, [*asked, "--engine", engine]) for engine in ("spark", "polars")]
    assert [one.exit_code for one in found] == [0, 0], found[0].output
    assert found[0].output.replace('"spark"', '"polars"') == found[1].output


def test_without_a_session_a_small_one_is_made(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import SparkSession

    from relcare.frames._spark_session import spark_session

    asked: dict[str, str] = {}

    class Builder:
        def master(self, name: str) -> "Builder":
            asked["master"] = name
            return self

        def appName(self, name: str) -> "Builder":  # noqa: N802 - as Spark has it
            return self

        def config(self, name: str, value: str) -> "Builder":
            asked[name] = value
            return self

        def getOrCreate(self) -> str:  # noqa: N802
            return "made"

    assert spark_session() is spark or spark_session()._jsparkSession.equals(spark._jsparkSession)
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(SparkSession, "builder", Builder())
    assert spark_session() == "made"
    assert asked["master"] == "local[2]"
    assert asked["spark.ui.enabled"] == "false"


def test_nothing_is_sorted_or_ranked_as_a_whole(in_spark: InSpark) -> None:
    """No window, and no sort of all rows, is in the plan of what is decided."""
    import relcare as rc
    from relcare.demo import demo_book

    given = in_spark(frames.frames_of(demo_book()))
    decided = frames.decide(rc.preset("consulting"), given, as_of=DAY, only=["segmentation", "vip"])
    plan = decided.clients._jdf.queryExecution().toString()
    assert "Join" in plan
    assert not [word for word in ("Window", "rangepartitioning", "SinglePartition") if word in plan]
