"""From text to a criterion: Python's own parser reads it, our closed grammar decides what may stand in it (CRI-1).

Nothing is ever evaluated. What Python would read and the grammar does not know is refused by name.
"""

import ast

from relcare.errors import PolicyDocumentError, Problem
from relcare.policy._criteria import Criterion
from relcare.policy._criterion_text import MAX_DEPTH, MAX_LENGTH, CriterionProblem, RefusedError, Shifted, one_line
from relcare.policy._criterion_tree import TreeReader

__all__ = ["criterion", "parse_criterion"]


def criterion(text: str) -> Criterion:
    """The criterion that a text means.

    Args:
        text: At most 4,000 characters and 32 levels deep, in the published grammar.

    Raises:
        PolicyDocumentError: With every problem, each with line and column in the text.

    Examples:
        >>> str(criterion("10_000 <= largest_purchase < 20_000 or best_rank in ('bureau',)"))
        "largest_purchase >= 10000 and largest_purchase < 20000 or best_rank in ('bureau',)"

    Source: CRI-1.
    """
    found = parse_criterion(text)
    if isinstance(found, tuple):
        raise PolicyDocumentError(
            Problem(
                file="<criterion>",
                line=text.count("\n", 0, problem.offset) + 1,
                column=problem.offset - text.rfind("\n", 0, problem.offset),
                message=problem.message,
                hint=problem.hint,
            )
            for problem in found
        )
    return found


def parse_criterion(text: str) -> "Criterion | tuple[CriterionProblem, ...]":
    """The criterion that a text means, or every problem with it, in order of offset. Never raises for any text."""
    try:
        return _parse(text)
    except RefusedError as refused:
        return (refused.problem,)


def _parse(text: str) -> "Criterion | tuple[CriterionProblem, ...]":
    line = one_line(text)
    try:
        tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        shift = line.shift if isinstance(line, Shifted) else 0
        # No offset: the text ended too early.
        offset = min(error.offset - 1 + shift, len(text)) if error.offset else len(text)
        raise RefusedError(CriterionProblem(offset, f"cannot be read as a criterion: {_plain(error.msg)}")) from None
    except (RecursionError, MemoryError, ValueError):
        raise RefusedError(CriterionProblem(0, f"is nested deeper than {MAX_DEPTH} levels")) from None
    reader = TreeReader(line)
    read = reader.read(tree, 1)
    if reader.problems or read is None:
        return tuple(sorted(reader.problems, key=lambda p: p.offset))
    if len(str(read)) > MAX_LENGTH:  # chains and flags grow when they are written out, and that text must be readable too
        return (CriterionProblem(0, f"is longer than {MAX_LENGTH} characters when it is written out"),)
    return read


def _plain(message: str | None) -> str:
    return (message or "invalid syntax").removesuffix(". Perhaps you forgot a comma?").lower()
