"""Where books are kept: the protocols of a store, the stores in memory and in a SQLite file, and books typed above them.

`SqliteStore` and `ReviewWriter` are loaded when they are first asked for; who keeps everything in memory never imports sqlite3.
"""

from typing import TYPE_CHECKING

from relcare.storage._base import BaseStore, Transaction
from relcare.storage._book_reader import BookReader, Versioned, load_book, load_client_part
from relcare.storage._book_writer import BookWriter, save_book
from relcare.storage._capabilities import CanBeCopied, CanBeDiscarded, CanBeInspected, HealthCheck
from relcare.storage._memory import MemoryStore
from relcare.storage._open import StoreFactory, create_store, open_store, scheme_of, store_schemes, without_password
from relcare.storage._protocols import Log, LogReader, ReadUnit, RecordReader, Records, Store, UnitOfWork
from relcare.storage._values import LogEntry, Record, StoredEntry

if TYPE_CHECKING:
    from relcare.storage._reviews import ReviewWriter
    from relcare.storage._sqlite import SqliteStore

__all__ = [
    "BaseStore",
    "BookReader",
    "BookWriter",
    "CanBeCopied",
    "CanBeDiscarded",
    "CanBeInspected",
    "HealthCheck",
    "Log",
    "LogEntry",
    "LogReader",
    "MemoryStore",
    "ReadUnit",
    "Record",
    "RecordReader",
    "Records",
    "ReviewWriter",
    "SqliteStore",
    "Store",
    "StoreFactory",
    "StoredEntry",
    "Transaction",
    "UnitOfWork",
    "Versioned",
    "create_store",
    "load_book",
    "load_client_part",
    "open_store",
    "save_book",
    "scheme_of",
    "store_schemes",
    "without_password",
]


def __getattr__(name: str) -> object:
    if name == "SqliteStore":
        from relcare.storage._sqlite import SqliteStore

        return SqliteStore
    if name == "ReviewWriter":
        from relcare.storage._reviews import ReviewWriter

        return ReviewWriter
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
