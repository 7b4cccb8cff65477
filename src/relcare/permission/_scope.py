"""What a contact is: its purpose's class, and the medium that its channel uses, on which contact law turns."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from relcare._fields import ReadOnlyMap, check_text, check_tuple_of

__all__ = ["BUILT_IN_MEDIA", "CLASSES", "MEDIA", "Medium", "PurposeClass", "PurposeScope", "check_channels"]

PurposeClass: TypeAlias = Literal["advertising", "service"]
"""What a purpose is for the law; one that nobody declared is advertising (CAD-11)."""

PurposeScope: TypeAlias = Literal["every", "advertising"]
CLASSES: Final[tuple[PurposeScope, ...]] = ("every", "advertising")

Medium: TypeAlias = Literal["phone", "text", "email", "visit", "post"]
MEDIA: Final[tuple[Medium, ...]] = ("phone", "text", "email", "visit", "post")
"""What laws speak of: voice calls; short messages of any kind; e-mail; being there; paper."""

BUILT_IN_MEDIA: Final[Mapping[str, Medium]] = ReadOnlyMap(
    dict[str, Medium](
        {
            "call": "phone",
            "phone": "phone",
            "telephone": "phone",
            "message": "text",
            "sms": "text",
            "text": "text",
            "e-mail": "email",
            "email": "email",
            "meeting": "visit",
            "visit": "visit",
            "card": "post",
            "letter": "post",
            "post": "post",
        }
    )
)
"""The medium of channels that a policy need not declare; on a channel of no known medium every law has its say."""


def check_channels(name: str, values: Iterable[str]) -> None:
    """Refuse what is no collection of channels."""
    check_tuple_of(name, values, str)
    for index, value in enumerate(values):
        check_text(f"{name}[{index}]", value)
