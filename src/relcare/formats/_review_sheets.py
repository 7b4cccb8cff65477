"""Which files keep the reviews of a book folder, and which columns each of them has."""

from typing import Final

from relcare.formats._sheets import Sheet

__all__ = ["REVIEWS", "REVIEW_BORDERS", "REVIEW_CHALLENGES", "REVIEW_EQUALS", "REVIEW_ROWS", "REVIEW_SHEETS"]

_DAY: Final = "2000-01-01"

REVIEWS: Final = Sheet(
    name="reviews.csv",
    columns=("review_id", "policy_id", "policy_version", "on", "decided_by", "decided_at", "in_force_from"),
    stand_ins={"review_id": "x", "policy_id": "x", "policy_version": "x", "on": _DAY},
    id_column="review_id",
)
REVIEW_BORDERS: Final = Sheet(
    name="review_borders.csv",
    columns=("review_id", "number", "scheme_id", "tier", "group", "score", "last_id", "is_unequal"),
    stand_ins={"review_id": "x", "number": "1", "scheme_id": "x", "tier": "x"},
    hints={"number": "count the borders of each review from 1"},
)
REVIEW_CHALLENGES: Final = Sheet(
    name="review_challenges.csv",
    columns=("review_id", "client_id", "scheme_id", "tier", "reason", "by", "at", "state"),
    stand_ins={
        "review_id": "x",
        "client_id": "x",
        "scheme_id": "x",
        "tier": "x",
        "reason": "x",
        "by": "x",
        "at": "2000-01-01T12:00",
    },
    hints={"at": "write the time, as 2026-03-20T14:30"},
)
REVIEW_EQUALS: Final = Sheet(
    name="review_equals.csv",
    columns=("review_id", "number", "client_id"),
    stand_ins={"review_id": "x", "number": "1", "client_id": "x"},
    hints={"number": "name the border by its number in review_borders.csv"},
)
REVIEW_ROWS: Final = Sheet(
    name="review_rows.csv",
    columns=(
        "review_id",
        "client_id",
        "scheme_id",
        "before",
        "since_on",
        "proposed",
        "wanted",
        "tier",
        "score",
        "rank",
        "is_border",
        "is_unequal",
        "reasons",
    ),
    stand_ins={"review_id": "x", "client_id": "x", "scheme_id": "x"},
)

REVIEW_SHEETS: Final = (REVIEWS, REVIEW_BORDERS, REVIEW_CHALLENGES, REVIEW_EQUALS, REVIEW_ROWS)
"""In the order in which they are read."""
