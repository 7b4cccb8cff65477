"""One client: `explain` and `log`."""

from pathlib import Path
from uuid import uuid4

import click

from relcare.cli._options import DayParam, DayWord, as_of_option, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

__all__ = ["explain_command", "log_command"]


@click.command("explain")
@book_argument
@policy_option
@as_of_option
@click.option("--client", "client_id", required=True, metavar="ID", help="The client.")
@json_option
def explain_command(book: str, policy: str, as_of: DayWord, client_id: str, *, as_json: bool) -> None:
    """Everything about one client: facts, tiers, strategy, contacts owed, VIP, each with why and what would change it."""
    from relcare.cli._explain_shape import explain_shape
    from relcare.cli._loading import decide
    from relcare.decisions import health_of
    from relcare.soundness import justify

    loaded, rules, result = decide(book, policy, as_of)
    client = loaded.get_client(client_id)
    why = justify(rules, result, client_id=client.id)
    health = health_of(rules, result, client.id)
    if as_json:
        show_json(explain_shape(loaded, result, why, health, client.id))
        return
    from relcare.report import client_pages, names_of

    in_force = [spell for spell in loaded.tier_spells_by_client.get(client.id, ()) if spell.covers(result.as_of)]
    show(*client_pages(client, result, why, health, names_of(loaded), in_force=in_force))


@click.command("log")
@book_argument
@click.option("--client", "client_id", required=True, metavar="ID", help="Whom it concerned.")
@click.option("--channel", required=True, help="How, such as call, visit or message.")
@click.option("--on", "occurred_on", required=True, type=DayParam(), help="The day, in the book's zone. Or 'today'.")
@click.option("--outcome", help="What came of it, such as reached, met or missed.")
@click.option("--by", metavar="STAFF", help="Who did it.")
@click.option(
    "--direction", type=click.Choice(["outgoing", "incoming"]), default="outgoing", help="Who began it; outgoing by default."
)
@click.option("--purpose", help="What it was for.")
@click.option("--person", "person_id", metavar="ID", help="Who was reached.")
@click.option("--in-lieu-of", metavar="CHANNEL", help="The channel that it replaces.")
@click.option(
    "--follow-up-at", metavar="TIME", help="The day or time promised for the next contact, as 2026-04-02 or 2026-04-02T14:30."
)
@click.option("--note", help="Free text.")
@click.option("--voids", "voids_id", metavar="ID", help="The entry that this one takes back or corrects.")
@click.option("--id", "touchpoint_id", metavar="ID", help="Its id; given twice it is recorded once. Made up by default.")
@json_option
def log_command(
    *,
    book: str,
    client_id: str,
    channel: str,
    occurred_on: DayWord,
    outcome: str | None,
    by: str | None,
    direction: str,
    purpose: str | None,
    person_id: str | None,
    in_lieu_of: str | None,
    follow_up_at: str | None,
    note: str | None,
    voids_id: str | None,
    touchpoint_id: str | None,
    as_json: bool,
) -> None:
    """Record a contact that happened, was tried, or came in. BOOK must be a book made by `relcare import`."""
    if Path(book).is_dir():
        message = f"{book!r} is a folder, which this command does not write to; make a book of it with relcare import."
        raise click.BadParameter(message, param_hint="'BOOK'")
    from relcare.cli._loading import record, resolve_promise
    from relcare.cli._shapes import touchpoint_shape
    from relcare.model import Touchpoint

    recorded = record(
        book,
        lambda day, zone: Touchpoint(
            id=touchpoint_id or f"t-{uuid4()}",
            client_id=client_id,
            occurred_at=day,
            channel=channel,
            direction="incoming" if direction == "incoming" else "outgoing",
            outcome=outcome,
            purpose=purpose,
            person_id=person_id,
            staff_id=by,
            in_lieu_of=in_lieu_of,
            follow_up_at=resolve_promise(follow_up_at, zone),
            note=note,
            voids_id=voids_id,
        ),
        occurred_on,
    )
    if as_json:
        show_json({"touchpoint": touchpoint_shape(recorded)})
        return
    from relcare.report import plain

    click.echo(plain(f"recorded {recorded.id}: {recorded.channel} with {recorded.client_id} on {recorded.occurred_at}"))
