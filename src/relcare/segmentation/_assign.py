"""Rows in, tiers out (SEG-1 to SEG-3, SEG-6, SEG-8 to SEG-10)."""

from collections.abc import Mapping, Sequence

from relcare.model import Pin
from relcare.policy import Core, Vocabulary, evaluate
from relcare.ranking import Border
from relcare.segmentation._quota_run import QuotaRun
from relcare.segmentation._result import Assignment, SchemeResult
from relcare.segmentation._run import Rows
from relcare.segmentation._scheme import QuotaScheme, Scheme, ThresholdScheme
from relcare.segmentation._threshold_run import ThresholdRun

__all__ = ["assign", "assign_one", "in_scope", "place_one", "stand_one", "threshold_outcome"]


def assign(
    scheme: Scheme,
    rows: Rows,
    *,
    vocabulary: Vocabulary,
    tiers_in_force: Mapping[str, str],
    pins: Mapping[str, Pin] | None = None,
) -> SchemeResult:
    """The tier of every client.

    Args:
        scheme: Checked before.
        rows: The facts by client id, in core form.
        vocabulary: What the facts mean.
        tiers_in_force: The tier each client has in this scheme, for `missing = "hold"` and for who stays where it is; absent for
            clients without one.
        pins: The pin that holds each client in this scheme on the day; one to a tier that the scheme does not have is passed
            over.

    Source: SEG-1 to SEG-3, SEG-6, SEG-8 to SEG-10.
    """
    held = {client_id: pin for client_id, pin in (pins or {}).items() if client_id in rows and pin.tier in scheme.tier_ids}
    if isinstance(scheme, QuotaScheme):
        return QuotaRun(scheme, rows, vocabulary, tiers_in_force, held).result()
    return ThresholdRun(scheme, rows, vocabulary, tiers_in_force, held).result()


def assign_one(
    scheme: Scheme,
    client_id: str,
    row: Mapping[str, Core],
    *,
    vocabulary: Vocabulary,
    tier_in_force: str | None,
    pin: Pin | None = None,
) -> Assignment | None:
    """The tier of one client by itself; None for a quota, which needs the others."""
    if isinstance(scheme, QuotaScheme):
        return None
    in_force = {} if tier_in_force is None else {client_id: tier_in_force}
    pins = {} if pin is None else {client_id: pin}
    return assign(scheme, {client_id: row}, vocabulary=vocabulary, tiers_in_force=in_force, pins=pins).assignment(client_id)


def place_one(
    scheme: QuotaScheme,
    client_id: str,
    row: Mapping[str, Core],
    *,
    vocabulary: Vocabulary,
    borders: Mapping[str, Sequence[Border | None]],
    tier_in_force: str | None,
    pin: Pin | None = None,
) -> str | None:
    """The tier of one client in a quota by borders that were found before: where they are of its book, the one of `assign`.

    Args:
        scheme: The quota.
        client_id: Who.
        row: Its facts, in core form.
        vocabulary: What they mean.
        borders: Of each group, one for each tier, best first, see `SchemeResult.borders`.
        tier_in_force: What it keeps for want of a fact.
        pin: What holds it in a tier of the scheme.

    Returns:
        None for who is out of scope, held, or in a group that has no borders.

    Source: SEG-1 to SEG-4, SEG-10.
    """
    return _alone(scheme, {client_id: row}, vocabulary, tier_in_force, pin).placed_by(borders).get(client_id)


def stand_one(
    scheme: QuotaScheme,
    client_id: str,
    row: Mapping[str, Core],
    *,
    vocabulary: Vocabulary,
    tier_in_force: str | None,
    pin: Pin | None = None,
) -> tuple[tuple[str, Sequence[int], Mapping[str, int]], ...]:
    """What one client adds to a quota: by group, the score with which it is ranked, or the place that it takes without.

    With what everybody adds, and `cuts_of`, the borders of `place_one` are found without looking at all of them at once.

    Args:
        scheme: The quota.
        client_id: Who.
        row: Its facts, in core form.
        vocabulary: What they mean.
        tier_in_force: What it keeps for want of a fact.
        pin: What holds it in a tier of the scheme.

    Source: SEG-2 to SEG-4, SEG-10.
    """
    return tuple(_alone(scheme, {client_id: row}, vocabulary, tier_in_force, pin).standing())


def _alone(scheme: QuotaScheme, rows: Rows, vocabulary: Vocabulary, tier_in_force: str | None, pin: Pin | None) -> QuotaRun:
    """The scheme over the row of one client."""
    in_force = {} if tier_in_force is None else dict.fromkeys(rows, tier_in_force)
    pins = {} if pin is None or pin.tier not in scheme.tier_ids else dict.fromkeys(rows, pin)
    return QuotaRun(scheme, rows, vocabulary, in_force, pins)


def in_scope(scheme: Scheme, row: Mapping[str, Core], vocabulary: Vocabulary) -> bool:
    """Whether a scheme classes a client; a client for whom it is unknown counts as in, and is held (SEG-1)."""
    return scheme.scope is None or evaluate(scheme.scope, row, vocabulary) is not False


def threshold_outcome(scheme: ThresholdScheme, answers: Sequence[bool | None]) -> tuple[str | None, str]:
    """The tier that follows from the answers to a scheme's criteria, with the code of its reason.

    For those who ask about many rows and have the criteria compiled; `assign` decides by nothing else.

    Args:
        scheme: The scheme; its scope is not looked at.
        answers: Whether the criterion of each tier holds, in their order; None for unknown.

    Returns:
        The tier with `segmentation.threshold_met` or `segmentation.otherwise`; without a tier `segmentation.no_match`,
        `segmentation.conflict`, or `segmentation.undecided` when the unknown answers could change it (CRI-2).
    """
    return ThresholdRun(scheme, {}, Vocabulary({}), {}, {}).outcome(answers)
