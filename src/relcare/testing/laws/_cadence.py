"""The laws of cadence."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from relcare.cadence import CadenceRule, ContactFinder
from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.facts import ClientHistory, histories_of
from relcare.model import Book, Obligation, State, Touchpoint, civil_day
from relcare.policy import Every
from relcare.testing.laws._law import Claim, Law

__all__ = [
    "CADENCE_LAWS",
    "a_contact_that_counts_keeps_the_rule",
    "cadence_ignores_the_order_of_the_log",
    "cadence_is_deterministic",
    "due_days_are_in_order",
    "generating_twice_adds_nothing",
    "the_latest_come_first",
]

_SAME: Final = Claim("TIM-1", "what is owed depends on nothing but policy, book and day")
_TWICE: Final = Claim("CAD-13", "generating twice adds nothing: one key for one contact")
_DAYS: Final = Claim("CAD-5", "earliest is due less the lead, latest is due plus the grace, and the state says where the day is")
_FIRST: Final = Claim("CAD-5", "the latest relative to its interval comes first, then the higher priority, then the key")
_KEPT: Final = Claim("CAD-1", "a contact that counts is the last contact, whoever made it")
_LOG: Final = Claim("CAD-1", "the last contact is the latest by when it happened, whatever the order of the log")
_TRIAL: Final = "a contact to see what it keeps"


def cadence_is_deterministic(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """The same rules, made anew and asked about the same book, ask the same.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: TIM-1.
    """
    first = policy.decide(book, as_of=as_of, calendar=calendar)
    second = attrs.evolve(policy).decide(attrs.evolve(book), as_of=as_of, calendar=calendar)
    _SAME.require(first.obligations == second.obligations, f"{list(first.obligations)} and then {list(second.obligations)}")
    _SAME.require(first.undecided == second.undecided, f"{first.undecided} and then {second.undecided}")


def generating_twice_adds_nothing(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """Every obligation has a key of its own, and the same one when it is generated again.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: CAD-13.
    """
    once = [one.key for one in policy.decide(book, as_of=as_of, calendar=calendar).obligations]
    twice = {*once, *(one.key for one in policy.decide(book, as_of=as_of, calendar=calendar).obligations)}
    repeated = sorted(key for key in twice if once.count(key) != 1)
    _TWICE.require(not repeated, f"the keys {repeated}")


def due_days_are_in_order(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """The days of each obligation are the rule's lead and grace apart, and its state and days overdue follow from them.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: CAD-5.
    """
    result = policy.decide(book, as_of=as_of, calendar=calendar)
    rules = {rule.id: rule for rule in policy.cadence}
    for one in result.obligations:
        told = f"{_told(one)}, {one.state}, {one.overdue_days} days overdue on {one.as_of}"
        _DAYS.require(one.earliest_on <= one.due_on <= one.latest_on, told)
        _DAYS.require(one.state in {_state(one), "deferred"}, told)
        _DAYS.require(one.overdue_days == max(0, (one.as_of - one.due_on).days), told)
        rule = rules.get(one.rule_id)
        if rule is not None:
            told = f"{told}; lead {rule.lead}, grace {rule.grace}"
            # What was just done is not owed again on the same day: that can make the lead shorter, and never longer.
            _DAYS.require(rule.lead.is_business or (one.due_on - one.earliest_on).days <= rule.lead.days, told)
            _DAYS.require(rule.grace.is_business or (one.latest_on - one.due_on).days == rule.grace.days, told)


def _state(one: Obligation) -> State:
    if one.as_of < one.earliest_on:
        return "upcoming"
    if one.as_of <= one.due_on:
        return "due"
    return "grace" if one.as_of <= one.latest_on else "overdue"


def _told(one: Obligation) -> str:
    return f"obligation {one.key!r}: earliest {one.earliest_on}, due {one.due_on}, latest {one.latest_on}"


def the_latest_come_first(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """What is owed is listed by lateness relative to the interval, then by priority, then by key.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: CAD-5.
    """
    listed = list(policy.decide(book, as_of=as_of, calendar=calendar).obligations)
    ordered = sorted(listed, key=lambda one: (-_lateness(one), -one.priority, one.key))
    _FIRST.require(listed == ordered, f"{[one.key for one in listed]} instead of {[one.key for one in ordered]}")


def _lateness(one: Obligation) -> Fraction:
    return (one.as_of - one.due_on).days / Every.parse(one.interval).average_days


def a_contact_that_counts_keeps_the_rule(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """When a contact that a rolling rule counts happens on the day, it is the last contact of whatever that rule still asks.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: CAD-1, CAD-4, CAD-12.
    """
    rules = {rule.id: rule for rule in policy.cadence if rule.mode == "rolling"}
    histories = {history.client.id: history for history in histories_of(book)}
    asked = policy.decide(book, as_of=as_of, calendar=calendar)
    for one in asked.obligations:
        rule = rules.get(one.rule_id)
        touch = None if rule is None else _contact(rule, histories[one.client_id], asked.as_of, book)
        if touch is None:
            continue
        kept = attrs.evolve(book, touchpoints=(*book.touchpoints, touch))
        for other in policy.decide(kept, as_of=as_of, calendar=calendar).obligations.for_client(one.client_id):
            told = f"{_told(other)}, last contact on {other.last_contact_on}, after {touch.channel!r} on {touch.occurred_at}"
            is_kept = not other.never_contacted and other.last_contact_on == asked.as_of
            _KEPT.require(other.rule_id != one.rule_id or is_kept, told)


def _contact(rule: CadenceRule, history: ClientHistory, on: date, book: Book) -> Touchpoint | None:
    """A contact that the rule counts, where a simple one does."""
    known = {touch.id for touch in book.touchpoints}
    touch_id = next(name for number in range(len(known) + 1) if (name := f"{_TRIAL} {number}") not in known)
    trials = (
        Touchpoint(id=touch_id, client_id=history.client.id, occurred_at=on, channel=channel, outcome="met", person_id=person_id)
        for channel in (rule.channel, *rule.satisfied_by)
        for person_id in (None, *history.people)
    )
    return next((touch for touch in trials if _is_contact(rule, history, touch)), None)


def cadence_ignores_the_order_of_the_log(policy: Policy, book: Book, *, as_of: date, calendar: Calendar | None = None) -> None:
    """The same log the other way round: the same is owed, and the last contact is never before a later one that counts.

    Raises:
        LawBrokenError: With the first counterexample.

    Source: CAD-1.
    """
    turned = attrs.evolve(
        book,
        touchpoints=book.touchpoints[::-1],
        purchases=book.purchases[::-1],
        people=book.people[::-1],
        staff=book.staff[::-1],
    )
    first = policy.decide(book, as_of=as_of, calendar=calendar)
    second = policy.decide(turned, as_of=as_of, calendar=calendar)
    _LOG.require(first.obligations == second.obligations, f"{list(first.obligations)} and turned {list(second.obligations)}")
    rules = {rule.id: rule for rule in policy.cadence if rule.mode == "rolling"}
    histories = {history.client.id: history for history in histories_of(book)}
    for one in first.obligations:
        if one.rule_id in rules:
            days = list(_contact_days(rules[one.rule_id], histories[one.client_id], first.as_of, book))
            told = f"{_told(one)}: the last contact is {one.last_contact_on}, contacts that count are on {sorted(days)}"
            _LOG.require(one.last_contact_on == max(days, default=None), told)


def _contact_days(rule: CadenceRule, history: ClientHistory, until: date, book: Book) -> Iterator[date]:
    zone = ZoneInfo(book.zone)
    for touch in history.touchpoints:
        day = civil_day(touch.occurred_at, zone)
        if day <= until and _is_contact(rule, history, touch):
            yield day


def _is_contact(rule: CadenceRule, history: ClientHistory, touch: Touchpoint) -> bool:
    return ContactFinder.of(rule).is_contact(history, touch)  # pyright: ignore[reportUnknownMemberType] - of whatever rule it is


CADENCE_LAWS: Final[tuple[Law, ...]] = (
    cadence_is_deterministic,
    generating_twice_adds_nothing,
    due_days_are_in_order,
    the_latest_come_first,
    a_contact_that_counts_keeps_the_rule,
    cadence_ignores_the_order_of_the_log,
)
"""Every law of cadence."""
