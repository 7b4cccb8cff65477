"""The rules of access of a document: `[[field_class]]`, `[[access]]`, `[[access_purpose]]` and `[[identity]]`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from relcare._fields import check_choice, check_text
from relcare._time import Every
from relcare.access import (
    ACTIONS,
    CLIENT_SCOPES,
    MEDIA,
    RELATIONS,
    AccessPurpose,
    AccessRule,
    AccessRules,
    FieldClass,
    Identity,
    access_problems,
    check_field,
)
from relcare.access._access_rules import class_problems, purpose_problems
from relcare.codec._tables import Check, Table
from relcare.decisions._problems import field_problems
from relcare.errors import InvalidValueError
from relcare.policy import RuleProblem

__all__ = ["read_access"]

T = TypeVar("T")


def read_access(root: Table) -> AccessRules | None:
    """The rules; None when there are none, or something is wrong with them."""
    broken: set[str] = set()
    classes = _several(root, "field_class", _field_class, "class", broken)
    purposes = _several(root, "access_purpose", _purpose, "purpose", broken)
    rules = _several(root, "access", _rule, "rule", broken)
    identities = _several(root, "identity", _identity, "identity", broken)
    found = [*access_problems(classes, rules, purposes, frozenset(broken)), *_strays(root, classes, purposes, rules, broken)]
    for problem in found:
        root.reader.report(problem.path, problem.message, problem.hint)
    if found or broken or not (classes or purposes or rules or identities):
        return None
    return AccessRules(
        classes=[one for _, one in classes],
        rules=[one for _, one in rules],
        purposes=[one for _, one in purposes],
        identities=[one for _, one in identities],
    )


def _strays(
    root: Table,
    classes: Sequence[tuple[int, FieldClass]],
    purposes: Sequence[tuple[int, AccessPurpose]],
    rules: Sequence[tuple[int, AccessRule]],
    broken: Iterable[str],
) -> Iterator[RuleProblem]:
    """Wrong names in rules that could not be built for another reason."""
    built = {index for index, _ in rules}
    names = [name.partition(".") for name in broken]
    known_classes = [*(one.id for _, one in classes), *(name for kind, _, name in names if kind == "class")]
    known_purposes = [*(one.id for _, one in purposes), *(name for kind, _, name in names if kind == "purpose")]
    for table in root.listed("access"):
        if table.path[-1] in built:
            continue
        for place, word in table.named("classes"):
            yield from class_problems((*table.path, "classes", place), word, known_classes)
        for place, word in table.named("purposes"):
            yield from purpose_problems((*table.path, "purposes", place), word, known_purposes)


def _several(root: Table, key: str, read: Callable[[Table], T | None], kind: str, broken: set[str]) -> list[tuple[int, T]]:
    """Every table that could be read, with its index; of the others the names, so that nobody complains about their use."""
    found: list[tuple[int, T]] = []
    for table in root.tables(key):
        value, index = read(table), table.path[-1]
        if value is not None and isinstance(index, int):
            found.append((index, value))
        else:
            broken.add(f"{kind}.{table.data.get('id')}")
    return found


def _words(table: Table, key: str, check: Check, *, required: bool = False) -> tuple[str, ...] | None:
    """A list of texts that each pass a check; every wrong one is reported where it stands."""
    texts = table.texts(key, required=required)
    are_right = texts is not None
    for index, text in table.named(key):
        try:
            check(key, text)
        except InvalidValueError as error:
            are_right, table.is_broken = False, True
            table.reader.report((*table.path, key, index), f"is {error.value}: {error.rule}", error.hint)
    return texts if are_right else None


def _among(choices: tuple[str, ...]) -> Check:
    def check(name: str, value: object) -> None:
        check_choice(name, value, choices)

    return check


def _field_class(table: Table) -> FieldClass | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_text),
        "title": table.text("title", check=check_text),
        "fields": _words(table, "fields", check_field, required=True),
    }
    for index, name in table.named("fields"):
        _ask_field(table, index, name)
    table.close()
    return table.build(FieldClass, fields)


def _ask_field(table: Table, index: int, name: str) -> None:
    table.reader.ask((*table.path, "fields", index), lambda known: field_problems((), name, known.facts))


def _purpose(table: Table) -> AccessPurpose | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_text),
        "lasts": table.parsed("lasts", Every.parse),
    }
    table.close()
    return table.build(AccessPurpose, fields)


def _identity(table: Table) -> Identity | None:
    fields: dict[str, object] = {"fields": _words(table, "fields", check_field, required=True)}
    table.close()
    return table.build(Identity, fields)


def _rule(table: Table) -> AccessRule | None:
    fields: dict[str, object] = {
        "id": table.text("id", required=True, check=check_text),
        "roles": _words(table, "roles", check_text),
        "relations": _words(table, "relations", _among(RELATIONS)),
        "clients": table.choice("clients", CLIENT_SCOPES),
        "actions": _words(table, "actions", _among(ACTIONS), required=True),
        "classes": _words(table, "classes", check_text),
        "purposes": _words(table, "purposes", check_text),
        "media": _words(table, "media", _among(MEDIA)),
        "approval": table.flag("approval"),
        "longest": table.parsed("longest", Every.parse),
        "most": table.whole("most"),
        "source": table.text("source", check=check_text),
    }
    table.close()
    return table.build(AccessRule, fields)
