"""How far it is, while somebody waits: a bar for a long file that is read, a line for each step of long work."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import PurePath

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from relcare.formats import Progress as Reading
from relcare.report._text import plain

__all__ = ["reading_bar", "working"]


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


@contextmanager
def working(console: Console | None = None) -> Generator[Callable[[str], None]]:
    """The steps of long work on stderr, one a line: the done ones with how long they took, the last one with how long so far.

    All of it is gone when the work is over.

    Args:
        console: Where to; stderr by default.

    Yields:
        What is told the next step, whenever one begins.
    """
    columns = (SpinnerColumn(finished_text=" "), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bar:
        begun: list[TaskID] = []

        def told(step: str, /) -> None:
            if begun:
                bar.update(begun[-1], completed=1)
            begun.append(bar.add_task(plain(step), total=1))

        yield told
