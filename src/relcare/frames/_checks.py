"""What the rows of a table must not say; each is noted with the reader and asked with the others in one go."""

from collections.abc import Iterable

import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr, any_true
from relcare.frames._reader import Check, TableReader

__all__ = ["among", "refuse", "refuse_whole", "unique"]


def refuse(reader: TableReader, column: str, bad: Expr, message: str, hint: str | None = None) -> None:
    """Refuse rows for which something is true."""
    reader.checks.append(Check(column=column, bad=bad, message=message, hint=hint))


def refuse_whole(reader: TableReader, column: str, bad: Expr, message: str) -> None:
    """Refuse a table for which an aggregate is true."""
    hint = "give the type fewer decimals"
    reader.checks.append(Check(column=column, bad=bad, message=message, hint=hint, is_whole=True))


def unique(reader: TableReader, column: str, new: str, message: str) -> None:
    """Refuse a value that is there twice."""
    bad = nw.col(new).count() != nw.col(new).n_unique()
    reader.checks.append(Check(column=column, bad=bad, message=message, is_whole=True))


def among(reader: TableReader, column: str, new: str, words: Iterable[str]) -> None:
    """Refuse words that are not among the known ones."""
    known = tuple(words)
    is_known = any_true([nw.col(new) == word for word in known])
    refuse(reader, column, ~is_known, f"has values that are not one of {', '.join(map(repr, known))}")
