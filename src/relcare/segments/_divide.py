"""Rows in, segments out: everybody is in, out, in a cell, unplaced, or open with what is missing; never silently out (SEG-7)."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final, TypeAlias

from relcare._fields import ReadOnlyMap
from relcare.model import Answer, FactValue, Reason
from relcare.policy import Core, Criterion, Vocabulary, compile_criteria, decisive_facts, facts_of, may_hold
from relcare.segments._check import closed_values
from relcare.segments._result import SegmentCell, SegmentMembership, SegmentResult
from relcare.segments._segment import CriterionSegment, ProductSegment, Segment

__all__ = ["divide"]

_Rows: TypeAlias = Mapping[str, Mapping[str, Core]]
_Cell: TypeAlias = tuple[str, ...]
_NOTHING: Final[Mapping[str, frozenset[str]]] = ReadOnlyMap()


def divide(
    segment: Segment,
    rows: Mapping[str, Mapping[str, Core]],
    *,
    vocabulary: Vocabulary,
    inapplicable: Mapping[str, frozenset[str]] = _NOTHING,
) -> SegmentResult:
    """Who belongs to a segment, and of a product, in which cells.

    Args:
        segment: Checked before.
        rows: The facts by client id, in core form; an absent name is a missing fact.
        vocabulary: What the facts mean.
        inapplicable: By client id, facts that will never be known, such as the tier of a client whom a scheme does not class: who
            could belong only by them is out, not open. Absent clients have none.

    Source: SEG-7, CRI-2.
    """
    if isinstance(segment, CriterionSegment):
        return _ByCriterion(segment, _Asked(segment.when, rows, vocabulary, inapplicable)).result()
    scope = None if segment.scope is None else _Asked(segment.scope, rows, vocabulary, inapplicable)
    return _ByProduct(segment, rows, vocabulary, scope, inapplicable).result()


def _shown(names: Iterable[str], row: Mapping[str, Core], vocabulary: Vocabulary) -> dict[str, FactValue]:
    return {name: vocabulary[name].decode(row.get(name)) for name in names}


class _Asked:
    """A criterion, asked of every client."""

    def __init__(
        self, criterion: Criterion, rows: _Rows, vocabulary: Vocabulary, inapplicable: Mapping[str, frozenset[str]]
    ) -> None:
        self.criterion, self.rows, self.vocabulary = criterion, rows, vocabulary
        self.facts = facts_of(criterion)
        self.answers: dict[str, bool | None] = {}
        self.unknown: dict[str, tuple[str, ...]] = {}
        compiled = compile_criteria((criterion,), vocabulary, self.facts)
        for client_id, row in rows.items():
            (answer,) = compiled([row.get(name) for name in self.facts])
            self.answers[client_id] = answer
            never = inapplicable.get(client_id, frozenset())
            if answer is None and may_hold(criterion, row, vocabulary, never):
                lacking = decisive_facts(criterion, row, vocabulary)
                self.unknown[client_id] = tuple(name for name in lacking if name not in never)

    def shown(self, client_id: str) -> dict[str, FactValue]:
        return _shown(self.facts, self.rows[client_id], self.vocabulary)


class _ByCriterion:
    """A segment by a criterion over rows."""

    def __init__(self, segment: CriterionSegment, asked: _Asked) -> None:
        self.segment, self.asked = segment, asked

    def result(self) -> SegmentResult:
        answers = self.asked.answers
        return SegmentResult(
            segment=self.segment,
            client_ids=tuple(answers),
            members=tuple(client_id for client_id, answer in answers.items() if answer),
            unknown=self.asked.unknown,
            explain=self.explain,
        )

    def explain(self, client_id: str) -> SegmentMembership:
        segment, holds = self.segment, self.asked.answers[client_id]
        missing = self.asked.unknown.get(client_id, ())
        if missing:
            code = "segment.unknown"
        else:
            code = "segment.member" if holds else "segment.outside" if holds is False else "segment.inapplicable"
        facts = self.asked.shown(client_id)
        reason = Reason(code, facts, {"segment": segment.id, "when": str(segment.when), "missing": missing})
        return SegmentMembership(
            segment_id=segment.id,
            client_id=client_id,
            answer="unknown" if missing else "yes" if holds else "no",
            missing=missing,
            reasons=(reason,),
        )


class _ByProduct:
    """A segment by the product of dimensions over rows."""

    def __init__(
        self,
        segment: ProductSegment,
        rows: _Rows,
        vocabulary: Vocabulary,
        scope: _Asked | None,
        inapplicable: Mapping[str, frozenset[str]],
    ) -> None:
        self.segment, self.rows, self.vocabulary, self.scope = segment, rows, vocabulary, scope
        self.inapplicable = inapplicable
        answers = {} if scope is None else scope.answers
        inside = {client_id: row for client_id, row in rows.items() if answers.get(client_id, scope is None)}
        self.placed: dict[str, tuple[_Cell, ...]] = {}
        self.unplaced: dict[str, tuple[str, ...]] = {}
        for client_id, row in inside.items():
            values = [self.values(name, row) for name in segment.by]
            lacking = tuple(sorted(name for name, own in zip(segment.by, values, strict=True) if not own))
            if lacking:
                self.unplaced[client_id] = lacking
            else:
                self.placed[client_id] = tuple(product(*values))
        self.dimensions = {name: self.dimension(name, inside.values()) for name in segment.by}

    def values(self, name: str, row: Mapping[str, Core]) -> tuple[str, ...]:
        """One client's values in a dimension, in their order; none where it is missing or an empty set."""
        value = self.vocabulary[name].decode(row.get(name))
        if isinstance(value, frozenset):
            return tuple(sorted(value))
        return () if value is None else (str(value).lower() if isinstance(value, bool) else str(value),)

    def dimension(self, name: str, rows: Iterable[Mapping[str, Core]]) -> tuple[str, ...]:
        declared = closed_values(self.vocabulary[name])
        return declared or tuple(sorted({value for row in rows for value in self.values(name, row)}))

    def result(self) -> SegmentResult:
        members: dict[_Cell, list[str]] = {}
        for client_id, cells in self.placed.items():
            for cell in cells:
                members.setdefault(cell, []).append(client_id)
        places = [{value: place for place, value in enumerate(values)} for values in self.dimensions.values()]
        order = sorted(members, key=lambda cell: [place[value] for place, value in zip(places, cell, strict=True)])
        return SegmentResult(
            segment=self.segment,
            client_ids=tuple(self.rows),
            members=tuple(self.placed),
            unknown={} if self.scope is None else self.scope.unknown,
            unplaced=self.unplaced,
            dimensions=self.dimensions,
            cells=tuple(SegmentCell(values=cell, client_ids=tuple(members[cell])) for cell in order),
            explain=self.explain,
        )

    def explain(self, client_id: str) -> SegmentMembership:
        if self.scope is not None and not self.scope.answers[client_id]:
            return self._outside(self.scope, client_id)
        names = dict.fromkeys((*(self.scope.facts if self.scope else ()), *self.segment.by))
        row = self.rows[client_id]
        facts, name = _shown(names, row, self.vocabulary), self.segment.id
        cells = self.placed.get(client_id)
        if cells is not None:
            told = tuple(" / ".join(cell) for cell in cells)
            return self._found(client_id, "yes", Reason("segment.placed", facts, {"segment": name, "cells": told}), cells=cells)
        # A missing fact leaves it open where the client belongs; an empty set, and a fact that will never be known, say that it
        # belongs in no cell.
        lacking, never = self.unplaced[client_id], self.inapplicable.get(client_id, frozenset())
        empty = tuple(name for name in lacking if row.get(name) is not None)
        hopeless = tuple(name for name in lacking if row.get(name) is None and name in never)
        missing = tuple(name for name in lacking if row.get(name) is None and name not in never)
        reason = Reason(
            "segment.unplaced", facts, {"segment": name, "missing": missing, "empty": empty, "inapplicable": hopeless}
        )
        return self._found(client_id, "no" if empty or hopeless else "unknown", reason, missing=missing)

    def _outside(self, scope: _Asked, client_id: str) -> SegmentMembership:
        name, when, facts = self.segment.id, str(scope.criterion), scope.shown(client_id)
        missing = scope.unknown.get(client_id, ())
        if missing:
            reason = Reason("segment.scope_unknown", facts, {"segment": name, "scope": when, "missing": missing})
            return self._found(client_id, "unknown", reason, missing=missing)
        if scope.answers[client_id] is None:
            reason = Reason("segment.inapplicable", facts, {"segment": name, "when": when, "missing": ()})
        else:
            reason = Reason("segment.out_of_scope", facts, {"segment": name, "scope": when})
        return self._found(client_id, "no", reason)

    def _found(
        self,
        client_id: str,
        answer: Answer,
        reason: Reason,
        *,
        cells: tuple[_Cell, ...] = (),
        missing: tuple[str, ...] = (),
    ) -> SegmentMembership:
        return SegmentMembership(
            segment_id=self.segment.id,
            client_id=client_id,
            answer=answer,
            cells=cells,
            missing=missing,
            reasons=(reason,),
        )
