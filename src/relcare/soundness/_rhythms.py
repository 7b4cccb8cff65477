"""Questions about cadence rules and the strategies that shorten them."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter

from relcare._time import Every
from relcare.cadence import CadenceRule
from relcare.calendars import Calendar, calendar
from relcare.cells import BudgetSpentError, Space, meet
from relcare.decisions import Policy, Staffing
from relcare.errors import MissingExtraError, PolicyError, nearest
from relcare.policy import Vocabulary
from relcare.relationships import Strategy
from relcare.soundness._ask import or_proved, plain_refutation, plain_undecided
from relcare.soundness._findings import Finding

__all__ = ["prove_horizon", "prove_rhythms"]


def prove_rhythms(policy: Policy, vocabulary: Vocabulary) -> Iterator[Finding]:
    """No grace swallows the interval, no rules keep each other, and every channel, strategy and role that is named has a use."""
    rules = policy.cadence
    if rules:
        yield from or_proved("grace", "cadence", list(_long_graces(rules)))
        yield from or_proved("circles", "cadence", list(_circles(rules, vocabulary)))
        yield from or_proved("channels", "cadence", list(_unknown_channels(rules)))
    if any(strategy.intervals for strategy in policy.relationships):
        yield from or_proved("strategies", "relationship", list(_idle(rules, policy.relationships)))
    if policy.staffing is not None:
        yield from or_proved("roles", "staffing", list(_unstaffed(rules, policy.staffing)))


def _long_graces(rules: Sequence[CadenceRule]) -> Iterator[Finding]:
    for index, rule in enumerate(rules):
        # Five business days are a week.
        grace = Fraction(rule.grace.days * 7, 5) if rule.grace.is_business else Fraction(rule.grace.days)
        if grace >= rule.step.average_days:
            places, hint = (f"cadence[{index}]",), "an obligation would never be overdue before the next one is owed"
            yield plain_refutation(
                "grace", "cadence", "grace", places, hint, rule=rule.id, grace=str(rule.grace), every=str(rule.step)
            )


def _circles(rules: Sequence[CadenceRule], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Circles of rules that one client can owe at once, each counting the next one's contact; one for each knot."""
    keeps: dict[int, set[int]] = {
        index: {
            other
            for other, second in enumerate(rules)
            if second.channel != rule.channel and second.channel in rule.satisfied_by and _meet(rule, second, vocabulary)
        }
        for index, rule in enumerate(rules)
    }
    while True:
        try:
            TopologicalSorter(keeps).prepare()
        except CycleError as error:
            found: list[int] = error.args[1]
            circle = sorted(set(found))
        else:
            return
        places = [f"cadence[{index}]" for index in circle]
        yield plain_refutation("circles", "cadence", "circle", places, rules=tuple(rules[index].id for index in circle))
        keeps = {index: others - set(circle) for index, others in keeps.items() if index not in circle}


def _meet(rule: CadenceRule, other: CadenceRule, vocabulary: Vocabulary) -> bool:
    """Whether one client can owe both; in doubt yes."""
    if rule.when is None or other.when is None:
        return True
    try:
        space = Space.of((rule.when, other.when), vocabulary)
        one, two = space.region(rule.when).holds, space.region(other.when).holds
    except (BudgetSpentError, PolicyError):
        return True
    return any(meet(a, b) is not None for a in one for b in two)


def _unknown_channels(rules: Sequence[CadenceRule]) -> Iterator[Finding]:
    """A channel that only `satisfied_by` names may be meant: a firm logs more than it owes. One that looks misspelt is not."""
    asked = dict.fromkeys(rule.channel for rule in rules)
    for index, rule in enumerate(rules):
        for place, channel in enumerate(rule.satisfied_by):
            near = nearest(channel, asked)
            if channel not in asked and near is not None:
                places, hint = (f"cadence[{index}].satisfied_by[{place}]",), f"did you mean {near!r}?"
                yield plain_refutation("channels", "cadence", "channel.unknown", places, hint, rule=rule.id, channel=channel)


def _idle(rules: Sequence[CadenceRule], strategies: Sequence[Strategy]) -> Iterator[Finding]:
    """An interval as long as a rule's is a promise that is kept; one that no rule is at least as long as does nothing."""
    rolling = [rule for rule in rules if rule.mode == "rolling"]
    for index, strategy in enumerate(strategies):
        for channel, every in strategy.intervals.items():
            if not any(rule.channel == channel and _is_kept(every, rule) for rule in rolling):
                channels = dict.fromkeys(rule.channel for rule in rolling)
                near = nearest(channel, channels) if channel not in channels else None
                hint = f"did you mean {near!r}?" if near else None
                places = (f"relationship[{index}].intervals.{channel}",)
                values = {"type": strategy.type, "channel": channel, "every": str(every)}
                yield plain_refutation("strategies", "relationship", "strategy.idle", places, hint, **values)


def _is_kept(every: Every, rule: CadenceRule) -> bool:
    """Whether a rule asks as often as a strategy's interval, by itself or because of it."""
    step, least = rule.step.average_days, rule.minimum.average_days if rule.minimum else Fraction()
    return every.average_days == step or (every.average_days < step and least < step)


def _unstaffed(rules: Sequence[CadenceRule], staffing: Staffing) -> Iterator[Finding]:
    staffed = [role.role for role in staffing.roles]
    for index, rule in enumerate(rules):
        if rule.role not in staffed and rule.minutes:
            near = nearest(rule.role, staffed)
            hint = f"did you mean {near!r}?" if near else None
            yield plain_refutation(
                "roles", "staffing", "role.unstaffed", (f"cadence[{index}]",), hint, rule=rule.id, role=rule.role
            )


def prove_horizon(policy: Policy, given: Calendar | None) -> Iterator[Finding]:
    """While the policy is in force, every day that a due date is rolled by is published (TIM-6).

    Args:
        policy: The policy.
        given: Business days; by default the policy's own.
    """
    rolling = [index for index, rule in enumerate(policy.cadence) if rule.roll != "none"]
    if not rolling or (given is None and policy.calendar is None):
        return
    try:
        used = calendar(policy.calendar or "") if given is None else given
    except MissingExtraError as error:
        yield plain_undecided("horizon", "policy", str(error))
        return
    known_until = used.known_until
    ends: date | None = policy.effective_until
    if known_until is None or (ends is not None and ends.toordinal() - 1 <= known_until.toordinal()):
        yield from or_proved("horizon", "policy", [])
        return
    places = ("policy.calendar", *(f"cadence[{index}]" for index in rolling[:1]))
    hint = "due dates after that day are rolled over weekends and computed holidays, and say so"
    yield plain_refutation("horizon", "policy", "horizon", places, hint, calendar=used.name, published_until=known_until)
