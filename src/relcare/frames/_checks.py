"""What the rows of a table must not say; each is noted with the reader and asked with the others in one go."""

from collections.abc import Iterable
from typing import Final

import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr, any_true
from relcare.frames._engine import Lazy
from relcare.frames._reader import CLIENT, Check, TableReader

__all__ = ["RETURN_RULE", "among", "refuse", "refuse_whole", "strange_returns", "unique"]

RETURN_RULE: Final = "names no earlier purchase of the same client and currency"


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
    reader.checks.append(Check(column=column, bad=bad, message=message, is_whole=True, twice=new))


def among(reader: TableReader, column: str, new: str, words: Iterable[str]) -> None:
    """Refuse words that are not among the known ones."""
    known = tuple(words)
    is_known = any_true([nw.col(new) == word for word in known])
    refuse(reader, column, ~is_known, f"has values that are not one of {', '.join(map(repr, known))}")


def strange_returns(purchases: Lazy) -> Lazy:
    """The returns that name no purchase of the client, of the currency, bought on that day or before."""
    bought = purchases.filter(nw.col("back").is_null() & (nw.col("units") >= 0))
    bought = bought.select(CLIENT, back="pid", bought="day", money=nw.col("currency").fill_null(""))
    returned = purchases.filter(~nw.col("back").is_null())
    both = returned.join(bought, on=[CLIENT, "back"], how="left")
    is_well = (nw.col("bought") <= nw.col("day")) & (nw.col("money") == nw.col("currency").fill_null(""))
    return both.filter(~is_well.fill_null(value=False)).select(CLIENT)
