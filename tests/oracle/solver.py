"""The questions of a proof, answered by an SMT solver: another mind, which knows nothing of cells.

A fact becomes an integer or a flag for each member, and a flag that says that it is missing; a criterion becomes two formulas:
when it holds and when it fails, as Kleene's logic has it (CRI-2). Each question is put to a solver of its own.

pytest does not collect this module by itself: the tests run it by its path.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

import attrs
import z3

from relcare.policy import (
    And,
    Compare,
    Contains,
    Criterion,
    FactType,
    Leaf,
    Missing,
    Not,
    OneOf,
    Or,
    Vocabulary,
    facts_of,
    leaves,
)
from relcare.segmentation import ThresholdScheme
from relcare.vip import Programme

__all__ = ["verdicts_of_programme", "verdicts_of_scheme"]

Formula: TypeAlias = Any
"""z3 is published without types."""
Answer: TypeAlias = tuple[Formula, Formula]
"""When a criterion holds, and when it fails; it is unknown in the rest."""

_OPERATORS: Final[Mapping[str, Callable[[Formula, int], Formula]]] = {
    "<": lambda value, constant: value < constant,
    "<=": lambda value, constant: value <= constant,
    ">": lambda value, constant: value > constant,
    ">=": lambda value, constant: value >= constant,
    "==": lambda value, constant: value == constant,
    "!=": lambda value, constant: value != constant,
}


@attrs.frozen(eq=False)
class Variable:
    """A fact of one client.

    Attributes:
        value: A number for every kind but sets.
        members: For a set: whether each member that criteria ask for is in it.
        is_missing: Whether nothing is known of it.
        domain: What values it may have.
    """

    value: Formula
    members: Mapping[str, Formula]
    is_missing: Formula
    domain: Formula


@attrs.frozen(eq=False)
class Words:
    """The vocabulary with the texts that criteria use numbered."""

    vocabulary: Vocabulary
    texts: Mapping[str, tuple[str, ...]]
    members: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, criteria: Sequence[Criterion], vocabulary: Vocabulary) -> "Words":
        """Of everything the criteria compare with."""
        texts: dict[str, dict[str, None]] = {name: dict.fromkeys(vocabulary[name].values) for name in vocabulary}
        members: dict[str, dict[str, None]] = {name: {} for name in vocabulary}
        for leaf in (leaf for criterion in criteria for leaf in leaves(criterion)):
            if isinstance(leaf, Contains):
                members[leaf.fact][leaf.value] = None
            elif not isinstance(leaf, Missing) and vocabulary[leaf.fact].kind == "category":
                values = leaf.values if isinstance(leaf, OneOf) else (leaf.value,)
                texts[leaf.fact].update((str(value), None) for value in values)
        return cls(
            vocabulary,
            {name: tuple(found) for name, found in texts.items()},
            {name: tuple(found) for name, found in members.items()},
        )

    def number(self, fact: str, constant: object) -> int:
        """A constant as the solver's number."""
        kind = self.vocabulary[fact]
        if isinstance(constant, Decimal):
            return int(constant / (kind.grain or 1))
        if kind.kind == "date":
            return date.fromisoformat(str(constant)).toordinal()
        return int(constant) if isinstance(constant, bool) else self.texts[fact].index(str(constant))

    def variable(self, fact: str, copy: str = "") -> Variable:
        """A fact of a client; another copy is that of another client."""
        kind, name = self.vocabulary[fact], f"{fact}{copy}"
        value = z3.Int(name)
        members = {member: z3.Bool(f"{member} in {name}") for member in self.members[fact]}
        missing = z3.Bool(f"no {name}") if kind.may_be_missing else z3.BoolVal(val=False)
        low, high = self._bounds(kind)
        domain = z3.And(*([value >= low] if low is not None else []), *([value <= high] if high is not None else []))
        return Variable(value, members, missing, domain)

    def _bounds(self, kind: FactType) -> tuple[int | None, int | None]:
        if kind.kind == "flag":
            return 0, 1
        if kind.values:
            return 0, len(kind.values) - 1
        low, high = (
            bound.toordinal() if isinstance(bound, date) else None if bound is None else int(bound / (kind.grain or 1))
            for bound in (kind.low, kind.high)
        )
        return (0 if kind.kind == "category" else low), high


@attrs.frozen(eq=False)
class Client:
    """A client whom the solver is to find."""

    words: Words
    facts: Mapping[str, Variable]

    @classmethod
    def of(cls, criteria: Sequence[Criterion], words: Words) -> "Client":
        """With every fact that the criteria mention."""
        return cls(words, {name: words.variable(name) for criterion in criteria for name in facts_of(criterion)})

    def but(self, fact: str) -> "Client":
        """Another client who differs in one fact at the most."""
        return attrs.evolve(self, facts={**self.facts, fact: self.words.variable(fact, "'")})

    @property
    def domain(self) -> Formula:
        """All facts within their bounds."""
        return z3.And(*(variable.domain for variable in self.facts.values()))

    def answer(self, criterion: Criterion) -> Answer:
        """When a criterion holds and when it fails for the client."""
        if isinstance(criterion, Not):
            holds, fails = self.answer(criterion.part)
            return fails, holds
        if isinstance(criterion, (And, Or)):
            parts = [self.answer(part) for part in criterion.parts]
            all_hold, all_fail = [holds for holds, _ in parts], [fails for _, fails in parts]
            return (z3.And(all_hold), z3.Or(all_fail)) if isinstance(criterion, And) else (z3.Or(all_hold), z3.And(all_fail))
        variable = self.facts[criterion.fact]
        if isinstance(criterion, Missing):
            return variable.is_missing, z3.Not(variable.is_missing)
        holds = self._holds(criterion, variable)
        return z3.And(z3.Not(variable.is_missing), holds), z3.And(z3.Not(variable.is_missing), z3.Not(holds))

    def _holds(self, leaf: Leaf, variable: Variable) -> Formula:
        if isinstance(leaf, Contains):
            return variable.members[leaf.value]
        if isinstance(leaf, OneOf):
            return z3.Or(*(variable.value == self.words.number(leaf.fact, value) for value in leaf.values))
        if isinstance(leaf, Compare):
            return _OPERATORS[leaf.operator](variable.value, self.words.number(leaf.fact, leaf.value))
        raise AssertionError(leaf)


Ladder: TypeAlias = Callable[[Client], Sequence[tuple[int, Formula]]]
"""When each outcome is certain, with its rank, from 0 for the best."""


def _is_possible(*formulas: Formula) -> bool:
    solver = z3.Solver()
    solver.add(*formulas)
    return bool(solver.check() == z3.sat)


def _unfair(ladder: Ladder, client: Client, *, is_about_missing: bool) -> frozenset[str]:
    """The facts of which more (or nothing known) gives a worse outcome than less (or something known)."""
    better = ladder(client)
    last = max(rank for rank, _ in better)
    found: set[str] = set()
    for name, one in client.facts.items():
        kind = client.words.vocabulary[name]
        if not kind.may_be_missing if is_about_missing else kind.polarity == "neither":
            continue
        other = client.but(name)
        worse = ladder(other)
        falls = [z3.And(_one_of(better, range(at + 1)), _one_of(worse, range(at + 1, last + 1))) for at in range(last)]
        differ = _differ(one, other.facts[name], kind, is_about_missing=is_about_missing)
        if _is_possible(client.domain, other.domain, differ, z3.Or(falls)):
            found.add(name)
    return frozenset(found)


def _one_of(outcomes: Sequence[tuple[int, Formula]], ranks: range) -> Formula:
    return z3.Or([formula for rank, formula in outcomes if rank in ranks])


def _differ(one: Variable, two: Variable, kind: FactType, *, is_about_missing: bool) -> Formula:
    """That the second is to be no worse off: nothing is known of it, or it has more of what is better."""
    if is_about_missing:
        return z3.And(z3.Not(one.is_missing), two.is_missing)
    more = one.value < two.value if kind.polarity == "more" else one.value > two.value
    return z3.And(z3.Not(one.is_missing), z3.Not(two.is_missing), more)


def verdicts_of_scheme(scheme: ThresholdScheme, vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """What is refuted about a threshold scheme, by question: tiers, pairs of tiers, or facts.

    Args:
        scheme: Without a scope.
        vocabulary: What the facts mean.
    """
    criteria, ids = [tier.when for tier in scheme.tiers], [tier.id for tier in scheme.tiers]
    client = Client.of(criteria, Words.of(criteria, vocabulary))
    answers = [client.answer(criterion) for criterion in criteria]
    holds, fails = [one for one, _ in answers], [other for _, other in answers]
    domain, is_unique = client.domain, scheme.hit == "unique"
    never = [not _is_possible(domain, one) for one in holds]
    dead = [not is_unique and not never[at] and not _is_possible(domain, holds[at], *fails[:at]) for at in range(len(ids))]
    pairs = [(one, two) for two in range(len(ids)) for one in range(two)] if is_unique else []
    has_gap = scheme.otherwise is None and _is_possible(domain, *fails)

    def ladder(somebody: Client) -> list[tuple[int, Formula]]:
        told = [somebody.answer(criterion) for criterion in criteria]
        found: list[tuple[int, Formula]] = []
        for at, tier_id in enumerate(ids):
            rivals = [fails for other, (_, fails) in enumerate(told) if other < at or (is_unique and other != at)]
            found.append((scheme.tier_ids.index(tier_id), z3.And(told[at][0], *rivals)))
        if scheme.otherwise is not None:
            # Whether the criterion of that very tier holds makes no difference once all others fail.
            rest = [fails for tier_id, (_, fails) in zip(ids, told, strict=True) if tier_id != scheme.otherwise]
            found.append((scheme.tier_ids.index(scheme.otherwise), z3.And(rest)))
        return found

    return {
        "gap": frozenset({"gap"} if has_gap else ()),
        "never": frozenset(name for name, is_never in zip(ids, never, strict=True) if is_never),
        "dead": frozenset(name for name, is_dead in zip(ids, dead, strict=True) if is_dead),
        "conflict": frozenset(f"{ids[one]} {ids[two]}" for one, two in pairs if _is_possible(domain, holds[one], holds[two])),
        "monotone": _unfair(ladder, client, is_about_missing=False),
        "demotes": _unfair(ladder, client, is_about_missing=True),
    }


def verdicts_of_programme(programme: Programme, vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """What is refuted about a VIP programme, by question: paths, or facts."""
    criteria, ids = [path.when for path in programme.paths], [path.id for path in programme.paths]
    client = Client.of(criteria, Words.of(criteria, vocabulary))
    holds, domain = [client.answer(criterion)[0] for criterion in criteria], client.domain
    never = {name for name, one in zip(ids, holds, strict=True) if not _is_possible(domain, one)}
    others = [z3.Or([other for place, other in enumerate(holds) if place != at]) for at in range(len(ids))]

    def ladder(somebody: Client) -> list[tuple[int, Formula]]:
        told = [somebody.answer(criterion) for criterion in criteria]
        return [(0, z3.Or([one for one, _ in told])), (1, z3.And([fails for _, fails in told]))]

    return {
        "never": frozenset(never),
        "always": frozenset(name for name, one in zip(ids, holds, strict=True) if not _is_possible(domain, z3.Not(one))),
        "implied": frozenset(
            name
            for name, one, rest in zip(ids, holds, others, strict=True)
            if name not in never and not _is_possible(domain, one, z3.Not(rest))
        ),
        "monotone": _unfair(ladder, client, is_about_missing=False),
    }
