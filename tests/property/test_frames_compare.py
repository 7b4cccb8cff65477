"""What another policy does to a book in columns is what it does to the same book in objects."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, Final, Literal

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.frames_alike import CASES, PARTS, in_duckdb, rows_of, settled_by_objects
from tests.property.frames_policies import over_columns

from relcare.codec import loads_policy
from relcare.decisions import BookResult, Policy
from relcare.errors import BookDocumentError, InvalidValueError, UnsupportedPolicyError
from relcare.model import Book, Client, Money, Obligation, Pin, Purchase, TierSpell, Touchpoint
from relcare.segmentation import QuotaScheme, Scheme
from relcare.soundness import PopulationDifference, Standing, compare_on
from relcare.testing import books_for, days_in_force, policies

pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
PINS: Final[tuple[Literal["floor", "exact"], ...]] = ("floor", "exact", "floor")
HOUSE: Final = """
format = 1

[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
currency = "CNY"

[facts.revenue]
type = "money"
measure = { sum = "purchases.amount", window = "12 months", returns = "net" }

[facts.strength]
type = "integer"
may_be_missing = true

[[grade]]
id = "force"
fact = "strength"
parts = 3
better = "more"

[[segmentation]]
id = "abc"
kind = "quota"
score = "revenue"
steady = { hysteresis = "10%", minimum_stay = "4 months", holds_back = "falls" }
scope = "client.region != 'north'"
tiers = [{ id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" }]

[[segmentation]]
id = "grade"
kind = "threshold"
tiers = [{ id = "gold", when = "strength >= 5 and tier.abc == 'A'" }, { id = "silver", when = "strength >= 3" }]
missing = "newcomer"
newcomer = "silver"

[[vip]]
id = "club"
paths = [{ id = "big", when = "revenue >= 900" }, { id = "gold", when = "tier.grade == 'gold'" }]

[[segment]]
id = "warm"
when = "strength >= 4 or vip.club == 'yes'"

[[segment]]
id = "grid"
by = ["tier.abc", "client.region"]

[[cadence]]
id = "call-A"
channel = "call"
every = "2 weeks"
when = "tier.abc == 'A'"
minutes = 30

[[cadence]]
id = "call-rest"
channel = "call"
minutes = 20
every = "1 month"
when = "tier.abc != 'A'"

[[cadence]]
id = "day"
channel = "card"
every = "1 year"
mode = "grid"
anchor = "2026-04-01"
when = "vip.club == 'yes'"

[[cadence]]
id = "visits"
channel = "visit"
every = "1 quarter"
mode = "quota"
times = 2
when = "strength >= 3"
minutes = 90
role = "adviser"
"""
CHANGED: Final = (
    ('{ id = "A", share = "20%" }, { id = "B", share = "40%" }', '{ id = "A", share = "35%" }, { id = "B", share = "25%" }'),
    ('strength >= 3" }]', 'strength >= 2" }]\notherwise = "plain"'),
    ("revenue >= 900", "revenue >= 700"),
    ("strength >= 4 or", "strength >= 3 or"),
    ('by = ["tier.abc", "client.region"]', 'by = ["tier.grade", "client.region"]'),
    ('every = "1 month"', 'every = "3 weeks"'),
    ("times = 2", "times = 3"),
    ('id = "day"', 'id = "feast"'),
    ('newcomer = "silver"', 'newcomer = "gold"\nsteady = { one_step = true }'),
    ("parts = 3", "parts = 4"),
    ('hysteresis = "10%", minimum_stay = "4 months"', "one_step = true"),
    ("minutes = 30", "minutes = 45"),
    ("minutes = 20", "minutes = 25"),
    ('role = "adviser"', 'role = "expert"'),
)

LITTLE_HEAD: Final = """
format = 1
[policy]
id = "little"
version = "1"
effective_from = 2026-01-01
[facts.strength]
type = "integer"
may_be_missing = true
"""
LITTLE: Final = (
    LITTLE_HEAD
    + """
[[segmentation]]
id = "size"
kind = "threshold"
tiers = [{ id = "big", when = "strength >= 5" }, { id = "mid", when = "strength >= 3" }]
[[segment]]
id = "grid"
by = ["tier.size", "client.region"]
[[cadence]]
id = "call"
channel = "call"
every = "2 weeks"
when = "tier.size == 'big'"
minutes = 20
[[cadence]]
id = "visit"
channel = "visit"
every = "1 month"
minutes = 60
role = "adviser"
"""
)
LITTLE_OTHER: Final = LITTLE.replace("strength >= 5", "strength >= 4").replace("1 month", "3 weeks")

LITTLE_STEADY: Final = (
    LITTLE_HEAD
    + """
[[grade]]
id = "force"
fact = "strength"
parts = 10
better = "more"
[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [{ id = "A", when = "strength >= 5" }, { id = "B", when = "strength >= 3" }, { id = "C", when = "strength >= 2" }]
"""
)
LITTLE_STAYS: Final = LITTLE_STEADY.replace("parts = 10", "parts = 12").replace(
    '"strength >= 5"', '"strength >= 5", stays = "strength >= 3"'
)

LITTLE_SEGMENT: Final = (
    LITTLE_HEAD
    + """
[[segment]]
id = "warm"
when = "strength >= 4"
"""
)


def other_policy() -> Policy:
    text = HOUSE
    for before, after in CHANGED:
        assert before in text
        text = text.replace(before, after)
    return loads_policy(text)


def house_book(seed: int, count: int, *, has_tiers: bool) -> Book:
    """Clients with ties, gaps and all sorts of tiers before."""
    random = Random(seed)
    ids = [f"c-{n}" for n in range(count)]
    days = [DAY - timedelta(days=7 * n) for n in range(30)]
    return Book(
        zone="Asia/Seoul",
        clients=[
            Client(
                id=one,
                name=f"Client {one}",
                region=random.choice(["north", "south", "east"]),
                attributes={"strength": value} if (value := random.choice([None, 1, 2, 3, 4, 5, 6])) is not None else {},
            )
            for one in ids
        ],
        purchases=[
            Purchase(id=f"p-{n}", client_id=random.choice(ids), purchased_on=random.choice(days), amount=Money(amount, "CNY"))
            for n, amount in enumerate(random.choices([100, 300, 700, 900], k=2 * count))
        ],
        touchpoints=[
            Touchpoint(
                id=f"t-{n}",
                client_id=random.choice(ids),
                channel=random.choice(["call", "visit"]),
                occurred_at=random.choice(days),
                outcome="reached",
            )
            for n in range(2 * count)
        ],
        tier_spells=[
            TierSpell(client_id=one, scheme_id=scheme_id, tier=random.choice(tiers), start_on=date(2026, 1, 10))
            for scheme_id, tiers in (("abc", "ABC"), ("grade", ("gold", "silver", "other")))
            for one in ids
            if random.random() < 0.6
        ]
        if has_tiers
        else [],
        pins=[
            Pin(client_id=one, scheme_id="abc", tier="B", kind=kind, by="lee", reason="a promise", start_on=date(2026, 2, 1))
            for one, kind in zip(ids, PINS, strict=False)
        ]
        if has_tiers
        else [],
    )


# ------------------------------------------------------------------------------------------------------------ in one form


def of_objects(found: PopulationDifference, rolling: set[str], reviewed: set[tuple[object, ...]]) -> dict[str, Any]:
    moves: set[tuple[object, ...]] = {
        ("segmentation", one.scheme_id, one.client_id, *one.standings, one.before.reasons[0].code, one.after.reasons[0].code)
        for one in found.tier_moves
    }
    moves |= {
        ("vip", one.programme_id, one.client_id, one.before.qualification, one.after.qualification, *codes(one))
        for one in found.vip_moves
    }
    moves |= {
        ("segments", one.segment_id, one.client_id, one.before.answer, one.after.answer, *codes(one))
        for one in found.segment_moves
    }
    moves |= {
        ("grades", one.grade_id, one.client_id, one.before.grade, one.after.grade, *codes(one)) for one in found.grade_moves
    }
    return {
        "moves": moves | reviewed,
        "contacts": contacts(found, rolling),
        "moved": len(found.moved),
        "direction": found.direction,
    }


def reviewed_by_objects(old: Policy, new: Policy, book: Book, as_of: date) -> set[tuple[object, ...]]:
    """Who would be elsewhere after a review on the day, in the schemes that say who stays under either policy."""
    before, after = (policy.decide(book, as_of=as_of) for policy in (old, new))
    schemes = {scheme.id: scheme for scheme in old.segmentation}
    found: set[tuple[object, ...]] = set()
    for scheme in new.segmentation:
        if scheme.id in schemes and (is_steady(schemes[scheme.id]) or is_steady(scheme)):
            both = ((schemes[scheme.id], before), (scheme, after))
            for client_id in after.client_ids:
                sides = [reviewed_one(one, result, book, client_id) for one, result in both]
                for what in ("wanted", "settled"):
                    (was, why), (now, reason) = (side[what] for side in sides)
                    if was != now:
                        found.add((what, scheme.id, client_id, was, now, why, reason))
    return found


def reviewed_one(scheme: Scheme, result: BookResult, book: Book, client_id: str) -> dict[str, tuple[Standing, object]]:
    tier, said = result.tier(scheme.id, client_id), settled_by_objects(scheme, result, book, client_id)

    def there(name: object) -> Standing:
        return Standing("outside") if not tier.is_in_scope else Standing("held") if name is None else Standing("tier", str(name))

    code = tier.reasons[0].code
    return {
        "wanted": (there(said["wanted"]), code),
        "settled": (there(said["settled"]), said["settled_codes"] or code),
    }


def is_steady(scheme: Scheme) -> bool:
    return scheme.steady is not None or any(getattr(tier, "stays", None) is not None for tier in scheme.tiers)


def contacts(found: PopulationDifference, rolling: set[str]) -> set[tuple[object, ...]]:
    """What is owed otherwise; of a rolling rule a contact is told apart by the day of the last one, as in a row."""

    def who(one: Obligation) -> tuple[object, ...]:
        last = one.last_contact_on if one.rule_id in rolling else None
        return one.client_id, one.rule_id, one.person_id, None if last is not None else one.key.rpartition("/")[2], last

    days: dict[tuple[object, ...], list[date | None]] = {}
    for place, owed in ((0, found.lost), (1, found.gained)):
        for one in owed:
            days.setdefault(who(one), [None, None])[place] = one.due_on
    days |= {who(one): [before.due_on, one.due_on] for before, one in found.redated}
    return {(*key, before, after) for key, (before, after) in days.items() if before != after}


def codes(move: Any) -> tuple[str, str]:
    return move.before.reasons[0].code, move.after.reasons[0].code


def of_columns(found: Any) -> dict[str, Any]:
    moves = set[tuple[object, ...]]()
    for row in rows_of(found.moves):
        sides = (standing(row, "before"), standing(row, "after"))
        moves.add((row["room"], row["id"], row["client_id"], *sides, row["before_code"], row["after_code"]))
    owed = set[tuple[object, ...]]()
    for row in rows_of(found.contacts) if found.contacts is not None else ():
        before, after = row["before_on"], row["after_on"]
        assert row["change"] == ("gained" if before is None else "lost" if after is None else "redated")
        name = None if row["occurrence"] is None else str(row["occurrence"]).replace("%", "%25").replace("/", "%2F")
        owed.add((row["client_id"], row["rule_id"], row["person_id"], name, row["last_contact_on"], before, after))
    return {"moves": moves, "contacts": owed, "moved": found.moved(), "direction": found.direction()}


def standing(row: Mapping[str, Any], side: str) -> object:
    kind, told = row[f"{side}_kind"], row[side]
    if row["room"] == "grades":
        assert kind == ("ungraded" if told is None else "grade")
        return None if told is None else int(told)
    return Standing(kind, told) if row["room"] in {"segmentation", "wanted", "settled"} else kind


def check_same(old: Policy, new: Policy, book: Book, as_of: date, tables: Any, *, only: Collection[str] = PARTS) -> Any:
    """Compare both ways of comparing; what columns say."""
    wanted = compare_on(old, new, book, as_of=as_of)
    found = frames.compare(old, new, tables, as_of=as_of, only=only)
    rolling = {rule.id for policy in (old, new) for rule in policy.cadence if rule.mode == "rolling"}
    assert of_columns(found) == of_objects(wanted, rolling, reviewed_by_objects(old, new, book, as_of))
    assert found.clients == len(wanted.client_ids)
    for scheme in new.segmentation:
        counted = {
            (one.before, one.after): one.count for one in found.transitions() if (one.room, one.id) == ("segmentation", scheme.id)
        }
        assert counted == wanted.transitions(scheme.id)
    by_rule = Counter((row["rule_id"], row["change"]) for row in rows_of(found.contacts)) if found.contacts is not None else {}
    if found.contacts is not None:
        told = {(one.rule_id, what): getattr(one, what) for one in found.owed() for what in ("gained", "lost", "redated")}
        assert {key: count for key, count in told.items() if count} == by_rule
        check_work(found, wanted, contacts(wanted, rolling))
    return found


def check_work(found: Any, wanted: PopulationDifference, changed: set[tuple[Any, ...]]) -> None:
    """The workload of both policies, and how long what is gained and lost takes."""
    roles = found.workload()
    assert [one.role for one in roles] == sorted({*wanted.workload_before, *wanted.workload_after})
    assert {one.role: one.before for one in roles if one.before} == wanted.workload_before
    assert {one.role: one.after for one in roles if one.after} == wanted.workload_after
    assert found.undecided() == (wanted.undecided_before, wanted.undecided_after)
    owed = found.owed()
    for own, minutes, place in ((wanted.gained, "gained_minutes", -2), (wanted.lost, "lost_minutes", -1)):
        took = {one.rule_id: one.minutes or 0 for one in own}
        expected = Counter[str]()
        for one in changed:
            if one[place] is None:
                expected[one[1]] += took[one[1]]
        assert {one.rule_id: getattr(one, minutes) for one in owed if getattr(one, minutes)} == +expected


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Policy, Book, date]:
    """A policy, what somebody made of it, and a book."""
    old = over_columns(draw(policies(with_examples=False)))
    new = attrs.evolve(
        old,
        segmentation=[turned(scheme) for scheme in old.segmentation],
        cadence=[attrs.evolve(rule, when=None) for rule in old.cadence],
    )
    return old, new, draw(books_for(old, max_clients=6)), draw(days_in_force(old))


def turned(scheme: Scheme) -> Scheme:
    """The scheme with the shares of its best and its worst tier exchanged, or without its worst criterion."""
    if isinstance(scheme, QuotaScheme):
        shares = [tier.share for tier in scheme.tiers]
        pairs = zip(scheme.tiers, reversed(shares), strict=True)
        return attrs.evolve(scheme, tiers=[attrs.evolve(tier, share=share) for tier, share in pairs])
    if scheme.matrix is None and len(scheme.tiers) > 1 and scheme.otherwise is None and scheme.newcomer is None:
        return attrs.evolve(scheme, otherwise=scheme.tiers[-1].id, tiers=scheme.tiers[:-1])
    return scheme


class TestCompare:
    """TIM-1 Every answer depends only on its arguments. CRI-2: so that every engine agrees."""

    @settings(max_examples=max(3, CASES // 4), suppress_health_check=list(HealthCheck), deadline=None)
    @given(cases())
    def test_two_policies_differ_over_columns_as_over_objects(self, case: tuple[Policy, Policy, Book, date]) -> None:
        old, new, book, as_of = case
        try:
            check_same(old, new, book, as_of, frames.frames_of(book))
        except (InvalidValueError, BookDocumentError, UnsupportedPolicyError):
            return

    def test_every_kind_of_change_is_found_in_a_full_book(self) -> None:
        book = house_book(5, 60, has_tiers=True)
        found = check_same(loads_policy(HOUSE), other_policy(), book, DAY, frames.frames_of(book))
        rooms = {(one.room, one.id) for one in found.transitions()}
        schemes = {(room, one) for room in ("segmentation", "wanted", "settled") for one in ("abc", "grade")}
        assert rooms == {*schemes, ("grades", "force"), ("vip", "club"), ("segments", "warm"), ("segments", "grid")}
        assert {one.role for one in found.workload()} == {"account manager", "adviser", "expert"}
        assert all(sum(getattr(one, name) for one in found.owed()) for name in ("gained_minutes", "lost_minutes"))
        assert {one.rule_id for one in found.owed()} == {"call-A", "call-rest", "day", "feast", "visits"}

    def test_segments_have_no_better_and_worse(self) -> None:
        policy, other = loads_policy(LITTLE_SEGMENT), loads_policy(LITTLE_SEGMENT.replace("strength >= 4", "strength >= 3"))
        book = house_book(6, 30, has_tiers=False)
        found = check_same(policy, other, book, DAY, frames.frames_of(book))
        assert (found.direction(), found.moved(), [one.direction for one in found.transitions()]) == ("equal", 0, ["only raises"])

    def test_duckdb_finds_the_same(self) -> None:
        book = attrs.evolve(house_book(6, 30, has_tiers=False), purchases=())
        whole = frames.frames_of(book)
        few = frames.Frames(clients=whole.clients, touchpoints=whole.touchpoints, zone=whole.zone, is_checked=True)
        found = check_same(loads_policy(LITTLE), loads_policy(LITTLE_OTHER), book, DAY, in_duckdb(few))
        assert {one.room for one in found.transitions()} == {"segmentation", "segments"}
        assert len(found.owed()) == 2
        assert [one.role for one in found.workload()] == ["account manager", "adviser"]

    @pytest.mark.parametrize("engine", [None, in_duckdb], ids=["polars", "duckdb"])
    def test_grades_and_reviews_differ_alike_where_one_policy_alone_says_who_stays(self, engine: Any) -> None:
        book = attrs.evolve(house_book(7, 40, has_tiers=True), purchases=(), touchpoints=())
        whole = frames.frames_of(book)
        tables = frames.Frames(clients=whole.clients, tiers=whole.tiers, pins=whole.pins, zone=whole.zone, is_checked=True)
        tables = tables if engine is None else engine(tables)
        policies = loads_policy(LITTLE_STEADY), loads_policy(LITTLE_STAYS)
        found = check_same(*policies, book, DAY, tables, only=["grades", "segmentation"])
        told = Counter((one.room, one.direction) for one in found.transitions())
        assert told["settled", "only raises"] == 1
        assert told["wanted", "only raises"] == 1
        assert (found.moved(), found.direction()) == (0, "equal"), "who stays is beside who moves"
        assert found.moved_in("settled") > 0
        graded = [one.before for one in found.transitions() if one.room == "grades"]
        assert [int(one.tier or 0) for one in graded] == sorted(int(one.tier or 0) for one in graded), "in the order of numbers"
