"""What is handed in to be decided over columns: days of pandas, names that are almost right, and what is no book at all."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from tests.unit.test_frames_border import CALLS, DAY, POINTS, REVENUE, in_duckdb, policy, problems, said

from relcare.codec import loads_policy
from relcare.demo import demo_book
from relcare.errors import BookDocumentError, InvalidValueError, StorageError, nearest
from relcare.policy import Fact

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")
frames = pytest.importorskip("relcare.frames")

SINCE: Final = Fact(id="entered", type="date", may_be_missing=True)
NIGHT: Final = [datetime(2026, 3, 1), None]
Maker = Callable[[Any], Any]
MAKERS: Final = pytest.mark.parametrize(
    "maker", [lambda table: table, lambda table: table.to_pandas(), in_duckdb], ids=["polars", "pandas", "DuckDB"]
)


@MAKERS
class TestDaysWithoutAZone:
    def test_midnight_is_a_day(self, maker: Maker) -> None:
        clients = maker(pl.DataFrame({"id": ["a", "b"], "entered": NIGHT}))
        rows = said(frames.decide(policy(SINCE), frames.Frames(clients=clients, zone="Asia/Seoul"), as_of=DAY))
        assert (rows["a"]["entered"], rows["b"]["entered"]) == (date(2026, 3, 1), None)

    @pytest.mark.parametrize("clock", ["23:59:59", "00:00:01", "00:01:00", "00:00:00.000001"])
    def test_any_other_time_is_refused_with_the_way_out(self, maker: Maker, clock: str) -> None:
        times = [datetime(2026, 3, 1), datetime.fromisoformat(f"2026-03-01T{clock}")]
        clients = maker(pl.DataFrame({"id": ["a", "b"], "entered": times}))
        (found,) = problems(policy(SINCE), clients=clients)
        assert (found.path, found.hint) == ("entered", "keep the day alone, as .dt.date does, or name their zone")
        assert found.message == "has times that are not midnight, and name no zone (1; one of them of client 'b')"

    def test_hours_that_count_need_a_zone(self, maker: Maker) -> None:
        touches = pl.DataFrame({"client_id": ["a"], "occurred_at": [datetime(2026, 3, 1)], "channel": ["call"]})
        (found,) = problems(policy(CALLS), clients=maker(pl.DataFrame({"id": ["a"]})), touchpoints=maker(touches))
        assert found.path == "occurred_at"
        assert found.message.startswith("is of type Datetime")
        assert found.message.endswith("must be a date, or an instant with a zone")


BIRTHDAYS: Final = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[[cadence]]
id = "birthday"
channel = "call"
mode = "grid"
anchor = "people.birthday"
roll = "none"
""")


def test_birthdays_are_text_or_days() -> None:
    people = pl.DataFrame({"id": ["p"], "client_id": ["a"], "birthday": ["1980-04-02"]})
    clients = pl.DataFrame({"id": ["a"]})
    texts = ("client_id", "channel", "outcome", "person_id")
    touches = pl.DataFrame(schema={**dict.fromkeys(texts, pl.String), "occurred_at": pl.Date})
    found: list[Any] = []
    for kind in (pl.String, pl.Date, pl.Datetime("ns")):
        born = people.with_columns(pl.col("birthday").str.to_date().cast(kind) if kind != pl.String else pl.col("birthday"))
        given = frames.Frames(clients=clients, people=born, touchpoints=touches)
        found.append(frames.decide(BIRTHDAYS, given, as_of=DAY).obligations.select("person_id", "due_on").collect().rows())
    assert found[0] == found[1] == found[2] != []
    wrong = people.with_columns(birthday=pl.lit(7))
    (problem,) = problems(BIRTHDAYS, clients=clients, people=wrong, touchpoints=touches)
    assert problem.message == "is of type Int32: must be text as 1980-03-31 or -03-31, or a date"
    assert problem.hint == "cast it to a date, or to text"


class TestIds:
    @pytest.mark.parametrize("maker", [lambda table: table, in_duckdb], ids=["polars", "DuckDB"])
    def test_an_id_that_is_there_twice_is_named(self, maker: Maker) -> None:
        clients = maker(pl.DataFrame({"id": ["c", "c", "b", "b", "b", "a"]}))
        (found,) = problems(policy(), clients=clients)
        assert found.message == "has ids that are there twice (2; one of them is 'b')"

    @pytest.mark.parametrize("maker", [lambda table: table, in_duckdb], ids=["polars", "DuckDB"])
    @pytest.mark.parametrize("nothing", [None, ""])
    def test_an_id_that_is_missing_is_not_there_twice(self, maker: Maker, nothing: str | None) -> None:
        clients = maker(pl.DataFrame({"id": [nothing, nothing, "a"]}))
        assert [one.message for one in problems(policy(), clients=clients)] == ["has rows without one (2)"]

    def test_a_row_of_nobody_is_nobodys(self) -> None:
        touches = pl.DataFrame(
            {"client_id": [None], "occurred_at": [DAY], "channel": ["call"]}, schema_overrides={"client_id": pl.String}
        )
        found = problems(policy(CALLS), clients=pl.DataFrame({"id": ["a"]}), touchpoints=touches)
        assert [one.message for one in found] == ["has rows without one (1)", "names clients that are not there (1)"]


class TestNames:
    def test_upper_case_is_almost_right(self) -> None:
        clients = pl.DataFrame({"id": ["a"], "POINTS": [1]})
        (found,) = problems(policy(Fact(id="points", type="integer")), clients=clients)
        assert (found.message, found.hint) == ("is not there", "did you mean 'POINTS'?")
        assert nearest("size", ["sizes", "SIZE"]) == "sizes"
        assert nearest("size", ["zone", "ÀÉ"]) is None

    @pytest.mark.parametrize(
        ("only", "told"),
        [
            ("segmentation", r"only is 'segmentation': must be a collection of .*hint: write only=\['segmentation'\]"),
            ("text", r"only is 'text': must be a collection of [a-z, ]*$"),
            (7, r"only is 7: must be a collection of "),
            (["segmentaton"], r"only is 'segmentaton': must be of .*; hint: did you mean 'segmentation'\?"),
            (["x"], r"only is 'x': must be of [a-z, ]*$"),
        ],
        ids=["one part", "text", "a number", "almost a part", "no part"],
    )
    def test_parts_are_asked_for_by_their_names(self, only: Any, told: str) -> None:
        given = frames.Frames(clients=pl.DataFrame({"id": ["a"]}))
        with pytest.raises(InvalidValueError, match=told):
            frames.decide(policy(), given, as_of=DAY, only=only)
        with pytest.raises(InvalidValueError, match=told):
            frames.compare(policy(), policy(), given, as_of=DAY, only=only)

    def test_a_column_that_sqlite_would_take_for_text_is_not_there(self) -> None:
        pytest.importorskip("sqlglot")
        with sqlite3.connect(":memory:") as connection:
            connection.execute("CREATE TABLE clients (ID TEXT)")
            connection.execute('CREATE TABLE "the sold" (client_id TEXT, purchased_on TEXT, amout INTEGER)')
            columns = {
                "clients": {"id": "text"},
                "purchases": {"client_id": "text", "purchased_on": "date", "amount": "integer"},
            }
            tables = frames.SqlTables(
                dialect="sqlite",
                columns=columns,
                run=lambda text: connection.execute(text).fetchall(),
                sources={"purchases": "main.the sold"},
                currency="CNY",
            )
            with pytest.raises(BookDocumentError) as caught:
                frames.decide_sql(policy(REVENUE), tables, as_of=DAY)
        connection.close()
        assert [str(one) for one in caught.value.problems] == ["purchases: amount: is not there; hint: did you mean 'amout'?"]


class TestNoBook:
    GIVEN: Final = pl.DataFrame({"id": ["a"]})

    def test_what_is_no_policy_and_no_book_is_refused(self) -> None:
        given: Any = frames.Frames(clients=self.GIVEN)
        calls: list[tuple[str, Callable[[], object]]] = [
            ("policy is 'text': must be a Policy", lambda: frames.decide("text", given, as_of=DAY)),
            ("policy is 'text': must be a Policy", lambda: frames.compare(policy(), "text", given, as_of=DAY)),
            ("frames is 'DataFrame': must be Frames", lambda: frames.decide(policy(), self.GIVEN, as_of=DAY)),
            ("frames is 'Book': must be Frames", lambda: frames.book_from_frames(demo_book())),
            ("book is .*: must be a Book", lambda: frames.frames_of(policy())),
        ]
        for told, call in calls:
            with pytest.raises(InvalidValueError, match=told):
                call()

    def test_what_is_no_policy_and_no_tables_is_refused_for_a_database(self) -> None:
        pytest.importorskip("sqlglot")
        with pytest.raises(InvalidValueError, match="policy is 'text': must be a Policy"):
            frames.decide_sql("text", None, as_of=DAY)
        with pytest.raises(InvalidValueError, match="tables is 'Frames': must be SqlTables"):
            frames.decide_sql(policy(), frames.Frames(clients=self.GIVEN), as_of=DAY)

    def test_a_column_that_is_there_twice_is_named(self) -> None:
        arrow = pa.table([["a"], [1], [2]], names=["id", "n", "n"])
        for table in (arrow, arrow.to_pandas()):
            (found,) = problems(policy(), clients=table)
            assert str(found) == "clients: n: is there twice; hint: rename one"


def test_a_float_is_told_that_it_is_not_whole() -> None:
    (found,) = problems(policy(POINTS), clients=pl.DataFrame({"id": ["a"], "points": [10.5]}))
    assert found.message == "has floats that are not whole, or too great to be exact (1; one of them of client 'a')"


def test_too_little_memory_is_an_error_of_ours(tmp_path: Path) -> None:
    ids = pl.select(pl.int_range(300_000).cast(pl.String).alias("id"), pl.int_range(300_000).alias("points"))
    frames.write_parquet(frames.Frames(clients=ids), tmp_path / "book")
    given = frames.read_parquet(tmp_path / "book", engine="duckdb", memory_limit="2MB", temp_directory=tmp_path / "spill")
    with pytest.raises(StorageError, match="DuckDB ran out of memory; hint: raise its limit") as caught:
        frames.decide(policy(POINTS), given, as_of=DAY)
    assert isinstance(caught.value.__cause__, duckdb.Error)


def test_an_instant_with_a_zone_counts_as_before() -> None:
    clients = pl.DataFrame({"id": ["a"], "entered": [datetime(2026, 3, 1, 20, tzinfo=UTC)]})
    given = frames.Frames(clients=clients, zone="Asia/Seoul")
    assert said(frames.decide(policy(SINCE), given, as_of=DAY))["a"]["entered"] == date(2026, 3, 2)
