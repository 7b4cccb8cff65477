"""What is wrong with a folder, gathered until it is enough."""

from typing import Final

from relcare.errors import BookDocumentError, InvalidValueError, Problem, nearest

__all__ = ["LIMIT", "Findings", "judgement", "reason", "shown"]

LIMIT: Final = 1_000
_NEAREST_CHOICES: Final = 2_000
_NEAREST_TIMES: Final = 20


def shown(value: object) -> str:
    """The value as every message shows it: a text in quotes, cut when it is long."""
    return InvalidValueError("", value, "").value


def reason(fault: OSError | ValueError) -> str:
    """Why a file cannot be read or written, as the system tells it."""
    told = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
    return f"{told[:1].lower()}{told[1:]}"


def judgement(fault: InvalidValueError, cell: str) -> str:
    """The rule that a cell breaks, behind what stands in it."""
    # A text is the part of the cell that is wrong; anything else is what the cell was turned into, and nobody has seen that.
    value = fault.value if fault.value.startswith(("'", '"')) else shown(cell)
    return f"{value} {fault.rule}"


class Findings:
    """The problems found so far; one beyond the limit ends the reading, so that a wrong file cannot fill the memory."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._names_looked_up = 0

    def add(self, problem: Problem) -> None:
        """Keep a problem.

        Raises:
            BookDocumentError: If there are 1,000 already; the last of them all says that there are more.
        """
        if len(self.problems) >= LIMIT:
            last = max(self.problems, key=lambda p: (p.file, p.line or 0, p.column or 0, p.path))
            more = f"there are more problems: only the first {LIMIT:,} that were found are listed"
            self.problems.append(Problem(file=last.file, line=last.line, column=last.column, path=last.path, message=more))
            self.raise_if_any()
        self.problems.append(problem)

    def raise_if_any(self) -> None:
        """End the reading if anything is wrong.

        Raises:
            BookDocumentError: With everything found so far.
        """
        if self.problems:
            raise BookDocumentError(self.problems)

    def did_you_mean(self, word: str, known: dict[str, int]) -> str | None:
        """A hint with the nearest id, for the first few unknown ones of a book of ordinary size: the search is slow."""
        if len(known) > _NEAREST_CHOICES or self._names_looked_up >= _NEAREST_TIMES:
            return None
        self._names_looked_up += 1
        near = nearest(word, known)
        return f"did you mean {near!r}?" if near else None
