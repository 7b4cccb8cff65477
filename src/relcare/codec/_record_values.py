"""What a stored book holds besides the nouns of the model."""

import attrs

from relcare._fields import check_tuple_of, to_tuple
from relcare.errors import InvalidValueError
from relcare.model import TierSpell

__all__ = ["BookSettings", "ClientTiers", "RecordChange"]


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


@attrs.frozen
class ClientTiers:
    """All tier spells of one client: kept together, so that no two writers can make them overlap."""

    client_id: str
    spells: tuple[TierSpell, ...] = attrs.field(converter=_to_spells)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("spells", self.spells, TierSpell)
        for index, spell in enumerate(self.spells):
            if spell.client_id != self.client_id:
                raise InvalidValueError(f"spells[{index}].client_id", spell.client_id, f"must be {self.client_id!r}")


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
