"""What is exported to a calendar, whatever stands in a book."""

import re
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.formats import CalendarEvent, read_icalendar, write_icalendar
from relcare.model import Appointment, Book, Client, Staff
from relcare.testing import books

STAMP = datetime(2026, 3, 31, 8, 30, 15, tzinfo=UTC)
LATER = STAMP + timedelta(days=1)
KINDS = {
    *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE"),
    *("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "STATUS", "TRANSP"),
}
# Everything that means something to a calendar, beside wide characters, joiners and whole lines of its own language.
TEXTS = st.text(alphabet=",;:\\\"'nN=^%한王é😀\u0301 ", min_size=1, max_size=120).filter(str.strip) | st.sampled_from(
    ["BEGIN:VEVENT", "END:VCALENDAR", "\\n", "\\", "a\\,b\\;c", "ATTENDEE;CN=x:mailto:y@z", "王" * 60, "김철수, 이수진; 박"]
)


def export(appointments: tuple[Appointment, ...], book: Book, stamp: datetime = STAMP, previous: str | None = None) -> str:
    return write_icalendar(appointments, book, stamp=stamp, previous=previous)


def one(text: str) -> tuple[Book, Appointment]:
    """An appointment in which the text stands wherever a text may."""
    made = Appointment(
        id="a-1", client_id="c", staff_id="s", on=date(2026, 4, 2), minutes=30, channel=text, purpose=text, place=text
    )
    return Book(clients=[Client(id="c", name=text)], staff=[Staff(id="s", name=text)], appointments=[made]), made


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def by_uid(text: str) -> dict[str, CalendarEvent]:
    return {event.uid: event for event in read_icalendar(text)}


class TestNothingGetsIn:
    """No injection: a name is a name, whatever it looks like, and a line has at most 75 octets."""

    @given(TEXTS)
    @example("x\\nBEGIN:VEVENT")
    @example("\\N")  # what the library takes for a line end
    def test_a_text_comes_back_as_it_was_and_adds_no_line(self, text: str) -> None:
        book, made = one(text)
        written = export((made,), book)
        (event,) = read_icalendar(written)
        assert (event.summary, event.place, event.category) == (f"{text}: {text} ({text})", text, text)
        assert event.description == f"for {text}\n30 minutes"
        values = [line.partition(":")[2] for line in unfolded(written) if re.match("SUMMARY|LOC|CAT|DESC", line)]
        assert not [value for value in values if re.search(r"(?<!\\)(?:\\\\)*[,;]", value)], (
            "every comma and semicolon is escaped"
        )
        assert [re.match("[A-Z]+", line)[0] for line in unfolded(written)] == [  # type: ignore[index]
            *["BEGIN", "VERSION", "PRODID", "CALSCALE", "BEGIN"],
            *["SUMMARY", "DTSTART", "DTSTAMP", "UID", "SEQUENCE", "CATEGORIES", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP"],
            *["END", "END"],
        ]

    @given(books())
    def test_every_line_is_short_whole_and_of_a_kind_that_is_written_here(self, book: Book) -> None:
        text = export(book.appointments, book)
        lines = text.split("\r\n")
        assert lines[-1] == ""
        assert not re.search("[\r\n]", "".join(lines))
        assert all(len(line.encode()) <= 75 for line in lines)
        assert {re.match("[A-Z]+", line)[0] for line in unfolded(text)} <= KINDS  # type: ignore[index]


class TestOneEventForEachAppointment:
    """One VEVENT for each appointment, with a UID that stays; what is gone is cancelled; what changed has a later version."""

    @given(books())
    def test_each_appointment_that_stands_is_one_event_at_its_time(self, book: Book) -> None:
        text = export(book.appointments, book)
        events = read_icalendar(text)
        assert len({event.uid for event in events}) == len(events) == text.count("\r\nBEGIN:VEVENT\r\n")
        standing = [a for a in book.appointments if a.is_standing]
        assert sorted(str(event.start) for event in events if event.status != "CANCELLED") == sorted(
            str(a.on if a.starts_at is None else a.starts_at.astimezone(UTC).replace(microsecond=0)) for a in standing
        )
        for event in events:
            if event.end is not None:
                assert isinstance(event.start, datetime)
                assert timedelta() < event.end - event.start <= timedelta(days=1)

    @given(books(), st.randoms(use_true_random=False))
    def test_the_order_in_which_appointments_come_does_not_matter(self, book: Book, chance: Random) -> None:
        shuffled = list(book.appointments)
        chance.shuffle(shuffled)
        assert export(tuple(shuffled), book) == export(book.appointments, book)

    @given(books())
    def test_exporting_again_without_a_change_gives_the_same_text(self, book: Book) -> None:
        text = export(book.appointments, book)
        assert export(book.appointments, book, LATER, text) == text

    @given(books(), st.integers(0, 3))
    def test_what_is_gone_is_cancelled_once_and_what_comes_back_is_later_still(self, book: Book, gone: int) -> None:
        first = export(book.appointments, book)
        fewer = tuple(a for n, a in enumerate(book.appointments) if n != gone)
        second = export(fewer, book, LATER, first)
        before, after = by_uid(first), by_uid(second)
        left = by_uid(export(fewer, book))
        assert set(after) == set(before)
        for uid, event in after.items():
            if uid in left:
                continue
            was = before[uid]
            assert event.status == "CANCELLED"
            assert event.sequence == was.sequence + (was.status != "CANCELLED")
            assert attrs.evolve(event, status=was.status, sequence=was.sequence, stamped_at=was.stamped_at) == was
        assert export(fewer, book, LATER + timedelta(days=1), second) == second
        back = by_uid(export(book.appointments, book, LATER, second))
        for uid, event in back.items():
            assert event.status == before[uid].status
            assert event.sequence >= after[uid].sequence
            assert (event.sequence > after[uid].sequence) is (event != after[uid])

    @given(books(), st.integers(0, 3), TEXTS)
    def test_what_changed_has_a_later_version_and_the_rest_keeps_its_own(self, book: Book, place: int, text: str) -> None:
        first = export(book.appointments, book)
        changed = tuple(attrs.evolve(a, place=text) if n == place else a for n, a in enumerate(book.appointments))
        before, after = by_uid(first), by_uid(export(changed, book, LATER, first))
        assert set(after) == set(before)
        for uid, event in after.items():
            same = attrs.evolve(event, sequence=0, stamped_at=STAMP) == attrs.evolve(before[uid], sequence=0, stamped_at=STAMP)
            assert event.sequence == before[uid].sequence + (not same)
            assert event.stamped_at == (STAMP if same else LATER)

    @given(books())
    def test_events_before_the_day_that_an_export_speaks_for_stay_as_they_were(self, book: Book) -> None:
        text = export(book.appointments, book)
        assert write_icalendar((), book, stamp=LATER, previous=text, from_on=date(2199, 12, 31)).count("VEVENT") == text.count(
            "VEVENT"
        )
        zone = ZoneInfo(book.zone)
        for event in read_icalendar(text):
            start = event.start.astimezone(zone).date() if isinstance(event.start, datetime) else event.start
            on_the_day = by_uid(write_icalendar((), book, stamp=LATER, previous=text, from_on=start))
            assert on_the_day[event.uid].status == "CANCELLED"
            if event.status != "CANCELLED" and start < date(2199, 12, 31):
                next_day = start + timedelta(days=1)
                kept = by_uid(write_icalendar((), book, stamp=LATER, previous=text, from_on=next_day))
                assert kept[event.uid] == event
