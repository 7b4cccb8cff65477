"""One client asked about again with another value of one fact, all else equal."""

from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from relcare.cells import axis_of
from relcare.decisions import BookResult, Policy, vocabularies_of_policy
from relcare.model import FactValue
from relcare.policy import CLIENT_FACTS, Criterion, Vocabulary, facts_of, leaves
from relcare.segmentation import Assignment, ThresholdScheme

__all__ = ["SchemeOnFacts", "ascending", "improving", "schemes_on_facts", "words_of"]


def words_of(policy: Policy) -> Vocabulary:
    """All facts of a policy."""
    return vocabularies_of_policy(policy).full


def ascending(fact: str, criteria: Iterable[Criterion], words: Vocabulary) -> list[FactValue]:
    """One value from each piece of a fact that the criteria tell apart, from the least; none where the fact has no order."""
    kind = words[fact]
    if not (kind.is_ordered or kind.kind == "flag"):
        return []
    used = [leaf for criterion in criteria for leaf in leaves(criterion)]
    return [kind.decode(cell) for cell in axis_of(fact, used, words).cells if cell is not None]


def improving(fact: str, criteria: Iterable[Criterion], words: Vocabulary) -> list[FactValue]:
    """The same from the worst to the best; none where the fact has no polarity."""
    values = ascending(fact, criteria, words)
    return {"more": values, "less": values[::-1], "neither": []}[words[fact].polarity]


@attrs.frozen(eq=False)
class SchemeOnFacts:
    """A threshold scheme asked about clients by their facts alone.

    Attributes:
        policy: The policy.
        scheme: The scheme.
        words: All facts of the policy.
        given: The facts that are given to it: declared ones, the client's, and the tiers of the schemes above it.
        as_of: The day.
    """

    policy: Policy
    scheme: ThresholdScheme
    words: Vocabulary
    given: tuple[str, ...]
    as_of: date

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of its tiers."""
        return tuple(tier.when for tier in self.scheme.tiers)

    @property
    def facts(self) -> tuple[str, ...]:
        """What its tiers are decided by."""
        return tuple(dict.fromkeys(name for criterion in self.criteria for name in facts_of(criterion)))

    def facts_of(self, result: BookResult, client_id: str) -> dict[str, FactValue]:
        """What a client of a book would be given as."""
        found = result.facts(client_id)
        return {name: found[name] for name in self.given}

    def decided(self, facts: Mapping[str, FactValue]) -> Assignment | None:
        """The tier that these facts decide; None where the client is held, out of scope, kept or a newcomer."""
        found = self.policy.decide_facts(facts, as_of=self.as_of).assignments
        one = next(assignment for assignment in found if assignment.scheme_id == self.scheme.id)
        return one if one.tier is not None and not one.missing else None

    def place(self, assignment: Assignment) -> int:
        """0 for the best tier."""
        return self.scheme.tier_ids.index(assignment.tier or "")


def schemes_on_facts(policy: Policy, as_of: date) -> list[SchemeOnFacts]:
    """The threshold schemes of a policy."""
    words = words_of(policy)
    found: list[SchemeOnFacts] = []
    for place, scheme in enumerate(policy.segmentation):
        if isinstance(scheme, ThresholdScheme):
            above = [f"tier.{other.id}" for other in policy.segmentation[:place]]
            given = (*(fact.id for fact in policy.facts), *CLIENT_FACTS, *above)
            found.append(SchemeOnFacts(policy, scheme, words, given, as_of))
    return found
