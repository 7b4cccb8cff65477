"""On which day facts are asked: one day for everybody, or days of each client's own in a column."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import attrs
import narwhals.stable.v2 as nw

from relcare.facts import window_start
from relcare.frames._criteria import Expr
from relcare.frames._engine import Engine, Lazy
from relcare.frames._reader import CLIENT
from relcare.policy import Window

__all__ = ["AT", "Moment", "OneDay", "OwnDays", "own_days"]

AT: Final = "at"
"""The column of the day that is asked about, where each client has days of its own."""


class Moment(Protocol):
    """The days that facts are asked for."""

    @property
    def keys(self) -> Sequence[str]:
        """The columns that tell one answer from another."""
        ...

    @property
    def as_of(self) -> Expr:
        """The day, an ordinal."""
        ...

    def low(self, window: Window) -> Expr:
        """The first day that a window looks at."""
        ...

    def beside(self, events: Lazy) -> Lazy:
        """Events with the days that are asked about, each event once for each of them."""
        ...


@attrs.frozen(eq=False)
class OneDay:
    """The same day for everybody.

    Attributes:
        day: An ordinal.
    """

    day: int

    @property
    def keys(self) -> Sequence[str]:
        return (CLIENT,)

    @property
    def as_of(self) -> Expr:
        return nw.lit(self.day)

    def low(self, window: Window) -> Expr:
        return nw.lit(window_start(window, self.day))

    def beside(self, events: Lazy) -> Lazy:
        return events


@attrs.frozen(eq=False)
class OwnDays:
    """Days of each client's own.

    Attributes:
        asked: `cid`, `at`, and for each window the first day that it looks at.
        columns: The column of each window in it.
    """

    asked: Lazy
    columns: Mapping[Window, str]

    @property
    def keys(self) -> Sequence[str]:
        return (CLIENT, AT)

    @property
    def as_of(self) -> Expr:
        return nw.col(AT)

    def low(self, window: Window) -> Expr:
        return nw.col(self.columns[window])

    def beside(self, events: Lazy) -> Lazy:
        return events.join(self.asked, on=CLIENT, how="inner")


def own_days(engine: Engine, asked: Lazy, windows: Sequence[Window]) -> OwnDays:
    """Days of clients with where each window begins; month arithmetic is ours, and there are few different days.

    Args:
        engine: Whose frame it is.
        asked: `cid` and `at`.
        windows: That facts are measured over.
    """
    days = sorted(int(day) for (day,) in engine.rows(engine.distinct(asked.select(AT))))
    columns = {window: f"low {place}" for place, window in enumerate(dict.fromkeys(windows))}
    begins = {columns[window]: (nw.Int64(), [window_start(window, day) for day in days]) for window in columns}
    table = engine.table(asked, {AT: (nw.Int64(), days), **begins})
    return OwnDays(asked.join(table, on=AT, how="left"), columns)
