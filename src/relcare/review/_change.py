"""Challenges to a review, its decision, and the tiers that come into force by it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import to_moment
from relcare.errors import InvalidValueError, PolicyError, UnknownRecordError, nearest
from relcare.model import Book, Challenge, Review, ReviewDecision, ReviewRow, TierSpell, civil_day

__all__ = ["challenge", "decide", "moved_spells", "put_in_force", "tier_spells"]


def challenge(
    review: Review,
    client_id: str,
    *,
    reason: str,
    by: str,
    at: datetime,
    tier: str | None = None,
    scheme_id: str | None = None,
    tiers: Mapping[str, Sequence[str]] | None = None,
) -> Review:
    """The review with an objection to what it proposes for a client.

    Args:
        review: Not decided yet.
        client_id: A client of the review.
        reason: Why.
        by: Who objects.
        at: The aware instant.
        tier: The tier asked for; by default the one the client has.
        scheme_id: In which scheme; may be left out where the review is about one.
        tiers: The tiers of each scheme, of which the one asked for must be one; see `relcare.segmentation`. Without them any
            will do: a review does not keep those that nobody has.

    Raises:
        PolicyError: If the review is decided.
        UnknownRecordError: If the scheme, the tier or the client is not in the review.
        InvalidValueError: If it is not said which scheme or tier is meant.

    Source: SEG-11.
    """
    if review.is_decided:
        raise PolicyError(f"review {review.id!r} is decided", "challenge the next one")
    if scheme_id is None:
        if len(review.scheme_ids) != 1:
            raise InvalidValueError("scheme_id", None, f"must be one of {', '.join(map(repr, review.scheme_ids))}")
        scheme_id = review.scheme_ids[0]
    _check_known("scheme", scheme_id, review.scheme_ids)
    if tier is not None and tiers is not None:
        _check_known("tier", tier, tiers[scheme_id])
    wanted = tier or review.row(client_id, scheme_id).before
    if wanted is None:
        raise InvalidValueError("tier", tier, "must be given: the client has none")
    made = Challenge(client_id=client_id, scheme_id=scheme_id, tier=wanted, reason=reason, by=by, at=at)
    return attrs.evolve(review, challenges=(*review.challenges, made))


def _check_known(kind: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        near = nearest(given, known)
        raise UnknownRecordError(kind, given, f"did you mean {near!r}?" if near else f"one of {', '.join(map(repr, known))}")


def decide(
    review: Review,
    *,
    by: str,
    at: datetime,
    in_force_from: date | None = None,
    uphold: Collection[str | tuple[str, str]] = (),
) -> Review:
    """The review as it was decided: what is proposed, but for the challenges that are upheld.

    A review that is decided is given back as it stands: whoever decides it again moves nobody.

    Args:
        review: A proposal.
        by: Who decides; not who made a challenge that is upheld.
        at: The aware instant, not before that of a challenge.
        in_force_from: The first day of the new tiers, not before the day of the decision: what was in force is not rewritten. By
            default that day.
        uphold: Whose challenges are upheld; the others are dismissed. A client's id upholds the last challenge in each scheme; a
            pair of client id and tier upholds the last one that asks for this tier.

    Raises:
        InvalidValueError: If there is no such challenge, its maker decides, two of a client in one scheme are named, a challenge
            was made after the decision, or the first day is before the decision's.

    Source: SEG-11.
    """
    if review.is_decided:
        return review
    upheld = _upheld(review, uphold)
    for place in upheld:
        if review.challenges[place].by == by:
            raise InvalidValueError("by", by, f"must be somebody else than who challenged {review.challenges[place].client_id!r}")
    day = civil_day(to_moment(at), ZoneInfo(review.zone))
    decision = ReviewDecision(by=by, at=at, in_force_from=in_force_from or max(day, review.on))
    for one in review.challenges:
        if one.at > decision.at:
            raise InvalidValueError("at", at, f"must not be before the challenge about {one.client_id!r}, made at {one.at}")
    return attrs.evolve(
        review,
        challenges=[
            attrs.evolve(one, state="upheld" if place in upheld else "dismissed") for place, one in enumerate(review.challenges)
        ],
        decision=decision,
    )


def _upheld(review: Review, uphold: Collection[str | tuple[str, str]]) -> frozenset[int]:
    """The places of the challenges that are meant; at most one for each client in each scheme."""
    found: dict[tuple[str, str], int] = {}
    for item in uphold:
        client_id, tier = (item, None) if isinstance(item, str) else item
        meant = {
            (one.client_id, one.scheme_id): place
            for place, one in enumerate(review.challenges)
            if one.client_id == client_id and tier in (None, one.tier)
        }
        if not meant:
            raise _not_challenged(review, client_id, tier)
        for seat, place in meant.items():
            if found.setdefault(seat, place) != place:
                raise InvalidValueError("uphold", item, "must name one of several challenges about a client in a scheme")
    return frozenset(found.values())


def _not_challenged(review: Review, client_id: str, tier: str | None) -> InvalidValueError:
    asked = {
        one.client_id: tuple(other.tier for other in review.challenges if other.client_id == one.client_id)
        for one in review.challenges
    }
    if client_id in asked:
        return InvalidValueError(
            "uphold", (client_id, tier), "must be a tier that is asked for", f"one of {', '.join(asked[client_id])}"
        )
    near = nearest(client_id, asked)
    return InvalidValueError("uphold", client_id, "must be challenged", f"did you mean {near!r}?" if near else None)


def tier_spells(review: Review) -> tuple[TierSpell, ...]:
    """The spells that a decided review opens, one for each client that moves to a tier, open-ended; none of a proposal.

    Source: SEG-11.
    """
    if review.decision is None:
        return ()
    start_on = review.decision.in_force_from
    return tuple(
        TierSpell(client_id=row.client_id, scheme_id=row.scheme_id, tier=tier, start_on=start_on)
        for row in review.moves
        if (tier := review.tier_of(row)) is not None
    )


def put_in_force(review: Review, book: Book) -> Book:
    """The book with the tiers of a decided review: spells in force end on its day, and new ones begin.

    What was in force before that day is not touched. The second time nothing changes. A spell that begins later stays, and ends
    the new one.

    Args:
        review: Decided.
        book: With every client that moves.

    Raises:
        PolicyError: If the review is not decided, or a client's tier is another than when it was proposed.

    Source: SEG-11.
    """
    if review.decision is None:
        raise PolicyError(f"review {review.id!r} is not decided", "decide it first")
    return attrs.evolve(book, tier_spells=moved_spells(review, book.tier_spells, review.decision.in_force_from))


def moved_spells(review: Review, spells: Iterable[TierSpell], on: date, *, is_trial: bool = False) -> tuple[TierSpell, ...]:
    """Spells after the moves of a review from a day on.

    Args:
        review: The review, decided or not.
        spells: Of everybody.
        on: From which day on.
        is_trial: Whether to ask only what it would be like, on whatever day.
    """
    moves = {(row.client_id, row.scheme_id): row for row in review.moves}
    kept: list[TierSpell] = []
    groups: dict[tuple[str, str], list[TierSpell]] = {place: [] for place in moves}
    for spell in spells:
        groups.get((spell.client_id, spell.scheme_id), kept).append(spell)
    for place, row in moves.items():
        kept.extend(_after(row, review.tier_of(row), groups[place], on, is_trial=is_trial))
    return tuple(kept)


def _after(row: ReviewRow, tier: str | None, spells: Iterable[TierSpell], on: date, *, is_trial: bool) -> list[TierSpell]:
    """The spells of one client in one scheme with its move."""
    ordered = sorted(spells, key=lambda spell: spell.start_on)
    current = next((spell for spell in ordered if spell.covers(on)), None)
    if (None if current is None else current.tier) == tier:
        return ordered
    is_as_proposed = (None, None) if current is None else (current.tier, current.start_on)
    if not is_trial and is_as_proposed != (row.before, row.since_on):
        raise PolicyError(
            f"client {row.client_id!r} has another tier in scheme {row.scheme_id!r} than when it was reviewed", "propose anew"
        )
    later = next((spell.start_on for spell in ordered if spell.start_on > on), None)
    found = [spell for spell in ordered if spell is not current]
    if current is not None and current.start_on < on:
        found.append(attrs.evolve(current, end_on=on))
    elif current is not None and not is_trial:
        raise PolicyError(
            f"the tier of client {row.client_id!r} in scheme {row.scheme_id!r} begins on {on} already", "take a later day"
        )
    if tier is not None:
        found.append(TierSpell(client_id=row.client_id, scheme_id=row.scheme_id, tier=tier, start_on=on, end_on=later))
    return sorted(found, key=lambda spell: spell.start_on)
