"""Which events of a client a measure counts, and what they bring: laid out as its series (FCT-4)."""

from collections.abc import Sequence

from relcare.facts._events import EventFilter
from relcare.facts._history import ClientHistory, check_currency_of, units_of
from relcare.facts._series import Series
from relcare.model import Purchase, Touchpoint
from relcare.policy import Measure, facts_of

__all__ = ["laid_out"]


def laid_out(fact_id: str, measure: Measure, history: ClientHistory, counts: EventFilter, currency: str | None) -> Series:
    """The series of one measure over one client.

    Args:
        fact_id: Of the measure, for messages.
        measure: What is measured.
        history: The client.
        counts: Which events the measure counts.
        currency: The policy's; None for that of the client's first purchase.

    Raises:
        InvalidValueError: If the measure meets a purchase in another currency (FCT-4).
    """
    if measure.over == "touchpoints":
        kept = [(day, t) for day, t in zip(history.touch_days, history.touchpoints, strict=True) if counts(history, t)]
        return Series(
            measure=measure, days=[day for day, _ in kept], values=[1] * len(kept), keys=_keys(measure, [t for _, t in kept])
        )
    return _of_purchases(fact_id, measure, history, counts, currency or _first_currency(history))


def _first_currency(history: ClientHistory) -> str | None:
    return history.purchases[0].amount.currency if history.purchases else None


def _of_purchases(fact_id: str, measure: Measure, history: ClientHistory, counts: EventFilter, currency: str | None) -> Series:
    bought: list[Purchase] = []
    index: dict[str, int] = {}
    returned: list[tuple[int, int, int]] = []
    credited: list[tuple[int, int]] = []
    is_money = measure.field == "amount"
    # A criterion about amounts compares them too: it must not meet another currency either (FCT-4).
    is_filtered = measure.where is not None and "amount" in facts_of(measure.where)
    for purchase in history.purchases:
        kind = purchase.kind
        if is_filtered and kind != "return":
            check_currency_of(purchase, currency, fact_id)
        if kind == "purchase" and counts(history, purchase):
            if is_money:
                check_currency_of(purchase, currency, fact_id)
            index[purchase.id] = len(bought)
            bought.append(purchase)
        elif kind == "credit" and measure.returns == "net" and measure.function == "sum" and counts(history, purchase):
            check_currency_of(purchase, currency, fact_id)
            credited.append((purchase.purchased_on.toordinal(), units_of(purchase.amount.amount)))
    if measure.returns == "net":
        for purchase in history.purchases:
            place = index.get(purchase.returns_purchase_id or "")
            if place is not None:  # a return counts wherever its purchase counts, whatever its own category says
                returned.append((purchase.purchased_on.toordinal(), place, units_of(purchase.amount.amount)))
    needs_values = is_money or bool(returned)
    return Series(
        measure=measure,
        days=[purchase.purchased_on.toordinal() for purchase in bought],
        values=[units_of(purchase.amount.amount) for purchase in bought] if needs_values else [1] * len(bought),
        keys=_keys(measure, bought),
        returns=returned,
        credits=credited,
    )


def _keys(measure: Measure, events: Sequence[Touchpoint | Purchase]) -> list[str]:
    if measure.function != "distinct" or measure.field is None:
        return []
    if measure.field == "amount":
        return [str(units_of(event.amount.amount)) for event in events if isinstance(event, Purchase)]  # 1.5 and 1.50 are one
    return [getattr(event, measure.field) or "" for event in events]
