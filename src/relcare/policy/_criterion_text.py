"""A criterion's text before Python's parser reads it: on one line, without what that parser would warn about or overlook."""

import re
from typing import Final, Self

import attrs

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "STRINGS", "CriterionProblem", "RefusedError", "Shifted", "one_line"]

MAX_LENGTH: Final = 4_000
MAX_DEPTH: Final = 32
# Tabs and line ends are blanks between words; other control characters, and half a character, are nothing.
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
STRINGS = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_GLUED = re.compile(r"(?<![\w.])[0-9][0-9_.]*[^\W0-9_]")


@attrs.frozen
class CriterionProblem:
    """What is wrong with a criterion's text.

    Attributes:
        offset: Of the first character concerned, from 0.
        message: What is wrong.
        hint: The way out, or None.
    """

    offset: int
    message: str
    hint: str | None = None


class RefusedError(Exception):
    """The text cannot be read any further; never leaves the room."""

    def __init__(self, problem: CriterionProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def one_line(text: str) -> str:
    """The text on one line, each character at its place; refuses what Python's parser would warn about or overlook."""
    if len(text) > MAX_LENGTH:
        raise RefusedError(CriterionProblem(MAX_LENGTH, f"is longer than {MAX_LENGTH} characters"))
    line = re.sub(r"[\r\n\t]", " ", text)
    if not line.strip():
        raise RefusedError(CriterionProblem(0, "is empty", "leave the key out for a rule that always holds"))
    broken = _NOT_IN_TEXT.search(line)
    if broken:
        raise RefusedError(CriterionProblem(broken.start(), "control characters are not part of a criterion"))
    for match in STRINGS.finditer(line):
        if text[match.start() : match.end()] != match[0]:
            raise RefusedError(CriterionProblem(match.start(), "text in quotation marks stands on one line, without tabs"))
    bare = STRINGS.sub(lambda match: "'" + " " * (len(match[0]) - 2) + "'", line)
    for mark, message in (("\\", "backslashes are not part of a criterion"), ("#", "comments are not part of a criterion")):
        if (mark == "\\" and mark in line) or mark in bare:
            raise RefusedError(CriterionProblem((line if mark == "\\" else bare).index(mark), message))
    glued = _GLUED.search(bare)
    if glued:
        raise RefusedError(
            CriterionProblem(glued.start(), "a number is plain digits: no exponent, no letters", "write 10_000 or 0.5")
        )
    depth = 0
    for offset, mark in enumerate(bare):
        depth += (mark in "([{") - (mark in ")]}")
        if depth > MAX_DEPTH:
            raise RefusedError(CriterionProblem(offset, f"is nested deeper than {MAX_DEPTH} levels"))
    start = len(line) - len(line.lstrip())
    # An indented expression is a syntax error to Python. An opening bracket would change what unbalanced text means, so the
    # blanks go to the end instead; offsets are shifted back where they are taken.
    return line if not start else Shifted(line[start:] + " " * start, start)


class Shifted(str):
    """A text whose leading blanks were moved to its end."""

    __slots__ = ("shift",)
    shift: int

    def __new__(cls, text: str, shift: int) -> Self:
        self = super().__new__(cls, text)
        self.shift = shift
        return self
