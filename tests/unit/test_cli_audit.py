"""`relcare audit`, `relcare erase` and what `relcare restore` erases again."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from relcare.access import AuditEntry, DigestKey, erased_link
from relcare.cli._app import app
from relcare.errors import OutcomeUnknownError, StorageError
from relcare.model import Book, Client, Money, Purchase, Touchpoint
from relcare.storage import AuditTrail, SqliteStore, back_up, load_book, load_journal, open_store
from relcare.storage._audit_texts import load_link
from relcare.storage._audit_trail import link_record

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 31, 3, tzinfo=UTC)
DAY = date(2026, 3, 20)
SECRET = b"kept away from the book, 32 bytes at least"
KEY = DigestKey(SECRET)
POLICY = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
"""
RETENTION = """
[[retention.keep]]
kinds = ["purchase"]
ground = "proof of payment"
lasts = "99 years"
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    clients = [Client(id=f"c-{number}", name=f"Kim {number}") for number in range(3)]
    touches = [Touchpoint(id=f"t-{one.id}", client_id=one.id, occurred_at=DAY, channel="call") for one in clients]
    bought = [Purchase(id=f"p-{one.id}", client_id=one.id, purchased_on=DAY, amount=Money("7", "KRW")) for one in clients]
    book = Book(clients=clients, touchpoints=touches, purchases=bought, zone="Asia/Seoul", currency="KRW")
    with SqliteStore.create(tmp_path / "book.db", book) as store:
        for number, who in enumerate(("lee", "wu", None)):
            with store.write() as unit:
                entry = AuditEntry(
                    at=NOON.replace(day=28 + number),
                    actor_id=who,
                    origin="10.0.0.7",
                    action="export",
                    answer="allowed" if who else "denied",
                    client_digest=KEY.digest("client", f"c-{number}"),
                    purpose="care",
                    medium="file",
                    reason="for the head",
                )
                AuditTrail(unit).append(entry)
    (tmp_path / "key").write_bytes(SECRET + b"\n")
    (tmp_path / "house.toml").write_text(POLICY + RETENTION, encoding="utf-8")
    return tmp_path


def run(*args: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def shape_of(name: str, *args: object, status: int = 0) -> Any:
    shape = json.loads(run(*args, "--json", status=status).stdout)
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    Draft202012Validator({**json.loads(text), "$ref": f"#/$defs/{name}"}).validate(shape)
    return shape


def cut(book: Path) -> None:
    """Takes the last link away, and says that the chain ends before it."""
    with SqliteStore.open(book) as store, store.write() as unit:
        trail = list(AuditTrail(unit).links())
        unit.records.delete("audit", "audit:000000000002", expected=1)
        from relcare.storage._audit_texts import dump_head
        from relcare.storage._values import Record

        head = unit.records.get("audit_head", "audit")
        assert head is not None
        unit.records.put(Record(kind="audit_head", id="audit", payload=dump_head(trail[1].head)), expected=head.version)


class TestVerify:
    def test_a_log_that_is_whole(self, room: Path) -> None:
        told = run("audit", "verify", room / "book.db").stdout
        assert "3 entries, 0 of them anchored, 0 erased" in told
        assert "intact as far as can be told without an anchor" in told

    def test_with_an_anchor_all_of_it_is_spoken_for(self, room: Path) -> None:
        assert "3 entries sealed" in run("audit", "anchor", room / "book.db", room / "a", "--key-file", room / "key").stdout
        shape = shape_of("audit_verify", "audit", "verify", room / "book.db", "--anchor", room / "a", "--key-file", room / "key")
        assert shape == {"is_intact": True, "count": 3, "anchored": 3, "erased": [], "faults": []}

    def test_a_log_that_was_cut_ends_with_status_1(self, room: Path) -> None:
        shape = shape_of("audit_anchor", "audit", "anchor", room / "book.db", room / "a", "--key-file", room / "key")
        assert shape["count"] == 3
        cut(room / "book.db")
        run("audit", "verify", room / "book.db")
        told = run("audit", "verify", room / "book.db", "--anchor", room / "a", "--key-file", room / "key", status=1).stdout
        assert "shorter: at 3" in told

    def test_nothing_that_is_not_whole_is_sealed(self, room: Path) -> None:
        run("audit", "anchor", room / "book.db", room / "a", "--key-file", room / "key")
        cut(room / "book.db")
        again = ("audit", "anchor", room / "book.db", room / "b", "--key-file", room / "key", "--after", room / "a")
        assert "shorter at 3): nothing was sealed" in run(*again, status=1).stderr
        assert not (room / "b").exists()

    def test_entries_that_no_erasure_accounts_for_are_faults(self, room: Path) -> None:
        run("erase", room / "book.db", "c-0", "--key-file", room / "key", "--by", "han", "--ground", "asked", "--audit")
        assert shape_of("audit_verify", "audit", "verify", room / "book.db")["erased"] == [0]
        with SqliteStore.open(room / "book.db") as store, store.write() as unit:
            record = unit.records.get("audit", "audit:000000000001")
            assert record is not None
            unit.records.put(link_record("audit", erased_link(load_link(record.payload))), expected=record.version)
        shape = shape_of("audit_verify", "audit", "verify", room / "book.db", status=1)
        assert (shape["erased"], shape["faults"]) == ([0, 1], [{"kind": "erased", "place": 1}])
        assert "erased: at 1" in run("audit", "verify", room / "book.db", status=1).stdout

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--anchor", "key"], "proves nothing without the key"),
            (["--anchor", "key", "--key-file", "key"], "a stored anchor is damaged (no JSON)"),
            (["--anchor", "house.toml", "--key-file", "house.toml"], "a stored anchor is damaged"),
        ],
    )
    def test_wrong_use_ends_with_status_2(self, room: Path, words: list[str], message: str) -> None:
        paths = [str(room / word) if not word.startswith("--") else word for word in words]
        assert message in run("audit", "verify", room / "book.db", *paths, status=2).stderr

    def test_a_key_that_is_too_short_is_not_shown(self, room: Path) -> None:
        (room / "short").write_text("secret", encoding="utf-8")
        told = run("audit", "anchor", room / "book.db", room / "a", "--key-file", room / "short", status=2).stderr
        assert "must be at least 32 bytes" in told
        assert "'secret'" not in told

    def test_an_anchor_is_written_over_nothing_and_for_its_owner_alone(self, room: Path) -> None:
        run("audit", "anchor", room / "book.db", room / "a", "--key-file", room / "key")
        assert (room / "a").stat().st_mode & 0o077 == 0
        told = run("audit", "anchor", room / "book.db", room / "a", "--key-file", room / "key", status=2).stderr
        assert "must not exist yet" in told


class TestShow:
    def test_each_entry_has_a_line(self, room: Path) -> None:
        lines = run("audit", "show", room / "book.db").stdout.splitlines()
        assert len(lines) == 3
        assert "0 2026-03-28T12:00:00+09:00 lee from 10.0.0.7: export allowed, " in lines[0]
        assert "1 for care on file (for the head)" in lines[0]
        assert "nobody known" in lines[2]

    @pytest.mark.parametrize(
        ("words", "places"),
        [
            (["--actor", "wu"], [1]),
            (["--on", "2026-03-30"], [2]),
            (["--actor", "wu", "--on", "2026-03-30"], []),
            (["--client", "c-0", "--key-file", "KEY"], [0]),
            (["--client", "c-9", "--key-file", "KEY"], []),
        ],
    )
    def test_entries_are_found_by_person_day_and_client(self, room: Path, words: list[str], places: list[int]) -> None:
        given = [str(room / "key") if word == "KEY" else word for word in words]
        shape = shape_of("audit_show", "audit", "show", room / "book.db", *given)
        assert [entry["place"] for entry in shape["entries"]] == places

    def test_a_client_is_found_by_the_digest_alone(self, room: Path) -> None:
        assert "give --key-file" in run("audit", "show", room / "book.db", "--client", "c-0", status=2).stderr

    def test_a_client_is_found_in_what_was_listed_too(self, room: Path) -> None:
        digests = [KEY.digest("client", f"c-{number}") for number in range(2)]
        with SqliteStore.open(room / "book.db") as store, store.write() as unit:
            AuditTrail(unit).append(
                AuditEntry(
                    at=NOON, actor_id="kim", action="list", answer="allowed", client_digests=digests, count=2, purpose="care"
                )
            )
        shape = shape_of("audit_show", "audit", "show", room / "book.db", "--client", "c-1", "--key-file", room / "key")
        assert [entry["place"] for entry in shape["entries"]] == [1, 3]
        assert shape["entries"][1]["entry"]["client_digests"] == digests
        assert "list allowed, 2 clients, 2 for care" in run("audit", "show", room / "book.db").stdout

    def test_an_entry_that_was_erased_is_shown_as_that(self, room: Path) -> None:
        run("erase", room / "book.db", "c-0", "--key-file", room / "key", "--by", "han", "--ground", "asked", "--audit")
        lines = run("audit", "show", room / "book.db").stdout.splitlines()
        assert lines[0].startswith("0 erased ")
        assert "erase allowed" in lines[3]
        shape = shape_of("audit_show", "audit", "show", room / "book.db")
        assert shape["entries"][0]["entry"] is None


class TestErase:
    def erase(self, room: Path, *more: object, status: int = 0) -> Result:
        words = ("erase", room / "book.db", "c-1", "--key-file", room / "key", "--by", "han", "--ground", "asked")
        return run(*words, *more, status=status)

    def test_everything_goes_without_a_policy(self, room: Path) -> None:
        assert "1 records and 2 entries of the log erased, 0 of the audit" in self.erase(room).stdout
        assert [one.id for one in load_book(open_store(str(room / "book.db"))).clients] == ["c-0", "c-2"]

    def test_what_a_policy_has_kept_is_told_with_its_ground(self, room: Path) -> None:
        told = self.erase(room, "--policy", room / "house.toml").stdout
        assert "restrict: 1 of kind purchase: kept by law until before 2125-03-20: proof of payment" in told

    def test_the_shape_says_how_much_and_why(self, room: Path) -> None:
        words = ("erase", room / "book.db", "c-1", "--key-file", room / "key", "--by", "han", "--ground", "asked")
        shape = shape_of("erase", *words, "--policy", room / "house.toml")
        assert shape["outcomes"] == [
            {"kind": "client", "outcome": "erase", "count": 1},
            {"kind": "purchase", "outcome": "restrict", "count": 1},
            {"kind": "touchpoint", "outcome": "erase", "count": 1},
        ]
        assert (shape["left"], shape["client_digest"]) == (None, KEY.digest("client", "c-1"))

    def test_an_unknown_client_and_a_policy_that_says_nothing_end_with_status_2(self, room: Path) -> None:
        (room / "none.toml").write_text(POLICY, encoding="utf-8")
        assert "says nothing about retention" in self.erase(room, "--policy", room / "none.toml", status=2).stderr
        self.erase(room)
        assert "unknown client 'c-1'" in self.erase(room, status=2).stderr

    @pytest.mark.parametrize("by_file", [True, False])
    def test_an_older_backup_is_erased_again(self, room: Path, *, by_file: bool) -> None:
        with SqliteStore.open(room / "book.db") as store:
            backup = back_up(store, room / "backups", now=NOON)
        self.erase(room, "--journal", room / "erased.json")
        given = ("--journal", room / "erased.json") if by_file else ("--newer", room / "book.db")
        assert "must be given with a journal" in run("restore", backup.path, room / "no.db", *given, status=2).stderr
        run("restore", backup.path, room / "again.db", *given, "--key-file", room / "key")
        assert load_book(open_store(str(room / "again.db"))) == load_book(open_store(str(room / "book.db")))

    def test_a_backup_from_before_a_law_kept_something_needs_its_rules(self, room: Path) -> None:
        with SqliteStore.open(room / "book.db") as store:
            backup = back_up(store, room / "backups", now=NOON)
        self.erase(room, "--policy", room / "house.toml")
        given = ("--newer", room / "book.db", "--key-file", room / "key")
        assert "the law had records kept" in run("restore", backup.path, room / "no.db", *given, status=2).stderr
        assert not (room / "no.db").exists()
        run("restore", backup.path, room / "again.db", *given, "--policy", room / "house.toml")
        assert len(load_book(open_store(str(room / "again.db"))).purchases) == 2

    def test_entries_of_the_trail_that_went_go_from_an_older_backup_too(self, room: Path) -> None:
        with SqliteStore.open(room / "book.db") as store:
            backup = back_up(store, room / "backups", now=NOON)
        self.erase(room, "--audit")
        run("restore", backup.path, room / "again.db", "--newer", room / "book.db", "--key-file", room / "key")
        shown = [run("audit", "show", room / name).stdout.splitlines() for name in ("book.db", "again.db")]
        assert shown[0] == shown[1]
        assert shown[1][1].startswith("1 erased ")
        assert "intact" in run("audit", "verify", room / "again.db").stdout

    def test_who_asks_again_is_told_what_is_still_kept(self, room: Path) -> None:
        self.erase(room, "--policy", room / "house.toml")
        told = self.erase(room, "--policy", room / "house.toml").stdout
        assert "0 records and 0 entries of the log erased" in told
        assert "restrict: 1 of kind purchase: kept by law until before 2125-03-20: proof of payment" in told

    def test_the_journal_is_never_written_over(self, room: Path) -> None:
        self.erase(room, "--journal", room / "erased.json")
        told = self.erase(room, "--journal", room / "erased.json", status=2).stderr
        assert "--journal is " in told
        assert "must not exist yet" in told

    @pytest.mark.parametrize("is_known", [True, False])
    def test_the_journal_is_left_although_something_failed_after(
        self, room: Path, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
    ) -> None:
        def scrub(_: SqliteStore) -> str | None:
            raise StorageError("the disk is full") if is_known else OutcomeUnknownError("the power went")

        monkeypatch.setattr(SqliteStore, "scrub", scrub)
        told = self.erase(room, "--journal", room / "erased.json").stdout
        assert "still left: the freed pages of the store could not be cleaned" in told
        assert len(load_journal((room / "erased.json").read_text(encoding="utf-8"))) == 1

    def test_the_journal_is_left_where_nobody_knows_whether_it_happened(
        self, room: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def erase_client(*_: object, **__: object) -> None:
            raise OutcomeUnknownError("the server went away")

        monkeypatch.setattr("relcare.storage.erase_client", erase_client)
        assert "the server went away" in self.erase(room, "--journal", room / "erased.json", status=2).stderr
        assert load_journal((room / "erased.json").read_text(encoding="utf-8")) == ()

    def test_another_key_is_refused_when_an_older_backup_is_restored(self, room: Path) -> None:
        with SqliteStore.open(room / "book.db") as store:
            backup = back_up(store, room / "backups", now=NOON)
        self.erase(room)
        (room / "other").write_bytes(b"z" * 32)
        told = run("restore", backup.path, room / "no.db", "--newer", room / "book.db", "--key-file", room / "other", status=2)
        assert "must be the one with which the journal of erasures was made" in told.stderr
        assert not (room / "no.db").exists()

    def test_a_backup_beside_a_newer_one_that_knows_more_is_not_restored_in_silence(self, room: Path) -> None:
        with SqliteStore.open(room / "book.db") as store:
            before = back_up(store, room / "backups", now=NOON)
        assert run("restore", before.path, room / "first.db").stderr == ""
        self.erase(room)
        with SqliteStore.open(room / "book.db") as store:
            after = back_up(store, room / "backups", now=NOON.replace(hour=4))
        told = run("restore", before.path, room / "second.db").stderr
        assert "since this backup was taken data was erased once, and is back; hint: restore again with --journal" in told
        assert run("restore", after.path, room / "third.db").stderr == ""
        given = ("--newer", room / "book.db", "--key-file", room / "key", "--chain", "2026")
        assert run("restore", before.path, room / "fourth.db", *given).stderr == ""
        assert "erase allowed" in run("audit", "show", room / "fourth.db", "--chain", "2026").stdout

    def test_the_trail_that_tells_of_it_is_the_one_that_is_named(self, room: Path) -> None:
        self.erase(room, "--chain", "2026")
        assert len(run("audit", "show", room / "book.db").stdout.splitlines()) == 3
        assert "erase allowed" in run("audit", "show", room / "book.db", "--chain", "2026").stdout
