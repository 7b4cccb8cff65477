"""Numbers and days that stand in a column of text, as attributes do in a folder of CSV files (FCT-1).

Text is read as `Policy.decide` reads it of one client: the same digits, and what is no number or no day is missing and noted.
"""

from collections.abc import Mapping
from typing import Final

import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr, all_true, cases
from relcare.frames._engine import Engine, Lazy

__all__ = ["decimals_in_text", "with_days", "with_numbers"]

_NUMBER: Final = r"\A-?[0-9]{1,28}(\.[0-9]{1,12})?\z"
_NOTHING_BELOW: Final = r"\A-[0.]*\z"
"""A nought with a sign is no number of ours."""
_DIGITS: Final = 28
_DECIMALS: Final = 12
_WIDE: Final = 38
"""So many signs are a whole number of 128 bits, whichever they are."""
_DAY: Final = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_PARTS: Final = {"year": (0, 4), "month": (5, 2), "day": (8, 2)}
"""Where each part of a day begins in text, and how long it is."""
_FEBRUARY: Final = 2
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_number(text: Expr) -> Expr:
    """Whether text is an exact decimal number of at most 28 digits, 12 of them after the point; null is not asked."""
    significant = text.str.replace_all(r"\A-?[0.]*", "").str.replace_all(".", "", literal=True)
    return text.str.contains(_NUMBER) & ~text.str.contains(_NOTHING_BELOW) & (significant.str.len_chars() <= _DIGITS)


def decimals_in_text(engine: Engine, frame: Lazy, column: str) -> int:
    """How many decimals the numbers of a column need, noughts at the end apart: an aggregate, asked at once.

    Args:
        engine: Whose table it is.
        frame: The table.
        column: Of text.
    """
    text = engine.column(column).cast(nw.String())
    decimals = _decimals(nw.when(_is_number(text)).then(text)).str.replace_all(r"0+\z", "").str.len_chars().max()
    ((found,),) = engine.rows(frame.select(n=decimals))
    return int(found or 0)


def with_numbers(engine: Engine, frame: Lazy, numbers: Mapping[str, tuple[str, int]]) -> Lazy:
    """More columns: the numbers in text as wide integers, and as `<new> odd` whether there is text that is none.

    A number of too many digits for any column is missing, and not odd.

    Args:
        engine: Whose table it is.
        frame: The table.
        numbers: By new column: the column of text, and how many decimals the unit has, no fewer than the numbers need.
    """
    # In steps: Spark would write out all of an expression wherever it is used in another.
    given = {f"{new} given": _given(engine, column) for new, (column, _) in numbers.items()}
    frame = frame.with_columns(**given)
    frame = frame.with_columns(
        **{f"{new} text": nw.when(_is_number(nw.col(f"{new} given"))).then(nw.col(f"{new} given")) for new in numbers}
    )
    wide = {new: _units(engine, nw.col(f"{new} text"), scale) for new, (_, scale) in numbers.items()}
    return frame.with_columns(**wide, **{f"{new} odd": _is_odd(new, nw.col(f"{new} text")) for new in numbers})


def _given(engine: Engine, column: str) -> Expr:
    """What stands in a column of text; empty text is missing."""
    given = engine.column(column).cast(nw.String())
    return nw.when(given != "").then(given)


def _is_odd(new: str, found: Expr) -> Expr:
    return ~nw.col(f"{new} given").is_null() & found.is_null()


def _units(engine: Engine, number: Expr, scale: int) -> Expr:
    whole = number.str.replace_all(r"\..*\z", "")
    if not scale:
        return whole.cast(engine.wide)
    padded = nw.concat_str(_decimals(number), nw.lit("0" * _DECIMALS)).str.slice(0, scale)
    signs = nw.concat_str(whole, padded)
    return nw.when(signs.str.len_chars() <= _WIDE).then(signs).cast(engine.wide)


def _decimals(number: Expr) -> Expr:
    """What stands behind the point."""
    return number.str.replace_all(r"\A[^.]*\.?", "")


def with_days(engine: Engine, frame: Lazy, days: Mapping[str, str]) -> Lazy:
    """More columns: the ordinals of the days in text, as `2026-01-31`, and as `<new> odd` whether there is text that is none.

    Args:
        engine: Whose table it is.
        frame: The table.
        days: The column of text of each new one.
    """
    frame = frame.with_columns(**{f"{new} given": _given(engine, column) for new, column in days.items()})
    for part, (start, length) in _PARTS.items():
        frame = frame.with_columns(**{f"{new} {part}": _part(f"{new} given", start, length) for new in days})
    frame = frame.with_columns(**{f"{new} leap": _leap(nw.col(f"{new} year")) for new in days})
    frame = frame.with_columns(**{new: _ordinal(engine, new) for new in days})
    return frame.with_columns(**{f"{new} odd": _is_odd(new, nw.col(new)) for new in days})


def _part(given: str, start: int, length: int) -> Expr:
    text = nw.col(given)
    return nw.when(text.str.contains(_DAY)).then(text.str.slice(start, length)).cast(nw.Int64())


def _leap(year: Expr) -> Expr:
    """1 in leap years, otherwise 0."""
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return nw.when(is_leap).then(nw.lit(1)).otherwise(nw.lit(0))


def _ordinal(engine: Engine, new: str) -> Expr:
    """The ordinal of a day that there is."""
    year, month, day, leap = (nw.col(f"{new} {part}") for part in (*_PARTS, "leap"))
    numbers = range(1, len(_LENGTHS) + 1)
    length = cases([(month == number, nw.lit(_LENGTHS[number - 1])) for number in numbers])
    before = cases([(month == number, nw.lit(sum(_LENGTHS[: number - 1]))) for number in numbers])
    extra = nw.when(month == _FEBRUARY).then(leap).otherwise(nw.lit(0))
    behind = nw.when(month > _FEBRUARY).then(leap).otherwise(nw.lit(0))
    past = year - 1
    leaps = engine.quotient(past, 4, is_small=True) - engine.quotient(past, 100, is_small=True)
    leaps = leaps + engine.quotient(past, 400, is_small=True)
    is_there = all_true([year >= 1, day >= 1, day <= length + extra])
    return nw.when(is_there).then(past * 365 + leaps + before + behind + day).cast(nw.Int64())
