"""What triggers and relationship strategies ask of a client: criteria to be asked the questions of any other (CAD-8, REL-3)."""

from collections.abc import Iterator

from relcare.decisions import Policy
from relcare.policy import Criterion

__all__ = ["strategy_criteria"]


def strategy_criteria(policy: Policy) -> Iterator[tuple[str, str, Criterion]]:
    """Every `when` of a trigger, every indicator and every situation, with its path and its id."""
    for index, trigger in enumerate(policy.triggers):
        if trigger.when is not None:
            yield f"trigger[{index}].when", trigger.id, trigger.when
    for index, strategy in enumerate(policy.relationships):
        for place, indicator in enumerate(strategy.indicators):
            yield f"relationship[{index}].indicators[{place}].healthy", indicator.id, indicator.healthy
        for place, situation in enumerate(strategy.situations):
            yield f"relationship[{index}].situations[{place}].when", situation.id, situation.when
