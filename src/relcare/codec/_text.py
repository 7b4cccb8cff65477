"""From the text of a document to plain data with places, strictly.

Everything that is wrong with a document as text is told here, with line and column; what the data means is judged by others.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import cast

from relcare.codec._decoding import TEXT_LIMIT, decode_text, lowered, read_text, too_large
from relcare.codec._locator import DEPTH_LIMIT, Located, scan_json, scan_toml
from relcare.codec._places import DocumentPath, Places, path_text
from relcare.errors import DocumentError, PolicyDocumentError, Problem

__all__ = ["TEXT_LIMIT", "FloatText", "decode_text", "float_problems", "parse_json", "parse_toml", "read_text"]

_INT_LOW, _INT_HIGH = -(2**63), 2**63 - 1
_INT_DIGITS = 19
_LONG_NUMBER = re.compile(r"[+-]?[0-9_]{400,}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FAULT_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_REPEATED = re.compile(r"overwrite|twice|duplicate|already", re.IGNORECASE)
_END_HINT = "the document ends too early: a value, a closing quote or a closing bracket is missing"
_HINTS = {
    "invalid value": 'text stands in quotes ("A"), dates are like 2026-01-31, and true and false are in lower case',
    "expected '=' after a key in a key/value pair": "a line is `key = value`; a key that is no plain word stands in quotes",
    "unclosed array": "a comma or the closing bracket is missing before this place",
    "unclosed inline table": "a comma or the closing brace is missing before this place",
    "expecting property name enclosed in double quotes": "keys stand in double quotes, and no comma follows the last entry",
}


class FloatText(str):
    """A number with a point or an exponent (also `nan` and `inf`), kept exactly as it is written in the document.

    No float ever enters a policy: the marker lets whoever reads the data refuse the number at its place. It is a `str`, so
    look for it before looking for text.
    """

    __slots__ = ()


def parse_toml(text: str, file: str, *, error: type[DocumentError] = PolicyDocumentError) -> tuple[dict[str, object], Places]:
    """The data of a TOML text and the place of everything in it.

    Floats (nan and inf too) come as `FloatText`; `float_problems` names them. A byte order mark at the start is dropped.

    Args:
        text: The document, at most 1,048,576 characters.
        file: The name that problems carry.
        error: The class of the error raised.

    Raises:
        DocumentError: Of the class given. A syntax error is one problem; values nested deeper than 32, whole numbers beyond
            64 bits and characters that UTF-8 does not have are refused too, each with line and column.

    Examples:
        >>> data, places = parse_toml("share = 0.5", "house.toml")
        >>> data["share"], isinstance(data["share"], FloatText), places["share",].value_column
        ('0.5', True, 9)
    """
    text = _checked(text, file, error)
    located = scan_toml(text)
    _refuse_extremes(text, file, located, error)
    try:
        # Any: tomllib's own type for the values.
        data = cast("dict[str, object]", tomllib.loads(text, parse_float=FloatText))
    except tomllib.TOMLDecodeError as fault:
        raise error([_toml_problem(fault, text, file, located)]) from fault
    except (ValueError, RecursionError) as fault:  # pragma: no cover - both known causes are refused above
        raise error([Problem(file=file, line=1, column=1, message=lowered(str(fault)))]) from fault
    _refuse_values(data, text, file, located.places, error)
    return data, located.places


def parse_json(text: str, file: str, *, error: type[DocumentError] = PolicyDocumentError) -> tuple[dict[str, object], Places]:
    """The data of a JSON text, which must be one object, and the place of everything in it.

    Floats, NaN and Infinity come as `FloatText`; `float_problems` names them. A byte order mark at the start is dropped.

    Args:
        text: The document, at most 1,048,576 characters.
        file: The name that problems carry.
        error: The class of the error raised.

    Raises:
        DocumentError: Of the class given: as `parse_toml`, and with one problem for each key that is given twice in one object.

    Examples:
        >>> parse_json('{"id": "a", "id": "b"}', "house.json")
        Traceback (most recent call last):
        ...
        relcare.errors.PolicyDocumentError: 1 problem
        house.json:1:13: id: the key is given twice, first on line 1; hint: keep one of the two
    """
    text = _checked(text, file, error)
    located = scan_json(text)
    _refuse_extremes(text, file, located, error)
    try:
        data: object = json.loads(text, parse_float=FloatText, parse_constant=FloatText, parse_int=_whole_number)
    except json.JSONDecodeError as fault:
        raise error([_syntax_problem(file, fault.lineno, fault.colno, fault.msg)]) from fault
    except RecursionError as fault:  # pragma: no cover - the depth is refused above
        raise error([Problem(file=file, line=1, column=1, message=lowered(str(fault)))]) from fault
    if located.duplicates:
        raise error(_repeated(path, place.line, place.column, file, located.places) for path, place in located.duplicates)
    if not isinstance(data, dict):
        raise error([Problem(file=file, line=1, column=1, message="the document must be one object", hint="write { ... }")])
    table = cast("dict[str, object]", data)
    _refuse_values(table, text, file, located.places, error)
    return table, located.places


def float_problems(data: object, places: Places, file: str) -> list[Problem]:
    r"""One problem for each float in the data, at the place of its value (FCT-4); an empty list where there is none.

    Args:
        data: What `parse_toml` or `parse_json` gave.
        places: The places they gave with it.
        file: The name that problems carry.

    Examples:
        >>> for problem in float_problems(*parse_toml("[vip]\nleast = 0.5", "house.toml"), "house.toml"):
        ...     print(problem)
        house.toml:2:9: vip.least: floats are refused, they are not exact; hint: write "0.5" as text
    """
    return [
        _at_value(file, places, path, "floats are refused, they are not exact", _float_hint(value))
        for path, value in _leaves(data)
        if isinstance(value, FloatText)
    ]


def _float_hint(written: str) -> str:
    number = written.replace("_", "").removeprefix("+")
    return f'write "{number[:40]}" as text' if number[-1:].isdigit() else "write a finite number as text"


def _whole_number(digits: str) -> int:
    # A longer number is refused with its place afterwards: reading its digits could take seconds, or fail.
    return int(digits) if len(digits) <= _INT_DIGITS + 1 else _INT_HIGH + 1


def _checked(text: str, file: str, error: type[DocumentError]) -> str:
    text = text.removeprefix("\ufeff")
    if len(text) > TEXT_LIMIT:
        raise error([too_large(file)])
    lone = None if text.isascii() else _SURROGATE.search(text)
    if lone is not None:
        line, column = _line_column(text, lone.start())
        message = f"the character U+{ord(lone[0]):04X} is half of a pair and cannot be written as UTF-8"
        raise error(
            [Problem(file=file, line=line, column=column, message=message, hint="save the file as UTF-8 and read it again")]
        )
    return text


def _line_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _refuse_extremes(text: str, file: str, located: Located, error: type[DocumentError]) -> None:
    """Refuse what would make the parser fail or take very long: depth, and numbers with hundreds of digits."""
    if located.too_deep is not None:
        place = located.too_deep
        message = f"nested deeper than {DEPTH_LIMIT} levels"
        raise error([Problem(file=file, line=place.line, column=place.column, message=message)])
    if _LONG_NUMBER.search(text) is None:
        return
    lines = text.split("\n")
    problems = [
        _beyond_64_bits(file, located.places, path)
        for path, place in located.places.items()
        if _LONG_NUMBER.match(lines[place.value_line - 1], place.value_column - 1)
    ]
    if problems:
        raise error(problems)


def _refuse_values(data: dict[str, object], text: str, file: str, places: Places, error: type[DocumentError]) -> None:
    """Refuse what the format allows and no later step can carry: whole numbers beyond 64 bits, halves of surrogate pairs."""
    # The text itself was searched before: only an escape can still bring in half a pair.
    has_escapes = "\\u" in text
    problems = list[Problem]()
    for path, value in _leaves(data):
        if isinstance(value, int) and not _INT_LOW <= value <= _INT_HIGH:
            problems.append(_beyond_64_bits(file, places, path))
        if has_escapes and (lone := _lone_surrogate(path, value)) is not None:
            message = f"the text has U+{ord(lone):04X}, half of a surrogate pair"
            problems.append(_at_value(file, places, path, message, "write the character itself"))
    if problems:
        raise error(problems)


def _lone_surrogate(path: DocumentPath, value: object) -> str | None:
    for part in (value, *path):
        if isinstance(part, str) and not part.isascii() and (found := _SURROGATE.search(part)) is not None:
            return found[0]
    return None


def _leaves(data: object) -> Iterator[tuple[DocumentPath, object]]:
    """Everything in the data that holds nothing further, empty tables and arrays included, in the order of the document."""
    waiting: list[tuple[DocumentPath, object]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict) and value:
            table = cast("dict[str, object]", value)
            waiting.extend(((*path, key), inner) for key, inner in reversed(table.items()))
        elif isinstance(value, list) and value:
            array = cast("list[object]", value)
            waiting.extend(((*path, index), array[index]) for index in range(len(array) - 1, -1, -1))
        else:
            yield path, value


def _at_value(file: str, places: Places, path: DocumentPath, message: str, hint: str) -> Problem:
    place = places.around(path)
    return Problem(file=file, line=place.value_line, column=place.value_column, path=path_text(path), message=message, hint=hint)


def _beyond_64_bits(file: str, places: Places, path: DocumentPath) -> Problem:
    hint = f"whole numbers are from {_INT_LOW:_} to {_INT_HIGH:_}"
    return _at_value(file, places, path, "the whole number does not fit into 64 bits", hint)


def _repeated(path: DocumentPath, line: int, column: int, file: str, places: Places) -> Problem:
    message = f"the key is given twice, first on line {places[path].line}"
    return Problem(file=file, line=line, column=column, path=path_text(path), message=message, hint="keep one of the two")


def _syntax_problem(file: str, line: int, column: int, message: str) -> Problem:
    shown = lowered(message)
    return Problem(file=file, line=line, column=column, message=shown, hint=_HINTS.get(shown))


def _toml_problem(fault: tomllib.TOMLDecodeError, text: str, file: str, located: Located) -> Problem:
    """The one problem of a TOML text that does not parse.

    Up to Python 3.13 the place stands only at the end of the message; from 3.14 on it is in attributes as well.
    """
    message, is_at_end = str(fault), False
    told = _FAULT_PLACE.fullmatch(message)
    line, column = _line_column(text, len(text))
    if told is None:
        line, column = getattr(fault, "lineno", line), getattr(fault, "colno", column)
    else:
        message, is_at_end = told[1], told[2] is None
        if not is_at_end:
            line, column = int(told[2]), int(told[3])
    if _REPEATED.search(message):
        # The parser points behind the second value, and names no key; the scan knows both places.
        for path, place in located.duplicates[:1]:
            if place.line <= line:
                return _repeated(path, place.line, place.column, file, located.places)
    elif is_at_end:
        return Problem(file=file, line=line, column=column, message=lowered(message), hint=_END_HINT)
    return _syntax_problem(file, line, column, message)
