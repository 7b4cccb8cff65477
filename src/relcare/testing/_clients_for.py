"""Facts and days drawn for one policy, from both sides of everything that it decides by."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare._time import LAST_DAY
from relcare.decisions import Policy
from relcare.model import FactValue
from relcare.policy import Core, Derivation, FactType, OutOfBounds
from relcare.testing._borders import Borders
from relcare.testing._strategies import days

__all__ = ["clients_for", "days_in_force"]

_EXACT: Final = Context(prec=120)
_A_WHILE: Final = timedelta(days=800)


@attrs.frozen(eq=False)
class _Aim:
    """A computed fact: it is brought to its own borders through the first of the two facts that it is computed from.

    Attributes:
        derivation: How it is computed.
        first: The type of the first fact.
        second: The type of the second.
        targets: The values to be brought to.
    """

    derivation: Derivation
    first: FactType
    second: FactType
    targets: Sequence[Decimal]

    def hit(self, row: Mapping[str, Core], target: Decimal) -> Core:
        """What the first fact must be for the computed one to have a value; as it is where there is no such value."""
        core = row[self.derivation.first]
        second = self.second.decode(row[self.derivation.second])
        if not isinstance(second, Decimal):
            return core
        is_ratio = self.derivation.function == "ratio"
        wanted = _EXACT.multiply(target, second) if is_ratio else _EXACT.add(target, second)
        # What is not on the grain goes to the nearest value that is: the computed fact is then on its target or beside it.
        found = attrs.evolve(self.first, rounding="half up").from_number("first", wanted)
        return core if isinstance(found, OutOfBounds) else found


def _aims(borders: Borders) -> list[_Aim]:
    found: list[_Aim] = []
    for fact in borders.policy.facts:
        derivation = fact.derivation
        if derivation is None or not {derivation.first, derivation.second} <= set(borders.given):
            continue
        kind = borders.vocabulary[fact.id]
        targets = [target for edge in borders.edges(fact.id) if isinstance(target := kind.decode(edge), Decimal)]
        if targets:
            types = borders.vocabulary
            found.append(
                _Aim(derivation=derivation, first=types[derivation.first], second=types[derivation.second], targets=targets)
            )
    return found


@st.composite
def _rows(
    draw: st.DrawFn, values: st.SearchStrategy[dict[str, Core]], aims: Sequence[_Aim], borders: Borders
) -> Mapping[str, FactValue]:
    row = dict(draw(values))
    for aim in aims:
        if draw(st.booleans()):
            row[aim.derivation.first] = aim.hit(row, draw(st.sampled_from(aim.targets)))
    return {name: borders.vocabulary[name].decode(core) for name, core in row.items()}


def clients_for(policy: Policy) -> st.SearchStrategy[Mapping[str, FactValue]]:
    """Clients by their facts, drawn where the policy can go wrong; `Policy.decide_facts` takes each as it is.

    Each fact is on a threshold of the policy, one grain (rank, day) beside it, in the middle between two, anywhere, or missing
    where it may be; a score's bands count as thresholds, and so do the bounds of the fact, beyond which nothing is drawn. Facts
    computed from others are not given: they are brought to their thresholds through those that they are computed from. Nor are
    tiers by threshold, strategies and qualifications; the tiers of quotas, which need the other clients, are.

    Args:
        policy: The policy.

    Examples:
        >>> from hypothesis import given, settings
        >>> from relcare.presets import preset
        >>> agent = preset("agent")
        >>> @settings(max_examples=20, database=None)
        ... @given(clients_for(agent))
        ... def everybody_in_scope_has_a_tier(facts):
        ...     (size,) = agent.decide_facts(facts, as_of=agent.effective_from).assignments
        ...     assert not size.is_in_scope or size.tier or size.missing
        >>> everybody_in_scope_has_a_tier()
    """
    borders = Borders.of(policy)
    values: st.SearchStrategy[dict[str, Core]] = st.fixed_dictionaries({name: borders.near(name) for name in borders.given})
    return _rows(values, _aims(borders), borders)


def days_in_force(policy: Policy) -> st.SearchStrategy[date]:
    """Days on which a policy may be asked: its first and last one often, and any in the two years or so from the first on.

    Args:
        policy: The policy.
    """
    first = policy.effective_from
    last = LAST_DAY if policy.effective_until is None else policy.effective_until - timedelta(days=1)
    return days(first, min(last, first + _A_WHILE, LAST_DAY))
