"""One strategy for a policy, and for each part that asks something of it, by its class."""

from collections.abc import Callable, Mapping
from typing import Final

from hypothesis import strategies as st

from relcare.access import RELATIONS
from relcare.decisions import Acceptance, Example, Policy, Requirement, RoleStaffing, ShareBound, Staffing
from relcare.testing._policies import policies
from relcare.testing._policy_examples import examples
from relcare.testing._rule_values import TIERS, lone_share
from relcare.testing._strategies import ROLES, days, identifiers, names

__all__ = ["POLICIES"]

_CODES: Final = ("total.gap", "monotone", "path.implied")


def _requirements() -> st.SearchStrategy[Requirement]:
    of_scheme = st.builds(Requirement, kind=st.sampled_from(["total", "never_demotes"]), of=identifiers())
    of_fact = st.builds(Requirement, kind=st.just("monotone"), of=identifiers(), scheme=st.none() | identifiers())
    of_tier = st.builds(
        Requirement,
        kind=st.just("share"),
        of=st.builds("{} {} {}%".format, st.sampled_from(TIERS), st.sampled_from(["<=", ">="]), st.integers(0, 100)),
        scheme=st.none() | identifiers(),
    )
    of_class = st.builds(
        Requirement, kind=st.just("closed"), of=names(), role=st.none() | names(), relation=st.sampled_from(RELATIONS)
    )
    return of_scheme | of_fact | of_tier | of_class | st.just(Requirement(kind="feasible"))


def _acceptances() -> st.SearchStrategy[Acceptance]:
    return st.builds(
        Acceptance,
        code=st.sampled_from(_CODES),
        of=st.none() | identifiers(),
        reason=names(),
        until=st.none() | days(),
    )


def _staffings() -> st.SearchStrategy[Staffing]:
    return st.builds(
        Staffing,
        clients=st.sampled_from([1, 500]) | st.integers(1, 100_000_000),
        roles=st.lists(_roles(), min_size=1, max_size=3, unique_by=lambda role: role.role),
        days_per_week=st.integers(1, 7),
        people_per_client=st.sampled_from(["0", "1", "2.5"]),
        mix=st.dictionaries(identifiers(), st.sampled_from([{"low": "100%"}, {"low": "12.5%", "high": "87.5%"}]), max_size=2),
    )


def _roles() -> st.SearchStrategy[RoleStaffing]:
    return st.builds(
        RoleStaffing,
        role=st.sampled_from(["account manager", *ROLES]),
        staff=st.sampled_from(["0.5", "1", "2.5", "1000000"]),
        minutes_per_day=st.sampled_from([1, 60, 480, 1_440]),
    )


POLICIES: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {
    Acceptance: _acceptances,
    Example: examples,
    Policy: policies,
    Requirement: _requirements,
    RoleStaffing: _roles,
    ShareBound: lambda: st.builds(ShareBound, st.sampled_from(TIERS), st.sampled_from(["<=", ">="]), lone_share()),
    Staffing: _staffings,
}
"""How each is drawn."""
