"""TIM-3: "Occurrence n of a series is anchor + n steps, clamped to month end, never previous + one step"."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from relcare.cadence import PatternTable, occurrence_days
from relcare.calendars import Calendar, Roll, RollTable
from relcare.policy import Every
from relcare.testing import calendars

DAYS = st.integers(date(2019, 12, 1).toordinal(), date(2028, 3, 31).toordinal())
STEPS = st.sampled_from([Every(days=1), Every(days=10), Every(days=14), *(Every(months=n) for n in (1, 2, 3, 5, 12, 48))])
ROLLS = st.sampled_from(["following", "preceding", "nearest", "none"])


class TestTim3:
    """TIM-3: "Occurrence n of a series is anchor + n steps, clamped to month end, never previous + one step"."""

    @given(STEPS, DAYS, DAYS)
    def test_every_day_is_the_anchor_and_so_many_steps(self, every: Every, anchor: int, until: int) -> None:
        expected, n = list[int](), 0
        while (day := every.after(anchor, n)) <= until:
            expected.append(day)
            n += 1
        assert occurrence_days(every, anchor, until) == expected

    @given(STEPS, DAYS, ROLLS, calendars(), st.tuples(DAYS, DAYS))
    def test_what_lies_between_two_days_is_a_slice_of_it(
        self, every: Every, anchor: int, roll: Roll, calendar: Calendar, between: tuple[int, int]
    ) -> None:
        low, high = sorted(between)
        table = RollTable(calendar, date(2020, 1, 1), date(2028, 12, 31))
        patterns = PatternTable(table, date(2028, 6, 30).toordinal())
        due = [table.roll(roll, day) for day in occurrence_days(every, anchor, patterns.until)]
        expected = [(n, day) for n, day in enumerate(due) if low <= day <= high]
        assert patterns.between(every, anchor, roll, low, high) == expected
        assert list(patterns.expand({"c": (every, anchor, roll)}, low, high)) == [("c", n, day) for n, day in expected]

    def test_the_last_day_that_a_date_may_have_is_the_end(self) -> None:
        end = date(2199, 12, 31).toordinal()
        assert occurrence_days(Every(months=1), end - 40, end + 400)[-1] <= end
        assert occurrence_days(Every(months=1), end, end - 1) == []
