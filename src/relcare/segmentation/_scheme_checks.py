"""What every kind of scheme may choose from, and what all of them must keep to."""

from typing import TYPE_CHECKING, Final, Literal

from relcare._fields import check_choice, check_identifier, check_optional_text
from relcare.errors import InvalidValueError
from relcare.policy import check_criteria
from relcare.segmentation._steadiness import Steadiness

if TYPE_CHECKING:
    from relcare.segmentation._scheme import QuotaScheme, ThresholdScheme

__all__ = ["HIT_POLICIES", "MISSING_RULES", "REVIEWS", "HitPolicy", "MissingRule", "check_common"]

MissingRule = Literal["hold", "newcomer"]
MISSING_RULES: Final[tuple[MissingRule, ...]] = ("hold", "newcomer")
HitPolicy = Literal["highest", "first", "unique"]
HIT_POLICIES: Final[tuple[HitPolicy, ...]] = ("highest", "first", "unique")
REVIEWS: Final = ("monthly", "quarterly", "yearly")


def check_common(scheme: "QuotaScheme | ThresholdScheme") -> None:
    """Refuse a scheme whose common parts are wrong or do not fit together."""
    check_identifier("id", scheme.id)
    check_criteria(scope=scheme.scope)
    check_choice("missing", scheme.missing, MISSING_RULES)
    if scheme.review is not None:
        check_choice("review", scheme.review, REVIEWS)
    check_optional_text("source", scheme.source)
    if scheme.steady is not None and not isinstance(scheme.steady, Steadiness):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("steady", scheme.steady, "must be a Steadiness")
    ids = [tier.id for tier in scheme.tiers]
    if not ids:
        raise InvalidValueError("tiers", ids, "must list at least one tier, best first")
    if len(set(ids)) != len(ids):
        raise InvalidValueError("tiers", ids, "must be different")
    if scheme.missing == "newcomer" and scheme.newcomer is None:
        raise InvalidValueError("newcomer", scheme.newcomer, 'must name a tier when missing = "newcomer"')
    if scheme.newcomer is not None and scheme.newcomer not in scheme.tier_ids:
        raise InvalidValueError("newcomer", scheme.newcomer, f"must be one of the tiers {', '.join(map(repr, scheme.tier_ids))}")
    if scheme.missing == "hold" and scheme.newcomer is not None:
        raise InvalidValueError("newcomer", scheme.newcomer, 'must not be given when missing = "hold"')
