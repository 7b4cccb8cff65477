"""ACC-5: a restored backup is treated as the book was then, and what the journal does not account for was not erased."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcare.access import AuditEntry, DigestKey, EraseClock, KeepClock, Principal, RetentionRules, erased_link
from relcare.codec import loads_policy
from relcare.desk import Caller, Desk, GuardedDesk
from relcare.errors import InvalidValueError, StorageError, UnknownRecordError
from relcare.model import Book, Client, ContactPerson, Money, Purchase, Touchpoint
from relcare.presets import part_text
from relcare.storage import (
    AuditTrail,
    BookWriter,
    MemoryStore,
    Store,
    apply_retention,
    dump_journal,
    erase_client,
    erasures_in,
    load_book,
    load_journal,
    reapply_erasures,
)
from relcare.storage._audit_texts import load_link
from relcare.storage._audit_trail import link_record
from relcare.testing import FixedClock

KEY = DigestKey(b"k" * 32)
NOON = datetime(2026, 3, 31, 3, tzinfo=UTC)
TODAY = date(2026, 3, 31)
GROUND = "request of 30 March"
DAY = timedelta(days=1)

OLD_CALLS = RetentionRules(erase=[EraseClock(kinds=["touchpoint"], purpose="care", after="3 years")])
AFTER_THE_END = RetentionRules(
    erase=[
        EraseClock(
            kinds=["client", "person"],
            purpose="contract",
            after="1 year",
            counted_from="end",
            on_request=False,
            ground="a contract in force",
        )
    ]
)
KEPT_AFTER_THE_END = RetentionRules(
    keep=[KeepClock(kinds=["touchpoint"], ground="contract law", source="article 7", lasts="1 year", counted_from="end")],
    erase=[EraseClock(kinds=["client", "touchpoint"], purpose="care", after="3 years", counted_from="end")],
)
TAX = RetentionRules(keep=[KeepClock(kinds=["client", "purchase"], ground="tax", source="article 5", lasts="5 years")])


def called(name: str, on: date) -> Touchpoint:
    return Touchpoint(id=name, client_id="c-1", occurred_at=on, channel="call", direction="incoming")


def book_of(*touches: Touchpoint) -> Book:
    return Book(
        clients=[Client(id="c-1", name="Kim"), Client(id="c-2", name="Lee")],
        people=[ContactPerson(id="p-1", client_id="c-1", name="Min")],
        touchpoints=touches,
        purchases=[Purchase(id="b-1", client_id="c-1", purchased_on=TODAY, amount=Money("7", "KRW"))],
        zone="Asia/Seoul",
        currency="KRW",
    )


def get(client_id: str = "c-1", actor_id: str = "lee") -> AuditEntry:
    digest = KEY.digest("client", client_id)
    return AuditEntry(at=NOON, actor_id=actor_id, action="get", answer="allowed", client_digest=digest, purpose="care")


def noted(store: Store, *entries: AuditEntry, chain_id: str = "audit") -> None:
    with store.write() as unit:
        for entry in entries:
            AuditTrail(unit, chain_id).append(entry)


def actions(store: Store, chain_id: str = "audit") -> list[str | None]:
    with store.read() as view:
        return [None if link.entry is None else link.entry.action for link in AuditTrail(view, chain_id).links()]


def faults(store: Store) -> list[tuple[str, int]]:
    with store.read() as view:
        return [(fault.kind, fault.place) for fault in AuditTrail(view).verify().faults]


class TestAsThen:
    """ACC-5: what was erased since is erased from a restored backup, and nothing else: as it was decided then."""

    @given(st.integers(0, 8))
    def test_time_took_one_call_and_takes_no_more_from_a_restored_backup(self, days: int) -> None:
        book = book_of(called("old", date(2023, 4, 1)), called("new", TODAY))
        older, newer = MemoryStore.create(book), MemoryStore.create(book)
        for day in range(days):
            apply_retention(newer, OLD_CALLS, key=KEY, at=NOON + day * DAY, by="clock")
        reapply_erasures(older, load_journal(dump_journal(erasures_in(newer))), key=KEY, rules=OLD_CALLS)
        assert load_book(older) == load_book(newer)
        assert len(load_book(older).clients) == 2
        assert erasures_in(older) == erasures_in(newer)

    def test_what_rules_decided_is_not_decided_without_them(self) -> None:
        book = book_of(called("old", date(2020, 1, 1)), called("new", TODAY))
        older, newer = MemoryStore.create(book), MemoryStore.create(book)
        apply_retention(newer, OLD_CALLS, key=KEY, at=NOON, by="clock")
        with pytest.raises(InvalidValueError, match=r"rules is None: must be given"):
            reapply_erasures(older, erasures_in(newer), key=KEY)
        assert load_book(older) == book
        assert erasures_in(older) == ()

    def test_what_went_without_rules_goes_whatever_rules_there_are(self) -> None:
        older, newer = MemoryStore.create(book_of()), MemoryStore.create(book_of())
        erase_client(newer, "c-1", key=KEY, at=NOON, by="han", ground=GROUND)
        reapply_erasures(older, erasures_in(newer), key=KEY, rules=TAX)
        with older.read() as view:
            assert list(view.log.of_client("c-1")) == []

    def test_the_end_that_was_known_is_known_again(self) -> None:
        older, newer = MemoryStore.create(book_of()), MemoryStore.create(book_of())
        erase_client(newer, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, rules=AFTER_THE_END, ended_on=date(2024, 1, 1))
        (erasure,) = load_journal(dump_journal(erasures_in(newer)))
        assert (erasure.ended_on, erasure.asked, erasure.by_rules) == (date(2024, 1, 1), "erasure", True)
        reapply_erasures(older, [erasure], key=KEY, rules=AFTER_THE_END)
        assert list(load_book(older).client_by_id) == ["c-2"]
        assert load_book(older) == load_book(newer)

    def test_another_key_is_refused_and_nothing_noted(self) -> None:
        older, newer = MemoryStore.create(book_of()), MemoryStore.create(book_of())
        erase_client(newer, "c-1", key=KEY, at=NOON, by="han", ground=GROUND)
        with pytest.raises(InvalidValueError, match="key is DigestKey") as caught:
            reapply_erasures(older, erasures_in(newer), key=DigestKey(b"z" * 32))
        assert caught.value.name == "key"
        assert erasures_in(older) == ()
        (again,) = reapply_erasures(older, erasures_in(newer), key=KEY)
        assert again.erasure == erasures_in(newer)[0]
        assert list(load_book(older).client_by_id) == ["c-2"]

    def test_a_client_who_is_not_in_the_backup_is_noted(self) -> None:
        newer = MemoryStore.create(book_of())
        older = MemoryStore.create(attrs.evolve(book_of(), clients=[Client(id="c-2", name="Lee")], people=[], purchases=[]))
        erase_client(newer, "c-1", key=KEY, at=NOON, by="han", ground=GROUND)
        assert reapply_erasures(older, erasures_in(newer), key=KEY) == ()
        assert erasures_in(older) == erasures_in(newer)
        assert actions(older) == []

    def test_the_trail_of_the_restored_book_tells_of_each(self) -> None:
        older, newer = MemoryStore.create(book_of()), MemoryStore.create(book_of())
        for client_id in ("c-1", "c-2"):
            erase_client(newer, client_id, key=KEY, at=NOON, by="han", ground=GROUND)
        reapply_erasures(older, erasures_in(newer), key=KEY, chain_id="2026")
        assert actions(older, "2026") == ["erase", "erase"]

    def test_two_erasures_of_one_client_at_one_instant_are_two(self) -> None:
        store = MemoryStore.create(book_of())
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground="asked", rules=TAX)
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground="asked again")
        assert [(one.ground, one.restricted_count) for one in erasures_in(store)] == [("asked", 2), ("asked again", 0)]


class TestStoredOnly:
    """ACC-5: what must be kept is kept, until it is known that it may go."""

    def test_what_has_no_known_end_goes_when_its_end_has_come(self) -> None:
        store = MemoryStore.create(book_of(called("t-1", date(2020, 1, 1))))
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, rules=KEPT_AFTER_THE_END)
        late = datetime(2030, 1, 1, tzinfo=UTC)
        assert apply_retention(store, KEPT_AFTER_THE_END, key=KEY, at=late, by="clock") == ()
        early = datetime(2027, 3, 1, tzinfo=UTC)
        ended = {"c-1": date(2026, 4, 1)}
        assert apply_retention(store, KEPT_AFTER_THE_END, key=KEY, at=early, by="clock", ended_on=ended) == ()
        # The end is known by now, whether it is said again or not.
        (report,) = apply_retention(store, KEPT_AFTER_THE_END, key=KEY, at=datetime(2027, 4, 1, tzinfo=UTC), by="clock")
        assert (report.erasure.asked, report.erasure.entry_count) == ("time", 1)
        with store.read() as view:
            assert list(view.log.of_client("c-1")) == []

    def test_an_end_that_is_long_past_takes_it_at_once(self) -> None:
        store = MemoryStore.create(book_of(called("t-1", date(2020, 1, 1))))
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, rules=KEPT_AFTER_THE_END)
        ended = {"c-1": date(2026, 4, 1)}
        late = datetime(2030, 1, 1, tzinfo=UTC)
        assert len(apply_retention(store, KEPT_AFTER_THE_END, key=KEY, at=late, by="clock", ended_on=ended)) == 1

    def test_who_asks_again_is_told_what_is_still_stored(self) -> None:
        store = MemoryStore.create(book_of())
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, rules=TAX)
        again = erase_client(store, "c-1", key=KEY, at=NOON + DAY, by="han", ground="asked again", rules=TAX)
        assert {(kind, one.outcome, one.until) for kind, one in again.decisions} == {
            ("client", "restrict", date(2031, 3, 31)),
            ("purchase", "restrict", date(2031, 3, 31)),
        }
        assert all(one.reasons[0].code == "retention.law" for _, one in again.decisions)
        assert again.erasure.is_empty
        with pytest.raises(UnknownRecordError):
            erase_client(store, "c-9", key=KEY, at=NOON, by="han", ground=GROUND, rules=TAX)

    def test_who_comes_back_has_their_id_again_and_both_files_are_kept(self) -> None:
        store = MemoryStore.create(Book())
        for at in (NOON, NOON + DAY):
            with store.write() as unit:
                client = Client(id="c-1", name="Kim")
                assert BookWriter(unit).put_client(client, expected=0, by="lee", recorded_at=at) == 1
            erase_client(store, "c-1", key=KEY, at=at, by="han", ground=GROUND, rules=TAX)
        with store.read() as view:
            assert len(list(view.records.scan("restricted"))) == 2
        report = erase_client(store, "c-1", key=KEY, at=NOON + 2 * DAY, by="han", ground=GROUND)
        assert (report.erasure.record_count, report.erasure.entry_count) == (2, 2)
        with store.read() as view:
            assert list(view.records.scan("restricted")) == []

    def test_of_a_person_who_was_deleted_before_not_even_the_id_is_left(self) -> None:
        store = MemoryStore.create(book_of())
        with store.write() as unit:
            person = ContactPerson(id="p-2", client_id="c-1", name="Han")
            version = BookWriter(unit).put_person(person, expected=0, by="lee", recorded_at=NOON)
            unit.records.delete("person", "p-2", expected=version)
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND)
        with store.write() as unit:
            assert BookWriter(unit).put_person(attrs.evolve(person, client_id="c-2"), expected=0) == 1


class TestAccountedFor:
    """ACC-4, ACC-5: an entry of the trail may be erased, and only by an erasure that the journal tells of."""

    @given(st.sets(st.integers(0, 4), min_size=1))
    def test_entries_that_somebody_blanked_are_found(self, places: set[int]) -> None:
        store = MemoryStore.create(book_of())
        noted(store, *(get("c-2") for _ in range(4)), get("c-1"))
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, erases_links=True)
        assert faults(store) == []
        with store.write() as unit:
            for record in tuple(unit.records.scan("audit")):
                link = load_link(record.payload)
                if link.place in places:
                    unit.records.put(link_record("audit", erased_link(link)), expected=record.version)
        assert faults(store) == [("erased", place) for place in sorted(places - {4})]

    def test_the_restored_trail_loses_the_very_entries_and_no_place_is_excused(self) -> None:
        newer, older = MemoryStore.create(book_of()), MemoryStore.create(book_of())
        noted(newer, get(), get("c-2"), get())
        # Another entry about the client, which stayed then: rules may have let it.
        noted(older, get("c-2"), get("c-2"), get("c-1"))
        erase_client(newer, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, erases_links=True)
        assert actions(newer) == [None, "get", None, "erase"]
        reapply_erasures(older, erasures_in(newer), key=KEY)
        assert actions(older) == ["get", "get", "get", "erase"]
        with older.write() as unit:
            record = next(iter(unit.records.scan("audit")))
            unit.records.put(link_record("audit", erased_link(load_link(record.payload))), expected=1)
        assert faults(older) == [("erased", 0)]

    def test_what_says_that_somebody_erased_stays(self) -> None:
        store = MemoryStore.create(book_of())
        noted(store, get())
        erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND, rules=TAX)
        report = erase_client(store, "c-1", key=KEY, at=NOON + DAY, by="han", ground=GROUND, erases_links=True)
        assert report.erasure.link_count == len(report.erasure.links) == 1
        assert actions(store) == [None, "erase", "erase"]
        assert faults(store) == []

    def test_nobody_takes_away_what_the_log_says_of_them(self) -> None:
        text = 'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
        store = MemoryStore.create(book_of())
        noted(store, get(actor_id="song"), get(actor_id="lee"))
        desk = GuardedDesk(store=store, policy=loads_policy(text + part_text("client-files")), clock=FixedClock(NOON), key=KEY)
        caller = Caller(principal=Principal(id="song", roles={"keeper"}), purpose="erasure")
        desk.as_(caller).erase("c-1", ground=GROUND, erases_links=True)
        assert actions(store) == ["get", None, "erase"]
        assert faults(store) == []

    def test_the_chain_is_the_one_that_is_named(self) -> None:
        text = 'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
        store = MemoryStore.create(book_of(called("old", date(2020, 1, 1))))
        policy = attrs.evolve(loads_policy(text), retention=OLD_CALLS)
        desk = Desk(store=store, policy=policy, clock=FixedClock(NOON))
        desk.apply_retention(by="clock", key=KEY, chain_id="2026")
        desk.erase("c-1", by="han", ground=GROUND, key=KEY, chain_id="2026")
        assert (actions(store), actions(store, "2026")) == ([], ["erase", "erase"])


class Unclean(MemoryStore):
    """A store whose files cannot be cleaned."""

    def scrub(self) -> str | None:
        raise StorageError("the disk is full")


class TestUnclean:
    """ACC-5: what is erased is erased, and what is left of it is said."""

    def test_that_cleaning_failed_is_told_with_what_was_done(self) -> None:
        store = Unclean.create(book_of(called("old", date(2020, 1, 1))))
        (first,) = apply_retention(store, OLD_CALLS, key=KEY, at=NOON, by="clock")
        report = erase_client(store, "c-1", key=KEY, at=NOON, by="han", ground=GROUND)
        for one in (first, report):
            assert one.left is not None
            assert "the disk is full" in one.left
        assert list(load_book(store).client_by_id) == ["c-2"]
        older = Unclean.create(book_of(called("old", date(2020, 1, 1))))
        again = reapply_erasures(older, erasures_in(store), key=KEY, rules=OLD_CALLS)
        assert all(one.left is not None for one in again)
