"""What follows from which rules ask: what is owed at which interval, once for each of the few ways (REL-4, CAD-13)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs
import narwhals.stable.v2 as nw

from relcare._time import Every
from relcare.cadence import CadenceRule, asked, interval_of
from relcare.frames._asked import ASKS, BEFORE, MAY, YES
from relcare.frames._criteria import Expr, any_true, cases
from relcare.frames._engine import SEPARATOR, Cell, Engine, Lazy
from relcare.relationships import Strategy, merge_strategies

__all__ = ["TYPES", "CadencePlan", "by_rule", "of_rules"]

TYPES = "types"

Way = tuple[str, str, str]
"""Which rules ask, of which types the client is, and which rules asked before."""


@attrs.frozen(kw_only=True, eq=False)
class CadencePlan:
    """The rules with their intervals.

    Attributes:
        rules: In the order of the policy.
        strategies: By type.
        looks: Of each rule, its way to look at changes of tier; None for rules that are not re-dated.
        intervals: What a number in a column stands for; filled as it goes.
    """

    rules: Sequence[CadenceRule]
    strategies: Mapping[str, Strategy]
    looks: Sequence[int | None]
    intervals: list[Every] = attrs.field(factory=list[Every], init=False)

    def owed(self, engine: Engine, beside: Lazy, ways: Iterable[Way]) -> Lazy:
        """A small table of what is owed: `asks`, `types`, `before`, and by them `rule`, `every`, `old`, `look`, `also`.

        `every` and `old` are numbers of intervals, the one now and the one before the change of tier; `also` are all rules that
        ask the same, the one that governs first.
        """
        rows = [(*way, *row) for way in ways for row in self._rows(*way)]
        names = (ASKS, TYPES, BEFORE, "rule", "every", "old", "look", "also")
        texts = {ASKS, TYPES, BEFORE, "also"}
        columns: dict[str, tuple[nw.dtypes.DType, Sequence[Cell]]] = {
            name: (nw.String() if name in texts else nw.Int64(), [row[place] for row in rows]) for place, name in enumerate(names)
        }
        return engine.table(beside, columns)

    def undecided(self, engine: Engine, beside: Lazy, ways: Iterable[Way]) -> Lazy:
        """A small table of the rules of which it is not known whether they ask: `asks`, and by it `rule`."""
        found = [
            (asks, place) for asks in dict.fromkeys(asks for asks, _, _ in ways) for place, sign in enumerate(asks) if sign == MAY
        ]
        return engine.table(
            beside, {ASKS: (nw.String(), [asks for asks, _ in found]), "rule": (nw.Int64(), [place for _, place in found])}
        )

    def _rows(self, asks: str, types: str, before: str) -> Iterator[tuple[int, int, int | None, int | None, str]]:
        intervals = merge_strategies([one for one in types.split(SEPARATOR) if one], self.strategies).intervals
        alike: dict[object, list[tuple[Every, CadenceRule, int]]] = {}
        for place, (rule, sign) in enumerate(zip(self.rules, asks, strict=True)):
            if sign != YES:
                continue
            if rule.mode == "rolling":
                alike.setdefault(asked(rule), []).append((interval_of(rule, intervals), rule, place))
            else:
                yield place, self.number(rule.step), None, None, rule.id
        earlier = before.split("|")
        for several in alike.values():
            several.sort(key=lambda one: (one[0].average_days, one[1].id))
            every, rule, place = several[0]
            look = self.looks[place]
            old = None if look is None else self._old(rule, earlier[look], intervals)
            also = SEPARATOR.join(one.id for _, one, _ in several)
            yield place, self.number(every), None if old is None else self.number(old), look, also

    def _old(self, rule: CadenceRule, signs: str, intervals: Mapping[str, tuple[Every, str]]) -> Every | None:
        """How often the channel was asked for before the change; None when it was not, or there was none."""
        if len(signs) != len(self.rules):
            return None
        held = [
            interval_of(other, intervals)
            for other, sign in zip(self.rules, signs, strict=True)
            if sign == YES and other.mode == "rolling" and other.channel == rule.channel
        ]
        return min(held, key=lambda every: every.average_days, default=None)

    def number(self, every: Every) -> int:
        """What stands for an interval in a column."""
        if every not in self.intervals:
            self.intervals.append(every)
        return self.intervals.index(every)


def of_rules(owed: Lazy, places: Sequence[int]) -> Lazy:
    """What is owed by the rules at some places."""
    return owed.filter(any_true([nw.col("rule") == place for place in places]))


def by_rule(places: Sequence[int], value: Callable[[int], Expr]) -> Expr:
    """A value that depends on the rule of the row."""
    return cases([(nw.col("rule") == place, value(place)) for place in places]).cast(nw.Int64())
