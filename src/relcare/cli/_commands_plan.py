"""`relcare plan`: what is owed, on days."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relcare.cli._options import DayParam, DayWord, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relcare.model import Appointment, Book
    from relcare.planning import Agenda, Overload

__all__ = ["OVERLOAD_CHOICES", "plan_command"]

OVERLOAD_CHOICES = ("spill", "stretch", "report")


@click.command("plan")
@book_argument
@policy_option
@click.option("--from", "from_on", required=True, type=DayParam(), help="The first day of the plan, or 'today'.")
@click.option("--weeks", type=click.IntRange(1, 520), default=4, show_default=True, help="How many weeks it looks ahead.")
@click.option("--minutes", type=click.IntRange(0, 1_440), help="What everybody has for contacts on a working day.")
@click.option(
    "--overload",
    type=click.Choice(OVERLOAD_CHOICES),
    default="spill",
    show_default=True,
    help="What does not fit on time comes later, stretches all intervals, or is only listed.",
)
@click.option(
    "--previous", type=click.Path(exists=True, dir_okay=False), help="The JSON of the plan before: as little as possible moves."
)
@click.option(
    "--ics",
    type=click.Path(dir_okay=False, writable=True),
    help="Also write it as iCalendar; an earlier export there is revised.",
)
@json_option
def plan_command(
    *,
    book: str,
    policy: str,
    from_on: DayWord,
    weeks: int,
    minutes: int | None,
    overload: "Overload",
    previous: str | None,
    ics: str | None,
    as_json: bool,
) -> None:
    """Who does what on which day: every contact that is owed has a day, or is listed with the reason why it has none."""
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.cli._plan_shape import plan_shape, read_plan
    from relcare.planning import Capacity, capacity_of, plan_book

    before = None if previous is None else read_plan(previous)
    rules, loaded = policy_from(policy), open_book(book)
    first = resolve_day(from_on, loaded.zone)
    agenda = plan_book(
        rules,
        loaded,
        as_of=first,
        until=first + timedelta(days=7 * weeks - 1),
        capacity=capacity_of(rules, loaded) if minutes is None else Capacity(minutes_per_day=minutes),
        previous=before,
        overload=overload,
    )
    changes = None if before is None else agenda.changes(before)
    if ics is not None:
        _export(agenda, loaded, ics)
    if as_json:
        show_json(plan_shape(agenda, changes))
        return
    from relcare.report import names_of, plan_pages

    show(*plan_pages(agenda, names_of(loaded), changes=changes))


def _export(agenda: "Agenda", book: "Book", path: str) -> None:
    """Write the calendar, with what an earlier export at the same place has and this one has not as cancelled."""
    from relcare.desk import SystemClock
    from relcare.errors import StorageError
    from relcare.formats import write_icalendar

    file = Path(path)
    try:
        text = write_icalendar(
            _appointments(agenda, book),
            book,
            stamp=SystemClock().now(),
            previous=file.read_bytes().decode() if os.path.lexists(path) else None,
            from_on=agenda.as_of,
            until_on=agenda.until,
        )
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as fault:
        raise StorageError(f"the calendar was not written to {path!r}: {fault.strerror}") from fault


def _appointments(agenda: "Agenda", book: "Book") -> "Iterator[Appointment]":
    """What the agenda plans, and the appointments of these days that were called off."""
    from relcare.planning import appointment_of

    known = {one.id: one for one in book.appointments}
    for slot in agenda.slots:
        yield appointment_of(slot, None if slot.appointment_id is None else known[slot.appointment_id])
    for one in book.appointments:
        if not one.is_standing and _is_within(one.on, agenda):
            yield one


def _is_within(day: date, agenda: "Agenda") -> bool:
    return agenda.as_of <= day <= agenda.until
