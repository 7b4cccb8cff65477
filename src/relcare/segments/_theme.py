"""Whom to invite on what theme: who of a segment shares a trait, and who besides (SEG-7)."""

from collections.abc import Collection
from typing import Self

import attrs

from relcare._fields import check_text
from relcare.errors import InvalidValueError
from relcare.model import Reason
from relcare.segments._common import FactRows, values_of

__all__ = ["Invitation", "Invitations", "Theme", "invitations"]


@attrs.frozen
class Theme:
    """A value of a trait that an event can be about.

    Attributes:
        fact: The trait.
        value: The value, or the member of a set; of a flag `true` or `false`.
    """

    fact: str
    value: str

    def __attrs_post_init__(self) -> None:
        check_text("fact", self.fact)
        check_text("value", self.value)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A theme from `hobbies=golf`; blanks around the parts do not matter.

        Raises:
            InvalidValueError: If it is not a fact, an equals sign and a value.
        """
        fact, sign, value = (part.strip() for part in text.partition("="))
        if not (fact and sign and value):
            raise InvalidValueError("theme", text, "must be a fact and its value", "write hobbies=golf")
        return cls(fact, value)

    def __str__(self) -> str:
        return f"{self.fact}={self.value}"


@attrs.frozen(kw_only=True)
class Invitation:
    """One client whom a theme suits.

    Attributes:
        client_id: Who.
        reasons: Why.
    """

    client_id: str
    reasons: tuple[Reason, ...] = ()


@attrs.frozen(kw_only=True)
class Invitations:
    """Whom a theme suits. Whether each of them may be contacted is another question, see `Policy.may_contact`.

    Attributes:
        theme: The theme.
        inside: Who of the segment shares it, in the order of the book.
        outside: Who shares it and is not in the segment, likewise.
        unknown: Of whom in the segment the trait is missing, by id, likewise: ask them.
    """

    theme: Theme
    inside: tuple[Invitation, ...]
    outside: tuple[Invitation, ...]
    unknown: tuple[str, ...]


def invitations(members: Collection[str], book_rows: FactRows, theme: Theme) -> Invitations:
    """Who of a segment shares a theme, and who of the rest of the book.

    Args:
        members: Of the segment, by id.
        book_rows: By client id, everybody's facts as people read them; None and absent names are missing.
        theme: What the event is about.

    Raises:
        InvalidValueError: If the trait is a number or a date.

    Source: SEG-7.
    """
    wanted = set(members)
    found: dict[bool, list[Invitation]] = {True: [], False: []}
    unknown: list[str] = []
    for client_id, row in book_rows.items():
        value = row.get(theme.fact)
        own = values_of(theme.fact, value)
        if own is None:
            unknown.extend([client_id] if client_id in wanted else [])
        elif theme.value in own:
            reason = Reason("segment.shares", {theme.fact: value}, {"trait": theme.fact, "theme": theme.value})
            found[client_id in wanted].append(Invitation(client_id=client_id, reasons=(reason,)))
    return Invitations(theme=theme, inside=tuple(found[True]), outside=tuple(found[False]), unknown=tuple(unknown))
