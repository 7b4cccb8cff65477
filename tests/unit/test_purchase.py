from datetime import UTC, date, datetime
from typing import Any

import pytest

from relcare.errors import InvalidValueError
from relcare.model import Money, Purchase


def purchase(**more: Any) -> Purchase:
    given: dict[str, Any] = {"id": "p-1", "client_id": "c-1", "purchased_on": date(2026, 3, 20), "amount": Money("100", "CNY")}
    return Purchase(**(given | more))


@pytest.mark.parametrize(
    ("amount", "returns", "kind"),
    [
        ("100", None, "purchase"),
        ("0", None, "purchase"),
        ("-0.01", None, "credit"),
        ("100", "p-0", "return"),
        ("0.01", "p-0", "return"),
    ],
)
def test_the_sign_and_the_reference_tell_the_kind(amount: str, returns: str | None, kind: str) -> None:
    assert purchase(amount=Money(amount, "CNY"), returns_purchase_id=returns).kind == kind


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_return_has_a_positive_amount(amount: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^amount is"):
        purchase(amount=Money(amount, "CNY"), returns_purchase_id="p-0")


def test_a_purchase_does_not_return_itself() -> None:
    with pytest.raises(InvalidValueError, match=r"^returns_purchase_id is"):
        purchase(returns_purchase_id="p-1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("client_id", ""),
        ("purchased_on", datetime(2026, 1, 1, tzinfo=UTC)),
        ("purchased_on", None),
        ("purchased_on", "2026-01-01"),
        ("amount", 100),
        ("amount", "100"),
        ("amount", None),
        ("category", ""),
        ("category", 1),
        ("returns_purchase_id", ""),
        ("recorded_at", datetime(2026, 1, 1)),
    ],
    ids=repr,
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        purchase(**{field: value})
