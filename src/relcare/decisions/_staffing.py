"""Who there is to do what a policy asks, and for what book: declared, so that the policy itself can be checked against it."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from relcare._fields import check_text, check_tuple_of, to_decimal, to_map, to_tuple
from relcare.errors import InvalidValueError, nearest
from relcare.policy import FactType, RuleProblem, Vocabulary, fact_problems
from relcare.segmentation import share_text, to_share

__all__ = ["RoleStaffing", "Staffing", "mix_problems", "staffing_problems"]

_MOST_CLIENTS: Final = 100_000_000
_MIXABLE: Final = frozenset({"level", "category", "flag", "set"})


def _to_staff(value: Decimal | int | str) -> Decimal:
    return to_decimal("staff", value)


def _to_people(value: Decimal | int | str) -> Decimal:
    return to_decimal("people_per_client", value)


def _to_roles(values: "Iterable[RoleStaffing]") -> "tuple[RoleStaffing, ...]":
    return to_tuple(values)


def _to_mix(value: Mapping[str, Mapping[str, Fraction | str]]) -> Mapping[str, Mapping[str, Fraction]]:
    if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("mix", value, "must be a table of facts")
    made: dict[str, Mapping[str, Fraction]] = {}
    for fact, shares in value.items():
        if not isinstance(shares, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError(f"mix.{fact}", shares, "must be a table of values and their shares")
        made[fact] = to_map({name: to_share(share) for name, share in shares.items()})
    return to_map(made)


@attrs.frozen(kw_only=True)
class RoleStaffing:
    """The people of one role.

    Attributes:
        role: As the cadence rules name it; `account manager` are the clients' owners.
        staff: How many, more than 0; `2.5` is two and a half positions.
        minutes_per_day: What each of them has for the rules on a working day, from 1 to 1,440.

    Raises:
        InvalidValueError: If a figure is out of range.
    """

    role: str
    staff: Decimal = attrs.field(converter=_to_staff)
    minutes_per_day: int

    def __attrs_post_init__(self) -> None:
        check_text("role", self.role)
        if not 0 < self.staff <= 1_000_000:
            raise InvalidValueError("staff", self.staff, "must be more than 0 and at most 1,000,000")
        if type(self.minutes_per_day) is not int or not 1 <= self.minutes_per_day <= 1_440:
            raise InvalidValueError("minutes_per_day", self.minutes_per_day, "must be a whole number from 1 to 1,440")

    @property
    def minutes(self) -> Fraction:
        """The minutes of all of them on one working day."""
        return Fraction(self.staff) * self.minutes_per_day


@attrs.frozen(kw_only=True)
class Staffing:
    """The book a policy is meant for, and the people who keep it: the `[staffing]` of a document.

    Attributes:
        clients: How many clients there are, from 1.
        roles: The people, each role once.
        days_per_week: Working days in a week, from 1 to 7.
        people_per_client: How many people with a birthday are known at a client on average.
        mix: What is known of the clients: for a level, category, flag (`true`, `false`) or set, the share of each value, 100 % in
            all. The facts are taken as independent of each other; of a set each client has one member. Quota tiers need no mix:
            their shares are declared. What is not in the mix is unknown: the demand then is a range.

    Raises:
        InvalidValueError: If a figure is out of range, a role comes twice, or the shares of a fact are not 100 %.
    """

    clients: int
    roles: tuple[RoleStaffing, ...] = attrs.field(converter=_to_roles)
    days_per_week: int = 5
    people_per_client: Decimal = attrs.field(default=Decimal(1), converter=_to_people)
    mix: Mapping[str, Mapping[str, Fraction]] = attrs.field(factory=dict[str, dict[str, Fraction]], converter=_to_mix)

    def __attrs_post_init__(self) -> None:
        for name, most in (("clients", _MOST_CLIENTS), ("days_per_week", 7)):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= most:
                raise InvalidValueError(name, value, f"must be a whole number from 1 to {most:,}")
        if not 0 <= self.people_per_client <= 10_000:
            raise InvalidValueError("people_per_client", self.people_per_client, "must be from 0 to 10,000")
        check_tuple_of("roles", self.roles, RoleStaffing)
        if not self.roles:
            raise InvalidValueError("roles", (), "must name somebody")
        names = [role.role for role in self.roles]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise InvalidValueError(f"roles[{index}]", name, "must come once")
        for fact, shares in self.mix.items():
            total = sum(shares.values(), Fraction())
            if total != 1:
                raise InvalidValueError(f"mix.{fact}", share_text(total), "must be 100% in all")


def staffing_problems(staffing: Staffing, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a staffing before anything is computed: unknown facts, and values that a fact has not.

    Args:
        staffing: The staffing.
        vocabulary: All facts of the policy.
    """
    for fact, shares in staffing.mix.items():
        for problem in mix_problems(fact, shares, vocabulary):
            yield attrs.evolve(problem, path=("mix", fact, *problem.path))


def mix_problems(fact: str, values: Iterable[str], vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with the shares of one fact.

    Args:
        fact: Its name.
        values: That have a share.
        vocabulary: All facts of the policy.
    """
    kind = vocabulary.get(fact)
    if kind is None:
        yield from fact_problems((), fact, vocabulary)
        return
    if kind.kind not in _MIXABLE:
        yield RuleProblem((), f"{fact} is a {kind.kind}: shares are of levels, categories, flags and sets")
        return
    known = _values_of(fact, kind, vocabulary)
    for value in values:
        if known and value not in known and not vocabulary.is_broken(f"strategy.{value}"):
            near = nearest(value, known)
            yield RuleProblem((value,), f"{fact} has no value {value!r}", f"did you mean {near!r}?" if near else None)


def _values_of(fact: str, kind: FactType, vocabulary: Vocabulary) -> tuple[str, ...]:
    """What a share may be of; nothing where any text will do. Relationship types are those that have a strategy (REL-4)."""
    if fact == "client.relationship_types":
        return tuple(name.removeprefix("strategy.") for name in vocabulary if name.startswith("strategy."))
    return ("true", "false") if kind.kind == "flag" else tuple(kind.values)
