"""A book of any size, invented on the spot as Parquet files: each row follows from its number, so that a book is always the same.

    python -m tests.scale.invented --clients 100000 --folder /tmp/book

Columns are worked out by polars, a few hundred thousand rows at a time: memory stays small, however large the book is. The log is
in order of time, as logs are, and names clients in no order; each has ten entries in it. There are as many purchases as clients.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import polars as pl

__all__ = ["AS_OF", "ENTRIES", "invent"]

AS_OF: Final = date(2026, 9, 30)
"""The day that is decided about: the last day of the log."""
ENTRIES: Final = 10
"""How many entries of the log a client has."""

_SPAN: Final = 365
_FIRST: Final = AS_OF - timedelta(days=_SPAN - 1)
_CHUNK: Final = 250_000
_PRIME: Final = 2_147_483_647
_STEP: Final = 668_265_263
"""A prime: by its multiples, each of any number of clients comes up once before one of them comes up again."""


def invent(folder: Path, clients: int) -> None:
    """Writes a book that has everything the consulting preset asks for.

    Args:
        folder: Where nothing is yet.
        clients: How many.
    """
    tables: dict[str, tuple[int, Callable[[pl.DataFrame, int], pl.DataFrame]]] = {
        "clients": (clients, _clients),
        "people": (clients, _people),
        "purchases": (clients, _purchases),
        "touchpoints": (clients * ENTRIES, _touchpoints),
        "tiers": (clients, _tiers),
        "consents": (clients // 50, _consents),
    }
    for name, (count, rows) in tables.items():
        place = folder / name
        place.mkdir(parents=True)
        for part, numbers in enumerate(_numbers(count)):
            rows(numbers, clients).write_parquet(place / f"{part:05}.parquet", compression="zstd", compression_level=1)
    _staff(clients).write_parquet(folder / "staff.parquet")
    _absences().write_parquet(folder / "absences.parquet")
    head = {"format": [1], "zone": ["Asia/Shanghai"], "currency": ["CNY"]}
    pl.DataFrame(head).write_parquet(folder / "book.parquet")


def _numbers(count: int) -> Iterator[pl.DataFrame]:
    for start in range(0, max(count, 1), _CHUNK):
        yield pl.DataFrame({"n": pl.int_range(start, min(start + _CHUNK, count), eager=True)})


# --------------------------------------------------------------------------------------------------------------- arithmetic


def drawn(salt: int, below: int) -> pl.Expr:
    """A whole number from 0 to before `below`, of each row's number; another salt draws another.

    Exact in 64 bits: squares of what is below 2 to the power of 31.
    """
    first = (pl.col("n") * 48_271 + salt * 69_621 + 11) % _PRIME
    second = (first * first + salt) % _PRIME
    return (second * second + first) % _PRIME % below


def _word(draw: int | pl.Expr, words: Sequence[tuple[str | None, int]]) -> pl.Expr:
    """A word of each row, as often in a hundred as it says; by a salt, or by what was drawn below 100."""
    at = drawn(draw, 100) if isinstance(draw, int) else draw
    found = pl.lit(words[-1][0], dtype=pl.String)
    below = 100 - words[-1][1]
    for word, percent in reversed(words[:-1]):
        found = pl.when(at < below).then(pl.lit(word, dtype=pl.String)).otherwise(found)
        below -= percent
    return found


def _id(letter: str, number: pl.Expr) -> pl.Expr:
    return letter + number.cast(pl.String).str.zfill(9)


def _day(number: pl.Expr, first: date = _FIRST) -> pl.Expr:
    return pl.lit(first) + pl.duration(days=number)


# ------------------------------------------------------------------------------------------------------------------- tables


def _clients(numbers: pl.DataFrame, clients: int) -> pl.DataFrame:
    owners = _owners(clients)
    started = pl.when(drawn(9, 100) < 5).then(_day(drawn(10, _SPAN)))
    return numbers.select(
        id=_id("c", pl.col("n")),
        name=_id("Client ", pl.col("n")),
        stage=_word(1, [("visitor", 10), ("open", 30), ("closed", 50), ("dormant", 10)]),
        owner_id=_id("o", drawn(2, owners)),
        client_since_on=pl.when(drawn(3, 10) > 0).then(_day(drawn(4, 3000), date(2018, 7, 1))),
        region_weight=_word(5, [("outer", 50), ("near", 30), ("key city", 17), (None, 3)]),
        strength=_word(6, [("small", 50), ("medium", 35), ("large", 12), (None, 3)]),
        likelihood=_word(7, [("none", 20), ("low", 40), ("medium", 25), ("high", 10), (None, 5)]),
        address=pl.when(drawn(8, 100) < 40).then(pl.lit("in the file")),
        project_started_on=started,
        project_ended_on=pl.when((drawn(9, 100) < 5) & (drawn(11, 2) == 0)).then(_day(drawn(10, _SPAN) + 60)),
    )


def _people(numbers: pl.DataFrame, clients: int) -> pl.DataFrame:
    return numbers.select(
        id=_id("p", pl.col("n")),
        client_id=_id("c", pl.col("n")),
        name=_id("Person ", pl.col("n")),
        role=_word(21, [("principal", 60), ("buyer", 40)]),
        rank=_word(22, [("staff", 90), ("department", 2), ("bureau", 1), (None, 7)]),
        birthday=pl.when(drawn(23, 10) < 3).then(_day(drawn(24, 14_000), date(1960, 1, 1))),
    )


def _purchases(numbers: pl.DataFrame, clients: int) -> pl.DataFrame:
    cents = 1_000 + drawn(31, 1_000) * drawn(32, 1_500)
    return numbers.select(
        id=_id("b", pl.col("n")),
        client_id=_id("c", drawn(33, clients)),
        purchased_on=_day(pl.col("n") * _SPAN // clients),
        amount=(cents.cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
        category=_word(34, [("high-end", 30), ("standard", 70)]),
    )


def _touchpoints(numbers: pl.DataFrame, clients: int) -> pl.DataFrame:
    client = pl.col("n") * _STEP % clients
    channels = [("call", 50), ("visit", 20), ("message", 14), ("news", 10), ("greeting", 3), ("letter", 2), ("meeting", 1)]
    purposes = [(None, 82), ("news watch", 8), ("opinion", 2), ("birthday", 2), ("fault", 2), ("proposal", 2), ("first visit", 2)]
    # One draw has room for several words of a hundred parts each.
    some, more, day = pl.col("some"), pl.col("more"), pl.col("n") * _SPAN // (clients * ENTRIES)
    digits = numbers.with_columns(some=drawn(41, _PRIME), more=drawn(42, _PRIME), client=client.cast(pl.String).str.zfill(9))
    return digits.select(
        id=_id("t", pl.col("n")),
        client_id="c" + pl.col("client"),
        occurred_at=_day(day),
        channel=_word(some % 100, channels),
        direction=_word(some // 100 % 100, [("outgoing", 85), ("incoming", 15)]),
        outcome=_word(some // 10_000 % 100, [("reached", 45), ("met", 20), ("answered", 5), ("sent", 10), ("no answer", 20)]),
        purpose=_word(some // 1_000_000 % 100, purposes),
        person_id=pl.when(more % 10 < 6).then("p" + pl.col("client")),
        staff_id=_id("o", more // 1_000 % _owners(clients)),
        follow_up_at=pl.when(more // 10 % 100 == 0).then(_day(day + 7)),
    )


def _tiers(numbers: pl.DataFrame, clients: int) -> pl.DataFrame:
    """The tier in force of nine in ten, and of a third of them the one before."""
    changed = numbers.with_columns(since=_day(drawn(52, 300)))
    now = changed.filter(drawn(51, 10) > 0).select(
        client_id=_id("c", pl.col("n")),
        scheme_id=pl.lit("abc"),
        tier=_word(53, [("A", 20), ("B", 40), ("C", 40)]),
        start_on=pl.col("since"),
        end_on=pl.lit(None, dtype=pl.Date),
    )
    before = changed.filter((drawn(51, 10) > 0) & (drawn(54, 3) == 0)).select(
        client_id=_id("c", pl.col("n")),
        scheme_id=pl.lit("abc"),
        tier=_word(55, [("A", 20), ("B", 40), ("C", 40)]),
        start_on=pl.col("since") - pl.duration(days=200),
        end_on=pl.col("since"),
    )
    return pl.concat([now, before])


def _consents(numbers: pl.DataFrame, clients: int) -> pl.DataFrame:
    return numbers.select(
        id=_id("k", pl.col("n")),
        client_id=_id("c", drawn(61, clients)),
        kind=_word(62, [("refused", 70), ("given", 30)]),
        person_id=pl.lit(None, dtype=pl.String),
        channel=_word(63, [("call", 40), ("visit", 30), (None, 30)]),
        purpose=pl.lit(None, dtype=pl.String),
        start_on=_day(drawn(64, _SPAN)),
        end_on=pl.lit(None, dtype=pl.Date),
    )


def _owners(clients: int) -> int:
    return max(clients // 400, 1)


def _staff(clients: int) -> pl.DataFrame:
    numbers = pl.DataFrame({"n": pl.int_range(_owners(clients), eager=True)})
    roles = ["head", "researcher", "secretary"]
    others = pl.DataFrame({"id": [f"s-{role}" for role in roles], "name": roles, "role": roles})
    owners = numbers.select(id=_id("o", pl.col("n")), name=_id("Owner ", pl.col("n")), role=pl.lit("account manager"))
    return pl.concat([others, owners])


def _absences() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "staff_id": ["o000000000", "s-secretary"],
            "start_on": [AS_OF - timedelta(days=2)] * 2,
            "end_on": [AS_OF + timedelta(days=5)] * 2,
            "deputy_id": ["s-head", None],
        }
    )


def main() -> None:
    """Writes a book."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    invent(options.folder, options.clients)


if __name__ == "__main__":
    main()
