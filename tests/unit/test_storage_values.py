"""What a store holds refuses, before any store sees it."""

import pickle
from typing import Any

import attrs
import pytest

from relcare.errors import InvalidValueError
from relcare.storage import LogEntry, Record

RECORD: dict[str, Any] = {"kind": "client", "id": "c-1", "payload": "{}"}
ENTRY: dict[str, Any] = {"id": "t-1", "kind": "touchpoint", "client_id": "c-1", "payload": "{}"}


class Text(str):
    __slots__ = ()


BAD_TEXTS: list[object] = ["", "a\0b", "\ud800", "x" * 201, None, 7, b"c-1", Text("c-1")]
BAD_PAYLOADS: list[object] = ["", "a\0b", '"\udfff"', "x" * 1_048_577, "김" * 349_526, None, {}, b"{}"]


@pytest.mark.parametrize("value", BAD_TEXTS, ids=range(len(BAD_TEXTS)))
@pytest.mark.parametrize("field", ["kind", "id"])
def test_a_record_names_the_field_it_refuses(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"record\.{field}") as caught:
        Record(**{**RECORD, field: value})
    assert caught.value.name == f"record.{field}"


@pytest.mark.parametrize("value", BAD_TEXTS, ids=range(len(BAD_TEXTS)))
@pytest.mark.parametrize("field", ["id", "kind", "client_id", "by", "recorded_at"])
def test_an_entry_names_the_field_it_refuses(field: str, value: object) -> None:
    if value is None and field in {"by", "recorded_at"}:
        assert getattr(LogEntry(**{**ENTRY, field: value}), field) is None
        return
    with pytest.raises(InvalidValueError, match=rf"entry\.{field}"):
        LogEntry(**{**ENTRY, field: value})


@pytest.mark.parametrize("value", BAD_PAYLOADS, ids=range(len(BAD_PAYLOADS)))
def test_a_payload_is_refused_without_being_shown(value: object) -> None:
    for build, name in (
        (lambda: Record(**{**RECORD, "payload": value}), "record"),
        (lambda: LogEntry(**{**ENTRY, "payload": value}), "entry"),
    ):
        with pytest.raises(InvalidValueError, match=rf"{name}\.payload") as caught:
            build()
        assert "xxx" not in str(caught.value)
        assert "김" not in str(caught.value)


@pytest.mark.parametrize("version", [-1, 2**63, True, 1.0, "1", None], ids=repr)
def test_a_version_is_a_whole_number_of_eight_bytes(version: int) -> None:
    with pytest.raises(InvalidValueError, match=r"record\.version"):
        Record(**RECORD, version=version)


@pytest.mark.parametrize(
    "keys", [[("a",)], [("a", "b", "c")], [["a", "b"]], ["ab"], [("a", "")], [("", "b")], {"a": None}], ids=repr
)
def test_keys_are_pairs_of_text(keys: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"record\.keys"):
        Record(**RECORD, keys=keys)


def test_keys_are_sorted_and_each_once_however_they_are_given() -> None:
    expected = (("owner_id", "lee"), ("type", "a"), ("type", "b"))
    pairs = [("type", "b"), ("owner_id", "lee"), ("type", "a"), ("type", "b")]
    assert Record(**RECORD, keys=pairs).keys == expected
    assert Record(**RECORD, keys=iter(pairs)).keys == expected
    assert Record(**RECORD, keys={"owner_id": "lee"}).keys == expected[:1]


@pytest.mark.parametrize("text", ["now", "2026-03-31", "2026-03-31T09:00:00", "10:00", "P1D"])
def test_an_instant_without_its_offset_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"entry\.recorded_at"):
        LogEntry(**ENTRY, recorded_at=text)


def test_limits_are_inclusive() -> None:
    full = Record(kind="k" * 200, id="김" * 200, payload="x" * 1_048_576, keys={"n" * 200: "v" * 200})
    assert len(full.payload) == 1_048_576


def test_values_hold_when_validators_are_switched_off() -> None:
    attrs.validators.set_disabled(True)
    try:
        with pytest.raises(InvalidValueError):
            Record(**{**RECORD, "id": "a\0"})
    finally:
        attrs.validators.set_disabled(False)


def test_values_survive_pickling() -> None:
    record = Record(**RECORD, keys={"owner_id": "lee"})
    assert pickle.loads(pickle.dumps(record)) == record


def test_a_record_at_another_version_is_the_same_but_for_that() -> None:
    record = Record(kind="client", id="c-1", payload="{}", keys={"owner_id": "lee"})
    for one in (record, Record(kind="client", id="c-1", payload="{}")):
        moved = one.at_version(7)
        assert moved == Record(kind=one.kind, id=one.id, version=7, payload=one.payload, keys=one.keys)
        assert hash(moved) == hash(attrs.evolve(one, version=7))
        assert one.version == 0
    for wrong in (-1, True, 2**63):
        with pytest.raises(InvalidValueError, match=r"record\.version"):
            record.at_version(wrong)
