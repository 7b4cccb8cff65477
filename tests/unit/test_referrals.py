from datetime import date, datetime
from typing import Any

import pytest

from relcare.errors import InvalidValueError, UnknownRecordError
from relcare.model import AttributeChange, AttributeValue, Client
from relcare.relationships import Referred, referrals_around

DAY = date(2026, 3, 31)


def client(client_id: str, referred_by: AttributeValue = None, **more: Any) -> Client:
    attributes = {} if referred_by is None else {"referred_by": referred_by}
    return Client(id=client_id, name=client_id, attributes=attributes, **more)


# a brought b and c; b brought d; e came by c and d; f stands alone.
BOOK = [client("a"), client("b", "a"), client("c", "a"), client("d", "b"), client("e", frozenset({"c", "d"})), client("f")]


def around(client_id: str, **more: Any) -> list[tuple[str, int]]:
    return [(one.client_id, one.steps) for one in referrals_around(BOOK, client_id, as_of=DAY, **more)]


def test_referrals_are_followed_both_ways_the_nearest_first() -> None:
    assert around("a") == [("b", 1), ("c", 1), ("d", 2), ("e", 2)]
    assert around("d") == [("b", 1), ("e", 1), ("a", 2), ("c", 2)]
    assert around("f") == []


def test_the_path_leads_from_the_client_asked_about_by_the_shortest_way() -> None:
    assert referrals_around(BOOK, "a", as_of=DAY)[-1] == Referred("e", ("a", "c", "e"))


def test_steps_may_be_limited() -> None:
    assert around("a", most_steps=1) == [("b", 1), ("c", 1)]
    assert around("a", most_steps=2) == around("a")


def test_the_order_of_the_clients_does_not_matter() -> None:
    assert referrals_around(BOOK[::-1], "a", as_of=DAY) == referrals_around(BOOK, "a", as_of=DAY)


def test_a_circle_the_client_itself_and_unknown_ids_are_walked_over() -> None:
    book = [client("a", "b"), client("b", "a"), client("c", "c"), client("d", "nobody"), client("e", 5)]
    assert [one.client_id for one in referrals_around(book, "a", as_of=DAY)] == ["b"]
    assert referrals_around(book, "c", as_of=DAY) == referrals_around(book, "d", as_of=DAY) == ()


def test_the_attribute_is_named_by_the_caller_and_read_as_of_the_day() -> None:
    change = AttributeChange(name="came_by", value="a", effective_on=date(2026, 4, 1))
    book = [client("a"), client("b", attribute_changes=[change])]
    assert referrals_around(book, "a", as_of=DAY, attribute="came_by") == ()
    assert len(referrals_around(book, "a", as_of=date(2026, 4, 1), attribute="came_by")) == 1
    assert referrals_around(book, "a", as_of=date(2026, 4, 1)) == ()


@pytest.mark.parametrize("steps", [0, -1, True, "1", 1.5])
def test_the_limit_is_a_whole_number_from_1(steps: Any) -> None:
    with pytest.raises(InvalidValueError, match="most_steps"):
        around("a", most_steps=steps)


def test_the_day_is_a_civil_date_and_the_attribute_a_name() -> None:
    with pytest.raises(InvalidValueError, match="as_of"):
        referrals_around(BOOK, "a", as_of=datetime(2026, 3, 31))
    with pytest.raises(InvalidValueError, match="attribute"):
        around("a", attribute="")


def test_an_unknown_client_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UnknownRecordError):
        around("z")
