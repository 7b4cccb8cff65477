"""What somebody asks to do: with which client or query, which fields, for what, in which medium."""

from collections.abc import Iterable
from typing import Final

import attrs

from relcare._fields import check_choice, check_id, check_text, check_tuple_of, to_texts
from relcare.access._rules import check_once
from relcare.access._words import ACTIONS, MEDIA, Action, Medium, check_field
from relcare.errors import InvalidValueError

__all__ = ["AccessRequest"]

_MOST: Final = 1_000_000


def _to_query(value: str | None) -> str | None:
    """The words of a query with one blank between them: two that differ in blanks alone are the same query."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _to_fields(values: Iterable[str]) -> tuple[str, ...]:
    return to_texts(values)


@attrs.frozen(kw_only=True)
class AccessRequest:
    """One thing to be done, without who and when: what is decided about, and what a grant is bound to.

    Attributes:
        action: See `ACTIONS`.
        client_id: With which client; None for a request about a query as a whole.
        query: What is searched for, as text; a criterion as it prints. None where nothing is searched for. Blanks count once.
        fields: That are shown or, to filter, sort and count, used; each once.
        purpose: What for.
        medium: What the answer is put on.
        count: How many records are read at most, from 1.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1, ACC-2.
    """

    action: Action
    client_id: str | None = None
    query: str | None = attrs.field(default=None, converter=_to_query)
    fields: tuple[str, ...] = attrs.field(default=(), converter=_to_fields)
    purpose: str
    medium: Medium = "screen"
    count: int = 1

    def __attrs_post_init__(self) -> None:
        check_choice("action", self.action, ACTIONS)
        if self.client_id is not None:
            check_id("client_id", self.client_id)
        if self.query is not None:
            check_text("query", self.query)
        check_tuple_of("fields", self.fields, str)
        for index, field in enumerate(self.fields):
            check_field(f"fields[{index}]", field)
        check_once("fields", self.fields)
        check_text("purpose", self.purpose)
        check_choice("medium", self.medium, MEDIA)
        if type(self.count) is not int or not 1 <= self.count <= _MOST:
            raise InvalidValueError("count", self.count, f"must be a whole number from 1 to {_MOST:,}")
