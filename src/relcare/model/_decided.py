"""What decisions are made of, for every area: reasons, verdicts, obligations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, TypeAlias, overload

import attrs

from relcare._fields import ReadOnlyMap
from relcare._time import Every

__all__ = [
    "STATES",
    "Answer",
    "FactValue",
    "Obligation",
    "Obligations",
    "Reason",
    "ReasonValue",
    "State",
    "Undecided",
    "Verdict",
]

FactValue: TypeAlias = str | int | Decimal | bool | date | frozenset[str] | None
"""A fact as people read it: a Decimal for numbers, text for levels and categories, None when missing."""

ReasonValue: TypeAlias = str | int | Decimal | bool | date | tuple[str, ...] | None

Answer = Literal["yes", "no", "unknown"]
State = Literal["upcoming", "due", "grace", "overdue", "deferred"]
STATES: Final[tuple[State, ...]] = ("upcoming", "due", "grace", "overdue", "deferred")
"""Where an obligation stands on `as_of` (CAD-5)."""


# The host's own context may be set to few digits, or trap what is rounded.
_CONTEXT: Final = Context(prec=28, traps=[])


# Most reasons rest on no facts; a book has hundreds of thousands of reasons.
_NO_FACTS: Final[ReadOnlyMap[str, FactValue]] = ReadOnlyMap()


def _to_facts(values: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    return ReadOnlyMap(values) if values else _NO_FACTS


def _to_values(values: Mapping[str, ReasonValue]) -> Mapping[str, ReasonValue]:
    return ReadOnlyMap(values)


@attrs.frozen
class Reason:
    """Why: a stable code with its values. `relcare.explain` puts it into words.

    Attributes:
        code: Stable across releases, such as `vip.path_met`.
        facts: The facts it rests on, with their values; None is missing. Evaluating only these gives the same again (CRI-3).
        values: What else the words need: rule, threshold, dates.
    """

    code: str
    facts: Mapping[str, FactValue] = attrs.field(factory=ReadOnlyMap[str, FactValue], converter=_to_facts)
    values: Mapping[str, ReasonValue] = attrs.field(factory=ReadOnlyMap[str, ReasonValue], converter=_to_values)


@attrs.frozen(kw_only=True)
class Verdict:
    """The answer to one criterion, with what it rests on.

    Attributes:
        answer: `yes`, `no`, or `unknown` when a missing fact leaves it open (CRI-2).
        reasons: Why.
        missing: The facts that are missing and could settle it, in order of name.
    """

    answer: Answer
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Obligation:
    """A contact that is owed.

    Attributes:
        key: Client, rule and occurrence; the same contact has the same key however often it is generated (CAD-13).
        client_id: To whom.
        rule_id: The governing rule.
        rule_ids: All rules that ask for it, the governing one first.
        owner_id: The client's account manager, or None.
        staff_id: Who is to do it (CAD-9), or None when nobody is found.
        person_id: Whom it is meant for, where the rule names a person (a birthday), else None.
        attributed_to: Whose lateness it is when it is late: `owner`, `owner_absent`, `permission` or `cap`, as attainment names
            them; None while it is not late (CAD-14).
        channel: How.
        role: The role the rule gives it to.
        minutes: How long it takes, 0 when the rule does not say.
        priority: The higher goes first among equally late ones.
        state: `upcoming`, `due`, `grace`, `overdue` or `deferred` on `as_of`.
        never_contacted: Whether no contact that qualifies has ever happened.
        last_contact_on: The day of the last one, or None.
        interval: The interval in force as text, such as `1 week`.
        interval_days: Its average length in days.
        earliest_on: The first day on which it counts; inclusive.
        due_on: The day on which it is due, rolled to a business day.
        latest_on: The last day of grace; inclusive.
        due_at: The instant by which it is due, where hours matter; else None.
        next_allowed_at: While deferred, the next instant at which it may be done (CAD-11); else None.
        overdue_days: Days since `due_on`, counted in grace too; 0 when not late.
        policy_id: The policy.
        policy_version: Its version.
        as_of: The day the answer is for.
        reasons: Why, the governing rule's first.
    """

    key: str
    client_id: str
    rule_id: str
    rule_ids: tuple[str, ...]
    owner_id: str | None
    staff_id: str | None
    person_id: str | None = None
    attributed_to: str | None
    channel: str
    role: str
    minutes: int = 0
    priority: int = 0
    state: State
    never_contacted: bool
    last_contact_on: date | None
    interval: str
    interval_days: Decimal
    earliest_on: date
    due_on: date
    latest_on: date
    due_at: datetime | None = None
    next_allowed_at: datetime | None = None
    overdue_days: int
    policy_id: str
    policy_version: str
    as_of: date
    reasons: tuple[Reason, ...] = ()

    @property
    def lateness_ratio(self) -> Decimal:
        """Days since the due date as a share of the interval; negative before it (CAD-5)."""
        return _CONTEXT.divide(Decimal((self.as_of - self.due_on).days), self.interval_days)


@attrs.frozen(kw_only=True)
class Undecided:
    """A rule that may or may not oblige: its criterion is unknown for the client (CRI-2).

    Attributes:
        client_id: The client.
        rule_id: The rule.
        missing: The facts that are missing, in order of name.
        reasons: Why.
    """

    client_id: str
    rule_id: str
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()


@lru_cache(maxsize=1_024)
def _exact_days(interval: str) -> Fraction:
    return Every.parse(interval).average_days


def _in_order(obligations: Iterable[Obligation]) -> list[Obligation]:
    """The latest relative to its interval first, then the higher priority, then the key (CAD-5).

    Exact, by the interval itself: `interval_days` is rounded. There are few pairs of days and interval, so fractions are
    compared only among these.
    """
    found = list(obligations)
    late = [((one.as_of - one.due_on).days, one.interval) for one in found]
    ratios = {pair: Fraction(pair[0]) / _exact_days(pair[1]) for pair in set(late)}
    places = {ratio: place for place, ratio in enumerate(sorted(set(ratios.values()), reverse=True))}
    keys = [(places[ratios[pair]], -one.priority, one.key) for pair, one in zip(late, found, strict=True)]
    return [found[place] for place in sorted(range(len(found)), key=keys.__getitem__)]


class Obligations(Sequence[Obligation]):
    """Obligations in the order of CAD-5: the latest relative to its interval first, then the higher priority, then the key.

    Every method returns another `Obligations`; none changes this one.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Obligation] = (), *, is_sorted: bool = False) -> None:
        self._items = tuple(items) if is_sorted else tuple(_in_order(items))

    @overload
    def __getitem__(self, index: int) -> Obligation: ...
    @overload
    def __getitem__(self, index: slice) -> "Obligations": ...
    def __getitem__(self, index: int | slice) -> "Obligation | Obligations":
        if isinstance(index, slice):
            return Obligations(self._items[index], is_sorted=True)
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Obligation]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return self._items == other._items if isinstance(other, Obligations) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"<Obligations: {len(self._items)}>"

    def _kept(self, items: Iterable[Obligation]) -> "Obligations":
        return Obligations(items, is_sorted=True)

    def for_owner(self, owner_id: str | None) -> "Obligations":
        """Those of the clients of one account manager; None for clients without one."""
        return self._kept(o for o in self._items if o.owner_id == owner_id)

    def for_staff(self, staff_id: str | None) -> "Obligations":
        """Those that one member of staff is to do; None for those that nobody was found for."""
        return self._kept(o for o in self._items if o.staff_id == staff_id)

    def for_client(self, client_id: str) -> "Obligations":
        """Those owed to one client."""
        return self._kept(o for o in self._items if o.client_id == client_id)

    def due_by(self, day: date) -> "Obligations":
        """Those whose due day is the given day or earlier."""
        return self._kept(o for o in self._items if o.due_on <= day)

    def open_by(self, day: date) -> "Obligations":
        """Those whose earliest day is the given day or earlier."""
        return self._kept(o for o in self._items if o.earliest_on <= day)

    def in_state(self, *states: State) -> "Obligations":
        """Those in one of the states."""
        return self._kept(o for o in self._items if o.state in states)
