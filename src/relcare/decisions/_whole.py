"""What a policy decides about a book, everybody at once."""

from datetime import date
from typing import TYPE_CHECKING

import attrs

from relcare.calendars import Calendar
from relcare.decisions._case import owned, pins_of, with_notes
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
    day = engine.day(as_of, book.zone)
    engine.check_currency(book)
    ordinal = day.toordinal()
    cases = {history.client.id: engine.case(history, ordinal) for history in owned(histories_of(book), book, day)}
    for client_id, consents in book.consents_by_client.items():
        cases[client_id] = attrs.evolve(cases[client_id], consents=consents)
    for client_id, spells in book.tier_spells_by_client.items():
        cases[client_id] = attrs.evolve(cases[client_id], changes=engine.changes(spells, day))
    for client_id, steps in book.membership_events_by_client.items():
        cases[client_id] = attrs.evolve(cases[client_id], steps=steps)
    rows = {client_id: case.row for client_id, case in cases.items()}
    grades = grade_book(engine.policy.grades, rows, engine.words.grades)
    schemes: dict[str, SchemeResult] = {}
    in_force = {client_id: book.tiers_in_force(client_id, on=day) for client_id in book.tier_spells_by_client}
    for scheme, vocabulary in zip(engine.policy.segmentation, engine.words.schemes, strict=True):
        tiers = {client_id: spells[scheme.id] for client_id, spells in in_force.items() if scheme.id in spells}
        pins = pins_of(scheme, book.pins, day)
        result = assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=tiers, pins=pins)
        tier_ids, found = scheme.tier_ids, result.tiers
        for client_id, case in cases.items():
            case.set_tier(scheme.id, tier_ids, tiers.get(client_id), found.get(client_id))
        for client_id in result.out_of_scope:
            cases[client_id].inapplicable.add(f"tier.{scheme.id}")
        schemes[scheme.id] = with_notes(result, cases)
    engine.programmes.set_lists(cases, ordinal)
    for case in cases.values():
        engine.set_derived(case, ordinal)
    return BookResult(
        policy_id=engine.policy.id,
        policy_version=engine.policy.version,
        as_of=day,
        grades=grades,
        schemes=schemes,
        programme_ids=tuple(programme.id for programme in engine.policy.vip_programmes),
        client_ids=tuple(cases),
        notes={client_id: tuple(case.notes) for client_id, case in cases.items() if case.notes},
        facts=lambda client_id: engine.readable(rows[client_id]),
        strategy=lambda client_id: cases[client_id].strategy,
        oblige=lambda: engine.duties.of(list(cases.values()), book, as_of, day, given),
        vip=lambda programme_id, client_id: engine.programmes.decision(programme_id, cases[client_id], ordinal),
        membership=lambda programme_id, client_id: engine.programmes.membership(programme_id, cases[client_id], ordinal),
        qualified=lambda programme_id, client_id: engine.programmes.qualified(programme_id, cases[client_id], ordinal),
        divide=lambda: engine.divided(cases),
        question=(engine.policy, book, as_of, given),
    )
