"""Arguments and options that several commands share."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final, ParamSpec, TypeAlias, TypeVar

import click

__all__ = [
    "NOW",
    "PRESET",
    "TODAY",
    "BookParam",
    "DayParam",
    "DayWord",
    "PolicyParam",
    "as_of_option",
    "book_argument",
    "json_option",
    "owner_option",
    "policy_argument",
    "policy_option",
]

P = ParamSpec("P")
R = TypeVar("R")

TODAY: Final = "today"
NOW: Final = "now"
DayWord: TypeAlias = date | str
"""A day, or the word `today`, which is only known once the zone is."""

PRESET: Final = "preset:"


if TYPE_CHECKING:
    _DayType = click.ParamType[DayWord]
else:  # before click 8.4 the class took no argument
    _DayType = click.ParamType


class DayParam(_DayType):
    """A civil date as `2026-03-31`, or `today`."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> DayWord:
        """Read it, or refuse it."""
        from relcare._time import FIRST_DAY, LAST_DAY, day_from_text

        if value == TODAY:
            return TODAY
        day = day_from_text(value) if isinstance(value, str) else None
        if day is None:
            self.fail(f"{value!r} is no date: write it as 2026-03-31, or 'today'.", param, ctx)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail(f"{value!r} is not from {FIRST_DAY} to {LAST_DAY}.", param, ctx)
        return day


class PolicyParam(click.Path):
    """A path, or `preset:NAME`."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False)

    def convert(  # type: ignore[override] # only text comes from a command line
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Check that there is such a file; a preset is looked up later."""
        return value if value.startswith(PRESET) else super().convert(value, param, ctx)


class BookParam(click.Path):
    """The path of a folder or a file, or the URL of a store."""

    def __init__(self) -> None:
        super().__init__(exists=True)

    def convert(  # type: ignore[override] # only text comes from a command line
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Check that there is such a path; a URL is opened later."""
        from relcare.storage import scheme_of

        return super().convert(value, param, ctx) if scheme_of(value) is None else value


def book_argument(function: Callable[P, R]) -> Callable[P, R]:
    """BOOK: a folder, a SQLite file, or the URL of a store."""
    return click.argument("book", type=BookParam())(function)


def policy_argument(function: Callable[P, R]) -> Callable[P, R]:
    """POLICY: a path or a preset."""
    return click.argument("policy", type=PolicyParam())(function)


def policy_option(function: Callable[P, R]) -> Callable[P, R]:
    """--policy: a path or a preset."""
    return click.option("--policy", required=True, type=PolicyParam(), help="A policy document, or preset:NAME.")(function)


def as_of_option(function: Callable[P, R]) -> Callable[P, R]:
    """--as-of: the day the question is about."""
    text = "The day the question is about, in the book's zone; its events count. Or 'today'."
    return click.option("--as-of", required=True, type=DayParam(), help=text)(function)


def owner_option(function: Callable[P, R]) -> Callable[P, R]:
    """--owner: one account manager's clients only."""
    return click.option("--owner", metavar="ID", help="Only the clients of this account manager.")(function)


def json_option(function: Callable[P, R]) -> Callable[P, R]:
    """--json: the documented shape instead of tables."""
    return click.option("--json", "as_json", is_flag=True, help="Print the documented JSON shape instead of tables.")(function)
