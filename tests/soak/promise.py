"""What a row of the table of promises is: a public sentence, and the work that tries to break it.

Each module of this folder named after its rows holds them in `PROMISES`; `run.py` does them and prints the table.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs

LengthName: TypeAlias = Literal["short", "full"]


@attrs.frozen
class Length:
    """How long a soak is.

    Attributes:
        name: `short` for every change, `full` for a release.
        seed: From which all that is random is drawn: the same seed does the same.
    """

    name: LengthName
    seed: int

    def of(self, short: int, full: int) -> int:
        """How often something is done."""
        return short if self.name == "short" else full


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a row.

    Attributes:
        runs: How often the promise was put to the test; a row of no runs fails.
        failures: What was seen each time that it was broken, with what is needed to see it again; empty where it held.
        note: What else was measured, in a few words.
        skipped: Why it could not be tried here; None where it was.
    """

    runs: int = 0
    failures: tuple[str, ...] = ()
    note: str = ""
    skipped: str | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it was tried and held, or could not be tried for a stated reason."""
        return self.skipped is not None or (self.runs > 0 and not self.failures)


@attrs.frozen
class Promise:
    """One row.

    Attributes:
        id: Such as `A1`.
        text: What is promised, as a sentence.
        check: Tries to break it.
    """

    id: str
    text: str
    check: Callable[[Length], Outcome]
