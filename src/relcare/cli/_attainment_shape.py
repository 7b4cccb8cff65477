"""The JSON shape of `attainment`."""

from fractions import Fraction

from relcare.cli._shapes import Json
from relcare.planning import Attainment, Grouping, LastContact, Lateness, Score

__all__ = ["attainment_shape"]


def attainment_shape(report: Attainment, grouping: Grouping | None, not_seen: int | None) -> dict[str, Json]:
    """Contacts to two places, shares and pace to four."""
    return {
        "from_on": report.from_on.isoformat(),
        "until_on": report.until_on.isoformat(),
        "as_of": report.as_of.isoformat(),
        "elapsed": _decimal(report.elapsed, 4),
        "total": _score_shape(report.total),
        "grouping": grouping,
        "groups": [] if grouping is None else [_score_shape(score) for score in report.by(grouping)],
        "lateness": [_lateness_shape(late) for late in report.lateness],
        "not_seen": None
        if not_seen is None
        else {"days": not_seen, "clients": [_last_contact_shape(one) for one in report.not_seen(not_seen)]},
    }


def _score_shape(score: Score) -> dict[str, Json]:
    return {
        "name": score.name,
        "clients": score.clients,
        "reached": score.reached,
        "covered": score.covered,
        "planned": _decimal(score.planned, 2),
        "done": score.done,
        "own": score.own,
        "done_by": [{"staff_id": staff_id, "count": count} for staff_id, count in score.done_by.items()],
        "earned": _decimal(score.earned, 2),
        "remaining": _decimal(score.remaining, 2),
        "attained_ratio": _decimal(score.attained_ratio, 4),
        "raw_ratio": _decimal(score.raw_ratio, 4),
        "pace": _decimal(score.pace, 4),
        "results": {str(result): count for result, count in score.results.items()},
        "on_time_ratio": _decimal(score.on_time_ratio, 4),
        "target": _decimal(score.target, 4),
        "meets_target": score.meets_target,
        "reach_ratio": _decimal(score.reach_ratio, 4),
        "coverage_ratio": _decimal(score.coverage_ratio, 4),
        "late_days": {str(cause): days for cause, days in score.late_days.items()},
    }


def _lateness_shape(late: Lateness) -> dict[str, Json]:
    return {
        "key": late.key,
        "client_id": late.about.client_id,
        "rule_id": late.about.rule_id,
        "owner_id": late.about.owner_id,
        "cause": late.cause,
        "staff_id": late.staff_id,
        "from_on": late.from_on.isoformat(),
        "until_on": late.until_on.isoformat(),
        "days": late.days,
    }


def _last_contact_shape(one: LastContact) -> dict[str, Json]:
    return {
        "client_id": one.client_id,
        "owner_id": one.owner_id,
        "last_on": None if one.last_on is None else one.last_on.isoformat(),
        "days": one.days,
    }


def _decimal(value: Fraction | None, places: int) -> str | None:
    """Decimal text, rounded half to even; none of the figures is negative."""
    if value is None:
        return None
    whole, part = divmod(round(value * 10**places), 10**places)
    return f"{whole}.{part:0{places}d}"
