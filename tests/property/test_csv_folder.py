from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import attrs
import pendulum
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.errors import BookDocumentError
from relcare.formats import read_book, write_book
from relcare.model import AttributeChange, AttributeValue, Book, Client, Money, Purchase, Touchpoint
from relcare.testing import books

HEAD = b'format = 1\nzone = "America/New_York"\ncurrency = "CNY"\n'
FILES: Mapping[str, bytes] = {
    "absences.csv": b"staff_id,start_on,end_on,deputy_id\nlee,2026-08-03,2026-08-24,han\nlee,2026-09-01,,\n",
    "appointments.csv": b"appointment_id,client_id,staff_id,on,starts_at,minutes,channel,state,sequence\n"
    b"a-1,c-1,lee,2026-03-08,2026-03-08T03:30,30,visit,confirmed,1\na-2,c-2,lee,2026-03-09,,,call,,\n",
    "attributes.csv": b"client_id,name,value,effective_on,recorded_at\nc-1,likelihood,low,2026-02-01,\n",
    "clients.csv": b'client_id,name,stage,likelihood\nc-1,Kim,open,high\nc-2,"Lee, Co",,\nc-3,\xec\x9d\xb4,visitor,\n',
    "consents.csv": b"consent_id,client_id,person_id,kind,start_on,night\nn-1,c-1,p-1,given,2026-03-20,true\n"
    b"n-2,c-2,,refused,2026-03-21,\n",
    "owner_spells.csv": b"client_id,owner_id,start_on,end_on,note\nc-1,lee,2026-01-01,2026-02-01,\nc-1,,2026-02-01,,moved\n",
    "people.csv": b"person_id,client_id,name,birthday\np-1,c-1,Park,--02-29\np-2,c-2,Han,1980-01-31\n",
    "purchases.csv": b"purchase_id,client_id,purchased_on,amount,returns_purchase_id\n"
    b"b-1,c-1,2026-03-20,12000.50,\nb-2,c-1,2026-03-21,5,b-1\n",
    "staff.csv": b"staff_id,name,head_id\nlee,Lee,han\n",
    "tiers.csv": b"client_id,scheme_id,tier,start_on,end_on\nc-1,abc,A,2026-01-01,2026-02-01\nc-1,abc,B,2026-02-01,\n",
    "touchpoints.csv": b'touchpoint_id,client_id,occurred_at,channel,note,voids_id\nt-1,c-1,2026-03-20 14:30,call,"a ""b""\nc",\n'
    b"t-2,c-1,2026-03-21T10:00:00-05:00,void,,t-1\n",
}
PIECES = (
    b",",
    b'"',
    b'""',
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xb1\xe8",
    b"|",
    b";",
    b"-",
    b"9" * 40,
    b"c-1",
)


def as_text(value: AttributeValue) -> str | None:
    """What a cell says of an attribute, written anew."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset):
        return "|".join(sorted(value)) if value else "|"
    if isinstance(value, Decimal):
        return format(value, "f")
    return None if value is None else str(value)


def in_zone(moment: date | None, zone: str) -> date | None:
    return moment.in_timezone(zone) if isinstance(moment, pendulum.DateTime) else moment


def as_read(book: Book) -> Book:
    """The book as the format can carry it: attributes as text, instants in the zone of the book."""

    def client(one: Client) -> Client:
        changes = tuple(
            AttributeChange(
                name=c.name, value=as_text(c.value), effective_on=c.effective_on, recorded_at=in_zone(c.recorded_at, book.zone)
            )
            for c in one.attribute_changes
        )
        texts = {name: text for name, value in one.attributes.items() if (text := as_text(value)) is not None}
        return attrs.evolve(one, attributes=texts, attribute_changes=changes)

    def touchpoint(one: Touchpoint) -> Touchpoint:
        occurred_at = in_zone(one.occurred_at, book.zone) or one.occurred_at
        follow_up_at, recorded_at = (in_zone(moment, book.zone) for moment in (one.follow_up_at, one.recorded_at))
        return attrs.evolve(one, occurred_at=occurred_at, follow_up_at=follow_up_at, recorded_at=recorded_at)

    return attrs.evolve(
        book,
        clients=tuple(client(one) for one in book.clients),
        purchases=tuple(attrs.evolve(one, recorded_at=in_zone(one.recorded_at, book.zone)) for one in book.purchases),
        touchpoints=tuple(touchpoint(one) for one in book.touchpoints),
        consents=tuple(attrs.evolve(one, recorded_at=in_zone(one.recorded_at, book.zone)) for one in book.consents),
        appointments=tuple(
            attrs.evolve(one, starts_at=cast("datetime | None", in_zone(one.starts_at, book.zone))) for one in book.appointments
        ),
    )


def through_a_folder(book: Book) -> Book:
    with TemporaryDirectory() as folder:
        write_book(book, folder)
        return read_book(folder)


def instants(book: Book) -> list[tuple[float, str | None]]:
    """The instants themselves: datetimes in one zone compare equal though their folds differ."""
    moments = [moment for touch in book.touchpoints for moment in (touch.occurred_at, touch.follow_up_at, touch.recorded_at)]
    starts = [one.starts_at for one in book.appointments]
    return [(m.timestamp(), getattr(m, "timezone_name", None)) for m in (*moments, *starts) if isinstance(m, datetime)]


def kim(zone: str, *moments: datetime) -> Book:
    return Book(
        clients=[Client(id="c", name="김")],
        touchpoints=[
            Touchpoint(id=f"t-{n}", client_id="c", occurred_at=moment, channel="call", note="a\r")
            for n, moment in enumerate(moments)
        ],
        zone=zone,
    )


class TestRoundTrip:
    """TIM-2, TIM-7 and FCT-3: what a folder carries.

    TIM-2: The book has one IANA zone (`book.toml`: format, zone, currency). CSV local times are read in the book's zone; a
    touchpoint may carry a date only.

    TIM-7: Two times: when it happened and when it was recorded. A correction or deletion is an entry that voids another
    (`voids_id`). Attributes change by dated entries.

    FCT-3: A return has a positive amount and names its purchase. A credit names no purchase (in CSV a negative amount).
    """

    @given(books())
    @example(
        kim(
            "America/New_York",
            pendulum.datetime(2026, 11, 1, 1, 30, tz="America/New_York", fold=0),
            pendulum.datetime(2026, 11, 1, 1, 30, tz="America/New_York", fold=1),
        )
    )
    @example(kim("Asia/Seoul", pendulum.datetime(1900, 1, 1, 0, 0, 30, 5, tz="Asia/Seoul")))
    @example(
        Book(
            clients=[Client(id="c", name="C")],
            purchases=[Purchase(id="p", client_id="c", purchased_on=date(2024, 2, 29), amount=Money(Decimal("-1E+18"), "CNY"))],
        )
    )
    def test_a_written_book_is_read_as_the_same_book(self, book: Book) -> None:
        expected = as_read(book)
        found = through_a_folder(book)
        assert found == expected
        assert instants(found) == instants(expected)

    @given(books(max_clients=2))
    def test_what_was_read_is_written_and_read_again_unchanged(self, book: Book) -> None:
        once = through_a_folder(book)
        assert through_a_folder(once) == once


mutations = st.lists(
    st.tuples(
        st.sampled_from(sorted(FILES)),
        st.integers(0, 200),
        st.integers(0, 12),
        st.sampled_from(PIECES) | st.binary(max_size=4) | st.text(max_size=4).map(str.encode),
    ),
    min_size=1,
    max_size=4,
)


class TestAnyBytes:
    """Whatever the files hold, there is a book or a `BookDocumentError`, and every problem has a place that exists."""

    def read(self, files: Mapping[str, bytes]) -> None:
        with TemporaryDirectory() as name:
            folder = Path(name)
            for file, raw in files.items():
                (folder / file).write_bytes(raw)
            try:
                read_book(folder)
            except BookDocumentError as fault:
                for problem in fault.problems:
                    raw = files.get(Path(problem.file).name, b"")
                    if problem.file.endswith(".csv") and not problem.message.startswith("not UTF-8"):
                        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # a lone carriage return ends a line here
                    line = "" if problem.line is None else raw.split(b"\n")[problem.line - 1].decode(errors="replace")
                    assert problem.column is None or 1 <= problem.column <= len(line) + 1
                    assert len(str(problem)) < 500

    @given(mutations)
    def test_changed_bytes_give_a_book_or_a_list_of_problems(self, changes: list[tuple[str, int, int, bytes]]) -> None:
        files = {"book.toml": HEAD, **FILES}
        for file, at, length, piece in changes:
            raw = files[file]
            start = at % (len(raw) + 1)
            files[file] = raw[:start] + piece + raw[start + length :]
        self.read(files)

    @given(st.sampled_from(["book.toml", *FILES]), st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
    def test_any_bytes_in_one_file_give_a_book_or_a_list_of_problems(self, file: str, raw: bytes) -> None:
        self.read({"book.toml": HEAD, **FILES, file: raw})
