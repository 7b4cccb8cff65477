"""Whole years of three countries, day by day, against what their governments published."""

import csv
import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from relcare.calendars import calendar

# Two slips of the file: New Year fell on a Saturday and was observed on the Friday before (5 U.S.C. 6103), not a year later.
OPM_SLIPS = {date(2022, 12, 31): date(2021, 12, 31), date(2028, 12, 31): date(2027, 12, 31)}


def folder(name: str) -> Path:
    root = os.environ.get("RELCARE_DATA")
    if not root:
        pytest.skip("RELCARE_DATA names no folder of data sets")
    found = Path(root) / name
    if not found.is_dir():
        pytest.skip(f"the folder that RELCARE_DATA names has no {name}")
    return found


def days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))


def published_in_china() -> dict[date, bool]:
    """The days off (true) and the make-up working days (false) of all the notices."""
    found: dict[date, bool] = {}
    for file in sorted(folder("cal_cn").glob("20??.json")):
        for entry in json.loads(file.read_text(encoding="utf-8"))["days"]:
            found[date.fromisoformat(entry["date"])] = entry["isOffDay"]
    return found


@pytest.mark.parametrize("year", range(2019, 2027))
def test_every_day_in_china_is_what_the_state_council_announced(year: int) -> None:
    off_by_day, china = published_in_china(), calendar("CN")
    assert sum(day.year == year for day in off_by_day) > 20
    wrong = [day for day in days_of(year) if china.is_business_day(day) == off_by_day.get(day, day.weekday() >= 5)]
    assert wrong == []
    assert all(china.is_known(day) for day in days_of(year))


def test_china_is_not_known_in_the_year_whose_notice_is_not_out() -> None:
    notice = json.loads((folder("cal_cn") / "2027.json").read_text(encoding="utf-8"))
    assert notice["days"] == []
    china = calendar("CN")
    assert not any(china.is_known(day) for day in days_of(2027))


@pytest.mark.parametrize("year", range(2018, 2028))
def test_every_day_in_korea_is_what_the_almanac_says(year: int) -> None:
    with (folder("cal_kr") / f"{year}.csv").open(encoding="utf-8-sig", newline="") as lines:
        holidays = {date.fromisoformat(row["Start date"]) for row in csv.DictReader(lines)}
    korea = calendar("KR")
    wrong = [day for day in days_of(year) if korea.is_business_day(day) != (day.weekday() < 5 and day not in holidays)]
    assert wrong == []
    assert all(korea.is_known(day) for day in days_of(year))


@pytest.mark.parametrize("year", range(2011, 2031))
def test_every_day_in_the_united_states_is_what_the_office_of_personnel_management_says(year: int) -> None:
    with (folder("cal_us") / "opm_holidays_2010_2030.csv").open(encoding="utf-8", newline="") as lines:
        listed = {date.fromisoformat(row["Date"]) for row in csv.DictReader(lines)}
    assert set(OPM_SLIPS) <= listed
    holidays = {OPM_SLIPS.get(day, day) for day in listed}
    federal = calendar("US")
    wrong = [day for day in days_of(year) if federal.is_business_day(day) != (day.weekday() < 5 and day not in holidays)]
    assert wrong == []
