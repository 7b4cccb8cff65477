"""Questions about membership: settings that go together, and memberships that begin before what qualified is forgotten."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from relcare._time import Every
from relcare.decisions import Policy
from relcare.policy import Fact, Window, facts_of
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding
from relcare.vip import MembershipRules, Programme, VipPath

__all__ = ["prove_membership"]

_MONTH: Final = Fraction(146_097, 4_800)


def prove_membership(policy: Policy) -> Iterator[Finding]:
    """Memberships begin, notice is owed at their end and not at once, and no setting is without effect."""
    managed = [(index, one) for index, one in enumerate(policy.vip_programmes) if one.membership is not None]
    if managed:
        yield from or_proved("memberships", "vip", [found for index, one in managed for found in _found(policy, index, one)])


def _found(policy: Policy, index: int, programme: Programme) -> Iterator[Finding]:
    rules = programme.membership
    if rules is None:  # pragma: no cover - those without settings are left out
        return
    yield from _unbegun(policy, index, programme, rules)
    yield from _hasty(index, programme, rules)
    for setting, why in _idle(rules):
        places = (f"vip[{index}].membership.{setting}",)
        hint = f"leave {setting} out, or {why}"
        yield plain_refutation("memberships", "vip", "membership.idle", places, hint, programme=programme.id, setting=setting)


def _unbegun(policy: Policy, index: int, programme: Programme, rules: MembershipRules) -> Iterator[Finding]:
    """One event qualifies for no longer than its window looks back: with a delay as long nothing is left when it is over."""
    delay = rules.returns_delay
    if delay is None:
        return
    facts = {fact.id: fact for fact in policy.facts}
    windows = [_longest(path, facts) for path in programme.paths]
    known = [window for window in windows if window is not None]
    if len(known) < len(windows) or max(map(_days, known)) > delay.average_days:
        return
    places = (f"vip[{index}].membership.returns_delay", *(f"vip[{index}].paths[{place}].when" for place in range(len(windows))))
    values = {"programme": programme.id, "returns_delay": str(delay), "window": str(max(known, key=_days))}
    hint = "let the delay be shorter than the window of what qualifies"
    yield plain_refutation("memberships", "vip", "membership.unbegun", places, hint, **values)


def _longest(path: VipPath, facts: dict[str, Fact]) -> Window | None:
    """The longest window that a path looks back by; None where it rests on anything else, or looks back for ever."""
    measured = [facts[name].measure if name in facts else None for name in facts_of(path.when)]
    windows = [measure.window for measure in measured if measure is not None and not measure.window.is_lifetime]
    return max(windows, key=_days) if len(windows) == len(measured) else None


def _days(window: Window) -> Fraction:
    return window.months * _MONTH if window.months else Fraction(window.days)


def _hasty(index: int, programme: Programme, rules: MembershipRules) -> Iterator[Finding]:
    if rules.notice is None or rules.length is None:
        return
    lasts = _average(rules.length) + (_average(rules.grace) if rules.keeping == "grace" else 0)
    if _average(rules.notice) >= lasts:
        places = (f"vip[{index}].membership.notice", f"vip[{index}].membership.length")
        values = {"programme": programme.id, "notice": str(rules.notice), "length": str(rules.length)}
        hint = "let the notice be shorter than the term"
        yield plain_refutation("memberships", "vip", "membership.hasty", places, hint, **values)


def _average(every: Every | None) -> Fraction:
    return Fraction(0) if every is None else every.average_days


def _idle(rules: MembershipRules) -> Iterator[tuple[str, str]]:
    """Each setting without effect, with what would give it one."""
    if rules.length is None:
        for name, is_set in (("keeping", rules.keeping != "lapse"), ("notice", rules.notice is not None)):
            if is_set:
                yield name, "give the membership a length"
    elif rules.keeping == "one step down" and len(rules.levels) < 2:
        yield "keeping", "name two levels or more"
    if rules.grace is not None and rules.keeping != "grace":
        yield "grace", 'write keeping = "grace"'
    if rules.longest_grant is not None and not rules.grants:
        yield "longest_grant", "allow grants"
