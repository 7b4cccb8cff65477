"""How relationships are doing, and who came by whom: `portfolio`, `referrals`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from relcare.cli._options import DayWord, as_of_option, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json
from relcare.errors import InvalidValueError, nearest

if TYPE_CHECKING:
    from relcare.model import Client

__all__ = ["portfolio_command", "referrals_command"]

_REFERRED_BY = "referred_by"


@click.command("portfolio")
@book_argument
@policy_option
@as_of_option
@json_option
def portfolio_command(book: str, policy: str, as_of: DayWord, *, as_json: bool) -> None:
    """How each type of relationship is doing by its own indicators; who needs attention, by when and why."""
    from relcare.cli._loading import decide
    from relcare.cli._portfolio_shape import portfolio_shape
    from relcare.decisions import portfolio

    loaded, rules, result = decide(book, policy, as_of)
    found = portfolio(rules, result)
    if as_json:
        show_json(portfolio_shape(found))
        return
    from relcare.report import names_of, portfolio_listings

    show(*portfolio_listings(found, names_of(loaded)))


@click.command("referrals")
@book_argument
@click.option("--client", "client_id", required=True, metavar="ID", help="Around whom.")
@as_of_option
@click.option(
    "--attribute", default=_REFERRED_BY, metavar="NAME", help="What names the client who brought one; referred_by by default."
)
@click.option("--steps", "most_steps", type=click.IntRange(min=1), help="How many referrals away at most; all by default.")
@json_option
def referrals_command(
    *, book: str, client_id: str, as_of: DayWord, attribute: str, most_steps: int | None, as_json: bool
) -> None:
    """The clients around one client: who brought it, whom it brought, and on from there."""
    from relcare.cli._loading import open_book, resolve_day
    from relcare.cli._portfolio_shape import referrals_shape
    from relcare.relationships import referrals_around

    loaded = open_book(book)
    day = resolve_day(as_of, loaded.zone)
    _check_attribute(loaded.clients, attribute)
    found = referrals_around(loaded.clients, client_id, as_of=day, attribute=attribute, most_steps=most_steps)
    if as_json:
        show_json(referrals_shape(client_id, day, found))
        return
    from relcare.report import names_of, referrals_listing

    show(referrals_listing(client_id, found, names_of(loaded)))


def _check_attribute(clients: "Iterable[Client]", attribute: str) -> None:
    """Refuse what nobody has and is close to what somebody has: nobody would be found by it, in silence."""
    names = {name for client in clients for name in (*client.attributes, *(one.name for one in client.attribute_changes))}
    near = None if attribute in {*names, _REFERRED_BY} else nearest(attribute, {*names, _REFERRED_BY})
    if near is not None:
        rule = "must be an attribute that some client has"
        raise InvalidValueError("--attribute", attribute, rule, f"did you mean {near!r}?")
