"""Text that is safe to print, and reasons in words."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from relcare.model import FactValue, Reason
from relcare.wording import CATALOGUES, Catalogue, reasons_in_words

__all__ = ["BRIEF", "MISSING", "because", "count_of", "plain", "shown"]

MISSING: Final = "–"
_SPACES = re.compile(r"\s+")
# Joiners hold emoji, Persian and Indic words together; they steer nothing.
_KEPT: Final = frozenset("\u200c\u200d")
_UNSAFE: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


BRIEF: Final[Catalogue] = CATALOGUES["en"].extended(
    {
        "cadence.in_lieu": "{channel} in lieu of {instead_of}",
        "cadence.last_contact": "last {channel} {on}, next {interval} later",
        "cadence.merged": "serves {also} too",
        "cadence.minimum": "never below {minimum}",
        "cadence.never_contacted": "never contacted, first {interval} after {on}",
        "cadence.occurrence": "falls on {on}",
        "cadence.rolled": "moved from {from}, no business day",
        "cadence.rule": "[as {facts}]",
        "cadence.satisfied_by": "{channel} counts for {instead_of}",
        "cadence.strategy_interval": "{interval} for type {type} instead of {instead_of}",
        "role.fallback": "nobody is {role}",
        "segment.member": "[{facts}]",
        "segment.scope_unknown": "scope unknown[: {facts}]",
        "segment.shares": "[{facts}]",
        "segment.unknown": "[{facts}]",
        "segment.unplaced": "[{facts}]",
        "segmentation.border": "elsewhere with {fact:raw} at {at}[: {tier}]",
        "segmentation.cell": "{row_fact} {row}, {column_fact} {column}[: {facts}]",
        "segmentation.group": "in {group}",
        "segmentation.newcomer": "newcomer[: {facts}]",
        "segmentation.otherwise": "no other tier's criterion holds[: {facts}]",
        "segmentation.ranked": "[{facts}][; border at {border_score}]",
        "segmentation.scope_unknown": "scope unknown[: {facts}]",
        "segmentation.threshold_met": "{when:raw}[: {facts}]",
        "segmentation.tie": "{equals:client has/clients have} the score at the cut below {cut}",
        "tier.in_force": "{in_force} is in force since {since}, until a review",
        "tier.provisional": "tier {tier} provisional",
        "vip.path_met": "{path} holds, {when:raw}[: {facts}]",
        "vip.path_not_met": "not {path}[: {facts}]",
        "vip.path_unknown": "{path} unknown[: {facts}]",
    }
)
"""Shorter words for lists, where the row itself says the half of it; codes that are not here keep their full sentence."""


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


def because(reasons: Iterable[Reason], *, is_brief: bool = False) -> str:
    """All reasons as one line of words; what several rules share is told once."""
    told = reasons_in_words(reasons, BRIEF if is_brief else "en")
    return plain("; ".join(filter(None, dict.fromkeys(told))))


def count_of(count: int, one: str, many: str | None = None) -> str:
    """`1 client`, `2 clients`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
