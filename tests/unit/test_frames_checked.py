"""What is still looked at, and what is not, where the rows of tables were checked before."""

from datetime import date
from typing import Any

import pytest

from relcare.codec import loads_policy
from relcare.errors import BookDocumentError

pl: Any = pytest.importorskip("polars")
duckdb: Any = pytest.importorskip("duckdb")
frames: Any = pytest.importorskip("relcare.frames")

DAY = date(2026, 3, 31)
POLICY = loads_policy("""
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "integer"
[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
""")


def decided(clients: Any, **given: Any) -> Any:
    return frames.decide(POLICY, frames.Frames(clients=clients, **given), as_of=DAY, only=["segmentation"]).clients


def test_rows_that_were_checked_before_are_not_looked_through_for_wrong_ones() -> None:
    twice = pl.DataFrame({"id": ["a", "a", "b", "c"], "revenue": [4, 4, 2, 1]})
    with pytest.raises(BookDocumentError, match="ids that are there twice"):
        decided(twice)
    tiers = decided(twice, is_checked=True).select("client_id", "scheme.abc.tier").collect().rows()
    assert sorted(tiers) == [("a", "A"), ("a", "A"), ("b", "B"), ("c", "B")]


def test_columns_are_checked_all_the_same() -> None:
    with pytest.raises(BookDocumentError, match="revenue: is of type Boolean"):
        decided(pl.DataFrame({"id": ["a"], "revenue": [True]}), is_checked=True)


def test_what_no_column_holds_is_refused_all_the_same() -> None:
    clients = pl.DataFrame({"id": ["a"], "revenue": [1]})
    apart = pl.DataFrame(
        {"client_id": ["a"], "name": ["revenue"], "kind": ["number"], "value": ["2"], "effective_on": [date(2026, 2, 1)]}
    )
    with pytest.raises(BookDocumentError, match="has dated changes"):
        decided(clients, attributes=apart, is_checked=True)


@pytest.mark.parametrize("is_checked", [False, True])
@pytest.mark.parametrize("greatest", [2**62 - 1, 1 - 2**62])
def test_the_greatest_integers_are_taken_as_they_are(greatest: int, *, is_checked: bool) -> None:
    clients = pl.DataFrame({"id": ["a", "b"], "revenue": [greatest, 0]})
    assert decided(clients, is_checked=is_checked).select("revenue").collect().rows() == [(greatest,), (0,)]


@pytest.mark.parametrize("too_great", [2**62, -(2**62), -(2**63)])
def test_an_integer_that_is_too_great_is_refused(too_great: int) -> None:
    with pytest.raises(BookDocumentError, match="too large"):
        decided(pl.DataFrame({"id": ["a", "b"], "revenue": [too_great, 0]}))


@pytest.mark.parametrize("kind", ["UInt64", "Int128"])
def test_wider_integers_are_taken_too(kind: str) -> None:
    clients = pl.DataFrame({"id": ["a", "b"], "revenue": pl.Series([5, 3], dtype=getattr(pl, kind))})
    assert decided(clients).select("scheme.abc.score").collect().rows() == [(5,), (3,)]


def test_duckdb_takes_the_word_for_it_too() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE clients AS SELECT * FROM (VALUES ('a', 4), ('a', 4), ('b', 1)) v(id, revenue)")
    found = decided(connection.table("clients"), is_checked=True).order("client_id").select('client_id, "scheme.abc.tier"')
    assert found.fetchall() == [("a", "A"), ("a", "A"), ("b", "B")]
