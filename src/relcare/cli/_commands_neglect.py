"""Who keeps which client: `neglect`."""

import click

from relcare.cli._options import DayWord, as_of_option, book_argument, json_option, owner_option, policy_option
from relcare.cli._output import show, show_json

__all__ = ["neglect_command"]


@click.command("neglect")
@book_argument
@policy_option
@as_of_option
@owner_option
@json_option
def neglect_command(book: str, policy: str, as_of: DayWord, owner: str | None, *, as_json: bool) -> None:
    """Which clients nobody is in touch with, what is to be done about each and whom to tell; and who holds too many."""
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.cli._neglect_shape import neglect_shape
    from relcare.decisions import holding, neglect

    rules, loaded = policy_from(policy), open_book(book)
    day = resolve_day(as_of, loaded.zone)
    everybody = [one for one in neglect(rules, loaded, as_of=day) if owner is None or one.owner_id == owner]
    holdings = [one for one in holding(rules, loaded, as_of=day) if owner is None or one.owner_id == owner]
    found = [one for one in everybody if not one.is_quiet]
    if as_json:
        show_json(neglect_shape(day, found, len(everybody) - len(found), holdings))
        return
    from relcare.report import count_of, holdings_listing, names_of, neglect_listing

    names = names_of(loaded)
    title = f"{day}: {count_of(len(found), 'client')} of {len(everybody):,} on a ladder to look at"
    show(neglect_listing(title, found, names), *([holdings_listing(holdings, names)] if rules.holding else []))
