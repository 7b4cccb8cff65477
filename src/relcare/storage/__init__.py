"""Where books are kept: the protocols of a store, the stores in memory and in a SQLite file, and books typed above them.

Whatever needs sqlite3 (`SqliteStore`, backups) is loaded when it is first asked for, and so is `ReviewWriter`; who keeps
everything in memory never imports it. Stores in PostgreSQL are in `relcare.storage.sql`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from relcare.storage._base import BaseStore, Transaction
from relcare.storage._book_reader import BookReader, Versioned, load_book, load_client_part
from relcare.storage._book_writer import BookWriter, save_book
from relcare.storage._capabilities import CanBeCopied, CanBeDiscarded, CanBeInspected, HealthCheck
from relcare.storage._memory import MemoryStore
from relcare.storage._open import StoreFactory, create_store, open_store, scheme_of, store_schemes, without_password
from relcare.storage._protocols import Log, LogReader, ReadUnit, RecordReader, Records, Store, UnitOfWork
from relcare.storage._values import LogEntry, Record, StoredEntry

if TYPE_CHECKING:
    from relcare.storage._backup import Backup, BackupPolicy, back_up, backups_in, last_backup, restore
    from relcare.storage._health import Health, check_health
    from relcare.storage._reviews import ReviewWriter
    from relcare.storage._sqlite import SqliteStore

__all__ = [
    "Backup",
    "BackupPolicy",
    "BaseStore",
    "BookReader",
    "BookWriter",
    "CanBeCopied",
    "CanBeDiscarded",
    "CanBeInspected",
    "Health",
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
    "back_up",
    "backups_in",
    "check_health",
    "create_store",
    "last_backup",
    "load_book",
    "load_client_part",
    "open_store",
    "restore",
    "save_book",
    "scheme_of",
    "store_schemes",
    "without_password",
]

_LATER: Final = {
    "Backup": "_backup",
    "BackupPolicy": "_backup",
    "Health": "_health",
    "ReviewWriter": "_reviews",
    "SqliteStore": "_sqlite",
    "back_up": "_backup",
    "backups_in": "_backup",
    "check_health": "_health",
    "last_backup": "_backup",
    "restore": "_backup",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
