"""Hypothesis strategies for purchases, with what came back of them."""

from collections.abc import Sequence
from datetime import timedelta

import attrs
from hypothesis import strategies as st

from relcare.model import Money, Purchase
from relcare.testing._strategies import CATEGORIES, cached, days, ids, moments, money

__all__ = ["purchases"]


@attrs.frozen(kw_only=True)
class _Bought:
    """A purchase before it has a client, and what came back of it."""

    place: int
    order: int
    purchase: Purchase
    back: str | None
    back_after_days: int


@cached
def _bought(currency: str) -> st.SearchStrategy[list[_Bought]]:
    purchase = st.builds(
        Purchase,
        id=ids(),
        client_id=st.just("?"),
        purchased_on=days(),
        amount=money(currency) | money(currency, low="-1000", high="-0.01"),
        category=st.none() | st.sampled_from(CATEGORIES),
        recorded_at=st.none() | days() | moments("Asia/Seoul"),
    )
    one = st.builds(
        _Bought,
        place=st.integers(0, 5),
        order=st.integers(0, 9),
        purchase=purchase,
        back=st.sampled_from([None, None, "all", "0.01"]),
        back_after_days=st.sampled_from([0, 1, 31]) | st.integers(0, 400),
    )
    return st.lists(one, max_size=6, unique_by=lambda bought: bought.purchase.id)


def purchases(client_ids: Sequence[str], currency: str = "CNY") -> st.SearchStrategy[tuple[Purchase, ...]]:
    """Purchases of these clients with returns, in part and in whole, and credits; many amounts alike; in any order."""
    if not client_ids:
        return st.just(())
    there = tuple(client_ids)
    return _bought(currency).map(lambda shapes: _purchase_log(shapes, there))


def _purchase_log(shapes: Sequence[_Bought], client_ids: Sequence[str]) -> tuple[Purchase, ...]:
    log: list[tuple[int, Purchase]] = []
    taken = {shape.purchase.id for shape in shapes}
    for index, shape in enumerate(shapes):
        bought = attrs.evolve(shape.purchase, client_id=client_ids[shape.place % len(client_ids)])
        log.append((shape.order, bought))
        if shape.back is None or bought.amount.amount <= 0 or f"return {index}" in taken:
            continue
        back = Purchase(
            id=f"return {index}",
            client_id=bought.client_id,
            purchased_on=bought.purchased_on + timedelta(days=shape.back_after_days),
            amount=bought.amount if shape.back == "all" else Money(shape.back, bought.amount.currency),
            returns_purchase_id=bought.id,
        )
        log.append((9 - shape.order, back))
    return tuple(purchase for _, purchase in sorted(log, key=lambda pair: pair[0]))
