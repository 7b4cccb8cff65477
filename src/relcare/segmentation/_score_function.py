"""Scores of many clients by one generated function: what a sum of points costs is what its additions cost.

The function is made of integers and of names that stand for tables; nothing that a document says becomes part of its source but
as a `repr`.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from relcare.policy import Core

__all__ = ["Points", "ScoreFunction", "score_function"]

ScoreFunction: TypeAlias = Callable[[Collection[Mapping[str, Core]]], list[int | None]]


@attrs.frozen(kw_only=True, eq=False)
class Points:
    """What one fact adds to a score, in integers: by a table of its values, by bands of them, or by weight.

    Attributes:
        fact: Which fact.
        table: The points of every value; None where it is not by table.
        starts: The first values of the bands, ascending; empty where it is not by bands.
        worth: The points below the first band, then of each.
        weight: The points of one grain of the fact.
        when_missing: The points of a missing fact; None where it leaves the client without a score.
    """

    fact: str
    table: Mapping[Core, int] | None = None
    starts: Sequence[int] = ()
    worth: Sequence[int] = ()
    weight: int = 1
    when_missing: int | None = None

    def text(self, value: str, number: int, namespace: dict[str, Any]) -> str:
        """The points of a value, given as source, as source; the tables it names go into the namespace by the term's number."""
        if self.table is not None:
            namespace[f"table{number}"] = self.table
            points = f"table{number}[{value}]"
        elif self.starts:
            namespace[f"starts{number}"], namespace[f"worth{number}"] = self.starts, self.worth
            points = f"worth{number}[bisect(starts{number}, {value})]"
        else:
            points = value if self.weight == 1 else f"{self.weight} * {value}"
        return points if self.when_missing is None else f"({self.when_missing} if {value} is None else {points})"


def score_function(points: Sequence[Points]) -> ScoreFunction:
    """A function of rows that gives the score of each, in their order; None where a fact is missing that has no points for it.

    As long as nothing is missing a row is one sum; the first one that has no such sum has all of them looked at with care.

    Source: SEG-5, SEG-8.
    """
    namespace: dict[str, Any] = {"__builtins__": {}, "bisect": bisect_right, "missing": (KeyError, TypeError)}
    plain = " + ".join(one.text(f"row[{one.fact!r}]", number, namespace) for number, one in enumerate(points))
    careful = " + ".join(one.text(f"v{number}", number, namespace) for number, one in enumerate(points))
    lacks = " or ".join(f"v{number} is None" for number, one in enumerate(points) if one.when_missing is None)
    source = "\n".join(
        [
            "def scores(rows):",
            "    try:",
            f"        return [{plain} for row in rows]",
            "    except missing:",
            "        found = []",
            "    for row in rows:",
            *(f"        v{number} = row.get({one.fact!r})" for number, one in enumerate(points)),
            f"        found.append(None if {lacks} else {careful})" if lacks else f"        found.append({careful})",
            "    return found",
        ]
    )
    exec(compile(source, "<score>", "exec"), namespace)  # noqa: S102 - made above of numbers and names, see the module's docstring
    return namespace["scores"]  # type: ignore[no-any-return]
