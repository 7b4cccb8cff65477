"""`relcare capacity`: what the rules ask of everybody, against the minutes there are."""

import click

from relcare.cli._options import TODAY, DayParam, DayWord, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

__all__ = ["capacity_command"]


@click.command("capacity")
@book_argument
@policy_option
@click.option("--as-of", type=DayParam(), default=TODAY, show_default=True, help="The day whose tiers and owners count.")
@click.option(
    "--minutes",
    type=click.IntRange(0, 1_440),
    help="What everybody has for contacts on a working day; by default what the policy's [staffing] says, else 360.",
)
@json_option
def capacity_command(book: str, policy: str, as_of: DayWord, minutes: int | None, *, as_json: bool) -> None:
    """What the rules ask of each account manager, role and team, against what there is, and the largest book that fits."""
    from relcare.cli._capacity_shape import capacity_shape
    from relcare.cli._loading import open_book, policy_from, resolve_day
    from relcare.planning import Capacity, demand_of

    rules, loaded = policy_from(policy), open_book(book)
    capacity = None if minutes is None else Capacity(minutes_per_day=minutes)
    found = demand_of(rules, loaded, as_of=resolve_day(as_of, loaded.zone), capacity=capacity)
    if as_json:
        show_json(capacity_shape(found))
        return
    from relcare.report import capacity_pages

    show(*capacity_pages(found))
