"""Who qualifies, by which path, since when, and what is lacking (VIP-2, VIP-4)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

import attrs

from relcare._fields import ReadOnlyMap
from relcare.model import Answer, FactValue, Reason
from relcare.policy import (
    And,
    Compare,
    CompiledCriteria,
    Core,
    Criterion,
    Not,
    Or,
    Vocabulary,
    compile_criteria,
    decisive_facts,
    facts_of,
    leaf_test,
    leaves,
)
from relcare.vip._programme import Programme
from relcare.vip._state import QualifiedSpell

__all__ = ["PathDecision", "Qualifier", "RowAt", "VipDecision", "qualifier_of"]

RowAt: TypeAlias = Callable[[int], Mapping[str, Core]]


@attrs.frozen(kw_only=True)
class PathDecision:
    """One path of a programme for one client.

    Attributes:
        id: The path.
        answer: Whether it holds; `unknown` while a missing fact leaves it open.
        first_ever_on: The first day on which it ever held; None when it never did, or when no history was given (VIP-4).
        first_eligible_on: The first day of the current unbroken stretch in which it holds; None when it does not, or when no
            history was given.
        shortfall: By fact, how far its value is from what a comparison of the path asks for: an amount in the fact's unit, a
            number of levels for a level; empty when the path holds. Comparisons without a distance (`==`, `in`) are left out.
        missing: The facts that leave it open, in order of name.
    """

    id: str
    answer: Answer
    first_ever_on: date | None = None
    first_eligible_on: date | None = None
    shortfall: Mapping[str, Decimal] = attrs.field(factory=ReadOnlyMap[str, Decimal])
    missing: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class VipDecision:
    """Whether a client qualifies for a programme. Membership is another matter (VIP-2).

    Attributes:
        programme_id: The programme.
        client_id: Who; None when only facts were given.
        qualification: `yes` as soon as one path holds, whatever else is unknown; `unknown` when none holds and one is open.
        paths: Each path, in the order of the programme.
        first_eligible_on: The first day of the current unbroken stretch in which some path holds; None when none does, or when
            only facts were given.
        reasons: Why.
    """

    programme_id: str
    client_id: str | None
    qualification: Answer
    paths: tuple[PathDecision, ...]
    first_eligible_on: date | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def is_eligible(self) -> bool:
        """Whether the qualification is `yes`."""
        return self.qualification == "yes"

    @property
    def shortfall(self) -> Mapping[str, Mapping[str, Decimal]]:
        """What is lacking, by path that does not hold and fact (see `PathDecision`); empty when the client qualifies."""
        if self.is_eligible:
            return {}
        return {path.id: path.shortfall for path in self.paths if path.answer == "no"}

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that leave a path open, in order of name."""
        return tuple(sorted({name for path in self.paths for name in path.missing}))


def _word(answer: bool | None) -> Answer:  # noqa: FBT001 - a three-valued answer
    return "unknown" if answer is None else "yes" if answer else "no"


@attrs.frozen(eq=False)
class Qualifier:
    """A programme made ready to decide many clients.

    Attributes:
        programme: The programme.
        vocabulary: What its facts mean.
        layout: The facts it reads.
        compiled: All paths as one function.
    """

    programme: Programme
    vocabulary: Vocabulary
    layout: tuple[str, ...]
    compiled: CompiledCriteria

    @cached_property
    def _comparisons(self) -> Mapping[int, tuple[Callable[[Core], bool | None], Core]]:
        """The test and the constant of every comparison of a path, by the identity of its node: read once for all clients."""
        words = self.vocabulary
        found = (leaf for path in self.programme.paths for leaf in leaves(path.when) if isinstance(leaf, Compare))
        return {id(leaf): (leaf_test(leaf, words), words.constants(leaf)[0]) for leaf in found}

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        """The paths as documents write them."""
        return tuple(str(path.when) for path in self.programme.paths)

    @cached_property
    def is_rising(self) -> bool:
        """Whether every path asks facts for nothing but being great enough, so that greater facts never disqualify."""
        return all(_asks_for_more(path.when) for path in self.programme.paths)

    def answers(self, row: Mapping[str, Core]) -> tuple[bool | None, ...]:
        """Whether each path holds, in order."""
        return self.compiled([row.get(name) for name in self.layout])

    def qualification(self, row: Mapping[str, Core]) -> Answer:
        """`yes`, `no` or `unknown` (VIP-4: a path that holds decides)."""
        answers = self.answers(row)
        return "yes" if True in answers else "unknown" if None in answers else "no"

    def decide(
        self,
        row: Mapping[str, Core],
        *,
        client_id: str | None = None,
        as_of: int | None = None,
        row_at: RowAt | None = None,
        days: Sequence[int] = (),
    ) -> VipDecision:
        """The decision for one row of facts.

        Args:
            row: The facts at the end of `as_of`, in core form.
            client_id: Who.
            as_of: The day, as an ordinal; needed with `row_at`.
            row_at: The facts at the end of an earlier day; None when there is no history.
            days: Every day on which a fact of the programme may have changed, in any order; the earliest is where history begins.
        """
        answers = self.answers(row)
        past = _Past.of(len(answers))
        if row_at is not None and as_of is not None:
            past = self._history(row_at, sorted({day for day in days if day <= as_of}))
        paths = tuple(
            PathDecision(
                id=path.id,
                answer=_word(answer),
                first_ever_on=_day(first),
                first_eligible_on=_day(since) if answer else None,
                shortfall=ReadOnlyMap(self._shortfall(path.when, row, wanted=True))
                if answer is False
                else ReadOnlyMap[str, Decimal](),
                missing=decisive_facts(path.when, row, self.vocabulary) if answer is None else (),
            )
            for path, answer, first, since in zip(self.programme.paths, answers, past.first_ever, past.since, strict=True)
        )
        qualification: Answer = "yes" if True in answers else "unknown" if None in answers else "no"
        return VipDecision(
            programme_id=self.programme.id,
            client_id=client_id,
            qualification=qualification,
            paths=paths,
            first_eligible_on=_day(past.any_since) if qualification == "yes" else None,
            reasons=tuple(self._reasons(row, paths, qualification)),
        )

    def qualified(self, row_at: RowAt, days: Sequence[int], as_of: int) -> tuple[QualifiedSpell, ...]:
        """When somebody qualified, in order and apart; the last stretch is open where it lasts to the end of `as_of`.

        Args:
            row_at: The facts at the end of a day.
            days: As for `decide`.
            as_of: The last day that is looked at, an ordinal.
        """
        found: list[QualifiedSpell] = []
        since: int | None = None
        for day in sorted({day for day in days if day <= as_of}):
            holds = True in self.answers(row_at(day))
            if holds and since is None:
                since = day
            elif not holds and since is not None:
                found.append(QualifiedSpell(start_on=date.fromordinal(since), end_on=date.fromordinal(day)))
                since = None
        if since is not None:
            found.append(QualifiedSpell(start_on=date.fromordinal(since)))
        return tuple(found)

    def _history(self, row_at: RowAt, days: Sequence[int]) -> "_Past":
        """When each path first held, and the first day of each stretch that lasts to the end."""
        past = _Past.of(len(self.programme.paths))
        for day in days:
            answers = self.answers(row_at(day))
            for index, answer in enumerate(answers):
                if answer and past.first_ever[index] is None:
                    past.first_ever[index] = day
                past.since[index] = None if not answer else past.since[index] or day
            past.any_since = None if True not in answers else past.any_since or day
        return past

    def _reasons(self, row: Mapping[str, Core], paths: Sequence[PathDecision], qualification: Answer) -> list[Reason]:
        code = {"yes": "vip.path_met", "no": "vip.path_not_met", "unknown": "vip.path_unknown"}
        wanted: tuple[Answer, ...] = (
            ("yes",) if qualification == "yes" else ("unknown", "no") if qualification == "unknown" else ("no",)
        )
        return [
            Reason(
                code[decision.answer],
                self._facts(path.when, row),
                {"programme": self.programme.id, "path": path.id, "when": text, "missing": decision.missing},
            )
            for answer in wanted
            for path, text, decision in zip(self.programme.paths, self._texts, paths, strict=True)
            if decision.answer == answer
        ]

    def _facts(self, criterion: Criterion, row: Mapping[str, Core]) -> dict[str, FactValue]:
        return {name: self.vocabulary[name].decode(row.get(name)) for name in facts_of(criterion)}

    def _shortfall(self, criterion: Criterion, row: Mapping[str, Core], *, wanted: bool) -> dict[str, Decimal]:
        """How far each failing comparison is from what is wanted of it; of two for one fact the greater distance."""
        if isinstance(criterion, (And, Or)):
            found: dict[str, Decimal] = {}
            for part in criterion.parts:
                for fact, amount in self._shortfall(part, row, wanted=wanted).items():
                    found[fact] = max(amount, found.get(fact, amount))
            return found
        if isinstance(criterion, Not):
            return self._shortfall(criterion.part, row, wanted=not wanted)
        value = row.get(criterion.fact)
        kind = self.vocabulary[criterion.fact]
        if not isinstance(criterion, Compare) or not isinstance(value, int) or not kind.is_ordered:
            return {}
        holds, border = self._comparisons[id(criterion)]
        if criterion.operator in {"==", "!="} or holds(value) is wanted or not isinstance(border, int):
            return {}
        # The distance to the first value on the right side: one grain further where the border itself is not enough.
        is_strict = (criterion.operator in {"<", ">"}) is wanted
        steps = abs(border - value) + is_strict
        distance = kind.decode(steps) if kind.is_numeric else None  # exact, whatever the host's decimal context
        return {criterion.fact: distance if isinstance(distance, Decimal) else Decimal(steps)}


@attrs.define
class _Past:
    """What a history says about the paths of a programme; days are ordinals.

    Attributes:
        first_ever: By path, the first day on which it held.
        since: By path, the first day of the stretch that lasts.
        any_since: The first day of the stretch that lasts in which some path held.
    """

    first_ever: list[int | None]
    since: list[int | None]
    any_since: int | None = None

    @classmethod
    def of(cls, count: int) -> "_Past":
        return cls([None] * count, [None] * count)


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _asks_for_more(criterion: Criterion) -> bool:
    if isinstance(criterion, (And, Or)):
        return all(_asks_for_more(part) for part in criterion.parts)
    return isinstance(criterion, Compare) and criterion.operator in {">", ">="}


def qualifier_of(programme: Programme, vocabulary: Vocabulary) -> Qualifier:
    """A programme made ready, once it has passed its check."""
    criteria = [path.when for path in programme.paths]
    layout = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
    return Qualifier(programme, vocabulary, layout, compile_criteria(criteria, vocabulary, layout))
