"""SEG-5, relative: grades by a plain reading, and what must hold of them whatever the facts are."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import LiveTiers, Policy
from relcare.errors import InvalidValueError
from relcare.grades import Grade, GradeResult, grade_by_fact, is_gradable
from relcare.model import Book, Client, Money, Purchase
from relcare.policy import CLIENT_FACTS, Core, Fact, FactType, Vocabulary, evaluate
from relcare.ranking import TIE_RULES, TieRule
from relcare.segmentation import LiveScheme, QuotaScheme, QuotaTier, ScoreTerm, assign, scorer_of
from relcare.testing import grades, ids, rows

Rows: TypeAlias = dict[str, dict[str, Core]]

WORDS: Final = Vocabulary(
    {
        "orders": FactType(kind="integer", grain=Decimal(1), low=Decimal(0), high=Decimal(6), polarity="more"),
        "days": FactType(kind="integer", grain=Decimal(1), low=Decimal(0), polarity="less"),
        "revenue": FactType(kind="money", grain=Decimal("0.01"), polarity="neither"),
        "strength": FactType(kind="level", values=("small", "medium", "large"), polarity="more"),
        "since": FactType(kind="date"),
        "client.stage": CLIENT_FACTS["client.stage"],
    }
)
TOGETHER: Final[tuple[TieRule, ...]] = ("together upward", "together downward")
QUINTILES: Final = Grade(id="g", fact="orders", parts=5)


def books(max_clients: int = 12) -> st.SearchStrategy[Rows]:
    """Clients with few different values, so that many are equal."""
    pool = st.lists(rows(WORDS), min_size=4, max_size=4)
    places = st.dictionaries(ids(), st.integers(0, 3), max_size=max_clients)
    return st.builds(lambda some, at: {client_id: dict(some[place]) for client_id, place in at.items()}, pool, places)


def graded(grade: Grade, book: Rows) -> GradeResult:
    return grade_by_fact(grade, book, vocabulary=WORDS)


def sign_of(grade: Grade) -> int:
    return -1 if (grade.better or WORDS[grade.fact].polarity) == "less" else 1


def ranked(grade: Grade, book: Rows) -> dict[str, int]:
    """Who is ranked, with what is the higher the better."""
    found: dict[str, int] = {}
    for client_id, row in book.items():
        value = row[grade.fact]
        if isinstance(value, int) and (grade.scope is None or evaluate(grade.scope, row, WORDS)):
            found[client_id] = sign_of(grade) * value
    return found


def by_hand(grade: Grade, book: Rows) -> dict[str, int]:
    """The groups as SEG-2 and SEG-3 say, client by client, with nothing of the library's own ranking."""
    scores = ranked(grade, book)
    order = sorted(scores, key=lambda client_id: (-scores[client_id], client_id))
    ends = [int(Fraction(len(order) * k, grade.parts) + Fraction(1, 2)) for k in range(1, grade.parts + 1)]
    found: dict[str, int] = {}
    for place, client_id in enumerate(order, start=1):
        equals = [other for other, one in enumerate(order, start=1) if scores[one] == scores[client_id]]
        counts = {"by id": place, "together upward": equals[0], "together downward": equals[-1]}[grade.ties]
        found[client_id] = grade.parts - bisect_left(ends, counts)
    return found


class TestGrades:
    """SEG-5: A score is [...] a sum of points: [...] percentile points, recency / frequency / monetary bands."""

    @given(grade=grades(WORDS), book=books())
    def test_they_are_those_of_a_plain_reading(self, grade: Grade, book: Rows) -> None:
        assert dict(graded(grade, book).grades) == by_hand(grade, book)

    @given(parts=st.integers(2, 12), count=st.integers(0, 40))
    def test_sizes_are_those_of_seg_2(self, parts: int, count: int) -> None:
        book: Rows = {f"c-{n:02}": {"orders": n} for n in range(count)}
        result = graded(Grade(id="g", fact="orders", parts=parts), book)
        sizes = Counter(result.grades.values())
        so_far = 0
        for k in range(1, parts + 1):
            so_far += sizes[parts + 1 - k]
            assert so_far == int(Fraction(count * k, parts) + Fraction(1, 2))
        assert [(group.grade, group.count) for group in result.groups] == sorted(sizes.items(), reverse=True)

    @given(grade=grades(WORDS), book=books(), ties=st.sampled_from(TOGETHER))
    def test_equals_get_equal_grades_where_they_stay_together(self, grade: Grade, book: Rows, ties: TieRule) -> None:
        result = graded(attrs.evolve(grade, ties=ties), book)
        values = ranked(grade, book)
        assert len({(values[client_id], part) for client_id, part in result.grades.items()}) == len(set(values.values()))
        assert not any(tie.is_unequal for tie in result.ties)

    @given(grade=grades(WORDS), book=books())
    def test_who_has_more_of_what_is_better_never_has_less(self, grade: Grade, book: Rows) -> None:
        result, values = graded(grade, book), ranked(grade, book)
        pairs = [(values[client_id], part) for client_id, part in result.grades.items()]
        assert all(part <= other for value, part in pairs for above, other in pairs if value < above)

    @given(grade=grades(WORDS), book=books(), steps=st.integers(0, 3), data=st.data())
    def test_a_client_that_gets_better_alone_never_falls(self, grade: Grade, book: Rows, steps: int, data: st.DataObject) -> None:
        grade = attrs.evolve(grade, scope=None)
        before = graded(grade, book).grades
        if not before:
            return
        who = data.draw(st.sampled_from(sorted(before)))
        value = book[who][grade.fact]
        assert isinstance(value, int)
        better = value + sign_of(grade) * steps
        if WORDS[grade.fact].kind == "level":
            better = min(max(better, 0), len(WORDS[grade.fact].values) - 1)
        after = graded(grade, {**book, who: {**book[who], grade.fact: better}}).grades
        assert after[who] >= before[who]

    @given(grade=grades(WORDS), book=books(), place=st.integers(0, 12))
    def test_a_client_without_a_value_changes_nothing(self, grade: Grade, book: Rows, place: int) -> None:
        nobody: dict[str, Core] = dict.fromkeys(WORDS)
        members = [(client_id, row) for client_id, row in book.items() if client_id != "nobody"]
        more = dict([*members[:place], ("nobody", nobody), *members[place:]])
        result = graded(grade, more)
        assert dict(result.grades) == dict(graded(grade, dict(members)).grades)
        assert result.placement("nobody").grade is None

    @given(grade=grades(WORDS), book=books())
    def test_the_order_of_the_book_does_not_matter(self, grade: Grade, book: Rows) -> None:
        turned = dict(reversed(book.items()))
        assert dict(graded(grade, turned).grades) == dict(graded(grade, book).grades)
        assert graded(grade, turned).groups == graded(grade, book).groups

    @given(grade=grades(WORDS), book=books())
    def test_reasons_tell_rank_count_and_the_last_value_of_the_group(self, grade: Grade, book: Rows) -> None:
        result, values = graded(grade, book), ranked(grade, book)
        order = sorted(values, key=lambda client_id: (-values[client_id], client_id))
        for client_id, row in book.items():
            place = result.placement(client_id)
            assert place.grade == result.grades.get(client_id)
            assert is_gradable(grade, row, WORDS) is (place.grade is not None)
            if place.grade is None:
                assert place.reasons[0].code in {"grade.missing", "grade.out_of_scope", "grade.scope_unknown"}
                continue
            assert place.rank == order.index(client_id) + 1
            fellows = [values[other] for other, part in result.grades.items() if part == place.grade]
            assert place.last == WORDS[grade.fact].decode(sign_of(grade) * min(fellows))
            told = place.reasons[0]
            assert (told.values["part"], told.values["rank"], told.values["count"]) == (place.grade, place.rank, len(order))
            assert told.facts[grade.fact] == place.value
            is_parted = any(client_id in tie.client_ids for tie in result.ties)
            assert [reason.code for reason in place.reasons[1:]] == (["grade.tie"] if is_parted else [])

    @given(grade=grades(WORDS))
    def test_a_document_gives_the_equal_grade_back(self, grade: Grade) -> None:
        policy = Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, grades=[grade])
        assert loads_policy(dumps_policy(policy)) == policy


FACTS: Final = [
    Fact(id="orders", type="integer", min=0, max=6, polarity="more", may_be_missing=True),
    Fact(id="days", type="integer", min=0, polarity="less", may_be_missing=True, measure=None),
    Fact(id="revenue", type="money", may_be_missing=True),
    Fact(id="strength", type="level", values=["small", "medium", "large"], polarity="more", may_be_missing=True),
    Fact(id="since", type="date", may_be_missing=True),
]


class TestWeights:
    """SEG-5: a declared sum of points. [...] Units never mix; exact."""

    @given(
        book=books(),
        weights=st.lists(st.sampled_from(["100", "0.1", "-3", "0.007"]), min_size=3, max_size=3),
        missing=st.sampled_from([None, "0", "2.5"]),
    )
    def test_each_value_is_worth_its_weight(self, book: Rows, weights: list[str], missing: str | None) -> None:
        names = ("orders", "days", "revenue")
        terms = [ScoreTerm(fact=name, weight=w, missing_points=missing) for name, w in zip(names, weights, strict=True)]
        scheme = QuotaScheme(id="s", tiers=[QuotaTier("A", "100%")], score=terms)
        scorer = scorer_of(scheme, WORDS)
        for row in book.values():
            values = [WORDS[name].decode(row[name]) for name in names]
            parts = [
                (None if missing is None else Fraction(missing)) if value is None else Fraction(str(value)) * Fraction(weight)
                for value, weight in zip(values, weights, strict=True)
            ]
            score = scorer.score(row)
            if None in parts:
                assert score is None
            else:
                assert score is not None
                assert Fraction(scorer.in_words(score)) == sum((part for part in parts if part is not None), Fraction(0))

    def test_a_sum_of_grades_reads_like_three_digits(self) -> None:
        words = Vocabulary({name: attrs.evolve(WORDS["orders"], low=Decimal(1), high=Decimal(5)) for name in ("r", "f", "m")})
        terms = [ScoreTerm(fact=name, weight=weight) for name, weight in (("r", 100), ("f", 10), ("m", 1))]
        scheme = QuotaScheme(id="rfm", tiers=[QuotaTier("A", "100%")], score=terms)
        result = assign(scheme, {"c": {"r": 5, "f": 3, "m": 1}}, vocabulary=words, tiers_in_force={})
        assert result.assignment("c").score == 531

    @pytest.mark.parametrize("ties", TIE_RULES)
    def test_a_thousand_parts_of_many_equals_are_cut_at_once(self, ties: TieRule) -> None:
        book: Rows = {f"c-{n:05}": {"orders": n % 3} for n in range(20_000)}
        result = graded(Grade(id="g", fact="orders", parts=1000, ties=ties), book)
        assert result.count == 20_000
        assert len(result.groups) == (1000 if ties == "by id" else 3)


RFM: Final = """
format = 1

[policy]
id = "shop"
version = "1"
effective_from = 2026-01-01
currency = "EUR"

[facts.days_since_purchase]
type = "integer"
polarity = "less"
may_be_missing = true
measure = { days_since = "purchases" }

[facts.revenue]
type = "money"
polarity = "more"
measure = { sum = "purchases.amount", window = "12 months" }

[[grade]]
id = "recency"
fact = "days_since_purchase"
parts = 5

[[grade]]
id = "money"
fact = "revenue"
parts = 5
scope = "client.stage == 'closed'"

[[segmentation]]
id = "value"
kind = "threshold"
tiers = [
  { id = "best", when = "grade.recency >= 4 and grade.money >= 4" },
  { id = "rest", when = "grade.money >= 1" },
]
"""
SHOP: Final = loads_policy(RFM)
TODAY: Final = date(2026, 3, 31)


def shop(amounts: Mapping[str, int | None]) -> Book:
    bought = {client_id: amount for client_id, amount in amounts.items() if amount is not None}
    return Book(
        clients=[Client(id=client_id, name="n", owner_id="lee", stage="closed") for client_id in amounts],
        purchases=[
            Purchase(id=client_id, client_id=client_id, purchased_on=TODAY - timedelta(amount % 90), amount=Money(amount, "EUR"))
            for client_id, amount in bought.items()
        ],
    )


class TestPolicies:
    """SEG-5, FCT-5: a grade is a fact for whatever comes after it."""

    @given(amounts=st.dictionaries(ids(), st.none() | st.integers(1, 500), max_size=12))
    def test_a_book_gives_every_client_its_grades_before_its_tiers(self, amounts: dict[str, int | None]) -> None:
        result = SHOP.decide(shop(amounts), as_of=TODAY)
        for client_id in amounts:
            facts = result.facts(client_id)
            for grade_id in ("recency", "money"):
                assert facts[f"grade.{grade_id}"] == result.grade(grade_id, client_id).grade
            given_facts = {name: facts[name] for name in ("grade.recency", "grade.money")}
            again = SHOP.decide_facts(given_facts, as_of=TODAY)
            assert again.tiers["value"] == result.tier("value", client_id).tier
            assert "grade.money" in result.tier("value", client_id).reasons[0].facts

    @given(amounts=st.dictionaries(ids(), st.none() | st.integers(1, 500), min_size=1, max_size=8), data=st.data())
    def test_a_client_by_itself_has_the_grades_it_is_given(self, amounts: dict[str, int | None], data: st.DataObject) -> None:
        book = shop(amounts)
        result = SHOP.decide(book, as_of=TODAY)
        client_id = data.draw(st.sampled_from(sorted(amounts)))
        places = {grade_id: result.grade(grade_id, client_id).grade for grade_id in result.grades}
        bought = book.purchases_by_client.get(client_id, ())
        alone = SHOP.decide_client(book.get_client(client_id), touchpoints=(), purchases=bought, as_of=TODAY, grades=places)
        assert alone.tiers["value"] == result.tier("value", client_id).tier
        assert alone.notes == ()

    def test_a_client_by_itself_needs_the_others(self) -> None:
        book = shop({"c-1": 100})
        alone = SHOP.decide_client(book.clients[0], touchpoints=(), purchases=book.purchases, as_of=TODAY)
        assert [note.code for note in alone.notes] == ["grade.needs_book"] * 2
        assert alone.facts["grade.money"] is None
        (assignment,) = alone.assignments
        assert assignment.is_held
        assert [reason.code for reason in assignment.reasons] == ["segmentation.missing", *["grade.needs_book"] * 2]

    def test_what_has_no_value_has_no_grade_in_any_book_and_needs_none(self) -> None:
        book = shop({"c-1": None})
        alone = SHOP.decide_client(book.clients[0], touchpoints=(), purchases=(), as_of=TODAY)
        assert [note.values["grade"] for note in alone.notes] == ["money"]

    @pytest.mark.parametrize("value", [0, 6, True, "5", Decimal(5)])
    def test_a_given_grade_is_a_whole_number_of_its_parts(self, value: object) -> None:
        client = Client(id="c", name="n", owner_id="lee")
        with pytest.raises(InvalidValueError, match=r"^grades\.recency is .*must be a whole number from 1 to 5, or None"):
            SHOP.decide_client(client, touchpoints=(), purchases=(), as_of=TODAY, grades={"recency": value})  # type: ignore[dict-item]

    def test_a_given_grade_must_be_of_the_policy(self) -> None:
        client = Client(id="c", name="n", owner_id="lee")
        with pytest.raises(InvalidValueError, match="hint: did you mean 'recency'"):
            SHOP.decide_client(client, touchpoints=(), purchases=(), as_of=TODAY, grades={"recent": 5})

    def test_tiers_that_are_kept_up_to_date_do_without_grades(self) -> None:
        rule = r"must not use grade\.recency.*decide the book as a whole"
        with pytest.raises(InvalidValueError, match=rule):
            LiveTiers(SHOP, shop({"c-1": 5}), as_of=TODAY)
        by_grade = QuotaScheme(id="q", tiers=[QuotaTier("A", "100%")], score="grade.orders")
        words = Vocabulary({"grade.orders": WORDS["orders"]})
        with pytest.raises(InvalidValueError, match=r"must not use grade\.orders"):
            LiveScheme(by_grade, {}, vocabulary=words)
