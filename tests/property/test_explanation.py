"""Sufficient reasons and smallest changes against trying every client who could be told apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Final, TypeAlias

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare.decisions import BookResult, Policy
from relcare.model import FactValue
from relcare.policy import (
    CLIENT_FACTS,
    Compare,
    Contains,
    Core,
    Criterion,
    Fact,
    FactType,
    OutOfBounds,
    Vocabulary,
    evaluate,
    facts_of,
    leaves,
)
from relcare.relationships import merge_strategies, strategies_of
from relcare.segmentation import QuotaScheme, QuotaTier, Scheme, ThresholdScheme, assign, scorer_of
from relcare.soundness import Change, Justification, Lever, justify
from relcare.testing import criteria, fact_values, ids, policies, quota_schemes, rows, scheme_cases, shares, threshold_schemes
from relcare.vip import Programme, VipPath, qualifier_of

Row: TypeAlias = Mapping[str, Core]
Rows: TypeAlias = dict[str, dict[str, Core]]
Ending: TypeAlias = tuple[str, str | None]

DAY: Final = date(2026, 3, 31)
FACTS: Final = (
    Fact(id="revenue", type="money", min="0", polarity="more", may_be_missing=True),
    Fact(id="silence", type="integer", polarity="less", max=100),
    Fact(id="likelihood", type="level", values=("none", "low", "medium", "high"), polarity="more", may_be_missing=True),
    Fact(id="city", type="category"),
    Fact(id="size", type="category", values=("small", "large"), may_be_missing=True),
    Fact(id="roles", type="set"),
    Fact(id="key", type="flag", may_be_missing=True),
    Fact(id="since", type="date", min=date(2024, 2, 29)),
)
WORDS: Final = Vocabulary({fact.id: fact.fact_type for fact in FACTS})
# A whole world is tried for each example: few examples, and no world larger than this.
LARGEST: Final = 1_500
few = settings(max_examples=30)
STATES: Final = {
    "segmentation.ranked": "decided",
    "segmentation.threshold_met": "decided",
    "segmentation.otherwise": "decided",
    "segmentation.cell": "decided",
    "segmentation.no_match": "no match",
    "segmentation.conflict": "conflict",
    "segmentation.out_of_scope": "out of scope",
}

thresholds = scheme_cases(threshold_schemes(WORDS), WORDS, max_clients=4)
quotas = scheme_cases(quota_schemes(WORDS) | quota_schemes(WORDS, grouped=True), WORDS)
paths = st.lists(criteria(WORDS, max_depth=1), min_size=1, max_size=3)


# ----------------------------------------------------------------------------------------------------------- the plain reading


def endings(scheme: Scheme, book: Mapping[str, Row]) -> dict[str, Ending]:
    """How everybody in a book ends, as `assign` says it."""
    result = assign(scheme, book, vocabulary=WORDS, tiers_in_force={})
    found: dict[str, Ending] = {}
    for client_id in book:
        one = result.assignment(client_id)
        state = STATES.get(one.reasons[0].code, "undecided")
        found[client_id] = state, one.tier if state == "decided" else None
    return found


def each(scheme: ThresholdScheme, several: Sequence[Row]) -> list[Ending]:
    """How several rows end, each by itself."""
    return list(endings(scheme, {str(number): row for number, row in enumerate(several)}).values())


def criteria_of(scheme: Scheme) -> list[Criterion]:
    own: list[Criterion] = [] if isinstance(scheme, QuotaScheme) else [tier.when for tier in scheme.tiers]
    terms = () if not isinstance(scheme, QuotaScheme) or isinstance(scheme.score, str) else scheme.score
    bands = [Compare(term.fact, ">=", band.start) for term in terms for band in term.bands]
    return [*own, *bands, *([] if scheme.scope is None else [scheme.scope])]


def groups_of(scheme: QuotaScheme, book: Rows) -> list[Criterion]:
    """Comparisons with the groups that are in a book, for a scheme that cuts each by itself (SEG-4)."""
    by = scheme.group_by
    found = () if by is None else [WORDS[by].decode(row[by]) for row in book.values() if row[by] is not None]
    several = [sorted(value) if isinstance(value, frozenset) else [str(value)] for value in found]
    kind = Contains if by is not None and WORDS[by].kind == "set" else None
    names = sorted({name for some in several for name in some})
    return [Compare(by or "", "==", name) if kind is None else kind(by or "", name) for name in names]


def worth_trying(name: str, when: Iterable[Criterion], row: Row, more: Iterable[int] = ()) -> list[Core]:
    """Values of a fact on both sides of every constant and beside the present one, and missing where it may be."""
    kind, now = WORDS[name], row[name]
    constants = [core for one in when for leaf in leaves(one) if leaf.fact == name for core in WORDS.constants(leaf)]
    found: list[Core] = []
    if kind.kind == "set":
        members = sorted({str(member) for member in constants})
        assume(len(members) <= 3)
        others = now - set(members) if isinstance(now, frozenset) else frozenset[str]()
        choices = product((False, True), repeat=len(members))
        found = [others | {m for m, is_in in zip(members, some, strict=True) if is_in} for some in choices]
    elif kind.kind == "flag":
        found = [False, True]
    elif kind.kind == "category":
        found = [*kind.values] or [*dict.fromkeys(str(value) for value in (*constants, "nowhere"))]
    elif kind.kind == "level":
        found.extend(range(len(kind.values)))
    else:
        near = {value for value in (*constants, now, *bounds_of(kind), *more) if type(value) is int}
        found.extend(sorted(moved for value in near for moved in (value - 1, value, value + 1) if is_allowed(kind, moved)))
    return [*dict.fromkeys(found), *([None] if kind.may_be_missing or now is None else [])]


def bounds_of(kind: FactType) -> list[int]:
    """Where a fact begins and ends; 0 for a number without bounds."""
    bounds = [bound for bound in (kind.low, kind.high) if bound is not None] or [Decimal(0)]
    return [bound.toordinal() if isinstance(bound, date) else int(bound / (kind.grain or 1)) for bound in bounds]


def is_allowed(kind: FactType, value: int) -> bool:
    if kind.kind == "date" and not date(1900, 1, 1).toordinal() <= value <= date(2199, 12, 31).toordinal():
        return False
    return not isinstance(kind.encode("near", kind.decode(value)), OutOfBounds)


def world(choices: Mapping[str, Sequence[Core]]) -> list[dict[str, Core]]:
    """Everybody who has one of the values of each fact."""
    size = 1
    for values in choices.values():
        size *= len(values)
    assume(size <= LARGEST)
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def steps(kind: FactType, now: Core, other: Core) -> int | None:
    """How far one value is from another; None where that means nothing."""
    if isinstance(now, frozenset) and isinstance(other, frozenset):
        return len(now ^ other)
    return abs(other - now) if kind.is_ordered and isinstance(now, int) and isinstance(other, int) else None


# ---------------------------------------------------------------------------------------------------------- what it is asked of


def policy_of(scheme: Scheme | None = None, programme: Programme | None = None) -> Policy:
    return Policy(
        id="p",
        version="1",
        effective_from=date(2026, 1, 1),
        facts=FACTS,
        segmentation=[scheme] if scheme else (),
        vip=[programme] if programme else (),
    )


def readable(row: Row) -> dict[str, FactValue]:
    return {name: WORDS[name].decode(value) for name, value in row.items()}


def justified(scheme: ThresholdScheme, row: Row) -> Justification:
    policy = policy_of(scheme)
    return justify(policy, policy.decide_facts(readable(row), as_of=DAY)).tier(scheme.id)


def ranked(scheme: QuotaScheme, book: Rows, client_id: str) -> Justification:
    """The justification of one client in the result of a book that has just these facts."""
    result = BookResult(
        policy_id="p",
        policy_version="1",
        as_of=DAY,
        schemes={scheme.id: assign(scheme, book, vocabulary=WORDS, tiers_in_force={})},
        programme_ids=(),
        client_ids=tuple(book),
        notes={},
        facts=lambda one: readable(book[one]),
        strategy=lambda _: merge_strategies((), strategies_of(())),
        oblige=NotImplemented,
        vip=NotImplemented,
    )
    return justify(policy_of(scheme), result, client_id=client_id).tier(scheme.id)


def check_sufficient(
    found: Justification, row: Row, values: Mapping[str, Sequence[Core]], ends: Callable[[Sequence[Row]], Sequence[Ending]]
) -> None:
    """The reason forces the ending, and no fact of it can be left out."""
    assert found.sufficient is not None
    now = (found.state, found.outcome)
    assert ends([row]) == [now]

    def with_fixed(fixed: Iterable[str]) -> Sequence[Ending]:
        some = world({name: [row[name]] if name in fixed else values[name] for name in values})
        return ends([{**row, **one} for one in some])

    assert set(with_fixed(found.sufficient)) == {now}
    for name in found.sufficient:
        assert set(with_fixed(set(found.sufficient) - {name})) != {now}


def check_lever(lever: Lever, row: Row, tried: Mapping[Core, Ending], now: Ending, choices: Sequence[str]) -> None:
    """Up, best and fall are the nearest of all values, and the value beside each does not do."""
    kind = WORDS[lever.fact]

    def rank(ending: Ending) -> int:
        return choices.index(str(ending[1])) if ending[0] == "decided" else len(choices)

    best = min((rank(ending) for value, ending in tried.items() if value is not None), default=len(choices))
    wanted: list[tuple[Change | None, Callable[[int], bool]]] = [
        (lever.up, lambda found: found < rank(now)),
        (lever.best, lambda found: found == best < rank(now)),
        (lever.fall, lambda found: found > rank(now)),
    ]
    for change, does in wanted:
        doing = [value for value, ending in tried.items() if value is not None and does(rank(ending))]
        assert (change is None) is (not doing or now[0] == "undecided")
        if change is None:
            continue
        becomes = core(kind, change.becomes)
        assert tried[becomes] == (change.state, change.outcome)
        assert does(rank(tried[becomes]))
        distances = [steps(kind, row[lever.fact], value) for value in doing]
        if None not in distances:
            assert steps(kind, row[lever.fact], becomes) == min(distance for distance in distances if distance is not None)
        if kind.is_ordered and row[lever.fact] is not None:
            last = core(kind, change.last)
            assert steps(kind, last, becomes) == 1
            assert not does(rank(tried[last]))
            assert change.is_rise is (becomes > row[lever.fact])  # type: ignore[operator]
            if kind.is_numeric:
                assert isinstance(change.now, Decimal)
                assert isinstance(change.becomes, Decimal)
                assert change.distance == abs(change.becomes - change.now)


def core(kind: FactType, value: FactValue) -> Core:
    if value == "anything else":
        return "nowhere"
    found = kind.encode("value", value)
    assert not isinstance(found, OutOfBounds)
    return found


# ------------------------------------------------------------------------------------------------------------------- thresholds


class TestThresholds:
    """SEG-12: For any client: why this tier, and the smallest single change that would move it up or keep it from falling.

    CRI-3: Every decision carries its reasons; re-evaluating only these reproduces it.
    """

    @few
    @given(case=thresholds)
    def test_the_sufficient_reason_forces_the_ending_and_is_irreducible(self, case: tuple[ThresholdScheme, Rows]) -> None:
        scheme, book = case
        used = dict.fromkeys(name for one in criteria_of(scheme) for name in facts_of(one))
        for row in book.values():
            values = {name: worth_trying(name, criteria_of(scheme), row) for name in used}
            check_sufficient(justified(scheme, row), row, values, lambda several: each(scheme, several))

    @few
    @given(case=thresholds)
    def test_every_change_is_the_nearest_that_does_what_it_says(self, case: tuple[ThresholdScheme, Rows]) -> None:
        scheme, book = case
        for row in book.values():
            found = justified(scheme, row)
            for lever in found.levers:
                values = worth_trying(lever.fact, criteria_of(scheme), row)
                ends = each(scheme, [{**row, lever.fact: value} for value in values])
                check_lever(lever, row, dict(zip(values, ends, strict=True)), (found.state, found.outcome), scheme.tier_ids)

    @few
    @given(case=thresholds)
    def test_the_ways_are_exactly_what_would_settle_an_open_decision(self, case: tuple[ThresholdScheme, Rows]) -> None:
        scheme, book = case
        for row in book.values():
            found = justified(scheme, row)
            if found.state != "undecided":
                assert found.ways == ()
                assert found.missing == ()
                continue
            assert found.missing
            missing = [lever.fact for lever in found.levers if lever.value is None]
            some = [{**row, **one} for one in world({name: [*worth_trying(name, criteria_of(scheme), row)] for name in missing})]
            for one, ending in zip(some, each(scheme, some), strict=True):
                told = [(way.state, way.outcome) for way in found.ways if evaluate(way.when, one, WORDS)]
                assert ending[0] == "undecided" or ending in told
            for way in found.ways:
                named = facts_of(way.when)
                stays = [one for one in some if all(one[name] is None for name in missing if name not in named)]
                told_ends = each(scheme, [one for one in stays if evaluate(way.when, one, WORDS)])
                assert set(told_ends) == {(way.state, way.outcome)}


class TestProgrammes:
    """SEG-12, VIP-2: qualification is yes, no with the shortfall, or unknown; what forces it and what would change it."""

    @few
    @given(whens=paths, row=rows(WORDS))
    def test_reasons_and_changes_are_those_of_trying_everything(self, whens: list[Criterion], row: Row) -> None:
        programme = Programme(id="club", paths=[VipPath(f"way {number}", when) for number, when in enumerate(whens)])
        qualifier = qualifier_of(programme, WORDS)
        policy = policy_of(programme=programme)
        found = justify(policy, policy.decide_facts(readable(row), as_of=DAY)).programme("club")

        def ends(several: Sequence[Row]) -> list[Ending]:
            answers = [qualifier.qualification(one) for one in several]
            return [("undecided", None) if answer == "unknown" else ("decided", answer) for answer in answers]

        values = {lever.fact: worth_trying(lever.fact, whens, row) for lever in found.levers}
        check_sufficient(found, row, values, ends)
        for lever in found.levers:
            tried = ends([{**row, lever.fact: value} for value in values[lever.fact]])
            check_lever(lever, row, dict(zip(values[lever.fact], tried, strict=True)), ends([row])[0], ("yes", "no"))


# ----------------------------------------------------------------------------------------------------------------------- quotas


class TestQuotas:
    """SEG-12 in a ranking: the others stay as they are and the client moves among them, replayed through `assign`."""

    @staticmethod
    def replayed(scheme: QuotaScheme, book: Rows, client_id: str, row: Row) -> Ending:
        return endings(scheme, {**book, client_id: row})[client_id]

    def values(self, scheme: QuotaScheme, book: Rows, row: Row, names: Iterable[str]) -> dict[str, list[Core]]:
        """Where a score is a fact as it stands, the scores of the others are what matters."""
        scores = (
            [value for other in book.values() if type(value := other[scheme.score]) is int]
            if isinstance(scheme.score, str)
            else []
        )
        when = [*criteria_of(scheme), *groups_of(scheme, book)]
        own = {name: scores if name == scheme.score else [*self.reaching(scheme, book, row, name)] for name in names}
        return {name: worth_trying(name, when, row, more) for name, more in own.items()}

    @staticmethod
    def reaching(scheme: QuotaScheme, book: Rows, row: Row, name: str) -> Iterator[int]:
        """Of a weighed fact: the values with which the client's score is about that of each other, and some far away."""
        terms = [] if isinstance(scheme.score, str) else [term for term in scheme.score if term.fact == name]
        if not any(term.weight is not None for term in terms):
            return
        scorer, grain = scorer_of(scheme, WORDS), WORDS[name].grain or 1
        others = [score for other in book.values() if (score := scorer.score(other)) is not None]
        yield from (-(10**9), 10**9)
        for start in (0, *(int(band.start / grain) for term in terms for band in term.bands)):
            here, there = (scorer.score({**row, name: start + step}) for step in (0, 1))
            if here is not None and there is not None and here != there:
                yield from (start + (score - here) // (there - here) + beside for score in others for beside in (0, 1))

    @few
    @given(case=quotas, at=st.integers(0, 7))
    def test_every_change_is_the_nearest_that_does_what_it_says(self, case: tuple[QuotaScheme, Rows], at: int) -> None:
        scheme, book = case
        assume(book)
        client_id = sorted(book)[at % len(book)]
        row = book[client_id]
        found = ranked(scheme, book, client_id)
        now = self.replayed(scheme, book, client_id, row)
        assert now == (found.state, found.outcome)
        for name, values in self.values(scheme, book, row, [lever.fact for lever in found.levers]).items():
            tried = {value: self.replayed(scheme, book, client_id, {**row, name: value}) for value in values}
            check_lever(found.lever(name), row, tried, now, scheme.tier_ids)

    @few
    @given(case=quotas, at=st.integers(0, 7))
    def test_the_sufficient_reason_forces_the_ending_and_is_irreducible(self, case: tuple[QuotaScheme, Rows], at: int) -> None:
        scheme, book = case
        assume(book)
        client_id = sorted(book)[at % len(book)]
        row = book[client_id]
        found = ranked(scheme, book, client_id)
        values = self.values(scheme, book, row, [lever.fact for lever in found.levers])

        def ends(several: Sequence[Row]) -> list[Ending]:
            known: dict[tuple[Core, ...], Ending] = {}
            for one in several:
                key = tuple(one[name] for name in values)
                if key not in known:
                    known[key] = self.replayed(scheme, book, client_id, one)
            return list(known.values())

        assume(len(world({name: some for name, some in values.items()})) <= 300)  # noqa: C416 - a copy of another type
        check_sufficient(found, row, values, ends)

    @few
    @given(case=quotas)
    def test_a_way_settles_it(self, case: tuple[QuotaScheme, Rows]) -> None:
        scheme, book = case
        for client_id, row in book.items():
            found = ranked(scheme, book, client_id)
            missing = [lever.fact for lever in found.levers if lever.value is None]
            for way in found.ways:
                assert found.state == "undecided"
                named = facts_of(way.when)
                assert set(named) <= set(missing)
                some = world(self.values(scheme, book, row, named))
                told = [{**row, **one} for one in some if evaluate(way.when, one, WORDS)]
                assert told
                assert {self.replayed(scheme, book, client_id, one) for one in told} == {(way.state, way.outcome)}

    @given(
        scores=st.dictionaries(ids(), st.integers(-3, 3), min_size=1, max_size=9),
        parts=shares(),
        ties=st.sampled_from(["by id", "together upward", "together downward"]),
        at=st.integers(0, 8),
    )
    def test_borders_and_places_are_where_the_tier_changes(
        self, scores: dict[str, int], parts: list[object], ties: str, at: int
    ) -> None:
        tiers = [QuotaTier(str(number), share) for number, share in enumerate(parts)]  # type: ignore[arg-type]
        scheme = QuotaScheme(id="s", score="silence", tiers=tiers, ties=ties)  # type: ignore[arg-type]
        client_id = sorted(scores)[at % len(scores)]
        own = scores[client_id]

        def tier(moved: Mapping[str, int]) -> int:
            book: Rows = {one: {"silence": score} for one, score in {**scores, **moved}.items()}
            return int(str(endings(scheme, book)[client_id][1]))

        found = ranked(scheme, {one: {"silence": score} for one, score in scores.items()}, client_id).placement
        assert found is not None
        now = tier({})
        assert found.score == own
        assert found.count == len(scores)
        order = sorted(scores, key=lambda one: (-scores[one], one))
        assert order.index(client_id) == found.rank - 1
        reachable = {tier({client_id: score}) for score in range(-5, 6)}
        if found.holds_from is None:
            assert max(reachable) == now
            assert found.spare_points is None
            assert found.spare_places is None
        else:
            assert found.spare_points == own - found.holds_from
            assert tier({client_id: int(found.holds_from)}) == now < tier({client_id: int(found.holds_from) - 1})
            self.check_passing(found.spare_places, self.behind(order, scores, client_id, ties), 99, lambda m: tier(m) > now)
        if found.reached_from is None:
            assert min(reachable) == now
            assert found.next_tier is None
            assert found.lacking_points is None
            assert found.lacking_places is None
        else:
            assert found.next_tier == str(max(one for one in reachable if one < now))
            assert found.lacking_points == found.reached_from - own
            assert tier({client_id: int(found.reached_from)}) == int(found.next_tier)
            assert tier({client_id: int(found.reached_from) - 1}) > int(found.next_tier)
            assert found.lacking_places is not None
            nearest_first = self.ahead(order, scores, client_id, ties)[::-1]
            self.check_passing(found.lacking_places - 1, nearest_first, -99, lambda m: tier(m) <= int(found.next_tier or 0))

    @staticmethod
    def ahead(order: Sequence[str], scores: Mapping[str, int], client_id: str, ties: str) -> list[str]:
        """Who counts before a client: those before it in rank; of equals none where they go up together, all where down."""
        if ties == "by id":
            return list(order[: order.index(client_id)])
        least = scores[client_id] + (ties == "together upward")
        return [one for one in order if scores[one] >= least and one != client_id]

    def behind(self, order: Sequence[str], scores: Mapping[str, int], client_id: str, ties: str) -> list[str]:
        before = self.ahead(order, scores, client_id, ties)
        return [one for one in order if one not in before and one != client_id]

    @staticmethod
    def check_passing(count: int | None, rivals: Sequence[str], score: int, does: Callable[[dict[str, int]], bool]) -> None:
        """So many of the rivals may go to another score without effect, and one more may not."""
        assert count is not None
        assert not does(dict.fromkeys(rivals[:count], score))
        assert len(rivals) > count
        assert does(dict.fromkeys(rivals[: count + 1], score))


# ----------------------------------------------------------------------------------------------------------------- whole policies


class TestPolicies:
    """SEG-12: what is shown was tried: for facts that nothing is computed from, `decide_facts` says the same of every change."""

    @settings(max_examples=60)
    @given(data=st.data(), policy=policies(with_examples=False))
    def test_every_change_comes_true_when_the_facts_are_given_anew(self, data: st.DataObject, policy: Policy) -> None:
        known = {fact.id: fact.fact_type for fact in policy.facts if fact.derivation is None}
        known["client.relationship_types"] = CLIENT_FACTS["client.relationship_types"]
        known["client.stage"] = CLIENT_FACTS["client.stage"]
        facts = {name: data.draw(fact_values(kind)) for name, kind in known.items() if name != "client.relationship_types"}
        facts["client.relationship_types"] = data.draw(st.sampled_from(["partner", "channel|end_customer", None]))
        day = policy.effective_from
        result = policy.decide_facts(facts, as_of=day)
        found = justify(policy, result)
        for scheme_id, justification in found.tiers.items():
            for change in changes(justification):
                again = policy.decide_facts({**facts, change.fact: change.becomes}, as_of=day)
                one = next(one for one in again.assignments if one.scheme_id == scheme_id)
                state = STATES.get(one.reasons[0].code, "undecided")
                assert (state, one.tier if state == "decided" else None) == (change.state, change.outcome)
        for programme_id, justification in found.vip.items():
            for change in changes(justification):
                again = policy.decide_facts({**facts, change.fact: change.becomes}, as_of=day)
                answer = next(one.qualification for one in again.vip if one.programme_id == programme_id)
                assert answer == (change.outcome or "unknown")


def changes(justification: Justification) -> list[Change]:
    """Every change but one to an unknown type of relationship, which a policy refuses."""
    every = [change for lever in justification.levers for change in (lever.up, lever.best, lever.fall) if change is not None]
    assert all(not justification.lever(change.fact).computed_from for change in every)
    return [change for change in every if change.fact != "client.relationship_types"]
