"""Questions about retention: every purpose ends, what is kept has a ground, and no clock contradicts another (ACC-5)."""

from collections.abc import Iterator
from typing import Final

from relcare.access import RETENTION_LAWS, EraseClock, KeepClock, RetentionRules
from relcare.decisions import Policy
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding

__all__ = ["prove_retention"]

_QUESTION: Final = "retention"


def prove_retention(policy: Policy) -> Iterator[Finding]:
    """Every purpose says when its records go, everything kept has a ground, and what is kept longer than its purpose is named."""
    rules = policy.retention
    if rules is None:
        return
    yield from or_proved("purposes end", _QUESTION, list(_open_purposes(policy, rules)))
    if rules.keep_clocks:
        yield from or_proved("grounds", _QUESTION, list(_groundless(rules)))
    if rules.keep_clocks and rules.erase_clocks:
        yield from or_proved("clocks agree", _QUESTION, list(_longer(rules)))


def _open_purposes(policy: Policy, rules: RetentionRules) -> Iterator[Finding]:
    """Purposes for which files may be looked at, and of whose records nobody says when they must be erased.

    What files are erased for keeps none of them.
    """
    ending = {clock.purpose for clock in rules.erase_clocks}
    for index, purpose in enumerate(() if policy.access is None else policy.access.purposes):
        if purpose.id not in ending and not _is_for_erasing(policy, purpose.id):
            hint = f'add [[retention.erase]] with purpose = "{purpose.id}"'
            yield plain_refutation(
                "purposes end", _QUESTION, "retention.open", (f"access_purpose[{index}]", _QUESTION), hint, purpose=purpose.id
            )


def _is_for_erasing(policy: Policy, purpose: str) -> bool:
    rules = () if policy.access is None else policy.access.rules
    naming = [rule.actions for rule in rules if purpose in rule.purposes]
    return bool(naming) and all(actions == ("erase",) for actions in naming)


def _groundless(rules: RetentionRules) -> Iterator[Finding]:
    for index, clock in enumerate(rules.keep):
        if clock.ground is None:
            hint = "write whose duty it serves, or erase the records instead"
            yield plain_refutation(
                "grounds",
                _QUESTION,
                "retention.no_ground",
                (f"retention.keep[{index}]",),
                hint,
                kinds=tuple(sorted(clock.kinds)),
                lasts="without end" if clock.lasts is None else str(clock.lasts),
            )


def _longer(rules: RetentionRules) -> Iterator[Finding]:
    """What is kept longer than every purpose that has records of its kind: in between it may only be stored."""
    places = [*(f"retention.keep[{index}]" for index in range(len(rules.keep))), *_places_of_laws(rules, KeepClock)]
    ends = [*(f"retention.erase[{index}]" for index in range(len(rules.erase))), *_places_of_laws(rules, EraseClock)]
    told: set[tuple[str, str, str]] = set()  # of a law several rows may say the same
    for place, keep in zip(places, rules.keep_clocks, strict=True):
        for kind in sorted(keep.kinds):
            if (place, kind, str(keep.lasts)) in told:
                continue
            told.add((place, kind, str(keep.lasts)))
            purposes = [(end, one) for end, one in zip(ends, rules.erase_clocks, strict=True) if _meets(keep, one, kind)]
            if purposes and all(_outlasts(keep, one) for _, one in purposes):
                end, longest = max(purposes, key=lambda pair: (pair[1].after.average_days, pair[0]))
                code = "retention.contradiction" if keep.ground is None else "retention.restricted"
                hint = None if keep.ground else "say on what ground, or let both end on the same day"
                yield plain_refutation(
                    "clocks agree",
                    _QUESTION,
                    code,
                    (place, end),
                    hint,
                    kind=kind,
                    kept="without end" if keep.lasts is None else str(keep.lasts),
                    purpose=longest.purpose,
                    after=str(longest.after),
                )


def _meets(keep: KeepClock, erase: EraseClock, kind: str) -> bool:
    """Whether both are about the same records and count from the same day, so that they can be compared."""
    is_same_topic = not keep.topics or not erase.topics or bool(set(keep.topics) & set(erase.topics))
    return kind in erase.kinds and is_same_topic and (keep.lasts is None or keep.counted_from == erase.counted_from)


def _outlasts(keep: KeepClock, erase: EraseClock) -> bool:
    return keep.lasts is None or keep.lasts.average_days > erase.after.average_days


def _places_of_laws(rules: RetentionRules, kind: type) -> Iterator[str]:
    for index, name in enumerate(rules.laws):
        yield from (f"retention.laws[{index}]" for row in RETENTION_LAWS[name].rows if isinstance(row.clock, kind))
