"""What a type checker sees of the public names; checked by mypy and pyright, never run."""

from datetime import UTC, date, datetime
from typing import assert_type

import relcare as rc
from relcare.decisions import BookResult, ClientResult, FactsResult
from relcare.formats import CalendarEvent, read_icalendar, write_icalendar
from relcare.model import Obligations, TierSpell
from relcare.planning import Board, BookDemand, MemberDemand, demand_of
from relcare.policy import Criterion
from relcare.segmentation import Assignment
from relcare.storage import MemoryStore, SqliteStore, Store
from relcare.vip import VipDecision


def from_facts(policy: rc.Policy, day: date) -> None:
    assert_type(policy.decide_facts({"revenue": "10"}, as_of=day), FactsResult)
    decision = policy.vip("vip").decide({"revenue": "10"}, as_of=day)
    assert_type(decision, VipDecision)
    assert_type(decision.is_eligible, bool)


def from_one_client(policy: rc.Policy, day: date) -> None:
    kim = rc.Client(id="kim", name="Kim", relationship_types={"partner"}, attributes={"size": "big"}, client_since_on=None)
    touch = rc.Touchpoint(id="t", client_id="kim", occurred_at=day, channel="call", direction="in", recorded_at=None)
    one = policy.decide_client(kim, touchpoints=[touch], purchases=(), tiers={"abc": "A"}, as_of=day)
    assert_type(one, ClientResult)
    assert_type(one.obligations, Obligations)
    assert_type(one.obligations[0], rc.Obligation)
    assert_type(one.obligations[:2], Obligations)


def from_a_book(policy: rc.Policy, day: date) -> None:
    spell = TierSpell(client_id="kim", scheme_id="abc", tier="A", start_on=day)
    stop = rc.Consent(id="n", client_id="kim", kind="refused", start_on=day)
    away = rc.Absence(staff_id="lee", start_on=day, deputy_id="park")
    kim = rc.Client(id="kim", name="Kim")
    book = rc.Book(clients=[kim], tier_spells=(spell,), consents=[stop], absences=(away,), zone="Asia/Seoul")
    assert_type(book.owner_on("kim", day), str | None)
    assert_type(book.consents_by_client["kim"], tuple[rc.Consent, ...])
    assert_type(book.absences_by_staff["lee"], tuple[rc.Absence, ...])
    assert_type(book.appointments_by_client["kim"], tuple[rc.Appointment, ...])
    assert_type(book.appointments[0].starts_at, datetime | None)
    text = write_icalendar(book.appointments, book, stamp=datetime(2026, 3, 31, tzinfo=UTC), previous=None, from_on=day)
    assert_type(text, str)
    assert_type(read_icalendar(text), tuple[CalendarEvent, ...])
    assert_type(demand_of(policy, book, as_of=day), BookDemand)
    assert_type(demand_of(policy, book, as_of=day).by("team"), tuple[MemberDemand, ...])
    result = policy.decide(book, as_of=day)
    assert_type(result, BookResult)
    assert_type(result.tier("abc", "kim"), Assignment)
    assert_type(rc.board(result.obligations, result.undecided, as_of=day), Board)
    assert_type(rc.explain(result.obligations[0]), str)


def built_in_python() -> None:
    assert_type(rc.criterion("a > 1"), Criterion)
    rule = rc.CadenceRule(id="call", channel="call", every="1 week", satisfied_by=["visit"], grace="2 days")
    assert_type(rc.Policy(id="p", version="1", effective_from=date(2026, 1, 1), cadence=[rule]), rc.Policy)
    assert_type(rc.load_policy("p.toml"), rc.Policy)


def stores(book: rc.Book) -> list[Store]:
    """Both are stores by structure: a signature that differs from the protocol is an error here."""
    assert_type(SqliteStore.create("book.db", book), SqliteStore)
    return [MemoryStore(), SqliteStore.open("book.db")]
