"""Books as files: a folder of UTF-8 CSV files with a `book.toml`, read with every mistake at its place, and written.

Appointments as iCalendar (extra `ical`).
"""

from relcare.formats._calendar_events import CalendarEvent, EventStatus
from relcare.formats._icalendar import read_icalendar, write_icalendar
from relcare.formats._reading import Progress, is_book_folder, read_book
from relcare.formats._review_reading import read_reviews
from relcare.formats._writing import write_book

__all__ = [
    "CalendarEvent",
    "EventStatus",
    "Progress",
    "is_book_folder",
    "read_book",
    "read_icalendar",
    "read_reviews",
    "write_book",
    "write_icalendar",
]
