"""Which cities are worth most journeys: ranked by declared criteria (PLN-5)."""

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap, check_identifier, check_optional_text, check_text, check_tuple_of, to_map, to_tuple
from relcare.errors import InvalidValueError

__all__ = ["CityCriterion", "RankedCity", "clients_by_city", "key_cities"]

_MOST_WEIGHT: Final = 1_000
_MOST_POINTS: Final = 1_000_000_000


def _to_points(values: Mapping[str, int]) -> Mapping[str, int]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class CityCriterion:
    """One thing that speaks for a city, or against it.

    Attributes:
        id: Such as `industry_base`, `competition`, `existing_clients` or `geography`.
        weight: What a point counts, from -1,000 to 1,000 and not 0; below 0 for what speaks against it.
        points: By city, from 0; how they come about is the firm's business, and `source` says it.
        source: Where the firm says so.

    Raises:
        InvalidValueError: If a figure is out of range.

    Source: PLN-5.
    """

    id: str
    weight: int = 1
    points: Mapping[str, int] = attrs.field(converter=_to_points)
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id, reserved=frozenset())
        if type(self.weight) is not int or not 0 < abs(self.weight) <= _MOST_WEIGHT:
            raise InvalidValueError("weight", self.weight, f"must be a whole number from 1 to {_MOST_WEIGHT:,}, or below 0")
        if not isinstance(self.points, ReadOnlyMap):
            raise InvalidValueError("points", self.points, "must be a mapping of cities to points")
        for city, points in self.points.items():
            check_text("points", city)
            if type(points) is not int or not 0 <= points <= _MOST_POINTS:
                raise InvalidValueError(f"points.{city}", points, f"must be a whole number from 0 to {_MOST_POINTS:,}")
        check_optional_text("source", self.source)


@attrs.frozen(kw_only=True)
class RankedCity:
    """A city in its place.

    Attributes:
        city: Its name.
        rank: From 1 on, no two the same.
        score: The points of every criterion times its weight, added up.
        by_criterion: What each criterion adds, in the order of the criteria.
        missing: The criteria that say nothing about it and add nothing.
        is_key: Whether it is among the key cities.
    """

    city: str
    rank: int
    score: int
    by_criterion: Mapping[str, int] = attrs.field(converter=_to_points)
    missing: tuple[str, ...] = ()
    is_key: bool


def key_cities(criteria: Iterable[CityCriterion], *, most: int = 5) -> tuple[RankedCity, ...]:
    """Every city that some criterion speaks of, the best first; equal ones by name.

    Args:
        criteria: Each id once.
        most: How many of the first are key cities, from 0.

    Raises:
        InvalidValueError: If a criterion comes twice or `most` is no such number.

    Source: PLN-5.

    Examples:
        >>> industry = CityCriterion(id="industry_base", weight=3, points={"Busan": 4, "Daegu": 2})
        >>> rivals = CityCriterion(id="competition", weight=-2, points={"Busan": 5, "Jeju": 1})
        >>> [(one.rank, one.city, one.score, one.missing) for one in key_cities([industry, rivals], most=1)]
        [(1, 'Daegu', 6, ('competition',)), (2, 'Busan', 2, ()), (3, 'Jeju', -2, ('industry_base',))]
    """
    declared = to_tuple(criteria)
    check_tuple_of("criteria", declared, CityCriterion)
    for index, one in enumerate(declared):
        if one.id in {other.id for other in declared[:index]}:
            raise InvalidValueError(f"criteria[{index}].id", one.id, "must come once")
    if type(most) is not int or most < 0:
        raise InvalidValueError("most", most, "must be a whole number from 0")
    added = {
        city: {one.id: one.weight * one.points[city] for one in declared if city in one.points}
        for city in {city for one in declared for city in one.points}
    }
    order = sorted(added, key=lambda city: (-sum(added[city].values()), city))
    return tuple(
        RankedCity(
            city=city,
            rank=rank,
            score=sum(added[city].values()),
            by_criterion=added[city],
            missing=tuple(one.id for one in declared if city not in one.points),
            is_key=rank <= most,
        )
        for rank, city in enumerate(order, 1)
    )


def clients_by_city(city_by_client: Mapping[str, str]) -> dict[str, int]:
    """How many clients are in each city: the points of a criterion for existing clients; cities by name.

    Args:
        city_by_client: See `cities_of`.
    """
    counts: dict[str, int] = {}
    for city in city_by_client.values():
        counts[city] = counts.get(city, 0) + 1
    return dict(sorted(counts.items()))
