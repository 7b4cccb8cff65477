"""Who came by whom: the clients around one client, along referrals."""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from relcare._fields import check_day, check_text, to_day
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.model import Client

__all__ = ["Referred", "referrals_around"]


@attrs.frozen
class Referred:
    """A client that referrals lead to.

    Attributes:
        client_id: Who.
        path: The shortest way: from the client that was asked about to this one, both included.
    """

    client_id: str
    path: tuple[str, ...]

    @property
    def steps(self) -> int:
        """How many referrals lie between; 0 for the client itself, which is never listed."""
        return len(self.path) - 1


def referrals_around(
    clients: Iterable[Client], client_id: str, *, as_of: date, attribute: str = "referred_by", most_steps: int | None = None
) -> tuple[Referred, ...]:
    """Which clients stand around one client: who brought it, whom it brought, and on from there.

    A referral is an attribute that holds the id of the client who made it, or a set of such ids. What names nobody among the
    clients, or the client itself, is passed over; a circle of referrals is walked once.

    Args:
        clients: Among whom to look.
        client_id: Around whom.
        as_of: The civil day whose attributes count (TIM-7).
        attribute: Which attribute holds the referral.
        most_steps: How many referrals away at most, from 1; None for all.

    Returns:
        The nearest first, then by id.

    Raises:
        InvalidValueError: If an argument is wrong.
        UnknownRecordError: If there is no such client.

    Examples:
        >>> clients = [Client(id="c1", name="Ahn"), Client(id="c2", name="Bae", attributes={"referred_by": "c1"})]
        >>> [one.client_id for one in referrals_around(clients, "c1", as_of=date(2026, 3, 31))]
        ['c2']
    """
    day = to_day(as_of)
    check_day("as_of", day)
    check_text("attribute", attribute)
    if most_steps is not None and (type(most_steps) is not int or most_steps < 1):
        raise InvalidValueError("most_steps", most_steps, "must be a whole number from 1, or None")
    links = _links(clients, attribute, day)
    if client_id not in links:
        near = nearest(client_id, links)
        raise UnknownRecordError("client", client_id, f"did you mean {near!r}?" if near else None)
    paths: dict[str, tuple[str, ...]] = {client_id: (client_id,)}
    waiting = deque([client_id])
    while waiting:
        path = paths[waiting.popleft()]
        if most_steps is None or len(path) <= most_steps:
            for other in sorted(links[path[-1]] - paths.keys()):
                paths[other] = (*path, other)
                waiting.append(other)
    found = (Referred(other, path) for other, path in paths.items() if other != client_id)
    return tuple(sorted(found, key=lambda one: (one.steps, one.client_id)))


def _links(clients: Iterable[Client], attribute: str, day: date) -> Mapping[str, set[str]]:
    """By client, whom it brought and who brought it."""
    by_id = {client.id: client for client in clients}
    links: dict[str, set[str]] = {name: set() for name in by_id}
    for client in by_id.values():
        value = client.attribute(attribute, as_of=day)
        sources = value if isinstance(value, frozenset) else frozenset({value} if isinstance(value, str) else ())
        for source in sources & by_id.keys() - {client.id}:
            links[client.id].add(source)
            links[source].add(client.id)
    return links
