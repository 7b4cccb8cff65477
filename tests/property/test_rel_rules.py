"""The rules about relationship types, alone and as they reach what is owed."""

import pickle
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from relcare.cadence import CadenceRule
from relcare.decisions import ClientResult, Policy, portfolio
from relcare.errors import InvalidValueError, nearest
from relcare.model import Book, Client, Obligation
from relcare.policy import CLIENT_FACTS, Core, Every, Vocabulary, criterion, evaluate
from relcare.relationships import BUILT_IN_STRATEGIES, MergedStrategy, Strategy, merge_strategies, strategies_of
from relcare.testing import identifiers, intervals, strategies_of_types

Row: TypeAlias = dict[str, Core]
DAY = date(2026, 3, 31)
WORDS = Vocabulary(CLIENT_FACTS)
BUILT_IN = ("upstream", "partner", "channel", "end_customer")
KNOWN = (*BUILT_IN, "investor")

declared = strategies_of_types()
typed = st.lists(st.sampled_from(KNOWN), max_size=4)
# A policy is made for each example, and due days decades away need their holidays.
short = intervals().filter(lambda every: every.average_days <= 400)
half = settings(max_examples=settings().max_examples // 2)


def known_to(strategies: Sequence[Strategy], types: Sequence[str]) -> list[str]:
    """The types that a policy with these strategies knows."""
    return [name for name in types if name in strategies_of(strategies)]


def decided(policy: Policy, types: Sequence[str]) -> ClientResult:
    client = Client(id="c-1", name="김철수", owner_id="lee", relationship_types=types, client_since_on=date(2026, 3, 1))
    return policy.decide_client(client, touchpoints=(), purchases=(), as_of=DAY)


def policy_of(strategies: Sequence[Strategy], *rules: CadenceRule) -> Policy:
    return Policy(id="p", version="1", effective_from=date(2026, 1, 1), relationships=strategies, cadence=rules)


def only(result: ClientResult) -> Obligation:
    (one,) = result.obligations
    return one


class TestTypes:
    """REL-1: Four built-in types, open to more: upstream, partner, channel, end customer.

    A client may hold several; obligations merge by CAD-13.
    """

    @half
    @given(strategies=declared)
    def test_a_policy_knows_the_four_and_those_that_it_declares(self, strategies: tuple[Strategy, ...]) -> None:
        found = strategies_of(strategies)
        assert set(found) == {*BUILT_IN, *(strategy.type for strategy in strategies)}
        mine = {strategy.type: strategy for strategy in strategies}
        assert all(found[name] == mine.get(name, BUILT_IN_STRATEGIES.get(name)) for name in found)
        assert found == strategies_of(reversed(strategies))

    @half
    @given(types=st.sets(st.sampled_from(BUILT_IN), min_size=1), steps=st.lists(short, min_size=4, max_size=4))
    def test_what_the_rules_of_several_types_ask_alike_is_owed_once(self, types: set[str], steps: list[Every]) -> None:
        rules = {
            name: CadenceRule(
                id=f"call {name}", channel="call", every=every, when=criterion(f"'{name}' in client.relationship_types")
            )
            for name, every in zip(BUILT_IN, steps, strict=True)
        }
        one = only(decided(policy_of((), *rules.values()), sorted(types)))
        order = sorted((rules[name].step.average_days, rules[name].id) for name in types)
        assert one.rule_ids == tuple(rule_id for _, rule_id in order)
        assert one.rule_id == order[0][1]


class TestStrategiesAreValues:
    """REL-2: A strategy is a value: appeal, cadence adjustment, triggers, questions, indicators, forms, approaches to avoid."""

    @half
    @given(strategies=declared)
    def test_strategies_compare_hash_and_pickle_by_what_they_say(self, strategies: tuple[Strategy, ...]) -> None:
        again: tuple[Strategy, ...] = pickle.loads(pickle.dumps(strategies))
        assert again == strategies
        assert list(map(hash, again)) == list(map(hash, strategies))
        assert all(
            Strategy(
                type=one.type,
                appeal=one.appeal,
                intervals={channel: str(every) for channel, every in one.intervals.items()},
                advice=list(one.advice),
                avoid=list(one.avoid),
                source=one.source,
                questions=list(one.questions),
                forms=list(one.forms),
                indicators=list(one.indicators),
                situations=list(one.situations),
            )
            == one
            for one in strategies
        )

    @half
    @given(strategies=declared, types=typed)
    def test_nothing_that_a_strategy_says_is_lost_and_each_sentence_says_whose_it_is(
        self, strategies: tuple[Strategy, ...], types: list[str]
    ) -> None:
        known = strategies_of(strategies)
        held = sorted(set(known_to(strategies, types)))
        merged = merge_strategies(held, known)
        assert merged.types == tuple(held)
        assert merged.appeals == tuple(known[name].appeal for name in held)
        for name in held:
            assert tuple(text for whose, text in merged.advice if whose == name) == known[name].advice
            assert tuple(text for whose, text in merged.avoid if whose == name) == known[name].avoid
            assert tuple(text for whose, text in merged.questions if whose == name) == known[name].questions
            assert tuple(text for whose, text in merged.forms if whose == name) == known[name].forms
            assert tuple(sign for whose, sign in merged.indicators if whose == name) == known[name].indicators
            assert tuple(sign for whose, sign in merged.situations if whose == name) == known[name].situations
        assert {whose for whose, _ in said_by(merged)} <= set(held)


def said_by(merged: MergedStrategy) -> tuple[tuple[str, object], ...]:
    """All that a merged strategy says and watches, each with the type that it comes from."""
    sentences = (*merged.advice, *merged.avoid, *merged.questions, *merged.forms)
    return (*sentences, *merged.indicators, *merged.situations)


def joined(one: MergedStrategy, other: MergedStrategy) -> MergedStrategy:
    """What two merged strategies come to, without the strategies themselves: the union, and the shorter interval."""
    appeals = dict((*zip(one.types, one.appeals, strict=True), *zip(other.types, other.appeals, strict=True)))
    intervals = {
        channel: min(
            (found[channel] for found in (one.intervals, other.intervals) if channel in found),
            key=lambda pair: (pair[0].average_days, pair[1]),
        )
        for channel in {*one.intervals, *other.intervals}
    }

    def both(name: str) -> tuple[tuple[str, Any], ...]:
        mine, theirs = getattr(one, name), getattr(other, name)
        new = tuple(pair for pair in theirs if pair[0] not in one.types)
        return tuple(sorted((*mine, *new), key=lambda pair: pair[0]))  # stable: each type keeps its own order

    return MergedStrategy(
        types=tuple(sorted(appeals)),
        appeals=tuple(appeals[name] for name in sorted(appeals)),
        intervals=intervals,
        advice=both("advice"),
        avoid=both("avoid"),
        questions=both("questions"),
        forms=both("forms"),
        indicators=both("indicators"),
        situations=both("situations"),
    )


class TestComposition:
    """REL-1, REL-2: several types on one client come to the union of what each says, however they are put together."""

    @half
    @given(strategies=declared, one=typed, other=typed)
    def test_merging_all_types_is_joining_what_some_and_the_others_come_to(
        self, strategies: tuple[Strategy, ...], one: list[str], other: list[str]
    ) -> None:
        known = strategies_of(strategies)
        first, second = known_to(strategies, one), known_to(strategies, other)
        whole = merge_strategies([*first, *second], known)
        assert joined(merge_strategies(first, known), merge_strategies(second, known)) == whole
        assert joined(merge_strategies(second, known), merge_strategies(first, known)) == whole

    @half
    @given(strategies=declared, several=st.lists(typed, min_size=3, max_size=3))
    def test_joining_is_associative_and_idempotent_and_nothing_changes_nothing(
        self, strategies: tuple[Strategy, ...], several: list[list[str]]
    ) -> None:
        known = strategies_of(strategies)
        a, b, c = (merge_strategies(known_to(strategies, types), known) for types in several)
        held = [name for types in several for name in known_to(strategies, types)]
        assert joined(joined(a, b), c) == joined(a, joined(b, c)) == merge_strategies(held, known)
        assert joined(a, a) == a == joined(a, merge_strategies((), known))

    @half
    @given(types=st.sets(st.sampled_from(BUILT_IN), min_size=1), steps=st.lists(short, min_size=4, max_size=4))
    def test_no_reason_of_any_type_is_lost_where_obligations_merge(self, types: set[str], steps: list[Every]) -> None:
        strategies = [
            Strategy(type=name, appeal="x", intervals={"call": every}) for name, every in zip(BUILT_IN, steps, strict=True)
        ]
        rules = [
            CadenceRule(id=f"for {name}", channel="call", every="10 years", when=criterion(f"strategy.{name} == True"))
            for name in BUILT_IN
        ]
        one = only(decided(policy_of(strategies, *rules), sorted(types)))
        assert sorted(one.rule_ids) == sorted(f"for {name}" for name in types)
        told = {name: [r.facts for r in one.reasons if r.values.get("rule") == f"for {name}" and r.facts] for name in types}
        assert told == {name: [{f"strategy.{name}": True}] for name in types}
        # Each rule says which type shortened it: the one that asks for the shortest interval.
        by = [reason.values["type"] for reason in one.reasons if reason.code == "cadence.strategy_interval"]
        asked = {name: every for name, every in zip(BUILT_IN, steps, strict=True) if name in types}
        assert by == [min(asked, key=lambda name: (asked[name].average_days, name))] * len(types)


class TestIndicators:
    """REL-3: Indicators are facts with thresholds."""

    @half
    @given(strategies=declared, types=typed)
    def test_a_client_is_read_by_the_signs_of_all_its_types_and_each_answer_is_that_of_its_criterion(
        self, strategies: tuple[Strategy, ...], types: list[str]
    ) -> None:
        held = known_to(strategies, types)
        policy = policy_of(strategies)
        client = Client(id="c-1", name="김철수", relationship_types=held, client_since_on=date(2026, 3, 1))
        result = policy.decide(Book(clients=[client]), as_of=DAY)
        found = portfolio(policy, result)
        merged = merge_strategies(held, strategies_of(strategies))
        assert [one.client_ids for one in found.types] == [("c-1",)] * len(merged.types)
        (one,) = found.clients or (None,)
        assert (one is None) == (not held)
        if one is None:
            return
        assert tuple((reading.type, reading.indicator) for reading in one.indicators) == merged.indicators
        assert tuple((reading.type, reading.situation) for reading in one.situations) == merged.situations
        row: Row = {"client.stage": None, "client.owner_id": None, "client.region": None}
        row["client.relationship_types"] = frozenset(held)
        health = {True: "healthy", False: "ailing", None: "unknown"}
        assert all(r.health == health[evaluate(r.indicator.healthy, row, WORDS)] for r in one.indicators)
        assert all(r.holds == evaluate(r.situation.when, row, WORDS) for r in one.situations)
        alarms = [*(r.health == "ailing" for r in one.indicators), *(r.holds is True for r in one.situations)]
        assert one.needs_attention == any(alarms)
        assert [kind.attention for kind in found.types] == [
            ("c-1",) if kind.type in {*(r.type for r in one.ailing), *(r.type for r in one.started)} else ()
            for kind in found.types
        ]


def shortest(known: Mapping[str, Strategy], types: Sequence[str]) -> dict[str, tuple[Every, str]]:
    """REL-4 as it is written: of all that ask, the shortest; of equal ones the first type by code point."""
    asked = [(channel, every, name) for name in types for channel, every in known[name].intervals.items()]
    return {
        channel: min(((e, n) for c, e, n in asked if c == channel), key=lambda pair: (pair[0].average_days, pair[1]))
        for channel, _, _ in asked
    }


class TestIntervals:
    """REL-4: The interval is the shortest of the rule's and those of the client's strategies for that channel.

    Never below the rule's `minimum`; so the order does not matter. An unknown type is an error.
    """

    @half
    @given(strategies=declared, types=typed)
    def test_each_channel_has_the_shortest_interval_that_any_type_asks_for(
        self, strategies: tuple[Strategy, ...], types: list[str]
    ) -> None:
        known, held = strategies_of(strategies), known_to(strategies, types)
        assert merge_strategies(held, known).intervals == shortest(known, held)

    @half
    @given(strategies=declared, types=typed)
    @example(
        strategies=(
            Strategy(type="partner", appeal="a", intervals={"call": Every(days=48_699)}),
            Strategy(type="channel", appeal="b", intervals={"call": Every(months=1_600)}),
        ),
        types=["partner", "channel"],
    )
    def test_the_order_of_types_and_of_strategies_does_not_matter(
        self, strategies: tuple[Strategy, ...], types: list[str]
    ) -> None:
        held = known_to(strategies, types)
        merged = merge_strategies(held, strategies_of(strategies))
        turned = strategies_of(tuple(reversed(strategies)))
        assert merge_strategies(list(reversed(held)), dict(list(turned.items())[::-1])) == merged
        assert merge_strategies(frozenset(held), turned) == merged
        assert merge_strategies([*held, *held], turned) == merged

    @half
    @given(strategies=declared, types=typed, more=st.sampled_from(KNOWN))
    def test_one_more_type_never_makes_an_interval_longer(
        self, strategies: tuple[Strategy, ...], types: list[str], more: str
    ) -> None:
        known, held = strategies_of(strategies), known_to(strategies, types)
        assume(more in known)
        before, after = merge_strategies(held, known).intervals, merge_strategies([*held, more], known).intervals
        assert set(before) <= set(after)
        assert all(after[channel][0].average_days <= before[channel][0].average_days for channel in before)

    @half
    @given(strategies=declared, types=typed, every=short, minimum=st.none() | short, channel=st.sampled_from(["call", "visit"]))
    def test_what_is_owed_follows_the_shortest_interval_but_never_one_below_the_minimum(
        self, strategies: tuple[Strategy, ...], types: list[str], every: Every, minimum: Every | None, channel: str
    ) -> None:
        if minimum is not None and minimum.average_days > every.average_days:
            every, minimum = minimum, every  # a rule that is below its own minimum is refused
        rule = CadenceRule(id="r", channel=channel, every=every, minimum=minimum, roll="none")
        held = known_to(strategies, types)
        one = only(decided(policy_of(strategies, rule), held))
        asked = shortest(strategies_of(strategies), held).get(channel)
        # Of equals the rule's own stands.
        expected = asked[0] if asked and asked[0].average_days < every.average_days else every
        if minimum is not None and minimum.average_days > expected.average_days:
            expected = minimum
        assert one.interval == str(expected)
        assert one.due_on == date.fromordinal(expected.after(date(2026, 3, 1).toordinal()))
        assert (
            decided(policy_of(strategies[::-1], rule), held[::-1]).obligations
            == decided(policy_of(strategies, rule), held).obligations
        )
        assert ("cadence.strategy_interval" in {reason.code for reason in one.reasons}) == (
            asked is not None and asked[0].average_days < every.average_days
        )

    @half
    @given(strategies=declared, types=typed, unknown=identifiers())
    def test_an_unknown_type_is_an_error_that_names_the_nearest(
        self, strategies: tuple[Strategy, ...], types: list[str], unknown: str
    ) -> None:
        known = strategies_of(strategies)
        assume(unknown not in known)
        with pytest.raises(InvalidValueError) as caught:
            merge_strategies([*known_to(strategies, types), unknown], known)
        near = nearest(unknown, known)
        assert caught.value.value == repr(unknown)
        assert ", ".join(sorted(known)) in caught.value.rule
        assert caught.value.hint == (f"did you mean {near!r}?" if near else "declare it under [[relationship]]")

    @pytest.mark.parametrize(
        ("meant", "written"),
        [("partner", "partners"), ("end_customer", "end_customers"), ("upstream", "upsteam"), ("channel", "chanel")],
    )
    def test_a_slip_of_the_pen_is_put_right_with_the_client_named(self, meant: str, written: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            decided(policy_of(()), ["partner", written])
        assert caught.value.name == "client 'c-1': relationship_types"
        assert written in caught.value.value
        assert caught.value.rule == "must be one of the types of the policy: channel, end_customer, partner, upstream"
        assert caught.value.hint == f"did you mean {meant!r}?"
