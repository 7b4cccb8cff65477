import pickle
from decimal import Decimal

import pytest

from relcare.errors import InvalidValueError
from relcare.model import Money


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ("12000.50", "12000.50"),
        ("-0.01", "-0.01"),
        ("0", "0"),
        (0, "0"),
        (-7, "-7"),
        (Decimal("1E+3"), "1000"),
        (10**28 - 1, "9999999999999999999999999999"),
        ("9999999999999999.999999999999", "9999999999999999.999999999999"),
        (Decimal("0.000000000001"), "0.000000000001"),
    ],
    ids=repr,
)
def test_an_amount_is_exact(given: str | int | Decimal, amount: str) -> None:
    money = Money(given, "CNY")
    assert money.amount == Decimal(amount)
    assert Money(money.amount, "CNY") == money


def test_it_reads_as_digits_and_currency_and_survives_pickling() -> None:
    money = Money(Decimal("1E+3"), "KRW")
    assert str(money) == "1000 KRW"
    assert pickle.loads(pickle.dumps(money)) == money


def test_equal_amounts_are_equal_however_written_and_currencies_tell_them_apart() -> None:
    assert Money("1.50", "CNY") == Money("1.5", "CNY")
    assert hash(Money("1.50", "CNY")) == hash(Money("1.5", "CNY"))
    assert Money(1, "CNY") != Money(1, "KRW")


@pytest.mark.parametrize(
    "amount", [1.5, True, None, 10**28, "10000000000000000000000000000", Decimal("1E+28"), "0.0000000000001", "-0", ""], ids=repr
)
def test_what_is_not_exact_is_refused_by_the_name_of_the_field(amount: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^amount is"):
        Money(amount, "CNY")  # type: ignore[arg-type]


def test_a_float_is_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValueError, match=r'hint: write "0.1" as text'):
        Money(0.1, "CNY")  # type: ignore[arg-type]


def test_text_and_decimal_have_the_same_limits() -> None:
    for digits in ("1" * 28, "1" * 16 + "." + "1" * 12, "1" * 17 + "." + "1" * 12, "1" * 29):
        outcomes: list[Money | None] = []
        for given in (digits, Decimal(digits)):
            try:
                outcomes.append(Money(given, "CNY"))
            except InvalidValueError:
                outcomes.append(None)
        assert outcomes[0] == outcomes[1]
        assert (outcomes[0] is None) == (len(digits.replace(".", "")) > 28)


@pytest.mark.parametrize("currency", ["", "cny", "CN", "CNYY", "C1Y", "ＣＮＹ", " CNY", "CNY\n", None, 156, b"CNY"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^currency is"):
        Money(1, currency)
