"""STO-4: touchpoints and purchases have a shorter way into text and out of it, which must lead to the same place."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.property.test_records import anatomy

from relcare.codec import RECORD_FORMAT
from relcare.codec._event_texts import EventText
from relcare.codec._record_hooks import record_converter
from relcare.model import Book, Purchase, Touchpoint
from relcare.testing import books

CONVERTER = record_converter()
TOUCHPOINTS, PURCHASES = EventText(Touchpoint, RECORD_FORMAT), EventText(Purchase, RECORD_FORMAT)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", " ", "in", "incoming", "void", "2026-03-20", "2026-03-20T10:00:00+09:00[Asia/Seoul]", "20260320"]),
    st.sampled_from(["2026-03-20T10:00:00", "12.5 CNY", "-0 CNY", "12,5 CNY", "t-1", "a\u0000b", "2026-03-20T10:00:00+09:00[x]"]),
    st.just([]),
    st.just({"a": "b"}),
)


def long_way(value: Touchpoint | Purchase) -> str:
    document = {"format": RECORD_FORMAT, **CONVERTER.unstructure(value)}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def outcome(load: Any, document: dict[str, object]) -> object:
    try:
        return anatomy(load(dict(document)))
    except Exception:  # noqa: BLE001 - whatever it is, the codec calls the text damaged
        return "refused"


class TestSto4:
    """STO-4: documents written by an older release load in a newer one."""

    @settings(max_examples=25)
    @given(books())
    def test_both_ways_write_the_same_text(self, book: Book) -> None:
        assert [TOUCHPOINTS.dump(one) for one in book.touchpoints] == [long_way(one) for one in book.touchpoints]
        assert [PURCHASES.dump(one) for one in book.purchases] == [long_way(one) for one in book.purchases]

    @given(
        name=st.sampled_from([*Touchpoint.__annotations__, "colour", "self", "format"]),
        junk=JUNK,
        is_left_out=st.booleans(),
    )
    @example(name="direction", junk="in", is_left_out=False)
    @example(name="follow_up_at", junk=None, is_left_out=False)
    def test_both_ways_read_and_refuse_the_same_touchpoints(self, name: str, junk: object, *, is_left_out: bool) -> None:
        document: dict[str, object] = {"id": "t-9", "client_id": "c-1", "occurred_at": "2026-03-20", "channel": "call"}
        changed = {key: value for key, value in document.items() if key != name} if is_left_out else {**document, name: junk}
        long = outcome(lambda found: CONVERTER.structure(found, Touchpoint), changed)
        assert outcome(lambda found: TOUCHPOINTS.load(found, None), changed) == long

    @given(name=st.sampled_from([*Purchase.__annotations__, "colour"]), junk=JUNK, is_left_out=st.booleans())
    @example(name="purchased_on", junk="2026-03-20T10:00:00+09:00[Asia/Seoul]", is_left_out=False)
    def test_both_ways_read_and_refuse_the_same_purchases(self, name: str, junk: object, *, is_left_out: bool) -> None:
        document: dict[str, object] = {"id": "b-9", "client_id": "c-1", "purchased_on": "2026-03-20", "amount": "12.50 CNY"}
        changed = {key: value for key, value in document.items() if key != name} if is_left_out else {**document, name: junk}
        long = outcome(lambda found: CONVERTER.structure(found, Purchase), changed)
        assert outcome(lambda found: PURCHASES.load(found, None), changed) == long


@pytest.mark.parametrize("kind", [Touchpoint, Purchase])
def test_every_field_is_one_that_this_way_knows(kind: Any) -> None:
    """A field of another type (a set, a flag, a number) needs the converter, or a way of its own here."""
    known = {"str", "str | None", "date", "date | None", "Money", "Direction"}
    annotations = {getattr(one, "__name__", str(one)) for one in kind.__annotations__.values()}
    plain = {one.replace("datetime.", "") for one in annotations}
    assert {one for one in plain if "Literal" not in one} <= known
