"""Several documents together: no two versions of one policy are in force on a day, and no day between them is without (TIM-4)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from relcare.decisions import Policy
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding

__all__ = ["prove_versions"]


def prove_versions(policies: Sequence[Policy]) -> tuple[Finding, ...]:
    """Whether the effective dates of several policies go together.

    Policies with the same id are versions of each other. Effective dates are half-open: a version that ends on the day on which
    the next begins overlaps nothing. After the last version there may be none.

    Args:
        policies: In any order; places are `documents[i]`, counted in the order given.

    Returns:
        For each policy id, in order of first mention: what is wrong, or that its versions go together.

    Examples:
        >>> from relcare.presets import preset
        >>> [str(finding) for finding in prove_versions([preset("agent"), preset("consulting")])]
        ['agent: versions: proved', 'consulting: versions: proved']
    """
    ids = dict.fromkeys(policy.id for policy in policies)
    return tuple(finding for policy_id in ids for finding in or_proved("versions", policy_id, list(_of_one(policies, policy_id))))


def _of_one(policies: Sequence[Policy], policy_id: str) -> Iterator[Finding]:
    versions = sorted(
        ((policy.effective_from, index) for index, policy in enumerate(policies) if policy.id == policy_id),
    )
    seen: dict[str, int] = {}
    for _, index in versions:
        other = seen.setdefault(policies[index].version, index)
        if other != index:
            places = (f"documents[{index}]", f"documents[{other}]")
            yield plain_refutation("versions", policy_id, "versions.same", places, version=policies[index].version)
    latest = -1
    for (_, before), (start, after) in pairwise(versions):
        # The one that lasts longest may be an earlier one than the last.
        if latest < 0 or _ends(policies[before]) > _ends(policies[latest]):
            latest = before
        places = (f"documents[{after}]", f"documents[{latest}]")
        pair = (policies[latest].version, policies[after].version)
        ends = policies[latest].effective_until
        if ends is None or ends > start:
            hint = f"let version {pair[0]} end on {start}"
            yield plain_refutation("versions", policy_id, "versions.overlap", places, hint, versions=pair, day=start)
        elif ends < start:
            yield plain_refutation("versions", policy_id, "versions.gap", places, None, versions=pair, day=ends)


def _ends(policy: Policy) -> int:
    return policy.effective_until.toordinal() if policy.effective_until is not None else 10**9
