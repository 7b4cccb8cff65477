"""All questions about a policy."""

from collections.abc import Iterator

from relcare.cells import DEFAULT_BUDGET
from relcare.decisions import Policy, vocabularies_of
from relcare.policy import Criterion, Vocabulary
from relcare.segmentation import QuotaScheme
from relcare.soundness._findings import Finding, ProofReport
from relcare.soundness._prover import Prover, RuleSet
from relcare.soundness._rules import always, bounds, can_hold, refuted, shadowed
from relcare.soundness._scores import prove_rules, prove_score
from relcare.soundness._tiers import tier_questions
from relcare.vip import Programme

__all__ = ["prove"]


def prove(policy: Policy, *, budget: int = DEFAULT_BUDGET) -> ProofReport:
    """Every question about a policy's rules, each proved, refuted with a witness, or undecided.

    A proof is about every client there could be: all values of the declared facts on their grain, missing included where a fact
    may be missing. Nothing of a book is needed.

    Args:
        policy: The policy.
        budget: Steps of the search for each scheme or programme; a question that needs more is undecided.

    Examples:
        >>> from relcare.presets import preset
        >>> prove(preset("agent")).is_sound
        True
    """
    return ProofReport(policy_id=policy.id, policy_version=policy.version, findings=tuple(_findings(policy, budget)))


def _findings(policy: Policy, budget: int) -> Iterator[Finding]:
    words = vocabularies_of(
        policy.facts, policy.segmentation, policy.relationships, policy.vip_programmes, currency=policy.currency
    )
    prover = Prover(budget, frozenset(fact.id for fact in policy.facts if fact.derivation is not None))
    for index, (scheme, vocabulary) in enumerate(zip(policy.segmentation, words.schemes, strict=True)):
        subject = f"segmentation[{index}]"
        if scheme.scope is not None:
            yield from _one(prover, f"{subject}.scope", scheme.scope, vocabulary)
        if isinstance(scheme, QuotaScheme):
            yield from prove_score(scheme, subject, vocabulary)
            continue
        named = [(f"{subject}.tiers[{place}].when", tier.id, tier.when) for place, tier in enumerate(scheme.tiers)]
        dead = {} if scheme.hit == "unique" else {"dead": shadowed}
        questions = {"can hold": can_hold, "bounds": bounds, **dead, **tier_questions(scheme)}
        yield from prover.ask(subject, named, vocabulary, questions)
    for index, rule in enumerate(policy.cadence):
        if rule.when is not None:
            yield from _one(prover, f"cadence[{index}].when", rule.when, words.full)
    if policy.cadence:
        yield from prove_rules(policy.cadence)
    for index, programme in enumerate(policy.vip_programmes):
        yield from _programme(prover, f"vip[{index}]", programme, words.programmes)


def _one(prover: Prover, path: str, criterion: Criterion, vocabulary: Vocabulary) -> Iterator[Finding]:
    questions = {"can hold": can_hold, "says something": always, "bounds": bounds}
    yield from prover.ask(path, [(path, path, criterion)], vocabulary, questions)


def _programme(prover: Prover, subject: str, programme: Programme, vocabulary: Vocabulary) -> Iterator[Finding]:
    named = [(f"{subject}.paths[{place}].when", path.id, path.when) for place, path in enumerate(programme.paths)]
    questions = {"can hold": can_hold, "says something": always, "bounds": bounds, "implied": _implied}
    yield from prover.ask(subject, named, vocabulary, questions)


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
