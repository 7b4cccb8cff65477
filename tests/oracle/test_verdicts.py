"""Random policies, judged three times: by the proof on cells, by trying every client there is, and by an SMT solver.

A slice runs with the other tests; `make oracle` runs thousands. Without z3 the first two judges still have to agree.
"""

import os
import random
import runpy
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from relcare.codec import dumps_policy
from relcare.decisions import Policy
from relcare.policy import Core, Fact, Vocabulary, compile_criteria, criterion, facts_of
from relcare.segmentation import HitPolicy, ThresholdScheme, ThresholdTier, threshold_outcome
from relcare.soundness import Finding, prove
from relcare.vip import Programme, VipPath

Verdicts: TypeAlias = Mapping[str, frozenset[str]]
Row: TypeAlias = dict[str, Core]
POLICIES: Final = int(os.environ.get("RELCARE_ORACLE_POLICIES", "40"))
CHUNKS: Final = 8
FIRST_DAY: Final = date(2026, 1, 1)
SOLVER: Final = Path(__file__).parent / "solver.py"
CHOICES: Final[Mapping[str, tuple[Core, ...]]] = {
    "number": tuple(range(-1, 7)),
    "integer": tuple(range(6)),
    "level": tuple(range(3)),
    "date": tuple(FIRST_DAY.toordinal() + days for days in range(5)),
    "category": ("direct", "partner", "anything at all"),
    "flag": (False, True),
    "set": tuple(frozenset(chosen) for chosen in ((), ("golf",), ("tea",), ("golf", "tea"), ("golf", "opera"))),
}
"""Every value of a fact that a criterion below could tell from another, and more."""


def random_fact(draw: random.Random, number: int) -> Fact:
    kind = draw.choice(tuple(CHOICES))
    given: dict[str, Any] = {"id": f"fact_{number}", "type": kind, "may_be_missing": draw.random() < 0.6}
    if kind == "number":
        given["grain"] = "0.5"
    elif kind == "integer":
        given |= {"min": Decimal(0), "max": Decimal(5)}
    elif kind == "level":
        given["values"] = ("none", "low", "high")
    elif kind == "date":
        given |= {"min": FIRST_DAY, "max": FIRST_DAY + timedelta(days=4)}
    if kind not in {"category", "set"}:
        given["polarity"] = draw.choice(("more", "less", "neither"))
    return Fact(**given)


def random_leaf(draw: random.Random, fact: Fact) -> str:
    if draw.random() < 0.2:
        return draw.choice((f"missing({fact.id})", f"not missing({fact.id})"))
    kind, name = fact.type, fact.id
    if kind == "set":
        return f"'{draw.choice(('golf', 'tea'))}' {draw.choice(('in', 'not in'))} {name}"
    if kind == "flag":
        return draw.choice((name, f"not {name}"))
    if kind == "category":
        return draw.choice((f"{name} == 'direct'", f"{name} != 'partner'", f"{name} in ('direct', 'partner')"))
    if kind == "level":
        return f"{name} {draw.choice(('<', '<=', '>', '>=', '==', '!='))} '{draw.choice(fact.values)}'"
    if kind == "date":
        return f"{name} {draw.choice(('<', '>=', '=='))} '{FIRST_DAY + timedelta(days=draw.randint(0, 4))}'"
    constant = Decimal(draw.randint(0, 5)) * (fact.grain or 1)
    return f"{name} {draw.choice(('<', '<=', '>', '>=', '==', '!='))} {constant}"


def random_text(draw: random.Random, facts: Sequence[Fact]) -> str:
    alternatives = []
    for _ in range(draw.choice((1, 1, 1, 2))):
        parts = [random_leaf(draw, draw.choice(facts)) for _ in range(draw.randint(1, 3))]
        alternatives.append(f"({' and '.join(parts)})")
    joined = " or ".join(alternatives)
    return f"not ({joined})" if draw.random() < 0.1 else joined


def random_policy(seed: int) -> Policy:
    """Four to twelve rules over two to five facts, in a scheme and a VIP programme."""
    draw = random.Random(seed)
    facts = [random_fact(draw, number) for number in range(draw.randint(2, 5))]
    count = draw.randint(4, 12)
    on_paths = draw.randint(1, 3)
    tiers = [ThresholdTier(f"T{at}", criterion(random_text(draw, facts))) for at in range(count - on_paths)]
    hit: HitPolicy = draw.choice(("highest", "highest", "first", "unique"))
    otherwise = draw.choice(("rest", draw.choice(tiers).id)) if hit == "first" or draw.random() < 0.4 else None
    return Policy(
        id="random",
        version=str(seed),
        effective_from=FIRST_DAY,
        facts=facts,
        segmentation=[ThresholdScheme(id="s", tiers=tiers, hit=hit, otherwise=otherwise)],
        vip=[Programme(id="v", paths=[VipPath(f"p{at}", criterion(random_text(draw, facts))) for at in range(on_paths)])],
    )


def words_of(policy: Policy) -> Vocabulary:
    return Vocabulary({fact.id: fact.fact_type for fact in policy.facts})


def proved(policy: Policy) -> tuple[Verdicts, Verdicts]:
    """What the proof refutes about the scheme and the programme."""
    report = prove(policy)
    assert report.undecided == ()

    def told(subject: str, code: str, name: Callable[[Finding], object]) -> frozenset[str]:
        return frozenset(str(name(f)) for f in report.refuted if f.subject == subject and f.code == code)

    def value(key: str) -> Callable[[Finding], object]:
        return lambda finding: finding.values[key]

    def pair(finding: Finding) -> str:
        tiers = finding.values["tiers"]
        return " ".join(tiers) if isinstance(tiers, tuple) else str(tiers)

    scheme = {
        "gap": told("segmentation[0]", "total.gap", lambda _: "gap"),
        "never": told("segmentation[0]", "dead.never", value("rule")),
        "dead": told("segmentation[0]", "dead.shadowed", value("rule")),
        "conflict": told("segmentation[0]", "conflict", pair),
        "monotone": told("segmentation[0]", "monotone", value("fact")),
        "demotes": told("segmentation[0]", "demotes", value("fact")),
    }
    programme = {
        "never": told("vip[0]", "dead.never", value("rule")),
        "always": told("vip[0]", "always", value("rule")),
        "implied": told("vip[0]", "path.implied", value("path")),
        "monotone": told("vip[0]", "monotone", value("fact")),
    }
    return scheme, programme


def everybody(policy: Policy, names: Sequence[str]) -> list[Row]:
    """Every client there is, by the facts named."""
    kinds = {fact.id: fact for fact in policy.facts}
    missing: Mapping[bool, tuple[Core, ...]] = {True: (None,), False: ()}
    choices = [CHOICES[kinds[name].type] + missing[kinds[name].may_be_missing] for name in names]
    return [dict(zip(names, values, strict=True)) for values in product(*choices)]


def falling(policy: Policy, rows: Sequence[Row], ranks: Sequence[int | None], *, is_about_missing: bool) -> frozenset[str]:
    """The facts in which a line of clients, equal in all else, is worse off where it should be no worse."""
    found: set[str] = set()
    for name in rows[0]:
        fact = next(fact for fact in policy.facts if fact.id == name)
        lines: dict[tuple[Core, ...], list[tuple[Core, int]]] = {}
        for row, rank in zip(rows, ranks, strict=True):
            if rank is not None:
                lines.setdefault(tuple(value for key, value in row.items() if key != name), []).append((row[name], rank))
        for line in lines.values():
            known = sorted(((value, rank) for value, rank in line if isinstance(value, int)), reverse=fact.polarity == "less")
            if is_about_missing:
                unknown = [rank for value, rank in line if value is None]
                falls = any(rank < other for value, rank in line if value is not None for other in unknown)
            else:
                steps = [rank for _, rank in known]
                falls = fact.polarity != "neither" and any(rank > min(steps[:at]) for at, rank in enumerate(steps) if at)
            if falls:
                found.add(name)
    return frozenset(found)


def tried(policy: Policy) -> tuple[Verdicts, Verdicts]:
    """The same, by trying everybody."""
    (scheme,), (programme,) = policy.segmentation, policy.vip_programmes
    assert isinstance(scheme, ThresholdScheme)
    words = words_of(policy)

    def answers_of(criteria: Sequence[Any]) -> tuple[list[Row], list[tuple[bool | None, ...]]]:
        names = list(dict.fromkeys(name for one in criteria for name in facts_of(one)))
        compiled = compile_criteria(criteria, words, names)
        rows = everybody(policy, names)
        return rows, [tuple(compiled([row[name] for name in names])) for row in rows]

    rows, answers = answers_of([tier.when for tier in scheme.tiers])
    outcomes = [threshold_outcome(scheme, answer) for answer in answers]
    ranks = [None if tier is None else scheme.tier_ids.index(tier) for tier, _ in outcomes]
    ids = [tier.id for tier in scheme.tiers]
    is_unique = scheme.hit == "unique"
    held = [[at for at, answer in enumerate(one) if answer] for one in answers]
    holding = {at for one in held for at in one}
    # The first that holds or is open for want of data has the word; one that is open leaves the client where it is.
    firsts = [next((at for at, answer in enumerate(one) if answer is not False), None) for one in answers]
    first = {at for at, one in zip(firsts, answers, strict=True) if at is not None and one[at]}
    pairs = {(one, two) for places in held for two in places for one in places if one < two} if is_unique else set()
    of_scheme = {
        "gap": frozenset({"gap"} if "segmentation.no_match" in {code for _, code in outcomes} else ()),
        "never": frozenset(name for at, name in enumerate(ids) if at not in holding),
        "dead": frozenset(name for at, name in enumerate(ids) if at in holding - first and not is_unique),
        "conflict": frozenset(f"{ids[one]} {ids[two]}" for one, two in pairs),
        "monotone": falling(policy, rows, ranks, is_about_missing=False),
        "demotes": falling(policy, rows, ranks, is_about_missing=True),
    }
    rows, answers = answers_of([path.when for path in programme.paths])
    ranks = [0 if True in one else 1 if None not in one else None for one in answers]
    columns = list(zip(*answers, strict=True))
    of_programme = {
        "never": frozenset(f"p{at}" for at, column in enumerate(columns) if True not in column),
        "always": frozenset(f"p{at}" for at, column in enumerate(columns) if set(column) == {True}),
        "implied": frozenset(
            f"p{at}"
            for at, column in enumerate(columns)
            if True in column and all(one.count(True) > 1 for one in answers if one[at])
        ),
        "monotone": falling(policy, rows, ranks, is_about_missing=False),
    }
    return of_scheme, of_programme


@cache
def solver() -> dict[str, Any]:
    return runpy.run_path(str(SOLVER))


def solved(policy: Policy) -> tuple[Verdicts, Verdicts]:
    """The same, by the solver."""
    words = words_of(policy)
    return (
        solver()["verdicts_of_scheme"](policy.segmentation[0], words),
        solver()["verdicts_of_programme"](policy.vip_programmes[0], words),
    )


def chunk(number: int) -> range:
    return range(number, POLICIES, CHUNKS)


@pytest.mark.parametrize("number", range(CHUNKS))
class TestVerdicts:
    """What is proved holds for everybody, and what is refuted does not."""

    def test_the_proof_says_what_trying_everybody_says(self, number: int) -> None:
        for seed in chunk(number):
            policy = random_policy(seed)
            assert proved(policy) == tried(policy), dumps_policy(policy)

    def test_the_proof_says_what_a_solver_says(self, number: int) -> None:
        pytest.importorskip("z3", reason="z3-solver is not installed: it is in the dependency group `oracle`")
        for seed in chunk(number):
            policy = random_policy(seed)
            assert proved(policy) == solved(policy), dumps_policy(policy)


def test_the_random_policies_are_worth_judging() -> None:
    """Each question is refuted for some and proved for others."""
    schemes, programmes = zip(*(tried(random_policy(seed)) for seed in range(40)), strict=True)
    for verdicts in (schemes, programmes):
        for question in verdicts[0]:
            assert {bool(one[question]) for one in verdicts} == {True, False}, question
