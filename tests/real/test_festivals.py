"""Festivals against the lists that governments published."""

import csv
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from relcare.calendars import festival


def _data(name: str) -> Path:
    data = os.environ.get("RELCARE_DATA")
    if not data:
        pytest.skip("RELCARE_DATA names no folder of data sets")
    if not (Path(data) / name).is_dir():
        pytest.skip(f"the folder that RELCARE_DATA names has no {name}")
    return Path(data) / name


def _korean_days(name: str) -> Iterator[date]:
    for year in range(2018, 2028):
        with (_data("cal_kr") / f"{year}.csv").open(encoding="utf-8-sig", newline="") as lines:
            yield from (date.fromisoformat(row["Start date"]) for row in csv.DictReader(lines) if row["Subject"] == name)


class TestOfficialLists:
    @pytest.mark.parametrize(
        ("festival_id", "name"), [("kr.seollal", "설날"), ("kr.chuseok", "추석"), ("kr.buddhas_birthday", "부처님 오신 날")]
    )
    def test_korean_festivals_are_those_of_the_almanac(self, festival_id: str, name: str) -> None:
        official = list(_korean_days(name))
        assert official
        assert [festival(festival_id).in_year(day.year) for day in official] == official

    @pytest.mark.parametrize(
        ("festival_id", "name"), [("cn.spring_festival", "春节"), ("cn.dragon_boat", "端午节"), ("cn.mid_autumn", "中秋节")]
    )
    def test_chinese_festivals_are_among_the_days_off_of_their_notice(self, festival_id: str, name: str) -> None:
        found = 0
        for year in range(2019, 2027):
            listed = json.loads((_data("cal_cn") / f"{year}.json").read_text(encoding="utf-8"))["days"]
            off = {date.fromisoformat(one["date"]) for one in listed if one["isOffDay"] and name in one["name"]}
            if off:
                found += 1
                assert festival(festival_id).in_year(year) in off
        assert found >= 6

    def test_american_festivals_are_those_of_the_office_of_personnel_management(self) -> None:
        with (_data("cal_us") / "opm_holidays_2010_2030.csv").open(encoding="utf-8", newline="") as lines:
            listed = {tuple(row.values()) for row in csv.DictReader(lines)}
        text = {value for row in listed for value in row}
        for year in range(2011, 2031):
            for name in ("us.thanksgiving", "us.memorial_day", "us.labor_day"):
                assert str(festival(name).in_year(year)) in text
