"""Reading one CSV file from top to bottom, as fast as its values can be made."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from relcare.errors import InvalidValueError, Problem
from relcare.formats._findings import Findings, judgement
from relcare.formats._header import columns_at
from relcare.formats._sheets import Sheet
from relcare.formats._table import Table, last_cell_place, read_lines

__all__ = ["Build", "Progress", "read_table"]

_STEP: Final = 5_000

T = TypeVar("T")
Build = Callable[[list[str]], T]
"""From the cells of a row to a value; it raises `InvalidValueError` with the name of the field."""


class Progress(Protocol):
    """Told how far the reading is: the name of the file, lines done, lines in all."""

    def __call__(self, file: str, done: int, total: int, /) -> object:
        """Take note; called at the start of a file, every 5,000 lines or so, and at its end."""
        ...


def read_table(
    sheet: Sheet,
    folder: Path,
    make: Callable[[Mapping[str, int]], Build[T]],
    findings: Findings,
    progress: Progress | None,
) -> Table[T]:
    """The values in a file; none where there is no such file.

    Args:
        sheet: Which file.
        folder: Where it is.
        make: Gives, for the index of every column, what turns the cells of a row into a value.
        findings: Takes what is wrong.
        progress: Told how far it is.
    """
    path = folder / sheet.name
    before = len(findings.problems)
    lines = read_lines(path, findings)
    table = Table[T](sheet=sheet, file=str(path), is_whole=len(findings.problems) == before)
    if lines is None:
        return table
    table.lines = lines
    reader = _Reader(table, findings, progress)
    header = reader.header()
    at = None if header is None else columns_at(table, header, findings)
    if header is None or at is None:
        table.is_whole = False
        return table
    table.at, table.width = at, len(header)
    reader.read(make(at), [""] * (max(at.values(), default=-1) + 1 - table.width))
    return table


class _Reader(Generic[T]):
    """Reads one file from top to bottom."""

    def __init__(self, table: Table[T], findings: Findings, progress: Progress | None) -> None:
        self._table = table
        self._findings = findings
        self._progress = progress
        self._rows = csv.reader(table.lines, strict=True)
        self._end = 0

    def header(self) -> list[str] | None:
        """The first line that is not blank; None, with a finding, where it is none."""
        try:
            for row in self._rows:
                self._table.header_line, self._end = self._end + 1, self._rows.line_num
                if any(cell.strip() for cell in row):
                    return row
        except csv.Error as fault:
            self._broken(fault, self._end + 1, self._rows.line_num)
        else:
            wanted = ",".join(self._table.sheet.columns)
            self._findings.add(Problem(file=self._table.file, line=1, message="the header is missing", hint=f"write {wanted}"))
        return None

    def read(self, build: Build[T], absent: list[str]) -> None:
        """Everything behind the header.

        Args:
            build: From cells to a value.
            absent: An empty cell for each column that the file does not have.
        """
        table, rows, width = self._table, self._rows, self._table.width
        items, starts, total = table.items, table.starts, len(table.lines)
        end, is_done = self._end, False
        told = self._tell(end, total)
        while not is_done:
            try:
                for row in rows:
                    start, end = end + 1, rows.line_num
                    if len(row) == width:
                        row.extend(absent)
                        try:
                            items.append(build(row))
                        except InvalidValueError as fault:
                            self._wrong(row, build, fault, start)
                        else:
                            starts.append(start)
                    elif any(cell.strip() for cell in row):
                        self._wrong_width(row, start)
                    if end >= told:
                        told = self._tell(end, total)
                is_done = True
            except csv.Error as fault:
                start, end = end + 1, rows.line_num
                self._guess_id(start, end)
                is_done = not self._broken(fault, start, end)
        self._tell(total, total)

    def _tell(self, done: int, total: int) -> int:
        if self._progress is not None:
            self._progress(self._table.sheet.name, done, total)
        return done + _STEP

    def _wrong(self, row: list[str], build: Build[T], fault: InvalidValueError, start: int) -> None:
        """Find every wrong cell of a row: a right value takes the place of each one found, until the row can be built."""
        if not any(cell.strip() for cell in row):
            return  # spreadsheets leave such rows below the last one
        table, sheet = self._table, self._table.sheet
        self._keep_id(row, start)
        client_id = "" if sheet.is_open or "client_id" not in table.at else row[table.at["client_id"]]
        problems: dict[str, Problem] = {}
        found: InvalidValueError | None = fault
        while found is not None and (column := sheet.column_of(found.name)) not in problems:
            index = table.at.get(column)
            cell = "" if index is None else row[index]
            if cell:
                message, hint = judgement(found, cell), found.hint
            else:
                message, hint = "must not be empty" if column in sheet.stand_ins else found.rule, sheet.hints.get(column)
            problems[column] = table.problem(start, column, message, hint)
            if index is None:
                break
            row[index] = sheet.stand_ins.get(column, "")
            try:
                build(row)
            except InvalidValueError as next_fault:
                found = next_fault
            else:
                found = None
        if client_id and "client_id" not in problems:
            table.wrong_rows.append((start, client_id))
        for problem in sorted(problems.values(), key=lambda p: (p.line or 0, p.column or 0, p.path)):
            self._findings.add(problem)

    def _wrong_width(self, row: list[str], start: int) -> None:
        table = self._table
        self._keep_id(row, start)
        line, column = table.place(start, table.width)
        message = f"the row has {len(row):,} {'cell' if len(row) == 1 else 'cells'}, and the header {table.width:,}"
        hint = "put a cell that holds a comma in double quotes" if column else "an empty cell needs its comma too"
        self._findings.add(Problem(file=table.file, line=line, column=column, message=message, hint=hint))

    def _keep_id(self, row: list[str], start: int) -> None:
        """Remember the id of a wrong row: who refers to it makes no second mistake, and who repeats it makes one."""
        column = self._table.sheet.id_column
        if column is not None and self._table.at[column] < len(row):
            own = row[self._table.at[column]]
            self._table.wrong_ids.add(own)
            self._table.wrong_starts.append((start, own))

    def _guess_id(self, start: int, end: int) -> None:
        """The id of a row whose quotes are wrong, or nothing is certain any more where the row takes in several lines."""
        if start == end and len(line := self._table.lines[start - 1]) < csv.field_size_limit():
            self._keep_id(next(csv.reader([line])), start)
        else:
            self._table.is_whole = False

    def _broken(self, fault: csv.Error, start: int, end: int) -> bool:
        """Tell what is wrong with the quotes of a row, and whether to go on behind it."""
        table, told = self._table, str(fault)
        goes_on = True
        line: int = start
        column: int | None = None
        if "unexpected end" in told:
            line, column = last_cell_place(table.lines, start)
            message = "the quote is never closed, and takes in the rest of the file"
            hint = "close it, or write it twice inside a cell"
        elif "field limit" in told:
            # Where the cell takes in many lines, what follows is the inside of it.
            goes_on = start == end
            message, hint = f"a cell has more than {csv.field_size_limit():,} characters", "look for a quote that is not closed"
        elif "new-line" in told:  # pragma: no cover - lines never hold a line end in the middle
            message, hint = "a line end stands in a cell without quotes", "put the cell in double quotes"
        else:
            message, hint = "a cell goes on behind its closing quote", "a quote inside a cell is written twice"
        self._findings.add(Problem(file=table.file, line=line, column=column, message=message, hint=hint))
        return goes_on
