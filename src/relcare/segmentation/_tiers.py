"""The tiers of schemes as values: a share of a ranking, or a criterion (SEG-2, SEG-6)."""

from fractions import Fraction

import attrs

from relcare._fields import check_id
from relcare.policy import Criterion, check_criteria, check_is_criterion
from relcare.segmentation._shares import to_share

__all__ = ["QuotaTier", "ThresholdTier"]


@attrs.frozen
class QuotaTier:
    """A tier that a share of the ranked clients goes into.

    Attributes:
        id: The tier.
        share: As an exact fraction; given as `20%` or a Fraction.
    """

    id: str
    share: Fraction = attrs.field(converter=to_share)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)


@attrs.frozen
class ThresholdTier:
    """A tier that every client goes into for whom a criterion holds.

    Attributes:
        id: The tier.
        when: Who goes into it.
        stays: Who is not taken out of it, or of a better tier, at a review; None where `when` alone says so (SEG-9).
    """

    id: str
    when: Criterion
    stays: Criterion | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_is_criterion("when", self.when)
        check_criteria(stays=self.stays)
