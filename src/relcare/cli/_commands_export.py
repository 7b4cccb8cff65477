"""`relcare export`: from any book to a folder that other tools read."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from relcare.cli._options import book_argument, json_option
from relcare.cli._output import show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relcare.model import Book, Review

__all__ = ["export_command"]

_FORMATS: Final = ("parquet", "csv")
_RECORDS: Final = (
    *("clients", "people", "touchpoints", "purchases", "staff", "tier_spells", "consents", "absences", "owner_spells"),
    *("appointments", "pins", "membership_events"),
)


@click.command("export")
@book_argument
@click.argument("folder", type=click.Path())
@click.option("--format", "kind", type=click.Choice(_FORMATS), default=_FORMATS[0], show_default=True, help="Of the files.")
@json_option
def export_command(book: str, folder: str, *, kind: str, as_json: bool) -> None:
    """Write the book BOOK as a new folder at FOLDER: Parquet files for columns and other tools, or CSV files.

    The folder is whole, or not there. Reviews that are kept with the book go into CSV files alone.
    """
    from relcare.cli._engines import told_while_waiting
    from relcare.cli._loading import reviews_in
    from relcare.cli._new_folder import whole_or_not
    from relcare.report import count_of
    from relcare.storage import without_password

    with whole_or_not(folder) as place:
        loaded, reviews = reviews_in(book)
        with told_while_waiting(as_json=as_json) as told:
            told(f"writing {folder}")
            _write(loaded, reviews, place, kind)
    counts = _counts(loaded, reviews if kind == "csv" else ())
    left_out = {"reviews": 0 if kind == "csv" else len(reviews)}
    if as_json:
        show_json(
            {"book": without_password(book), "folder": folder, "format": kind, "counts": dict(counts), "left_out": dict(left_out)}
        )
        return
    shown = ", ".join(f"{count:,} {name}" for name, count in counts.items()).replace("_", " ")
    click.echo(f"{folder}: {shown}")
    if left_out["reviews"]:
        click.echo(f"{count_of(left_out['reviews'], 'review')} left out: only --format csv keeps them")


def _write(book: "Book", reviews: "Sequence[Review]", place: Path, kind: str) -> None:
    if kind == "csv":
        from relcare.formats import write_book

        write_book(book, place, reviews=reviews)
        return
    from relcare.frames import frames_of, write_parquet

    write_parquet(frames_of(book), place)


def _counts(book: "Book", reviews: "Sequence[Review]") -> dict[str, int]:
    return {**{name: len(getattr(book, name)) for name in _RECORDS}, "reviews": len(reviews)}
