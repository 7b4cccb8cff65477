"""What the object path promises: as fast as what somebody would write by hand for the one case, and the class stays the judge."""

import json
import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.codec import RECORD_FORMAT, dump_record, load_records
from relcare.codec._record_hooks import record_converter
from relcare.codec._record_reading import reader_of
from relcare.codec._record_writing import writer_of
from relcare.decisions import Policy
from relcare.model import Book, Client, Money, Purchase, Touchpoint, from_columns
from relcare.policy import Core, Fact, FactType, Vocabulary, compile_for_rows, criterion
from relcare.ranking import cuts, rank_columns
from relcare.segmentation import QuotaScheme, QuotaTier, ScoreTerm, assign

Ratio = Callable[..., None]
WEIGHTS: Final = {"fit": 30, "need": 25, "budget": 20, "access": 15, "history": 10}
WORDS: Final = Vocabulary({fact: FactType(kind="integer", grain=Decimal(1)) for fact in (*WEIGHTS, "revenue", "orders")})
SCHEME: Final = QuotaScheme(
    id="abc",
    tiers=[QuotaTier("A", "20%"), QuotaTier("B", "40%"), QuotaTier("C", "40%")],
    score=[ScoreTerm(fact=fact, weight=weight) for fact, weight in WEIGHTS.items()],
)
RULES: Final = [criterion(f"revenue >= {1_000 * n} and orders < {n + 5}") for n in range(1, 11)]
FIRST: Final = date(2025, 1, 1)


def size(benchmark: BenchmarkFixture, timed: int) -> int:
    return timed if benchmark.enabled else 1_000


def by_threshold(ids: Sequence[str], scores: Sequence[int]) -> dict[str, str]:
    """Tiers as one would write them by hand: bare scores are sorted, and ids are looked at only among equals at a border."""
    at = cuts(len(ids), [tier.share for tier in SCHEME.tiers])[:2]
    bare = sorted(scores)
    first, second = (bare[len(bare) - cut] for cut in at)
    tied: list[list[str]] = []
    for score, cut in zip((first, second), at, strict=True):
        above = len(bare) - bisect_left(bare, score + 1)
        tied.append(sorted(one for one, value in zip(ids, scores, strict=True) if value == score)[: cut - above])
    best, good = (frozenset(several) for several in tied)
    return {
        one: "A"
        if score > first or (score == first and one in best)
        else "B"
        if score > second or (score == second and one in good)
        else "C"
        for one, score in zip(ids, scores, strict=True)
    }


def scored_rows(count: int) -> dict[str, dict[str, int]]:
    """Facts from 0 to 100, by ids that are in no order."""
    draw = random.Random(20)
    numbers = list(range(count))
    draw.shuffle(numbers)
    return {f"c-{number:07}": {fact: draw.randrange(101) for fact in WEIGHTS} for number in numbers}


def score_of(row: Mapping[str, int]) -> int:
    return 30 * row["fit"] + 25 * row["need"] + 20 * row["budget"] + 15 * row["access"] + 10 * row["history"]


@pytest.mark.speed("quota tiers of 1,000,000 rows of facts against a threshold select by hand", at_most=1.5, goal=1.2)
def test_a_quota_scheme_against_a_threshold_select(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    facts = scored_rows(size(benchmark, 1_000_000))

    def ours() -> Mapping[str, str]:
        return assign(SCHEME, facts, vocabulary=WORDS, tiers_in_force={}).tiers

    def by_hand() -> dict[str, str]:
        scores = [
            30 * row["fit"] + 25 * row["need"] + 20 * row["budget"] + 15 * row["access"] + 10 * row["history"]
            for row in facts.values()
        ]
        return by_threshold(list(facts), scores)

    assert ours() == by_hand()
    ratio(ours, by_hand, note=lambda seconds: f"{seconds / len(facts) * 1e9:.0f} ns a client")


# Every fact of every client is read with its bounds and grain; what follows for one client is worked out when somebody asks.
@pytest.mark.speed("100,000 clients decided as a book, tiers asked, against a threshold select by hand", at_most=3, goal=1.2)
def test_a_book_decided_against_a_threshold_select(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    rows = scored_rows(size(benchmark, 100_000))
    free = {f"attributes.{fact}": [row[fact] for row in rows.values()] for fact in WEIGHTS}
    book = Book(clients=from_columns(Client, {"id": list(rows), "name": list(rows), **free}))
    facts = [Fact(id=fact, type="integer", min=0, max=100) for fact in WEIGHTS]
    policy = Policy(id="house", version="1", effective_from=FIRST, facts=facts, segmentation=[SCHEME])

    def ours() -> Mapping[str, str]:
        return policy.decide(book, as_of=FIRST).schemes["abc"].tiers

    def by_hand() -> dict[str, str]:
        held: list[Mapping[str, Any]] = [one.attributes for one in book.clients]
        return by_threshold([one.id for one in book.clients], [score_of(row) for row in held])

    assert ours() == by_hand()
    ratio(ours, by_hand, rounds=3, note=lambda seconds: f"{seconds / len(rows) * 1e6:.1f} µs a client")


@pytest.mark.speed("borders among 1,000,000 scores against a threshold select by hand", at_most=1.5, goal=1.2)
def test_borders_against_a_threshold_select(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    facts = scored_rows(size(benchmark, 1_000_000))
    ids, scores = list(facts), [score_of(row) for row in facts.values()]
    at = cuts(len(ids), [tier.share for tier in SCHEME.tiers])

    def ours() -> dict[str, str]:
        return rank_columns(ids, scores, at).labelled(SCHEME.tier_ids, "C")

    assert ours() == by_threshold(ids, scores)
    ratio(ours, lambda: by_threshold(ids, scores))


@pytest.mark.speed("ten rules over 1,000,000 clients against a function written by hand", at_most=1.5, goal=1.2)
def test_ten_rules_over_many_clients(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    draw = random.Random(21)
    rows: list[dict[str, Core]] = [
        {"revenue": int(draw.lognormvariate(6.5, 1.2)), "orders": min(50, int(draw.lognormvariate(1, 0.8)))}
        for _ in range(size(benchmark, 1_000_000))
    ]
    compiled = compile_for_rows(RULES, WORDS, is_for_many=True)

    def by_hand(row: Any) -> tuple[bool, ...]:
        r, o = row["revenue"], row["orders"]
        return (
            r >= 1_000 and o < 6,
            r >= 2_000 and o < 7,
            r >= 3_000 and o < 8,
            r >= 4_000 and o < 9,
            r >= 5_000 and o < 10,
            r >= 6_000 and o < 11,
            r >= 7_000 and o < 12,
            r >= 8_000 and o < 13,
            r >= 9_000 and o < 14,
            r >= 10_000 and o < 15,
        )

    assert compiled(rows) == [by_hand(row) for row in rows]
    ratio(lambda: compiled(rows), lambda: [by_hand(row) for row in rows], note=lambda s: f"{s / len(rows) * 1e9:.0f} ns a client")


def one_by_one(kind: Callable[..., Any], columns: Mapping[str, Sequence[object]]) -> tuple[Any, ...]:
    names = list(columns)
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True))


def calls(count: int) -> dict[str, list[Any]]:
    numbers = range(count)
    return {
        "id": [f"t-{n}" for n in numbers],
        "client_id": [f"c-{n % (count // 10):06}" for n in numbers],
        "occurred_at": [FIRST + timedelta(days=n % 360) for n in numbers],
        "channel": [("电话", "visit", "message")[n % 3] for n in numbers],
        "outcome": [("reached", "missed")[n % 2] for n in numbers],
        "staff_id": [f"s-{n % 40}" for n in numbers],
    }


@pytest.mark.speed("touchpoints from columns against one by one", faster=1.6, goal=3)
def test_touchpoints_from_columns(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    columns = calls(size(benchmark, 100_000))
    assert from_columns(Touchpoint, columns) == one_by_one(Touchpoint, columns)
    ratio(
        lambda: from_columns(Touchpoint, columns),
        lambda: one_by_one(Touchpoint, columns),
        note=lambda seconds: f"{seconds / len(columns['id']) * 1e9:.0f} ns each",
    )


@pytest.mark.speed("purchases from columns against one by one", faster=1.6, goal=3)
def test_purchases_from_columns(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    numbers = range(size(benchmark, 100_000))
    amounts = from_columns(Money, {"amount": [n % 5_000 for n in numbers], "currency": ["CNY" for _ in numbers]})
    columns: dict[str, Sequence[object]] = {
        "id": [f"b-{n}" for n in numbers],
        "client_id": [f"c-{n % 10_000:06}" for n in numbers],
        "purchased_on": [FIRST + timedelta(days=n % 360) for n in numbers],
        "amount": amounts,
        "category": [("high-end", "other")[n % 2] for n in numbers],
    }
    assert from_columns(Purchase, columns) == one_by_one(Purchase, columns)
    ratio(lambda: from_columns(Purchase, columns), lambda: one_by_one(Purchase, columns))


@pytest.mark.speed("clients with five attributes from columns against one by one", faster=2, goal=3)
def test_clients_from_columns(ratio: Ratio, benchmark: BenchmarkFixture) -> None:
    numbers = range(size(benchmark, 50_000))
    plain: dict[str, Sequence[object]] = {
        "id": [f"c-{n:06}" for n in numbers],
        "name": [f"客户 {n}" for n in numbers],
        "owner_id": [f"s-{n % 40}" for n in numbers],
        "stage": [("open", "closed")[n % 2] for n in numbers],
    }
    free: dict[str, Sequence[object]] = {name: [n * weight % 101 for n in numbers] for name, weight in WEIGHTS.items()}
    maps = [dict(zip(free, row, strict=True)) for row in zip(*free.values(), strict=True)]
    columns = {**plain, **{f"attributes.{name}": values for name, values in free.items()}}
    each = {**plain, "attributes": maps}
    assert from_columns(Client, columns) == one_by_one(Client, each)
    ratio(lambda: from_columns(Client, columns), lambda: one_by_one(Client, each))


ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def by_hand(value: Touchpoint) -> str:
    """A touchpoint as text, as one would write it for this class alone; days only, as in the data here."""
    text = f'{{"channel":{encode_basestring(value.channel)},"client_id":{encode_basestring(value.client_id)}'
    if value.direction != "outgoing":
        text += f',"direction":{encode_basestring(value.direction)}'
    if value.follow_up_at is not None:
        text += f',"follow_up_at":"{value.follow_up_at.isoformat()}"'
    text += f',"format":{RECORD_FORMAT},"id":{encode_basestring(value.id)}'
    if value.in_lieu_of is not None:
        text += f',"in_lieu_of":{encode_basestring(value.in_lieu_of)}'
    if value.note is not None:
        text += f',"note":{encode_basestring(value.note)}'
    text += f',"occurred_at":"{value.occurred_at.isoformat()}"'
    if value.outcome is not None:
        text += f',"outcome":{encode_basestring(value.outcome)}'
    if value.person_id is not None:
        text += f',"person_id":{encode_basestring(value.person_id)}'
    if value.purpose is not None:
        text += f',"purpose":{encode_basestring(value.purpose)}'
    if value.recorded_at is not None:
        text += f',"recorded_at":"{value.recorded_at.isoformat()}"'
    if value.staff_id is not None:
        text += f',"staff_id":{encode_basestring(value.staff_id)}'
    if value.voids_id is not None:
        text += f',"voids_id":{encode_basestring(value.voids_id)}'
    return text + "}"


def each(work: Callable[[Any], object], values: Sequence[Any]) -> list[object]:
    return [work(value) for value in values]


@pytest.fixture
def touchpoints(benchmark: BenchmarkFixture) -> tuple[Touchpoint, ...]:
    return from_columns(Touchpoint, calls(size(benchmark, 20_000)))


@pytest.mark.speed("touchpoints into stored text, generated against written by hand", at_most=1.3, goal=1.1)
def test_writing_against_a_function_written_by_hand(ratio: Ratio, touchpoints: tuple[Touchpoint, ...]) -> None:
    write = writer_of(Touchpoint, RECORD_FORMAT)
    assert each(write, touchpoints) == each(by_hand, touchpoints)
    ratio(lambda: each(write, touchpoints), lambda: each(by_hand, touchpoints), rounds=15, is_collecting=False)


@pytest.mark.speed("touchpoints into stored text against cattrs and json", faster=1.6, goal=3)
def test_writing_against_cattrs(ratio: Ratio, touchpoints: tuple[Touchpoint, ...]) -> None:
    unstructure = record_converter().get_unstructure_hook(Touchpoint)

    def by_cattrs(value: Touchpoint) -> str:
        return ENCODE({"format": RECORD_FORMAT, **unstructure(value)})

    assert each(dump_record, touchpoints) == each(by_cattrs, touchpoints)
    ratio(lambda: each(dump_record, touchpoints), lambda: each(by_cattrs, touchpoints), rounds=9, is_collecting=False)


def documents(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    for text in texts:
        document = json.loads(text)
        del document["format"]
        yield document


@pytest.mark.speed("touchpoints from documents, generated against written by hand", at_most=1.25, goal=1.1)
def test_reading_against_a_function_written_by_hand(ratio: Ratio, touchpoints: tuple[Touchpoint, ...]) -> None:
    given = list(documents([dump_record(one) for one in touchpoints]))
    read = reader_of(Touchpoint).read

    def by_hand(one: Mapping[str, Any]) -> Touchpoint:
        return Touchpoint(
            id=one["id"],
            client_id=one["client_id"],
            occurred_at=date.fromisoformat(one["occurred_at"]),
            channel=one["channel"],
            direction=one.get("direction", "outgoing"),
            outcome=one.get("outcome"),
            purpose=one.get("purpose"),
            person_id=one.get("person_id"),
            staff_id=one.get("staff_id"),
            in_lieu_of=one.get("in_lieu_of"),
            note=one.get("note"),
            voids_id=one.get("voids_id"),
        )

    def ours() -> list[object]:
        return [read(dict(one), None) for one in given]

    assert ours() == each(by_hand, given) == list(touchpoints)
    ratio(ours, lambda: each(by_hand, given), rounds=9, is_collecting=False)


@pytest.mark.speed("touchpoints from stored text, many at once, against json and cattrs", faster=1.4, goal=1.6)
def test_reading_many_against_cattrs(ratio: Ratio, touchpoints: tuple[Touchpoint, ...]) -> None:
    texts = [dump_record(one) for one in touchpoints]
    structure = record_converter().get_structure_hook(Touchpoint)

    def by_cattrs() -> list[object]:
        return [structure(one, Touchpoint) for one in documents(texts)]

    assert list(load_records("touchpoint", texts)) == by_cattrs() == list(touchpoints)
    ratio(lambda: load_records("touchpoint", texts), by_cattrs, note=lambda s: f"{s / len(texts) * 1e6:.1f} µs each")
