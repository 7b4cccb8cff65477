"""Cadence rules as values: how often, by which channel, by whom (CAD-2 to CAD-5, CAD-9)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Literal

import attrs

from relcare._fields import check_choice, check_day, check_id, check_optional_text, check_text, check_tuple_of, to_texts
from relcare._time import Every, LeapDay, Span, day_from_text
from relcare.calendars import FESTIVALS, Festival, Roll, festival
from relcare.errors import InvalidValueError, nearest
from relcare.facts import DEFAULT_COUNTS, EVENT_VOCABULARY
from relcare.policy import Criterion, RuleProblem, Vocabulary, check_criteria, criterion_problems

__all__ = [
    "ACCOUNT_MANAGER",
    "DEFAULT_COUNTS",
    "LEAP_DAYS",
    "MODES",
    "ROLLS",
    "CadenceRule",
    "Mode",
    "anchor_problems",
    "rule_problems",
    "to_grace",
]

Mode = Literal["rolling", "grid", "quota"]
MODES: Final[tuple[Mode, ...]] = ("rolling", "grid", "quota")
ROLLS: Final[tuple[Roll, ...]] = ("following", "preceding", "nearest", "none")
LEAP_DAYS: Final[tuple[LeapDay, ...]] = ("28 February", "1 March", "skip")
ACCOUNT_MANAGER: Final = "account manager"
"""The role that the client's owner has (CAD-9)."""

_ANCHORS: Final = ("people.birthday", "client.client_since_on")
_WHOLES: Final = (("minutes", 0, 1_440), ("priority", -1_000, 1_000), ("times", 1, 100), ("in_lieu_limit", 0, 1_000))
_PERIODS: Final = frozenset({Every(days=7), *(Every(months=months) for months in (1, 2, 3, 4, 6, 12))})
_FESTIVAL: Final = "festival."
_YEARLY: Final = Every(months=12)
_LONGEST: Final = Every(months=1_200)


def _to_every(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value)


def _to_minimum(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "minimum")


def to_grace(value: Span | str) -> Span:
    """A grace: a Span, or its text."""
    return value if isinstance(value, Span) else Span.parse(value, "grace")


def _to_spread(value: Span | str) -> Span:
    return value if isinstance(value, Span) else Span.parse(value, "spread")


def _to_lead(value: Span | str) -> Span:
    return value if isinstance(value, Span) else Span.parse(value, "lead")


@attrs.frozen(kw_only=True)
class CadenceRule:
    """A contact that is owed again and again.

    Attributes:
        id: Unique in the policy.
        channel: How, such as `call`.
        every: The interval of a rolling rule, the step of a grid, the period of a quota (a week, or months from the first);
            a yearly grid by default for birthdays.
        mode: `rolling` counts from the last contact, `grid` from an anchor, `quota` within calendar periods (CAD-3).
        times: How often in each period of a quota, from 1 to 100.
        anchor: Of a grid: `people.birthday`, `client.client_since_on`, a festival such as `festival.cn.mid_autumn`, a declared
            date fact, or an ISO date.
        when: To whom; everybody without it. Unknown means listed as undecided (CRI-2).
        role: Who does it; `account manager` is the client's owner (CAD-9).
        minutes: How long it takes, from 0.
        satisfied_by: Other channels that count too (CAD-4).
        in_lieu_limit: How many contacts logged in lieu of the channel count in a row, from 0; without it any number (CAD-4).
        spread: Over how many days the first contacts after a change of tier are spread, at most the new interval (CAD-6).
        counts: Which touchpoints of these channels count; see `DEFAULT_COUNTS` (CAD-2).
        reaches: Roles at the client, one of which must have been reached; anybody without it.
        grace: How long after the due day it is not overdue yet (CAD-5).
        lead: How long before the due day it may be done.
        roll: Where a due day that is no business day goes: `following`, `preceding`, `nearest`, `none` (TIM-6).
        leap_day: When 29 February is kept in a common year (TIM-5).
        minimum: The interval that no strategy shortens it below (REL-4).
        priority: The higher goes first among equally late ones.
        purpose: What it is for.
        source: Where the firm says so.

    Raises:
        InvalidValueError: If the parts do not fit together.
    """

    id: str
    channel: str
    every: Every | None = attrs.field(default=None, converter=_to_every)
    mode: Mode = "rolling"
    anchor: str | None = None
    when: Criterion | None = None
    role: str = ACCOUNT_MANAGER
    minutes: int = 0
    times: int = 1
    satisfied_by: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    in_lieu_limit: int | None = None
    counts: Criterion | None = None
    reaches: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    grace: Span = attrs.field(factory=Span, converter=to_grace)
    lead: Span = attrs.field(factory=Span, converter=_to_lead)
    spread: Span = attrs.field(factory=Span, converter=_to_spread)
    roll: Roll = "following"
    leap_day: LeapDay = "28 February"
    minimum: Every | None = attrs.field(default=None, converter=_to_minimum)
    priority: int = 0
    purpose: str | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        for name in ("channel", "role"):
            check_text(name, getattr(self, name))
        check_optional_text("purpose", self.purpose)
        check_optional_text("source", self.source)
        check_choice("mode", self.mode, MODES)
        check_choice("roll", self.roll, ROLLS)
        check_choice("leap_day", self.leap_day, LEAP_DAYS)
        for name, least, most in _WHOLES:
            value = getattr(self, name)
            if name == "in_lieu_limit" and value is None:
                continue
            if type(value) is not int or not least <= value <= most:
                raise InvalidValueError(name, value, f"must be a whole number from {least} to {most}")
        for name, texts in (("satisfied_by", self.satisfied_by), ("reaches", self.reaches)):
            check_tuple_of(name, texts, str)
            for index, text in enumerate(texts):
                check_text(f"{name}[{index}]", text)
        check_criteria(when=self.when, counts=self.counts)
        self._check_rhythm()

    def _check_rhythm(self) -> None:
        check_optional_text("anchor", self.anchor)
        if self.anchor_date is not None:
            check_day("anchor", self.anchor_date)
        if self.every is None and not self._is_yearly:
            hint = {"rolling": "2 weeks", "grid": "1 year", "quota": "1 month"}[self.mode]
            raise InvalidValueError("every", self.every, "must be given", f'write every = "{hint}"')
        {"rolling": self._check_rolling, "grid": self._check_grid, "quota": self._check_quota}[self.mode]()
        for name, every in (("minimum", self.minimum), ("every", self.step)):
            if every is not None and every.average_days > _LONGEST.average_days:
                raise InvalidValueError(name, str(every), "must be at most 100 years")
        if self.lead.days >= self.step.average_days:
            raise InvalidValueError("lead", str(self.lead), f"must be shorter than the interval, {self.step}")
        if self.times != 1 and self.mode != "quota":
            raise InvalidValueError("times", self.times, "must go with a quota", 'write mode = "quota"')
        if self.spread.days and (self.mode != "rolling" or self.spread.is_business):
            raise InvalidValueError("spread", str(self.spread), "must be calendar days of a rolling rule: no other is re-dated")

    @property
    def _is_yearly(self) -> bool:
        return self.anchor is not None and (self.anchor == "people.birthday" or self.anchor.startswith(_FESTIVAL))

    def _check_rolling(self) -> None:
        if self.anchor is not None:
            raise InvalidValueError("anchor", self.anchor, "must not be given for a rolling rule", 'write mode = "grid"')

    def _check_grid(self) -> None:
        if self.anchor is None:
            raise InvalidValueError("anchor", self.anchor, "must be given for a grid", 'write anchor = "people.birthday"')
        if self._is_yearly and self.every not in {None, _YEARLY}:
            raise InvalidValueError("every", str(self.every), "must be 1 year for a birthday or a festival")
        if self.minimum is not None:
            raise InvalidValueError("minimum", str(self.minimum), "must not be given for a grid: no strategy moves it")

    def _check_quota(self) -> None:
        for name in ("anchor", "minimum"):
            if getattr(self, name) is not None:
                raise InvalidValueError(name, str(getattr(self, name)), "must not be given for a quota")
        if self.every not in _PERIODS:
            hint = 'write every = "1 month"'
            raise InvalidValueError("every", str(self.every), "must be 1 week, or 1, 2, 3, 4, 6 or 12 calendar months", hint)

    @property
    def festival(self) -> Festival | None:
        """The public festival that a grid is anchored to, as `festival.cn.mid_autumn`; None for other anchors.

        Raises:
            UnknownRecordError: If there is no such festival.
        """
        if self.anchor is None or not self.anchor.startswith(_FESTIVAL):
            return None
        return festival(self.anchor.removeprefix(_FESTIVAL))

    @property
    def step(self) -> Every:
        """The interval or step; a year where a grid of birthdays or festivals names none."""
        return self.every or _YEARLY

    @property
    def channels(self) -> frozenset[str]:
        """The channel and all that satisfy it."""
        return frozenset((self.channel, *self.satisfied_by))

    @property
    def anchor_date(self) -> date | None:
        """The anchor as a date where it is one."""
        return None if self.anchor is None else day_from_text(self.anchor)


def rule_problems(rule: CadenceRule, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a rule.

    Args:
        rule: The rule.
        vocabulary: All facts that a cadence rule may use: declared, built-in, tiers, strategies, qualifications.
    """
    yield from criterion_problems(("when",), rule.when, vocabulary)
    yield from criterion_problems(("counts",), rule.counts, EVENT_VOCABULARY)
    if rule.anchor is not None:
        yield from anchor_problems(("anchor",), rule.anchor, vocabulary)


def anchor_problems(path: tuple[str | int, ...], anchor: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with an anchor among the facts.

    Args:
        path: Of the anchor.
        anchor: As a rule has it.
        vocabulary: All facts of the policy.
    """
    if anchor.startswith(_FESTIVAL):
        yield from _festival_problems(path, anchor.removeprefix(_FESTIVAL))
        return
    if anchor in _ANCHORS or day_from_text(anchor) is not None or vocabulary.is_broken(anchor):
        return
    kind = vocabulary.get(anchor)
    if kind is None:
        near = nearest(anchor, (*_ANCHORS, *_dates(vocabulary)))
        way_out = "write people.birthday, client.client_since_on, a date fact or a date as 2026-01-31"
        yield RuleProblem(path, f"{anchor!r} is no anchor", f"did you mean {near!r}?" if near else way_out)
    elif kind.kind != "date":
        yield RuleProblem(path, f"{anchor} is a {kind.kind}: an anchor is a date")


def _festival_problems(path: tuple[str | int, ...], name: str) -> Iterator[RuleProblem]:
    if name not in FESTIVALS:
        near = nearest(name, FESTIVALS)
        hint = f"did you mean 'festival.{near}'?" if near else f"known are {', '.join(FESTIVALS)}"
        yield RuleProblem(path, f"unknown festival {name!r}", hint)


def _dates(vocabulary: Vocabulary) -> Iterable[str]:
    return (name for name, kind in vocabulary.items() if kind.kind == "date")
