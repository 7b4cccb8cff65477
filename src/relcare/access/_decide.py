"""Who may do what with which client, which fields of it, for what purpose and in what medium (ACC-1, ACC-2, ACC-6).

One function decides about a client, and one about a query before any data are touched. Both look at nothing but their arguments.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from relcare.access._access_rules import AccessRules
from relcare.access._decision import AccessAnswer, AccessDecision
from relcare.access._grant import GrantState
from relcare.access._matching import rules_for, tells_of
from relcare.access._request import AccessRequest
from relcare.access._rules import AccessRule
from relcare.access._who import Principal, Standing, check_instant, to_instant
from relcare.access._words import RELATIONS, WHOLE
from relcare.errors import InvalidValueError
from relcare.model import Reason

__all__ = ["decide_access", "decide_query"]


def decide_access(
    rules: AccessRules,
    principal: Principal | None,
    request: AccessRequest,
    standing: Standing | None,
    *,
    at: datetime,
    grants: Iterable[GrantState] = (),
) -> AccessDecision:
    """Whether somebody may do something with one client, and which of the fields they may see.

    What no rule allows is refused, and a field that is in no class is hidden. To show, any field that may be seen is enough, and
    the others are left out; to filter, sort, count, propose, approve or apply, every field must be allowed, or nothing is. With
    no field asked for, it is enough that some rule is about the action.

    Who may not know that the client exists gets the same answer as for a client that is not there: equal in everything but
    `logged`. A client may be known to whom some rule lets do anything with it without an approval, and to whoever has a live
    grant that covers the request.

    Args:
        rules: The firm's.
        principal: Who asks; None for somebody whom the host does not know.
        request: What they ask, of one client.
        standing: How they stand to the client, see `standing_of`; None when there is no such client.
        at: An aware instant, for grants.
        grants: Where grants stand at that instant, see `grant_state`; those of others and for other requests open nothing.

    Raises:
        InvalidValueError: If the request names no client, or the instant is none.

    Examples:
        >>> from datetime import UTC
        >>> from relcare.access import AccessRule, FieldClass
        >>> house = AccessRules(
        ...     classes=[FieldClass("basic", ["client.name"]), FieldClass("private", ["person.birthday"])],
        ...     rules=[AccessRule(id="team", relations=["colleague"], actions=["get"], classes=["basic"])],
        ... )
        >>> asked = AccessRequest(action="get", client_id="c-17", fields=["client.name", "person.birthday"], purpose="call back")
        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> wu = Principal(id="wu")
        >>> found = decide_access(house, wu, asked, Standing(relations={"colleague"}), at=noon)
        >>> found.answer, found.fields, found.hidden
        ('allowed', ('client.name',), ('person.birthday',))
        >>> hidden = decide_access(house, wu, asked, Standing(relations={"outsider"}), at=noon)
        >>> hidden.answer, hidden.told == decide_access(house, wu, asked, None, at=noon).told
        ('unknown', True)

    Source: ACC-1, ACC-2, ACC-6.
    """
    if request.client_id is None:
        raise InvalidValueError("request.client_id", None, "must name a client", "decide_query is for queries")
    instant = to_instant(at)
    check_instant("at", instant)
    case = _Case(rules, principal, request, instant, tuple(grants))
    stopped = case.stopped()
    if stopped is not None:
        return case.unknown(stopped)
    if standing is None or principal is None:
        return case.unknown(Reason("access.no_client"))
    gained = case.gained(standing)
    if not tells_of(rules, principal.roles, standing) and not gained.grants:
        return case.unknown(Reason("access.not_to_know", {}, {"relations": _in_order(standing)}))
    return case.answer(gained)


def decide_query(
    rules: AccessRules,
    principal: Principal | None,
    request: AccessRequest,
    *,
    at: datetime,
    grants: Iterable[GrantState] = (),
    standing: Standing | None = None,
) -> AccessDecision:
    """Whether a query may be put at all, before any data are touched: whether it could be allowed for some client.

    A refusal here depends on no client: a hidden field in a filter is refused alike whether it would have found somebody or not.
    What is allowed here is still decided for each client that the query meets, by `decide_access` with the same request and the
    client's id; a client for which that is not allowed is left out as if it were not there, before anything is filtered, sorted
    or counted.

    Args:
        rules: The firm's.
        principal: Who asks; None for somebody whom the host does not know.
        request: What they ask; names no client.
        at: An aware instant, for grants.
        grants: As for `decide_access`.
        standing: How they stand to the pool as a whole, where the query is about nothing else; None for any standing to anybody.

    Raises:
        InvalidValueError: If the request names a client, or the instant is none.

    Source: ACC-1.
    """
    if request.client_id is not None:
        raise InvalidValueError("request.client_id", request.client_id, "must be left out", "decide_access is for one client")
    instant = to_instant(at)
    check_instant("at", instant)
    case = _Case(rules, principal, request, instant, tuple(grants))
    stopped = case.stopped()
    if stopped is not None:
        return case.denied((stopped,), stopped)
    anywhere = [Standing(relations=frozenset(RELATIONS), is_pool=is_pool) for is_pool in (False, True)]
    return case.answer(_united([case.gained(one) for one in ([standing] if standing is not None else anywhere)]))


@attrs.frozen
class _Gained:
    """What rules and grants open for somebody.

    Attributes:
        rules: Without an approval.
        waiting: That would let in with an approval.
        grants: Those that cover the request, and what each opens.
        fields: All that is open.
    """

    rules: tuple[AccessRule, ...]
    waiting: tuple[AccessRule, ...]
    grants: tuple[tuple[GrantState, frozenset[str]], ...]
    fields: frozenset[str]


def _united(several: Sequence[_Gained]) -> _Gained:
    return _Gained(
        tuple(dict.fromkeys(rule for one in several for rule in one.rules)),
        tuple(dict.fromkeys(rule for one in several for rule in one.waiting)),
        tuple(dict.fromkeys(pair for one in several for pair in one.grants)),
        frozenset[str]().union(*(one.fields for one in several)),
    )


def _in_order(standing: Standing) -> tuple[str, ...]:
    return tuple(relation for relation in RELATIONS if relation in standing.relations)


@attrs.frozen
class _Case:
    """One question, on its way to the answer."""

    rules: AccessRules
    principal: Principal | None
    request: AccessRequest
    at: datetime
    grants: tuple[GrantState, ...]

    def stopped(self) -> Reason | None:
        """Why nobody looks at the rules at all."""
        if self.principal is None:
            return Reason("access.nobody")
        if not self.principal.is_active:
            return Reason("access.inactive", {}, {"principal": self.principal.id})
        if not self.rules.knows_purpose(self.request.purpose):
            return Reason("access.purpose_unknown", {}, {"purpose": self.request.purpose})
        return None

    def gained(self, standing: Standing) -> _Gained:
        request, person = self.request, self.principal
        if person is None:  # pragma: no cover - stopped before
            raise AssertionError(request)
        found = list(
            rules_for(
                self.rules,
                person.roles,
                standing,
                action=request.action,
                purpose=request.purpose,
                medium=request.medium,
            )
        )
        free = tuple(rule for rule in found if not rule.approval)
        # That a change was approved is for its log to say, see `change_state`; here it is asked who may apply one.
        free += tuple(rule for rule in found if rule.approval and not rule.gives_grants)
        waiting = tuple(rule for rule in found if rule.gives_grants)
        behind = frozenset[str]().union(*map(self.rules.fields_of, waiting))
        grants = tuple(
            (grant, behind.intersection(grant.fields))
            for grant in self.grants
            if waiting and not grant.differs_in(person.id, request, self.at)
        )
        fields = frozenset[str]().union(*map(self.rules.fields_of, free), *(opened for _, opened in grants))
        return _Gained(free, waiting, grants, fields)

    def answer(self, gained: _Gained) -> AccessDecision:
        asked = self.request.fields
        seen = tuple(field for field in asked if field in gained.fields)
        hidden = tuple(field for field in asked if field not in gained.fields)
        lets_in = bool(gained.rules or gained.grants)
        if not lets_in or (asked and not seen) or (hidden and self.request.action in WHOLE):
            reasons = self._against(gained, hidden)
            return self.denied(reasons, *reasons, hidden=asked)
        wanted = frozenset(asked)
        rules = [r for r in gained.rules if not wanted or wanted & self.rules.fields_of(r)]
        used = [grant for grant, opened in gained.grants if not wanted or wanted & opened]
        reasons = (
            *(Reason("access.rule", {}, {"rule": rule.id, "source": rule.source}) for rule in rules),
            *(_granted(grant) for grant in used),
            *self._hidden(hidden),
        )
        grant_ids = tuple(grant.grant_id for grant in used)
        return attrs.evolve(self._decided("allowed", reasons, reasons, hidden), fields=seen, grant_ids=grant_ids)

    def unknown(self, why: Reason) -> AccessDecision:
        """The one answer for what is not there and for what may not be known: it depends on the request alone."""
        told = Reason("access.unknown_record", {}, {"client": self.request.client_id})
        return self._decided("unknown", (told,), (why,))

    def denied(self, reasons: tuple[Reason, ...], *logged: Reason, hidden: tuple[str, ...] = ()) -> AccessDecision:
        return self._decided("denied", reasons, logged, hidden)

    def _decided(
        self,
        answer: AccessAnswer,
        reasons: tuple[Reason, ...],
        logged: tuple[Reason, ...],
        hidden: tuple[str, ...] = (),
    ) -> AccessDecision:
        request = self.request
        return AccessDecision(
            answer=answer,
            action=request.action,
            client_id=request.client_id,
            hidden=hidden,
            purpose=request.purpose,
            medium=request.medium,
            reasons=reasons,
            logged=logged,
        )

    def _against(self, gained: _Gained, hidden: tuple[str, ...]) -> tuple[Reason, ...]:
        """Why not: no rule, no approval, a grant that is for something else, or hidden fields."""
        found: list[Reason] = []
        if not gained.rules and not gained.waiting:
            values = {"action": self.request.action, "purpose": self.request.purpose, "medium": self.request.medium}
            found.append(Reason("access.no_rule", {}, values))
        if not gained.grants:
            found.extend(Reason("access.needs_approval", {}, {"rule": rule.id}) for rule in gained.waiting)
            found.extend(self._others() if gained.waiting else ())
        found.extend(self._hidden(hidden) if gained.rules or gained.grants else ())
        return tuple(found)

    def _others(self) -> Iterable[Reason]:
        """The asker's own grants that do not cover the request, each with what is different."""
        for grant in self.grants:
            if self.principal is not None and grant.requester_id == self.principal.id:
                differs = grant.differs_in(self.principal.id, self.request, self.at)
                yield Reason("access.grant_differs", {}, {"grant": grant.grant_id, "differs": differs})

    def _hidden(self, hidden: tuple[str, ...]) -> tuple[Reason, ...]:
        """Which fields stay hidden; whether they are in no class, or in one that is closed, is nobody's business."""
        return (Reason("access.hidden", {}, {"fields": hidden}),) if hidden else ()


def _granted(grant: GrantState) -> Reason:
    return Reason("access.granted", {}, {"grant": grant.grant_id, "by": grant.approver_id, "until": grant.ends_at})
