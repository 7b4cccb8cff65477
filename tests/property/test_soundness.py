"""Verdicts on threshold schemes against trying every client there can be."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.decisions import Policy
from relcare.policy import Core, Fact, Vocabulary, criterion, evaluate
from relcare.segmentation import ThresholdScheme, ThresholdTier, assign
from relcare.soundness import Finding, prove
from relcare.testing import policies

FACTS = (
    Fact(id="revenue", type="integer", min=0, max=7, polarity="more", may_be_missing=True),
    Fact(id="recency", type="integer", min=0, max=5, polarity="less"),
    Fact(id="likelihood", type="level", values=("none", "low", "high"), polarity="more", may_be_missing=True),
)
WORDS = Vocabulary({fact.id: fact.fact_type for fact in FACTS})
EVERYBODY: list[dict[str, Core]] = [
    {"revenue": revenue, "recency": recency, "likelihood": likelihood}
    for revenue, recency, likelihood in product((None, *range(8)), range(6), (None, 0, 1, 2))
]
GOODNESS = {"revenue": tuple(range(8)), "recency": tuple(range(5, -1, -1)), "likelihood": (0, 1, 2)}
"""The known values of each fact, the better the later."""

comparisons = st.one_of(
    st.builds("revenue {} {}".format, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), st.integers(0, 7)),
    st.builds("recency {} {}".format, st.sampled_from(("<", "<=", ">", ">=")), st.integers(0, 5)),
    st.builds("likelihood {} '{}'".format, st.sampled_from(("<", ">=", "==")), st.sampled_from(("none", "low", "high"))),
    st.sampled_from(("missing(revenue)", "missing(likelihood)")),
)
criteria = st.lists(st.lists(comparisons, min_size=1, max_size=3), min_size=1, max_size=2).map(
    lambda parts: criterion(" or ".join(f"({' and '.join(part)})" for part in parts))
)
schemes = st.builds(
    lambda whens, hit, otherwise: ThresholdScheme(
        id="s",
        tiers=[ThresholdTier(tier, when) for tier, when in zip("ABCD", whens, strict=False)],
        hit=hit,
        otherwise="Z" if otherwise or hit == "first" else None,
    ),
    st.lists(criteria, min_size=1, max_size=4),
    st.sampled_from(("highest", "first", "unique")),
    st.booleans(),
)


def policy_of(scheme: ThresholdScheme) -> Policy:
    return Policy(id="p", version="1", effective_from=date(2026, 1, 1), facts=FACTS, segmentation=[scheme])


def refuted(scheme: ThresholdScheme, code: str) -> list[Finding]:
    report = prove(policy_of(scheme))
    assert report.undecided == ()
    return [finding for finding in report.refuted if finding.code == code]


def tiers_of(scheme: ThresholdScheme) -> list[str | None]:
    """Everybody's tier as the real evaluator gives it; None while held."""
    rows = {str(at): row for at, row in enumerate(EVERYBODY)}
    found = assign(scheme, rows, vocabulary=WORDS, tiers_in_force={}).tiers
    return [found.get(client_id) for client_id in rows]


def lines(scheme: ThresholdScheme) -> Iterator[tuple[str, dict[Core, int]]]:
    """The ranks along each fact, all else equal: 0 for the best tier; those who are held are left out."""
    tiers = tiers_of(scheme)
    for fact in GOODNESS:
        found: dict[tuple[Core, ...], dict[Core, int]] = {}
        for row, tier in zip(EVERYBODY, tiers, strict=True):
            if tier is not None:
                rest = tuple(value for name, value in row.items() if name != fact)
                found.setdefault(rest, {})[row[fact]] = scheme.tier_ids.index(tier)
        yield from ((fact, line) for line in found.values())


class TestVerdicts:
    """What is proved holds for everybody, and what is refuted does not: exactly what trying all of them says."""

    @settings(max_examples=60)
    @given(schemes)
    def test_a_gap_is_found_exactly_where_nobody_decides(self, scheme: ThresholdScheme) -> None:
        answers = [[evaluate(tier.when, row, WORDS) for tier in scheme.tiers] for row in EVERYBODY]
        has_gap = scheme.otherwise is None and any(set(one) == {False} for one in answers)
        assert bool(refuted(scheme, "total.gap")) is has_gap

    @settings(max_examples=60)
    @given(schemes)
    def test_two_tiers_for_one_client_are_a_conflict_where_one_is_expected(self, scheme: ThresholdScheme) -> None:
        holding = [{tier.id for tier in scheme.tiers if evaluate(tier.when, row, WORDS)} for row in EVERYBODY]
        pairs = {(a.id, b.id) for at, b in enumerate(scheme.tiers) for a in scheme.tiers[:at]}
        expected = {pair for pair in pairs if any(set(pair) <= held for held in holding)} if scheme.hit == "unique" else set()
        assert {finding.values["tiers"] for finding in refuted(scheme, "conflict")} == expected

    @settings(max_examples=60)
    @given(schemes)
    def test_a_fact_is_monotone_exactly_when_no_step_up_is_a_step_down(self, scheme: ThresholdScheme) -> None:
        falls: set[object] = set()
        for fact, line in lines(scheme):
            steps = [line[value] for value in GOODNESS[fact] if value in line]
            if steps != sorted(steps, reverse=True):
                falls.add(fact)
        assert {finding.values["fact"] for finding in refuted(scheme, "monotone")} == falls

    @settings(max_examples=60)
    @given(schemes)
    def test_want_of_data_demotes_exactly_when_knowing_would_do_better(self, scheme: ThresholdScheme) -> None:
        demoting = {fact for fact, line in lines(scheme) if None in line and min(line.values()) < line[None]}
        assert {finding.values["fact"] for finding in refuted(scheme, "demotes")} == demoting

    @settings(max_examples=60)
    @given(schemes)
    def test_a_rule_is_dead_exactly_when_others_always_come_before_it(self, scheme: ThresholdScheme) -> None:
        answers = [[evaluate(tier.when, row, WORDS) for tier in scheme.tiers] for row in EVERYBODY]
        alive = {tier.id for row in answers for tier, answer in zip(scheme.tiers, row, strict=True) if answer}
        # One that is open for want of data leaves the client where it is, and those after it have no say.
        first = [next((at for at, answer in enumerate(row) if answer is not False), None) for row in answers]
        deciding = {scheme.tiers[at].id for at, row in zip(first, answers, strict=True) if at is not None and row[at]}
        assert {finding.values["rule"] for finding in refuted(scheme, "dead.never")} == set(
            scheme.tier_ids[: len(scheme.tiers)]
        ) - alive
        if scheme.hit != "unique":
            assert {finding.values["rule"] for finding in refuted(scheme, "dead.shadowed")} == alive - deciding

    @settings(max_examples=60)
    @given(schemes)
    def test_the_culprits_of_a_shadow_cover_it(self, scheme: ThresholdScheme) -> None:
        answers = {tier.id: [evaluate(tier.when, row, WORDS) for row in EVERYBODY] for tier in scheme.tiers}
        for finding in refuted(scheme, "dead.shadowed"):
            rule, culprits = str(finding.values["rule"]), finding.values["by"]
            assert isinstance(culprits, tuple)
            held = [at for at, answer in enumerate(answers[rule]) if answer]
            assert all(any(answers[name][at] is not False for name in culprits) for at in held)
            for left_out in culprits:
                rest = [name for name in culprits if name != left_out]
                assert not all(any(answers[name][at] is not False for name in rest) for at in held)


class TestWitnesses:
    """A refutation is shown by clients whom the policy itself decides as it says."""

    @settings(max_examples=60)
    @given(schemes)
    def test_every_witness_is_decided_as_it_says(self, scheme: ThresholdScheme) -> None:
        policy = policy_of(scheme)
        for finding in prove(policy).refuted:
            for witness in finding.witnesses:
                (assignment,) = policy.decide_facts(witness.facts, as_of=policy.effective_from).assignments
                assert (assignment.tier or "held") == witness.outcome

    @settings(max_examples=60)
    @given(schemes)
    def test_the_two_clients_of_a_comparison_differ_in_the_one_fact(self, scheme: ThresholdScheme) -> None:
        for finding in (*refuted(scheme, "monotone"), *refuted(scheme, "demotes")):
            one, two = finding.witnesses
            fact = str(finding.values["fact"])
            assert {name for name in one.facts if one.facts[name] != two.facts[name]} == {fact}
            assert scheme.tier_ids.index(one.outcome) < scheme.tier_ids.index(two.outcome)

    @settings(max_examples=60)
    @given(schemes)
    def test_a_hint_closes_the_gap_and_moves_nobody(self, scheme: ThresholdScheme) -> None:
        for finding in refuted(scheme, "total.gap"):
            after = applied(scheme, finding.hint or "")
            assert refuted(after, "total.gap") == []
            assert all(before in {None, now} for before, now in zip(tiers_of(scheme), tiers_of(after), strict=True))


def applied(scheme: ThresholdScheme, hint: str) -> ThresholdScheme:
    """The scheme with the hint of a gap written into it."""
    match = re.fullmatch(r'write (?:when = "(?P<when>.*)" for (?P<tier>\w)|otherwise = "(?P<otherwise>\w)".*)', hint)
    assert match is not None, hint
    if match["otherwise"]:
        return attrs.evolve(scheme, otherwise=match["otherwise"])
    tiers = [attrs.evolve(tier, when=criterion(match["when"])) if tier.id == match["tier"] else tier for tier in scheme.tiers]
    return attrs.evolve(scheme, tiers=tiers)


class TestBudgets:
    """What a budget does not reach is undecided, and never wrong."""

    @settings(max_examples=60)
    @given(schemes, st.integers(0, 6))
    def test_with_any_budget_an_answer_is_the_full_one_or_none(self, scheme: ThresholdScheme, budget: int) -> None:
        assert_right_or_undecided(policy_of(scheme), budget)

    @settings(max_examples=40)
    @given(policies(with_examples=False), st.sampled_from((0, 1, 5)))
    def test_so_it_is_for_any_policy(self, policy: Policy, budget: int) -> None:
        assert_right_or_undecided(policy, budget)


def assert_right_or_undecided(policy: Policy, budget: int) -> None:
    full, little = prove(policy), prove(policy, budget=budget)
    answers = {(finding.question, finding.subject): finding.outcome for finding in full.findings}
    for finding in little.findings:
        assert finding.outcome in {"undecided", answers[finding.question, finding.subject]}
    assert {(finding.question, finding.subject) for finding in little.findings} == answers.keys()
