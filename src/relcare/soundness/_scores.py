"""Questions about the scores of quota schemes."""

from collections.abc import Iterator
from itertools import pairwise

from relcare.policy import FactType, Vocabulary
from relcare.segmentation import QuotaScheme, ScoreTerm
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding

__all__ = ["prove_score"]


def prove_score(scheme: QuotaScheme, subject: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """More of what is better never scores less, and a missing fact has no points (SEG-5, SEG-8)."""
    if isinstance(scheme.score, str):
        polarity = vocabulary[scheme.score].polarity
        falls = (
            [plain_refutation("monotone", subject, "monotone", (f"{subject}.score",), fact=scheme.score)]
            if polarity == "less"
            else []
        )
        yield from or_proved("monotone", subject, falls)
        return
    terms = [(f"{subject}.score[{index}]", term) for index, term in enumerate(scheme.score)]
    falling = [
        plain_refutation("monotone", subject, "monotone", (path,), fact=term.fact, lower=step[0], higher=step[1])
        for path, term in terms
        if (step := _falling_step(term, vocabulary[term.fact])) is not None
    ]
    yield from or_proved("monotone", subject, falling)
    guessing = [
        plain_refutation(
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
    yield from or_proved("never demotes", subject, guessing)


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
