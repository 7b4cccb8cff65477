"""Cells for spreadsheets that stay text: nothing that a client is called starts a formula."""

from typing import Final

__all__ = ["inert_cell", "original_cell"]

# What spreadsheets take for the start of a formula, full-width forms among them, and what makes them look behind it.
_STARTS: Final = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
_MARK: Final = "'"


def inert_cell(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula: one that could be is written behind an apostrophe.

    Blanks before the first sign do not hide it. A text that starts with an apostrophe gets another, so that what was written can
    be told from what was added: `original_cell` gives every text back. It is for pages to be read in a spreadsheet; files
    to be read again, such as `relcare.formats.write_book` makes them, hold values as they are.

    Examples:
        >>> inert_cell("=cmd|'/c calc'!A1"), inert_cell("Kim & Co"), inert_cell("-5")
        ("'=cmd|'/c calc'!A1", 'Kim & Co', "'-5")

    Source: ACC-1.
    """
    bare = text.lstrip(" \u00a0\u3000\ufeff")
    return _MARK + text if text.startswith(_MARK) or (bare and bare[0] in _STARTS) else text


def original_cell(cell: str) -> str:
    """The text that `inert_cell` made a cell of."""
    return cell.removeprefix(_MARK)
