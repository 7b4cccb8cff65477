"""What a review proposes: every scheme that is due, with the facts of its day and the tiers that are in force."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_moment, to_moment
from relcare.calendars import Calendar
from relcare.decisions import BookResult, Policy, vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.model import Book, Pin, Review, ReviewBorder, ReviewRow, TierSpell, as_known, civil_day
from relcare.ranking import Border, Ranking
from relcare.review._due import own_calendar, review_day
from relcare.review._near import Borders, steps_of
from relcare.segmentation import Scheme, SchemeResult, ThresholdScheme, settle

__all__ = ["propose"]

Spells = Mapping[str, TierSpell]


def propose(
    policy: Policy,
    book: Book,
    *,
    as_of: date,
    earlier: Iterable[Review] = (),
    calendar: Calendar | None = None,
    known_on: date | None = None,
    margins: Mapping[str, Decimal | int | str] | None = None,
) -> Review:
    """The review that is due: who would get which tier, and why.

    The facts are those of the day of the review, whenever it is proposed: the first business day of the month, or of the quarter
    or year where all schemes that are due say so. The tiers in force are those of the day asked about. So it is the same on every
    day of the month, as long as neither the history until its day nor the tiers change, and proposes no move that has come into
    force. Nothing is decided or stored by it.

    Args:
        policy: With at least one scheme.
        book: With the tiers in force and the pins.
        as_of: A civil day in the book's zone, or an aware instant for its day there.
        earlier: Reviews so far, in any order. One of this policy and day that is decided is given back as it stands; others that
            are decided confirm (SEG-9).
        calendar: Business days; by default the policy's own (TIM-6).
        known_on: Propose with what was known then, see `relcare.model.as_known`; by default with all that is known (TIM-7).
        margins: By fact, in its unit (levels and days are counted): how near to another tier of a threshold scheme a client
            stands at a border. By default its smallest step: a grain, a level, a day; no step of a grade.

    Raises:
        InvalidValueError: If the policy has no scheme, or a margin is about no fact with an order, or off its grain.
        PolicyError: If the policy was not in force on the day of the review.

    Source: SEG-9, SEG-10, SEG-11.
    """
    if not policy.segmentation:
        raise InvalidValueError("policy", policy.id, "must have a segmentation scheme to review")
    moment = to_moment(as_of)
    check_moment("as_of", moment)
    today = civil_day(moment, ZoneInfo(book.zone))
    days = own_calendar(policy) if calendar is None else calendar
    due = {scheme.id: review_day(scheme, today, days) for scheme in policy.segmentation}
    on = max(due.values())
    review_id = f"{policy.id}:{on}"
    so_far = sorted((one for one in earlier if one.policy_id == policy.id and one.is_decided), key=lambda one: one.on)
    standing = next((one for one in so_far if one.id == review_id), None)
    if standing is not None:
        return standing
    seen = book if known_on is None else as_known(book, known_on)
    result = policy.decide(_as_reviewed(seen, on, today), as_of=on, calendar=days)
    before = [one for one in reversed(so_far) if one.on < on]
    places = [place for place, scheme in enumerate(policy.segmentation) if due[scheme.id] == on]
    schemes = [policy.segmentation[place] for place in places]
    borders = _borders_between(policy, places, margins or {})
    return Review(
        id=review_id,
        policy_id=policy.id,
        policy_version=policy.version,
        on=on,
        zone=book.zone,
        rows=[row for scheme in schemes for row in _rows(scheme, result, seen, before, today, borders.get(scheme.id))],
        borders=[border for scheme in schemes for border in _borders(scheme, result.schemes[scheme.id])],
    )


def _borders_between(policy: Policy, places: Sequence[int], margins: Mapping[str, Decimal | int | str]) -> Mapping[str, Borders]:
    """What finds who stands at a border, by threshold scheme."""
    words = vocabularies_of_policy(policy).schemes
    steps = steps_of(words, margins)  # a margin may be about a scheme that is not due today
    schemes = ((policy.segmentation[place], words[place]) for place in places)
    return {scheme.id: Borders(scheme, known, steps) for scheme, known in schemes if isinstance(scheme, ThresholdScheme)}


def _as_reviewed(book: Book, on: date, today: date) -> Book:
    """The book with the tiers of today on the day of the review, so that incumbents are those of today."""
    if on == today:
        return book
    spells = [attrs.evolve(spell, start_on=on, end_on=None) for spell in book.tier_spells if spell.covers(today)]
    return attrs.evolve(book, tier_spells=spells)


def _rows(  # noqa: PLR0917 - one scheme of a review
    scheme: Scheme, result: BookResult, book: Book, before: Sequence[Review], today: date, borders: Borders | None
) -> Iterator[ReviewRow]:
    found = result.schemes[scheme.id]
    spells = {spell.client_id: spell for spell in book.tier_spells if spell.scheme_id == scheme.id and spell.covers(today)}
    pins = {pin.client_id: pin for pin in book.pins if pin.scheme_id == scheme.id and pin.covers(result.as_of)}
    near = _near(found)
    unequal = {client_id for tie in found.ties if tie.is_unequal for client_id in tie.client_ids}
    ranked = [assignment.client_id for assignment in found.assignments]
    left = sorted(client_id for client_id in found.out_of_scope if client_id in spells)
    for client_id in (*ranked, *left):
        row = _row(scheme, found, client_id, spells.get(client_id), pins.get(client_id), before, result.as_of)
        around = () if borders is None else tuple(borders.around(result.facts(client_id)))
        is_border = client_id in near or bool(around)
        yield attrs.evolve(row, is_border=is_border, is_unequal=client_id in unequal, reasons=(*row.reasons, *around))


def _row(  # noqa: PLR0917 - one client of a scheme
    scheme: Scheme,
    found: SchemeResult,
    client_id: str,
    spell: TierSpell | None,
    pin: Pin | None,
    before: Sequence[Review],
    on: date,
) -> ReviewRow:
    settled = settle(
        scheme,
        found,
        client_id,
        tier_in_force=None if spell is None else spell.tier,
        since=None if spell is None else spell.start_on,
        earlier=_wanted_earlier(scheme.id, client_id, spell, before),
        pin=pin,
        as_of=on,
    )
    assignment = found.assignment(client_id)
    known = {reason.code for reason in assignment.reasons}
    return ReviewRow(
        client_id=client_id,
        scheme_id=scheme.id,
        before=None if spell is None else spell.tier,
        since_on=None if spell is None else spell.start_on,
        proposed=settled.proposed,
        wanted=settled.wanted,
        tier=settled.tier,
        score=assignment.score,
        rank=assignment.rank,
        reasons=(*assignment.reasons, *(reason for reason in settled.reasons if reason.code not in known)),
    )


def _wanted_earlier(scheme_id: str, client_id: str, spell: TierSpell | None, before: Sequence[Review]) -> tuple[str | None, ...]:
    """What earlier reviews wanted for a client since its spell began, the latest first."""
    if spell is None:
        return ()
    wanted: list[str | None] = []
    for review in before:
        if review.on <= spell.start_on:  # the one that began the spell does not ask to leave it
            break
        if scheme_id in review.scheme_ids:
            row = review.find_row(client_id, scheme_id)
            wanted.append(None if row is None else row.wanted)
    return tuple(wanted)


def _near(found: SchemeResult) -> frozenset[str]:
    """Who stands at a cut: the last above it and the first below it, and all who have their scores."""
    near: set[str] = set()
    for ranking in found.rankings.values():
        for border in ranking.borders:
            inside = _inside(ranking, border)
            if 0 < inside < len(ranking.scores):
                near.update(ranking.equals_of(ranking.member_at(inside)), ranking.equals_of(ranking.member_at(inside + 1)))
    return frozenset(near)


def _inside(ranking: Ranking, border: Border | None) -> int:
    """How many a border includes."""
    return 0 if border is None else sum(border.includes(score, member) for member, score in ranking.scores.items())


def _borders(scheme: Scheme, found: SchemeResult) -> Iterator[ReviewBorder]:
    ties = {(tie.group, tie.tier): tie for tie in found.ties}
    scores = {(a.group, a.rank): a.score for a in found.assignments if a.rank is not None}
    parts = [(group or None, ranking) for group, ranking in found.rankings.items()]
    cuts = [(group, ranking, cut) for group, ranking in parts for cut in zip(scheme.tier_ids, ranking.borders, strict=True)]
    for group, ranking, (tier, border) in cuts:
        tie = ties.get((group, tier))
        yield ReviewBorder(
            scheme_id=scheme.id,
            tier=tier,
            group=group,
            score=scores.get((group, _inside(ranking, border))),
            last_id=None if border is None else border.last_id,
            equal_ids=() if tie is None else tie.client_ids,
            is_unequal=tie is not None and tie.is_unequal,
        )
