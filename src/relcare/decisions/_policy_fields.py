"""The fields of a policy: converters, which attrs wants by name and with their types."""

from collections.abc import Iterable
from datetime import date

import attrs

from relcare._fields import to_day, to_optional_day, to_tuple
from relcare.access import AccessRules, RetentionRules
from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import WorkingHours
from relcare.custody import ClaimRules, HoldingLimit, NeglectLadder
from relcare.decisions._examples import Example
from relcare.decisions._policy_checks import check_fields
from relcare.decisions._requirements import Acceptance, Requirement
from relcare.decisions._staffing import Staffing
from relcare.grades import Grade
from relcare.permission import PermissionRules
from relcare.policy import Fact
from relcare.relationships import Strategy
from relcare.segmentation import Scheme
from relcare.segments import Segment
from relcare.vip import Programme

__all__ = ["PolicyFields"]


def _to_facts(values: Iterable[Fact]) -> tuple[Fact, ...]:
    """For `Policy.facts`."""
    return to_tuple(values)


def _to_grades(values: Iterable[Grade]) -> tuple[Grade, ...]:
    """For `Policy.grades`."""
    return to_tuple(values)


def _to_schemes(values: Iterable[Scheme]) -> tuple[Scheme, ...]:
    """For `Policy.segmentation`."""
    return to_tuple(values)


def _to_rules(values: Iterable[CadenceRule]) -> tuple[CadenceRule, ...]:
    """For `Policy.cadence`."""
    return to_tuple(values)


def _to_triggers(values: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """For `Policy.triggers`."""
    return to_tuple(values)


def _to_strategies(values: Iterable[Strategy]) -> tuple[Strategy, ...]:
    """For `Policy.relationships`."""
    return to_tuple(values)


def _to_hours(value: WorkingHours | Iterable[str]) -> WorkingHours:
    """For `Policy.working_hours`."""
    return value if isinstance(value, WorkingHours) else WorkingHours(value)


def _to_ladders(values: Iterable[NeglectLadder]) -> tuple[NeglectLadder, ...]:
    """For `Policy.neglect`."""
    return to_tuple(values)


def _to_limits(values: Iterable[HoldingLimit]) -> tuple[HoldingLimit, ...]:
    """For `Policy.holding`."""
    return to_tuple(values)


def _to_pool(value: ClaimRules | None) -> ClaimRules | None:
    """For `Policy.pool`."""
    return None if value == ClaimRules() else value  # as for permission


def _to_programmes(values: Iterable[Programme]) -> tuple[Programme, ...]:
    """For `Policy.vip_programmes`."""
    return to_tuple(values)


def _to_segments(values: Iterable[Segment]) -> tuple[Segment, ...]:
    """For `Policy.segments`."""
    return to_tuple(values)


def _to_examples(values: Iterable[Example]) -> tuple[Example, ...]:
    """For `Policy.examples`."""
    return to_tuple(values)


def _to_requirements(values: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """For `Policy.require`."""
    return to_tuple(values)


def _to_acceptances(values: Iterable[Acceptance]) -> tuple[Acceptance, ...]:
    """For `Policy.accept`."""
    return to_tuple(values)


def _to_access(value: AccessRules | None) -> AccessRules | None:
    """For `Policy.access`."""
    return None if value == AccessRules() else value  # as for permission


def _to_retention(value: RetentionRules | None) -> RetentionRules | None:
    """For `Policy.retention`."""
    return None if value == RetentionRules() else value  # as for permission


def _to_permission(value: PermissionRules | None) -> PermissionRules | None:
    """For `Policy.permission`."""
    return None if value == PermissionRules() else value  # rules that say nothing are none: a document cannot hold them


@attrs.frozen(kw_only=True)
class PolicyFields:
    """The fields of `Policy`, which says what each of them is."""

    id: str
    version: str
    effective_from: date = attrs.field(converter=to_day)
    effective_until: date | None = attrs.field(default=None, converter=to_optional_day)
    title: str | None = None
    currency: str | None = None
    calendar: str | None = None
    source: str | None = None
    facts: tuple[Fact, ...] = attrs.field(default=(), converter=_to_facts)
    grades: tuple[Grade, ...] = attrs.field(default=(), converter=_to_grades)
    segmentation: tuple[Scheme, ...] = attrs.field(default=(), converter=_to_schemes)
    cadence: tuple[CadenceRule, ...] = attrs.field(default=(), converter=_to_rules)
    triggers: tuple[Trigger, ...] = attrs.field(default=(), converter=_to_triggers)
    working_hours: WorkingHours = attrs.field(factory=WorkingHours, converter=_to_hours)
    permission: PermissionRules | None = attrs.field(default=None, converter=_to_permission)
    neglect: tuple[NeglectLadder, ...] = attrs.field(default=(), converter=_to_ladders)
    holding: tuple[HoldingLimit, ...] = attrs.field(default=(), converter=_to_limits)
    pool: ClaimRules | None = attrs.field(default=None, converter=_to_pool)
    relationships: tuple[Strategy, ...] = attrs.field(default=(), converter=_to_strategies)
    vip_programmes: tuple[Programme, ...] = attrs.field(default=(), converter=_to_programmes, alias="vip")
    segments: tuple[Segment, ...] = attrs.field(default=(), converter=_to_segments)
    access: AccessRules | None = attrs.field(default=None, converter=_to_access)
    retention: RetentionRules | None = attrs.field(default=None, converter=_to_retention)
    examples: tuple[Example, ...] = attrs.field(default=(), converter=_to_examples)
    staffing: Staffing | None = None
    require: tuple[Requirement, ...] = attrs.field(default=(), converter=_to_requirements)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=_to_acceptances)

    def __attrs_post_init__(self) -> None:
        check_fields(self)
