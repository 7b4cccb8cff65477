"""What databases are told about a book, and what is refused before anything is asked."""

import sqlite3
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from relcare.codec import loads_policy
from relcare.errors import BookDocumentError, InvalidValueError, MissingExtraError, UnsupportedPolicyError

pytest.importorskip("duckdb")
sqlglot = pytest.importorskip("sqlglot")
frames = pytest.importorskip("relcare.frames")

ON = date(2026, 3, 31)
POLICY = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.points]
type = "integer"
[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
"""
COLUMNS = {"clients": {"id": "text", "points": "integer"}}


def never(question: str) -> list[Sequence[Any]]:
    raise AssertionError(question)


def tables(**more: Any) -> Any:
    return frames.SqlTables(**{"dialect": "sqlite", "columns": COLUMNS, "run": never, **more})


def asked_in(statements: str, policy: str = POLICY, **more: Any) -> Any:
    """What a policy decides in a SQLite database, of a wrong or right shape."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(statements)
        given = tables(run=lambda question: connection.execute(question).fetchall(), **more)
        decided = frames.decide_sql(loads_policy(policy), given, as_of=ON)
        return decided, connection.execute(decided.clients).fetchall()
    finally:
        connection.close()


class TestTypes:
    @pytest.mark.parametrize(
        ("word", "message"),
        [
            ("txt", r"columns\['clients'\]\['id'\] is 'txt': must be one of text, .*; hint: did you mean 'text'\?"),
            ("decimal", r"must say how many digits and decimals it has; hint: as in decimal\(18, 2\)"),
            ("decimal(39, 2)", "must have at most 38 digits"),
            ("decimal(2, 3)", "no more decimals than digits"),
            ("integer(4)", "hint: leave out what follows integer"),
            ("timestamp with time zone", "must be a date: SQLite knows no zones; hint: keep the civil day in a column"),
            (7, "must be one of text"),
        ],
    )
    def test_a_wrong_type_is_told_with_its_column(self, word: object, message: str) -> None:
        with pytest.raises(InvalidValueError, match=message):
            tables(columns={"clients": {"id": word}})

    @pytest.mark.parametrize("word", ["TEXT", "varchar(20)", "Character  Varying", " numeric ( 9,2 ) ", "BOOL", "date", "int64"])
    def test_types_are_taken_in_their_usual_words(self, word: str) -> None:
        assert tables(columns={"clients": {"id": "text", "other": word}}).types["clients"]["other"]

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"dialect": "oracle"}, "dialect"),
            ({"columns": {"client": {"id": "text"}}}, "hint: did you mean 'clients'"),
            ({"columns": {}}, "must have clients"),
            ({"columns": {"clients": {}}}, "must be a mapping of columns to types"),
            ({"columns": 5}, "must be a mapping, by table"),
            ({"sources": {"clients": "crm."}}, "must be a name, or names with points between"),
            ({"sources": {"purchase": "x"}}, "hint: did you mean 'purchases'"),
            ({"zone": "Nowhere"}, "zone"),
        ],
    )
    def test_wrong_tables_are_refused_before_anything_is_asked(self, more: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValueError, match=message):
            tables(**more)


class TestCells:
    @pytest.mark.parametrize(
        ("word", "cell"),
        [
            ("text", "7"),
            ("integer", "'7'"),
            ("integer", "7.5"),
            ("boolean", "2"),
            ("date", "'2026-02-30'"),
            ("date", "'2026-1-5'"),
            ("date", "20260105"),
            ("decimal(9, 2)", "7.125"),
            ("decimal(9, 2)", "'7.12'"),
            ("decimal(9, 2)", "90071992547409.93"),
        ],
    )
    def test_sqlite_keeps_anything_so_that_cells_are_looked_at(self, word: str, cell: str) -> None:
        statements = f"CREATE TABLE clients (id, points, x); INSERT INTO clients VALUES ('a', 1, {cell}), ('b', 2, NULL)"  # noqa: S608 - ours
        columns = {"clients": {**COLUMNS["clients"], "x": word}}
        with pytest.raises(BookDocumentError, match=r"^1 problem\nclients: x: has cells that are not exactly .* \(1\)"):
            asked_in(statements, columns=columns)

    def test_a_column_that_is_not_named_is_not_there(self) -> None:
        with pytest.raises(BookDocumentError, match="points: is not there"):
            asked_in("CREATE TABLE clients (id)", columns={"clients": {"id": "text"}})

    def test_names_of_tables_and_columns_may_be_any(self) -> None:
        policy = POLICY.replace("facts.points", "facts.select").replace('"points"', '"select"')
        name = '"relcare_1 of ""x"""'
        statements = f"""CREATE TABLE {name} (id, "select"); INSERT INTO {name} VALUES ('a', 2), ('b', 1)"""  # noqa: S608
        more = {"sources": {"clients": 'main.relcare_1 of "x"'}, "columns": {"clients": {"id": "text", "select": "integer"}}}
        decided, rows = asked_in(statements, policy=policy, **more)
        names = [column.alias for column in sqlglot.parse_one(decided.clients, read="sqlite").expressions]
        place = names.index("scheme.abc.tier")
        assert sorted((row[0], row[place]) for row in rows) == [("a", "A"), ("b", "B")]


class TestRefusals:
    def test_rules_whose_names_hold_the_sign_between_rules_are_refused(self) -> None:
        policy = POLICY + '[[cadence]]\nid = "a|b"\nchannel = "call"\nevery = "1 month"\n'
        with pytest.raises(UnsupportedPolicyError, match=r"cadence\[0\].id: has a \| in it"):
            frames.decide_sql(loads_policy(policy), tables(), as_of=ON)

    def test_names_that_postgres_would_cut_are_refused(self) -> None:
        policy = POLICY.replace('id = "abc"', f'id = "{"é" * 30}"')

        def nothing(question: str) -> list[Sequence[int]]:
            columns = sqlglot.parse_one(question, read="postgres").expressions
            return [] if "bin" in question else [(0,) * len(columns)]

        with pytest.raises(UnsupportedPolicyError, match="is a longer name of a column than the 63 bytes"):
            frames.decide_sql(loads_policy(policy), tables(dialect="postgres", run=nothing), as_of=ON)

    def test_a_statement_too_large_for_sqlite_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.frames._sql_text.HEAVY", 3)
        with pytest.raises(UnsupportedPolicyError, match="very long to read; hint: set temporary=True"):
            asked_in("CREATE TABLE clients (id, points)")

    def test_temporary_tables_are_told_and_made_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.frames._sql_text.HEAVY", 3)
        decided, rows = asked_in("CREATE TABLE clients (id, points); INSERT INTO clients VALUES ('a', 1)", temporary=True)
        assert [one.split(" ")[0] for one in decided.before[:2]] == ["DROP", "CREATE"]
        assert rows[0][0] == "a"

    def test_the_missing_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sqlglot", None)
        with pytest.raises(MissingExtraError, match=r"pip install 'relcare\[sqltext\]'"):
            frames.decide_sql(loads_policy(POLICY), tables(), as_of=ON)
