"""What cadence promises about speed: series as integers, and no pendulum arithmetic in a loop."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from time import process_time
from typing import Any

import pendulum
import pytest
from dateutil.rrule import MONTHLY, WEEKLY, rrule  # type: ignore[import-untyped,unused-ignore]
from pytest_benchmark.fixture import BenchmarkFixture

from relcare.cadence import CadenceRule, PatternTable
from relcare.calendars import Roll, RollTable, Weekdays
from relcare.decisions import Policy
from relcare.model import Book, Client, Touchpoint
from relcare.policy import Every

Ratio = Callable[..., None]
YEARS = 2
FIRST, LAST = date(2026, 1, 1), date(2026 + YEARS - 1, 12, 31)


def series(count: int) -> dict[str, tuple[Every, int, Roll]]:
    """Clients with weekly and monthly contacts from the days of one quarter."""
    steps = (Every(days=7), Every(months=1))
    return {f"c{n:05}": (steps[n % 2], FIRST.toordinal() + n % 90, "none") for n in range(count)}


def ours(asked: dict[str, tuple[Every, int, Roll]]) -> list[tuple[str, int, int]]:
    patterns = PatternTable(RollTable(Weekdays(), FIRST, LAST), LAST.toordinal())
    return list(patterns.expand(asked, FIRST.toordinal(), LAST.toordinal()))


@pytest.mark.speed("expansion of recurring contacts against rrule", faster=20)
def test_expansion_against_rrule(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    asked = series(200 if benchmark.enabled else 6)
    last = datetime(LAST.year, LAST.month, LAST.day)

    def by_rrule() -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        for name, (every, anchor, _) in asked.items():
            begun = datetime.fromordinal(anchor)
            rule = rrule(WEEKLY if every.days else MONTHLY, dtstart=begun, until=last)
            found.extend((name, n, day.toordinal()) for n, day in enumerate(rule))
        return found

    short = {name: one for name, one in asked.items() if date.fromordinal(one[1]).day <= 28}  # rrule skips short months
    assert [entry for entry in by_rrule() if entry[0] in short] == [entry for entry in ours(asked) if entry[0] in short]
    ratio(lambda: ours(asked), by_rrule)


@pytest.mark.speed("expansion of recurring contacts against a range of pendulum", faster=25)
def test_expansion_against_a_range_of_pendulum(benchmark: BenchmarkFixture, ratio: Ratio) -> None:
    asked = series(200 if benchmark.enabled else 6)
    last = pendulum.datetime(LAST.year, LAST.month, LAST.day)

    def by_range() -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        for name, (every, anchor, _) in asked.items():
            begun = date.fromordinal(anchor)
            span = pendulum.interval(pendulum.datetime(begun.year, begun.month, begun.day), last)
            days = span.range("weeks" if every.days else "months")
            found.extend((name, n, day.toordinal()) for n, day in enumerate(days))
        return found

    assert len(by_range()) == len(ours(asked))
    ratio(lambda: ours(asked), by_range)


def book(clients: int) -> Book:
    return Book(
        clients=[Client(id=f"c{n:06}", name="C", owner_id=f"o{n % 50}", client_since_on=FIRST) for n in range(clients)],
        touchpoints=[
            Touchpoint(id=f"t{n:06}-{k}", client_id=f"c{n:06}", occurred_at=FIRST + timedelta(days=9 * k + n % 9), channel="call")
            for n in range(clients)
            for k in range(10)
        ],
    )


POLICY = Policy(
    id="p",
    version="1",
    effective_from=FIRST,
    cadence=[
        CadenceRule(id="call", channel="call", every="1 week", satisfied_by=["visit"]),
        CadenceRule(id="visit", channel="visit", every="2 months"),
    ],
)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of garbage, as `timeit` does it: what that costs depends on what else the process holds."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.speed("what is owed to 100,000 clients against 10,000", at_most=12)
def test_due_over_a_hundred_thousand_clients_takes_seconds_and_is_linear_in_the_book(
    benchmark: BenchmarkFixture, judge: Callable[..., None]
) -> None:
    # Both do not fit into the caches of a processor: of a thousand clients each is still at hand when it is asked about again.
    sizes, day = ((10_000, 100_000) if benchmark.enabled else (10, 100)), date(2026, 4, 1)
    with uncollected():
        small, large = map(book, sizes)

    def owed(asked: Book) -> tuple[int, float]:
        with uncollected():
            started = process_time()
            count = len(POLICY.decide(asked, as_of=day).obligations)
            return count, process_time() - started

    many, longer = benchmark.pedantic(owed, args=(large,), rounds=1)  # type: ignore[no-untyped-call]
    few, shorter = min(owed(small) for _ in range(3))
    assert many == 10 * few
    judge(longer / shorter, f"{longer:.1f} s")


def test_no_arithmetic_of_pendulum_is_done_for_a_client_or_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for kind in (pendulum.DateTime, pendulum.Date):
        for name in ("add", "subtract", "diff", "__add__", "__sub__", "in_timezone", "start_of", "end_of"):
            if hasattr(kind, name):
                plain = getattr(kind, name)

                def counted(*args: Any, _plain: Any = plain, _name: str = name, **kwargs: Any) -> Any:
                    calls.append(_name)
                    return _plain(*args, **kwargs)

                monkeypatch.setattr(kind, name, counted)
    counts: list[int] = []
    for clients in (5, 50):
        asked = book(clients)
        calls.clear()
        result = POLICY.decide(asked, as_of=date(2026, 4, 1))
        assert len(result.obligations) == 2 * clients
        counts.append(len(calls))
    assert counts[0] == counts[1], calls[:5]
