"""The log client by client: in one ordered pass where a store can, else sorted once."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from relcare.storage._capabilities import CanReadByClient
from relcare.storage._protocols import LogReader
from relcare.storage._values import StoredEntry

__all__ = ["entries_by_client", "in_order_of_clients"]


def entries_by_client(log: LogReader) -> Iterator[tuple[str, list[StoredEntry]]]:
    """Each client that the log knows with its entries, by client id in code point order, entries in the order of commits.

    One client's entries are held at a time where the log can be read by client; of another log all are, to be sorted.

    Args:
        log: Of a unit, which must stay open.
    """
    found = log.by_client() if isinstance(log, CanReadByClient) else in_order_of_clients(log.since())
    return ((client_id, list(entries)) for client_id, entries in groupby(found, key=_client_id))


def in_order_of_clients(entries: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
    """The entries by client id in code point order, then by position."""
    return iter(sorted(entries, key=lambda stored: (stored.entry.client_id, stored.position)))


def _client_id(stored: StoredEntry) -> str:
    return stored.entry.client_id
