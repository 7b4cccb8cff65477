"""Streams of clients that are compared with each other: passes over the parts find what the whole book would say."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relcare.calendars import Weekdays
from relcare.decisions import ClientResult, Policy
from relcare.errors import InvalidValueError
from relcare.grades import Grade
from relcare.model import AttributeChange, AttributeValue, Book, Client, Money, Pin, Purchase, TierSpell
from relcare.policy import Fact, Measure, criterion
from relcare.ranking import TIE_RULES, counted_borders, cuts, parted_scores, rank
from relcare.segmentation import QuotaScheme, QuotaTier, ScoreTerm, ThresholdScheme, ThresholdTier
from relcare.storage import BookReader, MemoryStore, load_book
from relcare.testing import books_for, days, policies
from relcare.vip import Programme, TopList, VipPath

CALENDAR = Weekdays()
DAY = date(2026, 6, 30)
few = settings(max_examples=settings().max_examples // 12)
some = settings(max_examples=settings().max_examples // 4)
shares = st.sampled_from([("20%", "30%", "50%"), ("50%", "25%", "25%"), ("1/3", "1/3", "1/3")])
TIERS = ("A", "B", "C")


def parts_of(book: Book) -> list[Book]:
    with MemoryStore.create(book) as store, store.read() as unit:
        return list(BookReader(unit).parts())


def assert_same(policy: Policy, book: Book, found: Iterable[ClientResult], as_of: date) -> None:
    with MemoryStore.create(book) as store:
        whole = policy.decide(load_book(store), as_of=as_of, calendar=CALENDAR)
    results = list(found)
    assert [one.client_id for one in results] == sorted(whole.client_ids)
    for one in results:
        assert one.facts == whole.facts(one.client_id)
        assert one.strategy == whole.strategy(one.client_id)
        assert one.obligations == whole.obligations.for_client(one.client_id)
        assert list(one.undecided) == [u for u in whole.undecided if u.client_id == one.client_id]
        assert list(one.vip) == [whole.vip(programme_id, one.client_id) for programme_id in whole.programme_ids]
        managed = [programme.id for programme in policy.vip_programmes if programme.membership is not None]
        assert list(one.memberships) == [whole.membership(programme_id, one.client_id) for programme_id in managed]
        assert list(one.segments) == [result.membership(one.client_id) for result in whole.segments.values()]
        assert one.notes == whole.notes.get(one.client_id, ())


@st.composite
def quotas(draw: st.DrawFn, scheme_id: str, facts: Sequence[str]) -> QuotaScheme:
    """A quota of every kind over some facts; none has many values, so that many clients are equal."""
    missing = draw(st.sampled_from(["hold", "newcomer"]))
    return QuotaScheme(
        id=scheme_id,
        tiers=[QuotaTier(tier, share) for tier, share in zip(TIERS, draw(shares), strict=True)],
        score=[ScoreTerm(fact=fact, weight=1) for fact in facts],
        group_by=draw(st.sampled_from([None, "city"])),
        scope=draw(st.sampled_from([None, criterion("fit >= 1"), criterion("city != 'Busan'")])),
        ties=draw(st.sampled_from(TIE_RULES)),
        missing="newcomer" if missing == "newcomer" else "hold",
        newcomer="C" if missing == "newcomer" else None,
        uses_quota=draw(st.booleans()),
    )


@st.composite
def comparing(draw: st.DrawFn) -> Policy:
    """Policies whose parts compare clients, one resting on the other."""
    grade = Grade(
        id="fit",
        fact="fit",
        parts=draw(st.integers(2, 4)),
        better=draw(st.sampled_from(["more", "less"])),
        ties=draw(st.sampled_from(TIE_RULES)),
        scope=draw(st.sampled_from([None, criterion("city == 'Seoul'")])),
    )
    by_tier = ThresholdScheme(id="mid", tiers=[ThresholdTier("M", criterion("tier.abc >= 'B'"))], otherwise="N")
    review = draw(st.sampled_from([None, "monthly"]))
    among = draw(st.sampled_from([None, criterion("tier.mid == 'M'"), criterion("tier.below >= 'B'")]))
    lists = [
        TopList(id="first", most=draw(st.integers(1, 3)), by="fit", ties=draw(st.sampled_from(TIE_RULES)), review=review),
        TopList(id="second", most=1, by="grade.fit", among=among, ties=draw(st.sampled_from(TIE_RULES))),
    ]
    path = criterion("vip.club.top.first or vip.club.top.second")
    return Policy(
        id="house",
        version="1",
        effective_from=date(2026, 1, 1),
        facts=[Fact(id="fit", type="integer"), Fact(id="city", type="category")],
        grades=[grade],
        segmentation=[
            draw(quotas("abc", draw(st.sampled_from([("fit",), ("grade.fit",), ("fit", "grade.fit")])))),
            by_tier,
            perhaps_resting(draw(quotas("below", ("fit",))), draw(st.booleans())),
        ],
        vip=[Programme(id="club", paths=[VipPath("best", path)], top=lists)],
    )


def perhaps_resting(scheme: QuotaScheme, rests: bool) -> QuotaScheme:
    """The scheme among those of another, or as it is."""
    return attrs.evolve(scheme, scope=criterion("tier.mid == 'M'")) if rests else scheme


@st.composite
def equal_books(draw: st.DrawFn) -> Book:
    """Books of up to ten clients many of whom are equal, some pinned, some with a tier in force, some changed of late."""
    clients: list[Client] = []
    pins: list[Pin] = []
    spells: list[TierSpell] = []
    for number in range(draw(st.integers(0, 10))):
        client_id = f"c-{draw(st.integers(0, 9))}{number}"
        given_values: Mapping[str, AttributeValue] = {
            "fit": draw(st.sampled_from([None, 0, 1, 2, 2])),
            "city": draw(st.sampled_from([None, "Seoul", "Seoul", "Busan"])),
        }
        attributes = {name: value for name, value in given_values.items() if value is not None}
        is_changed = draw(st.integers(0, 3)) == 0
        changes = [AttributeChange(name="fit", value=draw(st.integers(0, 2)), effective_on=DAY - timedelta(days=9))]
        clients.append(Client(id=client_id, name="김", attributes=attributes, attribute_changes=changes if is_changed else ()))
        for scheme_id in ("abc", "below"):
            tier, what = draw(st.sampled_from(TIERS)), draw(st.integers(0, 7))
            if what < 2:
                pin = Pin(
                    client_id=client_id,
                    scheme_id=scheme_id,
                    tier=tier,
                    kind="floor" if what else "exact",
                    by="lee",
                    reason="old",
                    start_on=date(2026, 1, 1),
                )
                pins.append(pin)
            elif what == 2:
                spells.append(TierSpell(client_id=client_id, scheme_id=scheme_id, tier=tier, start_on=date(2026, 2, 1)))
    return Book(clients=clients, pins=pins, tier_spells=spells)


class TestTheSameAsTheWholeBook:
    """SEG-2 to SEG-5, VIP-1: borders lie between all clients of a book, however it is gone over."""

    @few
    @given(
        policies(with_examples=False).flatmap(lambda one: books_for(one).map(lambda book: (one, book))), days(date(2025, 1, 1))
    )
    def test_every_drawn_policy_decides_every_part_as_in_its_book(self, drawn: tuple[Policy, Book], as_of: date) -> None:
        policy, book = drawn
        assert_same(policy, book, policy.decide_stream(parts_of(book), as_of=as_of, calendar=CALENDAR), as_of)

    @some
    @given(comparing(), equal_books())
    def test_comparisons_that_rest_on_each_other_are_those_of_the_book(self, policy: Policy, book: Book) -> None:
        assert_same(policy, book, policy.decide_stream(parts_of(book), as_of=DAY, calendar=CALENDAR), DAY)


class TestCountedBorders:
    """SEG-3: where a border lies follows from how many have each score, and from the ids at it."""

    @given(
        st.dictionaries(st.text("ab", min_size=1), st.integers(-2, 2), max_size=12),
        st.lists(st.integers(1, 4), min_size=1, max_size=4),
        st.sampled_from(TIE_RULES),
    )
    @example({"a": 1, "b": 1}, [1, 1], "by id")
    def test_they_are_those_of_the_ranking(self, scores: dict[str, int], parts: list[int], ties: str) -> None:
        rule = next(one for one in TIE_RULES if one == ties)
        at = cuts(len(scores), [Fraction(part, sum(parts)) for part in parts])
        counts = Counter(scores.values())
        ids = {score: [one for one, own in scores.items() if own == score] for score in parted_scores(counts, at, rule)}
        assert counted_borders(counts, at, rule, ids) == rank(scores, at, rule).borders


def client(number: int, *, fit: int) -> Client:
    return Client(id=f"c-{number}", name="김", attributes={"fit": fit})


PARTS = [Book(clients=[client(number, fit=number % 4)]) for number in range(10)]
SCHEME = QuotaScheme(id="abc", tiers=[QuotaTier("A", "20%"), QuotaTier("B", "80%")], score="fit")
POLICY = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 1, 1),
    facts=[
        Fact(id="fit", type="integer"),
        Fact(id="paid", type="money", measure=Measure(function="sum", over="purchases", field="amount")),
    ],
    segmentation=[SCHEME],
)


class Counted:
    """Gives the parts anew each time, and counts how often."""

    def __init__(self, parts: Sequence[Book]) -> None:
        self.parts = parts
        self.passes = 0

    def __call__(self) -> Iterator[Book]:
        self.passes += 1
        yield from self.parts


class TestPasses:
    def test_a_function_is_called_once_for_the_scores_once_for_equals_at_a_border_and_once_for_the_results(self) -> None:
        parts = Counted(PARTS)
        tiers = {one.client_id: one.tiers["abc"] for one in POLICY.decide_stream(parts, as_of=DAY)}
        assert [client_id for client_id, tier in tiers.items() if tier == "A"] == ["c-3", "c-7"]
        assert parts.passes == 2
        parts = Counted(PARTS[:9])
        assert [one.tiers["abc"] for one in POLICY.decide_stream(parts, as_of=DAY)].count("A") == 2
        parts = Counted(PARTS[:6])
        list(POLICY.decide_stream(parts, as_of=DAY))
        assert parts.passes == 2
        parts = Counted([*PARTS[:7], Book(clients=[client(9, fit=2)])])
        assert [one.client_id for one in POLICY.decide_stream(parts, as_of=DAY) if one.tiers["abc"] == "A"] == ["c-2", "c-3"]
        assert parts.passes == 3

    def test_a_reader_of_a_store_gives_its_parts_as_often_as_it_takes(self) -> None:
        book = Book(clients=[one for part in PARTS for one in part.clients])
        with MemoryStore.create(book) as store, store.read() as unit:
            assert_same(POLICY, book, POLICY.decide_stream(BookReader(unit).parts, as_of=DAY, calendar=CALENDAR), DAY)

    def test_a_policy_that_compares_nobody_goes_over_the_parts_once(self) -> None:
        policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), facts=[Fact(id="fit", type="integer")])
        assert [one.facts["fit"] for one in policy.decide_stream(iter(PARTS[:2]), as_of=DAY)] == [0, 1]

    def test_what_can_be_gone_over_only_once_is_refused_at_once_with_the_way_out(self) -> None:
        with pytest.raises(InvalidValueError, match="compares clients with each other: it takes a pass before") as caught:
            POLICY.decide_stream(iter(PARTS), as_of=DAY)
        assert caught.value.name == "parts"
        assert "BookReader(unit).parts" in str(caught.value.hint)

    @pytest.mark.parametrize(
        ("later", "told"),
        [([], "0 parts"), (PARTS[:9], "9 parts"), ([*PARTS, *PARTS], "more parts")],
        ids=["none", "fewer", "more"],
    )
    def test_parts_that_are_not_the_same_in_a_later_pass_are_refused(self, later: Sequence[Book], told: str) -> None:
        passes: Iterator[Sequence[Book]] = iter([PARTS, later])
        give: Callable[[], Sequence[Book]] = lambda: next(passes)  # noqa: E731 - what a caller hands in
        with pytest.raises(InvalidValueError, match=f"^parts is '?{told}'?: must be the same in every pass: the first had 10"):
            list(POLICY.decide_stream(give, as_of=DAY))

    def test_two_currencies_are_refused_before_the_first_result(self) -> None:
        """FCT-4: as in the book as a whole."""
        bought = [
            Purchase(id="b", client_id=f"c-{number}", purchased_on=date(2026, 2, 1), amount=Money(1, currency))
            for number, currency in enumerate(("CNY", "KRW"))
        ]
        parts = [Book(clients=part.clients, purchases=[one]) for part, one in zip(PARTS[:2], bought, strict=True)]
        with pytest.raises(InvalidValueError, match="must be in one currency"):
            next(POLICY.decide_stream(parts, as_of=DAY))

    def test_clients_are_compared_by_what_was_known_then(self) -> None:
        late = AttributeChange(name="fit", value=9, effective_on=date(2026, 2, 1), recorded_at=date(2026, 5, 1))
        changed = Client(id="c-0", name="김", attributes={"fit": 0}, attribute_changes=[late])
        parts = [Book(clients=[changed]), *PARTS[1:5]]
        tiers = [one.client_id for one in POLICY.decide_stream(parts, as_of=DAY) if one.tiers["abc"] == "A"]
        then = POLICY.decide_stream(parts, as_of=DAY, known_on=date(2026, 4, 1))
        assert (tiers, [one.client_id for one in then if one.tiers["abc"] == "A"]) == (["c-0"], ["c-3"])

    def test_grades_alone_handed_in_leave_the_quotas_without_borders(self) -> None:
        found = POLICY.decide_stream(iter(PARTS), as_of=DAY, grades={})
        assert {one.tiers["abc"] for one in found} == {None}
