"""What a proof comes to: proved, refuted with a witness, or undecided; never silence."""

from collections.abc import Callable, Mapping
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
    "type.unknown": ("error", "a criterion asks for a relationship type that no client can have"),
    "monotone": ("error", "more of a fact that is better gives less"),
    "demotes": ("error", "not knowing a fact gives a worse tier than knowing it"),
    "grade.unused": ("note", "nobody asks for a grade"),
    "grade.parts": ("warning", "a fact has fewer values than its grade has parts: some of them can never be reached"),
    "grade.direction": ("warning", "a grade calls that better which its fact calls worse"),
    "missing.points": ("warning", "a missing fact has points: not knowing can rank a client below one with data"),
    "ties.unequal": ("warning", "two clients with equal scores are in different tiers"),
    "path.implied": ("note", "a path adds nothing: the others hold whenever it does"),
    "tier.contradicted": ("warning", "a criterion holds only while a client's tier in force is not the one its facts give"),
    "grace": ("warning", "the grace of a rule is as long as its interval"),
    "circle": ("note", "rules satisfy each other in a circle: one contact keeps them all"),
    "channel.unknown": ("warning", "a channel that no rule asks for has nearly the name of one that is asked for"),
    "strategy.idle": ("warning", "an interval of a strategy shortens no rule"),
    "trigger.loop": ("warning", "answers to triggers oblige again, one to the next, without end"),
    "horizon": ("note", "due dates will lie beyond the days for which the calendar is published"),
    "role.unstaffed": ("note", "nobody in the staffing has the role of a rule: its work goes to the account managers"),
    "cap.interval": ("error", "a cap allows fewer contacts than a rule asks for"),
    "gap.interval": ("error", "the minimum gap is longer than the interval of a rule"),
    "hours.none": ("error", "the hours of all rules about a channel together never open"),
    "medium.unknown": ("note", "a channel is of no known medium, so that every law has its say"),
    "rung.order": ("error", "a rung is never the severest: a severer one is reached as soon"),
    "release.early": ("error", "clients would be released before a contact that is owed to them is late"),
    "protection.idle": ("warning", "a protection holds back nothing that the ladder has"),
    "steady.stuck": ("error", "hysteresis reaches everybody: who is once in the tier never falls out of it"),
    "steady.idle": ("warning", "a setting that keeps tiers steady has no effect"),
    "segment.never": ("warning", "a segment, or a cell of one, that nobody can be in"),
    "segment.everybody": ("note", "everybody is in a segment, whatever is known"),
    "segment.same": ("warning", "two segments have the same members, whatever the book"),
    "membership.unbegun": ("error", "what qualifies for membership is forgotten no later than the membership begins"),
    "membership.hasty": ("warning", "notice of a loss is owed from the day on which a membership begins"),
    "membership.idle": ("warning", "a setting of membership has no effect"),
    "field.unclassed": ("warning", "a field of clients' files is in no class"),
    "approval.nobody": ("error", "a rule asks for an approval that nobody may give"),
    "approval.own": ("error", "who asks for an approval is the only one who may give it"),
    "grant.endless": ("error", "a grant may last for ever: neither its rule nor its purpose says how long"),
    "access.idle": ("warning", "a rule of access opens nothing that another does not open"),
    "retention.open": ("warning", "nothing says when the records of a purpose must be erased"),
    "retention.no_ground": ("warning", "records are kept for long and no ground is given"),
    "retention.contradiction": ("error", "records are kept longer than their purpose allows, and no ground is given"),
    "retention.restricted": ("note", "the law has records kept longer than their purpose: in between they are only stored"),
    "feasible.average": ("error", "the rules ask for more minutes than there are"),
    "feasible.peak": ("warning", "on the fullest day the rules ask for more minutes than there are"),
    "versions.overlap": ("error", "two versions of a policy are in force on the same day"),
    "versions.same": ("error", "two documents are the same version of a policy"),
    "versions.gap": ("warning", "between two versions of a policy none is in force"),
    "require.total": ("error", "it is required that every client is decided, and one is not"),
    "require.monotone": ("error", "it is required that more of a fact never gives less, and it does"),
    "require.never_demotes": ("error", "it is required that not knowing never gives less than knowing, and it does"),
    "require.share": ("error", "the required bound on the share of a tier is not kept"),
    "require.feasible": ("error", "it is required that the rules fit the staffing, and they do not"),
    "require.closed": ("error", "it is required that a class of fields is closed to somebody, and it is not"),
    "accept.expired": ("warning", "a finding was accepted until a day that has come"),
    "accept.idle": ("warning", "a finding is accepted that there is not"),
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
        accepted: Why the firm lives with the refutation, as the policy says; None when it does not.
        is_required: Whether the policy demands a proof: then being undecided is not good enough.
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
    accepted: str | None = None
    is_required: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something must be done: an error or warning that is not accepted, or a required proof that is missing."""
        if self.outcome == "refuted":
            return self.accepted is None and self.severity != "note"
        return self.outcome == "undecided" and self.is_required

    @property
    def severity(self) -> Severity:
        """How bad a refutation is; `note` for what is proved or undecided."""
        return CODES[self.code][0] if self.outcome == "refuted" else "note"

    def __str__(self) -> str:
        """One line: where, what, for which client."""
        return self.text(str)

    def text(self, place_of: Callable[[str], str]) -> str:
        """One line: where, what, for which client, and the way out.

        Args:
            place_of: What to write for a path, such as file and line.
        """
        if self.outcome == "proved":
            return f"{self.subject}: {self.question}: proved"
        if self.outcome == "undecided":
            why = self.values.get("why", f"the budget of {self.spent} steps is spent")
            return f"{place_of(self.subject)}: {self.question}: undecided, {why}"
        parts = [f"{place_of(self.places[0])}: {self.severity}: {self.code}: {CODES[self.code][1]}"]
        if self.values:
            parts.append(f" ({', '.join(f'{name} {_shown(value)}' for name, value in self.values.items())})")
        if self.witnesses:
            parts.append(": " + "; ".join(f"{_facts(witness)} is {witness.outcome}" for witness in self.witnesses))
        also = dict.fromkeys(place_of(place) for place in self.places[1:])
        also.pop(place_of(self.places[0]), None)
        if also:
            parts.append(f" (also {', '.join(also)})")
        if self.accepted is not None:
            parts.append(f"; accepted: {self.accepted}")
        elif self.hint:
            parts.append(f"; hint: {self.hint}")
        return "".join(parts)


def _shown(value: ReasonValue) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


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
    def accepted(self) -> tuple[Finding, ...]:
        """What does not hold, and the firm lives with."""
        return tuple(finding for finding in self.refuted if finding.accepted is not None)

    @property
    def open(self) -> tuple[Finding, ...]:
        """What must be dealt with, see `Finding.is_open`."""
        return tuple(finding for finding in self.findings if finding.is_open)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is open: no error and no warning that is not accepted, and every required proof is there."""
        return not self.open
