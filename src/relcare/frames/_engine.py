"""What engines say differently: days, exact amounts, sets, small tables.

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

EngineName: TypeAlias = Literal["polars", "duckdb", "spark"]
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
    title: str
    """The name as it is written in a sentence."""
    tells_case: bool = True
    """Whether names that differ in case alone are two names."""
    reads_text: bool = True
    """Whether it reads numbers and days that stand in text."""
    wide: nw.dtypes.DType = nw.Int128()
    """The type of whole numbers that need more than 64 bits on their way."""

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

    def kept(self, frame: Lazy) -> Lazy:
        """As `settled`, of a column or two that are asked a few times right away."""
        return self.settled(frame)

    def distinct(self, frame: Lazy) -> Lazy:
        """The rows that differ, each once."""
        return frame.unique()

    def untold(self, frame: Lazy) -> Mapping[str, str | None]:  # noqa: ARG002 - most know all of theirs
        """The columns of types that narwhals does not know, by what the engine calls them; None for one of nothing but nulls."""
        return {}

    def column(self, name: str) -> nw.Expr:
        """A column of a table of the caller's, whatever is in its name."""
        return nw.col(name)

    def quotient(self, top: nw.Expr, bottom: nw.Expr | int, *, is_small: bool = False) -> nw.Expr:  # noqa: ARG002
        """How many times a whole number goes into another, exactly.

        Args:
            top: Not negative; of 64 bits or wide.
            bottom: Positive, or null.
            is_small: Whether it is known to be less than a million.
        """
        return top // bottom

    def every_nth(self, frame: Lazy, column: str, step: int) -> list[int]:  # noqa: ARG002
        """Some integers of a column of a settled frame, one in so many rows; none at all where that is not cheap.

        Args:
            frame: Where.
            column: Which.
            step: From one row to the next.
        """
        return []

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

    def picked(self, frame: Lazy, columns: Mapping[str, str]) -> Lazy:
        """Some columns under other names, as `one_column` has one.

        Args:
            frame: Where.
            columns: By new column, the old one.
        """
        return frame.select(**{new: self.column(old) for new, old in columns.items()})

    @abstractmethod
    def write_parquet(self, frame: Lazy, path: Path) -> None:
        """The rows as a Parquet file, streamed where the engine can, or as a folder of several; nothing is at the path yet."""

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

    def with_members(self, frame: Lazy, column: str) -> Lazy:
        """A row for each member of a set, in its place; no set is empty."""
        return self.with_lists(frame, [column]).explode(column)

    def with_names(self, frame: Lazy, columns: Mapping[str, tuple[str, Sequence[str]]]) -> Lazy:
        """More columns: names for what is given as their places in a list; null where there is no place.

        Args:
            frame: Where.
            columns: By new column: the column of places, from 0, and the names.
        """
        found: dict[str, nw.Expr] = {}
        for new, (column, names) in columns.items():
            chain = nw.lit(None, dtype=nw.String())
            for place, name in reversed(list(enumerate(names))):
                chain = nw.when(nw.col(column) == place).then(nw.lit(name)).otherwise(chain)
            found[new] = chain
        return frame.with_columns(**found)

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
