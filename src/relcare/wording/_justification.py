"""What forces a decision, and what would change it, in words."""

from collections.abc import Iterator
from typing import Final

from relcare.model import Pin
from relcare.soundness import Change, DecisionState, Justification, Lever, Placement, Way
from relcare.wording._catalogue import Catalogue
from relcare.wording._languages import catalogue
from relcare.wording._sentences import sentence

__all__ = ["explain_justification", "explain_lever"]

_NUMBERS: Final = frozenset({"number", "money", "integer"})


def explain_justification(justification: Justification, language: str | Catalogue = "en") -> tuple[str, ...]:
    """What forces a decision, where its client stands, and what is missing: a sentence each, without a full stop.

    Args:
        justification: Of one decision.
        language: `en`, or a catalogue of your own.

    Raises:
        InvalidValueError: If there is no catalogue for the language.

    Source: SEG-12.
    """
    return tuple(_told(justification, catalogue(language)))


def explain_lever(lever: Lever, language: str | Catalogue = "en") -> tuple[str, ...]:
    """What one fact contributes and what it could do by itself: a clause each; none where there is nothing to say.

    Args:
        lever: Of one fact.
        language: `en`, or a catalogue of your own.

    Raises:
        InvalidValueError: If there is no catalogue for the language.

    Source: SEG-12.
    """
    return tuple(_told_of(lever, catalogue(language)))


def _told(justification: Justification, words: Catalogue) -> Iterator[str]:
    if justification.pin is not None and justification.state != "out of scope":
        yield _pinned(justification, justification.pin, words)
    if justification.given_up is not None:
        yield sentence("justification.given_up", {}, {"why": justification.given_up}, words)
    if justification.sufficient:
        forcing = {name: justification.lever(name).value for name in justification.sufficient}
        yield sentence("justification.sufficient", forcing, {}, words)
    elif justification.sufficient is not None:
        yield sentence("justification.everybody", {}, {}, words)
    if justification.is_opaque:
        yield sentence("justification.opaque", {}, {"names": justification.sufficient}, words)
    if justification.placement is not None:
        yield from _placed(justification.placement, words)
    if justification.missing:
        yield sentence("justification.missing", {}, {"names": justification.missing}, words)
    yield from (_way(way, words) for way in justification.ways)


def _pinned(justification: Justification, pin: Pin, words: Catalogue) -> str:
    alone = justification.without_pin
    told = None if alone == justification.outcome else alone
    return sentence(
        f"justification.pin_{pin.kind}", {}, {"by": pin.by, "tier": pin.tier, "until": pin.end_on, "alone": told}, words
    )


def _placed(placement: Placement, words: Catalogue) -> Iterator[str]:
    if placement.holds_from is not None:
        values = {
            "score": placement.holds_from,
            "points": placement.spare_points,
            "places": placement.spare_places,
        }
        yield sentence("justification.holds_from", {}, values, words)
    if placement.next_tier is not None:
        values = {
            "score": placement.reached_from,
            "points": placement.lacking_points,
            "places": placement.lacking_places,
        }
        yield sentence("justification.reached_from", {}, {**values, "tier": placement.next_tier}, words)


def _way(way: Way, words: Catalogue) -> str:
    ending = _ending(way.state, way.outcome, words)
    return sentence("justification.way", {}, {"ending": ending, "when": str(way.when)}, words)


def _ending(state: DecisionState, outcome: str | None, words: Catalogue) -> str:
    return sentence(f"justification.{state.replace(' ', '_')}", {}, {"outcome": outcome}, words)


def _told_of(lever: Lever, words: Catalogue) -> Iterator[str]:
    if lever.points is not None:
        yield sentence("justification.points", {}, {"points": lever.points}, words)
    if lever.computed_from:
        yield sentence("justification.computed", {}, {"names": lever.computed_from}, words)
    elif lever.feeds:
        yield sentence("justification.feeds", {}, {"names": lever.feeds}, words)
    if lever.up is not None:
        yield _gain(lever, lever.up, words)
    if lever.best is not None and lever.best != lever.up:
        yield _gain(lever, lever.best, words)
    if lever.fall is not None:
        yield _loss(lever, lever.fall, words)


def _gain(lever: Lever, change: Change, words: Catalogue) -> str:
    code = {None: "turn", True: "rise", False: "drop"}[change.is_rise]
    return sentence(f"justification.{code}", {}, _values(lever, change, change.distance, words), words)


def _loss(lever: Lever, change: Change, words: Catalogue) -> str:
    code = {None: "turn", True: "holds_up", False: "holds_down"}[change.is_rise]
    return sentence(f"justification.{code}", {}, _values(lever, change, change.margin, words), words)


def _values(lever: Lever, change: Change, distance: object, words: Catalogue) -> dict[str, object]:
    """What a clause about a change may tell; a number of levels or members says less than their names."""
    return {
        "ending": _ending(change.state, change.outcome, words),
        "value": change.becomes,
        "last": change.last,
        "amount": distance if lever.kind in _NUMBERS else None,
        "days": distance if lever.kind == "date" else None,
    }
