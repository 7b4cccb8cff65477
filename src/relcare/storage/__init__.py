"""Where books are kept: the protocols of a store, the stores in memory and in a SQLite file, and books typed above them.

Whatever needs sqlite3 (`SqliteStore`, backups) is loaded when it is first asked for, and so is `ReviewWriter`; who keeps
everything in memory never imports it. Stores in PostgreSQL are in `relcare.storage.sql`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from relcare.storage._base import BaseStore, Transaction
from relcare.storage._book_reader import BookReader, Versioned, load_book, load_client_part
from relcare.storage._book_writer import BookWriter, save_book
from relcare.storage._capabilities import CanBeCopied, CanBeDiscarded, CanBeInspected, CanReadByClient, HealthCheck
from relcare.storage._erasing import CanErase, ErasableStore, Eraser, ErasingTransaction, ErasingUnit
from relcare.storage._memory import MemoryStore
from relcare.storage._open import StoreFactory, create_store, open_store, scheme_of, store_schemes, without_password
from relcare.storage._protocols import Log, LogReader, ReadUnit, RecordReader, Records, Store, UnitOfWork
from relcare.storage._values import LogEntry, Record, StoredEntry

if TYPE_CHECKING:
    from relcare.storage._access_steps import AccessSteps
    from relcare.storage._audit_texts import dump_anchor, load_anchor
    from relcare.storage._audit_trail import AuditTrail
    from relcare.storage._backup import back_up, last_backup, restore
    from relcare.storage._backup_files import Backup, BackupPolicy, backups_in
    from relcare.storage._erasure import ErasureReport, apply_retention, erase_client, reapply_erasures
    from relcare.storage._erasure_journal import Erasure, dump_journal, erasures_in, load_journal
    from relcare.storage._health import Health, check_health
    from relcare.storage._reviews import ReviewWriter
    from relcare.storage._sqlite import SqliteStore

__all__ = [
    "AccessSteps",
    "AuditTrail",
    "Backup",
    "BackupPolicy",
    "BaseStore",
    "BookReader",
    "BookWriter",
    "CanBeCopied",
    "CanBeDiscarded",
    "CanBeInspected",
    "CanErase",
    "CanReadByClient",
    "ErasableStore",
    "Eraser",
    "ErasingTransaction",
    "ErasingUnit",
    "Erasure",
    "ErasureReport",
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
    "apply_retention",
    "back_up",
    "backups_in",
    "check_health",
    "create_store",
    "dump_anchor",
    "dump_journal",
    "erase_client",
    "erasures_in",
    "last_backup",
    "load_anchor",
    "load_book",
    "load_client_part",
    "load_journal",
    "open_store",
    "reapply_erasures",
    "restore",
    "save_book",
    "scheme_of",
    "store_schemes",
    "without_password",
]

_LATER: Final = {
    "AccessSteps": "_access_steps",
    "AuditTrail": "_audit_trail",
    "Backup": "_backup_files",
    "BackupPolicy": "_backup_files",
    "Erasure": "_erasure_journal",
    "ErasureReport": "_erasure",
    "Health": "_health",
    "ReviewWriter": "_reviews",
    "SqliteStore": "_sqlite",
    "apply_retention": "_erasure",
    "back_up": "_backup",
    "backups_in": "_backup_files",
    "check_health": "_health",
    "dump_anchor": "_audit_texts",
    "dump_journal": "_erasure_journal",
    "erase_client": "_erasure",
    "erasures_in": "_erasure_journal",
    "last_backup": "_backup",
    "load_anchor": "_audit_texts",
    "load_journal": "_erasure_journal",
    "reapply_erasures": "_erasure",
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
