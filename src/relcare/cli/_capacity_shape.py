"""The JSON shape of `capacity`."""

from fractions import Fraction

from relcare.cli._shapes import Json
from relcare.planning import BookDemand, MemberDemand

__all__ = ["capacity_shape"]


def capacity_shape(demand: BookDemand) -> dict[str, Json]:
    """Minutes a working day to two places."""
    return {
        "as_of": demand.as_of.isoformat(),
        "clients": demand.clients,
        "undecided": demand.undecided,
        "fits": demand.fits,
        "largest_book": demand.largest_book,
        "largest_shared_book": demand.largest_shared_book,
        "total": _member_shape(demand.total),
        "owners": [_member_shape(member) for member in demand.members],
        "roles": [_member_shape(member) for member in demand.by("role")],
        "teams": [_member_shape(member) for member in demand.by("team")],
    }


def _member_shape(member: MemberDemand) -> dict[str, Json]:
    return {
        "name": member.name,
        "staff": member.staff,
        "clients": member.clients,
        "average": _decimal(member.average),
        "peak": member.peak,
        "capacity": member.capacity,
        "fits": member.fits,
        "fits_peak": member.fits_peak,
        "rules": [{"rule_id": rule_id, "average": _decimal(average)} for rule_id, average in member.rules],
    }


def _decimal(value: Fraction) -> str:
    """Decimal text to two places, rounded half to even; no figure is negative."""
    whole, part = divmod(round(value * 100), 100)
    return f"{whole}.{part:02d}"
