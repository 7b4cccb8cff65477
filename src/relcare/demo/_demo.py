"""The packaged sample book."""

from datetime import date
from importlib.resources import as_file, files
from typing import Final

from relcare.formats import Progress, read_book
from relcare.model import Book

__all__ = ["DEMO_AS_OF", "demo_book"]

DEMO_AS_OF: Final = date(2026, 3, 31)
"""The last day of the book's history, which its questions are about."""


def demo_book(*, progress: Progress | None = None) -> Book:
    """Some sixty invented clients of all four types, with Chinese, Korean and Latin names, and half a year of history.

    Args:
        progress: As for `relcare.formats.read_book`.

    Examples:
        >>> book = demo_book()
        >>> (
        ...     book.zone,
        ...     book.currency,
        ...     {"partner", "upstream", "channel", "end_customer"}
        ...     <= {kind for client in book.clients for kind in client.relationship_types},
        ... )
        ('Asia/Shanghai', 'CNY', True)
    """
    with as_file(files("relcare.demo").joinpath("book")) as folder:
        return read_book(folder, progress=progress)
