"""The first line of a CSV file: which column is which."""

from collections.abc import Mapping
from typing import TypeVar

from relcare._fields import check_identifier
from relcare.errors import InvalidValueError, Problem, nearest
from relcare.formats._findings import Findings, judgement, shown
from relcare.formats._table import Table

__all__ = ["columns_at"]

T = TypeVar("T")


def columns_at(table: Table[T], header: list[str], findings: Findings) -> Mapping[str, int] | None:
    """The index of every column, those that the file does not have behind the others.

    A column whose name is one slip away from one that must be there is taken for it, so that its rows can be judged.

    Returns:
        None where a column that must be there is missing, or stands there twice: the rows then cannot be judged.
    """
    judged = _Header(table, header, findings)
    at = judged.indexes()
    behind = len(header)
    for column in table.sheet.columns:
        if column not in at:
            at[column] = behind
            behind += 1
    return at if judged.is_usable else None


class _Header:
    def __init__(self, table: Table[T], header: list[str], findings: Findings) -> None:
        self._sheet = sheet = table.sheet
        self._header = header
        self._file = table.file
        self._line = table.header_line
        self._place = table.place
        self._findings = findings
        self._missing = [column for column in sheet.stand_ins if column not in header]
        self.is_usable = True

    def indexes(self) -> dict[str, int]:
        at: dict[str, int] = {}
        for index, name in enumerate(self._header):
            column = self._known(index, name)
            if column is None:
                continue
            if column in at:
                self._add(index, column, f"the column is there twice, first as number {at[column] + 1}", "keep one of the two")
                self.is_usable = self.is_usable and column not in self._sheet.stand_ins
            else:
                at[column] = index
        for column in self._missing:
            self.is_usable = False
            self._add(None, column, "the column is missing", self._way_out(column))
        return at

    def _known(self, index: int, name: str) -> str | None:
        """The column that is meant; None where there is no such column, or the name cannot be one."""
        if name in self._sheet.columns:
            return name
        if self._sheet.is_open:
            return self._attribute(index, name)
        choices = [column for column in self._sheet.columns if column not in self._header]
        near = nearest(name, choices)
        self._add(
            index, name, f"{self._sheet.name} has no such column", f"did you mean {near!r}?" if near else self._all_columns()
        )
        if near in self._missing:
            self._missing.remove(near)
            return near
        return None

    def _attribute(self, index: int, name: str) -> str | None:
        try:
            check_identifier(name, name)
        except InvalidValueError as fault:
            message = judgement(fault, name) if name else "a column without a name"
            self._add(index, name, message, fault.hint if name else "take its comma away, in the rows too")
            return None
        return name

    def _way_out(self, column: str) -> str | None:
        hint = self._sheet.hints.get(column)
        if len(self._header) == 1 and any(mark in self._header[0] for mark in ";\t|"):
            hint = "cells are separated by commas"
        if hint is None and self._sheet.is_open:
            # Any name is allowed here, so that a slip makes an attribute: the nearest one was most likely meant.
            near = nearest(column, (name for name in self._header if name not in self._sheet.columns))
            hint = f"is it {shown(near)}?" if near else None
        return hint

    def _all_columns(self) -> str:
        return f"its columns are {', '.join(self._sheet.columns)}"

    def _add(self, index: int | None, path: str, message: str, hint: str | None) -> None:
        line, column = (self._line, None) if index is None else self._place(self._line, index)
        shown_path = path if path.isprintable() and len(path) <= 60 else shown(path)
        self._findings.add(Problem(file=self._file, line=line, column=column, path=shown_path, message=message, hint=hint))
