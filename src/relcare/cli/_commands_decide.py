"""A book in columns decided where it lies: `decide`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import click

from relcare.cli._options import DayWord, as_of_option, book_argument, json_option, policy_option
from relcare.cli._output import show, show_json

if TYPE_CHECKING:
    from relcare.frames import Frames
    from relcare.report import Listing

__all__ = ["decide_command"]

_PARTS = ("segmentation", "vip", "cadence")


@click.command("decide")
@book_argument
@policy_option
@as_of_option
@click.option("--engine", type=click.Choice(["polars", "duckdb"]), default="polars", show_default=True, help="What decides.")
@click.option("--only", multiple=True, type=click.Choice(_PARTS), help="Only these parts of the policy. May be given again.")
@click.option("--memory-limit", metavar="SIZE", help="The most memory that DuckDB may take, as 512MB; the rest goes to the disk.")
@click.option("--temp-directory", type=click.Path(file_okay=False), help="Where DuckDB puts what does not fit.")
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
    frames = _frames(book, engine, memory_limit=memory_limit, temp_directory=temp_directory)
    decided = decide(rules, frames, as_of=resolve_day(as_of, frames.zone), only=only or None)
    if path is not None:
        decided.write_parquet(path)
    from relcare.cli._decide_shape import decide_shape

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


def _frames(book: str, engine: str, *, memory_limit: str | None, temp_directory: str | None) -> "Frames":
    """The tables of a book; of one that is no folder of Parquet files in polars."""
    from relcare.cli._loading import is_parquet_folder, open_book
    from relcare.frames import frames_of, read_parquet

    if is_parquet_folder(book):
        return read_parquet(book, engine=engine, memory_limit=memory_limit, temp_directory=temp_directory)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    if engine != "polars":
        raise click.BadParameter(f"{book!r} is no folder of Parquet files, which DuckDB reads.", param_hint="'--engine'")
    return frames_of(open_book(book))
