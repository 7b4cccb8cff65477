"""Books and records, and every way in which one goes wrong."""

import csv
import io
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.soak.malformed_policies import spoil_bytes, spoil_tree
from tests.soak.malformed_time import Stopwatch

from relcare.codec import dump_record, load_record
from relcare.errors import BookDocumentError, StorageError
from relcare.formats import read_book, write_book
from relcare.model import Book
from relcare.testing import NASTY_TEXTS

_ROWS: Final = 12
_EXTRA: Final = {
    "owner_spells.csv": "client_id,owner_id,start_on,end_on,note\n{client},{staff},2026-01-01,2026-02-01,first\n",
    "pins.csv": "client_id,scheme_id,tier,kind,by,reason,start_on,end_on\n{client},abc,A,floor,{staff},old friend,2026-01-01,\n",
    "consents.csv": "consent_id,client_id,person_id,channel,purpose,kind,start_on\nn-1,{client},,call,care,given,2026-01-01\n",
    "absences.csv": "staff_id,start_on,end_on,deputy_id,reason\n{staff},2026-03-01,2026-03-08,,leave\n",
    "attributes.csv": "client_id,name,value,effective_on\n{client},region2,north,2026-01-01\n",
    "appointments.csv": "appointment_id,client_id,staff_id,on,channel\na-1,{client},{staff},2026-04-01,call\n",
    "membership_events.csv": "event_id,client_id,programme_id,step,on,by\nm-1,{client},club,applied,2026-01-01,{staff}\n",
}


@cache
def texts() -> Mapping[str, str]:
    """The files of a small book: the first rows of the demo book, and a row of everything else."""
    folder = files("relcare.demo").joinpath("book")
    found = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(("csv", "toml"))}
    clients = _rows(found["clients.csv"])[1 : _ROWS + 1]
    ids = {row[0] for row in clients}
    small = {name: _cut(text, name, ids) for name, text in found.items()}
    names = {"client": clients[0][0], "staff": _rows(found["staff.csv"])[1][0]}
    return {**small, **{name: text.format(**names) for name, text in _EXTRA.items()}}


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _cut(text: str, name: str, ids: set[str]) -> str:
    if name in {"book.toml", "staff.csv"}:
        return text
    head, *rows = _rows(text)
    place = head.index("client_id")
    return _text([head, *[row for row in rows if row[place] in ids][: 3 * _ROWS]])


def _text(rows: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def _read(contents: Mapping[str, bytes], watch: Stopwatch) -> BookDocumentError | None:
    """What is wrong with a book; None where nothing is, and it is read back as it was written."""
    with TemporaryDirectory() as folder:
        root = Path(folder, "house")
        root.mkdir()
        for name, raw in contents.items():
            (root / name).write_bytes(raw)
        try:
            with watch.running():
                book = read_book(root)
        except BookDocumentError as error:
            return error
        again = Path(folder, "again")
        write_book(book, again)
        if read_book(again) != book:
            raise AssertionError("what was read is written as another book")
    return None


def _places(error: BookDocumentError) -> list[str]:
    if not error.problems:
        return ["an error without a problem"]
    return [f"no place: {problem}" for problem in error.problems if "house" not in problem.file]


def bad_book(random: Random, watch: Stopwatch) -> list[str]:
    """One folder with some mistakes of any kind."""
    contents = {name: text.encode() for name, text in texts().items()}
    for _ in range(random.randint(1, 3)):
        name = random.choice(sorted(contents))
        if random.random() < 0.5 and contents[name]:
            contents[name] = spoil_bytes(random, contents[name])
        elif name.endswith("csv"):
            contents[name] = _spoilt_cell(random, contents[name])
    error = _read(contents, watch)
    return [] if error is None else _places(error)


def _spoilt_cell(random: Random, raw: bytes) -> bytes:
    try:
        rows = _rows(raw.decode("utf-8"))
    except (UnicodeDecodeError, csv.Error):
        return raw
    row = random.choice(rows) if rows else []
    if row:
        place = random.randrange(len(row))
        short = [text for text in NASTY_TEXTS if len(text) < 300 and text.isprintable()]
        row[place] = random.choice([*short, row[random.randrange(len(row))]])
    return _text(rows).encode()


# What no cell of such a column may be, whatever the others are.
_WRONG: Final = {
    "occurred_at": "2026-02-30",
    "purchased_on": "soon",
    "amount": "1.2.3",
    "direction": "sideways",
    "start_on": "31/12/2025",
    "stage": "somewhere",
    "zone": "Asia/Seol",
    "birthday": "1980-13-01",
    "client_id": "nobody",
    "kind": "zzz",
    "step": "zzz",
    "on": "zzz",
    "end_on": "zzz",
    "effective_on": "zzz",
    "client_since_on": "zzz",
}


def planted_book(random: Random, watch: Stopwatch) -> list[str]:
    """One folder with several wrong cells in different rows: each is told, at its line."""
    tables = {name: _rows(text) for name, text in texts().items() if name.endswith("csv")}
    planted: set[tuple[str, int]] = set()
    for _ in range(random.randint(2, 6)):
        name = random.choice(sorted(tables))
        head, number = tables[name][0], random.randrange(1, len(tables[name]))
        wrong = [column for column in head if column in _WRONG and not (name == "clients.csv" and column == "client_id")]
        if wrong and (name, number) not in planted:
            column = random.choice(wrong)
            tables[name][number][head.index(column)] = _WRONG[column]
            planted.add((name, number))
    contents = {name: _text(rows).encode() for name, rows in tables.items()}
    error = _read({**contents, "book.toml": texts()["book.toml"].encode()}, watch)
    if error is None:
        return [] if not planted else [f"nothing was told of {sorted(planted)}"]
    told = {(Path(problem.file).name, problem.line) for problem in error.problems}
    missed = [(name, number + 1) for name, number in planted if (name, number + 1) not in told]
    return [*_places(error), *(f"not told: {one}" for one in missed)]


@cache
def records() -> tuple[tuple[str, str], ...]:
    """Records as the stores keep them, with their kinds."""
    with TemporaryDirectory() as folder:
        for name, text in texts().items():
            Path(folder, name).write_text(text, encoding="utf-8")
        book = read_book(folder)
    return tuple(_records(book))


def _records(book: Book) -> list[tuple[str, str]]:
    found = [("client", book.clients[0]), ("person", book.people[0]), ("touchpoint", book.touchpoints[0])]
    others = [("purchase", book.purchases[0]), ("staff", book.staff[0]), ("consent", book.consents[0])]
    return [(kind, dump_record(value)) for kind, value in (*found, *others)]  # type: ignore[arg-type]


def bad_record(random: Random, watch: Stopwatch) -> list[str]:
    """One record with a mistake of any kind."""
    kind, text = random.choice(records())
    if random.random() < 0.5:
        tree: dict[str, Any] = json.loads(text)
        spoil_tree(random, tree)
        spoilt = json.dumps(tree, ensure_ascii=random.random() < 0.5)
    else:
        spoilt = spoil_bytes(random, text.encode()).decode("utf-8", errors="replace")
    try:
        with watch.running():
            value = load_record(kind, spoilt)
    except StorageError as error:
        return [] if kind in str(error) else [f"no kind is named: {error}"]
    if load_record(kind, dump_record(value)) != value:
        return [f"what was read is written as another {kind}"]
    return []
