"""The part of the storage contract about the log."""
# ruff: noqa: S101, PT012 - a contract asserts, and whole units are what raises

import attrs
import pytest

from relcare.errors import ConflictError, InvalidValueError, StorageError
from relcare.storage import CanReadByClient, LogEntry, Store, StoredEntry
from relcare.testing._store_contract_base import IMPOSSIBLE_TEXTS, STORE_IDS, StoreContractBase, append, entry, logged
from relcare.testing._store_contract_records import MANY


class LogContract(StoreContractBase):
    """Order, cursors and repetition in the log (STO-1, TIM-7)."""

    def test_an_empty_log_has_nothing(self, store: Store) -> None:
        with store.read() as view:
            assert list(view.log.since()) == []
            assert list(view.log.of_client("c-1")) == []
            assert view.log.get("t-1") is None

    def test_positions_start_above_zero_and_grow(self, store: Store) -> None:
        positions = append(store, entry("t-1"), entry("t-2")) + append(store, entry("t-0"))
        assert positions[0] >= 1
        assert positions == sorted(set(positions))
        assert logged(store) == ["t-1", "t-2", "t-0"]

    def test_an_entry_comes_back_as_it_was_given(self, store: Store) -> None:
        full = LogEntry(
            id="t-1",
            kind="touchpoint",
            client_id="c-1",
            payload='{"note": "안녕"}',
            by="lee",
            recorded_at="2026-03-31T09:00:00+09:00",
        )
        bare = LogEntry(id="t-2", kind="purchase", client_id="c-1", payload="{}")
        first, second = append(store, full, bare)
        with store.read() as view:
            assert list(view.log.since()) == [StoredEntry(first, full), StoredEntry(second, bare)]
            assert view.log.get("t-1") == StoredEntry(first, full)

    def test_nasty_ids_stay_apart_in_the_log(self, store: Store) -> None:
        append(store, *(entry(text, payload=text, client_id=text) for text in STORE_IDS))
        with store.read() as view:
            for text in STORE_IDS:
                assert [stored.entry for stored in view.log.of_client(text)] == [entry(text, payload=text, client_id=text)]

    def test_a_cursor_gives_only_what_is_behind_it(self, store: Store) -> None:
        positions = append(store, *(entry(f"t-{number}") for number in range(4)))
        assert logged(store, positions[1]) == ["t-2", "t-3"]
        assert logged(store, positions[3]) == []
        assert logged(store, positions[3] + 1_000) == []

    def test_a_client_sees_only_its_entries_in_order(self, store: Store) -> None:
        append(store, entry("t-3", client_id="c-1"), entry("t-2", client_id="c-2"), entry("t-1", client_id="c-1"))
        with store.read() as view:
            assert [stored.entry.id for stored in view.log.of_client("c-1")] == ["t-3", "t-1"]
            assert [stored.entry.id for stored in view.log.of_client("c-2")] == ["t-2"]
            assert list(view.log.of_client("C-1")) == []

    def test_a_log_that_can_be_read_by_client_is_in_the_order_of_code_points(self, store: Store) -> None:
        clients = [*reversed(STORE_IDS), *STORE_IDS]
        append(store, *(entry(f"t-{number}", client_id=client_id) for number, client_id in enumerate(clients)))
        with store.read() as view:
            if not isinstance(view.log, CanReadByClient):
                pytest.skip("this log cannot be read by client, which is optional")
            found = [(stored.entry.client_id, stored.position) for stored in view.log.by_client()]
        assert found == sorted(set(found))
        assert len(found) == 2 * len(STORE_IDS)

    def test_appending_an_event_again_adds_nothing(self, store: Store) -> None:
        first = append(store, entry(), entry("t-2"))[0]
        again = attrs.evolve(entry(), by="kim", recorded_at="2026-04-01T00:00:00+00:00")
        assert append(store, entry(), again) == [first, first]
        assert logged(store) == ["t-1", "t-2"]
        with store.read() as view:
            assert view.log.get("t-1") == StoredEntry(first, entry())

    def test_appending_an_event_twice_in_one_unit_adds_it_once(self, store: Store) -> None:
        first, second = append(store, entry(), entry())
        assert first == second
        assert logged(store) == ["t-1"]

    @pytest.mark.parametrize(
        "other",
        [entry(payload="[2]"), entry(client_id="c-2"), attrs.evolve(entry(), kind="purchase")],
        ids=["payload", "client", "kind"],
    )
    def test_an_id_that_says_something_else_is_a_conflict(self, store: Store, other: LogEntry) -> None:
        append(store, entry())
        with store.write() as unit:
            with pytest.raises(ConflictError):
                unit.log.append(other)
            unit.log.append(entry("t-2"))
        with store.read() as view:
            assert [stored.entry for stored in view.log.since()] == [entry(), entry("t-2")]

    def test_a_unit_sees_what_it_appended(self, store: Store) -> None:
        append(store, entry("t-1"))
        with store.write() as unit:
            position = unit.log.append(entry("t-2"))
            assert unit.log.get("t-2") == StoredEntry(position, entry("t-2"))
            so_far = unit.log.since()
            unit.log.append(entry("t-3"))
            assert [stored.entry.id for stored in so_far] == ["t-1", "t-2"]
            assert [stored.entry.id for stored in unit.log.of_client("c-1")] == ["t-1", "t-2", "t-3"]

    def test_an_entry_that_was_rolled_back_never_was(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.write() as unit:
            unit.log.append(entry())
            raise ZeroDivisionError
        assert logged(store) == []
        append(store, entry(payload="[2]"))
        assert logged(store) == ["t-1"]

    def test_bulk_keeps_the_order_and_counts_what_is_new(self, store: Store) -> None:
        append(store, entry("t-2"))
        with store.write() as unit:
            assert unit.log.append_many([entry("t-9"), entry("t-2"), entry("t-1"), entry("t-9")]) == 2
            assert unit.log.append_many([]) == 0
        assert logged(store) == ["t-2", "t-9", "t-1"]

    def test_more_entries_than_a_page_come_once_and_in_order(self, store: Store) -> None:
        ids = [f"t-{number}" for number in range(MANY)]
        with store.write() as unit:
            assert unit.log.append_many(entry(one, client_id=f"c-{number % 2}") for number, one in enumerate(ids)) == MANY
        assert logged(store) == ids
        with store.read() as view:
            assert [stored.entry.id for stored in view.log.of_client("c-1")] == ids[1::2]
            cursor = view.log.get(ids[600])
            assert cursor is not None
            assert [stored.entry.id for stored in view.log.since(cursor.position)] == ids[601:]

    def test_a_conflict_in_bulk_spoils_the_unit_even_if_swallowed(self, store: Store) -> None:
        append(store, entry("t-1"))
        with pytest.raises(StorageError, match="bulk"), store.write() as unit:
            with pytest.raises(ConflictError):
                unit.log.append_many([entry("t-2"), entry("t-1", payload="[2]")])
            with pytest.raises(StorageError, match="bulk"):
                unit.log.append(entry("t-3"))
        assert logged(store) == ["t-1"]

    def test_bulk_that_breaks_off_spoils_the_unit(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.write() as unit:
            unit.log.append_many(entry(f"t-{1 // number}") for number in (1, 0))
        assert logged(store) == []

    @pytest.mark.parametrize("text", IMPOSSIBLE_TEXTS.values(), ids=IMPOSSIBLE_TEXTS)
    def test_what_no_entry_can_be_called_is_refused(self, store: Store, text: str) -> None:
        with store.read() as view:
            with pytest.raises(InvalidValueError):
                view.log.get(text)
            with pytest.raises(InvalidValueError):
                view.log.of_client(text)

    @pytest.mark.parametrize("cursor", [-1, 2**63, True, "1", None], ids=repr)
    def test_an_impossible_cursor_is_refused(self, store: Store, cursor: int) -> None:
        with store.read() as view, pytest.raises(InvalidValueError, match="cursor"):
            view.log.since(cursor)
