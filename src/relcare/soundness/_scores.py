"""Questions about scores and cadence rules that need no cells."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from relcare._fields import ReadOnlyMap
from relcare.cadence import CadenceRule
from relcare.model import ReasonValue
from relcare.policy import FactType, Vocabulary
from relcare.segmentation import QuotaScheme, ScoreTerm
from relcare.soundness._findings import Finding

__all__ = ["prove_rules", "prove_score"]


def _finding(
    question: str, subject: str, code: str, places: Sequence[str], hint: str | None = None, **values: ReasonValue
) -> Finding:
    return Finding(
        question=question,
        subject=subject,
        outcome="refuted",
        code=code,
        places=tuple(places),
        values=ReadOnlyMap(values),
        hint=hint,
    )


def _or_proved(question: str, subject: str, found: Sequence[Finding]) -> Iterator[Finding]:
    yield from found or [Finding(question=question, subject=subject, outcome="proved", code=question)]


def prove_score(scheme: QuotaScheme, subject: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """More of what is better never scores less, and a missing fact has no points (SEG-5, SEG-8)."""
    if isinstance(scheme.score, str):
        polarity = vocabulary[scheme.score].polarity
        falls = (
            [_finding("monotone", subject, "monotone", (f"{subject}.score",), fact=scheme.score)] if polarity == "less" else []
        )
        yield from _or_proved("monotone", subject, falls)
        return
    terms = [(f"{subject}.score[{index}]", term) for index, term in enumerate(scheme.score)]
    falling = [
        _finding("monotone", subject, "monotone", (path,), fact=term.fact, lower=step[0], higher=step[1])
        for path, term in terms
        if (step := _falling_step(term, vocabulary[term.fact])) is not None
    ]
    yield from _or_proved("monotone", subject, falling)
    guessing = [
        _finding(
            "never demotes",
            subject,
            "missing.points",
            (path,),
            "leave `missing` out: the scheme's own rule then applies",
            fact=term.fact,
        )
        for path, term in terms
        if term.missing_points is not None
    ]
    yield from _or_proved("never demotes", subject, guessing)


def _falling_step(term: ScoreTerm, kind: FactType) -> tuple[str, str] | None:
    """Two neighbouring values of a fact with a polarity, of which the better one scores less."""
    if kind.polarity == "neither":
        return None
    if term.bands:
        bands = sorted(term.bands, key=lambda band: band.start)
        steps = [("below " + str(bands[0].start), 0 * bands[0].points), *((str(band.start), band.points) for band in bands)]
    elif kind.kind == "level":
        steps = [(value, term.points[value]) for value in kind.values]
    else:
        return None
    ordered = steps if kind.polarity == "more" else steps[::-1]
    for (value, points), (better, fewer) in pairwise(ordered):
        if fewer < points:
            return value, better
    return None


def prove_rules(rules: Sequence[CadenceRule]) -> Iterator[Finding]:
    """No grace swallows the interval, and no two rules keep each other."""
    long = [
        _finding("grace", "cadence", "grace", (f"cadence[{index}]",), grace=str(rule.grace), every=str(rule.step))
        for index, rule in enumerate(rules)
        if rule.grace.days >= rule.step.average_days
    ]
    yield from _or_proved("grace", "cadence", long)
    circles = [
        _finding("circles", "cadence", "circle", (f"cadence[{index}]", f"cadence[{other}]"), rules=(rule.id, rules[other].id))
        for index, rule in enumerate(rules)
        for other in range(index)
        if rule.channel != rules[other].channel
        and rule.channel in rules[other].satisfied_by
        and rules[other].channel in rule.satisfied_by
    ]
    yield from _or_proved("circles", "cadence", circles)
