"""Every input that has broken such software before, given to every field of every value of the model.

It is refused with an error that names the field, or accepted where it is legitimate and kept as it was given; nothing else is
raised, and what was accepted can be hashed, compared, shown and pickled.
"""

import pickle
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import attrs
import pendulum
import pytest

from relcare.errors import InvalidValueError
from relcare.model import (
    Absence,
    Appointment,
    AttributeChange,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    OwnerSpell,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)
from relcare.policy import Derivation, Every, Fact, Measure, OutOfBounds, Window, parse_criterion
from relcare.testing import NASTY_IDS, NASTY_INSTANTS, NASTY_NAMES, NASTY_NUMBERS, NASTY_TEXTS, NASTY_ZONES

DAY: Final = date(2026, 3, 20)
_VALID: Final[dict[type, dict[str, Any]]] = {
    Money: {"amount": 1, "currency": "CNY"},
    Birthday: {"month": 1, "day": 1},
    AttributeChange: {"name": "a", "value": "x", "effective_on": DAY},
    Client: {"id": "c", "name": "c"},
    ContactPerson: {"id": "p", "client_id": "c", "name": "p"},
    Touchpoint: {"id": "t", "client_id": "c", "occurred_at": DAY, "channel": "call"},
    Purchase: {"id": "b", "client_id": "c", "purchased_on": DAY, "amount": Money(1, "CNY")},
    Staff: {"id": "s", "name": "s"},
    TierSpell: {"client_id": "c", "scheme_id": "abc", "tier": "A", "start_on": DAY},
    Consent: {"id": "n", "client_id": "c", "kind": "given", "start_on": DAY},
    Absence: {"staff_id": "s", "start_on": DAY},
    MembershipEvent: {"id": "m", "client_id": "c", "programme_id": "vip", "step": "checked", "on": DAY, "by": "s"},
    Appointment: {"id": "a", "client_id": "c", "staff_id": "s", "on": DAY, "channel": "call"},
    OwnerSpell: {"client_id": "c", "owner_id": "s", "start_on": DAY},
    Book: {},
    Fact: {"id": "x", "type": "number", "grain": 1},
    Measure: {"function": "count", "over": "touchpoints"},
    Derivation: {"function": "ratio", "first": "a", "second": "b"},
    Window: {"months": 1},
    Every: {"months": 1},
}
# A field's error may carry the name that the document has for it.
_NAMES: Final = {
    "reads": {"reads", "from"},
    "min": {"min", "max", "bound"},
    "max": {"min", "max", "bound"},
    "field": {"field", "count"},
}


def fields() -> list[Any]:
    return [
        pytest.param(kind, field.name, id=f"{kind.__name__}.{field.name}")
        for kind in _VALID
        for field in attrs.fields(kind)
        if field.init
    ]


def pool() -> list[object]:
    others: list[object] = [None, b"bytes", [], {}, set(), object(), (), [None], {"a": object()}, lambda: None, int]
    return [*NASTY_TEXTS, *NASTY_NUMBERS, *NASTY_INSTANTS, *NASTY_ZONES, *others]


def made(kind: type, field: str, value: object) -> Any:
    """The value, or None when it was refused as it should be."""
    try:
        return kind(**(_VALID[kind] | {field: value}))
    except InvalidValueError as refused:
        error = refused
    allowed = _NAMES.get(field, {field})
    if kind is Birthday or field == "birthday":
        allowed = allowed | {"birthday"}
    if kind in {Fact, Measure, Window, Every}:  # their parts must fit each other: the error may name the other part
        allowed = allowed | {"every", "window", "unit_months", "grain", "values", "type", "per", "when_empty", *_VALID[kind]}
    name = error.name.partition("[")[0].partition(".")[0]
    assert name in allowed, f"{kind.__name__}.{field} was called {error.name}"
    assert len(str(error)) < 700
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    return None


@pytest.mark.parametrize(("kind", "field"), fields())
def test_a_nasty_input_is_refused_by_the_name_of_the_field_or_becomes_a_sound_value(kind: type, field: str) -> None:
    for value in pool():
        one = made(kind, field, value)
        if one is None:
            continue
        assert one == one  # noqa: PLR0124 - a signalling NaN inside would raise
        assert repr(one)
        if not (kind is Measure and field == "where"):
            assert hash(one) == hash(one)
            assert pickle.loads(pickle.dumps(one)) == one


_ID_FIELDS: Final = [
    (Client, "id"),
    (Client, "owner_id"),
    (ContactPerson, "id"),
    (ContactPerson, "client_id"),
    (Touchpoint, "id"),
    (Touchpoint, "client_id"),
    (Touchpoint, "person_id"),
    (Touchpoint, "staff_id"),
    (Touchpoint, "voids_id"),
    (Purchase, "id"),
    (Purchase, "client_id"),
    (Purchase, "returns_purchase_id"),
    (Staff, "id"),
    (Staff, "head_id"),
    (TierSpell, "client_id"),
    (TierSpell, "scheme_id"),
    (TierSpell, "tier"),
    (Consent, "id"),
    (Consent, "client_id"),
    (Consent, "person_id"),
    (Absence, "staff_id"),
    (Absence, "deputy_id"),
    (OwnerSpell, "client_id"),
    (OwnerSpell, "owner_id"),
    (Appointment, "id"),
    (Appointment, "client_id"),
    (Appointment, "staff_id"),
    (Appointment, "person_id"),
    (MembershipEvent, "id"),
    (MembershipEvent, "client_id"),
    (MembershipEvent, "by"),
]
_NAME_FIELDS: Final = [
    (Client, "name"),
    (Client, "region"),
    (ContactPerson, "name"),
    (ContactPerson, "role"),
    (ContactPerson, "rank"),
    (ContactPerson, "phone"),
    (ContactPerson, "email"),
    (Touchpoint, "channel"),
    (Touchpoint, "outcome"),
    (Touchpoint, "purpose"),
    (Touchpoint, "in_lieu_of"),
    (Purchase, "category"),
    (Staff, "name"),
    (Staff, "role"),
    (Consent, "channel"),
    (Consent, "purpose"),
    (Consent, "source"),
    (Absence, "reason"),
    (Appointment, "channel"),
    (Appointment, "purpose"),
    (Appointment, "obligation_key"),
    (Appointment, "place"),
]
_HIDDEN: Final = (
    "",
    " ",
    "\u3164",
    "\u200b",
    "\u202eabc",
    "A\u2066B",
    "\ud800",
    "a\0b",
    "\ufeffname",
    "\u0085",
    "\u2028",
    "\t=1",
    "\r=1",
    "a\x0bb",
    "a\rb",
    "t" * 5_000,
)


def _named(pairs: list[tuple[type, str]]) -> Callable[..., Any]:
    return pytest.mark.parametrize(("kind", "field"), [pytest.param(*pair, id=f"{pair[0].__name__}.{pair[1]}") for pair in pairs])


@_named(_ID_FIELDS)
def test_a_legitimate_id_is_kept_code_point_by_code_point(kind: type, field: str) -> None:
    for value in NASTY_IDS:
        assert getattr(made(kind, field, value), field) == value


@_named(_NAME_FIELDS)
def test_a_legitimate_name_is_kept_as_it_was_written(kind: type, field: str) -> None:
    for value in NASTY_NAMES:
        assert getattr(made(kind, field, value), field) == value


@_named(_ID_FIELDS + _NAME_FIELDS)
def test_hidden_turned_and_endless_text_is_refused_everywhere(kind: type, field: str) -> None:
    for value in _HIDDEN:
        assert made(kind, field, value) is None, repr(value)


@_named(
    [
        (AttributeChange, "effective_on"),
        (Client, "client_since_on"),
        (Touchpoint, "occurred_at"),
        (Touchpoint, "recorded_at"),
        (Purchase, "purchased_on"),
        (Purchase, "recorded_at"),
        (TierSpell, "start_on"),
        (TierSpell, "end_on"),
        (Touchpoint, "follow_up_at"),
        (Consent, "start_on"),
        (Consent, "end_on"),
        (Consent, "recorded_at"),
        (Absence, "start_on"),
        (Absence, "end_on"),
        (OwnerSpell, "start_on"),
        (OwnerSpell, "end_on"),
        (Appointment, "on"),
        (Appointment, "starts_at"),
    ]
)
def test_what_is_no_day_between_1900_and_2199_is_refused_everywhere(kind: type, field: str) -> None:
    for value in NASTY_INSTANTS:
        assert made(kind, field, value) is None, repr(value)


@_named([(Client, "zone"), (Book, "zone")])
def test_what_is_no_iana_zone_is_refused_everywhere(kind: type, field: str) -> None:
    for value in NASTY_ZONES:
        assert made(kind, field, value) is None or (value is None and kind is Client), repr(value)


_LEGITIMATE_NUMBERS: Final = (2**63, -(2**63) - 1)


def test_only_whole_numbers_of_up_to_28_digits_among_the_nasty_numbers_are_amounts() -> None:
    for value in NASTY_NUMBERS:
        one = made(Money, "amount", value)
        assert (one is not None) == (type(value) is int and value in _LEGITIMATE_NUMBERS), type(value)
        assert one is None or one.amount == value


@pytest.mark.parametrize("field", ["min", "max", "grain"])
def test_no_nasty_number_becomes_the_bound_or_the_grain_of_a_fact(field: str) -> None:
    for value in NASTY_NUMBERS:
        one = made(Fact, field, value)
        assert one is None or (type(value) is int and value in _LEGITIMATE_NUMBERS), type(value)


def test_a_fact_takes_a_nasty_value_as_an_error_as_out_of_bounds_or_exactly() -> None:
    facts = [
        Fact(id="x", type="number", grain="0.01"),
        Fact(id="x", type="integer", min=0, max=10),
        Fact(id="x", type="level", values=("NaN", "now")),
        Fact(id="x", type="category", values=("NaN", "%")),
        Fact(id="x", type="category"),
        Fact(id="x", type="set"),
        Fact(id="x", type="flag"),
        Fact(id="x", type="date"),
    ]
    for fact in facts:
        for value in pool():
            try:
                core = fact.fact_type.encode("x", value)
            except InvalidValueError as refused:
                error = refused
            else:
                assert isinstance(core, (OutOfBounds, int, str, frozenset, Decimal)) or core is None
                assert not (fact.fact_type.is_numeric and isinstance(value, (bool, float)))
                continue
            assert error.name == "x"
            assert fact.fact_type.is_numeric


def test_a_criterion_of_nasty_text_is_a_list_of_problems_or_a_criterion() -> None:
    for text in NASTY_TEXTS:
        for given in (text, f"x == '{text}'", f"x == {text}", f"{text} == 1"):
            found = parse_criterion(given)
            assert not isinstance(found, tuple) or all(0 <= problem.offset <= len(given) for problem in found)


def test_a_date_is_not_an_instant_though_its_class_says_so() -> None:
    assert isinstance(pendulum.datetime(2026, 1, 1), date)
    assert made(Client, "client_since_on", pendulum.datetime(2026, 1, 1)) is None
    assert made(TierSpell, "start_on", datetime(2026, 1, 1)) is None


def test_text_is_never_taken_for_a_collection_of_letters() -> None:
    for kind, field in ((Client, "relationship_types"), (Client, "attribute_changes"), (Book, "clients"), (Fact, "values")):
        assert made(kind, field, "phone") is None
