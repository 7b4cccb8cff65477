"""Grades from their tables (SEG-5)."""

from relcare._fields import check_identifier, check_text
from relcare.codec._tables import Table
from relcare.grades import BETTER, Grade
from relcare.ranking import TIE_RULES

__all__ = ["read_grade"]


def read_grade(table: Table) -> Grade | None:
    """A grade; None when something is wrong with it."""
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_identifier),
        "fact": table.fact("fact"),
        "parts": table.whole("parts", required=True),
        "better": table.choice("better", BETTER),
        "ties": table.choice("ties", TIE_RULES),
        "scope": table.criterion("scope"),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(Grade, fields)
