"""One table read at the border: columns found by name and type, values made exact, what is wrong noted with its place."""

from collections.abc import Mapping
from typing import Final

import narwhals.stable.v2 as nw

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.errors import Problem, nearest
from relcare.frames._criteria import MOST, Expr, any_true
from relcare.frames._engine import Engine, Lazy
from relcare.frames._layout import INSTANT
from relcare.frames._texts import decimals_in_text, with_days, with_numbers
from relcare.frames._told import HINTS, SHOWN, Check, Wanted

__all__ = ["CLIENT", "HINTS", "SHOWN", "Check", "TableReader"]

CLIENT: Final = "cid"
"""The column of a client's id in every table, once it is past the border."""

_SHORT: Final = (nw.Int8, nw.Int16, nw.Int32, nw.UInt8, nw.UInt16, nw.UInt32)
_FLOAT_WHOLE: Final = float(2**53)
_TEXTS: Final = (nw.String, nw.Categorical, nw.Enum)


class TableReader:
    """Reads what is asked for; at the end there is a frame of exact columns, or there are problems.

    Args:
        engine: Whose table it is.
        name: Of the table.
        frame: The table.
        zone: In which instants become days.
        is_checked: Whether its rows were checked before: then they are taken as they are.
    """

    def __init__(self, engine: Engine, name: str, frame: Lazy, zone: str, *, is_checked: bool = False) -> None:
        self.engine: Engine = engine
        self.name: str = name
        self.is_checked: bool = is_checked
        self.problems: list[Problem] = []
        self.checks: list[Check] = []
        self._frame: Lazy = frame
        self._zone: str = zone
        self._schema: dict[str, nw.dtypes.DType] = dict(frame.collect_schema())
        self._untold: Mapping[str, str | None] = engine.untold(frame)
        self._found: dict[str, Expr] = {}
        self._days: dict[str, str] = {}
        self._units: dict[str, tuple[str, int]] = {}
        self._sets: dict[str, str] = {}
        self._instants: dict[str, str] = {}
        self._number_texts: dict[str, tuple[str, int]] = {}
        self._day_texts: dict[str, str] = {}

    def has(self, column: str) -> bool:
        """Whether the table has a column with something in it."""
        return column in self._schema and not self._is_nothing(column)

    def is_text(self, column: str) -> bool:
        """Whether a column is one of text."""
        return isinstance(self._schema.get(column), _TEXTS)

    def problem(self, column: str, message: str, hint: str | None = None) -> None:
        """Notes something wrong with a column."""
        self.problems.append(Problem(file=self.name, path=column, message=message, hint=hint))

    def text(self, column: str, new: str, *, must: bool = True, is_id: bool = False) -> None:
        """A column of text; empty text is missing.

        Args:
            column: As the caller knows it.
            new: What it is called past the border.
            must: Whether its absence is a problem; otherwise all is missing.
            is_id: Whether each row must have one.
        """
        kind = self._kind(column, must=must)
        if kind is None:
            self._found[new] = nw.lit(None, dtype=nw.String())
        elif isinstance(kind, (nw.String, nw.Categorical, nw.Enum)):
            found = self.engine.column(column) if isinstance(kind, nw.String) else self.engine.column(column).cast(nw.String())
            # Who has no id is refused: long columns of ids need not be written anew.
            self._found[new] = found if is_id else nw.when(found != "").then(found)
        else:
            self._refuse(column, kind, "text")
        if is_id and kind is not None:
            is_none = nw.col(new).is_null() | (nw.col(new) == "")
            self.checks.append(Check(column=column, bad=is_none, message="has rows without one"))

    def date_text(self, column: str, new: str) -> None:
        """A column of text, or of dates, which become text as `2026-01-31`."""
        kind = self._schema.get(column)
        if _is_clockless(kind):
            self._refuse_hours(column, new)
        if isinstance(kind, nw.Date) or _is_clockless(kind):
            self._found[new] = self.engine.column(column).dt.to_string("%Y-%m-%d")
        elif kind is None or self.is_text(column) or not self.has(column):
            self.text(column, new)
        else:
            self._refuse(column, kind, "birthday")

    def flag(self, column: str, new: str, *, must: bool = True) -> bool:
        """A column of booleans, or of words for them; says whether it is one of words, which stay text."""
        kind = self._kind(column, must=must)
        if isinstance(kind, (nw.String, nw.Categorical, nw.Enum)):
            self.text(column, new, must=must)
            return True
        self._found[new] = nw.lit(None, dtype=nw.Boolean()) if kind is None else self.engine.column(column)
        if not isinstance(kind, (nw.Boolean, type(None))):
            self._refuse(column, kind, "flag")
        return False

    def day(
        self,
        column: str,
        new: str,
        *,
        must: bool = True,
        is_id: bool = False,
        is_moment: bool = False,
        is_fact: bool = False,
    ) -> bool:
        """A column of dates or aware instants as ordinals; says whether it is one of text, see `number`.

        Args:
            column: As the caller knows it.
            new: What it is called past the border.
            must: Whether its absence is a problem; otherwise all is missing.
            is_id: Whether each row must have one.
            is_moment: Whether hours count: then an instant must say its zone. Elsewhere midnight of no zone is a day.
            is_fact: Whether text is taken, as it is of attributes.
        """
        kind = self._kind(column, must=must)
        if kind is None:
            self._found[new] = nw.lit(None, dtype=nw.Int64())
            return False
        if is_fact and self.is_text(column) and self.engine.reads_text:
            self._day_texts[new] = column
            self._found |= {name: nw.col(name) for name in (new, f"{new} odd")}
            return True
        is_clockless = _is_clockless(kind)
        if not isinstance(kind, (nw.Date, nw.Datetime)) or (is_clockless and is_moment):
            self._refuse(column, kind, "day")
            return False
        if is_clockless:
            self._refuse_hours(column, new)
        self._days[new] = column
        self._found[new] = nw.col(new)
        day = nw.col(new)
        outside = (day < FIRST_DAY.toordinal()) | (day > LAST_DAY.toordinal())
        self.checks.append(Check(column=column, bad=outside, message=f"has days outside {FIRST_DAY} to {LAST_DAY}"))
        if is_id:
            self.checks.append(Check(column=column, bad=day.is_null(), message="has rows without one"))
        return False

    def _refuse_hours(self, column: str, new: str) -> None:
        """A time of no zone is a day at midnight alone."""
        clock = self.engine.column(column).dt
        hands = [clock.hour(), clock.minute(), clock.second(), clock.microsecond()]
        self._found[f"{new} hour"] = any_true([hand > 0 for hand in hands])
        hint = "keep the day alone, as .dt.date does, or name their zone"
        message = "has times that are not midnight, and name no zone"
        self.checks.append(Check(column=column, bad=nw.col(f"{new} hour"), message=message, hint=hint))

    def instant(self, column: str, new: str) -> None:
        """The instants of a column of days or instants in microseconds; missing where only the day is known.

        Instants beside a column of days stand in one of the same name with `INSTANT` behind it.
        """
        beside = column if isinstance(self._schema.get(column), nw.Datetime) else f"{column}{INSTANT}"
        kind = self._kind(beside, must=False)
        if kind is None:
            self._found[new] = nw.lit(None, dtype=nw.Int64())
        elif isinstance(kind, nw.Datetime) and kind.time_zone is not None:
            self._instants[f"{new} us"] = beside
            self._found[new] = nw.col(f"{new} us")
        elif beside != column:
            self.problem(beside, f"is of type {kind}: must be an instant with a zone", "give its instants a zone")

    def set_of(self, column: str, new: str, *, must: bool = True) -> None:
        """A column of sets, see `Engine.with_sets`."""
        kind = self._kind(column, must=must)
        if kind is None:
            self._found[new] = nw.lit(None, dtype=nw.String())
        elif isinstance(kind, nw.String) or (isinstance(kind, nw.List) and kind.inner == nw.String):
            self._sets[new] = column
            self._found[new] = nw.col(new)
        else:
            self._refuse(column, kind, "set")

    def number(self, column: str, new: str, *, must: bool = True, is_fact: bool = False) -> int:
        """A column of exact numbers as integers; says how many decimals they have.

        Args:
            column: As the caller knows it.
            new: What it is called past the border.
            must: Whether its absence is a problem; otherwise all is missing.
            is_fact: Whether text that is no number is left to who reads the fact, in a column of its own, `<new> odd`.
        """
        kind = self._kind(column, must=must)
        if kind is None:
            self._found[new] = nw.lit(None, dtype=nw.Int64())
            return 0
        if isinstance(kind, nw.Decimal):
            scale = kind.scale
            self._units[new] = (column, scale)
            self._whole(column, new, nw.col(new))
            return scale
        if self.is_text(column) and self.engine.reads_text:
            return self._number_in_text(column, new, is_fact=is_fact)
        if kind.is_integer():
            given = self.engine.column(column)
            if isinstance(kind, _SHORT):
                self._found[new] = given.cast(nw.Int64())
                self._found[f"{new} bad"] = nw.lit(value=False)
            else:
                self._whole(column, new, given if isinstance(kind, nw.Int64) else given.cast(self.engine.wide))
        elif kind.is_float():
            given = self.engine.column(column)
            found = nw.when(~given.is_nan()).then(given.cast(nw.Float64()))
            is_fit = (found.abs() < _FLOAT_WHOLE) & (found == found.round())
            self._found[new] = nw.when(is_fit).then(found).cast(nw.Int64())
            self._found[f"{new} bad"] = (~is_fit).fill_null(value=False)
            rule = "has floats that are not whole, or too great to be exact"
            self.checks.append(Check(column=column, bad=nw.col(f"{new} bad"), message=rule, hint=HINTS["number"]))
        else:
            self._refuse(column, kind, "number")
        return 0

    def _number_in_text(self, column: str, new: str, *, is_fact: bool) -> int:
        scale = decimals_in_text(self.engine, self._frame, column)
        self._number_texts[new] = (column, scale)
        units, given = nw.col(new), nw.col(f"{new} given")
        is_fit = (units > -MOST) & (units < MOST)
        self._found[new] = nw.when(is_fit).then(units).cast(nw.Int64())
        self._found[f"{new} odd"] = nw.col(f"{new} odd")
        self._found[f"{new} bad"] = ~given.is_null() & ~is_fit.fill_null(value=False)
        odd, bad = nw.col(f"{new} odd"), nw.col(f"{new} bad")
        rule = "has numbers too large to be exact with so many decimals"
        self.checks.append(Check(column=column, bad=bad & ~odd, message=rule, hint="write fewer decimals"))
        if not is_fact:
            rule = "has text that is no exact decimal number of at most 28 digits, 12 of them after the point"
            self.checks.append(Check(column=column, bad=odd, message=rule, hint="write digits alone, as 1234.50"))
        return scale

    def _whole(self, column: str, new: str, units: Expr) -> None:
        # Not by the absolute value: the least integer has none in its own type.
        is_fit = (units > -MOST) & (units < MOST)
        self._found[new] = (units if self.is_checked else nw.when(is_fit).then(units)).cast(nw.Int64())
        self._found[f"{new} bad"] = (~is_fit).fill_null(value=False)
        rule = "has numbers too large to be exact with so many decimals"
        self.checks.append(Check(column=column, bad=nw.col(f"{new} bad"), message=rule, hint="give the type fewer decimals"))

    def read(self) -> Lazy:
        """The columns that were asked for, under their new names; call it only where there is no problem."""
        frame = self._frame
        if self._days:
            frame = self.engine.with_days(frame, self._days, self._zone)
        if self._units:
            frame = self.engine.with_units(frame, self._units)
        if self._number_texts:
            frame = with_numbers(self.engine, frame, self._number_texts)
        if self._day_texts:
            frame = with_days(self.engine, frame, self._day_texts)
        if self._sets:
            frame = self.engine.with_sets(frame, self._sets)
        if self._instants:
            frame = frame.with_columns(**{new: self.engine.column(column) for new, column in self._instants.items()})
            frame = self.engine.with_instants(frame, list(self._instants))
        return frame.select(**self._found)

    def _kind(self, column: str, *, must: bool) -> nw.dtypes.DType | None:
        """The type of a column; None where there is none, or nothing in it."""
        if column not in self._schema:
            if must:
                near = nearest(column, self._schema)
                known = ", ".join(map(repr, self._schema))
                self.problem(column, "is not there", f"did you mean {near!r}?" if near else f"the columns are {known}")
            return None
        return None if self._is_nothing(column) else self._schema[column]

    def _is_nothing(self, column: str) -> bool:
        """Whether a column can hold nothing but nulls; not so one of a type of the engine's own, which is refused."""
        return isinstance(self._schema[column], nw.Unknown) and self._untold.get(column) is None

    def _refuse(self, column: str, kind: nw.dtypes.DType, wanted: Wanted) -> None:
        self.problem(column, f"is of type {self._untold.get(column) or kind}: must be {SHOWN[wanted]}", HINTS[wanted])


def _is_clockless(kind: nw.dtypes.DType | None) -> bool:
    """Whether these are times without a zone, which are all that pandas has for dates."""
    return isinstance(kind, nw.Datetime) and kind.time_zone is None
