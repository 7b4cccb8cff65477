"""The `[[relationship]]` of a document, from their tables."""

from relcare._fields import check_id, check_identifier, check_text
from relcare._time import Every
from relcare.codec._tables import Table
from relcare.relationships import Indicator, Situation, Strategy

__all__ = ["read_strategy"]


def _given(**values: object) -> dict[str, object]:
    """The keyword arguments that the document gives; the others keep their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def read_strategy(table: Table) -> Strategy | None:
    """A relationship strategy; None when something is wrong with it."""
    indicators = [_indicator(part) for part in table.tables("indicators")]
    situations = [_situation(part) for part in table.tables("situations")]
    table.is_broken = table.is_broken or None in indicators or None in situations
    fields = _given(
        type=table.text("type", required=True, check=check_identifier),
        appeal=table.text("appeal", required=True, check=check_text),
        intervals=_intervals(table),
        advice=table.texts("advice"),
        avoid=table.texts("avoid"),
        source=table.text("source", check=check_text),
        questions=table.texts("questions"),
        forms=table.texts("forms"),
        indicators=[one for one in indicators if one is not None],
        situations=[one for one in situations if one is not None],
    )
    table.close()
    return table.build(lambda: Strategy(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _intervals(table: Table) -> dict[str, Every] | None:
    intervals = table.table("intervals")
    if intervals is None:
        return None
    found = {channel: intervals.parsed(channel, Every.parse) for channel in intervals.data}
    table.is_broken = table.is_broken or intervals.is_broken
    return {channel: every for channel, every in found.items() if every is not None}


def _indicator(table: Table) -> Indicator | None:
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        healthy=table.criterion("healthy", required=True),
        source=table.text("source", check=check_text),
    )
    table.close()
    return table.build(lambda: Indicator(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _situation(table: Table) -> Situation | None:
    fields = _given(
        id=table.text("id", required=True, check=check_id),
        when=table.criterion("when", required=True),
        action=table.text("action", required=True, check=check_text),
        since=table.text("since", check=check_text),
        within=table.parsed("within", lambda text: Every.parse(text, "within")),
        tracked_by=table.texts("tracked_by"),
        source=table.text("source", check=check_text),
    )
    table.close()
    return table.build(lambda: Situation(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
