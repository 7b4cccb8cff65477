"""The `[[neglect]]`, `[[holding]]` and `[pool]` of a document, from their tables."""

from relcare._fields import check_id, check_text
from relcare._time import Every
from relcare.codec._tables import Table
from relcare.custody import ACTIONS, OCCASIONS, ClaimRules, HoldingLimit, NeglectLadder, Protection, Rung

__all__ = ["read_holding", "read_ladder", "read_pool"]


def _given(**values: object) -> dict[str, object]:
    """The keyword arguments that the document gives; the others keep their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def read_ladder(table: Table) -> NeglectLadder | None:
    """A neglect ladder; None when something is wrong with it."""
    rungs = [_rung(part) for part in table.tables("rungs", required=True)]
    table.is_broken = table.is_broken or None in rungs
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        when=table.criterion("when"),
        rungs=[rung for rung in rungs if rung is not None],
        channels=table.texts("channels"),
        counts=table.criterion("counts"),
        reaches=table.texts("reaches"),
        protect=_protections(table),
        source=table.text("source", check=check_text),
    )
    table.close()
    return table.build(lambda: NeglectLadder(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def read_holding(table: Table) -> HoldingLimit | None:
    """A holding limit; None when something is wrong with it."""
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        most=table.whole("most", required=True),
        when=table.criterion("when"),
        exempt=table.criterion("exempt"),
        roles=table.texts("roles"),
        source=table.text("source", check=check_text),
    )
    table.close()
    return table.build(lambda: HoldingLimit(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def read_pool(table: Table) -> ClaimRules | None:
    """The rules of the pool; None when something is wrong with them."""
    fields = _given(
        per_day=table.whole("per_day"),
        lock_out=table.parsed("lock_out", lambda text: Every.parse(text, "lock_out")),
        delay=table.parsed("delay", lambda text: Every.parse(text, "delay")),
        protect=_protections(table),
    )
    table.close()
    return table.build(lambda: ClaimRules(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _rung(table: Table) -> Rung | None:
    after, action = table.parsed("after", Every.parse, required=True), table.choice("action", ACTIONS, required=True)
    table.close()
    return table.build(lambda: Rung(after, action))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _protections(table: Table) -> list[Protection] | None:
    if "protect" not in table.data:
        return None
    found = [_protection(part) for part in table.tables("protect")]
    table.is_broken = table.is_broken or None in found
    return [protection for protection in found if protection is not None]


def _protection(table: Table) -> Protection | None:
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        when=table.criterion("when"),
        event=table.criterion("event"),
        on=table.choice("on", OCCASIONS),
        until=table.text("until", check=check_id),
        during=table.parsed("during", Every.parse),
        owner_away=table.flag("owner_away"),
        holds=table.texts("holds"),
    )
    table.close()
    return table.build(lambda: Protection(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
