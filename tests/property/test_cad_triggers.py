"""CAD-4, CAD-6 and CAD-8, each read a second time in the plainest way."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.cadence import CadenceRule, Trigger, spread_day
from relcare.calendars import Deadline, RollTable, SetCalendar, WorkingHours
from relcare.decisions import Policy
from relcare.model import Book, Client, TierSpell, Touchpoint
from relcare.policy import Fact, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier

FIRST = date(2026, 1, 1)
CLIENT = Client(id="c", name="C", client_since_on=FIRST)
CALENDAR = SetCalendar(
    name="feast", holidays=[date(2026, 1, 6), date(2026, 1, 7), date(2026, 1, 8)], working_days=[date(2026, 1, 10)]
)
HOURS = st.sampled_from([WorkingHours(), WorkingHours(["09:00-12:00", "13:00-18:00"]), WorkingHours(["00:00-24:00"])])
MINUTES = st.integers(min_value=0, max_value=12 * 24 * 60)


def touches(entries: list[tuple[int, str, str | None]]) -> list[Touchpoint]:
    return [
        Touchpoint(id=f"t{n:02d}", client_id="c", occurred_at=FIRST + timedelta(days=day), channel=channel, in_lieu_of=instead)
        for n, (day, channel, instead) in enumerate(sorted(entries, key=lambda entry: entry[0]))
    ]


class TestCad8:
    """CAD-8: deadlines in hours, business days or calendar days; one contact answers every event before it."""

    @given(MINUTES, st.integers(min_value=1, max_value=40), HOURS)
    @settings(max_examples=150)
    def test_business_hours_are_the_minutes_that_somebody_counts_one_by_one(
        self, start: int, count: int, hours: WorkingHours
    ) -> None:
        zone = ZoneInfo("Asia/Seoul")
        begun = datetime.combine(FIRST, time(), zone) + timedelta(minutes=start)
        left, now = count * 60, begun
        while left:
            second = now.hour * 3_600 + now.minute * 60
            if CALENDAR.is_business_day(now.date()) and any(low <= second < high for low, high in hours.windows):
                left -= 1
            now += timedelta(minutes=1)
        day, due = Deadline(count, "business hour").after(begun, RollTable(CALENDAR, FIRST, FIRST), hours, zone)
        assert due == now
        # Midnight at the end of a day belongs to that day.
        assert day in {now.date().toordinal(), (now - timedelta(minutes=1)).date().toordinal()}

    @given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["visit", "letter", "call"])), max_size=8), st.integers(0, 25))
    def test_an_event_is_owed_until_a_contact_that_comes_after_it(self, entries: list[tuple[int, str]], as_of: int) -> None:
        log = touches([(day, channel, None) for day, channel in entries])
        trigger = Trigger(id="t", event=criterion("channel == 'visit'"), channel="letter", within="3 days")
        policy = Policy(id="p", version="1", effective_from=FIRST, triggers=[trigger])
        today = FIRST + timedelta(days=as_of)
        found = policy.decide_client(CLIENT, touchpoints=log, purchases=(), as_of=today).obligations
        past = [touch for touch in log if touch.occurred_at <= today]
        expected = {
            f"c/t/{visit.id}"
            for visit in past
            if visit.channel == "visit"
            and not any(letter.channel == "letter" and letter.occurred_at >= visit.occurred_at for letter in past)
        }
        assert {o.key for o in found} == expected
        assert all(o.due_on == next(t for t in log if o.key.endswith(t.id)).occurred_at + timedelta(days=3) for o in found)


class TestCad4Limit:
    """CAD-4: a call satisfies a visit only when logged in lieu of it, at most k times running."""

    @given(
        st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["visit", "call", "note"]), st.booleans()), max_size=10),
        st.integers(0, 3),
    )
    def test_of_a_run_only_the_first_k_count(self, entries: list[tuple[int, str, bool]], limit: int) -> None:
        log = touches([(day, channel, "visit" if instead and channel == "call" else None) for day, channel, instead in entries])
        last, run = FIRST, 0
        for touch in log:
            if touch.channel == "visit":
                last, run = touch.occurred_at, 0
            elif touch.in_lieu_of == "visit":
                run += 1
                last = touch.occurred_at if run <= limit else last
        rule = CadenceRule(id="v", channel="visit", every="30 days", roll="none", in_lieu_limit=limit)
        policy = Policy(id="p", version="1", effective_from=FIRST, cadence=[rule])
        (found,) = policy.decide_client(CLIENT, touchpoints=log, purchases=(), as_of=FIRST + timedelta(days=60)).obligations
        assert found.due_on == last + timedelta(days=30)


class TestCad6Redating:
    """CAD-6: while the last contact precedes s, due = max(last + new, min(last + old, s + k)); afterwards last + new."""

    @given(
        st.integers(0, 40),
        st.integers(0, 40),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["A", "B", "C"]),
        st.integers(0, 20),
    )
    def test_the_formula_is_kept(self, contact: int, change: int, before: str, now: str, spread: int) -> None:
        every = {"A": 5, "B": 12, "C": 30}
        tiers = [ThresholdTier(id=tier, when=criterion(f"size >= {least}")) for tier, least in (("A", 9), ("B", 5), ("C", 0))]
        policy = Policy(
            id="p",
            version="1",
            effective_from=FIRST,
            facts=[Fact(id="size", type="integer", reads="client.size", may_be_missing=True)],
            segmentation=[ThresholdScheme(id="abc", tiers=tiers)],
            cadence=[
                CadenceRule(
                    id=tier,
                    channel="call",
                    every=f"{days} days",
                    when=criterion(f"tier.abc == '{tier}'"),
                    roll="none",
                    spread=f"{spread} days",
                )
                for tier, days in every.items()
            ],
        )
        start, last = FIRST + timedelta(days=change), FIRST + timedelta(days=contact)
        spells: list[Any] = [TierSpell(client_id="c", scheme_id="abc", tier=now, start_on=start)]
        if change:
            spells.append(TierSpell(client_id="c", scheme_id="abc", tier=before, start_on=FIRST, end_on=start))
        book = Book(clients=[CLIENT], touchpoints=touches([(contact, "call", None)]), tier_spells=spells)
        (found,) = policy.decide(book, as_of=FIRST + timedelta(days=41)).obligations
        new, old = last + timedelta(days=every[now]), last + timedelta(days=every[before])
        k = spread_day("c", now, start, min(spread, every[now]))
        is_redated = change > 0 and before != now and last < start
        assert found.due_on == (max(new, min(old, start + timedelta(days=k))) if is_redated else new)
