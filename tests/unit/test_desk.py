"""The desk: what it records, what it answers, what time it thinks it is."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.calendars import SetCalendar
from relcare.codec import loads_policy
from relcare.desk import Clock, Desk, SystemClock
from relcare.errors import ConflictError, InvalidValueError, PolicyError, UnknownRecordError
from relcare.model import VOID, Book, Client, Consent, ContactPerson, Money, Purchase, TierSpell, Touchpoint
from relcare.storage import MemoryStore, SqliteStore, Store, StoredEntry
from relcare.testing import FixedClock

SEOUL = ZoneInfo("Asia/Seoul")
# 31 March in UTC, and 1 April already in Seoul.
LATE = datetime(2026, 3, 31, 18, tzinfo=UTC)
KIM = Client(id="c-1", name="김철수", owner_id="lee", client_since_on=date(2026, 3, 2), attributes={"weight": 7})
WANG = Client(id="c-2", name="王小明", owner_id="park", client_since_on=date(2026, 3, 25), attributes={"weight": 3})
CALL = Touchpoint(id="t-1", client_id="c-1", occurred_at=date(2026, 3, 31), channel="call", outcome="reached")
BOUGHT = Purchase(id="b-1", client_id="c-1", purchased_on=date(2026, 3, 20), amount=Money("12.50", "CNY"))
SPELLS = [
    TierSpell(client_id="c-1", scheme_id="abc", tier="B", start_on=date(2026, 3, 1), end_on=date(2026, 4, 1)),
    TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=date(2026, 4, 1)),
    TierSpell(client_id="c-2", scheme_id="abc", tier="Z", start_on=date(2026, 1, 1)),
    TierSpell(client_id="c-1", scheme_id="colour", tier="red", start_on=date(2026, 1, 1)),
]
POLICY = loads_policy(
    """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01

[facts.weight]
type = "integer"
from = "client.weight"

[[segmentation]]
id = "abc"
kind = "quota"
score = "weight"
tiers = [ { id = "A", share = "50%" }, { id = "B", share = "50%" } ]

[[segmentation]]
id = "warm"
kind = "threshold"
tiers = [ { id = "hot", when = "weight >= 5" } ]
otherwise = "cold"

[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"

[[cadence]]
id = "visit"
channel = "visit"
every = "1 month"
when = "tier.abc == 'A'"
"""
)


@pytest.fixture
def store() -> Iterator[Store]:
    book = Book(clients=[KIM, WANG], purchases=[BOUGHT], tier_spells=SPELLS, zone="Asia/Seoul", currency="CNY")
    with MemoryStore.create(book) as made:
        yield made


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store=store, policy=POLICY, clock=FixedClock(LATE))


def log_of(desk: Desk) -> list[StoredEntry]:
    with desk.store.read() as view:
        return list(view.log.since())


class TestRecording:
    def test_it_stamps_what_does_not_say_when_it_was_recorded(self, desk: Desk) -> None:
        stored = desk.record(CALL, by="lee")
        assert stored == attrs.evolve(CALL, recorded_at=LATE)
        assert desk.book(by="lee").touchpoints == (stored,)

    def test_the_stamp_is_kept_in_utc_whatever_zone_the_clock_is_in(self, store: Store) -> None:
        desk = Desk(store=store, policy=POLICY, clock=FixedClock(LATE.astimezone(SEOUL)))
        assert str(desk.record(CALL, by="lee").recorded_at) == "2026-03-31 18:00:00+00:00"

    def test_it_believes_what_says_when_it_was_recorded(self, desk: Desk) -> None:
        own = attrs.evolve(CALL, recorded_at=datetime(2026, 3, 31, 9, tzinfo=SEOUL))
        stored = desk.record(own, by="lee")
        assert stored == own
        assert desk.book(by="lee").touchpoints[0].recorded_at.timezone_name == "Asia/Seoul"  # type: ignore[union-attr]

    def test_who_recorded_it_is_stored_with_the_entry(self, desk: Desk) -> None:
        desk.record(CALL, by="lee")
        desk.record(attrs.evolve(BOUGHT, id="b-2"), by="park")
        assert [one.entry.by for one in log_of(desk)] == [None, "lee", "park"]

    def test_a_refusal_is_recorded_like_an_event(self, desk: Desk) -> None:
        stop = Consent(id="n-1", client_id="c-1", kind="refused", start_on=date(2026, 4, 1), source="t-1")
        stored = desk.record(stop, by="lee", idempotency_key="k-1")
        assert stored == attrs.evolve(stop, recorded_at=LATE)
        assert desk.record(stop, by="lee", idempotency_key="k-1") == stored
        assert desk.book(by="lee").consents == (stored,)
        with pytest.raises(UnknownRecordError):
            desk.record(attrs.evolve(stop, id="n-2", client_id="c-9"), by="lee")

    def test_it_refuses_nobody_but_wants_a_name(self, desk: Desk) -> None:
        assert desk.record(CALL, by="somebody from outside").id == "t-1"
        for name in ("", " lee", None):
            with pytest.raises(InvalidValueError, match="by is"):
                desk.record(CALL, by=name)  # type: ignore[arg-type]

    def test_the_same_again_gives_the_first_back(self, desk: Desk) -> None:
        first = desk.record(CALL, by="lee")
        later = attrs.evolve(desk, clock=FixedClock(LATE.replace(hour=20)))
        assert later.record(CALL, by="park") == first
        assert later.record(first, by="park") == first
        assert len(log_of(desk)) == 2

    def test_another_event_under_the_same_id_is_a_conflict(self, desk: Desk) -> None:
        desk.record(CALL, by="lee")
        with pytest.raises(ConflictError):
            desk.record(attrs.evolve(CALL, outcome="missed"), by="lee")

    def test_a_repeated_request_does_nothing_and_answers_as_the_first(self, desk: Desk) -> None:
        first = desk.record(CALL, by="lee", idempotency_key="k-1")
        again = attrs.evolve(desk, clock=FixedClock(LATE.replace(hour=20))).record(CALL, by="lee", idempotency_key="k-1")
        assert again == first
        assert len(log_of(desk)) == 2

    @pytest.mark.parametrize("other", [attrs.evolve(CALL, note="x"), attrs.evolve(BOUGHT, id="t-1")], ids=["content", "kind"])
    def test_a_key_that_was_used_for_another_event_is_refused(self, desk: Desk, other: Any) -> None:
        desk.record(CALL, by="lee", idempotency_key="k-1")
        with pytest.raises(InvalidValueError, match="used for other work"):
            desk.record(other, by="lee", idempotency_key="k-1")

    def test_a_key_that_was_used_beside_the_desk_is_refused(self, desk: Desk) -> None:
        with desk.store.write("k-1"):
            pass
        with pytest.raises(InvalidValueError, match="take a new key"):
            desk.record(CALL, by="lee", idempotency_key="k-1")

    def test_a_failed_request_does_not_use_its_key_up(self, desk: Desk) -> None:
        with pytest.raises(UnknownRecordError):
            desk.record(attrs.evolve(CALL, client_id="c-9"), by="lee", idempotency_key="k-1")
        assert desk.record(CALL, by="lee", idempotency_key="k-1").id == "t-1"

    @pytest.mark.parametrize(
        ("event", "error"),
        [
            pytest.param(attrs.evolve(CALL, client_id="c-9"), UnknownRecordError, id="an unknown client"),
            pytest.param(attrs.evolve(CALL, voids_id="t-9"), InvalidValueError, id="voids nothing"),
            pytest.param(attrs.evolve(BOUGHT, id="b-2", returns_purchase_id="b-9"), InvalidValueError, id="returns nothing"),
            pytest.param(attrs.evolve(BOUGHT, id="b-2", amount=Money(1, "KRW")), InvalidValueError, id="another currency"),
            pytest.param(KIM, InvalidValueError, id="no event"),
        ],
    )
    def test_what_does_not_fit_is_refused_and_leaves_nothing(self, desk: Desk, event: Any, error: type[Exception]) -> None:
        with pytest.raises(error):
            desk.record(event, by="lee")
        assert len(log_of(desk)) == 1

    def test_a_touchpoint_taken_back_no_longer_counts(self, desk: Desk) -> None:
        desk.record(CALL, by="lee")
        assert not desk.due(by="lee")
        desk.record(attrs.evolve(CALL, id="t-2", channel=VOID, voids_id="t-1", outcome=None), by="lee")
        assert [(owed.client_id, owed.rule_id) for owed in desk.due(by="lee")] == [("c-1", "call")]

    def test_clients_and_people_can_be_added_once(self, desk: Desk) -> None:
        new, person = Client(id="c-3", name="Ann"), ContactPerson(id="p-1", client_id="c-3", name="Bob")
        for _ in range(2):
            assert desk.add_client(new, by="lee") == new
            assert desk.add_person(person, by="lee") == person
        book = desk.book(by="lee")
        assert (book.get_client("c-3"), book.people) == (new, (person,))
        assert [(one.entry.kind, one.entry.by) for one in log_of(desk)[1:]] == [("change", "lee"), ("change", "lee")]
        with pytest.raises(ConflictError, match="client 'c-3'"):
            desk.add_client(attrs.evolve(new, name="Anna"), by="lee")
        with pytest.raises(ConflictError, match="person 'p-1'"):
            desk.add_person(attrs.evolve(person, name="Rob"), by="lee")
        with pytest.raises(UnknownRecordError):
            desk.add_person(ContactPerson(id="p-2", client_id="c-9", name="x"), by="lee")


class TestTime:
    def test_today_is_the_day_in_the_zone_of_the_book(self, desk: Desk) -> None:
        assert desk.decide(by="lee").as_of == date(2026, 4, 1)
        assert desk.decide_client("c-1", by="lee").as_of == date(2026, 4, 1)

    def test_an_instant_stands_for_its_day_in_the_zone_of_the_book(self, desk: Desk) -> None:
        noon = datetime(2026, 3, 30, 12, tzinfo=UTC)
        assert desk.decide(by="lee", as_of=noon).as_of == date(2026, 3, 30)
        assert desk.decide_client("c-1", by="lee", as_of=noon.replace(hour=18)).as_of == date(2026, 3, 31)

    @pytest.mark.parametrize("as_of", [datetime(2026, 3, 30), "2026-03-30", 0])
    def test_a_naive_instant_and_what_is_no_day_are_refused(self, desk: Desk, as_of: Any) -> None:
        with pytest.raises(InvalidValueError, match="as_of"):
            desk.decide(by="lee", as_of=as_of)
        with pytest.raises(InvalidValueError, match="as_of"):
            desk.decide_client("c-1", by="lee", as_of=as_of)

    def test_a_day_on_which_the_policy_is_not_in_force_is_refused(self, desk: Desk) -> None:
        for ask in (desk.decide, desk.due):
            with pytest.raises(PolicyError, match="effective"):
                ask(by="lee", as_of=date(2025, 12, 31))

    @pytest.mark.parametrize("now", [datetime(2026, 3, 30), date(2026, 3, 30), None])
    def test_a_clock_that_does_not_tell_an_aware_instant_is_refused(self, store: Store, now: Any) -> None:
        class Broken:
            def now(self) -> datetime:
                return now  # type: ignore[no-any-return]

        with pytest.raises(InvalidValueError, match=r"clock\.now\(\)"):
            Desk(store=store, policy=POLICY, clock=Broken()).decide(by="lee")

    def test_the_clock_of_the_machine_is_in_utc(self) -> None:
        clock: Clock = SystemClock()
        first, second = clock.now(), clock.now()
        assert first <= second
        assert first.utcoffset() == second.utcoffset() == UTC.utcoffset(None)
        assert repr(clock) == "SystemClock()"

    @pytest.mark.parametrize("at", [datetime(2026, 3, 30), date(2026, 3, 30), None])
    def test_a_clock_cannot_be_fixed_at_what_is_no_aware_instant(self, at: Any) -> None:
        with pytest.raises(InvalidValueError, match="at is"):
            FixedClock(at)


class TestAnswers:
    def test_without_until_it_names_what_is_open_now(self, desk: Desk) -> None:
        assert [(owed.client_id, owed.rule_id) for owed in desk.due(by="lee")] == [("c-1", "call")]

    def test_with_until_also_what_is_due_by_then_that_day_included(self, desk: Desk) -> None:
        every = {(owed.client_id, owed.rule_id): owed.due_on for owed in desk.decide(by="lee").obligations}
        assert every["c-2", "call"] == date(2026, 4, 8)
        assert len(desk.due(by="lee", until=date(2026, 4, 7))) == len(desk.due(by="lee", until=date(2026, 4, 8))) - 1

    def test_for_one_owner_only_those_of_their_clients(self, desk: Desk) -> None:
        assert {owed.client_id for owed in desk.due(by="lee", owner_id="park", until=date(2026, 12, 31))} == {"c-2"}
        assert not desk.due(by="lee", owner_id="nobody", until=date(2026, 12, 31))

    def test_what_is_owed_stands_in_the_order_of_the_decision(self, desk: Desk) -> None:
        until = date(2026, 12, 31)
        assert list(desk.due(by="lee", until=until)) == list(desk.decide(by="lee").obligations)

    def test_one_client_is_decided_by_the_tiers_in_force_on_the_day(self, desk: Desk) -> None:
        assert desk.decide_client("c-1", by="lee").tiers == {"abc": "A", "warm": "hot"}
        assert desk.decide_client("c-1", by="lee", as_of=date(2026, 3, 31)).tiers == {"abc": "B", "warm": "hot"}

    def test_a_quota_without_a_spell_that_the_policy_knows_is_missing(self, desk: Desk) -> None:
        assert desk.decide_client("c-2", by="lee").tiers == {"abc": None, "warm": "cold"}

    def test_an_unknown_client_is_an_error(self, desk: Desk) -> None:
        with pytest.raises(UnknownRecordError, match="unknown client 'c-9'"):
            desk.decide_client("c-9", by="lee")

    def test_a_calendar_that_is_given_holds_for_all_answers(self, desk: Desk) -> None:
        sunday_only = SetCalendar(name="sundays", weekend=range(6))
        other = attrs.evolve(desk, calendar=sunday_only)
        assert {owed.due_on.weekday() for owed in other.decide(by="lee").obligations} == {6}
        assert {owed.due_on.weekday() for owed in other.decide_client("c-1", by="lee").obligations} == {6}


def test_a_desk_serves_several_threads_over_one_file(tmp_path: Path) -> None:
    with SqliteStore.create(tmp_path / "book.db", Book(clients=[KIM], zone="Asia/Seoul")) as store:
        desk = Desk(store=store, policy=POLICY, clock=FixedClock(LATE))
        threads = [threading.Thread(target=lambda n=n: desk.record(attrs.evolve(CALL, id=f"t-{n}"), by="lee")) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {touch.id for touch in desk.book(by="lee").touchpoints} == {f"t-{n}" for n in range(8)}
