"""Membership follows from the log of steps, whatever the log: VIP-2 to VIP-4."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import TypeAlias

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
GAPS = (0, 1, 2, 3, 4, 6, 7, 8, 14)
JOINING = ("applied", "checked", "approved")
LENGTHS = st.sampled_from([None, "1 day", "3 days", "7 days", "2 weeks"])
LEVELS = ("gold", "silver", "bronze")
PEOPLE = ("lee", "wu", "kim")


Story: TypeAlias = tuple[Programme, list[MembershipEvent], tuple[QualifiedSpell, ...]]


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
    gaps = draw(st.lists(st.sampled_from([*GAPS, 0, 0, -1]), max_size=12))
    days = [min(max(total, 0), LAST - 5) for total in accumulate(gaps)]
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


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A programme, when the client qualified, and a log that the programme accepts: each step is one of those that may follow."""
    programme = draw(programmes())
    borders = list(accumulate(draw(st.lists(st.sampled_from(GAPS[1:]), max_size=6))))
    ends: list[int | None] = [*borders[1::2], None]
    qualified = tuple(
        QualifiedSpell(start_on=day(start), end_on=None if end is None else day(end))
        for start, end in zip(borders[::2], ends, strict=False)
    )
    on = draw(st.sampled_from(GAPS))
    log: list[MembershipEvent] = []
    if draw(st.integers(0, 3)):
        log = [_event(100 + n, on, MEMBERSHIP_STEPS.index(step), "kim", None, 1) for n, step in enumerate(JOINING)]
    for number in range(draw(st.integers(0, 7))):
        on = min(on + draw(st.sampled_from(GAPS)), LAST - 5)
        by, sponsor, lasts = (
            draw(st.sampled_from(PEOPLE)),
            draw(st.sampled_from([None, *PEOPLE])),
            draw(st.sampled_from(GAPS[1:])),
        )
        possible = [_event(number, on, kind, by, sponsor, lasts) for kind in range(len(MEMBERSHIP_STEPS))]
        allowed = [event for event in possible if _is_allowed(programme, [*log, event], qualified)]
        if allowed:
            log.append(draw(st.sampled_from(allowed)))
    return programme, log, qualified


def _is_allowed(programme: Programme, log: Sequence[MembershipEvent], qualified: Sequence[QualifiedSpell]) -> bool:
    return membership_so_far(programme, log, qualified, as_of=day(LAST))[1] is None


few = settings(max_examples=100, deadline=None)
many = settings(max_examples=400, deadline=None)


class TestStateOfTheLog:
    """VIP-2: two things, qualification and membership.

    Membership (none, applied, nominated, refused, approved, member, lapsed, revoked). Steps: applied or nominated, checked,
    approved by a leader, member; each who, when, why; illegal steps are errors; nobody approves their own nomination.
    """

    @few
    @given(stories(), st.integers(0, LAST))
    def test_the_state_is_a_function_of_the_steps_up_to_the_day(self, story: Story, number: int) -> None:
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
    def test_no_step_out_of_order_is_accepted(self, story: Story) -> None:
        programme, log, qualified = story
        for place in range(1, len(log)):
            too_early = log[place - 1].on - timedelta(days=1)
            if log[place].step != "granted":
                moved = [*log[:place], attrs.evolve(log[place], on=too_early)]
                with pytest.raises(IllegalStepError) as caught:
                    membership(programme, moved, qualified, as_of=day(LAST))
                assert caught.value.name == f"events[{place}].on"

    @few
    @given(stories())
    def test_nobody_decides_about_whom_they_put_forward(self, story: Story) -> None:
        _, log, _ = story
        open_since, sponsors = -1, set[str]()
        for place, event in enumerate(log):
            if event.step in {"applied", "nominated"}:
                is_first = event.step == "nominated" or not {"nominated"} & {one.step for one in log[open_since + 1 : place]}
                sponsors = set() if is_first else sponsors
                sponsors |= {one for one in (event.sponsor_id, event.by if event.step == "nominated" else None) if one}
            if event.step in {"approved", "refused", "granted"}:
                assert event.step == "granted" or event.by not in sponsors
                open_since, sponsors = place, set()


class TestOneMembership:
    """VIP-3: five settings.

    Qualification window; length of membership; keeping or losing it (lapse, one step down, re-evaluated, grace); delay for
    returns; manual grant. Notice before a loss, with what is missing.
    """

    @few
    @given(stories())
    def test_there_are_never_two_memberships_at_once(self, story: Story) -> None:
        programme, log, qualified = story
        spells = membership(programme, log, qualified, as_of=day(LAST)).spells
        assert all(spell.end_on is None or spell.start_on < spell.end_on for spell in spells)
        assert all(one.end_on is not None and one.end_on <= two.start_on for one, two in pairwise(spells))

    @few
    @given(stories())
    def test_the_list_of_a_day_stays_what_it_was(self, story: Story) -> None:
        programme, log, qualified = story
        last = membership(programme, log, qualified, as_of=day(LAST))
        for number in range(0, LAST + 1, 2):
            then = membership(programme, log, qualified, as_of=day(number))
            assert then.is_member == last.was_member(day(number))
            assert (then.level,) == tuple(s.level for s in last.spells if s.covers(day(number))) or not then.is_member

    @few
    @given(stories())
    def test_no_term_ends_before_its_time_or_without_notice(self, story: Story) -> None:
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
    def test_what_comes_next_comes(self, story: Story) -> None:
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
            "lapses": then.state == "lapsed",
        }
        if found.next_step == "lapses" and programme.membership is not None and programme.membership.keeping == "re-evaluated":
            return  # who qualifies again by the day of the loss stays after all
        assert expected[str(found.next_step)]

    @many
    @given(stories())
    def test_it_is_what_a_calendar_kept_day_by_day_comes_to(self, story: Story) -> None:
        programme, log, qualified = story
        found = membership(programme, log, qualified, as_of=day(LAST))
        assert _kept_by_hand(programme, log, qualified) == _days_of(found)


def _days_of(found: MembershipState) -> list[tuple[date, str | None]]:
    def level_on(one: date) -> list[MembershipSpell]:
        return [spell for spell in found.spells if spell.covers(one)]

    return [(day(n), level_on(day(n))[0].level) for n in range(LAST + 1) if level_on(day(n))]


class _ByHand:
    """A membership kept by going through a calendar; every length is in days, and days are numbers."""

    def __init__(self, rules: MembershipRules, qualified: Sequence[QualifiedSpell]) -> None:
        self.rules, self.qualified = rules, qualified
        self.state, self.end, self.told = "out", 0, -1
        self.level: str | None = None
        self.is_agreed = self.is_grant = False

    def length(self, name: str) -> int:
        every = getattr(self.rules, name)
        return 0 if every is None else int(every.days)

    def qualifies(self, number: int) -> bool:
        return any(s.start_on <= day(number) and (s.end_on is None or day(number) < s.end_on) for s in self.qualified)

    def counts(self, number: int) -> bool:
        return any(self.qualifies(n) for n in range(number - max(self.length("window"), 1) + 1, number + 1))

    def begin(self, number: int, *, end: int | None = None) -> None:
        self.state, self.told, self.is_agreed, self.is_grant = "member", -1, False, end is not None
        self.end = 10**6 if self.rules.length is None else number + self.length("length")
        self.end = self.end if end is None else end

    def take(self, event: MembershipEvent, number: int) -> None:
        best = self.rules.levels[0] if self.rules.levels else None
        if event.step == "approved":
            self.state, self.level = "approved", best
        elif event.step == "granted" and event.end_on is not None:
            self.level = best
            self.begin(number, end=(event.end_on - FIRST).days)
        elif event.step == "revoked":
            self.state = "out"
        elif event.step == "notified":
            self.told = number
        elif event.step == "renewed":
            self.is_agreed = True

    def wait(self, number: int) -> None:
        """What time does by a day."""
        delay = self.rules.returns_delay
        stood = delay is None or all(self.qualifies(n) for n in range(number - self.length("returns_delay"), number + 1))
        if self.state == "approved" and stood:
            self.begin(number)
        while self.state == "member" and number >= self.end and self.goes_on(number):
            self.end += self.length("length")
            self.end = self.end if self.end > number else number + self.length("length")
            self.told, self.is_agreed = -1, False
        if self.state == "member" and number >= self.end and self.is_lost(number):
            self.lose(number)

    def goes_on(self, number: int) -> bool:
        stays = self.rules.keeping == "re-evaluated" and not self.is_grant
        return self.is_agreed or (stays and (self.counts(self.end) or (self.counts(number) and self.is_lost(number))))

    def is_lost(self, number: int) -> bool:
        if self.is_grant:
            return True
        grace = self.length("grace") if self.rules.keeping == "grace" else 0
        is_told = self.rules.notice is None or (self.told >= 0 and number >= self.told + self.length("notice"))
        return number >= self.end + grace and is_told

    def lose(self, number: int) -> None:
        levels = self.rules.levels
        lower = levels[levels.index(self.level) + 1 :] if self.level in levels else ()
        if self.rules.keeping == "one step down" and lower and not self.is_grant:
            self.level = lower[0]
            self.begin(number)
        else:
            self.state = "out"


def _kept_by_hand(
    programme: Programme, log: Sequence[MembershipEvent], qualified: Sequence[QualifiedSpell]
) -> list[tuple[date, str | None]]:
    """The days of membership with their levels."""
    calendar = _ByHand(programme.membership or MembershipRules(), qualified)
    kept: list[tuple[date, str | None]] = []
    for number in range(LAST + 1):
        calendar.wait(number)
        for event in log:
            if event.on == day(number):
                calendar.take(event, number)
                calendar.wait(number)
        if calendar.state == "member":
            kept.append((day(number), calendar.level))
    return kept
