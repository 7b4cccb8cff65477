"""Attributes that the columns of clients cannot hold: what a policy asks for must not be among them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import narwhals.stable.v2 as nw

from relcare.errors import Problem
from relcare.frames._engine import Lazy
from relcare.frames._layout import attribute_column
from relcare.frames._needs import Needs, attribute_of
from relcare.frames._questions import Question
from relcare.frames._reader import CLIENT, TableReader

__all__ = ["apart_questions", "read_apart"]

_TABLE: Final = "attributes"


def read_apart(readers: dict[str, TableReader], needs: Needs) -> bool:
    """Read the table of attributes, where a policy asks for any; says whether there is such a table."""
    reader = readers.get(_TABLE)
    if reader is None:
        return False
    if not needs.attributes:
        readers.pop(_TABLE)
        return True
    reader.text("client_id", CLIENT, is_id=True)
    reader.text("name", "name", is_id=True)
    reader.text("kind", "kind", is_id=True)
    reader.day("effective_on", "from", must=False)
    return True


def apart_questions(tables: Mapping[str, Lazy], needs: Needs) -> Iterator[Question]:
    """Whether an attribute that a policy asks for changed at some time, or is of several kinds."""
    apart = tables.get(_TABLE)
    if apart is None:
        return
    for name in sorted({attribute_of(fact) for fact in needs.attributes}):
        rows = apart.filter(nw.col("name") == name)
        yield _question(rows.filter(~nw.col("from").is_null()), name, "has dated changes, which columns do not hold")
        several = rows.filter(nw.col("from").is_null() & (nw.col("kind") != "none"))
        yield _question(several, name, "has values of several kinds, which no column holds")


def _question(strange: Lazy, name: str, rule: str) -> Question:
    def problems(row: tuple[Any, ...]) -> Iterator[Problem]:
        count, example = row
        if count:
            message = f"{rule} ({count}; one of them of client {example!r})"
            yield Problem(file="clients", path=attribute_column(name), message=message, hint="decide it with Policy.decide")

    return Question(strange.select(n=nw.len(), example=nw.col(CLIENT).min()), problems)
