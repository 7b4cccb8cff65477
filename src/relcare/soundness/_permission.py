"""Questions about permission: whether what the cadence rules ask may be done at all (CAD-10, CAD-11)."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from relcare.cadence import CadenceRule
from relcare.calendars import Calendar, Weekdays, calendar
from relcare.decisions import Policy
from relcare.errors import MissingExtraError, nearest
from relcare.model import ReasonValue
from relcare.permission import LAWS, ActiveRule, Cap, Gap, Hours, PermissionRules, has_open_hour
from relcare.soundness._ask import or_proved, plain_refutation, plain_undecided
from relcare.soundness._findings import Finding

__all__ = ["prove_permission"]

_DAYS_PER_MONTH = Fraction(146_097, 4_800)


def prove_permission(policy: Policy) -> Iterator[Finding]:
    """Caps and gaps leave room for every interval, every channel has an open hour, and the channels and media are known."""
    rules = policy.permission
    if rules is None:
        return
    asked = _asked(policy)
    yield from or_proved("caps", "permission", list(_caps(policy.cadence, rules)))
    yield from or_proved("gaps", "permission", list(_gaps(policy.cadence, rules)))
    yield from _hours(policy, rules, asked)
    if asked:
        yield from or_proved("permission channels", "permission", list(_unknown_channels(rules, asked)))
    if rules.law:
        yield from or_proved("media", "permission", list(_unknown_media(rules, asked)))


def _asked(policy: Policy) -> dict[str, str]:
    """The channels that the policy asks for, each with the place that does."""
    found: dict[str, str] = {}
    for index, rule in enumerate(policy.cadence):
        found.setdefault(rule.channel, f"cadence[{index}]")
    for index, trigger in enumerate(policy.triggers):
        found.setdefault(trigger.channel, f"trigger[{index}]")
    return found


def _place(active: ActiveRule) -> str:
    return f"permission.{active.path}" if active.row is None else "permission.law"


def _stated(active: ActiveRule) -> dict[str, ReasonValue]:
    return {} if active.row is None else {"law": active.row.id}


def _interval(rule: CadenceRule) -> Fraction:
    """How many days apart the contacts are that a rule asks for, on average."""
    return rule.step.average_days / rule.times


def _text(rule: CadenceRule) -> str:
    return str(rule.step) if rule.times == 1 else f"{rule.times} times {rule.step}"


def _binding(rule: CadenceRule, rules: PermissionRules, wanted: Callable[[object], bool]) -> Iterator[ActiveRule]:
    """The rules of one kind that no way to do what a cadence rule asks gets around."""
    if rule.purpose is not None and rule.purpose in rules.requested:
        return
    for active in rules.rules_for(rule.channel, rule.purpose):
        if wanted(active.rule) and all(active.is_about(channel, rules.medium_of(channel)) for channel in rule.channels):
            yield active


def _caps(cadence: Sequence[CadenceRule], rules: PermissionRules) -> Iterator[Finding]:
    for index, rule in enumerate(cadence):
        is_uncounted = rule.purpose is not None and rule.purpose in rules.uncounted
        for active in _binding(rule, rules, lambda one: isinstance(one, Cap)):
            cap = active.rule
            if not isinstance(cap, Cap) or (is_uncounted and cap.limit > 0):
                continue
            if cap.limit * _interval(rule) < _length(cap):
                places = (_place(active), f"cadence[{index}]")
                hint = "what is owed would pile up: raise the cap, or ask less often"
                values: dict[str, ReasonValue] = {"limit": cap.limit, "per": str(cap.per), **_stated(active)}
                values |= {"rule": rule.id, "every": _text(rule)}
                yield plain_refutation("caps", "permission", "cap.interval", places, hint, **values)


def _length(cap: Cap) -> Fraction:
    """The length of a cap's period in days, on average."""
    days = {"day": Fraction(1), "week": Fraction(7), "month": _DAYS_PER_MONTH}
    period = cap.per
    return days.get(period.unit) or Fraction(period.count, 24 if period.unit == "hours" else 1)


def _gaps(cadence: Sequence[CadenceRule], rules: PermissionRules) -> Iterator[Finding]:
    for index, rule in enumerate(cadence):
        if rule.purpose is not None and rule.purpose in rules.uncounted:
            continue
        for active in _binding(rule, rules, lambda one: isinstance(one, Gap)):
            gap = active.rule
            if not isinstance(gap, Gap):
                continue
            days = Fraction(gap.minimum.count, 24 if gap.minimum.unit == "hours" else 1)
            if days > _interval(rule):
                places = (_place(active), f"cadence[{index}]")
                hint = "every contact would be late: shorten the gap, or ask less often"
                values: dict[str, ReasonValue] = {"minimum": str(gap.minimum), **_stated(active)}
                values |= {"rule": rule.id, "every": _text(rule)}
                yield plain_refutation("gaps", "permission", "gap.interval", places, hint, **values)


def _hours(policy: Policy, rules: PermissionRules, asked: dict[str, str]) -> Iterator[Finding]:
    """Each channel asked for, or named by hours, has an open hour: for advertising, for which most rules hold."""
    named = {channel: f"permission.hours[{index}]" for index, hours in enumerate(rules.hours) for channel in hours.channels}
    channels = {**named, **asked} or {"call": "permission"}
    zones = rules.zones or tuple(dict.fromkeys(zone for name in rules.law for zone in LAWS[name].zones)) or ("UTC",)
    try:
        found = list(_never_open(policy, rules, channels, zones))
    except MissingExtraError as error:
        yield plain_undecided("hours", "permission", str(error))
        return
    yield from or_proved("hours", "permission", found)


def _never_open(policy: Policy, rules: PermissionRules, channels: dict[str, str], zones: tuple[str, ...]) -> Iterator[Finding]:
    own: Calendar = Weekdays() if policy.calendar is None or not rules.sees_holidays else calendar(policy.calendar)
    for channel, place in channels.items():
        if has_open_hour(rules, zones=zones, channel=channel, purpose=None, day=policy.effective_from, calendar=own):
            continue
        closing = [active for active in rules.rules_for(channel, None) if isinstance(active.rule, Hours)]
        places = dict.fromkeys([*(_place(active) for active in closing), place])
        laws = [active.row.id for active in closing if active.row is not None]
        values = {"channel": channel, **({"law": ", ".join(laws)} if laws else {})}
        if len(zones) > 1:
            values["zones"] = ", ".join(zones)
        yield plain_refutation("hours", "permission", "hours.none", tuple(places), "give the channel an hour", **values)


def _unknown_channels(rules: PermissionRules, asked: dict[str, str]) -> Iterator[Finding]:
    """A firm logs more channels than it owes; one that looks like a misspelt one is worth a look."""
    for active in rules.active:
        channels: tuple[str, ...] = getattr(active.rule, "channels", ())
        for place, channel in enumerate(channels):
            near = nearest(channel, asked)
            if channel not in asked and near is not None:
                places, hint = (f"{_place(active)}.channels[{place}]",), f"did you mean {near!r}?"
                yield plain_refutation("permission channels", "permission", "channel.unknown", places, hint, channel=channel)


def _unknown_media(rules: PermissionRules, asked: dict[str, str]) -> Iterator[Finding]:
    for channel, place in asked.items():
        if rules.medium_of(channel) is None:
            hint = f'write media = {{ {channel} = "visit" }}, or another medium, under [permission]'
            yield plain_refutation("media", "permission", "medium.unknown", ("permission.law", place), hint, channel=channel)
