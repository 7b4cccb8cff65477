"""The tables of a book in a database: made there, or found and known."""

from functools import lru_cache

from sqlalchemy import Connection, Engine, insert, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import Executable

from relcare.errors import StorageError
from relcare.storage._row_transaction import Statements
from relcare.storage.sql._dialects import Dialect, dialect_of, storage_error
from relcare.storage.sql._engines import first_connection, make_file, reason_of, remove_file
from relcare.storage.sql._tables import SCHEMA_VERSION, TURN_ID, Tables, read_turn, statements_for, tables_of

__all__ = ["check_book", "make_book", "said"]


@lru_cache(maxsize=32)
def said(schema: str | None, dialect: str) -> tuple[Tables, Statements[Executable]]:
    """The tables of a schema and what is said to them: the same each time, so that SQLAlchemy compiles it once."""
    tables = tables_of(schema)
    return tables, statements_for(tables, dialect)


def make_book(engine: Engine, schema: str | None) -> None:
    """Make the tables, and the file of a SQLite database where there is none: all of them or none."""
    dialect = dialect_of(engine)
    made = make_file(engine)
    try:
        with first_connection(engine) as connection:
            dialect.check(connection)
            connection.rollback()
            tables, _ = said(schema, dialect.name)
            _create_tables(dialect.begin(connection, writes=True), tables)
            dialect.commit(connection)
    except BaseException as error:
        if made is not None:
            engine.dispose()
            remove_file(made)
        if isinstance(error, SQLAlchemyError):
            raise storage_error(f"make its tables{reason_of(error)}", error) from None
        raise


def _create_tables(connection: Connection, tables: Tables) -> None:
    if inspect(connection).has_table(tables.turn.name, schema=tables.metadata.schema):
        raise StorageError("there is a book of relcare in this database already; hint: open it, or choose another schema")
    tables.metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(tables.turn).values(id=TURN_ID, schema_version=SCHEMA_VERSION, position=0))


def check_book(engine: Engine, dialect: Dialect, tables: Tables) -> None:
    """Refuse a database without a book, or with one of another schema.

    Raises:
        StorageError: It is such a one, or cannot be read.
    """
    try:
        with first_connection(engine) as connection:
            dialect.check(connection)
            if not inspect(connection).has_table(tables.turn.name, schema=tables.metadata.schema):
                raise StorageError("there is no book of relcare in this database; hint: make one with SqlStore.new")
            found = connection.execute(read_turn(tables, locks=False)).one_or_none()
    except SQLAlchemyError as error:
        raise storage_error(f"open its database{reason_of(error)}", error) from None
    except UnicodeDecodeError as error:  # SQLite quotes a damaged schema as it is
        raise storage_error("open its database", error) from None
    schema = None if found is None else found.schema_version
    if schema != SCHEMA_VERSION:
        schema = schema if isinstance(schema, int) else None  # damaged, it may be any text
        raise StorageError(f"the tables have the schema {schema}, this relcare knows {SCHEMA_VERSION}; hint: upgrade relcare")
