"""Who answers the questions of access: the rules of the policy, or a permission system that the host has already."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import attrs

from relcare.access._access_rules import AccessRules
from relcare.access._decide import decide_access, decide_query
from relcare.access._decision import AccessDecision
from relcare.access._grant import GrantState
from relcare.access._request import AccessRequest
from relcare.access._who import Principal, Standing

__all__ = ["AccessDecider", "RuleDecider"]


class AccessDecider(Protocol):
    """Answers whether something may be done. `RuleDecider` does it by rules; a host may ask its own permission system.

    An answer is about what was asked: it has the request's action, client, purpose and medium, and no field that was not asked
    for; whoever asks refuses any other. What raises is no answer, and nothing is done.
    """

    def decide(
        self,
        principal: Principal | None,
        request: AccessRequest,
        standing: Standing | None,
        *,
        at: datetime,
        grants: Iterable[GrantState] = (),
    ) -> AccessDecision:
        """Whether somebody may do something with one client; see `decide_access`.

        Args:
            principal: Who asks; None for somebody whom the host does not know, who is to get `unknown`.
            request: What they ask, of one client.
            standing: How they stand to the client; None when there is no such client, which is to be answered exactly as for a
                client that they may not know of.
            at: An aware instant.
            grants: Where the grants of whoever asks stand.
        """
        ...

    def decide_query(
        self,
        principal: Principal | None,
        request: AccessRequest,
        *,
        at: datetime,
        grants: Iterable[GrantState] = (),
        standing: Standing | None = None,
    ) -> AccessDecision:
        """Whether a query may be put at all, before any data are touched; see `decide_query`.

        Args:
            principal: As for `decide`; None is to be denied.
            request: What they ask; names no client.
            at: An aware instant.
            grants: As for `decide`.
            standing: How they stand to what the query is about, where that is known; None for any standing to anybody.
        """
        ...


@attrs.frozen
class RuleDecider:
    """The rules of a policy decide, and nothing else; satisfies `AccessDecider`.

    Attributes:
        rules: The firm's.

    Source: ACC-1.
    """

    rules: AccessRules

    def decide(
        self,
        principal: Principal | None,
        request: AccessRequest,
        standing: Standing | None,
        *,
        at: datetime,
        grants: Iterable[GrantState] = (),
    ) -> AccessDecision:
        """See `decide_access`."""
        return decide_access(self.rules, principal, request, standing, at=at, grants=grants)

    def decide_query(
        self,
        principal: Principal | None,
        request: AccessRequest,
        *,
        at: datetime,
        grants: Iterable[GrantState] = (),
        standing: Standing | None = None,
    ) -> AccessDecision:
        """See `decide_query`."""
        return decide_query(self.rules, principal, request, at=at, grants=grants, standing=standing)
