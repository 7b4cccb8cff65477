"""How the relationships of a book are doing, type by type, and who needs attention for what reason (REL-2, REL-3)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import attrs

from relcare._fields import to_map
from relcare.decisions._results import BookResult
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.model import FactValue, Obligation
from relcare.policy import Core, Criterion, OutOfBounds, evaluate, facts_of
from relcare.relationships import Indicator, Situation, strategies_of

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["ClientHealth", "Health", "IndicatorReading", "Portfolio", "SituationReading", "TypeHealth", "health_of", "portfolio"]

Health = Literal["healthy", "ailing", "unknown"]
_HEALTH: Final[Mapping[bool | None, Health]] = {True: "healthy", False: "ailing", None: "unknown"}


def _to_facts(values: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    return to_map(values)


def _to_counts(values: Mapping[str, Mapping[Health, int]]) -> Mapping[str, Mapping[Health, int]]:
    return to_map({name: to_map(counts) for name, counts in values.items()})


@attrs.frozen(kw_only=True)
class IndicatorReading:
    """What one indicator says of one client.

    Attributes:
        type: The relationship type that asks.
        indicator: Which.
        health: `unknown` where missing facts leave it open (CRI-2).
        facts: Those that the indicator looks at, as people read them; None is missing.
    """

    type: str
    indicator: Indicator
    health: Health
    facts: Mapping[str, FactValue] = attrs.field(converter=_to_facts)


@attrs.frozen(kw_only=True)
class SituationReading:
    """Whether one client is in a situation, and what that starts.

    Attributes:
        type: The relationship type that asks.
        situation: Which, with its action.
        holds: Whether the client is in it; None where missing facts leave it open (CRI-2).
        facts: Those that the situation looks at, as people read them; None is missing.
        began_on: Since when, where a fact tells.
        act_by: The last day for the action; None where there is none, or the client is not in the situation.
        owed: The client's obligations to the rules that track the action.
    """

    type: str
    situation: Situation
    holds: bool | None
    facts: Mapping[str, FactValue] = attrs.field(converter=_to_facts)
    began_on: date | None
    act_by: date | None
    owed: tuple[Obligation, ...]


@attrs.frozen(kw_only=True)
class ClientHealth:
    """How the relationships with one client are doing; a client of several types has the readings of each.

    Attributes:
        client_id: Who.
        types: The relationship types, by code point.
        indicators: Every reading, by type, then in the order of the policy.
        situations: Every reading, in the same order.
    """

    client_id: str
    types: tuple[str, ...]
    indicators: tuple[IndicatorReading, ...]
    situations: tuple[SituationReading, ...]

    @property
    def ailing(self) -> tuple[IndicatorReading, ...]:
        """The indicators that are over their thresholds."""
        return tuple(reading for reading in self.indicators if reading.health == "ailing")

    @property
    def started(self) -> tuple[SituationReading, ...]:
        """The situations that the client is in."""
        return tuple(reading for reading in self.situations if reading.holds)

    @property
    def needs_attention(self) -> bool:
        """Whether an indicator ails or a situation holds; what is unknown is no alarm."""
        return bool(self.ailing or self.started)

    @property
    def act_by(self) -> date | None:
        """The first day by which something is to be done."""
        return min((reading.act_by for reading in self.started if reading.act_by is not None), default=None)


@attrs.frozen(kw_only=True)
class TypeHealth:
    """How the relationships of one type are doing by its own indicators.

    Attributes:
        type: Which.
        client_ids: Everybody of the type, in the order of the book.
        attention: Who of them needs attention because of this type, in the same order.
        counts: By indicator, how many clients are healthy, ailing and unknown.
    """

    type: str
    client_ids: tuple[str, ...]
    attention: tuple[str, ...]
    counts: Mapping[str, Mapping[Health, int]] = attrs.field(converter=_to_counts)


@attrs.frozen(kw_only=True)
class Portfolio:
    """How all relationships of a book are doing on a day.

    Attributes:
        as_of: The civil day.
        types: Those that somebody is of, the built-in ones first.
        clients: Everybody who is of some type, in the order of the book.
    """

    as_of: date
    types: tuple[TypeHealth, ...]
    clients: tuple[ClientHealth, ...]

    @property
    def attention(self) -> tuple[ClientHealth, ...]:
        """Who needs attention: what is to be done first, then those without a day; of equals by id."""
        found = (client for client in self.clients if client.needs_attention)
        return tuple(sorted(found, key=lambda one: (one.act_by or date.max, one.client_id)))


def portfolio(policy: "Policy", result: BookResult) -> Portfolio:
    """How the relationships of a book are doing, as its policy's strategies read them.

    Args:
        policy: The rules.
        result: What they decided about a book; it says for which day.

    Source: REL-2, REL-3.
    """
    reader = _Reader(policy, result)
    clients = tuple(client for client in map(reader.client, result.client_ids) if client.types)
    strategies = strategies_of(policy.relationships)
    types = (
        _type(name, [one.id for one in strategy.indicators], [client for client in clients if name in client.types])
        for name, strategy in strategies.items()
    )
    return Portfolio(as_of=result.as_of, types=tuple(one for one in types if one.client_ids), clients=clients)


def health_of(policy: "Policy", result: BookResult, client_id: str) -> ClientHealth:
    """How the relationships with one client are doing; see `portfolio`.

    Args:
        policy: The rules.
        result: What they decided about a book.
        client_id: One of its clients; without a type there is nothing to read.

    Raises:
        UnknownRecordError: If there is no such client.

    Source: REL-2, REL-3.
    """
    return _Reader(policy, result).client(client_id)


def _type(name: str, indicator_ids: list[str], clients: list[ClientHealth]) -> TypeHealth:
    counts: dict[str, dict[Health, int]] = {one: {"healthy": 0, "ailing": 0, "unknown": 0} for one in indicator_ids}
    attention: list[str] = []
    for client in clients:
        for reading in client.indicators:
            if reading.type == name:
                counts[reading.indicator.id][reading.health] += 1
        if name in {*(reading.type for reading in client.ailing), *(reading.type for reading in client.started)}:
            attention.append(client.client_id)
    return TypeHealth(
        type=name, client_ids=tuple(client.client_id for client in clients), attention=tuple(attention), counts=counts
    )


class _Reader:
    """Reads the signs of one client after the other."""

    def __init__(self, policy: "Policy", result: BookResult) -> None:
        self.result = result
        self.words = vocabularies_of_policy(policy).full

    @cached_property
    def _owed(self) -> Mapping[str, Sequence[Obligation]]:
        """By client; worked out only where a situation asks for it, since it may need the days off of the policy's calendar."""
        found: defaultdict[str, list[Obligation]] = defaultdict(list)
        for obligation in self.result.obligations:
            found[obligation.client_id].append(obligation)
        return found

    def client(self, client_id: str) -> ClientHealth:
        strategy = self.result.strategy(client_id)
        facts = self.result.facts(client_id)
        return ClientHealth(
            client_id=client_id,
            types=strategy.types,
            indicators=tuple(self._indicator(kind, indicator, facts) for kind, indicator in strategy.indicators),
            situations=tuple(self._situation(kind, situation, facts, client_id) for kind, situation in strategy.situations),
        )

    def _indicator(self, kind: str, indicator: Indicator, facts: Mapping[str, FactValue]) -> IndicatorReading:
        used, answer = self._answer(indicator.healthy, facts)
        return IndicatorReading(type=kind, indicator=indicator, health=_HEALTH[answer], facts=used)

    def _situation(self, kind: str, situation: Situation, facts: Mapping[str, FactValue], client_id: str) -> SituationReading:
        used, holds = self._answer(situation.when, facts)
        began = facts.get(situation.since) if holds and situation.since is not None else None
        began_on = began if isinstance(began, date) else None
        owed = self._owed.get(client_id, ()) if holds and situation.tracked_by else ()
        return SituationReading(
            type=kind,
            situation=situation,
            holds=holds,
            facts=used,
            began_on=began_on,
            act_by=_act_by(situation, began_on),
            owed=tuple(one for one in owed if not set(situation.tracked_by).isdisjoint(one.rule_ids)),
        )

    def _answer(self, criterion: Criterion, facts: Mapping[str, FactValue]) -> tuple[Mapping[str, FactValue], bool | None]:
        used = {name: facts.get(name) for name in facts_of(criterion)}
        return used, evaluate(criterion, {name: self._core(name, value) for name, value in used.items()}, self.words)

    def _core(self, name: str, value: FactValue) -> Core:
        core = self.words[name].encode(name, value)
        if isinstance(core, OutOfBounds):  # pragma: no cover - what was decided is within its bounds
            raise InvalidValueError(name, value, "must be what the policy decided")
        return core


def _act_by(situation: Situation, began_on: date | None) -> date | None:
    if began_on is None or situation.within is None:
        return None
    return date.fromordinal(situation.within.after(began_on.toordinal()))
