"""Clocks for tests."""

from datetime import UTC, datetime, timedelta
from typing import cast

import attrs

from relcare._fields import check_moment, to_moment
from relcare.errors import InvalidValueError

__all__ = ["FixedClock", "SteppingClock"]


def _to_instant(value: datetime) -> datetime:
    return cast("datetime", to_moment(value))


def _check_instant(value: object) -> None:
    if not isinstance(value, datetime):
        raise InvalidValueError("at", value, "must be an aware instant")
    check_moment("at", value)


@attrs.frozen
class FixedClock:
    """A clock that stands still; satisfies `relcare.desk.Clock`.

    Attributes:
        at: The aware instant that it always is.

    Raises:
        InvalidValueError: If it is naive, or a date.

    Examples:
        >>> from datetime import UTC, datetime
        >>> FixedClock(datetime(2026, 3, 31, 9, tzinfo=UTC)).now().isoformat()
        '2026-03-31T09:00:00+00:00'
    """

    at: datetime = attrs.field(converter=_to_instant)

    def __attrs_post_init__(self) -> None:
        _check_instant(self.at)

    def now(self) -> datetime:
        """The instant that it always is."""
        return self.at


@attrs.define
class SteppingClock:
    """A clock that moves when it is told to, and only forwards; satisfies `relcare.desk.Clock`.

    Attributes:
        at: The aware instant that it is now.

    Raises:
        InvalidValueError: If it is naive, or a date.

    Examples:
        >>> from datetime import UTC, datetime, timedelta
        >>> clock = SteppingClock(datetime(2026, 3, 31, 9, tzinfo=UTC))
        >>> clock.advance(timedelta(days=1, hours=2)).isoformat()
        '2026-04-01T11:00:00+00:00'
        >>> clock.now() == clock.at
        True
    """

    at: datetime = attrs.field(converter=_to_instant)

    def __attrs_post_init__(self) -> None:
        _check_instant(self.at)

    def now(self) -> datetime:
        """The instant to which it was last moved."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Moves on by a length of time that really passes: a day is 24 hours, whatever the zone's clocks do meanwhile.

        Args:
            by: From nothing on.

        Returns:
            The instant that it is then, in the zone of the first one.

        Raises:
            InvalidValueError: If it is less than nothing, or leads beyond the year 2199.
        """
        if not isinstance(by, timedelta) or by < timedelta():  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("by", by, "must be a timedelta of nothing or more", "a clock that goes back is a new clock")
        try:
            later = _to_instant((self.at.astimezone(UTC) + by).astimezone(self.at.tzinfo))
        except OverflowError:
            raise InvalidValueError("by", by, "must not lead beyond the year 2199") from None
        _check_instant(later)
        self.at = later
        return later
