"""The values of a policy's facts that its rules can tell apart, and those beside them: what a test of the policy should draw.

A gap of one cent between two thresholds is met by hardly any number drawn at random, and by every few drawn from here.
"""

from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare._time import FIRST_DAY, LAST_DAY
from relcare.cells import axis_of
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.policy import CLIENT_FACTS, Compare, Contains, Core, Criterion, FactType, Leaf, OutOfBounds, Vocabulary, leaves
from relcare.relationships import strategies_of
from relcare.segmentation import QuotaScheme
from relcare.testing._nasty import NASTY_NAMES
from relcare.testing._strategies import days

__all__ = ["Borders"]

_LEAST_SPREAD: Final = 100
# The host's own context may be set to few digits.
_EXACT: Final = Context(prec=120)
_RELATIONSHIP_TYPES: Final = "client.relationship_types"


@attrs.frozen(eq=False)
class Borders:
    """Where the rules of one policy change their answer.

    Attributes:
        policy: The policy.
        vocabulary: All its facts, derived ones included.
        comparisons: Everything that its rules compare facts with.
    """

    policy: Policy
    vocabulary: Vocabulary
    comparisons: tuple[Leaf, ...]

    @classmethod
    def of(cls, policy: Policy) -> "Borders":
        """The borders of a policy."""
        words = vocabularies_of_policy(policy)
        return cls(policy, words.full, tuple(_comparisons(policy)))

    @property
    def given(self) -> tuple[str, ...]:
        """The facts that are given and not worked out: declared ones, those of the client, grades, and the tiers of quotas."""
        declared = [fact.id for fact in self.policy.facts if fact.derivation is None]
        tiers = [f"tier.{scheme.id}" for scheme in self.policy.segmentation if isinstance(scheme, QuotaScheme)]
        return (*declared, *CLIENT_FACTS, *(grade.name for grade in self.policy.grades), *tiers)

    def cells(self, fact: str) -> tuple[Core, ...]:
        """One value for each piece of a fact's domain that the rules tell apart, in core form; None for missing."""
        kind = self.vocabulary[fact]
        if kind.kind == "set":
            nothing: tuple[Core, ...] = (None,) if kind.may_be_missing else ()
            return (frozenset(), *(frozenset({member}) for member in self.members(fact)), *nothing)
        return axis_of(fact, self.comparisons, self.vocabulary).cells

    def edges(self, fact: str) -> tuple[int, ...]:
        """The first and last value of each piece of an ordered fact, and those one grain, rank or day beside; within bounds."""
        kind = self.vocabulary[fact]
        if not kind.is_ordered:
            return ()
        axis = axis_of(fact, self.comparisons, self.vocabulary)
        ends = [end for end in (*axis.cells, *axis.ends) if isinstance(end, int)]
        return tuple(sorted({end + step for end in ends for step in (-1, 0, 1) if _fits(kind, end + step)}))

    def members(self, fact: str) -> tuple[str, ...]:
        """What a set fact may hold: the relationship types that the policy knows; of others what is asked for, and one more."""
        if fact == _RELATIONSHIP_TYPES:
            return tuple(sorted(strategies_of(self.policy.relationships)))
        asked = sorted({leaf.value for leaf in self.comparisons if isinstance(leaf, Contains) and leaf.fact == fact})
        return (*asked, "anything else")

    def near(self, fact: str) -> st.SearchStrategy[Core]:
        """Values of a fact in core form: one of each piece, on and beside the borders, anywhere; missing where it may be."""
        edges = self.edges(fact)
        beside: st.SearchStrategy[Core] = st.sampled_from(edges) if edges else st.nothing()
        return st.sampled_from(self.cells(fact)) | beside | self._anywhere(fact, edges)

    def _anywhere(self, fact: str, edges: tuple[int, ...]) -> st.SearchStrategy[Core]:
        kind = self.vocabulary[fact]
        if kind.is_numeric:
            return _numbers(kind, edges)
        if kind.kind == "date":
            return days().map(lambda day: day.toordinal()).filter(lambda day: _fits(kind, day))
        if kind.kind == "level":
            return st.integers(0, len(kind.values) - 1)
        if kind.kind == "set":
            return st.frozensets(st.sampled_from(self.members(fact)))
        if kind.kind == "flag":
            return st.booleans()
        return st.sampled_from(kind.values or NASTY_NAMES)


def _comparisons(policy: Policy) -> Iterator[Leaf]:
    for criterion in _criteria(policy):
        yield from leaves(criterion)
    for scheme in policy.segmentation:
        if isinstance(scheme, QuotaScheme) and not isinstance(scheme.score, str):
            for term in scheme.score:
                yield from (Compare(term.fact, ">=", band.start) for band in term.bands)


def _criteria(policy: Policy) -> Iterator[Criterion]:
    yield from (grade.scope for grade in policy.grades if grade.scope is not None)
    for scheme in policy.segmentation:
        if scheme.scope is not None:
            yield scheme.scope
        if not isinstance(scheme, QuotaScheme):
            yield from (tier.when for tier in scheme.tiers)
    yield from (rule.when for rule in policy.cadence if rule.when is not None)
    for programme in policy.vip_programmes:
        yield from (path.when for path in programme.paths)


def _fits(kind: FactType, core: int) -> bool:
    if kind.kind == "level":
        return 0 <= core < len(kind.values)
    if kind.kind == "date" and not FIRST_DAY.toordinal() <= core <= LAST_DAY.toordinal():
        return False
    try:
        return not isinstance(kind.encode("near", kind.decode(core)), OutOfBounds)
    except InvalidValueError:  # more digits than a number may have
        return False


def _numbers(kind: FactType, edges: tuple[int, ...]) -> st.SearchStrategy[Core]:
    """Ordinary numbers: about as far beyond the outermost borders as these are apart."""
    if not edges:
        return st.nothing()
    spread = max(edges[-1] - edges[0], _LEAST_SPREAD)
    low, high = (_whole_grains(bound, kind) for bound in (kind.low, kind.high))
    least = edges[0] - spread if low is None else max(low, edges[0] - spread)
    most = edges[-1] + spread if high is None else min(high, edges[-1] + spread)
    return st.integers(least, most).filter(lambda value: _fits(kind, value))


def _whole_grains(bound: object, kind: FactType) -> int | None:
    return int(_EXACT.divide(bound, kind.grain or Decimal(1))) if isinstance(bound, Decimal) else None
