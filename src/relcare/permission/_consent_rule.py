"""Whose word is needed before a contact, as a value (CAD-11)."""

from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, to_texts
from relcare._time import Every
from relcare.errors import InvalidValueError
from relcare.permission._scope import CLASSES, PurposeScope, check_channels

__all__ = ["CONSENT_MODES", "ConsentMode", "ConsentRule", "SoftOptIn"]

ConsentMode: TypeAlias = Literal["opt-in", "opt-out"]
CONSENT_MODES: Final[tuple[ConsentMode, ...]] = ("opt-in", "opt-out")
SoftOptIn: TypeAlias = Every | Literal["no", "without limit"]


def _to_soft(value: SoftOptIn | str) -> SoftOptIn:
    if isinstance(value, Every):
        return value
    if value == "no":
        return "no"
    return "without limit" if value == "without limit" else Every.parse(value, "soft_opt_in")


def _to_reconfirm(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "reconfirm")


@attrs.frozen(kw_only=True)
class ConsentRule:
    """What a client must have said before a contact.

    A refusal in force is respected without any rule, whatever is asked: it is never needed to declare that.

    Attributes:
        mode: `opt-in`: only with a consent in force. `opt-out`: unless refused; it serves to carry `is_global`.
        channels: Which channels; none for every channel.
        purposes: `every`, or `advertising` only.
        soft_opt_in: How long after its last deal a client may be contacted without a consent; `no` (default), or `without limit`.
        reconfirm: How long a consent holds until it must be given anew; before the day on which that time is over. None for ever.
        is_specific: Whether a consent must name the channel and the purpose: one for every channel or purpose is not enough.
        is_global: Whether a refusal of one channel or purpose refuses them all.

    Source: CAD-11.
    """

    mode: ConsentMode = "opt-in"
    channels: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    purposes: PurposeScope = "advertising"
    soft_opt_in: SoftOptIn = attrs.field(default="no", converter=_to_soft)
    reconfirm: Every | None = attrs.field(default=None, converter=_to_reconfirm)
    is_specific: bool = False
    is_global: bool = False

    def __attrs_post_init__(self) -> None:
        check_choice("mode", self.mode, CONSENT_MODES)
        check_channels("channels", self.channels)
        check_choice("purposes", self.purposes, CLASSES)
        for name in ("is_specific", "is_global"):
            value = getattr(self, name)
            if type(value) is not bool:
                raise InvalidValueError(name, value, "must be True or False")
        if self.mode == "opt-out" and (self.soft_opt_in != "no" or self.reconfirm is not None or self.is_specific):
            raise InvalidValueError("mode", self.mode, "must be opt-in where consents are asked for", "leave the other keys out")
