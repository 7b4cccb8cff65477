"""What `relcare check` finds out about documents."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from relcare.cells import DEFAULT_BUDGET
from relcare.cli._loading import open_book, resolve_day
from relcare.cli._options import PRESET, DayWord
from relcare.codec import PolicyDocument, load_policy_document
from relcare.decisions import CheckReport
from relcare.errors import PolicyDocumentError, Problem
from relcare.model import Book
from relcare.soundness import Finding, ProofReport, prove, prove_versions

__all__ = ["Checked", "check_policies"]


@attrs.frozen(kw_only=True)
class Checked:
    """One document: its mistakes, or how its examples and its rules did.

    Attributes:
        word: As it was asked for.
        document: The policy and its places; None when it could not be read.
        problems: Why it could not.
        examples: Its worked examples.
        proof: The questions about its rules.
    """

    word: str
    document: PolicyDocument | None = None
    problems: tuple[Problem, ...] = ()
    examples: CheckReport | None = None
    proof: ProofReport | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it was read, its examples hold and nothing is open."""
        return self.examples is not None and self.examples.is_ok and self.proof is not None and self.proof.is_sound


def check_policies(
    words: Sequence[str], book_path: str | None, as_of: DayWord, budget: int | None
) -> tuple[list[Checked], tuple[Finding, ...]]:
    """Each document by itself, and those that could be read against each other."""
    book = None if book_path is None else open_book(book_path)
    checked = [_checked(word, book, as_of, DEFAULT_BUDGET if budget is None else budget) for word in words]
    policies = [one.document.policy for one in checked if one.document is not None]
    return checked, prove_versions(policies) if len(policies) > 1 else ()


def _checked(word: str, book: Book | None, as_of: DayWord, budget: int) -> Checked:
    try:
        document = _document(word)
    except PolicyDocumentError as error:
        return Checked(word=word, problems=tuple(error.problems))
    day = resolve_day(as_of, "UTC" if book is None else book.zone)
    proof = prove(document.policy, as_of=day, book=book, budget=budget)
    return Checked(word=word, document=document, examples=document.policy.check(), proof=proof)


def _document(word: str) -> PolicyDocument:
    if word.startswith(PRESET):
        from relcare.presets import preset_document

        return preset_document(word.removeprefix(PRESET))
    return load_policy_document(Path(word))
