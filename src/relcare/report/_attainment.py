"""Attainment for a terminal."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from relcare.planning import Attainment, Cause, Grouping, LastContact, Result, Score
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names
from relcare.report._text import MISSING, count_of, plain

__all__ = ["attainment_pages"]

_CAUSES: Final[Mapping[Cause, str]] = {
    "owner": "by who was responsible",
    "owner_absent": "by absence",
    "permission": "by permission",
    "cap": "by caps",
}
_RESULTS: Final[Mapping[Result, str]] = {
    "on_time": "on time",
    "late": "late",
    "open_late": "open and late",
    "missed": "missed",
    "pending": "pending",
}
_NOBODY: Final[Mapping[Grouping, str]] = {"owner": "nobody's", "team": "in no team", "tier": "in no tier", "type": "of no type"}
_FIGURES: Final = (
    Column("Planned", 8, "right"),
    Column("Done", 6, "right"),
    Column("Own", 6, "right"),
    Column("Earned", 6, "right"),
    Column("Pace", 5, "right"),
    Column("On time", 7, "right"),
    Column("Covered", 7, "right"),
)


def attainment_pages(
    report: Attainment, names: Names, grouping: Grouping | None = None, not_seen: int | None = None
) -> Iterator[Listing]:
    """The figures of a period, of each group of it, and whom nobody reached.

    Args:
        report: The report.
        names: Of clients and staff.
        grouping: By what; None for the whole alone.
        not_seen: Since how many days; None for no such list.

    Yields:
        One listing of figures, with what came of it below each row, and one for whom nobody reached where that is asked for.
    """
    groups = () if grouping is None else report.by(grouping)
    yield Listing(
        title=f"{report.from_on} to {report.until_on}, as of {report.as_of}: {count_of(report.total.clients, 'client')}",
        lead=_lead(report),
        columns=(Column("" if grouping is None else grouping.capitalize()), *_FIGURES),
        rows=(*(_row(score, _name(score, names, grouping)) for score in groups), _row(report.total, "all")),
    )
    if not_seen is not None:
        yield _not_seen(report.not_seen(not_seen), names, not_seen)


def _lead(report: Attainment) -> str:
    return f"{_percent(report.elapsed)} of the days are over." if report.elapsed < 1 else ""


def _name(score: Score, names: Names, grouping: Grouping | None) -> str:
    if score.name is None:
        return _NOBODY.get(grouping or "client", MISSING)
    return names.client(score.name) if grouping == "client" else plain(score.name)


def _row(score: Score, name: str) -> Row:
    return Row(
        (
            name,
            _number(score.planned),
            f"{score.done:,}",
            f"{score.own:,}",
            _percent(score.attained_ratio),
            _number(score.pace),
            _percent(score.on_time_ratio),
            _percent(score.coverage_ratio),
        ),
        "; ".join(part for part in (_results(score), _late_days(score), _done_by(score)) if part),
    )


def _results(score: Score) -> str:
    told = ", ".join(f"{count:,} {_RESULTS[result]}" for result, count in score.results.items() if count)
    if score.target is None or score.meets_target is None:
        return told
    return f"{told} ({_percent(score.target)} on time is {'reached' if score.meets_target else 'not reached'})"


def _late_days(score: Score) -> str:
    told = ", ".join(f"{days:,} {_CAUSES[cause]}" for cause, days in score.late_days.items() if days)
    return told and f"late days: {told}"


def _done_by(score: Score) -> str:
    told = ", ".join(f"{'nobody named' if staff_id is None else staff_id} {count:,}" for staff_id, count in score.done_by.items())
    return told and f"done by {told}"


def _not_seen(found: tuple[LastContact, ...], names: Names, days: int) -> Listing:
    return Listing(
        title=f"Not seen in {count_of(days, 'day')}: {count_of(len(found), 'client')}",
        columns=(Column("Client"), Column("Owner", 8), Column("Last contact", 12), Column("Days", 6, "right")),
        rows=(
            Row(
                (
                    names.client(one.client_id),
                    names.member(one.owner_id),
                    "never" if one.last_on is None else one.last_on.isoformat(),
                    f"{one.days:,}",
                )
            )
            for one in found
        ),
        empty="none",
    )


def _number(value: Fraction | None) -> str:
    return MISSING if value is None else f"{float(round(value, 2)):,.2f}"


def _percent(value: Fraction | None) -> str:
    """A whole percentage, rounded down: 100 % is said of nothing less."""
    return MISSING if value is None else f"{value * 100 // 1}%"
