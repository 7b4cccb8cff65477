"""Hypothesis strategies for cadence: rules over a vocabulary, and business calendars that need no package of holidays."""

from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from hypothesis import strategies as st

from relcare.cadence import ACCOUNT_MANAGER, LEAP_DAYS, ROLLS, CadenceRule
from relcare.calendars import Calendar, SetCalendar, Weekdays, combine
from relcare.policy import Criterion, Every, Span, Vocabulary, criterion
from relcare.testing._policy_strategies import criteria
from relcare.testing._strategies import ROLES, cached, days, ids, names

__all__ = ["cadence_rules", "calendars"]

_CHANNELS: Final = ("call", "visit", "message", "card")
_STEPS: Final = ("1 day", "3 days", "1 week", "2 weeks", "30 days", "1 month", "2 months", "1 quarter", "1 year")
_COUNTS: Final = (
    "outcome == 'met'",
    "missing(outcome) or outcome != 'missed'",
    "direction == 'incoming'",
    "purpose == 'greeting' or missing(purpose)",
    "person.rank in ('department', 'bureau')",
    "not staff.role == 'secretary'",
)

# A week off around the end of January with the weekends on both sides worked, and a rota of two days: both move dates far.
_NEW_YEAR: Final = SetCalendar(
    name="new year",
    holidays=[date(year, month, day) for year in range(2023, 2029) for month, day in ((1, 29), (1, 30), (1, 31), (2, 1), (2, 2))],
    working_days=[date(2024, 1, 28), date(2026, 1, 25), date(2026, 2, 7)],
    known_until=date(2026, 12, 31),
)
_CLOSED: Final = combine(
    Weekdays(), closures=[date.fromordinal(date(2026, 1, 5).toordinal() + n) for n in range(70)], name="rebuilding"
)
# Casts: pyright takes a field with a converter for a descriptor, and a descriptor for no attribute of the protocol.
_FIXED: Final = (
    cast("Calendar", Weekdays()),
    cast("Calendar", _NEW_YEAR),
    cast("Calendar", _CLOSED),
    cast("Calendar", combine(cast("Calendar", _NEW_YEAR), open_weekdays=[1, 4], name="visiting days")),
    cast("Calendar", SetCalendar(name="every day", weekend=[])),
    cast("Calendar", SetCalendar(name="past", known_from=date(2024, 6, 1), known_until=date(2025, 2, 28))),
)


@cached
def _drawn_calendars() -> st.SearchStrategy[Calendar]:
    near = days(date(2023, 1, 1), date(2027, 12, 31))

    def made(off: frozenset[date], worked: frozenset[date], weekend: frozenset[int], until: date | None) -> Calendar:
        drawn = SetCalendar(name="drawn", holidays=off, working_days=worked - off, weekend=weekend, known_until=until)
        return cast("Calendar", drawn)

    return st.builds(
        made,
        st.frozensets(near, max_size=20),
        st.frozensets(near, max_size=5),
        st.frozensets(st.integers(0, 6), max_size=6),
        st.none() | near,
    )


@cached
def calendars() -> st.SearchStrategy[Calendar]:
    """Business calendars: Monday to Friday, long closures, make-up working days, few visiting days, an end of what is published.

    Nothing is drawn without a business day within a year, so that every date rolls somewhere.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(calendars())
        ... def nothing_is_closed_for_a_year(calendar):
        ...     assert any(calendar.is_business_day(date(2026, 1 + n % 12, 1 + n % 28)) for n in range(336))
        >>> nothing_is_closed_for_a_year()
    """
    return st.sampled_from(_FIXED) | _drawn_calendars()


@cached
def _spans() -> st.SearchStrategy[Span]:
    few = st.sampled_from([0, 0, 1, 2, 5])
    return st.builds(Span, few, st.booleans())


def _anchors(vocabulary: Vocabulary) -> st.SearchStrategy[str]:
    facts = sorted(name for name, kind in vocabulary.items() if kind.kind == "date")
    named = st.sampled_from(["people.birthday", "client.client_since_on", *facts])
    return named | days(date(2019, 1, 1), date(2026, 12, 31)).map(date.isoformat)


@st.composite
def _rule(draw: st.DrawFn, anchors: st.SearchStrategy[str], whens: st.SearchStrategy[Criterion | None]) -> CadenceRule:
    channel = draw(st.sampled_from(_CHANNELS))
    given: dict[str, object] = {"every": draw(st.sampled_from(_STEPS))}
    if draw(st.booleans()):
        anchor = draw(anchors)
        given |= {"mode": "grid", "anchor": anchor, "leap_day": draw(st.sampled_from(LEAP_DAYS))}
        if anchor == "people.birthday":
            given["every"] = draw(st.sampled_from([None, "1 year"]))
    else:
        given["minimum"] = draw(st.sampled_from([None, None, "3 days", "1 month"]))
    step = Every.parse(str(given["every"])) if given["every"] else Every(months=12)
    lead = draw(_spans())
    if lead.days < step.average_days:
        given["lead"] = lead
    return CadenceRule(
        id=draw(ids()),
        channel=channel,
        when=draw(whens),
        role=draw(st.just(ACCOUNT_MANAGER) | st.sampled_from(ROLES)),
        minutes=draw(st.sampled_from([0, 20, 1_440])),
        satisfied_by=draw(st.lists(st.sampled_from(_CHANNELS), max_size=2)),
        counts=draw(st.none() | st.sampled_from(_COUNTS).map(criterion)),
        reaches=draw(st.sampled_from([(), (), ("principal",), ("principal", "secretary")])),
        grace=draw(_spans()),
        roll=draw(st.sampled_from(ROLLS)),
        priority=draw(st.integers(-2, 2)),
        purpose=draw(st.sampled_from([None, None, "greeting"])),
        source=draw(st.none() | names()),
        **cast("Mapping[str, str]", given),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )


def cadence_rules(vocabulary: Vocabulary) -> st.SearchStrategy[CadenceRule]:
    """Cadence rules that pass `rule_problems` over a vocabulary: rolling and grid, every anchor, with and without every choice.

    Draw several with `st.lists(..., unique_by=lambda rule: rule.id)`.

    Args:
        vocabulary: What their criteria and anchors may use; none gives rules for everybody.

    Examples:
        >>> from hypothesis import given, settings
        >>> from relcare.cadence import rule_problems
        >>> words = Vocabulary({})
        >>> @settings(max_examples=5, database=None)
        ... @given(cadence_rules(words))
        ... def every_rule_is_sound(rule):
        ...     assert not list(rule_problems(rule, words))
        >>> every_rule_is_sound()
    """
    whens: st.SearchStrategy[Criterion | None] = st.none()
    if vocabulary:
        whens |= criteria(vocabulary, max_depth=1)
    return _rule(_anchors(vocabulary), whens)
