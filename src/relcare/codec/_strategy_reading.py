"""The `[[relationship]]` of a document, from their tables."""

from relcare._fields import check_id, check_identifier, check_text
from relcare._time import Every
from relcare.codec._tables import Table
from relcare.relationships import Indicator, Situation, Strategy
from relcare.relationships._problems import since_problems, tracking_problems

__all__ = ["read_strategy"]


def read_strategy(table: Table) -> Strategy | None:
    """A relationship strategy; None when something is wrong with it."""
    fields: dict[str, object] = {
        "type": table.text("type", required=True, check=check_identifier),
        "appeal": table.text("appeal", required=True, check=check_text),
        "intervals": _intervals(table),
        "advice": table.texts("advice"),
        "avoid": table.texts("avoid"),
        "source": table.text("source", check=check_text),
        "questions": table.texts("questions"),
        "forms": table.texts("forms"),
        "indicators": table.values("indicators", _indicator),
        "situations": table.values("situations", _situation),
    }
    table.close()
    return table.build(Strategy, fields)


def _intervals(table: Table) -> dict[str, Every] | None:
    intervals = table.table("intervals")
    if intervals is None:
        return None
    found = {channel: intervals.parsed(channel, Every.parse) for channel in intervals.data}
    table.is_broken = table.is_broken or intervals.is_broken
    return None if intervals.is_broken else {channel: every for channel, every in found.items() if every is not None}


def _indicator(table: Table) -> Indicator | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "healthy": table.criterion("healthy", required=True),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(Indicator, fields)


def _situation(table: Table) -> Situation | None:
    since = table.text("since", check=check_text)
    if since is not None:
        table.reader.ask((*table.path, "since"), lambda known: since_problems((), since, known.facts))
    for index, rule_id in table.named("tracked_by"):
        _ask_rule(table, index, rule_id)
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_id),
        "when": table.criterion("when", required=True),
        "action": table.text("action", required=True, check=check_text),
        "since": since,
        "within": table.parsed("within", lambda text: Every.parse(text, "within")),
        "tracked_by": table.texts("tracked_by"),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(Situation, fields)


def _ask_rule(table: Table, index: int, rule_id: str) -> None:
    path = (*table.path, "tracked_by", index)
    table.reader.ask(path, lambda known: tracking_problems((), rule_id, known.rule_ids))
