"""Numbers and days that stand in text, as CSV files have them, decided as they are of one client (FCT-1)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from tests.unit.test_frames_border import DAY, in_duckdb, policy, problems, said

from relcare.codec import loads_policy
from relcare.decisions import ReadyPolicy
from relcare.errors import BookDocumentError
from relcare.model import Client
from relcare.policy import Fact, Measure, OutOfBounds

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

POLICY: Final = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
currency = "CNY"
[facts.number]
type = "number"
grain = "0.01"
round = "half up"
max = "100000"
may_be_missing = true
[facts.integer]
type = "integer"
round = "down"
may_be_missing = true
[facts.money]
type = "money"
round = "half even"
may_be_missing = true
[facts.day]
type = "date"
max = "2199-12-31"
may_be_missing = true
""")
NUMBERS: Final = (
    *("1.5", "-0.5", "0.005", "0.015", "-0.005", "12", "000012.50", "0", "0.0", "99999.99", "100001", "3.14159", "-12.34"),
    *("0.123456789012", "100.00", ""),
    # No numbers: they are out of bounds, which is missing and noted.
    *("abc", "1e3", "-0", "-0.00", ".5", "5.", "1.", "+1", "1_0", "1,5", "1.1234567890123", "\u0661", "1" * 29, "--1", "1.2.3"),
    "12345678901234567.123456789012",
)
DAYS: Final = (
    *(
        "2026-01-31",
        "2024-02-29",
        "2000-02-29",
        "0001-01-01",
        "1899-12-31",
        "2100-03-01",
        "2026-12-31",
        "2024-12-31",
        "2199-12-31",
    ),
    *("", "2026-02-29", "1900-02-29", "26-1-1", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31", "0000-01-01", "20260131"),
    *("2026-1-31", "9999-12-31", "2200-01-01", "+026-01-01"),
)
Maker = Callable[[Any], Any]
MAKERS: Final = pytest.mark.parametrize("maker", [lambda table: table, in_duckdb], ids=["polars", "DuckDB"])


@MAKERS
def test_text_is_read_as_of_one_client(maker: Maker) -> None:
    count = max(len(NUMBERS), len(DAYS))
    rows = [(f"c{n:02}", NUMBERS[n % len(NUMBERS)], DAYS[n % len(DAYS)]) for n in range(count)]
    columns = {"id": 0, "number": 1, "integer": 1, "money": 1, "day": 2}
    table = pl.DataFrame({name: [row[at] for row in rows] for name, at in columns.items()})
    found = said(frames.decide(POLICY, frames.Frames(clients=maker(table)), as_of=DAY))
    types = ReadyPolicy(POLICY).reader.types
    for client_id, number, day in rows:
        texts = {"number": number, "integer": number, "money": number, "day": day}
        held = Client(id=client_id, name="x", attributes={name: text for name, text in texts.items() if text}).attributes
        cores = {name: types[name].encode(name, held.get(name)) for name in texts}
        notes = [name for name, core in cores.items() if isinstance(core, OutOfBounds)]
        values = {name: None if name in notes else core for name, core in cores.items()}
        row = found[client_id]
        shown = {name: row[name] for name in values}
        shown["day"] = shown["day"].toordinal() if isinstance(shown["day"], date) else shown["day"]
        assert (shown, (row["notes"] or "").split()) == (values, notes)


def test_amounts_in_text_are_taken_and_what_is_none_is_refused() -> None:
    revenue = Fact(id="revenue", type="money", measure=Measure(function="sum", over="purchases", field="amount"))
    clients = pl.DataFrame({"id": ["a", "b"]})
    bought = pl.DataFrame({"client_id": ["a", "b"], "purchased_on": [DAY, DAY], "amount": ["12.5", "0.25"]})
    given = frames.Frames(clients=clients, purchases=bought, currency="CNY")
    rows = said(frames.decide(policy(revenue), given, as_of=DAY))
    assert (rows["a"]["revenue"], rows["b"]["revenue"]) == (1250, 25)
    wrong = bought.with_columns(amount=pl.Series(["12.5", "1,000"]))
    (found,) = problems(policy(revenue), clients=clients, purchases=wrong)
    assert (found.file, found.path, found.hint) == ("purchases", "amount", "write digits alone, as 1234.50")
    assert found.message.startswith("has text that is no exact decimal number")
    assert found.message.endswith("(1; one of them of client 'b')")


@MAKERS
def test_text_of_more_digits_than_a_column_holds_is_refused_and_not_missing(maker: Maker) -> None:
    fact = Fact(id="points", type="number", grain="0.1", round="down", may_be_missing=True)
    clients = maker(pl.DataFrame({"id": ["a", "b", "c"], "points": ["1" * 28, "0.123456789012", "9" * 19]}))
    (found,) = problems(policy(fact), clients=clients)
    assert found.message == "has numbers too large to be exact with so many decimals (2; one of them of client 'a')"
    assert found.hint == "write fewer decimals"


def test_noughts_behind_a_number_take_no_room() -> None:
    fact = Fact(id="points", type="integer", may_be_missing=True)
    clients = pl.DataFrame({"id": ["a"], "points": ["4000000000000000000.000000"]}).with_columns(
        pl.col("points").cast(pl.Categorical)
    )
    assert said(frames.decide(policy(fact), frames.Frames(clients=clients), as_of=DAY))["a"]["points"] == 4 * 10**18


def test_text_is_no_number_in_a_database_that_is_told_what_to_do_in_text() -> None:
    pytest.importorskip("sqlglot")
    fact = Fact(id="points", type="number", grain="0.1", may_be_missing=True)
    columns = {"clients": {"id": "text", "points": "text"}}
    tables = frames.SqlTables(dialect="postgres", columns=columns, run=lambda _: [(0,) * 9])
    with pytest.raises(BookDocumentError, match=r"points: is of type String: must be an integer, a decimal"):
        frames.decide_sql(policy(fact), tables, as_of=DAY)


def test_decimals_and_text_of_them_are_alike() -> None:
    fact = Fact(id="points", type="number", grain="0.5", may_be_missing=True)
    for values in (["1.5", None], [Decimal("1.5"), None]):
        rows = said(
            frames.decide(policy(fact), frames.Frames(clients=pl.DataFrame({"id": ["a", "b"], "points": values})), as_of=DAY)
        )
        assert (rows["a"]["points"], rows["b"]["points"], rows["b"]["notes"]) == (3, None, None)
