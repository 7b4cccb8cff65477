"""Who may open a unit: one at a time in a thread, none after closing, none in a forked child."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

from relcare.errors import StorageError


class Gate:
    """Counts the open units of one store."""

    def __init__(self) -> None:
        self._process_id = os.getpid()
        self._mutex = threading.Lock()
        self._inside: set[int] = set()
        self._is_closed = False

    @contextmanager
    def unit(self) -> Generator[None]:
        """Lets one unit in for the time of the block.

        Raises:
            StorageError: This thread has one already, the store is closed, or the process forked since it was opened.
        """
        self._check_process()
        thread = threading.get_ident()
        with self._mutex:
            if self._is_closed:
                raise StorageError("the store is closed")
            if thread in self._inside:
                raise StorageError("this thread has a unit of this store open already; hint: use that one, or end it first")
            self._inside.add(thread)
        try:
            yield
        finally:
            if self.is_in_its_process():
                with self._mutex:
                    self._inside.discard(thread)

    def close(self) -> bool:
        """Whether the store was open until now; nobody gets in any more.

        Raises:
            StorageError: A unit is still open, or the process forked.
        """
        self._check_process()
        with self._mutex:
            if self._inside:
                raise StorageError(f"the store cannot be closed: {len(self._inside)} unit(s) still open")
            was_open = not self._is_closed
            self._is_closed = True
        return was_open

    def is_in_its_process(self) -> bool:
        """Whether this is the process that opened the store, and not a forked child."""
        return os.getpid() == self._process_id

    def _check_process(self) -> None:
        # Before the mutex: another thread of the parent may have held it at the moment of the fork.
        if not self.is_in_its_process():
            raise StorageError("the store was opened before the process forked; hint: open it in the child")


def leave_to_parent(transaction: object) -> None:
    """Keeps a forked child from ending a transaction of its parent, even when the child itself ends.

    The finaliser of a connection undoes what is not committed, in memory or through a socket that parent and child share: the
    unit of the parent would be torn. So one reference is never given back.
    """
    # An interpreter that counts no references finalises nothing at its end.
    with suppress(ImportError, AttributeError):
        import ctypes

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(transaction))
