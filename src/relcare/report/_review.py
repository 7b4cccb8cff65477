"""Reviews of tiers, for a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from relcare.model import Review, ReviewRow
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, because, count_of, plain
from relcare.review import Preview, Simulation, TierHistory

__all__ = [
    "history_listings",
    "kept_review_listings",
    "rerun_listing",
    "review_listings",
    "reviews_listing",
    "simulations_listing",
]

_MOVES: Final = (Column("Client"), Column("From", 8), Column("To", 8), Column("Score", 10, "right"), Column("Border", 7))


def review_listings(review: Review, effect: Preview | None, names: Names) -> tuple[Listing, ...]:
    """Who moves, who stands at a border, what was said against it, and what it does."""
    pages = [_moves(review, names), _border_cases(review, names)]
    if review.challenges:
        pages.append(_challenges(review, names))
    if effect is not None:
        pages.append(_effect(effect))
    return tuple(pages)


def reviews_listing(reviews: Sequence[Review]) -> Listing:
    """The reviews that are kept, a line each."""
    columns = (
        Column("Review"),
        Column("Version", 8),
        Column("Clients", 8, "right"),
        Column("Move", 6, "right"),
        Column("State", 24),
    )
    rows = (
        Row((plain(one.id), plain(one.policy_version), f"{len(one.rows):,}", f"{len(one.moves):,}", _short_state(one)))
        for one in reviews
    )
    return Listing(title=f"Reviews: {len(reviews):,}", columns=columns, rows=rows, empty="none is kept")


def kept_review_listings(review: Review, names: Names) -> tuple[Listing, ...]:
    """A review as it is kept: every row, the borders as they then were, challenges and decision."""
    lead = f"by version {review.policy_version} of policy {review.policy_id}, with the facts of {review.on}"
    moves = f"{count_of(len(review.moves), 'client')} of {len(review.rows):,} {_to_move(review)}"
    rows = Listing(
        title=f"Review {review.id}, {_state(review)}: {moves}",
        lead=plain(lead),
        columns=_MOVES,
        rows=(_row(review, row, names) for row in review.rows),
        empty="nobody was reviewed",
    )
    pages = [rows, _borders(review)] if review.borders else [rows]
    return (*pages, _challenges(review, names)) if review.challenges else tuple(pages)


def _to_move(review: Review) -> str:
    return "to move" if review.decision is None else "moved"


def _short_state(review: Review) -> str:
    if review.decision is not None:
        return f"in force from {review.decision.in_force_from}"
    return f"{count_of(len(review.challenges), 'challenge')}" if review.challenges else "proposed"


def _borders(review: Review) -> Listing:
    return Listing(
        title="Where the tiers ended",
        columns=(
            Column("Scheme"),
            Column("Group", 14),
            Column("Tier", 8),
            Column("Score", 12, "right"),
            Column("Equals", 7, "right"),
        ),
        rows=(
            Row(
                (
                    plain(one.scheme_id),
                    plain(one.group or MISSING),
                    plain(one.tier),
                    MISSING if one.score is None else f"{one.score:f}",
                    f"{len(one.equal_ids):,}" if one.equal_ids else "",
                )
            )
            for one in review.borders
        ),
    )


def _state(review: Review) -> str:
    if review.decision is None:
        return "proposed"
    return f"decided by {review.decision.by}, in force from {review.decision.in_force_from}"


def _moves(review: Review, names: Names) -> Listing:
    moves = f"{count_of(len(review.moves), 'client')} of {len(review.rows):,} {_to_move(review)}"
    title = f"Review {review.id}, {_state(review)}: {moves}"
    return Listing(title=title, columns=_MOVES, rows=(_row(review, row, names) for row in review.moves), empty="nobody moves")


def _border_cases(review: Review, names: Names) -> Listing:
    rows = [row for row in review.rows if row.is_border and review.tier_of(row) == row.before]
    title = f"Staying at a border: {count_of(len(rows), 'client')}"
    return Listing(title=title, columns=_MOVES, rows=(_row(review, row, names, is_staying=True) for row in rows), empty="nobody")


def _row(review: Review, row: ReviewRow, names: Names, *, is_staying: bool = False) -> Row:
    cut = "unequal" if row.is_unequal else "yes" if row.is_border else ""
    score = MISSING if row.score is None else f"{row.score:f}"
    cells = (names.client(row.client_id), row.before or MISSING, review.tier_of(row) or MISSING, score, cut)
    reasons = [reason for reason in row.reasons if not is_staying or reason.code == "segmentation.border"]
    return Row(cells, because(reasons, is_brief=is_staying))


def _challenges(review: Review, names: Names) -> Listing:
    return Listing(
        title=f"Challenges: {len(review.challenges):,}",
        columns=(Column("Client"), Column("Asked for", 10), Column("By", 10), Column("State", 10)),
        rows=(
            Row((names.client(one.client_id), one.tier, names.member(one.by), one.state), plain(one.reason))
            for one in review.challenges
        ),
        empty="none",
    )


def _effect(effect: Preview) -> Listing:
    return Listing(
        title="What it does",
        columns=(Column("What"), Column("Before", 10, "right"), Column("After", 10, "right")),
        rows=_effect_rows(effect),
        empty="nothing",
    )


def _effect_rows(effect: Preview) -> Iterable[Row]:
    for scheme_id, sizes in effect.sizes_before.items():
        for tier, before in sizes.items():
            yield Row((f"{scheme_id} {tier}: clients", f"{before:,}", f"{effect.sizes_after[scheme_id][tier]:,}"))
    for role in sorted({*effect.workload_before, *effect.workload_after}):
        before, after = (round(load.get(role, 0)) for load in (effect.workload_before, effect.workload_after))
        yield Row((f"{role}: minutes in four weeks", f"{before:,}", f"{after:,}"))
    for one in effect.vip:
        yield Row((f"{one.programme_id}: {one.client_id} qualifies", one.before, one.after))


def rerun_listing(review: Review, differing: Sequence[tuple[ReviewRow, ReviewRow]], names: Names) -> Listing:
    """Whoever comes out otherwise when a review is decided again from what it keeps."""
    count = f"{len(differing):,} of {len(review.rows):,} rows differ"
    return Listing(
        title=f"Review {review.id} again, by version {review.policy_version}: {count}",
        columns=(Column("Client"), Column("Scheme", 14), Column("Kept", 8), Column("Again", 8)),
        rows=(
            Row((names.client(row.client_id), plain(row.scheme_id), row.proposed or MISSING, again.proposed or MISSING))
            for row, again in differing
        ),
        empty="it gives what was right then",
    )


def simulations_listing(found: Mapping[str, Simulation]) -> Listing:
    """How many would have moved at each review, by what keeps tiers steady."""
    first = next(iter(found.values()))
    reviews = count_of(len(first.reviews), "review")
    return Listing(
        title=f"Churn over {reviews}, each decided as proposed",
        columns=(Column("Setting"), Column("Moves", 7, "right"), Column("A review", 9, "right"), Column("Churn", 8, "right")),
        rows=(_simulation(name, one) for name, one in found.items()) if first.reviews else (),
        empty="no review falls in these days",
    )


def _simulation(name: str, one: Simulation) -> Row:
    moves = sum(count for _, count in one.moves)
    churn = MISSING if one.expected_churn is None else f"{float(one.expected_churn):.1%}"
    told = "; ".join(f"{on} {count:,}" for on, count in one.moves)
    return Row((plain(name), f"{moves:,}", f"{moves / len(one.moves):.1f}", churn), told)


def history_listings(histories: Sequence[TierHistory], names: Names) -> tuple[Listing, ...]:
    """Transitions and movements of each scheme."""
    return tuple(page for one in histories for page in (_transitions(one), _movements(one, names)))


def _transitions(one: TierHistory) -> Listing:
    stable = "nobody in a tier" if one.stability is None else f"{float(one.stability * 100):.1f}% in the same tier"
    return Listing(
        title=f"{one.scheme_id} from {one.from_on} until {one.until_on}: {stable}",
        columns=(Column("From", 12), Column("To", 12), Column("Clients", 9, "right")),
        rows=(Row((before or MISSING, tier or MISSING, f"{count:,}")) for (before, tier), count in one.transitions.items()),
        empty="nobody in a tier",
    )


def _movements(one: TierHistory, names: Names) -> Listing:
    return Listing(
        title=f"{one.scheme_id}: {count_of(len(one.movements), 'movement')}",
        columns=(Column("On", 10), Column("Client"), Column("From", 8), Column("To", 8), Column("", 6)),
        rows=(
            Row((m.on.isoformat(), names.client(m.client_id), m.before or MISSING, m.tier or MISSING, m.direction))
            for m in one.movements
        ),
        empty="none",
    )
