"""Reviews as rows of the files of a book folder."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from relcare.codec import dump_reasons
from relcare.errors import InvalidValueError
from relcare.formats._cells import amount_cell, day_cell, flag_cell, moment_cell
from relcare.formats._review_sheets import REVIEW_BORDERS, REVIEW_CHALLENGES, REVIEW_EQUALS, REVIEW_ROWS, REVIEWS
from relcare.model import Review

__all__ = ["review_sheets"]

Row: TypeAlias = Sequence[str | None]


def review_sheets(reviews: Sequence[Review], zone: str) -> Iterator[tuple[str, Sequence[str], list[Row]]]:
    """Name, columns and rows of each file that keeps reviews.

    Raises:
        InvalidValueError: If a review is of a book in another zone, or two have one id.
    """
    seen: set[str] = set()
    for index, review in enumerate(reviews):
        if review.zone != zone:
            raise InvalidValueError(f"reviews[{index}].zone", review.zone, f"must be the zone of the book, {zone}")
        if review.id in seen:
            raise InvalidValueError(f"reviews[{index}].id", review.id, "must be unique")
        seen.add(review.id)
    clock = ZoneInfo(zone)
    yield REVIEWS.name, REVIEWS.columns, [_head(review, clock) for review in reviews]
    yield REVIEW_BORDERS.name, REVIEW_BORDERS.columns, [row for review in reviews for row in _borders(review)]
    yield REVIEW_CHALLENGES.name, REVIEW_CHALLENGES.columns, [row for review in reviews for row in _challenges(review, clock)]
    yield REVIEW_EQUALS.name, REVIEW_EQUALS.columns, [row for review in reviews for row in _equals(review)]
    yield REVIEW_ROWS.name, REVIEW_ROWS.columns, [row for review in reviews for row in _rows(review)]


def _head(review: Review, clock: ZoneInfo) -> Row:
    decision = review.decision
    decided = ("", "", "")
    if decision is not None:
        decided = (decision.by, moment_cell(decision.at, clock), day_cell(decision.in_force_from))
    return (review.id, review.policy_id, review.policy_version, day_cell(review.on), *decided)


def _borders(review: Review) -> Iterator[Row]:
    for number, one in enumerate(review.borders, start=1):
        score = None if one.score is None else amount_cell(one.score)
        yield review.id, str(number), one.scheme_id, one.tier, one.group, score, one.last_id, flag_cell(value=one.is_unequal)


def _equals(review: Review) -> Iterator[Row]:
    for number, one in enumerate(review.borders, start=1):
        for client_id in one.equal_ids:
            yield review.id, str(number), client_id


def _challenges(review: Review, clock: ZoneInfo) -> Iterator[Row]:
    for one in review.challenges:
        yield review.id, one.client_id, one.scheme_id, one.tier, one.reason, one.by, moment_cell(one.at, clock), one.state


def _rows(review: Review) -> Iterator[Row]:
    for row in review.rows:
        yield (
            review.id,
            row.client_id,
            row.scheme_id,
            row.before,
            day_cell(row.since_on),
            row.proposed,
            row.wanted,
            row.tier,
            None if row.score is None else amount_cell(row.score),
            None if row.rank is None else str(row.rank),
            flag_cell(value=row.is_border),
            flag_cell(value=row.is_unequal),
            dump_reasons(row.reasons) if row.reasons else None,
        )
