"""Appointments by themselves; how they fit into a book is in `test_book`."""

import pickle
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest

from relcare.errors import InvalidValueError
from relcare.model import APPOINTMENT_STATES, Appointment

DAY = date(2026, 4, 2)
SEOUL = ZoneInfo("Asia/Seoul")


def appointment(**more: Any) -> Appointment:
    given: dict[str, Any] = {"id": "a-1", "client_id": "c-1", "staff_id": "lee", "on": DAY, "channel": "visit"}
    return Appointment(**(given | more))


def test_what_is_not_said_is_open_and_it_is_planned() -> None:
    one = appointment()
    assert (one.starts_at, one.purpose, one.person_id, one.obligation_key, one.place) == (None,) * 5
    assert (one.state, one.minutes, one.sequence) == ("planned", 0, 0)


def test_a_day_and_an_instant_are_converted_as_those_of_a_touchpoint_are() -> None:
    one = appointment(on=pendulum.date(2026, 4, 2), starts_at=datetime(2026, 4, 2, 14, tzinfo=SEOUL))
    assert type(one.on) is date
    assert isinstance(one.starts_at, pendulum.DateTime)
    assert one.starts_at.timezone_name == "Asia/Seoul"


@pytest.mark.parametrize(
    ("state", "is_standing", "is_fixed"), [("planned", True, False), ("confirmed", True, True), ("cancelled", False, False)]
)
def test_planned_and_confirmed_ones_stand_and_confirmed_ones_do_not_move(state: str, is_standing: bool, is_fixed: bool) -> None:
    assert state in APPOINTMENT_STATES
    one = appointment(state=state)
    assert (one.is_standing, one.is_fixed) == (is_standing, is_fixed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("client_id", " c"),
        ("staff_id", None),
        ("on", datetime(2026, 4, 2, tzinfo=UTC)),
        ("on", "2026-04-02"),
        ("on", date(2200, 1, 1)),
        ("starts_at", DAY),
        ("starts_at", datetime(2026, 4, 2, 14)),
        ("starts_at", "14:00"),
        ("minutes", -1),
        ("minutes", 1_441),
        ("minutes", True),
        ("minutes", 30.0),
        ("channel", ""),
        ("purpose", ""),
        ("person_id", "p\n"),
        ("obligation_key", ""),
        ("obligation_key", "c-1/weekly\r\nBEGIN:VEVENT"),
        ("state", "done"),
        ("state", None),
        ("sequence", -1),
        ("sequence", 2**31),
        ("sequence", "1"),
        ("place", "Seoul\nBusan"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        appointment(**{field: value})


@pytest.mark.parametrize(("field", "most"), [("minutes", 1_440), ("sequence", 2**31 - 1)])
def test_the_largest_numbers_are_kept(field: str, most: int) -> None:
    assert getattr(appointment(**{field: most}), field) == most


def test_a_mere_day_is_no_start_and_the_message_says_what_to_do() -> None:
    with pytest.raises(InvalidValueError, match="must be an aware instant; hint: leave it out where only the day is agreed"):
        appointment(starts_at=DAY)


def test_it_is_a_value_that_survives_pickle() -> None:
    one = appointment(starts_at=datetime(2026, 4, 2, 14, tzinfo=SEOUL), state="confirmed")
    assert pickle.loads(pickle.dumps(one)) == one
    assert attrs.evolve(one, sequence=1) != one
