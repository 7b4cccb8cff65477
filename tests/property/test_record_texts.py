"""STO-4: what stores keep has a shorter way into text and out of it than the converter's, which must lead to the same place."""

import json
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.property.test_records import KINDS, anatomy

from relcare.access import ChangeEvent, DelegationEvent, GrantEvent
from relcare.codec import (
    RECORD_FORMAT,
    RecordChange,
    RecordCodec,
    RecordValue,
    TextPiece,
    dump_record,
    load_record,
    load_records,
)
from relcare.codec._record_hooks import record_converter
from relcare.codec._record_kinds import CLASSES
from relcare.codec._record_reading import reader_of
from relcare.codec._records import _CONVERTED
from relcare.errors import StorageError
from relcare.model import Book, MembershipEvent, Review
from relcare.storage._book_entries import client_owners, client_pins, client_tiers, staff_absences
from relcare.testing import books

CONVERTER = record_converter()
JUNK: list[Any] = [
    *(None, True, False, -3, 0, 3, "", " ", "in", "incoming", "void", "given", "x" * 201, "--02-29", "korean 1957-08-15"),
    *("2026-03-20", "2026-03-20T10:00:00+09:00[Asia/Seoul]", "20260320", "2026-03-20T10:00:00", "2026-03-20T10:00:00+09:00[x]"),
    *("12.5 CNY", "-0 CNY", "12,5 CNY", "t-1", "a\u0000b", "Asia/Seoul"),
    *([], ["a"], ["a", 1], [[]], [{}], {}, {"a": "b"}, {"a": {"date": "2026-03-20"}}, {"a": {"set": ["x"]}}, {"a": {"set": "x"}}),
    *({"a": {"decimal": "1.50"}}, {"a": {"decimal": 1}}, {"a": {}}, {"decimal": "1.5"}, {"date": "2026-03-20"}, {"list": ["a"]}),
    *([{"name": "a", "value": None, "effective_on": "2026-03-20"}], [{"name": "a", "value": 1, "effective_on": 3}]),
    [{"client_id": "c-1", "scheme_id": "abc", "tier": "A", "start_on": "2026-03-20"}],
    [{"client_id": "c-1", "scheme_id": "abc", "tier": "A", "start_on": "2026-03-20", "colour": "red"}],
]
DOCUMENTS: dict[str, dict[str, object]] = {
    "absence": {"staff_id": "lee", "start_on": "2026-03-20"},
    "absences": {"staff_id": "lee", "absences": []},
    "access_case": {"step_ids": ["s-1"]},
    "appointment": {"id": "a-1", "client_id": "c-1", "staff_id": "lee", "on": "2026-03-20", "channel": "visit"},
    "book": {"zone": "Asia/Seoul"},
    "change": {"kind": "client", "record_id": "c-1", "version": 2},
    "client": {"id": "c-1", "name": "김철수"},
    "consent": {"id": "n-1", "client_id": "c-1", "kind": "given", "start_on": "2026-03-20"},
    "membership_event": {
        "id": "m-1",
        "client_id": "c-1",
        "programme_id": "vip",
        "step": "applied",
        "on": "2026-03-20",
        "by": "lee",
    },
    "owner_spell": {"client_id": "c-1", "owner_id": None, "start_on": "2026-03-20"},
    "owners": {"client_id": "c-1", "spells": []},
    "person": {"id": "p-1", "client_id": "c-1", "name": "王小明"},
    "pin": {"client_id": "c-1", "scheme_id": "abc", "tier": "A", "by": "lee", "reason": "founder", "start_on": "2026-03-20"},
    "pins": {"client_id": "c-1", "pins": []},
    "purchase": {"id": "b-9", "client_id": "c-1", "purchased_on": "2026-03-20", "amount": "12.50 CNY"},
    "staff": {"id": "lee", "name": "이수진"},
    "text_piece": {"text": "가"},
    "tier_spell": {"client_id": "c-1", "scheme_id": "abc", "tier": "A", "start_on": "2026-03-20"},
    "tiers": {"client_id": "c-1", "spells": []},
    "touchpoint": {"id": "t-9", "client_id": "c-1", "occurred_at": "2026-03-20", "channel": "call"},
}
LEFT_OUT = object()
PLACES = [(kind, name) for kind in sorted(DOCUMENTS) for name in [*attrs.fields_dict(CLASSES[kind]), "colour", "self", "format"]]


def long_way(value: RecordValue) -> str:
    document = {"format": RECORD_FORMAT, **CONVERTER.unstructure(value)}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def outcome(load: Any, document: dict[str, object]) -> object:
    try:
        return anatomy(load(json.loads(json.dumps(document))))
    except Exception:  # noqa: BLE001 - whatever it is, the codec calls the text damaged
        return "refused"


def kept(book: Book) -> list[RecordValue]:
    """What stores keep of a book."""
    found: list[RecordValue] = [value for name in KINDS for value in getattr(book, name)]
    found += [client_tiers(one, spells) for one, spells in book.tier_spells_by_client.items()]
    found += [client_pins(one, pins) for one, pins in book.pins_by_client.items()]
    found += [client_owners(one, spells) for one, spells in book.owner_spells_by_client.items()]
    found += [staff_absences(one, absences) for one, absences in book.absences_by_staff.items()]
    return found


class TestSto4:
    """STO-4: documents written by an older release load in a newer one."""

    @settings(max_examples=25)
    @given(books())
    def test_both_ways_write_the_same_text(self, book: Book) -> None:
        assert [dump_record(one) for one in kept(book)] == [long_way(one) for one in kept(book)]

    @settings(max_examples=20)
    @given(st.sampled_from([ChangeEvent, DelegationEvent, GrantEvent, MembershipEvent, Review]).flatmap(st.from_type))
    def test_both_ways_write_the_same_text_of_what_has_parts(self, value: RecordValue) -> None:
        assert dump_record(value) == long_way(value)

    @pytest.mark.parametrize("value", [RecordChange(kind="client", record_id='"', version=2), TextPiece(text="\\", count=3)])
    def test_both_ways_write_the_same_text_of_what_only_stores_have(self, value: RecordValue) -> None:
        assert dump_record(value) == long_way(value)

    @pytest.mark.parametrize("kind", DOCUMENTS)
    def test_both_ways_read_the_plain_document(self, kind: str) -> None:
        long = outcome(lambda found: CONVERTER.structure(found, CLASSES[kind]), DOCUMENTS[kind])
        assert outcome(lambda found: reader_of(CLASSES[kind]).read(found, None), DOCUMENTS[kind]) == long != "refused"

    @settings(max_examples=200)
    @given(st.sampled_from(PLACES), st.sampled_from([*JUNK, LEFT_OUT]))
    @example(("touchpoint", "direction"), "in")
    @example(("touchpoint", "follow_up_at"), None)
    @example(("purchase", "purchased_on"), "2026-03-20T10:00:00+09:00[Asia/Seoul]")
    def test_both_ways_read_and_refuse_the_same(self, place: tuple[str, str], junk: object) -> None:
        kind, name = place
        document = {one: value for one, value in DOCUMENTS[kind].items() if one != name}
        changed = document if junk is LEFT_OUT else {**document, name: junk}
        long = outcome(lambda found: CONVERTER.structure(found, CLASSES[kind]), changed)
        assert outcome(lambda found: reader_of(CLASSES[kind]).read(found, None), changed) == long

    @settings(max_examples=25)
    @given(books())
    def test_many_texts_at_once_are_read_as_one_by_one(self, book: Book) -> None:
        for name, kind in KINDS.items():
            texts = [dump_record(value) for value in getattr(book, name)]
            assert [anatomy(one) for one in load_records(kind, texts)] == [anatomy(one) for one in getattr(book, name)]

    @settings(max_examples=100)
    @given(
        st.sampled_from([place for place in PLACES if place[0] in {"client", "purchase", "touchpoint"}]), st.sampled_from(JUNK)
    )
    @example(("touchpoint", "direction"), None)
    @example(("touchpoint", "occurred_at"), None)
    @example(("touchpoint", "colour"), "red")
    def test_many_texts_at_once_are_refused_as_one_by_one(self, place: tuple[str, str], junk: object) -> None:
        kind, name = place
        plain = {"format": RECORD_FORMAT, **DOCUMENTS[kind]}
        texts = [json.dumps(one) for one in (plain, {**plain, name: junk}, {**plain, "format": 1})]
        assert read_all(kind, texts) == read_each(kind, texts)
        assert read_all(kind, texts[:2]) == read_each(kind, texts[:2])


def read_all(kind: str, texts: Sequence[str]) -> object:
    try:
        return [anatomy(one) for one in load_records(kind, texts)]
    except StorageError as error:
        return str(error)


def read_each(kind: str, texts: Sequence[str]) -> object:
    try:
        return [anatomy(load_record(kind, text)) for text in texts]
    except StorageError as error:
        return str(error)


def test_every_kind_has_a_document_here_or_is_read_by_the_converter() -> None:
    assert {*DOCUMENTS, *_CONVERTED} == set(CLASSES)


def test_a_codec_of_an_older_format_writes_its_number() -> None:
    assert '"format":1' in RecordCodec(record_format=1).dump(TextPiece(text="x"))
