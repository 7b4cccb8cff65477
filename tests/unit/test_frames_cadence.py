"""What is owed over columns, on the days on which it turns; the same books are decided by objects beside."""

from datetime import date, timedelta
from typing import Any, Final

import attrs
import pytest

from relcare.cadence import CadenceRule
from relcare.decisions import Policy
from relcare.model import Absence, Birthday, Book, Client, Consent, ContactPerson, Staff, TierSpell, Touchpoint
from relcare.policy import Fact, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier

pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

ADA: Final = Client(id="ada", name="Ada", owner_id="lee")
LAST: Final = date(2026, 3, 2)
CALL: Final = CadenceRule(id="call", channel="call", every="1 week", lead="2 days", grace="3 days")


def house(*rules: CadenceRule, **parts: Any) -> Policy:
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=rules, **parts)


def book(*days: date, channel: str = "call", **parts: Any) -> Book:
    touches = [
        Touchpoint(id=f"t{n}", client_id="ada", occurred_at=day, channel=channel, outcome="reached") for n, day in enumerate(days)
    ]
    return Book(**{"clients": [ADA], "touchpoints": touches, **parts})


def owed(policy: Policy, given: Book, as_of: date) -> list[dict[str, Any]]:
    """What columns say; objects say the same of days and states."""
    decided = frames.decide(policy, frames.frames_of(given), as_of=as_of)
    found: list[dict[str, Any]] = decided.obligations.sort("rule_id", "due_on", "person_id").collect().to_dicts()
    names = ("rule_id", "state", "due_on", "earliest_on", "latest_on", "staff_id", "attributed_to", "person_id")
    wanted = [{name: getattr(one, name) for name in names} for one in policy.decide(given, as_of=as_of).obligations]
    assert sorted(map(repr, wanted)) == sorted(repr({name: row[name] for name in names}) for row in found)
    return found


@pytest.mark.parametrize(
    ("after", "state"),
    [(4, "upcoming"), (5, "due"), (7, "due"), (8, "grace"), (10, "grace"), (11, "overdue")],
    ids=str,
)
def test_a_state_turns_on_the_day_after_its_last(after: int, state: str) -> None:
    (one,) = owed(house(CALL), book(LAST), LAST + timedelta(after))
    assert (one["state"], one["due_on"]) == (state, LAST + timedelta(7))
    assert one["overdue_days"] == max(0, after - 7)
    assert one["last_contact_on"] == LAST


def test_who_was_never_contacted_is_owed_from_the_first_day_on() -> None:
    (one,) = owed(house(CALL), book(), date(2026, 1, 9))
    assert (one["never_contacted"], one["occurrence"], one["due_on"]) == (True, "first", date(2026, 1, 8))


def test_a_contact_on_the_first_day_of_a_lead_keeps_an_anniversary() -> None:
    yearly = CadenceRule(id="day", channel="call", mode="grid", anchor="2026-02-10", every="1 month", lead="5 days", roll="none")
    early = owed(house(yearly), book(date(2026, 3, 4)), date(2026, 3, 12))
    kept = owed(house(yearly), book(date(2026, 3, 5)), date(2026, 3, 12))
    assert [one["due_on"] for one in early] == [date(2026, 3, 10), date(2026, 4, 10)]
    assert [one["due_on"] for one in kept] == [date(2026, 4, 10)]


def test_birthdays_are_kept_for_each_person_by_a_contact_that_names_nobody_else() -> None:
    rule = CadenceRule(id="birthday", channel="card", mode="grid", anchor="people.birthday", roll="none")
    people = [
        ContactPerson(id="p", client_id="ada", name="P", birthday=Birthday.parse("--03-05")),
        ContactPerson(id="q", client_id="ada", name="Q", birthday=Birthday.parse("--03-05")),
    ]
    given = book(date(2026, 3, 5), channel="card", people=people)
    assert [one["due_on"].year for one in owed(house(rule), given, date(2026, 3, 5))] == [2027, 2027]
    named = attrs.evolve(given, touchpoints=[attrs.evolve(given.touchpoints[0], person_id="p")])
    found = owed(house(rule), named, date(2026, 3, 5))
    assert [(one["person_id"], one["occurrence"]) for one in found] == [("q", "q@2026"), ("p", "p@2027"), ("q", "q@2027")]


def test_a_quota_owes_what_is_left_of_its_period() -> None:
    rule = CadenceRule(id="month", channel="call", mode="quota", every="1 month", times=3, roll="none")
    found = owed(house(rule), book(date(2026, 2, 27), date(2026, 3, 1)), date(2026, 3, 15))
    assert [one["occurrence"] for one in found] == ["2026-03-01.2", "2026-03-01.3"]


def test_a_refusal_of_the_day_of_a_consent_holds_and_an_earlier_one_does_not() -> None:
    def told(refused_on: date, **given: Any) -> str:
        consents = [
            Consent(id="r", client_id="ada", kind="refused", channel="phone", start_on=refused_on),
            Consent(id="g", client_id="ada", kind="given", start_on=date(2026, 3, 3), **given),
        ]
        (one,) = owed(house(CALL), book(LAST, consents=consents), date(2026, 3, 20))
        return str(one["state"])

    assert told(date(2026, 3, 3), channel="phone") == "deferred"
    assert told(date(2026, 3, 2), channel="phone") == "overdue"
    assert told(date(2026, 3, 2), channel="call") == "overdue"
    assert told(date(2026, 3, 2)) == "deferred"  # a consent for every channel is vaguer
    assert told(date(2026, 3, 21), channel="phone") == "overdue"


def test_nothing_that_has_not_begun_is_deferred() -> None:
    refusal = Consent(id="r", client_id="ada", kind="refused", start_on=date(2026, 1, 1))
    (one,) = owed(house(CALL), book(LAST, consents=[refusal]), date(2026, 3, 6))
    assert one["state"] == "upcoming"


def test_duties_go_to_the_role_and_on_to_the_deputy() -> None:
    by_role = attrs.evolve(CALL, role="secretary")
    staff = [Staff(id="wu", name="Wu", role="secretary"), Staff(id="an", name="An", role="secretary")]
    day = date(2026, 3, 20)
    assert owed(house(by_role), book(LAST, staff=staff), day)[0]["staff_id"] == "an"
    assert owed(house(by_role), book(LAST), day)[0]["staff_id"] == "lee"
    away = Absence(staff_id="an", start_on=day, deputy_id="wu")
    assert owed(house(by_role), book(LAST, staff=staff, absences=[away]), day)[0]["staff_id"] == "wu"
    gone = owed(house(by_role), book(LAST, staff=staff, absences=[attrs.evolve(away, deputy_id=None)]), day)[0]
    assert (gone["staff_id"], gone["attributed_to"]) == ("an", "owner_absent")


def test_of_two_changes_on_one_day_the_first_fact_of_the_rule_redates() -> None:
    points = Fact(id="points", type="integer", may_be_missing=True)
    schemes = [
        ThresholdScheme(id=name, tiers=[ThresholdTier("A", criterion("points > 5"))], otherwise="B") for name in ("one", "two")
    ]
    now = CadenceRule(id="now", channel="call", every="1 week", when=criterion("tier.two == 'A' and tier.one == 'A'"))
    before_one = CadenceRule(id="before", channel="call", every="10 days", when=criterion("tier.one == 'B'"))
    begins, changed = date(2026, 1, 1), date(2026, 3, 10)
    spells = [
        TierSpell(client_id="ada", scheme_id=name, tier=tier, start_on=start, end_on=end)
        for name in ("one", "two")
        for tier, start, end in (("B", begins, changed), ("A", changed, None))
    ]
    given = book(date(2026, 2, 20), tier_spells=spells)
    policy = house(now, before_one, facts=[points], segmentation=schemes)
    # Before the change of `two` nobody asked; had `one` counted, the ten days would have ended on 2 March.
    (one,) = owed(policy, given, date(2026, 3, 12))
    assert one["due_on"] == changed


def test_rules_that_ask_the_same_are_one_contact_by_the_shortest_interval() -> None:
    partner = attrs.evolve(ADA, relationship_types={"partner"})
    monthly = CadenceRule(id="a", channel="call", every="1 month")
    weekly = CadenceRule(id="b", channel="call", every="1 week", lead="0 days")
    (one,) = owed(house(monthly, weekly), book(LAST, clients=[partner]), date(2026, 3, 12))
    assert (one["rule_id"], one["rule_ids"], one["interval"]) == ("b", ["b", "a"], "1 week")


def test_of_whom_it_is_not_known_is_listed_but_not_where_a_scheme_does_not_class_the_client() -> None:
    points = Fact(id="points", type="integer", may_be_missing=True)
    scheme = ThresholdScheme(
        id="s", tiers=[ThresholdTier("A", criterion("points > 5"))], otherwise="B", scope=criterion("client.stage == 'open'")
    )
    rules = [
        attrs.evolve(CALL, id="tier", when=criterion("tier.s == 'A'")),
        attrs.evolve(CALL, id="either", when=criterion("tier.s == 'A' or points > 3")),
    ]
    policy = house(*rules, facts=[points], segmentation=[scheme])
    given = book(clients=[attrs.evolve(ADA, stage="closed")])
    decided = frames.decide(policy, frames.frames_of(given), as_of=date(2026, 3, 12))
    assert decided.undecided.collect().rows() == [("ada", "either")]
    assert [one.rule_id for one in policy.decide(given, as_of=date(2026, 3, 12)).undecided] == ["either"]
