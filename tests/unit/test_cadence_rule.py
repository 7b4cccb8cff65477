import pickle
from datetime import date
from typing import Any

import attrs
import pytest

from relcare.cadence import DEFAULT_COUNTS, CadenceRule, rule_problems
from relcare.errors import InvalidValueError, PolicyDocumentError
from relcare.model import CONTACT_OUTCOMES
from relcare.policy import CLIENT_FACTS, Every, FactType, Span, Vocabulary, criterion

STEP = 'must be a whole number and a unit; hint: write "2 weeks", "10 days", "1 month", "1 quarter" or "1 year"'
WORDS = Vocabulary(
    {
        **CLIENT_FACTS,
        "tier.abc": FactType(kind="level", values=("C", "B", "A")),
        "contract_on": FactType(kind="date"),
        "renewal_on": FactType(kind="date"),
        "turnover": FactType(kind="money"),
    },
    broken=frozenset({"hired_on"}),
)


def rule(**more: Any) -> CadenceRule:
    return CadenceRule(**({"id": "call-A", "channel": "call", "every": "1 week"} | more))


def grid(**more: Any) -> CadenceRule:
    return rule(mode="grid", **({"anchor": "2026-01-31", "every": "1 month"} | more))


def problem_of(**more: Any) -> str:
    with pytest.raises(InvalidValueError) as caught:
        rule(**more)
    return str(caught.value)


def test_a_rule_needs_an_id_a_channel_and_an_interval_and_the_rest_has_defaults() -> None:
    assert attrs.asdict(rule(), recurse=False) == {
        "id": "call-A",
        "channel": "call",
        "every": Every(days=7),
        "mode": "rolling",
        "anchor": None,
        "when": None,
        "role": "account manager",
        "minutes": 0,
        "times": 1,
        "satisfied_by": (),
        "in_lieu_limit": None,
        "spread": Span(),
        "counts": None,
        "reaches": (),
        "grace": Span(),
        "lead": Span(),
        "roll": "following",
        "leap_day": "28 February",
        "minimum": None,
        "priority": 0,
        "purpose": None,
        "source": None,
    }


def test_texts_and_values_give_equal_rules_that_hash_and_survive_pickling() -> None:
    written = rule(minimum="3 days", grace="2 business days", lead="1 day", satisfied_by=["visit"], reaches=["principal"])
    built = rule(
        every=Every(days=7),
        minimum=Every(days=3),
        grace=Span(2, is_business=True),
        lead=Span(1),
        satisfied_by=("visit",),
        reaches=("principal",),
    )
    assert written == built
    assert hash(written) == hash(built)
    assert pickle.loads(pickle.dumps(written)) == built


def test_a_rule_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        rule().every = Every(days=1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"id": ""}, "id is '': must be 1 to 200 visible characters without blanks at its ends"),
        ({"id": 7}, "id is 7: must be text"),
        ({"channel": " "}, "channel is ' ': must be visible text of at most 4096 characters without control characters"),
        ({"channel": None}, "channel is None: must be text"),
        ({"role": ""}, "role is '': must be visible text of at most 4096 characters without control characters"),
        ({"purpose": ""}, "purpose is '': must be visible text of at most 4096 characters without control characters"),
        ({"source": "\x00"}, r"source is '\x00': must be visible text of at most 4096 characters without control characters"),
        ({"mode": "rollin"}, "mode is 'rollin': must be one of 'rolling', 'grid', 'quota'; hint: did you mean 'rolling'?"),
        (
            {"mode": "quota", "every": "10 days"},
            "every is '10 days': must be 1 week, or 1, 2, 3, 4, 6 or 12 calendar months; hint: write every = \"1 month\"",
        ),
        ({"mode": "quota", "anchor": "2026-01-01"}, "anchor is '2026-01-01': must not be given for a quota"),
        ({"times": 2}, 'times is 2: must go with a quota; hint: write mode = "quota"'),
        (
            {"spread": "2 business days"},
            "spread is '2 business days': must be calendar days of a rolling rule: no other is re-dated",
        ),
        ({"in_lieu_limit": -1}, "in_lieu_limit is -1: must be a whole number from 0 to 1000"),
        (
            {"roll": "follow"},
            "roll is 'follow': must be one of 'following', 'preceding', 'nearest', 'none'; hint: did you mean 'following'?",
        ),
        (
            {"leap_day": "29 February"},
            "leap_day is '29 February': must be one of '28 February', '1 March', 'skip'; hint: did you mean '28 February'?",
        ),
        ({"minutes": -1}, "minutes is -1: must be a whole number from 0 to 1440"),
        ({"minutes": 1_441}, "minutes is 1441: must be a whole number from 0 to 1440"),
        ({"minutes": True}, "minutes is True: must be a whole number from 0 to 1440"),
        ({"priority": 1_001}, "priority is 1001: must be a whole number from -1000 to 1000"),
        ({"priority": 1.0}, "priority is 1.0: must be a whole number from -1000 to 1000"),
        ({"satisfied_by": "visit"}, "satisfied_by is 'visit': must be a collection of str"),
        ({"satisfied_by": ["visit", 7]}, "satisfied_by[1] is 7: must be a str"),
        (
            {"satisfied_by": ["visit", ""]},
            "satisfied_by[1] is '': must be visible text of at most 4096 characters without control characters",
        ),
        ({"reaches": "principal"}, "reaches is 'principal': must be a collection of str"),
        (
            {"reaches": ["\u200b"]},
            r"reaches[0] is '\u200b': must be visible text of at most 4096 characters without control characters",
        ),
        (
            {"when": "tier.abc == 'A'"},
            'when is "tier.abc == \'A\'": must be a criterion; hint: write relcare.criterion("...")',
        ),
        ({"counts": True}, 'counts is True: must be a criterion; hint: write relcare.criterion("...")'),
        (
            {"grace": "2"},
            'grace is \'2\': must be a whole number and a unit; hint: write "2 days", "1 week" or "3 business days"',
        ),
        (
            {"grace": 2},
            'grace is 2: must be a whole number and a unit; hint: write "2 days", "1 week" or "3 business days"',
        ),
        (
            {"lead": "1 month"},
            'lead is \'1 month\': must be a whole number and a unit; hint: write "2 days", "1 week" or "3 business days"',
        ),
        (
            {"every": "weekly"},
            f"every is 'weekly': {STEP}",
        ),
        (
            {"every": 7},
            f"every is 7: {STEP}",
        ),
        (
            {"minimum": "0 days"},
            f"minimum is '0 days': {STEP}",
        ),
        ({"every": None}, 'every is None: must be given; hint: write every = "2 weeks"'),
        ({"every": "101 years"}, "every is '101 years': must be at most 100 years"),
        ({"anchor": 7}, "anchor is 7: must be text"),
        ({"anchor": "2026-01-31"}, "anchor is '2026-01-31': must not be given for a rolling rule; hint: write mode = \"grid\""),
        ({"lead": "1 week"}, "lead is '7 days': must be shorter than the interval, 1 week"),
    ],
)
def test_each_part_that_is_wrong_is_refused_by_name(more: dict[str, Any], message: str) -> None:
    assert problem_of(**more) == message


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"anchor": None}, 'anchor is None: must be given for a grid; hint: write anchor = "people.birthday"'),
        ({"anchor": date(2026, 1, 31)}, "anchor is 2026-01-31: must be text"),
        ({"anchor": "0026-01-31"}, "anchor is 0026-01-31: must be from 1900-01-01 to 2199-12-31"),
        ({"every": None}, 'every is None: must be given; hint: write every = "1 year"'),
        ({"every": None, "anchor": "contract_on"}, 'every is None: must be given; hint: write every = "1 year"'),
        ({"every": "1 month", "anchor": "people.birthday"}, "every is '1 month': must be 1 year for a birthday or a festival"),
        ({"minimum": "3 days"}, "minimum is '3 days': must not be given for a grid: no strategy moves it"),
        ({"every": "1 day", "lead": "1 day"}, "lead is '1 day': must be shorter than the interval, 1 day"),
        (
            {"every": None, "anchor": "people.birthday", "lead": "366 days"},
            "lead is '366 days': must be shorter than the interval, 1 year",
        ),
    ],
)
def test_each_part_that_does_not_fit_a_grid_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        grid(**more)
    assert str(caught.value) == message


def test_the_extremes_are_allowed() -> None:
    assert rule(every="100 years", minutes=1_440, priority=-1_000, lead="6 days", grace="9999 weeks").step == Every(months=1_200)
    assert grid(anchor="1900-01-01").anchor_date == date(1900, 1, 1)


def test_a_birthday_comes_every_year_whether_written_or_not() -> None:
    bare = grid(anchor="people.birthday", every=None)
    assert bare.step == Every(months=12)
    for text in ("1 year", "12 months", "4 quarters"):
        assert grid(anchor="people.birthday", every=text).step == bare.step


def test_what_satisfies_a_rule_includes_its_own_channel() -> None:
    assert rule(satisfied_by=["visit", "call"]).channels == {"call", "visit"}
    assert rule().channels == {"call"}


@pytest.mark.parametrize("text", ["20260131", "2026-W05-6", "2026-1-31", "2026-02-30", "2026-01-31T00:00", "contract_on"])
def test_only_a_full_iso_date_is_an_anchor_by_itself(text: str) -> None:
    assert grid(anchor=text).anchor_date is None
    assert grid().anchor_date == date(2026, 1, 31)


def test_by_default_a_contact_is_one_that_says_so_or_says_nothing() -> None:
    assert str(DEFAULT_COUNTS) == f"missing(outcome) or outcome in {CONTACT_OUTCOMES!r}"


class TestProblems:
    """CRI-1: "Errors name file, line, column and the nearest right name."."""

    @pytest.mark.parametrize("anchor", ["people.birthday", "client.client_since_on", "contract_on", "2026-01-31", "hired_on"])
    def test_every_kind_of_anchor_is_accepted_and_a_broken_fact_is_not_complained_about_twice(self, anchor: str) -> None:
        assert list(rule_problems(grid(anchor=anchor, every="1 year"), WORDS)) == []

    @pytest.mark.parametrize(
        ("anchor", "message", "hint"),
        [
            ("people.birthdays", "'people.birthdays' is no anchor", "did you mean 'people.birthday'?"),
            ("contract", "'contract' is no anchor", "did you mean 'contract_on'?"),
            (
                "xyz",
                "'xyz' is no anchor",
                "write people.birthday, client.client_since_on, a date fact or a date as 2026-01-31",
            ),
            ("turnover", "turnover is a money: an anchor is a date", None),
            ("tier.abc", "tier.abc is a level: an anchor is a date", None),
        ],
    )
    def test_any_other_anchor_is_named_with_the_nearest(self, anchor: str, message: str, hint: str | None) -> None:
        (problem,) = rule_problems(grid(anchor=anchor, every="1 year"), WORDS)
        assert (problem.path, problem.message, problem.hint) == (("anchor",), message, hint)

    def test_wrong_facts_are_found_in_both_criteria(self) -> None:
        wrong = rule(when=criterion("tier.abd == 'A'"), counts=criterion("client.stage == 'open' or outcom == 'met'"))
        found = [(problem.path, problem.message) for problem in rule_problems(wrong, WORDS)]
        assert found == [
            (("when",), "unknown fact 'tier.abd'"),
            (("counts",), "unknown fact 'client.stage'"),
            (("counts",), "unknown fact 'outcom'"),
        ]

    def test_a_policy_reports_them_with_their_place(self) -> None:
        from relcare.decisions import Policy

        with pytest.raises(PolicyDocumentError) as caught:
            Policy(id="p", version="1", effective_from=date(2026, 1, 1), cadence=(rule(), grid(anchor="contract", id="g")))
        assert [problem.path for problem in caught.value.problems] == ["cadence[1].anchor"]
