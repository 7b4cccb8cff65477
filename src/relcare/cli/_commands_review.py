"""Tiers as a managed change: `review propose`, `challenge`, `decide`, `rerun`, `simulate`, `history`."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from relcare.cli._commands_show import review_group
from relcare.cli._options import NOW, DayParam, DayWord, as_of_option, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

if TYPE_CHECKING:
    from relcare.decisions import Policy
    from relcare.model import Book, Review
    from relcare.review import Preview

__all__ = ["review_group"]

P = ParamSpec("P")
R = TypeVar("R")


def _review_option(function: Callable[P, R]) -> Callable[P, R]:
    """--review: which one."""
    return click.option("--review", "review_id", metavar="ID", help="Which review; the latest of the policy by default.")(
        function
    )


def _by_option(function: Callable[P, R]) -> Callable[P, R]:
    """--by: who."""
    return click.option("--by", required=True, metavar="STAFF", help="Who says so.")(function)


def _at_option(function: Callable[P, R]) -> Callable[P, R]:
    """--at: when."""
    text = "When, as 2026-03-31T14:30 on the book's clocks. Now by default."
    return click.option("--at", "moment", default=NOW, metavar="TIME", help=text)(function)


@review_group.command("propose")
@book_argument
@policy_option
@as_of_option
@click.option(
    "--margin",
    "margins",
    multiple=True,
    metavar="FACT=AMOUNT",
    help="How near to another tier of a threshold scheme is a border case; one step of the fact by default. May be given again.",
)
@json_option
def review_propose(book: str, policy: str, as_of: DayWord, margins: tuple[str, ...], *, as_json: bool) -> None:
    """Who would move at the review that is due, why, and what that does. A book made by `relcare import` keeps it."""
    from relcare.cli._loading import policy_from, resolve_day, reviews_in
    from relcare.review import propose

    rules, near = policy_from(policy), dict(_margin(word) for word in margins)
    if Path(book).is_dir():
        loaded, earlier = reviews_in(book)
        made = propose(rules, loaded, as_of=resolve_day(as_of, loaded.zone), earlier=earlier, margins=near)
        _tell(rules, loaded, made, as_json=as_json)
        return
    from relcare.storage import ReviewWriter, open_store

    with closing(open_store(book)) as store, store.write() as unit:
        writer = ReviewWriter(unit)
        loaded = writer.book()
        made = propose(rules, loaded, as_of=resolve_day(as_of, loaded.zone), earlier=writer.reviews(), margins=near)
        kept = writer.propose(made).value
    _tell(rules, loaded, kept, as_json=as_json)


@review_group.command("challenge")
@book_argument
@policy_option
@_review_option
@click.option("--client", "client_id", required=True, metavar="ID", help="The client.")
@click.option("--scheme", "scheme_id", metavar="ID", help="In which scheme; where the review is about several.")
@click.option("--tier", help="The tier asked for; the one the client has by default.")
@click.option("--reason", required=True, help="Why.")
@_by_option
@_at_option
@json_option
def review_challenge(
    *,
    book: str,
    policy: str,
    review_id: str | None,
    client_id: str,
    scheme_id: str | None,
    tier: str | None,
    reason: str,
    by: str,
    moment: str,
    as_json: bool,
) -> None:
    """Object to what a review proposes for a client."""
    from relcare.cli._loading import check_staff, policy_from, resolve_moment
    from relcare.review import challenge
    from relcare.storage import ReviewWriter, open_store

    _refuse_folder(book)
    rules = policy_from(policy)
    tiers = {scheme.id: scheme.tier_ids for scheme in rules.segmentation}
    with closing(open_store(book)) as store, store.write() as unit:
        writer = ReviewWriter(unit)
        loaded, found = writer.book(), writer.get_review(rules.id, review_id)
        check_staff(loaded.staff, by=by)
        at = resolve_moment(moment, loaded.zone)
        made = challenge(found.value, client_id, reason=reason, by=by, at=at, tier=tier, scheme_id=scheme_id, tiers=tiers)
        writer.put_review(made, expected=found.version, by=by, recorded_at=at)
    _tell(rules, loaded, made, as_json=as_json)


@review_group.command("decide")
@book_argument
@policy_option
@_review_option
@_by_option
@_at_option
@click.option("--in-force-from", type=DayParam(), help="The first day of the new tiers; the day of the decision by default.")
@click.option(
    "--uphold",
    multiple=True,
    metavar="CLIENT[=TIER]",
    help="A client whose challenge is upheld, or CLIENT=TIER; may be given again.",
)
@json_option
def review_decide(
    *,
    book: str,
    policy: str,
    review_id: str | None,
    by: str,
    moment: str,
    in_force_from: DayWord | None,
    uphold: tuple[str, ...],
    as_json: bool,
) -> None:
    """Decide a review and put its tiers in force. The second time nothing moves."""
    from relcare.cli._loading import check_staff, policy_from, resolve_day, resolve_moment
    from relcare.review import decide
    from relcare.storage import ReviewWriter, open_store

    _refuse_folder(book)
    rules = policy_from(policy)
    with closing(open_store(book)) as store, store.write() as unit:
        writer = ReviewWriter(unit)
        loaded, found = writer.book(), writer.get_review(rules.id, review_id)
        check_staff(loaded.staff, by=by)
        at = resolve_moment(moment, loaded.zone)
        first = None if in_force_from is None else resolve_day(in_force_from, loaded.zone)
        meant = [_challenge_of(found.value, word) for word in uphold]
        made = decide(found.value, by=by, at=at, in_force_from=first, uphold=meant)
        changed: tuple[str, ...] = ()
        if made != found.value:
            writer.put_review(made, expected=found.version, by=by, recorded_at=at)
            changed = writer.put_in_force(made, by=by, recorded_at=at)
    _tell(rules, loaded, made, as_json=as_json, changed=changed)


def _challenge_of(review: "Review", word: str) -> str | tuple[str, str]:
    """A client's id as it stands, or an id and the tier asked for: ids may have equals signs too."""
    client_id, sign, tier = word.rpartition("=")
    return (client_id, tier) if sign and word not in {one.client_id for one in review.challenges} else word


def _margin(word: str) -> tuple[str, str]:
    fact, sign, amount = word.partition("=")
    if not (fact and sign and amount):
        raise click.BadParameter(f"{word!r} is no margin: write it as revenue=500.", param_hint="'--margin'")
    return fact, amount


def _refuse_folder(book: str) -> None:
    if Path(book).is_dir():
        message = f"{book!r} is a folder, which is not written to; make a book of it with relcare import."
        raise click.BadParameter(message, param_hint="'BOOK'")


def _tell(policy: "Policy", book: "Book", review: "Review", *, as_json: bool, changed: tuple[str, ...] | None = None) -> None:
    from relcare.cli._review_shape import kept_review_shape

    effect: Preview | None = None
    if not review.is_decided:
        from relcare.review import preview

        effect = preview(policy, book, review)
    if as_json:
        show_json(kept_review_shape(review, effect, changed or ()))
        return
    from relcare.report import count_of, names_of, review_listings

    show(*review_listings(review, effect, names_of(book)))
    if changed is not None:
        click.echo(f"\n{count_of(len(changed), 'client')} moved" if changed else "\nnobody moved: it was decided already")
