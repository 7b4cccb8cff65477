"""The roll of a VIP programme on a day: members, who asked, who could ask, who is about to lose it (VIP-2, VIP-3)."""

from datetime import date
from typing import TYPE_CHECKING, Final

import attrs

from relcare._time import Every
from relcare.decisions._results import BookResult
from relcare.errors import UnknownRecordError
from relcare.vip import MembershipRules, MembershipState, VipDecision, was_qualified

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["RollEntry", "VipRoll", "vip_roll"]

_SOON: Final = Every(days=30)
_OPEN: Final = frozenset({"applied", "nominated", "approved"})
_FREE: Final = frozenset({"none", "lapsed"})
_LOSSES: Final = frozenset({"notice", "grace", "steps down", "lapses"})


@attrs.frozen(kw_only=True)
class RollEntry:
    """One client on the roll.

    Attributes:
        client_id: Who.
        membership: Where it stands.
        decision: Whether it qualifies, and what is lacking.
    """

    client_id: str
    membership: MembershipState
    decision: VipDecision


@attrs.frozen(kw_only=True)
class VipRoll:
    """Everybody that a programme concerns on a day; each list in the order of the book.

    Attributes:
        programme_id: The programme.
        as_of: The day.
        members: Who is a member.
        waiting: Who applied, was nominated, or was approved and has not begun, with what is missing.
        candidates: Who qualifies, by the qualification window, and neither is a member nor has asked; who was refused or revoked
            is left out.
        ending: Of the members, those that are about to lose it or to fall by a level, with what is missing.
    """

    programme_id: str
    as_of: date
    members: tuple[RollEntry, ...]
    waiting: tuple[RollEntry, ...]
    candidates: tuple[RollEntry, ...]
    ending: tuple[RollEntry, ...]


def vip_roll(policy: "Policy", result: BookResult, programme_id: str, *, within: Every = _SOON) -> VipRoll:
    """The roll of a programme as a policy decided it.

    Args:
        policy: The rules.
        result: What they decided about a book.
        programme_id: The programme.
        within: How far ahead a loss counts as near; a notice that is owed and a time of grace always do. 30 days by default.

    Raises:
        UnknownRecordError: If there is no such programme.

    Source: VIP-2, VIP-3.
    """
    programme = next((one for one in policy.vip_programmes if one.id == programme_id), None)
    if programme is None:
        raise UnknownRecordError("programme", programme_id)
    rules = programme.membership or MembershipRules()
    until = date.fromordinal(within.after(result.as_of.toordinal()))
    entries = [
        RollEntry(client_id=one, membership=result.membership(programme_id, one), decision=result.vip(programme_id, one))
        for one in result.client_ids
    ]
    members = tuple(entry for entry in entries if entry.membership.is_member)
    return VipRoll(
        programme_id=programme_id,
        as_of=result.as_of,
        members=members,
        waiting=tuple(entry for entry in entries if entry.membership.state in _OPEN),
        candidates=tuple(entry for entry in entries if _could_ask(entry, rules, result)),
        ending=tuple(entry for entry in members if _is_ending(entry.membership, until)),
    )


def _could_ask(entry: RollEntry, rules: MembershipRules, result: BookResult) -> bool:
    if entry.membership.state not in _FREE:
        return False
    if entry.decision.is_eligible or rules.window is None:
        return entry.decision.is_eligible
    return was_qualified(rules, result.qualified(entry.decision.programme_id, entry.client_id), result.as_of)


def _is_ending(state: MembershipState, until: date) -> bool:
    is_near = state.next_on is not None and state.next_on <= until
    return state.next_step in _LOSSES and (is_near or state.is_in_grace or state.notified_on is not None)
