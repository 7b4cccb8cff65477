"""What events oblige to over columns; the same books are decided by objects beside."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest

import relcare as rc
from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Roll, WorkingHours
from relcare.decisions import Policy
from relcare.demo import demo_book
from relcare.errors import BookDocumentError
from relcare.model import Book, Client, Consent, ContactPerson, Money, Purchase, Touchpoint
from relcare.policy import Fact, criterion

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

SEOUL: Final = ZoneInfo("Asia/Seoul")
ADA: Final = Client(id="ada", name="Ada", owner_id="lee")
DAY: Final = date(2026, 3, 2)
CRY: Final = criterion("direction == 'incoming'")
OURS: Final = criterion("direction == 'outgoing'")


def trigger(**parts: Any) -> Trigger:
    return Trigger(**{"id": "answer", "event": CRY, "channel": "call", "within": "3 days", "counts": OURS, **parts})


def touch(number: str, at: date, **parts: Any) -> Touchpoint:
    return Touchpoint(**{"id": number, "client_id": "ada", "occurred_at": at, "channel": "call", **parts})


def cry(number: str, at: date, **parts: Any) -> Touchpoint:
    return touch(number, at, direction="incoming", **parts)


def owed(one: Trigger, touches: Sequence[Touchpoint], as_of: date = DAY, **parts: Any) -> list[dict[str, Any]]:
    """What columns say; objects say the same."""
    of_policy = {name: parts.pop(name) for name in ("calendar", "working_hours", "facts", "cadence") if name in parts}
    policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), triggers=[one], **of_policy)
    return owed_by(policy, Book(**{"clients": [ADA], "touchpoints": touches, "zone": "Asia/Seoul", **parts}), as_of)


def owed_by(policy: Policy, book: Book, as_of: date) -> list[dict[str, Any]]:
    decided = frames.decide(policy, frames.frames_of(book), as_of=as_of)
    found: list[dict[str, Any]] = decided.obligations.collect().to_dicts()
    names = ("client_id", "rule_id", "state", "due_on", "earliest_on", "latest_on", "staff_id", "person_id", "interval")
    result = policy.decide(book, as_of=as_of)
    wanted = [repr({name: getattr(one, name) for name in names}) for one in result.obligations]
    assert sorted(wanted) == sorted(repr({name: row[name] for name in names}) for row in found)
    unclear = sorted((one.client_id, one.rule_id) for one in result.undecided)
    assert sorted(decided.undecided.collect().rows()) == unclear
    ids = {one.id for one in policy.triggers}
    return sorted((row for row in found if row["rule_id"] in ids), key=lambda row: str(row["occurrence"]))


def events(found: Sequence[dict[str, Any]]) -> list[str]:
    return [row["occurrence"] for row in found]


@pytest.mark.parametrize(("after", "state"), [(0, "due"), (3, "due"), (4, "grace"), (5, "grace"), (6, "overdue")], ids=str)
def test_a_state_turns_on_the_day_after_its_last(after: int, state: str) -> None:
    (one,) = owed(trigger(grace="2 days"), [cry("e", DAY)], DAY + timedelta(after))
    assert (one["state"], one["due_on"], one["earliest_on"]) == (state, DAY + timedelta(3), DAY)
    assert (one["never_contacted"], one["last_contact_on"], one["rule_ids"]) == (True, None, ["answer"])


def test_business_days_are_counted_over_the_end_of_a_month_and_a_holiday() -> None:
    # The days off of the Spring Festival of 2026 are 15 to 23 February; the 28th, a Saturday, is worked.
    found = owed(trigger(within="3 business days"), [cry("e", date(2026, 2, 13))], date(2026, 2, 16), calendar="CN")
    assert [one["due_on"] for one in found] == [date(2026, 2, 25)]
    found = owed(trigger(within="3 business days"), [cry("e", date(2026, 2, 26))], date(2026, 2, 27), calendar="CN")
    assert [one["due_on"] for one in found] == [date(2026, 3, 2)]


def test_on_one_day_instants_decide_which_came_first_and_a_mere_day_is_taken_to_be_after() -> None:
    def at(hour: int) -> datetime:
        return datetime(2026, 3, 2, hour, tzinfo=SEOUL)

    asked = cry("e", at(12))
    assert events(owed(trigger(), [asked, touch("c", at(11))])) == ["e"]
    assert events(owed(trigger(), [asked, touch("c", at(12))])) == ["e"]
    assert events(owed(trigger(), [asked, touch("c", at(13))])) == []
    assert events(owed(trigger(), [asked, touch("c", DAY)])) == []
    assert events(owed(trigger(), [cry("e", DAY), touch("c", at(1))])) == []
    # The later of two contacts answers, whatever the earlier one was; the day before, none does.
    assert events(owed(trigger(), [asked, touch("b", at(11)), touch("c", at(13))])) == []
    assert events(owed(trigger(), [asked, touch("c", DAY - timedelta(1))])) == ["e"]


def test_no_event_answers_itself_but_another_of_its_day_does() -> None:
    every = trigger(event=criterion("channel == 'call'"), counts=None)
    assert events(owed(every, [touch("a", DAY)])) == ["a"]
    assert events(owed(every, [touch("a", DAY), touch("b", DAY)])) == []
    noon = datetime(2026, 3, 2, 12, tzinfo=SEOUL)
    assert events(owed(every, [touch("a", noon), touch("b", noon)])) == ["a", "b"]
    assert events(owed(every, [touch("a", noon), touch("b", noon + timedelta(hours=1))])) == ["b"]


def test_one_contact_answers_all_events_before_it_and_none_after_it() -> None:
    before, after = [cry("a", DAY - timedelta(4)), cry("b", DAY - timedelta(4))], [cry("d", DAY - timedelta(1))]
    assert events(owed(trigger(), [*before, touch("c", DAY - timedelta(2)), *after])) == ["d"]
    assert events(owed(trigger(), [*before, touch("c", DAY - timedelta(2), channel="visit"), *after])) == ["a", "b", "d"]


def test_what_was_taken_back_neither_obliges_nor_answers() -> None:
    answered = [cry("e", DAY - timedelta(3)), touch("c", DAY - timedelta(2))]
    gone = touch("v", DAY, channel="void", voids_id="c")
    assert events(owed(trigger(), [*answered, gone])) == ["e"]
    assert events(owed(trigger(), [answered[0], attrs.evolve(gone, voids_id="e")])) == []


def test_whose_event_it_was_goes_along_and_only_their_refusal_defers_it() -> None:
    people = [ContactPerson(id=name, client_id="ada", name=name, role="buyer") for name in ("p", "q")]
    asked = [cry("a", DAY, person_id="p"), cry("b", DAY, person_id="q"), cry("c", DAY)]
    refusal = Consent(id="r", client_id="ada", kind="refused", person_id="q", start_on=DAY)
    found = owed(trigger(), asked, people=people, consents=[refusal])
    assert [(one["person_id"], one["state"]) for one in found] == [("p", "due"), ("q", "deferred"), (None, "due")]
    reached = trigger(reaches=["buyer"], counts=None, channel="visit")
    visits = [touch("v", DAY, channel="visit"), touch("w", DAY, channel="visit", person_id="p")]
    assert events(owed(reached, [*asked, visits[0]], people=people)) == ["a", "b", "c"]
    assert events(owed(reached, [*asked, visits[1]], people=people)) == []


def test_a_promise_is_kept_from_the_agreed_day_on_and_earlier_where_that_is_rolled_back() -> None:
    sunday = date(2026, 3, 8)
    asked, back = cry("e", DAY, follow_up_at=sunday), sunday - timedelta(2)
    promise = trigger(within="agreed")
    kept: tuple[tuple[Roll, date, list[str]], ...] = (
        ("none", sunday - timedelta(1), ["e"]),
        ("none", sunday, []),
        ("preceding", back, []),
        ("preceding", back - timedelta(1), ["e"]),
        ("following", sunday, []),
    )
    for roll, contact, left in kept:
        assert events(owed(attrs.evolve(promise, roll=roll), [asked, touch("c", contact)], sunday + timedelta(1))) == left
    (one,) = owed(attrs.evolve(promise, roll="preceding"), [asked])
    assert (one["due_on"], one["earliest_on"], one["state"]) == (back, back, "upcoming")
    assert owed(promise, [cry("e", DAY)]) == []
    (one,) = owed(promise, [cry("e", DAY, follow_up_at=datetime(2026, 3, 9, 23, tzinfo=UTC))])
    assert one["due_on"] == date(2026, 3, 10)  # it is the tenth in Seoul
    (late,) = owed(promise, [cry("e", DAY, follow_up_at=DAY - timedelta(5)), touch("c", DAY - timedelta(1))])
    assert late["due_on"] == DAY - timedelta(5)


def test_only_the_first_event_obliges_and_not_what_came_after_a_first_one_before_the_policy() -> None:
    first = trigger(first=True)
    noon = datetime(2026, 3, 1, 12, tzinfo=SEOUL)
    assert events(owed(first, [cry("b", DAY), cry("a", DAY)])) == ["a"]
    assert events(owed(first, [cry("a", noon + timedelta(hours=1)), cry("b", noon), cry("c", DAY)])) == ["b"]
    assert events(owed(first, [cry("a", noon), cry("z", noon.date())])) == ["z"]
    assert events(owed(first, [cry("a", date(2025, 12, 31)), cry("b", DAY)])) == []
    promised = attrs.evolve(first, within="agreed")
    assert events(owed(promised, [cry("a", noon), cry("b", DAY, follow_up_at=DAY)])) == []


def test_purchases_oblige_and_neither_returns_nor_credits_do() -> None:
    def bought(number: str, amount: str, **parts: Any) -> Purchase:
        return Purchase(id=number, client_id="ada", purchased_on=DAY, amount=Money(amount, "CNY"), **parts)

    thanks = trigger(on="purchases", event=criterion("amount >= 10.5 or category == 'gift'"))
    sold = [bought("a", "10.5"), bought("b", "10.4"), bought("c", "0", category="gift"), bought("d", "-20")]
    sold.append(bought("r", "10.5", returns_purchase_id="a"))
    assert events(owed(thanks, [], purchases=sold)) == ["a", "c"]
    assert events(owed(thanks, [touch("t", DAY)], purchases=sold)) == []
    assert events(owed(thanks, [touch("t", DAY - timedelta(1))], purchases=sold)) == ["a", "c"]
    assert events(owed(attrs.evolve(thanks, first=True), [], purchases=sold)) == ["a"]


@pytest.mark.parametrize(
    ("within", "at", "due"),
    [
        ("4 business hours", datetime(2026, 3, 6, 13, 59, 59, tzinfo=SEOUL), date(2026, 3, 6)),
        ("4 business hours", datetime(2026, 3, 6, 14, 0, 0, tzinfo=SEOUL), date(2026, 3, 6)),
        ("4 business hours", datetime(2026, 3, 6, 14, 0, 1, tzinfo=SEOUL), date(2026, 3, 9)),
        ("4 business hours", date(2026, 3, 6), date(2026, 3, 9)),
        ("12 business hours", datetime(2026, 3, 6, 8, tzinfo=SEOUL), date(2026, 3, 9)),
        ("9 hours", datetime(2026, 3, 6, 14, 59, 59, 999_999, tzinfo=SEOUL), date(2026, 3, 6)),
        ("9 hours", datetime(2026, 3, 6, 15, tzinfo=SEOUL), date(2026, 3, 7)),
        ("9 hours", date(2026, 3, 6), date(2026, 3, 7)),
        ("90 hours", datetime(2026, 3, 6, 7, tzinfo=SEOUL), date(2026, 3, 10)),
    ],
    ids=str,
)
def test_hours_are_counted_from_the_instant_and_of_a_mere_day_from_its_end(within: str, at: date, due: date) -> None:
    (one,) = owed(trigger(within=within), [cry("e", at)], date(2026, 3, 6), working_hours=WorkingHours(["09:00-18:00"]))
    assert one["due_on"] == due


@pytest.mark.parametrize("zone", ["America/New_York", "America/St_Johns", "Pacific/Apia"])
def test_hours_hold_through_changes_of_the_clocks(zone: str) -> None:
    # The clocks of New York and St John's go forward on 8 March 2026 and back on 1 November; an instant every half an hour.
    there = ZoneInfo(zone)
    for start in (datetime(2026, 3, 7, 3, tzinfo=UTC), datetime(2026, 10, 31, 3, tzinfo=UTC)):
        asked = [cry(f"e{n:02}", start + timedelta(minutes=37 * n)) for n in range(90)]
        for within in ("23 hours", "3 business hours"):
            as_of = asked[-1].occurred_at.astimezone(there).date()  # type: ignore[attr-defined]
            hours = WorkingHours(["00:00-02:00", "22:00-24:00"])
            assert len(owed(trigger(within=within), asked, as_of, zone=zone, working_hours=hours)) == 90


def test_of_whom_it_is_not_known_is_listed_once_and_only_with_an_open_event() -> None:
    listed = Fact(id="listed", type="flag", may_be_missing=True)
    one = trigger(when=criterion("listed == True"))
    open_events = [cry("a", DAY), cry("b", DAY)]
    assert owed(one, open_events, facts=[listed]) == []
    assert owed(one, [*open_events, touch("c", DAY)], facts=[listed]) == []
    known = [attrs.evolve(ADA, attributes={"listed": True})]
    assert events(owed(one, open_events, facts=[listed], clients=known)) == ["a", "b"]


def test_triggers_stand_beside_rules_and_go_to_their_roles() -> None:
    rule = CadenceRule(id="call", channel="call", every="1 week")
    found = owed(trigger(role="secretary"), [cry("e", DAY)], cadence=[rule])
    assert [(one["rule_id"], one["staff_id"], one["interval"]) for one in found] == [("answer", "lee", "3 days")]


def test_tables_of_ones_own_may_hold_instants_in_the_column_itself() -> None:
    policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), triggers=[trigger(within="2 hours")])
    night = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
    touchpoints = pl.DataFrame(
        {
            "id": ["e", "f", "c"],
            "client_id": ["ada", "bo", "bo"],
            "occurred_at": [night, night, night + timedelta(minutes=1)],
            "channel": ["call"] * 3,
            "direction": ["incoming", "in", "out"],
        }
    )
    clients = pl.DataFrame({"id": ["ada", "bo"], "owner_id": ["lee", "kim"]})
    given = frames.Frames(clients=clients, touchpoints=touchpoints, zone="Asia/Seoul")
    found = frames.decide(policy, given, as_of=DAY).obligations.collect()
    assert found.select("client_id", "occurrence", "due_on").rows() == [("ada", "e", DAY)]
    with pytest.raises(BookDocumentError, match="touchpoints: id: is not there"):
        frames.decide(policy, attrs.evolve(given, touchpoints=touchpoints.drop("id")), as_of=DAY)
    promised = attrs.evolve(policy, triggers=[trigger(within="agreed")])
    with pytest.raises(BookDocumentError, match="touchpoints: follow_up_at: is not there"):
        frames.decide(promised, given, as_of=DAY)


def test_the_whole_preset_of_a_consulting_department_is_decided() -> None:
    book = demo_book()
    first, second, third = sorted(client.id for client in book.clients)[:3]
    told = [
        touch("x-1", date(2026, 3, 30), client_id=first, direction="incoming", purpose="fault", channel="message"),
        touch("x-2", date(2026, 3, 31), client_id=second, channel="visit", outcome="met", purpose="first visit"),
        touch("x-3", date(2026, 3, 30), client_id=third, outcome="reached", follow_up_at=date(2026, 4, 3)),
    ]
    more = attrs.evolve(book, touchpoints=[*book.touchpoints, *told])
    found = owed_by(rc.preset("consulting"), more, date(2026, 3, 31))
    assert {(one["client_id"], one["rule_id"], one["due_on"]) for one in found} >= {
        (first, "fault", date(2026, 3, 30)),
        (second, "proposal", date(2026, 4, 3)),
        (third, "callback", date(2026, 4, 3)),
    }
