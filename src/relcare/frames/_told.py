"""What is said of the columns and rows of tables at the border."""

from typing import Final, Literal, TypeAlias

import attrs

from relcare.frames._criteria import Expr

__all__ = ["HINTS", "SHOWN", "Check", "Wanted"]

Wanted: TypeAlias = Literal["text", "number", "flag", "day", "set", "birthday"]
SHOWN: Final = {
    "text": "text",
    "number": "an integer, a decimal, or a float that is whole",
    "flag": "a boolean, or text (true, false, yes, no)",
    "day": "a date, or an instant with a zone",
    "set": "a list of text, or text joined by |",
    "birthday": "text as 1980-03-31 or -03-31, or a date",
}
HINTS: Final = {
    "text": "cast it to text",
    "number": "cast it to a decimal with the digits it needs",
    "flag": "cast it to a boolean",
    "day": "cast it to a date, or give its instants a zone",
    "set": "cast it to a list of text",
    "birthday": "cast it to a date, or to text",
}


@attrs.frozen(kw_only=True)
class Check:
    """Rows that must not be there.

    Attributes:
        column: Of the table, as the caller knows it.
        bad: Which rows are wrong, over the columns past the border; null is not wrong.
        message: What is wrong with them.
        hint: The way out.
        is_whole: Whether `bad` is an aggregate that says so of the table as a whole.
        twice: The column of which each value may be there once, past the border; missing ones are not counted.
    """

    column: str
    bad: Expr
    message: str
    hint: str | None = None
    is_whole: bool = False
    twice: str | None = None
