"""Which rules ask for a client, now and before a change of tier: a short text, of which there are few (CAD-6, CAD-13)."""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import CadenceRule, Trigger
from relcare.frames._changes import before_column, change_column, with_changes
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, Layout, all_true, cases, expression, is_true
from relcare.frames._engine import Lazy
from relcare.frames._possible import Never, possible
from relcare.policy import Vocabulary, facts_of
from relcare.segmentation import Scheme

__all__ = ["ASKS", "BEFORE", "MAY", "NO", "YES", "AskedColumns", "redated_column"]

ASKS: Final = "asks"
"""The column that says of each rule whether it asks, one sign a rule."""
BEFORE: Final = "before"
"""The column that says the same of the time before the latest change of tier, once for each way to look at changes."""
YES, NO, MAY = "1", "0", "?"
_NONE: Final = "-"


def redated_column(look: int) -> str:
    """The column of the first day in the tier, of one way to look at changes; null where there was none."""
    return f"rs {look}"


@attrs.frozen(kw_only=True, eq=False)
class AskedColumns:
    """Criteria of cadence rules over rows.

    Attributes:
        rules: In the order of the policy.
        schemes: All of the policy.
        vocabulary: What their facts mean.
        layout: The column of each fact.
        core: The tables.
        as_of: The day, an ordinal.
        never: Facts that will never be known of some clients, such as the tier of whom a scheme does not class.
    """

    rules: Sequence[CadenceRule]
    schemes: Sequence[Scheme]
    vocabulary: Vocabulary
    layout: Layout
    core: Core
    as_of: int
    never: Never

    @property
    def looks(self) -> tuple[tuple[int, ...], ...]:
        """The schemes whose tiers rolling rules ask for, in the order of the rule; each way once."""
        if self.core.spells is None:
            return ()
        return tuple(dict.fromkeys(places for rule in self.rules if (places := self.look(rule))))

    def look(self, rule: CadenceRule) -> tuple[int, ...]:
        """The schemes whose changes re-date a rule, by place."""
        if rule.mode != "rolling" or rule.when is None:
            return ()
        places = {f"tier.{scheme.id}": place for place, scheme in enumerate(self.schemes)}
        return tuple(places[name] for name in facts_of(rule.when) if name in places)

    def joined_to(self, frame: Lazy) -> Lazy:
        """The frame with `asks`, `before` and the first day in the tier."""
        asks = [self.sign(rule) for rule in self.rules]
        frame = frame.with_columns(**{ASKS: nw.concat_str(*asks) if asks else nw.lit("")})
        looks = self.looks
        if not looks:
            return frame.with_columns(**{BEFORE: nw.lit("")})
        changed = {place: self.schemes[place] for places in looks for place in places}
        frame = with_changes(frame, self.core, changed, self.as_of)
        for at, places in enumerate(looks):
            frame = self._before(frame, at, places)
        frame = frame.with_columns(**{BEFORE: nw.concat_str(*(nw.col(f"bt {at}") for at in range(len(looks))), separator="|")})
        gone = [name for name in frame.collect_schema() if name[:3] in {"bt ", "rb "}]
        return frame.drop(*gone)

    def sign(self, rule: CadenceRule | Trigger) -> Expr:
        """Whether a rule or a trigger asks: yes, no, or nobody can say."""
        if rule.when is None:
            return nw.lit(YES)
        answer = expression(rule.when, self.vocabulary, self.layout)
        may, _ = possible(rule.when, self.vocabulary, self.layout, self.never)
        return cases([(answer, nw.lit(YES)), (answer.is_null() & may, nw.lit(MAY))], nw.lit(NO))

    # ------------------------------------------------------------------------------------------- before a change of tier

    def _before(self, frame: Lazy, at: int, places: Sequence[int]) -> Lazy:
        """The frame with which rolling rules asked before the latest of some changes, and its day."""
        latest = [(self._is_latest(place, places), place) for place in places]
        facts = {place: f"tier.{self.schemes[place].id}" for place in places}
        earlier = {
            f"rb {at} {place}": nw.when(is_it).then(nw.col(before_column(place))).otherwise(nw.col(self.layout[facts[place]]))
            for is_it, place in latest
        }
        starts = cases([(is_it, nw.col(change_column(place))) for is_it, place in latest])
        frame = frame.with_columns(**earlier, **{redated_column(at): starts})
        layout = {**self.layout, **{facts[place]: f"rb {at} {place}" for place in places}}
        signs = nw.concat_str(*(self._held(rule, layout) for rule in self.rules))
        return frame.with_columns(
            **{f"bt {at}": nw.when(nw.col(redated_column(at)).is_null()).then(nw.lit(_NONE)).otherwise(signs)}
        )

    def _held(self, rule: CadenceRule, layout: Mapping[str, str]) -> Expr:
        if rule.mode != "rolling":
            return nw.lit(NO)
        if rule.when is None:
            return nw.lit(YES)
        return cases([(expression(rule.when, self.vocabulary, layout), nw.lit(YES))], nw.lit(NO))

    @staticmethod
    def _is_latest(place: int, places: Sequence[int]) -> Expr:
        """Whether of several changes it is the latest; of equal ones the first."""
        own = nw.col(change_column(place))
        parts = [~own.is_null()]
        for other in places:
            if other != place:
                there = nw.col(change_column(other))
                is_behind = places.index(other) > places.index(place)
                parts.append(there.is_null() | (own >= there if is_behind else own > there))
        return is_true(all_true(parts))
