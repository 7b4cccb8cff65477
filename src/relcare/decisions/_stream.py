"""Clients decided one after the other, each from its own part of a book (SEG-1 to SEG-4)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from relcare.calendars import Calendar
from relcare.decisions._engine import Borders, Engine
from relcare.decisions._results import ClientResult
from relcare.errors import InvalidValueError
from relcare.model import Book, as_known

__all__ = ["decide_stream"]


def decide_stream(
    engine: Engine,
    parts: Iterable[Book],
    *,
    as_of: date,
    borders: Borders | None,
    grades: Mapping[str, Mapping[str, int]] | None,
    calendar: Calendar | None,
    known_on: date | None,
) -> Iterator[ClientResult]:
    """See `Policy.decide_stream`."""
    currencies: set[str] = set()
    for index, part in enumerate(parts):
        if not isinstance(part, Book) or len(part.clients) != 1:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"parts[{index}]", part, "must be a Book of one client")
        known = part if known_on is None else as_known(part, known_on)
        currencies.update(purchase.amount.currency for purchase in known.purchases)
        engine.check_currencies(currencies)
        given = {name: found.get(part.clients[0].id) for name, found in (grades or {}).items()}
        yield engine.decide_client(known, {}, given, as_of, calendar, borders=borders or {})
