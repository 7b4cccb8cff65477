"""One VIP programme of a policy, by itself."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import attrs

from relcare.vip import Qualifier, VipDecision

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["ProgrammeView"]


@attrs.frozen(eq=False)
class ProgrammeView:
    """One VIP programme of a policy, to be asked about facts one already has."""

    _policy: "Policy" = attrs.field(alias="policy")
    _qualifier: Qualifier = attrs.field(alias="qualifier")

    def decide(self, facts: Mapping[str, object], *, as_of: date) -> VipDecision:
        """Whether somebody with these facts qualifies.

        Args:
            facts: By name: decimal text, Decimal or int for numbers, text for levels and categories. Those left out are missing.
            as_of: A day on which the policy is in force.

        Raises:
            InvalidValueError: If a fact is not known to the policy, or a number is off its grain.
            PolicyError: If the policy is not in force on that day.
        """
        result = self._policy.decide_facts(facts, as_of=as_of)
        return next(decision for decision in result.vip if decision.programme_id == self._qualifier.programme.id)
