"""All rules of access in one value, and what is wrong with them taken together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import attrs

from relcare._fields import ReadOnlyMap, check_tuple_of, to_texts, to_tuple
from relcare.access._rules import AccessPurpose, AccessRule, FieldClass, check_once
from relcare.access._words import check_field
from relcare.errors import InvalidValueError, nearest
from relcare.policy import RuleProblem

__all__ = ["AccessRules", "Identity", "access_problems", "class_problems", "purpose_problems"]

T = TypeVar("T")


def _to_classes(values: Iterable[FieldClass]) -> tuple[FieldClass, ...]:
    return to_tuple(values)


def _to_rules(values: Iterable[AccessRule]) -> tuple[AccessRule, ...]:
    return to_tuple(values)


def _to_purposes(values: Iterable[AccessPurpose]) -> tuple[AccessPurpose, ...]:
    return to_tuple(values)


@attrs.frozen
class Identity:
    """Fields that together tell whether two entries are the same client: one `[[identity]]` of a document.

    Attributes:
        fields: Of clients and people, at least one, each once, in any order; two entries are the same when all of them agree.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-3.
    """

    fields: tuple[str, ...] = attrs.field(eq=frozenset, converter=to_texts)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("fields", self.fields, str)
        if not self.fields:
            raise InvalidValueError("fields", self.fields, "must name at least one field")
        for index, field in enumerate(self.fields):
            check_field(f"fields[{index}]", field)
            if field.partition(".")[0] not in {"client", "person", "attribute"}:
                raise InvalidValueError(f"fields[{index}]", field, "must be a field of the client, its attributes or its people")
        check_once("fields", self.fields)


def _to_identities(values: Iterable[Identity]) -> tuple[Identity, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class AccessRules:
    """Who may see and do what with clients' files; what no rule allows is refused.

    No list in it has an order that decides anything: rules that differ in that alone are equal.

    Attributes:
        classes: Of fields. A field that is in none is hidden from everybody until it is classified.
        rules: In any order: the order decides nothing.
        purposes: Where any is declared, only these can be asked for; where none is, any text is a purpose.
        identities: What a duplicate check compares; see `check_duplicate`.

    Raises:
        InvalidValueError: Naming the first thing that is wrong.

    Examples:
        >>> house = AccessRules(
        ...     classes=[FieldClass("basic", ["client.name", "client.region"])],
        ...     rules=[AccessRule(id="own", relations=["account manager"], actions=["get"], classes=["basic"])],
        ... )
        >>> house.class_of("client.region"), house.class_of("person.phone")
        ('basic', None)

    Source: ACC-1.
    """

    classes: tuple[FieldClass, ...] = attrs.field(default=(), eq=frozenset, converter=_to_classes)
    rules: tuple[AccessRule, ...] = attrs.field(default=(), eq=frozenset, converter=_to_rules)
    purposes: tuple[AccessPurpose, ...] = attrs.field(default=(), eq=frozenset, converter=_to_purposes)
    identities: tuple[Identity, ...] = attrs.field(default=(), eq=frozenset, converter=_to_identities)

    def __attrs_post_init__(self) -> None:
        check_tuple_of("classes", self.classes, FieldClass)
        check_tuple_of("rules", self.rules, AccessRule)
        check_tuple_of("purposes", self.purposes, AccessPurpose)
        check_tuple_of("identities", self.identities, Identity)
        found = access_problems(tuple(enumerate(self.classes)), tuple(enumerate(self.rules)), tuple(enumerate(self.purposes)))
        for problem in found:
            raise InvalidValueError("access", _path(problem.path), problem.message, problem.hint)

    @cached_property
    def class_by_field(self) -> Mapping[str, str]:
        """The class of every field that has one."""
        return ReadOnlyMap((field, one.id) for one in self.classes for field in one.fields)

    def class_of(self, field: str) -> str | None:
        """The class of a field; None for one that nobody has classified."""
        return self.class_by_field.get(field)

    def fields_in(self, classes: Iterable[str]) -> frozenset[str]:
        """All fields of some classes."""
        wanted = frozenset(classes)
        return frozenset(field for one in self.classes if one.id in wanted for field in one.fields)

    @cached_property
    def _fields_by_rule(self) -> Mapping[str, frozenset[str]]:
        return {rule.id: self.fields_in(rule.classes) for rule in self.rules}

    def fields_of(self, rule: AccessRule) -> frozenset[str]:
        """All fields that a rule is about."""
        return self._fields_by_rule[rule.id]

    def purpose(self, purpose_id: str) -> AccessPurpose | None:
        """A declared purpose; None for one that is not declared."""
        return next((one for one in self.purposes if one.id == purpose_id), None)

    def knows_purpose(self, purpose_id: str) -> bool:
        """Whether a purpose can be asked for: it is declared, or none is."""
        return not self.purposes or self.purpose(purpose_id) is not None


def _path(path: Sequence[str | int]) -> str:
    name = {"field_class": "classes", "access": "rules", "access_purpose": "purposes"}[str(path[0])]
    return name + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:])


def access_problems(
    classes: Sequence[tuple[int, FieldClass]],
    rules: Sequence[tuple[int, AccessRule]],
    purposes: Sequence[tuple[int, AccessPurpose]],
    broken: frozenset[str] = frozenset(),
) -> Iterator[RuleProblem]:
    """What is wrong with rules of access taken together: ids taken twice, fields in two classes, unknown classes and purposes.

    Args:
        classes: Each with its index in the document.
        rules: Likewise.
        purposes: Likewise.
        broken: Classes and purposes that are declared but could not be read (`class.basic`, `purpose.visit`).

    Returns:
        Each with its path from the root of a document.
    """
    yield from _unique("field_class", [(index, one.id) for index, one in classes])
    yield from _unique("access", [(index, one.id) for index, one in rules])
    yield from _unique("access_purpose", [(index, one.id) for index, one in purposes])
    homes: dict[str, str] = {}
    for index, one in classes:
        for place, field in enumerate(one.fields):
            home = homes.setdefault(field, one.id)
            if home != one.id:
                path = ("field_class", index, "fields", place)
                yield RuleProblem(path, f"{field!r} is in the class {home!r} already", "a field is in one class")
    known_classes = [one.id for _, one in classes] + _named(broken, "class.")
    known_purposes = [one.id for _, one in purposes] + _named(broken, "purpose.")
    for index, rule in rules:
        for place, word in enumerate(rule.classes):
            yield from class_problems(("access", index, "classes", place), word, known_classes)
        for place, word in enumerate(rule.purposes):
            yield from purpose_problems(("access", index, "purposes", place), word, known_purposes)


def class_problems(path: tuple[str | int, ...], word: str, known: Sequence[str]) -> Iterator[RuleProblem]:
    """That a rule names a class of fields which is not among those that are declared."""
    if word not in known:
        near = nearest(word, known)
        hint = f"did you mean {near!r}?" if near else "declare it under [[field_class]]"
        yield RuleProblem(path, f"unknown class of fields {word!r}", hint)


def purpose_problems(path: tuple[str | int, ...], word: str, known: Sequence[str]) -> Iterator[RuleProblem]:
    """That a rule names a purpose which is not among those that are declared; where none is, any text is a purpose."""
    if known and word not in known:
        near = nearest(word, known)
        hint = f"did you mean {near!r}?" if near else "declare it under [[access_purpose]]"
        yield RuleProblem(path, f"unknown purpose {word!r}", hint)


def _named(broken: frozenset[str], prefix: str) -> list[str]:
    return sorted(name.removeprefix(prefix) for name in broken if name.startswith(prefix))


def _unique(room: str, ids: Iterable[tuple[int, str]]) -> Iterator[RuleProblem]:
    first: dict[str, int] = {}
    for index, one in ids:
        if one in first:
            yield RuleProblem((room, index, "id"), f"id {one!r} is taken by {room}[{first[one]}]")
        first.setdefault(one, index)
