"""What a strategy watches: indicators of a relationship's health, and situations that start something (REL-2, REL-3)."""

import attrs

from relcare._fields import check_id, check_optional_text, check_text, check_tuple_of, to_texts
from relcare._time import Every
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, check_is_criterion

__all__ = ["Indicator", "Situation"]


def _to_within(value: Every | str | None) -> Every | None:
    return value if value is None or isinstance(value, Every) else Every.parse(value, "within")


@attrs.frozen(kw_only=True)
class Indicator:
    """Facts with thresholds that tell whether a relationship is well.

    Attributes:
        id: Unique within its strategy.
        healthy: Holds as long as the relationship is well, such as `margin_gap >= 0`; unknown is neither well nor ill (CRI-2).
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: REL-3.
    """

    id: str
    healthy: Criterion
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_is_criterion("healthy", self.healthy)
        check_optional_text("source", self.source)


@attrs.frozen(kw_only=True)
class Situation:
    """Something about a client that starts an action: a supplier in trouble, a partner's agreement that ends.

    Attributes:
        id: Unique within its strategy.
        when: Holds while the client is in the situation.
        action: What is started, such as a support plan.
        since: A date fact: the day on which the situation began; None where no fact tells.
        within: How long after that day the action is to be taken; only with `since`. The day itself counts as day 0 (TIM-3).
        tracked_by: Cadence rules and triggers of the policy by id, whose obligations show what is still done about it.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: REL-2.
    """

    id: str
    when: Criterion
    action: str
    since: str | None = None
    within: Every | None = attrs.field(default=None, converter=_to_within)
    tracked_by: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("id", self.id)
        check_is_criterion("when", self.when)
        check_text("action", self.action)
        check_optional_text("since", self.since)
        if self.within is not None and self.since is None:
            raise InvalidValueError("within", str(self.within), "must go with since", "name the date fact that it counts from")
        check_tuple_of("tracked_by", self.tracked_by, str)
        for index, rule_id in enumerate(self.tracked_by):
            check_id(f"tracked_by[{index}]", rule_id)
        check_optional_text("source", self.source)
