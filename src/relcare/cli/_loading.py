"""From the words on the command line to books, policies and days."""

import os
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from relcare.cli._options import NOW, PRESET, DayWord
from relcare.decisions import BookResult, Policy
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.formats import Progress, read_book, read_reviews
from relcare.model import Book, Review, Staff, Touchpoint, civil_day
from relcare.planning import Board, board

if TYPE_CHECKING:
    from relcare.frames._engine import EngineName
    from relcare.storage import BookReader

__all__ = [
    "board_of",
    "check_client",
    "check_staff",
    "decide",
    "is_parquet_folder",
    "is_watched",
    "open_book",
    "policy_from",
    "record",
    "refuse_existing",
    "resolve_day",
    "resolve_moment",
    "resolve_promise",
    "reviews_in",
    "store_book",
]


def policy_from(word: str) -> Policy:
    """The policy in a document, or the preset that `preset:NAME` names."""
    if word.startswith(PRESET):
        from relcare.presets import preset

        return preset(word.removeprefix(PRESET))
    from relcare.codec import load_policy

    return load_policy(Path(word))


def is_parquet_folder(path: str) -> bool:
    """Whether a path is a book of Parquet files, be it that its head is missing."""
    root = Path(path)
    return (root / "book.parquet").is_file() or ((root / "clients.parquet").exists() and not (root / "book.toml").is_file())


def open_book(path: str) -> Book:
    """The book in a folder, with a progress bar when a person watches, or in a store."""
    if is_parquet_folder(path):
        from relcare.frames import book_from_frames, read_parquet

        return book_from_frames(read_parquet(path, engine=_installed_engine()))
    if Path(path).is_dir():
        with _progress() as progress:
            return read_book(path, progress=progress)
    from relcare.storage import load_book, open_store

    with closing(open_store(path)) as store:
        return load_book(store)


def _installed_engine() -> "EngineName":
    """What reads Parquet files here; polars where there are both."""
    return "polars" if find_spec("polars") is not None or find_spec("duckdb") is None else "duckdb"


def reviews_in(path: str) -> tuple[Book, tuple[Review, ...]]:
    """The book and the reviews that are kept with it, by day, then id."""
    if Path(path).is_dir():
        return open_book(path), () if is_parquet_folder(path) else read_reviews(path)
    from relcare.storage import BookReader, open_store

    with closing(open_store(path)) as store, store.read() as unit:
        reader = BookReader(unit)
        return reader.book(), reader.reviews()


def resolve_day(day: DayWord, zone: str) -> date:
    """The day that is meant; `today` is read off the system clock in the book's zone."""
    if not isinstance(day, str):
        return day
    from relcare.desk import SystemClock

    return civil_day(SystemClock().now(), ZoneInfo(zone))


def resolve_moment(word: str, zone: str) -> datetime:
    """The instant that is meant: a time with its offset, one on the book's clocks, or `now` off the system clock.

    Raises:
        InvalidValueError: If it is neither, or a time that the book's clocks skip.
    """
    if word == NOW:
        from relcare.desk import SystemClock

        return SystemClock().now()
    from relcare.formats._cells import Moments

    found = Moments("--at", ZoneInfo(zone))[word]
    if not isinstance(found, datetime):
        raise InvalidValueError("--at", word, "must be a time, not a day alone", "write it as 2026-03-31T14:30")
    return found


def resolve_promise(word: str | None, zone: str) -> date | None:
    """The day, or the instant, that was promised: a time with its offset, or one on the book's clocks.

    Raises:
        InvalidValueError: If it is neither, or a time that the book's clocks skip.
    """
    if word is None:
        return None
    from relcare.formats._cells import Moments

    return Moments("--follow-up-at", ZoneInfo(zone))[word]


def decide(book_path: str, policy_word: str, as_of: DayWord) -> tuple[Book, Policy, BookResult]:
    """The policy first, because it is the shorter to read and the more often wrong."""
    policy = policy_from(policy_word)
    book = open_book(book_path)
    return book, policy, policy.decide(book, as_of=resolve_day(as_of, book.zone))


def is_watched() -> bool:
    """Whether a person watches stderr, on a terminal that can draw."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def _progress() -> Generator[Progress | None]:
    """A bar on stderr while somebody watches; nothing otherwise."""
    if not is_watched():
        yield None
        return
    from relcare.report import reading_bar

    with reading_bar() as progress:
        yield progress


def board_of(book: Book, result: BookResult) -> Board:
    """The boards of a decided book."""
    owners = {client.id: client.owner_id for client in book.clients}
    return board(result.obligations, result.undecided, as_of=result.as_of, owner_by_client=owners)


def refuse_existing(path: str) -> None:
    """Refuse a place where something is already: nothing is ever written over."""
    from relcare.storage import scheme_of

    # A store that has a URL looks for itself.
    if scheme_of(path) is None and os.path.lexists(path):
        raise InvalidValueError("book", path, "must not exist yet", "name a new file")


def store_book(book: Book, path: str, reviews: Iterable[Review] = ()) -> None:
    """Write a book, and the reviews that are kept with it, to a new SQLite file."""
    from relcare.storage import create_store

    create_store(path, book, reviews=reviews).close()


def check_client(reader: "BookReader", client_id: str) -> None:
    """Refuse a client that the book does not have, with the nearest that it has."""
    if reader.find_client(client_id) is None:
        near = nearest(client_id, (client.id for client in reader.book().clients))
        raise UnknownRecordError("client", client_id, f"did you mean {near!r}?" if near else None)


def check_staff(staff: Iterable[Staff], **named: str | None) -> None:
    """Refuse whoever an option names and the book does not have among its staff, with the nearest that it has.

    Args:
        staff: Of the book; where it has none, everybody is taken at their word.
        named: By option, such as `by`; None where it was not given.
    """
    known = [member.id for member in staff]
    for option, staff_id in named.items():
        if known and staff_id is not None and staff_id not in known:
            near = nearest(staff_id, known)
            hint = f"did you mean {near!r}?" if near else None
            raise InvalidValueError(f"--{option}", staff_id, "must be the id of a member of staff in the book", hint)


def record(path: str, touchpoint: Callable[[date, str], Touchpoint], occurred_on: DayWord) -> Touchpoint:
    """Record a touchpoint in a stored book, and give it back as it is stored; the same again adds nothing.

    Args:
        path: The book.
        touchpoint: Made of the day that is meant and of the book's zone.
        occurred_on: The day.
    """
    from relcare.desk import SystemClock
    from relcare.storage import BookReader, BookWriter, open_store

    with closing(open_store(path)) as store, store.write() as unit:
        reader = BookReader(unit)
        zone, now = reader.settings().zone, SystemClock().now()
        made = touchpoint(resolve_day(occurred_on, zone), zone)
        check_client(reader, made.client_id)
        check_staff(reader.staff(), by=made.staff_id)
        if civil_day(made.occurred_at, ZoneInfo(zone)) > civil_day(now, ZoneInfo(zone)):
            hint = "log it when it has happened; relcare plan is for what is to come"
            raise InvalidValueError("--on", made.occurred_at, "must not be in the future", hint)
        return BookWriter(unit).add_event(made, by=made.staff_id, recorded_at=now)
