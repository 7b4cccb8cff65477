from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from relcare.errors import InvalidValueError
from relcare.model import Touchpoint


def touch(**more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": "t-1", "client_id": "c-1", "occurred_at": date(2026, 3, 20), "channel": "call"}
    return Touchpoint(**(given | more))


def test_a_civil_date_stays_a_civil_date() -> None:
    assert type(touch().occurred_at) is date
    assert type(touch(occurred_at=pendulum.date(2026, 3, 20)).occurred_at) is date


@pytest.mark.parametrize("zone", ["Asia/Seoul", "UTC", "America/New_York"])
def test_an_aware_instant_keeps_its_zone_by_name(zone: str) -> None:
    at = touch(occurred_at=datetime(2026, 3, 20, 9, tzinfo=ZoneInfo(zone))).occurred_at
    assert isinstance(at, pendulum.DateTime)
    assert at.timezone_name == zone
    assert at == datetime(2026, 3, 20, 9, tzinfo=ZoneInfo(zone))


def test_the_agreed_time_of_the_next_contact_is_a_day_or_an_instant_with_its_zone() -> None:
    assert touch().follow_up_at is None
    assert type(touch(follow_up_at=pendulum.date(2026, 3, 27)).follow_up_at) is date
    at = touch(follow_up_at=datetime(2026, 3, 27, 15, tzinfo=ZoneInfo("Asia/Seoul"))).follow_up_at
    assert isinstance(at, pendulum.DateTime)
    assert at.timezone_name == "Asia/Seoul"


def test_an_offset_without_a_name_stays_an_offset() -> None:
    at = touch(occurred_at=datetime(2026, 3, 20, 9, tzinfo=timezone(timedelta(hours=5, minutes=45)))).occurred_at
    assert isinstance(at, pendulum.DateTime)
    assert at.utcoffset() == timedelta(hours=5, minutes=45)


def test_equal_instants_behave_alike_whatever_fold_they_came_with() -> None:
    seoul = pendulum.timezone("Asia/Seoul")
    one, two = (touch(occurred_at=pendulum.datetime(2026, 3, 20, tz=seoul).replace(fold=fold)).occurred_at for fold in (0, 1))
    assert one == two
    assert isinstance(one, datetime)
    assert isinstance(two, datetime)
    assert one.fold == two.fold


def test_both_readings_of_a_repeated_hour_are_kept_apart() -> None:
    new_york = ZoneInfo("America/New_York")
    one, two = (touch(occurred_at=datetime(2026, 11, 1, 1, 30, tzinfo=new_york, fold=fold)).occurred_at for fold in (0, 1))
    assert isinstance(one, datetime)
    assert isinstance(two, datetime)
    assert two - one == timedelta(hours=1)


@pytest.mark.parametrize("field", ["occurred_at", "follow_up_at", "recorded_at"])
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 20),
        pendulum.naive(2026, 3, 20),
        date(1899, 12, 31),
        date(2200, 1, 1),
        datetime(1899, 12, 31, tzinfo=UTC),
        "2026-03-20",
        1_767_225_600,
        pendulum.DateTime(2026, 3, 20, tzinfo=pendulum.FixedTimezone(24 * 3_600)),
        pendulum.DateTime(2026, 3, 20, tzinfo=pendulum.FixedTimezone(8 * 3_600 + 27 * 60 + 52)),
        pendulum.DateTime(2026, 3, 20, tzinfo=pendulum.FixedTimezone(15 * 3_600)),
        pendulum.DateTime(1, 1, 1, tzinfo=pendulum.FixedTimezone(9 * 3_600)),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-9))),
    ],
    ids=repr,
)
def test_what_is_no_day_and_no_instant_in_a_known_zone_is_refused(field: str, at: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        touch(**{field: at})


@pytest.mark.parametrize(
    ("given", "direction"),
    [("outgoing", "outgoing"), ("out", "outgoing"), ("outbound", "outgoing"), ("in", "incoming"), ("inbound", "incoming")],
)
def test_short_words_for_directions_are_understood(given: str, direction: str) -> None:
    assert touch(direction=given).direction == direction


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("client_id", None),
        ("channel", ""),
        ("channel", None),
        ("direction", "sideways"),
        ("direction", None),
        ("direction", []),
        ("outcome", ""),
        ("purpose", 1),
        ("person_id", " "),
        ("staff_id", "a "),
        ("in_lieu_of", ""),
        ("note", ""),
        ("note", "a\0b"),
        ("voids_id", ""),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        touch(**{field: value})


def test_a_note_may_be_long_and_have_lines_and_stays_out_of_the_repr() -> None:
    note = "첫째 줄\r\n\t둘째 줄" * 3_000
    assert touch(note=note).note == note
    assert "첫째" not in repr(touch(note=note))
    with pytest.raises(InvalidValueError, match=r"^note is"):
        touch(note="n" * 65_537)


def test_no_entry_takes_itself_back() -> None:
    with pytest.raises(InvalidValueError, match=r"^voids_id is 't-1'"):
        touch(voids_id="t-1")


def test_a_deletion_names_what_it_deletes() -> None:
    assert touch(channel="void", voids_id="t-0").voids_id == "t-0"
    with pytest.raises(InvalidValueError, match=r"^voids_id is None"):
        touch(channel="void")
