"""From a folder to the reviews that are kept in it."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import attrs

from relcare.formats import _review_builders
from relcare.formats._findings import Findings, shown
from relcare.formats._head import read_head
from relcare.formats._links import check_unique
from relcare.formats._review_builders import NumberedBorder, Part
from relcare.formats._review_sheets import REVIEW_BORDERS, REVIEW_CHALLENGES, REVIEW_EQUALS, REVIEW_ROWS, REVIEWS
from relcare.formats._rows import Progress, read_table
from relcare.formats._table import Table
from relcare.model import Challenge, Review, ReviewBorder, ReviewRow

__all__ = ["read_reviews"]


class _OfReview(Protocol):
    @property
    def review_id(self) -> str: ...


O = TypeVar("O", bound=_OfReview)  # noqa: E741 - a type, not a number


def read_reviews(folder: Path | str, *, progress: Progress | None = None) -> tuple[Review, ...]:
    """The reviews that are kept in a folder of CSV files, beside the book that `read_book` reads.

    - `reviews.csv`: review_id, policy_id, policy_version, on, decided_by, decided_at, in_force_from; the last three are empty of
      a proposal.
    - `review_rows.csv`: review_id, client_id, scheme_id, before, since_on, proposed, wanted, tier, score, rank, is_border,
      is_unequal, reasons (JSON, as it was written; empty for none).
    - `review_borders.csv`: review_id, number (from 1, in the order of the review), scheme_id, tier, group, score, last_id,
      is_unequal; `review_equals.csv`: review_id, number of the border, client_id.
    - `review_challenges.csv`: review_id, client_id, scheme_id, tier, reason, by, at, state (`open`, `upheld` or `dismissed`;
      empty: open).

    Args:
        folder: Where the files are; each may be missing. A client that is no longer in the book stays in its reviews.
        progress: As for `read_book`.

    Returns:
        By day, then id, their parts in the order of the files. Instants are in the book's zone.

    Raises:
        BookDocumentError: With every wrong row and cell at once, each with file, line, column and the name of the column.

    Source: SEG-11, TIM-2.
    """
    root, findings = Path(folder), Findings()
    zone = ZoneInfo(read_head(root, findings).zone)
    heads = read_table(REVIEWS, root, _review_builders.heads(zone), findings, progress)
    known = check_unique(heads, findings)
    borders = read_table(REVIEW_BORDERS, root, _review_builders.borders, findings, progress)
    challenges = read_table(REVIEW_CHALLENGES, root, _review_builders.challenges(zone), findings, progress)
    equals = read_table(REVIEW_EQUALS, root, _review_builders.equals, findings, progress)
    rows = read_table(REVIEW_ROWS, root, _review_builders.rows, findings, progress)
    _check_reviews(borders, heads, known, findings)
    _check_reviews(challenges, heads, known, findings)
    _check_reviews(equals, heads, known, findings)
    _check_reviews(rows, heads, known, findings)
    numbers = _check_once(borders, lambda one: (one.review_id, one.number), "number", "the border of the review", findings)
    _check_equals(equals, borders, numbers, findings)
    places = _check_once(
        rows, lambda one: (one.review_id, one.client_id, one.value.scheme_id), "client_id", "the row of the client", findings
    )
    _check_challenges(challenges, rows, places, {one.id: one for one in heads.items}, findings)
    findings.raise_if_any()
    return _assembled(heads.items, rows.items, borders.items, equals.items, challenges.items)


def _check_reviews(table: Table[O], heads: Table[Review], known: Mapping[str, int], findings: Findings) -> None:
    """Every part is of a review."""
    if not heads.is_whole:
        return
    for line, part in zip(table.starts, table.items, strict=True):
        if part.review_id not in known and part.review_id not in heads.wrong_ids:
            message = f"{shown(part.review_id)} must name a review in {REVIEWS.name}"
            findings.add(table.problem(line, "review_id", message, findings.did_you_mean(part.review_id, dict(known))))


def _check_once(
    table: Table[O], place_of: Callable[[O], Hashable], column: str, what: str, findings: Findings
) -> dict[Hashable, int]:
    """Where each place stands first; a later row of the same place is a finding."""
    first: dict[Hashable, int] = {}
    for line, part in zip(table.starts, table.items, strict=True):
        known = first.setdefault(place_of(part), line)
        if known != line:
            findings.add(table.problem(line, column, f"must not stand here again: {what} is in line {known}"))
    return first


def _check_equals(
    equals: Table[Part[int]], borders: Table[NumberedBorder], numbers: Mapping[Hashable, int], findings: Findings
) -> None:
    for line, part in zip(equals.starts, equals.items, strict=True):
        if borders.is_whole and (part.review_id, part.value) not in numbers:
            message = f"{part.value} must be the number of a border of the review in {REVIEW_BORDERS.name}"
            findings.add(equals.problem(line, "number", message))


def _check_challenges(
    challenges: Table[Part[Challenge]],
    rows: Table[Part[ReviewRow]],
    places: Mapping[Hashable, int],
    heads: Mapping[str, Review],
    findings: Findings,
) -> None:
    for line, part in zip(challenges.starts, challenges.items, strict=True):
        head = heads.get(part.review_id)
        if head is None:
            continue
        if rows.is_whole and (part.review_id, part.client_id, part.value.scheme_id) not in places:
            message = f"{shown(part.client_id)} must have a row in the review and scheme"
            findings.add(challenges.problem(line, "client_id", message))
        if (part.value.state == "open") is head.is_decided:
            message = f"{shown(part.value.state)} must be open until the review is decided, and not after it"
            findings.add(challenges.problem(line, "state", message))


def _assembled(
    heads: Sequence[Review],
    rows: Sequence[Part[ReviewRow]],
    borders: Sequence[NumberedBorder],
    equals: Sequence[Part[int]],
    challenges: Sequence[Part[Challenge]],
) -> tuple[Review, ...]:
    parts: dict[str, tuple[list[ReviewRow], list[ReviewBorder], list[Challenge]]] = {one.id: ([], [], []) for one in heads}
    for row in rows:
        parts[row.review_id][0].append(row.value)
    shared: dict[tuple[str, int], list[str]] = {}
    for equal in equals:
        shared.setdefault((equal.review_id, equal.value), []).append(equal.client_id)
    for border in sorted(borders, key=lambda one: one.number):
        members = shared.get((border.review_id, border.number), ())
        parts[border.review_id][1].append(attrs.evolve(border.value, equal_ids=members))
    for challenge in challenges:
        parts[challenge.review_id][2].append(challenge.value)
    made = (attrs.evolve(head, rows=parts[head.id][0], borders=parts[head.id][1], challenges=parts[head.id][2]) for head in heads)
    return tuple(sorted(made, key=lambda review: (review.on, review.id)))
