"""After a touchpoint or a purchase one client is brought up to date by itself, as the whole book would say."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import FrameType
from typing import Any, NoReturn

import attrs
import pytest
from hypothesis import given, settings

from relcare.cadence import CadenceRule
from relcare.calendars import Weekdays
from relcare.decisions import BookResult, ClientResult, Policy
from relcare.desk import Desk
from relcare.model import Absence, Book, Client, Consent, ContactPerson, Obligation, OwnerSpell, Purchase, Touchpoint, Undecided
from relcare.segmentation import QuotaScheme
from relcare.storage import LogReader, MemoryStore, ReadUnit, Record, RecordReader, StoredEntry, load_client_part
from relcare.testing import FixedClock, books, days, policies

CALENDAR = Weekdays()
few = settings(max_examples=settings().max_examples // 2)
Event = Touchpoint | Purchase


def growing(book: Book) -> Iterator[tuple[Book, Event]]:
    """The book after each of its events, in the order of the book: what an event names comes before it."""
    left: list[Event] = [*book.touchpoints, *book.purchases]
    grown = attrs.evolve(book, touchpoints=(), purchases=())
    there: set[tuple[type[Event], str | None]] = {(Touchpoint, None), (Purchase, None)}
    while left:
        event = next(one for one in left if (type(one), named_by(one)) in there)
        left.remove(event)
        there.add((type(event), event.id))
        if isinstance(event, Touchpoint):
            grown = attrs.evolve(grown, touchpoints=(*grown.touchpoints, event))
        else:
            grown = attrs.evolve(grown, purchases=(*grown.purchases, event))
        yield grown, event


def named_by(event: Event) -> str | None:
    return event.voids_id if isinstance(event, Touchpoint) else event.returns_purchase_id


def given_tiers(policy: Policy, whole: BookResult, client_id: str) -> dict[str, str]:
    """The tiers of quotas, which compare clients: one client is decided by those it was given."""
    facts = whole.facts(client_id)
    quotas = [scheme.id for scheme in policy.segmentation if isinstance(scheme, QuotaScheme)]
    return {scheme_id: str(facts[f"tier.{scheme_id}"]) for scheme_id in quotas if facts[f"tier.{scheme_id}"] is not None}


def given_grades(whole: BookResult, client_id: str) -> dict[str, int | None]:
    """Where the client stands among the others, which it cannot know by itself either."""
    return {grade_id: result.grades.get(client_id) for grade_id, result in whole.grades.items()}


def compares(policy: Policy) -> bool:
    """Whether clients are ranked against each other."""
    return bool(policy.grades) or any(isinstance(scheme, QuotaScheme) for scheme in policy.segmentation)


def alone(policy: Policy, book: Book, whole: BookResult, client_id: str, as_of: date) -> ClientResult:
    return policy.decide_client(
        book.get_client(client_id),
        touchpoints=[touch for touch in book.touchpoints if touch.client_id == client_id],
        purchases=book.purchases_by_client.get(client_id, ()),
        people=book.people_by_client.get(client_id, ()),
        staff=book.staff,
        tiers=given_tiers(policy, whole, client_id),
        grades=given_grades(whole, client_id),
        tier_spells=book.tier_spells_by_client.get(client_id, ()),
        owner_spells=book.owner_spells_by_client.get(client_id, ()),
        consents=book.consents_by_client.get(client_id, ()),
        pins=book.pins_by_client.get(client_id, ()),
        membership_events=book.membership_events_by_client.get(client_id, ()),
        absences=book.absences,
        as_of=as_of,
        zone=book.zone,
        calendar=CALENDAR,
    )


def without_provisional(owed: Sequence[Obligation]) -> list[Obligation]:
    """In the book a quota's tier may be provisional; given, it is in force."""
    return [
        attrs.evolve(one, reasons=tuple(reason for reason in one.reasons if reason.code != "tier.provisional")) for one in owed
    ]


def undecided_of(result: BookResult, client_id: str) -> list[Undecided]:
    return [unknown for unknown in result.undecided if unknown.client_id == client_id]


class TestTheSameAsTheWholeBook:
    """CAD-13: One client at a time: after a touchpoint or a purchase that client's obligations are brought up to date from its
    own records alone, in time independent of the book, and equal the full recomputation.
    """  # noqa: D205

    @few
    @given(policies(with_examples=False), books(max_clients=3), days(date(2025, 1, 1)))
    def test_after_each_event_its_client_alone_is_answered_as_in_the_book(self, policy: Policy, book: Book, as_of: date) -> None:
        for grown, event in growing(book):
            whole = policy.decide(grown, as_of=as_of, calendar=CALENDAR)
            one = alone(policy, grown, whole, event.client_id, as_of)
            owed = whole.obligations.for_client(event.client_id)
            assert without_provisional(one.obligations) == without_provisional(owed)
            assert list(one.vip) == [whole.vip(programme_id, event.client_id) for programme_id in whole.programme_ids]
            assert one.facts == whole.facts(event.client_id)
            assert one.assignments == tuple(
                whole.tier(scheme.id, event.client_id) for scheme in policy.segmentation if not isinstance(scheme, QuotaScheme)
            )
            assert list(one.undecided) == undecided_of(whole, event.client_id)

    @few
    @given(policies(with_examples=False), books(max_clients=3), days(date(2025, 1, 1)))
    def test_an_event_changes_nothing_for_the_others_where_nothing_compares_them(
        self, policy: Policy, book: Book, as_of: date
    ) -> None:
        """So that nobody else has to be brought up to date."""
        if compares(policy):
            return
        before: BookResult | None = None
        for grown, event in growing(book):
            now = policy.decide(grown, as_of=as_of, calendar=CALENDAR)
            for client_id in () if before is None else now.client_ids:
                if before is not None and client_id != event.client_id:
                    assert list(now.obligations.for_client(client_id)) == list(before.obligations.for_client(client_id))
                    assert undecided_of(now, client_id) == undecided_of(before, client_id)
            before = now

    @few
    @given(policies(with_examples=False), books(max_clients=3), days(date(2025, 1, 1)))
    def test_a_desk_that_records_the_event_answers_as_over_its_whole_book(self, policy: Policy, book: Book, as_of: date) -> None:
        if compares(policy):
            return
        with MemoryStore.create(attrs.evolve(book, touchpoints=(), purchases=())) as store:
            clock = FixedClock(datetime(2199, 1, 1, tzinfo=UTC))
            desk: Any = Desk(store=store, policy=policy, clock=clock, calendar=CALENDAR)
            for _, event in growing(book):
                desk.record(event, by="lee")
                one, whole = desk.decide_client(event.client_id, by="lee", as_of=as_of), desk.decide(by="lee", as_of=as_of)
                assert one.obligations == whole.obligations.for_client(event.client_id)
                assert list(one.undecided) == undecided_of(whole, event.client_id)
                assert list(one.vip) == [whole.vip(programme_id, event.client_id) for programme_id in whole.programme_ids]
                assert one.notes == whole.notes.get(event.client_id, ())


class Untouchable(Sequence[Any]):
    """Records that nobody may look at."""

    def __getitem__(self, place: Any) -> NoReturn:
        raise AssertionError("read the records of another client")

    def __len__(self) -> NoReturn:
        raise AssertionError("counted the records of another client")


POLICY = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 1, 1),
    cadence=[
        CadenceRule(id="call", channel="call", every="1 week", satisfied_by=["visit"]),
        CadenceRule(id="birthday", channel="card", mode="grid", anchor="people.birthday"),
    ],
)
AS_OF = date(2026, 6, 30)


def office(clients: int) -> Book:
    """Clients of the same making, with ten calls each."""
    ids = [f"c-{n:04}" for n in range(clients)]
    return Book(
        clients=[Client(id=c, name="김철수", owner_id="lee", client_since_on=date(2026, 1, 1)) for c in ids],
        people=[ContactPerson(id=f"p-{c}", client_id=c, name="김", birthday=date(1970, 7, 2)) for c in ids],
        touchpoints=[
            Touchpoint(id=f"t-{c}-{n}", client_id=c, channel="call", outcome="reached", occurred_at=date(2026, 6, n + 1))
            for c in ids
            for n in range(10)
        ],
        owner_spells=[OwnerSpell(client_id=c, owner_id="wu", start_on=date(2026, 2, 1)) for c in ids],
        consents=[Consent(id=f"k-{c}", client_id=c, kind="refused", channel="call", start_on=date(2026, 6, 1)) for c in ids],
        absences=[Absence(staff_id="wu", start_on=date(2026, 6, 22), end_on=date(2026, 7, 20), deputy_id="lee")],
        zone="Asia/Seoul",
    )


@attrs.frozen
class OwnRecords:
    """Records of which only one client's may be read, besides those of the firm."""

    inner: RecordReader
    client_id: str

    def get(self, kind: str, record_id: str, /) -> Record | None:
        assert kind in {"book", "staff", "absences"} or record_id == self.client_id, (kind, record_id)
        return self.inner.get(kind, record_id)

    def scan(self, kind: str, /, *, key: tuple[str, str] | None = None, after: str | None = None) -> Iterator[Record]:
        assert kind in {"staff", "absences"} or key == ("client_id", self.client_id), (kind, key)
        return self.inner.scan(kind, key=key, after=after)


@attrs.frozen
class OwnLog:
    """A log of which only one client's entries may be read."""

    inner: LogReader
    client_id: str

    def get(self, entry_id: str, /) -> StoredEntry | None:
        raise AssertionError(entry_id)

    def since(self, cursor: int = 0, /) -> Iterator[StoredEntry]:
        raise AssertionError("read the whole log")

    def of_client(self, client_id: str, /) -> Iterator[StoredEntry]:
        assert client_id == self.client_id
        return self.inner.of_client(client_id)


@attrs.frozen
class OwnUnit:
    records: RecordReader
    log: LogReader


class OwnStore(MemoryStore):
    """A store that fails when anything of another client than c-0001 is read."""

    @contextmanager
    def read(self) -> Iterator[ReadUnit]:
        with super().read() as unit:
            yield OwnUnit(OwnRecords(unit.records, "c-0001"), OwnLog(unit.log, "c-0001"))


def calls_during(work: Any) -> int:
    """How many functions of Python are called."""
    counted = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal counted
        counted += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


class TestIndependentOfTheBook:
    """CAD-13: One client at a time: [...] from its own records alone, in time independent of the book."""

    def test_a_store_is_read_for_the_one_client_only(self) -> None:
        with OwnStore.create(office(5)) as store:
            with pytest.raises(AssertionError):
                load_client_part(store, "c-0002")
            desk = Desk(store=store, policy=POLICY, clock=FixedClock(datetime(2026, 6, 30, tzinfo=UTC)))
            with pytest.raises(AssertionError):
                desk.decide(by="lee")
            found = desk.decide_client("c-0001", by="lee")
        assert [(owed.rule_id, owed.state, owed.owner_id, owed.staff_id) for owed in found.obligations] == [
            ("call", "deferred", "wu", "lee"),
            ("birthday", "upcoming", "wu", "lee"),
        ]

    def test_what_a_book_has_grouped_is_looked_up_and_not_gone_through(self) -> None:
        book = office(3)
        everything: dict[str, Any] = {
            name: {
                client_id: records if client_id == "c-0001" else Untouchable()
                for client_id, records in getattr(book, name).items()
            }
            for name in ("touchpoints_by_client", "people_by_client", "owner_spells_by_client", "consents_by_client")
        }
        with pytest.raises(AssertionError, match="another client"):
            list(everything["touchpoints_by_client"]["c-0002"])
        found = POLICY.decide_client(
            book.get_client("c-0001"),
            touchpoints=everything["touchpoints_by_client"]["c-0001"],
            purchases=(),
            people=everything["people_by_client"]["c-0001"],
            owner_spells=everything["owner_spells_by_client"]["c-0001"],
            consents=everything["consents_by_client"]["c-0001"],
            absences=book.absences,
            as_of=AS_OF,
            zone=book.zone,
        )
        assert list(found.obligations) == list(POLICY.decide(book, as_of=AS_OF).obligations.for_client("c-0001"))

    def test_the_work_is_the_same_in_a_book_of_two_clients_and_of_two_hundred(self) -> None:
        counts: list[int] = []
        for size in (2, 200):
            with MemoryStore.create(office(size)) as store:
                desk = Desk(store=store, policy=POLICY, clock=FixedClock(datetime(2026, 6, 30, tzinfo=UTC)))
                desk.decide_client("c-0001", by="lee")  # what is made once for a policy is made
                touch = Touchpoint(id="new", client_id="c-0001", channel="call", occurred_at=AS_OF, outcome="reached")
                desk.record(touch, by="lee")
                counts.append(calls_during(lambda desk=desk: desk.decide_client("c-0001", by="lee")))
        assert counts[0] == counts[1]
