"""A policy made into text over tables in which there is nothing, to find all of its parts that a dialect has no words for.

Nobody runs the text and no database is asked: the empty tables that stand for its own answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from relcare.errors import Problem
from relcare.frames._criteria import Expr, Layout
from relcare.frames._duckdb_engine import DuckdbEngine
from relcare.frames._engine import Lazy
from relcare.frames._sql_engine import SqlEngine
from relcare.frames._sql_types import ColumnType
from relcare.policy import Vocabulary

__all__ = ["DryEngine"]

_TYPES: Final[Mapping[str, str]] = {"flag": "BOOLEAN", "category": "VARCHAR", "set": "VARCHAR"}
"""Of columns of facts, in core form; all others are whole numbers."""


class DryEngine(SqlEngine):
    """One database that is not asked."""

    def say(self, answers: Mapping[str, Expr], vocabulary: Vocabulary, layout: Layout) -> None:
        """Make the text of criteria that are woven into one column when a policy is decided, each in a column of its own.

        Args:
            answers: By the column that stands for the rule.
            vocabulary: What its facts mean.
            layout: The column of each of them.
        """
        if not answers:
            return
        types = {layout[name]: _TYPES.get(fact.kind, "BIGINT") for name, fact in vocabulary.items()}
        part = self.texts.part("SELECT NULL", {name: kind == "BOOLEAN" for name, kind in types.items()})
        self.taken_down(self._table(part, types).select(**answers))

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        self.taken_down(frame)
        return DuckdbEngine.rows(self, frame)

    def check(self, name: str, source: Sequence[str], columns: Mapping[str, ColumnType]) -> Iterable[Problem]:  # noqa: ARG002
        return ()

    def _heavy(self, part: str) -> None:
        """Nobody reads it."""

    def _store(self, part: str) -> None:
        self.texts.stored(part)

    def _refuse_unsaid(self) -> None:
        """What cannot be said is followed on, to the end."""
