"""Processes to be killed: forked from this one, which is warm, so that a thousand of them take a minute and not an hour."""

import os
import signal
import sys
from collections.abc import Callable
from time import sleep
from traceback import format_exc
from typing import Final, TypeAlias

import attrs
from tests.soak.promise import Outcome

__all__ = ["NO_FORK", "Acknowledge", "Child", "kill_itself", "start"]

NO_FORK: Final = None if hasattr(os, "fork") else Outcome(skipped="there is no fork here")
"""What a row is where no process can be forked."""

Acknowledge: TypeAlias = Callable[[int], None]


@attrs.define
class Child:
    """A process that tells numbers until it ends or is killed.

    Attributes:
        process_id: Of the child.
        acknowledged: What it has told so far.
        exit_code: How it ended, negative for a signal; None while it runs.
        fault: What it raised; None where nothing was.
    """

    process_id: int
    _reader: int
    acknowledged: list[int] = attrs.Factory(list)
    exit_code: int | None = None
    fault: str | None = None
    _rest: bytes = b""

    def wait_for(self, count: int) -> None:
        """Until so many numbers were told, or it has ended."""
        while len(self.acknowledged) < count and self._read():
            pass

    def kill(self, after_seconds: float = 0.0) -> None:
        """Ends it by a signal that it cannot notice, and takes what it told before."""
        sleep(after_seconds)
        os.kill(self.process_id, signal.SIGKILL)
        self.finish()

    def finish(self) -> None:
        """Waits for its end."""
        while self._read():
            pass
        os.close(self._reader)
        _, status = os.waitpid(self.process_id, 0)
        self.exit_code = os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        block = os.read(self._reader, 1 << 16)
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            if self.fault is not None or not line.isdigit():
                self.fault = f"{self.fault or ''}{line.decode()}\n"
            else:
                self.acknowledged.append(int(line))
        return bool(block)


def start(work: Callable[[Acknowledge], object]) -> Child:
    """A child that does the work; what it acknowledges is read by `Child.wait_for`, `kill` and `finish`."""
    sys.stdout.flush()
    reader, writer = os.pipe()
    process_id = os.fork()
    if process_id == 0:
        os.close(reader)
        _be_child(work, writer)
    os.close(writer)
    return Child(process_id, reader)


def kill_itself() -> None:
    """The end of this process, at this very place."""
    os.kill(os.getpid(), signal.SIGKILL)


def _be_child(work: Callable[[Acknowledge], object], writer: int) -> None:
    exit_code = 1
    try:
        work(lambda number: _tell(writer, f"{number}\n"))
        exit_code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent is told, and this process never goes its way
        _tell(writer, format_exc())
    finally:
        os._exit(exit_code)


def _tell(writer: int, text: str) -> None:
    os.write(writer, text.encode())
