"""What both kinds of scheme do alike: scope, pins, and what happens when facts are missing (SEG-1, SEG-8, SEG-10)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

import attrs

from relcare.model import FactValue, Pin, Reason
from relcare.policy import Core, Criterion, Vocabulary, compile_criteria, decisive_facts, facts_of
from relcare.segmentation._result import Assignment
from relcare.segmentation._scheme import QuotaScheme, ThresholdScheme

__all__ = ["Rows", "Run", "pin_reason"]

Rows: TypeAlias = Mapping[str, Mapping[str, Core]]
SchemeT = TypeVar("SchemeT", QuotaScheme, ThresholdScheme)


def pin_reason(pin: Pin) -> Reason:
    """Why a pinned client is where it is."""
    values = {"scheme": pin.scheme_id, "tier": pin.tier, "kind": pin.kind, "by": pin.by, "why": pin.reason, "until": pin.end_on}
    return Reason("segmentation.pinned", {}, values)


@attrs.frozen(eq=False)
class Run(Generic[SchemeT]):
    """What both kinds of scheme do alike: scope, and what happens when facts are missing."""

    scheme: SchemeT
    rows: Rows
    vocabulary: Vocabulary
    in_force: Mapping[str, str]
    pins: Mapping[str, Pin]

    def pinned(self, client_id: str, tier: str | None) -> str | None:
        """The tier under the client's pin, given the one without it (SEG-10)."""
        pin = self.pins.get(client_id)
        if pin is None:
            return tier
        ids = self.scheme.tier_ids
        rises = pin.kind == "floor" and tier is not None and ids.index(tier) < ids.index(pin.tier)
        return tier if rises else pin.tier

    def with_pin(self, found: Assignment) -> Assignment:
        """The assignment with the pin that made it, or would have."""
        pin = self.pins.get(found.client_id)
        if pin is None or not found.is_in_scope:
            return self.marked(found)
        tier = self.pinned(found.client_id, found.tier)
        return attrs.evolve(found, tier=tier, is_held=False, reasons=(pin_reason(pin), *found.reasons), pin=pin)

    def marked(self, found: Assignment) -> Assignment:
        """The assignment with the pin that is there, whether it comes to anything or not."""
        pin = self.pins.get(found.client_id)
        return found if pin is None else attrs.evolve(found, pin=pin)

    def scope_answers(self) -> dict[str, bool | None]:
        if self.scheme.scope is None:
            return dict.fromkeys(self.rows, True)
        layout = facts_of(self.scheme.scope)
        compiled = compile_criteria((self.scheme.scope,), self.vocabulary, layout)
        return {client_id: compiled([row.get(name) for name in layout])[0] for client_id, row in self.rows.items()}

    def fallback(self, client_id: str) -> str | None:
        """The tier without a decision: the one it has if the scheme still knows it, else the newcomer's (SEG-8)."""
        kept = self.kept(client_id)
        return self.scheme.newcomer if kept is None else kept

    def kept(self, client_id: str) -> str | None:
        tier = self.in_force.get(client_id)
        return tier if tier in self.scheme.tier_ids else None

    def shown(self, client_id: str, names: Iterable[str]) -> dict[str, FactValue]:
        """The facts of the scope and these, with their values: what it takes to decide the same again (CRI-3)."""
        row = self.rows[client_id]
        scope: Criterion | None = self.scheme.scope
        used = dict.fromkeys((*(facts_of(scope) if scope else ()), *names))
        return {name: self.vocabulary[name].decode(row.get(name)) for name in used}

    def outside(
        self,
        client_id: str,
        scope: bool | None,  # noqa: FBT001 - a three-valued answer
        missing: Sequence[str],
        names: Iterable[str],
    ) -> Assignment:
        scheme, row = self.scheme, self.rows[client_id]
        if scope is False:
            reason = Reason(
                "segmentation.out_of_scope", self.shown(client_id, ()), {"scheme": scheme.id, "scope": str(scheme.scope)}
            )
            return Assignment(client_id=client_id, scheme_id=scheme.id, tier=None, is_in_scope=False, reasons=(reason,))
        if scope is None:
            missing, names = decisive_facts(scheme.scope, row, self.vocabulary) if scheme.scope else (), ()
            tier, code = self.kept(client_id), "segmentation.scope_unknown"
        else:
            tier = self.fallback(client_id)
            code = "segmentation.kept" if self.kept(client_id) else "segmentation.newcomer" if tier else "segmentation.missing"
        facts = self.shown(client_id, names)
        reason = Reason(code, facts, {"scheme": scheme.id, "tier": tier, "missing": tuple(missing)})
        return Assignment(
            client_id=client_id, scheme_id=scheme.id, tier=tier, is_held=tier is None, missing=tuple(missing), reasons=(reason,)
        )
