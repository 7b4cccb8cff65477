"""What the rules ask of the people who keep a book, before anything is scheduled (PLN-1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

import attrs

from relcare._time import Every
from relcare.cadence import ACCOUNT_MANAGER, CadenceRule, asked, interval_of
from relcare.decisions import Policy, Staffing, vocabularies_of_policy
from relcare.errors import InvalidValueError
from relcare.planning._mix import Answers, ClientKind, answers_of, kinds_of
from relcare.policy import Vocabulary, facts_of
from relcare.relationships import Strategy, merge_strategies, strategies_of
from relcare.segmentation import QuotaScheme

__all__ = ["Demand", "RoleDemand", "demand"]


@attrs.frozen(kw_only=True)
class RoleDemand:
    """What is asked of one role, in minutes a working day.

    Attributes:
        role: As the staffing names it; what is asked of roles that nobody has goes to the account managers (CAD-9).
        least: On average, counting only rules that surely apply, and no call that a visit makes needless.
        most: On average, counting every rule that may apply.
        peak: On the fullest day, when the clients of each rule are spread evenly over its interval (round robin) and the full
            days of all rules meet.
        capacity: What there is.
        rules: Which rules ask it, with the most each asks; the largest first.
    """

    role: str
    least: Fraction
    most: Fraction
    peak: int
    capacity: Fraction
    rules: tuple[tuple[str, Fraction], ...]

    @property
    def fits(self) -> bool | None:
        """Whether the capacity is enough on average; None when that depends on what is not declared."""
        return True if self.most <= self.capacity else False if self.least > self.capacity else None

    @property
    def fits_peak(self) -> bool:
        """Whether it is enough on the fullest day too."""
        return self.peak <= self.capacity


@attrs.frozen(kw_only=True)
class Demand:
    """Demand against capacity, for the declared book.

    Attributes:
        clients: How many there are.
        roles: Each role of the staffing, in its order, and the account managers if they are not in it but asked for something.
        unknown: Facts that rules ask for and that the mix does not give; they are why `least` and `most` differ.
        largest_book: How many clients of this mix surely fit on average; None when nothing is asked.
        stretch: What all intervals would have to be multiplied with for the most to fit; 1 when it does, None when a role that is
            asked has no capacity at all.
    """

    clients: int
    roles: tuple[RoleDemand, ...]
    unknown: tuple[str, ...]
    largest_book: int | None
    stretch: Fraction | None

    @property
    def fits(self) -> bool | None:
        """Whether every role has enough on average; None when that depends on what is not declared."""
        answers = [role.fits for role in self.roles]
        return False if False in answers else None if None in answers else True


@attrs.frozen(kw_only=True)
class _Task:
    """What one rule asks of one kind of client."""

    rule: CadenceRule
    interval: Fraction
    per_client: Fraction
    is_sure: bool

    @property
    def minutes(self) -> Fraction:
        """A client and working day."""
        return self.rule.minutes * self.per_client / self.interval


def demand(policy: Policy, staffing: Staffing | None = None) -> Demand:
    """Minutes asked against minutes there are, by role, from the rules and the mix of clients alone.

    An interval counts with its average length; holidays and days off are not taken off on either side. Contacts that clients
    begin themselves are not foreseen: they can only lower the demand. Neither are triggers: nobody can say how often they come.

    Args:
        policy: The policy.
        staffing: The book and the people; by default the policy's own.

    Raises:
        InvalidValueError: If neither gives a staffing, or the mix tells too many kinds of client apart.

    Source: PLN-1.
    """
    staffed = policy.staffing if staffing is None else staffing
    if staffed is None:
        raise InvalidValueError("staffing", None, "must be given, or declared by the policy", "declare [staffing]")
    return _Estimate(policy, staffed).result()


class _Estimate:
    def __init__(self, policy: Policy, staffing: Staffing) -> None:
        self.policy = policy
        self.staffing = staffing
        self.strategies: Mapping[str, Strategy] = strategies_of(policy.relationships)
        self.vocabulary: Vocabulary = vocabularies_of_policy(policy).full
        self.capacity: dict[str, Fraction] = {role.role: role.minutes for role in staffing.roles}
        self.least: dict[str, Fraction] = {}
        self.rules: dict[str, dict[str, Fraction]] = {}
        self.counts: dict[tuple[str, str, int, Fraction], Fraction] = {}
        self.unknown: dict[str, None] = {}
        # Who lacks a fact of the score has no tier while the scheme holds: shares are of those who are ranked.
        self.held = frozenset(
            f"tier.{scheme.id}" for scheme in policy.segmentation if isinstance(scheme, QuotaScheme) and scheme.missing == "hold"
        )

    def result(self) -> Demand:
        for kind in kinds_of(self.policy, self.staffing):
            self._add(kind)
        asked_for = [role for role in self.rules if role not in self.capacity]
        roles = tuple(self._role(role) for role in (*self.capacity, *asked_for))
        loads = [role for role in roles if role.most]
        clients = self.staffing.clients
        stretches = [role.most / role.capacity for role in loads if role.capacity]
        return Demand(
            clients=clients,
            roles=roles,
            unknown=tuple(sorted(self.unknown)),
            largest_book=min((floor(clients * role.capacity / role.most) for role in loads), default=None),
            stretch=None if len(stretches) < len(loads) else max([Fraction(1), *stretches]),
        )

    def _role(self, role: str) -> RoleDemand:
        rules = self.rules.get(role, {})
        peak = sum(
            ceil(count / interval) * minutes for (name, _, minutes, interval), count in self.counts.items() if name == role
        )
        return RoleDemand(
            role=role,
            least=self.least.get(role, Fraction()),
            most=sum(rules.values(), Fraction()),
            peak=peak,
            capacity=self.capacity.get(role, Fraction()),
            rules=tuple(sorted(rules.items(), key=lambda pair: (-pair[1], pair[0]))),
        )

    def _add(self, kind: ClientKind) -> None:
        clients = self.staffing.clients * kind.share
        tasks = list(self._tasks(kind))
        for group in map(_governing, _merged(tasks)):
            heaviest = max(group, key=lambda task: task.minutes)
            role = self._role_of(heaviest.rule)
            asked_minutes = self.rules.setdefault(role, {})
            asked_minutes[heaviest.rule.id] = asked_minutes.get(heaviest.rule.id, Fraction()) + clients * heaviest.minutes
            key = (role, heaviest.rule.id, heaviest.rule.minutes, heaviest.interval)
            self.counts[key] = self.counts.get(key, Fraction()) + clients * heaviest.per_client
            self.least[role] = self.least.get(role, Fraction()) + clients * _least(group, tasks)

    def _role_of(self, rule: CadenceRule) -> str:
        return rule.role if rule.role in self.capacity else ACCOUNT_MANAGER

    def _tasks(self, kind: ClientKind) -> Iterator[_Task]:
        """The rules that may apply to a kind of client."""
        certain, people = kind.certain, Fraction(self.staffing.people_per_client)
        for rule in self.policy.cadence:
            if answers_of(rule.when, kind.row, self.vocabulary, kind.guessed | self.held) is Answers.NEVER:
                continue
            is_sure = answers_of(rule.when, certain, self.vocabulary) is Answers.ALWAYS
            if not is_sure and rule.when is not None:
                self.unknown.update(dict.fromkeys(name for name in facts_of(rule.when) if name not in certain))
            intervals = sorted(self._intervals(rule, kind), key=lambda every: every.average_days)
            for place, every in enumerate(intervals):
                yield _Task(
                    rule=rule,
                    interval=every.average_days * self.staffing.days_per_week / 7,
                    per_client=people if rule.anchor == "people.birthday" else Fraction(rule.times),
                    is_sure=is_sure and place == len(intervals) - 1,
                )

    def _intervals(self, rule: CadenceRule, kind: ClientKind) -> list[Every]:
        """The interval where the relationship types are known; else the rule's own and the shortest it may come to (REL-4)."""
        if rule.mode != "rolling":
            return [rule.step]
        types = kind.row.get("client.relationship_types")
        if isinstance(types, frozenset):
            return [interval_of(rule, merge_strategies(types, self.strategies).intervals)]
        shortest = interval_of(rule, merge_strategies(self.strategies, self.strategies).intervals)
        if shortest != rule.step:
            self.unknown["client.relationship_types"] = None
        return list(dict.fromkeys((rule.step, shortest)))


def _merged(tasks: Iterable[_Task]) -> list[list[_Task]]:
    """Tasks that ask the same thing: only the shortest of them that applies is done (CAD-13)."""
    groups: dict[object, list[_Task]] = {}
    for task in tasks:
        groups.setdefault(asked(task.rule) if task.rule.mode == "rolling" else task.rule.id, []).append(task)
    return list(groups.values())


def _governing(group: Sequence[_Task]) -> list[_Task]:
    """The tasks of a group that may be the one that is done: the first that surely applies, and those that come before it."""
    ordered = sorted(group, key=lambda task: (task.interval, task.rule.id))
    first_sure = next((place for place, task in enumerate(ordered) if task.is_sure), len(ordered))
    return ordered[: first_sure + 1]


def _least(governing: Sequence[_Task], tasks: Sequence[_Task]) -> Fraction:
    """What a group surely asks: its governing rule at the least, less the contacts that others on satisfying channels spare."""
    if not any(task.is_sure for task in governing):
        return Fraction()
    least = min(governing, key=lambda task: task.minutes)
    spared = sum((task.per_client / task.interval for task in tasks if task.rule.channel in least.rule.satisfied_by), Fraction())
    return max(Fraction(), least.minutes - least.rule.minutes * spared)
