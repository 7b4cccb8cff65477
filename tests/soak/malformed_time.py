"""How long the slowest of many took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

import attrs


@attrs.define
class Stopwatch:
    """The longest of several times, and what was being done then; in time of the processor, as others use the machine too."""

    doing: str = ""
    seconds: float = 0.0
    slowest: str = ""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Times what is done in it, also where it ends with an error."""
        began = process_time()
        try:
            yield
        finally:
            taken = process_time() - began
            if taken > self.seconds:
                self.seconds, self.slowest = taken, self.doing

    def __str__(self) -> str:
        return f"slowest {self.seconds * 1_000:.1f} ms: {self.slowest}"
