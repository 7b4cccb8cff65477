"""Hypothesis strategies for who keeps which client: neglect ladders, holding limits, claim rules."""

from typing import Final

from hypothesis import strategies as st

from relcare.custody import ACTIONS, ClaimRules, HoldingLimit, NeglectLadder, Protection, Rung
from relcare.policy import Vocabulary, criterion
from relcare.testing._nasty import NASTY_IDS, NASTY_NAMES
from relcare.testing._picks import Picks
from relcare.testing._policy_parts import condition
from relcare.testing._strategies import ROLES

__all__ = ["claim_rules", "drawn_ladders", "drawn_limits", "drawn_pool", "holding_limits", "neglect_ladders"]

# Short, so that rungs are reached; equal lengths in different units; steps that month ends cut short.
_SPANS: Final = ("3 days", "1 day", "5 days", "1 week", "30 days", "1 month", "2 months", "1 quarter")
_EVENTS: Final = tuple(map(criterion, ("purpose == 'complaint'", "outcome in ('refused', 'missed')", "channel == 'visit'")))
_PURCHASES: Final = tuple(map(criterion, ("amount >= 10_000", "category == 'high-end'")))
_COUNTS: Final = (None, None, criterion("outcome == 'met'"), criterion("direction == 'outgoing'"))


def _protection(picks: Picks, vocabulary: Vocabulary, protection_id: str, *, is_pooled: bool) -> Protection:
    dates = [name for name, kind in vocabulary.items() if kind.kind == "date"]
    way = picks.count(0, 3)
    is_bought = way == 1 and picks.flag()
    is_dated = way == 2 and bool(dates)
    is_away = way == 3 and not is_pooled
    needs_when = not (way == 1 or is_dated or is_away)
    return Protection(
        id=protection_id,
        when=condition(picks, vocabulary) if needs_when or picks.count(0, 3) == 3 else None,
        event=picks.one(_PURCHASES if is_bought else _EVENTS) if way == 1 else None,
        on="purchases" if is_bought else "touchpoints",
        until=picks.one(dates) if is_dated else None,
        during=picks.one(_SPANS) if way == 1 or (is_dated and picks.flag()) else None,
        owner_away=is_away,
        holds=("release",) if is_pooled or picks.flag() else tuple(picks.some(ACTIONS, 1, 4)),
    )


def _protections(picks: Picks, vocabulary: Vocabulary, *, is_pooled: bool = False) -> list[Protection]:
    return [_protection(picks, vocabulary, name, is_pooled=is_pooled) for name in picks.some(NASTY_IDS, 0, 2)]


def drawn_ladders(picks: Picks, vocabulary: Vocabulary, *, most: int = 2) -> list[NeglectLadder]:
    """Up to so many ladders.

    Args:
        picks: Of the composite strategy.
        vocabulary: What their criteria may use.
        most: The most there are.
    """
    return [
        NeglectLadder(
            id=ladder_id,
            when=condition(picks, vocabulary) if picks.flag() else None,
            rungs=[Rung(picks.one(_SPANS), action) for action in picks.some(ACTIONS, 1, 4)],
            channels=picks.one(((), (), ("call", "visit"), ("visit",))),
            counts=picks.one(_COUNTS),
            reaches=picks.one(((), (), ("principal",))),
            protect=_protections(picks, vocabulary),
            source=picks.one((None, *NASTY_NAMES)),
        )
        for ladder_id in picks.some(NASTY_IDS, 0, most)
    ]


def drawn_limits(picks: Picks, vocabulary: Vocabulary, *, most: int = 2) -> list[HoldingLimit]:
    """Up to so many limits, of few clients, so that some are full; the arguments are those of `drawn_ladders`."""
    return [
        HoldingLimit(
            id=limit_id,
            most=picks.one((1, 0, 2, 500)),
            when=condition(picks, vocabulary) if picks.flag() else None,
            exempt=condition(picks, vocabulary) if picks.count(0, 3) == 3 else None,
            roles=picks.one(((), (), ROLES[:2])),
        )
        for limit_id in picks.some(NASTY_IDS, 0, most)
    ]


def drawn_pool(picks: Picks, vocabulary: Vocabulary) -> ClaimRules | None:
    """Claim rules, or none; the arguments are those of `drawn_ladders`."""
    if picks.flag():
        return None
    return ClaimRules(
        per_day=picks.one((None, 1, 0, 2)),
        lock_out=picks.one((None, *_SPANS)),
        delay=picks.one((None, *_SPANS)),
        protect=_protections(picks, vocabulary, is_pooled=True),
    )


@st.composite
def _ladders(draw: st.DrawFn, vocabulary: Vocabulary) -> list[NeglectLadder]:
    return drawn_ladders(Picks(draw), vocabulary, most=3)


@st.composite
def _limits(draw: st.DrawFn, vocabulary: Vocabulary) -> list[HoldingLimit]:
    return drawn_limits(Picks(draw), vocabulary)


@st.composite
def _pools(draw: st.DrawFn, vocabulary: Vocabulary) -> ClaimRules | None:
    return drawn_pool(Picks(draw), vocabulary)


def neglect_ladders(vocabulary: Vocabulary) -> st.SearchStrategy[list[NeglectLadder]]:
    """Up to three neglect ladders that pass `ladder_problems`, with rungs in any order and protections of every kind.

    Args:
        vocabulary: What their criteria may use; at least one fact.

    Examples:
        >>> from hypothesis import given, settings
        >>> from relcare.policy import CLIENT_FACTS
        >>> @settings(max_examples=5, database=None)
        ... @given(neglect_ladders(Vocabulary(CLIENT_FACTS)))
        ... def every_action_comes_once(ladders):
        ...     assert all(len({rung.action for rung in ladder.rungs}) == len(ladder.rungs) for ladder in ladders)
        >>> every_action_comes_once()
    """
    return _ladders(vocabulary)


def holding_limits(vocabulary: Vocabulary) -> st.SearchStrategy[list[HoldingLimit]]:
    """Up to two holding limits that pass `holding_problems`.

    Args:
        vocabulary: What their criteria may use; at least one fact.
    """
    return _limits(vocabulary)


def claim_rules(vocabulary: Vocabulary) -> st.SearchStrategy[ClaimRules | None]:
    """Claim rules that pass `claim_problems`, or none.

    Args:
        vocabulary: What their criteria may use; at least one fact.
    """
    return _pools(vocabulary)
