"""`relcare demo`: the main job on the packaged book."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from relcare.cli._options import DayParam, DayWord, PolicyParam, json_option
from relcare.cli._output import show, show_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from relcare.cli._shapes import Json
    from relcare.decisions import BookResult, Policy
    from relcare.model import Book

__all__ = ["demo_command"]

# Enough of each to see how it is meant; the other commands show everything.
_FEW: Final = 2
_PRESETS: Final = ("preset:consulting", "preset:agent")


@click.command("demo")
@click.option("--as-of", type=DayParam(), help="The day the questions are about; by default the last day of the packaged book.")
@click.option("--policy", type=PolicyParam(), multiple=True, help="Ask this policy instead of the presets; may be repeated.")
@click.option("--book", "file", type=click.Path(), help="Leave the book here, as a new store to play with.")
@json_option
def demo_command(as_of: DayWord | None, policy: tuple[str, ...], file: str | None, *, as_json: bool) -> None:
    """The main job on a packaged book of invented clients: tiers, boards, relationship types and VIPs, each with its reasons."""
    from relcare.cli._loading import policy_from, refuse_existing, resolve_day, store_book
    from relcare.demo import DEMO_AS_OF, demo_book

    book = demo_book()
    if file is not None:
        refuse_existing(file)
        store_book(book, file)
    day = DEMO_AS_OF if as_of is None else resolve_day(as_of, book.zone)
    asked = [(word, policy_from(word)) for word in policy or _PRESETS]
    decided = [(word, one, one.decide(book, as_of=day)) for word, one in asked]
    if as_json:
        show_json({"as_of": day.isoformat(), "policies": [_shape(book, one, result) for _, one, result in decided]})
    else:
        show(*_pages(book, decided))
    if file is not None:
        from relcare.storage import without_password

        shown = without_password(file)
        click.echo(
            f"The book is in {shown}; for example: relcare board {shown} --policy {asked[0][0]} --as-of {day}", err=as_json
        )


def _shape(book: "Book", policy: "Policy", result: "BookResult") -> "Json":
    from relcare.cli._loading import board_of
    from relcare.cli._shapes import board_shape, review_shape, vip_shape

    return {
        "policy_id": policy.id,
        "policy_version": policy.version,
        "review": review_shape(result),
        "board": board_shape(board_of(book, result)),
        "vip": vip_shape(result),
    }


def _pages(book: "Book", decided: "list[tuple[str, Policy, BookResult]]") -> "Iterator[RenderableType]":
    from rich.rule import Rule
    from rich.text import Text

    from relcare.cli._loading import board_of
    from relcare.relationships import strategies_of
    from relcare.report import board_pages, count_of, names_of, plain, relationship_pages, tiers_listing, vip_listing

    names = names_of(book)
    yield Text(
        f"A book of {count_of(len(book.clients), 'invented client')} with {count_of(len(book.touchpoints), 'touchpoint')} "
        f"and {count_of(len(book.purchases), 'purchase')}"
    )
    for _, policy, result in decided:
        title = plain(f"{policy.title or policy.id}: policy {policy.id} version {policy.version}, {result.as_of}")
        yield Rule(Text(title), characters="=")
        for scheme in result.schemes.values():
            yield tiers_listing(scheme, names, limit=_FEW)
        if policy.relationships:
            begun = result.obligations.open_by(result.as_of)
            yield from relationship_pages(book, strategies_of(policy.relationships), begun, names, limit=_FEW)
        else:
            yield from board_pages(board_of(book, result), names, limit=_FEW, zone=book.zone)
        for programme_id in result.programme_ids:
            yield vip_listing(programme_id, result.vip_decisions(programme_id), names, limit=_FEW)
