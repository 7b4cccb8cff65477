"""What becomes of each piece of a client's file, by the rules of retention and by what the pieces need of one another."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import attrs

from relcare.access import RetentionDecision, RetentionQuestion, RetentionRules, decide_retention
from relcare.model import MembershipEvent, Purchase, Reason, Touchpoint
from relcare.storage._access_steps import case_of
from relcare.storage._book_entries import entry_id
from relcare.storage._erasure_scope import Piece, event_in, retention_record
from relcare.storage._values import Record

__all__ = ["Decided", "decided"]


@attrs.frozen
class Decided:
    """A piece, and what becomes of it.

    Attributes:
        piece: What is stored.
        kind: Of what kind retention takes it to be.
        decision: What becomes of it.
    """

    piece: Piece
    kind: str
    decision: RetentionDecision


def decided(
    pieces: Sequence[Piece],
    rules: RetentionRules | None,
    *,
    zone: str,
    on: date,
    asked: RetentionQuestion,
    ended_on: date | None,
    last_contact_on: date | None = None,
) -> tuple[Decided, ...]:
    """Every piece with what becomes of it; without rules all of them go.

    A purchase that came back is needed by its return, a contact by what takes it back, a step of a membership, of a change or of
    a grant by the others, and the client by everything that may still be used: what another needs is kept as long as that is.
    """
    found = [
        _one(piece, rules, zone=zone, on=on, asked=asked, last_contact_on=last_contact_on, ended_on=ended_on) for piece in pieces
    ]
    while needed := _needed(found):
        found = [_kept(one, needed[index], on) if index in needed else one for index, one in enumerate(found)]
    return tuple(found)


def _one(
    piece: Piece,
    rules: RetentionRules | None,
    *,
    zone: str,
    on: date,
    asked: RetentionQuestion,
    last_contact_on: date | None,
    ended_on: date | None,
) -> Decided:
    record = retention_record(piece, zone, on=on, last_contact_on=last_contact_on, ended_on=ended_on)
    if rules is None:
        reason = Reason("retention.asked", {}, {"asked": asked})
        return Decided(piece, record.kind, RetentionDecision(outcome="erase", asked=asked, reasons=(reason,), on=on))
    return Decided(piece, record.kind, decide_retention(rules, record, on=on, asked=asked))


def _kept(one: Decided, by: str, on: date) -> Decided:
    reason = Reason("retention.linked", {}, {"kind": by})
    decision = RetentionDecision(outcome="keep", asked=one.decision.asked, reasons=(reason, *one.decision.reasons), on=on)
    return attrs.evolve(one, decision=decision)


def _needed(found: Sequence[Decided]) -> Mapping[int, str]:
    """The pieces that would go and cannot, with the kind of what needs them."""
    usable = [one for one in found if one.decision.is_usable]
    wanted: dict[str, str] = {}
    for one in usable:
        wanted.update((needed, one.kind) for needed in _needs(one.piece))
    ids = {index: _id_of(one.piece) for index, one in enumerate(found) if not one.decision.is_usable}
    return {index: wanted[own] for index, own in ids.items() if own in wanted}


def _needs(piece: Piece) -> Iterator[str]:
    if not (isinstance(piece, Record) and piece.kind == "client"):
        yield "client"
    event = event_in(piece)
    if isinstance(event, Purchase) and event.returns_purchase_id is not None:
        yield entry_id("purchase", event.returns_purchase_id)
    if isinstance(event, Touchpoint) and event.voids_id is not None:
        yield entry_id("touchpoint", event.voids_id)
    if isinstance(event, MembershipEvent):
        yield f"programme {event.programme_id}"
    case = _case_in(piece)
    if case is not None:
        yield case


def _id_of(piece: Piece) -> str:
    """What others call it when they need it."""
    if isinstance(piece, Record):
        return "client" if piece.kind == "client" else ""
    event = event_in(piece)
    if isinstance(event, MembershipEvent):
        return f"programme {event.programme_id}"
    return _case_in(piece) or piece.entry.id


def _case_in(piece: Piece) -> str | None:
    """The grant or the change of which it is a step: without its first one the others say nothing, so they go together."""
    case = None if isinstance(piece, Record) else case_of(piece.entry)
    return None if case is None else " ".join(case)
