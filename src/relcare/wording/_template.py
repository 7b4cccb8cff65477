"""Templates: text, fields in braces, optional sections in square brackets; nothing in them is ever evaluated.

`str.format` would follow attributes (`{rule.__class__}`) and fail on a field without a value; here a field is a plain name.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias

import attrs

from relcare.errors import InvalidValueError

__all__ = ["Field", "Section", "Template", "fields_of", "parse_template", "render"]

_TOKEN: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}\[\]]+))?\}|([\[\]{}])|([^\[\]{}]+)", re.ASCII)
_NOT_IN_LINE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@attrs.frozen
class Field:
    """A place for a value.

    Attributes:
        name: Which.
        style: Empty for a value that is quoted where it needs it; `raw` for one as it is; `day/days` for a count with its noun,
            the first for 1.
    """

    name: str
    style: str = ""


@attrs.frozen
class Section:
    """A part that is left out when a field in it has no value."""

    parts: "Template"


Template: TypeAlias = tuple[str | Field | Section, ...]


def _is_style(style: str) -> bool:
    return style in {"", "raw"} or (style.count("/") == 1 and not style.startswith("/") and not style.endswith("/"))


@lru_cache(maxsize=1_024)
def parse_template(text: str) -> Template:
    """The parts of a template.

    Raises:
        InvalidValueError: If brackets do not match, a field is no plain name or has an unknown style, or it is not one line.
    """
    if _NOT_IN_LINE.search(text):
        raise InvalidValueError("template", text, "must be one line without control characters")
    stack: list[list[str | Field | Section]] = [[]]
    for match in _TOKEN.finditer(text):
        name, style, sign, plain = match[1], match[2] or "", match[3], match[4]
        if name and _is_style(style):
            stack[-1].append(Field(name, style))
        elif plain:
            stack[-1].append(plain)
        elif sign == "[":
            stack.append([])
        elif sign == "]" and len(stack) > 1:
            section = Section(tuple(stack.pop()))
            stack[-1].append(section)
        else:
            raise InvalidValueError(
                "template",
                text,
                f"must not hold {match[0]!r} there",
                "write fields as {name}, {name:raw} or {name:day/days}, sections as [...]",
            )
    if len(stack) > 1:
        raise InvalidValueError("template", text, "must close each section", "add ']'")
    return tuple(stack[0])


def fields_of(template: Template) -> Iterator[str]:
    """The names of all fields, those in sections included, in order, as often as they stand there."""
    for part in template:
        if isinstance(part, Field):
            yield part.name
        elif isinstance(part, Section):
            yield from fields_of(part.parts)


def render(template: Template, show: Callable[[Field], str | None]) -> str | None:
    """The text of a template; None when a field outside of sections has no value.

    Args:
        template: Parsed before.
        show: The text for a field; None when it has no value.
    """
    shown: list[str] = []
    for part in template:
        if isinstance(part, Section):
            shown.append(render(part.parts, show) or "")
            continue
        text = part if isinstance(part, str) else show(part)
        if text is None:
            return None
        shown.append(text)
    return "".join(shown)
