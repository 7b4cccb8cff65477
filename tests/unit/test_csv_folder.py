from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pendulum
import pytest

from relcare.errors import BookDocumentError, InvalidValueError, StorageError
from relcare.formats import is_book_folder, read_book, write_book
from relcare.model import (
    Absence,
    Appointment,
    AttributeChange,
    AttributeValue,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    Money,
    OwnerSpell,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)

HEAD = 'format = 1\nzone = "Asia/Seoul"\ncurrency = "KRW"\n'
CLIENTS = "client_id,name\nc-1,Kim\nc-2,李\n"
Write = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def files(texts: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "book"
        folder.mkdir()
        for name, text in {"book.toml": HEAD, "clients.csv": CLIENTS, **texts}.items():
            if text:
                (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return folder

    return files


def problems(folder: Path) -> list[str]:
    with pytest.raises(BookDocumentError) as caught:
        read_book(folder)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def only(folder: Path) -> str:
    (problem,) = problems(folder)
    return problem


def touchpoints(occurred_at: str) -> dict[str, str | bytes]:
    return {"touchpoints.csv": f"touchpoint_id,client_id,occurred_at,channel\nt-1,c-1,{occurred_at},call\n"}


# ------------------------------------------------------------------------------------------------------------------ what is read


def test_a_folder_with_all_its_files_becomes_a_book(write: Write) -> None:
    folder = write(
        {
            "clients.csv": "client_id,name,relationship_types,owner_id,region,stage,client_since_on,zone,likelihood\n"
            "c-1,김철수,partner|end_customer,lee,서울,open,2025-01-31,Asia/Tokyo,high\nc-2,李,,,,,,,\n",
            "people.csv": "person_id,client_id,name,role,rank,phone,email,birthday\np-1,c-1,Park,principal,bureau,,,--02-29\n",
            "touchpoints.csv": "touchpoint_id,client_id,occurred_at,channel,direction,outcome,purpose,person_id,staff_id,"
            "in_lieu_of,note,follow_up_at,recorded_at,voids_id\n"
            't-1,c-1,2026-03-20,call,in,reached,greeting,p-1,lee,visit,"a ""b""\r\nc",2026-03-27,2026-03-21,\n'
            "t-2,c-1,2026-03-22,void,,,,,,,,,,t-1\n",
            "purchases.csv": "purchase_id,client_id,purchased_on,amount,currency,category,returns_purchase_id,recorded_at\n"
            "b-1,c-1,2026-03-20,12000.50,KRW,high-end,,\nb-2,c-1,2026-03-21,100,,,b-1,2026-03-22\nb-3,c-2,2026-03-21,-5,,,,\n",
            "staff.csv": "staff_id,name,role,head_id,birthday\nlee,Lee,secretary,han,1980-02-29\n",
            "tiers.csv": "client_id,scheme_id,tier,start_on,end_on\nc-1,abc,A,2026-01-01,2026-02-01\nc-1,abc,B,2026-02-01,\n",
            "attributes.csv": "client_id,name,value,effective_on,recorded_at\nc-1,likelihood,low,2026-02-01,\n"
            "c-1,likelihood,,2026-03-01,2026-03-02\n",
            "consents.csv": "consent_id,client_id,person_id,channel,purpose,kind,start_on,end_on,night,source,recorded_at\n"
            "n-1,c-1,p-1,message,advertising,given,2026-01-01,2028-01-01,true,form 7,2026-01-02\n"
            "n-2,c-2,,,,refused,2026-02-01,,,,\nn-3,c-2,,call,,given,2026-03-01,,false,,\n",
            "owner_spells.csv": "client_id,owner_id,start_on,end_on,note\nc-1,han,2025-01-31,2026-01-01,편지\n"
            "c-2,,2026-01-01,,\n",
            "absences.csv": "staff_id,start_on,end_on,deputy_id,reason\nlee,2026-08-03,2026-08-24,han,leave\nhan,2026-09-01,,,\n",
            "appointments.csv": "appointment_id,client_id,staff_id,on,starts_at,minutes,channel,purpose,person_id,obligation_key,"
            "state,sequence,place\n"
            "a-1,c-1,lee,2026-04-02,2026-04-02 14:30,60,visit,review,p-1,c-1/visits/first,confirmed,3,서울\n"
            "a-2,c-2,lee,2026-04-03,,,call,,,,,,\n",
        }
    )
    kim = Client(
        id="c-1",
        name="김철수",
        relationship_types={"partner", "end_customer"},
        owner_id="lee",
        region="서울",
        stage="open",
        client_since_on=date(2025, 1, 31),
        zone="Asia/Tokyo",
        attributes={"likelihood": "high"},
        attribute_changes=(
            AttributeChange(name="likelihood", value="low", effective_on=date(2026, 2, 1)),
            AttributeChange(name="likelihood", value=None, effective_on=date(2026, 3, 1), recorded_at=date(2026, 3, 2)),
        ),
    )
    call = Touchpoint(
        id="t-1",
        client_id="c-1",
        occurred_at=date(2026, 3, 20),
        channel="call",
        direction="incoming",
        outcome="reached",
        purpose="greeting",
        person_id="p-1",
        staff_id="lee",
        in_lieu_of="visit",
        note='a "b"\r\nc',
        follow_up_at=date(2026, 3, 27),
        recorded_at=date(2026, 3, 21),
    )
    bought = Purchase(
        id="b-1", client_id="c-1", purchased_on=date(2026, 3, 20), amount=Money("12000.50", "KRW"), category="high-end"
    )
    returned = Purchase(
        id="b-2",
        client_id="c-1",
        purchased_on=date(2026, 3, 21),
        amount=Money(100, "KRW"),
        returns_purchase_id="b-1",
        recorded_at=date(2026, 3, 22),
    )
    assert read_book(folder) == Book(
        clients=(kim, Client(id="c-2", name="李")),
        people=(
            ContactPerson(
                id="p-1", client_id="c-1", name="Park", role="principal", rank="bureau", birthday=Birthday(month=2, day=29)
            ),
        ),
        touchpoints=(
            call,
            Touchpoint(id="t-2", client_id="c-1", occurred_at=date(2026, 3, 22), channel="void", voids_id="t-1"),
        ),
        purchases=(
            bought,
            returned,
            Purchase(id="b-3", client_id="c-2", purchased_on=date(2026, 3, 21), amount=Money(-5, "KRW")),
        ),
        staff=(Staff(id="lee", name="Lee", role="secretary", head_id="han", birthday=Birthday(year=1980, month=2, day=29)),),
        tier_spells=(
            TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=date(2026, 1, 1), end_on=date(2026, 2, 1)),
            TierSpell(client_id="c-1", scheme_id="abc", tier="B", start_on=date(2026, 2, 1)),
        ),
        consents=(
            Consent(
                id="n-1",
                client_id="c-1",
                person_id="p-1",
                channel="message",
                purpose="advertising",
                kind="given",
                start_on=date(2026, 1, 1),
                end_on=date(2028, 1, 1),
                night=True,
                source="form 7",
                recorded_at=date(2026, 1, 2),
            ),
            Consent(id="n-2", client_id="c-2", kind="refused", start_on=date(2026, 2, 1)),
            Consent(id="n-3", client_id="c-2", kind="given", channel="call", start_on=date(2026, 3, 1)),
        ),
        owner_spells=(
            OwnerSpell(client_id="c-1", owner_id="han", start_on=date(2025, 1, 31), end_on=date(2026, 1, 1), note="편지"),
            OwnerSpell(client_id="c-2", owner_id=None, start_on=date(2026, 1, 1)),
        ),
        absences=(
            Absence(staff_id="lee", start_on=date(2026, 8, 3), end_on=date(2026, 8, 24), deputy_id="han", reason="leave"),
            Absence(staff_id="han", start_on=date(2026, 9, 1)),
        ),
        appointments=(
            Appointment(
                id="a-1",
                client_id="c-1",
                staff_id="lee",
                on=date(2026, 4, 2),
                starts_at=datetime(2026, 4, 2, 14, 30, tzinfo=ZoneInfo("Asia/Seoul")),
                minutes=60,
                channel="visit",
                purpose="review",
                person_id="p-1",
                obligation_key="c-1/visits/first",
                state="confirmed",
                sequence=3,
                place="서울",
            ),
            Appointment(id="a-2", client_id="c-2", staff_id="lee", on=date(2026, 4, 3), channel="call"),
        ),
        zone="Asia/Seoul",
        currency="KRW",
    )


def test_book_toml_alone_is_an_empty_book(write: Write) -> None:
    assert read_book(write({"book.toml": 'format = 1\nzone = "UTC"', "clients.csv": ""})) == Book(zone="UTC")


def test_columns_stand_in_any_order_and_a_byte_order_mark_and_windows_line_ends_are_understood(write: Write) -> None:
    book = read_book(write({"clients.csv": "\ufeffname,client_id\r\nKim,c-1\r\n"}))
    assert book.clients == (Client(id="c-1", name="Kim"),)


def test_blank_lines_and_rows_without_anything_in_them_are_passed_over(write: Write) -> None:
    book = read_book(write({"clients.csv": "\n\nclient_id,name\n\nc-1,Kim\n,\n   \n,,,,\n\n"}))
    assert book.clients == (Client(id="c-1", name="Kim"),)


def test_cells_are_taken_exactly_as_they_are_written(write: Write) -> None:
    book = read_book(write({"clients.csv": "client_id,name,region,code\nc-1, Kim ,=1+1,\u200b007\n"}))
    assert book.clients == (Client(id="c-1", name=" Kim ", region="=1+1", attributes={"code": "\u200b007"}),)


def test_a_further_column_of_clients_is_an_attribute_and_an_empty_cell_says_nothing(write: Write) -> None:
    book = read_book(write({"clients.csv": "client_id,name,등급,likelihood\nc-1,Kim,,high\n"}))
    assert dict(book.clients[0].attributes) == {"likelihood": "high"}


def test_whatever_is_no_csv_file_and_hidden_files_are_left_alone(write: Write) -> None:
    assert len(read_book(write({"notes.txt": "x", "._clients.csv": "x", "~lock.csv": "x"})).clients) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-20T14:30", "2026-03-20T14:30:00+09:00"),
        ("2026-03-20 14:30:05", "2026-03-20T14:30:05+09:00"),
        ("2026-03-20T14:30:05.25", "2026-03-20T14:30:05.250000+09:00"),
        ("2026-03-20T14:30Z", "2026-03-20T23:30:00+09:00"),
        ("2026-03-20 14:30:00 +02:00", "2026-03-20T21:30:00+09:00"),
        ("2026-03-20T14:30-0930", "2026-03-21T09:00:00+09:00"),
        ("2026-03-20 14:30:00+09", "2026-03-20T14:30:00+09:00"),
    ],
)
def test_an_instant_is_local_in_the_zone_of_the_book_or_has_an_offset(write: Write, text: str, expected: str) -> None:
    moment = read_book(write(touchpoints(text))).touchpoints[0].occurred_at
    assert isinstance(moment, pendulum.DateTime)
    assert (moment.isoformat(), moment.timezone_name) == (expected, "Asia/Seoul")


def test_a_day_stays_a_day(write: Write) -> None:
    assert type(read_book(write(touchpoints("2026-03-20"))).touchpoints[0].occurred_at) is date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-01T01:30", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T01:30-05:00", "2026-11-01T01:30:00-05:00"),
        ("2026-03-08T02:30-05:00", "2026-03-08T03:30:00-04:00"),
    ],
)
def test_of_a_time_that_the_clocks_show_twice_it_is_the_first_unless_the_offset_is_given(
    write: Write, text: str, expected: str
) -> None:
    moment = (
        read_book(write({"book.toml": 'format = 1\nzone = "America/New_York"', **touchpoints(text)})).touchpoints[0].occurred_at
    )
    assert moment.isoformat() == expected


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("America/New_York", "2026-03-08T02:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15"),
        ("America/Sao_Paulo", "2018-11-04 00:00:00"),
        ("Pacific/Apia", "2011-12-30T12:00"),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(write: Write, zone: str, text: str) -> None:
    found = only(write({"book.toml": f'format = 1\nzone = "{zone}"', **touchpoints(text)}))
    assert found.startswith(
        f"touchpoints.csv:2:9: occurred_at: '{text}' must be a time that the clocks in {zone} show: they skip"
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("now", "must be a date as 2026-03-20"),
        ("20260320", "must be a date as 2026-03-20"),
        ("2026-W53-7", "must be a date as 2026-03-20"),
        ("2026-02-30", "must be a day that exists"),
        ("1899-12-31", "must be from 1900-01-01 to 2199-12-31"),
        ("２０２６-03-20", "must be a date as 2026-03-20"),
        ("2026-02-30T10:00", "must be a time on a day that exists"),
        ("0001-01-01T00:00+14:00", "must be a time on a day that exists"),
        ("1899-12-31T23:00", "must be from 1900-01-01 to 2199-12-31"),
        ("2026-03-20T24:00", "must be a date or a time as 2026-03-20T14:30"),
        ("2026-03-20T23:59:60", "must be a date or a time as 2026-03-20T14:30"),
        ("2026-03-20T10:00+24:00", "must be a date or a time as 2026-03-20T14:30"),
        ("2026-03-20T10:00+14:01", "must have an offset of at most 14 hours"),
        ("2026-01-01/P1M", "must be a date or a time as 2026-03-20T14:30"),
        (" 2026-03-20", "must be a date or a time as 2026-03-20T14:30"),
    ],
)
def test_what_is_neither_a_day_nor_a_time_is_refused(write: Write, text: str, rule: str) -> None:
    assert only(write(touchpoints(text))).startswith(f"touchpoints.csv:2:9: occurred_at: '{text}' {rule}")


def test_progress_hears_of_every_file_from_its_start_to_its_end(write: Write) -> None:
    rows = "".join(f"b-{n},c-1,2026-03-20,1\n" for n in range(12_000))
    told: list[tuple[str, int, int]] = []
    read_book(
        write({"purchases.csv": f"purchase_id,client_id,purchased_on,amount\n{rows}"}),
        progress=lambda file, done, total: told.append((file, done, total)),
    )
    assert told == [
        ("clients.csv", 1, 3),
        ("clients.csv", 3, 3),
        ("purchases.csv", 1, 12_001),
        ("purchases.csv", 5_001, 12_001),
        ("purchases.csv", 10_001, 12_001),
        ("purchases.csv", 12_001, 12_001),
    ]


# --------------------------------------------------------------------------------------------------------------- what is refused


def test_a_folder_with_eight_mistakes_gives_eight_problems_with_their_places(write: Write) -> None:
    folder = write(
        {
            "book.toml": 'format = 1\nzone = "Asia/Soul"\ncurrency = "KRW"\n',
            "clients.csv": "client_id,name,stage\nc-1,Kim,opn\nc-2,Lee,open\nc-2,Lee,open\n",
            "people.csv": "person_id,client_id,name,birthday\np-1,c-7,Park,\n",
            "purchases.csv": 'purchase_id,client_id,purchased_on,amount\nb-1,c-1,2026-03-20,"1,000"\nb-2,c-2,2026-03-20\n',
            "staff.csv": "staff_id,nmae\nlee,Lee\n",
            "touchpoints.csv": 'touchpoint_id,client_id,occurred_at,channel,note\nt-1,c-1,2026-03-20,call,"two\nlines"\n'
            "t-2,c-2,20 March,call,\n",
        }
    )
    assert problems(folder) == [
        "book.toml:2:8: zone: 'Asia/Soul' must be an IANA zone name such as 'Asia/Seoul'; hint: did you mean 'Asia/Seoul'?",
        "clients.csv:2:9: stage: 'opn' must be one of 'visitor', 'open', 'closed', 'dormant'; hint: did you mean 'open'?",
        "clients.csv:4:1: client_id: 'c-2' must be unique, and stands in line 3 already",
        "people.csv:2:5: client_id: 'c-7' must name a client of the book; hint: did you mean 'c-2'?",
        "purchases.csv:2:20: amount: '1,000' must be a finite decimal number of at most 28 digits, 12 of them after the point",
        "purchases.csv:3: the row has 3 cells, and the header 4; hint: an empty cell needs its comma too",
        "staff.csv:1:10: nmae: staff.csv has no such column; hint: did you mean 'name'?",
        "touchpoints.csv:4:9: occurred_at: '20 March' must be a date as 2026-03-20",
    ]


def test_every_wrong_cell_of_a_row_is_reported(write: Write) -> None:
    head = "purchase_id,client_id,purchased_on,amount,currency,returns_purchase_id,recorded_at\n"
    assert problems(write({"purchases.csv": f'{head}," c-1","2026-3-1",1e5,krw,,today\n'})) == [
        "purchases.csv:2:1: purchase_id: must not be empty",
        "purchases.csv:2:2: client_id: ' c-1' must be 1 to 200 visible characters without blanks at its ends",
        "purchases.csv:2:9: purchased_on: '2026-3-1' must be a date as 2026-03-20",
        "purchases.csv:2:20: amount: '1e5' must be a finite decimal number of at most 28 digits, 12 of them after the point",
        "purchases.csv:2:24: currency: 'krw' must be the currency of the book, KRW",
        "purchases.csv:2:29: recorded_at: 'today' must be a date as 2026-03-20",
    ]


def test_a_missing_book_toml_is_a_problem_that_shows_the_three_lines_to_write(write: Write) -> None:
    folder = write({"book.toml": "", "purchases.csv": "purchase_id,client_id,purchased_on,amount\nb-1,c-1,2026-03-20,1\n"})
    assert only(folder) == (
        "book.toml: is missing: a book needs its format and its zone; hint: write three lines into it:\n"
        'format = 1\nzone = "Asia/Seoul"\ncurrency = "KRW"'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zone = 'UTC'", ["book.toml:1:1: format: the key is missing; hint: write format = 1"]),
        (
            "format = 1",
            ['book.toml:1:1: zone: the key is missing; hint: write the IANA zone of the book, as in zone = "Asia/Seoul"'],
        ),
        (
            "format = true\nzone = 'UTC'",
            ["book.toml:1:10: format: True is no format that this version reads; hint: write format = 1"],
        ),
        (
            "format = 1.0\nzone = 'UTC'",
            ["book.toml:1:10: format: '1.0' is no format that this version reads; hint: write format = 1"],
        ),
        ("format = 1\nzone = 9", ["book.toml:2:8: zone: 9 must be an IANA zone name such as 'Asia/Seoul'"]),
        (
            "format = 1\nzone = 'UTC'\ncurrency = 'won'",
            ["book.toml:3:12: currency: 'won' must be a currency code of three capital letters; hint: write it as in 'CNY' or"],
        ),
        (
            "format = 1\nzone = 'UTC'\nowner = 'x'",
            ["book.toml:3:1: owner: book.toml has no such key; hint: its keys are format, zone, currency"],
        ),
        (
            "format = 1\nzone = 'UTC'\ncurency = 'KRW'",
            ["book.toml:3:1: curency: book.toml has no such key; hint: did you mean 'currency'?"],
        ),
        (
            "Format = 1\nzones = 'UTC'",
            [
                "book.toml:1:1: Format: book.toml has no such key; hint: did you mean 'format'?",
                "book.toml:2:1: zones: book.toml has no such key; hint: did you mean 'zone'?",
            ],
        ),
        ("format = ", ["book.toml:1:10: invalid value"]),
    ],
)
def test_a_wrong_book_toml_is_told_with_its_place_and_is_no_mistake_of_the_purchases(
    write: Write, text: str, expected: list[str]
) -> None:
    currency = "" if "urency" in text or "won" in text or text == "format = " else "KRW"
    rows = f"purchase_id,client_id,purchased_on,amount,currency\nb-1,c-1,2026-03-20,1,{currency}\n"
    found = problems(write({"book.toml": text, "purchases.csv": rows}))
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_an_amount_needs_a_currency_from_its_row_or_from_the_book(write: Write) -> None:
    rows = "purchase_id,client_id,purchased_on,amount,currency\nb-1,c-1,2026-03-20,1,KRW\nb-2,c-1,2026-03-20,1,\n"
    assert only(write({"book.toml": 'format = 1\nzone = "UTC"', "purchases.csv": rows})) == (
        "purchases.csv:3:22: currency: must not be empty; "
        'hint: or name the currency of the book in book.toml, as in currency = "CNY"'
    )


def test_without_a_currency_anywhere_the_column_is_missing(write: Write) -> None:
    rows = "purchase_id,client_id,purchased_on,amount\nb-1,c-1,2026-03-20,1\n"
    assert only(write({"book.toml": 'format = 1\nzone = "UTC"', "purchases.csv": rows})).startswith(
        "purchases.csv:1: currency: the column is missing; hint: or name the currency of the book"
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("client_id", ["clients.csv:1: name: the column is missing"]),
        ("client_id,nmae", ["clients.csv:1: name: the column is missing; hint: is it 'nmae'?"]),
        ("client_id;name", [
            "clients.csv:1:1: client_id;name: 'client_id;name' must be an identifier: letters, digits and underscores",
            "clients.csv:1: client_id: the column is missing; hint: cells are separated by commas",
            "clients.csv:1: name: the column is missing; hint: cells are separated by commas",
        ]),
        ("client_id,name,name", ["clients.csv:1:16: name: the column is there twice, first as number 2; hint: keep one"]),
        ("client_id,name,a,a", ["clients.csv:1:18: a: the column is there twice, first as number 3; hint: keep one"]),
        ("client_id,name,a b", ["clients.csv:1:16: a b: 'a b' must be an identifier: letters, digits and underscores"]),
        ("client_id,name,", ["clients.csv:1:16: a column without a name; hint: take its comma away, in the rows too"]),
        ("client_id,name,\0", ["clients.csv:1:16: '\\x00': '\\x00' must be 1 to 200 visible characters"]),
        ('client_id,"name', ["clients.csv:1:11: the quote is never closed, and takes in the rest of the file"]),
        ('client_id,"name"x', ["clients.csv:1: a cell goes on behind its closing quote; hint: a quote inside"]),
        ("", ["clients.csv:1: the header is missing; hint: write client_id,name,relationship_types"]),
    ],
)  # fmt: skip
def test_a_wrong_header_is_told_with_its_place(write: Write, header: str, expected: list[str]) -> None:
    found = problems(write({"clients.csv": f"{header}\n", "people.csv": "person_id,client_id,name\np-1,c-1,Park\n"}))
    found = [line for line in found if not line.startswith("people.csv")]
    assert sorted(line[: len(start)] for line, start in zip(sorted(found), sorted(expected), strict=True)) == sorted(expected)


def test_an_unknown_column_of_another_file_is_refused_and_named(write: Write) -> None:
    found = only(write({"people.csv": "person_id,client_id,name,shoe size\np-1,c-1,Park,44\n"}))
    assert found == (
        "people.csv:1:26: shoe size: people.csv has no such column; "
        "hint: its columns are person_id, client_id, name, role, rank, phone, email, birthday"
    )


def test_rows_are_judged_where_the_name_of_a_column_is_one_slip_away(write: Write) -> None:
    assert problems(write({"people.csv": "person_id,clientid,name\np-1,c-9,Park\np-2,c-1,\n"})) == [
        "people.csv:1:11: clientid: people.csv has no such column; hint: did you mean 'client_id'?",
        "people.csv:2:5: client_id: 'c-9' must name a client of the book; hint: did you mean 'c-2'?",
        "people.csv:3:9: name: must not be empty",
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("c-3,Lee,x", "clients.csv:4:9: the row has 3 cells, and the header 2; hint: put a cell that holds a comma in"),
        ("c-3", "clients.csv:4: the row has 1 cell, and the header 2; hint: an empty cell needs its comma too"),
        ('c-3,"Lee', "clients.csv:4:5: the quote is never closed, and takes in the rest of the file; hint: close it"),
        ('c-3,"Lee" x', "clients.csv:4: a cell goes on behind its closing quote; hint: a quote inside a cell is written twice"),
        ("c-3,L\0ee", "clients.csv:4:5: name: 'L\\x00ee' must be visible text of at most 4096 characters"),
        ("c-3,\u202eLee", "clients.csv:4:5: name: '\\u202eLee' must be visible text of at most 4096 characters"),
        (f"c-3,{'x' * 66_000}", "clients.csv:4:5: name: 'xxxxxx"),
        (f'c-3,"{"x" * 140_000}"', "clients.csv:4: a cell has more than 131,072 characters; hint: look for a quote that"),
        ('c-3,"' + "x\n" * 70_000, "clients.csv:4: a cell has more than 131,072 characters; hint: look for a quote that"),
    ],
    ids=lambda value: value[:40].encode("unicode-escape").decode(),
)  # fmt: skip
def test_a_broken_row_is_told_with_its_place(write: Write, row: str, expected: str) -> None:
    found = only(write({"clients.csv": f"{CLIENTS}{row}\n"}))
    assert found.startswith(expected)
    assert len(found) < 300


def test_rows_behind_a_broken_one_are_read_on(write: Write) -> None:
    assert problems(write({"clients.csv": 'client_id,name\nc-1,"Kim"x\nc-2,\nc-3,"Lee\n"y,\nc-4\n'})) == [
        "clients.csv:2: a cell goes on behind its closing quote; hint: a quote inside a cell is written twice",
        "clients.csv:3:5: name: must not be empty",
        "clients.csv:4: a cell goes on behind its closing quote; hint: a quote inside a cell is written twice",
        "clients.csv:6: the row has 1 cell, and the header 2; hint: an empty cell needs its comma too",
    ]


@pytest.mark.parametrize("encoding", ["cp949", "gb18030", "utf-16"])
def test_another_encoding_is_one_problem(write: Write, encoding: str) -> None:
    text = {"cp949": "김철수", "gb18030": "王小明", "utf-16": "Kim"}[encoding]
    found = only(write({"clients.csv": f"client_id,name\nc-1,{text}\n".encode(encoding)}))
    assert found.startswith("clients.csv:")
    assert encoding in found.casefold()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "客户,名称,价格\nc-1,价格,价格\nc-2,张伟,拜访\n"),
        ("cp949", "고객,이름,가격\nc-1,가격,가격\nc-2,김철수,단가\n"),
    ],
)
def test_a_column_of_prices_is_taken_for_the_language_of_the_whole_file(write: Write, encoding: str, text: str) -> None:
    assert f"hint: the file seems to be {encoding}: save it as UTF-8" in only(write({"clients.csv": text.encode(encoding)}))


def test_a_file_that_cannot_be_read_makes_no_mistake_of_a_reference(write: Write) -> None:
    found = only(write({"clients.csv": b"client_id,name\nc-1,\xff\n", "people.csv": "person_id,client_id,name\np-1,c-1,Park\n"}))
    assert found.startswith("clients.csv:2:5: not UTF-8")


def test_a_wrong_row_makes_no_second_mistake_of_a_reference_to_it(write: Write) -> None:
    folder = write(
        {
            "clients.csv": 'client_id,name\nc-1,\nc-2\nc-3,"Lee"x\n',
            "people.csv": "person_id,client_id,name\np-1,c-1,A\np-2,c-2,B\np-3,c-3,C\n",
            "purchases.csv": "purchase_id,client_id,purchased_on,amount,returns_purchase_id\n"
            "b-1,c-1,2026-03-20,x,\nb-2,c-1,2026-03-21,1,b-1\n",
        }
    )
    assert [line.split(" ")[0] for line in problems(folder)] == [
        "clients.csv:2:5:",
        "clients.csv:3:",
        "clients.csv:4:",
        "purchases.csv:2:20:",
    ]


def test_a_wrong_row_still_has_to_name_a_client(write: Write) -> None:
    assert problems(write({"people.csv": "person_id,client_id,name\np-1,c-9,\n"})) == [
        "people.csv:2:5: client_id: 'c-9' must name a client of the book; hint: did you mean 'c-2'?",
        "people.csv:2:9: name: must not be empty",
    ]


def test_clients_that_are_named_need_a_clients_file(write: Write) -> None:
    folder = write({"clients.csv": "", "people.csv": "person_id,client_id,name\n\np-1,c-1,Park\np-2,c-2,Han\n"})
    assert only(folder) == (
        "clients.csv: is missing, and people.csv:3 is about a client; hint: write client_id,name and a line for each client"
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("b-9,c-1,2026-03-21,1,b-7", "'b-7' must name a purchase of the same client"),
        ("b-9,c-2,2026-03-21,1,b-1", "'b-1' must name a purchase of the same client"),
        ("b-9,c-1,2026-03-19,1,b-1", "'b-1' must not come back before it was bought, 2026-03-20"),
        ("b-9,c-1,2026-03-21,1,b-9", "'b-9' must name another purchase"),
    ],
)
def test_a_return_names_a_purchase_that_can_come_back(write: Write, rows: str, expected: str) -> None:
    head = "purchase_id,client_id,purchased_on,amount,returns_purchase_id\nb-1,c-1,2026-03-20,5,\n"
    found = only(write({"purchases.csv": f"{head}{rows}\n"}))
    assert found.startswith(f"purchases.csv:3:22: returns_purchase_id: {expected}")


def test_a_return_has_the_amount_that_came_back(write: Write) -> None:
    head = "purchase_id,client_id,purchased_on,amount,returns_purchase_id\nb-1,c-1,2026-03-20,5,\n"
    found = only(write({"purchases.csv": f"{head}b-2,c-1,2026-03-20,-5,b-1\n"}))
    assert found.startswith("purchases.csv:3:20: amount: '-5 KRW' must be positive")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "t-2,c-1,2026-03-21,void,t-7",
            ["3:25: voids_id: 't-7' must name a touchpoint of the same client; hint: did you mean 't-2'?"],
        ),
        ("t-2,c-2,2026-03-21,void,t-1", ["3:25: voids_id: 't-1' must name a touchpoint of the same client"]),
        ("t-2,c-1,2026-03-21,void,", ["3:25: voids_id: must name the entry that this one takes back"]),
        ("t-2,c-1,2026-03-21,call,t-2", ["3:25: voids_id: 't-2' must name another entry: no entry takes itself back"]),
        (
            "t-2,c-1,2026-03-21,call,t-4\nt-3,c-1,2026-03-21,call,t-2\nt-4,c-1,2026-03-21,call,t-3\nt-5,c-1,2026-03-21,call,t-4",
            ["3:25: voids_id: 't-4' must not take back an entry that takes this one back"],
        ),
    ],
)
def test_an_entry_takes_back_another_one_of_its_client(write: Write, rows: str, expected: list[str]) -> None:
    head = "touchpoint_id,client_id,occurred_at,channel,voids_id\nt-1,c-1,2026-03-20,call,\n"
    assert problems(write({"touchpoints.csv": f"{head}{rows}\n"})) == [f"touchpoints.csv:{line}" for line in expected]


def test_spells_of_a_client_and_scheme_do_not_overlap(write: Write) -> None:
    rows = (
        "c-1,abc,B,2026-02-01,2026-03-01\nc-1,abc,A,2026-01-01,2026-02-02\nc-1,abc,C,2026-03-01,\n"
        "c-1,abc,A,2026-04-01,2026-05-01\nc-1,abc,A,2026-06-01,\nc-1,xyz,A,2026-04-01,\nc-2,abc,A,2026-04-01,\n"
    )
    assert problems(write({"tiers.csv": f"client_id,scheme_id,tier,start_on,end_on\n{rows}"})) == [
        "tiers.csv:2:11: start_on: '2026-02-01' must not overlap the spell of the client and scheme in line 3",
        "tiers.csv:5:11: start_on: '2026-04-01' must not overlap the spell of the client and scheme in line 4",
        "tiers.csv:6:11: start_on: '2026-06-01' must not overlap the spell of the client and scheme in line 4",
    ]


def test_owners_of_a_client_and_absences_of_a_member_of_staff_do_not_overlap(write: Write) -> None:
    owners = "c-1,lee,2026-02-01,2026-03-01\nc-1,,2026-01-01,2026-02-02\nc-2,lee,2026-02-01,\nc-1,lee,2026-03-01,\n"
    absences = "lee,2026-08-03,2026-08-24\nhan,2026-08-03,\nlee,2026-08-23,2026-08-24\nhan,2027-01-01,2027-01-02\n"
    folder = write(
        {
            "owner_spells.csv": f"client_id,owner_id,start_on,end_on\n{owners}",
            "absences.csv": f"staff_id,start_on,end_on\n{absences}",
        }
    )
    assert problems(folder) == [
        "absences.csv:4:5: start_on: '2026-08-23' must not overlap the absence of the member of staff in line 2",
        "absences.csv:5:5: start_on: '2027-01-01' must not overlap the absence of the member of staff in line 3",
        "owner_spells.csv:2:9: start_on: '2026-02-01' must not overlap the owner spell of the client in line 3",
    ]


def test_every_wrong_cell_of_a_consent_is_reported(write: Write) -> None:
    head = "consent_id,client_id,channel,kind,start_on,end_on,night,recorded_at\n"
    rows = (
        "n-1,c-1,call,given,2026-03-20,,,\n,c-1,\u200b,yes,20 March,2026-03-20,1,today\nn-1,c-9,,,2026-03-20,,,\n"
        "n-2,c-1,,refused,2026-03-20,2026-03-20,true,\nn-1,c-1,,given,2026-03-20,,,\n"
    )
    assert problems(write({"consents.csv": head + rows})) == [
        "consents.csv:3:1: consent_id: must not be empty",
        "consents.csv:3:6: channel: '\\u200b' must be visible text of at most 4096 characters without control characters",
        "consents.csv:3:8: kind: 'yes' must be one of 'given', 'refused'",
        "consents.csv:3:12: start_on: '20 March' must be a date as 2026-03-20",
        "consents.csv:3:32: night: '1' must be true or false",
        "consents.csv:3:34: recorded_at: 'today' must be a date as 2026-03-20",
        "consents.csv:4:1: consent_id: 'n-1' must be unique, and stands in line 2 already",
        "consents.csv:4:5: client_id: 'c-9' must name a client of the book; hint: did you mean 'c-2'?",
        "consents.csv:4:10: kind: must not be empty; hint: write given or refused",
        "consents.csv:5:29: end_on: '2026-03-20' must be after start_on, 2026-03-20",
        "consents.csv:5:40: night: 'true' must be False in a refusal, which holds at every hour",
        "consents.csv:6:1: consent_id: 'n-1' must be unique, and stands in line 2 already",
    ]


def test_every_wrong_cell_of_an_appointment_is_reported(write: Write) -> None:
    head = "appointment_id,client_id,staff_id,on,starts_at,minutes,channel,state,sequence\n"
    rows = (
        "a-1,c-1,lee,2026-04-02,2026-04-02T00:30,30,visit,,\n,c-9,,2 April,14:30,half,,done,-1\n"
        "a-2,c-1,lee,2026-04-02,2026-04-01T16:00Z,30,call,,\na-3,c-1,lee,2026-04-02,2026-04-02T16:00Z,1441,call,,\n"
        "a-1,c-1,lee,2026-04-02,2026-04-02,,call,cancelled,\n"
    )
    assert problems(write({"appointments.csv": head + rows})) == [
        "appointments.csv:3:1: appointment_id: must not be empty",
        "appointments.csv:3:2: client_id: 'c-9' must name a client of the book; hint: did you mean 'c-2'?",
        "appointments.csv:3:6: staff_id: must not be empty",
        "appointments.csv:3:7: on: '2 April' must be a date as 2026-03-20",
        "appointments.csv:3:15: starts_at: '14:30' must be a date as 2026-03-20",
        "appointments.csv:3:21: minutes: 'half' must be a whole number in plain digits, at most ten of them",
        "appointments.csv:3:26: channel: must not be empty",
        "appointments.csv:3:27: state: 'done' must be one of 'planned', 'confirmed', 'cancelled'",
        "appointments.csv:3:32: sequence: '-1' must be a whole number in plain digits, at most ten of them",
        "appointments.csv:5:24: starts_at: '2026-04-02T16:00Z' must be on 2026-04-02, the day of the appointment, in Asia/Seoul",
        "appointments.csv:5:42: minutes: '1441' must be a whole number from 0 to 1,440",
        "appointments.csv:6:1: appointment_id: 'a-1' must be unique, and stands in line 2 already",
        "appointments.csv:6:24: starts_at: '2026-04-02' must be a time as 2026-03-20T14:30, with or without seconds and offset",
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"appointments.csv": "appointment_id,client_id,staff_id,channel\na-1,c-1,lee,call\n"},
            "appointments.csv:1: on: the column is missing; hint: write the day, as 2026-03-20",
        ),
        (
            {"consents.csv": "consent_id,client_id,start_on\nn-1,c-1,2026-03-20\n"},
            "consents.csv:1: kind: the column is missing; hint: write given or refused",
        ),
        (
            {"owner_spells.csv": "client_id,start_on\nc-1,2026-03-20\n"},
            "owner_spells.csv:1: owner_id: the column is missing; hint: leave its cells empty for clients in the pool",
        ),
        (
            {"owner_spells.csv": "client_id,owner_id,start_on\nc-9,lee,2026-03-20\n"},
            "owner_spells.csv:2:1: client_id: 'c-9' must name a client of the book; hint: did you mean 'c-2'?",
        ),
        (
            {"absences.csv": "staff_id,start_on,deputy_id\nlee,2026-08-03,lee\n"},
            "absences.csv:2:16: deputy_id: 'lee' must name somebody else: nobody stands in for themselves",
        ),
        (
            {"touchpoints.csv": "touchpoint_id,client_id,occurred_at,channel,follow_up_at\nt-1,c-1,2026-03-20,call,soon\n"},
            "touchpoints.csv:2:25: follow_up_at: 'soon' must be a date as 2026-03-20",
        ),
    ],
    ids=["no day", "no kind", "no owner column", "no such client", "a deputy of themselves", "no time of the follow-up"],
)
def test_what_is_wrong_with_owners_absences_and_promises_is_told(write: Write, files: dict[str, str], expected: str) -> None:
    assert only(write(files)) == expected


def test_a_promised_time_is_local_in_the_zone_of_the_book(write: Write) -> None:
    rows = "touchpoint_id,client_id,occurred_at,channel,follow_up_at\nt-1,c-1,2026-03-20,call,2026-03-27 15:00\n"
    promised = read_book(write({"touchpoints.csv": rows})).touchpoints[0].follow_up_at
    assert promised is not None
    assert promised.isoformat() == "2026-03-27T15:00:00+09:00"


def test_a_change_of_an_attribute_has_a_client_a_name_and_a_day(write: Write) -> None:
    rows = "c-9,a,x,2026-01-01\n,a b,x,\n"
    assert [
        line.partition(" must")[0] for line in problems(write({"attributes.csv": f"client_id,name,value,effective_on\n{rows}"}))
    ] == [
        "attributes.csv:2:1: client_id: 'c-9'",
        "attributes.csv:3:1: client_id:",
        "attributes.csv:3:2: name: 'a b'",
        "attributes.csv:3:8: effective_on:",
    ]


def test_a_column_that_the_file_lacks_is_told_without_a_column(write: Write) -> None:
    rows = "touchpoint_id,client_id,occurred_at,channel\nt-1,c-1,2026-03-20,void\n"
    assert only(write({"touchpoints.csv": rows})) == "touchpoints.csv:2: voids_id: must name the entry that this one takes back"


def test_a_csv_file_with_another_name_is_refused_so_that_none_is_missed_in_silence(write: Write) -> None:
    assert problems(write({"purchase.csv": "x", "Q1.CSV": "x"})) == [
        (
            "Q1.CSV: a book has no such file; hint: its CSV files are absences.csv, appointments.csv, attributes.csv, "
            "clients.csv, consents.csv, membership_events.csv, owner_spells.csv, people.csv, pins.csv, purchases.csv, "
            "review_borders.csv, review_challenges.csv, review_equals.csv, review_rows.csv, reviews.csv, staff.csv, tiers.csv, "
            "touchpoints.csv"
        ),
        "purchase.csv: a book has no such file; hint: did you mean 'purchases.csv'?",
    ]


def test_a_folder_in_the_place_of_a_file_is_refused(write: Write) -> None:
    folder = write({"clients.csv": ""})
    (folder / "clients.csv").mkdir()
    assert only(folder) == "clients.csv: must be a file"


def test_a_file_that_the_system_does_not_hand_out_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    folder = write({"clients.csv": "x"})
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert only(folder) == "clients.csv: cannot be read: permission denied"


def test_the_nearest_id_is_looked_up_for_the_first_few_unknown_ones_only(write: Write) -> None:
    rows = "".join(f"p-{n},c-9,Park\n" for n in range(30))
    found = problems(write({"people.csv": f"person_id,client_id,name\n{rows}"}))
    assert ["did you mean 'c-2'?" in line for line in found] == [True] * 20 + [False] * 10


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("nowhere", "file", "nul\0"):
        with pytest.raises(BookDocumentError, match="cannot be read as a folder: "):
            read_book(str(tmp_path / name))


def test_the_path_of_a_problem_begins_as_the_folder_was_given(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"clients.csv": "client_id,name\nc-1,\n"})
    monkeypatch.chdir(folder.parent)
    with pytest.raises(BookDocumentError, match=r"^1 problem\nbook/clients\.csv:2:5: name: must not be empty$"):
        read_book("book")


def test_reading_stops_behind_a_thousand_problems_and_says_so_last(write: Write) -> None:
    found = problems(write({"clients.csv": "client_id,name\n" + "c,\n" * 5_000}))
    assert len(found) == 1_001
    assert found[-2:] == [
        "clients.csv:1001:3: name: must not be empty",
        "clients.csv:1001:3: name: there are more problems: only the first 1,000 that were found are listed",
    ]


def test_a_thousand_problems_are_all_there_is_where_there_are_no_more(write: Write) -> None:
    assert len(problems(write({"clients.csv": "client_id,name\n" + "".join(f"c-{n},\n" for n in range(1_000))}))) == 1_000


# --------------------------------------------------------------------------------------------------------------- what is written


def test_attributes_are_written_as_text(tmp_path: Path) -> None:
    values: dict[str, AttributeValue] = {
        "a": True,
        "b": Decimal("1E+2"),
        "c": date(2026, 3, 20),
        "d": frozenset({"y", "x"}),
        "e": 7,
        "f": frozenset(),
        "g": None,
    }
    write_book(Book(clients=[Client(id="c-1", name="Kim", attributes=values)]), tmp_path)
    read = read_book(tmp_path).clients[0].attributes
    assert dict(read) == {"a": "true", "b": "100", "c": "2026-03-20", "d": "x|y", "e": "7", "f": "|"}


def test_files_end_lines_in_a_line_feed_and_keep_cells_as_they_are(tmp_path: Path) -> None:
    book = Book(
        clients=[Client(id="c,1", name='=say "x"', relationship_types={"b", "a"})],
        touchpoints=[
            Touchpoint(
                id="t",
                client_id="c,1",
                occurred_at=pendulum.datetime(2026, 3, 20, 1, tz="UTC"),
                channel="call",
                note="a\rb\n",
                follow_up_at=pendulum.datetime(2026, 3, 27, 6, tz="UTC"),
            )
        ],
        consents=[Consent(id="n", client_id="c,1", kind="given", night=True, start_on=date(2026, 3, 20))],
        zone="Asia/Seoul",
    )
    write_book(book, tmp_path / "deep" / "book")
    files = {path.name: path.read_bytes().decode() for path in (tmp_path / "deep" / "book").iterdir()}
    assert files == {
        "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
        "clients.csv": "client_id,name,relationship_types,owner_id,region,stage,client_since_on,zone\n"
        '"c,1","=say ""x""",a|b,,,,,\n',
        "consents.csv": "consent_id,client_id,person_id,channel,purpose,kind,start_on,end_on,night,source,recorded_at\n"
        'n,"c,1",,,,given,2026-03-20,,true,,\n',
        "touchpoints.csv": "touchpoint_id,client_id,occurred_at,channel,direction,outcome,purpose,person_id,staff_id,in_lieu_of,"
        'note,follow_up_at,recorded_at,voids_id\nt,"c,1",2026-03-20T10:00:00+09:00,call,outgoing,,,,,,"a\rb\n",'
        "2026-03-27T15:00:00+09:00,,\n",
    }


@pytest.mark.parametrize("name", ["book.toml", "clients.csv"])
def test_a_book_is_never_written_over_another(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("nowhere")
    with pytest.raises(InvalidValueError, match=f"must hold no book yet, but has {name}; hint: name a new folder"):
        write_book(Book(), tmp_path)


@pytest.mark.parametrize(
    ("client", "rule"),
    [
        (Client(id="c", name="C", attributes={"region": "x"}), "must not be named like a column of clients.csv"),
        (Client(id="c", name="C", attributes={"a": frozenset({"x|y"})}), "must have no member with"),
    ],
)
def test_what_a_cell_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path, client: Client, rule: str) -> None:
    with pytest.raises(InvalidValueError, match=rule):
        write_book(Book(clients=[client]), tmp_path / "book")
    assert not (tmp_path / "book").exists()


def test_a_place_that_cannot_be_written_to_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file" / "book", tmp_path / "nul\0"):
        with pytest.raises(StorageError, match="the book was not written to "):
            write_book(Book(), folder)


def test_a_folder_is_meant_as_a_book_if_it_has_one_of_its_files(tmp_path: Path) -> None:
    assert not is_book_folder(tmp_path)
    assert not is_book_folder(tmp_path / "nowhere")
    assert not is_book_folder("nul\0")
    assert not is_book_folder("x" * 5_000)
    (tmp_path / "clients.csv").touch()
    assert is_book_folder(str(tmp_path))
    assert not is_book_folder(tmp_path / "clients.csv")
