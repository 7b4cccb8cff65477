"""A client is held in a tier by somebody's word, for a time."""

from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, check_id, check_text, to_day, to_optional_day
from relcare.model._spans import check_span, is_within

__all__ = ["PIN_KINDS", "Pin", "PinKind"]

PinKind: TypeAlias = Literal["floor", "exact"]
PIN_KINDS: Final[tuple[PinKind, ...]] = ("floor", "exact")


@attrs.frozen(kw_only=True)
class Pin:
    """A client is held in a tier of a scheme from a day on, until a day, whatever its facts say.

    Attributes:
        client_id: Who.
        scheme_id: The segmentation scheme.
        tier: The tier's id.
        kind: `floor` lets the client rise above the tier and not fall below it; `exact` keeps it there.
        by: Who says so.
        reason: Why.
        start_on: The first day on which it holds.
        end_on: The first day on which it no longer does; None while that is open. Half-open (TIM-4).

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: SEG-10.
    """

    client_id: str
    scheme_id: str
    tier: str
    kind: PinKind = "floor"
    by: str
    reason: str
    start_on: date = attrs.field(converter=to_day)
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)

    def __attrs_post_init__(self) -> None:
        for name in ("client_id", "scheme_id", "tier", "by"):
            check_id(name, getattr(self, name))
        check_choice("kind", self.kind, PIN_KINDS)
        check_text("reason", self.reason)
        check_span(self.start_on, self.end_on)

    def covers(self, day: date) -> bool:
        """Whether it holds on a day; not on `end_on`."""
        return is_within(day, self.start_on, self.end_on)
