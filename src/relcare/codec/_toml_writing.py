"""Plain tables as TOML: headers down to the second level, inline below it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

__all__ = ["Plain", "toml_text"]

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
_UNSAFE = re.compile('[\x00-\x1f\x7f"\\\\]')


Plain: TypeAlias = "str | int | date | Sequence[Plain] | Mapping[str, Plain]"
"""What a document is made of; a bool is an int."""


def toml_text(document: "Mapping[str, Plain]") -> str:
    """A document of texts, whole numbers, flags, dates, lists and tables as TOML.

    Args:
        document: Tables of tables become `[a.b]`, lists of tables `[[a]]`, everything deeper stands inline.
    """
    return "\n".join(_lines(document)) + "\n"


def _lines(document: "Mapping[str, Plain]") -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, (str, int, date)):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in document.items():
        if isinstance(value, (str, int, date)):
            continue
        if not isinstance(value, Mapping):
            yield from (line for item in value for line in _table(f"[[{_key(key)}]]", item))
        elif value and all(isinstance(part, Mapping) for part in value.values()):
            yield from (line for name, part in value.items() for line in _table(f"[{_key(key)}.{_key(name)}]", part))
        else:
            yield from _table(f"[{_key(key)}]", value)


def _table(header: str, table: "Plain") -> Iterator[str]:
    yield from ("", header)
    for key, value in table.items() if isinstance(table, Mapping) else ():
        if isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
            yield f"{_key(key)} = ["
            yield from (f"  {_value(item)}," for item in value)
            yield "]"
        else:
            yield f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    return '"' + _UNSAFE.sub(lambda match: _ESCAPES.get(match[0], f"\\u{ord(match[0]):04x}"), text) + '"'


def _value(value: "Plain") -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping) and not value:
        return "{}"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())} }}"
    return f"[{', '.join(_value(item) for item in value)}]"
