"""A review once more, from nothing but what it keeps: the facts of its rows, its borders, the version of its policy (SEG-11)."""

from collections.abc import Mapping, Sequence
from datetime import date

import attrs

from relcare.decisions import Policy, vocabularies_of_policy
from relcare.errors import PolicyError, UnknownRecordError, nearest
from relcare.model import FactValue, Pin, Reason, Review, ReviewBorder, ReviewRow
from relcare.policy import Core, OutOfBounds, Vocabulary, evaluate
from relcare.segmentation import QuotaScheme, Scheme, assign, grouper_of, scorer_of

__all__ = ["rerun"]


def rerun(policy: Policy, review: Review) -> tuple[ReviewRow, ...]:
    """The rows of a review with the tier that each client's own kept facts propose, by the kept borders.

    What the book says by now is not looked at, so the rows are those of the review, whatever has changed since. A row that is
    not was not decided by this policy, or was not kept as it was.

    Args:
        policy: The version that the review was proposed by; worked out anew is `proposed`, where hysteresis, minimum stay and
            confirmation begin.
        review: A proposal or a decided review.

    Raises:
        PolicyError: If the policy is another one, or another version of it.
        UnknownRecordError: If the policy has no such scheme.

    Source: SEG-11, CRI-3.
    """
    if (policy.id, policy.version) != (review.policy_id, review.policy_version):
        raise PolicyError(
            f"review {review.id!r} was proposed by version {review.policy_version!r} of policy {review.policy_id!r}, and this is "
            f"version {policy.version!r} of {policy.id!r}",
            "take the version that was in force then",
        )
    schemes = {scheme.id: scheme for scheme in policy.segmentation}
    words = dict(zip(schemes, vocabularies_of_policy(policy).schemes, strict=True))
    again: dict[str, _Again] = {}
    for scheme_id in review.scheme_ids:
        if scheme_id not in schemes:
            near = nearest(scheme_id, schemes)
            raise UnknownRecordError("scheme", scheme_id, f"did you mean {near!r}?" if near else None)
        borders = [border for border in review.borders if border.scheme_id == scheme_id]
        again[scheme_id] = _Again(schemes[scheme_id], words[scheme_id], borders, review.on)
    return tuple(attrs.evolve(row, proposed=again[row.scheme_id].proposed(row)) for row in review.rows)


class _Again:
    """One scheme, decided again client by client."""

    def __init__(self, scheme: Scheme, vocabulary: Vocabulary, borders: Sequence[ReviewBorder], on: date) -> None:
        self._scheme = scheme
        self._words = vocabulary
        self._borders = borders
        self._on = on

    def proposed(self, row: ReviewRow) -> str | None:
        facts = self._row(_facts(row.reasons))
        pin = _pin(row, self._on)
        placed = self._placed(row.client_id, facts)
        if placed is None:
            in_force = {} if row.before is None else {row.client_id: row.before}
            pins = {} if pin is None else {row.client_id: pin}
            rows = {row.client_id: facts}
            return assign(self._scheme, rows, vocabulary=self._words, tiers_in_force=in_force, pins=pins).tiers.get(row.client_id)
        if pin is None:
            return placed
        ids = self._scheme.tier_ids
        is_above = pin.kind == "floor" and ids.index(placed) <= ids.index(pin.tier)
        return placed if is_above else pin.tier

    def _placed(self, client_id: str, row: Mapping[str, Core]) -> str | None:
        """By the borders of a quota; None where it does not rank the client."""
        scheme = self._scheme
        if not isinstance(scheme, QuotaScheme):
            return None
        if scheme.scope is not None and evaluate(scheme.scope, row, self._words) is not True:
            return None
        scorer, group = scorer_of(scheme, self._words), grouper_of(scheme, self._words)(row)
        score = scorer.score(row)
        if score is None or group is None:
            return None
        told = scorer.in_words(score)
        for border in self._borders:
            if (border.group or "") != group or border.score is None:
                continue
            if told > border.score or (told == border.score and (border.last_id is None or client_id <= border.last_id)):
                return border.tier
        return scheme.tier_ids[-1]

    def _row(self, facts: Mapping[str, FactValue]) -> dict[str, Core]:
        row: dict[str, Core] = {}
        for name, value in facts.items():
            core = self._words[name].encode(name, value)
            row[name] = None if isinstance(core, OutOfBounds) else core
        return row


def _facts(reasons: Sequence[Reason]) -> dict[str, FactValue]:
    """What the row rests on."""
    return {name: value for reason in reasons for name, value in reason.facts.items()}


def _pin(row: ReviewRow, on: date) -> Pin | None:
    """The pin that the reasons tell of, as it was on the day."""
    values = next((reason.values for reason in row.reasons if reason.code == "segmentation.pinned"), None)
    if values is None:
        return None
    return Pin(
        client_id=row.client_id,
        scheme_id=row.scheme_id,
        tier=str(values["tier"]),
        kind="exact" if values["kind"] == "exact" else "floor",
        by=str(values["by"]),
        reason=str(values["why"]),
        start_on=on,
    )
