"""What follows from facts that somebody has, without a client (FCT-5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from relcare.decisions._case import Row, noted, tier_core, vip_noted
from relcare.decisions._graded import ungraded
from relcare.decisions._results import FactsResult
from relcare.errors import InvalidValueError, nearest
from relcare.model import Reason
from relcare.policy import OutOfBounds
from relcare.relationships import merge_strategies
from relcare.segmentation import Assignment, assign_one

if TYPE_CHECKING:
    from relcare.decisions._engine import Engine

__all__ = ["decide_facts", "refuse_unknown"]


def decide_facts(engine: "Engine", given: Mapping[str, object], day: date) -> FactsResult:
    """See `Policy.decide_facts`."""
    row, notes = _encode(engine, given)
    notes = (*notes, *ungraded(engine.policy.grades, row, engine.words.grades))
    assignments: list[Assignment] = []
    for scheme, vocabulary in zip(engine.policy.segmentation, engine.words.schemes, strict=True):
        name = f"tier.{scheme.id}"
        if name in given:
            continue
        found = assign_one(scheme, "given", row, vocabulary=vocabulary, tier_in_force=None)
        row[name] = tier_core(scheme.tier_ids, found.tier if found else None)
        if found is not None:
            assignments.append(noted(found, notes))
    types = row.get("client.relationship_types")
    if isinstance(types, frozenset):
        merge_strategies(types, engine.strategies)  # an unknown type is an error (REL-4)
    for name in engine.strategies:
        row.setdefault(f"strategy.{name}", name in types if isinstance(types, frozenset) else None)
    decisions = tuple(vip_noted(qualifier.decide(row), notes) for qualifier in engine.programmes.qualifiers)
    for decision in decisions:
        row.setdefault(f"vip.{decision.programme_id}", None if decision.qualification == "unknown" else decision.qualification)
    for name, answer in engine.segmenter.facts(row).items():
        row.setdefault(name, answer)
    facts = engine.readable(row)
    return FactsResult(
        policy_id=engine.policy.id,
        policy_version=engine.policy.version,
        as_of=day,
        facts=facts,
        tiers=engine.tiers(facts),
        assignments=tuple(assignments),
        vip=decisions,
        notes=notes,
    )


def _encode(engine: "Engine", given: Mapping[str, object]) -> tuple[Row, tuple[Reason, ...]]:
    """Facts as people write them in core form, with a reason for each that is out of bounds (FCT-1)."""
    refuse_unknown("facts", given, list(engine.words.full))
    row: Row = {}
    notes: list[Reason] = []
    for name, value in given.items():
        core = engine.words.full[name].encode(name, value)
        if isinstance(core, OutOfBounds):
            notes.append(Reason("fact.out_of_bounds", {}, {"fact": name, "value": core.value}))
            core = None
        row[name] = core
    for fact in engine.reader.facts:
        if fact.derivation is not None and fact.id not in given:
            derived = engine.reader.derived(fact, row)
            if isinstance(derived, OutOfBounds):
                notes.append(Reason("fact.out_of_bounds", {}, {"fact": fact.id, "value": derived.value}))
                derived = None
            row[fact.id] = derived
    return row, tuple(notes)


def refuse_unknown(name: str, given: Mapping[str, object], known: Sequence[str]) -> None:
    """Refuse a name that the policy does not know, with the nearest that it does."""
    for key in given:
        if key not in known:
            near = nearest(str(key), known)
            raise InvalidValueError(name, key, "is not known to the policy", f"did you mean {near!r}?" if near else None)
