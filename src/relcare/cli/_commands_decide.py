"""A book in columns decided where it lies: `decide`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import click

from relcare.cli._engines import ENGINES, engine_options, frames_in, only_option, told_while_waiting
from relcare.cli._options import DayWord, as_of_option, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

if TYPE_CHECKING:
    from relcare.report import Listing

__all__ = ["decide_command"]


@click.command("decide")
@book_argument
@policy_option
@as_of_option
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True, help="What decides.")
@only_option
@engine_options
@click.option("--to", "path", type=click.Path(), help="A new Parquet file for the rows, one for each client.")
@json_option
def decide_command(
    *,
    book: str,
    policy: str,
    as_of: DayWord,
    engine: str,
    only: tuple[str, ...],
    memory_limit: str | None,
    temp_directory: str | None,
    path: str | None,
    as_json: bool,
) -> None:
    """How large tiers are, how many qualify and what is owed, over columns: for books too large to show client by client."""
    from relcare.cli._loading import policy_from, resolve_day
    from relcare.frames import decide

    rules = policy_from(policy)
    frames = frames_in(book, engine, memory_limit=memory_limit, temp_directory=temp_directory)
    with told_while_waiting(as_json=as_json) as told:
        decided = decide(rules, frames, as_of=resolve_day(as_of, frames.zone), only=only or None, progress=told)
        if path is not None:
            told(f"rows to {path}")
            decided.write_parquet(path)
        from relcare.cli._decide_shape import decide_shape

        told("counts")
        shape = decide_shape(rules, decided, path)
    if as_json:
        show_json(shape)
        return
    show(*_listings(cast("dict[str, Any]", shape)))


def _listings(shape: "dict[str, Any]") -> "Iterator[Listing]":
    """A table for each scheme and programme."""
    from relcare.report import Column, Listing, Row, count_of

    sizes = {
        one["id"]: {**one["sizes"], "held without a tier": one["held"], "out of scope": one["out_of_scope"]}
        for one in shape["schemes"]
    }
    answers = {one["id"]: {answer: one[answer] for answer in ("yes", "no", "unknown")} for one in shape["programmes"]}
    yield Listing(
        title=f"{shape['as_of']}: {count_of(shape['clients'], 'client')} by {shape['engine']}",
        note="" if shape["rows"] is None else f"rows in {shape['rows']}",
    )
    owed = {} if shape["obligations"] is None else {"contacts owed": shape["obligations"]}
    for title, counts in {**sizes, **answers}.items():
        rows = [Row((f"{count:,}", what)) for what, count in counts.items() if count or title in answers]
        yield Listing(title=title, columns=(Column("Clients", 11, "right"), Column("")), rows=rows, empty="nobody")
    for title, counts in owed.items():
        rows = [Row((f"{count:,}", state)) for state, count in counts.items()]
        yield Listing(title=title, columns=(Column("Contacts", 11, "right"), Column("")), rows=rows, empty="none")
