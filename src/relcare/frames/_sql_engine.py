"""Tables in a database that is told what to do in text.

Empty tables of the same columns, in a DuckDB of our own, stand for them: relations over these are text that has not run, and
nothing is ever asked of them but that text. What differs from database to database is written in its own words.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import narwhals.stable.v2 as nw

from relcare.errors import Problem, UnsupportedPolicyError, nearest
from relcare.frames._duckdb_engine import DuckdbEngine
from relcare.frames._engine import Cell, Lazy
from relcare.frames._sql_dialect import SqlDialect
from relcare.frames._sql_places import Places
from relcare.frames._sql_text import Texts
from relcare.frames._sql_types import SHOWN, ColumnType, SqlKind

__all__ = ["Run", "SqlEngine"]

Run: TypeAlias = Callable[[str], Iterable[Sequence[Any]]]
"""Runs a query and gives its rows."""

_SHADOWS: Final[Mapping[SqlKind, str]] = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "flag": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMP WITH TIME ZONE",
}
_DIGITS: Final = 38


class SqlEngine(DuckdbEngine):
    """One database; its own types say what is a number and what a day.

    Args:
        dialect: How it is spoken to.
        run: What answers questions.
        taken: The names of its tables.
        places: Of the policy.
        is_storing: Whether it may make temporary tables.

    Attributes:
        step: What is being worked out, see `Places.of_step`.
    """

    reads_text = False

    def __init__(self, dialect: SqlDialect, run: Run, taken: Iterable[str], places: Places, *, is_storing: bool) -> None:
        import duckdb

        self.dialect: SqlDialect = dialect
        self.texts: Texts = Texts(dialect, taken, self._heavy, lambda column: places.of_column(column) is not None)
        self.step: str = ""
        self.before: list[str] = []
        self.asked: list[str] = []
        self._run: Run = run
        self.places: Places = places
        self._is_storing = is_storing
        self._shadows = duckdb.connect(config={"threads": 1})
        self._tables: set[str] = set()

    def told(self, step: str) -> None:
        """Note what is worked out next."""
        self.step = step

    # -------------------------------------------------------------------------------------------------------------- asking

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        kinds, question = list(frame.collect_schema().values()), self.texts.statement(_query(frame))
        self._refuse_unsaid()
        return [tuple(_cell(kind, cell) for kind, cell in zip(kinds, row, strict=True)) for row in self._answer(question)]

    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        return [self.rows(frame)[0] for frame in frames]

    def taken_down(self, frame: Lazy) -> None:
        """Make the text of a frame, for what can be said of it."""
        self.texts.named(_query(frame))

    def _answer(self, question: str) -> Iterable[Sequence[Any]]:
        self.asked.append(question)
        return self._run(question)

    # ------------------------------------------------------------------------------------------------------------- reading

    def given(self, source: str, columns: Mapping[str, ColumnType]) -> Lazy:
        """A table of the database.

        Args:
            source: Its name, quoted.
            columns: Its columns.
        """
        quoted = {name: self.dialect.quoted(name) for name in columns}
        shown = ", ".join(
            f"{self.dialect.entry(quoted[name], kind)} AS {self.texts.column(name)}" for name, kind in columns.items()
        )
        flags = {name: kind.kind == "flag" for name, kind in columns.items()}
        shadow = {name: _shadow(kind) for name, kind in columns.items()}
        return self._table(self.texts.part(f"SELECT {shown} FROM {source}", flags), shadow)

    def check(self, name: str, source: Sequence[str], columns: Mapping[str, ColumnType]) -> Iterable[Problem]:
        """Cells of a table that are not what the type of their column says, and columns that would be taken for text.

        Args:
            name: Of the table, as messages call it.
            source: Its name, in parts.
            columns: Its columns.
        """
        strange = {column: self.dialect.strange(self.dialect.quoted(column), kind) for column, kind in columns.items()}
        asked = {column: rule for column, rule in strange.items() if rule is not None}
        if not asked:
            return
        sums = [f"COALESCE(SUM(CASE WHEN {rule} THEN 1 ELSE 0 END), 0)" for rule in asked.values()]
        there = {column: found for column in columns if (found := self.dialect.is_there(source, column)) is not None}
        quoted = ".".join(map(self.dialect.quoted, source))
        (counts,) = self._answer(f"SELECT {', '.join([*sums, *there.values()])} FROM {quoted}")
        absent = [column for column, count in zip(there, counts[len(asked) :], strict=True) if not int(count)]
        for column, count in zip(asked, counts, strict=False):
            if column in absent:
                yield Problem(file=name, path=column, message="is not there", hint=self._nearest(source, column))
            elif int(count):
                message = f"has cells that are not exactly {SHOWN[columns[column].kind]}, as it was said to have"
                yield Problem(
                    file=name, path=column, message=f"{message} ({int(count)})", hint="name its own type, or cast it in a view"
                )

    def _nearest(self, source: Sequence[str], column: str) -> str:
        names = [str(name) for (name,) in self._answer(self.dialect.names_of(source))]
        near = nearest(column, names)
        return f"did you mean {near!r}?" if near else f"the columns are {', '.join(map(repr, names))}"

    def settled(self, frame: Lazy) -> Lazy:
        part = self.texts.named(_query(frame))
        self._refuse_unsaid()
        if self._is_storing and not self.texts.is_stored(part):
            self._store(part)
        return self._table(part, _types(frame))

    def _heavy(self, part: str) -> None:
        if self._is_storing:
            self._store(part)
        elif self.dialect.is_heavy:
            message = f"asks so much that one statement of it takes {self.dialect.name} very long to read"
            path = self.places.of_step(self.step)
            raise UnsupportedPolicyError(
                [Problem(file="<policy>", path=path, message=message, hint="set temporary=True, or use `only`")]
            )

    def _refuse_unsaid(self) -> None:
        """Refuse what could not be said before anybody reads it."""
        if self.texts.unsaid is not None:
            raise UnsupportedPolicyError(
                self.places.refusals(self.texts.spoilt, (self.step, self.texts.unsaid), self.dialect.name)
            )

    def _store(self, part: str) -> None:
        for statement in self.dialect.stored(self.dialect.quoted(part), self.texts.stored(part)):
            self.before.append(statement)
            self._run(statement)

    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        schema = frame.collect_schema()

        def said(column: str) -> str:
            quoted = self.texts.column(column)
            return self.dialect.day(quoted) if schema[column] == nw.Date else self.dialect.civil_day(quoted, zone)

        return self._with(frame, {new: said(column) for new, column in days.items()}, "BIGINT")

    def with_instants(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        return self._with(frame, {c: self.dialect.instant(self.texts.column(c)) for c in columns}, "BIGINT")

    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        found = {new: self.dialect.units(self.texts.column(column), scale) for new, (column, scale) in units.items()}
        return self._with(frame, found, "HUGEINT")

    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        return self._with(frame, {new: self.dialect.set_of(self.texts.column(c)) for new, c in sets.items()}, "VARCHAR")

    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        return self._with(frame, {c: self.dialect.list_of(self.texts.column(c)) for c in columns}, "VARCHAR")

    def with_members(self, frame: Lazy, column: str) -> Lazy:
        member, joined = self.dialect.unfolded(self.texts.column(column))
        return self._with(frame, {column: member}, "VARCHAR", joined)

    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        return self._with(frame, {c: self.dialect.date_of(self.texts.column(c)) for c in columns}, "DATE")

    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:  # noqa: ARG002
        cells = {name: (kind == nw.String, values) for name, (kind, values) in columns.items()}
        text, is_nameless = self.dialect.rows({self.texts.name_of(name): found for name, found in cells.items()})
        part = self.texts.part(text, dict.fromkeys(columns, False), columns=tuple(columns) if is_nameless else ())
        return self._table(part, {name: "VARCHAR" if is_text else "BIGINT" for name, (is_text, _) in cells.items()})

    # ------------------------------------------------------------------------------------------------------------- showing

    def shown(self, native: object) -> str:
        """The statement of a frame that was decided, its columns under the names that it gives them.

        Raises:
            UnsupportedPolicyError: If the database would cut a name.
        """
        frame = self.opened(native)
        part = self.texts.named(_query(frame))
        self._refuse_unsaid()
        names = list(frame.collect_schema())
        most = self.dialect.longest_name
        long = [name for name in names if most is not None and len(name.encode()) > most]
        if long:
            raise UnsupportedPolicyError(
                Problem(
                    file="<policy>",
                    path=self.places.of_name(name) or name,
                    message=f"{name!r} is a longer name of a column than the {most} bytes that count there",
                    hint="rename it",
                )
                for name in long
            )
        shown = ", ".join(f"{self.texts.column(name)} AS {self.dialect.quoted(self.dialect.public(name))}" for name in names)
        return self.texts.with_parts(f"SELECT {shown}\nFROM {self.dialect.quoted(part)}", [part])

    # ------------------------------------------------------------------------------------------------------------- shadows

    def _with(self, frame: Lazy, found: Mapping[str, str], kind: str, joined: str = "") -> Lazy:
        """The frame with more columns, or with others of the same name, in the words of the database."""
        if not found:
            return frame
        source, types = self.texts.named(_query(frame)), _types(frame)
        kept = {name: self.texts.column(name) for name in types}
        shown = ", ".join(f"{text} AS {self.texts.column(name)}" for name, text in {**kept, **found}.items())
        types |= dict.fromkeys(found, kind)
        flags = {name: one == "BOOLEAN" for name, one in types.items()}
        text = f"SELECT {shown} FROM {self.dialect.quoted(source)}{joined}"
        return self._table(self.texts.part(text, flags, [source]), types)

    def _table(self, part: str, types: Mapping[str, str]) -> Lazy:
        """The empty table that stands for a part."""
        if part not in self._tables:
            columns = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" {kind}' for name, kind in types.items())
            self._shadows.execute(f"CREATE TABLE {part} ({columns})")
            self._tables.add(part)
        return nw.from_native(self._shadows.table(part))


def _query(frame: Lazy) -> str:
    return str(frame.to_native().sql_query())


def _types(frame: Lazy) -> dict[str, str]:
    native = frame.to_native()
    return {name: str(kind) for name, kind in zip(native.columns, native.types, strict=True)}


def _shadow(kind: ColumnType) -> str:
    return f"DECIMAL({_DIGITS}, {kind.scale})" if kind.kind == "decimal" else _SHADOWS[kind.kind]


def _cell(kind: nw.dtypes.DType, cell: Any) -> Any:  # noqa: ANN401 - as databases give it
    """A cell as Python has it: databases have no booleans, or decimals where whole numbers are added up."""
    if cell is None or kind == nw.String:
        return cell
    return bool(cell) if kind == nw.Boolean else int(cell)
