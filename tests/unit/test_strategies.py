import pickle
from collections.abc import Callable
from itertools import permutations
from typing import Any

import attrs
import pytest

from relcare.errors import InvalidValueError
from relcare.policy import Every, criterion
from relcare.relationships import (
    BUILT_IN_STRATEGIES,
    Indicator,
    MergedStrategy,
    Situation,
    Strategy,
    merge_strategies,
    strategies_of,
)

OPEN = criterion("client.stage == 'open'")


def strategy(name: str = "partner", **more: Any) -> Strategy:
    return Strategy(**({"type": name, "appeal": f"the appeal of {name}"} | more))


def with_sentences(field: str, value: Any) -> Strategy:
    given: dict[str, Any] = {field: value}
    return strategy(**given)


def by_type(*some: Strategy) -> dict[str, Strategy]:
    return {one.type: one for one in some}


def message(make: Callable[[], object]) -> str:
    with pytest.raises(InvalidValueError) as caught:
        make()
    return str(caught.value)


class TestStrategy:
    def test_intervals_may_be_text_or_values(self) -> None:
        one = strategy(intervals={"call": "2 weeks", "visit": Every(months=2)})
        assert one.intervals == {"call": Every(days=14), "visit": Every(months=2)}
        assert one == strategy(intervals={"visit": "2 months", "call": "14 days"})

    def test_it_is_a_value_that_hashes_and_pickles(self) -> None:
        one = strategy(intervals={"call": "1 week"}, advice=["a", "b"], avoid=("c",), source="handbook")
        assert one.advice == ("a", "b")
        assert hash(one) == hash(pickle.loads(pickle.dumps(one)))
        assert pickle.loads(pickle.dumps(one)) == one
        with pytest.raises(TypeError):
            one.intervals["call"] = Every(days=1)  # type: ignore[index]

    @pytest.mark.parametrize("name", ["", "end customer", "1st", "in", None, 5])
    def test_a_type_is_an_identifier(self, name: Any) -> None:
        assert message(lambda: strategy(name)).startswith(f"type is {name!r}: must be ")

    @pytest.mark.parametrize("appeal", ["", " ", "a\nb", None])
    def test_an_appeal_is_visible_text(self, appeal: Any) -> None:
        assert message(lambda: strategy(appeal=appeal)).startswith(f"appeal is {appeal!r}: must be ")

    def test_intervals_are_a_table_of_channels(self) -> None:
        assert message(lambda: strategy(intervals=[("call", "1 week")])).endswith("must be a table of channels and intervals")
        assert message(lambda: strategy(intervals={"": "1 week"})).startswith("intervals is '': must be visible text")
        assert message(lambda: strategy(intervals={5: "1 week"})) == "intervals is 5: must be text"

    @pytest.mark.parametrize("every", ["weekly", "0 days", "1 business day", 7, None])
    def test_an_interval_is_a_number_and_a_unit(self, every: Any) -> None:
        assert message(lambda: strategy(intervals={"call": every})).startswith(
            f"intervals.call is {every!r}: must be a whole number and a unit; hint: "
        )

    @pytest.mark.parametrize("field", ["advice", "avoid", "questions", "forms"])
    def test_sentences_are_visible_texts(self, field: str) -> None:
        assert message(lambda: with_sentences(field, "be kind")) == f"{field} is 'be kind': must be a collection of str"
        assert message(lambda: with_sentences(field, ["a", 5])) == f"{field}[1] is 5: must be a str"
        assert message(lambda: with_sentences(field, ["a", ""])).startswith(f"{field}[1] is '': must be visible text")

    def test_a_source_is_visible_text(self) -> None:
        assert message(lambda: strategy(source="")).startswith("source is '': must be visible text")

    def test_checks_hold_where_the_host_has_switched_validators_off(self) -> None:
        with attrs.validators.disabled():
            assert message(lambda: strategy("")).startswith("type is ''")


class TestSigns:
    """REL-2, REL-3."""

    @staticmethod
    def situation(**more: Any) -> Situation:
        return Situation(**({"id": "in trouble", "when": OPEN, "action": "a support plan"} | more))

    def test_an_interval_may_be_text_or_a_value(self) -> None:
        assert self.situation(since="day", within="5 days") == self.situation(since="day", within=Every(days=5))

    @pytest.mark.parametrize("text", ["client.stage == 'open'", None, True])
    def test_a_criterion_is_no_text(self, text: Any) -> None:
        assert message(lambda: self.situation(when=text)).startswith(f"when is {text!r}: must be a criterion")
        assert message(lambda: Indicator(id="i", healthy=text)).startswith(f"healthy is {text!r}: must be a criterion")

    def test_a_length_of_time_needs_a_day_to_count_from(self) -> None:
        assert message(lambda: self.situation(within="5 days")) == (
            "within is '5 days': must go with since; hint: name the date fact that it counts from"
        )
        assert self.situation(since="day").within is None

    @pytest.mark.parametrize("field", ["id", "action", "since", "source"])
    def test_texts_are_visible(self, field: str) -> None:
        assert message(lambda: self.situation(**{field: ""})).startswith(f"{field} is ''")

    def test_tracking_names_rules(self) -> None:
        assert self.situation(tracked_by=["a", "b"]).tracked_by == ("a", "b")
        assert message(lambda: self.situation(tracked_by="support")).startswith("tracked_by is 'support': must be a collection")
        assert message(lambda: self.situation(tracked_by=["a", ""])).startswith("tracked_by[1] is ''")

    def test_an_indicator_has_a_name_and_a_source_that_can_be_read(self) -> None:
        assert message(lambda: Indicator(id="", healthy=OPEN)).startswith("id is ''")
        assert message(lambda: Indicator(id="i", healthy=OPEN, source="")).startswith("source is ''")

    def test_no_two_signs_of_a_strategy_are_called_alike(self) -> None:
        twice = [Indicator(id="i", healthy=OPEN)] * 2
        assert message(lambda: strategy(indicators=twice)) == "indicators[1].id is 'i': must be unique in the strategy"
        assert message(lambda: strategy(situations=[self.situation()] * 2)).startswith("situations[1].id is 'in trouble'")

    def test_only_signs_are_signs(self) -> None:
        assert message(lambda: with_sentences("indicators", ["i"])).startswith("indicators[0] is 'i': must be a")
        assert message(lambda: with_sentences("situations", ["i"])).startswith("situations[0] is 'i': must be a")


class TestBuiltIn:
    """REL-1, REL-2."""

    def test_there_are_four_types_each_with_its_appeal(self) -> None:
        assert {name: one.appeal for name, one in BUILT_IN_STRATEGIES.items()} == {
            "upstream": "loyalty",
            "partner": "fellow feeling",
            "channel": "profit",
            "end_customer": "reason",
        }
        assert all(name == one.type for name, one in BUILT_IN_STRATEGIES.items())

    def test_each_says_what_to_do_and_what_to_avoid_and_leaves_figures_to_the_policy(self) -> None:
        for one in BUILT_IN_STRATEGIES.values():
            assert one.advice
            assert one.avoid
            assert one.questions
            assert one.forms
            assert one.intervals == {}
            assert (*one.indicators, *one.situations) == ()

    def test_a_declared_strategy_replaces_a_built_in_one_whole_or_joins_them(self) -> None:
        mine, other = strategy("partner"), strategy("investor")
        found = strategies_of([mine, other])
        assert set(found) == {*BUILT_IN_STRATEGIES, "investor"}
        assert found["partner"] is mine
        assert found["partner"].advice == ()
        assert found["upstream"] is BUILT_IN_STRATEGIES["upstream"]
        assert strategies_of([]) == BUILT_IN_STRATEGIES

    def test_the_built_in_ones_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            BUILT_IN_STRATEGIES["partner"] = strategy()  # type: ignore[index]


class TestMerge:
    """REL-4."""

    known = by_type(
        strategy("a", intervals={"call": "1 month", "visit": "1 year"}, advice=["a1", "a2"], avoid=["a3"]),
        strategy("b", intervals={"call": "2 weeks"}, advice=["b1"]),
        strategy("B", intervals={"call": "14 days", "card": "1 year"}, avoid=["B1"]),
    )

    def test_each_channel_has_its_shortest_interval_and_who_asks_for_it(self) -> None:
        merged = merge_strategies(["a", "b"], self.known)
        assert merged.intervals == {"call": (Every(days=14), "b"), "visit": (Every(months=12), "a")}

    def test_of_equal_intervals_the_first_type_by_code_point_counts(self) -> None:
        assert merge_strategies(["b", "a", "B"], self.known).intervals["call"] == (Every(days=14), "B")

    @pytest.mark.parametrize(
        ("one", "other", "shortest"),
        [
            ("30 days", "1 month", "30 days"),
            ("31 days", "1 month", "1 month"),
            ("91 days", "1 quarter", "91 days"),
            ("92 days", "1 quarter", "1 quarter"),
            ("365 days", "1 year", "365 days"),
            ("366 days", "1 year", "1 year"),
            ("4 weeks", "1 month", "4 weeks"),
        ],
    )
    def test_days_and_months_compare_by_their_average_length(self, one: str, other: str, shortest: str) -> None:
        for first, second in ((one, other), (other, one)):
            known = by_type(strategy("x", intervals={"call": first}), strategy("y", intervals={"call": second}))
            assert merge_strategies("xy", known).intervals["call"][0] == Every.parse(shortest)

    def test_steps_of_exactly_the_same_average_length_go_to_the_first_type(self) -> None:
        months, days = Every(months=1_600), Every(days=48_699)
        assert months.average_days == days.average_days
        for first, second in ((months, days), (days, months)):
            known = by_type(strategy("x", intervals={"call": first}), strategy("y", intervals={"call": second}))
            assert merge_strategies("yx", known).intervals["call"] == (first, "x")

    def test_sentences_keep_their_order_and_say_whose_they_are(self) -> None:
        assert merge_strategies(["b", "a", "B"], self.known) == MergedStrategy(
            types=("B", "a", "b"),
            appeals=("the appeal of B", "the appeal of a", "the appeal of b"),
            intervals={"card": (Every(months=12), "B"), "call": (Every(days=14), "B"), "visit": (Every(months=12), "a")},
            advice=(("a", "a1"), ("a", "a2"), ("b", "b1")),
            avoid=(("B", "B1"), ("a", "a3")),
        )

    def test_neither_order_nor_repetition_of_the_types_matters(self) -> None:
        merged = merge_strategies(["a", "b", "B"], self.known)
        assert all(merge_strategies(order, self.known) == merged for order in permutations(["a", "b", "B", "a"]))

    def test_no_type_asks_for_nothing(self) -> None:
        assert merge_strategies([], self.known) == MergedStrategy(types=(), appeals=(), intervals={}, advice=(), avoid=())

    def test_a_type_without_a_strategy_is_an_error_that_names_the_nearest(self) -> None:
        known = strategies_of([])
        assert message(lambda: merge_strategies({"partners"}, known)) == (
            "relationship_types is 'partners': must be one of the types of the policy: channel, end_customer, partner, upstream; "
            "hint: did you mean 'partner'?"
        )
        assert message(lambda: merge_strategies({"xyz"}, known)).endswith("; hint: declare it under [[relationship]]")

    def test_the_first_unknown_type_by_code_point_is_the_one_named(self) -> None:
        for order in (["zzz", "yyy", "partner"], ["partner", "yyy", "zzz"]):
            told = message(lambda order=order: merge_strategies(order, strategies_of([])))  # type: ignore[misc]
            assert told.startswith("relationship_types is 'yyy'")
