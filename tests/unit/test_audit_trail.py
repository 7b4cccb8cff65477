"""The audit trail in a store, and its texts: ACC-4."""

import json
from datetime import UTC, datetime
from itertools import count

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcare.access import Anchor, AuditEntry, ChainHead, ChainLink, DigestKey, anchor_of, erased_link, next_link
from relcare.errors import ConflictError, InvalidValueError, StorageError
from relcare.storage import AuditTrail, MemoryStore, dump_anchor, load_anchor
from relcare.storage._audit_texts import dump_head, dump_link, load_head, load_link
from relcare.storage._audit_trail import link_record
from relcare.testing import audit_chains

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
KEY = DigestKey(b"k" * 32)
ENTRY = AuditEntry(at=NOON, actor_id="lee", action="get", answer="allowed", purpose="care")


def filled(*who: str) -> MemoryStore:
    store = MemoryStore()
    with store.write() as unit:
        for actor_id in who:
            AuditTrail(unit).append(
                AuditEntry(at=NOON, actor_id=actor_id, action="get", answer="allowed", purpose="care", client_digest="a" * 64)
            )
    return store


class TestTrail:
    def test_entries_come_back_in_their_order_and_by_client(self) -> None:
        with filled("lee", "wu", "kim").read() as view:
            trail = AuditTrail(view)
            assert [link.entry.actor_id for link in trail.links() if link.entry] == ["lee", "wu", "kim"]
            assert [link.place for link in trail.links_of("a" * 64)] == [0, 1, 2]
            assert list(trail.links_of("b" * 64)) == []
            assert trail.head() == list(trail.links())[-1].head

    def test_a_link_is_found_by_each_client_whom_it_shows(self) -> None:
        store = filled("lee")
        shown = [["b" * 64, "a" * 64], ["b" * 64], []]
        with store.write() as unit:
            for digests in shown:
                AuditTrail(unit).append(attrs.evolve(ENTRY, action="list", client_digests=digests))
        with store.read() as view:
            trail = AuditTrail(view)
            assert [link.place for link in trail.links_of("a" * 64)] == [0, 1]
            assert [link.place for link in trail.links_of("b" * 64)] == [1, 2]
            assert [link.client_digest for link in trail.links()] == ["a" * 64, None, "b" * 64, None]
            assert trail.verify().is_intact

    def test_whose_list_it_was_stays_when_the_entry_goes(self) -> None:
        link = next_link("log", None, attrs.evolve(ENTRY, client_digests=["b" * 64]), salt="0" * 32)
        assert link_record("log", erased_link(link)).keys == (("client", "b" * 64),)
        assert "b" * 64 in dump_link(erased_link(link))

    def test_a_unit_that_fails_leaves_no_line(self) -> None:
        store = filled("lee")

        def half() -> None:
            with store.write() as unit:
                AuditTrail(unit).append(ENTRY)
                raise OSError("half-way")

        with pytest.raises(OSError, match="half-way"):
            half()
        with store.read() as view:
            assert AuditTrail(view).verify().count == 1

    def test_nothing_is_appended_in_a_unit_of_reading(self) -> None:
        with filled().read() as view, pytest.raises(StorageError, match="open one with"):
            AuditTrail(view).append(ENTRY)

    def test_two_chains_of_a_store_do_not_meet(self) -> None:
        store = filled("lee")
        with store.write() as unit:
            AuditTrail(unit, "audit-2027").append(ENTRY)
        with store.read() as view:
            assert [AuditTrail(view, chain).verify().count for chain in ("audit", "audit-2027", "aud")] == [1, 1, 0]
            assert AuditTrail(view, "audit-2027").verify().is_intact

    def test_salts_are_drawn_anew_for_each_link(self) -> None:
        with filled("lee", "lee").read() as view:
            first, second = AuditTrail(view).links()
            assert first.salt != second.salt
            assert first.commitment != second.commitment

    def test_who_appends_after_a_link_that_has_one_after_it_gets_a_conflict(self) -> None:
        store = filled("lee")
        with store.write() as unit:
            head = unit.records.get("audit_head", "audit")
            assert head is not None
            AuditTrail(unit).append(ENTRY)
            with pytest.raises(ConflictError):
                unit.records.put(head, expected=head.version)

    def test_links_without_the_record_of_their_end_are_a_fault(self) -> None:
        store = filled("lee")
        with store.write() as unit:
            unit.records.delete("audit_head", "audit", expected=1)
        with store.read() as view:
            assert [(fault.kind, fault.place) for fault in AuditTrail(view).verify().faults] == [("end", 0)]

    def test_an_empty_trail_can_be_anchored(self) -> None:
        store = filled()
        with store.read() as view:
            anchor = AuditTrail(view).anchor(KEY, NOON)
            assert AuditTrail(view).verify(anchor=anchor, key=KEY).is_intact
            assert AuditTrail(view).head() is None
        assert anchor == anchor_of("audit", (), KEY, at=NOON)

    @pytest.mark.parametrize("chain_id", ["", "a:b", "a" * 188, "a\0"])
    def test_an_id_that_no_chain_can_have_is_refused(self, chain_id: str) -> None:
        with filled().read() as view, pytest.raises(InvalidValueError, match="chain_id"):
            AuditTrail(view, chain_id)

    def test_where_salts_come_from_can_be_told(self) -> None:
        numbers = count()
        store = MemoryStore()
        with store.write() as unit:
            link = AuditTrail(unit, new_salt=lambda: f"{next(numbers):032x}").append(ENTRY)
        assert link.salt == "0" * 32

    def test_a_salt_that_is_too_short_is_refused_and_not_shown(self) -> None:
        with MemoryStore().write() as unit, pytest.raises(InvalidValueError, match="at least 32 hexadecimal") as error:
            AuditTrail(unit, new_salt=lambda: "abc").append(ENTRY)
        assert "abc" not in str(error.value)


class TestTexts:
    @given(audit_chains(), st.booleans())
    def test_links_and_heads_come_back_as_they_were(self, links: tuple[ChainLink, ...], is_erased: bool) -> None:
        for one in links:
            link = erased_link(one) if is_erased else one
            assert load_link(dump_link(link)) == link
            assert load_head(dump_head(link.head)) == link.head

    @given(audit_chains())
    def test_anchors_come_back_as_they_were(self, links: tuple[ChainLink, ...]) -> None:
        anchor = anchor_of("log", links, KEY, at=NOON)
        assert load_anchor(dump_anchor(anchor)) == anchor

    def test_nothing_of_an_erased_entry_is_in_its_text(self) -> None:
        with filled("canary").read() as view:
            (link,) = AuditTrail(view).links()
        text = dump_link(erased_link(link))
        assert "canary" not in text
        assert link.salt is not None
        assert link.salt not in text

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("place", "0"),
            ("place", -1),
            ("digest", "x"),
            ("salt", None),
            ("entry", 7),
            ("more", 1),
            ("before", None),
            ("format", "1"),
            ("client_digest", "canary"),
        ],
    )
    def test_a_damaged_link_is_a_typed_error_that_shows_nothing(self, key: str, value: object) -> None:
        with filled("canary").read() as view:
            (link,) = AuditTrail(view).links()
        text = json.dumps({**json.loads(dump_link(link)), key: value})
        with pytest.raises(StorageError, match="a stored link of the audit trail is damaged") as error:
            load_link(text)
        assert "canary" not in str(error.value)

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("client_digests", "a" * 64),
            ("client_digests", ["canary"]),
            ("fields", "client.name"),
            ("at", "today"),
            ("value_digests", []),
            ("count", None),
            ("medium", "x"),
        ],
    )
    def test_a_damaged_entry_is_a_typed_error(self, key: str, value: object) -> None:
        with filled("lee").read() as view:
            (link,) = AuditTrail(view).links()
        shape = json.loads(dump_link(link))
        shape["entry"][key] = value
        with pytest.raises(StorageError, match="is damaged"):
            load_link(json.dumps(shape))

    @pytest.mark.parametrize("text", ["", "7", "[", '"x"', "{}", '{"format":1}', "[" * 100_000])
    def test_what_is_no_text_of_the_trail_is_refused(self, text: str) -> None:
        for load in (load_link, load_head, load_anchor):
            with pytest.raises(StorageError, match="is damaged"):
                load(text)

    def test_what_a_newer_release_wrote_says_so(self) -> None:
        for load in (load_link, load_head, load_anchor):
            with pytest.raises(StorageError, match="was written by a newer relcare"):
                load('{"format":2}')


class TestValues:
    def test_a_link_has_its_salt_exactly_where_it_has_its_entry(self) -> None:
        with filled("lee").read() as view:
            (link,) = AuditTrail(view).links()
        with pytest.raises(InvalidValueError, match="must be there exactly where the entry is"):
            ChainLink(place=0, entry=link.entry, salt=None, commitment="a" * 64, before="a" * 64, digest="a" * 64)

    @pytest.mark.parametrize(("number", "digest"), [(-1, "a" * 64), (True, "a" * 64), (1, "A" * 64), (1, "")])
    def test_a_head_of_no_chain_is_refused(self, number: int, digest: str) -> None:
        with pytest.raises(InvalidValueError):
            ChainHead(number, digest)

    def test_an_anchor_has_digests(self) -> None:
        with pytest.raises(InvalidValueError, match="seal"):
            Anchor(chain_id="a", count=0, head="a" * 64, at=NOON, seal="none")
