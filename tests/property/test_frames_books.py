"""A book as columns and back is the same book, whichever engine holds the columns."""

from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from relcare.model import Book
from relcare.testing import books

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")


def in_duckdb(given_frames: Any) -> Any:
    connection = duckdb.connect(config={"threads": 1})
    tables = {name: table for name, table in attrs.asdict(given_frames, recurse=False).items() if hasattr(table, "to_arrow")}
    for name, table in tables.items():
        connection.from_arrow(table.to_arrow()).create(f"t_{name}")
    return attrs.evolve(given_frames, **{name: connection.table(f"t_{name}") for name in tables})


def moments(book: Book) -> list[Any]:
    """Days and instants, with the zones that instants are written in: equal instants may be of different zones."""
    events = [(touch.occurred_at, touch.follow_up_at, touch.recorded_at) for touch in book.touchpoints]
    return [moment.isoformat() for several in events for moment in several if moment is not None]


class TestBooksAsColumns:
    """STO-4: what is written comes back as it was, with the types that it had."""

    @settings(max_examples=50, suppress_health_check=list(HealthCheck), deadline=None)
    @given(books())
    def test_a_book_in_polars_comes_back_equal(self, book: Book) -> None:
        found = frames.book_from_frames(frames.frames_of(book))
        assert found == book
        assert moments(found) == moments(book)

    @settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
    @given(books())
    def test_a_book_in_duckdb_comes_back_equal(self, book: Book) -> None:
        found = frames.book_from_frames(in_duckdb(frames.frames_of(book)))
        assert found == book
        assert moments(found) == moments(book)
