"""What leaves the house is inert, and names of fields come from a list (rows B15 and B16).

Source: ACC-1
"""

import csv
import io
import json
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Final
from xml.etree import ElementTree as ET

from sqlalchemy import create_engine, event
from tests.soak.promise import Length, Outcome, Promise

from relcare.access import FIELDS, OPEN_KINDS, AccessRequest, FieldClass, original_cell
from relcare.cli._output import indented
from relcare.cli._shapes import Json
from relcare.desk._exports import written
from relcare.errors import InvalidValueError
from relcare.formats import read_icalendar, write_icalendar
from relcare.model import Appointment, Book, Client
from relcare.storage import LogEntry, Record
from relcare.storage.sql import SqlStore
from relcare.testing import NASTY_IDS, NASTY_NAMES, NASTY_TEXTS

DAY: Final = date(2026, 4, 2)
NOON: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
_SHOWN: Final = 5
_EVIL: Final = (
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\uff1d1",
    "\ufeff=1",
    " =1",
    "'=1",
    '=HYPERLINK("http://x")',
    'a","b\n=1',
    '"',
    "Hi\r\nATTENDEE:mailto:x",
    "Hi\rATTENDEE:mailto:x",
    "x\nEND:VEVENT\nBEGIN:VEVENT",
    '"><script>alert(1)</script>',
    "' onmouseover='x",
    "</td></table><h1>",
    "]]><!--",
    "_x0041_",
    "\x0b\x01",
    "&lt;b&gt;",
    "a;b,c\\n",
)
_STARTS: Final = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
# What no store can keep reaches no file.
_POOL: Final = (*_EVIL, *NASTY_NAMES, *(text for text in NASTY_TEXTS if "\0" not in text and text.isprintable()))
STATEMENT: Final = (("by", "=lee"), ("why", "<b>care</b>"))


def nasty(random: Random) -> str:
    """A text of the kind that has broken writers, alone or with others around it."""
    return "".join(random.choice(_POOL) for _ in range(random.choice((1, 1, 1, 2, 3))))


def is_live(cell: str) -> bool:
    """Whether a spreadsheet takes a cell for a formula."""
    bare = cell.lstrip(" \u00a0\u3000\ufeff")
    return bool(bare) and bare[0] in _STARTS


def cells_of(text: str) -> list[list[str]]:
    """The cells of a CSV file, however long; the limit of the reader is one for the whole process."""
    limit = csv.field_size_limit(len(text))
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    finally:
        csv.field_size_limit(limit)


def wrong_csv(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """CSV, read by the reader of the standard library."""
    text = written("csv", table[0], table[1:], STATEMENT).content.decode("utf-8-sig")
    rows = cells_of(text)
    body = rows[len(STATEMENT) + 2 :]
    if [[original_cell(cell) for cell in row] for row in body] != [list(row) for row in table[1:]]:
        yield "other cells come back"
    yield from (f"a live cell {cell!r}" for row in rows for cell in row if is_live(cell))


class _Tags(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, int]] = []
        self.cells: list[str] = []
        self._is_in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes it."""
        self.tags.append((tag, len(attrs)))
        self._is_in_cell = tag == "td"
        if self._is_in_cell:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        """Ends a cell."""
        self._is_in_cell = self._is_in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        """Adds to the cell."""
        if self._is_in_cell:
            self.cells[-1] += data


def seen(content: bytes) -> _Tags:
    """A page, parsed."""
    parser = _Tags()
    parser.feed(content.decode())
    parser.close()
    return parser


def wrong_html(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """HTML, read by the parser of the standard library: the same tags as with harmless cells, and the cells come back."""
    plain = seen(written("html", table[0], [["x"] * len(row) for row in table[1:]], (("by", "x"), ("why", "x"))).content)
    found = seen(written("html", table[0], table[1:], STATEMENT).content)
    if found.tags != plain.tags:
        yield "tags or attributes that were not written"
    wanted = [cell for row in table[1:] for cell in row]
    if [original_cell(cell) for cell in found.cells] != wanted:
        yield "other cells come back"


def wrong_xlsx(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """XLSX, read as the XML that it is: texts in place, and no formula, link or macro anywhere."""
    with zipfile.ZipFile(io.BytesIO(written("xlsx", table[0], table[1:], STATEMENT).content)) as archive:
        names = archive.namelist()
        sheets = [ET.fromstring(archive.read(name)) for name in names if "worksheets/" in name]  # noqa: S314 - written on the line before
    if any("vba" in name or "external" in name or name.startswith(("/", "..")) for name in names):
        yield "a part that was not written"
    cells = [one for sheet in sheets for one in sheet.iter() if one.tag.endswith("}c")]
    if any(cell.get("t") != "inlineStr" for cell in cells):
        yield "a cell that is no text"
    tags = {one.tag.rpartition("}")[2] for sheet in sheets for one in sheet.iter()}
    if tags - {"worksheet", "sheetData", "row", "c", "is", "t"}:
        yield f"tags {sorted(tags)}"
    yield from (f"a live cell {text!r}" for cell in cells for text in ["".join(cell.itertext())] if is_live(text))


def wrong_ics(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """ICS, read by icalendar: as many events and properties as with harmless names, and the names come back."""
    names = [cell.strip() or "x" for row in table[1:] for cell in row]
    found = calendar_of(names)
    plain = calendar_of(["x"] * len(names))
    if [sorted(one) for one in found] != [sorted(one) for one in plain]:
        yield "other events or properties"


def calendar_of(names: Sequence[str]) -> list[list[str]]:
    """The names of the properties of each event."""
    from icalendar import Calendar

    known = [name for name in names if can_be_name(name)]
    names = [*known, *["x"] * (len(names) - len(known))]
    clients = [Client(id=f"c-{number}", name=name) for number, name in enumerate(names)]
    visits = [Appointment(id=f"a-{one.id}", client_id=one.id, staff_id="lee", on=DAY, channel="visit") for one in clients]
    text = write_icalendar(visits, Book(clients=clients, zone="UTC"), stamp=NOON)
    if len(read_icalendar(text)) != len(names):
        return []
    return [[str(key) for key in part] for part in Calendar.from_ical(text).walk()]


def can_be_name(name: str) -> bool:
    """Whether a client can have this name at all."""
    try:
        Client(id="c", name=name)
    except InvalidValueError:
        return False
    return True


def wrong_json(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """JSON, as commands print it."""
    shape: dict[str, Json] = {"rows": [list[Json](row) for row in table]}
    for quoted in (json.encoder.encode_basestring, json.encoder.encode_basestring_ascii):
        if json.loads(indented(shape, quoted)) != shape:
            yield "other values come back"


WRITERS: Final[Mapping[str, Callable[[Sequence[Sequence[str]]], Iterator[str]]]] = {
    "csv": wrong_csv,
    "html": wrong_html,
    "xlsx": wrong_xlsx,
    "ics": wrong_ics,
    "json": wrong_json,
}


def check_inert(length: Length) -> Outcome:
    """B15."""
    count = length.of(40, 2_000)
    random = Random(length.seed)
    failures: list[str] = []
    for number in range(count):
        table = [["name", "note"], *[[nasty(random), nasty(random)] for _ in range(random.randint(1, 6))]]
        for form, wrong in WRITERS.items():
            failures += [f"{form} ({number}, seed {length.seed}): {told}" for told in wrong(table)]
    return Outcome(runs=count * len(WRITERS), failures=tuple(failures[:_SHOWN]), note="XLSX read as the XML that it is")


def field_name(random: Random) -> str:
    """A name as somebody tries it who hopes that it reaches a query."""
    real = random.choice(FIELDS)
    ways = (
        random.choice(
            ("__class__", "_secret", "client.__class__", "id; DROP TABLE record", "1=1", "client.id", "client", "person")
        ),
        f"{real} DESC",
        f"{real}--",
        f"{real}'",
        f"{real}__contains",
        real.upper(),
        real.replace(".", " . "),
        f"{random.choice(OPEN_KINDS)}.{random.choice(NASTY_IDS)}",
        random.choice(NASTY_IDS),
        "".join(chr(random.randrange(32, 0x3000)) for _ in range(random.randrange(1, 12))),
    )
    return random.choice(ways)


def is_refused(name: str) -> bool:
    """Whether nobody can ask for a field of this name, nor put it into a class."""
    refused = 0
    for make in (
        lambda: FieldClass("basic", [name]),
        lambda: AccessRequest(action="get", client_id="c-1", fields=[name], purpose="care"),
    ):
        try:
            make()
        except InvalidValueError:
            refused += 1
    return refused == 2


def statements_with(folder: str, ids: Sequence[str]) -> set[str]:
    """Every text that is said to a database while rows with these ids and keys are written, found, scanned and deleted."""
    said: set[str] = set()
    engine = create_engine(f"sqlite:///{folder}/book.db")

    def listen(_: object, __: object, statement: str, ___: object, ____: object, _____: object) -> None:
        said.add(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with SqlStore.new(engine) as store:
            for one in ids:
                with store.write() as unit:
                    stored = unit.records.put(Record(kind=one, id=one, payload="{}", keys=[(one, one)]), expected=0)
                    unit.log.append(LogEntry(id=one, kind=one, client_id=one, payload="{}"))
                    list(unit.records.scan(one, key=(one, one), after=one))
                    list(unit.log.of_client(one))
                    unit.records.delete(one, one, expected=stored.version)
    finally:
        engine.dispose()
    return said


def check_names(length: Length) -> Outcome:
    """B16."""
    count = length.of(600, 100_000)
    random = Random(length.seed)
    failures: list[str] = []
    for number in range(count):
        name = field_name(random)
        kind, _, rest = name.partition(".")
        is_known = name in FIELDS or (kind in OPEN_KINDS and rest.isidentifier())
        if not is_known and not is_refused(name):
            failures.append(f"{number}, seed {length.seed}: {name!r} is taken for a field")
    with (
        tempfile.TemporaryDirectory(prefix="relcare-soak-") as first,
        tempfile.TemporaryDirectory(prefix="relcare-soak-") as second,
    ):
        plain = statements_with(first, ["a", "b"])
        found = statements_with(second, [one for one in NASTY_IDS if "\0" not in one])
        failures += [f"another statement: {one[:80]}" for one in sorted(found - plain)]
        failures += [f"{path.name} can be read by others" for path in Path(second).iterdir() if is_open_to_others(path)]
    return Outcome(runs=count, failures=tuple(failures[:_SHOWN]), note=f"{len(plain)} statements, whatever the names are")


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but its owner can read a book."""
    return path.name == "book.db" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


PROMISES: Final = (
    Promise("B15", "Whatever a client is called, it is text in every file that leaves the house", check_inert),
    Promise(
        "B16", "Names of fields come from a list, and the statements said to a database are always the same few", check_names
    ),
)
