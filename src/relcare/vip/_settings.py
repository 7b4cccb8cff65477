"""What a programme says about membership: its settings, its benefits, and its lists of the best (VIP-1, VIP-3)."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, check_identifier, check_text, check_tuple_of, to_texts
from relcare._time import Every
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, check_criteria
from relcare.ranking import TIE_RULES, TieRule

__all__ = ["KEEPINGS", "TOP_REVIEWS", "Benefit", "Keeping", "MembershipRules", "TopList", "check_benefits"]

Keeping: TypeAlias = Literal["lapse", "one step down", "re-evaluated", "grace"]
KEEPINGS: Final[tuple[Keeping, ...]] = ("lapse", "one step down", "re-evaluated", "grace")
TOP_REVIEWS: Final = ("monthly", "quarterly", "yearly")
_MOST: Final = 100_000_000


@attrs.frozen(kw_only=True)
class TopList:
    """The best clients by a fact, as the fact `vip.<programme>.top.<id>` that paths may ask for (VIP-1).

    It needs the whole book: for a client by itself, and for mere facts, the answer is missing, unless `among` leaves it out.

    Attributes:
        id: An identifier, unique in the programme.
        most: How many are on the list, from 1; all of those ranked where there are fewer.
        by: A fact that has an order; greater is better. Who lacks it stands outside, as in a quota (SEG-8).
        among: Who is ranked; everybody without it.
        ties: What becomes of equals at the end of the list: `by id`, `together upward`, `together downward` (SEG-3).
        review: How often it is drawn up: on the first day of each month, quarter or year, with the facts of that day; without it
            anew on every day that is asked about.
    """

    id: str
    most: int
    by: str
    among: Criterion | None = None
    ties: TieRule = "by id"
    review: str | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        if type(self.most) is not int or not 1 <= self.most <= _MOST:
            raise InvalidValueError("most", self.most, f"must be a whole number from 1 to {_MOST:,}")
        check_text("by", self.by)
        check_criteria(among=self.among)
        check_choice("ties", self.ties, TIE_RULES)
        if self.review is not None:
            check_choice("review", self.review, TOP_REVIEWS)


@attrs.frozen(kw_only=True)
class Benefit:
    """What members get, as data: its id is in the fact `vip.<programme>.benefits` of whoever enjoys it.

    Attributes:
        id: An identifier, unique in the programme.
        text: For people.
        levels: The levels that have it; every level without any.
    """

    id: str
    text: str
    levels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_text("text", self.text)
        check_tuple_of("levels", self.levels, str)
        for level in self.levels:
            check_text("levels", level)


def _to_window(value: Every | str | None) -> Every | None:
    return _to_every(value, "window")


def _to_length(value: Every | str | None) -> Every | None:
    return _to_every(value, "length")


def _to_grace(value: Every | str | None) -> Every | None:
    return _to_every(value, "grace")


def _to_delay(value: Every | str | None) -> Every | None:
    return _to_every(value, "returns_delay")


def _to_notice(value: Every | str | None) -> Every | None:
    return _to_every(value, "notice")


def _to_longest(value: Every | str | None) -> Every | None:
    return _to_every(value, "longest_grant")


def _to_every(value: Every | str | None, name: str) -> Every | None:
    return Every.parse(value, name) if isinstance(value, str) else value


def _to_levels(values: Iterable[str]) -> tuple[str, ...]:
    return to_texts(values)


@attrs.frozen(kw_only=True)
class MembershipRules:
    """The settings of membership, each by itself (VIP-3).

    Lengths are texts such as `1 year` or `30 days`.

    Attributes:
        window: The qualification window: who qualified on some day within this time before a day counts as qualified on it; only
            who qualifies on the very day without it.
        length: How long a membership, and each renewal, lasts; without an end when None.
        keeping: What becomes of a membership at the end of its term when nobody renewed it. `lapse`: it ends. `one step down`:
            the next lower level takes its place for a term, and it ends below the lowest. `re-evaluated`: who is qualified on
            that day stays for another term, the others' ends. `grace`: it ends after the time `grace`, within which it can
            still be renewed.
        grace: See `keeping`.
        levels: Best first, such as `gold`, `silver`; none for a programme without levels.
        returns_delay: How long the qualification must have stood before an approved membership begins, so that goods can come
            back first.
        notice: How long before a loss the client must be told: no term ends against a member to whom that was not done.
            Grants, whose end is known from the start, and revocations need none.
        grants: Whether membership may be granted by hand.
        longest_grant: How long a grant may last at most.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    window: Every | None = attrs.field(default=None, converter=_to_window)
    length: Every | None = attrs.field(default=None, converter=_to_length)
    keeping: Keeping = "lapse"
    grace: Every | None = attrs.field(default=None, converter=_to_grace)
    levels: tuple[str, ...] = attrs.field(default=(), converter=_to_levels)
    returns_delay: Every | None = attrs.field(default=None, converter=_to_delay)
    notice: Every | None = attrs.field(default=None, converter=_to_notice)
    grants: bool = True
    longest_grant: Every | None = attrs.field(default=None, converter=_to_longest)

    def __attrs_post_init__(self) -> None:
        for name in ("window", "length", "grace", "returns_delay", "notice", "longest_grant"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Every):
                raise InvalidValueError(name, value, "must be a length of time", 'write "1 year" or "30 days"')
        check_choice("keeping", self.keeping, KEEPINGS)
        if self.keeping == "grace" and self.grace is None:
            raise InvalidValueError("grace", self.grace, 'must be given when keeping = "grace"', 'write grace = "30 days"')
        check_tuple_of("levels", self.levels, str)
        for level in self.levels:
            check_text("levels", level)
        if len(set(self.levels)) != len(self.levels):
            raise InvalidValueError("levels", self.levels, "must be different")
        if type(self.grants) is not bool:
            raise InvalidValueError("grants", self.grants, "must be True or False")


def check_benefits(benefits: tuple[Benefit, ...], rules: MembershipRules | None) -> None:
    """Refuse benefits with one id, and those of a level or a membership that the programme does not have."""
    ids = [benefit.id for benefit in benefits]
    if len(set(ids)) != len(ids):
        raise InvalidValueError("benefits", ids, "must have different ids")
    if benefits and rules is None:
        raise InvalidValueError("benefits", ids, "must be left out of a programme without membership", "write membership = {}")
    known = () if rules is None else rules.levels
    for index, benefit in enumerate(benefits):
        for level in benefit.levels:
            if level not in known:
                hint = f"its levels are {', '.join(map(repr, known))}" if known else "the programme has none"
                raise InvalidValueError(f"benefits[{index}].levels", level, "must be a level of the programme", hint)
