"""What was known when (TIM-7)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from relcare.cadence import CadenceRule
from relcare.decisions import Policy
from relcare.errors import InvalidValueError
from relcare.model import AttributeChange, Book, Client, Consent, Money, Purchase, Touchpoint, as_known

CLIENT = Client(id="c", name="C", client_since_on=date(2026, 1, 1))
WEEKLY = Policy(
    id="p",
    version="1",
    effective_from=date(2026, 1, 1),
    cadence=[CadenceRule(id="call", channel="call", every="1 week", roll="none")],
)


def touch(touch_id: str, on: date, recorded: date | None = None, **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": touch_id, "client_id": "c", "occurred_at": on, "recorded_at": recorded, "channel": "call"}
    return Touchpoint(**(given | more))


def ids(book: Book, known_on: date) -> list[str]:
    return [entry.id for entry in as_known(book, known_on).touchpoints]


def test_a_back_dated_visit_was_not_known_before_it_was_entered() -> None:
    # monica PR 6586: the event date decides what is owed, the entry date what anybody could know.
    book = Book(clients=[CLIENT], touchpoints=[touch("late", date(2026, 3, 2), date(2026, 3, 12))])
    day = date(2026, 3, 10)
    (then,) = WEEKLY.decide(book, as_of=day, known_on=day).obligations
    (now,) = WEEKLY.decide(book, as_of=day).obligations
    assert (str(then.due_on), str(now.due_on)) == ("2026-01-08", "2026-03-09")
    one = WEEKLY.decide_client(CLIENT, touchpoints=book.touchpoints, purchases=(), as_of=day, known_on=day)
    assert list(one.obligations) == [then]


def test_a_deletion_takes_effect_when_it_is_entered() -> None:
    wrong = touch("t-1", date(2026, 3, 2))
    taken_back = touch("v-1", date(2026, 3, 2), date(2026, 3, 9), channel="void", voids_id="t-1")
    book = Book(clients=[CLIENT], touchpoints=[wrong, taken_back])
    assert ids(book, date(2026, 3, 8)) == ["t-1"]
    assert ids(book, date(2026, 3, 9)) == ["t-1", "v-1"]


def test_a_take_back_of_what_was_not_known_yet_was_not_known_either() -> None:
    target = touch("t-1", date(2026, 3, 2), date(2026, 3, 20))
    first = touch("v-1", date(2026, 3, 2), date(2026, 3, 5), channel="void", voids_id="t-1")
    second = touch("v-2", date(2026, 3, 2), date(2026, 3, 6), channel="void", voids_id="v-1")
    assert ids(Book(clients=[CLIENT], touchpoints=[target, first, second]), date(2026, 3, 10)) == []


def test_a_day_includes_its_instants_in_the_zone_of_the_book_and_an_instant_itself() -> None:
    at = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 00:30 on the 3rd in Seoul
    book = Book(clients=[CLIENT], touchpoints=[touch("t", date(2026, 3, 1), at)], zone="Asia/Seoul")
    assert ids(book, date(2026, 3, 2)) == []
    assert ids(book, date(2026, 3, 3)) == ["t"]
    assert ids(book, at) == ["t"]
    assert ids(book, datetime(2026, 3, 2, 15, 29, tzinfo=UTC)) == []


def test_purchases_returns_attributes_and_consents_follow_the_same_rule() -> None:
    changed = AttributeChange(name="size", value=3, effective_on=date(2026, 2, 1), recorded_at=date(2026, 4, 1))
    client = Client(id="c", name="C", attributes={"size": 1}, attribute_changes=[changed])
    paid = Money("5", "CNY")
    bought = Purchase(id="b", client_id="c", purchased_on=date(2026, 2, 1), amount=paid, recorded_at=date(2026, 3, 1))
    back = Purchase(id="r", client_id="c", purchased_on=date(2026, 2, 2), amount=paid, returns_purchase_id="b")
    refused = Consent(id="k", client_id="c", kind="refused", start_on=date(2026, 2, 1), recorded_at=date(2026, 3, 1))
    book = Book(clients=[client], purchases=[bought, back], consents=[refused])
    then, later = as_known(book, date(2026, 2, 28)), as_known(book, date(2026, 4, 1))
    assert (then.purchases, then.consents, then.clients[0].attribute_changes) == ((), (), ())
    assert later == book


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="known_on"):
        as_known(Book(clients=[CLIENT]), datetime(2026, 3, 1, 9))
