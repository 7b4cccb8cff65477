"""Stored texts: what they look like, what comes back, what is refused."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from relcare.codec import (
    RECORD_FORMAT,
    BookSettings,
    ClientOwners,
    ClientTiers,
    RecordChange,
    RecordCodec,
    RecordValue,
    StaffAbsences,
    dump_record,
    load_record,
)
from relcare.errors import InvalidValueError, StorageError
from relcare.model import (
    Absence,
    Appointment,
    AttributeChange,
    AttributeValue,
    Birthday,
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

SPELL = TierSpell(client_id="c-1", scheme_id="abc", tier="A", start_on=date(2026, 1, 1), end_on=date(2026, 2, 1))
# One value of each kind of format 1, and its text: such texts lie in files of older releases.
OLD_TEXTS: list[tuple[str, RecordValue, str]] = [
    ("book", BookSettings("Asia/Seoul", "KRW"), '{"currency":"KRW","format":1,"zone":"Asia/Seoul"}'),
    (
        "change",
        RecordChange(kind="client", record_id="c-1", version=2),
        '{"format":1,"kind":"client","record_id":"c-1","version":2}',
    ),
    (
        "client",
        Client(
            id="c-1",
            name="김철수",
            relationship_types={"partner", "channel"},
            stage="open",
            client_since_on=date(2024, 2, 29),
            attributes={"weight": Decimal("1.50"), "class": "x"},
            attribute_changes=[
                AttributeChange(name="class", value=None, effective_on=date(2026, 1, 1), recorded_at=date(2026, 1, 2))
            ],
        ),
        (
            '{"attribute_changes":[{"effective_on":"2026-01-01","name":"class","recorded_at":"2026-01-02","value":null}],'
            '"attributes":{"class":"x","weight":{"decimal":"1.50"}},"client_since_on":"2024-02-29","format":1,"id":"c-1",'
            '"name":"김철수","relationship_types":["channel","partner"],"stage":"open"}'
        ),
    ),
    (
        "person",
        ContactPerson(id="p-1", client_id="c-1", name="王小明", role="principal", birthday=Birthday(month=2, day=29)),
        '{"birthday":"--02-29","client_id":"c-1","format":1,"id":"p-1","name":"王小明","role":"principal"}',
    ),
    (
        "purchase",
        Purchase(id="b-1", client_id="c-1", purchased_on=date(2026, 3, 20), amount=Money("-12000.50", "CNY")),
        '{"amount":"-12000.50 CNY","client_id":"c-1","format":1,"id":"b-1","purchased_on":"2026-03-20"}',
    ),
    (
        "staff",
        Staff(id="lee", name="이수진", head_id="park", birthday=date(1980, 2, 29)),
        '{"birthday":"1980-02-29","format":1,"head_id":"park","id":"lee","name":"이수진"}',
    ),
    (
        "tier_spell",
        SPELL,
        '{"client_id":"c-1","end_on":"2026-02-01","format":1,"scheme_id":"abc","start_on":"2026-01-01","tier":"A"}',
    ),
    (
        "tiers",
        ClientTiers("c-1", (SPELL,)),
        (
            '{"client_id":"c-1","format":1,"spells":[{"client_id":"c-1","end_on":"2026-02-01","scheme_id":"abc",'
            '"start_on":"2026-01-01","tier":"A"}]}'
        ),
    ),
    (
        "touchpoint",
        Touchpoint(
            id="t-1",
            client_id="c-1",
            occurred_at=datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1),
            channel="call",
            direction="incoming",
            note='a "b"\n\\',
        ),
        (
            '{"channel":"call","client_id":"c-1","direction":"incoming","format":1,"id":"t-1","note":"a \\"b\\"\\n\\\\",'
            '"occurred_at":"2024-11-03T01:30:00-05:00[America/New_York]"}'
        ),
    ),
]
OWNED = OwnerSpell(client_id="c-1", owner_id="lee", start_on=date(2026, 1, 1), end_on=date(2026, 2, 1), note="편지")
AWAY = Absence(staff_id="lee", start_on=date(2026, 8, 3), end_on=date(2026, 8, 24), deputy_id="park", reason="leave")
# What format 2 has besides: such texts lie in files of this release.
NEW_TEXTS: list[tuple[str, RecordValue, str]] = [
    (
        "absence",
        AWAY,
        '{"deputy_id":"park","end_on":"2026-08-24","format":2,"reason":"leave","staff_id":"lee","start_on":"2026-08-03"}',
    ),
    (
        "absences",
        StaffAbsences("lee", (AWAY,)),
        (
            '{"absences":[{"deputy_id":"park","end_on":"2026-08-24","reason":"leave","staff_id":"lee","start_on":"2026-08-03"}],'
            '"format":2,"staff_id":"lee"}'
        ),
    ),
    (
        "consent",
        Consent(
            id="n-1",
            client_id="c-1",
            kind="given",
            channel="message",
            purpose="advertising",
            start_on=date(2026, 3, 20),
            night=True,
            source="form 7",
            recorded_at=datetime(2026, 3, 20, 9, tzinfo=ZoneInfo("Asia/Seoul")),
        ),
        (
            '{"channel":"message","client_id":"c-1","format":2,"id":"n-1","kind":"given","night":true,"purpose":"advertising",'
            '"recorded_at":"2026-03-20T09:00:00+09:00[Asia/Seoul]","source":"form 7","start_on":"2026-03-20"}'
        ),
    ),
    (
        "appointment",
        Appointment(
            id="a-1",
            client_id="c-1",
            staff_id="lee",
            on=date(2024, 11, 3),
            starts_at=datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1),
            minutes=30,
            channel="visit",
            purpose="greeting",
            person_id="p-1",
            obligation_key="c-1/weekly/first",
            state="confirmed",
            sequence=2,
            place="서울",
        ),
        (
            '{"channel":"visit","client_id":"c-1","format":2,"id":"a-1","minutes":30,"obligation_key":"c-1/weekly/first",'
            '"on":"2024-11-03","person_id":"p-1","place":"서울","purpose":"greeting","sequence":2,"staff_id":"lee",'
            '"starts_at":"2024-11-03T01:30:00-05:00[America/New_York]","state":"confirmed"}'
        ),
    ),
    (
        "appointment",
        Appointment(id="a-2", client_id="c-1", staff_id="lee", on=date(2026, 4, 2), channel="call"),
        '{"channel":"call","client_id":"c-1","format":2,"id":"a-2","on":"2026-04-02","staff_id":"lee"}',
    ),
    (
        "consent",
        Consent(id="n-2", client_id="c-1", person_id="p-1", kind="refused", start_on=date(2026, 3, 21)),
        '{"client_id":"c-1","format":2,"id":"n-2","kind":"refused","person_id":"p-1","start_on":"2026-03-21"}',
    ),
    (
        "membership_event",
        MembershipEvent(
            id="m-1", client_id="c-1", programme_id="vip", step="granted", on=date(2026, 3, 2), by="wu", end_on=date(2026, 6, 1)
        ),
        (
            '{"by":"wu","client_id":"c-1","end_on":"2026-06-01","format":2,"id":"m-1","on":"2026-03-02","programme_id":"vip",'
            '"step":"granted"}'
        ),
    ),
    (
        "owner_spell",
        OwnerSpell(client_id="c-1", owner_id=None, start_on=date(2026, 2, 1)),
        '{"client_id":"c-1","format":2,"owner_id":null,"start_on":"2026-02-01"}',
    ),
    (
        "owners",
        ClientOwners("c-1", (OWNED,)),
        (
            '{"client_id":"c-1","format":2,"spells":[{"client_id":"c-1","end_on":"2026-02-01","note":"편지","owner_id":"lee",'
            '"start_on":"2026-01-01"}]}'
        ),
    ),
    (
        "touchpoint",
        Touchpoint(
            id="t-1",
            client_id="c-1",
            occurred_at=date(2026, 3, 20),
            channel="call",
            follow_up_at=datetime(2026, 3, 27, 15, tzinfo=ZoneInfo("Asia/Seoul")),
        ),
        (
            '{"channel":"call","client_id":"c-1","follow_up_at":"2026-03-27T15:00:00+09:00[Asia/Seoul]","format":2,"id":"t-1",'
            '"occurred_at":"2026-03-20"}'
        ),
    ),
]
TEXTS = [*((kind, value, text.replace('"format":1', '"format":2')) for kind, value, text in OLD_TEXTS), *NEW_TEXTS]
OLD_CASES = [pytest.param(kind, value, text, id=kind) for kind, value, text in OLD_TEXTS]
CASES = [pytest.param(kind, value, text, id=f"{kind} {n}") for n, (kind, value, text) in enumerate(TEXTS)]


def touch(**changes: Any) -> Touchpoint:
    return Touchpoint(**{"id": "t-1", "client_id": "c-1", "occurred_at": date(2026, 3, 20), "channel": "call", **changes})


@pytest.mark.parametrize(("kind", "value", "text"), CASES)
def test_a_value_has_this_text_in_format_2(kind: str, value: RecordValue, text: str) -> None:
    assert RECORD_FORMAT == 2, "a new format needs upcasters, and texts of its own here"
    assert dump_record(value) == text


@pytest.mark.parametrize(("kind", "value", "text"), CASES)
def test_a_text_of_format_2_gives_the_value_back(kind: str, value: RecordValue, text: str) -> None:
    assert load_record(kind, text) == value


@pytest.mark.parametrize(("kind", "value", "text"), OLD_CASES)
def test_a_text_of_format_1_still_gives_the_value_back(kind: str, value: RecordValue, text: str) -> None:
    assert load_record(kind, text) == value


@pytest.mark.parametrize(
    "value",
    [
        *["2026-01-01", "12.50", "true", 1, 0, -1, 10**27, True, False, None],
        *[Decimal(1), Decimal("1.00"), Decimal("0.000000000001"), date(2026, 1, 1), frozenset[str](), frozenset({"a"})],
    ],
    ids=repr,
)
def test_an_attribute_comes_back_with_its_type_and_digits(value: AttributeValue) -> None:
    client = Client(id="c-1", name="x", attributes={"a": value})
    found = load_record("client", dump_record(client)).attributes["a"]
    assert (type(found), str(found) if isinstance(found, Decimal) else found) == (
        type(value),
        str(value) if isinstance(value, Decimal) else value,
    )


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        pytest.param(date(2026, 3, 20), "2026-03-20", id="a day"),
        pytest.param(datetime(2026, 3, 20, tzinfo=UTC), "2026-03-20T00:00:00+00:00[UTC]", id="midnight is no day"),
        pytest.param(
            datetime(2026, 3, 20, 9, 0, 0, 1, tzinfo=ZoneInfo("Asia/Kathmandu")),
            "2026-03-20T09:00:00.000001+05:45[Asia/Kathmandu]",
            id="a microsecond, an odd offset",
        ),
        pytest.param(
            datetime(2026, 3, 20, 9, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "2026-03-20T09:00:00-03:30",
            id="an offset without a zone",
        ),
        pytest.param(
            datetime(1905, 1, 1, tzinfo=ZoneInfo("Asia/Seoul")),
            "1905-01-01T00:00:00+08:27:52[Asia/Seoul]",
            id="an offset with seconds",
        ),
    ],
)
def test_a_moment_keeps_what_it_is_and_the_name_of_its_zone(moment: date, text: str) -> None:
    stored = dump_record(touch(occurred_at=moment))
    assert json.loads(stored)["occurred_at"] == text
    found, expected = load_record("touchpoint", stored).occurred_at, touch(occurred_at=moment).occurred_at
    assert (found, type(found)) == (expected, type(expected))
    if isinstance(expected, pendulum.DateTime):
        assert isinstance(found, pendulum.DateTime)
        assert (found.timezone_name, found.isoformat()) == (expected.timezone_name, expected.isoformat())


def test_an_instant_outlives_a_change_of_its_zone() -> None:
    # As if Seoul had had summer time by the rules of the day on which this was written.
    text = dump_record(touch()).replace("2026-03-20", "2026-03-20T10:00:00+10:00[Asia/Seoul]")
    assert load_record("touchpoint", text).occurred_at == datetime(2026, 3, 20, tzinfo=UTC)


def test_the_order_in_which_attributes_are_given_does_not_change_the_text() -> None:
    one, other = (Client(id="c", name="x", attributes=dict(pairs)) for pairs in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)]))
    assert dump_record(one) == dump_record(other)


@pytest.mark.parametrize("value", [None, "x", {}, date(2026, 1, 1)])
def test_what_is_no_value_of_a_book_is_refused(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="must be one of"):
        dump_record(value)


def test_a_subclass_is_refused_because_it_would_come_back_as_another_type() -> None:
    class Lead(Staff):
        pass

    with pytest.raises(InvalidValueError, match="must be one of"):
        dump_record(Lead(id="lee", name="x"))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="kind is 'clinet'"):
        load_record("clinet", "{}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "{} {}",
        "not JSON at all",
        '{"id":"lee","name":"secret"}',
        '{"format":0,"id":"lee","name":"secret"}',
        '{"format":true,"id":"lee","name":"secret"}',
        '{"format":"1","id":"lee","name":"secret"}',
        '{"format":1.0,"id":"lee","name":"secret"}',
        '{"format":1,"id":"lee"}',
        '{"format":1,"id":"lee","name":7}',
        '{"format":1,"id":"","name":"secret"}',
        '{"format":1,"id":"lee","name":"secret","nickname":"x"}',
        '{"format":1,"id":"lee","name":"secret","birthday":"1980-13-01"}',
        '{"format":1,"id":"lee","name":"secret","birthday":19800101}',
        '{"format":1,"id":"lee","name":"secret","role":NaN}',
        '{"format":' + "9" * 5_000 + "}",
        "[" * 100_000,
    ],
)
def test_a_damaged_text_is_told_without_showing_it(text: str) -> None:
    with pytest.raises(StorageError, match=r"a stored staff (is damaged|was written by a newer)") as caught:
        load_record("staff", text)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("client", {"attributes": {"a": 1.5}}),
        ("client", {"attributes": {"a": {}}}),
        ("client", {"attributes": {"a": {"decimal": 1}}}),
        ("client", {"attributes": {"a": {"decimal": "NaN"}}}),
        ("client", {"attributes": {"a": {"decimal": "x"}}}),
        ("client", {"attributes": {"a": {"date": "2026-01-01T00:00"}}}),
        ("client", {"attributes": {"a": {"set": "ab"}}}),
        ("client", {"attributes": {"a": {"set": [1]}}}),
        ("client", {"attributes": {"a": {"money": "1 CNY"}}}),
        ("client", {"attributes": {"a": ["x"]}}),
        ("client", {"attributes": []}),
        ("client", {"relationship_types": "partner"}),
        ("client", {"stage": "asleep"}),
        ("client", {"attribute_changes": [{"name": "a"}]}),
        ("purchase", {"amount": "12"}),
        ("purchase", {"amount": "12 cny"}),
        ("purchase", {"amount": "1.2.3 CNY"}),
        ("purchase", {"amount": {"amount": "12", "currency": "CNY"}}),
        ("purchase", {"purchased_on": "2026-03-20T00:00:00+00:00[UTC]"}),
        ("touchpoint", {"occurred_at": "2026-03-20T00:00:00"}),
        ("touchpoint", {"occurred_at": "2026-03-20T00:00:00+00:00[Asia/Soul]"}),
        ("touchpoint", {"occurred_at": "2026-03-20T25:00:00+00:00"}),
        ("touchpoint", {"occurred_at": "20260320"}),
        ("touchpoint", {"direction": "sideways"}),
        ("touchpoint", {"follow_up_at": "2026-03-20T00:00:00"}),
        ("tiers", {"client_id": "c-2"}),
        ("tiers", {"spells": [{"client_id": "c-1"}]}),
        ("consent", {"night": 1}),
        ("consent", {"night": "true"}),
        ("consent", {"kind": "withdrawn"}),
        ("consent", {"kind": None}),
        ("owners", {"client_id": "c-2"}),
        ("absences", {"staff_id": "park"}),
        ("absence", {"deputy_id": "lee"}),
        ("change", {"version": "2"}),
        ("book", {"zone": 7}),
    ],
    ids=str,
)
def test_a_wrong_part_is_damage(kind: str, change: dict[str, Any]) -> None:
    text = next(text for name, _, text in TEXTS if name == kind)
    with pytest.raises(StorageError, match=f"a stored {kind} is damaged"):
        load_record(kind, json.dumps({**json.loads(text), **change}))


def test_a_newer_format_is_refused_and_says_so() -> None:
    with pytest.raises(StorageError, match=r"written by a newer relcare \(format 3, this one knows 2\); hint: upgrade"):
        load_record("staff", '{"format":3,"id":"lee","name":"x","seat":"3F"}')


def test_an_older_format_goes_through_every_upcaster_in_between() -> None:
    def rename(kind: str, document: dict[str, object]) -> dict[str, object]:
        return (
            {("name" if name == "full_name" else name): value for name, value in document.items()}
            if kind == "staff"
            else document
        )

    def give_a_role(kind: str, document: dict[str, object]) -> dict[str, object]:
        return {"role": "secretary", **document}

    codec = RecordCodec(3, {1: rename, 2: give_a_role})
    assert codec.load("staff", '{"format":1,"id":"lee","full_name":"x"}') == Staff(id="lee", name="x", role="secretary")
    assert codec.load("staff", '{"format":2,"id":"lee","name":"x"}') == Staff(id="lee", name="x", role="secretary")
    assert codec.load("staff", codec.dump(Staff(id="lee", name="x"))) == Staff(id="lee", name="x")


def test_a_format_that_no_upcaster_knows_is_damage() -> None:
    codec = RecordCodec(RECORD_FORMAT + 2, {RECORD_FORMAT + 1: lambda _, document: document})
    for number in (1, RECORD_FORMAT):
        with pytest.raises(StorageError, match="damaged"):
            codec.load("staff", f'{{"format":{number},"id":"lee","name":"x"}}')
    assert codec.load("staff", f'{{"format":{RECORD_FORMAT + 1},"id":"lee","name":"x"}}') == Staff(id="lee", name="x")


def test_what_is_of_two_is_not_kept_together() -> None:
    with pytest.raises(InvalidValueError, match=r"spells\[0\].client_id is 'c-1': must be 'c-2'"):
        ClientTiers("c-2", (SPELL,))
    with pytest.raises(InvalidValueError, match=r"spells\[0\].client_id is 'c-1': must be 'c-2'"):
        ClientOwners("c-2", (OWNED,))
    with pytest.raises(InvalidValueError, match=r"absences\[0\].staff_id is 'lee': must be 'park'"):
        StaffAbsences("park", (AWAY,))
