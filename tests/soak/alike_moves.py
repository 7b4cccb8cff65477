"""Moves that are made in several stores at once: what is called, and what it answers, as values that can be compared."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from random import Random
from typing import Final, Literal, TypeAlias

import attrs

from relcare.errors import RelcareError
from relcare.storage import LogEntry, Record, Store, UnitOfWork
from relcare.testing import NASTY_IDS, NASTY_TEXTS

__all__ = ["KINDS", "Move", "made", "random_move"]

Call: TypeAlias = Callable[[UnitOfWork], object]
End: TypeAlias = Literal["commits", "gives up", "stops at an error"]

KINDS: Final = ("client", "Client")
_CLIENTS: Final = ("c-1", "C-1", "c-2")
_ALIKE: Final = (*_CLIENTS, "c-1 ", "é", "e\u0301")
"""Few, so that they meet, and alike, so that a store that confuses them does."""
_IDS: Final = ("%", "_", "0070", "70", "\uff5e", "\U0010ffff", *NASTY_IDS)
_IMPOSSIBLE: Final = ("", "a\0b", "a\ud800", "x" * 201)
_PAYLOADS: Final = ("{}", '{"이름": "김철수"}', *(text for text in NASTY_TEXTS if len(text) <= 20_000))
_NAMES: Final = ("owner_id", "OWNER_ID")
_VALUES: Final = ("lee", "LEE", "l%", "l_e", " lee", "é", "e\u0301")
_KEYS: Final = ("k-1", "K-1", "k-1 ", "é", "e\u0301")
_NUMBERS: Final = (-1, 2**63 - 1, 2**63, True)
_INSTANTS: Final = ("2026-03-31T09:00:00+09:00", "1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999-11:30", "2026-03-31")


class GivenUpError(Exception):
    """A unit is not to be kept."""


@attrs.frozen(kw_only=True)
class Move:
    """One unit, and how it ends.

    Attributes:
        calls: What is called in it, one after the other, whatever the one before answered.
        writes: Whether it is a unit of work, or a view.
        ends: What becomes of it, should all go well.
        key: Its idempotency key, if any.
        digest: What was done under this key, if that is told.
        reopens: Whether the store is closed and opened again first.
    """

    calls: tuple[Call, ...]
    writes: bool
    ends: End
    key: str | None
    digest: str | None
    reopens: bool


def made(store: Store, move: Move) -> list[object]:
    """What the calls of a move answer in a store, and last how the unit was refused, if it was."""
    answers: list[object] = []
    try:
        if move.writes:
            _work(store, move, answers)
        else:
            with store.read() as view:
                # A view has what is needed of a unit by the calls that are drawn for it.
                answers += [_answer(call, view) for call in move.calls]  # type: ignore[arg-type]
    except RelcareError as error:
        answers.append(_Refusal(type(error).__name__, str(error)))
    return answers


def _work(store: Store, move: Move, answers: list[object]) -> None:
    with suppress(GivenUpError), store.write(move.key, body_digest=move.digest) as unit:
        answers.append(unit.is_repeat)
        for call in move.calls:
            answers.append(_answer(call, unit))
            if move.ends == "stops at an error" and isinstance(answers[-1], _Refusal):
                raise GivenUpError
        if move.ends == "gives up":
            raise GivenUpError


@attrs.frozen
class _Refusal:
    kind: str
    text: str


def _answer(call: Call, unit: UnitOfWork) -> object:
    try:
        answer = call(unit)
        return list(answer) if isinstance(answer, Iterator) else answer
    except RelcareError as error:
        return _Refusal(type(error).__name__, str(error))


def random_move(random: Random) -> Move:
    """Any move; those that meet what is there are as likely as those that do not."""
    writes = random.random() < 0.7
    draws = _DRAWS if writes else _READING
    key = random.choice(_KEYS) if random.random() < 0.2 else None
    told = random.random() < 0.02 or (key is not None and random.random() < 0.4)
    return Move(
        calls=tuple(random.choice(draws)(random) for _ in range(random.randint(1, 5))),
        writes=writes,
        ends=random.choice(["commits", "commits", "commits", "gives up", "stops at an error"]),
        key=key,
        digest=random.choice(["d-1", "d-2"]) if told else None,
        reopens=random.random() < 0.1,
    )


# ---------------------------------------------------------------------------------------------------------------- what is called


def put(unit: UnitOfWork, kind: str, record_id: str, payload: str, keys: Sequence[tuple[str, str]], off: int) -> Record:
    """Stores a record over the version that is there, or over another."""
    current = unit.records.get(kind, record_id)
    version = current.version if current else 0
    return unit.records.put(Record(kind=kind, id=record_id, payload=payload, keys=keys), expected=version + off)


def put_many(unit: UnitOfWork, kind: str, ids: Sequence[str]) -> int:
    """Stores records that may be there."""
    return unit.records.put_many(Record(kind=kind, id=one, payload="[]", keys={"owner_id": "lee"}) for one in ids)


def delete(unit: UnitOfWork, kind: str, record_id: str, off: int) -> None:
    """Deletes the version that is there, or another."""
    current = unit.records.get(kind, record_id)
    unit.records.delete(kind, record_id, expected=(current.version if current else 1) + off)


def append(unit: UnitOfWork, entry_id: str, client_id: str, payload: str, recorded_at: str | None) -> int:
    """Appends an event that may be there."""
    return unit.log.append(_entry(entry_id, client_id, payload, recorded_at))


def append_many(unit: UnitOfWork, ids: Sequence[str], client_id: str) -> int:
    """Appends events that may be there."""
    return unit.log.append_many(_entry(one, client_id, "{}", None) for one in ids)


def get(unit: UnitOfWork, kind: str, record_id: str) -> Record | None:
    """Reads a record."""
    return unit.records.get(kind, record_id)


def scan(unit: UnitOfWork, kind: str, key: tuple[str, str] | None, after: str | None, most: int | None) -> list[Record]:
    """Reads records, perhaps not to the end."""
    return list(islice(unit.records.scan(kind, key=key, after=after), most))


def entry(unit: UnitOfWork, entry_id: str) -> object:
    """Reads an event."""
    return unit.log.get(entry_id)


def since(unit: UnitOfWork, cursor: int) -> list[object]:
    """Reads the log behind a position."""
    return list(unit.log.since(cursor))


def of_client(unit: UnitOfWork, client_id: str) -> list[object]:
    """Reads the log of a client."""
    return list(unit.log.of_client(client_id))


def _entry(entry_id: str, client_id: str, payload: str, recorded_at: str | None) -> LogEntry:
    return LogEntry(id=entry_id, kind="touchpoint", client_id=client_id, payload=payload, by="lee", recorded_at=recorded_at)


# ---------------------------------------------------------------------------------------------------------------- what is drawn


def _id(random: Random) -> str:
    chance = random.random()
    if chance < 0.7:
        return random.choice(_ALIKE)
    return random.choice(_IMPOSSIBLE if chance > 0.98 else _IDS)


def _off(random: Random) -> int:
    return random.choice([0, 0, 0, 0, 1, -1, 2**62])


def _put(random: Random) -> Call:
    keys = tuple((random.choice(_NAMES), random.choice(_VALUES)) for _ in range(random.randint(0, 3)))
    return partial(
        put, kind=random.choice(KINDS), record_id=_id(random), payload=random.choice(_PAYLOADS), keys=keys, off=_off(random)
    )


def _put_many(random: Random) -> Call:
    return partial(put_many, kind=random.choice(KINDS), ids=[_id(random) for _ in range(random.randint(0, 4))])


def _delete(random: Random) -> Call:
    return partial(delete, kind=random.choice(KINDS), record_id=_id(random), off=_off(random))


def _append(random: Random) -> Call:
    payload, instant = random.choice(_PAYLOADS[:2]), random.choice([None, None, *_INSTANTS])
    return partial(append, entry_id=_id(random), client_id=random.choice(_CLIENTS), payload=payload, recorded_at=instant)


def _append_many(random: Random) -> Call:
    return partial(append_many, ids=[_id(random) for _ in range(random.randint(0, 4))], client_id=random.choice(_CLIENTS))


def _get(random: Random) -> Call:
    return partial(get, kind=random.choice(KINDS), record_id=_id(random))


def _scan(random: Random) -> Call:
    key = (random.choice(_NAMES), random.choice(_VALUES)) if random.random() < 0.5 else None
    after = _id(random) if random.random() < 0.5 else None
    return partial(scan, kind=random.choice(KINDS), key=key, after=after, most=random.choice([None, None, 1]))


def _entry_of(random: Random) -> Call:
    return partial(entry, entry_id=_id(random))


def _since(random: Random) -> Call:
    return partial(since, cursor=random.choice([0, 1, 2, 5, 40, random.choice(_NUMBERS)]))


def _of_client(random: Random) -> Call:
    return partial(of_client, client_id=_id(random))


_READING: Final = (_get, _scan, _entry_of, _since, _of_client)
_DRAWS: Final = (_put, _put, _put, _put_many, _delete, _delete, _append, _append, _append_many, *_READING)
