"""What a review found: each client in each scheme, and where each quota's tiers ended (SEG-11)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from relcare._fields import (
    MAX_NOTE,
    check_day,
    check_id,
    check_optional_text,
    check_tuple_of,
    to_optional_day,
    to_texts,
    to_tuple,
)
from relcare.errors import InvalidValueError
from relcare.model._decided import Reason

__all__ = ["ReviewBorder", "ReviewRow"]

_MOST_CLIENTS: Final = 100_000_000


def _to_reasons(values: Iterable[Reason]) -> tuple[Reason, ...]:
    return to_tuple(values)


def _check_optional_id(name: str, value: str | None) -> None:
    if value is not None:
        check_id(name, value)


def _check_score(value: object) -> None:
    if value is not None and not (isinstance(value, Decimal) and value.is_finite()):
        raise InvalidValueError("score", value, "must be a finite Decimal")


def _check_flag(name: str, value: object) -> None:
    if type(value) is not bool:
        raise InvalidValueError(name, value, "must be true or false")


@attrs.frozen(kw_only=True)
class ReviewRow:
    """What a review says of one client in one scheme.

    Attributes:
        client_id: Who.
        scheme_id: The scheme.
        before: The tier in force; None for none.
        since_on: The first day of its spell; None for none.
        proposed: The tier by the facts alone; None when held or out of scope.
        wanted: Once the client stays as far as hysteresis lets it; later reviews are confirmed by it (SEG-9).
        tier: Where the client goes, or stays; None where there is no tier for it.
        score: Of a quota; None without one.
        rank: From 1 among the ranked; None when not ranked.
        is_border: Of a quota: whether it is ranked last above a cut, or first below it, or has the score of one of these. Of
            thresholds: whether one fact, its smallest step or its margin away, would give another tier; a reason names it.
        is_unequal: Whether somebody with the same score is proposed for another tier.
        reasons: Why, with the facts it rests on.
    """

    client_id: str
    scheme_id: str
    before: str | None = None
    since_on: date | None = attrs.field(default=None, converter=to_optional_day)
    proposed: str | None = None
    wanted: str | None = None
    tier: str | None = None
    score: Decimal | None = None
    rank: int | None = None
    is_border: bool = False
    is_unequal: bool = False
    reasons: tuple[Reason, ...] = attrs.field(default=(), converter=_to_reasons)

    def __attrs_post_init__(self) -> None:
        check_id("client_id", self.client_id)
        check_id("scheme_id", self.scheme_id)
        for name in ("before", "proposed", "wanted", "tier"):
            _check_optional_id(name, getattr(self, name))
        if self.since_on is not None:
            check_day("since_on", self.since_on)
        if (self.before is None) != (self.since_on is None):
            raise InvalidValueError("since_on", self.since_on, "must be given with before, and only then")
        if self.rank is not None and (type(self.rank) is not int or not 1 <= self.rank <= _MOST_CLIENTS):
            raise InvalidValueError("rank", self.rank, f"must be a whole number from 1 to {_MOST_CLIENTS:,}")
        _check_score(self.score)
        _check_flag("is_border", self.is_border)
        _check_flag("is_unequal", self.is_unequal)
        check_tuple_of("reasons", self.reasons, Reason)

    @property
    def is_move(self) -> bool:
        """Whether the client changes its tier, the first one included."""
        return self.tier != self.before


@attrs.frozen(kw_only=True)
class ReviewBorder:
    """Where a quota's tier ended when it was reviewed.

    Attributes:
        scheme_id: The scheme.
        tier: The tier above the cut.
        score: The lowest score in it; None where the tier had no room.
        last_id: The last id in it at that score; None when all with the score are in.
        equal_ids: Who shares the score where the cut runs through equals, by code point; empty where it does not.
        is_unequal: Whether these are proposed for different tiers.
        group: In which group, of a scheme that cuts each by itself.
    """

    scheme_id: str
    tier: str
    score: Decimal | None = None
    last_id: str | None = None
    equal_ids: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    is_unequal: bool = False
    group: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("scheme_id", self.scheme_id)
        check_id("tier", self.tier)
        check_optional_text("group", self.group, MAX_NOTE)
        _check_score(self.score)
        _check_optional_id("last_id", self.last_id)
        check_tuple_of("equal_ids", self.equal_ids, str)
        for index, client_id in enumerate(self.equal_ids):
            check_id(f"equal_ids[{index}]", client_id)
        _check_flag("is_unequal", self.is_unequal)
