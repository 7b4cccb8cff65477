"""Two policies over one book on Spark: as over objects, and rows that say why in the same words."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from tests.property import test_frames_compare as compared
from tests.property.frames_alike import rows_of
from tests.spark.test_spark_identity import CASES, LONG

from relcare.codec import loads_policy

pytest.importorskip("pyspark")
pytestmark = pytest.mark.skipif(CASES < LONG, reason="takes a minute: make spark")


def test_two_policies_differ_on_spark_as_over_objects(in_spark: Callable[[Any], Any]) -> None:
    book = attrs.evolve(compared.house_book(6, 30, has_tiers=False), purchases=())
    whole = compared.frames.frames_of(book)
    few = compared.frames.Frames(clients=whole.clients, touchpoints=whole.touchpoints, zone=whole.zone, is_checked=True)
    policies = loads_policy(compared.LITTLE), loads_policy(compared.LITTLE_OTHER)
    found = compared.check_same(*policies, book, compared.DAY, in_spark(few))
    assert {one.room for one in found.transitions()} == {"segmentation", "segments"}


def test_rows_of_spark_say_why_in_the_same_words(in_spark: Callable[[Any], Any]) -> None:
    frames, policy = compared.frames, loads_policy(compared.LITTLE)
    given = frames.frames_of(compared.house_book(6, 12, has_tiers=False))
    told: list[dict[str, tuple[str, ...]]] = []
    for tables in (given, in_spark(given)):
        rows = rows_of(frames.decide(policy, tables, as_of=compared.DAY, only=["segmentation", "segments"]).clients)
        told.append({str(row["client_id"]): frames.explain_row(policy, row, as_of=compared.DAY) for row in rows})
    assert told[0] == told[1]
    assert len(told[0]) == 12
