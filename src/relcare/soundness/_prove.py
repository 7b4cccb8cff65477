"""All questions about a policy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

from relcare._fields import ReadOnlyMap
from relcare.calendars import Calendar
from relcare.cells import DEFAULT_BUDGET
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.model import Book
from relcare.policy import Core, Criterion, Vocabulary
from relcare.segmentation import QuotaScheme, ThresholdScheme
from relcare.segments import CriterionSegment, expanded
from relcare.soundness._access import prove_access
from relcare.soundness._custody import custody_criteria, prove_custody
from relcare.soundness._feasible import prove_feasible
from relcare.soundness._findings import Finding, ProofReport
from relcare.soundness._grades import prove_grades
from relcare.soundness._membership import prove_membership
from relcare.soundness._monotone import Ladder, monotone
from relcare.soundness._outcomes import conjoined
from relcare.soundness._permission import prove_permission
from relcare.soundness._population import prove_equals
from relcare.soundness._prover import Answer, Prover, RuleSet
from relcare.soundness._requirements import accepted, prove_requirements
from relcare.soundness._retention import prove_retention
from relcare.soundness._rhythms import prove_horizon, prove_rhythms
from relcare.soundness._rules import always, bounds, can_hold, refuted
from relcare.soundness._scores import prove_score
from relcare.soundness._segments import named_segments, prove_segments
from relcare.soundness._steady import prove_steady
from relcare.soundness._strategies import strategy_criteria
from relcare.soundness._tiers import tier_questions
from relcare.soundness._together import Tiers, prove_together
from relcare.soundness._triggers import prove_triggers
from relcare.soundness._types import prove_types
from relcare.vip import Programme, qualifier_of

__all__ = ["prove"]

NO_SEGMENTS: Final[Mapping[str, CriterionSegment]] = ReadOnlyMap()


def prove(
    policy: Policy,
    *,
    as_of: date | None = None,
    book: Book | None = None,
    calendar: Calendar | None = None,
    budget: int = DEFAULT_BUDGET,
) -> ProofReport:
    """Every question about a policy's rules, each proved, refuted with a witness, or undecided.

    A proof is about every client there could be: all values of the declared facts on their grain, missing included where a fact
    may be missing. It needs no book; a book adds the questions that only real clients can answer.

    Args:
        policy: The policy.
        as_of: The day on which accepted findings are looked at, and the book decided; without it no acceptance has expired.
        book: Clients, to look for equals that are treated unequally and for the shares of tiers; needs `as_of`.
        calendar: Business days; by default the policy's own.
        budget: Steps of the search for each scheme or programme; a question that needs more is undecided.

    Raises:
        InvalidValueError: If a book is given without `as_of`.
        PolicyError: If the policy is not in force on that day.

    Examples:
        >>> from relcare.presets import preset
        >>> prove(preset("agent")).is_sound
        True
    """
    if book is not None and as_of is None:
        raise InvalidValueError("as_of", None, "must be given with a book")
    result = None if book is None or as_of is None else policy.decide(book, as_of=as_of, calendar=calendar)
    findings = list(_findings(policy, calendar, budget))
    if result is not None:
        findings.extend(prove_equals(policy, result))
    findings.extend(prove_requirements(policy, findings, result))
    return ProofReport(policy_id=policy.id, policy_version=policy.version, findings=tuple(accepted(policy, findings, as_of)))


def _findings(policy: Policy, calendar: Calendar | None, budget: int) -> Iterator[Finding]:
    words = vocabularies_of_policy(policy)
    opaque = frozenset(fact.id for fact in policy.facts if fact.derivation is not None)
    prover, tiers, segments = Prover(budget, opaque), Tiers.of(policy.segmentation), named_segments(policy)
    for index, grade in enumerate(policy.grades):
        if grade.scope is not None:
            yield from _one(prover, tiers, (f"grade[{index}].scope", grade.id, grade.scope), words.grades)
    yield from prove_grades(policy, words.grades)
    for index, (scheme, vocabulary) in enumerate(zip(policy.segmentation, words.schemes, strict=True)):
        subject = f"segmentation[{index}]"
        if scheme.scope is not None:
            yield from _one(prover, tiers, (f"{subject}.scope", scheme.id, scheme.scope), vocabulary)
        if isinstance(scheme, QuotaScheme):
            yield from prove_score(scheme, subject, vocabulary)
        else:
            yield from _thresholds(prover, tiers, subject, scheme, vocabulary)
    for index, rule in enumerate(policy.cadence):
        if rule.when is not None:
            yield from _one(prover, tiers, (f"cadence[{index}].when", rule.id, rule.when), words.full, segments)
    for criterion in (*strategy_criteria(policy), *custody_criteria(policy)):
        yield from _one(prover, tiers, criterion, words.full, segments)
    yield from prove_segments(policy, words.segments, prover, tiers)
    yield from prove_steady(policy)
    yield from prove_types(policy)
    yield from prove_rhythms(policy, words.full)
    yield from prove_triggers(policy)
    yield from prove_horizon(policy, calendar)
    yield from prove_permission(policy)
    yield from prove_custody(policy, words.full, prover)
    yield from prove_membership(policy)
    yield from prove_access(policy)
    yield from prove_retention(policy)
    yield from prove_feasible(policy)
    for index, programme in enumerate(policy.vip_programmes):
        yield from _programme(prover, tiers, f"vip[{index}]", programme, words.programmes)


def _thresholds(prover: Prover, tiers: Tiers, subject: str, scheme: ThresholdScheme, vocabulary: Vocabulary) -> Iterator[Finding]:
    named = [(f"{subject}.tiers[{place}].when", tier.id, tier.when) for place, tier in enumerate(scheme.tiers)]
    questions: dict[str, Answer] = {"can hold": partial(_tier_can_hold, scheme), "bounds": bounds, **tier_questions(scheme)}
    yield from prover.ask(subject, named, vocabulary, questions)
    for place, tier in enumerate(scheme.tiers):
        if tier.stays is not None:
            yield from _one(prover, tiers, (f"{subject}.tiers[{place}].stays", tier.id, tier.stays), vocabulary)
    for one in named:
        # A tier may ask for the tiers of schemes above its own; one by one, for here it is not enough that any holds.
        yield from prove_together(tiers, one[0], [one], vocabulary, prover.budget)


def _tier_can_hold(scheme: ThresholdScheme, rules: RuleSet) -> Iterator[Finding]:
    """Every tier's criterion can hold; a tier of a matrix that no cell names may be there for what is left, or newcomers."""
    spared: set[str | None] = set() if scheme.matrix is None else {scheme.otherwise, scheme.newcomer}
    return (finding for finding in can_hold(rules) if finding.values["rule"] not in spared)


def _one(
    prover: Prover,
    tiers: Tiers,
    named: tuple[str, str, Criterion],
    vocabulary: Vocabulary,
    segments: Mapping[str, CriterionSegment] = NO_SEGMENTS,
) -> Iterator[Finding]:
    """Questions about one criterion; where it asks for segments, with these written out, save for bounds: they have their own."""
    path, name, criterion = named
    whole = (path, name, expanded(criterion, segments))
    questions: dict[str, Answer] = {"can hold": can_hold, "says something": always}
    if whole == named:
        yield from prover.ask(path, [named], vocabulary, {**questions, "bounds": bounds})
    else:
        yield from prover.ask(path, [whole], vocabulary, questions)
        yield from prover.ask(path, [named], vocabulary, {"bounds": bounds})
    yield from prove_together(tiers, path, [whole], vocabulary, prover.budget)


def _programme(prover: Prover, tiers: Tiers, subject: str, programme: Programme, vocabulary: Vocabulary) -> Iterator[Finding]:
    named = [(f"{subject}.paths[{place}].when", path.id, path.when) for place, path in enumerate(programme.paths)]
    questions: dict[str, Answer] = {
        "can hold": can_hold,
        "says something": always,
        "bounds": bounds,
        "implied": _implied,
        "monotone": lambda rules: monotone(_ladder(programme, rules)),
    }
    yield from prover.ask(subject, named, vocabulary, questions)
    yield from prove_together(tiers, subject, named, vocabulary, prover.budget)
    for place, top in enumerate(programme.top):
        if top.among is not None:
            yield from _one(prover, tiers, (f"{subject}.top[{place}].among", top.id, top.among), vocabulary)


def _ladder(programme: Programme, rules: RuleSet) -> Ladder:
    """Yes before no."""
    qualifier = qualifier_of(programme, rules.space.vocabulary)
    holds = [box for region in rules.regions for box in region.holds]
    fails = conjoined(rules.space, [region.fails for region in rules.regions])

    def outcome(row: Mapping[str, Core]) -> str:
        return qualifier.qualification(row)

    def places(_: Sequence[str]) -> tuple[str, ...]:
        return rules.paths

    return Ladder(rules, [(0, holds), (1, fails)], outcome, places)


def _implied(rules: RuleSet) -> Iterator[Finding]:
    """Every path lets somebody in whom the others do not."""
    for index, region in enumerate(rules.regions):
        others = [(other, box) for other, r in enumerate(rules.regions) if other != index for box in r.holds]
        boxes = [box for _, box in others]
        if region.holds and boxes and all(rules.cover.covers(box, boxes) for box in region.holds):
            culprits = sorted({others[i][0] for box in region.holds for i in rules.cover.core(box, boxes)})
            by = tuple(rules.names[i] for i in culprits)
            places = (rules.paths[index], *(rules.paths[i] for i in culprits))
            yield refuted(rules, "implied", "path.implied", places, path=rules.names[index], by=by)
