"""`book.toml`: what holds for the whole book."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import attrs

from relcare._fields import check_zone
from relcare.codec._text import parse_toml, read_text
from relcare.errors import BookDocumentError, InvalidValueError, Problem, nearest
from relcare.formats._findings import Findings, shown
from relcare.formats._sheets import HEAD
from relcare.model._money import check_currency

__all__ = ["FORMAT", "Head", "head_text", "read_head"]

FORMAT: Final = 1
_KEYS: Final = ("format", "zone", "currency")
_THREE_LINES: Final = 'write three lines into it:\nformat = 1\nzone = "Asia/Seoul"\ncurrency = "KRW"'


@attrs.frozen(kw_only=True)
class Head:
    """What book.toml says.

    Attributes:
        zone: The zone of the book; UTC, which skips no time, where the file does not tell it rightly.
        currency: The only currency; None where the file names none, or not rightly.
        is_currency_known: Whether the file could be read so far that an amount without a currency is a mistake of its own.
    """

    zone: str = "UTC"
    currency: str | None = None
    is_currency_known: bool = True


def read_head(folder: Path, findings: Findings) -> Head:
    """What book.toml says; with findings where it is missing or wrong, so that the other files can be judged all the same."""
    path = folder / HEAD
    file = str(path)
    if not path.exists():
        findings.add(Problem(file=file, message="is missing: a book needs its format and its zone", hint=_THREE_LINES))
        return Head(is_currency_known=False)
    try:
        data, places = parse_toml(read_text(path, error=BookDocumentError), file, error=BookDocumentError)
    except BookDocumentError as fault:
        for problem in fault.problems:
            findings.add(problem)
        return Head(is_currency_known=False)

    def add(key: str, message: str, hint: str | None) -> None:
        place = places.around((key,))
        is_there = key in data and key in _KEYS
        line, column = (place.value_line, place.value_column) if is_there else (place.line, place.column)
        findings.add(Problem(file=file, line=line, column=column, path=key, message=message, hint=hint))

    absent = [key for key in _KEYS if key not in data]
    meant: set[str | None] = set()
    for key in data:
        if key not in _KEYS:
            near = nearest(key, absent)
            meant.add(near)
            add(key, f"{HEAD} has no such key", f"did you mean {near!r}?" if near else f"its keys are {', '.join(_KEYS)}")
    if "format" not in meant:
        _judge_format(data, add)
    zone = _judged(data, "zone", check_zone, add) if "zone" in data else None
    if "zone" not in data and "zone" not in meant:
        add("zone", "the key is missing", 'write the IANA zone of the book, as in zone = "Asia/Seoul"')
    currency = _judged(data, "currency", check_currency, add) if "currency" in data else None
    is_told = currency is not None or not ("currency" in data or "currency" in meant)
    return Head(zone=zone or "UTC", currency=currency, is_currency_known=is_told)


def _judge_format(data: Mapping[str, object], add: Callable[[str, str, str | None], None]) -> None:
    value = data.get("format")
    if "format" not in data:
        add("format", "the key is missing", f"write format = {FORMAT}")
    elif type(value) is not int or value != FORMAT:
        add("format", f"{shown(value)} is no format that this version reads", f"write format = {FORMAT}")


def _judged(
    data: Mapping[str, object], key: str, check: Callable[[str, object], None], add: Callable[[str, str, str | None], None]
) -> str | None:
    value = data[key]
    try:
        check(key, value)
    except InvalidValueError as fault:
        add(key, f"{fault.value} {fault.rule}", fault.hint)
        return None
    return str(value)


def head_text(zone: str, currency: str | None) -> str:
    """The text of book.toml."""
    lines = [f"format = {FORMAT}", f'zone = "{zone}"']
    if currency is not None:
        lines.append(f'currency = "{currency}"')
    return "\n".join([*lines, ""])
