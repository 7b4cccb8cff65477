"""The `[[neglect]]`, `[[holding]]` and `[pool]` of a document, from their tables."""

from relcare._fields import check_id, check_text
from relcare._time import Every
from relcare.codec._tables import Table
from relcare.custody import ACTIONS, OCCASIONS, ClaimRules, HoldingLimit, NeglectLadder, Protection, Rung
from relcare.custody._protection import until_problems

__all__ = ["read_holding", "read_ladder", "read_pool"]


def read_ladder(table: Table) -> NeglectLadder | None:
    """A neglect ladder; None when something is wrong with it."""
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "when": table.criterion("when"),
        "rungs": table.values("rungs", _rung, required=True),
        "channels": table.texts("channels"),
        "counts": table.criterion("counts"),
        "reaches": table.texts("reaches"),
        "protect": table.values("protect", _protection),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(NeglectLadder, fields)


def read_holding(table: Table) -> HoldingLimit | None:
    """A holding limit; None when something is wrong with it."""
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "most": table.whole("most", required=True),
        "when": table.criterion("when"),
        "exempt": table.criterion("exempt"),
        "roles": table.texts("roles"),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(HoldingLimit, fields)


def read_pool(table: Table) -> ClaimRules | None:
    """The rules of the pool; None when something is wrong with them."""
    fields: dict[str, object] = {
        "per_day": table.whole("per_day"),
        "lock_out": table.parsed("lock_out", lambda text: Every.parse(text, "lock_out")),
        "delay": table.parsed("delay", lambda text: Every.parse(text, "delay")),
        "protect": table.values("protect", _protection),
    }
    table.close()
    return table.build(ClaimRules, fields)


def _rung(table: Table) -> Rung | None:
    fields: dict[str, object] = {
        "after": table.parsed("after", Every.parse, required=True),
        "action": table.choice("action", ACTIONS, required=True),
    }
    table.close()
    return table.build(Rung, fields)


def _protection(table: Table) -> Protection | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "when": table.criterion("when"),
        "event": table.criterion("event"),
        "on": table.choice("on", OCCASIONS),
        "until": _until(table),
        "during": table.parsed("during", Every.parse),
        "owner_away": table.flag("owner_away"),
        "holds": table.texts("holds"),
    }
    table.close()
    return table.build(Protection, fields)


def _until(table: Table) -> str | None:
    fact = table.text("until", check=check_id)
    if fact is not None:
        table.reader.ask((*table.path, "until"), lambda known: until_problems((), fact, known.facts))
    return fact
