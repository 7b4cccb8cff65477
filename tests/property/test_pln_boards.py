from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final, cast

from hypothesis import example, given
from hypothesis import strategies as st

from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import BookResult, Policy
from relcare.model import Book, Client, Consent, ContactPerson, Direction, Obligations, Touchpoint
from relcare.planning import Board, board
from relcare.policy import Fact, criterion

FIRST: Final = date(2020, 1, 1)
LAST: Final = date(2030, 12, 31)


@cache
def house() -> Policy:
    return Policy(
        id="house",
        version="1",
        effective_from=FIRST,
        facts=[Fact(id="likelihood", type="level", values=("low", "high"), reads="client.likelihood", may_be_missing=True)],
        cadence=[
            CadenceRule(id="call", channel="call", every="1 week", grace="2 days", priority=2),
            CadenceRule(id="visit", channel="visit", every="1 month", lead="1 week", grace="1 week"),
            CadenceRule(
                id="birthday", channel="greeting", mode="grid", anchor="people.birthday", lead="3 days", roll="preceding"
            ),
            CadenceRule(id="letter", channel="letter", every="1 quarter", when=criterion("likelihood == 'high'")),
        ],
        triggers=[
            Trigger(id="answer", event=criterion("direction == 'incoming'"), channel="message", within="1 day", grace="1 day"),
            Trigger(id="thanks", event=criterion("channel == 'visit'"), channel="letter", within="3 days"),
        ],
    )


DAYS: Final = st.dates(FIRST, LAST) | st.sampled_from(
    [date(2024, 2, 29), date(2026, 1, 31), date(2026, 12, 31), date(2026, 4, 5)]
)
HISTORY: Final = st.tuples(
    st.sampled_from(["lee", "wu", None]),
    st.sampled_from(["low", "high", None]),
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.sampled_from(["call", "visit", "letter"]),
            st.sampled_from(["outgoing", "outgoing", "incoming"]),
        ),
        max_size=3,
    ),
    st.none() | st.integers(0, 365),
    st.sets(st.sampled_from(["call", "message", "letter"]), max_size=2),
)
"""Owner, likelihood, touchpoints by days before the day that is asked about, birthday by days after it, what is refused."""


@st.composite
def decided(draw: st.DrawFn) -> tuple[Book, BookResult]:
    day = draw(DAYS)
    clients: list[Client] = []
    touchpoints: list[Touchpoint] = []
    consents: list[Consent] = []
    people: list[ContactPerson] = []
    for index, (owner_id, likelihood, contacts, birthday, refused) in enumerate(draw(st.lists(HISTORY, max_size=4))):
        name = f"c-{index}"
        known = {} if likelihood is None else {"likelihood": likelihood}
        clients.append(Client(id=name, name=name, owner_id=owner_id, attributes=known))
        if birthday is not None:
            people.append(ContactPerson(id=f"p-{index}", client_id=name, name=name, birthday=day + timedelta(days=birthday)))
        touchpoints.extend(
            Touchpoint(
                id=f"t-{index}-{n}",
                client_id=name,
                occurred_at=day - timedelta(days=ago),
                channel=channel,
                direction=cast("Direction", direction),
            )
            for n, (ago, channel, direction) in enumerate(contacts)
        )
        consents.extend(
            Consent(id=f"n-{index}-{channel}", client_id=name, kind="refused", channel=channel, start_on=day)
            for channel in sorted(refused)
        )
    book = Book(clients=clients, people=people, touchpoints=touchpoints, consents=consents)
    return book, house().decide(book, as_of=day)


def seen(result: BookResult) -> Board:
    return board(result.obligations, result.undecided, as_of=result.as_of)


class TestBoardsArePureQueries:
    """PLN-7: Boards are pure queries.

    Today, tomorrow, this week, week and month; overdue, never contacted, reply owed, deferred, undecided.

    CAD-5: Weeks run Monday to Sunday; today's board includes what is overdue, in grace or due today. Late ones do not stack.
    Order: lateness relative to the interval, then declared priority, then id.
    """

    @given(decided())
    def test_todays_board_is_what_is_overdue_in_grace_or_due_today(self, case: tuple[Book, BookResult]) -> None:
        _, result = case
        today = seen(result).section("today").obligations
        late = [o for o in result.obligations if o.overdue_days]
        assert all(o.state in {"overdue", "grace", "deferred"} for o in late)
        expected = [o for o in result.obligations if o in late or o.due_on == result.as_of]
        assert list(today) == expected

    @given(decided())
    def test_tomorrows_board_is_what_is_due_on_the_next_day(self, case: tuple[Book, BookResult]) -> None:
        _, result = case
        tomorrow = result.as_of + timedelta(days=1)
        assert list(seen(result).section("tomorrow").obligations) == [o for o in result.obligations if o.due_on == tomorrow]

    @given(decided())
    def test_the_week_runs_from_monday_to_sunday(self, case: tuple[Book, BookResult]) -> None:
        _, result = case
        section = seen(result).section("this_week")
        assert section.from_on is not None
        assert section.until_on is not None
        assert (section.from_on.weekday(), section.until_on.weekday()) == (0, 6)
        assert section.from_on <= result.as_of <= section.until_on
        assert (section.until_on - section.from_on).days == 6
        in_it = [o for o in result.obligations if section.from_on <= o.due_on <= section.until_on]
        late = [o for o in result.obligations if o.due_on < section.from_on]
        assert set(section.obligations) == {*in_it, *late}

    @given(decided())
    def test_every_contact_due_within_the_month_stands_on_the_board_of_the_month(self, case: tuple[Book, BookResult]) -> None:
        _, result = case
        day = result.as_of
        last = day.replace(day=monthrange(day.year, day.month)[1])
        month = set(seen(result).section("month").obligations)
        assert {o for o in result.obligations if o.due_on <= last} <= month
        assert {o for o in result.obligations if o.due_on < day + timedelta(days=28)} <= month
        assert all(o.due_on < day + timedelta(days=31) for o in month)

    @given(decided())
    def test_nothing_is_added_dropped_or_listed_twice_and_the_order_stays(self, case: tuple[Book, BookResult]) -> None:
        _, result = case
        boards = seen(result)
        places = {owed.key: index for index, owed in enumerate(result.obligations)}
        for section in boards.sections:
            found = [places[owed.key] for owed in section.obligations]
            assert found == sorted(set(found))
        assert boards.obligations == result.obligations
        assert boards.undecided == result.undecided
        assert set(boards.section("overdue").obligations) == {o for o in result.obligations if o.state == "overdue"}
        assert set(boards.section("never_contacted").obligations) == {o for o in result.obligations if o.never_contacted}

    @given(decided())
    def test_a_reply_is_owed_for_each_touch_that_came_in_and_has_no_answer(self, case: tuple[Book, BookResult]) -> None:
        book, result = case
        came_in = {touch.id for touch in book.touchpoints if touch.direction == "incoming"}
        replies = set(seen(result).section("reply_owed").obligations)
        assert replies == {o for o in result.obligations if o.rule_id == "answer"} | {
            o for o in result.obligations if o.rule_id == "thanks" and o.key.rpartition("/")[2] in came_in
        }

    @given(decided())
    def test_what_may_not_be_done_today_is_deferred_and_nothing_else_is(self, case: tuple[Book, BookResult]) -> None:
        book, result = case
        refused = {(consent.client_id, consent.channel) for consent in book.consents}
        blocked = {o for o in result.obligations if (o.client_id, o.channel) in refused and o.earliest_on <= result.as_of}
        assert set(seen(result).section("deferred").obligations) == blocked

    @given(decided())
    def test_a_day_stands_within_its_week_and_a_week_within_its_month(self, case: tuple[Book, BookResult]) -> None:
        _, result = case
        boards = seen(result)
        today, this_week, week, month = (
            set(boards.section(name).obligations) for name in ("today", "this_week", "week", "month")
        )
        tomorrow = set(boards.section("tomorrow").obligations)
        assert today <= this_week <= week
        assert today | tomorrow <= week <= month
        assert not today & tomorrow

    @given(decided(), st.randoms(use_true_random=False))
    def test_the_order_in_which_obligations_come_does_not_matter(self, case: tuple[Book, BookResult], chance: Random) -> None:
        _, result = case
        items = list(result.obligations)
        chance.shuffle(items)
        assert board(items, result.undecided, as_of=result.as_of) == seen(result)

    @given(decided())
    def test_the_owners_boards_together_are_the_whole(self, case: tuple[Book, BookResult]) -> None:
        book, result = case
        owners = {client.id: client.owner_id for client in book.clients}
        whole = board(result.obligations, result.undecided, as_of=result.as_of, owner_by_client=owners)
        parts = [whole.for_owner(owner_id) for owner_id in whole.owner_ids]
        assert sorted(whole.counts.items()) == sorted((name, sum(part.counts[name] for part in parts)) for name in whole.counts)

    @given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
    @example(date(2199, 12, 31))
    @example(date(1900, 1, 1))
    def test_boards_without_obligations_are_empty_on_every_day(self, day: date) -> None:
        boards = board(Obligations(), as_of=day)
        assert not any(boards.counts.values())
