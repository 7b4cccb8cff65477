"""What a policy decides about a book, everybody at once."""

from datetime import date
from typing import TYPE_CHECKING

from relcare.calendars import Calendar
from relcare.decisions._book_cases import BookCases
from relcare.decisions._case import owned, pins_of
from relcare.decisions._graded import grade_book
from relcare.decisions._results import BookResult
from relcare.errors import InvalidValueError
from relcare.facts import histories_of
from relcare.model import Book
from relcare.segmentation import SchemeResult, assign

if TYPE_CHECKING:
    from relcare.decisions._engine import Engine

__all__ = ["decide_book"]


def decide_book(engine: "Engine", book: Book, as_of: date, given: Calendar | None) -> BookResult:
    """See `Policy.decide`."""
    if not isinstance(book, Book):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("book", book, "must be a Book", "decide_client takes one client, decide_facts takes facts")
    policy, day = engine.policy, engine.day(as_of, book.zone)
    engine.check_currency(book)
    ordinal = day.toordinal()
    cases = _cases_of(engine, book, day)
    grades = grade_book(policy.grades, cases.rows, engine.words.grades)
    schemes: dict[str, SchemeResult] = {}
    for scheme, vocabulary in zip(policy.segmentation, engine.words.schemes, strict=True):
        tiers, pins = cases.in_force(scheme), pins_of(scheme, book.pins, day)
        result = assign(scheme, cases.rows, vocabulary=vocabulary, tiers_in_force=tiers, pins=pins)
        schemes[scheme.id] = cases.classed(scheme, tiers, result)
    engine.programmes.set_lists(cases.rows, ordinal, cases.rows_on)
    return BookResult(
        policy_id=policy.id,
        policy_version=policy.version,
        as_of=day,
        grades=grades,
        schemes=schemes,
        programme_ids=tuple(programme.id for programme in policy.vip_programmes),
        client_ids=tuple(cases),
        notes=cases.notes(),
        facts=lambda client_id: engine.readable(cases[client_id].row),
        strategy=lambda client_id: cases[client_id].strategy,
        oblige=lambda: engine.duties.of(list(cases.values()), book, as_of, day, given),
        vip=lambda programme_id, client_id: engine.programmes.decision(programme_id, cases[client_id], ordinal),
        membership=lambda programme_id, client_id: engine.programmes.membership(programme_id, cases[client_id], ordinal),
        qualified=lambda programme_id, client_id: engine.programmes.qualified(programme_id, cases[client_id], ordinal),
        divide=lambda: engine.divided(cases),
        question=(policy, book, as_of, given),
    )


def _cases_of(engine: "Engine", book: Book, day: date) -> BookCases:
    try:
        return BookCases(engine, book, day)
    except InvalidValueError:
        for history in owned(histories_of(book), book, day):
            engine.case(history, day.toordinal())  # says of whom, and of which of its facts
        raise  # pragma: no cover - one of them is refused
