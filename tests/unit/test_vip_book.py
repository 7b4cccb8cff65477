"""Memberships in a book: lists of the best, nominations, derived facts, and what the desk refuses."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import Policy
from relcare.desk import Desk
from relcare.errors import BookDocumentError, IllegalStepError, PolicyDocumentError, UnknownRecordError
from relcare.formats import read_book, write_book
from relcare.model import Book, Client, MembershipEvent, MembershipStep, Money, Purchase, Staff
from relcare.policy import Core, Vocabulary, criterion
from relcare.storage import MemoryStore
from relcare.testing import FixedClock
from relcare.vip import TopList, review_day, top_places

HEAD = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2025-01-01
currency = "CNY"
[facts.revenue]
type = "money"
may_be_missing = true
measure = { sum = "purchases.amount", window = "lifetime" }
"""
CLUB = """
[[vip]]
id = "club"
approval = "leader"
paths = [
  { id = "big", when = "revenue >= 1_000" },
  { id = "best two", when = "vip.club.top.best" },
  { id = "nominated", when = "vip.club.nominated" },
]
top = [ { id = "best", most = 2, by = "revenue", among = "revenue > 0" } ]
membership = { length = "1 year", levels = ["gold", "silver"], notice = "30 days" }
benefits = [ { id = "lounge", text = "The lounge", levels = ["gold"] }, { id = "gift", text = "A gift" } ]

[[cadence]]
id = "care"
channel = "call"
every = "1 month"
when = "vip.club.membership == 'member' and 'lounge' in vip.club.benefits"

[[neglect]]
id = "members"
when = "vip.club.membership == 'member'"
channels = ["call"]
rungs = [ { after = "3 months", action = "warn" } ]
"""
POLICY = loads_policy(HEAD + CLUB)
TODAY = date(2026, 3, 31)
STAFF = [Staff(id="lee", name="Lee", role="account manager"), Staff(id="wu", name="Wu", role="leader")]


def bought(client_id: str, amount: str, on: date = date(2026, 3, 2)) -> Purchase:
    return Purchase(id=f"{client_id}-{on}-{amount}", client_id=client_id, purchased_on=on, amount=Money(amount, "CNY"))


def step(kind: MembershipStep, on: date = date(2026, 3, 10), by: str = "lee", **fields: object) -> MembershipEvent:
    role = "leader" if by == "wu" else None
    return MembershipEvent(
        **{"id": f"{kind}-{on}-{by}", "client_id": "c-1", "programme_id": "club", "step": kind, "on": on, "by": by, "role": role}  # type: ignore[arg-type]
        | fields
    )


def joined(level: str | None = None) -> list[MembershipEvent]:
    return [step("applied"), step("checked"), step("approved", by="wu", level=level)]


def book(purchases: Iterable[Purchase] = (), steps: Iterable[MembershipEvent] = ()) -> Book:
    clients = [Client(id=f"c-{n}", name=f"{n}", owner_id="lee", client_since_on=date(2025, 6, 1)) for n in (1, 2, 3, 4)]
    return Book(clients=clients, purchases=purchases, membership_events=steps, staff=STAFF, zone="Asia/Seoul")


class TestTheBest:
    def test_the_best_n_qualify_and_a_client_outside_the_list_does_not(self) -> None:
        sold = [bought("c-1", "300"), bought("c-2", "200"), bought("c-3", "100")]
        result = POLICY.decide(book(sold), as_of=TODAY)
        assert [one.qualification for one in result.vip_decisions("club")] == ["yes", "yes", "no", "no"]
        assert result.facts("c-1")["vip.club.top.best"] is True
        assert result.facts("c-4")["vip.club.top.best"] is False

    def test_it_holds_from_the_review_on(self) -> None:
        result = POLICY.decide(book([bought("c-1", "300")]), as_of=TODAY)
        found = result.vip("club", "c-1")
        assert found.first_eligible_on == TODAY
        best = next(path for path in found.paths if path.id == "best two")
        assert (best.first_ever_on, best.first_eligible_on) == (TODAY, TODAY)

    def test_a_review_freezes_the_list_at_the_first_day_of_its_period(self) -> None:
        monthly = loads_policy(HEAD + CLUB.replace('by = "revenue", among', 'by = "revenue", review = "monthly", among'))
        early, late = bought("c-1", "10", date(2026, 2, 2)), bought("c-2", "300", date(2026, 3, 2))
        only = [early, late, bought("c-3", "5", date(2026, 2, 3))]
        before = monthly.decide(book(only), as_of=TODAY)
        after = monthly.decide(book(only), as_of=date(2026, 4, 1))
        assert [before.facts(f"c-{n}")["vip.club.top.best"] for n in (1, 2, 3)] == [True, False, True]
        assert [after.facts(f"c-{n}")["vip.club.top.best"] for n in (1, 2, 3)] == [True, True, False]
        assert before.vip("club", "c-1").first_eligible_on == date(2026, 3, 1)

    @pytest.mark.parametrize("review", ["", ', review = "monthly"'])
    def test_it_may_be_among_the_clients_of_a_strategy(self, review: str) -> None:
        """FCT-5: strategies are there before the programmes are."""
        partners = loads_policy(HEAD + CLUB.replace('among = "revenue > 0"', f'among = "strategy.partner == True"{review}'))
        sold = [bought(f"c-{n}", f"{n}00", date(2026, 2, 2)) for n in (1, 2, 3, 4)]
        some = book(sold)
        clients = [attrs.evolve(one, relationship_types=["partner"]) if one.id in {"c-1", "c-2"} else one for one in some.clients]
        whole = attrs.evolve(some, clients=clients)
        found = partners.decide(whole, as_of=TODAY)
        assert [found.facts(f"c-{n}")["vip.club.top.best"] for n in (1, 2, 3, 4)] == [True, True, False, False]
        parts = [
            attrs.evolve(whole, clients=[one], purchases=[sale for sale in whole.purchases if sale.client_id == one.id])
            for one in clients
        ]
        streamed = list(partners.decide_stream(parts, as_of=TODAY))
        assert [one.facts["vip.club.top.best"] for one in streamed] == [True, True, False, False]

    def test_a_client_by_itself_cannot_be_placed(self) -> None:
        one = Client(id="c-1", name="1")
        alone = POLICY.decide_client(one, touchpoints=[], purchases=[bought("c-1", "300")], as_of=TODAY)
        assert alone.facts["vip.club.top.best"] is None
        assert alone.vip[0].qualification == "unknown"
        nobody = POLICY.decide_client(one, touchpoints=[], purchases=[], as_of=TODAY)
        assert nobody.facts["vip.club.top.best"] is False  # whoever bought nothing is not ranked

    @pytest.mark.parametrize(
        ("ties", "on_it"), [("by id", {"a", "b"}), ("together upward", {"a", "b", "c"}), ("together downward", {"a"})]
    )
    def test_equals_at_the_end_follow_the_tie_rule(self, ties: str, on_it: set[str]) -> None:
        top = TopList(id="best", most=2, by="revenue", ties=ties)  # type: ignore[arg-type]
        rows: dict[str, dict[str, Core]] = {"a": {"revenue": 3}, "b": {"revenue": 2}, "c": {"revenue": 2}, "d": {"revenue": None}}
        places = top_places(top, rows, Vocabulary({}))
        assert {name for name, is_on in places.items() if is_on} == on_it
        assert places["d"] is None

    def test_fewer_clients_than_places_are_all_on_the_list(self) -> None:
        top = TopList(id="best", most=9, by="revenue", among=criterion("not missing(revenue)"))
        assert top_places(top, {"a": {"revenue": 3}, "b": {"revenue": None}}, POLICY_WORDS) == {"a": True, "b": False}
        assert top_places(top, {}, POLICY_WORDS) == {}

    @pytest.mark.parametrize(
        ("review", "day"),
        [(None, (2026, 5, 20)), ("monthly", (2026, 5, 1)), ("quarterly", (2026, 4, 1)), ("yearly", (2026, 1, 1))],
    )
    def test_a_review_is_on_the_first_day_of_its_period(self, review: str | None, day: tuple[int, int, int]) -> None:
        top = TopList(id="best", most=1, by="revenue", review=review)
        assert date.fromordinal(review_day(top, date(2026, 5, 20).toordinal())) == date(*day)


POLICY_WORDS = Vocabulary({"revenue": POLICY.facts[0].fact_type})


class TestNomination:
    def test_a_nomination_is_a_path_from_its_day_on(self) -> None:
        steps = [step("nominated", date(2026, 3, 10))]
        assert POLICY.decide(book(steps=steps), as_of=date(2026, 3, 9)).vip("club", "c-1").qualification == "no"
        found = POLICY.decide(book(steps=steps), as_of=TODAY).vip("club", "c-1")
        assert (found.qualification, found.first_eligible_on) == ("yes", date(2026, 3, 10))

    def test_a_refusal_ends_it(self) -> None:
        steps = [step("nominated"), step("refused", date(2026, 3, 12), by="wu")]
        found = POLICY.decide(book(steps=steps), as_of=TODAY).vip("club", "c-1")
        assert (found.qualification, found.first_eligible_on) == ("no", None)
        assert found.paths[2].first_ever_on == date(2026, 3, 10)


class TestDerivedFacts:
    def test_cadence_and_neglect_rules_read_membership_and_benefits(self) -> None:
        result = POLICY.decide(book(steps=joined()), as_of=TODAY)
        assert result.facts("c-1")["vip.club.membership"] == "member"
        assert result.facts("c-1")["vip.club.benefits"] == {"lounge", "gift"}
        assert result.facts("c-2")["vip.club.membership"] == "none"
        assert [owed.client_id for owed in result.obligations] == ["c-1"]
        assert result.members("club") == ("c-1",)

    def test_benefits_are_those_of_the_level(self) -> None:
        result = POLICY.decide(book(steps=joined(level="silver")), as_of=TODAY)
        assert result.facts("c-1")["vip.club.benefits"] == {"gift"}
        assert len(result.obligations) == 0

    def test_one_client_by_itself_has_the_same_membership(self) -> None:
        alone = POLICY.decide_client(
            Client(id="c-1", name="1"), touchpoints=[], purchases=[], membership_events=joined(), as_of=TODAY
        )
        assert alone.facts["vip.club.membership"] == "member"
        assert alone.memberships[0].since_on == date(2026, 3, 10)

    def test_an_illegal_step_counts_for_nothing_and_is_noted(self) -> None:
        result = POLICY.decide(book(steps=[step("applied"), step("approved", by="wu")]), as_of=TODAY)
        assert result.facts("c-1")["vip.club.membership"] == "applied"
        assert [note.code for note in result.notes["c-1"]] == ["membership.illegal"]
        assert result.notes["c-1"][0].values["place"] == "events[1].step"

    def test_the_past_stays_what_it_was(self) -> None:
        steps = [*joined(), step("revoked", date(2026, 5, 1), by="wu")]
        result = POLICY.decide(book(steps=steps), as_of=date(2026, 6, 1))
        spells = result.membership("club", "c-1").spells
        assert [(spell.start_on, spell.end_on, spell.level) for spell in spells] == [
            (date(2026, 3, 10), date(2026, 5, 1), "gold")
        ]

    def test_what_was_recorded_later_was_not_known(self) -> None:
        steps = [step("applied", recorded_at=date(2026, 3, 20))]
        assert POLICY.decide(book(steps=steps), as_of=TODAY, known_on=date(2026, 3, 19)).membership("club", "c-1").state == "none"
        assert (
            POLICY.decide(book(steps=steps), as_of=TODAY, known_on=date(2026, 3, 20)).membership("club", "c-1").state == "applied"
        )

    def test_unknown_programmes_and_clients_are_errors(self) -> None:
        result = POLICY.decide(book(), as_of=TODAY)
        with pytest.raises(UnknownRecordError):
            result.membership("clubb", "c-1")
        with pytest.raises(UnknownRecordError):
            result.qualified("club", "c-9")


class TestDesk:
    def desk(self, steps: Iterable[MembershipEvent] = ()) -> Desk:
        clock = FixedClock(datetime(2026, 3, 31, 3, tzinfo=UTC))
        return Desk(store=MemoryStore.create(book(steps=steps)), policy=POLICY, clock=clock)

    def test_a_step_gets_the_role_of_who_takes_it(self) -> None:
        desk = self.desk([step("applied"), step("checked")])
        stored = desk.record(step("approved", by="wu", role=None), by="wu")
        assert stored.role == "leader"
        assert desk.decide(by="lee").members("club") == ("c-1",)
        assert desk.record(step("approved", by="wu", role=None), by="wu") == stored
        assert desk.decide_client("c-1", by="lee").facts["vip.club.membership"] == "member"

    def test_who_has_not_the_role_is_refused_and_nothing_is_stored(self) -> None:
        desk = self.desk([step("applied"), step("checked")])
        with pytest.raises(IllegalStepError) as caught:
            desk.record(step("approved", by="lee"), by="lee")
        assert caught.value.name == "role"
        assert desk.decide(by="lee").membership("club", "c-1").state == "applied"

    def test_a_step_out_of_order_is_refused(self) -> None:
        with pytest.raises(IllegalStepError) as caught:
            self.desk([step("applied")]).record(step("checked", date(2026, 3, 9)), by="lee")
        assert caught.value.name == "on"

    def test_a_step_in_no_programme_is_refused(self) -> None:
        with pytest.raises(UnknownRecordError, match="clubb"):
            self.desk().record(step("applied", programme_id="clubb"), by="lee")


class TestDocuments:
    def test_a_programme_comes_back_as_it_was(self) -> None:
        assert loads_policy(dumps_policy(POLICY)).vip_programmes == POLICY.vip_programmes

    def test_a_programme_that_says_nothing_of_membership_has_no_facts_about_it(self) -> None:
        plain = loads_policy(HEAD + '[[vip]]\nid = "club"\npaths = [ { id = "big", when = "revenue >= 1" } ]\n')
        assert set(plain.decide(book(), as_of=TODAY).facts("c-1")) >= {"vip.club"}
        assert not any(name.startswith("vip.club.") for name in plain.decide(book(), as_of=TODAY).facts("c-1"))

    @pytest.mark.parametrize(
        ("old", "new", "path", "told"),
        [
            ('by = "revenue"', 'by = "revenu"', "vip[0].top[0].by", "did you mean 'revenue'?"),
            ('by = "revenue"', 'by = "client.stage"', "vip[0].top[0].by", "has no order"),
            ('among = "revenue > 0"', 'among = "vip.club.nominated"', "vip[0].top[0].among", "cannot be asked for here"),
            ("most = 2", "most = 0", "vip[0].top[0].most", "from 1"),
            ('length = "1 year"', 'length = "soon"', "vip[0].membership.length", "a unit"),
            ('levels = ["gold"] }', 'levels = ["iron"] }', "vip[0].benefits", "a level of the programme"),
            ("vip.club.nominated", "vip.club.membership == 'member'", "vip[0].paths[2].when", "cannot be asked for here"),
            ('text = "A gift"', 'txt = "A gift"', "vip[0].benefits[1]", "text"),
        ],
        ids=["name", "order", "circle", "none", "length", "level", "no membership in a path", "key"],
    )
    def test_a_mistake_is_told_with_its_place(self, old: str, new: str, path: str, told: str) -> None:
        with pytest.raises(PolicyDocumentError) as caught:
            loads_policy(HEAD + CLUB.replace(old, new, 1))
        assert any(one.path.startswith(path) and told in str(one) for one in caught.value.problems), str(caught.value)

    def test_a_policy_built_in_python_is_checked_alike(self) -> None:
        assert isinstance(POLICY, Policy)
        assert POLICY.vip_programmes[0].top[0].among == criterion("revenue > 0")


class TestFolders:
    HEAD = "event_id,client_id,programme_id,step,on,by,role,sponsor_id,level,end_on,reason,recorded_at\n"

    def folder(self, tmp_path: Path, rows: str) -> Path:
        (tmp_path / "book.toml").write_text('format = 1\nzone = "Asia/Seoul"\n', encoding="utf-8")
        (tmp_path / "clients.csv").write_text("client_id,name\nc-1,김철수\n", encoding="utf-8")
        (tmp_path / "membership_events.csv").write_text(self.HEAD + rows, encoding="utf-8")
        return tmp_path

    def test_steps_are_read_and_written_with_all_they_say(self, tmp_path: Path) -> None:
        rows = (
            "m-1,c-1,club,nominated,2026-03-02,lee,,wu,,,known for years,2026-03-03\n"
            "m-2,c-1,club,granted,2026-03-04,zhao,leader,,gold,2026-06-01,,\n"
        )
        loaded = read_book(self.folder(tmp_path, rows))
        assert loaded.membership_events == (
            MembershipEvent(
                id="m-1",
                client_id="c-1",
                programme_id="club",
                step="nominated",
                on=date(2026, 3, 2),
                by="lee",
                sponsor_id="wu",
                reason="known for years",
                recorded_at=date(2026, 3, 3),
            ),
            MembershipEvent(
                id="m-2",
                client_id="c-1",
                programme_id="club",
                step="granted",
                on=date(2026, 3, 4),
                by="zhao",
                role="leader",
                level="gold",
                end_on=date(2026, 6, 1),
            ),
        )
        write_book(loaded, tmp_path / "again")
        assert (tmp_path / "again" / "membership_events.csv").read_text(encoding="utf-8") == self.HEAD + rows
        assert read_book(tmp_path / "again") == loaded

    def test_every_wrong_cell_is_told_with_its_place(self, tmp_path: Path) -> None:
        rows = "m-1,c-9,club,asked,2 April,,,,,,,\nm-1,c-1,club,granted,2026-03-04,wu,,,,2026-03-04,,\n"
        with pytest.raises(BookDocumentError) as caught:
            read_book(self.folder(tmp_path, rows))
        told = [(one.line, one.path) for one in caught.value.problems]
        assert told == [(2, "client_id"), (2, "step"), (2, "on"), (2, "by"), (3, "event_id"), (3, "end_on")]
