"""What commands over columns share: which engine, how much memory, the book in its tables, and how far it is."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, ParamSpec, TypeAlias, TypeVar

import click

if TYPE_CHECKING:
    from relcare.frames import Frames

__all__ = ["ENGINES", "PARTS", "Told", "engine_options", "frames_in", "only_option", "told_while_waiting"]

P = ParamSpec("P")
R = TypeVar("R")

ENGINES: Final = ("polars", "duckdb", "spark")
"""What decides over columns, the default first: the one list for all commands."""
PARTS: Final = ("grades", "segmentation", "vip", "segments", "cadence")
"""What `--only` asks for."""

Told: TypeAlias = Callable[[str], None]
"""Told what is worked on next."""


def engine_options(function: Callable[P, R]) -> Callable[P, R]:
    """--memory-limit and --temp-directory, for those engines that have them; each command has an --engine of its own."""
    limit = "The most memory that DuckDB may take, as 512MB; the rest goes to the disk."
    spill = click.option("--temp-directory", type=click.Path(file_okay=False), help="Where DuckDB puts what does not fit.")
    return click.option("--memory-limit", metavar="SIZE", help=limit)(spill(function))


def only_option(function: Callable[P, R]) -> Callable[P, R]:
    """--only: some parts of a policy, over columns."""
    text = "Only these parts of the policy. May be given again."
    return click.option("--only", multiple=True, type=click.Choice(PARTS), help=text)(function)


def frames_in(book: str, engine: str, *, memory_limit: str | None, temp_directory: str | None) -> "Frames":
    """The tables of a book; of one that is no folder of Parquet files in polars."""
    from relcare.cli._loading import is_parquet_folder, open_book
    from relcare.frames import frames_of, read_parquet

    if is_parquet_folder(book):
        return read_parquet(book, engine=engine, memory_limit=memory_limit, temp_directory=temp_directory)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    if engine != "polars":
        text = f"{book!r} is no folder of Parquet files, which {engine} reads; relcare export makes one."
        raise click.BadParameter(text, param_hint="'--engine'")
    return frames_of(open_book(book))


@contextmanager
def told_while_waiting(*, as_json: bool) -> Generator[Told]:
    """What is worked on, on stderr while a person waits; silent in pipes, and for programs."""
    from relcare.cli._loading import is_watched

    if as_json or not is_watched():
        yield lambda _: None
        return
    from relcare.report import working

    with working() as told:
        yield told
