"""Texts that come in: ids, names that stand in criteria, names and notes to read, and words of a fixed choice."""

import re
from collections.abc import Iterable
from keyword import kwlist
from typing import Final

from relcare.errors import InvalidValueError, nearest

__all__ = [
    "MAX_ID",
    "MAX_NOTE",
    "MAX_TEXT",
    "check_choice",
    "check_id",
    "check_identifier",
    "check_optional_text",
    "check_text",
    "nearest_identifier",
]

MAX_ID: Final = 200
MAX_TEXT: Final = 4_096
MAX_NOTE: Final = 65_536

# Control characters, lone surrogates, zero-width and direction marks, fillers: two ids that look alike must be alike.
_NOT_IN_ID = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ud800-\udfff]"
)
# A name may hold joiners (emoji, Persian); it may not turn the text around it or hide a line.
_NOT_IN_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NOT_IN_NOTE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_INVISIBLE = re.compile("[\\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0]*")
# Those of the invisible that Python calls printable all the same: the blank, and the fillers of Hangul.
_PRINTABLE_BLANKS: Final = " \u115f\u1160\u3164\uffa0"
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
# Python's own parser reads criteria, so its words cannot be names in them.
_RESERVED: Final = frozenset({*kwlist, "missing"})


def check_id(name: str, value: object) -> None:
    """Refuse what cannot be an id: 1 to 200 visible characters without blanks at the ends; compared by code point (STO-6)."""
    if not isinstance(value, str):
        raise InvalidValueError(name, value, "must be text")
    if value.isascii() and value.isprintable() and 0 < len(value) <= MAX_ID and value[0] != " " and value[-1] != " ":
        return  # nearly all ids there are, at a third of the price
    if not 0 < len(value) <= MAX_ID or value != value.strip() or _NOT_IN_ID.search(value):
        raise InvalidValueError(name, value, f"must be 1 to {MAX_ID} visible characters without blanks at its ends")


def check_identifier(name: str, value: object, reserved: frozenset[str] = _RESERVED) -> None:
    """Refuse what cannot stand as a name in a criterion: a letter or underscore, then letters, digits, underscores; NFKC-normal.

    Args:
        name: The field, for the message.
        value: What to check.
        reserved: Words that are no names; give none for names that never stand in a criterion.
    """
    check_id(name, value)
    text = str(value)
    if text.isascii() and text.isidentifier() and text not in reserved:
        return  # nearly all names there are
    if not (_IDENTIFIER.fullmatch(text) and text.isidentifier()) or text in reserved or not _is_nfkc(text):
        hint = nearest_identifier(text)
        raise InvalidValueError(
            name,
            value,
            "must be an identifier: letters, digits and underscores, no digit first, not a word of the grammar",
            f"write {hint!r}" if hint else None,
        )


def nearest_identifier(text: str) -> str | None:
    """A usable identifier close to the text, for hints."""
    candidate = re.sub(r"\W+", "_", text).strip("_")
    candidate = f"{candidate}_" if candidate in _RESERVED else candidate
    return candidate if candidate.isidentifier() and _is_nfkc(candidate) else None


def _is_nfkc(text: str) -> bool:
    import unicodedata

    return text.isascii() or unicodedata.is_normalized("NFKC", text)


def check_text(name: str, value: object, limit: int = MAX_TEXT) -> None:
    """Refuse what cannot be a name or a short text: at least one visible character, no control or direction marks."""
    if not isinstance(value, str):
        raise InvalidValueError(name, value, "must be text")
    if value.isprintable() and len(value) <= limit and value.strip(_PRINTABLE_BLANKS):
        return  # nearly all texts there are: what Python calls printable holds no control and no direction mark
    pattern = _NOT_IN_NOTE if limit == MAX_NOTE else _NOT_IN_NAME
    if len(value) > limit or _INVISIBLE.fullmatch(value) or pattern.search(value):
        raise InvalidValueError(name, value, f"must be visible text of at most {limit} characters without control characters")


def check_optional_text(name: str, value: object, limit: int = MAX_TEXT) -> None:
    """Like `check_text`; None is allowed, an empty text is not."""
    if value is not None:
        check_text(name, value, limit)


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Refuse what is not among the choices, naming the nearest."""
    known = tuple(choices)
    if not isinstance(value, str) or value not in known:
        near = nearest(value, known) if isinstance(value, str) else None
        shown = ", ".join(repr(choice) for choice in known)
        raise InvalidValueError(name, value, f"must be one of {shown}", f"did you mean {near!r}?" if near else None)
