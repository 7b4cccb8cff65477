"""A table whose rows carry their reasons below them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import attrs
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
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
        width = options.max_width
        yield Text(plain(self.title), style="bold")
        if self.lead:
            for paragraph in self.lead.splitlines():
                yield from _wrapped(paragraph, console, width, _GAP)
        if self.rows:
            widths = self._widths(width)
            yield from _told(self._line([column.title for column in self.columns], widths, width), console, style="dim")
            for row in self.rows:
                yield from _told(self._line(row.cells, widths, width), console)
                if row.because:
                    yield from _wrapped(row.because, console, width, _INDENT, style="dim")
        for line in (self.note,) if self.rows else (self.empty, self.note):
            if line:
                yield from _wrapped(line, console, width, _GAP, style="italic")

    def _widths(self, available: int) -> list[int]:
        fixed = sum(column.width for column in self.columns) + len(_GAP) * len(self.columns)
        return [column.width or max(8, available - fixed) for column in self.columns]

    def _line(self, cells: Sequence[str], widths: Sequence[int], available: int) -> str:
        fitted = (_fitted(*one) for one in zip(self.columns, cells, widths, strict=True))
        return _cut("".join(fitted).rstrip(), available)


def _fitted(column: Column, cell: str, width: int) -> str:
    """A cell cut or filled up to its width in cells, so that wide characters line up."""
    text = _cut(plain(cell), width)
    space = " " * (width - cell_len(text))
    return f"{_GAP}{space}{text}" if column.justify == "right" else f"{_GAP}{text}{space}"


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"


def _told(text: str, console: Console, indent: str = "", style: str = "") -> Iterator[Segment]:
    """A line that fits as it is: in segments, because `Text` would measure and break it once more, at length."""
    yield Segment(indent)
    yield Segment(text, console.get_style(style)) if style else Segment(text)
    yield Segment.line()


def _wrapped(text: str, console: Console, available: int, indent: str, style: str = "") -> Iterator[Segment]:
    """The text in lines of what width there is, each behind the indent and without blanks at its end."""
    for line in _lines(plain(text), console, max(8, available - len(indent))):
        yield from _told(line, console, indent, style)


def _lines(text: str, console: Console, width: int) -> Iterator[str]:
    """The text broken between words. ASCII in words that fit is broken here: `Text` takes long over many reasons."""
    words = text.split(" ")
    if not text.isascii() or "" in words or max(map(len, words)) > width:
        yield from (line.plain.rstrip() for line in Text(text).wrap(console, width))
        return
    line = words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}"
    yield line
