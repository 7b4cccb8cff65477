"""What keeps clients from moving between tiers at every review, as a value (SEG-9)."""

from fractions import Fraction
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice
from relcare._time import Every
from relcare.errors import InvalidValueError
from relcare.segmentation._shares import to_share

__all__ = ["HOLDS_BACK", "HeldBack", "Steadiness"]

HeldBack: TypeAlias = Literal["moves", "falls"]
HOLDS_BACK: Final[tuple[HeldBack, ...]] = ("moves", "falls")

_MOST_REVIEWS: Final = 60


@attrs.frozen(kw_only=True)
class Steadiness:
    """How hard it is to leave a tier; each part is at its default where a scheme does without it.

    Attributes:
        hysteresis: Of a quota: a client whose share of the ranking has run out stays as long as it ranks within this much more
            of it; a share, such as `5%`. Sizes are then bounds. Thresholds have `stays` in their tiers instead.
        minimum_stay: A client that has been in its tier for less does not move; counted from the first day of the spell.
        confirm: In how many reviews in a row, this one included, the same side of the tier must be proposed; from 1 to 60.
        one_step: Whether a client moves by one tier a review at most.
        holds_back: `moves` in both directions, or only `falls`: then a client rises at once. Of the last three; hysteresis only
            ever holds a client up.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: SEG-9.
    """

    hysteresis: Fraction = attrs.field(default=Fraction(0), converter=to_share)
    minimum_stay: Every | None = None
    confirm: int = 1
    one_step: bool = False
    holds_back: HeldBack = "moves"

    def __attrs_post_init__(self) -> None:
        if self.minimum_stay is not None and not isinstance(self.minimum_stay, Every):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("minimum_stay", self.minimum_stay, "must be an Every", 'write Every.parse("6 months")')
        if type(self.confirm) is not int or not 1 <= self.confirm <= _MOST_REVIEWS:
            raise InvalidValueError("confirm", self.confirm, f"must be a whole number from 1 to {_MOST_REVIEWS}")
        if type(self.one_step) is not bool:
            raise InvalidValueError("one_step", self.one_step, "must be true or false")
        check_choice("holds_back", self.holds_back, HOLDS_BACK)
