"""Hypothesis strategies for cadence: rules over a vocabulary, and business calendars that need no package of holidays."""

from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from hypothesis import strategies as st

from relcare.cadence import ACCOUNT_MANAGER, LEAP_DAYS, ROLLS, CadenceRule
from relcare.calendars import Calendar, SetCalendar, Weekdays, combine
from relcare.policy import Criterion, Every, Span, Vocabulary, criterion
from relcare.testing._policy_strategies import criteria
from relcare.testing._strategies import ROLES, cached, days, ids

__all__ = ["cadence_rules", "calendars"]

_CHANNELS: Final = ("call", "visit", "message", "card")
_STEPS: Final = ("1 day", "3 days", "1 week", "2 weeks", "30 days", "1 month", "2 months", "1 quarter", "1 year")
_SPANS: Final = (Span(), Span(), Span(1), Span(2), Span(5), Span(1, is_business=True), Span(5, is_business=True))
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
    # One in three is new: to work out the years of a calendar takes longer than to draw it.
    return st.sampled_from(_FIXED) | st.sampled_from(_FIXED[::-1]) | _drawn_calendars()


@cached
def _common() -> st.SearchStrategy[dict[str, object]]:
    """What any rule may have; made once, because a strategy that is made anew for every rule costs more than to draw from it."""
    return st.fixed_dictionaries(
        {
            "id": ids(),
            "channel": st.sampled_from(_CHANNELS),
            "role": st.sampled_from([ACCOUNT_MANAGER, *ROLES]),
            "minutes": st.sampled_from([0, 20, 1_440]),
            "satisfied_by": st.sampled_from([(), (), ("visit",), ("message",), ("visit", "call")]),
            "counts": st.sampled_from([None, None, *map(criterion, _COUNTS)]),
            "reaches": st.sampled_from([(), (), (), ("principal",), ("secretary", "principal")]),
            "grace": st.sampled_from(_SPANS),
            "lead": st.sampled_from(_SPANS),
            "roll": st.sampled_from(ROLLS),
            "priority": st.integers(-2, 2),
            "purpose": st.sampled_from([None, None, "greeting"]),
            "source": st.sampled_from([None, "handbook, section 1", "제1조"]),
        }
    )


def _rhythms(vocabulary: Vocabulary) -> st.SearchStrategy[Mapping[str, object]]:
    minima = st.sampled_from([None, None, "3 days", "1 month"])
    rolling: st.SearchStrategy[Mapping[str, object]] = st.fixed_dictionaries(
        {"every": st.sampled_from(_STEPS), "minimum": minima}
    )
    facts = sorted(name for name, kind in vocabulary.items() if kind.kind == "date")
    named = st.sampled_from(["client.client_since_on", *facts])
    dated = days(date(2019, 1, 1), date(2026, 12, 31)).map(date.isoformat)
    leap = st.sampled_from(LEAP_DAYS)
    mode = st.just("grid")
    series: st.SearchStrategy[Mapping[str, object]] = st.fixed_dictionaries(
        {"mode": mode, "anchor": named | dated, "every": st.sampled_from(_STEPS), "leap_day": leap}
    )
    birthdays: st.SearchStrategy[Mapping[str, object]] = st.fixed_dictionaries(
        {"mode": mode, "anchor": st.just("people.birthday"), "every": st.sampled_from([None, "1 year"]), "leap_day": leap}
    )
    return rolling | rolling | series | birthdays


def _rule(common: Mapping[str, object], rhythm: Mapping[str, object], when: Criterion | None) -> CadenceRule:
    step, lead = Every.parse(str(rhythm["every"] or "1 year")), cast("Span", common["lead"])
    given = {**common, **rhythm, "when": when, "lead": lead if lead.days < step.average_days else Span()}
    return CadenceRule(**given)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


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
    return st.builds(_rule, _common(), _rhythms(vocabulary), whens)
