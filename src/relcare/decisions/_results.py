"""What a policy decided: for a book, one client, or facts alone."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap, to_map
from relcare.errors import UnknownRecordError, nearest
from relcare.grades import GradePlace, GradeResult
from relcare.model import Book, FactValue, Obligations, Reason, Undecided
from relcare.relationships import MergedStrategy
from relcare.segmentation import Assignment, SchemeResult
from relcare.segments import SegmentMembership, SegmentResult
from relcare.vip import MembershipState, QualifiedSpell, VipDecision

if TYPE_CHECKING:
    from relcare.calendars import Calendar
    from relcare.decisions._policy import Policy

__all__ = ["BookResult", "ClientResult", "FactsResult"]


_FEW = 10_000
"""Among more names than these none is sought that was meant: it would take seconds."""


_Question: TypeAlias = "tuple[Policy, Book, date, Calendar | None]"


def _get_or_unknown(kind: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        near = nearest(name, known) if len(known) <= _FEW else None
        raise UnknownRecordError(kind, name, f"did you mean {near!r}?" if near else None)


def _no_member(programme_id: str, _: str) -> MembershipState:
    return MembershipState(programme_id=programme_id, state="none")


def _undivided() -> Mapping[str, SegmentResult]:
    return {}


def _never_qualified(_: str, __: str) -> tuple[QualifiedSpell, ...]:
    return ()


def _to_schemes(values: Mapping[str, SchemeResult]) -> Mapping[str, SchemeResult]:
    return to_map(values)


def _to_grades(values: Mapping[str, GradeResult]) -> Mapping[str, GradeResult]:
    return to_map(values)


def _to_notes(values: Mapping[str, tuple[Reason, ...]]) -> Mapping[str, tuple[Reason, ...]]:
    return to_map(values)


def _to_facts(values: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    return to_map(values)


def _to_tiers(values: Mapping[str, str | None]) -> Mapping[str, str | None]:
    return to_map(values)


def _decided(policy: "Policy", book: Book, as_of: date, calendar: "Calendar | None") -> "BookResult":
    return policy.decide(book, as_of=as_of, calendar=calendar)


@attrs.frozen(kw_only=True, eq=False)
class BookResult:
    """Everything a policy decided about a book on a day.

    Its mappings are read-only; assignments, VIP decisions and facts are made when they are asked for, obligations all at once.
    Pickled it is the question, policy, book and day: whoever unpickles it has it decided again, to the same answers.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        as_of: The civil day.
        schemes: The tiers, by scheme, in the order of the policy.
        grades: Where each client stands in a fact, by grade, in the order of the policy.
        programme_ids: The VIP programmes, in the order of the policy.
        client_ids: The clients, in the order of the book.
        notes: What was noticed while reading facts, by client id; clients without any are absent.
    """

    policy_id: str
    policy_version: str
    as_of: date
    schemes: Mapping[str, SchemeResult] = attrs.field(converter=_to_schemes)
    programme_ids: tuple[str, ...]
    client_ids: tuple[str, ...]
    notes: Mapping[str, tuple[Reason, ...]] = attrs.field(converter=_to_notes)
    grades: Mapping[str, GradeResult] = attrs.field(factory=ReadOnlyMap[str, GradeResult], converter=_to_grades)
    _facts: Callable[[str], Mapping[str, FactValue]] = attrs.field(alias="facts")
    _strategy: Callable[[str], MergedStrategy] = attrs.field(alias="strategy")
    _oblige: Callable[[], tuple[Obligations, tuple[Undecided, ...]]] = attrs.field(alias="oblige")
    _vip: Callable[[str, str], VipDecision] = attrs.field(alias="vip")
    _membership: Callable[[str, str], MembershipState] = attrs.field(default=_no_member, alias="membership")
    _qualified: Callable[[str, str], tuple[QualifiedSpell, ...]] = attrs.field(default=_never_qualified, alias="qualified")
    _divide: Callable[[], Mapping[str, SegmentResult]] = attrs.field(default=_undivided, alias="divide")
    _question: "_Question | None" = attrs.field(default=None, repr=False, alias="question")
    # Entries are only ever added, each equal to what anybody else would add, so threads may share it.
    _vip_known: dict[tuple[str, str], VipDecision] = attrs.field(factory=dict[tuple[str, str], VipDecision], init=False)

    def __reduce__(self) -> tuple[object, ...]:
        if self._question is None:
            message = "only what a policy decided itself can be pickled"
            raise TypeError(message)
        return _decided, self._question

    @cached_property
    def _known(self) -> Mapping[str, None]:
        return dict.fromkeys(self.client_ids)

    @cached_property
    def _owed(self) -> tuple[Obligations, tuple[Undecided, ...]]:
        return self._oblige()

    @property
    def obligations(self) -> Obligations:
        """What is owed, in the order of CAD-5; worked out when first asked for."""
        return self._owed[0]

    @property
    def undecided(self) -> tuple[Undecided, ...]:
        """Rules whose criterion is unknown for a client, in the order of the book (CRI-2)."""
        return self._owed[1]

    @cached_property
    def segments(self) -> Mapping[str, SegmentResult]:
        """Who belongs to which segment, by segment, in the order of the policy; worked out when first asked for (SEG-7)."""
        return to_map(self._divide())

    def segment(self, segment_id: str, client_id: str) -> SegmentMembership:
        """Whether one client belongs to a segment, with cells and reasons.

        Raises:
            UnknownRecordError: If there is no such segment or client.
        """
        _get_or_unknown("segment", segment_id, self.segments)
        _get_or_unknown("client", client_id, self._known)
        return self.segments[segment_id].membership(client_id)

    def tier(self, scheme_id: str, client_id: str) -> Assignment:
        """One client's tier in a scheme, with score, rank, border and reasons.

        Raises:
            UnknownRecordError: If there is no such scheme or client.
        """
        _get_or_unknown("scheme", scheme_id, self.schemes)
        _get_or_unknown("client", client_id, self._known)
        return self.schemes[scheme_id].assignment(client_id)

    def grade(self, grade_id: str, client_id: str) -> GradePlace:
        """Where one client stands among the others in a fact, with rank, the last value of its group and reasons.

        Raises:
            UnknownRecordError: If there is no such grade or client.
        """
        _get_or_unknown("grade", grade_id, self.grades)
        _get_or_unknown("client", client_id, self._known)
        return self.grades[grade_id].placement(client_id)

    def vip(self, programme_id: str, client_id: str) -> VipDecision:
        """Whether one client qualifies for a programme, with dates and reasons.

        Raises:
            UnknownRecordError: If there is no such programme or client.
        """
        _get_or_unknown("programme", programme_id, dict.fromkeys(self.programme_ids))
        _get_or_unknown("client", client_id, self._known)
        key = programme_id, client_id
        if key not in self._vip_known:
            self._vip_known[key] = self._vip(programme_id, client_id)
        return self._vip_known[key]

    def vip_decisions(self, programme_id: str) -> tuple[VipDecision, ...]:
        """Whether each client qualifies for a programme, in the order of the book.

        Raises:
            UnknownRecordError: If there is no such programme.
        """
        return tuple(self.vip(programme_id, client_id) for client_id in self.client_ids)

    def membership(self, programme_id: str, client_id: str) -> MembershipState:
        """Where one client stands with a programme, with what is missing and what happens next.

        A log with an illegal step counts up to that step; the step is among the `notes`.

        Raises:
            UnknownRecordError: If there is no such programme or client.
        """
        _get_or_unknown("programme", programme_id, dict.fromkeys(self.programme_ids))
        _get_or_unknown("client", client_id, self._known)
        return self._membership(programme_id, client_id)

    def members(self, programme_id: str) -> tuple[str, ...]:
        """Who is a member of a programme on the day, by id, in the order of the book.

        Raises:
            UnknownRecordError: If there is no such programme.
        """
        return tuple(one for one in self.client_ids if self.membership(programme_id, one).is_member)

    def qualified(self, programme_id: str, client_id: str) -> tuple[QualifiedSpell, ...]:
        """When one client qualified for a programme, in order; the last stretch is open where it still does (VIP-4).

        Raises:
            UnknownRecordError: If there is no such programme or client.
        """
        _get_or_unknown("programme", programme_id, dict.fromkeys(self.programme_ids))
        _get_or_unknown("client", client_id, self._known)
        return self._qualified(programme_id, client_id)

    def facts(self, client_id: str) -> Mapping[str, FactValue]:
        """One client's facts as people read them, derived ones included; None is missing.

        Raises:
            UnknownRecordError: If there is no such client.
        """
        _get_or_unknown("client", client_id, self._known)
        return to_map(self._facts(client_id))

    def strategy(self, client_id: str) -> MergedStrategy:
        """What one client's relationship types come to.

        Raises:
            UnknownRecordError: If there is no such client.
        """
        _get_or_unknown("client", client_id, self._known)
        return self._strategy(client_id)


@attrs.frozen(kw_only=True)
class ClientResult:
    """Everything a policy decided about one client by itself.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        as_of: The civil day.
        client_id: Who.
        facts: As people read them, derived ones included; None is missing.
        tiers: The tier in each scheme: the one in force, else what thresholds give; None when missing (a quota needs the others).
        assignments: What each threshold scheme decided.
        strategy: What the relationship types come to.
        obligations: What is owed, in the order of CAD-5.
        undecided: Rules whose criterion is unknown.
        vip: Each programme's decision, in the order of the policy.
        notes: What was noticed while reading facts.
        memberships: Where the client stands with each programme that has membership, in the order of the policy.
        segments: Whether the client belongs to each segment, in the order of the policy; of a product, by its own values alone.
    """

    policy_id: str
    policy_version: str
    as_of: date
    client_id: str
    facts: Mapping[str, FactValue] = attrs.field(converter=_to_facts)
    tiers: Mapping[str, str | None] = attrs.field(converter=_to_tiers)
    assignments: tuple[Assignment, ...]
    strategy: MergedStrategy
    obligations: Obligations
    undecided: tuple[Undecided, ...]
    vip: tuple[VipDecision, ...]
    notes: tuple[Reason, ...] = ()
    memberships: tuple[MembershipState, ...] = ()
    segments: tuple[SegmentMembership, ...] = ()


@attrs.frozen(kw_only=True)
class FactsResult:
    """What a policy decides from facts alone: threshold tiers and qualifications.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        as_of: The civil day.
        facts: As given, and the derived ones; None is missing.
        tiers: By scheme; None when missing.
        assignments: What each threshold scheme decided.
        vip: Each programme's decision, in the order of the policy; without dates, for there is no history.
        notes: Values that were out of bounds and therefore missing.
    """

    policy_id: str
    policy_version: str
    as_of: date
    facts: Mapping[str, FactValue] = attrs.field(converter=_to_facts)
    tiers: Mapping[str, str | None] = attrs.field(converter=_to_tiers)
    assignments: tuple[Assignment, ...]
    vip: tuple[VipDecision, ...]
    notes: tuple[Reason, ...] = ()
