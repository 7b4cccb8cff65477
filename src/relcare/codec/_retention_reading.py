"""The `[retention]` of a document, from its tables."""

from relcare._fields import check_text
from relcare._time import Every
from relcare.access import RETENTION_CLOCKS, EraseClock, KeepClock, RetentionRules
from relcare.codec._tables import Table

__all__ = ["read_retention"]

_NAMES = {"counted_from": "from"}


def read_retention(table: Table) -> RetentionRules | None:
    """The rules; None when something is wrong with them."""
    fields: dict[str, object] = {
        "laws": table.texts("laws"),
        "keep": table.values("keep", _keep),
        "erase": table.values("erase", _erase),
    }
    table.close()
    return table.build(RetentionRules, fields)


def _keep(table: Table) -> KeepClock | None:
    fields: dict[str, object] = {
        "kinds": table.texts("kinds", required=True),
        "topics": table.texts("topics"),
        "ground": table.text("ground", check=check_text),
        "source": table.text("source", check=check_text),
        "lasts": table.parsed("lasts", lambda text: Every.parse(text, "lasts")),
        "counted_from": table.choice("from", RETENTION_CLOCKS),
    }
    table.close()
    return table.build(KeepClock, fields, _NAMES)


def _erase(table: Table) -> EraseClock | None:
    fields: dict[str, object] = {
        "kinds": table.texts("kinds", required=True),
        "topics": table.texts("topics"),
        "purpose": table.text("purpose", required=True, check=check_text),
        "after": table.parsed("after", lambda text: Every.parse(text, "after"), required=True),
        "counted_from": table.choice("from", RETENTION_CLOCKS),
        "on_request": table.flag("on_request"),
        "ground": table.text("ground", check=check_text),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(EraseClock, fields, _NAMES)
