from datetime import date
from typing import Any

import pytest

from relcare.cadence import CadenceRule, Grid, grids_of
from relcare.facts import ClientHistory, history_of
from relcare.model import Birthday, Client, ContactPerson
from relcare.policy import LeapDay
from relcare.testing import NASTY_IDS

RULES: tuple[LeapDay, ...] = ("28 February", "1 March", "skip")


def grid_rule(**more: Any) -> CadenceRule:
    return CadenceRule(**({"id": "g", "channel": "call", "mode": "grid", "anchor": "2026-01-31", "every": "1 month"} | more))


def history(*people: ContactPerson, since: date | None = None) -> ClientHistory:
    from zoneinfo import ZoneInfo

    return history_of(Client(id="c", name="C", client_since_on=since), people=people, zone=ZoneInfo("UTC"))


def person(birthday: str | None, person_id: str = "p") -> ContactPerson:
    on = None if birthday is None else Birthday.parse(birthday)
    return ContactPerson(id=person_id, client_id="c", name="P", birthday=on)


def series(anchor: str, every: str, **more: Any) -> Grid:
    (found,) = grids_of(grid_rule(anchor=anchor, every=every, **more), history(), None)
    return found


def birthdays(text: str, leap_day: LeapDay = "28 February") -> Grid:
    (found,) = grids_of(grid_rule(anchor="people.birthday", every=None, leap_day=leap_day), history(person(text)), None)
    return found


def text(ordinal: int | None) -> str | None:
    return None if ordinal is None else str(date.fromordinal(ordinal))


class TestSteps:
    """TIM-3: "Occurrence n of a series is anchor + n steps, clamped to month end, never previous + one step."."""

    @pytest.mark.parametrize(
        ("anchor", "every", "expected"),
        [
            ("2026-01-31", "1 month", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
            ("2024-01-31", "1 month", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]),
            ("2026-01-30", "1 month", ["2026-01-30", "2026-02-28", "2026-03-30"]),
            ("2026-01-29", "1 month", ["2026-01-29", "2026-02-28", "2026-03-29"]),
            ("2026-02-28", "1 month", ["2026-02-28", "2026-03-28"]),
            ("2024-02-29", "1 month", ["2024-02-29", "2024-03-29"]),
            ("2026-08-31", "1 quarter", ["2026-08-31", "2026-11-30", "2027-02-28", "2027-05-31"]),
            ("2026-08-31", "6 months", ["2026-08-31", "2027-02-28", "2027-08-31", "2028-02-29"]),
            ("2026-11-30", "2 months", ["2026-11-30", "2027-01-30", "2027-03-30"]),
            ("2026-12-31", "2 months", ["2026-12-31", "2027-02-28", "2027-04-30"]),
            ("2026-12-28", "1 week", ["2026-12-28", "2027-01-04", "2027-01-11"]),
            ("2026-02-27", "1 day", ["2026-02-27", "2026-02-28", "2026-03-01"]),
            ("2026-01-31", "30 days", ["2026-01-31", "2026-03-02", "2026-04-01"]),
        ],
    )
    def test_each_is_counted_from_the_anchor(self, anchor: str, every: str, expected: list[str]) -> None:
        found = series(anchor, every)
        assert [text(found.day_of(n)) for n in range(len(expected))] == expected

    def test_the_31st_is_kept_or_clamped_for_two_years(self) -> None:
        found = series("2023-12-31", "1 month")
        last_days = [31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        assert [date.fromordinal(found.day_of(n) or 0).day for n in range(25)] == last_days

    def test_nothing_precedes_the_anchor(self) -> None:
        found = series("2026-01-31", "1 month")
        assert found.first == 0
        assert found.day_of(-1) is None

    def test_an_occurrence_is_named_by_its_number_and_belongs_to_nobody(self) -> None:
        found = series("2026-01-31", "1 month")
        assert [found.name_of(n) for n in (0, 1, 12)] == ["0", "1", "12"]
        assert found.person_id is None

    @pytest.mark.parametrize("every", ["1 day", "1 week", "30 days", "1 month", "7 months", "1 year", "100 years"])
    def test_the_number_near_a_day_is_right_to_one_step(self, every: str) -> None:
        found = series("1999-12-31", every)
        for on in (date(1999, 12, 31), date(2000, 3, 1), date(2026, 7, 15), date(2026, 7, 31), date(2099, 12, 31)):
            near = found.index_near(on.toordinal())
            around = [found.day_of(max(n, 0)) or 0 for n in (near - 1, near + 2)]
            assert around[0] <= on.toordinal() <= around[1]


class TestLeapDay:
    """TIM-5: "29 February in other years: 28 February, 1 March, or skip; declared."."""

    @pytest.mark.parametrize(
        ("leap_day", "expected"),
        [
            ("28 February", ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
            ("1 March", ["2024-02-29", "2025-03-01", "2026-03-01", "2027-03-01", "2028-02-29"]),
            ("skip", ["2024-02-29", None, None, None, "2028-02-29"]),
        ],
    )
    def test_a_yearly_series_from_29_february(self, leap_day: LeapDay, expected: list[str | None]) -> None:
        found = series("2024-02-29", "1 year", leap_day=leap_day)
        assert [text(found.day_of(n)) for n in range(5)] == expected

    @pytest.mark.parametrize(
        ("leap_day", "expected"),
        [
            ("28 February", ["2023-02-28", "2024-02-29", "2025-02-28", "2100-02-28", "2104-02-29"]),
            ("1 March", ["2023-03-01", "2024-02-29", "2025-03-01", "2100-03-01", "2104-02-29"]),
            ("skip", [None, "2024-02-29", None, None, "2104-02-29"]),
        ],
    )
    def test_a_birthday_on_29_february_also_when_the_century_has_no_such_day(
        self, leap_day: LeapDay, expected: list[str | None]
    ) -> None:
        for written in ("1980-02-29", "--02-29"):
            found = birthdays(written, leap_day)
            assert [text(found.day_of(year)) for year in (2023, 2024, 2025, 2100, 2104)] == expected

    @pytest.mark.parametrize("leap_day", RULES)
    def test_every_four_years_there_is_nothing_to_declare(self, leap_day: LeapDay) -> None:
        found = series("2024-02-29", "4 years", leap_day=leap_day)
        assert [text(found.day_of(n)) for n in range(2)] == ["2024-02-29", "2028-02-29"]

    @pytest.mark.parametrize("leap_day", RULES)
    def test_other_days_and_monthly_series_do_not_care(self, leap_day: LeapDay) -> None:
        assert text(birthdays("1980-02-28", leap_day).day_of(2023)) == "2023-02-28"
        assert text(birthdays("1980-03-01", leap_day).day_of(2023)) == "2023-03-01"
        monthly = series("2024-02-29", "1 month", leap_day=leap_day)
        assert [text(monthly.day_of(n)) for n in (11, 12)] == ["2025-01-29", "2025-02-28"]


class TestBirthdays:
    """CAD-7: "birthdays (solar, lunar, unknown year)" and CAD-13: the occurrence of a grid is told apart in the key."""

    def test_one_of_an_unknown_year_comes_in_every_year(self) -> None:
        found = birthdays("--12-31")
        assert [text(found.day_of(year)) for year in (1900, 2026, 2199)] == ["1900-12-31", "2026-12-31", "2199-12-31"]
        assert found.first == 1900

    def test_the_day_of_birth_is_no_birthday_yet(self) -> None:
        found = birthdays("2024-05-05")
        assert [text(found.day_of(year)) for year in (2023, 2024, 2025)] == [None, None, "2025-05-05"]
        assert found.first == 2025

    def test_they_are_named_by_person_and_year(self) -> None:
        found = birthdays("1980-02-29")
        assert (found.person_id, found.name_of(2026)) == ("p", "p@2026")
        assert found.index_near(date(2026, 12, 31).toordinal()) == 2026

    def test_each_person_with_a_birthday_has_a_series_in_order_of_id(self) -> None:
        people = [person(None if at % 3 == 0 else f"--01-{at:02}", name) for at, name in enumerate(NASTY_IDS, start=1)]
        found = [one.person_id for one in grids_of(grid_rule(anchor="people.birthday", every=None), history(*people), None)]
        assert found == sorted(one.id for one in people if one.birthday is not None)
        # The series must not share one variable: each keeps its own day.
        days = {
            one.person_id: one.day_of(2026)
            for one in grids_of(grid_rule(anchor="people.birthday", every=None), history(*people), None)
        }
        assert days == {p.id: date(2026, 1, p.birthday.day).toordinal() for p in people if p.birthday is not None}


class TestAnchors:
    """CAD-3: "grid (birthdays, agreed series, contract dates: anchor + n steps)"."""

    def first(self, rule: CadenceRule, since: date | None = None, anchor: date | None = None) -> list[str | None]:
        ordinal = None if anchor is None else anchor.toordinal()
        return [text(one.day_of(0)) for one in grids_of(rule, history(since=since), ordinal)]

    def test_a_date_of_its_own_needs_nothing_else(self) -> None:
        assert self.first(grid_rule(), since=date(2020, 5, 5), anchor=date(2021, 6, 6)) == ["2026-01-31"]

    def test_the_clients_first_day_where_it_is_known(self) -> None:
        rule = grid_rule(anchor="client.client_since_on")
        assert self.first(rule, since=date(2020, 5, 5), anchor=date(2021, 6, 6)) == ["2020-05-05"]
        assert self.first(rule, anchor=date(2021, 6, 6)) == []

    def test_a_date_fact_where_it_is_known(self) -> None:
        rule = grid_rule(anchor="contract_on")
        assert self.first(rule, since=date(2020, 5, 5), anchor=date(2021, 6, 6)) == ["2021-06-06"]
        assert self.first(rule, since=date(2020, 5, 5)) == []

    def test_without_people_there_is_no_birthday(self) -> None:
        assert self.first(grid_rule(anchor="people.birthday", every=None), since=date(2020, 5, 5), anchor=date(2021, 6, 6)) == []
