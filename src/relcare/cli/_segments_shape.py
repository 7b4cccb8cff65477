"""The JSON shapes of `segments`: the segments, what members share, whom a theme suits."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from relcare.cli._shapes import Json, reasons_shape
from relcare.segments import CommonTrait, CriterionSegment, InCommon, Invitation, Invitations, SegmentResult

__all__ = ["common_shape", "invitations_shape", "segments_shape"]

# The host's own context may be set to few digits.
_SHORT: Final = Context(prec=6)


def segments_shape(as_of: date, results: Iterable[SegmentResult], *, with_reasons: bool = False) -> dict[str, Json]:
    """The segments over a book.

    Args:
        as_of: The day.
        results: Which.
        with_reasons: Whether each client in or about a segment is explained.
    """
    return {"as_of": as_of.isoformat(), "segments": [_segment(one, with_reasons=with_reasons) for one in results]}


def _segment(result: SegmentResult, *, with_reasons: bool) -> dict[str, Json]:
    segment = result.segment
    shape: dict[str, Json] = {
        "id": segment.id,
        "title": segment.title,
        "kind": "criterion" if isinstance(segment, CriterionSegment) else "product",
        "members": list(result.members),
        "unknown": _lacking(result.unknown),
        "unplaced": _lacking(result.unplaced),
        "outside": len(result.outside),
        "dimensions": {name: list(values) for name, values in result.dimensions.items()},
        "cell_count": result.cell_count,
        "cells": [{"values": list(cell.values), "client_ids": list(cell.client_ids)} for cell in result.cells],
    }
    if with_reasons:
        about = {*result.members, *result.unknown, *result.unplaced}
        shape["memberships"] = [_membership(result, client_id) for client_id in result.client_ids if client_id in about]
    return shape


def _lacking(found: Mapping[str, tuple[str, ...]]) -> list[Json]:
    return [{"client_id": client_id, "facts": list(facts)} for client_id, facts in found.items()]


def _membership(result: SegmentResult, client_id: str) -> dict[str, Json]:
    found = result.membership(client_id)
    return {
        "client_id": client_id,
        "answer": found.answer,
        "cells": [list(cell) for cell in found.cells],
        "missing": list(found.missing),
        "reasons": reasons_shape(found.reasons),
    }


def common_shape(as_of: date, segment_id: str, cell: str | None, shared: InCommon) -> dict[str, Json]:
    """What the members of a segment, or of one of its cells, share."""
    return {
        "as_of": as_of.isoformat(),
        "segment": segment_id,
        "cell": cell,
        "members": list(shared.client_ids),
        "at_least": shared.at_least,
        "traits": [
            {"fact": name, "missing": shared.missing[name], "book_missing": shared.book_missing[name]} for name in shared.traits
        ],
        "found": [_trait(one) for one in shared.found],
    }


def _trait(one: CommonTrait) -> dict[str, Json]:
    return {
        "fact": one.fact,
        "value": one.value,
        "client_ids": list(one.client_ids),
        "count": one.count,
        "known": one.known,
        "book_count": one.book_count,
        "book_known": one.book_known,
        "share": _places(one.share, 4),
        "book_share": _places(one.book_share, 4),
        "lift": _places(one.lift, 2),
        "chance": _digits(one.chance),
        "looked_at": one.looked_at,
        "chance_of_any": _digits(one.chance_of_any),
    }


def _places(value: Fraction, places: int) -> str:
    """Rounded half up to so many places."""
    whole, rest = divmod(int(value * 10**places + Fraction(1, 2)), 10**places)
    return f"{whole}.{rest:0{places}d}"


def _digits(value: Fraction) -> str:
    """Rounded to six digits, however small: rare is not never."""
    return f"{_SHORT.divide(Decimal(value.numerator), Decimal(value.denominator)):f}"


def invitations_shape(as_of: date, segment_id: str, cell: str | None, found: Invitations) -> dict[str, Json]:
    """Whom a theme suits."""
    return {
        "as_of": as_of.isoformat(),
        "segment": segment_id,
        "cell": cell,
        "theme": {"fact": found.theme.fact, "value": found.theme.value},
        "inside": [_guest(one) for one in found.inside],
        "outside": [_guest(one) for one in found.outside],
        "unknown": list(found.unknown),
    }


def _guest(one: Invitation) -> dict[str, Json]:
    return {"client_id": one.client_id, "reasons": reasons_shape(one.reasons)}
