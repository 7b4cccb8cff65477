"""Files that leave the house: tables and calendars in which no value of a client is anything but text."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare.access import inert_cell

__all__ = ["EXPORT_FORMS", "Export", "ExportForm", "TableForm", "with_statement", "written"]

TableForm: TypeAlias = Literal["csv", "xlsx", "html"]
ExportForm: TypeAlias = Literal["csv", "xlsx", "html", "ics"]
EXPORT_FORMS: Final[tuple[ExportForm, ...]] = get_args(ExportForm)

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
}
# The first moment that a zip can hold: the same export is the same bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MOST_IN_CELL: Final = 32_767
_CUT: Final = " [cut]"
_LINE: Final = 75

Row: TypeAlias = Sequence[str]


@attrs.frozen(kw_only=True)
class Export:
    """A file to be handed out.

    Attributes:
        form: `csv`, `xlsx`, `html` or `ics`.
        media_type: As the web calls it.
        content: The file. Not shown by `repr`.
        count: How many records are in it.
        statement: Who exported what, what for and why, as it stands in the file; pairs of a word and a text.
    """

    form: ExportForm
    media_type: str
    content: bytes = attrs.field(repr=False)
    count: int
    statement: tuple[tuple[str, str], ...]


def written(form: TableForm, columns: Row, rows: Iterable[Row], statement: tuple[tuple[str, str], ...]) -> Export:
    """A table as a file, with the statement before it, or on a sheet of its own.

    Every cell is text that no spreadsheet takes for a formula, pasted from a page or opened from a file; `original_cell` gives
    back what was there.

    Args:
        form: Of the file.
        columns: The names of the columns.
        rows: The cells, as many as there are columns.
        statement: Who, what, what for and why.
    """
    table = [tuple(columns), *(tuple(map(inert_cell, row)) for row in rows)]
    about = [tuple(map(inert_cell, pair)) for pair in statement]
    content = {"csv": _csv, "xlsx": _xlsx, "html": _html}[form](about, table)
    return Export(form=form, media_type=_TYPES[form], content=content, count=len(table) - 1, statement=statement)


def with_statement(calendar: str, statement: tuple[tuple[str, str], ...], count: int) -> Export:
    """A calendar as a file that says who exported it, what for and why.

    Args:
        calendar: As `write_icalendar` made it.
        statement: Who, what, what for and why.
        count: How many events are in it.
    """
    text = "; ".join(f"{word}: {said}" for word, said in statement)
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r", "").replace("\n", "\\n")
    lines = calendar.split("\r\n")
    place = next(index for index, line in enumerate(lines) if line.startswith("VERSION"))
    content = "\r\n".join([*lines[: place + 1], *_folded(f"X-WR-CALDESC:{plain}"), *lines[place + 1 :]]).encode()
    return Export(form="ics", media_type=_TYPES["ics"], content=content, count=count, statement=statement)


def _folded(line: str) -> Iterable[str]:
    """A line of a calendar in pieces of at most 75 octets; no character is cut."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece


def _csv(about: Sequence[Row], table: Sequence[Row]) -> bytes:
    stream = io.StringIO()
    # Without a byte order mark spreadsheets read UTF-8 as something else.
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([*about, (), *table])
    return stream.getvalue().encode()


def _html(about: Sequence[Row], table: Sequence[Row]) -> bytes:
    said = "".join(f"<dt>{escape(word)}</dt><dd>{escape(text)}</dd>" for word, text in about)
    head, *body = ("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) for tag, row in _tagged(table))
    rows = "".join(f"<tr>{row}</tr>\n" for row in body)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>Export</title></head>\n'
        f"<body><dl>{said}</dl>\n<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></body></html>\n"
    ).encode()


def _tagged(table: Sequence[Row]) -> Iterable[tuple[str, Row]]:
    return (("th" if index == 0 else "td", row) for index, row in enumerate(table))


def _xlsx(about: Sequence[Row], table: Sequence[Row]) -> bytes:
    stream = io.BytesIO()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{kind}.{what}+xml"/>'
        for part, what in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("worksheets/sheet2", "worksheet"))
    )
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(("clients", "about"), 1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{office}/worksheet" Target="worksheets/sheet{number}.xml"/>' for number in (1, 2)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
        "xl/worksheets/sheet1.xml": _sheet(main, table),
        "xl/worksheets/sheet2.xml": _sheet(main, about),
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), head + text)
    return stream.getvalue()


def _sheet(main: str, rows: Sequence[Row]) -> str:
    data = "".join(f"<row>{''.join(map(_inline, row))}</row>" for row in rows)
    return f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>'


def _inline(cell: str) -> str:
    """A cell that holds text, whatever stands in it; one that is longer than a cell may be says that it was cut."""
    text = cell if len(cell) <= _MOST_IN_CELL else cell[: _MOST_IN_CELL - len(_CUT)] + _CUT
    # What looks like an escape of the format is escaped, so that it comes back as it was.
    plain = escape("".join(map(_xml_char, text.replace("_x", "_x005F_x"))), quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{plain}</t></is></c>'


def _xml_char(letter: str) -> str:
    """A character as XML can hold it: what it cannot is escaped as spreadsheets do it."""
    is_plain = letter in "\t\n" or (letter >= " " and not "\ud800" <= letter <= "\udfff" and letter not in "\ufffe\uffff")
    return letter if is_plain else f"_x{ord(letter):04X}_"
