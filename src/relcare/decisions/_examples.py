"""Worked examples: what a policy says about itself (CRI-3)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap, check_day, check_text, check_tuple_of, check_zone, to_map, to_optional_day, to_tuple
from relcare.errors import InvalidValueError, nearest
from relcare.model import AttributeValue, Client, ContactPerson, Purchase, Touchpoint
from relcare.model._client import check_attribute
from relcare.policy import OutOfBounds, RuleProblem, Vocabulary, fact_problems

__all__ = ["Example", "ExpectValue", "example_problems", "expect_problems", "given_problems", "split_key", "tier_problems"]

ExpectValue: TypeAlias = str | bool | int | date
ASPECTS_OF_RULES: Final = ("due", "earliest", "latest", "state", "overdue_days", "staff")
ASPECTS: Final = ("tier", "score", "rank", "vip", "segment", "first_eligible", "fact", *ASPECTS_OF_RULES)


def _to_given(value: Mapping[str, AttributeValue] | None) -> Mapping[str, AttributeValue] | None:
    return None if value is None else to_map(value)


def _to_tiers(value: Mapping[str, str]) -> Mapping[str, str]:
    return to_map(value)


def _to_expect(value: Mapping[str, ExpectValue]) -> Mapping[str, ExpectValue]:
    return to_map(value)


def _to_clients(values: Iterable[Client]) -> tuple[Client, ...]:
    return to_tuple(values)


def _to_people(values: Iterable[ContactPerson]) -> tuple[ContactPerson, ...]:
    return to_tuple(values)


def _to_touchpoints(values: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    return to_tuple(values)


def _to_purchases(values: Iterable[Purchase]) -> tuple[Purchase, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Example:
    """A case with its answer, kept in the policy and checked by `Policy.check`.

    One of three forms: facts given (`given`), one client (`client`), a small book (`clients`).

    Attributes:
        given: Facts by name.
        client: One client.
        clients: A small book.
        tiers: The tiers in force of the one client, by scheme.
        people: At these clients.
        touchpoints: Of these clients.
        purchases: Of these clients.
        as_of: The day; the policy's first by default.
        zone: The zone of the book.
        expect: By aspect: `vip.<programme>`, `tier.<scheme>`, `score.<scheme>`, `rank.<scheme>`, `first_eligible.<programme>`,
            `segment.<id>`, `fact.<id>`, `due.<rule>`, `earliest.<rule>`, `latest.<rule>`, `state.<rule>`, `overdue_days.<rule>`,
            `staff.<rule>`; for a book with the client's id and a dot before it. `none` stands for "nothing": held, not owed,
            never.

    Raises:
        InvalidValueError: If it has none of the forms, or several.
    """

    given: Mapping[str, AttributeValue] | None = attrs.field(default=None, converter=_to_given)
    client: Client | None = None
    clients: tuple[Client, ...] = attrs.field(default=(), converter=_to_clients)
    tiers: Mapping[str, str] = attrs.field(factory=ReadOnlyMap[str, str], converter=_to_tiers)
    people: tuple[ContactPerson, ...] = attrs.field(default=(), converter=_to_people)
    touchpoints: tuple[Touchpoint, ...] = attrs.field(default=(), converter=_to_touchpoints)
    purchases: tuple[Purchase, ...] = attrs.field(default=(), converter=_to_purchases)
    as_of: date | None = attrs.field(default=None, converter=to_optional_day)
    zone: str = "UTC"
    expect: Mapping[str, ExpectValue] = attrs.field(converter=_to_expect)

    def __attrs_post_init__(self) -> None:
        for name, kind in (("clients", Client), ("people", ContactPerson), ("touchpoints", Touchpoint), ("purchases", Purchase)):
            check_tuple_of(name, getattr(self, name), kind)
        for name, table in (
            ("given", ReadOnlyMap[str, AttributeValue]() if self.given is None else self.given),
            ("tiers", self.tiers),
            ("expect", self.expect),
        ):
            if not isinstance(table, ReadOnlyMap):
                raise InvalidValueError(name, table, "must be a mapping")
        for name, value in (self.given or {}).items():
            check_text("given", name)
            check_attribute(f"given.{name}", value)
        for key, value in self.expect.items():
            if not isinstance(value, (str, int, date)) or isinstance(value, datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidValueError(f"expect.{key}", value, "must be text, a whole number, true or false, or a date")
        if self.client is not None and not isinstance(self.client, Client):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("client", self.client, "must be a Client")
        check_zone("zone", self.zone)
        if (self.given is not None) + (self.client is not None) + bool(self.clients) != 1:
            raise InvalidValueError("example", "?", "must have exactly one of given, client and clients")
        if self.tiers and self.client is None:
            raise InvalidValueError("tiers", dict(self.tiers), "must go with client")
        if not self.expect:
            raise InvalidValueError("expect", {}, "must say what is expected")
        if self.as_of is not None:
            check_day("as_of", self.as_of)


def split_key(example: Example, key: str) -> tuple[str | None, str, str]:
    """Client id, aspect and rule of a key of `expect`; of several ways to read it the longest client id."""
    client_id, aspect, rule = _split(key, [client.id for client in example.clients])
    return (client_id if example.client is None else example.client.id), aspect, rule


def _split(key: str, client_ids: Iterable[str]) -> tuple[str | None, str, str]:
    for client_id in sorted(client_ids, key=len, reverse=True):
        if key.startswith(f"{client_id}."):
            aspect, _, rule = key[len(client_id) + 1 :].partition(".")
            return client_id, aspect, rule
    aspect, _, rule = key.partition(".")
    return None, aspect, rule


def example_problems(example: Example, vocabulary: Vocabulary, rules: Sequence[str]) -> Iterator[RuleProblem]:
    """What is wrong with an example before it is run: unknown names, values that no fact has.

    Args:
        example: The example.
        vocabulary: All facts of the policy.
        rules: The ids of its cadence rules and triggers.
    """
    for name, value in (example.given or {}).items():
        yield from given_problems(("given", name), name, value, vocabulary)
    for scheme, tier in example.tiers.items():
        yield from tier_problems(("tiers", scheme), scheme, tier, vocabulary)
    client_ids = [client.id for client in example.clients]
    for key in example.expect:
        yield from expect_problems(("expect", key), key, vocabulary, client_ids=client_ids, rules=rules)


def given_problems(path: tuple[str | int, ...], name: str, value: object, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a fact that an example gives.

    Args:
        path: Of the value.
        name: Of the fact.
        value: As people write it.
        vocabulary: All facts of the policy.
    """
    kind = vocabulary.get(name)
    if kind is None:
        yield from fact_problems(path, name, vocabulary)
        return
    try:
        core = kind.encode(name, value)
    except InvalidValueError as error:
        yield RuleProblem(path, str(error))
        return
    if isinstance(core, OutOfBounds):
        known = f"its values are {', '.join(kind.values)}" if kind.values else None
        yield RuleProblem(path, f"{name} cannot be {core.value!r}", known)


def tier_problems(path: tuple[str | int, ...], scheme: str, tier: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a tier that an example gives its client.

    Args:
        path: Of the tier.
        scheme: Its scheme.
        tier: The tier.
        vocabulary: All facts of the policy.
    """
    known_tiers = vocabulary.get(f"tier.{scheme}")
    if known_tiers is None and not vocabulary.is_broken(f"tier.{scheme}"):
        yield _unknown(path, f"unknown scheme {scheme!r}", scheme, _known("tier", vocabulary, ()))
    elif known_tiers is not None and tier not in known_tiers.values:
        yield _unknown(path, f"unknown tier {tier!r}", tier, known_tiers.values)


def expect_problems(
    path: tuple[str | int, ...],
    key: str,
    vocabulary: Vocabulary,
    *,
    client_ids: Sequence[str],
    rules: Collection[str],
) -> Iterator[RuleProblem]:
    """What is wrong with what an example expects.

    Args:
        path: Of the value.
        key: What is expected, such as `tier.size`.
        vocabulary: All facts of the policy.
        client_ids: Of the small book that the example is about; empty where it is about one client or about facts.
        rules: The ids of its cadence rules and triggers.
    """
    client_id, aspect, rule = _split(key, client_ids)
    if client_ids and client_id is None:
        yield _unknown(path, f"{key!r} names no client of the example", key, [f"{one}.{key}" for one in client_ids])
        return
    if aspect not in ASPECTS:
        yield _unknown(path, f"unknown aspect {aspect!r}", aspect, ASPECTS)
        return
    known = _known(aspect, vocabulary, rules)
    if rule not in known and not _is_broken(aspect, rule, vocabulary):
        yield _unknown(path, f"unknown {aspect} {rule!r}", rule, known)


def _known(aspect: str, vocabulary: Vocabulary, rules: Collection[str]) -> Collection[str]:
    if aspect in ASPECTS_OF_RULES:
        return rules
    if aspect == "fact":
        return list(vocabulary)
    room = _room(aspect)
    return [name.removeprefix(f"{room}.") for name in vocabulary if name.startswith(f"{room}.")]


def _is_broken(aspect: str, rule: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.is_broken(rule if aspect == "fact" else f"{_room(aspect)}.{rule}")


def _room(aspect: str) -> str:
    """What the names that an aspect is about begin with."""
    rooms = {"first_eligible": "vip", "score": "tier", "rank": "tier", **dict.fromkeys(ASPECTS_OF_RULES, "cadence")}
    return rooms.get(aspect, aspect)


def _unknown(path: tuple[str | int, ...], message: str, word: str, choices: Iterable[str]) -> RuleProblem:
    near = nearest(word, choices)
    return RuleProblem(path, message, f"did you mean {near!r}?" if near else None)
