"""One fact of a whole book at once: what clients say of themselves as a column in core form (FCT-1)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias, TypeVar, cast

from relcare.facts._grains import Scale
from relcare.facts._history import UNITS
from relcare.model import Client
from relcare.policy import Core, Fact, FactType, OutOfBounds

__all__ = ["CLIENT_FIELDS", "Column", "encoded", "given", "parted"]

T = TypeVar("T")
Column: TypeAlias = "tuple[Sequence[Core], dict[int, OutOfBounds]]"
"""Values in core form, missing where they are out of bounds, and those that are, by their places."""

CLIENT_FIELDS: Final = ("stage", "owner_id", "region", "zone", "client_since_on", "relationship_types")
"""What a fact may read of a client that is no free attribute."""

_PLAIN: Final = frozenset({int, str, bool, date})
"""Types of which equal values cannot be told apart: 1.5 and 1.50 can, and 1 and True."""


def given(
    fact: Fact, clients: Sequence[Client], held: Iterable[Mapping[str, object]], changed: Iterable[int], day: date
) -> list[object]:
    """What every client says of itself at the end of a day, as somebody wrote it.

    Args:
        fact: Neither measured nor derived, nor of the people.
        clients: In any order.
        held: The attributes of each.
        changed: The places of those whose attributes have dated changes.
        day: The day.
    """
    name = fact.reads.partition(".")[2] if fact.reads else fact.id
    if fact.reads and name in CLIENT_FIELDS:
        return [getattr(client, name) for client in clients]
    values: list[object] = [one.get(name) for one in held]
    for place in changed:
        values[place] = clients[place].attribute(name, as_of=day)
    return values


def encoded(fact: Fact, kind: FactType, scale: Scale | None, values: Sequence[object]) -> Column:
    """A column in core form; a value is worked out once where equal ones cannot be told apart.

    Args:
        fact: What it is of.
        kind: Its type.
        scale: Its grain and bounds; None where it has none.
        values: As somebody wrote them.

    Raises:
        InvalidValueError: If a number is off the grain and no rounding is declared, or money is in another currency.
    """

    def core(value: object) -> "Core | OutOfBounds":
        grains = scale.whole(value * UNITS) if scale is not None and type(value) is int else None
        return kind.encode(fact.id, value) if grains is None else grains

    types = set(map(type, values))
    if types == {int} and scale is not None and _is_core(scale, cast("Sequence[int]", values)):
        return cast("Sequence[Core]", values), {}
    types.discard(type(None))
    return parted(values, core, is_plain=len(types) < 2 and types <= _PLAIN)


def _is_core(scale: Scale, values: Sequence[int]) -> bool:
    """Whether whole numbers are their own core form: a grain is one, and all are within the bounds."""
    if scale.units != UNITS:
        return False
    is_high_enough = scale.low is None or min(values) >= scale.low
    return is_high_enough and (scale.high is None or max(values) <= scale.high)


def parted(values: Sequence[T], core: Callable[[T], "Core | OutOfBounds"], *, is_plain: bool) -> Column:
    """Values in core form, those out of bounds apart.

    Args:
        values: Of anything.
        core: What each comes to.
        is_plain: Whether equal values come to the same, and hash: then each is worked out once.
    """
    if is_plain:
        known = {value: core(value) for value in set(values)}
        found = [known[value] for value in values]
        if not any(isinstance(one, OutOfBounds) for one in known.values()):
            return cast("list[Core]", found), {}
    else:
        found = [core(value) for value in values]
    strange = {place: one for place, one in enumerate(found) if isinstance(one, OutOfBounds)}
    return [None if isinstance(one, OutOfBounds) else one for one in found], strange
