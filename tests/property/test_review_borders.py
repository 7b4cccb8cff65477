"""Who stands at a border of a threshold scheme, against every single value tried one by one (SEG-11)."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.codec import loads_policy
from relcare.errors import InvalidValueError
from relcare.model import Book, Client, Reason, ReviewRow
from relcare.review import preview, propose
from relcare.soundness import justify

DAY: Final = date(2026, 3, 10)
RULES: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2025-01-01

[facts.points]
type = "integer"
min = 0
max = 12
from = "client.points"

[facts.hours]
type = "number"
grain = "0.5"
from = "client.hours"
may_be_missing = true

[facts.warmth]
type = "level"
values = ["cold", "warm", "hot"]
from = "client.warmth"

[facts.friend]
type = "flag"
from = "client.friend"

[[segmentation]]
id = "abc"
kind = "threshold"
scope = "points >= 1"
tiers = [
  { id = "A", when = "points >= 8 and (warmth >= 'warm' or hours > 2)" },
  { id = "B", when = "points == 5 or hours < 1 or friend == True" },
]
otherwise = "C"
"""
POLICY: Final = loads_policy(RULES)
LEVELS: Final = ("cold", "warm", "hot")


@attrs.frozen(kw_only=True)
class Facts:
    points: int
    hours: Decimal | None
    warmth: str
    friend: bool

    def client(self) -> Client:
        return Client(id="c", name="x", attributes={k: v for k, v in attrs.asdict(self).items() if v is not None})


facts = st.builds(
    Facts,
    points=st.integers(0, 12),
    hours=st.none() | st.integers(0, 7).map(lambda n: Decimal(n) / 2),
    warmth=st.sampled_from(LEVELS),
    friend=st.booleans(),
)


def row_of(one: Facts, **margins: Decimal | int | str) -> ReviewRow | None:
    return propose(POLICY, Book(clients=[one.client()]), as_of=DAY, margins=margins).find_row("c", "abc")


def marks(row: ReviewRow | None) -> dict[tuple[object, object], object]:
    reasons: tuple[Reason, ...] = () if row is None else row.reasons
    told = [reason.values for reason in reasons if reason.code == "segmentation.border"]
    return {(values["fact"], values["at"]): values["tier"] for values in told}


def ending(one: Facts) -> tuple[str, str | None]:
    """How it ends for a client, by the decision alone."""
    found = POLICY.decide(Book(clients=[one.client()]), as_of=DAY).tier("abc", "c")
    return found.reasons[0].code, found.tier


def changed(one: Facts, fact: str, steps: int) -> Facts | None:
    """The client with one fact so many steps away; None where there is no such value."""
    if fact == "points":
        value = one.points + steps
        return attrs.evolve(one, points=value) if 0 <= value <= 12 else None
    if fact == "hours":
        return None if one.hours is None else attrs.evolve(one, hours=one.hours + Decimal(steps) / 2)
    place = LEVELS.index(one.warmth) + steps
    return attrs.evolve(one, warmth=LEVELS[place]) if 0 <= place < 3 else None


OPEN: Final = {"segmentation.missing", "segmentation.kept", "segmentation.newcomer", "segmentation.scope_unknown"}


class TestSeg11:
    """SEG-11 Who moves, why, border cases: one fact with an order, a smallest step away, would give another tier."""

    @given(facts, st.integers(1, 4))
    @example(Facts(points=1, hours=None, warmth="cold", friend=False), 1)
    def test_a_border_case_is_whoever_one_step_takes_elsewhere(self, one: Facts, reach: int) -> None:
        code, tier = ending(one)
        found = row_of(one, points=reach, hours=Decimal(reach) / 2, warmth=reach)
        expected: set[str] = set()
        for fact in ("points", "hours", "warmth"):
            for steps in (*range(-reach, 0), *range(1, reach + 1)):
                other = changed(one, fact, steps)
                there = None if other is None else ending(other)
                if there is not None and there[0] not in OPEN and (there[1], "scope" in there[0]) != (tier, "scope" in code):
                    expected.add(fact)
        told = {str(fact) for fact, _ in marks(found)}
        assert told == (set() if code in OPEN or found is None else expected)
        assert found is None or found.is_border is bool(told)

    @given(facts)
    def test_what_is_told_is_what_the_decision_says(self, one: Facts) -> None:
        for (fact, value), tier in marks(row_of(one, points=12, hours="4", warmth=2)).items():
            change: dict[str, Any] = {str(fact): int(str(value)) if fact == "points" else value}
            assert ending(attrs.evolve(one, **change))[1] == tier

    @given(facts)
    def test_it_is_the_lever_that_explanations_name(self, one: Facts) -> None:
        """The nearest change of a fact that betters or ends an outcome is among those told, where it is within reach."""
        result = POLICY.decide(Book(clients=[one.client()]), as_of=DAY)
        if result.tier("abc", "c").reasons[0].code in OPEN or not result.tier("abc", "c").is_in_scope:
            return
        found = marks(row_of(one, points=12, hours="4", warmth=2))
        explained = justify(POLICY, result, client_id="c").tier("abc")
        for fact in ("points", "hours", "warmth"):
            lever = explained.lever(fact)
            for change in (lever.up, lever.fall):
                if change is not None and change.is_rise is not None and change.state == "decided":
                    assert found[fact, change.becomes] == change.outcome


def test_facts_that_make_no_difference_are_not_told() -> None:
    row = row_of(Facts(points=7, hours=Decimal(3), warmth="cold", friend=False))
    assert marks(row) == {("points", Decimal(8)): "A"}


def test_a_preview_lists_them_whether_they_move_or_not() -> None:
    book = Book(clients=[Facts(points=7, hours=Decimal(3), warmth="cold", friend=False).client()])
    review = propose(POLICY, book, as_of=DAY)
    assert [row.client_id for row in preview(POLICY, book, review).border_cases] == ["c"]


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        ({"point": 1}, "did you mean 'points'"),
        ({"friend": 1}, "must be about a fact with an order"),
        ({"hours": "0.3"}, "grain"),
        ({"points": 0}, "must be a positive multiple"),
    ],
)
def test_a_margin_is_about_a_fact_with_an_order(margins: dict[str, int | str], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        propose(POLICY, Book(), as_of=DAY, margins=margins)


GRADED: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2025-01-01

[facts.points]
type = "integer"
min = 0
from = "client.points"
polarity = "more"

[[grade]]
id = "worth"
fact = "points"
parts = 2

[[segmentation]]
id = "abc"
kind = "threshold"
tiers = [{ id = "A", when = "grade.worth == 2" }]
otherwise = "B"
"""


@pytest.mark.parametrize(("margins", "expected"), [({}, []), ({"grade.worth": 1}, ["c-1", "c-2"])])
def test_a_step_of_a_grade_is_near_only_where_a_margin_says_so(margins: dict[str, int], expected: list[str]) -> None:
    policy = loads_policy(GRADED)
    book = Book(clients=[Client(id=f"c-{points}", name="x", attributes={"points": points}) for points in (1, 2)])
    review = propose(policy, book, as_of=DAY, margins=margins)
    assert sorted(row.client_id for row in review.rows if row.is_border) == expected
