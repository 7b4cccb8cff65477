"""Answers to questions that need no cells."""

from collections.abc import Iterator, Sequence

from relcare._fields import ReadOnlyMap
from relcare.model import ReasonValue
from relcare.soundness._findings import Finding

__all__ = ["or_proved", "plain_refutation", "plain_undecided"]


def plain_refutation(
    question: str, subject: str, code: str, places: Sequence[str], hint: str | None = None, **values: ReasonValue
) -> Finding:
    """A refutation without a client as its witness."""
    return Finding(
        question=question,
        subject=subject,
        outcome="refuted",
        code=code,
        places=tuple(places),
        values=ReadOnlyMap(values),
        hint=hint,
    )


def plain_undecided(question: str, subject: str, why: str) -> Finding:
    """A question that cannot be answered from what is known."""
    return Finding(question=question, subject=subject, outcome="undecided", code=question, values=ReadOnlyMap({"why": why}))


def or_proved(question: str, subject: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """What was found, or that nothing was: the question is proved."""
    yield from found or [Finding(question=question, subject=subject, outcome="proved", code=question)]
