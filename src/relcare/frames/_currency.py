"""Amounts in another currency than the policy's are refused where a measure meets them (FCT-4)."""

from collections.abc import Iterator, Sequence

import narwhals.stable.v2 as nw

from relcare.errors import BookDocumentError, Problem
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, any_true, is_true
from relcare.frames._measures import counts, with_event_facts
from relcare.frames._reader import CLIENT
from relcare.policy import Fact, Measure, facts_of

__all__ = ["check_currencies"]


def check_currencies(core: Core, facts: Sequence[Fact], currency: str | None, otherwise: str | None = None) -> None:
    """Refuse purchases whose amounts cannot be compared.

    Args:
        core: The tables.
        facts: Of the policy.
        currency: The policy's; without one all purchases must be in one, where amounts are looked at at all.
        otherwise: That of purchases that name none.

    Raises:
        BookDocumentError: If there are any.
    """
    measures = [fact.measure for fact in facts if fact.measure is not None and fact.measure.over == "purchases"]
    looking = [measure for measure in measures if measure.field == "amount" or _is_filtered(measure)]
    if core.purchases is None or not looking:
        return
    engine, purchases = core.engine, core.purchases
    if otherwise is not None:
        purchases = purchases.with_columns(currency=nw.col("currency").fill_null(otherwise))
    if currency is None:
        found = sorted(str(one) for (one,) in engine.rows(engine.distinct(purchases.select("currency"))) if one is not None)
        if len(found) > 1:
            message = f"must be one, but there are {', '.join(found)}"
            raise BookDocumentError([Problem(file="purchases", path="currency", message=message, hint="name it in the policy")])
        return
    events = with_event_facts(purchases, {"category": "category", "amount": "units"}, looking)
    is_met = is_true(any_true([part for measure in looking for part in _met(measure, core.amount_scale)]))
    strange = events.filter(is_true(nw.col("currency") != currency) & is_met)
    ((count, example),) = engine.rows(strange.select(n=nw.len(), one=nw.col(CLIENT).min()))
    if count:
        message = f"must be the policy's, {currency}, where amounts are measured ({count}; one of them of client {example!r})"
        raise BookDocumentError([Problem(file="purchases", path="currency", message=message)])


def _is_filtered(measure: Measure) -> bool:
    return measure.where is not None and "amount" in facts_of(measure.where)


def _met(measure: Measure, scale: int) -> Iterator[Expr]:
    """The purchases whose amounts a measure looks at."""
    is_return = ~nw.col("back").is_null()
    is_credit = nw.col("units") < 0
    if _is_filtered(measure):
        yield ~is_return
    if measure.field == "amount":
        yield ~is_return & ~is_credit & counts(measure, scale)
    if measure.returns == "net" and measure.function == "sum":
        yield ~is_return & is_credit & counts(measure, scale)
