"""The JSON of `relcare decide`: how many rows came to what, and the borders that decide about the next client too."""

from collections.abc import Mapping

import attrs
import narwhals.stable.v2 as nw

from relcare.cli._shapes import Json, value_shape
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.frames import DecidedFrames
from relcare.grades import Grade
from relcare.policy import Vocabulary
from relcare.segmentation import QuotaScheme, Scheme, scorer_of
from relcare.segments import CriterionSegment, Segment

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
        "grades": [_grade(grade, decided) for grade in policy.grades if f"{grade.name}.code" in columns],
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
        "segments": [_segment(segment, decided) for segment in policy.segments if f"segment.{segment.id}.answer" in columns],
        "obligations": None if decided.obligations is None else _states(decided.counts("state", "obligations")),
        "rows": path,
    }


def _grade(grade: Grade, decided: DecidedFrames) -> dict[str, Json]:
    """How many have each grade, the best first; those that nobody has are left out."""
    sizes = decided.counts(grade.name)
    nobody = sizes.pop(None, 0)
    found: dict[str, Json] = {str(part): sizes[part] for part in sorted(sizes, reverse=True)}
    return {"id": grade.id, "parts": grade.parts, "sizes": found, "none": nobody}


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


def _segment(segment: Segment, decided: DecidedFrames) -> dict[str, Json]:
    """How many belong, and of a product how many are in each cell; who is in several is counted in each."""
    found: dict[str, Json] = {"id": segment.id, **_answers(decided.counts(f"segment.{segment.id}.answer"))}
    if isinstance(segment, CriterionSegment):
        return {**found, "cells": None}
    own = nw.from_native(decided.cells).filter(nw.col("segment_id") == segment.id)
    counts: dict[str, int] = attrs.evolve(decided, cells=own.to_native()).counts("cell", "cells")
    cells: dict[str, Json] = {cell: counts[cell] for cell in sorted(counts)}
    return {**found, "cells": cells}


def _states(counts: Mapping[str, int]) -> dict[str, Json]:
    """How many contacts are in each state, the most urgent first; states that none is in are left out."""
    return {state: counts[state] for state in ("overdue", "grace", "due", "deferred", "upcoming") if state in counts}


def _answers(counts: Mapping[str, int]) -> dict[str, Json]:
    return {answer: counts.get(answer, 0) for answer in ("yes", "no", "unknown")}
