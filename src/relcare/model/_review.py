"""A review of tiers: what was proposed, what was said against it, what was decided (SEG-11)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import (
    MAX_NOTE,
    check_choice,
    check_day,
    check_id,
    check_moment,
    check_optional_text,
    check_text,
    check_tuple_of,
    check_zone,
    to_day,
    to_moment,
    to_optional_day,
    to_texts,
    to_tuple,
)
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.model._civil import civil_day
from relcare.model._decided import Reason

__all__ = ["CHALLENGE_STATES", "Challenge", "ChallengeState", "Review", "ReviewBorder", "ReviewDecision", "ReviewRow"]

_MOST_CLIENTS: Final = 100_000_000

ChallengeState: TypeAlias = Literal["open", "upheld", "dismissed"]
CHALLENGE_STATES: Final[tuple[ChallengeState, ...]] = ("open", "upheld", "dismissed")


def _to_instant(value: datetime) -> datetime:
    return cast("datetime", to_moment(value))


def _to_reasons(values: Iterable[Reason]) -> tuple[Reason, ...]:
    return to_tuple(values)


def _check_instant(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        raise InvalidValueError(name, value, "must be an aware instant")
    check_moment(name, value)


def _check_optional_id(name: str, value: str | None) -> None:
    if value is not None:
        check_id(name, value)


def _check_score(value: object) -> None:
    if value is not None and not (isinstance(value, Decimal) and value.is_finite()):
        raise InvalidValueError("score", value, "must be a finite Decimal")


def _check_flag(name: str, value: object) -> None:
    if type(value) is not bool:
        raise InvalidValueError(name, value, "must be true or false")


@attrs.frozen(kw_only=True)
class ReviewRow:
    """What a review says of one client in one scheme.

    Attributes:
        client_id: Who.
        scheme_id: The scheme.
        before: The tier in force; None for none.
        since_on: The first day of its spell; None for none.
        proposed: The tier by the facts alone; None when held or out of scope.
        wanted: Once the client stays as far as hysteresis lets it; later reviews are confirmed by it (SEG-9).
        tier: Where the client goes, or stays; None where there is no tier for it.
        score: Of a quota; None without one.
        rank: From 1 among the ranked; None when not ranked.
        is_border: Of a quota: whether it is ranked last above a cut, or first below it, or has the score of one of these. Of
            thresholds: whether one fact, its smallest step or its margin away, would give another tier; a reason names it.
        is_unequal: Whether somebody with the same score is proposed for another tier.
        reasons: Why, with the facts it rests on.
    """

    client_id: str
    scheme_id: str
    before: str | None = None
    since_on: date | None = attrs.field(default=None, converter=to_optional_day)
    proposed: str | None = None
    wanted: str | None = None
    tier: str | None = None
    score: Decimal | None = None
    rank: int | None = None
    is_border: bool = False
    is_unequal: bool = False
    reasons: tuple[Reason, ...] = attrs.field(default=(), converter=_to_reasons)

    def __attrs_post_init__(self) -> None:
        check_id("client_id", self.client_id)
        check_id("scheme_id", self.scheme_id)
        for name in ("before", "proposed", "wanted", "tier"):
            _check_optional_id(name, getattr(self, name))
        if self.since_on is not None:
            check_day("since_on", self.since_on)
        if (self.before is None) != (self.since_on is None):
            raise InvalidValueError("since_on", self.since_on, "must be given with before, and only then")
        if self.rank is not None and (type(self.rank) is not int or not 1 <= self.rank <= _MOST_CLIENTS):
            raise InvalidValueError("rank", self.rank, f"must be a whole number from 1 to {_MOST_CLIENTS:,}")
        _check_score(self.score)
        _check_flag("is_border", self.is_border)
        _check_flag("is_unequal", self.is_unequal)
        check_tuple_of("reasons", self.reasons, Reason)

    @property
    def is_move(self) -> bool:
        """Whether the client changes its tier, the first one included."""
        return self.tier != self.before


@attrs.frozen(kw_only=True)
class ReviewBorder:
    """Where a quota's tier ended when it was reviewed.

    Attributes:
        scheme_id: The scheme.
        tier: The tier above the cut.
        score: The lowest score in it; None where the tier had no room.
        last_id: The last id in it at that score; None when all with the score are in.
        equal_ids: Who shares the score where the cut runs through equals, by code point; empty where it does not.
        is_unequal: Whether these are proposed for different tiers.
        group: In which group, of a scheme that cuts each by itself.
    """

    scheme_id: str
    tier: str
    score: Decimal | None = None
    last_id: str | None = None
    equal_ids: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    is_unequal: bool = False
    group: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("scheme_id", self.scheme_id)
        check_id("tier", self.tier)
        check_optional_text("group", self.group, MAX_NOTE)
        _check_score(self.score)
        _check_optional_id("last_id", self.last_id)
        check_tuple_of("equal_ids", self.equal_ids, str)
        for index, client_id in enumerate(self.equal_ids):
            check_id(f"equal_ids[{index}]", client_id)
        _check_flag("is_unequal", self.is_unequal)


@attrs.frozen(kw_only=True)
class Challenge:
    """Somebody objects to what a review proposes for a client.

    Attributes:
        client_id: The client.
        scheme_id: The scheme.
        tier: The tier asked for.
        reason: Why.
        by: Who asks.
        at: The aware instant.
        state: `open` until the review is decided, then `upheld` or `dismissed`.
    """

    client_id: str
    scheme_id: str
    tier: str
    reason: str
    by: str
    at: datetime = attrs.field(converter=_to_instant)
    state: ChallengeState = "open"

    def __attrs_post_init__(self) -> None:
        for name in ("client_id", "scheme_id", "tier", "by"):
            check_id(name, getattr(self, name))
        check_text("reason", self.reason, MAX_NOTE)
        _check_instant("at", self.at)
        check_choice("state", self.state, CHALLENGE_STATES)


@attrs.frozen(kw_only=True)
class ReviewDecision:
    """Who decided a review, when, and from which day on its tiers are in force.

    Attributes:
        by: Who.
        at: The aware instant.
        in_force_from: The first day.
    """

    by: str
    at: datetime = attrs.field(converter=_to_instant)
    in_force_from: date = attrs.field(converter=to_day)

    def __attrs_post_init__(self) -> None:
        check_id("by", self.by)
        _check_instant("at", self.at)
        check_day("in_force_from", self.in_force_from)


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
