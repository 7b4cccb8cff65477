"""A table whose rows carry their reasons below them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import attrs
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from relcare._fields import to_tuple
from relcare.report._text import plain

__all__ = ["Column", "Listing", "Row"]

_GAP = "  "
_INDENT = "    "


@attrs.frozen
class Column:
    """One column.

    Attributes:
        title: Its head.
        width: In cells; 0 for the one column that takes what is left.
        justify: Numbers stand to the right.
    """

    title: str
    width: int = 0
    justify: Literal["left", "right"] = "left"


@attrs.frozen
class Row:
    """One row.

    Attributes:
        cells: A text for each column.
        because: Why, in words; empty for none.
    """

    cells: tuple[str, ...]
    because: str = ""


def _to_rows(values: Iterable[Row]) -> tuple[Row, ...]:
    return to_tuple(values)


def _to_columns(values: Iterable[Column]) -> tuple[Column, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Listing:
    """A table with a title, rows that may carry a reason below them, and a line for what was left out.

    Attributes:
        title: The first line.
        columns: From left to right.
        lead: Paragraphs below the title, a line each; empty for none.
        rows: From top to bottom.
        empty: What stands there when there are no rows.
        note: The last line; empty for none.
    """

    title: str
    columns: tuple[Column, ...] = attrs.field(default=(), converter=_to_columns)
    lead: str = ""
    rows: tuple[Row, ...] = attrs.field(default=(), converter=_to_rows)
    empty: str = ""
    note: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(plain(self.title), style="bold")
        if self.lead:
            for paragraph in self.lead.splitlines():
                yield from _wrapped(paragraph, console, options, _GAP)
        if self.rows:
            widths = self._widths(options.max_width)
            yield self._line([column.title for column in self.columns], widths, style="dim")
            for row in self.rows:
                yield self._line(row.cells, widths)
                if row.because:
                    yield from _wrapped(row.because, console, options, _INDENT, style="dim")
        for line in (self.note,) if self.rows else (self.empty, self.note):
            if line:
                yield from _wrapped(line, console, options, _GAP, style="italic")

    def _widths(self, available: int) -> list[int]:
        fixed = sum(column.width for column in self.columns) + len(_GAP) * len(self.columns)
        return [column.width or max(8, available - fixed) for column in self.columns]

    def _line(self, cells: Sequence[str], widths: Sequence[int], style: str = "") -> Text:
        line = Text(style=style, no_wrap=True, overflow="ellipsis")
        for text in self._fitted(cells, widths):
            line.append_text(text)
        line.rstrip()
        return line

    def _fitted(self, cells: Sequence[str], widths: Sequence[int]) -> Iterator[Text]:
        """Each cell cut or filled up to its width in cells, so that wide characters line up."""
        for column, cell, width in zip(self.columns, cells, widths, strict=True):
            text = Text(plain(cell))
            text.truncate(width, overflow="ellipsis")
            space = width - text.cell_len
            if column.justify == "right":
                text.pad_left(space)
            else:
                text.pad_right(space)
            yield Text(_GAP)
            yield text


def _wrapped(text: str, console: Console, options: ConsoleOptions, indent: str, style: str = "") -> Iterator[Text]:
    """The text in lines of what width there is, each behind the indent and without blanks at its end."""
    for line in Text(plain(text), style=style).wrap(console, max(8, options.max_width - len(indent))):
        line.rstrip()
        yield Text(indent).append_text(line)
