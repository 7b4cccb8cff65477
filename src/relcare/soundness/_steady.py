"""Questions about tiers that remember: what can be left, what has an effect, how often a client can move at most (SEG-9)."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import accumulate
from typing import Final

from relcare._fields import ReadOnlyMap
from relcare.decisions import Policy
from relcare.model import ReasonValue
from relcare.segmentation import QuotaScheme, Scheme, Steadiness, facts_used, share_text
from relcare.soundness._ask import plain_refutation
from relcare.soundness._findings import Finding

__all__ = ["moves_a_year", "prove_steady"]

_REVIEWS_A_YEAR: Final = {"monthly": 12, "quarterly": 4, "yearly": 1}
_DAYS_A_YEAR: Final = Fraction(146_097, 400)


def prove_steady(policy: Policy) -> Iterator[Finding]:
    """Every tier can be left, every setting has an effect; then constant facts move nobody back and forth.

    That is so by the way tiers are settled: a client whose facts and rank stay the same moves in one direction only, by no more
    moves than there are other tiers, and then stays. A tier of another scheme is a fact too: where a scheme reads tiers that may
    still move, it moves one way for as long as they stand still, and the bound counts each of their moves as new facts. The
    answer names that bound, the schemes that are read, and the moves a year that no facts exceed.
    """
    settles_in = _moves_of_constant_facts(policy)
    for index, scheme in enumerate(policy.segmentation):
        if scheme.steady is None and not _stays(scheme):
            continue
        found = [*_stuck(index, scheme), *_idle(index, scheme)]
        if found:
            yield from found
            continue
        values: dict[str, ReasonValue] = {"scheme": scheme.id, "moves": settles_in[scheme.id]}
        values["moves_a_year"] = moves_a_year(scheme)
        values["reads"] = _tiers_read(policy, scheme)
        subject = f"segmentation[{index}]"
        yield Finding(question="steady", subject=subject, outcome="proved", code="steady", values=ReadOnlyMap(values))


def _moves_of_constant_facts(policy: Policy) -> Mapping[str, int]:
    """By how many moves at most each scheme comes to rest once no fact of a client changes any more, tiers apart."""
    found: dict[str, int] = {}
    for scheme in policy.segmentation:  # each may use the tiers of those above it
        has_memory = scheme.steady is not None or _stays(scheme)
        at_once = min(1, len(scheme.tier_ids) - 1)
        own = len(scheme.tier_ids) - 1 if has_memory else at_once
        found[scheme.id] = own * (1 + sum(found[other] for other in _tiers_read(policy, scheme)))
    return found


def _tiers_read(policy: Policy, scheme: Scheme) -> tuple[str, ...]:
    """The schemes whose tiers a scheme reads, in the order of the policy."""
    used = facts_used(scheme)
    return tuple(other.id for other in policy.segmentation if f"tier.{other.id}" in used)


def moves_a_year(scheme: Scheme) -> int:
    """How often a client can move within any year of reviews, pins apart, whatever becomes of its facts.

    A review moves a client once. Where both ways are held back, moves lie a minimum stay or k reviews apart; where only falls
    are, these do, and between two of them a client rises by no more moves than there are other tiers.
    """
    reviews = _REVIEWS_A_YEAR[scheme.review or "monthly"]
    steady = scheme.steady
    if steady is None:
        return reviews
    held = reviews
    if steady.confirm > 1:
        held = min(held, -(-reviews // steady.confirm))
    if steady.minimum_stay is not None:
        held = min(held, int(_DAYS_A_YEAR / steady.minimum_stay.average_days) + 1)
    if steady.holds_back == "moves":
        return held
    return min(reviews, held + (held + 1) * (len(scheme.tier_ids) - 1))


def _stays(scheme: Scheme) -> bool:
    return not isinstance(scheme, QuotaScheme) and any(tier.stays is not None for tier in scheme.tiers)


def _stuck(index: int, scheme: Scheme) -> Iterator[Finding]:
    """A quota's tier that reaches everybody with its hysteresis: who is in it never falls out of it."""
    if not isinstance(scheme, QuotaScheme) or scheme.steady is None or not scheme.steady.hysteresis:
        return
    ends = list(accumulate(tier.share for tier in scheme.tiers))
    for place, (tier, end) in enumerate(zip(scheme.tiers, ends, strict=True)):
        if end < 1 and end + scheme.steady.hysteresis >= 1:
            places = (f"segmentation[{index}].steady.hysteresis", f"segmentation[{index}].tiers[{place}].share")
            values = {"scheme": scheme.id, "tier": tier.id, "hysteresis": share_text(scheme.steady.hysteresis)}
            hint = f"let hysteresis be less than {share_text(1 - end)}"
            yield plain_refutation("steady", f"segmentation[{index}]", "steady.stuck", places, hint, **values)
            return


def _idle(index: int, scheme: Scheme) -> Iterator[Finding]:
    subject = f"segmentation[{index}]"
    for setting, hint in _without_effect(scheme):
        values = {"scheme": scheme.id, "setting": setting.rpartition(".")[2] or setting}
        yield plain_refutation("steady", subject, "steady.idle", (f"{subject}.{setting}",), hint, **values)


def _without_effect(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Each setting without effect by its path, with what mends it."""
    steady = scheme.steady
    if steady is not None:
        if steady == Steadiness(holds_back=steady.holds_back):
            yield "steady", "leave steady out, or say what keeps clients from moving"
        elif steady.holds_back == "falls" and steady == Steadiness(hysteresis=steady.hysteresis, holds_back="falls"):
            yield "steady.holds_back", "leave holds_back out: hysteresis never holds a rise back"
        if steady.one_step and len(scheme.tier_ids) < 3:
            yield "steady.one_step", "leave one_step out: there is one step only"
        if steady.hysteresis and len(scheme.tier_ids) < 2:
            yield "steady.hysteresis", "leave hysteresis out: there is one tier only"
    if not isinstance(scheme, QuotaScheme):
        for place, tier in enumerate(scheme.tiers):
            if tier.stays is not None and scheme.tier_ids.index(tier.id) == len(scheme.tier_ids) - 1:
                yield f"tiers[{place}].stays", "leave stays out: there is no worse tier to keep a client from"
