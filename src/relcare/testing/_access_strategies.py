"""Hypothesis strategies for access: rules, who asks, what they ask, the logs of grants and changes, and the audit chain."""

from collections.abc import Callable, Container, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from relcare.access import (
    ACTIONS,
    CHANGE_STEPS,
    CLIENT_SCOPES,
    FIELDS,
    GRANT_STEPS,
    MEDIA,
    READING,
    RELATIONS,
    AccessPurpose,
    AccessRequest,
    AccessRule,
    AccessRules,
    Anchor,
    AuditEntry,
    ChainHead,
    ChainLink,
    ChangeEvent,
    Delegation,
    DelegationEvent,
    DigestKey,
    FieldClass,
    GrantEvent,
    Identity,
    Principal,
    Signature,
    Standing,
    anchor_of,
    erased_link,
    next_link,
)
from relcare.testing._nasty import NASTY_IDS, NASTY_NAMES
from relcare.testing._picks import Picks
from relcare.testing._strategies import cached

__all__ = ["access_requests", "access_rules", "audit_chains", "drawn_access", "part_of_access"]

# Few words, so that rules, people and requests meet; fields of every kind, and some that no class has.
_FIELDS: Final = ("client.name", "client.region", "person.phone", "attribute.hobby", "touchpoint.note", "tier.abc", "vip.club")
_OTHERS: Final = ("person.birthday", "attribute.등급", FIELDS[-1])
_CLASSES: Final = ("basic", "dynamic", "private", "高端")
_ROLES: Final = ("secretary", "keeper", "auditor", "经理")
_PURPOSES: Final = ("care", "first visit", "고객 관리")
_PEOPLE: Final = ("lee", "wu", "王")
_LENGTHS: Final = ("1 day", "7 days", "1 month")
_START: Final = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
_STEP: Final = timedelta(hours=12)
_WITHOUT_APPROVAL: Final = tuple(action for action in ACTIONS if action not in READING)


def _field_class(picks: Picks, name: str, fields: tuple[str, ...]) -> FieldClass:
    return FieldClass(name, fields, picks.one((None, *NASTY_NAMES)))


def _purpose(picks: Picks) -> AccessPurpose:
    return AccessPurpose(picks.one(_PURPOSES), picks.one((None, *_LENGTHS)))


def _rule(picks: Picks, name: str, classes: tuple[str, ...], purposes: tuple[str, ...]) -> AccessRule:
    approval = bool(classes) and picks.flag()
    gives_grants = approval and picks.flag()
    actions = picks.some(sorted(READING) if gives_grants or picks.flag() else _WITHOUT_APPROVAL, 1, 4)
    if not classes:
        actions = picks.some(("know", "duplicate check", "delegate", "erase"), 1, 3)
    elif approval and not gives_grants:
        actions = ["apply"]
    roles = picks.some(_ROLES, 0, 2)
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
    return _rule(picks, picks.one(NASTY_IDS), _CLASSES, _PURPOSES)


def _identity(picks: Picks) -> Identity:
    return Identity(picks.some(("client.name", "person.phone", "person.email", "attribute.hobby"), 1, 2))


def drawn_access(picks: Picks, facts: Container[str] | None = None) -> AccessRules:
    """Rules of every kind over a few classes and purposes.

    Args:
        picks: Of the composite strategy.
        facts: Of the policy that they are for: they name no tier and no programme besides.
    """
    fields = [name for name in _FIELDS if facts is None or name in facts or not name.startswith(("tier.", "vip."))]
    left, classes = fields, list[FieldClass]()
    for name in picks.some(_CLASSES, 0, 3):
        fields = picks.some(left, 1, 3)
        left = [field for field in left if field not in fields]
        if fields:
            classes.append(_field_class(picks, name, tuple(fields)))
    purposes = [AccessPurpose(name, picks.one((None, *_LENGTHS))) for name in picks.some(_PURPOSES, 0, 2)]
    words = tuple(one.id for one in purposes) or _PURPOSES
    own = tuple(one.id for one in classes)
    return AccessRules(
        classes=classes,
        rules=[_rule(picks, f"rule-{number}", own, words) for number in range(picks.count(0, 5))],
        purposes=purposes,
        identities=[_identity(picks) for _ in range(picks.count(0, 1))],
    )


def _request(picks: Picks, *, of_client: bool | None = None) -> AccessRequest:
    names = picks.flag() if of_client is None else of_client
    return AccessRequest(
        action=picks.one(ACTIONS),
        client_id=picks.one(("c-1", "c-2")) if names else None,
        query=picks.one((None, "chemist  seoul", "region == '서울'")),
        fields=picks.some((*_FIELDS, *_OTHERS), 0, 4),
        purpose=picks.one(_PURPOSES),
        medium=picks.one(MEDIA),
        count=picks.one((1, 1, 2, 20)),
    )


def _principal(picks: Picks) -> Principal:
    return Principal(
        id=picks.one(_PEOPLE),
        roles=picks.some(_ROLES, 0, 2),
        team=picks.one((None, None, "wu", "other")),
        is_active=picks.one((True, True, True, False)),
    )


def _standing(picks: Picks) -> Standing:
    return Standing(relations=picks.some(RELATIONS, 1, 3), is_pool=picks.flag())


def _signature(picks: Picks) -> Signature:
    return Signature(
        by=picks.one(_PEOPLE),
        roles=picks.some(_ROLES, 0, 2),
        standing=_standing(picks),
        for_ids=picks.some(_PEOPLE, 0, 2),
        at=_START + picks.count(0, 20) * _STEP,
    )


def _delegation(picks: Picks) -> Delegation:
    giver, receiver = picks.some(_PEOPLE, 2, 2)
    start = date(2026, 1, 1) + timedelta(days=picks.count(0, 60))
    return Delegation(
        giver_id=giver,
        receiver_id=receiver,
        relations=picks.some(("account manager", "head"), 1, 2),
        start_on=start,
        end_on=start + timedelta(days=picks.count(1, 30)),
    )


def _delegation_event(picks: Picks) -> DelegationEvent:
    is_first = picks.flag()
    return DelegationEvent(
        id=picks.one(NASTY_IDS),
        delegation_id=picks.one(("d-1", "d-2")),
        step="given" if is_first else "ended",
        signed=_signature(picks),
        delegation=_delegation(picks) if is_first else None,
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _grant_event(picks: Picks) -> GrantEvent:
    step = picks.one(GRANT_STEPS)
    signed = _signature(picks)
    return GrantEvent(
        id=picks.one(NASTY_IDS),
        grant_id=picks.one(("g-1", "g-2")),
        step=step,
        signed=signed,
        request=_request(picks) if step == "requested" else None,
        ends_at=signed.at + picks.count(1, 20) * _STEP if step == "approved" else None,
        fields=picks.one((None, picks.some(_FIELDS, 0, 3))) if step == "approved" else None,
        count=picks.count(1, 3) if step == "used" else picks.one((None, 1)) if step == "approved" else None,
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _change_event(picks: Picks) -> ChangeEvent:
    step = picks.one(CHANGE_STEPS)
    is_first = step == "proposed"
    return ChangeEvent(
        id=picks.one(NASTY_IDS),
        change_id=picks.one(("ch-1", "ch-2")),
        client_id=picks.one(("c-1", "c-2")),
        step=step,
        signed=_signature(picks),
        values={field: picks.one((None, "서울", 7)) for field in picks.some(_FIELDS, 1, 3)} if is_first else {},
        purpose=picks.one(_PURPOSES) if is_first else None,
        person_id=picks.one((None, "p-1")) if is_first else None,
        revision=picks.one((None, 0, 3)) if is_first else None,
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _key(picks: Picks) -> DigestKey:
    return DigestKey(bytes([picks.count(0, 255)]) * 32)


def _entry(picks: Picks) -> AuditEntry:
    key = _key(picks)
    about = picks.one((None, key.digest("client", "c-1")))
    shown = picks.some([key.digest("client", f"c-{number}") for number in range(3)], 0, 3) if about is None else ()
    return AuditEntry(
        at=_START + picks.count(0, 20) * _STEP,
        actor_id=picks.one((None, *_PEOPLE)),
        origin=picks.one((None, "10.0.0.7")),
        action=picks.one(ACTIONS),
        answer=picks.one(("allowed", "denied", "unknown")),
        client_digest=about,
        client_digests=shown,
        query_digest=picks.one((None, key.digest("query", "chemist"))),
        fields=picks.some(_FIELDS, 0, 3),
        count=picks.count(0, 3),
        purpose=picks.one(_PURPOSES),
        medium=picks.one(MEDIA),
        grant_ids=picks.some(("g-1", "g-2"), 0, 2),
        reason_codes=picks.some(("access.rule", "access.hidden"), 0, 2),
        value_digests={"client.region": key.digest("client.region", "서울")} if picks.flag() else {},
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _chain(picks: Picks, length: int) -> tuple[ChainLink, ...]:
    links: list[ChainLink] = []
    for _ in range(length):
        entry = _entry(picks)
        links.append(next_link("log", links[-1] if links else None, entry, salt=f"{picks.count(0, 9)}" * 32))
    return tuple(links)


def _link(picks: Picks) -> ChainLink:
    link = _chain(picks, 2)[-1]
    return erased_link(link) if picks.flag() else link


def _anchor(picks: Picks) -> Anchor:
    return anchor_of("log", _chain(picks, picks.count(0, 2)), _key(picks), at=_START)


_PARTS: Final[Mapping[type, Callable[[Picks], object]]] = {
    AccessPurpose: _purpose,
    AccessRequest: _request,
    AccessRule: _lone_rule,
    AccessRules: drawn_access,
    Anchor: _anchor,
    AuditEntry: _entry,
    ChainHead: lambda picks: _chain(picks, 1)[-1].head,
    ChainLink: _link,
    ChangeEvent: _change_event,
    Delegation: _delegation,
    DelegationEvent: _delegation_event,
    DigestKey: _key,
    FieldClass: lambda picks: _field_class(picks, picks.one(_CLASSES), tuple(picks.some(_FIELDS, 1, 3))),
    GrantEvent: _grant_event,
    Identity: _identity,
    Principal: _principal,
    Signature: _signature,
    Standing: _standing,
}


@st.composite
def _drawn(draw: st.DrawFn, make: Callable[[Picks], object]) -> object:
    return make(Picks(draw))


@st.composite
def _drawn_rules(draw: st.DrawFn) -> AccessRules:
    return drawn_access(Picks(draw))


@st.composite
def _drawn_request(draw: st.DrawFn, *, of_client: bool | None) -> AccessRequest:
    return _request(Picks(draw), of_client=of_client)


@st.composite
def _drawn_chain(draw: st.DrawFn, *, most: int) -> tuple[ChainLink, ...]:
    picks = Picks(draw)
    return _chain(picks, picks.count(0, most))


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
    return _drawn_rules()


@cached
def access_requests(*, of_client: bool | None = None) -> st.SearchStrategy[AccessRequest]:
    """Requests in the words of `access_rules`.

    Args:
        of_client: Whether they name a client; None for both.
    """
    return _drawn_request(of_client=of_client)


@cached
def audit_chains(*, most: int = 6) -> st.SearchStrategy[tuple[ChainLink, ...]]:
    """Intact chains of the id `log`.

    Args:
        most: The most links.
    """
    return _drawn_chain(most=most)


def part_of_access(kind: type) -> st.SearchStrategy[object]:
    """One value of the room `access`, by its class."""
    return _drawn(_PARTS[kind])
