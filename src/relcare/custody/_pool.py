"""Who may take a client out of the pool, as a value: the `[pool]` of a document (CAD-15)."""

from collections.abc import Iterator

import attrs

from relcare._time import Every
from relcare.custody._protection import Protection, check_protections, protection_problems, to_protections
from relcare.errors import InvalidValueError
from relcare.policy import RuleProblem, Vocabulary

__all__ = ["ClaimRules", "claim_problems"]

_MOST = 9_999


def _to_lock_out(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "lock_out")


def _to_delay(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "delay")


@attrs.frozen(kw_only=True)
class ClaimRules:
    """Who may claim a client from the pool. Nobody ever may who would be over a holding limit with it.

    Attributes:
        per_day: How many clients one member of staff may claim on one day, from 0; any number without it.
        lock_out: For how long who had the client before may not have it back, from the first day without it.
        delay: For how long nobody may claim a client that is new in the pool, its first day there included.
        protect: Which clients nobody may claim: closed deals, recent complaints.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: CAD-15.
    """

    per_day: int | None = None
    lock_out: Every | None = attrs.field(default=None, converter=_to_lock_out)
    delay: Every | None = attrs.field(default=None, converter=_to_delay)
    protect: tuple[Protection, ...] = attrs.field(default=(), converter=to_protections)

    def __attrs_post_init__(self) -> None:
        if self.per_day is not None and (type(self.per_day) is not int or not 0 <= self.per_day <= _MOST):
            raise InvalidValueError("per_day", self.per_day, f"must be a whole number from 0 to {_MOST:,}")
        for name in ("lock_out", "delay"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Every):
                raise InvalidValueError(name, value, "must be an Every", f'write {name} = "30 days"')
        check_protections(self.protect)
        for index, protection in enumerate(self.protect):
            if protection.owner_away:
                raise InvalidValueError(
                    f"protect[{index}].owner_away", protection.owner_away, "must not be given: a client in the pool has no owner"
                )
            if protection.holds != ("release",):
                raise InvalidValueError(
                    f"protect[{index}].holds", protection.holds, "must not be given: in the pool there is only the claim"
                )


def claim_problems(rules: ClaimRules, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in the rules of the pool.

    Args:
        rules: The rules.
        vocabulary: All facts that a cadence rule may use.
    """
    for index, protection in enumerate(rules.protect):
        for problem in protection_problems(protection, vocabulary):
            yield attrs.evolve(problem, path=("protect", index, *problem.path))
