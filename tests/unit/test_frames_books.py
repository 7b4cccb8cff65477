"""Books as columns and as Parquet folders, and what is wrong with columns that should be a book."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.errors import BookDocumentError, InvalidValueError, MissingExtraError, Problem, StorageError
from relcare.model import AttributeChange, Book, Client, Money, Purchase, TierSpell, Touchpoint

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 1)
SEOUL: Final = ZoneInfo("Asia/Seoul")
CLIENTS: Final = pl.DataFrame({"id": ["a", "b"], "name": ["Ada", "Bo"]})
BOOK: Final = Book(
    clients=[
        Client(id="a", name="Ada", attributes={"fit": 3, "grade": "A", "size": Decimal("1.50"), "tags": frozenset({"x|y", "z"})}),
        Client(
            id="b",
            name="Bo",
            client_since_on=date(2020, 2, 29),
            attributes={"fit": None, "grade": 7, "is_listed": True, "region": "east", "none": frozenset()},
            attribute_changes=[
                AttributeChange(name="fit", value=Decimal("2.5"), effective_on=date(2026, 1, 1)),
                AttributeChange(name="tags", value=frozenset(), effective_on=date(2026, 2, 1)),
            ],
        ),
    ],
    touchpoints=[
        Touchpoint(id="t-1", client_id="a", occurred_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC), channel="call"),
        Touchpoint(
            id="t-2",
            client_id="a",
            occurred_at=date(2026, 3, 1),
            channel="call",
            follow_up_at=datetime(2026, 3, 9, 9, tzinfo=SEOUL),
            voids_id="t-1",
        ),
    ],
    purchases=[
        Purchase(id="p-1", client_id="a", purchased_on=date(2026, 1, 2), amount=Money("12345678901234567890.5", "CNY")),
        Purchase(id="p-2", client_id="a", purchased_on=date(2026, 1, 2), amount=Money("0.000000000001", "CNY")),
    ],
    tier_spells=[TierSpell(client_id="a", scheme_id="abc", tier="A", start_on=date(2026, 1, 1))],
    zone="Asia/Seoul",
)


def problems(**tables: Any) -> tuple[Problem, ...]:
    with pytest.raises(BookDocumentError) as caught:
        frames.book_from_frames(frames.Frames(**{"clients": CLIENTS, **tables}))
    return caught.value.problems


def in_pandas(given: Any) -> Any:
    # What pandas has no type for stays an object of Python.
    tables = {name: table.to_pandas(use_pyarrow_extension_array=True) for name, table in tables_of(given).items()}
    return attrs.evolve(given, **tables)


def in_arrow(given: Any) -> Any:
    return attrs.evolve(given, **{name: table.to_arrow() for name, table in tables_of(given).items()})


def in_duckdb(given: Any) -> Any:
    connection = duckdb.connect()
    for name, table in tables_of(given).items():
        connection.from_arrow(table.to_arrow()).create(f"t_{name}")
    return attrs.evolve(given, **{name: connection.table(f"t_{name}") for name in tables_of(given)})


def tables_of(given: Any) -> dict[str, Any]:
    return {name: table for name, table in attrs.asdict(given, recurse=False).items() if hasattr(table, "to_arrow")}


@pytest.mark.parametrize(
    "maker",
    [
        pytest.param(lambda given: given, id="polars"),
        pytest.param(in_pandas, id="pandas"),
        pytest.param(in_arrow, id="pyarrow"),
        pytest.param(in_duckdb, id="DuckDB"),
    ],
)
def test_a_book_comes_back_from_the_tables_of_every_maker(maker: Callable[[Any], Any]) -> None:
    assert frames.book_from_frames(maker(frames.frames_of(BOOK))) == BOOK


def test_an_instant_keeps_the_zone_that_it_was_written_in() -> None:
    found = frames.book_from_frames(frames.frames_of(BOOK)).touchpoints
    assert [touch.occurred_at.isoformat() for touch in found] == ["2026-03-01T23:30:00+00:00", "2026-03-01"]
    assert found[1].follow_up_at.isoformat() == "2026-03-09T09:00:00+09:00"


def test_moments_stand_on_their_civil_day_so_that_they_are_decided_on_it() -> None:
    touches = frames.frames_of(BOOK).touchpoints
    assert touches["occurred_at"].to_list() == [date(2026, 3, 2), date(2026, 3, 1)]


def test_what_no_column_of_clients_holds_stands_apart() -> None:
    given = frames.frames_of(BOOK)
    assert given.clients["attributes.region"].to_list() == [None, "east"]
    assert given.attributes.select("client_id", "name", "kind", "value", "effective_on").rows() == [
        ("a", "grade", "text", "A", None),
        ("b", "fit", "none", None, None),
        ("b", "grade", "number", "7", None),
        ("b", "fit", "number", "2.5", date(2026, 1, 1)),
        ("b", "tags", "set", "", date(2026, 2, 1)),
    ]


def test_amounts_that_do_not_go_into_one_column_are_refused() -> None:
    huge = Purchase(id="p-3", client_id="a", purchased_on=date(2026, 1, 2), amount=Money("9" * 28, "CNY"))
    with pytest.raises(InvalidValueError, match="38 digits"):
        frames.frames_of(attrs.evolve(BOOK, purchases=[*BOOK.purchases, huge]))


# -------------------------------------------------------------------------------------------------- columns of a firm's own


def test_columns_of_a_firm_are_a_book() -> None:
    touches = pl.DataFrame(
        {
            "id": ["t"],
            "client_id": ["a"],
            "occurred_at": [datetime(2026, 3, 1, 23, 30, tzinfo=UTC)],
            "channel": ["call"],
            "load_batch": [17],
        }
    )
    purchases = pl.DataFrame({"id": ["p"], "client_id": ["b"], "purchased_on": [date(2026, 3, 1)], "amount": [12.0]})
    clients = CLIENTS.with_columns(relationship_types=pl.lit("partner| channel"), fit=pl.lit(3.0), grade=pl.lit(""))
    given = frames.Frames(clients=clients, touchpoints=touches, purchases=purchases, zone="Asia/Seoul", currency="KRW")
    book = frames.book_from_frames(given)
    assert book.clients[0] == Client(id="a", name="Ada", relationship_types={"partner", "channel"}, attributes={"fit": 3})
    assert book.touchpoints[0].occurred_at.isoformat() == "2026-03-02T08:30:00+09:00"
    assert (book.purchases[0].amount, book.currency) == (Money(12, "KRW"), "KRW")


def test_rows_that_are_right_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With cells that say nothing, amounts, instants and attributes apart; one by one they are made where one is wrong."""

    def refuse(*_: object) -> None:
        raise AssertionError("a row was made by itself")

    monkeypatch.setattr("relcare.frames._book_reading._Reading.one_by_one", refuse)
    assert frames.book_from_frames(frames.frames_of(BOOK)) == BOOK
    rows = {"id": ["t-1", "t-2"], "client_id": ["a", "b"], "occurred_at": [DAY, DAY], "channel": ["call", "call"]}
    calls = pl.DataFrame({**rows, "direction": ["incoming", None], "note": ["", "x"]})
    book = frames.book_from_frames(frames.Frames(clients=CLIENTS, touchpoints=calls, zone="UTC"))
    assert [(one.direction, one.note) for one in book.touchpoints] == [("incoming", None), ("outgoing", "x")]


def test_every_wrong_column_is_told_at_once() -> None:
    touches = pl.DataFrame(
        {"id": [1], "client_id": ["a"], "occured_at": [date(2026, 3, 1)], "chanel": ["call"], "outcom": ["met"]}
    )
    purchases = pl.DataFrame({"id": ["p"], "client_id": ["b"], "purchased_on": [date(2026, 3, 1)], "amount": [12]})
    clients = CLIENTS.with_columns(pl.lit(datetime(2026, 1, 1)).alias("entered"), pl.lit("x").alias("phone number"))
    found = {(p.file, p.path): (p.message, p.hint) for p in problems(clients=clients, touchpoints=touches, purchases=purchases)}
    assert found["touchpoints", "id"] == ("is of type Int64: must be text", "cast it to text")
    assert found["touchpoints", "occurred_at"] == ("is not there", "did you mean 'occured_at'?")
    assert found["touchpoints", "channel"] == ("is not there", "did you mean 'chanel'?")
    assert found["touchpoints", "outcom"] == ("is no column of this table", "did you mean 'outcome'?")
    assert found["purchases", "currency"] == ("is not there", "or name the one currency: Frames(currency='CNY', ...)")
    assert found["clients", "entered"][0].startswith("is of type Datetime")
    assert found["clients", "phone number"][1] == "write 'phone_number'"


def test_every_wrong_row_is_told_with_its_place() -> None:
    clients = pl.DataFrame(
        {"id": ["a", " b", "c"], "name": ["Ada", "Bo", None], "stage": ["open", "open", "shut"], "fit": [0.5, 1, 2]}
    )
    found = [(p.file, p.line, p.path) for p in problems(clients=clients)]
    assert found == [("clients", 1, "attributes.fit"), ("clients", 2, "id"), ("clients", 3, "name")]


def test_a_row_that_does_not_go_with_the_others_is_told_with_its_place() -> None:
    spells = pl.DataFrame(
        {"client_id": ["a", "z"], "scheme_id": ["s", "s"], "tier": ["x", "x"], "start_on": [date(2026, 1, 1)] * 2}
    )
    (found,) = problems(tiers=spells)
    assert (found.file, found.line, found.path) == ("tiers", 2, "client_id")


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"kind": "colour"}, "kind"),
        ({"kind": "flag", "value": "perhaps"}, "value"),
        ({"kind": "number", "value": "1e3"}, "value"),
        ({"kind": "day", "value": "2026-02-30"}, "value"),
        ({"client_id": "z"}, "client_id"),
        ({"name": "fit"}, "attributes.fit"),
    ],
    ids=str,
)
def test_attributes_apart_are_told_with_their_place(row: dict[str, str], path: str) -> None:
    said = {"client_id": "a", "name": "size", "kind": "text", "value": "x", **row}
    clients = CLIENTS.with_columns(fit=pl.lit(1))
    (found,) = problems(clients=clients, attributes=pl.DataFrame({name: [value] for name, value in said.items()}))
    assert (found.line, found.path) == (1, path)


def test_a_day_that_is_not_that_of_its_instant_is_refused() -> None:
    touches = frames.frames_of(BOOK).touchpoints.with_columns(occurred_at=pl.lit(date(2026, 3, 5)))
    found = problems(clients=frames.frames_of(BOOK).clients, touchpoints=touches)
    assert found[0].path == "occurred_at"


# ---------------------------------------------------------------------------------------------------------- Parquet folders


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("written_by", ["polars", "duckdb"])
def test_a_folder_of_parquet_files_is_the_same_book(tmp_path: Path, engine: str, written_by: str) -> None:
    given = frames.frames_of(BOOK)
    frames.write_parquet(given if written_by == "polars" else in_duckdb(given), tmp_path / "book")
    found = frames.read_parquet(tmp_path / "book", engine=engine)
    assert frames.book_from_frames(found) == BOOK


def test_a_table_may_be_several_files(tmp_path: Path) -> None:
    frames.write_parquet(frames.frames_of(BOOK), tmp_path)
    whole = pl.read_parquet(tmp_path / "touchpoints.parquet")
    (tmp_path / "touchpoints.parquet").unlink()
    (tmp_path / "touchpoints").mkdir()
    for place in range(whole.height):
        whole[place : place + 1].write_parquet(tmp_path / "touchpoints" / f"part-{place}.parquet")
    for engine in ("polars", "duckdb"):
        assert frames.book_from_frames(frames.read_parquet(tmp_path, engine=engine)) == BOOK


def test_duckdb_keeps_to_a_memory_limit_and_a_place_for_the_rest(tmp_path: Path) -> None:
    frames.write_parquet(frames.frames_of(BOOK), tmp_path)
    given = frames.read_parquet(tmp_path, engine="duckdb", memory_limit="200MB", temp_directory=tmp_path / "spill")
    asked = "current_setting('memory_limit'), current_setting('temp_directory')"
    assert given.clients.limit(1).project(asked).fetchall() == [("190.7 MiB", str(tmp_path / "spill"))]
    with pytest.raises(InvalidValueError, match="must be a size"):
        frames.read_parquet(tmp_path, engine="duckdb", memory_limit="little")
    with pytest.raises(InvalidValueError, match="must go with engine='duckdb'"):
        frames.read_parquet(tmp_path, memory_limit="200MB")
    with pytest.raises(InvalidValueError, match="must be one of"):
        frames.read_parquet(tmp_path, engine="pandas")


def test_a_book_is_never_written_over(tmp_path: Path) -> None:
    frames.write_parquet(frames.frames_of(BOOK), tmp_path)
    with pytest.raises(InvalidValueError, match=r"has book\.parquet"):
        frames.write_parquet(frames.frames_of(BOOK), tmp_path)


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="was not written"):
        frames.write_parquet(frames.frames_of(BOOK), tmp_path / "file")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_folder_that_is_no_book_is_told(tmp_path: Path, engine: str) -> None:
    def told() -> str:
        with pytest.raises(BookDocumentError) as caught:
            frames.read_parquet(tmp_path, engine=engine)
        return caught.value.problems[0].message

    assert told() == "is missing: no book of Parquet files is here"
    head = pl.DataFrame({"format": [2], "zone": ["Mars/Olympus"], "currency": [None]})
    head.write_parquet(tmp_path / "book.parquet")
    assert told() == "2 is no format that this version reads"
    head.with_columns(format=1, zone=pl.lit("UTC")).write_parquet(tmp_path / "book.parquet")
    assert told() == "is missing: a book has clients"
    (tmp_path / "clients.parquet").write_text("no Parquet")
    assert told().startswith("cannot be read: ")
    pl.concat([head, head]).write_parquet(tmp_path / "book.parquet")
    assert told() == "has 2 rows: must have one, with format, zone and currency"


@pytest.mark.parametrize(("module", "extra"), [("polars", "polars"), ("duckdb", "duckdb"), ("pyspark", "spark")])
def test_a_missing_engine_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, extra: str) -> None:
    frames.write_parquet(frames.frames_of(BOOK), tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        frames.read_parquet(tmp_path, engine=extra)
    assert caught.value.extra == extra
    if module == "polars":
        with pytest.raises(MissingExtraError):
            frames.frames_of(BOOK)
