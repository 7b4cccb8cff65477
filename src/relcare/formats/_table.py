"""What one CSV file holds: its lines, its columns, its values, and where each of them stands."""

import io
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

import attrs

from relcare.codec._text import decode_text
from relcare.errors import BookDocumentError, Problem
from relcare.formats._findings import Findings, reason
from relcare.formats._sheets import Sheet

__all__ = ["Lines", "Table", "last_cell_place", "read_lines"]

T = TypeVar("T")

Lines = list[str]
"""The physical lines of a file with their ends, from its first to its last."""


def read_lines(path: Path, findings: Findings) -> Lines | None:
    """The lines of a file; None where there is no such file, or with a finding where it cannot be read."""
    try:
        raw = path.read_bytes() if path.is_file() else None
    except (OSError, ValueError) as fault:
        findings.add(Problem(file=str(path), message=f"cannot be read: {reason(fault)}"))
        return None
    if raw is None:
        return None
    try:
        text = decode_text(raw, str(path), error=BookDocumentError)
    except BookDocumentError as fault:
        for problem in fault.problems:
            findings.add(problem)
        return None
    # Not `splitlines`: it also breaks at characters that are ordinary ones inside a cell.
    return io.StringIO(text, newline="").readlines()


def _cell_places(lines: Lines, line: int) -> Iterator[tuple[int, int]]:
    """Where each cell of the row that starts in a line stands, in order; behind an open quote there is nothing more."""
    text, at = lines[line - 1], 0
    while True:
        yield line, at + 1
        if text.startswith('"', at):
            at += 1
            while (close := text.find('"', at)) < 0 or text.startswith('"', close + 1):
                if close >= 0:
                    at = close + 2
                elif line == len(lines):
                    return
                else:
                    text, at, line = lines[line], 0, line + 1
            at = close + 1
        comma = text.find(",", at)
        if comma < 0:
            return
        at = comma + 1


def last_cell_place(lines: Lines, line: int) -> tuple[int, int]:
    """Where the last cell of the row that starts in a line stands."""
    *_, place = _cell_places(lines, line)
    return place


@attrs.define(kw_only=True, eq=False)
class Table(Generic[T]):
    """What was read from one file.

    Attributes:
        sheet: Which file of the folder.
        file: Its path, as problems name it.
        lines: All its lines.
        at: The index of each column in the cells of a row; columns that the file does not have come last.
        width: How many columns the file has.
        header_line: The line in which the header starts.
        items: The values of the rows that are right.
        starts: The line in which each of them starts.
        wrong_ids: The ids of rows that are wrong elsewhere: a reference to one is not a second mistake.
        wrong_starts: The line of each of these rows, with the id.
        wrong_rows: The line and the client of each of these rows, where its client is not what is wrong.
        is_whole: Whether every row was read, so that an id that is not here is nowhere.
    """

    sheet: Sheet
    file: str
    lines: Lines = attrs.field(factory=list[str])
    at: Mapping[str, int] = attrs.field(factory=dict[str, int])
    width: int = 0
    header_line: int = 1
    items: list[T] = attrs.field(factory=list[T])
    starts: list[int] = attrs.field(factory=list[int])
    wrong_ids: set[str] = attrs.field(factory=set[str])
    wrong_starts: list[tuple[int, str]] = attrs.field(factory=list[tuple[int, str]])
    wrong_rows: list[tuple[int, str]] = attrs.field(factory=list[tuple[int, str]])
    is_whole: bool = True

    def place(self, line: int, index: int) -> tuple[int, int | None]:
        """Line and column of a cell, by its index in the row that starts in a line; no column where there is no such cell."""
        return next(islice(_cell_places(self.lines, line), index, None), (line, None))

    def problem(self, line: int, column: str, message: str, hint: str | None = None) -> Problem:
        """A problem with the cell of a column, in the row that starts in a line."""
        index = self.at.get(column, self.width)
        # What is said about a column that the file does not have is said about the row.
        found_line, found_column = self.place(line, index) if index < self.width else (line, None)
        return Problem(file=self.file, line=found_line, column=found_column, path=column, message=message, hint=hint)
