"""ACC-5: what must be kept is kept, the person's data goes, and the log proves it; ACC-4 for the trail that proves it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Final

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare.access import (
    RETENTION_LAWS,
    RETENTION_OUTCOMES,
    RETENTION_QUESTIONS,
    AuditEntry,
    DigestKey,
    EraseClock,
    KeepClock,
    RetentionClock,
    RetentionKind,
    RetentionQuestion,
    RetentionRecord,
    RetentionRules,
    decide_retention,
)
from relcare.errors import StorageError
from relcare.model import Book, Client, Money, Purchase, Touchpoint
from relcare.storage import (
    AuditTrail,
    BookReader,
    BookWriter,
    MemoryStore,
    Record,
    apply_retention,
    dump_journal,
    erase_client,
    erasures_in,
    load_book,
    load_journal,
    reapply_erasures,
)
from relcare.testing import books, retention_records, retention_rules
from relcare.wording import explain

KEY = DigestKey(b"k" * 32)
NOON = datetime(2026, 3, 31, 3, tzinfo=UTC)
TODAY = date(2026, 3, 31)
GROUND = "request of 30 March"
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
questions: st.SearchStrategy[RetentionQuestion] = st.sampled_from(RETENTION_QUESTIONS)


def runs(clock: KeepClock | EraseClock, record: RetentionRecord, on: date) -> bool:
    end = clock.ends_on(record)
    return clock.is_about(record) and (end is None or on < end)


class TestOneOutcome:
    """ACC-5: What must be kept is kept: every record has exactly one outcome, and a reason for it."""

    @settings(max_examples=300)
    @given(retention_rules(), retention_records(), days, questions)
    def test_every_question_has_one_outcome_and_a_reason_that_can_be_told(
        self, rules: RetentionRules, record: RetentionRecord, on: date, asked: RetentionQuestion
    ) -> None:
        decision = decide_retention(rules, record, on=on, asked=asked)
        assert decision.outcome in RETENTION_OUTCOMES
        assert decision.reasons
        assert all(explain(reason) for reason in decision.reasons)
        assert (decision.outcome == "refuse") <= (asked in {"erasure", "restriction"})

    @settings(max_examples=300)
    @given(retention_rules(), retention_records(), days, questions)
    def test_the_table_says_which(
        self, rules: RetentionRules, record: RetentionRecord, on: date, asked: RetentionQuestion
    ) -> None:
        purposes = [one for one in rules.erase_clocks if one.is_about(record)]
        running = [one for one in purposes if runs(one, record, on)]
        firm = [one for one in running if not one.on_request]
        held = [one for one in rules.keep_clocks if runs(one, record, on)]
        law = [one for one in held if one.ground is not None]
        gone = "restrict" if law else "erase"
        wanted = {
            "time": "keep" if running or not purposes else "restrict" if held else "erase",
            "erasure": "refuse" if firm else gone,
            "restriction": "refuse" if firm else "restrict",
            "withdrawal": "keep" if firm else gone,
        }
        assert decide_retention(rules, record, on=on, asked=asked).outcome == wanted[asked]

    @settings(max_examples=300)
    @given(retention_rules(), retention_records(), days, questions)
    def test_what_a_law_has_kept_is_never_erased_and_the_law_is_cited(
        self, rules: RetentionRules, record: RetentionRecord, on: date, asked: RetentionQuestion
    ) -> None:
        law = [one for one in rules.keep_clocks if runs(one, record, on) and one.ground is not None]
        decision = decide_retention(rules, record, on=on, asked=asked)
        if law:
            assert decision.outcome != "erase"
            if decision.outcome == "restrict":
                grounds = {reason.values["ground"] for reason in decision.reasons if reason.code == "retention.law"}
                assert grounds == {one.ground for one in law}
        elif asked in {"erasure", "withdrawal"}:
            assert decision.outcome != "restrict"

    @settings(max_examples=200)
    @given(retention_rules(), retention_records(), days, st.integers(0, 4_000))
    def test_time_alone_only_ever_closes_a_record(
        self, rules: RetentionRules, record: RetentionRecord, on: date, later: int
    ) -> None:
        order = {"keep": 0, "restrict": 1, "erase": 2}
        first = decide_retention(rules, record, on=on)
        then = decide_retention(rules, record, on=on + timedelta(days=later))
        assert order[first.outcome] <= order[then.outcome]

    @settings(max_examples=200)
    @given(retention_rules(), retention_records(), days)
    def test_until_is_the_first_day_of_another_outcome(self, rules: RetentionRules, record: RetentionRecord, on: date) -> None:
        decision = decide_retention(rules, record, on=on)
        if decision.until is not None and decision.until < date(2190, 1, 1):
            day = timedelta(days=1)
            assert decide_retention(rules, record, on=decision.until - day).outcome == decision.outcome
            assert decide_retention(rules, record, on=decision.until).outcome != decision.outcome

    @pytest.mark.parametrize(("law", "asked"), list(product(RETENTION_LAWS, RETENTION_QUESTIONS)))
    def test_every_preset_row_has_a_source_and_decides(self, law: str, asked: RetentionQuestion) -> None:
        for row in RETENTION_LAWS[law].rows:
            assert row.source
            if row.clock is None:
                continue
            topic = row.clock.topics[0] if row.clock.topics else None
            record = RetentionRecord(kind=row.clock.kinds[0], topic=topic, event_on=TODAY, ended_on=TODAY)
            decision = decide_retention(RetentionRules(laws=[law]), record, on=TODAY, asked=asked)
            assert decision.outcome in ({"keep", "restrict"} if isinstance(row.clock, KeepClock) else RETENTION_OUTCOMES)

    @pytest.mark.parametrize(
        ("ground", "asked", "outcome"),
        [
            ("a law", "time", "restrict"),
            (None, "time", "restrict"),
            ("a law", "erasure", "restrict"),
            (None, "erasure", "erase"),
            ("a law", "withdrawal", "restrict"),
            (None, "withdrawal", "erase"),
            (None, "restriction", "restrict"),
        ],
    )
    def test_what_is_kept_without_a_ground_outlasts_its_purpose_and_no_request(
        self, ground: str | None, asked: RetentionQuestion, outcome: str
    ) -> None:
        rules = RetentionRules(
            keep=[KeepClock(kinds=["client"], ground=ground)],
            erase=[EraseClock(kinds=["client"], purpose="care", after="1 day")],
        )
        record = RetentionRecord(kind="client", event_on=TODAY - timedelta(days=7))
        assert decide_retention(rules, record, on=TODAY, asked=asked).outcome == outcome

    @pytest.mark.parametrize(
        ("on", "outcome"), [(date(2028, 2, 28), "keep"), (date(2028, 2, 29), "keep"), (date(2028, 3, 1), "erase")]
    )
    def test_the_first_day_on_which_a_clock_has_run_out_is_counted(self, on: date, outcome: str) -> None:
        rules = RetentionRules(erase=[EraseClock(kinds=["client"], purpose="care", after="1 month")])
        record = RetentionRecord(kind="client", event_on=date(2028, 2, 1))
        assert decide_retention(rules, record, on=on).outcome == outcome

    def test_a_client_withdraws_from_one_purpose_and_the_other_goes_on(self) -> None:
        rules = RetentionRules(
            erase=[EraseClock(kinds=["client"], purpose=purpose, after="3 years") for purpose in ("care", "prospecting")]
        )
        record = RetentionRecord(kind="client", event_on=TODAY)
        one = decide_retention(rules, record, on=TODAY, asked="withdrawal", purpose="prospecting")
        assert (one.outcome, one.reasons[0].values["purpose"]) == ("keep", "care")
        assert decide_retention(rules, record, on=TODAY, asked="withdrawal").outcome == "erase"


def canaries(client_id: str, others: Iterable[str] = ()) -> MemoryStore:
    clients = [Client(id=one, name=f"canary {one}") for one in (client_id, *others)]
    touches = [
        Touchpoint(id=f"t-{one.id}-{n}", client_id=one.id, occurred_at=TODAY, channel="call", note=f"canary {n}")
        for one in clients
        for n in range(2)
    ]
    bought = [Purchase(id=f"p-{one.id}", client_id=one.id, purchased_on=TODAY, amount=Money("7", "KRW")) for one in clients]
    return MemoryStore.create(Book(clients=clients, touchpoints=touches, purchases=bought, zone="Asia/Seoul", currency="KRW"))


def everything(store: MemoryStore) -> str:
    """All that a store would give to anybody who asks, but for the trail, which has its own tests."""
    with store.read() as view:
        kinds = ("client", "person", "tiers", "pins", "owners", "appointment", "review", "review_piece", "restricted")
        records = [repr(record) for kind in kinds for record in view.records.scan(kind)]
        return "\n".join([*records, *(repr(stored) for stored in view.log.since())])


class TestErased:
    """ACC-5: Erasure and retention: what must be kept is kept, the person's data goes, and the log proves it."""

    @settings(max_examples=30)
    @given(books(), st.data())
    def test_one_client_goes_and_everything_else_of_the_book_stays(self, book: Book, data: st.DataObject) -> None:
        if not book.clients:
            return
        gone = data.draw(st.sampled_from([client.id for client in book.clients]))
        store = MemoryStore.create(book)
        with store.read() as view:
            before = [stored.position for stored in view.log.since()]
            rest = [stored for stored in view.log.since() if stored.entry.client_id != gone]
        report = erase_client(store, gone, key=KEY, at=NOON, by="lee", ground=GROUND)
        after = load_book(store)
        assert after.client_by_id == {one.id: one for one in book.clients if one.id != gone}
        for name in ("touchpoints", "purchases", "people", "appointments", "consents", "tier_spells", "pins", "owner_spells"):
            left = [one for one in getattr(book, name) if one.client_id != gone]
            assert sorted(map(repr, left)) == sorted(map(repr, getattr(after, name)))
        with store.read() as view:
            log = list(view.log.since())
        assert [stored.position for stored in log] == before
        erased = [stored for stored in log if stored.entry.kind == "erased"]
        assert len(erased) == report.erasure.entry_count
        assert {stored.entry.client_id for stored in erased} <= {KEY.digest("client", gone)}
        assert [stored for stored in log if stored.entry.kind != "erased"] == rest

    def test_nothing_that_was_said_about_the_client_is_left(self) -> None:
        store = canaries("canary-17", ["c-2"])
        erase_client(store, "canary-17", key=KEY, at=NOON, by="lee", ground=GROUND)
        assert "canary-17" not in everything(store)
        assert "canary c-2" in everything(store)
        (erasure,) = erasures_in(store)
        assert (erasure.record_count, erasure.entry_count, erasure.ground) == (1, 3, GROUND)

    def test_an_erased_event_can_be_told_again_and_the_version_of_a_record_begins_anew(self) -> None:
        store = canaries("c-1")
        erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND)
        with store.write() as unit:
            writer = BookWriter(unit)
            assert writer.put_client(Client(id="c-1", name="new"), expected=0) == 1
            writer.add_event(Touchpoint(id="t-c-1-0", client_id="c-1", occurred_at=TODAY, channel="call"))
        assert len(load_book(store).touchpoints) == 1

    def test_a_unit_that_fails_half_way_has_erased_nothing(self) -> None:
        store = canaries("c-1")
        before = everything(store)

        def half() -> None:
            with store.erasing() as unit:
                unit.eraser.forget_record("client", "c-1")
                raise OSError("half-way")

        with pytest.raises(OSError, match="half-way"):
            half()
        assert everything(store) == before

    def test_a_unit_of_work_cannot_erase(self) -> None:
        with canaries("c-1").write() as unit:
            assert not hasattr(unit, "eraser")

    def test_a_place_that_is_not_there_cannot_be_erased(self) -> None:
        store = canaries("c-1")
        with store.erasing() as unit:
            entry = next(iter(unit.log.since())).entry
            with pytest.raises(StorageError, match="has no entry at position 99"):
                unit.eraser.rewrite_entry(99, entry)
            with pytest.raises(StorageError, match="is taken at position 1"):
                unit.eraser.rewrite_entry(2, entry)


RULES = RetentionRules(
    keep=[KeepClock(kinds=["purchase"], ground="proof of payment", source="Decree 6", lasts="5 years")],
    erase=[EraseClock(kinds=["client", "purchase", "touchpoint"], purpose="care", after="3 years")],
)


class TestKept:
    """ACC-5: what must be kept is kept: stored, and nothing else done with it, until the law lets it go."""

    def test_what_the_law_has_kept_is_stored_and_no_book_sees_it(self) -> None:
        store = canaries("c-1", ["c-2"])
        report = erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND, rules=RULES)
        assert {kind: decision.outcome for kind, decision in report.decisions} == {
            "client": "erase",
            "touchpoint": "erase",
            "purchase": "restrict",
        }
        after = load_book(store)
        assert [one.client_id for one in after.purchases] == ["c-2"]
        with store.read() as view:
            (entry,) = [stored.entry for stored in view.log.since() if stored.entry.kind == "restricted"]
            assert BookReader(view).find_purchase("p-c-1") is None
        assert "2031-03-31" in entry.payload
        assert "p-c-1" in entry.payload

    @pytest.mark.parametrize(("on", "left"), [(date(2031, 3, 30), 1), (date(2031, 3, 31), 0)])
    def test_when_the_law_lets_it_go_it_goes_on_that_day(self, on: date, left: int) -> None:
        store = canaries("c-1")
        erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND, rules=RULES)
        at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
        apply_retention(store, RULES, key=KEY, at=at, by="clock")
        assert everything(store).count("kind='restricted'") == left

    def test_time_alone_restricts_and_then_erases(self) -> None:
        store = canaries("c-1")
        years = {2028: (2, 1), 2030: (0, 0), 2032: (0, 0)}
        for year, (touches, bought) in years.items():
            apply_retention(store, RULES, key=KEY, at=datetime(year, 3, 31, 3, tzinfo=UTC), by="clock")
            book = load_book(store)
            assert (len(book.touchpoints), len(book.purchases)) == (touches, bought)
        with store.read() as view:
            assert {stored.entry.kind for stored in view.log.since()} == {"erased"}

    def test_who_is_still_needed_stays_and_so_does_the_client(self) -> None:
        rules = RetentionRules(
            erase=[
                EraseClock(
                    kinds=["purchase"], purpose="delivery", after="1 year", on_request=False, ground="a contract in force"
                ),
                EraseClock(kinds=["client", "touchpoint"], purpose="care", after="3 years"),
            ]
        )
        store = canaries("c-1")
        report = erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND, rules=rules)
        outcomes = {kind: (decision.outcome, decision.reasons[0].code) for kind, decision in report.decisions}
        assert outcomes["purchase"] == ("refuse", "retention.needed")
        assert outcomes["client"] == ("keep", "retention.linked")
        assert outcomes["touchpoint"][0] == "erase"
        assert [client.id for client in load_book(store).clients] == ["c-1"]


FIRST: Final = date(2026, 1, 1)
HORIZON: Final = 90
in_horizon = st.integers(0, HORIZON)
lengths = st.integers(1, 60).map(lambda count: f"{count} days")
from_when: st.SearchStrategy[RetentionClock] = st.sampled_from(["event", "last contact"])
topics: st.SearchStrategy[list[str]] = st.sampled_from([[], ["complaint"], ["general"]])
some_kinds: st.SearchStrategy[list[RetentionKind]] = st.sampled_from([["client"], ["touchpoint"], ["client", "touchpoint"]])
erase_clocks = st.builds(
    lambda kinds, about, after, begins: EraseClock(
        kinds=kinds, topics=about if "client" not in kinds else [], purpose="care", after=after, counted_from=begins
    ),
    some_kinds,
    topics,
    lengths,
    from_when,
)
keep_clocks = st.builds(
    lambda about, lasts, begins: KeepClock(kinds=["touchpoint"], topics=about, ground="a law", lasts=lasts, counted_from=begins),
    topics,
    lengths,
    from_when,
)
contacts = st.lists(
    st.tuples(st.integers(-60, 30), st.sampled_from(["complaint", "general", None]), st.sampled_from(["incoming", "outgoing"])),
    max_size=4,
)


def in_touch(told: Iterable[tuple[int, str | None, str]]) -> MemoryStore:
    touches = [
        Touchpoint(
            id=f"t-{number}",
            client_id="c-1",
            occurred_at=FIRST + timedelta(days=day),
            channel="call",
            purpose=purpose,
            direction=direction,
        )
        for number, (day, purpose, direction) in enumerate(told)
    ]
    return MemoryStore.create(Book(clients=[Client(id="c-1", name="A")], touchpoints=touches, zone="UTC"))


def left_on(store: MemoryStore, rules: RetentionRules, day: int) -> tuple[list[str], list[str]]:
    """What a book has once retention was run on a day."""
    at = datetime.combine(FIRST, time(12), UTC) + timedelta(days=day)
    apply_retention(store, rules, key=KEY, at=at, by="clock")
    book = load_book(store)
    return [one.id for one in book.clients], [one.id for one in book.touchpoints]


class TestWhenever:
    """ACC-5: when a client goes is a matter of days, not of how often somebody looks."""

    @settings(max_examples=40)
    @given(contacts, st.lists(erase_clocks, min_size=1, max_size=3), st.lists(keep_clocks, max_size=1), st.sets(in_horizon))
    @example(
        [(-50, "general", "incoming"), (0, "complaint", "incoming")],
        [
            EraseClock(kinds=["touchpoint"], topics=["complaint"], purpose="complaint", after="10 days"),
            EraseClock(kinds=["touchpoint"], topics=["general"], purpose="care", after="60 days", counted_from="last contact"),
            EraseClock(kinds=["client"], purpose="care", after="60 days", counted_from="last contact"),
        ],
        [],
        {20},
    )
    def test_daily_in_jumps_or_once_comes_to_the_same(
        self, told: list[tuple[int, str | None, str]], erase: list[EraseClock], held: list[KeepClock], jumps: set[int]
    ) -> None:
        rules = RetentionRules(erase=erase, keep=held)
        daily = in_touch(told)
        wanted = [left_on(daily, rules, day) for day in range(HORIZON + 1)]
        in_jumps = in_touch(told)
        for day in sorted({*jumps, HORIZON}):
            assert left_on(in_jumps, rules, day) == left_on(in_touch(told), rules, day) == wanted[day]

    @pytest.mark.parametrize(("day", "clients"), [(89, ["c-1"]), (90, [])])
    def test_what_told_of_the_last_contact_went_long_before(self, day: int, clients: list[str]) -> None:
        after = EraseClock(kinds=["client"], purpose="care", after="90 days", counted_from="last contact")
        rules = RetentionRules(erase=[after, EraseClock(kinds=["touchpoint"], purpose="care", after="1 day")])
        store = in_touch([(0, None, "incoming")])
        assert left_on(store, rules, 1) == (["c-1"], [])
        assert left_on(store, rules, day)[0] == clients

    def test_a_contact_since_then_counts(self) -> None:
        after = EraseClock(kinds=["client"], purpose="care", after="30 days", counted_from="last contact")
        rules = RetentionRules(erase=[after, EraseClock(kinds=["touchpoint"], purpose="care", after="1 day")])
        store = in_touch([(0, None, "incoming")])
        assert left_on(store, rules, 1) == (["c-1"], [])
        with store.write() as unit:
            BookWriter(unit).add_event(
                Touchpoint(id="new", client_id="c-1", occurred_at=date(2026, 1, 21), channel="call", direction="incoming")
            )
        assert [left_on(store, rules, day)[0] for day in (30, 49, 50)] == [["c-1"], ["c-1"], []]

    def test_the_day_goes_with_the_client(self) -> None:
        after = EraseClock(kinds=["client"], purpose="care", after="30 days", counted_from="last contact")
        rules = RetentionRules(erase=[after, EraseClock(kinds=["touchpoint"], purpose="care", after="1 day")])
        store = in_touch([(0, None, "incoming")])
        left_on(store, rules, 1)
        with store.read() as view:
            assert [(one.id, one.payload) for one in view.records.scan("last_contact")] == [("c-1", '{"on": "2026-01-01"}')]
        erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND)
        with store.read() as view:
            assert list(view.records.scan("last_contact")) == []

    @pytest.mark.parametrize("payload", ["[]", "{}", '{"on":7}', '{"on":"soon"}'])
    def test_a_day_that_cannot_be_read_is_no_day(self, payload: str) -> None:
        store = in_touch([])
        with store.write() as unit:
            unit.records.put(Record(kind="last_contact", id="c-1", payload=payload), expected=0)
        with pytest.raises(StorageError, match="a stored last_contact record is damaged"):
            left_on(store, RULES, 1)


class TestProof:
    """ACC-5: and the log proves it. ACC-4: in the same unit of work."""

    def entry(self, client_id: str, reason: str = "canary") -> AuditEntry:
        return AuditEntry(
            at=NOON,
            actor_id="lee",
            action="get",
            answer="allowed",
            client_digest=KEY.digest("client", client_id),
            purpose="care",
            reason=reason,
        )

    @given(st.lists(st.sampled_from(["c-1", "c-2", "c-3"]), max_size=8))
    @example(["c-1", "c-2", "c-1"])
    def test_the_entries_about_a_client_can_go_and_the_chain_is_whole(self, whose: list[str]) -> None:
        store = canaries("c-1", ["c-2", "c-3"])
        with store.write() as unit:
            for client_id in whose:
                AuditTrail(unit).append(self.entry(client_id))
            anchor = AuditTrail(unit).anchor(KEY, NOON)
        report = erase_client(
            store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND, erases_links=True, entry=self.entry("c-1", "asked")
        )
        places = [place for place, client_id in enumerate(whose) if client_id == "c-1"]
        assert report.erasure.link_count == len(places)
        with store.read() as view:
            trail = AuditTrail(view)
            found = trail.verify(anchor=anchor, key=KEY, erased=places)
            assert (found.is_intact, list(found.erased), found.count) == (True, places, len(whose) + 1)
            assert len(list(trail.links_of(KEY.digest("client", "c-1")))) == len(places) + 1

    def test_the_entry_of_a_list_goes_only_where_it_showed_nobody_else(self) -> None:
        store = canaries("c-1", ["c-2"])
        one, other = (KEY.digest("client", client_id) for client_id in ("c-1", "c-2"))
        listed = attrs.evolve(self.entry("c-1"), action="list", client_digest=None)
        with store.write() as unit:
            for shown in ([one], [other, one], [other]):
                AuditTrail(unit).append(attrs.evolve(listed, client_digests=shown))
            anchor = AuditTrail(unit).anchor(KEY, NOON)
        report = erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND, erases_links=True)
        assert report.erasure.link_count == 1
        with store.read() as view:
            trail = AuditTrail(view)
            assert trail.verify(anchor=anchor, key=KEY, erased=[0]).is_intact
            assert [link.place for link in trail.links_of(one)] == [0, 1, 3]
            assert [(link.place, link.is_erased) for link in trail.links_of(other)] == [(1, False), (2, False)]

    def test_by_rules_an_entry_goes_only_when_its_law_is_over(self) -> None:
        rules = RetentionRules(laws=["kr"], erase=[EraseClock(kinds=["audit"], purpose="review", after="6 months")])
        for year, gone in ((2026, 0), (2028, 1)):
            store = canaries("c-1")
            with store.write() as unit:
                AuditTrail(unit).append(self.entry("c-1"))
            at = datetime(year, 4, 1, tzinfo=UTC)
            report = erase_client(store, "c-1", key=KEY, at=at, by="lee", ground=GROUND, rules=rules, erases_links=True)
            assert report.erasure.link_count == gone

    @given(st.sets(st.sampled_from(["c-1", "c-2", "c-3"]), min_size=1))
    def test_what_was_erased_since_is_erased_from_an_older_copy(self, gone: set[str]) -> None:
        older, newer = canaries("c-1", ["c-2", "c-3"]), canaries("c-1", ["c-2", "c-3"])
        for client_id in sorted(gone):
            erase_client(newer, client_id, key=KEY, at=NOON, by="lee", ground=GROUND)
        journal = load_journal(dump_journal(erasures_in(newer)))
        assert not any(client_id in dump_journal(journal) for client_id in ("c-1", "c-2", "c-3"))
        reapply_erasures(older, journal, key=KEY)
        assert everything(older) == everything(newer)
        assert erasures_in(older) == erasures_in(newer)
        assert reapply_erasures(older, journal, key=KEY) == ()

    def test_a_client_who_came_back_is_not_erased_by_what_the_store_knows(self) -> None:
        store = canaries("c-1")
        erase_client(store, "c-1", key=KEY, at=NOON, by="lee", ground=GROUND)
        with store.write() as unit:
            BookWriter(unit).put_client(Client(id="c-1", name="again"), expected=0)
        reapply_erasures(store, erasures_in(store), key=KEY)
        assert [client.name for client in load_book(store).clients] == ["again"]

    @pytest.mark.parametrize(
        "text", ["", "[]", "{}", '{"format":2,"erasures":[]}', '{"format":1,"erasures":[{}]}', '{"format":1,"erasures":[7]}']
    )
    def test_what_is_no_journal_is_refused(self, text: str) -> None:
        with pytest.raises(StorageError, match="journal of erasures is damaged"):
            load_journal(text)
