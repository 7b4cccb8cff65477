"""A small book of which every answer is known, in the stores that keep files."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from relcare.errors import StorageError
from relcare.storage import LogEntry, ReadUnit, Record, SqliteStore
from relcare.storage.sql import SqlStore

__all__ = ["Answers", "Kept", "answers_of", "make_book", "opened"]

Kept: TypeAlias = SqliteStore | SqlStore
Question: TypeAlias = tuple[str, ...]
Answers: TypeAlias = dict[Question, list[object] | StorageError]

_CLIENTS: Final = tuple(f"c-{number}" for number in range(16))
_TEAMS: Final = ("a", "b", "c")
_EVENTS: Final = tuple(f"t-{number}" for number in range(20))
_WORKS: Final = tuple(f"k-{number}" for number in range(6))


def opened(path: Path, *, is_sql: bool) -> Kept:
    """The store in a file."""
    return SqlStore.open(f"sqlite:///{path}") if is_sql else SqliteStore.open(path)


def make_book(path: Path, *, is_sql: bool) -> Answers:
    """A new file with clients, two of which are deleted again, events and idempotency keys; what it answers."""
    store: Kept = SqlStore.new(f"sqlite:///{path}") if is_sql else SqliteStore.new(path)
    with store:
        with store.write() as unit:
            unit.records.put_many(_client(number) for number in range(len(_CLIENTS)))
            unit.log.append_many(_event(number) for number in range(len(_EVENTS)))
        for key in _WORKS:
            with store.write(key, body_digest=f"digest of {key}"):
                pass
        with store.write() as unit:
            for record_id in _CLIENTS[:2]:
                unit.records.delete("client", record_id, expected=1)
        return answers_of(store)


def _client(number: int) -> Record:
    # Some are longer than a page, so that they lie on pages of their own.
    payload = f'"{number} {"김철수 " * (700 if number % 8 == 0 else number)}"'
    return Record(kind="client", id=_CLIENTS[number], payload=payload, keys={"team": _TEAMS[number % 3], "owner_id": "lee"})


def _event(number: int) -> LogEntry:
    client, payload = _CLIENTS[number % 5], f'"{number} {"x" * number}"'
    return LogEntry(id=_EVENTS[number], kind="note", client_id=client, payload=payload, by="lee", recorded_at="2026-03-31T09:00Z")


def answers_of(store: Kept) -> Answers:
    """Every question, and what is answered; an error stands in the place of what it hides."""
    found: Answers = {}
    with store.read() as view:
        for question, ask in (*_of_records(view), *_of_log(view)):
            found[question] = _answer(ask)
    for key in _WORKS:
        found["is a repetition", key] = _answer(partial(_is_done, store, key))
    return found


def _answer(ask: Callable[[], list[object]]) -> list[object] | StorageError:
    try:
        return ask()
    except StorageError as error:
        return error


def _of_records(view: ReadUnit) -> Iterator[tuple[Question, Callable[[], list[object]]]]:
    for record_id in _CLIENTS:
        yield ("client", record_id), partial(_one, partial(view.records.get, "client", record_id))
    yield ("clients",), partial(_all, partial(view.records.scan, "client"))
    for team in _TEAMS:
        yield ("clients of team", team), partial(_all, partial(view.records.scan, "client", key=("team", team)))


def _of_log(view: ReadUnit) -> Iterator[tuple[Question, Callable[[], list[object]]]]:
    for entry_id in _EVENTS:
        yield ("event", entry_id), partial(_one, partial(view.log.get, entry_id))
    yield ("events",), partial(_all, view.log.since)
    for client_id in _CLIENTS[:5]:
        yield ("events of client", client_id), partial(_all, partial(view.log.of_client, client_id))


def _one(ask: Callable[[], object]) -> list[object]:
    found = ask()
    return [] if found is None else [found]


def _all(ask: Callable[[], Iterator[object]]) -> list[object]:
    return list(ask())


def _is_done(store: Kept, key: str) -> list[object]:
    with suppress(_NotDoneError), store.write(key) as unit:
        if not unit.is_repeat:
            raise _NotDoneError
        return [True]
    return []


class _NotDoneError(Exception):
    """A key must not be used up by the question."""
