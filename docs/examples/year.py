"""A year of a policy over a book, replayed day by day: whatever is owed is done on its due day.

    python year.py [--book FOLDER --policy FILE] [--absent OWNER]

Without a book it is the sample book under the consulting preset, in the year after its last event. Another book is replayed in
the last calendar year that its events fill. Tiers that nobody has decided yet are decided once, on the day before.

With --absent that account manager is away for three weeks and nobody stands in: the report tells what was late and whose lateness
it was.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs

import relcare as rc
from relcare.demo import demo_book
from relcare.model import Obligation, TierSpell, civil_day
from relcare.permission import Cap, Hours, PermissionDecision, PermissionRules
from relcare.planning import Attainment, attainment

Days = tuple[date, date]

RULES = PermissionRules(caps=[Cap(limit=3, per="week", channels=["call"])], hours=[Hours(quiet=["20:00-08:00"])])
SAMPLE_YEAR = (date(2026, 4, 1), date(2027, 3, 31))
AWAY_AFTER, AWAY_FOR = timedelta(days=159), timedelta(days=21)


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay the year and print what came of it."""
    parser = ArgumentParser(description="A year of a policy over a book, replayed day by day.")
    parser.add_argument("--book", metavar="FOLDER", help="the sample book by default")
    parser.add_argument("--policy", metavar="FILE", help="the consulting preset by default")
    parser.add_argument("--absent", metavar="OWNER", help="who is away for three weeks")
    given = parser.parse_args(arguments)
    policy = with_permission(rc.preset("consulting") if given.policy is None else rc.load_policy(given.policy))
    book = demo_book() if given.book is None else rc.read_book(given.book)
    year = SAMPLE_YEAR if given.book is None else last_year_of(book)
    tell(*replay(policy, started(policy, book, year, away=given.absent), year), year)


def with_permission(policy: rc.Policy) -> rc.Policy:
    """The policy with its own permission rules, else with three calls a week at most and none at night."""
    return policy if policy.permission is not None else attrs.evolve(policy, permission=RULES)


def last_year_of(book: rc.Book) -> Days:
    """The last calendar year through whose end the book has events."""
    zone = ZoneInfo(book.zone)
    days = [civil_day(touch.occurred_at, zone) for touch in book.touchpoints]
    last = max([*days, *(purchase.purchased_on for purchase in book.purchases)])
    year = (last + timedelta(days=1)).year - 1
    return date(year, 1, 1), date(year, 12, 31)


def started(policy: rc.Policy, book: rc.Book, year: Days, *, away: str | None = None) -> rc.Book:
    """The book on the first morning: with the tiers that were decided the evening before, and who is going to be away."""
    decided = policy.decide(book, as_of=year[0] - timedelta(days=1))
    known = {(spell.client_id, spell.scheme_id) for spell in book.tier_spells}
    spells = [
        TierSpell(client_id=found.client_id, scheme_id=scheme.scheme_id, tier=found.tier, start_on=year[0])
        for scheme in decided.schemes.values()
        for found in scheme.assignments
        if found.tier is not None and (found.client_id, scheme.scheme_id) not in known
    ]
    leaves_on = year[0] + AWAY_AFTER
    absences = [rc.Absence(staff_id=away, start_on=leaves_on, end_on=leaves_on + AWAY_FOR)] if away else []
    return attrs.evolve(book, tier_spells=(*book.tier_spells, *spells), absences=(*book.absences, *absences))


def replay(policy: rc.Policy, book: rc.Book, year: Days) -> tuple[Attainment, int, int]:
    """What came of the days, how many contacts were made, and how many of them were not allowed when they were made."""
    zone, made, broken = ZoneInfo(book.zone), 0, 0
    for n in range((year[1] - year[0]).days + 1):
        day = year[0] + timedelta(days=n)
        done: list[rc.Touchpoint] = []
        for owed in policy.decide(book, as_of=day).obligations:
            absences = book.absences_by_staff.get(owed.staff_id or "", ())
            if owed.state == "deferred" or owed.due_on > day or any(absence.covers(day) for absence in absences):
                continue
            log = [*book.touchpoints_by_client.get(owed.client_id, ()), *(t for t in done if t.client_id == owed.client_id)]
            first = asked(policy, book, owed, log, datetime.combine(day, time(10), zone)).next_allowed_at
            # The question is asked again at the moment itself; what may not be done today is done on a later day.
            if first is None or first.astimezone(zone).date() != day:
                continue
            broken += not asked(policy, book, owed, log, first).is_allowed
            done.append(contact(policy, owed, book, first.astimezone(zone)))
        if done:
            book, made = attrs.evolve(book, touchpoints=(*book.touchpoints, *done)), made + len(done)
    # What was late before the year is done on its first day; the report is about the days after it.
    return attainment(policy, book, from_on=year[0] + timedelta(days=1), until_on=year[1]), made, broken


def purpose_of(policy: rc.Policy, owed: Obligation) -> str | None:
    """What the rule is for."""
    purposes = {rule.id: rule.purpose for rule in policy.cadence} | {trigger.id: trigger.purpose for trigger in policy.triggers}
    return purposes[owed.rule_id]


def asked(policy: rc.Policy, book: rc.Book, owed: Obligation, log: Sequence[rc.Touchpoint], at: datetime) -> PermissionDecision:
    """Whether it may be done at an instant, and if not, when."""
    return policy.may_contact(
        book.get_client(owed.client_id),
        channel=owed.channel,
        purpose=purpose_of(policy, owed),
        at=at,
        touchpoints=log,
        consents=book.consents_by_client.get(owed.client_id, ()),
        zone=book.zone,
    )


def contact(policy: rc.Policy, owed: Obligation, book: rc.Book, at: datetime) -> rc.Touchpoint:
    """What keeps an obligation: the right person is reached, for the purpose of the rule."""
    people = book.people_by_client.get(owed.client_id, ())
    principal = next((person.id for person in people if person.role == "principal"), None)
    return rc.Touchpoint(
        id=f"{owed.client_id} {owed.rule_id} {owed.person_id or ''} {at:%Y-%m-%d}",
        client_id=owed.client_id,
        occurred_at=at,
        channel=owed.channel,
        outcome="met" if owed.channel == "visit" else "reached" if owed.channel == "call" else "sent",
        purpose=purpose_of(policy, owed),
        person_id=owed.person_id or principal,
        staff_id=owed.staff_id,
    )


def tell(report: Attainment, made: int, broken: int, year: Days) -> None:
    """On time, late, and whose lateness it was."""
    total = report.total
    print(f"{made} contacts from {year[0]} to {year[1]}, {broken} against the rules")
    print(", ".join(f"{count} {result.replace('_', ' ')}" for result, count in total.results.items() if count))
    print(f"on time: {float(total.on_time_ratio or 0):.1%}")
    days = {cause.replace("_", " "): count for cause, count in total.late_days.items() if count}
    print("late days: " + (", ".join(f"{count} by {cause}" for cause, count in days.items()) or "none"))
    for name in sorted({late.staff_id or "nobody" for late in report.lateness}):
        late = [one for one in report.lateness if (one.staff_id or "nobody") == name]
        keys = {one.key for one in late}
        print(f"  {name}: {len(keys)} contacts, {sum(one.days for one in late)} days")


if __name__ == "__main__":
    main()
