"""Who belongs to which segment, what they share, and whom to invite."""

from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from relcare.decisions import segment_guests, segment_themes
from relcare.desk._base import BaseDesk
from relcare.segments import InCommon, Invitations, SegmentResult, Theme

__all__ = ["SegmentDesk"]


@attrs.frozen(kw_only=True, eq=False)
class SegmentDesk(BaseDesk):
    """The part of a `Desk` that asks about segments."""

    def segments(self, *, by: str, as_of: date | None = None) -> Mapping[str, SegmentResult]:
        """Who belongs to which segment, by segment, in the order of the policy.

        Args:
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.

        Raises:
            PolicyError: If the policy is not in force on that day.

        Source: SEG-7.
        """
        return self.decide(by=by, as_of=as_of).segments

    def segment_themes(
        self,
        segment_id: str,
        *,
        by: str,
        as_of: date | None = None,
        traits: Iterable[str] | None = None,
        cell: str | None = None,
        at_least: int = 3,
    ) -> InCommon:
        """What the members of a segment share beyond what the book shares; see `relcare.decisions.segment_themes`.

        Args:
            segment_id: The segment.
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.
            traits: Which facts; by default all that can be shared.
            cell: Of a product: one of its cells.
            at_least: How many members must share a value, from 1.

        Raises:
            UnknownRecordError: If there is no such segment or cell.
            InvalidValueError: If a trait is none.

        Source: SEG-7.
        """
        result = self.decide(by=by, as_of=as_of)
        return segment_themes(self.policy, result, segment_id, traits=traits, cell=cell, at_least=at_least)

    def segment_guests(
        self, segment_id: str, theme: Theme, *, by: str, as_of: date | None = None, cell: str | None = None
    ) -> Invitations:
        """Whom of a segment a theme suits, and whom besides; see `relcare.decisions.segment_guests`.

        Whether each of them may be contacted is asked when it comes to it, with `Policy.may_contact`.

        Args:
            segment_id: The segment.
            theme: What the event is about.
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.
            cell: Of a product: one of its cells.

        Raises:
            UnknownRecordError: If there is no such segment or cell.
            InvalidValueError: If there is no such trait or value.

        Source: SEG-7.
        """
        return segment_guests(self.policy, self.decide(by=by, as_of=as_of), segment_id, theme, cell=cell)
