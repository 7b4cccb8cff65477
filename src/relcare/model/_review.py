"""A review of tiers: what was proposed, what was said against it, what was decided (SEG-11)."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_day, check_id, check_tuple_of, check_zone, to_day, to_tuple
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.model._challenge import Challenge, ReviewDecision
from relcare.model._civil import civil_day
from relcare.model._review_rows import ReviewBorder, ReviewRow

__all__ = ["Review"]


def _to_rows(values: Iterable[ReviewRow]) -> tuple[ReviewRow, ...]:
    return to_tuple(values)


def _to_borders(values: Iterable[ReviewBorder]) -> tuple[ReviewBorder, ...]:
    return to_tuple(values)


def _to_challenges(values: Iterable[Challenge]) -> tuple[Challenge, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Review:
    """Tiers as they were reviewed on a day: proposed, challenged, decided; once decided it never changes.

    Attributes:
        id: Unique in the book; the policy and the day say it.
        policy_id: By which policy.
        policy_version: In which version.
        on: The day whose facts count.
        zone: The zone of the book, in which instants become days (TIM-2).
        rows: Everybody in scope and whoever has a tier, scheme by scheme in the order of the policy, ranked ones first.
        borders: Of the quotas, best tier first.
        challenges: In the order in which they were made.
        decision: None while it is a proposal.

    Raises:
        InvalidValueError: If two rows are of one client and scheme, a challenge is about nobody in it, or it is decided with a
            challenge still open.

    Source: SEG-11.
    """

    id: str
    policy_id: str
    policy_version: str
    on: date = attrs.field(converter=to_day)
    zone: str
    rows: tuple[ReviewRow, ...] = attrs.field(default=(), converter=_to_rows, repr=False)
    borders: tuple[ReviewBorder, ...] = attrs.field(default=(), converter=_to_borders, repr=False)
    challenges: tuple[Challenge, ...] = attrs.field(default=(), converter=_to_challenges)
    decision: ReviewDecision | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("id", "policy_id", "policy_version"):
            check_id(name, getattr(self, name))
        check_day("on", self.on)
        check_zone("zone", self.zone)
        for name, kind in (("rows", ReviewRow), ("borders", ReviewBorder), ("challenges", Challenge)):
            check_tuple_of(name, getattr(self, name), kind)
        if len(self._row_by_place) != len(self.rows):
            raise InvalidValueError("rows", len(self.rows), "must be one for each client and scheme")
        for index, one in enumerate(self.challenges):
            if (one.client_id, one.scheme_id) not in self._row_by_place:
                raise InvalidValueError(f"challenges[{index}].client_id", one.client_id, "must name a client of the review")
            if (one.state == "open") is not (self.decision is None):
                raise InvalidValueError(f"challenges[{index}].state", one.state, "must be open until the review is decided")
        if self.decision is not None:
            if not isinstance(self.decision, ReviewDecision):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError("decision", self.decision, "must be a ReviewDecision")
            self._check_decision(self.decision)

    def _check_decision(self, decision: ReviewDecision) -> None:
        first = max(self.on, civil_day(decision.at, ZoneInfo(self.zone)))
        if decision.in_force_from < first:
            rule = f"must not be before {first}, the day of the decision"
            raise InvalidValueError("decision.in_force_from", decision.in_force_from, rule, "history is not rewritten")

    @cached_property
    def _row_by_place(self) -> dict[tuple[str, str], ReviewRow]:
        return {(row.client_id, row.scheme_id): row for row in self.rows}

    @property
    def is_decided(self) -> bool:
        """Whether it is more than a proposal."""
        return self.decision is not None

    @cached_property
    def scheme_ids(self) -> tuple[str, ...]:
        """The schemes it is about."""
        return tuple(dict.fromkeys(row.scheme_id for row in self.rows))

    def find_row(self, client_id: str, scheme_id: str) -> ReviewRow | None:
        """What it says of a client in a scheme; None when it says nothing."""
        return self._row_by_place.get((client_id, scheme_id))

    def row(self, client_id: str, scheme_id: str) -> ReviewRow:
        """What it says of a client in a scheme.

        Raises:
            UnknownRecordError: If it says nothing.
        """
        found = self.find_row(client_id, scheme_id)
        if found is None:
            near = nearest(client_id, [row.client_id for row in self.rows if row.scheme_id == scheme_id])
            raise UnknownRecordError("row of client", client_id, f"did you mean {near!r}?" if near else None)
        return found

    def tier_of(self, row: ReviewRow) -> str | None:
        """The tier that a client gets: the one asked for by the last challenge that was upheld, else the one proposed."""
        upheld = self._upheld.get((row.client_id, row.scheme_id))
        return row.tier if upheld is None else upheld

    @property
    def moves(self) -> tuple[ReviewRow, ...]:
        """The rows of everybody whose tier changes, in their order."""
        return tuple(row for row in self.rows if self.tier_of(row) != row.before)

    @cached_property
    def _upheld(self) -> dict[tuple[str, str], str]:
        return {(one.client_id, one.scheme_id): one.tier for one in self.challenges if one.state == "upheld"}
