"""Values as text that is safe in one line: dates ISO, amounts as they are, whatever was typed by somebody inert.

What clients and documents carry is shown, never read: it is no template, breaks no line, turns no text around, and stands in
quotation marks where it could pass for words of the sentence.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, cast

from relcare.wording._catalogue import Catalogue

__all__ = ["MAX_RAW", "inert", "joined", "quoted", "shown"]

MAX_SHOWN: Final = 200
# A criterion is at most this long, so that it is never cut.
MAX_RAW: Final = 4_096
_MAX_MEMBERS: Final = 20
# Control characters, ends of lines, marks that turn text around, lone surrogates.
_BREAKING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_PLAIN: Final = re.compile(r"[+-]?\w[\w.+@/&#%-]*(?: \w[\w.+@/&#%-]*){0,3}…?")
# Beyond these a number is no amount: written out it would fill memory.
_MAX_BITS: Final = 512
_MAX_PLACES: Final = 100


def inert(value: object, limit: int = MAX_SHOWN) -> str:
    """Any value as text of one line and bounded length; never fails."""
    try:
        text = value if isinstance(value, str) else str(value)
        text = _BREAKING.sub(" ", str.__str__(text)[: limit + 1])
    except Exception:  # noqa: BLE001 - a value that cannot even be shown must not hide the reason about it
        return f"<{type(value).__name__}>"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def quoted(value: object) -> str:
    """Text as it is where it is a plain word or a few, else in quotation marks."""
    text = inert(value)
    if _PLAIN.fullmatch(text):
        return text
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', '\\"') + '"'


def shown(value: object, catalogue: Catalogue) -> str:
    """A value of a fact or a reason as text; a missing fact is told by its phrase and is none of them."""
    if value is None or isinstance(value, bool):
        return catalogue.templates["phrase.none" if value is None else "phrase.yes" if value else "phrase.no"]
    if isinstance(value, date):
        return inert(value.isoformat())
    if isinstance(value, (Decimal, int)):
        return _number(value)
    if isinstance(value, frozenset):
        members = sorted(quoted(member) for member in cast("frozenset[object]", value))
        return _cut(members, catalogue.templates["joint.members"]) or catalogue.templates["phrase.none"]
    if isinstance(value, tuple):
        told = [shown(member, catalogue) for member in cast("tuple[object, ...]", value)]
        return joined(told, catalogue) or catalogue.templates["phrase.none"]
    return quoted(value)


def joined(items: Sequence[str], catalogue: Catalogue) -> str:
    """`a, b and c`."""
    if not 1 < len(items) <= _MAX_MEMBERS:
        return _cut(items, catalogue.templates["joint.items"])
    return catalogue.templates["joint.items"].join(items[:-1]) + catalogue.templates["joint.last"] + items[-1]


def _cut(items: Iterable[str], joint: str) -> str:
    some = list(items)
    return joint.join(some if len(some) <= _MAX_MEMBERS else [*some[:_MAX_MEMBERS], "…"])


def _number(value: Decimal | int) -> str:
    if isinstance(value, int):
        # Python refuses to write out very long integers in decimal.
        return f"{value:d}" if value.bit_length() <= _MAX_BITS else inert(hex(value))
    exponent = value.as_tuple().exponent
    is_written_out = isinstance(exponent, int) and exponent >= -_MAX_PLACES and value.adjusted() <= _MAX_PLACES
    return inert(f"{value:f}" if is_written_out else value)
