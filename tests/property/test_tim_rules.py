from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args

import pendulum
from hypothesis import example, given
from hypothesis import strategies as st

from relcare._time import Every, LeapDay, Span, day_of_year_in
from relcare.model import VOID, Birthday, Book, Client, Touchpoint, standing
from relcare.policy import Window
from relcare.testing import birthdays, books, clients, days, staff, touchpoints, windows

LEAP_DAYS: tuple[LeapDay, ...] = get_args(LeapDay)
steps = st.integers(1, 36).map(lambda n: Every(months=n)) | st.integers(1, 400).map(lambda n: Every(days=n))


def after(step: Every, anchor: date, n: int) -> date:
    return date.fromordinal(step.after(anchor.toordinal(), n))


class TestTim3:
    """TIM-3.

    "Occurrence n of a series is anchor + n steps, clamped to month end, never previous + one step."
    """

    @given(days(), st.integers(1, 36), st.integers(-60, 120))
    @example(date(2026, 1, 31), 1, 2)
    @example(date(2024, 2, 29), 12, 4)
    def test_occurrence_n_in_months_is_the_anchors_day_or_the_end_of_its_month(self, anchor: date, months: int, n: int) -> None:
        found = after(Every(months=months), anchor, n)
        index = anchor.year * 12 + anchor.month - 1 + n * months
        assert found.year * 12 + found.month - 1 == index
        assert found.day == min(anchor.day, monthrange(found.year, found.month)[1])

    @given(days(), st.integers(1, 36), st.integers(-60, 120))
    def test_another_implementation_finds_the_same_day(self, anchor: date, months: int, n: int) -> None:
        assert after(Every(months=months), anchor, n) == pendulum.date(anchor.year, anchor.month, anchor.day).add(
            months=n * months
        )

    @given(days(), st.integers(1, 400), st.integers(-60, 120))
    def test_occurrence_n_in_days_is_that_many_days_away(self, anchor: date, length: int, n: int) -> None:
        assert after(Every(days=length), anchor, n) == anchor + timedelta(days=length * n)

    @given(days(), steps, st.integers(-20, 20))
    def test_a_series_never_drifts_and_never_stands_still(self, anchor: date, step: Every, n: int) -> None:
        assert after(step, anchor, 0) == anchor
        assert after(step, anchor, n) < after(step, anchor, n + 1)
        if step.months:
            twelve = Every(months=step.months * 12)
            assert after(step, anchor, 12 * n) == after(twelve, anchor, n)

    @given(days(), days(), steps, st.integers(-20, 20))
    def test_a_later_anchor_never_gives_an_earlier_occurrence(self, one: date, other: date, step: Every, n: int) -> None:
        first, last = min(one, other), max(one, other)
        assert after(step, first, n) <= after(step, last, n)

    @given(steps)
    def test_the_text_of_a_step_gives_it_back(self, step: Every) -> None:
        assert Every.parse(str(step)) == step

    @given(st.integers(0, 9_999), st.booleans())
    def test_the_text_of_a_tolerance_gives_it_back(self, length: int, is_business: bool) -> None:
        span = Span(days=length, is_business=is_business)
        assert Span.parse(str(span)) == span


class TestTim4:
    """TIM-4.

    "Measuring windows and effective dates are half-open. [...] 90 days and 3 months are different things."
    """

    @given(windows())
    def test_the_text_of_a_window_gives_it_back(self, window: Window) -> None:
        assert Window.parse(str(window)) == window
        assert str(Window.parse(str(window))) == str(window)

    @given(windows(), windows())
    def test_windows_with_one_text_are_one_window(self, one: Window, other: Window) -> None:
        assert (str(one) == str(other)) == (one == other)

    @given(books(max_clients=3), days())
    def test_a_tier_is_in_force_from_its_first_day_to_the_day_before_its_end(self, book: Book, day: date) -> None:
        for client in book.clients:
            spells = [s for s in book.tier_spells if s.client_id == client.id]
            on = [s for s in spells if s.start_on <= day and not (s.end_on is not None and s.end_on <= day)]
            assert len(on) <= 1
            assert dict(book.tiers_in_force(client.id, on=day)) == {s.scheme_id: s.tier for s in on}
            for one in spells:
                assert one.covers(one.start_on)
                assert one.end_on is None or (one.covers(one.end_on - timedelta(days=1)) and not one.covers(one.end_on))


class TestTim5:
    """TIM-5.

    "29 February in other years: 28 February, 1 March, or skip; declared."
    """

    @given(st.integers(1900, 2199), st.sampled_from(LEAP_DAYS))
    @example(2100, "1 March")
    @example(2000, "skip")
    def test_29_february_falls_on_the_declared_day(self, year: int, rule: LeapDay) -> None:
        found = day_of_year_in(year, 2, 29, rule)
        is_leap = (date(year, 3, 1) - date(year, 2, 28)).days == 2
        expected = {"28 February": date(year, 2, 28), "1 March": date(year, 3, 1), "skip": None}[rule]
        assert (None if found is None else date.fromordinal(found)) == (date(year, 2, 29) if is_leap else expected)

    @given(birthdays(), st.integers(1900, 2199), st.sampled_from(LEAP_DAYS))
    @example(Birthday(month=2, day=29), 2025, "skip")
    def test_every_other_day_stays_itself(self, birthday: Birthday, year: int, rule: LeapDay) -> None:
        found = birthday.in_year(year, rule)
        if birthday.year is not None and year < birthday.year:
            assert found is None
        elif (birthday.month, birthday.day) != (2, 29):
            assert found == date(year, birthday.month, birthday.day)
        else:
            assert found is None or (found.year == year and abs(found.toordinal() - date(year, 2, 28).toordinal()) <= 1)

    @given(birthdays())
    def test_the_text_of_a_birthday_gives_it_back(self, birthday: Birthday) -> None:
        assert Birthday.parse(str(birthday)) == birthday

    @given(
        st.lists(staff(), max_size=4, unique_by=lambda member: member.id),
        days(),
        st.integers(0, 366),
        st.integers(0, 366),
        st.sampled_from(LEAP_DAYS),
    )
    def test_two_adjoining_spans_find_what_one_finds(
        self, members: list[object], from_on: date, length: int, cut: int, rule: LeapDay
    ) -> None:
        book = Book(staff=members)  # type: ignore[arg-type]
        until_on, cut = from_on + timedelta(days=length), min(cut, length)
        middle = from_on + timedelta(days=cut)
        whole = book.birthdays(from_on, until_on, leap_day=rule)
        second = book.birthdays(middle + timedelta(days=1), until_on, leap_day=rule) if middle < until_on else ()
        assert book.birthdays(from_on, middle, leap_day=rule) + second == whole
        assert all(from_on <= one.on <= until_on for one in whole)


def stands(entry: Touchpoint, log: Sequence[Touchpoint]) -> bool:
    """The rule as it is written: nothing corrects or deletes the entry that was not taken back itself."""
    return all(is_taken_back(other, log) for other in log if other.voids_id == entry.id)


def is_taken_back(entry: Touchpoint, log: Sequence[Touchpoint]) -> bool:
    """Only a deletion takes a correction back; another correction stands for both."""
    against = [other for other in log if other.voids_id == entry.id and stands(other, log)]
    return against != [] and all(other.channel == VOID for other in against)


class TestTim7:
    """TIM-7.

    "Events are append-only; a correction or deletion is an entry that voids another."
    """

    @given(touchpoints(["c1", "c2"]))
    def test_what_stands_is_what_nothing_standing_takes_back(self, log: tuple[Touchpoint, ...]) -> None:
        assert standing(log) == tuple(entry for entry in log if entry.channel != VOID and stands(entry, log))

    @given(touchpoints(["c1", "c2"]), st.randoms(use_true_random=False))
    def test_the_order_of_the_log_does_not_matter(self, log: tuple[Touchpoint, ...], random: object) -> None:
        shuffled = sorted(log, key=lambda _: random.random())  # type: ignore[attr-defined]
        assert set(standing(shuffled)) == set(standing(log))

    @given(touchpoints(["c1", "c2"]), st.integers(0, 6))
    def test_deleting_an_entry_and_taking_the_deletion_back_changes_nothing(self, log: tuple[Touchpoint, ...], at: int) -> None:
        before = standing(log)
        if before:
            entry = before[at % len(before)]
            deletion = Touchpoint(
                id="new 1", client_id=entry.client_id, occurred_at=date(2026, 1, 1), channel=VOID, voids_id=entry.id
            )
            undo = Touchpoint(id="new 2", client_id=entry.client_id, occurred_at=date(2026, 1, 1), channel=VOID, voids_id="new 1")
            assert entry not in standing([*log, deletion])
            assert standing([*log, deletion, undo]) == before

    @given(books(max_clients=3))
    def test_one_clients_corrections_touch_no_other_client(self, book: Book) -> None:
        for client in book.clients:
            own = [entry for entry in book.touchpoints if entry.client_id == client.id]
            assert book.touchpoints_by_client.get(client.id, ()) == standing(own)

    @given(clients(), days(), st.sampled_from(["likelihood", "region_weight", "등급"]))
    def test_an_attribute_is_what_the_last_change_up_to_the_day_made_it(self, client: Client, day: date, name: str) -> None:
        changes = [change for change in client.attribute_changes if change.name == name and change.effective_on <= day]
        found = client.attribute(name, as_of=day)
        if not changes:
            assert found == client.attributes.get(name)
        else:
            last = max(change.effective_on for change in changes)
            assert found in [change.value for change in changes if change.effective_on == last]
        later = [change for change in client.attribute_changes if change.effective_on > day]
        before = [change for change in client.attribute_changes if change.effective_on <= day]
        assert (
            Client(id="c", name="c", attributes=client.attributes, attribute_changes=before).attribute(name, as_of=day) == found
        )
        assert not later or len(before) < len(client.attribute_changes)
