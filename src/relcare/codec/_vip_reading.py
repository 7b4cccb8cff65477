"""The `[[vip]]` of a document, from its tables."""

from collections.abc import Iterator
from typing import cast

from relcare._fields import check_identifier, check_text
from relcare._time import Every
from relcare.codec._document_reader import Known
from relcare.codec._tables import Table
from relcare.policy import RuleProblem, fact_problems
from relcare.ranking import TIE_RULES
from relcare.vip import KEEPINGS, TOP_REVIEWS, Benefit, MembershipRules, Programme, TopList, VipPath
from relcare.vip._programme import list_problems

__all__ = ["read_programme"]


def read_programme(table: Table) -> Programme | None:
    """A VIP programme; None when something is wrong with it."""
    levels = _levels(table)
    fields: dict[str, object] = {
        "paths": table.values("paths", _path, required=True),
        "id": table.text("id", required=True, check=check_identifier),
        "approval": table.text("approval", check=check_text),
        "source": table.text("source", check=check_text),
        "top": table.values("top", _top),
        "benefits": table.values("benefits", lambda part: _benefit(part, levels)),
        "membership": table.part("membership", _membership),
    }
    table.close()
    return table.build(Programme, fields)


def _levels(table: Table) -> tuple[str, ...] | None:
    """The levels that benefits may name; None where they cannot be told."""
    if "membership" not in table.data:
        return None  # the programme refuses every benefit then
    settings = table.data["membership"]
    levels = cast("dict[str, object]", settings).get("levels", []) if isinstance(settings, dict) else None
    if not isinstance(levels, list):
        return None
    words = cast("list[object]", levels)
    return tuple(str(word) for word in words) if all(isinstance(word, str) for word in words) else None


def _path(table: Table) -> VipPath | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_text),
        "when": table.criterion("when", required=True),
    }
    table.close()
    return table.build(VipPath, fields)


def _top(table: Table) -> TopList | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_identifier),
        "most": table.whole("most", required=True),
        "by": table.text("by", required=True, check=check_text),
        "among": table.criterion("among"),
        "ties": table.choice("ties", TIE_RULES),
        "review": table.choice("review", TOP_REVIEWS),
    }
    table.close()
    found, by = table.build(TopList, fields), fields["by"]

    def question(known: Known) -> Iterator[RuleProblem]:
        if found is not None:
            yield from list_problems((), found, known.facts)
        elif isinstance(by, str):
            yield from fact_problems(("by",), by, known.facts)

    table.reader.ask(table.path, question)
    return found


def _benefit(table: Table, levels: tuple[str, ...] | None) -> Benefit | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_identifier),
        "text": table.text("text", required=True, check=check_text),
        "levels": table.texts("levels"),
    }
    for index, level in table.named("levels"):
        if levels is not None and level not in levels:
            hint = f"its levels are {', '.join(map(repr, levels))}" if levels else "the programme has none"
            table.is_broken = True
            table.reader.report((*table.path, "levels", index), f"is {level!r}: must be a level of the programme", hint)
    table.close()
    return table.build(Benefit, fields)


def _membership(table: Table) -> MembershipRules | None:
    fields: dict[str, object] = {
        "window": table.parsed("window", lambda text: Every.parse(text, "window")),
        "length": table.parsed("length", lambda text: Every.parse(text, "length")),
        "keeping": table.choice("keeping", KEEPINGS),
        "grace": table.parsed("grace", lambda text: Every.parse(text, "grace")),
        "levels": table.texts("levels"),
        "returns_delay": table.parsed("returns_delay", lambda text: Every.parse(text, "returns_delay")),
        "notice": table.parsed("notice", lambda text: Every.parse(text, "notice")),
        "grants": table.flag("grants"),
        "longest_grant": table.parsed("longest_grant", lambda text: Every.parse(text, "longest_grant")),
    }
    table.close()
    return table.build(MembershipRules, fields)
