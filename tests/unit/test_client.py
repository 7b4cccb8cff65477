import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pendulum
import pytest

from relcare.errors import InvalidValueError
from relcare.model import AttributeChange, AttributeValue, Client, ContactPerson


def client(**more: Any) -> Client:
    return Client(**({"id": "c-1", "name": "김철수"} | more))


def change(value: AttributeValue, on: date, recorded_at: date | None = None, name: str = "likelihood") -> AttributeChange:
    return AttributeChange(name=name, value=value, effective_on=on, recorded_at=recorded_at)


def test_collections_of_any_kind_come_out_immutable() -> None:
    one = client(
        relationship_types=["partner", "partner"], attributes={"a": 1}, attribute_changes=[change("low", date(2026, 1, 1))]
    )
    assert one.relationship_types == frozenset({"partner"})
    assert isinstance(one.attribute_changes, tuple)
    with pytest.raises(TypeError):
        one.attributes["b"] = 2  # type: ignore[index]


def test_changing_what_was_given_changes_nothing() -> None:
    given: dict[str, AttributeValue] = {"a": 1}
    one = client(attributes=given)
    given["a"] = 2
    assert one.attributes == {"a": 1}


def test_equal_clients_hash_alike_and_survive_pickling() -> None:
    one, two = client(attributes={"a": 1, "b": None}), client(attributes={"b": None, "a": 1})
    assert one == two
    assert hash(one) == hash(two)
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("id", "", "id"),
        ("name", " ", "name"),
        ("relationship_types", "partner", "relationship_types"),
        ("relationship_types", 5, "relationship_types"),
        ("relationship_types", ["end customer"], "relationship_types"),
        ("relationship_types", ["and"], "relationship_types"),
        ("relationship_types", ["class"], "relationship_types"),
        ("relationship_types", [b"partner"], "relationship_types"),
        ("stage", "Open", "stage"),
        ("stage", 1, "stage"),
        ("owner_id", "", "owner_id"),
        ("region", "", "region"),
        ("zone", "Seoul", "zone"),
        ("client_since_on", datetime(2026, 1, 1, tzinfo=UTC), "client_since_on"),
        ("client_since_on", "2026-01-01", "client_since_on"),
        ("attributes", [("a", 1)], "attributes"),
        ("attributes", "a", "attributes"),
        ("attributes", {"a b": 1}, "attributes"),
        ("attributes", {1: 1}, "attributes"),
        ("attributes", {"a": 0.5}, r"attributes\.a"),
        ("attributes", {"a": {"b"}}, r"attributes\.a"),
        ("attributes", {"a": frozenset({1})}, r"attributes\.a"),
        ("attributes", {"a": datetime(2026, 1, 1, tzinfo=UTC)}, r"attributes\.a"),
        ("attributes", {"a": ""}, r"attributes\.a"),
        ("attribute_changes", "x", "attribute_changes"),
        ("attribute_changes", [1], r"attribute_changes\[0\]"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, named: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{named} is "):
        client(**{field: value})


def test_a_near_miss_gets_the_right_name_as_a_hint() -> None:
    with pytest.raises(InvalidValueError, match="did you mean 'open'"):
        client(stage="opne")
    with pytest.raises(InvalidValueError, match="did you mean 'Asia/Seoul'"):
        client(zone="asia/seoul")
    with pytest.raises(InvalidValueError, match="hint: write 'end_customer'"):
        client(relationship_types={"end customer"})


@pytest.mark.parametrize(
    "value", ["text", 5, Decimal("0.5"), True, False, None, date(2026, 1, 1), frozenset({"a", "b"}), frozenset()]
)
def test_an_attribute_may_hold_every_type_of_fact(value: AttributeValue) -> None:
    assert client(attributes={"class": value}).attribute("class", as_of=date(2026, 1, 1)) == value


def test_a_pendulum_date_becomes_a_plain_one() -> None:
    assert type(client(client_since_on=pendulum.date(2026, 1, 1)).client_since_on) is date


class TestAttributeChanges:
    """TIM-7.

    "Attributes change by dated entries."
    """

    def test_a_change_holds_from_its_day_on(self) -> None:
        one = client(attributes={"likelihood": "low"}, attribute_changes=[change("high", date(2026, 2, 1))])
        assert one.attribute("likelihood", as_of=date(2026, 1, 31)) == "low"
        assert one.attribute("likelihood", as_of=date(2026, 2, 1)) == "high"

    def test_the_order_in_which_changes_are_given_does_not_matter_for_different_days(self) -> None:
        changes = [change("high", date(2026, 3, 1)), change("low", date(2026, 2, 1))]
        for order in (changes, changes[::-1]):
            assert client(attribute_changes=order).attribute("likelihood", as_of=date(2026, 3, 1)) == "high"

    def test_of_two_for_one_day_the_later_recorded_holds(self) -> None:
        corrected = change("high", date(2026, 2, 1), date(2026, 2, 9))
        first = change("low", date(2026, 2, 1), date(2026, 2, 1))
        assert client(attribute_changes=[corrected, first]).attribute("likelihood", as_of=date(2026, 3, 1)) == "high"

    def test_a_change_without_a_record_of_its_entry_was_entered_on_its_day(self) -> None:
        changes = [change("high", date(2026, 2, 1), date(2026, 2, 2)), change("low", date(2026, 2, 1))]
        assert client(attribute_changes=changes).attribute("likelihood", as_of=date(2026, 3, 1)) == "high"

    def test_of_two_entered_on_one_day_the_later_instant_holds(self) -> None:
        morning = change("low", date(2026, 2, 1), datetime(2026, 2, 9, 9, tzinfo=UTC))
        evening = change("high", date(2026, 2, 1), datetime(2026, 2, 9, 18, tzinfo=UTC))
        assert client(attribute_changes=[evening, morning]).attribute("likelihood", as_of=date(2026, 3, 1)) == "high"

    def test_of_two_entered_together_the_later_given_holds(self) -> None:
        changes = [change("low", date(2026, 2, 1)), change("high", date(2026, 2, 1))]
        assert client(attribute_changes=changes).attribute("likelihood", as_of=date(2026, 2, 1)) == "high"

    def test_none_means_no_longer_known(self) -> None:
        one = client(attributes={"likelihood": "low"}, attribute_changes=[change(None, date(2026, 2, 1))])
        assert one.attribute("likelihood", as_of=date(2026, 2, 1)) is None

    def test_an_attribute_nobody_gave_is_unknown(self) -> None:
        assert (
            client(attribute_changes=[change("high", date(2026, 2, 1), name="other")]).attribute("x", as_of=date(2026, 2, 1))
            is None
        )

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "a b"),
            ("value", 0.5),
            ("effective_on", None),
            ("effective_on", "2026-01-01"),
            ("recorded_at", datetime(2026, 1, 1)),
        ],
    )
    def test_a_wrong_field_is_named(self, field: str, value: object) -> None:
        given: dict[str, Any] = {"name": "a", "value": 1, "effective_on": date(2026, 1, 1), field: value}
        with pytest.raises(InvalidValueError, match=rf"^{field} is "):
            AttributeChange(**given)


@pytest.mark.parametrize("field", ["id", "client_id", "name", "role", "rank", "phone", "email"])
@pytest.mark.parametrize("value", ["", " ", 5, b"x"])
def test_a_person_has_text_in_every_text_field(field: str, value: object) -> None:
    given: dict[str, Any] = {"id": "p", "client_id": "c", "name": "p", field: value}
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        ContactPerson(**given)


def test_checks_stay_when_a_host_switches_validators_off() -> None:
    attrs.validators.set_disabled(True)
    try:
        with pytest.raises(InvalidValueError):
            client(id="")
    finally:
        attrs.validators.set_disabled(False)
