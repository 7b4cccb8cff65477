"""Contact law as parameters: what a row of a preset says, where it is from, and which rules follow from it."""

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_choice, check_day, check_text, check_tuple_of, check_zone, to_texts, to_tuple
from relcare._time import add_months
from relcare.errors import InvalidValueError
from relcare.permission._consent_rule import ConsentRule
from relcare.permission._fatigue import Cap, Gap, Rotation, Stop
from relcare.permission._hours import Hours
from relcare.permission._scope import MEDIA, Medium

__all__ = ["CONFIDENCES", "Confidence", "LawRow", "LegalPreset", "Rule"]

Rule: TypeAlias = Cap | Gap | Rotation | Stop | Hours | ConsentRule
"""Any rule about permission."""

Confidence: TypeAlias = Literal["primary", "secondary", "common knowledge"]
CONFIDENCES: Final[tuple[Confidence, ...]] = ("primary", "secondary", "common knowledge")

_STALE_MONTHS: Final = 12


def _to_media(values: Iterable[Medium]) -> tuple[Medium, ...]:
    return to_tuple(values)


def _to_rules(values: Iterable[Rule]) -> tuple[Rule, ...]:
    return to_tuple(values)


def _to_rows(values: "Iterable[LawRow]") -> "tuple[LawRow, ...]":
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class LawRow:
    """One parameter of a contact law.

    Attributes:
        id: Stable, such as `fr.tel.cap`; reasons cite it.
        says: What the law asks, in one sentence.
        source: The text that says so.
        confidence: `primary` when the text itself was seen, quoted by a source; `secondary` for a summary; `common knowledge`.
        as_of: The day on which it was looked up.
        valid_from: The first day in force, where it matters; None for long before.
        valid_until: The first day no longer in force; None while open.
        media: The media that the rules are about; none for every medium.
        rules: What follows for contacts; none for duties that permission does not decide, such as keeping records.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    says: str
    source: str
    confidence: Confidence
    as_of: date
    valid_from: date | None = None
    valid_until: date | None = None
    media: tuple[Medium, ...] = attrs.field(default=(), converter=_to_media)
    rules: tuple[Rule, ...] = attrs.field(default=(), converter=_to_rules)

    def __attrs_post_init__(self) -> None:
        for name in ("id", "says", "source"):
            check_text(name, getattr(self, name))
        check_choice("confidence", self.confidence, CONFIDENCES)
        check_day("as_of", self.as_of)
        for name in ("valid_from", "valid_until"):
            if getattr(self, name) is not None:
                check_day(name, getattr(self, name))
        check_tuple_of("media", self.media, str)
        for index, medium in enumerate(self.media):
            check_choice(f"media[{index}]", medium, MEDIA)
        check_tuple_of("rules", self.rules, object)

    @property
    def is_enforced(self) -> bool:
        """Whether permission is decided by it."""
        return bool(self.rules)

    def is_in_force(self, day: int) -> bool:
        """Whether it is in force on a day, given as an ordinal."""
        if self.valid_from is not None and day < self.valid_from.toordinal():
            return False
        return self.valid_until is None or day < self.valid_until.toordinal()

    def is_stale(self, day: int) -> bool:
        """Whether more than twelve months have passed since it was looked up."""
        return day > add_months(self.as_of.toordinal(), _STALE_MONTHS)


@attrs.frozen(kw_only=True)
class LegalPreset:
    """The parameters of one contact law. Not legal advice.

    Attributes:
        id: As a policy names it: `kr`, `us-FL`.
        title: For people.
        zones: Where its clients may be while their zone is not known.
        includes: Presets whose rows hold as well.
        rows: Its own rows.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    title: str
    zones: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    includes: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    rows: tuple[LawRow, ...] = attrs.field(converter=_to_rows)

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        check_text("title", self.title)
        for index, zone in enumerate(self.zones):
            check_zone(f"zones[{index}]", zone)
        check_tuple_of("includes", self.includes, str)
        check_tuple_of("rows", self.rows, LawRow)
        ids = [row.id for row in self.rows]
        for index, row_id in enumerate(ids):
            if row_id in ids[:index]:
                raise InvalidValueError(f"rows[{index}].id", row_id, "must come once")
