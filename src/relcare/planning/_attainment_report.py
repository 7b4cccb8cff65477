"""The report of a period: figures of everything, and of every group (CAD-14)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import ReadOnlyMap, check_choice, to_map, to_tuple
from relcare._time import add_months
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.planning._attainment_score import Records, Score, score_of
from relcare.planning._attainment_values import Expectation, LastContact, Lateness, Outcome, Slice
from relcare.segmentation import to_share

__all__ = ["GROUPINGS", "Attainment", "Grouping"]

Grouping: TypeAlias = Literal["owner", "team", "tier", "type", "channel", "rule", "month", "client"]
GROUPINGS: Final[tuple[Grouping, ...]] = get_args(Grouping)
"""What figures can be grouped by."""


def _to_expectations(values: Iterable[Expectation]) -> tuple[Expectation, ...]:
    return to_tuple(values)


def _to_outcomes(values: Iterable[Outcome]) -> tuple[Outcome, ...]:
    return to_tuple(values)


def _to_lateness(values: Iterable[Lateness]) -> tuple[Lateness, ...]:
    return to_tuple(values)


def _to_contacts(values: Iterable[LastContact]) -> tuple[LastContact, ...]:
    return to_tuple(values)


def _to_target(value: Fraction | str | None) -> Fraction | None:
    return None if value is None else to_share(value)


def _to_targets(values: Mapping[str, Fraction | str]) -> Mapping[str, Fraction]:
    if not isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("channel_targets", values, "must be a table of channels and shares")
    return ReadOnlyMap({channel: to_share(share) for channel, share in values.items()})


def _to_tier_ids(values: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return ReadOnlyMap({scheme_id: tuple(tier_ids) for scheme_id, tier_ids in values.items()})


def _to_teams(values: Mapping[str, str | None]) -> Mapping[str, str | None]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class Attainment:
    """What was planned, done and late in a period.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        from_on: The first day of the period.
        until_on: The last day, inclusive.
        as_of: Up to the end of which day it is known what happened.
        expectations: What was planned and done, in the order of the book, then of days.
        outcomes: What became of each contact that was owed: of what was due in the period, kept in it, or late on a day of it.
        lateness: The days late, each once and with one cause.
        last_contacts: When each client was last reached, in the order of the book.
        tier_ids: The tiers of each scheme, best first.
        team_by_owner: The head of each owner who has one; heads are of their own team.
        target: What share should be on time at least, as a Fraction or `95%`; None for no target.
        channel_targets: The same by channel, where a channel has a target of its own.

    Source: CAD-12, CAD-14.
    """

    policy_id: str
    policy_version: str
    from_on: date
    until_on: date
    as_of: date
    expectations: tuple[Expectation, ...] = attrs.field(converter=_to_expectations, repr=False)
    outcomes: tuple[Outcome, ...] = attrs.field(converter=_to_outcomes, repr=False)
    lateness: tuple[Lateness, ...] = attrs.field(converter=_to_lateness, repr=False)
    last_contacts: tuple[LastContact, ...] = attrs.field(converter=_to_contacts, repr=False)
    tier_ids: Mapping[str, tuple[str, ...]] = attrs.field(converter=_to_tier_ids, repr=False)
    team_by_owner: Mapping[str, str | None] = attrs.field(converter=_to_teams, repr=False)
    target: Fraction | None = attrs.field(default=None, converter=_to_target)
    channel_targets: Mapping[str, Fraction] = attrs.field(factory=ReadOnlyMap[str, Fraction], converter=_to_targets)

    @cached_property
    def elapsed(self) -> Fraction:
        """The share of the period's days that are over at the end of `as_of`, from 0 to 1."""
        return _elapsed(self.from_on, self.until_on, self.as_of)

    @cached_property
    def total(self) -> Score:
        """The figures of everything."""
        records = Records(list(self.expectations), list(self.outcomes), list(self.lateness))
        return score_of(None, records, elapsed=self.elapsed, target=self.target)

    def by(self, grouping: Grouping, *, scheme: str | None = None) -> tuple[Score, ...]:
        """The figures of each group.

        A client of several relationship types is counted for each of them. A team is named by its head. What became of a contact
        counts for the owner on the day that decided, each late day for the owner on that day.

        Args:
            grouping: By what.
            scheme: For `tier`, which scheme's; by default the policy's first.

        Returns:
            By name in order of code point, tiers best first; who has no such name comes last.

        Raises:
            InvalidValueError: If there is no such grouping.
            UnknownRecordError: If there is no such scheme.
        """
        check_choice("grouping", grouping, GROUPINGS)
        groups = self._grouped(self._names(grouping, scheme))
        best_first = self.tier_ids.get(self._scheme(scheme), ()) if grouping == "tier" else ()
        return tuple(
            score_of(name, groups[name], elapsed=self._elapsed_of(grouping, name), target=self._target_of(grouping, name))
            for name in sorted(groups, key=lambda name: _place(name, best_first))
        )

    def not_seen(self, days: int) -> tuple[LastContact, ...]:
        """Whom nobody reached in the days that end with `as_of`, that day included; the longest first, then by id.

        A client whom nobody ever reached counts from its first day, or the policy's if that is later.

        Args:
            days: From 1.

        Raises:
            InvalidValueError: If that is no whole number from 1.
        """
        if type(days) is not int or days < 1:
            raise InvalidValueError("days", days, "must be a whole number from 1")
        found = (one for one in self.last_contacts if one.days >= days)
        return tuple(sorted(found, key=lambda one: (-one.days, one.client_id)))

    def _grouped(self, names_of: Callable[[Slice], Iterable[str | None]]) -> dict[str | None, Records]:
        groups: dict[str | None, Records] = {}
        for expected in self.expectations:
            for name in names_of(expected.about):
                groups.setdefault(name, Records()).expectations.append(expected)
        for outcome in self.outcomes:
            for name in names_of(outcome.about):
                groups.setdefault(name, Records()).outcomes.append(outcome)
        for late in self.lateness:
            for name in names_of(late.about):
                groups.setdefault(name, Records()).lateness.append(late)
        return groups

    def _names(self, grouping: Grouping, scheme: str | None) -> Callable[[Slice], Iterable[str | None]]:
        if grouping == "team":
            return lambda about: (None if about.owner_id is None else self.team_by_owner.get(about.owner_id),)
        if grouping == "tier":
            scheme_id = self._scheme(scheme)
            return lambda about: (about.tiers.get(scheme_id),)
        if grouping == "type":
            return lambda about: about.types or (None,)
        if grouping == "month":
            return lambda about: (f"{about.month_on:%Y-%m}",)
        readers: Mapping[str, Callable[[Slice], str | None]] = {
            "owner": lambda about: about.owner_id,
            "channel": lambda about: about.channel,
            "rule": lambda about: about.rule_id,
            "client": lambda about: about.client_id,
        }
        read = readers[grouping]
        return lambda about: (read(about),)

    def _scheme(self, scheme: str | None) -> str:
        if scheme is None:
            return next(iter(self.tier_ids), "")
        if scheme not in self.tier_ids:
            near = nearest(scheme, self.tier_ids)
            raise UnknownRecordError("scheme", scheme, f"did you mean {near!r}?" if near else None)
        return scheme

    def _elapsed_of(self, grouping: Grouping, name: str | None) -> Fraction:
        if grouping != "month" or name is None:
            return self.elapsed
        first = date.fromisoformat(f"{name}-01")
        last = date.fromordinal(add_months(first.toordinal(), 1) - 1)
        return _elapsed(max(first, self.from_on), min(last, self.until_on), self.as_of)

    def _target_of(self, grouping: Grouping, name: str | None) -> Fraction | None:
        return self.channel_targets.get(name or "", self.target) if grouping == "channel" else self.target


def _place(name: str | None, best_first: Sequence[str]) -> tuple[bool, int, str]:
    return name is None, best_first.index(name) if name in best_first else 0, name or ""


def _elapsed(from_on: date, until_on: date, as_of: date) -> Fraction:
    days = (until_on - from_on).days + 1
    return Fraction(min(max(0, (as_of - from_on).days + 1), days), days)
