"""From columns to a book of objects, with the table, the column and the row of everything that is wrong."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from relcare._fields import check_identifier
from relcare.errors import BookDocumentError, InvalidValueError, Problem, nearest
from relcare.frames._book_cells import attribute_kind, cell_of, is_fit, moment_cell
from relcare.frames._book_columns import NOTHING, Apart, Column, made_at_once, twice_said
from relcare.frames._engine import Engine, Lazy
from relcare.frames._frames import Frames, opened
from relcare.frames._layout import ATTRIBUTES, INSTANT, LAYOUT, ZONE, ColumnKind, TableLayout, attribute_of_column
from relcare.frames._reader import HINTS, SHOWN
from relcare.model import Book, Money

__all__ = ["book_from_frames"]

_LIMIT: Final = 1_000
_PLACE: Final = re.compile(r"(\w+)\[([0-9]+)\]\.?(.*)")
_WANTED: Final[Mapping[ColumnKind, str]] = {"amount": "number", "moment": "day", "birthday": "text"}


def book_from_frames(frames: Frames) -> Book:
    """The book that columns hold: `frames_of` the other way round, and a way in for tables of a firm's own.

    Every column of clients that is no field is an attribute. Other tables may have columns that a book does not know; a column
    whose name is almost that of a missing one is refused.

    Args:
        frames: With all columns that a value cannot be without, such as the `name` of clients and the `id` of touchpoints.

    Raises:
        BookDocumentError: With everything that is wrong with the columns; if nothing is, with the rows that are wrong (`line`
            counts them from 1), the first 1,000 of them; if none is, with the first that does not go with the others.
        InvalidValueError: If a table is no frame.
    """
    given = opened(frames)
    zone = ZoneInfo(frames.zone)
    problems: list[Problem] = []
    sources: dict[str, _Source] = {}
    for table in LAYOUT:
        if table.name in given.tables:
            source = _Source(given.engine, table, given.tables[table.name], zone)
            source.prepare(frames.currency)
            problems += source.problems
            sources[table.name] = source
    if problems:
        raise BookDocumentError(problems)
    return _Reading(frames, sources).book()


class _Source:
    """One table, with what turns its rows into fields.

    Args:
        engine: Whose it is.
        table: Its layout.
        frame: Itself.
        zone: Of the book.
    """

    def __init__(self, engine: Engine, table: TableLayout, frame: Lazy, zone: ZoneInfo) -> None:
        self.engine: Engine = engine
        self.table: TableLayout = table
        self.frame: Lazy = frame
        self.zone: ZoneInfo = zone
        self.schema: dict[str, nw.dtypes.DType] = dict(frame.collect_schema())
        self.problems: list[Problem] = []
        self.taken: dict[str, Column] = {}
        self.attributes: dict[str, Column] = {}
        self._selected: list[str] = []

    def prepare(self, currency: str | None) -> None:
        """Find the columns, with a problem for each that is wrong."""
        needed = self.table.needed - ({"amount"} if self.table.name == "purchases" else frozenset())
        for column, kind in self.table.columns.items():
            if column in self.schema:
                self.take(column, kind)
            elif column in needed or (column == "currency" and currency is None) or column == "amount":
                self.problem(column, "is not there", self.hint(column))
        known = {*self.table.columns, *(f"{c}{end}" for c in self.table.columns for end in (INSTANT, ZONE))}
        absent = [column for column in self.table.columns if column not in self.schema]
        for column in self.schema:
            if column in known:
                continue
            if self.table.name == "clients":
                self.take_attribute(column)
            elif (near := nearest(column, absent)) is not None:
                self.problem(column, "is no column of this table", f"did you mean {near!r}?")

    def hint(self, column: str) -> str:
        if column == "currency":
            return "or name the one currency: Frames(currency='CNY', ...)"
        near = nearest(column, self.schema)
        return f"did you mean {near!r}?" if near else f"the columns are {', '.join(map(repr, self.schema))}"

    def problem(self, column: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(file=self.table.name, path=column, message=message, hint=hint))

    def take(self, column: str, kind: ColumnKind) -> None:
        dtype = self.schema[column]
        if isinstance(dtype, nw.Unknown):
            if column in self.table.needed:
                self.problem(column, "holds nothing but nulls")
            return
        if not is_fit(kind, dtype):
            wanted = _WANTED.get(kind, kind)
            self.problem(column, f"is of type {dtype}: must be {SHOWN[wanted]}", HINTS[wanted])
            return
        if kind != "moment":
            self.taken[column] = Column(cell_of(column, kind, dtype, self.zone), (self.index(column),))
            return
        day, instant, named = (
            self.index(column),
            self.beside(f"{column}{INSTANT}", "moment"),
            self.beside(f"{column}{ZONE}", "text"),
        )
        self.taken[column] = Column(
            moment_cell(column, dtype, self.zone), (day, instant, named), is_plain=isinstance(dtype, nw.Date)
        )

    def take_attribute(self, column: str) -> None:
        dtype, name = self.schema[column], attribute_of_column(column)
        if isinstance(dtype, nw.Unknown):
            return
        kind = attribute_kind(dtype)
        if kind is None:
            self.problem(column, f"is of type {dtype}: must be text, a number, a flag, a date or a list of text")
            return
        try:
            check_identifier("name", name, reserved=frozenset())
        except InvalidValueError as error:
            self.problem(column, f"names no attribute: it {error.rule}", error.hint)
            return
        self.attributes[name] = Column(cell_of(f"attributes.{name}", kind, dtype, self.zone), (self.index(column),))

    def beside(self, column: str, kind: ColumnKind) -> int | None:
        """A column beside a moment, where there is one; one of instants holds instants alone."""
        dtype = self.schema.get(column)
        if dtype is None or isinstance(dtype, nw.Unknown):
            return None
        if not is_fit(kind, dtype) or isinstance(dtype, nw.Date):
            self.problem(column, f"is of type {dtype}: must be {'text' if kind == 'text' else 'an instant with a zone'}")
            return None
        return self.index(column)

    def index(self, column: str) -> int:
        self._selected.append(column)
        return len(self._selected) - 1

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows in their order; instants as microseconds."""
        frame = self.frame.select(**{name: self.engine.column(name) for name in self._selected})
        words = [c for c in self._selected if isinstance(self.schema[c], (nw.Categorical, nw.Enum))]
        frame = frame.with_columns(nw.col(c).cast(nw.String()) for c in words) if words else frame
        instants = [c for c in self._selected if isinstance(self.schema[c], nw.Datetime)]
        return self.engine.rows(self.engine.with_instants(frame, instants))


class _Reading:
    """All tables, once their columns are right."""

    def __init__(self, frames: Frames, sources: Mapping[str, _Source]) -> None:
        self.frames = frames
        self.sources = sources
        self.problems: list[Problem] = []

    def book(self) -> Book:
        apart = self.attributes()
        fields = {table.field: self.values(table, apart) for table in LAYOUT if table is not ATTRIBUTES}
        if not self.problems:
            self.refuse_strangers(apart, {client.id for client in fields["clients"]})
        if self.problems:
            raise BookDocumentError(self.problems)
        try:
            return Book(**fields, zone=self.frames.zone, currency=self.frames.currency)
        except InvalidValueError as error:
            raise BookDocumentError([_placed(error)]) from None

    def refuse_strangers(self, apart: Mapping[str, Apart], known: set[str]) -> None:
        for client_id, said in apart.items():
            if client_id not in known:
                self.problem(ATTRIBUTES.name, said.row, "client_id", f"is {client_id!r}: there is no such client")

    def problem(self, table: str, row: int, column: str, message: str, hint: str | None = None) -> None:
        if len(self.problems) < _LIMIT:
            self.problems.append(Problem(file=table, line=row, path=column, message=message, hint=hint))

    def values(self, table: TableLayout, apart: Mapping[str, Apart]) -> list[Any]:
        source = self.sources.get(table.name)
        if source is None or table.made is None:
            return []
        rows = source.rows()
        if not rows:
            return []
        try:
            taken, attributes, currency = source.taken, source.attributes, self.frames.currency
            return list(made_at_once(table, taken, attributes, rows, currency=currency, apart=apart))
        except (InvalidValueError, BookDocumentError):
            return self.one_by_one(source, rows, apart)

    def one_by_one(self, source: _Source, rows: Sequence[Sequence[Any]], apart: Mapping[str, Apart]) -> list[Any]:
        """The values of rows some of which are wrong, with a problem for each of these."""
        table, needed = source.table, source.table.needed
        found: list[Any] = []
        for number, row in enumerate(rows, 1):
            try:
                if table.made is not None:
                    found.append(table.made(**self.fields(source, row, needed, apart)))
            except InvalidValueError as error:
                self.problem(table.name, number, error.name, f"is {error.value}: {error.rule}", error.hint)
                if len(self.problems) >= _LIMIT:
                    raise BookDocumentError(self.problems) from None
        return found

    def fields(self, source: _Source, row: Sequence[Any], needed: frozenset[str], apart: Mapping[str, Apart]) -> dict[str, Any]:
        fields: dict[str, Any] = {
            name: value for name, take in source.taken.items() if (value := take.of_row(row)) is not None or name in needed
        }
        if source.table.name == "purchases":
            currency = fields.pop("currency", None) or self.frames.currency or ""
            fields["amount"] = Money(fields["amount"], currency)
        if source.table.name == "clients":
            said = apart.get(str(fields.get("id")), NOTHING)
            own = {name: value for name, take in source.attributes.items() if (value := take.of_row(row)) is not None}
            if (wrong := twice_said(own, said)) is not None:
                raise wrong
            fields |= {"attributes": {**own, **said.attributes}, "attribute_changes": tuple(said.changes)}
        return fields

    def attributes(self) -> dict[str, Apart]:
        """What the table of attributes says of each client."""
        found: dict[str, Apart] = {}
        source = self.sources.get(ATTRIBUTES.name)
        for number, row in enumerate(source.rows() if source else (), 1):
            fields = {name: take.of_row(row) for name, take in source.taken.items()} if source else {}
            try:
                said = found.setdefault(str(fields["client_id"]), Apart(number))
                said.add(fields)
            except InvalidValueError as error:
                self.problem(ATTRIBUTES.name, number, error.name, f"is {error.value}: {error.rule}", error.hint)
        return found


def _placed(error: InvalidValueError) -> Problem:
    """What a book refused, at the row of its table."""
    names = {table.field: table.name for table in LAYOUT}
    match = _PLACE.fullmatch(error.name)
    message = f"is {error.value}: {error.rule}"
    if match is None or match[1] not in names:
        return Problem(file="book", path=error.name, message=message, hint=error.hint)
    return Problem(file=names[match[1]], line=int(match[2]) + 1, path=match[3], message=message, hint=error.hint)
