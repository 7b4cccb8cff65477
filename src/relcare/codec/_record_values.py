"""What a stored book holds besides the nouns of the model."""

from collections.abc import Sequence

import attrs

from relcare._fields import check_tuple_of, to_tuple
from relcare.errors import InvalidValueError
from relcare.model import Absence, OwnerSpell, Pin, TierSpell

__all__ = [
    "AccessCase",
    "BookSettings",
    "ClientOwners",
    "ClientPins",
    "ClientTiers",
    "RecordChange",
    "StaffAbsences",
    "TextPiece",
]


def _to_step_ids(values: tuple[str, ...]) -> tuple[str, ...]:
    return to_tuple(values)


@attrs.frozen
class AccessCase:
    """A grant, a change or a delegation as it can be found: the steps themselves are in the log.

    Attributes:
        step_ids: Of the log, in the order in which they were taken.
    """

    step_ids: tuple[str, ...] = attrs.field(converter=_to_step_ids)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("step_ids", self.step_ids, str)


@attrs.frozen
class BookSettings:
    """What a stored book says of itself.

    Attributes:
        zone: The IANA zone in which its civil dates are meant (TIM-2).
        currency: Its single currency; None where it has none.
    """

    zone: str
    currency: str | None = None


def _to_spells(values: tuple[TierSpell, ...]) -> tuple[TierSpell, ...]:
    return to_tuple(values)


def _to_owner_spells(values: tuple[OwnerSpell, ...]) -> tuple[OwnerSpell, ...]:
    return to_tuple(values)


def _to_pins(values: tuple[Pin, ...]) -> tuple[Pin, ...]:
    return to_tuple(values)


def _to_absences(values: tuple[Absence, ...]) -> tuple[Absence, ...]:
    return to_tuple(values)


def _check_whose(name: str, members: Sequence[object], field: str, whose: str) -> None:
    for index, member in enumerate(members):
        found = getattr(member, field)
        if found != whose:
            raise InvalidValueError(f"{name}[{index}].{field}", found, f"must be {whose!r}")


@attrs.frozen
class ClientTiers:
    """All tier spells of one client: kept together, so that no two writers can make them overlap."""

    client_id: str
    spells: tuple[TierSpell, ...] = attrs.field(converter=_to_spells)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("spells", self.spells, TierSpell)
        _check_whose("spells", self.spells, "client_id", self.client_id)


@attrs.frozen
class ClientOwners:
    """All owner spells of one client, kept together for the same reason."""

    client_id: str
    spells: tuple[OwnerSpell, ...] = attrs.field(converter=_to_owner_spells)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("spells", self.spells, OwnerSpell)
        _check_whose("spells", self.spells, "client_id", self.client_id)


@attrs.frozen
class ClientPins:
    """All pins of one client, kept together for the same reason."""

    client_id: str
    pins: tuple[Pin, ...] = attrs.field(converter=_to_pins)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("pins", self.pins, Pin)
        _check_whose("pins", self.pins, "client_id", self.client_id)


@attrs.frozen
class StaffAbsences:
    """All absences of one member of staff, kept together for the same reason."""

    staff_id: str
    absences: tuple[Absence, ...] = attrs.field(converter=_to_absences)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("absences", self.absences, Absence)
        _check_whose("absences", self.absences, "staff_id", self.staff_id)


@attrs.frozen(kw_only=True)
class RecordChange:
    """A record was changed; the log keeps by whom and when.

    Attributes:
        kind: The kind of the record.
        record_id: Its id.
        version: The version that it then had.
    """

    kind: str
    record_id: str
    version: int


@attrs.frozen(kw_only=True)
class TextPiece:
    """A piece of a text that may be longer than one record holds; a record for each.

    Attributes:
        text: The piece.
        count: Of the first piece: how many there are. 0 of the others.
    """

    text: str
    count: int = 0
