"""What is wrong with one document, gathered; and what can only be asked of it once all of it is read."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import TypeAlias

import attrs

from relcare.codec._places import DocumentPath, Places, path_text
from relcare.errors import Problem
from relcare.policy import RuleProblem, Vocabulary

__all__ = ["DocumentReader", "Known", "Question", "kind_of"]


@attrs.frozen
class Known:
    """What a rule of a document may name.

    Attributes:
        facts: Those of the stage at which the rule is decided.
        rule_ids: Of all cadence rules and triggers.
    """

    facts: Vocabulary
    rule_ids: Collection[str]


Question: TypeAlias = Callable[[Known], Iterable[RuleProblem]]
"""What is wrong with a part of the document among all the others; paths from that part down."""


class DocumentReader:
    """Gathers the problems of one document.

    Args:
        file: As the caller named it.
        places: Where each path stands.
    """

    def __init__(self, file: str, places: Places) -> None:
        self.file = file
        self.places = places
        self.problems: list[Problem] = []
        self.questions: list[tuple[DocumentPath, Question]] = []

    def ask(self, path: DocumentPath, question: Question) -> None:
        """Keep a question for when all names are known.

        It is put only where the rule around the path could not be built: a rule that was built is judged as a whole.

        Args:
            path: Of the part that it is about.
            question: What to ask.
        """
        self.questions.append((path, question))

    def report(
        self, path: DocumentPath, message: str, hint: str | None = None, *, offset: int | None = None, at_key: bool = False
    ) -> None:
        """Add a problem.

        Args:
            path: Where; a path that the document does not have is reported at the nearest one around it.
            message: What is wrong.
            hint: The way out.
            offset: In a text value, the character concerned.
            at_key: Whether the key is concerned and not its value.
        """
        place = self.places.get(path)
        if place is None:
            around = self.places.around(path)
            line, column = around.line, around.column
        elif at_key:
            line, column = place.line, place.column
        else:
            line, column = place.at(offset) if offset is not None else (place.value_line, place.value_column)
        self.problems.append(Problem(file=self.file, line=line, column=column, path=path_text(path), message=message, hint=hint))


def kind_of(value: object) -> str:
    """What a value of a document is, as messages call it."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, datetime):
        return "a date with a time"
    names: tuple[tuple[type, str], ...] = (
        (str, "text"),
        (int, "a number"),
        (date, "a date"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "nothing that a policy knows")
