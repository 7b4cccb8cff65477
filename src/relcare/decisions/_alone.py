"""What a policy decides about one client by itself."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import attrs

from relcare.calendars import Calendar
from relcare.decisions._case import Case, noted, owned, pins_of
from relcare.decisions._given import refuse_unknown
from relcare.decisions._graded import encode_grades, ungraded
from relcare.decisions._others import Others
from relcare.decisions._results import ClientResult
from relcare.errors import IllegalStepError, InvalidValueError
from relcare.facts import histories_of
from relcare.model import Book, MembershipEvent
from relcare.segmentation import Assignment, QuotaScheme, assign_one, in_scope
from relcare.vip import MembershipState, membership

if TYPE_CHECKING:
    from relcare.decisions._engine import Engine

__all__ = ["compared_alone", "decide_client", "take_step"]


def decide_client(
    engine: "Engine",
    book: Book,
    tiers: Mapping[str, str],
    grades: Mapping[str, int | None],
    *,
    as_of: date,
    given: Calendar | None,
    others: Others,
) -> ClientResult:
    """The one client of a book, without looking at anything but its own history, and at what is known of the others."""
    day = engine.day(as_of, book.zone)
    ordinal = day.toordinal()
    case, assignments = _alone(engine, book, tiers, grades, day, others=others)
    owed, undecided = engine.duties.of([case], book, as_of, day, given)
    facts = engine.readable(case.row)
    return ClientResult(
        policy_id=engine.policy.id,
        policy_version=engine.policy.version,
        as_of=day,
        client_id=case.history.client.id,
        facts=facts,
        tiers=engine.tiers(facts),
        assignments=tuple(assignments),
        strategy=case.strategy,
        obligations=owed,
        undecided=undecided,
        vip=engine.programmes.decisions(case, ordinal),
        memberships=engine.programmes.memberships(case, ordinal),
        notes=tuple(case.notes),
        segments=tuple(
            result.membership(case.history.client.id) for result in engine.divided({case.history.client.id: case}).values()
        ),
    )


def take_step(engine: "Engine", book: Book, event: MembershipEvent) -> MembershipState:
    """Where the one client of a book stands once a step has been taken; see `Policy.take_step`."""
    programme = engine.programmes.named(event.programme_id).programme
    day = engine.day(event.on, book.zone)
    case, _ = _alone(engine, attrs.evolve(book, membership_events=(*book.membership_events, event)), {}, {}, day, others=Others())
    qualified = engine.programmes.qualified(event.programme_id, case, day.toordinal())
    try:
        return membership(programme, case.steps_in(event.programme_id), qualified, as_of=day)
    except IllegalStepError as error:
        raise error.renamed(error.name.partition("].")[2]) from None


def _alone(
    engine: "Engine",
    book: Book,
    tiers: Mapping[str, str],
    grades: Mapping[str, int | None],
    day: date,
    *,
    others: Others,
) -> tuple[Case, list[Assignment]]:
    """The one client of a book with all that is derived, and what the threshold schemes decided."""
    case, assignments = compared_alone(engine, book, tiers, grades, day, others=others)
    engine.set_derived(case, day.toordinal())
    return case, assignments


def compared_alone(
    engine: "Engine",
    book: Book,
    tiers: Mapping[str, str],
    grades: Mapping[str, int | None],
    day: date,
    *,
    others: Others,
) -> tuple[Case, list[Assignment]]:
    """The one client of a book with its grades, tiers and lists of the best, and what the threshold schemes decided."""
    ordinal = day.toordinal()
    (history,) = owned(histories_of(book), book, day)
    spells = book.tier_spells
    case = attrs.evolve(engine.case(history, ordinal), changes=engine.changes(spells, day), consents=book.consents)
    case = attrs.evolve(case, steps=book.membership_events)
    refuse_unknown("grades", grades, [grade.id for grade in engine.policy.grades])
    case.row.update(encode_grades(engine.policy.grades, grades))
    others.set_grades(engine, case)
    case.notes.extend(ungraded(engine.policy.grades, case.row, engine.words.grades))
    assignments: list[Assignment] = []
    for scheme, vocabulary in zip(engine.policy.segmentation, engine.words.schemes, strict=True):
        tier = tiers.get(scheme.id)
        if tier is not None and tier not in scheme.tier_ids:
            raise InvalidValueError(f"tiers.{scheme.id}", tier, f"must be one of {', '.join(map(repr, scheme.tier_ids))}")
        tier = tier or next((s.tier for s in spells if s.scheme_id == scheme.id and s.covers(day)), None)
        pin = pins_of(scheme, book.pins, day).get(history.client.id)
        found = assign_one(scheme, history.client.id, case.row, vocabulary=vocabulary, tier_in_force=tier, pin=pin)
        computed = found.tier if found else None
        if found is not None:
            assignments.append(noted(found, case.notes))
        elif isinstance(scheme, QuotaScheme):
            computed = others.tier(scheme, case, vocabulary=vocabulary, tier_in_force=tier, pin=pin)
        case.set_tier(scheme.id, scheme.tier_ids, tier, computed)
        if not in_scope(scheme, case.row, vocabulary):
            case.inapplicable.add(f"tier.{scheme.id}")
    refuse_unknown("tiers", tiers, [scheme.id for scheme in engine.policy.segmentation])
    refuse_unknown("borders", others.quotas, [scheme.id for scheme in engine.policy.segmentation])
    case.row.update(engine.flags(history.client.relationship_types))  # which lists may ask for
    others.set_lists(engine, case, ordinal)
    return case, assignments
