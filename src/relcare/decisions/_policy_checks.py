"""What a policy refuses to be made of."""

from typing import TYPE_CHECKING, Final, cast

from relcare._fields import check_day, check_id, check_optional_text, check_tuple_of
from relcare.access import AccessRules, RetentionRules
from relcare.cadence import CadenceRule, Trigger
from relcare.custody import ClaimRules, HoldingLimit, NeglectLadder
from relcare.decisions._examples import Example
from relcare.decisions._problems import PolicyParts, find_problems, path_text
from relcare.decisions._requirements import Acceptance, Requirement
from relcare.decisions._staffing import Staffing
from relcare.errors import InvalidValueError, PolicyDocumentError, Problem
from relcare.grades import Grade
from relcare.model._money import check_currency
from relcare.permission import PermissionRules
from relcare.policy import Fact
from relcare.relationships import Strategy
from relcare.segmentation import QuotaScheme, ThresholdScheme
from relcare.segments import CriterionSegment, ProductSegment
from relcare.vip import Programme

if TYPE_CHECKING:
    from relcare.decisions._policy_fields import PolicyFields

__all__ = ["check_fields"]

_ROOMS: Final[tuple[tuple[str, type], ...]] = (
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
_SINGLE: Final[tuple[tuple[str, type], ...]] = (
    ("permission", PermissionRules),
    ("access", AccessRules),
    ("retention", RetentionRules),
    ("pool", ClaimRules),
)


def check_fields(policy: "PolicyFields") -> None:
    """Refuse a policy of which a part is no such part, or that contradicts itself.

    Raises:
        InvalidValueError: At the first value that is not what its field holds.
        PolicyDocumentError: With every mistake at once, each with its path.
    """
    check_id("id", policy.id)
    check_id("version", policy.version)
    check_day("effective_from", policy.effective_from)
    if policy.effective_until is not None:
        check_day("effective_until", policy.effective_until)
        if policy.effective_until <= policy.effective_from:
            raise InvalidValueError(
                "effective_until", policy.effective_until, f"must be after effective_from, {policy.effective_from}"
            )
    for name in ("title", "source", "calendar"):
        check_optional_text(name, getattr(policy, name))
    if policy.currency is not None:
        check_currency("currency", policy.currency)
    check_tuple_of("segmentation", policy.segmentation, object)
    for index, scheme in enumerate(policy.segmentation):
        if not isinstance(scheme, (QuotaScheme, ThresholdScheme)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"segmentation[{index}]", scheme, "must be a QuotaScheme or a ThresholdScheme")
    _check_segments(policy.segments)
    for name, kind in _ROOMS:
        check_tuple_of(name.removesuffix("_programmes"), getattr(policy, name), kind)
    for name, kind in _SINGLE:
        value: object = getattr(policy, name)
        if value is not None and not isinstance(value, kind):
            raise InvalidValueError(name, value, f"must be {kind.__name__}")
    if policy.staffing is not None and not isinstance(policy.staffing, Staffing):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("staffing", policy.staffing, "must be a Staffing")
    problems = list(find_problems(_parts_of(policy)))
    if problems:
        raise PolicyDocumentError(
            Problem(file="<policy>", path=path_text(problem.path), message=problem.message, hint=problem.hint)
            for problem in problems
        )


def _parts_of(policy: "PolicyFields") -> PolicyParts:
    """The rooms of a policy, each part with its place, as the search for problems wants them."""
    return PolicyParts(
        currency=policy.currency,
        calendar=policy.calendar,
        facts=policy.facts,
        grades=tuple(enumerate(policy.grades)),
        segmentation=tuple(enumerate(policy.segmentation)),
        cadence=tuple(enumerate(policy.cadence)),
        triggers=tuple(enumerate(policy.triggers)),
        neglect=tuple(enumerate(policy.neglect)),
        holding=tuple(enumerate(policy.holding)),
        pool=policy.pool,
        relationships=tuple(enumerate(policy.relationships)),
        vip=tuple(enumerate(policy.vip_programmes)),
        segments=tuple(enumerate(policy.segments)),
        examples=tuple(enumerate(policy.examples)),
        staffing=policy.staffing,
        permission=policy.permission,
        access=policy.access,
        require=tuple(enumerate(policy.require)),
    )


def _check_segments(segments: object) -> None:
    """Refuse what is no tuple of segments."""
    check_tuple_of("segments", segments, object)
    for index, segment in enumerate(cast("tuple[object, ...]", segments)):
        if not isinstance(segment, (CriterionSegment, ProductSegment)):
            raise InvalidValueError(f"segments[{index}]", segment, "must be a CriterionSegment or a ProductSegment")
