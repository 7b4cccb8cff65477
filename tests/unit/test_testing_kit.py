"""The kit for those who test policies: strategies by type and for one policy, clocks, and laws that can fail."""

import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

import relcare as rc
import relcare.testing
from relcare.calendars import Weekdays
from relcare.decisions import BookResult, FactsResult, Policy
from relcare.errors import InvalidValueError
from relcare.model import Book, Client, FactValue, Obligation, Obligations, Purchase
from relcare.policy import Criterion
from relcare.segmentation import Assignment, SchemeResult
from relcare.testing import (
    NASTY_DAYS,
    NASTY_IDS,
    NASTY_NAMES,
    FixedClock,
    SteppingClock,
    books_for,
    clients_for,
    days_in_force,
    laws,
)
from relcare.testing._borders import Borders
from relcare.testing._hypothesis_hook import NAMES_BY_MODULE
from relcare.testing._values import VALUES
from relcare.testing.laws import ALL_LAWS, Law, LawBrokenError

ROOT = Path(__file__).parents[2]
# Without shrinking: what fails here is a pool that has gone dull, and a smaller example would say no more.
few = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)

DECIDED = "an answer: decisions give it, and nobody makes one"
MACHINERY = "made ready from other values by a function of its room"
PROVED = "an answer of the prover"
NOTICED = "says what is wrong with a document or a book"
SHOWN = "laid out for reading"
SHIPPED = "comes with the package"
STORED = "kept in stores: `store_records` and `store_entries` draw what stores hold"
NOT_DRAWN: Mapping[str, Mapping[str, str]] = {
    "access": {
        **dict.fromkeys(
            ("AccessDecision", "ChainFault", "ChainReport", "ChangeState", "DuplicateAnswer", "GrantState", "RetentionDecision"),
            DECIDED,
        ),
        **dict.fromkeys(("RetentionLaw", "RetentionRow"), SHIPPED),
        "RuleDecider": "the rules of a policy, asked: a service and no value",
    },
    "cadence": dict.fromkeys(
        (
            "Asked",
            "Cadence",
            "ContactFinder",
            "Contacts",
            "Due",
            "DueContext",
            "Grid",
            "Later",
            "Owed",
            "PatternDue",
            "Stretch",
            "TierChange",
        ),
        MACHINERY,
    ),
    "calendars": {"Festival": SHIPPED},
    "cells": dict.fromkeys(("Axis", "Region", "Space"), MACHINERY),
    "codec": {
        **dict.fromkeys(
            (
                "AccessCase",
                "BookSettings",
                "ClientOwners",
                "ClientPins",
                "ClientTiers",
                "RecordChange",
                "StaffAbsences",
                "TextPiece",
            ),
            STORED,
        ),
        "Place": NOTICED,
        "PolicyDocument": "a policy with the text it was read from: `loads_policy_document` makes it",
    },
    "custody": {
        **dict.fromkeys(("Holding", "Neglect"), DECIDED),
        **dict.fromkeys(("Custody", "CustodyCase", "Holders", "Ownership", "Stretch", "Turnout"), MACHINERY),
    },
    "frames": {
        **dict.fromkeys(("ComparedFrames", "DecidedFrames", "DecidedRow", "DecidedSql", "GroupBorders"), DECIDED),
        **dict.fromkeys(("OwedChange", "RoleChange", "SettledRow", "Transition"), DECIDED),
        "SqlTables": "tables of a database, with what answers for it",
        "Frames": "tables of an engine: `frames_of` makes them of a drawn book",
    },
    "decisions": {
        **dict.fromkeys(
            ("BookResult", "CheckReport", "ClientResult", "ExampleFailure", "FactsResult", "RollEntry", "VipRoll"), DECIDED
        ),
        **dict.fromkeys(("ClientHealth", "IndicatorReading", "Portfolio", "SituationReading", "TypeHealth"), DECIDED),
        **dict.fromkeys(("PolicyParts", "ProgrammeView", "Vocabularies"), MACHINERY),
    },
    "desk": {
        "Desk": "store, policy and clock together: a service and no value",
        **dict.fromkeys(("GuardedDesk", "Visit"), "as the desk, behind the rules of access"),
        **dict.fromkeys(("ClientFile", "ClientFiles", "Export"), "an answer of a guarded desk"),
        "Caller": "a principal, drawn by itself, with words of the request",
    },
    "facts": dict.fromkeys(("ClientHistory", "FactSource", "Series"), MACHINERY),
    "formats": {"CalendarEvent": "what `write_icalendar` makes of an appointment, read back"},
    "grades": dict.fromkeys(("GradePart", "GradePlace", "GradeResult", "GradeTie"), DECIDED),
    "model": {
        **dict.fromkeys(("Anniversary", "Obligation", "Reason", "Undecided", "Verdict"), DECIDED),
        "Notice": NOTICED,
    },
    "permission": {
        **dict.fromkeys(("ActiveRule", "ClientPermission", "Piece"), MACHINERY),
        **dict.fromkeys(("LawRow", "LegalPreset"), SHIPPED),
        "PermissionDecision": DECIDED,
    },
    "policy": dict.fromkeys(("CriterionProblem", "LiteralProblem", "OutOfBounds", "RuleProblem"), NOTICED),
    "ranking": dict.fromkeys(("Border", "Ranking"), DECIDED),
    "relationships": dict.fromkeys(("MergedStrategy", "Referred"), DECIDED),
    "segmentation": {
        **dict.fromkeys(("Assignment", "BorderTie", "LiveChange", "SchemeResult", "Settlement"), DECIDED),
        "Scorer": MACHINERY,
    },
    "segments": dict.fromkeys(
        ("CommonTrait", "InCommon", "Invitation", "Invitations", "SegmentCell", "SegmentMembership", "SegmentResult"), DECIDED
    ),
    "review": dict.fromkeys(
        ("Movement", "Preview", "SimulatedMove", "SimulatedReview", "Simulation", "TierHistory", "VipChange"), DECIDED
    ),
    "storage": {
        **dict.fromkeys(("LogEntry", "Record", "StoredEntry", "Versioned"), STORED),
        **dict.fromkeys(("Backup", "Health", "HealthCheck"), "what was done or found: backups and checks give it"),
        "BackupPolicy": "two whole numbers",
        **dict.fromkeys(("Erasure", "ErasureReport"), "what was done: erasing gives it"),
    },
    "testing": dict.fromkeys(("CaseFailure", "CaseReport", "ConformanceCase", "ConformanceTest"), SHIPPED),
    "vip": {
        **dict.fromkeys(("MembershipSpell", "MembershipState", "PathDecision", "VipDecision"), DECIDED),
        "Qualifier": MACHINERY,
    },
    "wording": {"Catalogue": "the words of a language: written, and not drawn"},
}
NOT_DRAWN_AT_ALL = {"planning": DECIDED, "report": SHOWN, "soundness": PROVED, "cli": SHOWN, "demo": SHOWN}


def public_values() -> list[tuple[str, type]]:
    """Every public attrs class with its room."""
    rooms = sorted(path.parent.name for path in (ROOT / "src" / "relcare").glob("*/__init__.py"))
    found: list[tuple[str, type]] = []
    for room in rooms:
        if room not in NOT_DRAWN_AT_ALL:
            module = import_module(f"relcare.{room}")
            values = [getattr(module, name) for name in module.__all__]
            found.extend((room, value) for value in values if isinstance(value, type) and attrs.has(value))
    return found


class TestFromType:
    def test_the_installed_package_has_the_entry_point(self) -> None:
        (point,) = distribution("relcare").entry_points.select(group="hypothesis")
        assert (point.name, point.load().__module__) == ("relcare", "relcare.testing._hypothesis_hook")

    def test_every_public_value_is_drawn_or_is_listed_with_the_reason(self) -> None:
        unknown = [
            f"{room}.{value.__name__}"
            for room, value in public_values()
            if value not in VALUES and value.__name__ not in NOT_DRAWN.get(room, {})
        ]
        assert unknown == [], "register them in a `_*_values` module and _hypothesis_hook, or list them in NOT_DRAWN"

    def test_nothing_that_is_drawn_is_listed_as_not_drawn(self) -> None:
        assert [
            f"{room}.{v.__name__}" for room, v in public_values() if v in VALUES and v.__name__ in NOT_DRAWN.get(room, {})
        ] == []

    def test_hypothesis_is_told_of_exactly_the_values_that_can_be_drawn(self) -> None:
        told = {getattr(import_module(f"relcare.{home}"), name) for home, names in NAMES_BY_MODULE.items() for name in names}
        assert told == set(VALUES)

    @pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
    def test_values_of_the_type_are_drawn(self, kind: type) -> None:
        @settings(few, max_examples=8)
        @given(st.from_type(kind))
        def drawn(value: object) -> None:
            assert type(value) is kind

        drawn()

    def test_nasty_constants_are_in_the_pools(self) -> None:
        seen = Counter[str]()

        @settings(few, max_examples=100)
        @given(st.from_type(rc.Client), st.from_type(rc.Purchase))
        def gather(client: Client, purchase: Purchase) -> None:
            seen.update(
                {"id": client.id in NASTY_IDS, "name": client.name in NASTY_NAMES, "on": purchase.purchased_on in NASTY_DAYS}
            )

        gather()
        assert min(seen["id"], seen["name"], seen["on"]) >= 5

    def test_values_of_a_host_that_hold_ours_are_built(self) -> None:
        @attrs.frozen
        class Letter:
            to: rc.Client
            when: Criterion

        @settings(few, max_examples=5)
        @given(st.builds(Letter))
        def drawn(letter: Letter) -> None:
            assert letter.to.id
            assert str(letter.when)

        drawn()

    def test_importing_hypothesis_makes_no_strategy(self) -> None:
        code = (
            "import sys, hypothesis; print(sorted(m for m in sys.modules if 'relcare.testing' in m or m in {'pytest', 'cattrs'}))"
        )
        found = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "['relcare.testing', 'relcare.testing._clocks', 'relcare.testing._hypothesis_hook']"


def test_every_name_of_the_package_can_be_loaded() -> None:
    assert set(relcare.testing.__all__) <= set(dir(relcare.testing))
    assert all(getattr(relcare.testing, name) is not None for name in relcare.testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'cleints'"):
        relcare.testing.cleints  # noqa: B018


GAP = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
effective_until = 2027-01-01
[facts.revenue]
type = "money"
min = "0"
max = "1000000"
may_be_missing = false
[facts.orders]
type = "integer"
min = "0"
may_be_missing = true
[[segmentation]]
id = "size"
kind = "threshold"
tiers = [
  { id = "A", when = "revenue >= 100_000" },
  { id = "B", when = "revenue < 99_999.99 and revenue >= 1_000" },
  { id = "C", when = "revenue < 1_000" },
]
"""


class TestClientsFor:
    def test_they_find_a_gap_of_one_cent_that_ordinary_numbers_do_not(self) -> None:
        policy = rc.loads_policy(GAP)

        def is_in_the_gap(facts: Mapping[str, object]) -> bool:
            (size,) = policy.decide_facts(facts, as_of=date(2026, 3, 31)).assignments
            return size.tier is None

        two_hundred = settings(few, max_examples=200)
        assert find(clients_for(policy), is_in_the_gap, settings=two_hundred)["revenue"] == Decimal("99999.99")
        naive = st.fixed_dictionaries({"revenue": st.decimals(0, 1_000_000, places=2)})
        with pytest.raises(NoSuchExample):
            find(naive, is_in_the_gap, settings=two_hundred)

    def test_both_sides_of_every_threshold_and_bound_are_drawn_and_nothing_beyond(self) -> None:
        policy = rc.loads_policy(GAP)
        wanted = ("0", "0.01", "999.99", "1000", "1000.01", "99999.98", "99999.99", "100000", "100000.01", "999999.99", "1000000")
        edges = {Decimal(edge) / 100 for edge in Borders.of(policy).edges("revenue")}
        assert {Decimal(border) for border in wanted} <= edges
        seen = {value for value in self.drawn(policy, "revenue") if isinstance(value, Decimal)}
        assert len(seen & edges) > len(edges) / 2
        assert len(seen - edges) > 10, "ordinary values too"
        assert all(0 <= value <= 1_000_000 for value in seen)

    def test_facts_are_missing_where_they_may_be(self) -> None:
        policy = rc.loads_policy(GAP)
        assert None in self.drawn(policy, "orders")
        assert None not in self.drawn(policy, "revenue")

    def test_the_bands_of_a_score_are_thresholds(self) -> None:
        scored = GAP.partition("[[segmentation]]")[0] + (
            '[[segmentation]]\nid = "abc"\nkind = "quota"\n'
            'score = [ { fact = "orders", bands = [ { from = 7, points = 1 } ] } ]\ntiers = [ { id = "A", share = "100%" } ]\n'
        )
        assert {6, 7, 8} <= self.drawn(rc.loads_policy(scored), "orders")

    def test_a_computed_fact_is_brought_to_its_thresholds_through_what_it_is_computed_from(self) -> None:
        computed = GAP.partition("[[segmentation]]")[0] + (
            '[facts.cost]\ntype = "money"\nmin = "1"\nmax = "1000"\n'
            '[facts.rate]\ntype = "number"\ngrain = "0.0001"\nround = "half up"\nratio = ["revenue", "cost"]\n'
            '[[segmentation]]\nid = "profit"\nkind = "threshold"\ntiers = [ { id = "A", when = "rate >= 1.2345" } ]\n'
        )
        policy = rc.loads_policy(computed)

        def has_rate(wanted: Decimal, facts: Mapping[str, object]) -> bool:
            return policy.decide_facts(facts, as_of=date(2026, 3, 31)).facts["rate"] == wanted

        for wanted in (Decimal("1.2345"), Decimal("1.2344")):
            facts = find(clients_for(policy), partial(has_rate, wanted), settings=settings(few, max_examples=400))
            assert "rate" not in facts

    def test_days_in_force_have_the_first_and_the_last_and_none_outside(self) -> None:
        seen: set[date] = set()

        @settings(few, max_examples=60)
        @given(days_in_force(rc.loads_policy(GAP)))
        def gather(day: date) -> None:
            seen.add(day)

        gather()
        assert (min(seen), max(seen)) == (date(2026, 1, 1), date(2026, 12, 31))

    @staticmethod
    def drawn(policy: Policy, fact: str) -> set[FactValue]:
        seen: set[FactValue] = set()

        @settings(few, max_examples=250)
        @given(clients_for(policy))
        def gather(facts: Mapping[str, FactValue]) -> None:
            policy.decide_facts(facts, as_of=date(2026, 3, 31))
            seen.add(facts[fact])

        gather()
        return seen


class TestBooksFor:
    def test_books_of_a_preset_reach_its_answers(self) -> None:
        policy = rc.preset("consulting")
        seen = Counter[str]()

        @settings(few, max_examples=150)
        @given(books_for(policy), days_in_force(policy))
        def gather(book: Book, as_of: date) -> None:
            result = policy.decide(book, as_of=as_of, calendar=Weekdays())
            for programme_id in result.programme_ids:
                seen.update(decision.qualification for decision in result.vip_decisions(programme_id))
            seen.update(one.tier or "held" for scheme in result.schemes.values() for one in scheme.assignments)
            seen.update(one.state for one in result.obligations)
            seen.update(["nobody"] if not book.clients else [])

        gather()
        assert {"yes", "no", "unknown", "A", "B", "C", "upcoming", "overdue", "nobody"} <= set(seen)

    def test_attributes_fit_the_facts_that_are_read_from_them(self) -> None:
        policy = rc.loads_policy(
            'format = 1\n[policy]\nid = "house"\nversion = "1"\neffective_from = 2026-01-01\n'
            '[facts.chance]\ntype = "integer"\nmin = "0"\nmax = "9"\nmay_be_missing = true\nfrom = "client.likelihood"\n'
        )
        seen: set[FactValue] = set()

        @settings(few, max_examples=60)
        @given(books_for(policy), days_in_force(policy))
        def gather(book: Book, as_of: date) -> None:
            result = policy.decide(book, as_of=as_of)
            assert not result.notes, "nothing is out of bounds"
            seen.update(result.facts(client.id)["chance"] for client in book.clients)

        gather()
        assert {None, Decimal(0), Decimal(9)} <= seen


class TestSteppingClock:
    def test_it_moves_by_what_really_passes_and_stays_in_its_zone(self) -> None:
        clock = SteppingClock(datetime(2026, 3, 7, 12, tzinfo=ZoneInfo("America/New_York")))
        assert clock.advance(timedelta(days=1)).isoformat() == "2026-03-08T13:00:00-04:00"
        assert clock.now() == clock.at == datetime(2026, 3, 8, 17, tzinfo=UTC)
        assert clock.advance(timedelta()) == datetime(2026, 3, 8, 17, tzinfo=UTC)

    def test_a_day_is_24_hours_also_when_it_is_given_as_a_calendar_day(self) -> None:
        clock = SteppingClock(datetime(2026, 3, 7, 12, tzinfo=ZoneInfo("America/New_York")))
        assert clock.advance(pendulum.duration(days=1)).isoformat() == "2026-03-08T13:00:00-04:00"

    @pytest.mark.parametrize(
        ("by", "message"),
        [
            (timedelta(seconds=-1), "by is .* nothing or more; hint: a clock that goes back is a new clock"),
            (5, "by is 5"),
            (timedelta.max, "by is .* must not lead beyond the year 2199"),
            (timedelta(days=70_000), "at is .* must be from 1900-01-01 to 2199-12-31"),
        ],
        ids=["back", "number", "overflow", "too far"],
    )
    def test_it_refuses_other_steps_and_stays_where_it_is(self, by: Any, message: str) -> None:
        clock = SteppingClock(datetime(2026, 3, 7, 12, tzinfo=UTC))
        with pytest.raises(InvalidValueError, match=message):
            clock.advance(by)
        assert clock.now() == datetime(2026, 3, 7, 12, tzinfo=UTC)

    @pytest.mark.parametrize("kind", [FixedClock, SteppingClock])
    @pytest.mark.parametrize("at", [datetime(2026, 1, 1), date(2026, 1, 1)], ids=["naive", "a day"])
    def test_clocks_stand_at_aware_instants_only(self, kind: Any, at: Any) -> None:
        with pytest.raises(InvalidValueError, match="at is"):
            kind(at)


HOUSE = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
currency = "CNY"
[facts.revenue]
type = "money"
min = "0"
polarity = "more"
measure = { sum = "purchases.amount", window = "12 months" }
[facts.likelihood]
type = "level"
values = ["low", "high"]
polarity = "more"
may_be_missing = true
[facts.recency]
type = "integer"
polarity = "less"
measure = { days_since = "touchpoints", when_empty = "999" }
[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" } ]
[[segmentation]]
id = "size"
kind = "threshold"
tiers = [ { id = "large", when = "revenue >= 1_000 and likelihood >= 'high'" } ]
otherwise = "small"
[[cadence]]
id = "call"
channel = "call"
every = "1 month"
lead = "2 days"
grace = "3 days"
minimum = "1 week"
[[cadence]]
id = "visit"
channel = "visit"
every = "6 months"
[[cadence]]
id = "card"
channel = "card"
every = "6 months"
[[cadence]]
id = "letter"
channel = "letter"
every = "6 months"
priority = 5
[[relationship]]
type = "partner"
appeal = "fellow feeling"
intervals = { call = "2 weeks", visit = "2 months" }
[[relationship]]
type = "channel"
appeal = "profit"
intervals = { call = "1 day" }
[[vip]]
id = "vip"
paths = [ { id = "bought", when = "revenue >= 2_000" } ]
"""
AS_OF = date(2026, 3, 31)
BOOK = Book(
    clients=[
        Client(
            id=f"c-{n}",
            name=f"client {n}",
            relationship_types={"partner", "channel"} if n % 2 else {"partner"},
            attributes={"likelihood": "high"} if n < 4 else {},
        )
        for n in range(1, 6)
    ],
    purchases=[
        Purchase(id=f"p-{n}", client_id=f"c-{n}", purchased_on=date(2026, 2, n), amount=rc.Money(n * 800, "CNY"))
        for n in range(1, 6)
    ],
    touchpoints=[
        rc.Touchpoint(id=f"t-{day}", client_id="c-1", occurred_at=date(2026, 3, day), channel="call", outcome="reached")
        for day in (20, 2, 9)
    ],
)

Decide = Callable[..., BookResult]
Break = Callable[[pytest.MonkeyPatch], None]


def each_decision(change: Callable[[BookResult, Book], BookResult], *, only_after: int = 0) -> Break:
    """Changes what is decided about books, from some decision on."""
    original = Policy.decide
    count = 0

    def broken(self: Policy, book: Book, **given: Any) -> BookResult:
        nonlocal count
        count += 1
        result = original(self, book, **given)
        return result if count <= only_after else change(result, book)

    return lambda monkeypatch: monkeypatch.setattr(Policy, "decide", broken)


def assignments(change: Callable[[Assignment], Assignment], *, only_after: int = 0) -> Break:
    def changed(scheme: SchemeResult) -> SchemeResult:
        return scheme.explained_by(lambda client_id: change(scheme.assignment(client_id)))

    return each_decision(
        lambda result, _: attrs.evolve(result, schemes={name: changed(scheme) for name, scheme in result.schemes.items()}),
        only_after=only_after,
    )


def obligations(change: Callable[[list[Obligation]], list[Obligation]], *, only_after: int = 0) -> Break:
    return each_decision(
        lambda result, _: attrs.evolve(
            result, oblige=lambda: (Obligations(change(list(result.obligations)), is_sorted=True), result.undecided)
        ),
        only_after=only_after,
    )


def facts(change: Callable[[dict[str, object]], dict[str, object]]) -> Break:
    original = Policy.decide_facts

    def broken(self: Policy, given: Mapping[str, object], *, as_of: date) -> FactsResult:
        return original(self, change(dict(given)), as_of=as_of)

    return lambda monkeypatch: monkeypatch.setattr(Policy, "decide_facts", broken)


def tiers(change: Callable[[Mapping[str, object], str | None], str | None]) -> Break:
    """Changes the tiers that facts alone decide."""
    original = Policy.decide_facts

    def broken(self: Policy, given: Mapping[str, object], *, as_of: date) -> FactsResult:
        result = original(self, given, as_of=as_of)
        changed = [attrs.evolve(one, tier=change(given, one.tier)) for one in result.assignments]
        return attrs.evolve(result, assignments=tuple(changed))

    return lambda monkeypatch: monkeypatch.setattr(Policy, "decide_facts", broken)


def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book whose log is read only as far as it was known at first."""
    original = Policy.decide
    known = {touch.id for touch in BOOK.touchpoints}

    def broken(self: Policy, book: Book, **given: Any) -> BookResult:
        return original(self, attrs.evolve(book, touchpoints=[t for t in book.touchpoints if t.id in known]), **given)

    monkeypatch.setattr(Policy, "decide", broken)


def one_tier_less(result: BookResult, _: Book) -> BookResult:
    """The best tier of each scheme loses its clients, who are not held either."""

    def changed(scheme: SchemeResult) -> SchemeResult:
        best = scheme.tier_ids[0]
        return scheme.explained_by(
            lambda client_id: attrs.evolve(one, tier=None) if (one := scheme.assignment(client_id)).tier == best else one
        )

    return attrs.evolve(result, schemes={name: changed(scheme) for name, scheme in result.schemes.items()})


def never_a_vip(result: BookResult, _: Book) -> BookResult:
    return attrs.evolve(result, vip=lambda programme, client: attrs.evolve(result.vip(programme, client), qualification="no"))


def less_is_more(given: Mapping[str, object], tier: str | None) -> str | None:
    revenue = given.get("revenue")
    return tier if tier is None else "small" if isinstance(revenue, Decimal) and revenue >= 1_000 else "large"


BREAKS: Mapping[Law, Break] = {
    laws.segmentation_is_total: assignments(lambda one: attrs.evolve(one, is_held=True)),
    laws.tier_sizes_add_up: each_decision(one_tier_less),
    laws.quotas_cut_at_cumulative_shares: assignments(lambda one: attrs.evolve(one, tier="C") if one.rank == 2 else one),
    laws.ranks_follow_scores: assignments(lambda one: attrs.evolve(one, score=Decimal(9)) if one.rank == 1 else one),
    laws.segmentation_ignores_order: assignments(lambda one: attrs.evolve(one, border=Decimal(7)), only_after=1),
    laws.segmentation_is_monotone: tiers(less_is_more),
    laws.missing_data_never_demotes: assignments(lambda one: attrs.evolve(one, tier="small") if one.missing else one),
    laws.cadence_is_deterministic: obligations(lambda owed: owed[1:], only_after=1),
    laws.generating_twice_adds_nothing: obligations(
        lambda owed: [attrs.evolve(one, key=f"{one.key}!") for one in owed], only_after=1
    ),
    laws.due_days_are_in_order: obligations(lambda owed: [attrs.evolve(o, overdue_days=o.overdue_days + 1) for o in owed]),
    laws.the_latest_come_first: obligations(lambda owed: owed[::-1]),
    laws.a_contact_that_counts_keeps_the_rule: deaf,
    laws.cadence_ignores_the_order_of_the_log: obligations(
        lambda owed: [attrs.evolve(o, last_contact_on=date(2026, 1, 1)) for o in owed]
    ),
    laws.strategies_ignore_their_order: obligations(lambda owed: owed[1:], only_after=1),
    laws.intervals_are_the_shortest_above_the_minimum: obligations(
        lambda owed: [attrs.evolve(one, interval="1 day") for one in owed]
    ),
    laws.several_types_keep_all_they_say: each_decision(
        lambda result, _: attrs.evolve(
            result, strategy=lambda client: attrs.evolve(result.strategy(client), advice=(("partner", "made up"),))
        )
    ),
    laws.a_path_that_holds_decides: each_decision(never_a_vip),
    laws.vip_thresholds_are_inclusive: facts(
        lambda given: {**given, "revenue": given["revenue"] - Decimal("0.01")}  # type: ignore[operator]
    ),
    laws.vip_is_monotone: facts(
        lambda given: {**given, "revenue": Decimal(3_000) - given["revenue"]}  # type: ignore[operator]
    ),
}


class TestLaws:
    def test_the_groups_together_are_all_laws(self) -> None:
        groups = (*laws.SEGMENTATION_LAWS, *laws.CADENCE_LAWS, *laws.STRATEGY_LAWS, *laws.VIP_LAWS)
        assert groups == ALL_LAWS
        assert {law.__name__ for law in ALL_LAWS} == {name for name in laws.__all__ if name.islower()}

    def test_every_law_is_shown_to_be_breakable(self) -> None:
        assert set(BREAKS) == set(ALL_LAWS)

    @pytest.mark.parametrize("law", ALL_LAWS, ids=lambda law: law.__name__)
    def test_it_holds_for_a_policy_and_a_book(self, law: Law) -> None:
        law(rc.loads_policy(HOUSE), BOOK, as_of=AS_OF)

    @pytest.mark.parametrize("law", ALL_LAWS, ids=lambda law: law.__name__)
    def test_it_holds_for_the_empty_book(self, law: Law) -> None:
        law(rc.loads_policy(HOUSE), Book(), as_of=AS_OF, calendar=Weekdays())

    @pytest.mark.parametrize("law", ALL_LAWS, ids=lambda law: law.__name__)
    def test_it_names_itself_its_rule_and_a_counterexample_when_it_is_broken(
        self, law: Law, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        policy = rc.loads_policy(HOUSE)
        BREAKS[law](monkeypatch)
        with pytest.raises(LawBrokenError) as caught:
            law(policy, BOOK, as_of=AS_OF)
        broken = caught.value
        assert str(broken) == f"{broken.rule}: {broken.law}: broken by {broken.counterexample}"
        assert f"Source: {broken.rule}" in (law.__doc__ or "").replace("\n    ", " ") or broken.rule in (law.__doc__ or "")
        assert isinstance(broken, AssertionError)
        assert str(pickle.loads(pickle.dumps(broken))) == str(broken)

    def test_less_may_be_better(self) -> None:
        policy = rc.loads_policy(HOUSE.replace("revenue >= 1_000 and likelihood >= 'high'", "recency <= 30"))
        laws.segmentation_is_monotone(policy, BOOK, as_of=AS_OF)

    @pytest.mark.parametrize(
        ("law", "when", "code"),
        [
            (laws.segmentation_is_monotone, "revenue < 1_000", "monotone"),
            (laws.segmentation_is_monotone, "recency > 30", "monotone"),
            (laws.missing_data_never_demotes, "not missing(likelihood)", "demotes"),
        ],
        ids=["more is better", "less is better", "missing"],
    )
    def test_a_policy_can_break_a_law_by_itself_and_then_the_prover_says_so_too(self, law: Law, when: str, code: str) -> None:
        policy = rc.loads_policy(HOUSE.replace("revenue >= 1_000 and likelihood >= 'high'", when))
        with pytest.raises(LawBrokenError, match="it is 'small'"):
            law(policy, BOOK, as_of=AS_OF)
        assert code in {finding.code for finding in rc.prove(policy).refuted}
