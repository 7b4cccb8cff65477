"""Clients decided one after the other, each from its own part of a book (SEG-1 to SEG-5, VIP-1)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeAlias

from relcare.calendars import Calendar
from relcare.decisions._census import compares, find_others
from relcare.decisions._engine import Engine
from relcare.decisions._others import Borders, Others
from relcare.decisions._results import ClientResult
from relcare.errors import InvalidValueError
from relcare.model import Book, as_known

__all__ = ["Parts", "decide_stream"]

Parts: TypeAlias = Iterable[Book] | Callable[[], Iterable[Book]]
"""Books of one client each, or what gives them from the first to the last each time it is called."""


def decide_stream(
    engine: Engine,
    parts: Parts,
    *,
    as_of: date,
    borders: Borders | None,
    grades: Mapping[str, Mapping[str, int]] | None,
    calendar: Calendar | None,
    known_on: date | None,
) -> Iterator[ClientResult]:
    """See `Policy.decide_stream`."""
    is_sought = borders is None and grades is None and compares(engine.policy)
    if is_sought:
        _refuse_one_shot(parts)
    passes = _Passes(engine, parts, known_on)
    return _decided(engine, passes, as_of, calendar, is_sought=is_sought, known=Others(quotas=borders or {}), grades=grades or {})


def _refuse_one_shot(parts: object) -> None:
    if isinstance(parts, Iterator):
        rule = "can be gone over only once, and the policy compares clients with each other: it takes a pass before the results"
        hint = "give a list, or what makes the stream, as BookReader(unit).parts, or hand in borders and grades"
        raise InvalidValueError("parts", type(parts).__name__, rule, hint)  # pyright: ignore[reportUnknownArgumentType]


def _decided(
    engine: Engine,
    passes: "_Passes",
    as_of: date,
    calendar: Calendar | None,
    *,
    is_sought: bool,
    known: Others,
    grades: Mapping[str, Mapping[str, int]],
) -> Iterator[ClientResult]:
    others = find_others(engine, passes.again, as_of) if is_sought else known
    for part in passes.again():
        given = {name: found.get(part.clients[0].id) for name, found in grades.items()}
        yield engine.decide_client(part, {}, given, as_of, calendar, others=others)


class _Passes:
    """The parts of a book, gone over as often as it takes.

    Args:
        engine: Of the policy.
        parts: As they were given.
        known_on: What was known then; None for all.
    """

    def __init__(self, engine: Engine, parts: Parts, known_on: date | None) -> None:
        self._engine = engine
        self._parts = parts
        self._known_on = known_on
        self._count: int | None = None
        self._currencies: set[str] = set()

    def again(self) -> Iterator[Book]:
        """All parts once more, as they were known.

        Raises:
            InvalidValueError: On the way, if one is no book of one client, or amounts are in several currencies; at the end of a
                later pass, if there are fewer or more than in the first.
        """
        count = 0
        for index, part in enumerate(self._parts() if callable(self._parts) else self._parts):
            if not isinstance(part, Book) or len(part.clients) != 1:  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(f"parts[{index}]", part, "must be a Book of one client")
            count += 1
            if self._count is not None and count > self._count:
                break
            known = part if self._known_on is None else as_known(part, self._known_on)
            self._currencies.update(purchase.amount.currency for purchase in known.purchases)
            self._engine.check_currencies(self._currencies)
            yield known
        if self._count is not None and count != self._count:
            rule = f"must be the same in every pass: the first had {self._count:,}"
            hint = "what makes the stream must begin at the first part each time, and nothing may be written meanwhile"
            raise InvalidValueError("parts", f"{count:,} parts" if count < self._count else "more parts", rule, hint)
        self._count = count
