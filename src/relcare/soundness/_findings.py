"""What a proof comes to: proved, refuted with a witness, or undecided; never silence."""

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from relcare._fields import ReadOnlyMap
from relcare.model import FactValue, ReasonValue

__all__ = ["CODES", "Finding", "Outcome", "ProofReport", "Severity", "Witness"]

Outcome = Literal["proved", "refuted", "undecided"]
Severity = Literal["error", "warning", "note"]

_CODES: dict[str, tuple[Severity, str]] = {
    "total.gap": ("error", "there is a client for whom no criterion holds and no `otherwise` is given"),
    "conflict": ("error", "two tiers hold for one client although exactly one is expected"),
    "dead.shadowed": ("error", "a rule never decides: those before it cover every case"),
    "dead.never": ("error", "a criterion can never hold"),
    "always": ("warning", "a criterion always holds"),
    "bounds": ("warning", "a threshold lies outside the bounds of its fact"),
    "monotone": ("error", "more of a fact that is better gives less"),
    "demotes": ("error", "not knowing a fact gives a worse tier than knowing it"),
    "missing.points": ("warning", "a missing fact has points: not knowing can rank a client below one with data"),
    "path.implied": ("note", "a path adds nothing: the others hold whenever it does"),
    "grace": ("warning", "the grace of a rule is as long as its interval"),
    "circle": ("note", "two rules satisfy each other: one contact keeps both"),
}
CODES: Final[Mapping[str, tuple[Severity, str]]] = ReadOnlyMap(_CODES)
"""Every code of a refutation, with its severity and what it says."""


@attrs.frozen
class Witness:
    """A concrete client, by its facts, and what the policy does with it.

    Attributes:
        facts: As people read them; None is missing.
        outcome: The tier, `yes`/`no`/`unknown`, or `held`: what the real evaluator gave when it was asked again.
    """

    facts: Mapping[str, FactValue]
    outcome: str


@attrs.frozen(kw_only=True)
class Finding:
    """The answer to one question about one rule set.

    Attributes:
        question: `total`, `conflicts`, `dead`, `monotone`, ...
        subject: What was asked about, as a path: `segmentation[0]`.
        outcome: `proved`, `refuted` or `undecided`.
        code: Of a refutation, see `CODES`; the question itself otherwise.
        places: Of a refutation, the paths of every rule involved, the one to change first.
        witnesses: Of a refutation about clients: one, or two for a comparison. Each was replayed through the real evaluator.
        values: What the words need.
        hint: The smallest change that mends it, where one is known.
        spent: Steps of the search.
    """

    question: str
    subject: str
    outcome: Outcome
    code: str
    places: tuple[str, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    values: Mapping[str, ReasonValue] = attrs.field(factory=ReadOnlyMap[str, ReasonValue])
    hint: str | None = None
    spent: int = 0

    @property
    def severity(self) -> Severity:
        """How bad a refutation is; `note` for what is proved or undecided."""
        return CODES[self.code][0] if self.outcome == "refuted" else "note"

    def __str__(self) -> str:
        """One line: where, what, for which client."""
        if self.outcome == "proved":
            return f"{self.subject}: {self.question}: proved"
        if self.outcome == "undecided":
            why = self.values.get("why", f"the budget of {self.spent} steps is spent")
            return f"{self.subject}: {self.question}: undecided, {why}"
        parts = [f"{self.places[0]}: {self.code}: {CODES[self.code][1]}"]
        if self.values:
            parts.append(f" ({', '.join(f'{name} {value}' for name, value in self.values.items())})")
        if self.witnesses:
            parts.append(": " + "; ".join(f"{_facts(witness)} is {witness.outcome}" for witness in self.witnesses))
        if len(self.places) > 1:
            parts.append(f" (also {', '.join(self.places[1:])})")
        return "".join(parts) + (f"; hint: {self.hint}" if self.hint else "")


def _facts(witness: Witness) -> str:
    return ", ".join(f"{name} = {'missing' if value is None else value}" for name, value in witness.facts.items()) or "any client"


@attrs.frozen(kw_only=True)
class ProofReport:
    """All questions about a policy.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        findings: Every question with its answer, in the order of the document.
    """

    policy_id: str
    policy_version: str
    findings: tuple[Finding, ...]

    @property
    def refuted(self) -> tuple[Finding, ...]:
        """What does not hold."""
        return tuple(finding for finding in self.findings if finding.outcome == "refuted")

    @property
    def undecided(self) -> tuple[Finding, ...]:
        """What was given up."""
        return tuple(finding for finding in self.findings if finding.outcome == "undecided")

    @property
    def is_sound(self) -> bool:
        """Whether no error and no warning was found; what is undecided is neither."""
        return not any(finding.severity in {"error", "warning"} for finding in self.refuted)
