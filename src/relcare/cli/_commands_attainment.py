"""`relcare attainment`: what was planned, done and late in a period."""

import re
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from relcare.cli._options import DayParam, DayWord, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

if TYPE_CHECKING:
    from relcare.model import Book
    from relcare.planning import Grouping

__all__ = ["BY", "attainment_command"]

_MONTH: Final = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
BY: Final = ("owner", "team", "tier", "type", "channel", "rule", "month", "client")


def _to_month(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[date, date] | None:
    """The first and the last day of the month that is named."""
    if value is None:
        return None
    if not _MONTH.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no month: write it as 2026-03.")
    from relcare._time import add_months

    first = date.fromisoformat(f"{value}-01")
    return first, date.fromordinal(add_months(first.toordinal(), 1) - 1)


@click.command("attainment")
@book_argument
@policy_option
@click.option("--month", callback=_to_month, metavar="MONTH", help="The period: a calendar month, as 2026-03.")
@click.option("--from", "from_on", type=DayParam(), help="The first day of the period; instead of --month.")
@click.option("--until", "until_on", type=DayParam(), help="The last day of the period, inclusive.")
@click.option("--as-of", type=DayParam(), help="Up to the end of which day it is known what happened; --until by default.")
@click.option("--by", "grouping", type=click.Choice(BY), help="Also the figures of each group.")
@click.option("--not-seen", type=click.IntRange(min=1), metavar="DAYS", help="Also whom nobody reached in so many days.")
@click.option("--target", "targets", multiple=True, metavar="SHARE", help="What share should be on time: 95%, or call=100%.")
@json_option
def attainment_command(
    *,
    book: str,
    policy: str,
    month: tuple[date, date] | None,
    from_on: DayWord | None,
    until_on: DayWord | None,
    as_of: DayWord | None,
    grouping: "Grouping | None",
    not_seen: int | None,
    targets: tuple[str, ...],
    as_json: bool,
) -> None:
    """What was planned in a period, what was done and by whom, what was late, and whose lateness it was."""
    from relcare.cli._attainment_shape import attainment_shape
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.planning import attainment

    if (month is None) is (from_on is None and until_on is None) or (month is None and (from_on is None or until_on is None)):
        raise click.UsageError("Give either --month, or --from and --until.")
    overall, by_channel = _targets(targets)
    rules, loaded = policy_from(policy), open_book(book)
    first, last = month or _period(from_on, until_on, loaded)
    report = attainment(
        rules,
        loaded,
        from_on=first,
        until_on=last,
        as_of=None if as_of is None else resolve_day(as_of, loaded.zone),
        target=overall,
        channel_targets=by_channel,
    )
    if as_json:
        show_json(attainment_shape(report, grouping, not_seen))
        return
    from relcare.report import attainment_pages, names_of

    show(*attainment_pages(report, names_of(loaded), grouping, not_seen))


def _period(from_on: DayWord | None, until_on: DayWord | None, book: "Book") -> tuple[date, date]:
    from relcare.cli._loading import resolve_day

    first, last = (resolve_day(day or "today", book.zone) for day in (from_on, until_on))
    if last < first:
        raise click.BadParameter(f"{last} is before --from, {first}.", param_hint="'--until'")
    return first, last


def _targets(words: tuple[str, ...]) -> tuple[str | None, dict[str, str]]:
    """The share for everything, and those of channels."""
    overall: str | None = None
    by_channel: dict[str, str] = {}
    for word in words:
        channel, is_named, share = word.rpartition("=")
        if is_named:
            by_channel[channel] = share
        else:
            overall = share
    return overall, by_channel
