"""From a policy's results to justifications: each decision about a client, with what forces it and what would change it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import attrs

from relcare.cells import BudgetSpentError
from relcare.decisions import BookResult, ClientResult, FactsResult, Policy, vocabularies_of_policy
from relcare.errors import InvalidValueError, PolicyError
from relcare.grades import Grade
from relcare.model import FactValue
from relcare.policy import Core, OutOfBounds, decisive_facts, facts_of
from relcare.segmentation import Assignment, QuotaScheme, Scheme, SchemeResult
from relcare.soundness._explanation import ClientJustification, Justification, Lever, Way
from relcare.soundness._explanation_endings import Ending
from relcare.soundness._explanation_levers import levers_of
from relcare.soundness._explanation_pins import Hold, held_rules, hold_of
from relcare.soundness._explanation_quota import QuotaRules
from relcare.soundness._explanation_ranking import Contests, seats_of
from relcare.soundness._explanation_rules import CellRules, programme_rules, threshold_rules
from relcare.vip import Programme

__all__ = ["Justifier", "justify"]

Row: TypeAlias = Mapping[str, Core]
Rules: TypeAlias = CellRules | QuotaRules


def justify(
    policy: Policy, result: FactsResult | ClientResult | BookResult, *, client_id: str | None = None
) -> ClientJustification:
    """Why one client is decided as it is, and the smallest single changes that would decide it otherwise.

    Every change shown was tried with the real evaluator, and so was the value next to it, with which it does not come about.
    All else stays as it stands: other facts, tiers of other schemes, in a quota the other clients, and the client's own pin: an
    exact one lets no change of facts move it but out of the scheme, a floor lets it rise and not fall below. Who asks about
    many clients makes a `Justifier` once.

    Args:
        policy: The policy that decided.
        result: What it decided: from facts alone, about one client, or about a book; quotas are justified from a book only.
        client_id: Who, for the result of a book; not given otherwise.

    Raises:
        InvalidValueError: If the result is of another policy or version, or if `client_id` is lacking or given in vain.
        UnknownRecordError: If the book has no such client.

    Examples:
        >>> from datetime import date
        >>> from relcare.presets import preset
        >>> policy = preset("agent")
        >>> facts = {"client.relationship_types": ["channel"], "revenue_12m": "62000"}
        >>> tier = justify(policy, policy.decide_facts(facts, as_of=date(2026, 3, 31))).tier("revenue")
        >>> tier.outcome, tier.sufficient
        ('B', ('revenue_12m', 'client.relationship_types'))
        >>> revenue = tier.lever("revenue_12m")
        >>> str(revenue.up.becomes), str(revenue.fall.last), str(revenue.fall.margin)
        ('100000.00', '20000.00', '42000.00')

    Source: SEG-10, SEG-12, CRI-3.
    """
    return Justifier(policy).justify(result, client_id=client_id)


class Justifier:
    """A policy made ready to justify its decisions about many clients.

    Args:
        policy: The policy.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy: Policy = policy
        self._words = vocabularies_of_policy(policy)

    def justify(self, result: FactsResult | ClientResult | BookResult, *, client_id: str | None = None) -> ClientJustification:
        """Why one client is decided as it is, see the function `justify`.

        Raises:
            InvalidValueError: If the result is of another policy or version, or if `client_id` is lacking or given in vain.
            UnknownRecordError: If the book has no such client.
        """
        self._check(result, client_id)
        if isinstance(result, BookResult):
            client = client_id or ""
            row = self._row(result.facts(client))
            return ClientJustification(
                {scheme_id: self._tier(scheme, client, row) for scheme_id, scheme in result.schemes.items()}, self._vip(row)
            )
        row = self._row(result.facts)
        tiers = {a.scheme_id: self._by_thresholds(a, row) for a in result.assignments}
        return ClientJustification(tiers, self._vip(row))

    def _check(self, result: FactsResult | ClientResult | BookResult, client_id: str | None) -> None:
        own = (self.policy.id, self.policy.version)
        if (result.policy_id, result.policy_version) != own:
            decided = f"{result.policy_id!r} version {result.policy_version!r}"
            raise InvalidValueError("result", decided, f"must be of policy {own[0]!r} version {own[1]!r}")
        if isinstance(result, BookResult) is (client_id is None):
            rule = "must name a client of the book" if client_id is None else "must not be given: the result is of one client"
            raise InvalidValueError("client_id", client_id, rule)

    def _row(self, facts: Mapping[str, FactValue]) -> Row:
        cores = {name: self._words.full[name].encode(name, value) for name, value in facts.items()}
        return {name: None if isinstance(core, OutOfBounds) else core for name, core in cores.items()}

    def _tier(self, result: SchemeResult, client_id: str, row: Row) -> Justification:
        found = result.assignment(client_id)
        if result.scheme_id in self._thresholds:
            return self._by_thresholds(found, row)
        scheme, vocabulary = next(
            (scheme, words)
            for scheme, words in zip(self.policy.segmentation, self._words.schemes, strict=True)
            if scheme.id == result.scheme_id and isinstance(scheme, QuotaScheme)
        )
        hold = hold_of(found, scheme.tier_ids)
        is_apart = hold is not None and (hold.pin.kind == "exact" or not scheme.uses_quota)
        contests = Contests(scheme, result.rankings, client_id, seats_of(scheme, result, client_id), is_apart)
        rules = QuotaRules(scheme, vocabulary, contests, row, hold)
        return _under(hold, self._justified(rules, row, found.missing), rules.judge_facts(row))

    def _by_thresholds(self, found: Assignment, row: Row) -> Justification:
        rules = self._thresholds[found.scheme_id]
        hold = hold_of(found, rules.choices)
        held = rules if hold is None else held_rules(rules, hold)
        return _under(hold, self._justified(held, row, found.missing), rules.judge(row))

    def _vip(self, row: Row) -> dict[str, Justification]:
        return {name: self._justified(rules, row, self._open(programme, row)) for name, (programme, rules) in self._clubs.items()}

    def _open(self, programme: Programme, row: Row) -> Sequence[str]:
        return sorted({name for path in programme.paths for name in decisive_facts(path.when, row, self._words.programmes)})

    @cached_property
    def _thresholds(self) -> Mapping[str, CellRules]:
        pairs = zip(self.policy.segmentation, self._words.schemes, strict=True)
        return {scheme.id: threshold_rules(scheme, words) for scheme, words in pairs if not isinstance(scheme, QuotaScheme)}

    @cached_property
    def _clubs(self) -> Mapping[str, tuple[Programme, CellRules]]:
        words = self._words.programmes
        return {programme.id: (programme, programme_rules(programme, words)) for programme in self.policy.vip_programmes}

    @cached_property
    def _sources(self) -> Mapping[str, tuple[str, ...]]:
        """What each fact is worked out from: ratios and differences, grades, flags of strategies, tiers of schemes."""
        derived = {f.id: (f.derivation.first, f.derivation.second) for f in self.policy.facts if f.derivation is not None}
        flags = {name: ("client.relationship_types",) for name in self._words.full if name.startswith("strategy.")}
        grades = {grade.name: _facts_behind(grade) for grade in self.policy.grades}
        return {**derived, **grades, **flags, **{f"tier.{scheme.id}": _facts_of(scheme) for scheme in self.policy.segmentation}}

    @cached_property
    def _all_sources(self) -> Mapping[str, frozenset[str]]:
        """What each fact is worked out from, at any remove."""
        found: dict[str, frozenset[str]] = {}

        def follow(fact: str) -> frozenset[str]:
            if fact not in found:
                direct = self._sources.get(fact, ())
                found[fact] = frozenset(direct).union(*(follow(source) for source in direct))
            return found[fact]

        for fact in self._words.full:
            follow(fact)
        return found

    def _justified(self, rules: Rules, row: Row, missing: Sequence[str]) -> Justification:
        state, outcome = ending = rules.judge(row)
        given_up: str | None = None
        sufficient: tuple[str, ...] | None = None
        ways: tuple[Way, ...] = ()
        try:
            sufficient = rules.sufficient(row, ending)
            if state == "undecided":
                ways = rules.ways(row)
        except BudgetSpentError as error:
            given_up = f"too many cases to look through: {error.spent}"
        except PolicyError as error:
            given_up = str(error)
        return Justification(
            outcome=outcome,
            state=state,
            sufficient=sufficient,
            levers=tuple(self._levers(rules, row, sufficient or ())),
            missing=tuple(missing) if state == "undecided" else (),
            ways=ways,
            placement=rules.placement(),
            given_up=given_up,
        )

    def _levers(self, rules: Rules, row: Row, sufficient: Sequence[str]) -> Iterator[Lever]:
        for name in rules.facts:
            kind, value = rules.vocabulary[name], row.get(name)
            # A tier is worked out too, but it is decided by itself and may be in force whatever the facts say.
            # So is a grade: where the client stands can be changed by the others too.
            computed_from = () if name.startswith(("grade.", "tier.")) else self._sources.get(name, ())
            lever = Lever(
                fact=name,
                kind=kind.kind,
                value=kind.decode(value),
                is_needed=name in sufficient,
                points=rules.points(name, value),
                computed_from=computed_from,
                feeds=tuple(other for other in rules.facts if name in self._all_sources[other]),
            )
            axis = rules.axes.get(name)
            if axis is not None and not lever.computed_from and not lever.feeds:
                found = levers_of(axis, kind, row, rules.judge, rules.choices)
                lever = attrs.evolve(lever, up=found.up, best=found.best, fall=found.fall)
            yield lever


def _under(hold: Hold | None, found: Justification, by_facts: Ending) -> Justification:
    """The justification with the pin that it is under, and what it would be without."""
    return found if hold is None else attrs.evolve(found, pin=hold.pin, without_pin=by_facts[1])


def _facts_behind(grade: Grade) -> tuple[str, ...]:
    """Every fact that a grade asks for."""
    return tuple(dict.fromkeys((grade.fact, *(() if grade.scope is None else facts_of(grade.scope)))))


def _facts_of(scheme: Scheme) -> tuple[str, ...]:
    """Every fact that a scheme asks for."""
    scope = () if scheme.scope is None else facts_of(scheme.scope)
    if not isinstance(scheme, QuotaScheme):
        return tuple(dict.fromkeys((*scope, *(name for tier in scheme.tiers for name in facts_of(tier.when)))))
    return tuple(dict.fromkeys((*scope, *scheme.facts)))
