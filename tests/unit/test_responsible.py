"""Absences and owner spells, by themselves; how they fit into a book is in `test_book`."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from relcare.errors import InvalidValueError
from relcare.model import Absence, OwnerSpell
from relcare.model._responsible import stand_ins

Make = Callable[..., Absence | OwnerSpell]
FIRST, END = date(2026, 8, 3), date(2026, 8, 24)


def absence(**more: Any) -> Absence:
    given: dict[str, Any] = {"staff_id": "lee", "start_on": FIRST}
    return Absence(**(given | more))


def spell(**more: Any) -> OwnerSpell:
    given: dict[str, Any] = {"client_id": "c-1", "owner_id": "lee", "start_on": FIRST}
    return OwnerSpell(**(given | more))


both = pytest.mark.parametrize("make", [absence, spell], ids=["absence", "owner spell"])


@both
def test_the_first_day_counts_and_the_end_does_not(make: Make) -> None:
    one = make(end_on=END)
    assert [one.covers(date(2026, 8, day)) for day in (2, 3, 23, 24)] == [False, True, True, False]
    assert make().covers(date(2199, 12, 31))
    assert not make().covers(date(2026, 8, 2))


@both
@pytest.mark.parametrize("end_on", [FIRST, date(2026, 8, 2), datetime(2026, 9, 1, tzinfo=UTC), "2026-09-01"], ids=str)
def test_it_ends_on_a_day_after_it_starts(make: Make, end_on: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^end_on is"):
        make(end_on=end_on)


@pytest.mark.parametrize(
    ("make", "field", "value"),
    [
        (absence, "staff_id", ""),
        (absence, "start_on", None),
        (absence, "deputy_id", " park"),
        (absence, "reason", ""),
        (spell, "client_id", ""),
        (spell, "owner_id", ""),
        (spell, "start_on", "2026-08-03"),
        (spell, "note", ""),
        (spell, "note", "n" * 65_537),
    ],
)
def test_a_wrong_field_is_named(make: Make, field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} is "):
        make(**{field: value})


def test_nobody_stands_in_for_themselves() -> None:
    assert absence(deputy_id="park").deputy_id == "park"
    with pytest.raises(InvalidValueError, match=r"^deputy_id is 'lee': must name somebody else"):
        absence(deputy_id="lee")


@pytest.mark.parametrize(
    "deputies, found",
    [
        ({}, ()),
        ({"lee": "wu"}, ("wu",)),
        ({"lee": "wu", "wu": "ito"}, ("wu", "ito")),
        ({"lee": None}, None),
        ({"lee": "wu", "wu": None}, None),
        ({"lee": "wu", "wu": "lee"}, None),
        ({"lee": "wu", "wu": "ito", "ito": "wu"}, None),
        ({"wu": "ito"}, ()),
    ],
    ids=["there", "a deputy", "passed on", "nobody", "passed on to nobody", "in a circle", "in a later circle", "somebody else"],
)
def test_a_deputy_who_is_away_passes_it_on(deputies: dict[str, str | None], found: tuple[str, ...] | None) -> None:
    absences = {who: [absence(staff_id=who, end_on=END, deputy_id=deputy)] for who, deputy in deputies.items()}
    assert stand_ins("lee", absences, FIRST) == found
    assert stand_ins("lee", absences, END) == ()


def test_a_client_in_the_pool_has_no_owner_and_that_is_said() -> None:
    assert spell(owner_id=None).owner_id is None
    with pytest.raises(TypeError, match="owner_id"):
        OwnerSpell(client_id="c-1", start_on=FIRST)  # type: ignore[call-arg]


def test_a_hand_over_note_may_have_lines_and_stays_out_of_the_repr() -> None:
    one = spell(note="likes letters\n편지를 좋아함")
    assert one.note == "likes letters\n편지를 좋아함"
    assert "letters" not in repr(one)
