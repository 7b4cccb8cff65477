"""One client as the rules of custody look at it, and how a criterion turns out there."""

from collections.abc import Mapping

import attrs

from relcare.custody._ownership import Ownership
from relcare.facts import ClientHistory
from relcare.model import Absence, FactValue
from relcare.policy import Core, Criterion, Vocabulary, decisive_facts, evaluate, facts_of, may_hold

__all__ = ["CustodyCase", "Turnout"]


@attrs.frozen
class Turnout:
    """How a criterion turned out.

    Attributes:
        answer: Whether it holds; None when missing facts leave it open.
        facts: What it rests on, as people read it.
        missing: The facts that could still settle it, in order of name.
    """

    answer: bool | None
    facts: Mapping[str, FactValue]
    missing: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, eq=False)
class CustodyCase:
    """One client.

    Attributes:
        history: What happened.
        row: The facts that the rules ask for, in core form.
        vocabulary: What they mean.
        ownership: Who had the client when.
        never: Tiers of schemes that do not class the client: nothing is missing there.
        away: The owner's absence on the day, when nobody stands in.
    """

    history: ClientHistory
    row: Mapping[str, Core]
    vocabulary: Vocabulary
    ownership: Ownership
    never: frozenset[str] = frozenset()
    away: Absence | None = None

    def find(self, criterion: Criterion | None) -> Turnout:
        """How a criterion about the client turns out; none holds."""
        if criterion is None:
            return Turnout(answer=True, facts={})
        answer = evaluate(criterion, self.row, self.vocabulary)
        if answer is None and self.never and not may_hold(criterion, self.row, self.vocabulary, self.never):
            answer = False
        facts = {name: self.readable(name) for name in facts_of(criterion)}
        return Turnout(answer, facts, () if answer is not None else decisive_facts(criterion, self.row, self.vocabulary))

    def readable(self, name: str) -> FactValue:
        """A fact as people read it; None when it is missing."""
        return self.vocabulary[name].decode(self.row.get(name))
