"""Tables whose rows were checked before are decided as those that are checked again."""

from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.frames_policies import over_columns

from relcare.decisions import Policy
from relcare.errors import BookDocumentError, UnsupportedPolicyError
from relcare.model import Book
from relcare.testing import books_for, days_in_force, policies

pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

PARTS = ("grades", "segmentation", "vip", "segments")  # what is owed rests on the same tables


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, Book, date]:
    policy = over_columns(draw(policies(with_examples=False)))
    return policy, draw(books_for(policy, max_clients=6)), draw(days_in_force(policy))


class TestCheckedBefore:
    """TIM-1 Every answer depends only on its arguments: who looks at the rows changes none of them."""

    @settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None)
    @given(cases())
    def test_sound_rows_are_decided_alike(self, case: tuple[Policy, Book, date]) -> None:
        policy, book, day = case
        given_frames = frames.frames_of(book)

        def rows(tables: Any) -> Any:
            return frames.decide(policy, tables, as_of=day, only=PARTS).clients.collect().sort("client_id")

        try:
            wanted = rows(given_frames)
        except (BookDocumentError, UnsupportedPolicyError):
            return
        assert rows(attrs.evolve(given_frames, is_checked=True)).equals(wanted)
