"""The JSON shapes of `review propose`, `challenge`, `decide`, `show --review`, `list` and `history`."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from relcare.cli._shapes import Json, reasons_shape, value_shape
from relcare.model import Challenge, Review, ReviewBorder, ReviewRow
from relcare.review import Preview, Simulation, TierHistory

__all__ = ["history_shape", "kept_review_shape", "rerun_shape", "review_record_shape", "reviews_shape", "simulations_shape"]


def kept_review_shape(review: Review, effect: Preview | None, changed: Sequence[str] = ()) -> dict[str, Json]:
    """A review with whoever moves and whoever stands at a border; the others are counted."""
    return {
        **_head(review),
        "moves": [_row(review, row) for row in review.moves],
        "staying": len(review.rows) - len(review.moves),
        "border_cases": [_row(review, row) for row in review.rows if row.is_border],
        "borders": [_border(border) for border in review.borders],
        "challenges": [_challenge(one) for one in review.challenges],
        "effect": None if effect is None else _effect(effect),
        "changed": list(changed),
    }


def review_record_shape(review: Review) -> dict[str, Json]:
    """A review as it is kept, with everybody in it."""
    return {
        **_head(review),
        "rows": [_row(review, row) for row in review.rows],
        "borders": [_border(border) for border in review.borders],
        "challenges": [_challenge(one) for one in review.challenges],
    }


def reviews_shape(reviews: Sequence[Review]) -> dict[str, Json]:
    """The reviews that are kept, counted."""
    return {
        "reviews": [
            {
                **_head(review),
                "clients": len(review.rows),
                "moves": len(review.moves),
                "challenges": len(review.challenges),
            }
            for review in reviews
        ]
    }


def rerun_shape(review: Review, differing: Sequence[tuple[ReviewRow, ReviewRow]]) -> dict[str, Json]:
    """What a review gives once more, and whoever comes out otherwise."""
    return {
        "id": review.id,
        "policy_version": review.policy_version,
        "rows": len(review.rows),
        "is_same": not differing,
        "differing": [
            {"client_id": row.client_id, "scheme_id": row.scheme_id, "kept": row.proposed, "again": again.proposed}
            for row, again in differing
        ],
    }


def simulations_shape(found: Mapping[str, Simulation]) -> dict[str, Json]:
    """How restless tiers would have been, by what keeps them steady."""
    return {
        "settings": [
            {
                "name": name,
                "churn_percent": _percent(one.expected_churn),
                "reviews": [
                    {"on": on.isoformat(), "moves": moves, "churn_percent": _percent(churn)}
                    for (on, moves), (_, churn) in zip(one.moves, one.churn, strict=True)
                ],
            }
            for name, one in found.items()
        ]
    }


def _percent(share: Fraction | None) -> Json:
    return None if share is None else f"{float(share * 100):.1f}"


def _head(review: Review) -> dict[str, Json]:
    decision = review.decision
    return {
        "id": review.id,
        "policy_id": review.policy_id,
        "policy_version": review.policy_version,
        "on": review.on.isoformat(),
        "is_decided": review.is_decided,
        "decided_by": None if decision is None else decision.by,
        "decided_at": None if decision is None else decision.at.isoformat(),
        "in_force_from": None if decision is None else _day(decision.in_force_from),
    }


def history_shape(histories: Sequence[TierHistory]) -> dict[str, Json]:
    """What became of the tiers of some schemes."""
    return {"schemes": [_history(one) for one in histories]}


def _day(day: date | None) -> Json:
    return None if day is None else day.isoformat()


def _row(review: Review, row: ReviewRow) -> dict[str, Json]:
    return {
        "client_id": row.client_id,
        "scheme_id": row.scheme_id,
        "before": row.before,
        "since_on": _day(row.since_on),
        "proposed": row.proposed,
        "tier": review.tier_of(row),
        "score": value_shape(row.score),
        "rank": row.rank,
        "is_border": row.is_border,
        "is_unequal": row.is_unequal,
        "reasons": reasons_shape(row.reasons),
    }


def _border(border: ReviewBorder) -> dict[str, Json]:
    return {
        "scheme_id": border.scheme_id,
        "tier": border.tier,
        "score": value_shape(border.score),
        "last_id": border.last_id,
        "equal_ids": list(border.equal_ids),
        "is_unequal": border.is_unequal,
        "group": border.group,
    }


def _challenge(one: Challenge) -> dict[str, Json]:
    return {
        "client_id": one.client_id,
        "scheme_id": one.scheme_id,
        "tier": one.tier,
        "reason": one.reason,
        "by": one.by,
        "at": one.at.isoformat(),
        "state": one.state,
    }


def _effect(effect: Preview) -> dict[str, Json]:
    return {
        "sizes": [
            {"scheme_id": scheme_id, "tier": tier, "before": before, "after": effect.sizes_after[scheme_id][tier]}
            for scheme_id, sizes in effect.sizes_before.items()
            for tier, before in sizes.items()
        ],
        "workload": _workload(effect.workload_before, effect.workload_after),
        "vip": [
            {"client_id": one.client_id, "programme_id": one.programme_id, "before": one.before, "after": one.after}
            for one in effect.vip
        ],
    }


def _workload(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> list[Json]:
    none = Fraction(0)
    return [
        {"role": role, "before_minutes": round(before.get(role, none)), "after_minutes": round(after.get(role, none))}
        for role in sorted({*before, *after})
    ]


def _history(one: TierHistory) -> dict[str, Json]:
    return {
        "scheme_id": one.scheme_id,
        "from": one.from_on.isoformat(),
        "until": one.until_on.isoformat(),
        "movements": [
            {"client_id": m.client_id, "on": m.on.isoformat(), "before": m.before, "tier": m.tier, "direction": m.direction}
            for m in one.movements
        ],
        "transitions": [{"before": a, "after": b, "count": count} for (a, b), count in one.transitions.items()],
        "stable_percent": _percent(one.stability),
        "days": dict(one.days_by_tier),
    }
