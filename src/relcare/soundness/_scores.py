"""Questions about the scores of quota schemes."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from relcare.policy import FactType, Vocabulary
from relcare.segmentation import QuotaScheme, ScoreTerm
from relcare.soundness._ask import or_proved, plain_refutation, plain_undecided
from relcare.soundness._findings import Finding
from relcare.soundness._rules import is_within

__all__ = ["prove_score"]


def prove_score(scheme: QuotaScheme, subject: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """More of what is better never scores less, and a missing fact has no points (SEG-5, SEG-8)."""
    unknown = _by_group(scheme, subject, vocabulary)
    if isinstance(scheme.score, str):
        polarity = vocabulary[scheme.score].polarity
        falls = (
            [plain_refutation("monotone", subject, "monotone", (f"{subject}.score",), fact=scheme.score)]
            if polarity == "less"
            else []
        )
        yield from or_proved("monotone", subject, [*falls, *unknown])
        return
    terms = [(f"{subject}.score[{index}]", term) for index, term in enumerate(scheme.score)]
    falling = [
        plain_refutation("monotone", subject, "monotone", (path,), fact=term.fact, lower=step[0], higher=step[1])
        for path, term in terms
        if (step := _falling_step(term, vocabulary[term.fact])) is not None
    ]
    yield from or_proved("monotone", subject, [*falling, *unknown])
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
    idle = [
        plain_refutation("bounds", subject, "bounds", (f"{path}.bands[{place}]",), fact=term.fact, threshold=band.start)
        for path, term in terms
        for place, band in enumerate(term.bands)
        if not _is_reached(place, term, vocabulary[term.fact])
    ]
    yield from or_proved("bounds", subject, idle)


def _by_group(scheme: QuotaScheme, subject: str, vocabulary: Vocabulary) -> list[Finding]:
    """That nobody knows what more of a fact does that names the group: it is another ranking (SEG-4)."""
    by = scheme.group_by
    if by is None or vocabulary[by].polarity == "neither":
        return []
    return [plain_undecided("monotone", subject, f"{by} names the group, and each group is cut by itself")]


def _is_reached(place: int, term: ScoreTerm, kind: FactType) -> bool:
    """Whether a fact can have a value in a band; that the lowest one begins below every value is no mistake."""
    start = term.bands[place].start
    ends = min((band.start for band in term.bands if band.start > start), default=None)
    is_below = ends is not None and isinstance(kind.low, Decimal) and ends <= kind.low
    return not is_below and (is_within(start, kind) or (isinstance(kind.low, Decimal) and start < kind.low))


def _falling_step(term: ScoreTerm, kind: FactType) -> tuple[str, str] | None:
    """Two neighbouring values of a fact with a polarity, of which the better one scores less."""
    if kind.polarity == "neither":
        return None
    if term.weight is not None:
        is_falling = term.weight < 0 if kind.polarity == "more" else term.weight > 0
        return ("any value", "a better one") if is_falling else None
    if term.bands:
        bands = sorted(term.bands, key=lambda band: band.start)
        steps = [("below " + str(bands[0].start), 0 * bands[0].points), *((str(band.start), band.points) for band in bands)]
    elif kind.kind in {"level", "flag"}:
        values = kind.values if kind.kind == "level" else ("false", "true")
        steps = [(value, term.points[value]) for value in values]
    else:
        return None
    ordered = steps if kind.polarity == "more" else steps[::-1]
    for (value, points), (better, fewer) in pairwise(ordered):
        if fewer < points:
            return value, better
    return None
