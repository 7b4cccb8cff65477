"""What the rules ask of each member of staff, from a real book, before anything is scheduled (PLN-1)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

import attrs

from relcare._time import Every
from relcare.cadence import ACCOUNT_MANAGER, Cadence, CadenceRule, asked, cadence_of, grids_of, interval_of, staff_by_role
from relcare.decisions import BookResult, Policy, vocabularies_of_policy
from relcare.facts import ClientHistory, histories_of
from relcare.model import Book, Staff
from relcare.planning._attainment import teams_of
from relcare.planning._book_demand_values import BookDemand, MemberDemand, largest_first
from relcare.planning._capacity import Capacity
from relcare.policy import Core, OutOfBounds, Vocabulary

__all__ = ["capacity_of", "demand_of"]

_DAYS_PER_WEEK: Final = 5


def capacity_of(policy: Policy, book: Book) -> Capacity:
    """The minutes that the policy's staffing gives to each member of staff of a book, by role.

    Who has no role, or one that the staffing does not name, has what account managers have; without a staffing everybody has 360.

    Args:
        policy: With or without `[staffing]`.
        book: With its staff.

    Source: PLN-1.
    """
    declared = {} if policy.staffing is None else {role.role: role.minutes_per_day for role in policy.staffing.roles}
    own = {member.id: declared[member.role] for member in book.staff if member.role in declared}
    if ACCOUNT_MANAGER in declared:
        return Capacity(minutes_per_day=declared[ACCOUNT_MANAGER], by_staff=own)
    return Capacity(by_staff=own)


def demand_of(policy: Policy, book: Book, *, as_of: date, capacity: Capacity | None = None) -> BookDemand:
    """Minutes asked against minutes there are, by member of staff, from the rules that apply to each client of a book.

    Each rule that certainly applies counts with the average length of its interval, as the client's tier, relationship types and
    facts are on the day; of rules that ask the same the governing one alone (CAD-13). It falls to whom the contact falls (CAD-9);
    absences and deputies, holidays, and what clients begin themselves are not foreseen, and neither are triggers.

    Args:
        policy: The policy.
        book: The clients with their history, and the staff.
        as_of: The civil day in the book's zone, or an aware instant on it.
        capacity: The minutes there are; by default what `capacity_of` reads from the policy's staffing.

    Raises:
        InvalidValueError: If the day is no date or before the policy is in force.

    Examples:
        >>> from relcare.model import Client
        >>> rule = CadenceRule(id="call", channel="call", every="1 week", minutes=30)
        >>> policy = Policy(id="house", version="1", effective_from=date(2026, 1, 1), cadence=[rule])
        >>> book = Book(clients=[Client(id=f"c-{n}", name="Kim", owner_id="lee") for n in range(7)])
        >>> found = demand_of(policy, book, as_of=date(2026, 3, 31), capacity=Capacity(minutes_per_day=60))
        >>> lee = found.members[0]
        >>> lee.name, lee.average, lee.peak, lee.fits, found.largest_book
        ('lee', Fraction(42, 1), 60, True, 10)

    Source: PLN-1, CAD-9, CAD-13, REL-4.
    """
    result = policy.decide(book, as_of=as_of)
    used = capacity_of(policy, book) if capacity is None else capacity
    return _Count(policy, book, result, used).demand()


@attrs.frozen(kw_only=True)
class _Ask:
    """What one rule asks for with one client.

    Attributes:
        rule: The rule.
        interval: In working days.
        times: How often in the interval.
    """

    rule: CadenceRule
    interval: Fraction
    times: int


class _Count:
    """Adds up what is asked of each member of staff."""

    def __init__(self, policy: Policy, book: Book, result: BookResult, capacity: Capacity) -> None:
        self._book = book
        self._result = result
        self._capacity = capacity
        self._words: Vocabulary = vocabularies_of_policy(policy).full
        self._cadence: Cadence = cadence_of(policy.cadence, self._words, policy_id=policy.id, policy_version=policy.version)
        anchors = (rule.anchor for rule in policy.cadence if rule.anchor in self._words)
        self._needed = tuple(dict.fromkeys((*self._cadence.layout, *(anchor for anchor in anchors if anchor is not None))))
        days = _DAYS_PER_WEEK if policy.staffing is None else policy.staffing.days_per_week
        self._working = Fraction(days, 7)
        self._roles = staff_by_role(book.staff)
        self._counts: dict[str | None, dict[tuple[str, int, Fraction], int]] = {}
        self._clients: dict[str | None, set[str]] = {}

    def demand(self) -> BookDemand:
        for history in histories_of(self._book):
            self._add(history)
        book = self._book
        owners = {book.owner_on(client.id, self._result.as_of) for client in book.clients}
        known = {member.id for member in book.staff} | {name for name in self._counts if name is not None}
        names: list[str | None] = [*sorted(known), *([None] if None in self._counts else [])]
        return BookDemand(
            as_of=self._result.as_of,
            clients=len(book.clients),
            undecided=len({(one.client_id, one.rule_id) for one in self._result.undecided}),
            members=(self._member(name) for name in names),
            role_by_staff=dict(_roles_of(book.staff, known, owners)),
            team_by_staff=teams_of(book.staff),
            clients_by_staff={name: frozenset(clients) for name, clients in self._clients.items()},
        )

    def _add(self, history: ClientHistory) -> None:
        client_id = history.client.id
        owner_id = self._book.owner_on(client_id, self._result.as_of)
        for ask in self._asks(history):
            staff_id = owner_id if ask.rule.role == ACCOUNT_MANAGER else self._roles.get(ask.rule.role, owner_id)
            counts = self._counts.setdefault(staff_id, {})
            key = ask.rule.id, self._capacity.minutes_for(ask.rule.minutes), ask.interval
            counts[key] = counts.get(key, 0) + ask.times
            self._clients.setdefault(staff_id, set()).add(client_id)

    def _asks(self, history: ClientHistory) -> Iterator[_Ask]:
        """What is asked for with one client, once for rules that ask the same."""
        row = self._row(history.client.id)
        intervals = self._result.strategy(history.client.id).intervals
        rolling: dict[object, list[tuple[Every, CadenceRule]]] = {}
        for finder in self._cadence.applying(row)[0]:
            rule = finder.rule
            if rule.mode == "rolling":
                rolling.setdefault(asked(rule), []).append((interval_of(rule, intervals), rule))
                continue
            value = row.get(rule.anchor) if rule.anchor is not None else None
            anchor = value if isinstance(value, int) else None
            times = rule.times if rule.mode == "quota" else sum(1 for _ in grids_of(rule, history, anchor))
            if times:
                yield _Ask(rule=rule, interval=self._working_days(rule.step), times=times)
        for same in rolling.values():
            every, rule = min(same, key=lambda pair: (pair[0].average_days, pair[1].id))
            yield _Ask(rule=rule, interval=self._working_days(every), times=1)

    def _working_days(self, every: Every) -> Fraction:
        return every.average_days * self._working

    def _row(self, client_id: str) -> Mapping[str, Core]:
        """What the rules read of a client, in core form."""
        facts = self._result.facts(client_id)
        row: dict[str, Core] = {}
        for name in self._needed:
            core = self._words[name].encode(name, facts.get(name))
            row[name] = None if isinstance(core, OutOfBounds) else core
        return row

    def _member(self, name: str | None) -> MemberDemand:
        counts = self._counts.get(name, {})
        rules: dict[str, Fraction] = {}
        for (rule_id, minutes, interval), count in counts.items():
            rules[rule_id] = rules.get(rule_id, Fraction()) + minutes * count / interval
        return MemberDemand(
            name=name,
            staff=0 if name is None else 1,
            clients=len(self._clients.get(name, ())),
            average=sum(rules.values(), Fraction()),
            peak=sum(ceil(count / interval) * minutes for (_, minutes, interval), count in counts.items()),
            capacity=0 if name is None else self._capacity.minutes_of(name),
            rules=largest_first(rules),
        )


def _roles_of(staff: Iterable[Staff], known: Iterable[str], owners: set[str | None]) -> Iterator[tuple[str, str]]:
    """The role of each member who has one; who has none and has clients is an account manager."""
    told = {member.id: member.role for member in staff}
    for name in known:
        role = told.get(name) or (ACCOUNT_MANAGER if name in owners else None)
        if role is not None:
            yield name, role
