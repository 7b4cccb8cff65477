"""What the fields of a policy hold: converters, which attrs wants by name and with their types, and the class of each room."""

from collections.abc import Iterable
from typing import Final, cast

from relcare._fields import check_tuple_of, to_tuple
from relcare.access import AccessRules, RetentionRules
from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import WorkingHours
from relcare.custody import ClaimRules, HoldingLimit, NeglectLadder
from relcare.decisions._examples import Example
from relcare.decisions._requirements import Acceptance, Requirement
from relcare.errors import InvalidValueError
from relcare.grades import Grade
from relcare.permission import PermissionRules
from relcare.policy import Fact
from relcare.relationships import Strategy
from relcare.segmentation import Scheme
from relcare.segments import CriterionSegment, ProductSegment, Segment
from relcare.vip import Programme

__all__ = [
    "ROOMS",
    "SINGLE",
    "check_segments",
    "to_acceptances",
    "to_access",
    "to_examples",
    "to_facts",
    "to_grades",
    "to_hours",
    "to_ladders",
    "to_limits",
    "to_permission",
    "to_pool",
    "to_programmes",
    "to_requirements",
    "to_retention",
    "to_rules",
    "to_schemes",
    "to_segments",
    "to_strategies",
    "to_triggers",
]


def to_facts(values: Iterable[Fact]) -> tuple[Fact, ...]:
    """For `Policy.facts`."""
    return to_tuple(values)


def to_grades(values: Iterable[Grade]) -> tuple[Grade, ...]:
    """For `Policy.grades`."""
    return to_tuple(values)


def to_schemes(values: Iterable[Scheme]) -> tuple[Scheme, ...]:
    """For `Policy.segmentation`."""
    return to_tuple(values)


def to_rules(values: Iterable[CadenceRule]) -> tuple[CadenceRule, ...]:
    """For `Policy.cadence`."""
    return to_tuple(values)


def to_triggers(values: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """For `Policy.triggers`."""
    return to_tuple(values)


def to_strategies(values: Iterable[Strategy]) -> tuple[Strategy, ...]:
    """For `Policy.relationships`."""
    return to_tuple(values)


def to_hours(value: WorkingHours | Iterable[str]) -> WorkingHours:
    """For `Policy.working_hours`."""
    return value if isinstance(value, WorkingHours) else WorkingHours(value)


def to_ladders(values: Iterable[NeglectLadder]) -> tuple[NeglectLadder, ...]:
    """For `Policy.neglect`."""
    return to_tuple(values)


def to_limits(values: Iterable[HoldingLimit]) -> tuple[HoldingLimit, ...]:
    """For `Policy.holding`."""
    return to_tuple(values)


def to_pool(value: ClaimRules | None) -> ClaimRules | None:
    """For `Policy.pool`."""
    return None if value == ClaimRules() else value  # as for permission


def to_programmes(values: Iterable[Programme]) -> tuple[Programme, ...]:
    """For `Policy.vip_programmes`."""
    return to_tuple(values)


def to_segments(values: Iterable[Segment]) -> tuple[Segment, ...]:
    """For `Policy.segments`."""
    return to_tuple(values)


def check_segments(segments: object) -> None:
    """Refuse what is no tuple of segments."""
    check_tuple_of("segments", segments, object)
    for index, segment in enumerate(cast("tuple[object, ...]", segments)):
        if not isinstance(segment, (CriterionSegment, ProductSegment)):
            raise InvalidValueError(f"segments[{index}]", segment, "must be a CriterionSegment or a ProductSegment")


def to_examples(values: Iterable[Example]) -> tuple[Example, ...]:
    """For `Policy.examples`."""
    return to_tuple(values)


def to_requirements(values: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """For `Policy.require`."""
    return to_tuple(values)


def to_acceptances(values: Iterable[Acceptance]) -> tuple[Acceptance, ...]:
    """For `Policy.accept`."""
    return to_tuple(values)


def to_access(value: AccessRules | None) -> AccessRules | None:
    """For `Policy.access`."""
    return None if value == AccessRules() else value  # as for permission


def to_retention(value: RetentionRules | None) -> RetentionRules | None:
    """For `Policy.retention`."""
    return None if value == RetentionRules() else value  # as for permission


def to_permission(value: PermissionRules | None) -> PermissionRules | None:
    """For `Policy.permission`."""
    return None if value == PermissionRules() else value  # rules that say nothing are none: a document cannot hold them


ROOMS: Final[tuple[tuple[str, type], ...]] = (
    ("facts", Fact),
    ("grades", Grade),
    ("cadence", CadenceRule),
    ("triggers", Trigger),
    ("neglect", NeglectLadder),
    ("holding", HoldingLimit),
    ("relationships", Strategy),
    ("vip_programmes", Programme),
    ("examples", Example),
    ("require", Requirement),
    ("accept", Acceptance),
)
SINGLE: Final[tuple[tuple[str, type], ...]] = (
    ("permission", PermissionRules),
    ("access", AccessRules),
    ("retention", RetentionRules),
    ("pool", ClaimRules),
)
