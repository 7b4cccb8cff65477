"""What passes as a field of a noun, for all the values of a column at once."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from relcare._fields import (
    MAX_ID,
    MAX_NOTE,
    ReadOnlyMap,
    check_day,
    check_id,
    check_moment,
    check_text,
    to_day,
    to_map,
    to_moment,
)
from relcare.errors import InvalidValueError
from relcare.model._client import check_attribute, check_attribute_name
from relcare.model._money import Money

__all__ = ["NO", "Check", "amounts", "attribute_maps", "attribute_values", "days", "ids", "moments", "notes", "texts"]

NO: Final = object()
"""Stands for a value that does not pass."""

Check: TypeAlias = Callable[[list[Any]], list[Any]]
"""From values, none of them None, to what the class would keep of each; `NO` where it may refuse it."""


def _passed(check: Callable[[Any], object], values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        try:
            found.append(check(value))
        except InvalidValueError:
            found.append(NO)
    return found


def ids(values: list[Any]) -> list[Any]:
    """Ids as they are."""
    try:
        joined = "".join(values)
    except TypeError:  # not all of them are text
        return _passed(_id, values)
    # Nearly all ids there are, at a tenth of the price: no call for each.
    is_plain = joined.isascii() and joined.isprintable() and all(values) and max(map(len, values), default=0) <= MAX_ID
    return values if is_plain and list(map(str.strip, values)) == values else _passed(_id, values)


def _id(value: object) -> object:
    check_id("id", value)
    return value


def texts(values: list[Any]) -> list[Any]:
    """Names and short texts as they are."""
    return _passed(_text, values)


def _text(value: object) -> object:
    check_text("text", value)
    return value


def notes(values: list[Any]) -> list[Any]:
    """Notes as they are."""
    return _passed(_note, values)


def _note(value: object) -> object:
    check_text("note", value, MAX_NOTE)
    return value


def days(values: list[Any]) -> list[Any]:
    """Civil days as plain dates."""
    return _passed(_day, values)


def _day(value: Any) -> object:  # noqa: ANN401 - whatever stands in a column
    day = to_day(value)
    check_day("day", day)
    return day


def moments(values: list[Any]) -> list[Any]:
    """Civil days as plain dates, and aware instants in their own zone."""
    return _passed(_moment, values)


def _moment(value: Any) -> object:  # noqa: ANN401 - as above
    moment = to_moment(value)
    check_moment("moment", moment)
    return moment


def amounts(values: list[Any]) -> list[Any]:
    """Money as it is."""
    return [value if type(value) is Money else NO for value in values]


def attribute_values(values: list[Any]) -> list[Any]:
    """What one free attribute holds, as it is."""
    return _passed(_attribute, values)


def _attribute(value: object) -> object:
    check_attribute("attributes", value)
    return value


def attribute_maps(values: list[Any]) -> list[Any]:
    """All the free attributes of each client, read-only."""
    known: set[str] = set()

    def checked(value: Any) -> object:  # noqa: ANN401 - as above
        attributes = to_map(value)
        if not isinstance(attributes, ReadOnlyMap):
            return NO
        for name, one in attributes.items():
            if name not in known:
                check_attribute_name("attributes", name)
                known.add(name)
            check_attribute("attributes", one)
        return attributes

    return _passed(checked, values)
