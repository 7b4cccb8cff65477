"""CAD-10 and CAD-11 against an oracle that asks one instant at a time, minute by minute, around changes of the clocks."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare._time import Every
from relcare.calendars import SetCalendar
from relcare.model import Consent, Touchpoint
from relcare.permission import (
    LAWS,
    ActiveRule,
    Cap,
    ConsentRule,
    Gap,
    Hours,
    PermissionDecision,
    PermissionRules,
    Rotation,
    Rule,
    Stop,
    first_allowed,
    may_contact,
)
from relcare.testing import permission_rules

few = settings(max_examples=settings().max_examples * 2 // 5)

# Where the clocks do what is hard: forward, back, over midnight either way, by half an hour, a day left out, no change at all.
CHANGES: Final = (
    ("Europe/Paris", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Paris", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),  # midnight does not come
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),  # midnight comes twice
    ("America/St_Johns", datetime(2006, 10, 29, 2, 31, tzinfo=UTC)),  # a minute of Sunday, then Saturday again
    ("America/St_Johns", datetime(2006, 4, 2, 3, 31, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # no 30 December
    ("Asia/Seoul", datetime(2026, 3, 31, 15, tzinfo=UTC)),
)
CALENDAR: Final = SetCalendar(
    name="office", holidays=[date(2026, 3, 27), date(2026, 10, 26), date(2018, 11, 5), date(2011, 12, 29), date(2006, 10, 30)]
)
CHANNELS: Final = ("call", "message", "visit", "e-mail", "gift")
PURPOSES: Final = (None, "offer", "birthday", "cooperation", "callback", "question", "thanks")
OUTCOMES: Final = (None, "reached", "missed", "no answer", "refused", "declined", "opt-out", "stop")


@attrs.frozen(kw_only=True)
class Question:
    """A question with everything it is asked with."""

    rules: PermissionRules
    zones: tuple[str, ...]
    at: datetime
    channel: str
    purpose: str | None
    person_id: str | None
    touchpoints: tuple[Touchpoint, ...]
    consents: tuple[Consent, ...]
    last_deal_on: date | None

    def ask(self, **changes: object) -> PermissionDecision:
        known = {field.name: getattr(self, field.name) for field in attrs.fields(Question)} | changes
        return may_contact(known.pop("rules"), calendar=CALENDAR, **known)

    def ask_day(self, day: date) -> PermissionDecision:
        known = {field.name: getattr(self, field.name) for field in attrs.fields(Question) if field.name not in {"rules", "at"}}
        return first_allowed(self.rules, day=day, calendar=CALENDAR, **known)


def only(*rooms: str) -> st.SearchStrategy[PermissionRules]:
    """Rules of some kinds and no others, so that these decide."""
    every = ("caps", "gaps", "hours", "rotations", "stops", "consent")
    without: dict[str, Any] = {name: () for name in every if name not in rooms}
    return permission_rules(laws=False).map(lambda rules: attrs.evolve(rules, **without))


MIXED: Final = permission_rules() | only("hours") | only("consent", "stops") | only("caps", "gaps") | only("rotations", "hours")


@st.composite
def questions(draw: st.DrawFn, *, laws: bool = True, rules: st.SearchStrategy[PermissionRules] | None = None) -> Question:
    zone, change = draw(st.sampled_from(CHANGES))
    at = change + timedelta(minutes=draw(st.integers(-1_500, 1_500)))
    here = at.astimezone(ZoneInfo(zone)).date()
    people = st.sampled_from([None, None, "p-1"])

    def touch(
        number: int, back: int, *, is_dated: bool, channel: str, purpose: str | None, outcome: str | None, came: bool
    ) -> Touchpoint:
        occurred = here - timedelta(minutes=back // 1_440 * 1_440) if is_dated else at - timedelta(minutes=back)
        direction = "incoming" if came else "outgoing"
        return Touchpoint(
            id=f"t-{number}",
            client_id="c-1",
            occurred_at=here - timedelta(days=back // 1_440) if is_dated else occurred,
            channel=channel,
            purpose=purpose,
            outcome=outcome,
            direction="incoming" if direction == "incoming" else "outgoing",
        )

    backs = (
        st.sampled_from([0, 1, 59, 60, 299, 300, 301, 1_439, 1_440, 2_160]) | st.integers(0, 45 * 1_440) | st.integers(-2_000, 0)
    )
    touches = draw(
        st.lists(
            st.builds(
                touch,
                st.integers(0, 99),
                backs,
                is_dated=st.booleans(),
                channel=st.sampled_from(CHANNELS),
                purpose=st.sampled_from(PURPOSES),
                outcome=st.sampled_from(OUTCOMES),
                came=st.sampled_from([False, False, True]),
            ),
            max_size=6,
            unique_by=lambda made: made.id,
        )
    )
    near = st.integers(-40, 3).map(lambda days: here + timedelta(days=days))

    def said(
        number: int, kind: str, start: date, length: int | None, night: bool, who: str | None, how: str | None, what: str | None
    ) -> Consent:
        return Consent(
            id=f"k-{number}",
            client_id="c-1",
            kind="refused" if kind == "refused" else "given",
            start_on=start,
            end_on=None if length is None else start + timedelta(days=length),
            night=night and kind == "given",
            person_id=who,
            channel=how,
            purpose=what,
        )

    consents = draw(
        st.lists(
            st.builds(
                said,
                st.integers(0, 99),
                st.sampled_from(["given", "given", "refused"]),
                near,
                st.none() | st.integers(1, 41),
                st.booleans(),
                people,
                st.sampled_from([None, None, "call", "message", "phone", "e-mail"]),
                st.sampled_from([None, None, "offer", "advertising", "service"]),
            ),
            max_size=3,
            unique_by=lambda made: made.id,
        )
    )
    return Question(
        rules=draw(rules if rules is not None else MIXED if laws else permission_rules(laws=False)),
        zones=(zone,) if draw(st.booleans()) else (zone, "America/New_York"),
        at=at,
        channel=draw(st.sampled_from(CHANNELS)),
        purpose=draw(st.sampled_from(PURPOSES)),
        person_id=draw(people),
        touchpoints=tuple(touches),
        consents=tuple(consents),
        last_deal_on=draw(st.none() | near),
    )


# ------------------------------------------------------------------------------------------------------------- the oracle


class Oracle:
    """The rules read one instant at a time, without windows, openings or jumps."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked
        first_zone_day = (asked.at + timedelta(hours=14)).date()
        self.known = [
            touch
            for touch in asked.touchpoints
            if (touch.occurred_at <= asked.at if isinstance(touch.occurred_at, datetime) else touch.occurred_at <= first_zone_day)
        ]
        self.days: dict[tuple[int, str, date], bool] = {}

    def allows(self, at: datetime) -> bool:
        return all(self._allows_in(zone, at) for zone in self.asked.zones)

    def _allows_in(self, zone: str, at: datetime) -> bool:
        asked, rules = self.asked, self.asked.rules
        local = at.astimezone(ZoneInfo(zone))
        relevant = [active for active in rules.active if self._is_relevant(active)]
        if not self._of_day(-1, zone, local.date(), lambda: not self._is_refused(relevant, local.date())):
            return False
        if asked.purpose is not None and asked.purpose in rules.requested:
            return True
        return all(self._passes(number, active, zone, at, local) for number, active in enumerate(relevant))

    def _of_day(self, number: int, zone: str, day: date, find: object) -> bool:
        key = (number, zone, day)
        if key not in self.days:
            self.days[key] = find()  # type: ignore[operator]
        return self.days[key]

    def _is_relevant(self, active: ActiveRule) -> bool:
        asked = self.asked
        scope = getattr(active.rule, "purposes", "every")
        return active.is_about(asked.channel, asked.rules.medium_of(asked.channel)) and (
            scope == "every" or asked.rules.class_of(asked.purpose) == "advertising"
        )

    def _passes(self, number: int, active: ActiveRule, zone: str, at: datetime, local: datetime) -> bool:
        if active.row is not None:
            starts, ends = active.row.valid_from, active.row.valid_until
            if (starts is not None and local.date() < starts) or (ends is not None and local.date() >= ends):
                return True
        rule, day = active.rule, local.date()
        if isinstance(rule, Hours):
            return self._is_open(rule, local)
        if isinstance(rule, Cap) and rule.per.unit == "hours":
            since = at - timedelta(hours=rule.per.count)
            return sum(self._latest(touch, zone) > since for touch in self._counted(active)) < rule.limit
        if isinstance(rule, Gap) and rule.minimum.unit == "hours":
            wait = timedelta(hours=rule.minimum.count)
            return all(at >= self._latest(touch, zone) + wait for touch in self._counted(active))
        return self._of_day(number, zone, day, lambda: self._passes_on(rule, active, zone, day))

    def _passes_on(self, rule: Rule, active: ActiveRule, zone: str, day: date) -> bool:
        if isinstance(rule, Cap):
            return sum(self._counts_with(rule, self._day(touch, zone), day) for touch in self._counted(active)) < rule.limit
        if isinstance(rule, Gap):
            return all((day - self._day(touch, zone)).days >= rule.minimum.count for touch in self._counted(active))
        if isinstance(rule, Rotation):
            return self._may_rotate(rule, zone, day)
        if isinstance(rule, Stop):
            return not self._is_stopped(rule, active, zone, day)
        assert isinstance(rule, ConsentRule)
        return rule.mode == "opt-out" or self._has_consent(rule, day)

    def _day(self, touch: Touchpoint, zone: str) -> date:
        at = touch.occurred_at
        return at.astimezone(ZoneInfo(zone)).date() if isinstance(at, datetime) else at

    def _latest(self, touch: Touchpoint, zone: str) -> datetime:
        """When it happened; of a date the first minute at which the zone shows a later one, and shows none before it again."""
        if isinstance(touch.occurred_at, datetime):
            return touch.occurred_at
        day = touch.occurred_at
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=40)
        while at.astimezone(ZoneInfo(zone)).date() > day:
            at -= timedelta(minutes=1)
        return at + timedelta(minutes=1)

    def _is_ours(self, touch: Touchpoint) -> bool:
        rules = self.asked.rules
        return touch.direction == "outgoing" and touch.channel not in rules.not_contact and touch.purpose not in rules.uncounted

    def _counted(self, active: ActiveRule) -> Iterator[Touchpoint]:
        rules, scope = self.asked.rules, getattr(active.rule, "purposes", "every")
        for touch in self.known:
            is_in_scope = scope == "every" or touch.purpose not in {*rules.service, *rules.requested}
            if is_in_scope and self._is_ours(touch) and active.is_about(touch.channel, rules.medium_of(touch.channel)):
                yield touch

    def _counts_with(self, rule: Cap, touched: date, day: date) -> bool:
        match rule.per.unit:
            case "day":
                return touched == day
            case "week":
                return touched.isocalendar()[:2] == day.isocalendar()[:2]
            case "month":
                return (touched.year, touched.month) == (day.year, day.month)
            case _:
                return 0 <= (day - touched).days < rule.per.count

    def _may_rotate(self, rule: Rotation, zone: str, day: date) -> bool:
        ours = [touch for touch in self.known if self._is_ours(touch)]
        ours.sort(key=lambda touch: (self._day(touch, zone), self._latest(touch, zone)))
        run = ours[-rule.most :]
        if rule.within is not None:
            run = [touch for touch in run if day.toordinal() < rule.within.after(self._day(touch, zone).toordinal())]
        return len(run) < rule.most or any(touch.channel != self.asked.channel for touch in run)

    def _is_stopped(self, rule: Stop, active: ActiveRule, zone: str, day: date) -> bool:
        rules = self.asked.rules
        refusals = [
            touch
            for touch in self.known
            if touch.outcome in rule.outcomes and active.is_about(touch.channel, rules.medium_of(touch.channel))
        ]
        refused = sorted((self._day(touch, zone), self._latest(touch, zone)) for touch in refusals)
        renewals = [consent.start_on for consent in self.asked.consents if consent.kind == "given" and self._concerns(consent)]
        together: list[date] = []
        for on, _ in refused:
            together = [
                before
                for before in together
                if not any(before < renewal <= on for renewal in renewals)
                and (rule.within is None or on.toordinal() < rule.within.after(before.toordinal()))
            ]
            together.append(on)
            if len(together) == rule.after:
                together = []
                is_over = any(on < renewal <= day for renewal in renewals)
                is_past = rule.pause is not None and day.toordinal() >= rule.pause.after(on.toordinal())
                if on <= day and not is_over and not is_past:
                    return True
        return False

    def _concerns(self, consent: Consent) -> bool:
        asked, rules = self.asked, self.asked.rules
        if consent.person_id not in {None, asked.person_id}:
            return False
        if consent.channel is not None and consent.channel not in {asked.channel, rules.medium_of(asked.channel)}:
            return False
        return consent.purpose is None or consent.purpose in {asked.purpose, rules.class_of(asked.purpose)}

    def _is_refused(self, relevant: Sequence[ActiveRule], day: date) -> bool:
        asked = self.asked
        is_global = any(isinstance(active.rule, ConsentRule) and active.rule.is_global for active in relevant)
        for refusal in asked.consents:
            if refusal.kind != "refused" or not refusal.covers(day):
                continue
            is_ours = self._concerns(refusal)
            if not is_ours and not (is_global and refusal.person_id in {None, asked.person_id}):
                continue
            taken_back = False
            for consent in asked.consents:
                if consent.kind != "given" or not consent.covers(day) or not self._concerns(consent):
                    continue
                vaguer = (
                    (refusal.channel is not None and consent.channel is None)
                    or (refusal.purpose is not None and consent.purpose is None)
                    or (refusal.person_id is not None and consent.person_id is None)
                )
                taken_back |= consent.start_on > refusal.start_on and not (is_ours and vaguer)
            if not taken_back:
                return True
        return False

    def _has_consent(self, rule: ConsentRule, day: date) -> bool:
        asked = self.asked
        if asked.last_deal_on is not None and asked.last_deal_on <= day and rule.soft_opt_in != "no":
            soft = rule.soft_opt_in
            if not isinstance(soft, Every) or day.toordinal() < soft.after(asked.last_deal_on.toordinal()):
                return True
        for consent in asked.consents:
            if consent.kind != "given" or not consent.covers(day) or not self._concerns(consent):
                continue
            if rule.is_specific and (consent.channel is None or consent.purpose is None):
                continue
            is_late = rule.reconfirm is not None and day.toordinal() >= rule.reconfirm.after(consent.start_on.toordinal())
            if not is_late or asked.rules.on_silence == "keep":
                return True
        return False

    def _is_open(self, rule: Hours, local: datetime) -> bool:
        day = local.date()
        if rule.night_consent:
            nights = [c for c in self.asked.consents if c.kind == "given" and c.night and c.covers(day) and self._concerns(c)]
            if nights:
                return True
        # French law has a calendar of its own; on the days of these tests it has no holiday.
        is_holiday = rule.calendar is None and day.weekday() < 5 and not CALENDAR.is_business_day(day)
        if is_holiday and rule.holidays == "closed":
            return False
        minute = local.hour * 60 + local.minute
        names_holiday = any(7 in window.days for window in rule.windows)
        today = 7 if is_holiday and names_holiday else day.weekday()
        inside = False
        for window in rule.windows:
            if window.start < window.end:
                inside |= today in window.days and window.start <= minute < window.end
            else:
                inside |= today in window.days and minute >= window.start
                inside |= (day.weekday() - 1) % 7 in window.days and minute < window.end
        return inside if rule.allowed else not inside


def minutes(start: datetime, hours: int) -> Iterator[datetime]:
    return (start + timedelta(minutes=count) for count in range(hours * 60))


# ----------------------------------------------------------------------------------------------------------------- the laws


class TestNextAllowedTime:
    """CAD-11 Permission.

    Consent by channel and purpose with date and expiry, do-not-contact, quiet hours in the client's zone, legal presets with
    source and validity; the strictest wins; unknown purpose is advertising. Blocked means deferred with the next allowed time,
    not the owner's lateness.
    """

    @settings(max_examples=settings().max_examples // 8)
    @given(questions())
    def test_it_agrees_with_a_scan_of_every_minute(self, asked: Question) -> None:
        answer, oracle = asked.ask(), Oracle(asked)
        assert answer.is_allowed == oracle.allows(asked.at)
        found = answer.next_allowed_at
        for at in minutes(asked.at, 30):
            if found is not None and at >= found:
                break
            assert not oracle.allows(at), at
        if found is not None:
            assert oracle.allows(found)
            assert found == asked.at or not oracle.allows(found - timedelta(microseconds=1))

    @few
    @given(questions())
    def test_asked_again_at_the_time_that_it_names_the_answer_is_yes(self, asked: Question) -> None:
        found = asked.ask().next_allowed_at
        if found is not None:
            known = [t for t in asked.touchpoints if Oracle(asked).known.count(t)]
            again = asked.ask(at=found, touchpoints=tuple(known))
            assert again.is_allowed
            assert again.next_allowed_at == found

    @few
    @given(questions())
    def test_an_answer_is_allowed_exactly_when_its_next_time_is_the_time_asked_about(self, asked: Question) -> None:
        answer = asked.ask()
        assert answer.is_allowed == (answer.next_allowed_at == answer.at)
        assert answer.is_allowed or answer.reasons
        assert answer.at == asked.at

    @few
    @given(questions(), st.integers(-3, 3))
    def test_a_day_is_allowed_exactly_when_one_of_its_minutes_is(self, asked: Question, shift: int) -> None:
        here = ZoneInfo(asked.zones[0])
        day = asked.at.astimezone(here).date() + timedelta(days=shift)
        answer = asked.ask_day(day)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
        of_day = [at for at in minutes(start, 54) if at.astimezone(here).date() == day]
        assume(of_day)
        assert answer.at == of_day[0]
        oracle = Oracle(attrs.evolve(asked, at=of_day[-1] + timedelta(seconds=59)))
        oracle.known = [
            t
            for t in asked.touchpoints
            if (
                t.occurred_at <= of_day[-1] + timedelta(seconds=59)
                if isinstance(t.occurred_at, datetime)
                else t.occurred_at <= day
            )
        ]
        assert answer.is_allowed == any(oracle.allows(at) for at in of_day)
        if answer.next_allowed_at is not None:
            assert oracle.allows(answer.next_allowed_at)


class TestStrictestWins:
    """CAD-11: The strictest wins."""

    @few
    @given(questions(), permission_rules())
    def test_a_rule_more_never_allows_more(self, asked: Question, more: PermissionRules) -> None:
        rules = asked.rules
        rooms = ("caps", "gaps", "hours", "rotations", "stops", "consent")
        joined: dict[str, Any] = {name: (*getattr(rules, name), *getattr(more, name)) for name in rooms}
        both = attrs.evolve(
            rules,
            law=tuple(dict.fromkeys([*rules.law, *more.law])),
            **joined,
        )
        before, after = asked.ask(), asked.ask(rules=both)
        assert before.is_allowed or not after.is_allowed
        if after.next_allowed_at is not None:
            assert before.next_allowed_at is not None
            assert before.next_allowed_at <= after.next_allowed_at

    @few
    @given(questions(), st.sampled_from(["Asia/Seoul", "America/New_York", "Pacific/Apia"]))
    def test_a_zone_more_never_allows_more(self, asked: Question, zone: str) -> None:
        more = asked.ask(zones=(*asked.zones, zone))
        if more.is_allowed:
            assert all(asked.ask(zones=[one]).is_allowed for one in (*asked.zones, zone))

    @few
    @given(questions(), st.integers(0, 40), st.sampled_from([None, "p-1"]))
    def test_do_not_contact_wins_over_everything(self, asked: Question, back: int, person: str | None) -> None:
        here = asked.at.astimezone(ZoneInfo("Pacific/Kiritimati")).date() + timedelta(days=1)
        stop = Consent(id="stop", client_id="c-1", kind="refused", start_on=here - timedelta(days=back + 3), person_id=person)
        older = tuple(c for c in asked.consents if c.kind == "refused" or c.start_on <= stop.start_on)
        answer = asked.ask(consents=(*older, stop))
        if person is None or asked.person_id == person:
            assert not answer.is_allowed
            assert "permission.refused" in {reason.code for reason in answer.reasons}

    @few
    @given(questions())
    def test_of_a_purpose_that_nobody_declared_the_answer_is_that_of_advertising(self, asked: Question) -> None:
        consents = tuple(c for c in asked.consents if c.purpose != asked.purpose)
        assume(asked.rules.class_of(asked.purpose) == "advertising")
        assert asked.ask(consents=consents).is_allowed == asked.ask(consents=consents, purpose="never heard of").is_allowed


class TestCounting:
    """CAD-10 Fatigue.

    Caps per channel and in all, per day, week, month in the client's zone; minimum gap; stop after k refusals; rotation of
    methods. A requested callback passes the cap; a greeting counts towards it.
    """

    @few
    @given(questions(laws=False), st.integers(0, 2_000))
    def test_a_contact_more_never_allows_more(self, asked: Question, back: int) -> None:
        rules = attrs.evolve(asked.rules, rotations=())  # another method is what a rotation waits for
        assume(not rules.stops)
        touch = Touchpoint(id="more", client_id="c-1", occurred_at=asked.at - timedelta(minutes=back), channel=asked.channel)
        before, after = asked.ask(rules=rules), asked.ask(rules=rules, touchpoints=(*asked.touchpoints, touch))
        assert before.is_allowed or not after.is_allowed

    @few
    @given(questions(laws=False))
    def test_contacts_made_whenever_they_are_allowed_never_exceed_a_cap(self, asked: Question) -> None:
        zone = ZoneInfo(asked.zones[0])
        caps = [Cap(limit=2, per="week"), Cap(limit=3, per="30 days"), Cap(limit=1, per="day", channels=("call",))]
        rules = PermissionRules(caps=caps, hours=asked.rules.hours[:1])
        made: list[Touchpoint] = []
        at = asked.at
        for number in range(8):
            found = may_contact(
                rules, zones=asked.zones, channel="call", purpose="offer", at=at, touchpoints=made, calendar=CALENDAR
            ).next_allowed_at
            if found is None:
                break
            made.append(Touchpoint(id=f"m-{number}", client_id="c-1", occurred_at=found, channel="call", outcome="missed"))
            at = found
        days = [touch.occurred_at.astimezone(zone).date() for touch in made if isinstance(touch.occurred_at, datetime)]
        assert len(set(days)) == len(days)
        assert all(sum(other.isocalendar()[:2] == day.isocalendar()[:2] for other in days) <= 2 for day in days)
        assert all(sum(0 <= (day - other).days < 30 for other in days) <= 3 for day in days)

    @few
    @given(questions())
    def test_only_a_refusal_stands_in_the_way_of_what_the_client_asked_for(self, asked: Question) -> None:
        rules = attrs.evolve(asked.rules, requested=("callback",))
        given_only = tuple(c for c in asked.consents if c.kind == "given")
        assert asked.ask(rules=rules, purpose="callback", consents=given_only).is_allowed

    @few
    @given(questions(rules=permission_rules(laws=False)))
    def test_contacts_that_do_not_count_might_as_well_not_be_there(self, asked: Question) -> None:
        rules = attrs.evolve(asked.rules, uncounted=("birthday",), stops=())
        kept = tuple(touch for touch in asked.touchpoints if touch.purpose != "birthday")
        assert asked.ask(rules=rules) == asked.ask(rules=rules, touchpoints=kept)


class TestPresets:
    """CAD-11: legal presets with source and validity."""

    @few
    @given(questions(rules=st.sampled_from(list(LAWS)).map(lambda name: PermissionRules(law=[name]))))
    def test_every_preset_agrees_with_the_scan(self, asked: Question) -> None:
        answer, oracle = asked.ask(), Oracle(asked)
        assert answer.is_allowed == oracle.allows(asked.at)
        assert answer.next_allowed_at is None or oracle.allows(answer.next_allowed_at)

    @given(questions(rules=st.sampled_from(list(LAWS)).map(lambda name: PermissionRules(law=[name]))))
    def test_presets_say_nothing_about_service(self, asked: Question) -> None:
        quiet = tuple(consent for consent in asked.consents if consent.kind == "given")
        assert asked.ask(purpose="service", consents=quiet).is_allowed
