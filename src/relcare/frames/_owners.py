"""Who had which client on the day: owner spells go before the owner that a client names."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from relcare.frames._engine import Lazy
from relcare.frames._reader import CLIENT, TableReader

__all__ = ["owned", "read_owner_spells"]

_TABLE = "owner_spells"


def read_owner_spells(reader: TableReader | None) -> None:
    """Read owner spells, where they are given."""
    if reader is not None:
        reader.text("client_id", CLIENT, is_id=True)
        reader.text("owner_id", "spell owner")
        reader.day("start_on", "from", is_id=True)
        reader.day("end_on", "until", must=False)


def owned(clients: Lazy, of_the_day: Mapping[str, Lazy]) -> Lazy:
    """The clients with the owner of the day.

    Args:
        clients: With `owner_id`.
        of_the_day: The spells that cover it, by table.
    """
    spells = of_the_day.get(_TABLE)
    if spells is None:
        return clients
    there = spells.select(CLIENT, "spell owner", is_spelled=nw.lit(value=True))
    both = clients.join(there, on=CLIENT, how="left")
    owner = nw.when(nw.col("is_spelled")).then(nw.col("spell owner")).otherwise(nw.col("owner_id"))
    return both.with_columns(owner_id=owner).drop("spell owner", "is_spelled")
