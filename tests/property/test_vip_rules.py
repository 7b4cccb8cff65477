"""Qualification, day by day: the dates of a decision against a plain walk through the whole history."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare._fields import zone_of
from relcare.decisions import Policy, vocabularies_of
from relcare.facts import FactReader, histories_of
from relcare.model import AttributeChange, Book, Client, ContactPerson, Money, Purchase, Touchpoint, civil_day
from relcare.policy import (
    Compare,
    Core,
    Derivation,
    Fact,
    FactType,
    Measure,
    Span,
    Vocabulary,
    Window,
    criterion,
    evaluate,
    leaves,
)
from relcare.testing import policies
from relcare.testing._picks import Picks
from relcare.testing._policy_parts import condition
from relcare.vip import Programme, VipPath, qualifier_of

FIRST = date(2025, 11, 20)
LAST = date(2026, 4, 10)
_OFFSETS = st.integers(0, (LAST - FIRST).days)
_WINDOWS = ("lifetime", "1 day", "14 days", "1 month", "2 months", "1 calendar month", "1 calendar quarter")


def _measure(picks: Picks, function: str) -> Measure:
    is_money = function in {"sum", "max", "min"}
    over: Any = "purchases" if is_money else picks.one(("touchpoints", "purchases"))
    per: Any = picks.one((None, "calendar month")) if function in {"sum", "count"} else None
    return Measure(
        function=function,  # type: ignore[arg-type]
        over=over,
        field="amount"
        if is_money
        else "category"
        if function == "distinct" and over == "purchases"
        else "channel"
        if function == "distinct"
        else None,
        where=picks.one((None, None, criterion("amount >= 2"))) if over == "purchases" else None,
        window=Window.parse(picks.one(_WINDOWS)),
        per=per,
        returns="net" if over == "purchases" and picks.flag() else "gross",
        returns_delay=Span(days=picks.one((1, 14))) if over == "purchases" and picks.flag() else None,
        when_empty=picks.one((None, "0", "3" if is_money else "6"))
        if per is not None or function in {"max", "min", "days_since"}
        else None,
    )


def _fact(picks: Picks, name: str) -> Fact:
    function = picks.one(("sum", "days_since", "max", "count", "min", "distinct", "latest", "attribute"))
    if function == "attribute":
        return Fact(id=name, type="level", values=("low", "high"), reads="client.likelihood")
    measure = _measure(picks, function)
    if function == "latest":
        return Fact(id=name, type="date", measure=measure, max=picks.one((None, date(2026, 2, 28))))
    if function in {"sum", "max", "min"}:
        return Fact(id=name, type="money", measure=measure, max=picks.one((None, "5")), min=picks.one((None, "0")))
    grain: Any = picks.one(
        (("integer", None, None), ("number", "0.5", None), ("integer", "3", "half up"), ("integer", "2", "up"))
    )
    return Fact(
        id=name,
        type=grain[0],
        grain=grain[1],
        round=grain[2],
        max=picks.one((None, 30)),
        min=picks.one((None, 0)),
        measure=measure,
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book, date]:
    """A programme over facts that rise, fall, age and go missing, and one client with a short history."""
    picks = Picks(draw)

    def some_day() -> date:
        return FIRST + timedelta(days=draw(_OFFSETS))

    facts = [_fact(picks, name) for name in picks.some(("a", "b", "c"), 1, 3)]
    numbers = [fact.id for fact in facts if fact.fact_type.is_numeric]
    if numbers and picks.flag():
        pair = Derivation(function="difference", first=picks.one(numbers), second=picks.one(numbers))
        facts.append(Fact(id="d", type="number", grain="0.01", derivation=pair))
    words = vocabularies_of(facts, (), (), (), currency="CNY").programmes
    own = attrs.evolve(words, types={name: kind for name, kind in words.items() if "." not in name})
    paths = [VipPath(f"way {n}", _near(condition(picks, own))) for n in range(picks.count(1, 2))]
    log: list[Purchase] = []
    for n in range(picks.count(0, 4)):
        bought = Purchase(
            id=f"b{n}",
            client_id="c",
            purchased_on=some_day(),
            amount=Money(picks.one(("1", "0", "2", "3", "30", "-1")), "CNY"),
            category=picks.one((None, "x")),
        )
        log.append(bought)
        if bought.kind == "purchase" and bought.amount.amount > 0 and picks.flag():
            back = max(bought.purchased_on, some_day())
            part = bought.amount if picks.flag() else Money("1", "CNY")
            log.append(attrs.evolve(bought, id=f"r{n}", purchased_on=back, amount=part, returns_purchase_id=bought.id))
    touches = [
        Touchpoint(id=f"t{n}", client_id="c", occurred_at=some_day(), channel=picks.one(("call", "visit")))
        for n in range(picks.count(0, 3))
    ]
    changes = [
        AttributeChange(name="likelihood", value=picks.one(("high", "low", None)), effective_on=some_day())
        for _ in range(picks.count(0, 2))
    ]
    client = Client(
        id="c",
        name="c",
        attributes={"likelihood": picks.one(("low", "high"))},
        attribute_changes=changes,
        client_since_on=picks.one((None, FIRST)),
    )
    policy = Policy(
        id="p",
        version="1",
        effective_from=FIRST,
        currency="CNY",
        facts=facts,
        vip=[Programme(id="vip", paths=paths)],
    )
    return policy, Book(clients=[client], purchases=log, touchpoints=touches), some_day()


def _near(found: Any) -> Any:
    """The dates that criteria are drawn with lie elsewhere: take one of these days."""
    for leaf in leaves(found):
        if isinstance(leaf, Compare) and leaf.value in {"2024-02-29", "2025-03-31", "2026-01-01"}:
            return Compare(leaf.fact, leaf.operator, "2026-01-31")
    return found


def _until(client: Client, as_of: date) -> list[AttributeChange]:
    return [change for change in client.attribute_changes if change.effective_on <= as_of]


@cache
def many() -> Any:
    return cases()


class TestFirstDays:
    """VIP-4: `first_eligible_on` is the first day of the current unbroken stretch in which some path holds; `first_ever_on`
    beside it, per path. Thresholds are inclusive. A path that holds decides, whatever else is unknown.
    """  # noqa: D205

    @settings(max_examples=150)
    @given(many())
    def test_the_dates_are_those_of_a_walk_through_every_day(self, case: tuple[Policy, Book, date]) -> None:
        policy, book, as_of = case
        result = policy.decide(book, as_of=as_of)
        decision, spells = result.vip("vip", "c"), result.qualified("vip", "c")
        words = vocabularies_of(policy.facts, (), (), (), currency="CNY").programmes
        (history,) = histories_of(book)
        source = FactReader(policy.facts, "CNY").open(history)
        # History begins with the client's first day or first event, as far as they are known by then; else with the policy.
        known = [date.fromordinal(day) for day in (history.begins, history.first_event) if day is not None]
        start = min([day for day in known if day <= as_of], default=min(as_of, FIRST))
        ever: dict[str, date | None] = {path.id: None for path in policy.vip_programmes[0].paths}
        each: dict[str, date | None] = dict(ever)
        since: date | None = None
        answers: dict[str, bool | None] = {}
        for ordinal in range(start.toordinal(), as_of.toordinal() + 1):
            day = date.fromordinal(ordinal)
            row, _ = source.at(ordinal)
            answers = {path.id: evaluate(path.when, row, words) for path in policy.vip_programmes[0].paths}
            for path, answer in answers.items():
                if answer and ever[path] is None:
                    ever[path] = day
                each[path] = (each[path] or day) if answer else None
            since = (since or day) if True in answers.values() else None
            assert any(s.start_on <= day and (s.end_on is None or day < s.end_on) for s in spells) == (since is not None)
        assert decision.first_eligible_on == since
        assert {path.id: path.first_ever_on for path in decision.paths} == ever
        assert {path.id: path.first_eligible_on for path in decision.paths} == each
        words_of = {True: "yes", False: "no", None: "unknown"}
        assert {path.id: path.answer for path in decision.paths} == {path: words_of[answer] for path, answer in answers.items()}

    @settings(max_examples=60)
    @given(many())
    def test_what_happens_later_leaves_the_dates_as_they_are(self, case: tuple[Policy, Book, date]) -> None:
        policy, book, as_of = case
        early = attrs.evolve(
            book,
            purchases=[p for p in book.purchases if p.purchased_on <= as_of],
            touchpoints=[t for t in book.touchpoints if civil_day(t.occurred_at, zone_of("UTC")) <= as_of],
            clients=[
                attrs.evolve(
                    c, client_since_on=FIRST, attribute_changes=[x for x in c.attribute_changes if x.effective_on <= as_of]
                )
                for c in book.clients
            ],
        )
        later = attrs.evolve(book, clients=[attrs.evolve(c, client_since_on=FIRST) for c in book.clients])
        assert policy.decide(early, as_of=as_of).vip("vip", "c") == policy.decide(later, as_of=as_of).vip("vip", "c")


WORDS = Vocabulary(
    {
        "money": FactType(kind="money", grain=Decimal("0.01")),
        "count": FactType(kind="integer", grain=Decimal(1)),
        "level": FactType(kind="level", values=("low", "medium", "high")),
        "word": FactType(kind="category"),
        "set": FactType(kind="set"),
        "flag": FactType(kind="flag"),
        "day": FactType(kind="date"),
    }
)
CORES: dict[str, tuple[Core, ...]] = {
    "money": (None, 0, 100, 99, 101, 999_999, 1_000_000, 2_000_000, -1),
    "count": (None, 0, 1, 2, 3, 29, 30, 31, 10_000),
    "level": (None, 0, 1, 2),
    "word": (None, "high-end", "fibre", "principal", "elsewhere"),
    "set": (None, frozenset(), frozenset({"partner", "principal"})),
    "flag": (None, True, False),
    "day": (None, *(date(year, month, day).toordinal() for year, month, day in ((2024, 2, 29), (2025, 4, 1), (2026, 1, 1)))),
}


def some_row(picks: Picks) -> dict[str, Core]:
    return {name: picks.one(CORES[name]) for name in WORDS}


class TestQualification:
    """VIP-2: Qualification (yes, no with the shortfall per path, unknown).
    VIP-4: A path that holds decides, whatever else is unknown.
    CRI-2: a missing fact makes a comparison unknown.
    """  # noqa: D205

    @given(st.data())
    def test_one_path_that_holds_is_enough_and_one_that_is_open_leaves_it_open(self, data: st.DataObject) -> None:
        picks = Picks(data.draw)
        programme = Programme(id="vip", paths=[VipPath(f"{n}", condition(picks, WORDS)) for n in range(picks.count(1, 3))])
        row = some_row(picks)
        answers = [evaluate(path.when, row, WORDS) for path in programme.paths]
        decision = qualifier_of(programme, WORDS).decide(row)
        expected = "yes" if True in answers else "unknown" if None in answers else "no"
        assert decision.qualification == expected
        assert decision.is_eligible == (expected == "yes")
        assert bool(decision.missing) == (None in answers)
        assert decision.shortfall.keys() == (set() if expected == "yes" else {p.id for p in decision.paths if p.answer == "no"})
        assert all(amount > 0 for lacking in decision.shortfall.values() for amount in lacking.values())
        cited = {str(reason.values["path"]) for reason in decision.reasons}
        assert cited == {path.id for path in decision.paths if (path.answer == "yes") == (expected == "yes")}

    @given(st.data())
    def test_learning_a_missing_fact_never_takes_a_decision_back(self, data: st.DataObject) -> None:
        """Kleene: what is decided with a fact missing stays decided whatever it turns out to be; `missing(x)` aside."""
        picks = Picks(data.draw)
        ways = [condition(picks, WORDS) for _ in range(picks.count(1, 3))]
        monotone = [way for way in ways if "missing(" not in str(way)] or [criterion("flag")]
        qualifier = qualifier_of(Programme(id="vip", paths=[VipPath(f"{n}", way) for n, way in enumerate(monotone)]), WORDS)
        full = some_row(picks)
        partial = {name: None if picks.flag() else value for name, value in full.items()}
        assert qualifier.qualification(partial) in {qualifier.qualification(full), "unknown"}

    @settings(max_examples=60)
    @given(st.data())
    def test_more_purchases_never_disqualify_under_lifetime_gross_measures(self, data: st.DataObject) -> None:
        picks = Picks(data.draw)
        functions: list[Any] = picks.some(("sum", "max", "count"), 1, 3)
        facts = [
            Fact(
                id=name,
                type="integer" if name == "count" else "money",
                measure=Measure(
                    function=name,
                    over="purchases",
                    field=None if name == "count" else "amount",
                    per="calendar month" if name != "max" and picks.flag() else None,
                ),
            )
            for name in functions
        ]
        paths = [
            VipPath(f"{n}", criterion(f"{picks.one(functions)} >= {picks.one((1, 2, 5, 30))}")) for n in range(picks.count(1, 2))
        ]
        policy = Policy(
            id="p", version="1", effective_from=FIRST, currency="CNY", facts=facts, vip=[Programme(id="vip", paths=paths)]
        )
        log = [
            Purchase(
                id=f"b{n}",
                client_id="c",
                purchased_on=FIRST + timedelta(days=picks.count(0, 140)),
                amount=Money(picks.one(("1", "0", "4", "30")), "CNY"),
            )
            for n in range(picks.count(1, 6))
        ]
        client = Client(id="c", name="c")
        ranks = {"unknown": 0, "no": 0, "yes": 1}
        found = [
            policy.decide(Book(clients=[client], purchases=log[:count]), as_of=LAST).vip("vip", "c")
            for count in range(len(log) + 1)
        ]
        assert [ranks[f.qualification] for f in found] == sorted(ranks[f.qualification] for f in found)
        for fewer, more in pairwise(found):
            if fewer.first_eligible_on is not None:
                assert more.first_eligible_on is not None
                assert more.first_eligible_on <= fewer.first_eligible_on


class TestRank:
    """VIP-1: Paths, any of which is enough: one purchase of the named class at or above X; purchases in one calendar month at or
    above Y; rank at or above R. X, Y, R are the policy's.
    """  # noqa: D205

    RANKS = ("staff", "department", "bureau")

    @given(st.lists(st.sampled_from([*RANKS, "minister", None]), max_size=4), st.sampled_from(RANKS))
    def test_somebody_of_the_rank_or_above_is_enough(self, ranks: list[str | None], least: str) -> None:
        fact = Fact(id="best", type="level", values=self.RANKS, reads="people.rank")
        rules = Policy(
            id="p",
            version="1",
            effective_from=FIRST,
            facts=[fact],
            vip=[Programme(id="vip", paths=[VipPath("rank", criterion(f"best >= '{least}'"))])],
        )
        people = [ContactPerson(id=f"p{n}", client_id="c", name="P", rank=rank) for n, rank in enumerate(ranks)]
        found = rules.decide(Book(clients=[Client(id="c", name="c")], people=people), as_of=LAST).vip("vip", "c")
        known = [self.RANKS.index(rank) for rank in ranks if rank in self.RANKS]
        expected = "unknown" if not known else "yes" if max(known) >= self.RANKS.index(least) else "no"
        assert found.qualification == expected

    @given(
        st.lists(st.tuples(st.integers(0, 140), st.integers(0, 3_000_000), st.sampled_from(["high-end", "fibre"])), max_size=6),
        st.integers(1, 2_000_000),
        st.integers(1, 3_000_000),
    )
    def test_one_purchase_of_the_class_or_one_calendar_month_is_enough(
        self, log: list[tuple[int, int, str]], least: int, least_month: int
    ) -> None:
        facts = [
            Fact(
                id="one",
                type="money",
                measure=Measure(
                    function="max", over="purchases", field="amount", where=criterion("category == 'high-end'"), when_empty="0"
                ),
            ),
            Fact(
                id="month",
                type="money",
                measure=Measure(function="sum", over="purchases", field="amount", per="calendar month", when_empty="0"),
            ),
        ]
        x, y = (f"{cents // 100}.{cents % 100:02}" for cents in (least, least_month))
        rules = Policy(
            id="p",
            version="1",
            effective_from=FIRST,
            currency="CNY",
            facts=facts,
            vip=[
                Programme(
                    id="vip", paths=[VipPath("one", criterion(f"one >= {x}")), VipPath("month", criterion(f"month >= {y}"))]
                )
            ],
        )
        bought = [
            Purchase(
                id=f"b{n}",
                client_id="c",
                purchased_on=FIRST + timedelta(days=day),
                amount=Money(f"{cents // 100}.{cents % 100:02}", "CNY"),
                category=category,
            )
            for n, (day, cents, category) in enumerate(log)
        ]
        found = rules.decide(Book(clients=[Client(id="c", name="c")], purchases=bought), as_of=LAST).vip("vip", "c")
        months: dict[str, int] = {}
        for (_, cents, _), purchase in zip(log, bought, strict=True):
            key = f"{purchase.purchased_on:%Y-%m}"
            months[key] = months.get(key, 0) + cents
        by_one = any(cents >= least for _, cents, category in log if category == "high-end")
        by_month = any(total >= least_month for total in months.values())
        assert [path.answer for path in found.paths] == ["yes" if by_one else "no", "yes" if by_month else "no"]
        assert found.is_eligible == (by_one or by_month)


@settings(max_examples=20)
@given(policies(with_examples=False), st.data())
def test_a_programme_of_any_policy_answers_from_nothing(policy: Policy, data: st.DataObject) -> None:
    for decision in policy.decide_facts({}, as_of=policy.effective_from).vip:
        assert decision.qualification in {"yes", "unknown", "no"}
