import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.errors import InvalidValueError, MissingExtraError
from relcare.formats import read_icalendar, write_icalendar
from relcare.model import Appointment, Book, Client, ContactPerson, Staff

SEOUL = ZoneInfo("Asia/Seoul")
STAMP = datetime(2026, 3, 31, 9, tzinfo=SEOUL)
BOOK = Book(
    clients=[Client(id="c-1", name="김철수"), Client(id="c-2", name="Ahn, Bo & Söhne; Korea")],
    people=[ContactPerson(id="p-1", client_id="c-1", name="박민준")],
    staff=[Staff(id="lee", name="이수진")],
    zone="Asia/Seoul",
)
VISIT = Appointment(
    id="a-1",
    client_id="c-1",
    staff_id="lee",
    on=date(2026, 4, 2),
    starts_at=datetime(2026, 4, 2, 14, 30, tzinfo=SEOUL),
    minutes=60,
    channel="visit",
    purpose="yearly review",
    person_id="p-1",
    obligation_key="c-1/visits/first",
    state="confirmed",
    place="Mapo-daero 8, Seoul",
)
CALL = Appointment(id="a-2", client_id="c-2", staff_id="wu", on=date(2026, 4, 3), minutes=15, channel="call")


def export(*appointments: Appointment, **more: Any) -> str:
    return write_icalendar(appointments, BOOK, **({"stamp": STAMP} | more))


def test_an_appointment_is_written_as_this_text() -> None:
    assert export(VISIT).splitlines() == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//relcare//appointments//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "SUMMARY:visit: 김철수 (이수진)",
        "DTSTART:20260402T053000Z",
        "DTEND:20260402T063000Z",
        "DTSTAMP:20260331T000000Z",
        "UID:be18d0d2-cdfd-5735-94de-f8c6ffa889f1",
        "SEQUENCE:0",
        "CATEGORIES:visit",
        "DESCRIPTION:with 박민준\\nfor yearly review\\n60 minutes",
        "LOCATION:Mapo-daero 8\\, Seoul",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_day_alone_is_an_event_of_that_day_that_keeps_nobody_busy() -> None:
    lines = export(CALL).splitlines()
    assert {"DTSTART;VALUE=DATE:20260403", "TRANSP:TRANSPARENT", "STATUS:TENTATIVE"} <= set(lines)
    assert not [line for line in lines if line.startswith("DTEND")]
    assert "SUMMARY:call: Ahn\\, Bo & Söhne\\; Korea (wu)" in lines, "the id stands where the book has no name"


def test_an_hour_without_a_length_has_no_end() -> None:
    (event,) = read_icalendar(export(attrs.evolve(VISIT, minutes=0)))
    assert (event.start, event.end, event.description) == (
        datetime(2026, 4, 2, 5, 30, tzinfo=UTC),
        None,
        "with 박민준\nfor yearly review",
    )


def test_planning_an_obligation_and_agreeing_on_it_are_the_same_event() -> None:
    planned = attrs.evolve(VISIT, id="plan/c-1/visits/first", state="planned", starts_at=None)
    (before,) = read_icalendar(export(planned))
    (after,) = read_icalendar(export(VISIT, previous=export(planned)))
    assert (before.uid, before.status, before.sequence) == (after.uid, "TENTATIVE", 0)
    assert (after.status, after.sequence) == ("CONFIRMED", 1)
    other, same = (read_icalendar(export(attrs.evolve(CALL, **more)))[0] for more in ({"id": "a-3"}, {"on": date(2026, 5, 1)}))
    assert other.uid != same.uid == read_icalendar(export(CALL))[0].uid


def test_an_obligation_that_was_called_off_and_planned_anew_is_one_event_of_a_later_version() -> None:
    off = attrs.evolve(VISIT, state="cancelled", sequence=5)
    anew = attrs.evolve(VISIT, id="a-9", on=date(2026, 4, 9), starts_at=None)
    (event,) = read_icalendar(export(off, anew))
    assert (event.start, event.status, event.sequence) == (date(2026, 4, 9), "CONFIRMED", 6)
    assert read_icalendar(export(off))[0].status == "CANCELLED"


def test_two_that_stand_for_one_obligation_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"^appointments\[1\].id is 'a-9': must keep another obligation"):
        export(VISIT, attrs.evolve(VISIT, id="a-9"))


def test_what_is_gone_is_cancelled_and_what_is_over_stays() -> None:
    text = export(VISIT, CALL)
    gone = {event.category: event for event in read_icalendar(export(CALL, previous=text))}
    assert (gone["visit"].status, gone["visit"].sequence, gone["call"].status) == ("CANCELLED", 1, "TENTATIVE")
    over = {event.category: event for event in read_icalendar(export(previous=text, from_on=date(2026, 4, 3)))}
    assert (over["visit"].status, over["call"].status) == ("CONFIRMED", "CANCELLED")
    ahead = {event.category: event for event in read_icalendar(export(previous=text, until_on=date(2026, 4, 2)))}
    assert (ahead["visit"].status, ahead["call"].status) == ("CANCELLED", "TENTATIVE")


def test_the_version_of_the_record_counts_where_it_is_the_later_one() -> None:
    text = export(attrs.evolve(VISIT, sequence=2))
    moved = attrs.evolve(VISIT, on=date(2026, 4, 6), starts_at=None, sequence=7)
    assert [event.sequence for event in read_icalendar(export(moved, previous=text))] == [7]
    assert [event.sequence for event in read_icalendar(export(attrs.evolve(moved, sequence=2), previous=text))] == [3]


@pytest.mark.parametrize("stamp", [datetime(2026, 3, 31), date(2026, 3, 31), None, "now"], ids=str)
def test_a_stamp_is_an_aware_instant(stamp: object) -> None:
    with pytest.raises(InvalidValueError, match="stamp"):
        export(VISIT, stamp=stamp)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing of the kind",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//other//EN\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nPRODID:-//relcare//appointments//EN\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nPRODID:-//relcare//appointments//EN\r\nBEGIN:VEVENT\r\nDTSTART:soon\r\n",
    ],
    ids=["empty", "no calendar", "of another program", "of nobody", "a damaged event", "cut off"],
)
def test_a_calendar_of_another_program_is_not_taken_for_an_export(text: str) -> None:
    with pytest.raises(InvalidValueError, match="must be a text that write_icalendar returned"):
        export(VISIT, previous=text)


def test_what_is_no_appointment_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"appointments\[1\]"):
        write_icalendar([VISIT, BOOK], BOOK, stamp=STAMP)  # type: ignore[list-item]


def test_the_library_is_loaded_when_it_is_needed_and_its_absence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys, relcare.formats; print('icalendar' in sys.modules)"
    assert subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout == "False\n"
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingExtraError, match=r"iCalendar needs the extra 'ical'; hint: pip install 'relcare\[ical\]'"):
        export(VISIT)
    with pytest.raises(MissingExtraError):
        read_icalendar("")
