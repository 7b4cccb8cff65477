"""What became of tiers, and what would have: `review rerun`, `simulate`, `history`."""

import click

from relcare.cli._commands_review import review_group
from relcare.cli._options import DayParam, DayWord, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

__all__ = ["review_group"]


@review_group.command("rerun")
@book_argument
@policy_option
@click.option("--review", "review_id", metavar="ID", help="Which review; the latest of the policy by default.")
@json_option
def review_rerun(book: str, policy: str, review_id: str | None, *, as_json: bool) -> None:
    """Decide a kept review again from nothing but what it keeps. Exit status 1 where a row comes out otherwise."""
    from relcare.cli._loading import policy_from, reviews_in
    from relcare.cli._review_shape import rerun_shape
    from relcare.errors import UnknownRecordError, nearest
    from relcare.review import rerun

    rules, (loaded, reviews) = policy_from(policy), reviews_in(book)
    kept = {review.id: review for review in reviews if review.policy_id == rules.id}
    if not kept and review_id is None:
        raise UnknownRecordError("review of policy", rules.id, "propose one first")
    wanted = review_id or next(reversed(kept))
    if wanted not in kept:
        near = nearest(wanted, kept)
        raise UnknownRecordError("review", wanted, f"did you mean {near!r}?" if near else None)
    pairs = list(zip(kept[wanted].rows, rerun(rules, kept[wanted]), strict=True))
    differing = [(row, again) for row, again in pairs if row != again]
    if as_json:
        show_json(rerun_shape(kept[wanted], differing))
    else:
        from relcare.report import names_of, rerun_listing

        show(rerun_listing(kept[wanted], differing, names_of(loaded)))
    if differing:
        raise click.exceptions.Exit(1)


@review_group.command("simulate")
@book_argument
@policy_option
@click.option("--from", "from_on", required=True, type=DayParam(), help="The first day; its tiers are where it begins.")
@click.option("--until", "until_on", required=True, type=DayParam(), help="The last day, inclusive.")
@click.option(
    "--band", "bands", multiple=True, metavar="SHARE", help="Also with this hysteresis in quotas, as 10%; may be given again."
)
@json_option
def review_simulate(
    *, book: str, policy: str, from_on: DayWord, until_on: DayWord, bands: tuple[str, ...], as_json: bool
) -> None:
    """How restless tiers would have been: as declared, with nothing that steadies them, and with other bands."""
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.cli._review_shape import simulations_shape
    from relcare.review import simulate_each, steadied

    rules, loaded = policy_from(policy), open_book(book)
    first, last = resolve_day(from_on, loaded.zone), resolve_day(until_on, loaded.zone)
    tried = {
        "as declared": rules,
        "nothing held back": steadied(rules),
        **{band: steadied(rules, hysteresis=band) for band in bands},
    }
    found = simulate_each(tried, loaded, from_on=first, until_on=last)
    if as_json:
        show_json(simulations_shape(found))
        return
    from relcare.report import simulations_listing

    show(simulations_listing(found))


@review_group.command("history")
@book_argument
@policy_option
@click.option("--from", "from_on", required=True, type=DayParam(), help="The first day.")
@click.option("--until", "until_on", required=True, type=DayParam(), help="The last day, inclusive.")
@click.option("--scheme", "scheme_id", metavar="ID", help="Only this scheme.")
@json_option
def review_history(*, book: str, policy: str, from_on: DayWord, until_on: DayWord, scheme_id: str | None, as_json: bool) -> None:
    """What became of tiers between two days: transitions, movements, how many stayed, time in tier."""
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.cli._review_shape import history_shape
    from relcare.review import history

    rules, loaded = policy_from(policy), open_book(book)
    schemes = [scheme for scheme in rules.segmentation if scheme_id is None or scheme.id == scheme_id]
    if scheme_id is not None and not schemes:
        raise click.BadParameter(f"the policy has no scheme {scheme_id!r}.", param_hint="'--scheme'")
    first, last = resolve_day(from_on, loaded.zone), resolve_day(until_on, loaded.zone)
    found = [history(scheme, loaded, from_on=first, until_on=last) for scheme in schemes]
    if as_json:
        show_json(history_shape(found))
        return
    from relcare.report import history_listings, names_of

    show(*history_listings(found, names_of(loaded)))
