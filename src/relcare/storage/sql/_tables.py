"""The tables, and what is said to them."""

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable
from sqlalchemy.types import TypeEngine

from relcare.storage._row_transaction import Statements

__all__ = ["SCHEMA_VERSION", "TURN_ID", "Tables", "read_turn", "set_position", "statements_for", "tables_of"]

SCHEMA_VERSION = 1
TURN_ID = 1


@attrs.frozen(kw_only=True)
class Tables:
    """The tables of a book, for hosts that create, migrate or grant rights on them with tools of their own.

    Attributes:
        metadata: All of them; none of the host's.
        record: The records; a deleted one keeps a row without payload.
        record_key: What records can be found by.
        log: The log.
        work: The idempotency keys of work that is done.
        turn: One row: the schema, and the last position of the log. Whoever writes locks it.
    """

    metadata: MetaData
    record: Table
    record_key: Table
    log: Table
    work: Table
    turn: Table


def tables_of(schema: str | None = None) -> Tables:
    """The tables of a book, named `relcare_record` and so on.

    Args:
        schema: The schema of the database in which they lie; None for the one that the connection takes.
    """
    metadata = MetaData(schema=schema)
    record = Table(
        "relcare_record",
        metadata,
        Column("kind", _text(), primary_key=True),
        Column("id", _text(), primary_key=True),
        Column("version", _integer(), nullable=False),
        Column("payload", _text()),
        Column("keys", _text(), nullable=False),
        Column("digest", _integer(), nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    record_key = Table(
        "relcare_record_key",
        metadata,
        *(Column(name, _text(), primary_key=True) for name in ("kind", "name", "value", "id")),
        ForeignKeyConstraint(["kind", "id"], [record.c.kind, record.c.id]),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    log = Table(
        "relcare_log",
        metadata,
        # Positions are given by whoever holds the turn, never by a sequence: see `SqlTransaction.last_position`.
        Column("position", _integer(), primary_key=True, autoincrement=False),
        Column("id", _text(), nullable=False, unique=True),
        Column("kind", _text(), nullable=False),
        Column("client_id", _text(), nullable=False),
        Column("payload", _text(), nullable=False),
        Column("recorded_by", _text()),
        Column("recorded_at", _text()),
        Column("digest", _integer(), nullable=False),
        sqlite_strict=True,
    )
    Index("relcare_log_client", log.c.client_id, log.c.position)
    work = Table(
        "relcare_work",
        metadata,
        Column("idempotency_key", _text(), primary_key=True),
        Column("body_digest", _text(), nullable=False),
        Column("digest", _integer(), nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    turn = Table(
        "relcare_turn",
        metadata,
        Column("id", _integer(), primary_key=True, autoincrement=False),
        Column("schema_version", _integer(), nullable=False),
        Column("position", _integer(), nullable=False),
        sqlite_strict=True,
    )
    return Tables(metadata=metadata, record=record, record_key=record_key, log=log, work=work, turn=turn)


def statements_for(tables: Tables, dialect: str) -> Statements[Executable]:
    """What is said to them; the values go in as `p0`, `p1` and so on."""
    record, record_key, log, work = tables.record, tables.record_key, tables.log, tables.work
    entries = select(log).order_by(log.c.position)
    return Statements(
        get=select(record).where(*_equal(record, "kind", "id")),
        insert=_insert(record),
        put=_put(record, dialect),
        scan=select(record)
        .where(record.c.kind == bindparam("p0"), record.c.id > bindparam("p1"), record.c.payload.is_not(None))
        .order_by(record.c.id)
        .limit(bindparam("p2")),
        scan_key=select(record)
        .join_from(record_key, record)
        .where(*_equal(record_key, "kind", "name", "value"), record_key.c.id > bindparam("p3"))
        .order_by(record_key.c.id)
        .limit(bindparam("p4")),
        put_key=_insert(record_key),
        delete_key=delete(record_key).where(*_equal(record_key, "kind", "name", "value", "id")),
        delete_keys=delete(record_key).where(*_equal(record_key, "kind", "id")),
        entry=select(log).where(*_equal(log, "id")),
        since=entries.where(log.c.position > bindparam("p0")).limit(bindparam("p1")),
        of_client=entries.where(*_equal(log, "client_id"), log.c.position > bindparam("p1")).limit(bindparam("p2")),
        by_client=select(log)
        .where(tuple_(log.c.client_id, log.c.position) > tuple_(bindparam("p0"), bindparam("p1")))
        .order_by(log.c.client_id, log.c.position)
        .limit(bindparam("p2")),
        append=_insert(log),
        work=select(work).where(*_equal(work, "idempotency_key")),
        put_work=_insert(work),
        forget=delete(record).where(*_equal(record, "kind", "id")),
        rewrite=update(log).where(*_equal(log, "position")).values(_values(log)),
    )


def read_turn(tables: Tables, *, locks: bool) -> Executable:
    """The last position and the schema; locked until the end of the transaction where the database has locks of rows."""
    found = select(tables.turn.c.position, tables.turn.c.schema_version).where(tables.turn.c.id == TURN_ID)
    return found.with_for_update() if locks else found


def set_position(tables: Tables) -> Executable:
    """Keeps the last position, `p0`."""
    return update(tables.turn).where(tables.turn.c.id == TURN_ID).values(position=bindparam("p0"))


def _text() -> TypeEngine[str]:
    # By code point, whatever the collation of the database: "C" compares the bytes of UTF-8, as SQLite does by itself (STO-6).
    return Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def _integer() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


def _equal(table: Table, *names: str) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"p{index}") for index, name in enumerate(names)]


def _insert(table: Table) -> Executable:
    return insert(table).values(_values(table))


def _put(record: Table, dialect: str) -> Executable:
    say = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(record).values(_values(record))
    replaced = {name: say.excluded[name] for name in ("version", "payload", "keys", "digest")}
    return say.on_conflict_do_update(index_elements=["kind", "id"], set_=replaced)


def _values(table: Table) -> dict[str, ColumnElement[object]]:
    return {column.name: bindparam(f"p{index}", type_=column.type) for index, column in enumerate(table.columns)}
