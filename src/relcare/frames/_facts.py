"""Fact columns: what `FactReader` reads off one history, read off all of them at once (FCT-1 to FCT-5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare.errors import BookDocumentError, Problem
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, any_true, cases, is_true
from relcare.frames._engine import SEPARATOR, Lazy
from relcare.frames._grains import grain_of, in_bounds, in_grains, is_off_grain, units_of_bound
from relcare.frames._measures import with_measures
from relcare.frames._moments import Moment
from relcare.frames._needs import coded, field_of
from relcare.frames._odd_forms import is_odd, odd_value, with_odd_forms
from relcare.frames._reader import CLIENT
from relcare.frames._roles import ROLES, with_roles
from relcare.policy import Fact, FactType, Measure, OutOfBounds

__all__ = ["NOTES", "FactColumns", "fact_column"]

NOTES: Final = "notes"
"""The column that names the facts whose values were out of bounds, each after the other, with a blank between (FCT-1)."""

_CLIENT_COLUMNS: Final = {
    "client.stage": "stage",
    "client.region": "region",
    "client.owner_id": "owner_id",
    "client.relationship_types": "types",
}
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}
_FIELD_COLUMNS: Final = {"relationship_types": "types", "client_since_on": "since"}


def fact_column(name: str) -> str:
    """The column of a fact: of no name that a fact, a scheme or a table has."""
    return f"f {coded(name)}"


@attrs.frozen(kw_only=True)
class _Read:
    """How one fact becomes a column.

    Attributes:
        value: In core form, null where it is missing or out of bounds.
        is_strange: Whether there is a value that its fact does not allow; None where that cannot be.
        is_off: Whether its number is off the grain without a rounding declared; None where that cannot be.
        grains: Its number before it is looked at from all sides, a column of its own: Spark would write out all of it each time.
    """

    value: Expr
    is_strange: Expr | None = None
    is_off: Expr | None = None
    grains: Expr | None = None


class FactColumns:
    """The declared facts of a policy, ready to be read off tables.

    Args:
        facts: In the order of the policy.
        types: Of each, with the policy's currency.
        core: The tables past the border.
    """

    def __init__(self, facts: Sequence[Fact], types: Mapping[str, FactType], core: Core) -> None:
        self.facts: tuple[Fact, ...] = tuple(facts)
        self.types: Mapping[str, FactType] = types
        self.core: Core = core

    def read(self, base: Lazy, moment: Moment, names: frozenset[str] | None = None) -> Lazy:
        """The base with the fact columns, the built-in facts of clients, and `notes`.

        Args:
            base: The columns of `Core.clients`, a row for each client or each client and day.
            moment: The days that are asked about.
            names: Only these and what they are derived from; all when None.

        Raises:
            BookDocumentError: If a value is off its fact's grain and no rounding is declared; it names the fact and a client.
        """
        chosen = self.facts if names is None else self._closure(names)
        measures = {f"m {coded(fact.id)}": fact.measure for fact in chosen if fact.measure is not None}
        with_people = self._with_ranks(base, chosen)
        if any(fact.reads == "people.role" for fact in chosen):
            with_people = with_roles(with_people, self.core)
        read_oddly = with_odd_forms(with_people, self.core, chosen, self.types)
        frame = with_measures(read_oddly, self.core, measures, moment)
        plain = [fact for fact in chosen if fact.derivation is None]
        reads = {fact: self._read(fact) for fact in plain}
        frame = self._joined(frame, reads)
        for fact in chosen:
            if fact.derivation is not None:
                frame = self._joined(frame, {fact: self._derived(fact)})
        self._refuse_off_grain(frame, chosen)
        there = set(frame.collect_schema())
        noted = [fact.id for fact in chosen if f"s {coded(fact.id)}" in there]
        strange = [nw.when(nw.col(f"s {coded(name)}")).then(nw.lit(name)) for name in noted]
        notes = nw.concat_str(*strange, separator=" ", ignore_nulls=True) if strange else nw.lit("")
        found = {fact_column(fact.id): nw.col(fact_column(fact.id)) for fact in chosen}
        found |= {fact_column(name): nw.col(column) for name, column in _CLIENT_COLUMNS.items()}
        found[fact_column("client.relationship_types")] = nw.col("types").fill_null(SEPARATOR * 2)
        found[NOTES] = nw.when(notes != "").then(notes)
        kept = [column for column in base.collect_schema() if column not in found]
        return frame.select(*kept, **found)

    @staticmethod
    def _joined(frame: Lazy, reads: Mapping[Fact, _Read]) -> Lazy:
        grains = {_grains(fact): read.grains for fact, read in reads.items() if read.grains is not None}
        frame = frame.with_columns(**grains) if grains else frame
        found: dict[str, Expr] = {}
        for fact, read in reads.items():
            found[fact_column(fact.id)] = read.value
            if read.is_strange is not None:
                found[f"s {coded(fact.id)}"] = is_true(read.is_strange)
            if read.is_off is not None:
                found[f"o {coded(fact.id)}"] = is_true(read.is_off)
        return frame.with_columns(**found) if found else frame

    def _closure(self, names: frozenset[str]) -> tuple[Fact, ...]:
        wanted = set(names)
        for fact in reversed(self.facts):  # a derived fact comes after those it is made of
            if fact.id in wanted and fact.derivation is not None:
                wanted |= {fact.derivation.first, fact.derivation.second}
        return tuple(fact for fact in self.facts if fact.id in wanted)

    # ------------------------------------------------------------------------------------------------ single facts

    def _read(self, fact: Fact) -> _Read:
        if fact.measure is not None:
            return self._measured(fact, fact.measure)
        if fact.reads == "people.rank":
            return _Read(
                value=nw.col(f"r {coded(fact.id)}"), is_strange=nw.col(f"r {coded(fact.id)}").is_null() & nw.col("any rank")
            )
        if fact.reads == "people.role":
            return _as_it_is(nw.col(ROLES))
        if is_odd(fact):
            value, is_strange = odd_value(fact)
            return _Read(value=value, is_strange=is_strange)
        field = field_of(fact)
        return self._encoded(fact, nw.col(f"a {coded(fact.id)}" if field is None else _FIELD_COLUMNS.get(field, field)))

    def _encoded(self, fact: Fact, raw: Expr) -> _Read:
        """A value as the tables hold it in core form."""
        kind = self.types[fact.id]
        if kind.is_numeric:
            return self._with_odd(fact, self._number(fact, raw, Fraction(1, 10 ** self.core.scales[fact.id])))
        if kind.kind == "set":
            return _as_it_is(raw)
        if kind.kind == "date":
            low, high = (bound.toordinal() if isinstance(bound, date) else None for bound in (kind.low, kind.high))
            return self._with_odd(fact, _bounded(raw, low, high))
        if kind.kind == "flag":
            return _words(raw, _FLAGS) if fact.id in self.core.words else _as_it_is(raw)
        if kind.kind == "level":
            return _words(raw, {value: rank for rank, value in enumerate(kind.values)})
        return _words(raw, {value: value for value in kind.values}) if kind.values else _as_it_is(raw)

    def _with_odd(self, fact: Fact, read: _Read) -> _Read:
        """With the text that is no number and no day: it is not allowed either."""
        if fact.id not in self.core.words:
            return read
        odd = nw.col(f"a {coded(fact.id)} odd")
        return attrs.evolve(read, is_strange=odd if read.is_strange is None else is_true(read.is_strange) | odd)

    def _number(self, fact: Fact, raw: Expr, unit: Fraction) -> _Read:
        kind = self.types[fact.id]
        ratio = unit / grain_of(kind)
        if ratio == 1:
            return self._whole(kind, raw, None, is_small=True)
        wide = raw.cast(self.core.engine.wide)
        grains = in_grains(self.core.engine, wide, 1, ratio, kind.rounding)
        is_off = is_off_grain(self.core.engine, wide, 1, ratio) if ratio.denominator != 1 and kind.rounding is None else None
        return self._in_grains(fact, grains, is_off)

    def _in_grains(self, fact: Fact, grains: Expr, is_off: Expr | None) -> _Read:
        return attrs.evolve(self._whole(self.types[fact.id], nw.col(_grains(fact)), is_off), grains=grains)

    @staticmethod
    def _whole(kind: FactType, grains: Expr, is_off: Expr | None, *, is_small: bool = False) -> _Read:
        """A number of grains; a small one came past the border as it is, and fits a column."""
        grain = grain_of(kind)
        if kind.low is None and kind.high is None and is_off is None and is_small:
            return _as_it_is(grains)
        low = units_of_bound(Fraction(kind.low), grain, is_low=True) if isinstance(kind.low, Decimal) else None
        high = units_of_bound(Fraction(kind.high), grain, is_low=False) if isinstance(kind.high, Decimal) else None
        return _bounded(grains, low, high, is_off)

    # ---------------------------------------------------------------------------------------------------- measures

    def _measured(self, fact: Fact, measure: Measure) -> _Read:
        kind, raw = self.types[fact.id], nw.col(f"m {coded(fact.id)}")
        if measure.function == "latest":
            low, high = (bound.toordinal() if isinstance(bound, date) else None for bound in (kind.low, kind.high))
            day = measure.when_empty
            return _bounded(raw.fill_null(day.toordinal()) if isinstance(day, date) else raw, low, high)
        is_money = measure.function in {"sum", "max", "min"}
        read = self._number(fact, raw, Fraction(1, 10**self.core.amount_scale) if is_money else Fraction(1))
        if not isinstance(measure.when_empty, Decimal):
            return read
        empty = kind.from_number(fact.id, measure.when_empty)
        strange = nw.lit(value=False) if read.is_strange is None else read.is_strange
        instead = nw.lit(empty if isinstance(empty, int) else None, dtype=nw.Int64())
        return _Read(
            value=nw.when(raw.is_null()).then(instead).otherwise(read.value),
            is_strange=nw.when(raw.is_null()).then(nw.lit(isinstance(empty, OutOfBounds))).otherwise(strange),
            is_off=read.is_off,
            grains=read.grains,
        )

    # ------------------------------------------------------------------------------------------------------ derived

    def _derived(self, fact: Fact) -> _Read:
        derivation, kind = fact.derivation, self.types[fact.id]
        if derivation is None:  # pragma: no cover - only called for derived facts
            raise TypeError(fact)
        first, second = (nw.col(fact_column(name)).cast(self.core.engine.wide) for name in (derivation.first, derivation.second))
        one, other = (grain_of(self.types[name]) for name in (derivation.first, derivation.second))
        own = grain_of(kind)
        if derivation.function == "ratio":
            by = nw.when(second != 0).then(second)
            ratio = one / other / own
            is_off = is_off_grain(self.core.engine, first, by, ratio) if kind.rounding is None else None
            return self._in_grains(fact, in_grains(self.core.engine, first, by, ratio, kind.rounding), is_off)
        # Both in the finest unit that either is whole in.
        unit = Fraction(1, one.denominator * other.denominator)
        gap = first * int(one / unit) - second * int(other / unit)
        ratio = unit / own
        is_off = is_off_grain(self.core.engine, gap, 1, ratio) if ratio.denominator != 1 and kind.rounding is None else None
        return self._in_grains(fact, in_grains(self.core.engine, gap, 1, ratio, kind.rounding), is_off)

    # ------------------------------------------------------------------------------------------------------- people

    def _with_ranks(self, base: Lazy, chosen: Sequence[Fact]) -> Lazy:
        """The best rank among the people, of each fact that asks for it (FCT-1)."""
        asked = [fact for fact in chosen if fact.reads == "people.rank"]
        if not asked or self.core.ranks is None:
            return base
        ranks = {f"r {coded(f.id)}": _words(nw.col("rank"), {v: n for n, v in enumerate(f.values)}).value for f in asked}
        people = self.core.ranks.with_columns(**ranks, is_there=(~nw.col("rank").is_null()).cast(nw.Int64()))
        best = people.group_by(CLIENT).agg(nw.col("is_there").max(), *(nw.col(name).max() for name in ranks))
        best = best.with_columns(**{"any rank": nw.col("is_there") == 1})
        return base.join(best.select(CLIENT, "any rank", *ranks), on=CLIENT, how="left")

    # ----------------------------------------------------------------------------------------------------- off grain

    def _refuse_off_grain(self, frame: Lazy, chosen: Sequence[Fact]) -> None:
        if self.core.is_checked:
            return
        known = set(frame.collect_schema())
        asked = [fact.id for fact in chosen if f"o {coded(fact.id)}" in known]
        if not asked:
            return
        totals = frame.select(nw.col(f"o {coded(name)}").cast(nw.Int64()).sum() for name in asked)
        (counts,) = self.core.engine.rows(totals)
        problems: list[Problem] = []
        for name, count in zip(asked, counts, strict=True):
            if count:
                ((example,),) = self.core.engine.rows(frame.filter(nw.col(f"o {coded(name)}")).select(nw.col(CLIENT).min()))
                rule = f"must be whole multiples of the fact's grain, {self.types[name].grain} ({int(count)}; one of them of "
                problems.append(
                    Problem(file="clients", path=name, message=f"{rule}client {example!r})", hint="declare `round` in the policy")
                )
        if problems:
            raise BookDocumentError(problems)


def _grains(fact: Fact) -> str:
    return f"g {coded(fact.id)}"


def _as_it_is(raw: Expr) -> _Read:
    return _Read(value=raw)


def _bounded(value: Expr, low: int | None, high: int | None, is_off: Expr | None = None) -> _Read:
    fits = in_bounds(value, low, high)
    return _Read(value=nw.when(fits).then(value).cast(nw.Int64()), is_strange=~fits, is_off=is_off)


def _words(raw: Expr, core_by_word: Mapping[str, str | int | bool]) -> _Read:
    """Words in core form; any other word is strange."""
    value = cases([(raw == word, nw.lit(core)) for word, core in core_by_word.items()])
    return _Read(value=value, is_strange=~any_true([raw == word for word in core_by_word]))
