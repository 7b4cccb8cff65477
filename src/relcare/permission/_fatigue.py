"""So that nobody tires of us: caps, gaps, changes of method, and stops after refusals, as values (CAD-10)."""

from typing import Final

import attrs

from relcare._fields import check_choice, check_text, check_tuple_of, to_texts
from relcare._time import Every
from relcare.errors import InvalidValueError
from relcare.permission._lengths import CapPeriod, Lapse
from relcare.permission._scope import CLASSES, PurposeScope, check_channels

__all__ = ["REFUSALS", "Cap", "Gap", "Rotation", "Stop"]

REFUSALS: Final = ("declined", "opt-out", "refused")
"""Outcomes that are a refusal where a stop declares no others."""

_MOST: Final = 9_999


def _to_period(value: CapPeriod | str) -> CapPeriod:
    return value if isinstance(value, CapPeriod) else CapPeriod.parse(value)


def _to_minimum(value: Lapse | str) -> Lapse:
    return value if isinstance(value, Lapse) else Lapse.parse(value)


def _to_within(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "within")


def _to_pause(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "pause")


def _check_count(name: str, value: object, least: int) -> None:
    if type(value) is not int or not least <= value <= _MOST:
        raise InvalidValueError(name, value, f"must be a whole number from {least} to {_MOST:,}")


@attrs.frozen(kw_only=True)
class Cap:
    """No more contacts than so many in a period.

    Outgoing touchpoints count whatever came of them, tried and missed ones too; those whose purpose is uncounted do not.

    Attributes:
        limit: The most there may be, from 0.
        per: The period; text is read as `CapPeriod.parse` does.
        channels: The channels that count, and that the cap holds for; none for all together.
        purposes: Whether it counts and holds for `every` purpose, or `advertising` only.

    Source: CAD-10.
    """

    limit: int
    per: CapPeriod = attrs.field(converter=_to_period)
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    purposes: PurposeScope = "every"

    def __attrs_post_init__(self) -> None:
        _check_count("limit", self.limit, 0)
        if not isinstance(self.per, CapPeriod):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("per", self.per, "must be a CapPeriod")
        check_channels("channels", self.channels)
        check_choice("purposes", self.purposes, CLASSES)


@attrs.frozen(kw_only=True)
class Gap:
    """No contact sooner than so long after the last one; which ones count is as for `Cap`.

    Attributes:
        minimum: Hours that must have passed, or civil days: after `1 day` the next day is allowed. Hours after a touchpoint of
            which only the day is known are counted from the end of that day.
        channels: As for `Cap`.
        purposes: As for `Cap`.

    Source: CAD-10.
    """

    minimum: Lapse = attrs.field(converter=_to_minimum)
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    purposes: PurposeScope = "every"

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.minimum, Lapse):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("minimum", self.minimum, "must be a Lapse")
        check_channels("channels", self.channels)
        check_choice("purposes", self.purposes, CLASSES)


@attrs.frozen(kw_only=True)
class Rotation:
    """No more than so many contacts running by one channel: calls alone wear clients out.

    Attributes:
        most: How many running, from 1; the next by that channel is then not allowed until another one was used.
        channels: The channels that it holds for; none for every channel. Contacts by others end a run all the same.
        within: How long a contact is remembered; None for ever.

    Source: CAD-10.
    """

    most: int
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    within: Every | None = attrs.field(default=None, converter=_to_within)

    def __attrs_post_init__(self) -> None:
        _check_count("most", self.most, 1)
        check_channels("channels", self.channels)


@attrs.frozen(kw_only=True)
class Stop:
    """No contact after so many refusals, for a time or until the client consents again.

    Refusals are touchpoints in either direction with one of the outcomes. Each time so many have come together a stop begins, on
    that day, and counting starts anew. A consent that begins after a refusal, and covers what is asked, takes it back.

    Attributes:
        after: How many, from 1.
        outcomes: What is a refusal, compared exactly.
        pause: How long the stop lasts, from the day of the refusal on; None for good.
        within: How long a refusal is remembered while others are waited for; None for ever.
        channels: Whose refusals count, and that the stop holds for; none for all together.
        purposes: Whether the stop holds for `every` purpose, or `advertising` only. Refusals count whatever the purpose was.

    Source: CAD-10.
    """

    after: int = 1
    outcomes: tuple[str, ...] = attrs.field(default=REFUSALS, converter=to_texts)
    pause: Every | None = attrs.field(default=None, converter=_to_pause)
    within: Every | None = attrs.field(default=None, converter=_to_within)
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    purposes: PurposeScope = "every"

    def __attrs_post_init__(self) -> None:
        _check_count("after", self.after, 1)
        check_tuple_of("outcomes", self.outcomes, str)
        for index, outcome in enumerate(self.outcomes):
            check_text(f"outcomes[{index}]", outcome)
        if not self.outcomes:
            raise InvalidValueError("outcomes", (), "must name an outcome")
        check_channels("channels", self.channels)
        check_choice("purposes", self.purposes, CLASSES)
