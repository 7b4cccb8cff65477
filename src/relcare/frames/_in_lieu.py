"""Contacts in lieu of others: how many of them in a row count (CAD-4)."""

import narwhals.stable.v2 as nw

from relcare.cadence import CadenceRule
from relcare.frames._criteria import any_true, is_true
from relcare.frames._engine import Lazy
from relcare.frames._order import order_of
from relcare.frames._reader import CLIENT

__all__ = ["within_limit"]


def within_limit(contacts: Lazy, rule: CadenceRule) -> Lazy:
    """The contacts of a rule that count: after a run of so many in lieu, no further one until a real one.

    Args:
        contacts: Of one rule, with `tid`, `day`, `instant` and `channel`.
        rule: With a limit.
    """
    is_ours = is_true(any_true([nw.col("channel") == channel for channel in sorted(rule.channels)]))
    order = ["order", "tid"]
    rows = contacts.with_columns(order=order_of("day", is_day_last=False), real=is_ours.cast(nw.Int64()))
    # What follows a real contact, up to the next one, is a run of its own.
    rows = rows.with_columns(run=nw.col("real").cum_sum().over(CLIENT, order_by=order), stands_in=1 - nw.col("real"))
    rows = rows.with_columns(place=nw.col("stands_in").cum_sum().over(CLIENT, "run", order_by=order))
    return rows.filter((nw.col("real") == 1) | (nw.col("place") <= (rule.in_lieu_limit or 0)))
