"""Hypothesis strategies for access: rules, who asks, and what they ask."""

from collections.abc import Callable, Container, Mapping
from typing import Final

from hypothesis import strategies as st

from relcare.access import (
    ACTIONS,
    CLIENT_SCOPES,
    FIELDS,
    MEDIA,
    READING,
    RELATIONS,
    AccessPurpose,
    AccessRequest,
    AccessRule,
    AccessRules,
    FieldClass,
    Identity,
    Principal,
    Standing,
)
from relcare.testing._nasty import NASTY_IDS, NASTY_NAMES
from relcare.testing._picks import Picks
from relcare.testing._strategies import cached

__all__ = [
    "FIELD_NAMES",
    "PEOPLE",
    "PURPOSE_NAMES",
    "ROLE_NAMES",
    "RULES_AND_REQUESTS",
    "access_requests",
    "access_rules",
    "drawn_access",
    "drawn_request",
    "drawn_standing",
]

# Few words, so that rules, people and requests meet; fields of every kind, and some that no class has.
FIELD_NAMES: Final = (
    "client.name",
    "client.region",
    "person.phone",
    "attribute.hobby",
    "touchpoint.note",
    "tier.abc",
    "vip.club",
)
_OTHERS: Final = ("person.birthday", "attribute.등급", FIELDS[-1])
_CLASSES: Final = ("basic", "dynamic", "private", "高端")
ROLE_NAMES: Final = ("secretary", "keeper", "auditor", "经理")
PURPOSE_NAMES: Final = ("care", "first visit", "고객 관리")
PEOPLE: Final = ("lee", "wu", "王")
_LENGTHS: Final = ("1 day", "7 days", "1 month")
_WITHOUT_APPROVAL: Final = tuple(action for action in ACTIONS if action not in READING)


def _field_class(picks: Picks, name: str, fields: tuple[str, ...]) -> FieldClass:
    return FieldClass(name, fields, picks.one((None, *NASTY_NAMES)))


def _purpose(picks: Picks) -> AccessPurpose:
    return AccessPurpose(picks.one(PURPOSE_NAMES), picks.one((None, *_LENGTHS)))


def _rule(picks: Picks, name: str, classes: tuple[str, ...], purposes: tuple[str, ...]) -> AccessRule:
    approval = bool(classes) and picks.flag()
    gives_grants = approval and picks.flag()
    actions = picks.some(sorted(READING) if gives_grants or picks.flag() else _WITHOUT_APPROVAL, 1, 4)
    if not classes:
        actions = picks.some(("know", "duplicate check", "delegate", "erase"), 1, 3)
    elif approval and not gives_grants:
        actions = ["apply"]
    roles = picks.some(ROLE_NAMES, 0, 2)
    return AccessRule(
        id=name,
        roles=roles,
        relations=picks.some(RELATIONS, 0 if roles else 1, 3),
        clients=picks.one(CLIENT_SCOPES),
        actions=actions,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        classes=picks.some(classes, 1, 3) if classes else (),
        purposes=picks.some(purposes, 0, 2),
        media=picks.some(MEDIA, 1, 3),
        approval=approval,
        longest=picks.one((None, *_LENGTHS)) if gives_grants else None,
        most=picks.one((None, 1, 3)) if gives_grants else None,
        source=picks.one((None, "handbook")),
    )


def _lone_rule(picks: Picks) -> AccessRule:
    return _rule(picks, picks.one(NASTY_IDS), _CLASSES, PURPOSE_NAMES)


def _identity(picks: Picks) -> Identity:
    return Identity(picks.some(("client.name", "person.phone", "person.email", "attribute.hobby"), 1, 2))


def drawn_access(picks: Picks, facts: Container[str] | None = None) -> AccessRules:
    """Rules of every kind over a few classes and purposes.

    Args:
        picks: Of the composite strategy.
        facts: Of the policy that they are for: they name no tier and no programme besides.
    """
    fields = [name for name in FIELD_NAMES if facts is None or name in facts or not name.startswith(("tier.", "vip."))]
    left, classes = fields, list[FieldClass]()
    for name in picks.some(_CLASSES, 0, 3):
        fields = picks.some(left, 1, 3)
        left = [field for field in left if field not in fields]
        if fields:
            classes.append(_field_class(picks, name, tuple(fields)))
    purposes = [AccessPurpose(name, picks.one((None, *_LENGTHS))) for name in picks.some(PURPOSE_NAMES, 0, 2)]
    words = tuple(one.id for one in purposes) or PURPOSE_NAMES
    own = tuple(one.id for one in classes)
    return AccessRules(
        classes=classes,
        rules=[_rule(picks, f"rule-{number}", own, words) for number in range(picks.count(0, 5))],
        purposes=purposes,
        identities=[_identity(picks) for _ in range(picks.count(0, 1))],
    )


def drawn_request(picks: Picks, *, of_client: bool | None = None) -> AccessRequest:
    names = picks.flag() if of_client is None else of_client
    return AccessRequest(
        action=picks.one(ACTIONS),
        client_id=picks.one(("c-1", "c-2")) if names else None,
        query=picks.one((None, "chemist  seoul", "region == '서울'")),
        fields=picks.some((*FIELD_NAMES, *_OTHERS), 0, 4),
        purpose=picks.one(PURPOSE_NAMES),
        medium=picks.one(MEDIA),
        count=picks.one((1, 1, 2, 20)),
    )


def _principal(picks: Picks) -> Principal:
    return Principal(
        id=picks.one(PEOPLE),
        roles=picks.some(ROLE_NAMES, 0, 2),
        team=picks.one((None, None, "wu", "other")),
        is_active=picks.one((True, True, True, False)),
    )


def drawn_standing(picks: Picks) -> Standing:
    return Standing(relations=picks.some(RELATIONS, 1, 3), is_pool=picks.flag())


RULES_AND_REQUESTS: Final[Mapping[type, Callable[[Picks], object]]] = {
    AccessPurpose: _purpose,
    AccessRequest: drawn_request,
    AccessRule: _lone_rule,
    AccessRules: drawn_access,
    FieldClass: lambda picks: _field_class(picks, picks.one(_CLASSES), tuple(picks.some(FIELD_NAMES, 1, 3))),
    Identity: _identity,
    Principal: _principal,
    Standing: drawn_standing,
}
"""How each is drawn."""


@st.composite
def _some_rules(draw: st.DrawFn) -> AccessRules:
    return drawn_access(Picks(draw))


@st.composite
def _some_request(draw: st.DrawFn, *, of_client: bool | None) -> AccessRequest:
    return drawn_request(Picks(draw), of_client=of_client)


@cached
def access_rules() -> st.SearchStrategy[AccessRules]:
    """Rules of access of every kind, over a few classes, roles and purposes; some fields are in no class.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(access_rules())
        ... def every_rule_is_somebodys(rules):
        ...     assert all(rule.roles or rule.relations for rule in rules.rules)
        >>> every_rule_is_somebodys()
    """
    return _some_rules()


@cached
def access_requests(*, of_client: bool | None = None) -> st.SearchStrategy[AccessRequest]:
    """Requests in the words of `access_rules`.

    Args:
        of_client: Whether they name a client; None for both.
    """
    return _some_request(of_client=of_client)
