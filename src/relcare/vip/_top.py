"""Who is on a list of the best: a cut through a ranking, like a quota (VIP-1, SEG-3)."""

from collections.abc import Mapping

from relcare._time import first_of_month, month_index
from relcare.policy import Core, Vocabulary, evaluate
from relcare.ranking import rank
from relcare.vip._settings import TopList

__all__ = ["review_day", "top_places", "top_standing"]

_MONTHS: Mapping[str | None, int] = {"monthly": 1, "quarterly": 3, "yearly": 12}


def review_day(top: TopList, as_of: int) -> int:
    """The day whose facts decide about a list: the first of the month, quarter or year, or the day itself without a review.

    Args:
        top: The list.
        as_of: The day that is asked about, an ordinal.
    """
    months = _MONTHS.get(top.review)
    if months is None:
        return as_of
    month = month_index(as_of)
    return first_of_month(month - month % months)


def top_places(top: TopList, rows: Mapping[str, Mapping[str, Core]], vocabulary: Vocabulary) -> dict[str, bool | None]:
    """Whether each client is on a list.

    Only the bare values are sorted, see `relcare.ranking.rank`.

    Args:
        top: The list.
        rows: The facts of every client by id, in core form.
        vocabulary: What the facts mean.

    Returns:
        For everybody in `rows`, in their order; None where it is unknown whether the client is ranked, or its value is missing.

    Source: VIP-1, SEG-3.
    """
    found: dict[str, bool | None] = {}
    values: dict[str, int] = {}
    for client_id, row in rows.items():
        found[client_id], value = top_standing(top, row, vocabulary)
        if value is not None:
            values[client_id] = value
    if values:
        places = rank(values, [min(top.most, len(values))], top.ties).places()
        found.update({client_id: place is not None for client_id, place in places.items()})
    return found


def top_standing(top: TopList, row: Mapping[str, Core], vocabulary: Vocabulary) -> tuple[bool | None, int | None]:
    """What a client by itself says about a list: False where it is left out, else None; and what it is ranked by, if it is.

    Args:
        top: The list.
        row: The client's facts on the `review_day`, in core form.
        vocabulary: What the facts mean.
    """
    is_in = True if top.among is None else evaluate(top.among, row, vocabulary)
    value = row.get(top.by)
    return (False if is_in is False else None), value if is_in and isinstance(value, int) else None
