"""Rules that need nothing but the facts of one client, made ready to be explained: threshold schemes and VIP programmes."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import attrs

from relcare.cells import Axis, Space
from relcare.errors import PolicyError
from relcare.policy import Core, Criterion, Vocabulary, compile_criteria, facts_of, leaves
from relcare.segmentation import ThresholdScheme, threshold_outcome
from relcare.soundness._explanation import DecisionState, Placement, Way
from relcare.soundness._explanation_endings import (
    Ending,
    Endings,
    axes_of,
    programme_endings,
    space_for,
    threshold_endings,
)
from relcare.soundness._explanation_levers import Judge
from relcare.vip import Programme, qualifier_of

__all__ = ["CellRules", "programme_rules", "threshold_rules"]

_STATES: Final[Mapping[str, DecisionState]] = {
    "segmentation.no_match": "no match",
    "segmentation.conflict": "conflict",
    "segmentation.undecided": "undecided",
}


@attrs.frozen(kw_only=True, eq=False)
class CellRules:
    """The rules of a threshold scheme or a VIP programme.

    Attributes:
        vocabulary: What the facts mean.
        choices: The outcomes, best first.
        facts: In order of first mention.
        axes: Their cells.
        judge: How the decision about a row ends.
        endings_in: Where each ending is certain.
    """

    vocabulary: Vocabulary
    choices: tuple[str, ...]
    facts: tuple[str, ...]
    axes: Mapping[str, Axis]
    judge: Judge
    _uncut: str | None = attrs.field(alias="uncut")
    endings_in: Callable[[Space], Endings]
    _endings: dict[frozenset[str], Endings] = attrs.field(factory=dict[frozenset[str], Endings], init=False)

    def sufficient(self, row: Mapping[str, Core], ending: Ending) -> tuple[str, ...]:
        """The sufficient reason."""
        return self._endings_for(row).sufficient(row, ending)

    def ways(self, row: Mapping[str, Core]) -> tuple[Way, ...]:
        """The ways out of an open decision."""
        return self._endings_for(row).ways(row)

    def points(self, fact: str, value: Core) -> Decimal | None:  # noqa: ARG002 - as the protocol has it
        """None: there is no score."""
        return None

    def placement(self) -> Placement | None:
        """None: there is no ranking."""
        return None

    def _endings_for(self, row: Mapping[str, Core]) -> Endings:
        """The endings on the declared cells; facts that are missing although they should not be get a cell for that."""
        if self._uncut is not None:
            raise PolicyError(self._uncut)
        absent = frozenset(name for name, axis in self.axes.items() if row.get(name) is None and None not in axis.cells)
        found = self._endings.get(absent)
        if found is None:
            found = self.endings_in(space_for(self.axes.values(), self.vocabulary, absent))
            self._endings[absent] = found
        return found


def threshold_rules(scheme: ThresholdScheme, vocabulary: Vocabulary) -> CellRules:
    """The rules of a threshold scheme; facts of its tiers come before those of its scope."""
    whens: list[Criterion] = [tier.when for tier in scheme.tiers]
    criteria = whens if scheme.scope is None else [*whens, scheme.scope]
    facts = tuple(dict.fromkeys(name for criterion in criteria for name in facts_of(criterion)))
    compiled = compile_criteria(criteria, vocabulary, facts)

    def judge(row: Mapping[str, Core]) -> Ending:
        answers = compiled([row.get(name) for name in facts])
        scope = True if scheme.scope is None else answers[-1]
        if not scope:
            return ("undecided" if scope is None else "out of scope"), None
        tier, code = threshold_outcome(scheme, answers[: len(whens)])
        return _STATES.get(code, "decided"), tier

    return _cell_rules(
        criteria,
        vocabulary,
        choices=scheme.tier_ids,
        facts=facts,
        judge=judge,
        endings_in=lambda space: threshold_endings(scheme, space),
    )


def programme_rules(programme: Programme, vocabulary: Vocabulary) -> CellRules:
    """The rules of a VIP programme."""
    qualifier = qualifier_of(programme, vocabulary)

    def judge(row: Mapping[str, Core]) -> Ending:
        answer = qualifier.qualification(row)
        return ("undecided", None) if answer == "unknown" else ("decided", answer)

    criteria = [path.when for path in programme.paths]
    return _cell_rules(
        criteria,
        vocabulary,
        choices=("yes", "no"),
        facts=qualifier.layout,
        judge=judge,
        endings_in=lambda space: programme_endings(programme, space),
    )


def _cell_rules(
    criteria: Sequence[Criterion],
    vocabulary: Vocabulary,
    *,
    choices: tuple[str, ...],
    facts: tuple[str, ...],
    judge: Judge,
    endings_in: Callable[[Space], Endings],
) -> CellRules:
    axes, uncut = axes_of(facts, [leaf for criterion in criteria for leaf in leaves(criterion)], vocabulary)
    return CellRules(
        vocabulary=vocabulary, choices=choices, facts=facts, axes=axes, judge=judge, uncut=uncut, endings_in=endings_in
    )
