from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relcare.errors import BookDocumentError, InvalidValueError
from relcare.model import Book, Client, ContactPerson, Money, Touchpoint, from_columns

CALLS: Mapping[str, list[Any]] = {
    "id": ["t-1", "t-2", "t-3"],
    "client_id": ["c-1", f"c-{1:d}", "c-2"],
    "occurred_at": [date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 3)],
    "channel": ["call", "call", "visit"],
}


def test_a_column_that_is_left_out_has_the_default_of_its_field_in_every_row() -> None:
    assert [(one.direction, one.outcome, one.recorded_at) for one in from_columns(Touchpoint, CALLS)] == [
        ("outgoing", None, None)
    ] * 3


def test_equal_texts_and_days_are_one_object() -> None:
    first, second, _ = from_columns(Touchpoint, CALLS)
    assert CALLS["client_id"][0] is not CALLS["client_id"][1]
    assert first.client_id is second.client_id
    assert first.occurred_at is second.occurred_at


def test_a_column_may_be_whatever_can_be_gone_through_once() -> None:
    assert from_columns(Touchpoint, {name: iter(values) for name, values in CALLS.items()}) == from_columns(Touchpoint, CALLS)


def test_no_rows_are_no_values() -> None:
    assert from_columns(Touchpoint, {name: [] for name in CALLS}) == ()


def test_amounts_that_are_equal_keep_their_own_digits() -> None:
    made = from_columns(Money, {"amount": ["1.0", "1.00", 1], "currency": ["CNY"] * 3})
    assert [str(one) for one in made] == ["1.0 CNY", "1.00 CNY", "1 CNY"]
    made = from_columns(Money, {"amount": [Decimal("1.0"), Decimal("1.00"), Decimal(1)], "currency": ["CNY"] * 3})
    assert [str(one) for one in made] == ["1.0 CNY", "1.00 CNY", "1 CNY"]


def test_every_wrong_row_is_told_with_its_number_and_its_field() -> None:
    columns = {**CALLS, "channel": ["call", "", "visit"], "occurred_at": [date(2026, 3, 2)] * 2 + [date(1800, 1, 1)]}
    with pytest.raises(BookDocumentError) as caught:
        from_columns(Touchpoint, columns)
    assert [(one.file, one.line, one.path) for one in caught.value.problems] == [
        ("Touchpoint", 2, "channel"),
        ("Touchpoint", 3, "occurred_at"),
    ]


def test_of_more_than_a_thousand_wrong_rows_a_thousand_are_told() -> None:
    with pytest.raises(BookDocumentError) as caught:
        from_columns(Client, {"id": [""] * 1_200, "name": ["x"] * 1_200})
    assert len(caught.value.problems) == 1_000
    with pytest.raises(BookDocumentError) as caught:
        from_columns(Client, {"id": ["c-1"] + [""] * 1_200, "name": ["x"] * 1_201})
    assert len(caught.value.problems) == 1_000


def test_attributes_that_are_none_in_their_column_are_left_out() -> None:
    made = from_columns(
        Client, {"id": ["c-1", "c-2"], "name": ["a", "b"], "attributes.grade": ["A", None], "attributes.fit": [3, 4]}
    )
    assert [one.attributes for one in made] == [{"grade": "A", "fit": 3}, {"fit": 4}]


@pytest.mark.parametrize(
    ("kind", "columns", "message"),
    [
        (Book, {"clients": [[]]}, "kind is <class 'relcare.model._book.Book'>: must be one of Absence, Appointment"),
        (Touchpoint, {**CALLS, "chanel": ["call"] * 3}, "columns is 'chanel': must be a field; hint: did you mean 'channel'?"),
        (Touchpoint, {"id": ["t-1"]}, r"columns is \['id'\]: must have 'client_id'"),
        (Touchpoint, {**CALLS, "note": ["a"]}, "columns.note is '1 values': must be as long as id, 3"),
        (Touchpoint, {**CALLS, "channel": "abc"}, "columns.channel is 'abc': must be a collection of values, one for each row"),
        (Client, {"id": ["c-1"], "name": ["a"], "attributes.a b": [1]}, "columns is 'a b': must be an identifier"),
        (
            Client,
            {"id": ["c-1"], "name": ["a"], "attributes.fit": [1, 2]},
            "columns.attributes.fit is '2 values': must be as long",
        ),
        (
            Client,
            {"id": ["c-1"], "name": ["a"], "attributes": [{}], "attributes.fit": [1]},
            "columns is 'attributes.fit': must be a field",
        ),
        (
            ContactPerson,
            {"id": ["p"], "client_id": ["c"], "name": ["a"], "attributes.fit": [1]},
            "columns is 'attributes.fit': must be",
        ),
    ],
    ids=["kind", "unknown", "missing", "length", "text", "no name", "attribute length", "attributes twice", "no attributes"],
)
def test_columns_that_do_not_go_together_are_refused(kind: type, columns: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{message}"):
        from_columns(kind, columns)
