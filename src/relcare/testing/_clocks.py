"""Clocks for tests."""

from datetime import datetime
from typing import cast

import attrs

from relcare._fields import check_moment, to_moment
from relcare.errors import InvalidValueError

__all__ = ["FixedClock"]


def _to_instant(value: datetime) -> datetime:
    return cast("datetime", to_moment(value))


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
        if not isinstance(self.at, datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("at", self.at, "must be an aware instant")
        check_moment("at", self.at)

    def now(self) -> datetime:
        """The instant that it always is."""
        return self.at
