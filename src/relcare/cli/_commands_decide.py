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
@click.option(
    "--to", "path", type=click.Path(), help="FILE.parquet for a row for each client; or a new folder, for what is owed too."
)
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
    from relcare.cli._decided_files import refuse_taken, write_rows
    from relcare.cli._loading import policy_from, resolve_day
    from relcare.cli._refusals import told_as_options
    from relcare.frames import decide

    rules = policy_from(policy)
    if path is not None:
        refuse_taken(path)
    frames = frames_in(book, engine, memory_limit=memory_limit, temp_directory=temp_directory)
    day = resolve_day(as_of, frames.zone)
    refused = told_as_options((rules,), as_of=day, zone=frames.zone, only=only)
    with refused, told_while_waiting(as_json=as_json) as told:
        decided = decide(rules, frames, as_of=day, only=only or None, progress=told)
        if path is not None:
            told(f"rows to {path}")
            write_rows(decided, path)
        from relcare.cli._decide_shape import decide_shape

        told("counts")
        shape = decide_shape(rules, decided, path)
    if as_json:
        show_json(shape)
        return
    show(*_listings(cast("dict[str, Any]", shape)))


def _listings(shape: "dict[str, Any]") -> "Iterator[Listing]":
    """A table for each grade, scheme, programme and segment."""
    from relcare.report import Column, Listing, Row, count_of

    yield Listing(
        title=f"{shape['as_of']}: {count_of(shape['clients'], 'client')} by {shape['engine']}",
        note="" if shape["rows"] is None else f"rows in {shape['rows']}",
    )
    for title, counts in _clients_by(shape):
        rows = [Row((f"{count:,}", what)) for what, count in counts]
        yield Listing(title=title, columns=(Column("Clients", 11, "right"), Column("")), rows=rows, empty="nobody")
    if shape["obligations"] is not None:
        rows = [Row((f"{count:,}", state)) for state, count in shape["obligations"].items()]
        columns = (Column("Contacts", 11, "right"), Column(""))
        yield Listing(title="contacts owed", columns=columns, rows=rows, empty="none")


def _clients_by(shape: "dict[str, Any]") -> "Iterator[tuple[str, list[tuple[str, int]]]]":
    """How many clients are where, by what that is said of; of grades and schemes without where nobody is."""
    for one in shape["grades"]:
        graded = [(f"{part} of {one['parts']}", count) for part, count in one["sizes"].items()]
        yield f"grade {one['id']}", _somebody([*graded, ("no grade", one["none"])])
    for one in shape["schemes"]:
        tiers = [*one["sizes"].items(), ("held without a tier", one["held"]), ("out of scope", one["out_of_scope"])]
        yield one["id"], _somebody(tiers)
    for one in shape["programmes"]:
        yield one["id"], _answers(one)
    for one in shape["segments"]:
        inside: dict[str, int] = one["cells"] or {}
        yield f"segment {one['id']}", [*_answers(one), *((f"cell {cell}", count) for cell, count in inside.items())]


def _answers(one: "dict[str, Any]") -> "list[tuple[str, int]]":
    return [(answer, one[answer]) for answer in ("yes", "no", "unknown")]


def _somebody(counts: "list[tuple[str, int]]") -> "list[tuple[str, int]]":
    return [(what, count) for what, count in counts if count]
