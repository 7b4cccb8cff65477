"""The JSON shape of `relcare diff`."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import attrs

from relcare.cli._diff_columns import Counts
from relcare.cli._shapes import Json, assignment_shape, decision_shape, obligation_shape, reasons_shape, values_shape
from relcare.segments import SegmentMembership
from relcare.soundness import (
    ChangedRegion,
    DeclaredChange,
    GradeMove,
    PolicyDifference,
    PopulationDifference,
    RuleDifference,
    SegmentMove,
    ShareDifference,
    Standing,
    TierMove,
    VipMove,
)

__all__ = ["diff_shape"]


def diff_shape(
    policies: PolicyDifference, population: PopulationDifference | None, counted: Counts | None = None
) -> dict[str, Json]:
    """`relcare diff`: the policies, and with a book its clients, or how many of them over columns."""
    return {
        "old": {"policy_id": policies.old_id, "policy_version": policies.old_version},
        "new": {"policy_id": policies.new_id, "policy_version": policies.new_version},
        "is_equal": policies.is_equal,
        "direction": policies.direction,
        "changes": [_change_shape(change) for change in policies.changes],
        "grades": [_rule_shape(one) for one in policies.grades],
        "schemes": [_rule_shape(one) for one in policies.schemes],
        "programmes": [_rule_shape(one) for one in policies.programmes],
        "segments": [_rule_shape(one) for one in policies.segments],
        "rules": [_rule_shape(one) for one in policies.rules],
        "book": None if population is None else _population_shape(population),
        "columns": None if counted is None else _counts_shape(counted),
    }


def _counts_shape(counted: Counts) -> dict[str, Json]:
    return {
        "as_of": counted.as_of.isoformat(),
        "engine": counted.engine,
        "clients": counted.clients,
        "moved": counted.moved,
        "direction": counted.direction,
        "transitions": [
            {
                "room": one.room,
                "id": one.id,
                "before": _standing_shape(one.before),
                "after": _standing_shape(one.after),
                "clients": one.count,
                "direction": one.direction,
            }
            for one in counted.transitions
        ],
        "owed": None if counted.owed is None else [attrs.asdict(one) for one in counted.owed],
        "workload": None if counted.owed is None else _workload_shape(counted),
        "undecided": None if counted.owed is None else dict(zip(("before", "after"), counted.undecided, strict=True)),
    }


def _workload_shape(counted: Counts) -> dict[str, Json]:
    """By role, those alone that have something to do, as for a book of objects."""
    return {
        "before": _minutes_shape({one.role: one.before for one in counted.workload if one.before}),
        "after": _minutes_shape({one.role: one.after for one in counted.workload if one.after}),
    }


def _fraction_shape(number: Fraction) -> str:
    """An exact fraction as decimal text, rounded to two places."""
    return f"{Decimal(round(number * 100)).scaleb(-2):f}"


def _change_shape(change: DeclaredChange) -> dict[str, Json]:
    return {
        "room": change.room,
        "id": change.id,
        "kind": change.kind,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "can_matter": change.can_matter,
    }


def _standing_shape(standing: Standing) -> dict[str, Json]:
    return {"kind": standing.kind, "tier": standing.tier}


def _rule_shape(one: RuleDifference) -> dict[str, Json]:
    return {
        "id": one.id,
        "direction": one.direction,
        "undecided": one.undecided,
        "affected_by": list(one.affected_by),
        "regions": [_region_shape(region) for region in one.regions],
        "by_rank": list(one.by_rank),
        "shares": None if one.shares is None else _shares_shape(one.shares),
    }


def _region_shape(region: ChangedRegion) -> dict[str, Json]:
    return {
        "before": _standing_shape(region.before),
        "after": _standing_shape(region.after),
        "when": region.text,
        "witness": values_shape(region.witnesses[0].facts),
        "computed": list(region.computed),
    }


def _shares_shape(shares: ShareDifference) -> dict[str, Json]:
    return {
        "sizes": [
            {"tier": tier, "before": _fraction_shape(before), "after": _fraction_shape(after)}
            for tier, before, after in shares.sizes
        ],
        "flows": [{"before": flow.before, "after": flow.after, "places": _fraction_shape(flow.places)} for flow in shares.flows],
        "payers": [{"tier": tier, "places": _fraction_shape(places)} for tier, places in shares.payers],
    }


def _population_shape(population: PopulationDifference) -> dict[str, Json]:
    return {
        "as_of": population.as_of.isoformat(),
        "clients": len(population.client_ids),
        "moved": list(population.moved),
        "direction": population.direction,
        "tier_moves": [_tier_move_shape(move) for move in population.tier_moves],
        "vip_moves": [_vip_move_shape(move) for move in population.vip_moves],
        "grade_moves": [_grade_move_shape(move) for move in population.grade_moves],
        "segment_moves": [_segment_move_shape(move) for move in population.segment_moves],
        "workload": {
            "before": _minutes_shape(population.workload_before),
            "after": _minutes_shape(population.workload_after),
        },
        "gained": [obligation_shape(owed) for owed in population.gained],
        "lost": [obligation_shape(owed) for owed in population.lost],
        "redated": [
            {"key": after.key, "before": before.due_on.isoformat(), "after": after.due_on.isoformat()}
            for before, after in population.redated
        ],
        "undecided": {"before": population.undecided_before, "after": population.undecided_after},
    }


def _minutes_shape(minutes: Mapping[str, Fraction]) -> dict[str, Json]:
    return {role: _fraction_shape(number) for role, number in minutes.items()}


def _tier_move_shape(move: TierMove) -> dict[str, Json]:
    before, after = move.standings
    return {
        "scheme_id": move.scheme_id,
        "client_id": move.client_id,
        "direction": move.direction,
        "before": {"standing": _standing_shape(before), **assignment_shape(move.before)},
        "after": {"standing": _standing_shape(after), **assignment_shape(move.after)},
    }


def _vip_move_shape(move: VipMove) -> dict[str, Json]:
    return {
        "programme_id": move.programme_id,
        "client_id": move.client_id,
        "direction": move.direction,
        "before": decision_shape(move.before),
        "after": decision_shape(move.after),
    }


def _grade_move_shape(move: GradeMove) -> dict[str, Json]:
    return {
        "grade_id": move.grade_id,
        "client_id": move.client_id,
        "before": {"grade": move.before.grade, "parts": move.before.parts, "reasons": reasons_shape(move.before.reasons)},
        "after": {"grade": move.after.grade, "parts": move.after.parts, "reasons": reasons_shape(move.after.reasons)},
    }


def _segment_move_shape(move: SegmentMove) -> dict[str, Json]:
    return {
        "segment_id": move.segment_id,
        "client_id": move.client_id,
        "before": _membership_shape(move.before),
        "after": _membership_shape(move.after),
    }


def _membership_shape(membership: SegmentMembership) -> dict[str, Json]:
    return {
        "answer": membership.answer,
        "cells": [list(cell) for cell in membership.cells],
        "reasons": reasons_shape(membership.reasons),
    }
