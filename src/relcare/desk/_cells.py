"""Values of a client's file as text: for searching, and for the cells of what is exported."""

from datetime import date
from decimal import Decimal

from relcare.model import Obligation, Reason
from relcare.wording import explain

__all__ = ["cell_text"]


def cell_text(value: object) -> str:
    """A value of a file as one text; empty for what is not known.

    Numbers are written out, dates and instants as ISO has them, sets with `|` between their members in order, and what there are
    several of with a semicolon and a blank. What is owed says how and when, a reason what it says.

    Args:
        value: Of a field, see `ClientFile.values`.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return "|".join(sorted(map(str, value)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, tuple):
        return "; ".join(map(cell_text, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, Obligation):
        return f"{value.channel} due {value.due_on}"
    return explain(value) if isinstance(value, Reason) else str(value)
