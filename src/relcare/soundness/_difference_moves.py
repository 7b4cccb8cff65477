"""Clients whom another policy decides otherwise, each with both decisions and their reasons."""

import attrs

from relcare.grades import GradePlace
from relcare.segmentation import Assignment
from relcare.segments import SegmentMembership
from relcare.soundness._difference_values import Direction, Standing
from relcare.vip import VipDecision

__all__ = ["GradeMove", "SegmentMove", "TierMove", "VipMove", "standing_by"]


@attrs.frozen(kw_only=True)
class TierMove:
    """A client that one policy puts elsewhere than the other.

    Attributes:
        scheme_id: In which scheme.
        before: What the old policy decides, with its reasons.
        after: What the new one does, with its reasons.
        direction: Which way.
    """

    scheme_id: str
    before: Assignment
    after: Assignment
    direction: Direction

    @property
    def client_id(self) -> str:
        """Who."""
        return self.after.client_id

    @property
    def standings(self) -> tuple[Standing, Standing]:
        """Where the client was, and where it is: a tier, held, or out of scope."""
        return standing_by(self.before), standing_by(self.after)


@attrs.frozen(kw_only=True)
class VipMove:
    """A client whose qualification is another.

    Attributes:
        before: What the old policy decides, with its reasons.
        after: What the new one does, with its reasons.
        direction: Which way.
    """

    before: VipDecision
    after: VipDecision
    direction: Direction

    @property
    def programme_id(self) -> str:
        """For which programme."""
        return self.after.programme_id

    @property
    def client_id(self) -> str:
        """Who."""
        return self.after.client_id or ""


@attrs.frozen(kw_only=True)
class GradeMove:
    """A client who stands elsewhere among the others.

    Attributes:
        before: Its grade under the old policy, with the reasons.
        after: Its grade under the new one, with the reasons. The groups may be others: see `parts` of both.
    """

    before: GradePlace
    after: GradePlace

    @property
    def grade_id(self) -> str:
        """In which grade."""
        return self.after.grade_id

    @property
    def client_id(self) -> str:
        """Who."""
        return self.after.client_id


@attrs.frozen(kw_only=True)
class SegmentMove:
    """A client who comes into a segment or leaves it, or is in other cells of it.

    Attributes:
        before: Whether it belongs under the old policy, and to which cells, with the reasons.
        after: The same under the new one.
    """

    before: SegmentMembership
    after: SegmentMembership

    @property
    def segment_id(self) -> str:
        """Which segment."""
        return self.after.segment_id

    @property
    def client_id(self) -> str:
        """Who."""
        return self.after.client_id


def standing_by(assignment: Assignment) -> Standing:
    """Where an assignment puts a client: in a tier, held, or out of scope."""
    if not assignment.is_in_scope:
        return Standing("outside")
    return Standing("held") if assignment.tier is None else Standing("tier", assignment.tier)
