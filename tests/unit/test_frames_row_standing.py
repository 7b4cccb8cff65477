"""Grades and what holds clients in their tiers, in the words of a row: of either engine, as objects tell them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from relcare.codec import loads_policy
from relcare.errors import InvalidValueError
from relcare.model import Book, Client, Pin, TierSpell
from relcare.segmentation import settle
from relcare.wording import explain

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
SINCE: Final = date(2026, 1, 10)
HOUSE: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.points]
type = "number"
grain = "0.5"
may_be_missing = true
[[grade]]
id = "force"
fact = "points"
parts = 2
better = "more"
scope = "client.region != 'nowhere'"
[[segmentation]]
id = "rank"
kind = "threshold"
steady = { minimum_stay = "6 months" }
tiers = [{ id = "A", when = "points >= 5", stays = "points >= 4" }, { id = "B", when = "points >= 2" }]
[[segmentation]]
id = "step"
kind = "threshold"
steady = { one_step = true, holds_back = "falls" }
tiers = [{ id = "A", when = "points >= 5" }, { id = "B", when = "points >= 4" }, { id = "C", when = "points >= 2" }]
[[segmentation]]
id = "slow"
kind = "threshold"
steady = { confirm = 2 }
tiers = [{ id = "A", when = "points >= 5" }, { id = "B", when = "points >= 2" }]
"""
POLICY: Final = loads_policy(HOUSE)
CLIENTS: Final = {
    "a": ("6", "east"),
    "b": ("4.5", "east"),
    "c": ("2", "west"),
    "d": (None, "west"),
    "e": ("1", "nowhere"),
    "f": ("3", None),
}
BOOK: Final = Book(
    zone="UTC",
    clients=[
        Client(id=one, name=one, region=region, attributes={} if points is None else {"points": Decimal(points)})
        for one, (points, region) in CLIENTS.items()
    ],
    tier_spells=[
        TierSpell(client_id=one, scheme_id=scheme, tier="A", start_on=SINCE)
        for one in "bcdef"
        for scheme in ("rank", "step", "slow")
    ],
    pins=[Pin(client_id="f", scheme_id="slow", tier="B", kind="exact", by="kim", reason="a promise", start_on=DAY)],
)
RESULT: Final = POLICY.decide(BOOK, as_of=DAY)
RANK: Final = "is in tier B of scheme rank: tier B of scheme rank because points >= 2 holds (points is"
WORDS: Final = {
    "b": (
        "b has 2 of 2 in force: force (client.region is east, points is 4.5) makes it 2 of 2, which ends at 4.5",
        (
            f"b {RANK} 4.5), the highest tier whose criterion does; "
            "a tier of scheme rank is left later than entered: A instead of B"
        ),
    ),
    "c": (
        "c has 1 of 2 in force: force (client.region is west, points is 2.0) makes it 1 of 2, which ends at 2.0",
        (
            f"c {RANK} 2.0), the highest tier whose criterion does; "
            "tier A of scheme rank is kept for 6 months at least, instead of B"
        ),
    ),
    "e": (
        (
            "e has no grade in force: outside the scope of grade force, which is client.region != 'nowhere' "
            "(client.region is nowhere, points is 1.0)"
        ),
        (
            "e is held without a tier in scheme rank: no criterion of scheme rank holds, and it names no other tier "
            "(points is 1.0); scheme rank names no tier for it, so tier A stays"
        ),
    ),
}


def in_polars(given: Any) -> dict[str, dict[str, Any]]:
    found = frames.decide(POLICY, given, as_of=DAY)
    return {row["client_id"]: row for row in found.clients.collect().to_dicts()}


def in_duckdb(given: Any) -> dict[str, dict[str, Any]]:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect(config={"threads": 1})
    tables = {name: getattr(given, name).lazy().collect() for name in ("clients", "tiers", "pins")}
    for name, table in tables.items():
        connection.from_arrow(table.to_arrow()).create(name)
    same = frames.Frames(zone=given.zone, is_checked=True, **{name: connection.table(name) for name in tables})
    relation = frames.decide(POLICY, same, as_of=DAY).clients
    return {row[0]: dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()}


@pytest.fixture(scope="module")
def plain() -> Mapping[str, dict[str, Any]]:
    return in_polars(frames.frames_of(BOOK))


@pytest.fixture(scope="module", params=[in_polars, in_duckdb], ids=["polars", "duckdb"])
def rows(request: pytest.FixtureRequest) -> Mapping[str, dict[str, Any]]:
    found: Mapping[str, dict[str, Any]] = request.param(frames.frames_of(BOOK))
    return found


def test_a_row_says_why_it_has_its_grade_and_why_its_tier_stays(rows: Mapping[str, dict[str, Any]]) -> None:
    for client_id, words in WORDS.items():
        told = frames.explain_row(POLICY, rows[client_id], as_of=DAY)
        assert told[:2] == words
        assert len(told) == 4
    slow, step = (frames.explain_row(POLICY, rows["c"], as_of=DAY)[at] for at in (3, 2))
    assert slow.endswith("; tier B of scheme slow is asked for in 1 review in a row of 2, so tier A stays")
    assert step.endswith("; one step at a time in scheme step: from A to B on the way to C")


def test_grades_are_those_of_objects_without_the_rank(rows: Mapping[str, dict[str, Any]]) -> None:
    reader = frames.RowReader(POLICY, as_of=DAY)
    for client_id, row in rows.items():
        (found,), wanted = reader.client(row).grades, RESULT.grade("force", client_id)
        assert found == attrs.evolve(wanted, rank=None, reasons=found.reasons)
        ranked = f"rank {wanted.rank} of 3 in "
        assert explain(found) == explain(wanted).replace(ranked, "")


def test_with_spells_and_pins_a_review_is_told_in_full(rows: Mapping[str, dict[str, Any]]) -> None:
    reader = frames.RowReader(POLICY, as_of=DAY)
    since = {spell.client_id: spell.start_on for spell in BOOK.tier_spells}
    seen = set[str]()
    for client_id, row in rows.items():
        for found in reader.client(row, pins=BOOK.pins, spells=BOOK.tier_spells).settled:
            (scheme,) = (one for one in POLICY.segmentation if one.id == found.scheme_id)
            wanted = settle(
                scheme,
                RESULT.schemes[scheme.id],
                client_id,
                tier_in_force="A" if client_id in since else None,
                since=since.get(client_id),
                pin=next((pin for pin in BOOK.pins if (pin.client_id, pin.scheme_id) == (client_id, scheme.id)), None),
                as_of=DAY,
            )
            assert (found.proposed, found.wanted, found.tier) == (wanted.proposed, wanted.wanted, wanted.tier)
            assert found.reasons == wanted.reasons
            seen |= {reason.code.partition(".")[2] for reason in found.reasons}
    assert seen == {"held_stays", "hysteresis", "minimum_stay", "unconfirmed", "one_step", "pinned"}
    (stay,) = reader.client(rows["c"], spells=BOOK.tier_spells).settled[0].reasons
    words = "tier A of scheme rank is kept for 6 months at least, since 2026-01-10 until before 2026-07-10, instead of B"
    assert explain(stay) == words


def test_a_spell_that_is_over_tells_nothing(plain: Mapping[str, dict[str, Any]]) -> None:
    row = plain["c"]
    over = [attrs.evolve(spell, end_on=DAY) for spell in BOOK.tier_spells]
    (stay,) = frames.RowReader(POLICY, as_of=DAY).client(row, spells=over).settled[0].reasons
    assert (stay.values["since"], stay.values["until"]) == (None, None)


@pytest.mark.parametrize(
    ("client_id", "changes", "name"),
    [
        ("b", {"grade.force": 3}, "row.grade.force"),
        ("b", {"grade.force": None}, "row.grade.force"),
        ("b", {"grade.force.code": "grade.missing"}, "row.grade.force"),
        ("b", {"grade.force.last": 10}, "row.grade.force"),
        ("d", {"grade.force": 1}, "row.grade.force"),
        ("c", {"scheme.rank.settled_codes": "segmentation.one_step"}, "row.scheme.rank.settled_codes"),
        ("c", {"scheme.step.settled_codes": "segmentation.minimum_stay"}, "row.scheme.step.settled_codes"),
        ("c", {"scheme.step.settled_codes": "segmentation.unconfirmed"}, "row.scheme.step.settled_codes"),
        ("c", {"scheme.step.settled_codes": "house.own"}, "row.scheme.step.settled_codes"),
    ],
)
def test_a_row_of_another_policy_is_refused(
    plain: Mapping[str, dict[str, Any]], client_id: str, changes: dict[str, Any], name: str
) -> None:
    row = {**plain[client_id], **changes}
    with pytest.raises(InvalidValueError, match="must be what the policy decides") as caught:
        frames.explain_row(POLICY, row, as_of=DAY)
    assert caught.value.name == name


def test_what_was_not_decided_need_not_be_there(plain: Mapping[str, dict[str, Any]]) -> None:
    row = plain["c"]
    bare = {name: value for name, value in row.items() if not name.startswith(("grade.", "scheme.step.", "scheme.slow."))}
    found = frames.RowReader(POLICY, as_of=DAY).client(bare)
    assert (found.grades, [one.scheme_id for one in found.settled]) == ((), ["rank"])
    with pytest.raises(InvalidValueError, match="tier"):
        frames.RowReader(POLICY, as_of=DAY).client({name: value for name, value in bare.items() if name != "tier.rank"})
