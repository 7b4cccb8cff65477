"""From the cells of a row to the parts of a review; each part says which review it belongs to."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import to_decimal
from relcare.codec import load_reasons
from relcare.errors import InvalidValueError
from relcare.formats._cells import Days, Instants, count, flag
from relcare.formats._review_sheets import REVIEW_BORDERS, REVIEW_CHALLENGES, REVIEW_ROWS, REVIEWS
from relcare.formats._rows import Build
from relcare.model import Challenge, ChallengeState, Review, ReviewBorder, ReviewDecision, ReviewRow

__all__ = ["NumberedBorder", "Part", "borders", "challenges", "equals", "heads", "rows"]

At = Mapping[str, int]
P = TypeVar("P")


class Part(NamedTuple, Generic[P]):
    """A part of a review."""

    review_id: str
    client_id: str
    value: P


class NumberedBorder(NamedTuple):
    """A border with its number in its review."""

    review_id: str
    number: int
    value: ReviewBorder


def heads(zone: ZoneInfo) -> Callable[[At], Build[Review]]:
    """Rows of reviews.csv: reviews without their parts; a tier in force before the decision is refused here, in its row."""

    def make(at: At) -> Build[Review]:
        review_id, policy_id, version, on, decided_by, decided_at, in_force_from = (at[column] for column in REVIEWS.columns)
        days, firsts, instants = Days("on"), Days("in_force_from"), Instants("decided_at", zone)

        def build(row: list[str]) -> Review:
            proposal = Review(
                id=row[review_id], policy_id=row[policy_id], policy_version=row[version], on=days[row[on]], zone=zone.key
            )
            by, decided, first = row[decided_by], row[decided_at], row[in_force_from]
            if not (by or decided or first):
                return proposal
            for column, cell in (("decided_by", by), ("decided_at", decided), ("in_force_from", first)):
                if not cell:
                    raise InvalidValueError(column, cell, "must be given with the rest of the decision")
            decision = ReviewDecision(by=by, at=instants[decided], in_force_from=firsts[first])
            try:
                return attrs.evolve(proposal, decision=decision)
            except InvalidValueError as fault:
                raise InvalidValueError("in_force_from", first, fault.rule, fault.hint) from None

        return build

    return make


def rows(at: At) -> Build[Part[ReviewRow]]:
    """Rows of review_rows.csv."""
    places = [at[column] for column in REVIEW_ROWS.columns]
    days = Days("since_on")

    def build(row: list[str]) -> Part[ReviewRow]:
        review_id, client_id, scheme_id, before, since, proposed, wanted, tier, score, rank, border, unequal, reasons = (
            row[place] for place in places
        )
        made = ReviewRow(
            client_id=client_id,
            scheme_id=scheme_id,
            before=before or None,
            since_on=days[since] if since else None,
            proposed=proposed or None,
            wanted=wanted or None,
            tier=tier or None,
            score=_score(score),
            rank=count("rank", rank) if rank else None,
            is_border=flag("is_border", border),
            is_unequal=flag("is_unequal", unequal),
            reasons=load_reasons(reasons) if reasons else (),
        )
        return _part(review_id, client_id, made)

    return build


def borders(at: At) -> Build[NumberedBorder]:
    """Rows of review_borders.csv, with the number of each; who shares the score stands in review_equals.csv."""
    places = [at[column] for column in REVIEW_BORDERS.columns]

    def build(row: list[str]) -> NumberedBorder:
        review_id, number, scheme_id, tier, group, score, last_id, unequal = (row[place] for place in places)
        made = ReviewBorder(
            scheme_id=scheme_id,
            tier=tier,
            group=group or None,
            score=_score(score),
            last_id=last_id or None,
            is_unequal=flag("is_unequal", unequal),
        )
        return NumberedBorder(_known(review_id), _number(number), made)

    return build


def equals(at: At) -> Build[Part[int]]:
    """Rows of review_equals.csv: a client that shares the score at a border, with the number of the border."""
    review_id, number, client_id = (at[column] for column in ("review_id", "number", "client_id"))

    def build(row: list[str]) -> Part[int]:
        return _part(row[review_id], row[client_id], _number(row[number]))

    return build


def challenges(zone: ZoneInfo) -> Callable[[At], Build[Part[Challenge]]]:
    """Rows of review_challenges.csv."""

    def make(at: At) -> Build[Part[Challenge]]:
        places = [at[column] for column in REVIEW_CHALLENGES.columns]
        instants = Instants("at", zone)

        def build(row: list[str]) -> Part[Challenge]:
            review_id, client_id, scheme_id, tier, reason, by, when, state = (row[place] for place in places)
            made = Challenge(
                client_id=client_id,
                scheme_id=scheme_id,
                tier=tier,
                reason=reason,
                by=by,
                at=instants[when],
                state=cast("ChallengeState", state or "open"),
            )
            return _part(review_id, client_id, made)

        return build

    return make


def _part(review_id: str, client_id: str, value: P) -> Part[P]:
    if not client_id:
        raise InvalidValueError("client_id", "", "must not be empty")
    return Part(_known(review_id), client_id, value)


def _known(review_id: str) -> str:
    if not review_id:
        raise InvalidValueError("review_id", "", "must not be empty")
    return review_id


def _number(cell: str) -> int:
    found = count("number", cell)
    if found < 1:
        raise InvalidValueError("number", cell, "must be a whole number from 1")
    return found


def _score(cell: str) -> Decimal | None:
    return to_decimal("score", cell) if cell else None
