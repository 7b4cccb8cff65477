"""What a segment of a decided book has in common, and whom to invite on a theme (SEG-7)."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from relcare.decisions._results import BookResult
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.model import FactValue
from relcare.policy import FactType, facts_of
from relcare.segments import CriterionSegment, InCommon, Invitations, Segment, Theme, can_divide, in_common, invitations

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["segment_guests", "segment_themes"]


def segment_themes(
    policy: "Policy",
    result: BookResult,
    segment_id: str,
    *,
    traits: Iterable[str] | None = None,
    cell: str | None = None,
    at_least: int = 3,
) -> InCommon:
    """What the members of a segment share beyond what the book shares.

    Args:
        policy: The rules.
        result: What they decided about a book.
        segment_id: The segment.
        traits: Sets, categories, levels and flags; by default all that the policy declares, without those that make the segment.
        cell: Of a product: one of its cells by its name, `equity / bold / long`; all of its members without it.
        at_least: How many members must share a value, from 1.

    Raises:
        UnknownRecordError: If there is no such segment or cell.
        InvalidValueError: If a trait is no fact of the policy, or of a kind that is not shared; it names the nearest.

    Source: SEG-7.
    """
    members = _members(result, segment_id, cell)
    known = vocabularies_of_policy(policy).full
    if traits is None:
        own = _made_of(result.segments[segment_id].segment)
        names = [fact.id for fact in policy.facts if can_divide(fact.fact_type) and fact.id not in own]
    else:
        names = list(traits)
        for name in names:
            _check_trait("traits", name, known)
    return in_common(members, _facts(result, names), names, at_least=at_least)


def segment_guests(
    policy: "Policy", result: BookResult, segment_id: str, theme: Theme, *, cell: str | None = None
) -> Invitations:
    """Who of a segment shares a theme, and who besides. Whether each may be contacted is asked with `Policy.may_contact`.

    Args:
        policy: The rules.
        result: What they decided about a book.
        segment_id: The segment.
        theme: What the event is about.
        cell: As for `segment_themes`.

    Raises:
        UnknownRecordError: If there is no such segment or cell.
        InvalidValueError: If the trait is no fact of the policy, of a kind that is not shared, or has no such value.

    Source: SEG-7.
    """
    members = _members(result, segment_id, cell)
    kind = _check_trait("theme", theme.fact, vocabularies_of_policy(policy).full)
    values = ("false", "true") if kind.kind == "flag" else kind.values
    if values and theme.value not in values:
        near = nearest(theme.value, values)
        hint = f"did you mean {near!r}?" if near else f"its values are {', '.join(map(repr, values))}"
        raise InvalidValueError("theme", theme.value, f"must be a value of {theme.fact}", hint)
    return invitations(members, _facts(result, [theme.fact]), theme)


def _members(result: BookResult, segment_id: str, cell: str | None) -> tuple[str, ...]:
    found = result.segments.get(segment_id)
    if found is None:
        near = nearest(segment_id, result.segments)
        raise UnknownRecordError("segment", segment_id, f"did you mean {near!r}?" if near else None)
    return found.members if cell is None else found.cell(cell).client_ids


def _made_of(segment: Segment) -> frozenset[str]:
    """The facts that make a segment: that its members share these says nothing."""
    return frozenset(facts_of(segment.when) if isinstance(segment, CriterionSegment) else segment.by)


def _check_trait(place: str, name: str, known: Mapping[str, FactType]) -> FactType:
    kind = known.get(name)
    if kind is None:
        near = nearest(name, known)
        raise InvalidValueError(place, name, "must be a fact of the policy", f"did you mean {near!r}?" if near else None)
    if not can_divide(kind):
        raise InvalidValueError(place, name, f"must be a set, a category, a level or a flag, and is a {kind.kind}")
    return kind


def _facts(result: BookResult, names: Iterable[str]) -> dict[str, Mapping[str, FactValue]]:
    """These facts of everybody."""
    wanted = tuple(names)
    return {one: {name: facts.get(name) for name in wanted} for one in result.client_ids for facts in (result.facts(one),)}
