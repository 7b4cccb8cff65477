"""What two engines say differently: days, exact amounts, sets, small tables.

All else is written once, as narwhals expressions. A frame in hand is always lazy; only `rows` and `single_rows` bring anything
out of an engine, and they are asked for aggregates alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import narwhals.stable.v2 as nw

__all__ = ["BLANK", "EPOCH", "SEPARATOR", "Cell", "Engine", "EngineName", "Lazy"]

EngineName: TypeAlias = Literal["polars", "duckdb"]
Lazy: TypeAlias = nw.LazyFrame[Any]
Cell: TypeAlias = str | int | None

SEPARATOR: Final = "\x1f"
"""Between and around the members of a set: no text of a book may hold it."""
BLANK: Final = " \t\r\n"
"""What may stand around a member of a set that is given as text."""
EPOCH: Final = date(1970, 1, 1).toordinal()
"""The ordinal of the day that engines count from."""


class Engine(ABC):
    """What differs between engines."""

    name: EngineName

    @abstractmethod
    def opened(self, native: object) -> Lazy:
        """A frame of the caller, made lazy and never run."""

    @abstractmethod
    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        """What a small aggregate comes to."""

    @abstractmethod
    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        """The one row of each of several aggregates, in one go."""

    @abstractmethod
    def settled(self, frame: Lazy) -> Lazy:
        """The same rows, worked out once: for what is asked several times over and is no longer than the clients are many."""

    @abstractmethod
    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        """More columns: ordinals of the civil days of date and aware instant columns, in a zone.

        Args:
            frame: Where.
            days: The column of each new one.
            zone: The book's.
        """

    @abstractmethod
    def with_instants(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        """The same columns of aware instants, as microseconds since 1970 began in UTC."""

    @abstractmethod
    def one_column(self, frame: Lazy, column: str, new: str) -> Lazy:
        """One column under another name; of a name with points in it, which engines may take for the name of a table."""

    @abstractmethod
    def write_parquet(self, frame: Lazy, path: Path) -> None:
        """The rows as a Parquet file, streamed where the engine can; nothing is at the path yet."""

    @abstractmethod
    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        """More columns: decimal columns as integers.

        Args:
            frame: Where.
            units: By new column: the decimal column, and how many decimals its type has.
        """

    @abstractmethod
    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        """More columns: sets as one text, each member once, by code point, between separators; see `SEPARATOR`.

        Args:
            frame: Where.
            sets: The column of each new one: a list of text, or text joined by `|`.
        """

    @abstractmethod
    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        """The same columns, sets turned into lists of text."""

    @abstractmethod
    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        """The same columns, ordinals turned into dates."""

    @abstractmethod
    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:
        """A small table that can be joined to a frame.

        Args:
            beside: The frame.
            columns: Their types and values, at least one column; all equally long.
        """
