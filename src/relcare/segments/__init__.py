"""Segments: unordered, several at once, by criteria or by the product of dimensions, and what their members share (SEG-7)."""

from relcare.segments._check import MAX_CELLS, SEGMENT_TYPE, can_divide, expanded, segment_problems
from relcare.segments._common import CommonTrait, InCommon, in_common
from relcare.segments._divide import divide
from relcare.segments._result import SegmentCell, SegmentMembership, SegmentResult
from relcare.segments._segment import CriterionSegment, ProductSegment, Segment
from relcare.segments._theme import Invitation, Invitations, Theme, invitations

__all__ = [
    "MAX_CELLS",
    "SEGMENT_TYPE",
    "CommonTrait",
    "CriterionSegment",
    "InCommon",
    "Invitation",
    "Invitations",
    "ProductSegment",
    "Segment",
    "SegmentCell",
    "SegmentMembership",
    "SegmentResult",
    "Theme",
    "can_divide",
    "divide",
    "expanded",
    "in_common",
    "invitations",
    "segment_problems",
]
