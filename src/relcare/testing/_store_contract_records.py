"""The part of the storage contract about records."""
# ruff: noqa: S101 - a contract asserts

import attrs
import pytest

from relcare.errors import ConflictError, InvalidValueError
from relcare.storage import Record, Store
from relcare.testing._store_contract_base import IMPOSSIBLE_TEXTS, STORE_IDS, StoreContractBase, get, put, record, scanned

MANY = 1_203  # more than two pages of any store here


class RecordsContract(StoreContractBase):
    """Order, absence, conflict and keys of records (STO-1, STO-2, STO-6)."""

    def test_a_record_that_was_never_put_is_none(self, store: Store) -> None:
        assert get(store) is None

    def test_put_returns_the_record_at_version_one(self, store: Store) -> None:
        with store.write() as unit:
            assert unit.records.put(record(owner_id="lee"), expected=0) == attrs.evolve(record(owner_id="lee"), version=1)

    @pytest.mark.parametrize("text", STORE_IDS, ids=ascii)
    def test_text_comes_back_as_it_was_given(self, store: Store, text: str) -> None:
        put(store, Record(kind=text, id=text, payload=text, keys={text: text}))
        found = get(store, text, kind=text)
        assert found is not None
        assert found == Record(kind=text, id=text, version=1, payload=text, keys={text: text})
        assert [type(value) for value in (found.kind, found.id, found.payload, found.keys[0][1])] == [str] * 4

    def test_the_version_in_the_record_is_not_looked_at(self, store: Store) -> None:
        with store.write() as unit:
            assert unit.records.put(attrs.evolve(record(), version=9), expected=0).version == 1

    def test_versions_count_the_writes(self, store: Store) -> None:
        for expected in range(4):
            with store.write() as unit:
                assert unit.records.put(record(payload=f"[{expected}]"), expected=expected).version == expected + 1
        assert get(store) == attrs.evolve(record(payload="[3]"), version=4)

    def test_a_stale_put_is_a_conflict_and_changes_nothing(self, store: Store) -> None:
        put(store, record(payload="[1]"))
        with store.write() as unit:
            unit.records.put(record(payload="[2]"), expected=1)
        with pytest.raises(ConflictError) as caught, store.write() as unit:
            unit.records.put(record(payload="[3]"), expected=1)
        assert (caught.value.kind, caught.value.record_id) == ("client", "c-1")
        assert (caught.value.expected, caught.value.found) == (1, 2)
        assert get(store) == attrs.evolve(record(payload="[2]"), version=2)

    def test_creating_what_exists_is_a_conflict(self, store: Store) -> None:
        put(store, record())
        with pytest.raises(ConflictError) as caught, store.write() as unit:
            unit.records.put(record(payload="[2]"), expected=0)
        assert (caught.value.expected, caught.value.found) == (0, 1)

    def test_changing_what_does_not_exist_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(ConflictError) as caught, store.write() as unit:
            unit.records.put(record(), expected=3)
        assert (caught.value.expected, caught.value.found) == (3, 0)
        assert get(store) is None

    def test_a_deleted_record_is_nowhere(self, store: Store) -> None:
        put(store, record(owner_id="lee"))
        with store.write() as unit:
            unit.records.delete("client", "c-1", expected=1)
            assert unit.records.get("client", "c-1") is None
        assert get(store) is None
        assert scanned(store) == []
        assert scanned(store, key=("owner_id", "lee")) == []

    def test_a_stale_delete_is_a_conflict_and_deletes_nothing(self, store: Store) -> None:
        put(store, record())
        with store.write() as unit:
            unit.records.put(record(), expected=1)
        with pytest.raises(ConflictError) as caught, store.write() as unit:
            unit.records.delete("client", "c-1", expected=1)
        assert caught.value.found == 2
        assert get(store) is not None

    def test_deleting_what_does_not_exist_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(ConflictError) as caught, store.write() as unit:
            unit.records.delete("client", "c-1", expected=1)
        assert caught.value.found == 0

    def test_a_version_is_never_given_twice_even_after_deletion(self, store: Store) -> None:
        put(store, record(payload="[1]"))
        with store.write() as unit:
            unit.records.delete("client", "c-1", expected=1)
        with store.write() as unit:
            assert unit.records.put(record(payload="[2]"), expected=0).version == 2
            unit.records.delete("client", "c-1", expected=2)
            assert unit.records.put(record(payload="[3]"), expected=0).version == 3
        with pytest.raises(ConflictError), store.write() as unit:
            unit.records.put(record(payload="stale"), expected=1)

    def test_the_version_of_every_deleted_record_is_remembered(self, store: Store) -> None:
        deleted = [record("a"), record("b"), record("a", kind="staff"), record("A"), record("c")]
        put(store, *deleted)
        for one in deleted:
            with store.write() as unit:
                unit.records.delete(one.kind, one.id, expected=1)
        with store.write() as unit:
            assert [unit.records.put(one, expected=0).version for one in deleted] == [2] * len(deleted)

    def test_kinds_do_not_mix(self, store: Store) -> None:
        put(store, record(kind="client", owner_id="lee"), record(kind="staff", payload="[2]", owner_id="lee"))
        assert scanned(store, "staff") == ["c-1"]
        with store.read() as view:
            assert [one.kind for one in view.records.scan("client", key=("owner_id", "lee"))] == ["client"]
        assert scanned(store, "Client") == []

    def test_a_scan_of_an_unknown_kind_is_empty(self, store: Store) -> None:
        put(store, record())
        assert scanned(store, "dragon") == []

    def test_a_scan_is_in_the_order_of_code_points(self, store: Store) -> None:
        put(store, *(record(text) for text in STORE_IDS))
        assert scanned(store) == sorted(STORE_IDS)

    def test_ids_that_look_alike_are_different_records(self, store: Store) -> None:
        put(store, *(record(text, payload=f"[{index}]") for index, text in enumerate(STORE_IDS)))
        assert [get(store, text) for text in STORE_IDS] == [
            attrs.evolve(record(text, payload=f"[{index}]"), version=1) for index, text in enumerate(STORE_IDS)
        ]

    def test_a_scan_goes_on_after_an_id_that_need_not_exist(self, store: Store) -> None:
        put(store, record("a"), record("c"), record("e"))
        assert scanned(store, after="a") == ["c", "e"]
        assert scanned(store, after="b") == ["c", "e"]
        assert scanned(store, after="e") == []

    def test_every_nasty_id_can_be_gone_on_after(self, store: Store) -> None:
        put(store, *(record(text, team="x") for text in STORE_IDS))
        ordered = sorted(STORE_IDS)
        for index, text in enumerate(ordered):
            assert scanned(store, after=text) == ordered[index + 1 :]
            assert scanned(store, key=("team", "x"), after=text) == ordered[index + 1 :]

    @pytest.mark.parametrize("text", STORE_IDS, ids=ascii)
    def test_a_key_is_compared_exactly(self, store: Store, text: str) -> None:
        put(store, *(record(f"c-{index:02}", owner_id=value) for index, value in enumerate(STORE_IDS)))
        assert scanned(store, key=("owner_id", text)) == [f"c-{STORE_IDS.index(text):02}"]
        assert scanned(store, key=(text, "owner_id")) == []

    def test_a_record_is_found_by_each_of_several_values(self, store: Store) -> None:
        both = Record(kind="client", id="c-2", payload="{}", keys=[("type", "partner"), ("type", "channel"), ("type", "partner")])
        put(store, both, record("c-1", type="partner"), record("c-3", type="upstream"))
        assert scanned(store, key=("type", "partner")) == ["c-1", "c-2"]
        assert scanned(store, key=("type", "channel")) == ["c-2"]

    def test_keys_follow_the_latest_version(self, store: Store) -> None:
        put(store, record(owner_id="lee", team="x"))
        with store.write() as unit:
            unit.records.put(record(owner_id="kim"), expected=1)
            assert [one.id for one in unit.records.scan("client", key=("owner_id", "kim"))] == ["c-1"]
        assert scanned(store, key=("owner_id", "lee")) == []
        assert scanned(store, key=("team", "x")) == []
        assert scanned(store, key=("owner_id", "kim")) == ["c-1"]

    def test_a_scan_gives_every_record_once_however_many(self, store: Store) -> None:
        ids = [f"c-{number:05}" for number in range(MANY)]
        with store.write() as unit:
            count = unit.records.put_many(
                record(one, owner_id=("kim", "lee")[number % 2]) for number, one in reversed(list(enumerate(ids)))
            )
            assert count == MANY
            assert [one.id for one in unit.records.scan("client")] == ids
        assert scanned(store) == ids
        assert scanned(store, after=ids[499]) == ids[500:]
        assert scanned(store, key=("owner_id", "lee")) == ids[1::2]

    def test_a_scan_in_a_unit_shows_its_changes_up_to_the_call(self, store: Store) -> None:
        put(store, record("a"), record("b"), record("d"))
        with store.write() as unit:
            unit.records.put(record("c"), expected=0)
            unit.records.delete("client", "a", expected=1)
            scan = unit.records.scan("client")
            unit.records.put(record("e"), expected=0)
            for one in scan:
                unit.records.delete("client", one.id, expected=1)
                unit.records.put(record(f"x{one.id}"), expected=0)
            assert [one.id for one in unit.records.scan("client")] == ["e", "xb", "xc", "xd"]

    def test_bulk_stores_what_is_new_and_what_was_deleted(self, store: Store) -> None:
        put(store, record("a"), record("b"))
        with store.write() as unit:
            unit.records.delete("client", "a", expected=1)
        with store.write() as unit:
            assert unit.records.put_many([record("c", team="x"), record("a", team="x")]) == 2
            assert unit.records.put_many([]) == 0
        with store.read() as view:
            assert [(one.id, one.version) for one in view.records.scan("client")] == [("a", 2), ("b", 1), ("c", 1)]
        assert scanned(store, key=("team", "x")) == ["a", "c"]

    @pytest.mark.parametrize("ids", [["b", "c", "a"], ["b", "c", "b"]], ids=["exists", "comes twice"])
    def test_a_conflict_in_bulk_spoils_the_unit(self, store: Store, ids: list[str]) -> None:
        put(store, record("a"))
        with pytest.raises(ConflictError), store.write() as unit:
            unit.records.put_many(record(one) for one in ids)
        assert scanned(store) == ["a"]

    def test_a_payload_of_one_mebibyte_fits(self, store: Store) -> None:
        payload = "김" * ((1_048_576 - 1) // 3)
        put(store, record(payload=payload))
        assert get(store) == attrs.evolve(record(payload=payload), version=1)

    @pytest.mark.parametrize("text", IMPOSSIBLE_TEXTS.values(), ids=IMPOSSIBLE_TEXTS)
    def test_what_no_record_can_be_called_is_refused(self, store: Store, text: str) -> None:
        with store.write() as unit:
            for attempt in (
                lambda: unit.records.get(text, "c-1"),
                lambda: unit.records.get("client", text),
                lambda: unit.records.scan(text),
                lambda: unit.records.scan("client", key=("owner_id", text)),
                lambda: unit.records.scan("client", after=text),
                lambda: unit.records.delete("client", text, expected=1),
                lambda: unit.records.put(record(text), expected=0),
            ):
                with pytest.raises(InvalidValueError):
                    attempt()

    @pytest.mark.parametrize("expected", [-1, 2**63, True, 1.0, "1", None], ids=repr)
    def test_an_impossible_version_is_refused(self, store: Store, expected: int) -> None:
        with store.write() as unit:
            with pytest.raises(InvalidValueError, match="expected"):
                unit.records.put(record(), expected=expected)
            with pytest.raises(InvalidValueError, match="expected"):
                unit.records.delete("client", "c-1", expected=expected)
