"""The tables of a SQLite book, and how a file of an older release is brought up to them: in one transaction or not at all."""

import sqlite3
from contextlib import suppress

from relcare.errors import StorageError
from relcare.storage._rows import LOST_ENTRIES, row_digest

__all__ = ["SCHEMA_VERSION", "STEPS", "TABLES", "migrate"]

SCHEMA_VERSION = 2
"""1 had neither digests nor the reference from keys to records."""

TABLES = (
    # A deleted record keeps its row without payload: its last version must not be given again.
    """CREATE TABLE record (
        kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT, keys TEXT NOT NULL, digest INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE record_key (
        kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (kind, name, value, id), FOREIGN KEY (kind, id) REFERENCES record (kind, id)
    ) STRICT, WITHOUT ROWID""",
    # AUTOINCREMENT: a position is never given twice, even if the end of the log should ever be cut off.
    """CREATE TABLE log (
        position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, client_id TEXT NOT NULL,
        payload TEXT NOT NULL, recorded_by TEXT, recorded_at TEXT, digest INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX log_client ON log (client_id)",
    """CREATE TABLE work (
        idempotency_key TEXT NOT NULL PRIMARY KEY, body_digest TEXT NOT NULL, digest INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
)

# The digest of a row is a function of the row alone: no clock, no chance, so a migration that is repeated ends the same.
_FROM_1 = (
    "DROP INDEX log_client",
    *(f"ALTER TABLE {name} RENAME TO old_{name}" for name in ("record", "record_key", "log", "work")),
    *TABLES,
    "INSERT INTO record SELECT *, row_digest(kind, id, version, payload, keys) FROM old_record",
    "INSERT INTO record_key SELECT * FROM old_record_key",
    """INSERT INTO log SELECT *, row_digest(position, id, kind, client_id, payload, recorded_by, recorded_at)
        FROM old_log ORDER BY position""",
    "INSERT INTO work SELECT *, row_digest(idempotency_key, body_digest) FROM old_work",
    "UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'old_log') WHERE name = 'log'",
    # What is missing from an old log was lost before: it is told from what goes missing later.
    f"""INSERT INTO record SELECT kind, id, lost, NULL, '[]', row_digest(kind, id, lost, NULL, '[]')
        FROM (SELECT '{LOST_ENTRIES[0]}' AS kind, '{LOST_ENTRIES[1]}' AS id, seq - (SELECT count(*) FROM log) AS lost
            FROM sqlite_sequence WHERE name = 'log')
        WHERE lost > 0""",  # noqa: S608 - names of our own
    *(f"DROP TABLE old_{name}" for name in ("record_key", "record", "log", "work")),
)

STEPS = {1: _FROM_1}
"""By the schema that a step starts from; it ends at the next."""


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the tables of an opened book up to `SCHEMA_VERSION`; a crash at any moment leaves the old book or the new one.

    Raises:
        StorageError: What is in the file does not fit the new tables; it stays as it is.
    """
    if _schema_of(connection) == SCHEMA_VERSION:
        return
    connection.create_function("row_digest", -1, row_digest, deterministic=True)
    try:
        # The lock first: of two processes that open an old book at once, one migrates and the other finds it done.
        connection.execute("BEGIN IMMEDIATE")
        for schema in range(_schema_of(connection), SCHEMA_VERSION):
            for statement in STEPS[schema]:
                connection.execute(statement)
        _check_references(connection)
        # A field of the header, yet part of the transaction.
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


def _check_references(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StorageError("the book cannot be brought up to date (it has keys without records); hint: restore a backup")


def _schema_of(connection: sqlite3.Connection) -> int:
    schema: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return schema
