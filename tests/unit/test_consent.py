import pickle
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pendulum
import pytest

from relcare.errors import InvalidValueError
from relcare.model import CONSENT_KINDS, Consent


def consent(**more: Any) -> Consent:
    given: dict[str, Any] = {"id": "n-1", "client_id": "c-1", "kind": "given", "start_on": date(2026, 3, 20)}
    return Consent(**(given | more))


def test_what_is_not_said_is_not_limited() -> None:
    one = consent()
    assert (one.person_id, one.channel, one.purpose, one.end_on, one.source, one.recorded_at) == (None,) * 6
    assert one.night is False


def test_days_and_instants_are_converted_as_those_of_a_touchpoint_are() -> None:
    one = consent(start_on=pendulum.date(2026, 3, 20), recorded_at=datetime(2026, 3, 21, tzinfo=UTC))
    assert type(one.start_on) is date
    assert isinstance(one.recorded_at, pendulum.DateTime)


def test_it_is_in_force_from_its_first_day_on_and_not_on_its_end() -> None:
    one = consent(end_on=date(2026, 4, 20))
    assert [one.covers(date(2026, *day)) for day in ((3, 19), (3, 20), (4, 19), (4, 20))] == [False, True, True, False]
    assert consent().covers(date(2199, 12, 31))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"kind": "refused"}, True),
        ({"kind": "refused", "person_id": "p-1"}, True),
        ({"kind": "refused", "channel": "call"}, False),
        ({"kind": "refused", "purpose": "advertising"}, False),
        ({"kind": "given"}, False),
    ],
    ids=["everything", "everything, of a person", "a channel", "a purpose", "a consent"],
)
def test_a_refusal_of_every_channel_and_purpose_is_do_not_contact(more: dict[str, Any], expected: bool) -> None:
    assert consent(**more).is_do_not_contact is expected


def test_consent_to_quiet_hours_is_given_and_never_part_of_a_refusal() -> None:
    assert consent(night=True).night
    with pytest.raises(InvalidValueError, match=r"^night is True: must be False in a refusal, which holds at every hour"):
        consent(kind="refused", night=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("client_id", None),
        ("kind", None),
        ("kind", "withdrawn"),
        ("person_id", " p"),
        ("channel", ""),
        ("purpose", 7),
        ("start_on", None),
        ("start_on", datetime(2026, 3, 20, tzinfo=UTC)),
        ("end_on", date(2026, 3, 20)),
        ("end_on", "2026-04-01"),
        ("night", 1),
        ("night", "true"),
        ("night", None),
        ("source", ""),
        ("recorded_at", datetime(2026, 3, 20)),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        consent(**{field: value})


def test_a_slip_in_the_kind_is_told_with_the_nearest_one() -> None:
    assert CONSENT_KINDS == ("given", "refused")
    with pytest.raises(InvalidValueError, match="must be one of 'given', 'refused'; hint: did you mean 'refused'"):
        consent(kind="refuse")


def test_what_protects_consent_holds_where_validators_are_switched_off() -> None:
    with attrs.validators.disabled(), pytest.raises(InvalidValueError, match=r"^kind is"):
        consent(kind="maybe")


def test_it_is_a_value_that_survives_pickling() -> None:
    one = consent(kind="refused", source="전화 t-31")
    assert pickle.loads(pickle.dumps(one)) == one
    assert hash(attrs.evolve(one)) == hash(one)
