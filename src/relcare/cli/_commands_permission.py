"""Permission to contact one client: `may-contact`."""

import click

from relcare.cli._options import book_argument, json_option, policy_option
from relcare.cli._output import show_json

__all__ = ["may_contact_command"]


@click.command("may-contact")
@book_argument
@policy_option
@click.option("--client", "client_id", required=True, metavar="ID", help="The client.")
@click.option("--channel", required=True, help="How, such as call, visit or message.")
@click.option("--purpose", help="What for; without it, and unless the policy says otherwise, it is advertising.")
@click.option("--person", "person_id", metavar="ID", help="With whom; the client at large by default.")
@click.option(
    "--at", required=True, metavar="TIME", help="When: 2026-03-31T14:30 in the book's zone, or with an offset. Or 'now'."
)
@json_option
@click.pass_context
def may_contact_command(
    context: click.Context,
    *,
    book: str,
    policy: str,
    client_id: str,
    channel: str,
    purpose: str | None,
    person_id: str | None,
    at: str,
    as_json: bool,
) -> None:
    """Whether a client may be contacted at a time, why, and if not, from when on. Exit status 1 when it may not."""
    from relcare.cli._loading import open_book, policy_from, resolve_moment
    from relcare.cli._permission_shape import permission_shape

    rules, loaded = policy_from(policy), open_book(book)
    client = loaded.get_client(client_id)
    moment = resolve_moment(at, loaded.zone)
    deals = [
        purchase.purchased_on
        for purchase in loaded.purchases_by_client.get(client.id, ())
        if purchase.kind == "purchase" and purchase.purchased_on <= moment.date()
    ]
    answer = rules.may_contact(
        client,
        channel=channel,
        purpose=purpose,
        at=moment,
        touchpoints=loaded.touchpoints_by_client.get(client.id, ()),
        consents=loaded.consents_by_client.get(client.id, ()),
        zone=loaded.zone,
        person_id=person_id,
        last_deal_on=max(deals, default=None),
    )
    if as_json:
        show_json(permission_shape(client.id, person_id, answer))
    else:
        from relcare.report import permission_lines

        for line in permission_lines(client, answer):
            click.echo(line)
    if not answer.is_allowed:
        context.exit(1)
