"""Public festivals as days of a year: fixed, by weekday, or after a lunar calendar (CAD-7).

These are the days that are greeted, not the days off around them: those belong to the business calendars.
"""

from datetime import date, timedelta
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap
from relcare.calendars._lunar import LunarCalendar, solar_day
from relcare.errors import UnknownRecordError, nearest

__all__ = ["FESTIVALS", "Festival", "festival"]


@attrs.frozen(kw_only=True)
class Festival:
    """A day that comes every year.

    Attributes:
        id: Country and name, such as `cn.mid_autumn`.
        title: In English.
        month: Of the solar or lunar year.
        day: Of the month; 0 where the weekday decides.
        lunar: The lunar calendar that month and day are meant in; None for solar ones.
        weekday: 0 for Monday to 6 for Sunday, with `week`: the so-many-th of the month, or the last for -1.
        week: See `weekday`; 0 where the day is fixed.
    """

    id: str
    title: str
    month: int
    day: int = 0
    lunar: LunarCalendar | None = None
    weekday: int = 0
    week: int = 0

    def in_year(self, year: int) -> date | None:
        """Its day in a civil year; None where the lunar calendar is not known for that year.

        Raises:
            MissingExtraError: For a lunar festival, if the extra `lunar` is not installed.
        """
        if self.lunar is not None:  # none of them is after the eleventh month, so that lunar and civil year agree
            return solar_day(self.lunar, year, self.month, self.day)
        if not self.week:
            return date(year, self.month, self.day)
        if self.week < 0:
            last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - self.weekday) % 7)
        first = date(year, self.month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.week - 1))


_ALL: Final = (
    Festival(id="cn.new_year", title="New Year", month=1, day=1),
    Festival(id="cn.spring_festival", title="Spring Festival", month=1, day=1, lunar="chinese"),
    Festival(id="cn.lantern", title="Lantern Festival", month=1, day=15, lunar="chinese"),
    Festival(id="cn.labour_day", title="Labour Day", month=5, day=1),
    Festival(id="cn.dragon_boat", title="Dragon Boat Festival", month=5, day=5, lunar="chinese"),
    Festival(id="cn.mid_autumn", title="Mid-Autumn Festival", month=8, day=15, lunar="chinese"),
    Festival(id="cn.double_ninth", title="Double Ninth Festival", month=9, day=9, lunar="chinese"),
    Festival(id="cn.national_day", title="National Day", month=10, day=1),
    Festival(id="kr.new_year", title="New Year", month=1, day=1),
    Festival(id="kr.seollal", title="Korean New Year", month=1, day=1, lunar="korean"),
    Festival(id="kr.childrens_day", title="Children's Day", month=5, day=5),
    Festival(id="kr.buddhas_birthday", title="Buddha's Birthday", month=4, day=8, lunar="korean"),
    Festival(id="kr.chuseok", title="Chuseok", month=8, day=15, lunar="korean"),
    Festival(id="kr.national_foundation_day", title="National Foundation Day", month=10, day=3),
    Festival(id="kr.hangul_day", title="Hangul Day", month=10, day=9),
    Festival(id="kr.christmas", title="Christmas", month=12, day=25),
    Festival(id="us.new_year", title="New Year's Day", month=1, day=1),
    Festival(id="us.memorial_day", title="Memorial Day", month=5, weekday=0, week=-1),
    Festival(id="us.independence_day", title="Independence Day", month=7, day=4),
    Festival(id="us.labor_day", title="Labor Day", month=9, weekday=0, week=1),
    Festival(id="us.thanksgiving", title="Thanksgiving Day", month=11, weekday=3, week=4),
    Festival(id="us.christmas", title="Christmas Day", month=12, day=25),
    Festival(id="eu.new_year", title="New Year", month=1, day=1),
    Festival(id="eu.christmas", title="Christmas", month=12, day=25),
)
FESTIVALS: Final = ReadOnlyMap({one.id: one for one in _ALL})
"""All of them by id."""


def festival(festival_id: str) -> Festival:
    """The festival with an id.

    Raises:
        UnknownRecordError: If there is none; it names the nearest.

    Examples:
        >>> festival("us.thanksgiving").in_year(2026)
        datetime.date(2026, 11, 26)
    """
    if festival_id not in FESTIVALS:
        near = nearest(festival_id, FESTIVALS)
        raise UnknownRecordError("festival", festival_id, f"did you mean {near!r}?" if near else None)
    return FESTIVALS[festival_id]
