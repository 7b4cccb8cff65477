from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from relcare.cadence import CadenceRule
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, UnknownRecordError
from relcare.model import Appointment, Book, Client, ContactPerson, OwnerSpell, Touchpoint
from relcare.planning import CityCriterion, attainment, clients_by_city, handover_note, key_cities, relieved, transfer
from relcare.wording import explain

DAY = date(2026, 4, 1)
POLICY = Policy(
    id="house", version="1", effective_from=date(2026, 1, 1), cadence=[CadenceRule(id="call", channel="call", every="1 week")]
)


def visit(name: str, on: date, **given: Any) -> Appointment:
    return Appointment(id=name, client_id="c", staff_id="lee", on=on, minutes=60, channel="visit", **given)


BOOK = Book(
    clients=[Client(id="c", name="Kim", owner_id="jung"), Client(id="d", name="Oh", owner_id="lee")],
    people=[ContactPerson(id="p-2", client_id="c", name="B"), ContactPerson(id="p-1", client_id="c", name="A")],
    touchpoints=[
        Touchpoint(id="t-1", client_id="c", occurred_at=date(2026, 3, 10), channel="call", outcome="reached", staff_id="lee")
    ],
    owner_spells=[
        OwnerSpell(client_id="c", owner_id="wu", start_on=date(2025, 1, 1), end_on=date(2026, 1, 1)),
        OwnerSpell(client_id="c", owner_id="lee", start_on=date(2026, 1, 1), note="from Wu"),
    ],
    appointments=[
        visit("past", date(2026, 3, 31)),
        visit("next", date(2026, 4, 8), state="confirmed", sequence=2),
        visit("off", date(2026, 4, 9), state="cancelled"),
        attrs.evolve(visit("hers", date(2026, 4, 7)), staff_id="kim"),
    ],
)


def test_a_transfer_ends_the_spell_in_force_and_keeps_those_before() -> None:
    after = transfer(BOOK, ["c"], "new", on=DAY, remarks="Lee moves to sales")
    assert after.owner_spells_by_client["c"] == (
        BOOK.owner_spells[0],
        attrs.evolve(BOOK.owner_spells[1], end_on=DAY),
        OwnerSpell(client_id="c", owner_id="new", start_on=DAY, note="Lee moves to sales"),
    )
    assert after.owner_on("d", DAY) == "lee"


def test_a_transfer_on_the_first_day_of_a_spell_takes_its_place() -> None:
    once = transfer(BOOK, ["c"], "new", on=DAY)
    twice = transfer(once, ["c"], "other", on=DAY)
    assert [spell.owner_id for spell in twice.owner_spells_by_client["c"]] == ["wu", "lee", "other"]


def test_who_has_a_client_already_gets_no_second_spell() -> None:
    assert transfer(BOOK, ["c", "c"], "lee", on=DAY) == BOOK


def test_a_transfer_before_a_spell_that_has_been_recorded_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="must not be before an owner spell of client 'c' that begins on 2026-01-01"):
        transfer(BOOK, ["c"], "new", on=date(2025, 12, 1))


def test_standing_appointments_of_the_earlier_owner_pass_on_and_keep_their_days() -> None:
    after = {one.id: one for one in transfer(BOOK, ["c"], "new", on=DAY).appointments}
    assert {name: (one.staff_id, one.sequence, one.on) for name, one in after.items()} == {
        "past": ("lee", 0, date(2026, 3, 31)),
        "next": ("new", 3, date(2026, 4, 8)),
        "off": ("lee", 0, date(2026, 4, 9)),
        "hers": ("kim", 0, date(2026, 4, 7)),
    }


@pytest.mark.parametrize(("client_id", "to_id", "error"), [("x", "new", UnknownRecordError), ("c", "", InvalidValueError)])
def test_nobody_and_nothing_is_refused(client_id: str, to_id: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        transfer(BOOK, [client_id], to_id, on=DAY)


def test_the_note_tells_what_is_owed_what_was_late_and_what_stands() -> None:
    owed = POLICY.decide(BOOK, as_of=DAY).obligations
    note = handover_note(BOOK, owed, "c", "new", on=DAY, remarks="prefers mornings")
    assert (note.from_id, note.to_id, note.last_contact_on, note.people) == ("lee", "new", date(2026, 3, 10), ("p-1", "p-2"))
    assert [one.key for one in note.owed] == [one.key for one in note.late] == ["c/call/t-1"]
    assert [one.id for one in note.appointments] == ["hers", "next"]
    assert note.remarks == "prefers mornings"


def test_what_was_late_before_is_nobodys_lateness_while_the_new_one_settles_in() -> None:
    after = transfer(BOOK, ["c"], "new", on=DAY)
    owed = {one.client_id: one for one in relieved(POLICY.decide(after, as_of=DAY).obligations, after)}
    assert (owed["c"].attributed_to, owed["c"].overdue_days, owed["d"].attributed_to) == (None, 15, "owner")
    assert explain(owed["c"].reasons[-1]) == "new has the client from lee since 2026-04-01 and settles in until 2026-04-15"
    over = POLICY.decide(after, as_of=DAY + timedelta(14)).obligations
    assert relieved(over, after) == over
    assert relieved(POLICY.decide(after, as_of=DAY + timedelta(3)).obligations, after, settling_days=3) != over


def test_deciding_and_keeping_score_leave_settling_in_to_whoever_asks_for_it() -> None:
    after = transfer(BOOK, ["c"], "new", on=DAY)
    owed = {one.client_id: one for one in POLICY.decide(after, as_of=DAY).obligations}
    assert (owed["c"].attributed_to, owed["c"].owner_id) == ("owner", "new")
    score = attainment(POLICY, after, from_on=DAY, until_on=DAY + timedelta(7), as_of=DAY + timedelta(6))
    assert {row.name: row.late_days.get("owner", 0) > 0 for row in score.by("owner")}["new"]


def test_a_first_spell_and_a_renewed_one_are_no_change_of_hands() -> None:
    renewed = attrs.evolve(
        BOOK, owner_spells=[OwnerSpell(client_id="c", owner_id="jung", start_on=date(2026, 3, 30))], appointments=[]
    )
    owed = POLICY.decide(renewed, as_of=DAY).obligations
    assert relieved(owed, renewed) == owed
    with pytest.raises(InvalidValueError, match="settling_days is 0"):
        relieved(owed, renewed, settling_days=0)


def test_existing_clients_are_points_of_a_city() -> None:
    counted = clients_by_city({"a": "Busan", "b": "Daegu", "c": "Busan"})
    assert list(counted.items()) == [("Busan", 2), ("Daegu", 1)]
    (first, second) = key_cities([CityCriterion(id="existing_clients", weight=2, points=counted)], most=1)
    assert (first.city, first.score, first.is_key, second.is_key) == ("Busan", 4, True, False)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"id": "a b"}, "id"),
        ({"weight": 0}, "weight"),
        ({"weight": 1_001}, "weight"),
        ({"points": {"Busan": -1}}, "points.Busan"),
        ({"points": ["Busan"]}, "points"),
    ],
)
def test_a_criterion_for_cities_refuses_what_is_none(given: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        CityCriterion(**{"id": "geography", "points": {}, **given})
    assert caught.value.name == name


def test_a_criterion_comes_once_and_the_most_is_a_count() -> None:
    one = CityCriterion(id="geography", points={})
    with pytest.raises(InvalidValueError, match="must come once"):
        key_cities([one, one])
    with pytest.raises(InvalidValueError, match="most is -1"):
        key_cities([one], most=-1)
