"""The rules of access of a document: `[[field_class]]`, `[[access]]`, `[[access_purpose]]` and `[[identity]]`."""

from collections.abc import Callable
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
from relcare.codec._tables import Check, Table
from relcare.errors import InvalidValueError

__all__ = ["read_access"]

T = TypeVar("T")


def read_access(root: Table) -> AccessRules | None:
    """The rules; None when there are none, or something is wrong with them."""
    broken: set[str] = set()
    classes = _several(root, "field_class", _field_class, "class", broken)
    purposes = _several(root, "access_purpose", _purpose, "purpose", broken)
    rules = _several(root, "access", _rule, "rule", broken)
    identities = _several(root, "identity", _identity, "identity", broken)
    found = list(access_problems(classes, rules, purposes, frozenset(broken)))
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
    for index, text in enumerate(texts or ()):
        try:
            check(key, text)
        except InvalidValueError as error:
            table.is_broken = True
            table.reader.report((*table.path, key, index), f"is {error.value}: {error.rule}", error.hint)
    return texts


def _among(choices: tuple[str, ...]) -> Check:
    def check(name: str, value: object) -> None:
        check_choice(name, value, choices)

    return check


def _field_class(table: Table) -> FieldClass | None:
    class_id, title = table.text("id", required=True, check=check_text), table.text("title", check=check_text)
    fields = _words(table, "fields", check_field, required=True)
    table.close()
    return table.build(lambda: FieldClass(class_id or "", fields or (), title))


def _purpose(table: Table) -> AccessPurpose | None:
    purpose_id, lasts = table.text("id", required=True, check=check_text), table.parsed("lasts", Every.parse)
    table.close()
    return table.build(lambda: AccessPurpose(purpose_id or "", lasts))


def _identity(table: Table) -> Identity | None:
    fields = _words(table, "fields", check_field, required=True)
    table.close()
    return table.build(lambda: Identity(fields or ()))


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
    given = {name: value for name, value in fields.items() if value is not None}
    return table.build(lambda: AccessRule(**given))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
