"""One policy, one book, decided by databases that are told in SQL: SQLite, DuckDB and PostgreSQL say what objects say.

`make identity` draws many more cases than a normal run and prints how much was compared. Spark and BigQuery are not run: what is
made for them is read back.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.conftest import PostgresServer, running_server
from tests.property.frames_alike import COMPARED, LONG, PARTS, as_rows, assert_alike, by_objects, outcome
from tests.property.frames_book import DAYS, drawn_book
from tests.property.frames_policies import OF_STEPS, RICH, cases

from relcare.codec import loads_policy
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.errors import BookDocumentError
from relcare.model import Book
from relcare.policy import facts_of

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
sqlglot = pytest.importorskip("sqlglot")
frames = pytest.importorskip("relcare.frames")

CASES: Final = int(os.environ.get("RELCARE_IDENTITY", "1"))
EXECUTED: Final = ("sqlite", "duckdb", "postgres")
Run = Callable[[str], Iterable[Sequence[Any]]]
Tables = dict[str, tuple[dict[str, str], list[tuple[Any, ...]]]]


# ------------------------------------------------------------------------------------------------------ books in databases


def without_bars(book: Book) -> Book:
    """The book with sets that text joined by `|` can hold."""

    def plain(value: Any) -> Any:
        if not isinstance(value, frozenset):
            return value
        return frozenset(found for one in value if (found := one.replace("|", "/").strip()))

    clients = [
        attrs.evolve(
            client,
            attributes={name: plain(value) for name, value in client.attributes.items()},
        )
        for client in book.clients
    ]
    return attrs.evolve(book, clients=clients)


def by_day(book: Book) -> Book:
    """The book with the civil days of its instants: a database without zones holds no more."""
    book = attrs.evolve(book, appointments=())
    tables = {name: table for name, table in attrs.asdict(frames.frames_of(book), recurse=False).items() if is_table(table)}
    dated = {name: table.drop(c for c in table.columns if c.endswith((".instant", ".zone"))) for name, table in tables.items()}
    return frames.book_from_frames(attrs.evolve(frames.frames_of(book), **dated))  # type: ignore[no-any-return]


def is_table(value: object) -> bool:
    return isinstance(value, pl.DataFrame)


def tables_of(book: Book, dialect: str) -> Tables:
    """The tables of a book with the types of their columns and their rows."""
    found: Tables = {}
    for name, table in attrs.asdict(frames.frames_of(book), recurse=False).items():
        if not is_table(table):
            continue
        types = {column: word_of(dtype, dialect) for column, dtype in table.schema.items()}
        kept = {column: word for column, word in types.items() if word is not None}
        rows = [tuple(map(cell_of(dialect), row)) for row in table.select(list(kept)).rows()]
        found[name] = (kept, rows)
    return found


def word_of(dtype: Any, dialect: str) -> str | None:
    """The SQL type of a column of polars; None where it has nothing in it, or the dialect has no such type."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal(38, {dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return None if dialect == "sqlite" else "timestamp with time zone"
    words = {pl.String: "text", pl.Boolean: "boolean", pl.Date: "date", pl.Int64: "bigint", pl.List: "text"}
    return words.get(dtype.base_type())


def cell_of(dialect: str) -> Callable[[Any], Any]:
    def cell(value: Any) -> Any:
        if isinstance(value, list):
            return "|".join(value)
        if dialect != "sqlite":
            return value
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() and abs(value) < 2**62 else float(value)
        return value.isoformat() if isinstance(value, date) else value

    return cell


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def filled(tables: Tables, execute: Callable[..., Any], mark: str) -> None:
    for name, (columns, rows) in tables.items():
        execute(f"CREATE TABLE {name} ({', '.join(f'{quoted(column)} {word}' for column, word in columns.items())})")
        for row in rows:
            execute(f"INSERT INTO {name} VALUES ({', '.join([mark] * len(columns))})", row)  # noqa: S608 - names of our own


def run_in(dialect: str, tables: Tables, server: PostgresServer | None, stack: ExitStack) -> Run:
    """What runs queries in a new database with these tables."""
    if dialect == "sqlite":
        connection = sqlite3.connect(":memory:")
        stack.callback(connection.close)
        filled(tables, connection.execute, "?")
        return lambda query: connection.execute(query).fetchall()
    if dialect == "duckdb":
        relations = duckdb.connect(config={"threads": 1})
        stack.callback(relations.close)
        filled(tables, relations.execute, "?")
        return lambda query: relations.execute(query).fetchall()
    import psycopg

    assert server is not None
    # A transaction that is never ended leaves nothing behind.
    database = stack.enter_context(psycopg.connect(server.url()))
    stack.callback(database.rollback)
    database.execute(f"SET search_path TO {server.schema()}".encode())
    filled(tables, lambda text, row=(): database.execute(text.encode(), row or None), "%s")

    def run(query: str) -> list[tuple[Any, ...]]:
        cursor = database.execute(query.encode())
        return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_server() as found:
        yield found


# ------------------------------------------------------------------------------------------------------------- as objects say


def sql_tables(dialect: str, tables: Tables, run: Run, zone: str, **more: Any) -> Any:
    columns = {name: kept for name, (kept, _) in tables.items()}
    return frames.SqlTables(dialect=dialect, columns=columns, run=run, zone=zone, **more)


def by_sql(policy: Policy, book: Book, as_of: date, dialect: str, server: PostgresServer | None) -> Any:
    tables = tables_of(book, dialect)
    with ExitStack() as stack:
        run = run_in(dialect, tables, server, stack)
        given_tables = sql_tables(dialect, tables, run, book.zone, temporary=True)
        decided = frames.decide_sql(policy, given_tables, as_of=as_of, only=PARTS)
        COMPARED[f"questions asked of {dialect}"] += len(decided.asked)
        shown = {
            name: None if getattr(decided, name) is None else Answer(policy, run, getattr(decided, name), dialect, name)
            for name in ("clients", "obligations", "undecided", "cells")
        }
        return as_rows(policy, SimpleNamespace(**shown))


class Answer:
    """The rows of a query, each cell as the other engines have it."""

    def __init__(self, policy: Policy, run: Run, query: str, dialect: str, table: str) -> None:
        kinds: dict[str, str] = {name: fact.kind for name, fact in vocabularies_of_policy(policy).full.items()}
        kinds |= {f"{grade.name}.last": kinds[grade.fact] for grade in policy.grades}
        # Facts are columns of clients alone: what is owed may have a column that is called as one of them.
        kinds = kinds if table == "clients" else {}
        self.columns = [column.alias for column in sqlglot.parse_one(query, read=dialect).expressions]
        self.rows = [tuple(map(partial(plain_cell, kinds), self.columns, row)) for row in run(query)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows


def plain_cell(kinds: Mapping[str, str], name: str, value: Any) -> Any:
    if value is None:
        return None
    kind = kinds.get(name)
    if kind == "set" or name == "rule_ids":
        return [one for one in value.split("|") if one]
    if kind == "flag" or name == "never_contacted" or name.endswith((".is_in_scope", ".is_held", ".is_tied")):
        assert value in (0, 1)
        return bool(value)
    if kind == "date" or name.endswith("_on"):
        return value if isinstance(value, date) else date.fromisoformat(value)
    return int(value) if isinstance(value, Decimal) else value


def assert_same(policy: Policy, book: Book, as_of: date, dialect: str, server: PostgresServer | None = None) -> None:
    book = without_bars(by_day(book) if dialect == "sqlite" else book)
    wanted = outcome(lambda: by_objects(policy, book, as_of))
    assert_alike(f"SQL for {dialect}", wanted, outcome(lambda: by_sql(policy, book, as_of, dialect, server)))


@st.composite
def sql_cases(draw: st.DrawFn) -> tuple[Policy, Book, date]:
    """Cases whose triggers ask for nothing that needs people's steps."""
    policy, book, as_of = draw(cases())
    kept = [one for one in policy.triggers if one.when is None or not any(name.endswith(OF_STEPS) for name in facts_of(one.when))]
    return attrs.evolve(policy, triggers=kept), book, as_of


class TestIdentity:
    """TIM-1 Every answer depends only on its arguments. CRI-2: so that every engine agrees."""

    @pytest.mark.parametrize("dialect", EXECUTED if LONG else ("sqlite", "duckdb"))
    @settings(max_examples=CASES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(data=st.data())
    def test_a_database_decides_a_drawn_book_as_objects_do(
        self, dialect: str, server: PostgresServer, data: st.DataObject
    ) -> None:
        assert_same(*data.draw(sql_cases()), dialect, server)

    @pytest.mark.parametrize("dialect", EXECUTED if LONG else ("postgres",))
    def test_a_database_decides_months_returns_groups_ties_and_contacts_alike(self, dialect: str, server: PostgresServer) -> None:
        before = COMPARED[f"books with SQL for {dialect}"]
        assert_same(loads_policy(MIXED), drawn_book(1, 12), DAYS[0], dialect, server)
        assert COMPARED[f"books with SQL for {dialect}"] == before + 1

    @pytest.mark.skipif(not LONG, reason="`make identity` runs it")
    @pytest.mark.parametrize("dialect", EXECUTED)
    @pytest.mark.parametrize("as_of", DAYS, ids=str)
    def test_a_policy_of_every_kind_decides_a_full_book_alike(self, as_of: date, dialect: str, server: PostgresServer) -> None:
        before = COMPARED[f"books with SQL for {dialect}"]
        assert_same(loads_policy(RICH), drawn_book(0, 40), as_of, dialect, server)
        assert COMPARED[f"books with SQL for {dialect}"] == before + 1


# ------------------------------------------------------------------------------------------------------------- pointed cases

MIXED: Final = """
format = 1

[policy]
id = "mixed"
version = "1"
effective_from = 2023-01-01
currency = "CNY"

[facts.listed]
type = "flag"
may_be_missing = true

[facts.tags]
type = "set"
may_be_missing = true

[facts.revenue]
type = "money"
measure = { sum = "purchases.amount", window = "12 months", returns = "net" }

[facts.best_month]
type = "money"
[facts.best_month.measure]
sum = "purchases.amount"
per = "calendar month"
window = "12 calendar months"
returns = "net"

[facts.share]
type = "number"
grain = "0.1"
round = "half even"
ratio = ["best_month", "revenue"]

[[segmentation]]
id = "abc"
kind = "quota"
group_by = "client.region"
score = "revenue"
tiers = [{ id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" }]

[[vip]]
id = "vip"
paths = [{ id = "one", when = "revenue >= 100 or 'export' in tags" }, { id = "two", when = "listed" }]

[[cadence]]
id = "call"
channel = "call"
every = "1 month"
grace = "3 days"
when = "tier.abc >= 'B'"
"""

PLAIN: Final = """
format = 1

[policy]
id = "plain"
version = "1"
effective_from = 2024-01-01

[facts.points]
type = "integer"

[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
"""
ON: Final = date(2026, 3, 31)
MIXED_IDS: Final = ("a", "A", "b", "B", "Z", "é", "É", "ß", "ss", "ａ", "你", "😀", "_", "~")
OTHER_ORDER: Final = {"sqlite": "text COLLATE NOCASE", "duckdb": "text COLLATE NOCASE", "postgres": 'text COLLATE "und-x-icu"'}


def decided_in(dialect: str, server: PostgresServer, policy: str, tables: Tables, **more: Any) -> tuple[Any, list[Any]]:
    """What is decided of small tables, and the rows of clients."""
    with ExitStack() as stack:
        run = run_in(dialect, tables, server, stack)
        plain = {
            name: ({c: word.split(" COLLATE")[0] for c, word in kept.items()}, rows) for name, (kept, rows) in tables.items()
        }
        decided = frames.decide_sql(loads_policy(policy), sql_tables(dialect, plain, run, "UTC", **more), as_of=ON)
        return decided, list(run(decided.clients))


def column(decided: Any, rows: Sequence[Any], name: str, dialect: str) -> dict[str, Any]:
    names = [one.alias for one in sqlglot.parse_one(decided.clients, read=dialect).expressions]
    return {row[0]: row[names.index(name)] for row in rows}


@pytest.mark.parametrize("dialect", EXECUTED)
class TestDatabases:
    """SEG-2, SEG-3: equals at a cut are told apart by their ids, by code point; whatever order the database prefers."""

    def test_ids_are_told_apart_by_code_point(self, dialect: str, server: PostgresServer) -> None:
        tables: Tables = {"clients": ({"id": OTHER_ORDER[dialect], "points": "bigint"}, [(one, 7) for one in MIXED_IDS])}
        decided, rows = decided_in(dialect, server, PLAIN, tables)
        tiers = column(decided, rows, "scheme.abc.tier", dialect)
        assert sorted(one for one, tier in tiers.items() if tier == "A") == sorted(MIXED_IDS)[: len(MIXED_IDS) // 2]

    def test_members_of_sets_are_told_apart_whatever_is_written_around_them(self, dialect: str, server: PostgresServer) -> None:
        policy = PLAIN.replace("[[seg", '[facts.tags]\ntype = "set"\nmay_be_missing = true\n[[seg')
        written = ["b|a", " a |b|a", "", None, "|", 'say "x"|it\'s|\\', "ä|Z|a|z"]
        rows = [(f"c{n}", 1, one) for n, one in enumerate(written)]
        tables: Tables = {"clients": ({"id": "text", "points": "bigint", "tags": "text"}, rows)}
        decided, found = decided_in(dialect, server, policy, tables)
        shown = list(column(decided, found, "tags", dialect).values())
        assert shown[:2] == ["a|b", "a|b"]
        assert shown[3:] == [None, "", '\\|it\'s|say "x"', "Z|a|z|ä"]

    def test_a_statement_stands_alone_as_a_view(self, dialect: str, server: PostgresServer) -> None:
        tables: Tables = {"clients": ({"id": "text", "points": "bigint"}, [("a", 2), ("b", 1)])}
        with ExitStack() as stack:
            run = run_in(dialect, tables, server, stack)
            decided = frames.decide_sql(loads_policy(PLAIN), sql_tables(dialect, tables, run, "UTC"), as_of=ON)
            run(f"CREATE VIEW decided AS {decided.clients}")
            assert sorted(map(tuple, run('SELECT client_id, "scheme.abc.tier" FROM decided'))) == [("a", "A"), ("b", "B")]
        assert decided.before == ()
        assert not decided.is_compiled_only
        assert "\x1f" not in decided.clients

    def test_cells_that_are_no_such_thing_are_refused(self, dialect: str, server: PostgresServer) -> None:
        policy = PLAIN.replace('type = "integer"', 'type = "number"\ngrain = "0.01"')
        cells = {"sqlite": ("decimal(9, 2)", 0.125), "duckdb": ("decimal(9, 3)", Decimal("0.125"))}
        word, cell = cells.get(dialect, ("decimal(9, 3)", Decimal("0.125")))
        tables: Tables = {"clients": ({"id": "text", "points": word}, [("a", cell), ("b", 2)])}
        with ExitStack() as stack:
            run = run_in(dialect, tables, server, stack)
            said: Tables = {"clients": ({"id": "text", "points": "decimal(9, 2)"}, [])}
            with pytest.raises(BookDocumentError, match=r"clients: points: has cells that are not exactly.*\(1\)"):
                frames.decide_sql(loads_policy(policy), sql_tables(dialect, said, run, "UTC"), as_of=ON)

    def test_decimals_count_to_their_last_digit(self, dialect: str, server: PostgresServer) -> None:
        policy = PLAIN.replace('type = "integer"', 'type = "number"\ngrain = "0.01"')
        written = [Decimal(text) for text in ("0.29", "1.15", "-4.35", "9007199254740.99", "0.1", "1000000.01")]
        rows = [(f"c{n}", float(one) if dialect == "sqlite" else one) for n, one in enumerate(written)]
        tables: Tables = {"clients": ({"id": "text", "points": "decimal(18, 2)"}, rows)}
        decided, found = decided_in(dialect, server, policy, tables)
        assert list(column(decided, found, "points", dialect).values()) == [int(one * 100) for one in written]

    def test_products_beyond_64_bits_are_exact_or_an_error(self, dialect: str, server: PostgresServer) -> None:
        policy = PLAIN.replace("[[seg", f"{RATIO}[[seg")
        rows = [("a", 1, 2**61, 3 * 2**60), ("b", 2, 2, 3)]
        tables: Tables = {"clients": (dict.fromkeys(("id", "points", "over", "under"), "bigint") | {"id": "text"}, rows)}
        if dialect == "sqlite":
            with pytest.raises(sqlite3.OperationalError, match="integer overflow"):
                decided_in(dialect, server, policy, tables)
            tables["clients"] = (tables["clients"][0], rows[1:])
        decided, found = decided_in(dialect, server, policy, tables)
        shares = column(decided, found, "part", dialect)
        assert shares["b"] == 666_667
        assert shares.get("a", 666_667) == 666_667


RATIO: Final = """
[facts.over]
type = "integer"

[facts.under]
type = "integer"

[facts.part]
type = "number"
grain = "0.000001"
round = "half up"
ratio = ["over", "under"]
"""


# ---------------------------------------------------------------------------------------------------------- what is only compiled

COMPILED: Final = ("spark", "bigquery")


def is_about_cells(question: str) -> bool:
    return question.startswith("SELECT COALESCE(SUM(CASE WHEN")


def is_asking(statement: str) -> bool:
    return not statement.startswith(("CREATE", "DROP", "CACHE"))


def test_what_is_only_compiled_asks_the_same_and_reads_back() -> None:
    sets = '[facts.tags]\ntype = "set"\n[facts.part]\ntype = "integer"\nround = "down"\nratio = ["points", "points"]\n'
    policy = loads_policy(PLAIN.replace("[[seg", f"{sets}[[seg") + CALLS)
    clients = [("a", 1, "x|y"), ("b", 2, "")]
    tables: Tables = {
        "clients": ({"id": "text", "points": "bigint", "tags": "text"}, clients),
        "touchpoints": ({"client_id": "text", "occurred_at": "date", "channel": "text", "outcome": "text"}, []),
    }
    answers: list[list[Any]] = []
    with ExitStack() as stack:
        run = run_in("sqlite", tables, None, stack)

        def noted(question: str) -> list[Any]:
            found = list(run(question))
            answers.extend([found] if is_asking(question) and not is_about_cells(question) else [])
            return found

        frames.decide_sql(policy, sql_tables("sqlite", tables, noted, "UTC", temporary=True), as_of=ON)
    for dialect in COMPILED:
        assert_reads_back(policy, tables, dialect, answers)


def assert_reads_back(policy: Policy, tables: Tables, dialect: str, answers: list[list[Any]]) -> None:
    left = iter(answers)

    def answered(question: str) -> list[Any]:
        if not is_asking(question):
            return []
        columns = sqlglot.parse_one(question, read=dialect).expressions
        return [(0,) * len(columns)] if is_about_cells(question) else next(left)

    decided = frames.decide_sql(policy, sql_tables(dialect, tables, answered, "UTC", temporary=True), as_of=ON)
    assert next(left, None) is None
    assert decided.is_compiled_only
    for statement in (decided.clients, decided.obligations, decided.undecided, *decided.asked, *decided.before):
        assert not set(statement) & set(map(chr, range(10)))
        read = sqlglot.parse_one(statement, read=dialect)
        assert all(table.name in {*tables, ""} or table.name.startswith("relcare_") for table in read.find_all(sqlglot.exp.Table))
    shown = [column.alias for column in sqlglot.parse_one(decided.clients, read=dialect).expressions]
    assert ("scheme__abc__tier" if dialect == "bigquery" else "scheme.abc.tier") in shown


CALLS: Final = """
[[cadence]]
id = "call"
channel = "call"
every = "1 month"
when = "tier.abc >= 'A' or 'x' in tags"
"""


def test_how_much_was_compared(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        if LONG:
            print("", *(f"{count:>9,} {what}" for what, count in sorted(COMPARED.items())), sep="\n")  # noqa: T201 - asked for
