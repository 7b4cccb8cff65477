"""Rules of access as data: classes of fields, purposes, and who may do what with which class."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

import attrs

from relcare._fields import check_choice, check_optional_text, check_text, check_tuple_of, to_texts, to_tuple
from relcare._time import Every
from relcare.access._words import (
    ACTIONS,
    CLIENT_SCOPES,
    MEDIA,
    READING,
    RELATIONS,
    Action,
    ClientScope,
    Medium,
    Relation,
    check_field,
)
from relcare.errors import InvalidValueError

__all__ = ["AccessPurpose", "AccessRule", "FieldClass", "check_once"]

_WITHOUT_FIELDS: Final = frozenset({"know", "duplicate check", "delegate", "erase"})
_WITH_APPROVAL: Final = READING | {"apply"}
_MOST: Final = 1_000_000


def _to_actions(values: Iterable[Action]) -> tuple[Action, ...]:
    return to_tuple(values)


def _to_relations(values: Iterable[Relation]) -> tuple[Relation, ...]:
    return to_tuple(values)


def _to_media(values: Iterable[Medium]) -> tuple[Medium, ...]:
    return to_tuple(values)


def _to_every(value: Every | str | None) -> Every | None:
    return Every.parse(value, "longest") if isinstance(value, str) else value


def _to_lasts(value: Every | str | None) -> Every | None:
    return Every.parse(value, "lasts") if isinstance(value, str) else value


def check_once(name: str, values: tuple[str, ...]) -> None:
    """Refuse a text that stands twice in a list."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise InvalidValueError(f"{name}[{index}]", value, "must come once")


@attrs.frozen
class FieldClass:
    """Fields of a client's file that are open to the same people: basic, dynamic, private.

    Attributes:
        id: Unique in the policy.
        fields: At least one, each once, in any order; see `check_field`. A field is in one class at most; in none it is hidden.
        title: For people.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1.
    """

    id: str
    fields: tuple[str, ...] = attrs.field(eq=frozenset, converter=to_texts)
    title: str | None = None

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        check_optional_text("title", self.title)
        check_tuple_of("fields", self.fields, str)
        if not self.fields:
            raise InvalidValueError("fields", self.fields, "must name at least one field")
        for index, field in enumerate(self.fields):
            check_field(f"fields[{index}]", field)
        check_once("fields", self.fields)


@attrs.frozen
class AccessPurpose:
    """What a client's file may be looked at for.

    Attributes:
        id: As requests and rules name it.
        lasts: How long a grant for this purpose may last at most; None where the rules alone say it.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1, ACC-2.
    """

    id: str
    lasts: Every | None = attrs.field(default=None, converter=_to_lasts)

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        if self.lasts is not None and not isinstance(self.lasts, Every):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("lasts", self.lasts, "must be a length of time", 'write "7 days"')


@attrs.frozen(kw_only=True)
class AccessRule:
    """Who may do what with which classes of fields. Rules only ever let in: what no rule allows is refused.

    The order in which roles, relations, actions, classes, purposes and media are listed says nothing: rules that differ in it
    alone are equal.

    Attributes:
        id: Unique in the policy.
        roles: One of which the person must have; free text compared exactly. Empty: whatever the roles.
        relations: One of which the person must have to the client, see `standing_of`. Empty: whatever the relation. One of the
            two must be given: no rule is everybody's.
        clients: `all`, those with an account manager (`owned`), or those in the `pool`.
        actions: At least one, each once; see `ACTIONS`.
        classes: Of fields. Needed unless the actions touch no field (`know`, `duplicate check`, `delegate`, `erase`).
        purposes: For which; empty for any purpose.
        media: In which; `screen` alone by default.
        approval: Whether it also takes the approval of somebody else who may `approve`: for reading a grant, for `apply` the
            approval of the change.
        longest: How long a grant under this rule may last; None where the purposes say it.
        most: How many records a grant may be for; None for any number.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-1, ACC-2.
    """

    id: str
    roles: tuple[str, ...] = attrs.field(eq=frozenset, default=(), converter=to_texts)
    relations: tuple[Relation, ...] = attrs.field(eq=frozenset, default=(), converter=_to_relations)
    clients: ClientScope = "all"
    actions: tuple[Action, ...] = attrs.field(eq=frozenset, converter=_to_actions)
    classes: tuple[str, ...] = attrs.field(eq=frozenset, default=(), converter=to_texts)
    purposes: tuple[str, ...] = attrs.field(eq=frozenset, default=(), converter=to_texts)
    media: tuple[Medium, ...] = attrs.field(eq=frozenset, default=("screen",), converter=_to_media)
    approval: bool = False
    longest: Every | None = attrs.field(default=None, converter=_to_every)
    most: int | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        self._check_lists()
        check_choice("clients", self.clients, CLIENT_SCOPES)
        if not (self.roles or self.relations):
            raise InvalidValueError("roles", self.roles, "must name a role, or relations a relation", "no rule is everybody's")
        if not self.actions or not self.media:
            name = "media" if self.actions else "actions"
            raise InvalidValueError(name, (), "must name at least one")
        if not self.classes and not self.touches_no_field:
            raise InvalidValueError("classes", self.classes, "must name at least one class of fields for these actions")
        self._check_approval()
        check_optional_text("source", self.source)

    def _check_lists(self) -> None:
        for name, choices in (
            ("roles", None),
            ("relations", RELATIONS),
            ("actions", ACTIONS),
            ("classes", None),
            ("purposes", None),
            ("media", MEDIA),
        ):
            values: tuple[str, ...] = getattr(self, name)
            check_tuple_of(name, values, str)
            for index, value in enumerate(values):
                if choices is None:
                    check_text(f"{name}[{index}]", value)
                else:
                    check_choice(f"{name}[{index}]", value, choices)
            check_once(name, values)

    def _check_approval(self) -> None:
        if type(self.approval) is not bool:
            raise InvalidValueError("approval", self.approval, "must be true or false")
        if self.approval and not _WITH_APPROVAL.issuperset(self.actions):
            raise InvalidValueError("approval", self.approval, "must go with reading or with apply alone")
        if self.longest is not None and not isinstance(self.longest, Every):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("longest", self.longest, "must be a length of time", 'write "7 days"')
        if self.most is not None and (type(self.most) is not int or not 1 <= self.most <= _MOST):
            raise InvalidValueError("most", self.most, f"must be a whole number from 1 to {_MOST:,}")
        for name in ("longest", "most"):
            if getattr(self, name) is not None and not self.gives_grants:
                raise InvalidValueError(name, getattr(self, name), "must go with approval for reading", "write approval = true")

    @property
    def touches_no_field(self) -> bool:
        """Whether none of its actions is about fields."""
        return _WITHOUT_FIELDS.issuperset(self.actions)

    @property
    def gives_grants(self) -> bool:
        """Whether what it lets do takes a grant."""
        return self.approval and not READING.isdisjoint(self.actions)

    @cached_property
    def _held(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        return frozenset(self.roles), frozenset(self.relations), frozenset(self.actions)

    def is_for(self, roles: frozenset[str], relations: frozenset[Relation], *, is_pool: bool) -> bool:
        """Whether it is about somebody with these roles who stands to a client in these relations.

        Args:
            roles: Of the person.
            relations: To the client.
            is_pool: Whether the client is in the pool.
        """
        own_roles, own_relations, _ = self._held
        return (
            (not own_roles or not own_roles.isdisjoint(roles))
            and (not own_relations or not own_relations.isdisjoint(relations))
            and (self.clients == "all" or (self.clients == "pool") == is_pool)
        )

    def allows(self, action: str, purpose: str, medium: str) -> bool:
        """Whether it is about an action, a purpose and a medium."""
        return action in self._held[2] and (not self.purposes or purpose in self.purposes) and medium in self.media
