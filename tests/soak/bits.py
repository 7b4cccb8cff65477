"""Files that were damaged: what is stored is given back as it was, or an error says where it is not (row A11).

Source: STO-3
"""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import attrs
from tests.soak.bits_books import Answers, Kept, answers_of, make_book, opened
from tests.soak.promise import Length, Outcome, Promise

from relcare.errors import StorageError

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a file system without a disk, where there is one: nothing here has to last
PAGE: Final = 4_096

Damage = Callable[[Path, Random], str]


@attrs.frozen(kw_only=True)
class Original:
    """A file that is sound.

    Attributes:
        path: Where it is put, damaged.
        content: What is in it.
        answers: What it answers.
        is_sql: Whether it is that of a `SqlStore`.
    """

    path: Path
    content: bytes
    answers: Answers
    is_sql: bool

    def put_back(self) -> None:
        """Lays the sound file there, and nothing beside it."""
        for name in ("-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + name).unlink(missing_ok=True)
        self.path.write_bytes(self.content)


def original(path: Path, *, is_sql: bool) -> Original:
    """A new one."""
    answers = make_book(path, is_sql=is_sql)
    return Original(path=path, content=path.read_bytes(), answers=answers, is_sql=is_sql)


def consequence(book: Original) -> tuple[str, list[str]]:
    """What came of a damage, in a few words; and what must not have come of it."""
    try:
        with opened(book.path, is_sql=book.is_sql) as store:
            return _consequence(book, store)
    except StorageError:
        return "refused at once", []
    except Exception as error:  # noqa: BLE001 - whatever else it is, callers would not expect it
        return "another error", [f"{type(error).__name__}: {error}"]


def _consequence(book: Original, store: Kept) -> tuple[str, list[str]]:
    answers = answers_of(store)
    errors = [one for one in answers.values() if isinstance(one, StorageError)]
    told = [f"{question} was answered with {wrong}" for question, wrong in _wrong(book.answers, answers)]
    told += [f"no place is named: {one}" for one in errors if "digest" in str(one) and ") at " not in str(one)]
    if answers == book.answers:
        return "nothing stored is touched", told
    if _is_said_sound(store):
        told.append(f"what is left out is said to be sound: {_left_out(book.answers, answers)}")
    return "an error in its place" if errors else "missing, and found by verify", told


def _wrong(expected: Answers, answers: Answers) -> Iterator[tuple[object, object]]:
    for question, answer in answers.items():
        right = expected[question]
        if isinstance(answer, StorageError) or isinstance(right, StorageError):
            continue
        remaining = iter(right)
        wrong = [one for one in answer if one not in remaining]
        if wrong:
            yield question, wrong


def _left_out(expected: Answers, answers: Answers) -> list[object]:
    return [question for question, answer in answers.items() if answer != expected[question]]


def _is_said_sound(store: Kept) -> bool:
    try:
        store.verify()
    except StorageError:
        return False
    return True


# ---------------------------------------------------------------------------------------------------------------------- damages


def flip(path: Path, random: Random) -> str:
    """One bit anywhere."""
    content = bytearray(path.read_bytes())
    bit = random.randrange(len(content) * 8)
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    return f"bit {bit} flipped"


def truncate(path: Path, random: Random) -> str:
    """The end is gone."""
    size = random.choice([random.randrange(path.stat().st_size), PAGE * random.randrange(path.stat().st_size // PAGE)])
    with path.open("rb+") as file:
        file.truncate(size)
    return f"cut off at {size}"


def blank(path: Path, random: Random) -> str:
    """A page, or a sector of it, is zeros."""
    content = bytearray(path.read_bytes())
    size = random.choice([PAGE, 512])
    start = size * random.randrange(len(content) // size)
    content[start : start + size] = bytes(size)
    path.write_bytes(content)
    return f"{size} bytes from {start} are zeros"


def swap_pages(path: Path, random: Random) -> str:
    """Two pages lie where the other should."""
    content = bytearray(path.read_bytes())
    first, second = random.sample(range(0, len(content), PAGE), 2)
    content[first : first + PAGE], content[second : second + PAGE] = (
        content[second : second + PAGE],
        content[first : first + PAGE],
    )
    path.write_bytes(content)
    return f"the pages at {first} and {second} are swapped"


def swap_rows(path: Path, random: Random) -> str:
    """Two rows hold what the other should, with its digest or without."""
    with closing(sqlite3.connect(path)) as plain:
        prefix = "relcare_" if plain.execute("SELECT 1 FROM sqlite_schema WHERE name = 'relcare_log'").fetchone() else ""
        table, columns = random.choice(
            [("record", "payload"), ("record", "payload, keys, digest"), ("log", "payload, digest"), ("log", "client_id")]
        )
        where = "kind = ? AND id = ?" if table == "record" else "position = ?"
        key = "kind, id" if table == "record" else "position"
        alive = "WHERE payload IS NOT NULL"
        rows = random.sample(plain.execute(f"SELECT {key} FROM {prefix}{table} {alive}").fetchall(), 2)  # noqa: S608 - names of our own
        values = [plain.execute(f"SELECT {columns} FROM {prefix}{table} WHERE {where}", row).fetchone() for row in rows]  # noqa: S608
        for row, value in zip(rows, reversed(values), strict=True):
            marks = ", ".join(f"{name} = ?" for name in columns.split(", "))
            plain.execute(f"UPDATE {prefix}{table} SET {marks} WHERE {where}", (*value, *row))  # noqa: S608
        plain.commit()
    return f"of {table} {rows[0]} and {rows[1]} have swapped {columns}"


def lead_astray(path: Path, random: Random) -> str:
    """A key leads to a record that does not carry it."""
    with closing(sqlite3.connect(path)) as plain:
        prefix = "relcare_" if plain.execute("SELECT 1 FROM sqlite_schema WHERE name = 'relcare_log'").fetchone() else ""
        team = random.choice(["a", "b", "c"])
        found = f"SELECT min(id) FROM {prefix}record_key WHERE name = 'team' AND value"  # noqa: S608 - names of our own
        plain.execute(f"UPDATE {prefix}record_key SET id = ({found} <> ?1) WHERE id = ({found} = ?1) AND name = 'team'", (team,))  # noqa: S608
        plain.commit()
    return f"a key of team {team} leads elsewhere"


def lose_a_row(path: Path, random: Random) -> str:
    """An entry of the log or a row of a key is gone, or names another client or team."""
    with closing(sqlite3.connect(path)) as plain:
        prefix = "relcare_" if plain.execute("SELECT 1 FROM sqlite_schema WHERE name = 'relcare_log'").fetchone() else ""
        table, column, where = random.choice((("log", "client_id", "position"), ("record_key", "value", "id")))
        (row,) = random.choice(plain.execute(f"SELECT {where} FROM {prefix}{table}").fetchall())  # noqa: S608 - names of our own
        is_gone = random.choice((True, False))
        said = f"DELETE FROM {prefix}{table}" if is_gone else f"UPDATE {prefix}{table} SET {column} = {column} || ' '"  # noqa: S608
        plain.execute(f"{said} WHERE {where} = ?", (row,))
        plain.commit()
    return f"the row {row} of {table} {'is gone' if is_gone else f'has another {column}'}"


def replace(path: Path, random: Random) -> str:
    """Another file lies there."""
    contents = {
        "nothing": b"",
        "text": b"client_id,name\nc-1,Kim\n" * 500,
        "noise": random.randbytes(PAGE * 3),
        "a head and noise": path.read_bytes()[:100] + random.randbytes(PAGE * 3 - 100),
    }
    name = random.choice(sorted(contents))
    path.write_bytes(contents[name])
    return f"{name} lies in its place"


_OTHERS: Final[tuple[Damage, ...]] = (truncate, blank, swap_pages, swap_rows, lead_astray, lose_a_row, replace)


def check(length: Length) -> Outcome:
    """A11."""
    random = Random(length.seed)
    runs = length.of(300, 10_000)
    failures: list[str] = []
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="relcare-soak-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        books = [original(Path(folder) / name, is_sql=name == "host.db") for name in ("book.db", "host.db")]
        for run in range(runs):
            book = books[run % 5 == 4]  # the one over SQLAlchemy takes ten times as long
            damage = _OTHERS[run // 5 % len(_OTHERS)] if run % 4 == 3 else flip
            book.put_back()
            what = damage(book.path, random)
            word, told = consequence(book)
            counts[word] += 1
            failures += [f"seed {length.seed}, run {run}, {book.path.name}, {what}: {one}" for one in told]
    note = ", ".join(f"{counts[word]:,} {word}" for word in sorted(counts))
    return Outcome(runs=runs, failures=tuple(failures), note=note)


PROMISES: Final = (Promise("A11", "What is damaged on the disk is found, and never given back as if it were stored", check),)
