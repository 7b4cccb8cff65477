"""What becomes of a record: kept, restricted, erased, or a request refused, and always for a reason that can be told."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, check_day, check_optional_text, check_tuple_of, to_texts, to_tuple
from relcare.access._retention_laws import RETENTION_LAWS, near_retention_law
from relcare.access._retention_rules import EraseClock, KeepClock, RetentionRecord
from relcare.errors import InvalidValueError
from relcare.model import Reason

__all__ = [
    "RETENTION_OUTCOMES",
    "RETENTION_QUESTIONS",
    "RetentionDecision",
    "RetentionOutcome",
    "RetentionQuestion",
    "RetentionRules",
    "decide_retention",
]

RetentionQuestion: TypeAlias = Literal["time", "erasure", "restriction", "withdrawal"]
RETENTION_QUESTIONS: Final[tuple[RetentionQuestion, ...]] = ("time", "erasure", "restriction", "withdrawal")
"""What is asked: nothing but what time has brought; or the client wants the record erased, wants it used no more, or withdraws
what they had agreed to."""

RetentionOutcome: TypeAlias = Literal["keep", "restrict", "erase", "refuse"]
RETENTION_OUTCOMES: Final[tuple[RetentionOutcome, ...]] = ("keep", "restrict", "erase", "refuse")
"""`restrict`: stored and nothing else: invisible to search, counts, cadence and VIP."""


def _to_keep(values: Iterable[KeepClock]) -> tuple[KeepClock, ...]:
    return to_tuple(values)


def _to_erase(values: Iterable[EraseClock]) -> tuple[EraseClock, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class RetentionRules:
    """How long records are kept: the `[retention]` of a document. No list in it has an order that decides anything.

    Attributes:
        laws: Presets whose clocks run too, see `RETENTION_LAWS`.
        keep: Until when the law has records kept.
        erase: After when purposes no longer hold them.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-5.
    """

    laws: tuple[str, ...] = attrs.field(eq=frozenset, default=(), converter=to_texts)
    keep: tuple[KeepClock, ...] = attrs.field(eq=frozenset, default=(), converter=_to_keep)
    erase: tuple[EraseClock, ...] = attrs.field(eq=frozenset, default=(), converter=_to_erase)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("laws", self.laws, str)
        for index, name in enumerate(self.laws):
            if name not in RETENTION_LAWS:
                raise InvalidValueError(f"laws[{index}]", name, "must be a preset of retention", near_retention_law(name))
            if name in self.laws[:index]:
                raise InvalidValueError(f"laws[{index}]", name, "must come once")
        check_tuple_of("keep", self.keep, KeepClock)
        check_tuple_of("erase", self.erase, EraseClock)

    @cached_property
    def _of_laws(self) -> tuple[KeepClock | EraseClock, ...]:
        rows = (row for name in self.laws for row in RETENTION_LAWS[name].rows)
        return tuple(row.clock for row in rows if row.clock is not None)

    @cached_property
    def keep_clocks(self) -> tuple[KeepClock, ...]:
        """Its own, and then those of its laws."""
        return (*self.keep, *(one for one in self._of_laws if isinstance(one, KeepClock)))

    @cached_property
    def erase_clocks(self) -> tuple[EraseClock, ...]:
        """Its own, and then those of its laws."""
        return (*self.erase, *(one for one in self._of_laws if isinstance(one, EraseClock)))


@attrs.frozen(kw_only=True)
class RetentionDecision:
    """What becomes of one record.

    Attributes:
        outcome: Exactly one of `RETENTION_OUTCOMES`.
        asked: What was asked.
        reasons: Why, the one that decides first; never empty.
        until: The first day on which time alone may bring another outcome; None when no such day is known.
        on: The day it was decided for.
    """

    outcome: RetentionOutcome
    asked: RetentionQuestion
    reasons: tuple[Reason, ...]
    until: date | None = None
    on: date

    @property
    def is_usable(self) -> bool:
        """Whether the record may still be used for its purposes."""
        return self.outcome in {"keep", "refuse"}


def decide_retention(
    rules: RetentionRules, record: RetentionRecord, *, on: date, asked: RetentionQuestion = "time", purpose: str | None = None
) -> RetentionDecision:
    """What becomes of a record on a day: exactly one outcome, with its reasons.

    | asked | a purpose that no request ends | other purposes running | kept by law | outcome |
    | --- | --- | --- | --- | --- |
    | time | or this | any | any | keep |
    | time | none | none | yes | restrict |
    | time | none | none | no | erase |
    | erasure | running | any | any | refuse |
    | erasure | none | any | yes | restrict |
    | erasure | none | any | no | erase |
    | restriction | running | any | any | refuse |
    | restriction | none | any | any | restrict |
    | withdrawal | or another purpose | any left | any | keep |
    | withdrawal | none | none left | as erasure | restrict or erase |

    A record for which no purpose says when it ends is kept, and the reason says that nobody has said so. What is kept by a clock
    without a ground outlasts its purpose, but no request of the client.

    Args:
        rules: Of the firm.
        record: Which.
        on: The day that it is.
        asked: By time alone, or by the client.
        purpose: From which purpose the client withdraws; None: from all that end on request.

    Raises:
        InvalidValueError: A purpose is named and nothing is withdrawn, or a parameter is none.

    Examples:
        >>> from relcare.access import KeepClock, EraseClock
        >>> rules = RetentionRules(
        ...     keep=[KeepClock(kinds=["purchase"], ground="proof of payment", source="Decree 6", lasts="5 years")],
        ...     erase=[EraseClock(kinds=["purchase"], purpose="care", after="3 years")],
        ... )
        >>> bought = RetentionRecord(kind="purchase", event_on=date(2020, 1, 31))
        >>> for year in (2022, 2023, 2025):
        ...     decide_retention(rules, bought, on=date(year, 1, 31)).outcome
        'keep'
        'restrict'
        'erase'
        >>> asked = decide_retention(rules, bought, on=date(2022, 1, 31), asked="erasure")
        >>> asked.outcome, str(asked.until), asked.reasons[0].code
        ('restrict', '2025-01-31', 'retention.law')

    Source: ACC-5.
    """
    check_choice("asked", asked, RETENTION_QUESTIONS)
    check_optional_text("purpose", purpose)
    check_day("on", on)
    if purpose is not None and asked != "withdrawal":
        raise InvalidValueError("purpose", purpose, "means nothing unless consent is withdrawn")
    return _Case(rules, record, on, asked, purpose).decide()


class _Case:
    def __init__(
        self, rules: RetentionRules, record: RetentionRecord, on: date, asked: RetentionQuestion, purpose: str | None
    ) -> None:
        self._record, self._on, self._purpose = record, on, purpose
        self._asked: RetentionQuestion = asked
        self._purposes = [one for one in rules.erase_clocks if one.is_about(record)]
        self._running = [one for one in self._purposes if self._runs(one)]
        kept = [one for one in rules.keep_clocks if one.is_about(record)]
        self._held = [one for one in kept if self._runs(one)]
        self._lapsed = [one for one in kept if not self._runs(one)]
        self._by_law = [one for one in self._held if one.ground is not None]

    def decide(self) -> RetentionDecision:
        """Exactly one outcome."""
        if self._asked == "time":
            return self._by_time()
        if self._asked == "withdrawal":
            return self._withdrawn()
        firm = [one for one in self._running if not one.on_request]
        if firm:
            return self._answer("refuse", firm, self._needed(firm))
        if self._asked == "restriction":
            return self._answer("restrict", self._by_law, self._law())
        return self._gone()

    def _by_time(self) -> RetentionDecision:
        if not self._purposes:
            reasons = [Reason("retention.no_rule", {}, {"kind": self._record.kind}), *self._law()]
            return self._answer("keep", (), reasons)
        if self._running:
            return self._answer("keep", self._running, [*self._needed(self._running), *self._law()])
        if self._held:
            return self._answer("restrict", self._held, [*self._law(), *self._groundless(), *self._over()])
        return self._answer("erase", (), [*self._over(), *self._lapsed_laws()])

    def _withdrawn(self) -> RetentionDecision:
        if not self._purposes and self._purpose is not None:
            return self._answer("keep", (), [Reason("retention.no_rule", {}, {"kind": self._record.kind})])
        left = [one for one in self._running if not (one.on_request and self._purpose in {None, one.purpose})]
        return self._answer("keep", left, self._needed(left)) if left else self._gone()

    def _gone(self) -> RetentionDecision:
        """The client no longer wants it: only the law may have it kept."""
        if self._by_law:
            return self._answer("restrict", self._by_law, self._law())
        return self._answer("erase", (), [*self._groundless(), *self._over(), *self._lapsed_laws()])

    def _answer(
        self, outcome: RetentionOutcome, clocks: Sequence[KeepClock] | Sequence[EraseClock], reasons: Iterable[Reason]
    ) -> RetentionDecision:
        ends = [one.ends_on(self._record) for one in clocks]
        known = [end for end in ends if end is not None]
        until = max(known) if known and len(known) == len(ends) else None
        asked = () if self._asked == "time" else (Reason("retention.asked", {}, {"asked": self._asked}),)
        return RetentionDecision(outcome=outcome, asked=self._asked, reasons=(*reasons, *asked), until=until, on=self._on)

    def _runs(self, clock: KeepClock | EraseClock) -> bool:
        end = clock.ends_on(self._record)
        return end is None or self._on < end

    def _needed(self, clocks: Iterable[EraseClock]) -> list[Reason]:
        return [
            Reason("retention.needed", {}, {"purpose": one.purpose, "ground": one.ground, "until": one.ends_on(self._record)})
            for one in clocks
        ]

    def _law(self) -> list[Reason]:
        return [
            Reason("retention.law", {}, {"ground": one.ground, "source": one.source, "until": one.ends_on(self._record)})
            for one in self._by_law
        ]

    def _groundless(self) -> Iterator[Reason]:
        for one in self._held:
            if one.ground is None:
                yield Reason("retention.no_ground", {}, {"kind": self._record.kind, "until": one.ends_on(self._record)})

    def _over(self) -> Iterator[Reason]:
        for one in self._purposes:
            if not self._runs(one):
                yield Reason("retention.purpose_over", {}, {"purpose": one.purpose, "until": one.ends_on(self._record)})

    def _lapsed_laws(self) -> Iterator[Reason]:
        for one in self._lapsed:
            yield Reason("retention.law_over", {}, {"ground": one.ground, "until": one.ends_on(self._record)})
