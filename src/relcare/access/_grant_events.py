"""The log of a grant: asked for, decided, used, taken back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, check_id, check_optional_text, check_tuple_of, to_texts
from relcare.access._request import AccessRequest
from relcare.access._who import Signature, check_instant, to_optional_instant
from relcare.errors import InvalidValueError

__all__ = ["GRANT_STEPS", "GrantEvent", "GrantStep"]

GrantStep: TypeAlias = Literal["requested", "approved", "refused", "withdrawn", "revoked", "used"]
GRANT_STEPS: Final[tuple[GrantStep, ...]] = ("requested", "approved", "refused", "withdrawn", "revoked", "used")
# Which steps need a field, and which may have it; every other must leave it out.
_NEEDED: Final = {"request": {"requested"}, "ends_at": {"approved"}, "count": {"used"}}
_ALLOWED: Final = {"request": {"requested"}, "ends_at": {"approved"}, "count": {"used", "approved"}, "fields": {"approved"}}


def _to_fields(values: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if values is None else to_texts(values)


@attrs.frozen(kw_only=True)
class GrantEvent:
    """One step of a grant. Entries are never changed, only followed by others (TIM-7).

    Attributes:
        id: Unique in the book.
        grant_id: Of which grant.
        step: `requested`, `approved`, `refused`, `withdrawn` by who asked, `revoked` by who may approve, or `used`.
        signed: Who, as what, for whom and when.
        request: Of `requested`, and only of it: what is asked for.
        ends_at: Of `approved`, and only of it: the first instant at which the grant no longer holds. Kept in UTC.
        fields: Of `approved`: fewer fields than were asked for; None for all of them.
        count: Of `used` how many records were read; of `approved` how many may be, None for as many as were asked for.
        reason: Why, free text.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-2.
    """

    id: str
    grant_id: str
    step: GrantStep
    signed: Signature
    request: AccessRequest | None = None
    ends_at: datetime | None = attrs.field(default=None, converter=to_optional_instant)
    fields: tuple[str, ...] | None = attrs.field(default=None, converter=_to_fields)
    count: int | None = None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_id("grant_id", self.grant_id)
        check_choice("step", self.step, GRANT_STEPS)
        if not isinstance(self.signed, Signature):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("signed", self.signed, "must be a Signature")
        for name, steps in _ALLOWED.items():
            value = getattr(self, name)
            if value is None and self.step in _NEEDED.get(name, ()):
                raise InvalidValueError(name, value, f"must be given where a grant is {self.step}")
            if value is not None and self.step not in steps:
                raise InvalidValueError(name, value, f"must be left out where a grant is {self.step}")
        if self.request is not None and not isinstance(self.request, AccessRequest):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("request", self.request, "must be an AccessRequest")
        if self.ends_at is not None:
            check_instant("ends_at", self.ends_at)
        if self.fields is not None:
            check_tuple_of("fields", self.fields, str)
        if self.count is not None and (type(self.count) is not int or not 1 <= self.count < 2**63):
            raise InvalidValueError("count", self.count, "must be a whole number from 1")
        check_optional_text("reason", self.reason)
