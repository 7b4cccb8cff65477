"""What is asked about the rows of tables at the border, in one go; what is wrong is told with an example."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs
import narwhals.stable.v2 as nw

from relcare.errors import Problem
from relcare.frames._criteria import is_true
from relcare.frames._engine import Engine, Lazy
from relcare.frames._reader import CLIENT, TableReader

__all__ = ["Question", "answered", "checked", "counted"]


@attrs.frozen(eq=False)
class Question:
    """Something about the rows of a table that one aggregate answers.

    Attributes:
        asked: The aggregate; one row.
        problems: What is wrong, from that row.
    """

    asked: Lazy
    problems: Callable[[tuple[Any, ...]], Iterable[Problem]]


def answered(engine: Engine, questions: Sequence[Question]) -> list[Problem]:
    """What is wrong with the rows of all tables, in one go."""
    rows = engine.single_rows([question.asked for question in questions])
    return [problem for question, row in zip(questions, rows, strict=True) for problem in question.problems(row)]


def checked(reader: TableReader, core: Lazy) -> Iterator[Question]:
    """The question about the rows of a table that its columns gave rise to; an example is sought where there is a mistake."""
    if reader.checks:
        counted = {
            f"k{place}": check.bad.cast(nw.Int64()) if check.is_whole else is_true(check.bad).cast(nw.Int64()).sum()
            for place, check in enumerate(reader.checks)
        }
        yield Question(core.select(**counted), lambda counts: _failures(reader, core, counts))


def counted(reader: TableReader, column: str, strange: Lazy, rule: str) -> Question:
    """The question whether there are rows that must not be there.

    Args:
        reader: Of the table.
        column: Of the table, as the caller knows it.
        strange: The rows, with `cid`.
        rule: What is wrong with them.
    """

    def problems(row: tuple[Any, ...]) -> Iterator[Problem]:
        count, example = row
        if count:
            yield Problem(file=reader.name, path=column, message=f"{rule} ({_example(count, 'client', example)})")

    return Question(strange.select(n=nw.len(), example=nw.col(CLIENT).min()), problems)


def _failures(reader: TableReader, core: Lazy, counts: Sequence[Any]) -> Iterator[Problem]:
    for check, count in zip(reader.checks, counts, strict=True):
        if not count:
            continue
        message = check.message
        if check.twice is not None:
            values = nw.col(check.twice)
            there = core.filter(~values.is_null() & (values != "")).group_by(check.twice).agg(n=nw.len()).filter(nw.col("n") > 1)
            ((several, example),) = reader.engine.rows(there.select(n=nw.len(), example=values.min()))
            if not several:
                continue
            message += f" ({int(several)}; one of them is {example!r})"
        elif not check.is_whole:
            key, whose = (CLIENT, "client") if CLIENT in core.collect_schema() else ("staff_id", "staff")
            ((example,),) = reader.engine.rows(core.filter(is_true(check.bad)).select(nw.col(key).min()))
            message += f" ({_example(count, whose, example)})"
        yield Problem(file=reader.name, path=check.column, message=message, hint=check.hint)


def _example(count: Any, whose: str, example: str | None) -> str:  # noqa: ANN401 - a number as the engine has it
    """How many rows, and whose one of them is; nobody's where its id is missing."""
    return f"{int(count)}; one of them of {whose} {example!r}" if example else f"{int(count)}"
