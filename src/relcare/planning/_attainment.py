"""Keeping score: what was planned, done and late, by whom, and whose lateness it was (CAD-12, CAD-14)."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from relcare._fields import check_day, to_day
from relcare.cadence import Cadence, DueContext, Hindsight, cadence_of
from relcare.calendars import Calendar, RollTable, Weekdays
from relcare.calendars import calendar as calendar_named
from relcare.decisions import BookResult, Policy, vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.facts import ClientHistory, histories_of
from relcare.model import Book, Staff, as_known
from relcare.planning._attainment_causes import Barriers, Responsibles
from relcare.planning._attainment_days import Period, Tiers, parts_of
from relcare.planning._attainment_report import Attainment
from relcare.planning._attainment_score import Records
from relcare.planning._attainment_values import LastContact
from relcare.planning._attainment_walk import ClientWalk
from relcare.policy import Core, OutOfBounds, Vocabulary

__all__ = ["attainment", "teams_of"]


def attainment(
    policy: Policy,
    book: Book,
    *,
    from_on: date,
    until_on: date,
    as_of: date | None = None,
    calendar: Calendar | None = None,
    known_on: date | None = None,
    target: Fraction | str | None = None,
    channel_targets: Mapping[str, Fraction | str] | None = None,
) -> Attainment:
    """What was planned in a period, what was done, by whom, what was late, and whose lateness it was.

    Planned: a rolling rule expects the days on which it applies, divided by its interval (REL-4); a quota so many a period, the
    days outside or without the rule taken off in proportion; a grid and a trigger what is due on a day on which they apply.
    Nothing is expected before the client's first day (CAD-1) or the policy's. Tiers count from day to day by their spells (CAD-6)
    and owners by theirs; what else is known of a client, a tier without a spell included, is taken as it is on `as_of`.

    Done: contacts that count for the rule (CAD-2), by anybody (CAD-12); for a grid or a trigger those that kept what was due in
    the period. Of rules that ask the same thing only the governing one plans and counts (CAD-13).

    Late: a day after the last day of grace at whose end the contact was still owed, as `Policy.decide` would have said that day.

    Args:
        policy: In force on `as_of`.
        book: With its touchpoints, spells and absences.
        from_on: The first day.
        until_on: The last day, inclusive.
        as_of: Up to the end of which day it is known what happened; `until_on` by default. Later, it tells what became of what
            was still owed then.
        calendar: Business days; by default the policy's own (TIM-6).
        known_on: With what was known then (TIM-7); by default with all that is known.
        target: What share should be on time at least, as a Fraction or `95%`.
        channel_targets: The same by channel.

    Raises:
        InvalidValueError: If a day is no civil date, the period ends before it begins, or a share is none.
        PolicyError: If the policy is not in force on `as_of`.
        MissingExtraError: If the policy names a calendar and the extra is not installed.

    Source: CAD-12, CAD-14.

    Examples:
        >>> from relcare.cadence import CadenceRule
        >>> from relcare.model import Book, Client, Touchpoint
        >>> rule = CadenceRule(id="call", channel="call", every="1 week", grace="2 days")
        >>> policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[rule])
        >>> calls = [
        ...     Touchpoint(id=f"t-{day}", client_id="c-1", channel="call", occurred_at=date(2026, 6, day), staff_id="lee")
        ...     for day in (1, 8, 19, 26)
        ... ]
        >>> client = Client(id="c-1", name="Kim", owner_id="lee", client_since_on=date(2026, 5, 25))
        >>> june = attainment(
        ...     policy, Book(clients=[client], touchpoints=calls), from_on=date(2026, 6, 1), until_on=date(2026, 6, 30)
        ... )
        >>> june.total.planned, june.total.done, dict(june.total.late_days)["owner"]
        (Fraction(30, 7), 4, 1)
        >>> [(str(one.due_on), one.result, one.days_late) for one in june.outcomes]
        [('2026-06-01', 'on_time', 0), ('2026-06-08', 'on_time', 0), ('2026-06-15', 'late', 2), ('2026-06-26', 'on_time', 0)]
    """
    first, last = _days(from_on, until_on)
    if isinstance(calendar, str):
        raise InvalidValueError("calendar", calendar, "must be a calendar", f'write relcare.calendars.calendar("{calendar}")')
    known = book if known_on is None else as_known(book, known_on)
    result = policy.decide(known, as_of=last if as_of is None else as_of)
    scorer = _Scorer(policy, known, result, (first, last), calendar)
    for history in histories_of(known):
        scorer.add(history)
    return Attainment(
        policy_id=policy.id,
        policy_version=policy.version,
        from_on=first,
        until_on=last,
        as_of=result.as_of,
        expectations=scorer.records.expectations,
        outcomes=scorer.records.outcomes,
        lateness=scorer.records.lateness,
        last_contacts=scorer.last_contacts,
        tier_ids=scorer.tier_ids,
        team_by_owner=teams_of(known.staff),
        target=target,
        channel_targets=channel_targets or {},
    )


def _days(from_on: date, until_on: date) -> tuple[date, date]:
    first, last = to_day(from_on), to_day(until_on)
    check_day("from_on", first)
    check_day("until_on", last)
    if last < first:
        raise InvalidValueError("until_on", last, f"must not be before from_on, {first}")
    return first, last


def teams_of(staff: Sequence[Staff]) -> dict[str, str]:
    """The head of everybody who has one; who leads others and is led by nobody is of the own team."""
    heads = {member.head_id for member in staff}
    found: dict[str, str] = {}
    for member in staff:
        if member.head_id is not None:
            found[member.id] = member.head_id
        elif member.id in heads:
            found[member.id] = member.id
    return found


class _Scorer:
    """Goes through a book, client by client."""

    def __init__(self, policy: Policy, book: Book, result: BookResult, days: tuple[date, date], given: Calendar | None) -> None:
        (first, last), as_of = days, result.as_of
        ends = last if policy.effective_until is None else min(last, date.fromordinal(policy.effective_until.toordinal() - 1))
        business_days = _calendar(policy) if given is None else given
        self.records = Records()
        self.last_contacts: list[LastContact] = []
        self.tier_ids: dict[str, tuple[str, ...]] = {scheme.id: tuple(scheme.tier_ids) for scheme in policy.segmentation}
        self._book = book
        self._result = result
        self._words: Vocabulary = _words(policy)
        self._cadence: Cadence = cadence_of(
            policy.cadence, self._words, policy_id=policy.id, policy_version=policy.version, triggers=policy.triggers
        )
        anchors = (rule.anchor for rule in policy.cadence if rule.anchor in self._words)
        self._needed = dict.fromkeys((*self._cadence.layout, *(anchor for anchor in anchors if anchor is not None)))
        self._context = DueContext(
            as_of=as_of.toordinal(),
            in_force_from=policy.effective_from.toordinal(),
            table=RollTable(business_days, min(first, as_of), max(last, as_of)),
            zone=ZoneInfo(book.zone),
            hours=policy.working_hours,
        )
        self._period = Period(first=first.toordinal(), last=ends.toordinal(), as_of=as_of.toordinal())
        self._responsibles = Responsibles(book)
        self._barriers = Barriers(policy, book, business_days)

    def add(self, history: ClientHistory) -> None:
        """Add a client to the records."""
        client, period = history.client, self._period
        hindsight = Hindsight(self._cadence, history, self._context, self._result.strategy(client.id).intervals)
        tiers = Tiers(
            tier_ids=self.tier_ids,
            computed={scheme.scheme_id: scheme.tiers.get(client.id) for scheme in self._result.schemes.values()},
            spells=self._book.tier_spells_by_client.get(client.id, ()),
        )
        row, first = self._row(client.id), max(period.first, hindsight.floor)
        parts = parts_of(client, self._book, row, tiers, first=first, period=period)
        ClientWalk(
            client=client,
            hindsight=hindsight,
            parts=parts,
            responsibles=self._responsibles,
            barriers=self._barriers,
            period=period,
        ).add_to(self.records)
        self.last_contacts.append(self._last_contact(client.id, hindsight))

    def _last_contact(self, client_id: str, hindsight: Hindsight) -> LastContact:
        last, as_of = hindsight.last_contact(), self._period.as_of
        return LastContact(
            client_id=client_id,
            owner_id=self._responsibles.owner(client_id, as_of),
            last_on=None if last is None else date.fromordinal(last),
            days=max(0, as_of - (hindsight.floor if last is None else last)),
        )

    def _row(self, client_id: str) -> dict[str, Core]:
        """What the rules read of a client, in core form."""
        facts = self._result.facts(client_id)
        row: dict[str, Core] = {}
        for name in self._needed:
            core = self._words[name].encode(name, facts.get(name))
            row[name] = None if isinstance(core, OutOfBounds) else core
        return row


def _words(policy: Policy) -> Vocabulary:
    return vocabularies_of_policy(policy).full


def _calendar(policy: Policy) -> Calendar:
    return Weekdays() if policy.calendar is None else calendar_named(policy.calendar)
