"""Membership follows from the log of steps, whatever the log: VIP-2 to VIP-4."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.errors import IllegalStepError
from relcare.model import MEMBERSHIP_STEPS, MembershipEvent
from relcare.policy import criterion
from relcare.vip import (
    KEEPINGS,
    MembershipRules,
    MembershipSpell,
    MembershipState,
    Programme,
    QualifiedSpell,
    VipPath,
    membership,
    membership_so_far,
)

FIRST = date(2026, 2, 20)
LAST = 75
LENGTHS = st.sampled_from([None, "1 day", "3 days", "7 days", "2 weeks"])
LEVELS = ("gold", "silver", "bronze")
PEOPLE = ("lee", "wu", "kim")


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _rules(levels: int, **fields: object) -> MembershipRules:
    if fields["keeping"] == "grace" and fields["grace"] is None:
        fields["grace"] = "3 days"
    return MembershipRules(levels=LEVELS[:levels], **fields)  # type: ignore[arg-type]


def programmes() -> st.SearchStrategy[Programme]:
    rules = st.builds(
        _rules,
        levels=st.sampled_from([0, 0, 2, 3]),
        window=LENGTHS,
        length=st.sampled_from(["1 day", "7 days", "7 days", "2 weeks", None]),
        keeping=st.sampled_from(KEEPINGS),
        grace=LENGTHS,
        returns_delay=st.none() | LENGTHS,
        notice=st.none() | LENGTHS,
    )
    return st.builds(
        lambda settings_: Programme(id="club", paths=[VipPath("big", criterion("orders >= 10"))], membership=settings_), rules
    )


def _event(number: int, on: int, kind: int, by: str, sponsor: str | None, lasts: int) -> MembershipEvent:
    step = MEMBERSHIP_STEPS[kind]
    return MembershipEvent(
        id=f"m-{number}",
        client_id="c-1",
        programme_id="club",
        step=step,
        on=day(on),
        by=by,
        sponsor_id=sponsor if step in {"applied", "nominated"} else None,
        end_on=day(on + lasts) if step == "granted" else None,
    )


@st.composite
def any_logs(draw: st.DrawFn) -> tuple[MembershipEvent, ...]:
    """Steps in any order; most go forward in time."""
    count = draw(st.integers(0, 14))
    days = draw(st.lists(st.integers(0, LAST - 5), min_size=count, max_size=count))
    if draw(st.integers(0, 4)):
        days = sorted(days)
    return tuple(
        _event(
            number,
            on,
            draw(st.integers(0, len(MEMBERSHIP_STEPS) - 1)),
            draw(st.sampled_from(PEOPLE)),
            draw(st.sampled_from([None, *PEOPLE])),
            draw(st.integers(1, 20)),
        )
        for number, on in enumerate(days)
    )


def legal(programme: Programme, log: Sequence[MembershipEvent], qualified: Sequence[QualifiedSpell]) -> list[MembershipEvent]:
    """Of any steps those that may be taken, one after the other."""
    taken: list[MembershipEvent] = []
    for event in log:
        _, fault = membership_so_far(programme, [*taken, event], qualified, as_of=day(LAST))
        if fault is None:
            taken.append(event)
    return taken


@st.composite
def stories(draw: st.DrawFn) -> tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]:
    """A programme, a log that it accepts, and when the client qualified. Applications go on to an approval more often than not."""
    programme = draw(programmes())
    borders = sorted(draw(st.lists(st.integers(0, LAST), unique=True, max_size=5)))
    ends: list[int | None] = [*borders[1::2], None]
    qualified = tuple(
        QualifiedSpell(start_on=day(start), end_on=None if end is None else day(end))
        for start, end in zip(borders[::2], ends, strict=False)
    )
    log = list(draw(any_logs()))
    if draw(st.integers(0, 3)):
        on = draw(st.integers(0, 10))
        begun = [_event(100 + n, on, MEMBERSHIP_STEPS.index(step), "kim", None, 1) for n, step in enumerate(JOINING)]
        log = [*begun, *(event for event in log if event.on >= day(on))]
    return programme, legal(programme, log, qualified), qualified


JOINING = ("applied", "checked", "approved")
few = settings(max_examples=150, deadline=None)


class TestStateOfTheLog:
    """VIP-2: membership (none, applied, nominated, refused, approved, member, lapsed, revoked). Steps: applied or nominated,
    checked, approved by a leader, member; each who, when, why; illegal steps are errors; nobody approves their own nomination.
    """

    @few
    @given(stories(), st.integers(0, LAST))
    def test_the_state_is_a_function_of_the_steps_up_to_the_day(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]], number: int
    ) -> None:
        programme, log, qualified = story
        whole = membership(programme, log, qualified, as_of=day(number))
        so_far = [attrs.evolve(event, recorded_at=day(LAST)) for event in log if event.on <= day(number)]
        assert membership(programme, iter(so_far), qualified, as_of=day(number)) == whole

    @few
    @given(programmes(), any_logs())
    def test_a_log_counts_up_to_its_first_illegal_step(self, programme: Programme, log: tuple[MembershipEvent, ...]) -> None:
        state, fault = membership_so_far(programme, log, (), as_of=day(LAST))
        if fault is None:
            assert membership(programme, log, (), as_of=day(LAST)) == state
            return
        place = int(fault.name.removeprefix("events[").partition("]")[0])
        assert membership(programme, log[:place], (), as_of=day(LAST)) == state
        with pytest.raises(IllegalStepError):
            membership(programme, log[: place + 1], (), as_of=day(LAST))

    @few
    @given(stories())
    def test_no_step_out_of_order_is_accepted(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]
    ) -> None:
        programme, log, qualified = story
        for before, after in pairwise(range(len(log))):
            if log[before].on < log[after].on:
                swapped = [*log]
                swapped[before], swapped[after] = log[after], log[before]
                with pytest.raises(IllegalStepError):
                    membership(programme, swapped, qualified, as_of=day(LAST))

    @few
    @given(stories())
    def test_nobody_decides_about_whom_they_put_forward(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]
    ) -> None:
        _, log, _ = story
        sponsors: set[str] = set()
        previous = ""
        for event in log:
            if event.step == "nominated" or (event.step == "applied" and previous not in {"nominated", "checked"}):
                sponsors = set()
            if event.step in {"applied", "nominated"}:
                sponsors |= {event.sponsor_id or event.by} if event.step == "nominated" else {event.sponsor_id or "-"}
                sponsors |= {event.by} if event.step == "nominated" else set()
            if event.step in {"approved", "refused"}:
                assert event.by not in sponsors
            previous = event.step


class TestOneMembership:
    """VIP-3: five settings: qualification window; length of membership; keeping or losing it (lapse, one step down, re-evaluated,
    grace); delay for returns; manual grant. Notice before a loss, with what is missing.
    """

    @few
    @given(stories())
    def test_there_are_never_two_memberships_at_once(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]
    ) -> None:
        programme, log, qualified = story
        spells = membership(programme, log, qualified, as_of=day(LAST)).spells
        assert all(spell.end_on is None or spell.start_on < spell.end_on for spell in spells)
        assert all(one.end_on is not None and one.end_on <= two.start_on for one, two in pairwise(spells))

    @few
    @given(stories())
    def test_the_list_of_a_day_stays_what_it_was(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]
    ) -> None:
        programme, log, qualified = story
        last = membership(programme, log, qualified, as_of=day(LAST))
        for number in range(LAST + 1):
            then = membership(programme, log, qualified, as_of=day(number))
            assert then.is_member == last.was_member(day(number))
            assert (then.level,) == tuple(s.level for s in last.spells if s.covers(day(number))) or not then.is_member

    @few
    @given(stories())
    def test_no_term_ends_before_its_time_or_without_notice(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]
    ) -> None:
        programme, log, qualified = story
        rules = programme.membership
        assert rules is not None
        found = membership(programme, log, qualified, as_of=day(LAST))
        granted = {event.on for event in log if event.step == "granted"}
        if found.state != "lapsed" or found.since_on is None or found.spells[-1].start_on in granted:
            return
        assert rules.length is not None
        last = found.spells[-1]
        assert rules.length.after(last.start_on.toordinal()) <= found.since_on.toordinal()
        if rules.notice is not None:
            told = [event.on.toordinal() for event in log if event.step == "notified" and event.on >= last.start_on]
            assert told
            assert rules.notice.after(max(told)) <= found.since_on.toordinal()

    @few
    @given(stories())
    def test_what_comes_next_comes(self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]) -> None:
        programme, log, qualified = story
        found = membership(programme, log, qualified, as_of=day(LAST))
        if found.next_on is None or found.next_on <= day(LAST):
            return
        before = membership(programme, log, qualified, as_of=found.next_on - timedelta(days=1))
        then = membership(programme, log, qualified, as_of=found.next_on)
        assert (before.state, before.term_ends_on) == (found.state, found.term_ends_on)
        expected = {
            "begins": then.is_member,
            "notice": then.is_member and then.next_step == "notice",
            "next term": then.is_member and then.term_ends_on != found.term_ends_on,
            "re-evaluated": then.is_member and then.term_ends_on != found.term_ends_on,
            "grace": then.is_in_grace or then.state == "lapsed",
            "steps down": then.is_member and then.level != found.level,
            "lapses": then.state == "lapsed" or programme.membership == attrs.evolve(RULES, keeping="re-evaluated"),
        }
        if found.next_step == "lapses" and programme.membership is not None and programme.membership.keeping == "re-evaluated":
            return  # who qualifies again by the day of the loss stays after all
        assert expected[str(found.next_step)]

    @few
    @given(stories())
    def test_it_is_what_a_calendar_kept_day_by_day_comes_to(
        self, story: tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]
    ) -> None:
        programme, log, qualified = story
        found = membership(programme, log, qualified, as_of=day(LAST))
        assert _kept_by_hand(programme, log, qualified) == _days_of(found)


RULES = MembershipRules()


def _days_of(found: MembershipState) -> list[tuple[date, str | None]]:
    def level_on(one: date) -> list[MembershipSpell]:
        return [spell for spell in found.spells if spell.covers(one)]

    return [(day(n), level_on(day(n))[0].level) for n in range(LAST + 1) if level_on(day(n))]


def _kept_by_hand(
    programme: Programme, log: Sequence[MembershipEvent], qualified: Sequence[QualifiedSpell]
) -> list[tuple[date, str | None]]:
    """The days of membership with their levels, by going through a calendar; every length is in days."""
    rules = programme.membership
    assert rules is not None

    def length(name: str) -> int | None:
        every = getattr(rules, name)
        return None if every is None else every.days

    def qualifies(number: int) -> bool:
        return any(s.start_on <= day(number) and (s.end_on is None or day(number) < s.end_on) for s in qualified)

    def counts(number: int) -> bool:
        return any(qualifies(n) for n in range(number - (length("window") or 1) + 1, number + 1))

    def stood(number: int) -> bool:
        delay = length("returns_delay")
        return delay is None or all(qualifies(n) for n in range(number - delay, number + 1))

    state, level, end, left, told, agreed, is_grant = "out", None, None, 0, None, False, False
    kept: list[tuple[date, str | None]] = []
    for number in range(LAST + 1):
        for event in [None, *(event for event in log if event.on == day(number))]:
            if event is not None:
                if event.step == "approved":
                    state, level = "approved", rules.levels[0] if rules.levels else None
                elif event.step == "granted":
                    level, is_grant = rules.levels[0] if rules.levels else None, True
                    state, end = "member", (event.end_on or event.on).toordinal() - FIRST.toordinal()
                    told, agreed = None, False
                elif event.step == "revoked":
                    state = "out"
                elif event.step == "notified":
                    told = number
                elif event.step == "renewed":
                    agreed = True
            if state == "approved" and stood(number):
                state, is_grant, told, agreed = "member", False, None, False
                end = None if length("length") is None else number + (length("length") or 0)
            while state == "member" and end is not None and number >= end:
                goes_on = agreed or (rules.keeping == "re-evaluated" and not is_grant and counts(end))
                if goes_on:
                    end += length("length") or 0
                    if end <= number:
                        end = number + (length("length") or 0)
                    told, agreed = None, False
                    continue
                left = end + (length("grace") or 0 if rules.keeping == "grace" and not is_grant else 0)
                notice = length("notice")
                is_due = is_grant or notice is None or (told is not None and number >= told + notice)
                if number < left or not is_due:
                    break
                if rules.keeping == "re-evaluated" and not is_grant and counts(number):
                    end = (
                        number + (length("length") or 0)
                        if end + (length("length") or 0) <= number
                        else end + (length("length") or 0)
                    )
                    told = None
                    continue
                lower = rules.levels[rules.levels.index(str(level)) + 1 :] if level in rules.levels else ()
                if rules.keeping == "one step down" and lower and not is_grant:
                    level, end, told = lower[0], number + (length("length") or 0), None
                else:
                    state = "out"
        if state == "member":
            kept.append((day(number), level))
    return kept
