"""How much of a grant a query uses up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

from relcare.access import AccessDecision

__all__ = ["uses_of"]


def uses_of(found: Mapping[str, tuple[AccessDecision, ...]], grant_ids: Iterable[str]) -> dict[str, int]:
    """How many records are read under each grant: a client once, whichever of the decisions rests on it; and one at least.

    That nobody is found, or nobody any more after so many, is an answer too.

    Args:
        found: The clients that are told of, each with what was decided about it.
        grant_ids: On which the query rests.
    """
    rested_on = (frozenset(grant_id for one in several for grant_id in one.grant_ids) for several in found.values())
    counted = Counter(chain.from_iterable(rested_on))
    return {grant_id: max(1, counted[grant_id]) for grant_id in sorted({*grant_ids, *counted})}
