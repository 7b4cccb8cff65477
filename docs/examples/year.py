"""A year of a policy over a book, replayed day by day: whatever is owed is done on its due day.

    python year.py [OWNER]

With OWNER that account manager is away for three weeks and nobody stands in: the report tells what was late and whose lateness it
was.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs

import relcare as rc
from relcare.demo import demo_book
from relcare.model import Obligation
from relcare.permission import Cap, Hours, PermissionDecision, PermissionRules
from relcare.planning import Attainment, attainment

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
AWAY = (date(2026, 9, 7), date(2026, 9, 28))
RULES = PermissionRules(caps=[Cap(limit=3, per="week", channels=["call"])], hours=[Hours(quiet=["20:00-08:00"])])


def main(away: str | None = None) -> None:
    """Replay the year and print what came of it."""
    policy = attrs.evolve(rc.preset("consulting"), permission=RULES)
    start = demo_book()
    absences = [rc.Absence(staff_id=away, start_on=AWAY[0], end_on=AWAY[1])] if away else []
    book, broken = replay(policy, attrs.evolve(start, absences=absences), away)
    # What was late before the year is done on its first day; the report is about the days after it.
    report = attainment(policy, book, from_on=FIRST + timedelta(days=1), until_on=LAST)
    made = len(book.touchpoints) - len(start.touchpoints)
    print(f"{made} contacts in the year from {FIRST} to {LAST}, {broken} against the rules")
    tell(report)


def replay(policy: rc.Policy, book: rc.Book, away: str | None = None) -> tuple[rc.Book, int]:
    """The book after the year, and how many contacts were not allowed when they were made."""
    zone = ZoneInfo(book.zone)
    broken = 0
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        done: list[rc.Touchpoint] = []
        for owed in policy.decide(book, as_of=day).obligations:
            is_away = owed.staff_id == away and AWAY[0] <= day < AWAY[1]
            if owed.state == "deferred" or owed.due_on > day or is_away:
                continue
            log = [touch for touch in (*book.touchpoints, *done) if touch.client_id == owed.client_id]
            at = datetime.combine(day, time(10), zone)
            first = asked(policy, book, owed, log, at).next_allowed_at
            # The question is asked again at the moment itself; what may not be done today is done on a later day.
            if first is None or first.astimezone(zone).date() != day:
                continue
            broken += not asked(policy, book, owed, log, first).is_allowed
            done.append(contact(owed, book, first.astimezone(zone)))
        if done:
            book = attrs.evolve(book, touchpoints=(*book.touchpoints, *done))
    return book, broken


def asked(policy: rc.Policy, book: rc.Book, owed: Obligation, log: Sequence[rc.Touchpoint], at: datetime) -> PermissionDecision:
    """Whether it may be done at an instant, and if not, when."""
    client = book.get_client(owed.client_id)
    consents = book.consents_by_client.get(client.id, ())
    return policy.may_contact(
        client, channel=owed.channel, purpose=None, at=at, touchpoints=log, consents=consents, zone=book.zone
    )


def contact(owed: Obligation, book: rc.Book, at: datetime) -> rc.Touchpoint:
    """What keeps an obligation: the right person is reached, for the purpose that the rule asks for."""
    people = book.people_by_client.get(owed.client_id, ())
    principal = next((person.id for person in people if person.role == "principal"), None)
    purpose = {"birthday": "birthday", "national-day": "national day"}.get(owed.rule_id)
    return rc.Touchpoint(
        id=f"{owed.client_id} {owed.rule_id} {owed.person_id or book.zone} {at:%Y-%m-%d}",
        client_id=owed.client_id,
        occurred_at=at,
        channel=owed.channel,
        outcome="sent" if owed.channel in {"greeting", "news"} else "met" if owed.channel == "visit" else "reached",
        purpose=purpose,
        person_id=owed.person_id or principal,
        staff_id=owed.staff_id,
    )


def tell(report: Attainment) -> None:
    """On time, late, and whose lateness it was."""
    results = counted(outcome.result for outcome in report.outcomes)
    print(", ".join(f"{count} {result.replace('_', ' ')}" for result, count in sorted(results.items())))
    days: dict[str, int] = {}
    for late in report.lateness:
        days[late.cause] = days.get(late.cause, 0) + late.days
    print("late days: " + (", ".join(f"{count} by {cause.replace('_', ' ')}" for cause, count in sorted(days.items())) or "none"))


def counted(words: Iterable[str]) -> Mapping[str, int]:
    """How often each word comes."""
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found


if __name__ == "__main__":
    main(*sys.argv[1:2])
