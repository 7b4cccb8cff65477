import copy
import pickle
from datetime import UTC, date, datetime
from decimal import localcontext
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest

from relcare.errors import InvalidValueError, UnknownRecordError
from relcare.model import (
    Absence,
    Anniversary,
    Appointment,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    MembershipEvent,
    Money,
    Notice,
    OwnerSpell,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
    civil_day,
    return_problem,
    standing,
)

C1, C2 = Client(id="c1", name="one"), Client(id="c2", name="two")
DAY = date(2026, 3, 20)


def touch(entry_id: str, voids_id: str | None = None, *, client_id: str = "c1", channel: str = "call", **more: Any) -> Touchpoint:
    return Touchpoint(id=entry_id, client_id=client_id, occurred_at=DAY, channel=channel, voids_id=voids_id, **more)


def bought(
    purchase_id: str,
    amount: str = "100",
    *,
    on: date = DAY,
    back: str | None = None,
    client_id: str = "c1",
    currency: str = "CNY",
) -> Purchase:
    return Purchase(
        id=purchase_id, client_id=client_id, purchased_on=on, amount=Money(amount, currency), returns_purchase_id=back
    )


def spell(start_on: date, end_on: date | None, tier: str = "A", *, client_id: str = "c1", scheme_id: str = "abc") -> TierSpell:
    return TierSpell(client_id=client_id, scheme_id=scheme_id, tier=tier, start_on=start_on, end_on=end_on)


def consent(consent_id: str, *, client_id: str = "c1", person_id: str | None = None) -> Consent:
    return Consent(id=consent_id, client_id=client_id, person_id=person_id, kind="given", start_on=DAY)


def away(start_on: date, end_on: date | None, deputy_id: str | None = None, *, staff_id: str = "lee") -> Absence:
    return Absence(staff_id=staff_id, start_on=start_on, end_on=end_on, deputy_id=deputy_id)


def owned(start_on: date, end_on: date | None, owner_id: str | None = "lee", *, client_id: str = "c1") -> OwnerSpell:
    return OwnerSpell(client_id=client_id, owner_id=owner_id, start_on=start_on, end_on=end_on)


def meeting(appointment_id: str, **more: Any) -> Appointment:
    given: dict[str, Any] = {"id": appointment_id, "client_id": "c1", "staff_id": "lee", "on": DAY, "channel": "visit"}
    return Appointment(**(given | more))


def asked(event_id: str, **more: Any) -> MembershipEvent:
    given: dict[str, Any] = {"id": event_id, "client_id": "c1", "programme_id": "vip", "step": "applied", "on": DAY, "by": "lee"}
    return MembershipEvent(**(given | more))


def ids(entries: tuple[Touchpoint, ...]) -> list[str]:
    return [entry.id for entry in entries]


def test_an_empty_book_is_a_book() -> None:
    book = Book()
    assert book.clients == ()
    assert book.zone == "UTC"
    assert book.touchpoints_by_client == {}
    assert book.notices() == ()
    assert book.birthdays(date(2026, 1, 1), date(2026, 12, 31)) == ()


def test_records_are_grouped_by_client_in_the_order_of_the_book() -> None:
    book = Book(
        clients=[C2, C1],
        touchpoints=[touch("b"), touch("x", client_id="c2"), touch("a")],
        purchases=[bought("q"), bought("p")],
        people=[ContactPerson(id="p", client_id="c2", name="p")],
        tier_spells=[spell(DAY, None)],
        consents=[consent("n", client_id="c2"), consent("m"), consent("l", client_id="c2")],
        absences=[away(DAY, None, staff_id="park"), away(DAY, None)],
        owner_spells=[owned(DAY, None, client_id="c2")],
        appointments=[meeting("n", client_id="c2"), meeting("m", state="cancelled"), meeting("l", client_id="c2")],
    )
    assert list(book.client_by_id) == ["c2", "c1"]
    assert ids(book.touchpoints_by_client["c1"]) == ["b", "a"]
    assert [p.id for p in book.purchases_by_client["c1"]] == ["q", "p"]
    assert list(book.people_by_client) == ["c2"]
    assert list(book.tier_spells_by_client) == ["c1"]
    assert [one.id for one in book.consents_by_client["c2"]] == ["n", "l"]
    assert list(book.absences_by_staff) == ["park", "lee"]
    assert book.absences_by_staff["lee"] == (away(DAY, None),)
    assert list(book.owner_spells_by_client) == ["c2"]
    assert [one.id for one in book.appointments_by_client["c2"]] == ["n", "l"]
    assert [one.id for one in book.appointments_by_client["c1"]] == ["m"]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("clients", "c1", "clients"),
        ("clients", [C1, "c2"], r"clients\[1\]"),
        ("clients", [C1, C2, C1], r"clients\[2\].id"),
        ("clients", None, "clients"),
        ("people", [ContactPerson(id="p", client_id="c9", name="p")], r"people\[0\].client_id"),
        ("people", [ContactPerson(id="p", client_id="c1", name="p")] * 2, r"people\[1\].id"),
        ("touchpoints", [touch("a"), touch("b", client_id="c9")], r"touchpoints\[1\].client_id"),
        ("touchpoints", [touch("a"), touch("a")], r"touchpoints\[1\].id"),
        ("touchpoints", [touch("a", "b")], r"touchpoints\[0\].voids_id"),
        ("touchpoints", [touch("a"), touch("b", "a", client_id="c2")], r"touchpoints\[1\].voids_id"),
        ("touchpoints", [touch("a", "b"), touch("b", "a")], "voids_id"),
        ("purchases", [bought("p", client_id="c9")], r"purchases\[0\].client_id"),
        ("purchases", [bought("p"), bought("p")], r"purchases\[1\].id"),
        ("purchases", [bought("r", back="p")], r"purchases\[0\].returns_purchase_id"),
        ("purchases", [bought("p"), bought("r", back="p", client_id="c2")], r"purchases\[1\].returns_purchase_id"),
        ("purchases", [bought("p"), bought("r", back="p", currency="KRW")], r"purchases\[1\].returns_purchase_id"),
        ("purchases", [bought("p"), bought("r", back="p", on=date(2026, 3, 19))], r"purchases\[1\].returns_purchase_id"),
        ("purchases", [bought("p"), bought("r", back="p"), bought("s", back="r")], r"purchases\[2\].returns_purchase_id"),
        ("purchases", [bought("p", "-1"), bought("r", back="p")], r"purchases\[1\].returns_purchase_id"),
        ("staff", [Staff(id="s", name="s")] * 2, r"staff\[1\].id"),
        ("staff", [C1], r"staff\[0\]"),
        ("tier_spells", [spell(DAY, None, client_id="c9")], r"tier_spells\[0\].client_id"),
        ("consents", [consent("a"), consent("b", client_id="c9")], r"consents\[1\].client_id"),
        ("consents", [consent("a"), consent("b"), consent("a", client_id="c2")], r"consents\[2\].id"),
        ("consents", [touch("a")], r"consents\[0\]"),
        ("absences", [away(DAY, None), C1], r"absences\[1\]"),
        ("owner_spells", [owned(DAY, None), owned(DAY, None, client_id="c9")], r"owner_spells\[1\].client_id"),
        ("owner_spells", "c1", "owner_spells"),
        ("appointments", [meeting("a"), meeting("b", client_id="c9")], r"appointments\[1\].client_id"),
        ("appointments", [meeting("a"), meeting("a", client_id="c2")], r"appointments\[1\].id"),
        ("appointments", [meeting("a"), C1], r"appointments\[1\]"),
        ("membership_events", [asked("a"), asked("b", client_id="c9")], r"membership_events\[1\].client_id"),
        ("membership_events", [asked("a"), asked("a")], r"membership_events\[1\].id"),
        ("membership_events", [asked("a"), C1], r"membership_events\[1\]"),
        ("zone", "Seoul", "zone"),
        ("currency", "yuan", "currency"),
    ],
)
def test_the_first_wrong_entry_is_named(field: str, value: object, named: str) -> None:
    given: dict[str, Any] = {"clients": [C1, C2], field: value}
    with pytest.raises(InvalidValueError, match=rf"^{named} is "):
        Book(**given)


def test_a_book_with_a_currency_takes_no_other() -> None:
    Book(clients=[C1], purchases=[bought("p"), bought("q", currency="KRW")])
    with pytest.raises(InvalidValueError, match=r"^purchases\[1\].amount is .*: must be in the book's currency, CNY"):
        Book(clients=[C1], purchases=[bought("p"), bought("q", currency="KRW")], currency="CNY")


def test_a_return_on_the_day_of_the_purchase_and_several_returns_are_fine() -> None:
    log = [bought("r", "60", back="p"), bought("p"), bought("s", "60", back="p", on=date(2027, 1, 1))]
    assert Book(clients=[C1], purchases=log).purchases == tuple(log)
    assert return_problem(log[0], None) == "must name a purchase of the same client"


class TestVoids:
    """TIM-7.

    "Events are append-only; a correction or deletion is an entry that voids another (`voids_id`)."
    """

    def test_a_deletion_takes_an_entry_away_and_does_not_stand_itself(self) -> None:
        assert ids(standing([touch("a"), touch("b"), touch("x", "a", channel="void")])) == ["b"]

    def test_a_correction_stands_in_the_place_of_what_it_corrects(self) -> None:
        assert ids(standing([touch("a"), touch("b", "a")])) == ["b"]

    def test_the_order_of_the_entries_does_not_matter(self) -> None:
        assert ids(standing([touch("x", "a", channel="void"), touch("b"), touch("a")])) == ["b"]

    def test_taking_back_a_deletion_brings_the_entry_back(self) -> None:
        chain = [touch("a"), touch("x", "a", channel="void"), touch("y", "x", channel="void")]
        assert ids(standing(chain)) == ["a"]
        assert ids(standing([*chain, touch("z", "y", channel="void")])) == []

    def test_an_entry_that_was_taken_back_itself_takes_nothing_back(self) -> None:
        assert ids(standing([touch("a"), touch("b", "a"), touch("x", "b", channel="void")])) == ["a"]

    def test_correcting_a_correction_leaves_the_last_one_alone(self) -> None:
        assert ids(standing([touch("a"), touch("b", "a"), touch("c", "b")])) == ["c"]
        assert ids(standing([touch("a"), touch("b", "a"), touch("c", "b"), touch("x", "c", channel="void")])) == ["b"]

    def test_one_standing_taker_of_two_is_enough(self) -> None:
        entries = [touch("a"), touch("x", "a", channel="void"), touch("y", "a", channel="void"), touch("z", "x", channel="void")]
        assert ids(standing(entries)) == []

    def test_entries_that_take_each_other_back_in_a_circle_are_refused(self) -> None:
        for circle in (
            [("a", "b"), ("b", "a")],
            [("a", "b"), ("b", "c"), ("c", "a")],
            [("x", None), ("a", "b"), ("b", "a"), ("y", "x")],
        ):
            with pytest.raises(InvalidValueError, match=r"^voids_id is"):
                standing([touch(entry_id, voids_id) for entry_id, voids_id in circle])

    def test_a_chain_may_be_longer_than_the_recursion_limit(self) -> None:
        chain = [touch("0"), *(touch(str(n), str(n - 1), channel="void") for n in range(1, 5_001))]
        assert ids(standing(chain)) == ["0"]

    def test_an_entry_that_is_taken_back_very_often_costs_no_more(self) -> None:
        assert standing([touch("0"), *(touch(str(n), "0", channel="void") for n in range(1, 20_001))]) == ()

    def test_the_book_shows_what_stands_and_keeps_what_does_not(self) -> None:
        book = Book(clients=[C1], touchpoints=[touch("a"), touch("x", "a", channel="void")])
        assert book.touchpoints_by_client == {}
        assert ids(book.touchpoints) == ["a", "x"]


class TestTierSpells:
    """TIM-4.

    "Measuring windows and effective dates are half-open."
    """

    def test_a_spell_covers_its_first_day_and_not_its_end(self) -> None:
        one = spell(date(2026, 1, 1), date(2026, 2, 1))
        assert one.covers(date(2026, 1, 1))
        assert one.covers(date(2026, 1, 31))
        assert not one.covers(date(2026, 2, 1))
        assert not one.covers(date(2025, 12, 31))
        assert spell(date(2026, 1, 1), None).covers(date(2199, 12, 31))

    @pytest.mark.parametrize("end_on", [date(2026, 1, 1), date(2025, 12, 31), datetime(2027, 1, 1, tzinfo=UTC), "2027-01-01"])
    def test_it_ends_after_it_starts(self, end_on: date) -> None:
        with pytest.raises(InvalidValueError, match=r"^end_on is"):
            spell(date(2026, 1, 1), end_on)

    def test_the_tier_in_force_changes_on_the_day(self) -> None:
        spells = [
            spell(date(2026, 2, 1), None, "B"),
            spell(date(2026, 1, 1), date(2026, 2, 1), "A"),
            spell(DAY, None, "x", scheme_id="other"),
        ]
        book = Book(clients=[C1], tier_spells=spells)
        assert book.tiers_in_force("c1", on=date(2026, 1, 31)) == {"abc": "A"}
        assert book.tiers_in_force("c1", on=date(2026, 2, 1)) == {"abc": "B"}
        assert book.tiers_in_force("c1", on=DAY) == {"abc": "B", "other": "x"}
        assert book.tiers_in_force("c1", on=date(2025, 1, 1)) == {}
        assert book.tiers_in_force("nobody", on=DAY) == {}

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ((date(2026, 1, 1), None), (date(2026, 2, 1), None)),
            ((date(2026, 1, 1), date(2026, 2, 2)), (date(2026, 2, 1), None)),
            ((date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 1, 1), date(2026, 2, 1))),
            ((date(2026, 1, 1), date(2027, 1, 1)), (date(2026, 2, 1), date(2026, 3, 1))),
        ],
    )
    def test_two_spells_of_a_client_and_scheme_never_overlap(
        self, one: tuple[date, date | None], two: tuple[date, date | None]
    ) -> None:
        for pair in ([one, two], [two, one]):
            with pytest.raises(InvalidValueError, match=r"^tier_spells\[\d\].start_on is"):
                Book(clients=[C1], tier_spells=[spell(*place) for place in pair])
        Book(clients=[C1, C2], tier_spells=[spell(*one), spell(*two, client_id="c2"), spell(*two, scheme_id="other")])


class TestOwners:
    """PLN-6.

    "Delegation is for a time and reverts; transfer is for good, with history, a hand-over note, and no false lateness on day
    one."
    """

    def test_the_spell_that_covers_the_day_says_who_and_otherwise_the_client_does(self) -> None:
        book = Book(
            clients=[attrs.evolve(C1, owner_id="choi"), C2],
            owner_spells=[
                owned(date(2026, 2, 1), date(2026, 3, 1), None),
                owned(date(2026, 1, 1), date(2026, 2, 1), "kim"),
                owned(date(2026, 4, 1), None, "park"),
            ],
        )
        days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"]
        owners = [book.owner_on("c1", date.fromisoformat(day)) for day in days]
        assert owners == ["choi", "kim", "kim", None, None, "choi", "choi", "park"]
        assert book.owner_on("c2", DAY) is None

    def test_an_unknown_client_has_no_owner_to_be_told(self) -> None:
        with pytest.raises(UnknownRecordError, match="unknown client 'c9'"):
            Book(clients=[C1]).owner_on("c9", DAY)

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ((date(2026, 1, 1), None), (date(2026, 2, 1), None)),
            ((date(2026, 1, 1), date(2026, 2, 2)), (date(2026, 2, 1), None)),
            ((date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 1, 1), date(2026, 2, 1))),
            ((date(2026, 1, 1), date(2027, 1, 1)), (date(2026, 2, 1), date(2026, 3, 1))),
        ],
    )
    def test_a_client_has_one_owner_and_a_member_of_staff_one_absence_at_a_time(
        self, one: tuple[date, date | None], two: tuple[date, date | None]
    ) -> None:
        for pair in ([one, two], [two, one]):
            with pytest.raises(InvalidValueError, match=r"^owner_spells\[\d\].start_on is .* another owner spell of the client"):
                Book(clients=[C1], owner_spells=[owned(*place) for place in pair])
            with pytest.raises(InvalidValueError, match=r"^absences\[\d\].start_on is .* another absence of the member of staff"):
                Book(absences=[away(*place) for place in pair])
        Book(
            clients=[C1, C2],
            owner_spells=[owned(*one), owned(*two, client_id="c2")],
            absences=[away(*one), away(*two, staff_id="park")],
        )

    def test_spells_may_touch(self) -> None:
        touching = [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 2, 1), None)]
        Book(clients=[C1], owner_spells=[owned(*one) for one in touching], absences=[away(*one) for one in touching])


class TestNotices:
    def test_owners_and_staff_on_no_list_are_listed_and_allowed(self) -> None:
        book = Book(
            clients=[attrs.evolve(C1, owner_id="lee"), attrs.evolve(C2, owner_id="kim")],
            touchpoints=[touch("t1", staff_id="lee"), touch("t2", staff_id="choi"), touch("t3")],
            purchases=[bought("p", "-5"), bought("q")],
            staff=[Staff(id="lee", name="lee")],
        )
        assert book.notices() == (
            Notice(code="book.unknown_owner", kind="client", id="c2", value="kim"),
            Notice(code="book.unknown_staff", kind="touchpoint", id="t2", value="choi"),
            Notice(code="book.credit", kind="purchase", id="p", value="-5 CNY"),
        )

    def test_purchases_of_which_more_came_back_than_they_were_are_listed_once_and_allowed(self) -> None:
        back = [("p", "6"), ("q", "7"), ("p", "4.01"), ("r", "5")]
        returns = [bought(f"back-{n}", amount, back=name) for n, (name, amount) in enumerate(back)]
        book = Book(clients=[C1], purchases=[*returns, bought("p", "10"), bought("q", "7"), bought("r", "4.99")])
        assert book.notices() == (
            Notice(code="book.over_returned", kind="purchase", id="p", value="10.01 CNY"),
            Notice(code="book.over_returned", kind="purchase", id="r", value="5 CNY"),
        )

    def test_what_came_back_is_added_up_exactly_whatever_context_the_host_has(self) -> None:
        returns = [bought(f"back-{n}", amount, back="p") for n, amount in enumerate(["10000000", "0.01"])]
        with localcontext(prec=3):
            found = Book(clients=[C1], purchases=[bought("p", "10000000"), *returns]).notices()
        assert [one.value for one in found] == ["10000000.01 CNY"]

    def test_former_owners_absentees_and_deputies_on_no_list_are_listed_too(self) -> None:
        book = Book(
            clients=[attrs.evolve(C1, owner_id="lee")],
            owner_spells=[
                owned(date(2026, 1, 1), date(2026, 2, 1), "kim"),
                owned(date(2026, 2, 1), date(2026, 3, 1), None),
                owned(date(2026, 3, 1), date(2026, 4, 1), "kim"),
                owned(date(2026, 4, 1), None, "lee"),
            ],
            absences=[away(DAY, None, "park"), away(DAY, None, "lee", staff_id="wu")],
            staff=[Staff(id="lee", name="lee")],
        )
        assert book.notices() == (
            Notice(code="book.unknown_owner", kind="client", id="c1", value="kim"),
            Notice(code="book.unknown_deputy", kind="absence", id="lee", value="park"),
            Notice(code="book.unknown_absentee", kind="absence", id="wu", value="wu"),
        )

    def test_a_consent_of_somebody_who_is_not_at_the_client_is_listed(self) -> None:
        book = Book(
            clients=[C1, C2],
            people=[ContactPerson(id="p", client_id="c1", name="P"), ContactPerson(id="q", client_id="c2", name="Q")],
            consents=[consent("a", person_id="p"), consent("b", person_id="q"), consent("c", person_id="r"), consent("d")],
        )
        assert book.notices() == (
            Notice(code="book.unknown_person", kind="consent", id="b", value="q"),
            Notice(code="book.unknown_person", kind="consent", id="c", value="r"),
        )

    def test_an_appointment_by_or_with_somebody_on_no_list_is_listed(self) -> None:
        book = Book(
            clients=[C1],
            people=[ContactPerson(id="p", client_id="c1", name="P")],
            staff=[Staff(id="lee", name="lee")],
            appointments=[meeting("a", person_id="p"), meeting("b", staff_id="wu"), meeting("c", person_id="q")],
        )
        assert book.notices() == (
            Notice(code="book.unknown_staff", kind="appointment", id="b", value="wu"),
            Notice(code="book.unknown_person", kind="appointment", id="c", value="q"),
        )

    def test_a_book_without_staff_misses_nobody(self) -> None:
        book = Book(
            clients=[attrs.evolve(C1, owner_id="lee")],
            touchpoints=[touch("t", staff_id="x")],
            absences=[away(DAY, None, "park")],
            owner_spells=[owned(DAY, None)],
            appointments=[meeting("a")],
        )
        assert book.notices() == ()


class TestAppointments:
    @pytest.mark.parametrize(
        ("zone", "fits"),
        [("UTC", True), ("America/New_York", True), ("Asia/Seoul", False), ("Pacific/Kiritimati", False)],
    )
    def test_it_starts_on_its_day_as_the_zone_of_the_book_shows_it(self, zone: str, fits: bool) -> None:
        """TIM-2: the civil day of an instant is that of the book's zone, whatever zone the instant is in."""
        late = datetime(2026, 3, 20, 15, tzinfo=UTC)  # midnight in Seoul
        for starts_at in (late, late.astimezone(ZoneInfo("Asia/Tokyo")), late.astimezone(ZoneInfo("Europe/Paris"))):
            one = meeting("a", on=DAY, starts_at=starts_at)
            if fits:
                assert Book(clients=[C1], appointments=[one], zone=zone).appointments == (one,)
                continue
            with pytest.raises(InvalidValueError, match=r"^appointments\[0\].starts_at is .*must be on 2026-03-20"):
                Book(clients=[C1], appointments=[one], zone=zone)

    def test_a_day_alone_fits_every_zone(self) -> None:
        assert Book(clients=[C1], appointments=[meeting("a")], zone="Pacific/Kiritimati").appointments[0].starts_at is None


class TestBirthdays:
    def book(self, *birthdays: Birthday | None) -> Book:
        return Book(staff=[Staff(id=f"s{n}", name="s", birthday=birthday) for n, birthday in enumerate(birthdays)])

    def test_both_ends_count_and_the_order_is_day_then_staff_then_id(self) -> None:
        book = Book(
            clients=[C1],
            people=[ContactPerson(id="a", client_id="c1", name="P", birthday=Birthday(month=3, day=1))],
            staff=[
                Staff(id="z", name="Z", birthday=Birthday(month=3, day=1, year=2000)),
                Staff(id="y", name="Y", birthday=Birthday(month=3, day=1)),
                Staff(id="x", name="X", birthday=Birthday(month=3, day=31)),
                Staff(id="w", name="W", birthday=Birthday(month=4, day=1)),
                Staff(id="v", name="V"),
            ],
        )
        found = book.birthdays(date(2026, 3, 1), date(2026, 3, 31))
        assert found[1:3] == (
            Anniversary(on=date(2026, 3, 1), kind="staff", id="z", name="Z", age=26),
            Anniversary(on=date(2026, 3, 1), kind="person", id="a", name="P", client_id="c1"),
        )
        assert [one.id for one in found] == ["y", "z", "a", "x"]

    @pytest.mark.parametrize(
        ("rule", "kept"), [("28 February", [date(2025, 2, 28)]), ("1 March", [date(2025, 3, 1)]), ("skip", [])]
    )
    def test_29_february_is_kept_as_declared(self, rule: Literal["28 February", "1 March", "skip"], kept: list[date]) -> None:
        book = self.book(Birthday(month=2, day=29, year=2000))
        assert [one.on for one in book.birthdays(date(2025, 1, 1), date(2025, 12, 31), leap_day=rule)] == kept
        assert [one.on for one in book.birthdays(date(2024, 1, 1), date(2024, 12, 31), leap_day=rule)] == [date(2024, 2, 29)]

    def test_nobody_has_a_birthday_before_birth(self) -> None:
        book = self.book(Birthday(month=5, day=5, year=2026))
        assert book.birthdays(date(2025, 1, 1), date(2025, 12, 31)) == ()
        assert [one.age for one in book.birthdays(date(2026, 1, 1), date(2026, 12, 31))] == [0]

    def test_a_span_over_the_new_year_finds_both_sides(self) -> None:
        book = self.book(Birthday(month=12, day=31), Birthday(month=1, day=1))
        assert [one.on for one in book.birthdays(date(2025, 12, 31), date(2026, 1, 1))] == [date(2025, 12, 31), date(2026, 1, 1)]

    @pytest.mark.parametrize(
        ("from_on", "until_on", "named"),
        [
            (date(2026, 3, 2), date(2026, 3, 1), "until_on"),
            (date(2026, 1, 1), date(2027, 1, 3), "until_on"),
            (datetime(2026, 1, 1, tzinfo=UTC), date(2026, 3, 1), "from_on"),
            (date(2026, 1, 1), None, "until_on"),
        ],
    )
    def test_the_days_are_in_order_and_at_most_366_apart(self, from_on: date, until_on: Any, named: str) -> None:
        with pytest.raises(InvalidValueError, match=rf"^{named} is"):
            Book().birthdays(from_on, until_on)

    def test_an_unknown_rule_for_leap_days_is_refused(self) -> None:
        with pytest.raises(InvalidValueError, match=r"^leap_day is '1 march'.*did you mean '1 March'"):
            Book().birthdays(date(2026, 1, 1), date(2026, 1, 2), leap_day="1 march")  # type: ignore[arg-type]


class TestCivilDay:
    """TIM-1.

    "It is a civil date in the book's zone and means the end of that day."
    """

    def test_a_date_is_the_day_everywhere(self) -> None:
        assert civil_day(DAY, ZoneInfo("Pacific/Kiritimati")) == DAY

    @pytest.mark.parametrize(
        ("zone", "day"),
        [
            ("Asia/Seoul", date(2026, 1, 1)),
            ("UTC", date(2025, 12, 31)),
            ("America/New_York", date(2025, 12, 31)),
            ("Pacific/Kiritimati", date(2026, 1, 1)),
        ],
    )
    def test_an_instant_is_on_the_day_that_the_zone_showed(self, zone: str, day: date) -> None:
        at = (
            touch("t")
            .__class__(id="t", client_id="c", occurred_at=datetime(2025, 12, 31, 15, tzinfo=UTC), channel="x")
            .occurred_at
        )
        assert civil_day(at, ZoneInfo(zone)) == day

    def test_both_sides_of_midnight_and_the_repeated_hour_are_right(self) -> None:
        seoul, new_york = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
        for at, zone, day in (
            (datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=seoul), seoul, date(2026, 3, 31)),
            (datetime(2026, 4, 1, tzinfo=seoul), seoul, date(2026, 4, 1)),
            (datetime(2026, 11, 1, 1, 30, tzinfo=new_york, fold=1), ZoneInfo("UTC"), date(2026, 11, 1)),
            (datetime(2026, 10, 31, 23, 30, tzinfo=new_york), ZoneInfo("UTC"), date(2026, 11, 1)),
        ):
            entry = Touchpoint(id="t", client_id="c", occurred_at=at, channel="x")
            assert civil_day(entry.occurred_at, zone) == day
            assert civil_day(at, zone) == day


def test_an_unknown_client_is_named_with_the_nearest_id() -> None:
    assert Book(clients=[C1]).get_client("c1") is C1
    with pytest.raises(UnknownRecordError, match="unknown client 'client-3'; hint: did you mean 'client-2'"):
        Book(clients=[attrs.evolve(C1, id="client-2")]).get_client("client-3")
    with pytest.raises(UnknownRecordError, match=r"unknown client 'c1'$"):
        Book().get_client("c1")


def test_a_book_is_a_value_that_survives_copies_and_pickling() -> None:
    book = Book(clients=[C1], touchpoints=[touch("a")], zone="Asia/Seoul")
    assert book.client_by_id
    for other in (pickle.loads(pickle.dumps(book)), copy.deepcopy(book), attrs.evolve(book)):
        assert other == book
        assert hash(other) == hash(book)
        assert other.client_by_id == {"c1": C1}
    assert attrs.evolve(book, clients=[C1, C2]).client_by_id == {"c1": C1, "c2": C2}
