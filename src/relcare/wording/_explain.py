"""What was decided, with its reasons, in one line."""

from collections.abc import Mapping
from typing import TypeAlias
from zoneinfo import ZoneInfo

from relcare.access import AccessDecision
from relcare.custody import Neglect
from relcare.errors import InvalidValueError
from relcare.grades import GradePlace
from relcare.model import Notice, Obligation, Reason, Undecided, Verdict
from relcare.permission import PermissionDecision
from relcare.segmentation import Assignment
from relcare.segments import SegmentMembership
from relcare.vip import VipDecision
from relcare.wording._catalogue import Catalogue
from relcare.wording._languages import catalogue
from relcare.wording._sentences import because, phrase, reasons_in_words, sentence
from relcare.wording._shown import joined, quoted, shown

__all__ = ["Explainable", "explain"]

Explainable: TypeAlias = (
    Reason
    | Verdict
    | Obligation
    | Undecided
    | Assignment
    | GradePlace
    | SegmentMembership
    | VipDecision
    | PermissionDecision
    | AccessDecision
    | Neglect
    | Notice
)
"""What `explain` puts into words."""


def explain(what: Explainable, *, language: str | Catalogue = "en") -> str:
    """Why, in one line for people: the decision first, then its reasons in their order, each told once.

    Dates are ISO, amounts stand as they are, facts with their values and missing ones as missing. What came in with the data is
    cut at 200 characters and cannot break the line or pass for words of the sentence. No full stop at the end.

    Args:
        what: A reason, verdict, obligation, undecided rule, tier assignment, grade, membership of a segment, VIP, permission
            or access decision, place on a neglect ladder, or notice of a book.
        language: `en`, or a catalogue of your own (`Catalogue.extended`).

    Raises:
        InvalidValueError: If it is something else, or if there is no catalogue for the language; it names those that exist.

    Examples:
        >>> explain(Notice(code="book.unknown_owner", kind="client", id="c-17", value="lee"))
        'the owner of client c-17, lee, is not among the staff'
        >>> reason = Reason("tier.provisional", {}, {"scheme": "abc", "tier": "A"})
        >>> explain(Verdict(answer="yes", reasons=(reason,)))
        'holds: tier A of scheme abc is provisional: computed for the day, not yet in force'

    Source: CRI-3.
    """
    words = catalogue(language)
    if isinstance(what, Notice):
        return sentence(what.code, {}, {"kind": what.kind, "id": what.id, "value": what.value}, words)
    if isinstance(what, Reason):
        return sentence(what.code, what.facts, what.values, words)
    code, values = _head(what)
    told = list(reasons_in_words(what.reasons, words))
    if isinstance(what, VipDecision):
        told.extend(_shortfalls(what, words))
    return because(sentence(code, {}, values, words), told, words)


def _head(
    what: Verdict
    | Obligation
    | Undecided
    | Assignment
    | GradePlace
    | SegmentMembership
    | VipDecision
    | PermissionDecision
    | AccessDecision
    | Neglect,
) -> tuple[str, Mapping[str, object]]:
    """What was decided, as a key of the catalogue with its values."""
    match what:
        case Obligation():
            return f"obligation.{what.state}", _owed(what)
        case Undecided():
            return "undecided", {"client": what.client_id, "rule": what.rule_id, "missing": what.missing}
        case Assignment() | GradePlace() | SegmentMembership():
            return _placed(what)
        case VipDecision():
            values = {"client": what.client_id, "programme": what.programme_id, "first_eligible_on": what.first_eligible_on}
            return f"vip_decision.{what.qualification}", values
        case PermissionDecision():
            return f"permission_decision.{_permitted(what)}", _asked(what)
        case AccessDecision():
            return f"access_decision.{what.answer}", _accessed(what)
        case Neglect():
            return f"neglect_decision.{_standing(what)}", _neglected(what)
        case Verdict():
            return f"verdict.{what.answer}", {"missing": what.missing}
        case _:
            raise InvalidValueError(
                "what",
                what,
                "must be a reason, verdict, obligation, undecided rule, assignment, grade, membership of a segment, VIP, "
                "permission, access or neglect decision, notice",
            )


def _placed(what: Assignment | GradePlace | SegmentMembership) -> tuple[str, Mapping[str, object]]:
    """Where a client was put: into a tier, among the others, into a segment."""
    if isinstance(what, SegmentMembership):
        values = {"client": what.client_id, "segment": what.segment_id, "missing": what.missing}
        return f"segment_membership.{what.answer}", values
    if isinstance(what, GradePlace):
        place = "none" if what.grade is None else "placed"
        return f"grade_place.{place}", {"client": what.client_id, "grade": what.grade_id, "part": what.grade, "parts": what.parts}
    place = "in_tier" if what.tier is not None else "held" if what.is_in_scope else "out_of_scope"
    return f"assignment.{place}", {"client": what.client_id, "scheme": what.scheme_id, "tier": what.tier}


def _standing(what: Neglect) -> str:
    if what.action is not None:
        return "reached"
    if what.held_back:
        return "held_back"
    return "undecided" if what.missing else "quiet"


def _neglected(what: Neglect) -> Mapping[str, object]:
    names = ("action", "reached_on", "next_action", "next_on", "missing")
    held_back = what.held_back[-1] if what.held_back else None
    return {"client": what.client_id, "held_back": held_back, **{name: getattr(what, name) for name in names}}


def _permitted(what: PermissionDecision) -> str:
    if what.is_allowed:
        return "allowed"
    return "refused" if what.next_allowed_at is None else "deferred"


def _asked(what: PermissionDecision) -> Mapping[str, object]:
    # Where the client is known to be the time is that of its clocks, else UTC.
    zone = what.zones[0] if len(what.zones) == 1 else "UTC"
    opens = what.next_allowed_at
    told = None if opens is None else f"{opens.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} in {zone}"
    return {"channel": what.channel, "purpose": what.purpose, "next_allowed_at": told}


def _accessed(what: AccessDecision) -> Mapping[str, object]:
    fields = what.fields or None
    return {"action": what.action, "client": what.client_id, "purpose": what.purpose, "medium": what.medium, "fields": fields}


def _owed(what: Obligation) -> Mapping[str, object]:
    # The ends of lead and grace are told only where there is a lead or a grace.
    return {
        "channel": what.channel,
        "client": what.client_id,
        "person": what.person_id,
        "rule": what.rule_id,
        "due_on": what.due_on,
        "earliest_on": what.earliest_on if what.earliest_on < what.due_on else None,
        "latest_on": what.latest_on if what.latest_on > what.due_on else None,
        "overdue_days": what.overdue_days,
        "next_allowed_at": what.next_allowed_at,
    }


def _shortfalls(what: VipDecision, words: Catalogue) -> list[str]:
    """How far each path that does not hold is from holding (VIP-4); paths without a distance are left out."""
    return [
        sentence("vip_decision.shortfall", {}, {"path": path, "shortfall": told}, words)
        for path, amounts in what.shortfall.items()
        if (
            told := joined(
                [phrase("phrase.amount", words, name=quoted(fact), value=shown(value, words)) for fact, value in amounts.items()],
                words,
            )
        )
    ]
