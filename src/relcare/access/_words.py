"""The words of access: what is done, by whom in relation to the client, in which medium, to which fields."""

from collections.abc import Iterable
from itertools import chain
from typing import Final, Literal, TypeAlias, get_args

import attrs

from relcare._fields import check_identifier, check_text
from relcare.errors import InvalidValueError, nearest
from relcare.model import Appointment, Client, Consent, ContactPerson, MembershipEvent, OwnerSpell, Pin, Purchase, Touchpoint

__all__ = [
    "ACTIONS",
    "CLIENT_SCOPES",
    "FIELDS",
    "MEDIA",
    "OPEN_KINDS",
    "READING",
    "RELATIONS",
    "WHOLE",
    "Action",
    "ClientScope",
    "Medium",
    "Relation",
    "check_field",
]

Action: TypeAlias = Literal[
    "know",
    "get",
    "list",
    "search",
    "count",
    "filter",
    "sort",
    "report",
    "export",
    "duplicate check",
    "record",
    "propose",
    "approve",
    "apply",
    "delegate",
    "erase",
]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""What can be done to a client's file. `know` is to be told that there is one; to filter, to sort and to count is to read; to
`record` is to enter what happened, which changes nothing that was there; to `erase` is to take the whole file away."""

READING: Final[frozenset[str]] = frozenset({"get", "list", "search", "count", "filter", "sort", "report", "export"})
"""The actions that read."""

WHOLE: Final[frozenset[str]] = frozenset({"count", "filter", "sort", "record", "propose", "approve", "apply", "erase"})
"""The actions that are allowed for all the fields they use or not at all: half a filter would tell what is hidden."""

Relation: TypeAlias = Literal["account manager", "deputy", "head", "secretary", "keeper", "colleague", "outsider"]
RELATIONS: Final[tuple[Relation, ...]] = (
    "account manager",
    "deputy",
    "head",
    "secretary",
    "keeper",
    "colleague",
    "outsider",
)
"""How somebody can stand to a client, see `standing_of`."""

Medium: TypeAlias = Literal["screen", "paper", "file"]
MEDIA: Final[tuple[Medium, ...]] = ("screen", "paper", "file")
"""What an answer is put on."""

ClientScope: TypeAlias = Literal["all", "owned", "pool"]
CLIENT_SCOPES: Final[tuple[ClientScope, ...]] = ("all", "owned", "pool")
"""Which clients a rule is about: all, those with an account manager, or those in the pool."""

_RECORDS: Final[tuple[tuple[str, type], ...]] = (
    ("client", Client),
    ("person", ContactPerson),
    ("touchpoint", Touchpoint),
    ("purchase", Purchase),
    ("consent", Consent),
    ("appointment", Appointment),
    ("membership", MembershipEvent),
    ("owner", OwnerSpell),
    ("pin", Pin),
)
# The keys of a record are told with whatever else of it is told; attributes have names of their own.
_NOT_FIELDS: Final = frozenset({"id", "client_id", "attributes", "attribute_changes"})
_DERIVED: Final = ("obligation.owed", "decision.reasons")


def _fields_of(kind: str, record: type) -> Iterable[str]:
    names: list[str] = [field.name for field in attrs.fields(record)]  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportArgumentType]
    return (f"{kind}.{name}" for name in names if name not in _NOT_FIELDS)


FIELDS: Final[tuple[str, ...]] = (*chain.from_iterable(_fields_of(kind, record) for kind, record in _RECORDS), *_DERIVED)
"""Every field that a client's file has by itself, read off the records: a field that a record gains is here from then on."""

OPEN_KINDS: Final = ("attribute", "tier", "vip")
"""The kinds whose fields have names of the firm's own: attributes, tiers by scheme, qualifications by programme."""

_KNOWN: Final = frozenset(FIELDS)


def check_field(name: str, value: object) -> None:
    """Refuse what cannot be a field of a client's file: `client.region`, `person.phone`, `attribute.hobby`, `tier.abc`.

    Args:
        name: What the message calls it.
        value: What to check.

    Raises:
        InvalidValueError: With the nearest field there is.
    """
    check_text(name, value)
    kind, _, rest = str(value).partition(".")
    if kind in OPEN_KINDS:
        # Attributes may be called by Python's words, as in the model.
        check_identifier(name, rest, reserved=frozenset())
    elif value not in _KNOWN:
        near = nearest(str(value), _KNOWN)
        hint = f"did you mean {near!r}?" if near else f"write attribute.{rest}" if rest.isidentifier() else None
        raise InvalidValueError(name, value, "must be a field of a client's file", hint)
