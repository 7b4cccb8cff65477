"""The laws of relationship strategies."""

from datetime import date
from typing import Final

import attrs

from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.model import Book
from relcare.policy import Every
from relcare.relationships import strategies_of
from relcare.testing.laws._law import Claim, Law

__all__ = [
    "STRATEGY_LAWS",
    "intervals_are_the_shortest_above_the_minimum",
    "several_types_keep_all_they_say",
    "strategies_ignore_their_order",
]

_ORDER: Final = Claim("REL-4", "the order of strategies does not matter")
_UNION: Final = Claim("REL-1", "several types on one client come to all that each of them says and watches")
_PARTS: Final = ("advice", "avoid", "questions", "forms", "indicators", "situations")
_INTERVAL: Final = Claim("REL-4", "the interval is the shortest of the rule's and the strategies', never below the minimum")


def strategies_ignore_their_order(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """The same strategies declared the other way round come to the same for every client, and the same is owed.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: REL-4.
    """
    turned = attrs.evolve(policy, relationships=policy.relationships[::-1])
    first = policy.decide(book, as_of=as_of, calendar=calendar)
    second = turned.decide(book, as_of=as_of, calendar=calendar)
    for client in book.clients:
        one, two = first.strategy(client.id), second.strategy(client.id)
        _ORDER.require(one == two, f"client {client.id!r}: {one}, and turned round {two}")
    _ORDER.require(first.obligations == second.obligations, f"{list(first.obligations)} and {list(second.obligations)}")


def intervals_are_the_shortest_above_the_minimum(
    policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None
) -> None:
    """Of the rule's interval and those of the client's types for its channel the shortest counts, but never below the minimum.

    Intervals compare by their average length. The step of a grid is no interval: it stays as it is.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: REL-4.
    """
    rules = {rule.id: rule for rule in policy.cadence}
    strategies = strategies_of(policy.relationships)
    types = {client.id: client.relationship_types for client in book.clients}
    for one in policy.decide(book, as_of=as_of, calendar=calendar).obligations:
        rule = rules.get(one.rule_id)
        if rule is None:
            continue
        mine = [strategies[name].intervals for name in types[one.client_id]] if rule.mode == "rolling" else []
        lengths = [rule.step.average_days, *(each[rule.channel].average_days for each in mine if rule.channel in each)]
        least = rule.minimum.average_days if rule.minimum is not None else 0
        told = f"obligation {one.key!r}: {one.interval}, of {lengths} days on average, not below {least}"
        _INTERVAL.require(Every.parse(one.interval).average_days == max(min(lengths), least), told)


def several_types_keep_all_they_say(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Every sentence, indicator and situation of each type of a client is there once, with the type that it comes from.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: REL-1.
    """
    known = strategies_of(policy.relationships)
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    for client in book.clients:
        types = sorted(client.relationship_types)
        merged = result.strategy(client.id)
        _UNION.require(list(merged.types) == types, f"client {client.id!r}: types {merged.types}, and it is of {types}")
        for part in _PARTS:
            said = [(name, one) for name in types for one in getattr(known[name], part)]
            found = list(getattr(merged, part))
            _UNION.require(found == said, f"client {client.id!r}: {part} {found}, and its types say {said}")


STRATEGY_LAWS: Final[tuple[Law, ...]] = (
    strategies_ignore_their_order,
    intervals_are_the_shortest_above_the_minimum,
    several_types_keep_all_they_say,
)
"""Every law of relationship strategies."""
