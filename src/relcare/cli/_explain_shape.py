"""The JSON shape of `relcare explain`."""

from collections.abc import Sequence

from relcare.cli._portfolio_shape import health_shape
from relcare.cli._shapes import (
    Json,
    assignment_shape,
    client_shape,
    decision_shape,
    obligation_shape,
    reasons_shape,
    undecided_shape,
    value_shape,
    values_shape,
)
from relcare.decisions import BookResult, ClientHealth
from relcare.grades import GradePlace
from relcare.model import Book
from relcare.relationships import MergedStrategy
from relcare.segmentation import beside_in_force
from relcare.soundness import Change, ClientJustification, Justification

__all__ = ["explain_shape"]


def _strategy_shape(strategy: MergedStrategy, health: ClientHealth) -> dict[str, Json]:
    return {
        "types": list(strategy.types),
        "appeals": list(strategy.appeals),
        "intervals": {channel: {"every": str(every), "type": kind} for channel, (every, kind) in strategy.intervals.items()},
        "advice": _sentences(strategy.advice),
        "avoid": _sentences(strategy.avoid),
        "questions": _sentences(strategy.questions),
        "forms": _sentences(strategy.forms),
        **health_shape(health),
    }


def _sentences(told: Sequence[tuple[str, str]]) -> list[Json]:
    """Sentences with the type they come from."""
    return [{"type": kind, "text": text} for kind, text in told]


def _grade_shape(place: GradePlace) -> dict[str, Json]:
    """Where the client stands among the others in a fact."""
    return {
        "grade_id": place.grade_id,
        "grade": place.grade,
        "parts": place.parts,
        "value": value_shape(place.value),
        "rank": place.rank,
        "last": value_shape(place.last),
        "reasons": reasons_shape(place.reasons),
    }


def _change_shape(change: Change | None) -> Json:
    """The smallest change of a fact; None where there is none."""
    if change is None:
        return None
    return {
        "becomes": value_shape(change.becomes),
        "last": value_shape(change.last),
        "is_rise": change.is_rise,
        "distance": value_shape(change.distance),
        "margin": value_shape(change.margin),
        "outcome": change.outcome,
        "state": change.state,
    }


def _justification_shape(justification: Justification) -> dict[str, Json]:
    """What forces a decision, and what would change it."""
    placement = justification.placement
    return {
        "outcome": justification.outcome,
        "state": justification.state,
        "sufficient": None if justification.sufficient is None else list(justification.sufficient),
        "given_up": justification.given_up,
        "facts": [
            {
                "fact": lever.fact,
                "value": value_shape(lever.value),
                "is_needed": lever.is_needed,
                "points": value_shape(lever.points),
                "up": _change_shape(lever.up),
                "best": _change_shape(lever.best),
                "fall": _change_shape(lever.fall),
                "computed_from": list(lever.computed_from),
                "feeds": list(lever.feeds),
            }
            for lever in justification.levers
        ],
        "missing": list(justification.missing),
        "ways": [{"when": str(way.when), "outcome": way.outcome, "state": way.state} for way in justification.ways],
        "placement": None
        if placement is None
        else {
            "score": value_shape(placement.score),
            "rank": placement.rank,
            "count": placement.count,
            "holds_from": value_shape(placement.holds_from),
            "spare_points": value_shape(placement.spare_points),
            "spare_places": placement.spare_places,
            "next_tier": placement.next_tier,
            "reached_from": value_shape(placement.reached_from),
            "lacking_points": value_shape(placement.lacking_points),
            "lacking_places": placement.lacking_places,
        },
        "pin": None
        if justification.pin is None
        else {
            "tier": justification.pin.tier,
            "kind": justification.pin.kind,
            "by": justification.pin.by,
            "why": justification.pin.reason,
            "until": value_shape(justification.pin.end_on),
            "decides": justification.is_by_pin,
            "without": justification.without_pin,
        },
    }


def explain_shape(
    book: Book, result: BookResult, why: ClientJustification, health: ClientHealth, client_id: str
) -> dict[str, Json]:
    """`relcare explain`: everything about one client."""
    spells = {spell.scheme_id: spell for spell in book.tier_spells_by_client.get(client_id, ()) if spell.covers(result.as_of)}
    return {
        "as_of": result.as_of.isoformat(),
        "client": client_shape(book.get_client(client_id)),
        "facts": values_shape(result.facts(client_id)),
        "notes": reasons_shape(result.notes.get(client_id, ())),
        "grades": [_grade_shape(result.grade(grade_id, client_id)) for grade_id in result.grades],
        "tiers": [
            {
                "scheme_id": scheme_id,
                "in_scope": found.is_in_scope,
                **assignment_shape(beside_in_force(found, spells.get(scheme_id))),
                "justification": _justification_shape(why.tier(scheme_id)),
            }
            for scheme_id, found in ((scheme_id, result.tier(scheme_id, client_id)) for scheme_id in result.schemes)
        ],
        "strategy": _strategy_shape(result.strategy(client_id), health),
        "obligations": [obligation_shape(owed) for owed in result.obligations.for_client(client_id)],
        "undecided": [undecided_shape(one) for one in result.undecided if one.client_id == client_id],
        "vip": [
            {
                "programme_id": programme_id,
                **decision_shape(result.vip(programme_id, client_id)),
                "justification": _justification_shape(why.programme(programme_id)),
            }
            for programme_id in result.programme_ids
        ],
    }
