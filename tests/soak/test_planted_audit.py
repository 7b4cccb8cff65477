"""Bugs that the rows about the audit trail and erasure are for, planted one at a time: each is seen."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import attrs
import pytest
from tests.soak import audit, audit_values, erasure, exports
from tests.soak.audit_tampering import INVISIBLE, NOON, WAYS, trail_of
from tests.soak.many_stores import Place
from tests.soak.promise import Length

import relcare.access._chain as chain
from relcare.access import AuditEntry, ChainLink
from relcare.storage import AuditTrail, SqliteStore
from relcare.storage._audit_trail import link_record
from relcare.storage._erasing import UnitEraser
from relcare.storage._values import LogEntry, Record

SHORT = Length("short", 7)


class TestTampering:
    def test_a_chain_without_an_anchor_is_seen_to_hide_what_the_documents_say(self) -> None:
        hidden: set[str] = set()
        for name, change in WAYS.items():
            trail = trail_of(Random(7))
            change(trail, Random(7))
            if not audit.is_found(trail, anchored=False):
                hidden.add(name)
        assert hidden == INVISIBLE

    def test_a_digest_that_leaves_the_commitment_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chain, "_commitment", lambda salt, entry: "0" * 64)  # noqa: ARG005
        assert audit.check_tampering(Length("short", 7)).failures

    def test_a_chain_that_forks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every entry follows the first link, as when two read the head and then both append."""
        first: list[ChainLink] = []
        append = AuditTrail.append

        def forked(trail: AuditTrail, entry: AuditEntry) -> ChainLink:
            link = append(trail, entry)
            first.append(link)
            head = trail._unit.records.get("audit_head", "audit")
            assert head is not None
            trail._unit.records.put(attrs.evolve(head, payload=audit_head(first[0])), expected=head.version)  # type: ignore[attr-defined]
            return link

        place = Place("SQLite", str(tmp_path / "book.db"))
        place.new().close()
        with place.open() as store, store.write() as unit:
            AuditTrail(unit).append(entry())
        monkeypatch.setattr(AuditTrail, "append", forked)
        with place.open() as store, store.write() as unit:
            AuditTrail(unit).append(entry())
        monkeypatch.undo()
        assert audit.wrong_with(place, 1, 2)


def entry() -> AuditEntry:
    return AuditEntry(at=NOON, actor_id="p-0", action="get", answer="allowed", purpose="care")


def audit_head(link: ChainLink) -> str:
    from relcare.storage._audit_texts import dump_head

    return dump_head(link.head)


class TestErasure:
    def broken(self, number: int = 0) -> list[str]:
        with tempfile.TemporaryDirectory(prefix="relcare-soak-") as folder:
            return erasure.erase_and_look(Path(folder), number, Random(7))[1]

    def test_a_log_on_the_disk_that_nobody_empties(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(SqliteStore, "scrub", lambda _: None)
        assert any("book.db-wal" in told for told in self.broken())

    @pytest.mark.parametrize(
        "keeps",
        [
            lambda old, new: attrs.evolve(new, payload=old.payload),
            lambda old, new: attrs.evolve(new, id=old.id),
            lambda old, new: attrs.evolve(new, client_id=old.client_id),
        ],
        ids=["payload", "id", "client"],
    )
    def test_an_entry_that_keeps_something(
        self, keeps: Callable[[LogEntry, LogEntry], LogEntry], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rewrite = UnitEraser.rewrite_entry

        def sloppy(eraser: UnitEraser, position: int, new: LogEntry, /) -> None:
            (found,) = eraser._transaction().page_of_entries(None, position - 1, 1)
            rewrite(eraser, position, keeps(found.entry, new))

        monkeypatch.setattr(UnitEraser, "rewrite_entry", sloppy)
        assert any("book.db" in told for told in self.broken())

    def test_a_restore_that_forgets_the_journal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.storage._backup.reapply_erasures", lambda *_, **__: ())
        told = self.broken()
        assert any("restored/book.db" in one for one in told)


class TestValues:
    def test_an_entry_that_holds_what_was_searched_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        append = AuditTrail.append
        monkeypatch.setattr(
            AuditTrail, "append", lambda trail, one: append(trail, attrs.evolve(one, reason=f"for {audit_values.CANARY}"))
        )
        assert any("the trail holds it" in told for told in audit_values.check_no_values(SHORT).failures)

    def test_an_entry_that_says_nothing_of_where_from(self, monkeypatch: pytest.MonkeyPatch) -> None:
        append = AuditTrail.append
        monkeypatch.setattr(AuditTrail, "append", lambda trail, one: append(trail, attrs.evolve(one, origin=None)))
        assert "from where" in audit_values.check_fields(SHORT).failures

    def test_an_entry_of_a_list_that_names_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        append = AuditTrail.append
        monkeypatch.setattr(AuditTrail, "append", lambda trail, one: append(trail, attrs.evolve(one, client_digests=())))
        assert any("was shown" in one for one in audit_values.check_fields(SHORT).failures)

    def test_a_link_that_is_found_by_the_first_whom_it_shows_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        record = link_record

        def half(chain_id: str, link: ChainLink) -> Record:
            made = record(chain_id, link)
            return attrs.evolve(made, keys=made.keys[:1])

        monkeypatch.setattr("relcare.storage._audit_trail.link_record", half)
        told = audit_values.check_fields(SHORT).failures
        assert any("was shown" in one for one in told)

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_a_writer_that_trusts_what_it_is_given(self, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.desk._exports.inert_cell", lambda text: text)
        assert list(exports.WRITERS[form]([["name"], ["=1+1"]]))

    def test_a_page_that_escapes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.desk._exports.escape", lambda text, **_: text)
        assert list(exports.wrong_html([["name"], ["<script>x</script>"]]))
