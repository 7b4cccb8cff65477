"""Demand against capacity of a book, by member of staff, role and team (PLN-1)."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap, check_choice, to_tuple

__all__ = ["DEMAND_GROUPINGS", "BookDemand", "DemandGrouping", "MemberDemand", "largest_first"]

DemandGrouping: TypeAlias = Literal["owner", "role", "team"]
DEMAND_GROUPINGS: Final[tuple[DemandGrouping, ...]] = ("owner", "role", "team")


@attrs.frozen(kw_only=True)
class MemberDemand:
    """What is asked of one member of staff, or of several together, in minutes a working day.

    Attributes:
        name: The id, role or head; None for work that falls to nobody, or for whom no role or head is known.
        staff: How many they are; 0 for work that falls to nobody.
        clients: How many clients they have work with.
        average: Over the intervals of the rules.
        peak: On the fullest day, when the clients of each rule are spread evenly over its interval and the full days of all rules
            meet; of several members the sum.
        capacity: What they have on a working day.
        rules: Which rules ask it, with the average of each; the largest first.
    """

    name: str | None
    staff: int
    clients: int
    average: Fraction
    peak: int
    capacity: int
    rules: tuple[tuple[str, Fraction], ...]

    @property
    def fits(self) -> bool:
        """Whether the capacity is enough on average."""
        return self.average <= self.capacity

    @property
    def fits_peak(self) -> bool:
        """Whether it is enough on the fullest day too."""
        return self.peak <= self.capacity

    @property
    def ratio(self) -> Fraction | None:
        """The average as a share of the capacity; None where there is none."""
        return self.average / self.capacity if self.capacity else None


def _to_members(values: Iterable[MemberDemand]) -> tuple[MemberDemand, ...]:
    return to_tuple(values)


def _to_names(values: Mapping[str, str]) -> Mapping[str, str]:
    return ReadOnlyMap(values)


def _to_clients(values: Mapping[str | None, frozenset[str]]) -> Mapping[str | None, frozenset[str]]:
    return ReadOnlyMap(values)


@attrs.frozen(kw_only=True)
class BookDemand:
    """Demand against capacity of a book, as it is on a day.

    Attributes:
        as_of: The civil day.
        clients: How many clients the book has.
        undecided: For how many clients and rules it is unknown whether the rule applies (CRI-2); they are not counted.
        members: Everybody who has work or is on the staff, by id; work that falls to nobody last.
        role_by_staff: The role of each member; who has none and has clients is an account manager.
        team_by_staff: The head of each member who has one; heads are of their own team.
        clients_by_staff: With whom each has work.
    """

    as_of: date
    clients: int
    undecided: int
    members: tuple[MemberDemand, ...] = attrs.field(converter=_to_members)
    role_by_staff: Mapping[str, str] = attrs.field(converter=_to_names, repr=False)
    team_by_staff: Mapping[str, str] = attrs.field(converter=_to_names, repr=False)
    clients_by_staff: Mapping[str | None, frozenset[str]] = attrs.field(converter=_to_clients, repr=False)

    @property
    def total(self) -> MemberDemand:
        """Everybody together, with what falls to nobody."""
        return self._together(None, self.members)

    @property
    def fits(self) -> bool:
        """Whether everybody has enough on average; never where work falls to nobody."""
        return all(member.fits for member in self.members)

    @property
    def largest_book(self) -> int | None:
        """How many clients of this mix fit on average while each member keeps the same share; None when nothing is asked."""
        return self._largest(member for member in self.members if member.name is not None)

    @property
    def largest_shared_book(self) -> int | None:
        """The same where the members of each role share their work evenly; None when nothing is asked of anybody."""
        return self._largest(role for role in self.by("role") if role.staff)

    def by(self, grouping: DemandGrouping) -> tuple[MemberDemand, ...]:
        """Each member, or those of each role or team together: by name, those of none last.

        Args:
            grouping: `owner`, `role` or `team`.

        Raises:
            InvalidValueError: If there is no such grouping; it names the nearest.
        """
        check_choice("grouping", grouping, DEMAND_GROUPINGS)
        if grouping == "owner":
            return self.members
        names = self.role_by_staff if grouping == "role" else self.team_by_staff
        groups: dict[str | None, list[MemberDemand]] = {}
        for member in self.members:
            groups.setdefault(names.get(member.name or ""), []).append(member)
        return tuple(self._together(name, groups[name]) for name in sorted(groups, key=_last_if_none))

    def _together(self, name: str | None, members: Iterable[MemberDemand]) -> MemberDemand:
        some = tuple(members)
        rules: dict[str, Fraction] = {}
        for rule_id, minutes in (pair for member in some for pair in member.rules):
            rules[rule_id] = rules.get(rule_id, Fraction()) + minutes
        theirs = frozenset[str]().union(*(self.clients_by_staff.get(member.name, frozenset()) for member in some))
        return MemberDemand(
            name=name,
            staff=sum(member.staff for member in some),
            clients=len(theirs),
            average=sum((member.average for member in some), Fraction()),
            peak=sum(member.peak for member in some),
            capacity=sum(member.capacity for member in some),
            rules=largest_first(rules),
        )

    def _largest(self, groups: Iterable[MemberDemand]) -> int | None:
        return min((floor(self.clients * one.capacity / one.average) for one in groups if one.average), default=None)


def _last_if_none(name: str | None) -> tuple[bool, str]:
    return name is None, name or ""


def largest_first(rules: Mapping[str, Fraction]) -> tuple[tuple[str, Fraction], ...]:
    """Rules with their minutes, those that ask the most first."""
    return tuple(sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])))
