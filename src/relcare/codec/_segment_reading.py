"""The `[[segment]]` of a document, from their tables (SEG-7)."""

from relcare._fields import check_identifier, check_text
from relcare.codec._tables import Table
from relcare.segments import CriterionSegment, ProductSegment, Segment

__all__ = ["read_segment"]


def read_segment(table: Table) -> Segment | None:
    """A segment by a criterion or by dimensions; None when something is wrong with it."""
    texts: dict[str, object] = {
        "id": table.text("id", required=True, check=check_identifier),
        "title": table.text("title", check=check_text),
        "source": table.text("source", check=check_text),
    }
    when, by, scope = table.criterion("when"), table.texts("by"), table.criterion("scope")
    for index, name in table.named("by"):
        table.ask_fact(name, "by", index)
    _check_kind(table)
    table.close()
    if "when" in table.data:
        return table.build(CriterionSegment, {**texts, "when": when})
    return table.build(ProductSegment, {**texts, "by": by, "scope": scope})


def _check_kind(table: Table) -> None:
    if "when" in table.data and "by" in table.data:
        table.report("by", "stands beside when: a segment has one of them", "write two segments", at_key=True)
    elif "when" in table.data and "scope" in table.data:
        table.report("scope", "goes with by", "join it to when by `and`", at_key=True)
    elif "when" not in table.data and "by" not in table.data:
        table.report(None, "a segment needs when or by", "write a criterion as when, or a list of facts as by")
