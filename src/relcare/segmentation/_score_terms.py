"""What facts add to a score, as values (SEG-5)."""

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from typing import Final

import attrs

from relcare._fields import check_text, check_tuple_of, to_decimal, to_map, to_tuple
from relcare.errors import InvalidValueError
from relcare.policy import FactType

__all__ = ["Band", "ScoreTerm"]

# The host's own context may be set to few digits (FCT-4: exact).
_EXACT: Final = Context(prec=120)


def _to_points(value: Decimal | int | str) -> Decimal:
    return to_decimal("points", value)


def _to_optional_points(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else to_decimal("missing", value)


def _to_weight(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else to_decimal("weight", value)


def _to_from(value: Decimal | int | str) -> Decimal:
    return to_decimal("from", value)


def _to_point_map(value: Mapping[str, Decimal | int | str]) -> Mapping[str, Decimal]:
    if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("points", value, "must be a table of levels and their points")
    return to_map({level: to_decimal(f"points.{level}", points) for level, points in value.items()})


@attrs.frozen
class Band:
    """Points from a value on, inclusive, up to the next band (SEG-5).

    Attributes:
        start: The first value of the band, in the fact's unit.
        points: What it is worth.
    """

    start: Decimal = attrs.field(converter=_to_from)
    points: Decimal = attrs.field(converter=_to_points)


def _to_bands(values: Iterable[Band]) -> tuple[Band, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class ScoreTerm:
    """What one fact adds to a score: `points`, `bands` or `weight`, exactly one of them.

    Attributes:
        fact: A declared fact, or a grade.
        points: Of a level, a category with declared values, or a flag (`true`, `false`): the points of each; none left out.
        bands: Of a number, money, integer: points by band; below the first band 0.
        weight: Of a number, money, integer: the points of one unit of it, such as 100 of a `grade.recency`, or below zero where
            more is worse; not zero.
        missing_points: What a missing fact is worth; without it the whole score is missing (SEG-8).

    Raises:
        InvalidValueError: If none or several of points, bands and weight are given, two bands begin alike, or the weight is zero.
    """

    fact: str
    points: Mapping[str, Decimal] = attrs.field(factory=dict[str, Decimal], converter=_to_point_map)
    bands: tuple[Band, ...] = attrs.field(default=(), converter=_to_bands)
    weight: Decimal | None = attrs.field(default=None, converter=_to_weight)
    missing_points: Decimal | None = attrs.field(default=None, converter=_to_optional_points)

    def __attrs_post_init__(self) -> None:
        check_text("fact", self.fact)
        check_tuple_of("bands", self.bands, Band)
        if self.weight is None and bool(self.points) == bool(self.bands):
            raise InvalidValueError("points", dict(self.points), "must be given, or bands, or a weight, and not several")
        if self.weight is not None and (self.points or self.bands):
            raise InvalidValueError("weight", str(self.weight), "must not be given beside points or bands")
        if self.weight == 0:
            raise InvalidValueError("weight", str(self.weight), "must not be zero", "leave the term out")
        starts = [band.start for band in self.bands]
        if len(set(starts)) != len(starts):
            raise InvalidValueError("bands", [str(start) for start in starts], "must begin at different values")

    @property
    def form(self) -> str:
        """Which of the three it has, as documents call it: `points`, `bands` or `weight`."""
        return "bands" if self.bands else "points" if self.weight is None else "weight"

    def problem(self, kind: FactType) -> tuple[str, str | None] | None:
        """What is wrong with the term for a fact of this type, with a hint; None when nothing is."""
        if self.form == "points":
            return self._points_problem(kind)
        if not kind.is_numeric:
            what = "bands need" if self.bands else "a weight needs"
            return f"{self.fact} is a {kind.kind}: {what} a number, money or an integer", "use points"
        for band in self.bands:
            if kind.grain is not None and _EXACT.remainder(band.start, kind.grain):
                return f"a band of {self.fact} begins at {band.start}, which is off its grain {kind.grain}", None
        return None

    def _points_problem(self, kind: FactType) -> tuple[str, str | None] | None:
        wanted = ("true", "false") if kind.kind == "flag" else kind.values if kind.kind in {"level", "category"} else ()
        if not wanted:
            return (
                f"{self.fact} is a {kind.kind} without declared values: points need a level, a category with values or a flag",
                "use bands",
            )
        strange = [level for level in self.points if level not in wanted]
        lacking = [level for level in wanted if level not in self.points]
        if strange:
            return f"{self.fact} has no value {strange[0]!r}", f"its values are {', '.join(map(repr, wanted))}"
        return (
            (f"the points of {self.fact} leave out {', '.join(map(repr, lacking))}", "give each value its points")
            if lacking
            else None
        )
