from datetime import date, datetime

import pytest

from relcare.errors import InvalidValueError
from relcare.model import Birthday, ContactPerson, Staff


@pytest.mark.parametrize(
    ("text", "birthday"),
    [
        ("1980-02-29", Birthday(year=1980, month=2, day=29)),
        ("--02-29", Birthday(month=2, day=29)),
        ("--12-31", Birthday(month=12, day=31)),
        ("1900-01-01", Birthday(year=1900, month=1, day=1)),
        ("2199-12-31", Birthday(year=2199, month=12, day=31)),
    ],
)
def test_a_birthday_is_read_and_written(text: str, birthday: Birthday) -> None:
    assert Birthday.parse(text) == birthday
    assert str(birthday) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1981-02-29",
        "--02-30",
        "--00-10",
        "--13-01",
        "1980-2-9",
        "19800229",
        "1980-W09-5",
        "02-29",
        "---02-29",
        "0000-01-01",
        "1899-12-31",
        "2200-01-01",
        "1980-02-29 ",
        "１９８０-02-28",
        "now",
        None,
        19_800_229,
        date(1980, 2, 29),
    ],
    ids=repr,
)
def test_anything_else_is_no_birthday(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^birthday is"):
        Birthday.parse(text)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (1981, 2, 29),
        (None, 2, 30),
        (None, 4, 31),
        (1899, 1, 1),
        (2200, 1, 1),
        (None, None, 1),
        (None, 1, None),
        (None, True, 1),
        (True, 1, 1),
        (None, 1.0, 1),
        (None, "1", 1),
        ("1980", 1, 1),
        (2**63, 1, 1),
        (None, 2**63, 1),
        (10**5_000, 1, 1),
        (None, [], 1),
        (None, 1, 0),
    ],
    ids=lambda value: "huge" if type(value) is int and value > 10**20 else repr(value),
)
def test_no_other_kind_of_number_makes_a_day(year: int | None, month: int, day: int) -> None:
    with pytest.raises(InvalidValueError, match=r"^birthday is"):
        Birthday(year=year, month=month, day=day)


def test_a_date_becomes_a_birthday_and_an_instant_does_not() -> None:
    assert Staff(id="s", name="s", birthday=date(1980, 2, 29)).birthday == Birthday(year=1980, month=2, day=29)
    with pytest.raises(InvalidValueError, match=r"^birthday is"):
        ContactPerson(id="p", client_id="c", name="p", birthday=datetime(1980, 2, 29))


def test_it_is_kept_from_the_year_of_birth_on() -> None:
    born = Birthday(year=2000, month=5, day=5)
    assert born.in_year(1999) is None
    assert born.in_year(2000) == date(2000, 5, 5)
    assert Birthday(month=5, day=5).in_year(1999) == date(1999, 5, 5)


def test_29_february_moves_or_is_skipped_as_declared() -> None:
    leapling = Birthday(month=2, day=29)
    assert leapling.in_year(2024, "skip") == date(2024, 2, 29)
    assert leapling.in_year(2025) == date(2025, 2, 28)
    assert leapling.in_year(2025, "1 March") == date(2025, 3, 1)
    assert leapling.in_year(2025, "skip") is None
