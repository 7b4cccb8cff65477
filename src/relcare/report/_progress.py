"""A bar while a long file is read."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePath

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from relcare.formats import Progress as Reading
from relcare.report._text import plain

__all__ = ["reading_bar"]


@contextmanager
def reading_bar(console: Console | None = None) -> Generator[Reading]:
    """A bar for each file on stderr, gone when the reading is over.

    Args:
        console: Where to; stderr by default.

    Yields:
        What `relcare.formats.read_book` takes as `progress`.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("lines"))
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bar:

        def told(file: str, done: int, total: int, /) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(plain(PurePath(file).name), total=total)
            bar.update(tasks[file], completed=done, total=total)

        yield told
