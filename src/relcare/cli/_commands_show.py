"""Questions about a whole book: `review show`, `review list`, `due`, `vip show`, `board`."""

import click

from relcare.cli._options import (
    DayParam,
    DayWord,
    PolicyParam,
    as_of_option,
    book_argument,
    json_option,
    owner_option,
    policy_option,
)
from relcare.cli._output import show, show_json

__all__ = ["board_command", "due_command", "review_group", "vip_group"]


@click.group("review")
def review_group() -> None:
    """Tiers."""


@review_group.command("show")
@book_argument
@click.option("--policy", type=PolicyParam(), help="A policy document, or preset:NAME.")
@click.option("--as-of", type=DayParam(), help="The day the question is about, in the book's zone; its events count. Or 'today'.")
@click.option("--review", "review_id", metavar="ID", help="A review that is kept, instead: as it was then.")
@json_option
def review_show(book: str, policy: str | None, as_of: DayWord | None, review_id: str | None, *, as_json: bool) -> None:
    """Who is in which tier, and why; or, with --review, a review as it is kept, whatever the book and the policy say by now."""
    if review_id is not None:
        if policy is not None or as_of is not None:
            raise click.UsageError("--review shows what is kept: leave --policy and --as-of out.")
        _show_kept(book, review_id, as_json=as_json)
        return
    if policy is None or as_of is None:
        raise click.UsageError("give --policy and --as-of, or --review.")
    from relcare.cli._loading import decide
    from relcare.cli._shapes import review_shape

    loaded, _, result = decide(book, policy, as_of)
    if as_json:
        show_json(review_shape(result, loaded))
        return
    from relcare.report import names_of, tiers_listing
    from relcare.segmentation import spells_in_force

    names = names_of(loaded)
    in_force = {scheme_id: spells_in_force(loaded, scheme_id, on=result.as_of) for scheme_id in result.schemes}
    show(*(tiers_listing(scheme, names, in_force=in_force[scheme.scheme_id]) for scheme in result.schemes.values()))


def _show_kept(book: str, review_id: str, *, as_json: bool) -> None:
    from relcare.cli._loading import reviews_in
    from relcare.cli._review_shape import review_record_shape
    from relcare.errors import UnknownRecordError, nearest

    loaded, kept = reviews_in(book)
    found = next((review for review in kept if review.id == review_id), None)
    if found is None:
        near = nearest(review_id, [review.id for review in kept])
        raise UnknownRecordError("review", review_id, f"did you mean {near!r}?" if near else None)
    if as_json:
        show_json(review_record_shape(found))
        return
    from relcare.report import kept_review_listings, names_of

    show(*kept_review_listings(found, names_of(loaded)))


@review_group.command("list")
@book_argument
@json_option
def review_list(book: str, *, as_json: bool) -> None:
    """Which reviews are kept, proposals included."""
    from relcare.cli._loading import reviews_in
    from relcare.cli._review_shape import reviews_shape

    _, kept = reviews_in(book)
    if as_json:
        show_json(reviews_shape(kept))
        return
    from relcare.report import reviews_listing

    show(reviews_listing(kept))


@click.command("due")
@book_argument
@policy_option
@as_of_option
@click.option("--until", type=DayParam(), help="Also what is due by this day, inclusive.")
@owner_option
@json_option
def due_command(book: str, policy: str, as_of: DayWord, until: DayWord | None, owner: str | None, *, as_json: bool) -> None:
    """Which contacts are owed, and why: those that have begun, with --until also those due by that day."""
    from relcare.cli._loading import decide, resolve_day
    from relcare.cli._shapes import due_shape
    from relcare.model import Obligations

    loaded, _, result = decide(book, policy, as_of)
    last = None if until is None else resolve_day(until, loaded.zone)
    if last is not None and last < result.as_of:
        raise click.BadParameter(f"{last} is before --as-of, {result.as_of}.", param_hint="'--until'")
    owed = Obligations(
        (one for one in result.obligations if one.earliest_on <= result.as_of or (last is not None and one.due_on <= last)),
        is_sorted=True,
    )
    undecided = result.undecided
    if owner is not None:
        owed = owed.for_owner(owner)
        undecided = tuple(one for one in undecided if loaded.get_client(one.client_id).owner_id == owner)
    if as_json:
        show_json(due_shape(result.as_of, owed, undecided))
        return
    from relcare.report import count_of, due_listing, names_of, undecided_listing

    names = names_of(loaded)
    listing = due_listing(f"{result.as_of}: {count_of(len(owed), 'contact')} owed", owed, names)
    show(listing, *([undecided_listing(undecided, names)] if undecided else []))


@click.group("vip")
def vip_group() -> None:
    """VIP programmes."""


@vip_group.command("show")
@book_argument
@policy_option
@as_of_option
@click.option("--programme", metavar="ID", help="Only this programme; all of the policy by default.")
@json_option
def vip_show(book: str, policy: str, as_of: DayWord, programme: str | None, *, as_json: bool) -> None:
    """Who qualifies for a programme and since when, and what the others lack; its members, and who is about to lose it."""
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.cli._shapes import vip_shape
    from relcare.cli._vip_shape import roll_shape
    from relcare.decisions import vip_roll

    rules = policy_from(policy)
    if programme is not None:
        rules.vip(programme)  # refuses what the policy does not have before a large book is read
    loaded = open_book(book)
    result = rules.decide(loaded, as_of=resolve_day(as_of, loaded.zone))
    asked = [one for one in rules.vip_programmes if programme in {None, one.id}]
    rolls = {one.id: vip_roll(rules, result, one.id) for one in asked if one.membership is not None}
    if as_json:
        shapes = {programme_id: roll_shape(roll) for programme_id, roll in rolls.items()}
        show_json(vip_shape(result, shapes, only=programme))
        return
    from relcare.report import names_of, roll_listings, vip_listing

    names = names_of(loaded)
    for programme_id in (one.id for one in asked):
        show(vip_listing(programme_id, result.vip_decisions(programme_id), names))
        if programme_id in rolls:
            show(*roll_listings(rolls[programme_id], names))


@click.command("board")
@book_argument
@policy_option
@as_of_option
@owner_option
@json_option
def board_command(book: str, policy: str, as_of: DayWord, owner: str | None, *, as_json: bool) -> None:
    """The boards of today, tomorrow, the week and the month, each contact on the first that it stands on."""
    from relcare.cli._loading import board_of, decide
    from relcare.cli._shapes import board_shape

    loaded, _, result = decide(book, policy, as_of)
    seen = board_of(loaded, result)
    if owner is not None:
        seen = seen.for_owner(owner)
    if as_json:
        show_json(board_shape(seen))
        return
    from relcare.report import board_pages, names_of

    show(*board_pages(seen, names_of(loaded), zone=loaded.zone))
