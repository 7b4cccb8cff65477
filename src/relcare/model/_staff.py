"""The firm's own people, and the tiers that clients were given."""

from datetime import date

import attrs

from relcare._fields import check_id, check_optional_text, check_text, to_day, to_optional_day
from relcare.errors import InvalidValueError
from relcare.model._birthday import Birthday, to_birthday
from relcare.model._spans import check_span, is_within

__all__ = ["Staff", "TierSpell"]


@attrs.frozen(kw_only=True)
class Staff:
    """A member of staff.

    Attributes:
        id: Unique in the book.
        name: As it is written.
        role: Free text compared exactly, such as `secretary` (CAD-9).
        head_id: Who leads them; need not be in the book.
        birthday: A date, or a `Birthday` when the year is unknown.
    """

    id: str
    name: str
    role: str | None = None
    head_id: str | None = None
    birthday: Birthday | None = attrs.field(default=None, converter=to_birthday)

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_text("name", self.name)
        check_optional_text("role", self.role)
        if self.head_id is not None:
            check_id("head_id", self.head_id)
        if self.birthday is not None and not isinstance(self.birthday, Birthday):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("birthday", self.birthday, "must be a date or a Birthday")


@attrs.frozen(kw_only=True)
class TierSpell:
    """A client is in a tier of a scheme from a day on, until a day.

    Attributes:
        client_id: Who.
        scheme_id: The segmentation scheme.
        tier: The tier's id.
        start_on: The first day on which it is in force.
        end_on: The first day on which it no longer is; None while open. Half-open (TIM-4).
    """

    client_id: str
    scheme_id: str
    tier: str
    start_on: date = attrs.field(converter=to_day)
    end_on: date | None = attrs.field(default=None, converter=to_optional_day)

    def __attrs_post_init__(self) -> None:
        check_id("client_id", self.client_id)
        check_id("scheme_id", self.scheme_id)
        check_id("tier", self.tier)
        check_span(self.start_on, self.end_on)

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day; not on `end_on`."""
        return is_within(day, self.start_on, self.end_on)
