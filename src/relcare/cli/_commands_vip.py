"""Steps of clients in VIP programmes: `vip apply`, `nominate`, `check`, `approve`, `refuse` and so on."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast
from uuid import uuid4

import attrs
import click

from relcare.cli._commands_show import vip_group
from relcare.cli._options import DayParam, DayWord, book_argument, json_option, policy_option
from relcare.cli._output import show_json

if TYPE_CHECKING:
    from relcare.decisions import Policy
    from relcare.model import MembershipStep

__all__ = ["vip_group"]

P = ParamSpec("P")
R = TypeVar("R")

_STEPS: Final = (
    ("apply", "applied", "A client asks to become a member."),
    ("nominate", "nominated", "Somebody of the firm puts a client forward; they may not approve it."),
    ("check", "checked", "What was asked for was looked at."),
    ("approve", "approved", "A leader lets the client in; membership begins, at once or after the delay for returns."),
    ("refuse", "refused", "A leader turns the client down."),
    ("notify", "notified", "The member was told that the membership is about to end."),
    ("renew", "renewed", "A leader lets the membership go on for another term."),
    ("revoke", "revoked", "A leader takes the membership back at once."),
    ("grant", "granted", "A leader makes the client a member by hand, until a day."),
)


def _common(function: Callable[P, R]) -> Callable[P, R]:
    """What every step needs."""
    for decorate in (
        json_option,
        click.option("--id", "event_id", metavar="ID", help="Its id; given twice it is taken once. Made up by default."),
        click.option("--reason", help="Why."),
        click.option("--by", required=True, metavar="STAFF", help="Who takes the step."),
        click.option("--on", required=True, type=DayParam(), help="The day, in the book's zone. Or 'today'."),
        click.option("--programme", metavar="ID", help="The programme; may be left out where the policy has one."),
        click.option("--client", "client_id", required=True, metavar="ID", help="The client."),
        policy_option,
        book_argument,
    ):
        function = decorate(function)
    return function


def _command(name: str, step: str, about: str) -> click.Command:
    @_common
    def take(
        *,
        book: str,
        policy: str,
        on: DayWord,
        programme: str | None,
        event_id: str | None,
        as_json: bool,
        end_on: DayWord | None = None,
        **fields: str | None,
    ) -> None:
        drawn = _Asked(step=step, on=on, end_on=end_on, programme=programme, fields={"id": event_id or f"m-{uuid4()}", **fields})
        _take(book, policy, drawn, as_json=as_json)

    if step in {"applied", "nominated"}:
        take = click.option("--sponsor", "sponsor_id", metavar="ID", help="Who speaks for the client; may not approve it.")(take)
    if step in {"approved", "granted"}:
        take = click.option("--level", help="The level that is given; the best by default.")(take)
    if step == "granted":
        ends = click.option(
            "--until", "end_on", required=True, type=DayParam(), help="The first day on which it no longer holds."
        )
        take = ends(take)
    return click.command(name, help=f"{about} BOOK must be a book made by `relcare import`.")(take)


@attrs.frozen(kw_only=True)
class _Asked:
    """A step as it was asked for on the command line."""

    step: str
    on: DayWord
    end_on: DayWord | None
    programme: str | None
    fields: Mapping[str, str | None]


def _take(book: str, policy: str, asked: _Asked, *, as_json: bool) -> None:
    """Take a step through the desk, and say where the client stands after it."""
    if Path(book).is_dir():
        message = f"{book!r} is a folder, which this command does not write to; make a book of it with relcare import."
        raise click.BadParameter(message, param_hint="'BOOK'")
    from relcare.cli._loading import check_client, check_staff, policy_from, resolve_day
    from relcare.cli._vip_shape import step_shape
    from relcare.desk import Desk, SystemClock
    from relcare.model import MembershipEvent
    from relcare.report import plain
    from relcare.storage import BookReader, open_store

    rules = policy_from(policy)
    with closing(open_store(book)) as store:
        with store.read() as unit:
            reader = BookReader(unit)
            zone = reader.settings().zone
            check_client(reader, asked.fields["client_id"] or "")
            check_staff(reader.staff(), by=asked.fields["by"], sponsor=asked.fields.get("sponsor_id"))
        event = MembershipEvent(
            programme_id=asked.programme or _only(rules),
            step=cast("MembershipStep", asked.step),
            on=resolve_day(asked.on, zone),
            end_on=None if asked.end_on is None else resolve_day(asked.end_on, zone),
            **asked.fields,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        )
        desk = Desk(store=store, policy=rules, clock=SystemClock())
        stored = desk.record(event, by=event.by)
        found = desk.decide_client(stored.client_id, by=stored.by, as_of=stored.on)
    state = next(one for one in found.memberships if one.programme_id == stored.programme_id)
    if as_json:
        show_json(step_shape(stored, state))
        return
    from relcare.wording import reasons_in_words

    told = "; ".join(reasons_in_words(state.reasons))
    click.echo(plain(f"{stored.client_id} {stored.step} on {stored.on} ({stored.id}): {told}"))


def _only(policy: "Policy") -> str:
    """The one programme of a policy that has one."""
    found = [programme.id for programme in policy.vip_programmes if programme.membership is not None]
    if len(found) != 1:
        message = f"the policy has {len(found)} programmes with membership; name one."
        raise click.BadParameter(message, param_hint="'--programme'")
    return found[0]


for _name, _step, _about in _STEPS:
    vip_group.add_command(_command(_name, _step, _about))
