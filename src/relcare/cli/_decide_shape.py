"""The JSON of `relcare decide`: how many rows came to what, and the borders that decide about the next client too."""

from collections.abc import Mapping

from relcare.cli._shapes import Json, value_shape
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.frames import DecidedFrames
from relcare.policy import Vocabulary
from relcare.segmentation import QuotaScheme, Scheme, scorer_of

__all__ = ["decide_shape"]


def decide_shape(policy: Policy, decided: DecidedFrames, path: str | None) -> dict[str, Json]:
    """`relcare decide`."""
    words = vocabularies_of_policy(policy).schemes
    columns = set(decided.columns)
    return {
        "as_of": decided.as_of.isoformat(),
        "policy_id": decided.policy_id,
        "policy_version": decided.policy_version,
        "engine": decided.engine,
        "clients": decided.count(),
        "schemes": [
            _scheme(scheme, decided, vocabulary)
            for scheme, vocabulary in zip(policy.segmentation, words, strict=True)
            if f"scheme.{scheme.id}.tier" in columns
        ],
        "programmes": [
            {"id": programme.id, **_answers(decided.counts(f"programme.{programme.id}.qualification"))}
            for programme in policy.vip_programmes
            if f"programme.{programme.id}.qualification" in columns
        ],
        "obligations": None if decided.obligations is None else _states(decided.counts("state", "obligations")),
        "rows": path,
    }


def _scheme(scheme: Scheme, decided: DecidedFrames, vocabulary: Vocabulary) -> dict[str, Json]:
    name = f"scheme.{scheme.id}"
    sizes, held, scope = (decided.counts(f"{name}.{what}") for what in ("tier", "is_held", "is_in_scope"))
    return {
        "id": scheme.id,
        "sizes": {tier: sizes.get(tier, 0) for tier in scheme.tier_ids},
        "held": held.get(True, 0),
        "out_of_scope": scope.get(False, 0),
        "borders": _borders(scheme, decided, vocabulary) if isinstance(scheme, QuotaScheme) else [],
    }


def _borders(scheme: QuotaScheme, decided: DecidedFrames, vocabulary: Vocabulary) -> list[Json]:
    """The last score and id that are in each tier, group by group; a tier that nobody is in has none."""
    scorer = scorer_of(scheme, vocabulary)
    return [
        {
            "group": group if scheme.group_by is not None else None,
            "tier": tier,
            "score": value_shape(scorer.in_words(border.score)),
            "last_id": border.last_id,
        }
        for group, borders in decided.borders[scheme.id].items()
        for tier, border in zip(scheme.tier_ids, borders, strict=True)
        if border is not None
    ]


def _states(counts: Mapping[str, int]) -> dict[str, Json]:
    """How many contacts are in each state, the most urgent first; states that none is in are left out."""
    return {state: counts[state] for state in ("overdue", "grace", "due", "deferred", "upcoming") if state in counts}


def _answers(counts: Mapping[str, int]) -> dict[str, Json]:
    return {answer: counts.get(answer, 0) for answer in ("yes", "no", "unknown")}
