"""Hypothesis strategies for reviews of tiers: proposals and decided ones, with and without challenges."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare.model import (
    Challenge,
    ChallengeState,
    FactValue,
    Reason,
    ReasonValue,
    Review,
    ReviewBorder,
    ReviewDecision,
    ReviewRow,
)
from relcare.testing._strategies import cached, days, ids, moments, names

__all__ = ["challenges", "review_borders", "review_decisions", "review_rows", "reviews"]

_SCHEME: Final = "abc"
_FACTS: Final[tuple[FactValue, ...]] = (None, "high", 7, Decimal("12.50"), True, date(2028, 2, 29), frozenset({"tea", "키"}))
_VALUES: Final[tuple[ReasonValue, ...]] = (None, "C", 3, Decimal("0.1"), False, date(2026, 1, 31), ("a", "b"))


def _tiers() -> st.SearchStrategy[str | None]:
    return st.sampled_from(["A", "B", "C", None])


def _scores() -> st.SearchStrategy[Decimal | None]:
    return st.none() | st.sampled_from(["0", "11", "-0.5", "12000.25"]).map(Decimal)


@cached
def _reasons() -> st.SearchStrategy[list[Reason]]:
    one = st.builds(
        Reason,
        st.just("segmentation.ranked"),
        st.dictionaries(st.sampled_from(["revenue", "client.stage"]), st.sampled_from(_FACTS), max_size=2),
        st.fixed_dictionaries({"scheme": st.just(_SCHEME), "tier": st.sampled_from(_VALUES)}),
    )
    return st.lists(one, max_size=2)


def review_rows(client_ids: Sequence[str]) -> st.SearchStrategy[ReviewRow]:
    """What a review says of one of the clients: ranked and held ones, newcomers and incumbents."""

    def build(before: str | None, since_on: date, **fields: object) -> ReviewRow:
        since = None if before is None else since_on
        return ReviewRow(scheme_id=_SCHEME, before=before, since_on=since, **fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    return st.builds(
        build,
        before=_tiers(),
        since_on=days(),
        client_id=st.sampled_from(client_ids),
        proposed=_tiers(),
        wanted=_tiers(),
        tier=_tiers(),
        score=_scores(),
        rank=st.none() | st.integers(1, 9),
        is_border=st.booleans(),
        is_unequal=st.booleans(),
        reasons=_reasons(),
    )


def review_borders() -> st.SearchStrategy[ReviewBorder]:
    """Where a tier ended: at a score, in the middle of equals, or nowhere."""
    return st.builds(
        ReviewBorder,
        group=st.sampled_from([None, "north", "partner, supplier"]),
        scheme_id=st.just(_SCHEME),
        tier=st.sampled_from("ABC"),
        score=_scores(),
        last_id=st.none() | ids(),
        equal_ids=st.lists(ids(), max_size=3, unique=True),
        is_unequal=st.booleans(),
    )


def challenges(client_ids: Sequence[str]) -> st.SearchStrategy[Challenge]:
    """Open objections about one of the clients."""
    return st.builds(
        Challenge,
        client_id=st.sampled_from(client_ids),
        scheme_id=st.just(_SCHEME),
        tier=st.sampled_from("ABC"),
        reason=names(),
        by=ids(),
        at=moments("UTC"),
    )


def review_decisions() -> st.SearchStrategy[ReviewDecision]:
    """Decisions that come into force on their day or later."""

    def build(by: str, at: datetime, later: int) -> ReviewDecision:
        return ReviewDecision(by=by, at=at, in_force_from=at.date() + timedelta(days=later))

    return st.builds(build, ids(), moments("UTC"), st.sampled_from([1, 2, 31]))


def reviews(client_ids: Sequence[str] = ("c-1", "c-2", "한글")) -> st.SearchStrategy[Review]:
    """Reviews of some clients in the zone UTC: proposals, and what became of them.

    Args:
        client_ids: Whom a review may be about, one of them at least.
    """

    def build(
        rows: list[ReviewRow], made: list[Challenge], decision: ReviewDecision | None, before: int, **fields: object
    ) -> Review:
        known = {row.client_id for row in rows}
        state: ChallengeState = "open" if decision is None else ("upheld" if before % 2 else "dismissed")
        on = date(2026, 3, 2) if decision is None else decision.in_force_from - timedelta(days=before)
        return Review(
            rows=rows,
            challenges=[attrs.evolve(one, state=state) for one in made if one.client_id in known],
            decision=decision,
            on=on,
            zone="UTC",
            **fields,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        )

    return st.builds(
        build,
        rows=st.lists(review_rows(client_ids), max_size=3, unique_by=lambda row: row.client_id),
        made=st.lists(challenges(client_ids), max_size=2),
        decision=st.none() | review_decisions(),
        before=st.integers(0, 5),
        id=ids(),
        policy_id=ids(),
        policy_version=st.sampled_from(["1", "2026-03"]),
        borders=st.lists(review_borders(), max_size=2),
    )
