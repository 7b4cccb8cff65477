from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from relcare.errors import InvalidValueError
from relcare.model import STATES, Obligation, Obligations, Reason, State, Undecided
from relcare.planning import SectionId, board

TUESDAY = date(2026, 3, 31)
SUNDAY = date(2026, 4, 5)


def owed(
    key: str,
    due_on: date,
    *,
    as_of: date = TUESDAY,
    state: State | None = None,
    owner_id: str | None = "lee",
    never_contacted: bool = False,
    earliest_on: date | None = None,
    reasons: tuple[Reason, ...] = (),
) -> Obligation:
    late = max(0, (as_of - due_on).days)
    return Obligation(
        key=key,
        client_id=f"client of {key}",
        rule_id="call",
        rule_ids=("call",),
        owner_id=owner_id,
        staff_id=owner_id,
        attributed_to="owner" if late else None,
        channel="call",
        role="account manager",
        state=state or ("overdue" if late else "due" if due_on == as_of else "upcoming"),
        never_contacted=never_contacted,
        last_contact_on=None,
        interval="1 week",
        interval_days=Decimal(7),
        earliest_on=earliest_on or due_on,
        due_on=due_on,
        latest_on=due_on,
        overdue_days=late,
        policy_id="house",
        policy_version="1",
        as_of=as_of,
        reasons=reasons,
    )


@pytest.mark.parametrize(
    ("section_id", "as_of", "first", "last"),
    [
        ("today", TUESDAY, TUESDAY, TUESDAY),
        ("tomorrow", TUESDAY, date(2026, 4, 1), date(2026, 4, 1)),
        ("tomorrow", date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 1)),
        ("this_week", TUESDAY, date(2026, 3, 30), SUNDAY),
        ("this_week", SUNDAY, date(2026, 3, 30), SUNDAY),
        ("this_week", date(2026, 4, 6), date(2026, 4, 6), date(2026, 4, 12)),
        ("week", TUESDAY, TUESDAY, date(2026, 4, 6)),
        ("month", TUESDAY, TUESDAY, date(2026, 4, 29)),
        ("month", date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 31)),
        ("month", date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 27)),
        ("overdue", TUESDAY, None, None),
        ("never_contacted", TUESDAY, None, None),
        ("reply_owed", TUESDAY, None, None),
        ("deferred", TUESDAY, None, None),
    ],
)
def test_each_board_names_its_first_and_last_day(
    section_id: SectionId, as_of: date, first: date | None, last: date | None
) -> None:
    section = board((), as_of=as_of).section(section_id)
    assert (section.from_on, section.until_on) == (first, last)


@pytest.mark.parametrize(
    ("due_on", "state", "stands_on"),
    [
        (date(2026, 3, 1), "overdue", {"today", "this_week", "week", "month", "overdue"}),
        (date(2026, 3, 30), "grace", {"today", "this_week", "week", "month"}),
        (TUESDAY, "due", {"today", "this_week", "week", "month"}),
        (date(2026, 4, 1), "due", {"tomorrow", "this_week", "week", "month"}),
        (date(2026, 4, 2), "due", {"this_week", "week", "month"}),
        (SUNDAY, "upcoming", {"this_week", "week", "month"}),
        (date(2026, 4, 6), "upcoming", {"week", "month"}),
        (date(2026, 4, 7), "upcoming", {"month"}),
        (date(2026, 4, 29), "upcoming", {"month"}),
        (date(2026, 4, 30), "upcoming", set[str]()),
    ],
)
def test_a_contact_stands_on_the_boards_of_its_due_day(due_on: date, state: State, stands_on: set[str]) -> None:
    seen = board([owed("a", due_on, state=state, earliest_on=min(due_on, TUESDAY))], as_of=TUESDAY)
    assert {section.id for section in seen.sections if len(section)} == stands_on


def test_tomorrow_of_a_sunday_is_outside_this_week() -> None:
    seen = board([owed("a", date(2026, 4, 6), as_of=SUNDAY)], as_of=SUNDAY)
    assert (seen.counts["tomorrow"], seen.counts["this_week"], seen.counts["week"]) == (1, 0, 1)


def test_whom_nobody_has_reached_stands_on_its_board_whenever_it_is_due() -> None:
    seen = board([owed("a", date(2027, 1, 1), never_contacted=True), owed("b", TUESDAY)], as_of=TUESDAY)
    assert [one.key for one in seen.section("never_contacted").obligations] == ["a"]


def triggered(direction: str | None) -> Reason:
    return Reason("cadence.triggered", {}, {"event": "t-1", "kind": "message", "direction": direction, "on": TUESDAY})


def test_a_reply_is_owed_for_what_came_in_and_not_for_what_we_began_or_was_bought() -> None:
    rule = Reason("cadence.rule", {}, {"rule": "call"})
    items = [
        owed("in", date(2027, 1, 1), reasons=(rule, triggered("incoming"))),
        owed("out", TUESDAY, reasons=(triggered("outgoing"),)),
        owed("bought", TUESDAY, reasons=(triggered(None),)),
        owed("rhythm", TUESDAY, reasons=(rule,)),
    ]
    assert [one.key for one in board(items, as_of=TUESDAY).section("reply_owed").obligations] == ["in"]


def test_what_is_deferred_stands_on_its_board_whenever_it_is_due() -> None:
    items = [owed(state, date(2026, 3, 1), state=state) for state in STATES]
    assert [one.key for one in board(items, as_of=TUESDAY).section("deferred").obligations] == ["deferred"]


def test_the_counts_name_every_board_and_the_undecided_last() -> None:
    undecided = Undecided(client_id="c", rule_id="call", missing=("tier.abc",))
    seen = board([owed("a", TUESDAY)], [undecided], as_of=TUESDAY)
    assert dict(seen.counts) == {
        "today": 1,
        "tomorrow": 0,
        "this_week": 1,
        "week": 1,
        "month": 1,
        "overdue": 0,
        "never_contacted": 0,
        "reply_owed": 0,
        "deferred": 0,
        "undecided": 1,
    }
    assert list(seen.counts)[-1] == "undecided"


def test_boards_of_one_owner_hold_that_owners_contacts_and_undecided_rules() -> None:
    undecided = [Undecided(client_id=client_id, rule_id="call", missing=()) for client_id in ("c-1", "c-2", "c-3")]
    everybody = board(
        [owed("a", TUESDAY), owed("b", TUESDAY, owner_id="wu"), owed("c", TUESDAY, owner_id=None)],
        undecided,
        as_of=TUESDAY,
        owner_by_client={"c-1": "wu", "c-2": None},
    )
    assert everybody.owner_ids == ("lee", "wu", None)
    seen = everybody.for_owner("wu")
    assert [one.key for one in seen.section("today").obligations] == ["b"]
    assert [one.client_id for one in seen.undecided] == ["c-1"]
    assert [one.client_id for one in everybody.for_owner(None).undecided] == ["c-2", "c-3"]
    assert everybody.for_owner("nobody").counts["month"] == 0


def test_a_board_refuses_obligations_of_another_day() -> None:
    other = owed("a", TUESDAY, as_of=SUNDAY)
    with pytest.raises(
        InvalidValueError, match=r"obligations\[0\]\.as_of is '2026-04-05': must be the day of the board, 2026-03-31"
    ):
        board([other], as_of=TUESDAY)


def test_a_board_wants_a_civil_date_and_knows_its_sections() -> None:
    with pytest.raises(InvalidValueError, match="as_of"):
        board((), as_of=datetime(2026, 3, 31, tzinfo=UTC))
    with pytest.raises(InvalidValueError, match="did you mean 'today'"):
        board((), as_of=TUESDAY).section("todai")  # type: ignore[arg-type]


def test_a_board_is_a_value() -> None:
    items = [owed("b", TUESDAY), owed("a", date(2026, 3, 30))]
    one, other = board(items, as_of=TUESDAY), board(Obligations(reversed(items)), as_of=TUESDAY)
    assert one == other
    assert hash(one) == hash(other)
    assert one.sections == other.sections
