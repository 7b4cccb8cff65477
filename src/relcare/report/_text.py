"""Text that is safe to print, and reasons in words."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from relcare.model import FactValue, Reason
from relcare.wording import reasons_in_words

__all__ = ["MISSING", "because", "count_of", "plain", "shown"]

MISSING: Final = "–"
_SPACES = re.compile(r"\s+")
# Joiners hold emoji, Persian and Indic words together; they steer nothing.
_KEPT: Final = frozenset("\u200c\u200d")
_UNSAFE: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def plain(text: str) -> str:
    r"""The text on one line, without what could steer a terminal or turn the text around it.

    Line ends and tabs become one blank; control characters, direction marks, lone surrogates and the like are taken out; square
    brackets stay, for nothing here is read as markup.

    Args:
        text: From a book or a policy, of any length.

    Examples:
        >>> plain("two\nlines \x1b[31mred")
        'two lines [31mred'
    """
    one_line = _SPACES.sub(" ", text)
    if one_line.isascii() and one_line.isprintable():
        return one_line
    return "".join(c for c in one_line if c in _KEPT or unicodedata.category(c) not in _UNSAFE)


def shown(value: FactValue) -> str:
    """A fact as a person reads it; a dash when missing."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, frozenset):
        return plain(", ".join(sorted(value))) or MISSING
    return value.isoformat() if isinstance(value, date) else plain(str(value))


def because(reasons: Iterable[Reason]) -> str:
    """All reasons as one line of words; what several rules share is told once."""
    return plain("; ".join(dict.fromkeys(reasons_in_words(reasons))))


def count_of(count: int, one: str, many: str | None = None) -> str:
    """`1 client`, `2 clients`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
