"""The suite of `tests/property/test_frames_identity.py` over Spark: objects, polars and Spark say the same, to the last row.

`make spark` draws `SPARK_CASES` of them and prints how much was compared.
"""

import os
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.property import frames_alike as alike
from tests.property.frames_book import DAYS, drawn_book
from tests.property.frames_policies import RICH, cases

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.model import Book

CASES: Final = int(os.environ.get("RELCARE_IDENTITY", "2"))
LONG: Final = 10
"""From so many cases on the run is not a slice."""

pytestmark = pytest.mark.usefixtures("spark")


def assert_same(policy: Policy, book: Book, as_of: date, in_spark: Callable[[Any], Any]) -> None:
    """What each client is decided to be, by objects, in polars and on Spark."""
    given_frames = alike.frames.frames_of(book)
    wanted = alike.outcome(lambda: alike.by_objects(policy, book, as_of))
    for engine, tables in (("polars", given_frames), ("Spark", in_spark(given_frames))):
        found = alike.outcome(partial(alike.by_columns, policy, tables, as_of))
        alike.assert_alike(engine, wanted, found)


class TestIdentity:
    """TIM-1 Every answer depends only on its arguments. CRI-2: so that every engine agrees."""

    # What fails is not made smaller: each try takes Spark seconds.
    @settings(max_examples=CASES, suppress_health_check=list(HealthCheck), deadline=None, phases=(Phase.explicit, Phase.generate))
    @given(case=cases())
    def test_objects_polars_and_spark_decide_alike(self, in_spark: Callable[[Any], Any], case: tuple[Policy, Book, date]) -> None:
        assert_same(*case, in_spark)

    @pytest.mark.skipif(CASES < LONG, reason="takes half a minute: make spark")
    def test_tiers_of_a_full_book_are_alike(self, in_spark: Callable[[Any], Any]) -> None:
        without = attrs.evolve(loads_policy(RICH), cadence=(), triggers=(), permission=None, vip=())
        assert_same(without, drawn_book(0, 40), DAYS[0], in_spark)

    @pytest.mark.skipif(CASES < LONG, reason="takes minutes: make spark")
    @pytest.mark.parametrize("as_of", DAYS, ids=str)
    def test_a_policy_of_every_kind_decides_a_full_book_alike(self, in_spark: Callable[[Any], Any], as_of: date) -> None:
        assert_same(loads_policy(RICH), drawn_book(0, 40), as_of, in_spark)


def test_how_much_was_compared(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("", *(f"{count:>9,} {what}" for what, count in sorted(alike.COMPARED.items())), sep="\n")  # noqa: T201 - asked for
    assert alike.COMPARED["books with Spark"]
