"""What kind of relationship it is, and what follows from that (REL-1, REL-2, REL-4)."""

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from relcare._fields import (
    ReadOnlyMap,
    check_identifier,
    check_optional_text,
    check_text,
    check_tuple_of,
    to_map,
    to_texts,
    to_tuple,
)
from relcare._time import Every
from relcare.errors import InvalidValueError, nearest
from relcare.relationships._signs import Indicator, Situation

__all__ = ["BUILT_IN_STRATEGIES", "MergedStrategy", "Strategy", "merge_strategies", "strategies_of"]


def _to_intervals(value: Mapping[str, Every | str]) -> Mapping[str, Every]:
    if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("intervals", value, "must be a table of channels and intervals")
    return to_map(
        {
            channel: every if isinstance(every, Every) else Every.parse(every, f"intervals.{channel}")
            for channel, every in value.items()
        }
    )


def _to_indicators(values: Iterable[Indicator]) -> tuple[Indicator, ...]:
    return to_tuple(values)


def _to_situations(values: Iterable[Situation]) -> tuple[Situation, ...]:
    return to_tuple(values)


_SENTENCES: Final = ("advice", "avoid", "questions", "forms")


@attrs.frozen(kw_only=True)
class Strategy:
    """How the firm treats one type of relationship.

    Attributes:
        type: An identifier; `upstream`, `partner`, `channel` and `end_customer` are built in, others may be added.
        appeal: What the relationship rests on, such as fellow feeling.
        intervals: How often each channel is used at least, by channel; shortens a cadence rule, never lengthens it (REL-4).
        advice: What to do, a sentence each.
        avoid: What not to do, a sentence each.
        source: Where the firm says so.
        questions: What to ask such a client, a sentence each.
        forms: The forms that care takes, such as a support plan or a price review.
        indicators: What tells whether such a relationship is well (REL-3).
        situations: What starts an action.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: REL-2.
    """

    type: str
    appeal: str
    intervals: Mapping[str, Every] = attrs.field(factory=ReadOnlyMap[str, Every], converter=_to_intervals)
    advice: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    avoid: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    source: str | None = None
    questions: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    forms: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    indicators: tuple[Indicator, ...] = attrs.field(default=(), converter=_to_indicators)
    situations: tuple[Situation, ...] = attrs.field(default=(), converter=_to_situations)

    def __attrs_post_init__(self) -> None:
        check_identifier("type", self.type)
        check_text("appeal", self.appeal)
        for channel in self.intervals:
            check_text("intervals", channel)
        for name in _SENTENCES:
            sentences: tuple[str, ...] = getattr(self, name)
            check_tuple_of(name, sentences, str)
            for index, sentence in enumerate(sentences):
                check_text(f"{name}[{index}]", sentence)
        check_optional_text("source", self.source)
        check_tuple_of("indicators", self.indicators, Indicator)
        check_tuple_of("situations", self.situations, Situation)
        _check_unique("indicators", [indicator.id for indicator in self.indicators])
        _check_unique("situations", [situation.id for situation in self.situations])


def _check_unique(name: str, ids: list[str]) -> None:
    for index, one in enumerate(ids):
        if one in ids[:index]:
            raise InvalidValueError(f"{name}[{index}].id", one, "must be unique in the strategy")


BUILT_IN_STRATEGIES: Final[Mapping[str, Strategy]] = ReadOnlyMap(
    {
        strategy.type: strategy
        for strategy in (
            Strategy(
                type="upstream",
                appeal="loyalty",
                advice=(
                    "Stand by suppliers in their hard months, before they ask.",
                    "Tell them early what will be ordered.",
                ),
                avoid=("Switching away at the first difficulty.",),
                questions=(
                    "What is hard for you at the moment?",
                    "What do you need to know from us, and how early?",
                ),
                forms=(
                    "A support plan while the supplier is in trouble.",
                    "An early forecast of orders.",
                ),
            ),
            Strategy(
                type="partner",
                appeal="fellow feeling",
                advice=(
                    "Thank them for what they did beyond the contract.",
                    "Keep the exchange alive while there is no need of each other.",
                ),
                avoid=("Arguing from the letter of a contract that could not foresee the case.",),
                questions=(
                    "What did you do for us beyond the contract?",
                    "Where will you need us next, and where not?",
                ),
                forms=(
                    "Thanks for a particular piece of work.",
                    "An exchange while nothing is on order.",
                ),
            ),
            Strategy(
                type="channel",
                appeal="profit",
                advice=(
                    "Look at what the reseller really earns, not at the list price.",
                    "Leave a margin in the price policy.",
                ),
                avoid=("Undercutting the reseller with its own customers.",),
                questions=(
                    "What is left to you of each sale once all is paid?",
                    "What do your own customers say of the goods?",
                ),
                forms=(
                    "A price review.",
                    "A regular look at what the reseller earns.",
                ),
            ),
            Strategy(
                type="end_customer",
                appeal="reason",
                advice=(
                    "Answer a doubt about value with evidence.",
                    "Compare openly, also where the comparison is not flattering.",
                ),
                avoid=("Pressure, and claims that cannot be shown.",),
                questions=(
                    "What does this have to be worth to you?",
                    "Which doubt is still open?",
                ),
                forms=(
                    "A worked comparison of value and price.",
                    "A case that can be looked up.",
                ),
            ),
        )
    }
)
"""The four built-in types without intervals, indicators and situations: figures and facts belong to the policy (REL-1, REL-2)."""


@attrs.frozen(kw_only=True)
class MergedStrategy:
    """What several types on one client come to; the order of the types does not matter (REL-4).

    Attributes:
        types: The types, by code point.
        appeals: The appeal of each, in that order.
        intervals: The shortest interval of each channel with the type that asks for it; of equal ones the first type.
        advice: Sentences with the type they come from.
        avoid: Sentences with the type they come from.
        questions: Sentences with the type they come from.
        forms: Sentences with the type they come from.
        indicators: Each with the type it comes from.
        situations: Each with the type it comes from.
    """

    types: tuple[str, ...]
    appeals: tuple[str, ...]
    intervals: Mapping[str, tuple[Every, str]]
    advice: tuple[tuple[str, str], ...]
    avoid: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...] = ()
    forms: tuple[tuple[str, str], ...] = ()
    indicators: tuple[tuple[str, Indicator], ...] = ()
    situations: tuple[tuple[str, Situation], ...] = ()


def strategies_of(declared: Iterable[Strategy]) -> Mapping[str, Strategy]:
    """All strategies of a policy by type: the built-in ones, replaced or joined by those it declares."""
    return ReadOnlyMap({**BUILT_IN_STRATEGIES, **{strategy.type: strategy for strategy in declared}})


def merge_strategies(types: Iterable[str], strategies: Mapping[str, Strategy]) -> MergedStrategy:
    """What the given types come to together.

    Args:
        types: Of one client, in any order.
        strategies: By type, see `strategies_of`.

    Raises:
        InvalidValueError: If a type has no strategy; it names the nearest.

    Source: REL-4.
    """
    ordered = tuple(sorted(set(types)))
    for name in ordered:
        if name not in strategies:
            near = nearest(name, strategies)
            raise InvalidValueError(
                "relationship_types",
                name,
                f"must be one of the types of the policy: {', '.join(sorted(strategies))}",
                f"did you mean {near!r}?" if near else "declare it under [[relationship]]",
            )
    chosen = [strategies[name] for name in ordered]
    intervals: dict[str, tuple[Every, str]] = {}
    for strategy in chosen:
        for channel, every in strategy.intervals.items():
            if channel not in intervals or every.average_days < intervals[channel][0].average_days:
                intervals[channel] = (every, strategy.type)
    return MergedStrategy(
        types=ordered,
        appeals=tuple(strategy.appeal for strategy in chosen),
        intervals=ReadOnlyMap(intervals),
        advice=tuple((strategy.type, sentence) for strategy in chosen for sentence in strategy.advice),
        avoid=tuple((strategy.type, sentence) for strategy in chosen for sentence in strategy.avoid),
        questions=tuple((strategy.type, sentence) for strategy in chosen for sentence in strategy.questions),
        forms=tuple((strategy.type, sentence) for strategy in chosen for sentence in strategy.forms),
        indicators=tuple((strategy.type, indicator) for strategy in chosen for indicator in strategy.indicators),
        situations=tuple((strategy.type, situation) for strategy in chosen for situation in strategy.situations),
    )
