"""What databases say differently at the border: types, days, exact amounts, sets, small tables.

What lies between is written once, as narwhals expressions, and turned into a dialect by `_sql_rewrite`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final

import sqlglot.expressions as exp

from relcare.frames._engine import BLANK, EPOCH, SEPARATOR, Cell
from relcare.frames._sql_types import ColumnType

__all__ = ["FIRST", "SqlDialect"]

FIRST: Final = "DATE '1970-01-01'"
"""The day whose ordinal is `EPOCH`."""
_CONTROLS: Final = re.compile("([\x00-\x1f])")


class SqlDialect(ABC):
    """One dialect; `column` is always SQL, quoted already."""

    name: str
    whole: str = "BIGINT"
    text_type: str = "TEXT"
    char: str = "CHR"
    quote: str = '"'
    wide: str
    """A type of whole numbers in which products of 64 bits fit, as sqlglot calls it."""
    longest_name: int | None = None
    """How many bytes of a name count."""
    is_heavy: bool = False
    """Whether a statement of very many parts takes very long to read."""
    is_strict: bool = False
    """Whether booleans cannot be cast to long integers."""
    is_narrow: bool = False
    """Whether integers beyond 64 bits turn into floats in silence."""
    is_null_greatest: bool = False
    """Whether the greatest and least of several are null where one of them is."""
    is_row_order_needed: bool = False
    """Whether rows can only be numbered in an order."""

    # ------------------------------------------------------------------------------------------------------------- writing

    def public(self, name: str) -> str:
        """What a decided column is called."""
        return name

    def quoted(self, name: str) -> str:
        """A name as an identifier."""
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def text(self, value: str) -> str:
        """A text; control characters by their numbers, so that they outlive copying."""
        found = [self._piece(piece) for piece in _CONTROLS.split(value) if piece] or ["''"]
        return found[0] if len(found) == 1 else f"({' || '.join(found)})"

    def _piece(self, piece: str) -> str:
        return f"{self.char}({ord(piece)})" if _CONTROLS.fullmatch(piece) else exp.Literal.string(piece).sql(dialect=self.name)

    @property
    def separator(self) -> str:
        return self.text(SEPARATOR)

    @property
    def blank(self) -> str:
        return self.text(BLANK)

    def cell(self, value: Cell) -> str:
        """One cell of a small table."""
        return "NULL" if value is None else self.text(value) if isinstance(value, str) else str(int(value))

    def rows(self, columns: Mapping[str, tuple[bool, Sequence[Cell]]]) -> tuple[str, bool]:
        """A small table, and whether it needs the names of its columns beside it.

        Args:
            columns: By name, whether it is text, and its cells.
        """
        kinds = [self.text_type if is_text else self.whole for is_text, _ in columns.values()]
        rows = list(zip(*(cells for _, cells in columns.values()), strict=True))
        if not rows:
            nothing = (f"CAST(NULL AS {kind}) AS {self.quoted(name)}" for kind, name in zip(kinds, columns, strict=True))
            return f"SELECT {', '.join(nothing)} WHERE 1 = 0", False
        first = ", ".join(f"CAST({self.cell(cell)} AS {kind})" for cell, kind in zip(rows[0], kinds, strict=True))
        shown = [f"({first})", *(f"({', '.join(map(self.cell, row))})" for row in rows[1:])]
        return f"VALUES {', '.join(shown)}", True

    def stored(self, name: str, query: str) -> Sequence[str]:
        """What makes a temporary table of a query, and takes the place of an older one.

        Args:
            name: Of the table, quoted.
            query: Its rows.
        """
        return [f"CREATE OR REPLACE TEMPORARY TABLE {name} AS\n{query}"]

    # ------------------------------------------------------------------------------------------------------------- reading

    @abstractmethod
    def entry(self, column: str, kind: ColumnType) -> str:
        """A column of the database as everything past the border takes it."""

    def is_there(self, source: Sequence[str], column: str) -> str | None:  # noqa: ARG002 - most refuse one that is not
        """1 where a table has a column, otherwise 0; None where the database itself refuses a name that it does not know.

        Args:
            source: The name of the table, in parts.
            column: Its name.
        """
        return None

    def names_of(self, source: Sequence[str]) -> str:
        """The question for the columns of a table, where it is asked whether they are there."""
        raise NotImplementedError(source)  # pragma: no cover - see `is_there`

    @abstractmethod
    def strange(self, column: str, kind: ColumnType) -> str | None:
        """Which cells are not what the type says; None where none can be. Never null."""

    @abstractmethod
    def day(self, column: str) -> str:
        """The ordinal of a date."""

    @abstractmethod
    def civil_day(self, column: str, zone: str) -> str:
        """The ordinal of the day of an instant in a zone."""

    @abstractmethod
    def instant(self, column: str) -> str:
        """The microseconds since 1970 began in UTC."""

    @abstractmethod
    def units(self, column: str, scale: int) -> str:
        """A decimal in units of its last decimal."""

    @abstractmethod
    def members(self, column: str) -> str:
        """The members of a set that is text joined by `|`, each once, by code point, between separators but not around them."""

    def set_of(self, column: str) -> str:
        """A set as one text, see `Engine.with_sets`."""
        edge = self.separator
        return f"CASE WHEN {column} IS NOT NULL THEN {edge} || COALESCE({self.members(column)}, '') || {edge} END"

    # ------------------------------------------------------------------------------------------------------------- showing

    @abstractmethod
    def date_of(self, column: str) -> str:
        """The date of an ordinal."""

    def list_of(self, column: str) -> str:
        """A set as text joined by `|`."""
        return f"REPLACE(TRIM({column}, {self.separator}), {self.separator}, '|')"

    @abstractmethod
    def unfolded(self, column: str) -> tuple[str, str]:
        """Each member of a set, none of which is empty, in a row of its own: what to select, and what to join for it."""

    # --------------------------------------------------------------------------------------------------------------- trees

    def quotient(self, number: exp.Expr, by: exp.Expr) -> exp.Expr:
        """A whole number over another, neither below 0, rounded down."""
        return exp.Anonymous(this="DIV", expressions=[number, by])

    def has_text(self, text: exp.Expr, part: exp.Expr) -> exp.Expr:
        """Whether a text is in another."""
        found = exp.Anonymous(this="STRPOS", expressions=[text, part])
        return exp.Paren(this=exp.GT(this=found, expression=exp.Literal.number(0)))

    @staticmethod
    def days_since(difference: str) -> str:
        """An ordinal, from how many days it is since 1970 began."""
        return f"{difference} + {EPOCH}"
