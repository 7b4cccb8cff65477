"""Lunar dates and festivals: two calendars that differ, months that are short, leap months, and the official lists."""

from datetime import date, timedelta

import pytest

from relcare.cadence import CadenceRule
from relcare.calendars import FESTIVALS, LUNAR_YEARS, LunarCalendar, festival, solar_day
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyDocumentError, UnknownRecordError
from relcare.model import Birthday, Book, Client, ContactPerson, Staff

CLIENT = Client(id="c", name="C", client_since_on=date(2020, 1, 1))


def owed(
    rule: CadenceRule, as_of: str, people: list[ContactPerson] | None = None, since: str = "2026-01-01"
) -> list[tuple[str, str]]:
    policy = Policy(id="p", version="1", effective_from=date.fromisoformat(since), cadence=[rule])
    found = policy.decide_client(
        CLIENT, touchpoints=(), purchases=(), people=people or [], as_of=date.fromisoformat(as_of)
    ).obligations
    return sorted((o.key, str(o.due_on)) for o in found)


class TestLunarDates:
    @pytest.mark.parametrize(
        ("year", "chinese", "korean"),
        # Years in which the new moon falls on either side of midnight (research: 1954, 1958, 1966, 1988, 1997, 2027, 2028).
        [
            (1988, "1988-02-17", "1988-02-18"),
            (1997, "1997-02-07", "1997-02-08"),
            (2027, "2027-02-06", "2027-02-07"),
            (2028, "2028-01-26", "2028-01-27"),
        ],
    )
    def test_the_new_years_of_china_and_korea_differ_in_some_years(self, year: int, chinese: str, korean: str) -> None:
        assert (str(solar_day("chinese", year, 1, 1)), str(solar_day("korean", year, 1, 1))) == (chinese, korean)

    @pytest.mark.parametrize("calendar", ["chinese", "korean"])
    def test_a_day_thirty_of_a_short_month_is_its_last_day(self, calendar: LunarCalendar) -> None:
        assert solar_day(calendar, 2024, 12, 30) == solar_day(calendar, 2024, 12, 29) == date(2025, 1, 28)

    @pytest.mark.parametrize("calendar", ["chinese", "korean"])
    def test_a_leap_month_is_its_own_and_the_plain_month_where_there_is_none(self, calendar: LunarCalendar) -> None:
        assert solar_day(calendar, 2025, 6, 10, is_leap=True) == date(2025, 8, 3)
        assert solar_day(calendar, 2025, 6, 10) == date(2025, 7, 4)
        assert solar_day(calendar, 2026, 6, 10, is_leap=True) == solar_day(calendar, 2026, 6, 10)

    @pytest.mark.parametrize("calendar", ["chinese", "korean"])
    def test_a_lunar_year_is_a_run_of_months_without_holes(self, calendar: LunarCalendar) -> None:
        for year in (2025,):
            start, end = solar_day(calendar, year, 1, 1), solar_day(calendar, year + 1, 1, 1)
            assert start is not None
            assert end is not None
            days = {
                solar_day(calendar, year, month, day, is_leap=leap)
                for month in range(1, 13)
                for day in range(1, 31)
                for leap in (False, True)
            }
            assert days == {start + timedelta(days=n) for n in range((end - start).days)}

    def test_beyond_the_known_years_there_is_no_answer(self) -> None:
        for calendar, (first, last) in LUNAR_YEARS.items():
            assert solar_day(calendar, first - 1, 1, 1) is None
            assert solar_day(calendar, last, 12, 30) is not None
            assert solar_day(calendar, last + 1, 1, 1) is None

    @pytest.mark.parametrize(("month", "day"), [(0, 1), (13, 1), (1, 0), (1, 31)])
    def test_impossible_dates_are_refused(self, month: int, day: int) -> None:
        with pytest.raises(InvalidValueError, match="lunar date"):
            solar_day("chinese", 2026, month, day)


class TestLunarBirthdays:
    def test_a_birthday_prints_as_it_reads(self) -> None:
        for text in ("1980-02-29", "--02-29", "chinese 1957-08-15", "korean --12-30", "chinese 1987-06-01 leap"):
            assert str(Birthday.parse(text)) == text

    @pytest.mark.parametrize(
        "text", ["lunar 1957-08-15", "chinese 1957-13-01", "korean --01-31", "1980-02-28 leap", "chinese1957-08-15"]
    )
    def test_other_texts_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidValueError):
            Birthday.parse(text)

    def test_a_greeting_is_owed_each_lunar_year_also_when_it_falls_into_the_next_civil_year(self) -> None:
        rule = CadenceRule(id="b", channel="card", mode="grid", anchor="people.birthday", roll="none", lead="7 days")
        late = ContactPerson(id="kim", client_id="c", name="Kim", birthday=Birthday.parse("korean 1960-12-20"))
        # The twentieth of the twelfth month of the lunar year 2025 is 7 February 2026.
        assert owed(rule, "2026-02-01", [late]) == [("c/b/kim@2025", "2026-02-07"), ("c/b/kim@2026", "2027-01-27")][:2]

    def test_the_same_lunar_birthday_may_fall_on_two_days_in_the_two_calendars(self) -> None:
        days = [Birthday.parse(f"{calendar} 1960-01-01").in_year(2027) for calendar in ("chinese", "korean")]
        assert days == [date(2027, 2, 6), date(2027, 2, 7)]

    def test_a_book_lists_lunar_birthdays_between_two_days(self) -> None:
        book = Book(staff=[Staff(id="lee", name="Lee", birthday=Birthday.parse("chinese --12-29"))])
        found = book.birthdays(date(2026, 2, 1), date(2026, 2, 28))
        assert [(one.id, str(one.on)) for one in found] == [("lee", "2026-02-16")]


class TestFestivals:
    GREETING = CadenceRule(id="g", channel="card", mode="grid", anchor="festival.cn.mid_autumn", roll="none", lead="3 days")

    def test_a_festival_is_greeted_once_a_year_with_its_lead(self) -> None:
        assert owed(self.GREETING, "2026-09-22") == [
            ("c/g/cn.mid_autumn@2026", "2026-09-25"),
            ("c/g/cn.mid_autumn@2027", "2027-09-15"),
        ]
        assert owed(self.GREETING, "2026-09-21") == [("c/g/cn.mid_autumn@2026", "2026-09-25")]

    def test_weekdays_of_a_month_are_counted(self) -> None:
        assert festival("us.thanksgiving").in_year(2026) == date(2026, 11, 26)
        assert festival("us.memorial_day").in_year(2026) == date(2026, 5, 25)
        assert festival("us.labor_day").in_year(2026) == date(2026, 9, 7)

    def test_beyond_the_known_years_nothing_is_owed(self) -> None:
        assert owed(self.GREETING, "2057-01-05", since="2057-01-01") == []

    def test_an_unknown_one_is_told_with_the_nearest(self) -> None:
        with pytest.raises(UnknownRecordError, match=r"did you mean 'kr\.chuseok'"):
            festival("kr.chusok")
        with pytest.raises(PolicyDocumentError, match=r"did you mean 'festival\.kr\.chuseok'"):
            owed(CadenceRule(id="g", channel="card", mode="grid", anchor="festival.kr.chusok"), "2026-01-01")

    def test_every_festival_has_a_day_in_every_known_year(self) -> None:
        assert all(one.in_year(year) is not None for one in FESTIVALS.values() for year in range(2000, 2050))
