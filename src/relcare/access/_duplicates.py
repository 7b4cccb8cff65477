"""Whether somebody is a client already, told without telling anything else (ACC-3)."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import attrs

from relcare.access._access_rules import AccessRules
from relcare.access._decide import decide_query
from relcare.access._decision import AccessDecision
from relcare.access._relations import standing_of, team_of_client
from relcare.access._request import AccessRequest
from relcare.access._who import Principal
from relcare.errors import InvalidValueError
from relcare.model import Book, Client, ContactPerson

__all__ = ["DuplicateAnswer", "check_duplicate", "find_duplicate", "identity_key"]

_MAX_VALUE = 400


@attrs.frozen(kw_only=True)
class DuplicateAnswer:
    """All that a duplicate check tells.

    Attributes:
        decision: Whether it was answered at all.
        exists: Whether there is such a client; False where it was not answered.
        team: The team that keeps it; None where there is none: nobody has the client, or its manager is in no team.

    Source: ACC-3.
    """

    decision: AccessDecision
    exists: bool = False
    team: str | None = None


def identity_key(field: str, value: object) -> str:
    """What is compared of a value: its letters and digits without regard to case, width and accents' form; of a phone its digits.

    Args:
        field: Of `person.phone` the digits count alone, and of more than nine the last nine: country codes differ in writing.
        value: As somebody wrote it; of one of more than 400 characters nothing is compared.

    Returns:
        Empty when nothing of it can be compared; empty keys are equal to nothing.
    """
    text = str(value)
    if len(text) > _MAX_VALUE:
        return ""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if field == "person.phone":
        digits = "".join(str(unicodedata.digit(letter)) for letter in plain if letter.isdigit())
        return digits[-9:]
    return "".join(letter for letter in plain if letter.isalnum() or letter == "@")


def check_duplicate(
    rules: AccessRules,
    principal: Principal | None,
    values: Mapping[str, str],
    book: Book,
    *,
    purpose: str,
    at: datetime,
    as_of: date,
) -> DuplicateAnswer:
    """Whether there is such a client already, and which team keeps it; the one declared exception to ACC-6.

    It says the same of a client that the asker may see and of one that they may not: neither which one it is, nor how many there
    are, nor which of the values agreed. What is asked must be an identity that the rules declare, whole: a part of one, or a
    field that is in none, is refused without looking.

    Args:
        rules: The firm's; `identities` says what is compared.
        principal: Who asks; what counts is how they stand to the pool as a whole.
        values: By field, exactly those of one or more identities; any identity that agrees is enough.
        book: All clients.
        purpose: What for.
        at: An aware instant.
        as_of: The same as a civil day in the book's zone, for who keeps the client.

    Returns:
        With several such clients, the team of the one with the lowest id by code point.

    Raises:
        InvalidValueError: If the values are those of no identity, or one of them has nothing that can be compared.

    Source: ACC-3.
    """
    request = AccessRequest(action="duplicate check", purpose=purpose)
    standing = None if principal is None else standing_of(book, principal, None, as_of=as_of)
    decision = decide_query(rules, principal, request, at=at, standing=standing)
    return find_duplicate(rules, decision, values, book, as_of=as_of)


def find_duplicate(
    rules: AccessRules, decision: AccessDecision, values: Mapping[str, str], book: Book, *, as_of: date
) -> DuplicateAnswer:
    """The answer of `check_duplicate`, once it is decided whether there is to be one.

    Args:
        rules: As there.
        decision: Of the duplicate check.
        values: As there.
        book: As there.
        as_of: As there.

    Raises:
        InvalidValueError: As there.
    """
    if not decision.is_allowed:
        return DuplicateAnswer(decision=decision)
    wanted = [one.fields for one in rules.identities if set(one.fields) <= set(values)]
    if not wanted or set(values) != {field for fields in wanted for field in fields}:
        known = ", ".join(" and ".join(one.fields) for one in rules.identities) or "none"
        raise InvalidValueError("values", tuple(sorted(values)), "must be all fields of an identity", f"declared: {known}")
    keys = {field: identity_key(field, value) for field, value in values.items()}
    for field, key in keys.items():
        if not key:
            raise InvalidValueError(f"values[{field!r}]", "...", "must have a letter or digit, and at most 400 characters")
    found = [
        client.id
        for client in book.clients
        if any(_agrees(client, book.people_by_client.get(client.id, ()), fields, keys, as_of) for fields in wanted)
    ]
    team = team_of_client(book, min(found), as_of=as_of) if found else None
    return DuplicateAnswer(decision=decision, exists=bool(found), team=team)


def _agrees(client: Client, people: Sequence[ContactPerson], fields: Iterable[str], keys: Mapping[str, str], as_of: date) -> bool:
    """Whether all fields agree: those of people with one and the same person."""
    own = [field for field in fields if not field.startswith("person.")]
    personal = [field for field in fields if field.startswith("person.")]
    if any(keys[field] not in _own_keys(client, field, as_of) for field in own):
        return False
    return not personal or any(all(keys[field] in _keys(field, getattr(one, field[7:])) for field in personal) for one in people)


def _own_keys(client: Client, field: str, as_of: date) -> frozenset[str]:
    kind, _, name = field.partition(".")
    return _keys(field, client.attribute(name, as_of=as_of) if kind == "attribute" else getattr(client, name))


def _keys(field: str, value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    several = value if isinstance(value, frozenset) else (value,)  # pyright: ignore[reportUnknownVariableType]
    return frozenset(key for one in several if (key := identity_key(field, one)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
