"""Does what the rules ask fit the people there are (PLN-1)?"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from relcare.decisions import Policy
from relcare.errors import InvalidValueError
from relcare.model import ReasonValue
from relcare.planning import Demand, RoleDemand, demand
from relcare.soundness._ask import or_proved, plain_refutation, plain_undecided
from relcare.soundness._findings import Finding

__all__ = ["prove_feasible"]


def prove_feasible(policy: Policy) -> Iterator[Finding]:
    """For every role: the minutes asked on an average day, and on the fullest, are no more than there are.

    The counterexample of an average is the book itself; what would fit is said beside it: the largest book, and the factor by
    which all intervals would have to grow.
    """
    if policy.staffing is None:
        return
    try:
        asked = demand(policy)
    except InvalidValueError as error:  # the mix tells too many kinds of client apart
        yield plain_undecided("feasible", "staffing", str(error))
        return
    short = [role for role in asked.roles if role.fits is False]
    open_roles = [role for role in asked.roles if role.fits is None]
    if open_roles and not short:
        yield plain_undecided("feasible", "staffing", _why(open_roles, asked))
        return
    yield from or_proved("feasible", "staffing", [_average(policy, role, asked) for role in short])
    full = [role for role in asked.roles if role.fits is True and not role.fits_peak]
    yield from or_proved("feasible peak", "staffing", [_peak(policy, role) for role in full])


def _minutes(value: Fraction) -> Decimal:
    """Whole minutes, rounded half up: people read them."""
    return Decimal((value + Fraction(1, 2)).__floor__())


def _needed(value: Fraction) -> Decimal:
    """Whole minutes, rounded up: what is asked beyond a capacity never reads as if it were that capacity."""
    return Decimal(value.__ceil__())


def _percent(value: Fraction) -> str:
    return f"{_minutes(value * 100)}%"


def _why(roles: list[RoleDemand], asked: Demand) -> str:
    told = "; ".join(
        f"{role.role} needs {_needed(role.least)} to {_needed(role.most)} of {_minutes(role.capacity)} minutes a day"
        for role in roles
    )
    return f"{told}: it depends on {', '.join(asked.unknown)}, which the mix does not give" if asked.unknown else told


def _places(policy: Policy, role: RoleDemand) -> tuple[str, ...]:
    """The staffing, and the rules that ask most."""
    asking = [rule_id for rule_id, _ in role.rules]
    index_of = {rule.id: index for index, rule in enumerate(policy.cadence)}
    return ("staffing", *(f"cadence[{index_of[rule_id]}]" for rule_id in asking[:3]))


def _average(policy: Policy, role: RoleDemand, asked: Demand) -> Finding:
    values: dict[str, ReasonValue] = {
        "role": role.role,
        "needs": _needed(role.least),
        "has": Decimal(role.capacity.__floor__()),
        "clients": asked.clients,
        "largest_book": asked.largest_book,
    }
    if role.capacity:
        values["load"] = _percent(role.most / role.capacity)
    hint = "nobody is declared for it"
    if asked.stretch is not None:
        factor = Decimal((asked.stretch * 100).__ceil__()) / 100
        hint = f"{asked.largest_book} clients would fit, or all intervals {factor} times as long"
    return plain_refutation("feasible", "staffing", "feasible.average", _places(policy, role), hint, **values)


def _peak(policy: Policy, role: RoleDemand) -> Finding:
    values: dict[str, ReasonValue] = {
        "role": role.role,
        "average": _needed(role.most),
        "peak": role.peak,
        "has": Decimal(role.capacity.__floor__()),
    }
    hint = "spread visits over the days on which fewer calls are owed, or have somebody in reserve"
    return plain_refutation("feasible peak", "staffing", "feasible.peak", _places(policy, role), hint, **values)
