"""CAD-15 read a second time in the plainest way: day by day, from the book alone."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare.codec import dumps_policy, loads_policy
from relcare.custody import ACTIONS, ClaimRules, HoldingLimit, Neglect, NeglectLadder, Ownership, Protection, Rung
from relcare.decisions import Policy, holding, may_claim, neglect
from relcare.model import Absence, Book, Client, Money, OwnerSpell, Purchase, Staff, Touchpoint
from relcare.policy import CLIENT_FACTS, Every, Fact, Vocabulary, criterion
from relcare.testing import claim_rules, holding_limits, neglect_ladders, policies

FIRST: Final = date(2026, 1, 1)
MONEY: Final = Money("1", "CNY")
SPANS: Final = ("1 day", "3 days", "5 days", "1 week", "30 days", "1 month")
OWNERS: Final = ("lee", "wu", None)
STAFF: Final = (
    Staff(id="lee", name="Lee", role="sales", head_id="kim"),
    Staff(id="wu", name="Wu", role="sales"),
    Staff(id="kim", name="Kim"),
)
FACTS: Final = (
    Fact(id="pinned", type="flag", may_be_missing=True),
    Fact(id="contract_ends_on", type="date", may_be_missing=True),
)
WORDS: Final = Vocabulary({**CLIENT_FACTS, **{fact.id: fact.fact_type for fact in FACTS}})
PROTECTIONS: Final = (
    Protection(id="pin", when=criterion("pinned == True")),
    Protection(id="complaint", event=criterion("purpose == 'complaint'"), during="1 week"),
    Protection(id="all", event=criterion("outcome == 'refused'"), during="1 month", holds=ACTIONS),
    Protection(id="contract", until="contract_ends_on", holds=("at risk", "release")),
    Protection(id="after", until="contract_ends_on", during="3 days"),
    Protection(id="away", owner_away=True, holds=("escalate", "release")),
    Protection(id="bought", event=criterion("amount >= 0"), on="purchases", during="5 days", when=criterion("pinned == False")),
)


def on(day: int) -> date:
    return FIRST + timedelta(days=day)


@st.composite
def spells(draw: st.DrawFn) -> list[OwnerSpell]:
    """Spells that touch or leave a gap."""
    cuts = sorted(draw(st.sets(st.integers(0, 60), max_size=4)))
    found: list[OwnerSpell] = []
    for place, cut in enumerate(cuts):
        end = cuts[place + 1] if place + 1 < len(cuts) else None
        if draw(st.integers(0, 3)):
            found.append(
                OwnerSpell(
                    client_id="c",
                    owner_id=draw(st.sampled_from(OWNERS)),
                    start_on=on(cut),
                    end_on=None if end is None else on(end),
                )
            )
    return found


@st.composite
def books(draw: st.DrawFn) -> Book:
    touches = draw(
        st.lists(
            st.tuples(
                st.integers(-40, 70),
                st.sampled_from(["call", "visit", "note"]),
                st.sampled_from([None, "met", "missed", "refused"]),
                st.sampled_from([None, "complaint"]),
            ),
            max_size=5,
        )
    )
    away = draw(st.sampled_from([None, (10, 30, None), (10, None, None), (5, 50, "wu")]))
    bought = draw(st.lists(st.integers(0, 60), max_size=2))
    client = Client(
        id="c",
        name="C",
        owner_id=draw(st.sampled_from(OWNERS)),
        client_since_on=draw(st.sampled_from([None, on(-30), on(3), on(20)])),
        attributes={
            **draw(st.sampled_from([{}, {"pinned": True}, {"pinned": False}])),
            **draw(st.sampled_from([{}, {"contract_ends_on": on(12)}, {"contract_ends_on": on(40)}])),
        },
    )
    return Book(
        clients=[client],
        staff=STAFF,
        touchpoints=[
            Touchpoint(id=f"t{n}", client_id="c", occurred_at=on(day), channel=channel, outcome=outcome, purpose=purpose)
            for n, (day, channel, outcome, purpose) in enumerate(touches)
        ],
        purchases=[Purchase(id=f"b{n}", client_id="c", purchased_on=on(day), amount=MONEY) for n, day in enumerate(bought)],
        owner_spells=draw(spells()),
        absences=[]
        if away is None
        else [Absence(staff_id="lee", start_on=on(away[0]), end_on=None if away[1] is None else on(away[1]), deputy_id=away[2])],
    )


@st.composite
def ladders(draw: st.DrawFn) -> NeglectLadder:
    actions = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=4, unique=True))
    return NeglectLadder(
        id="all",
        rungs=[Rung(draw(st.sampled_from(SPANS)), action) for action in actions],
        channels=draw(st.sampled_from([(), ("call",), ("call", "visit")])),
        protect=draw(st.lists(st.sampled_from(PROTECTIONS), max_size=3, unique_by=lambda one: one.id)),
    )


def policy_of(*rungs: NeglectLadder, limits: Sequence[HoldingLimit] = (), pool: ClaimRules | None = None) -> Policy:
    return Policy(id="p", version="1", effective_from=FIRST, facts=FACTS, neglect=rungs, holding=limits, pool=pool)


def stand(ladder: NeglectLadder, book: Book, day: date) -> Neglect | None:
    found = neglect(policy_of(ladder), book, as_of=day)
    assert len(found) <= 1
    return found[0] if found else None


# --------------------------------------------------------------------------------------------- the plainest reading


def is_contact(ladder: NeglectLadder, touch: Touchpoint) -> bool:
    return (not ladder.channels or touch.channel in ladder.channels) and touch.outcome in {None, "met"}


def took_over(book: Book, day: date) -> date | None:
    """Back day by day while the same owner has it, no further than the first spell says."""
    owner = book.owner_on("c", day)
    first = min((spell.start_on for spell in book.owner_spells), default=None)
    if first is None or day < first:
        return None
    while day > first and book.owner_on("c", day - timedelta(days=1)) == owner:
        day -= timedelta(days=1)
    return day


def silent_since(ladder: NeglectLadder, book: Book, day: date) -> date:
    contacts = [t.occurred_at for t in book.touchpoints if t.occurred_at <= day and is_contact(ladder, t)]
    events = [t.occurred_at for t in book.touchpoints] + [p.purchased_on for p in book.purchases]
    begins = book.clients[0].client_since_on or min((one for one in events if one <= day), default=FIRST)
    return max([max(contacts) if contacts else max(begins, FIRST), *filter(None, [took_over(book, day)])])


def protects(one: Protection, book: Book, day: date) -> bool | None:
    facts = book.clients[0].attributes
    held: bool | None = True
    if one.when is not None:
        wanted = one.id == "pin"
        held = None if "pinned" not in facts else facts["pinned"] is wanted
    timed: bool | None = True
    if one.event is not None:
        key = {"complaint": ("purpose", "complaint"), "all": ("outcome", "refused")}.get(one.id)
        begun = [p.purchased_on for p in book.purchases] if key is None else []
        if key is not None:
            begun = [t.occurred_at for t in book.touchpoints if getattr(t, key[0]) == key[1]]
        timed = any(began <= day < later(began, one.during) for began in begun)
    if one.until is not None:
        last = facts.get("contract_ends_on")
        timed = None if not isinstance(last, date) else day <= (last if one.during is None else later(last, one.during))
    if one.owner_away:
        owner = book.owner_on("c", day)
        timed = any(a.covers(day) and a.staff_id == owner and a.deputy_id is None for a in book.absences)
    return False if False in (held, timed) else None if None in (held, timed) else True


def later(day: date, span: Every | None) -> date:
    return day if span is None else date.fromordinal(span.after(day.toordinal()))


class TestCad15:
    """CAD-15: time is counted from the last contact that counts or from the day the present owner took over, whichever is later.

    What is to be done is the severest rung that is reached and not held back. Protections only hold back: no clock starts anew.
    What missing facts leave open is undecided, and nobody is released for want of knowledge. A contact never moves a client up.
    """

    @given(ladders(), books(), st.integers(0, 70))
    @settings(max_examples=250)
    def test_the_ladder_is_what_somebody_finds_who_walks_the_book_day_by_day(
        self, ladder: NeglectLadder, book: Book, day: int
    ) -> None:
        found, owner = stand(ladder, book, on(day)), book.owner_on("c", on(day))
        if owner is None:
            assert found is None
            return
        since = silent_since(ladder, book, on(day))
        reached = [rung for rung in ladder.rungs if later(since, rung.after) <= on(day)]
        protecting = {one.id: protects(one, book, on(day)) for one in ladder.protect}
        held = {
            rung.action
            for rung in reached
            for one in ladder.protect
            if protecting[one.id] is not False and rung.action in one.holds
        }
        free = [action for action in ACTIONS if action in {rung.action for rung in reached} - held]
        assert found is not None
        assert found.quiet_since == since
        assert found.action == (free[-1] if free else None)
        assert set(found.held_back) == held
        unsure = any(protecting[one.id] is None and rung.action in one.holds for one in ladder.protect for rung in reached)
        assert found.is_undecided == unsure

    @given(ladders(), books(), st.integers(0, 69))
    @settings(max_examples=100)
    def test_the_next_rung_is_the_next_that_comes_if_nobody_is_in_touch(
        self, ladder: NeglectLadder, book: Book, day: int
    ) -> None:
        bare = attrs.evolve(ladder, protect=())
        calm = attrs.evolve(
            book, touchpoints=[t for t in book.touchpoints if t.occurred_at <= on(day)], owner_spells=(), purchases=()
        )
        now = stand(bare, calm, on(day))
        if now is None:
            return
        if now.next_on is None:
            later_on = stand(bare, calm, on(day + 400))
            assert later_on is not None
            assert later_on.action == now.action
            return
        eve, then = stand(bare, calm, now.next_on - timedelta(days=1)), stand(bare, calm, now.next_on)
        assert eve is not None
        assert then is not None
        assert (eve.action, then.action) == (now.action, now.next_action)
        assert now.next_on > now.as_of

    @given(ladders(), books(), st.integers(0, 70), st.integers(-40, 70), st.sampled_from(["call", "visit"]))
    @settings(max_examples=120)
    def test_a_contact_never_moves_a_client_up_the_ladder(
        self, ladder: NeglectLadder, book: Book, day: int, contact: int, channel: str
    ) -> None:
        # Unless it is entered for a day before all that was known of a client without contact.
        touch = Touchpoint(id="new", client_id="c", occurred_at=on(contact), channel=channel, outcome="met")
        before = stand(ladder, book, on(day))
        after = stand(ladder, attrs.evolve(book, touchpoints=(*book.touchpoints, touch)), on(day))
        if before is None or after is None or before.quiet_since is None:
            assert before == after
            return
        assume(before.last_contact_on is not None or on(contact) >= before.quiet_since)
        assert level(after) <= level(before)
        assert after.quiet_since is not None
        assert after.quiet_since >= before.quiet_since

    @given(ladders(), books(), st.integers(0, 70))
    @settings(max_examples=100)
    def test_protections_only_hold_back(self, ladder: NeglectLadder, book: Book, day: int) -> None:
        held, bare = stand(ladder, book, on(day)), stand(attrs.evolve(ladder, protect=()), book, on(day))
        if held is None or bare is None:
            assert held is None
            assert bare is None
            return
        assert level(held) <= level(bare)
        assert held.quiet_since == bare.quiet_since
        assert (held.next_action, held.next_on) == (bare.next_action, bare.next_on)
        assert max([level(held), *(ACTIONS.index(action) for action in held.held_back)]) == level(bare)

    @given(ladders(), books(), st.integers(0, 70))
    @settings(max_examples=100)
    def test_the_order_of_rungs_protections_and_the_log_does_not_matter(
        self, ladder: NeglectLadder, book: Book, day: int
    ) -> None:
        turned = attrs.evolve(ladder, rungs=ladder.rungs[::-1])
        mirrored = attrs.evolve(
            book, touchpoints=book.touchpoints[::-1], owner_spells=book.owner_spells[::-1], purchases=book.purchases[::-1]
        )
        first, second = stand(ladder, book, on(day)), stand(turned, mirrored, on(day))
        assert first == second

    @given(neglect_ladders(WORDS), books(), st.integers(0, 70))
    @settings(max_examples=100)
    def test_nobody_is_released_for_want_of_knowledge(self, found: list[NeglectLadder], book: Book, day: int) -> None:
        # What is released while a fact is missing is released whatever the fact is, unless a rule asks whether it is missing.
        assume("missing(" not in dumps_policy(policy_of(*found)))
        client = book.clients[0]
        released = any(one.action == "release" for one in neglect(policy_of(*found), book, as_of=on(day)))
        unknown = [name for name in ("pinned", "contract_ends_on") if name not in client.attributes]
        for name in unknown if released else ():
            for value in (True, False) if name == "pinned" else (on(-50), on(200)):
                told = attrs.evolve(client, attributes={**client.attributes, name: value})
                (again,) = neglect(policy_of(*found), attrs.evolve(book, clients=[told]), as_of=on(day))
                assert again.action == "release"

    @given(neglect_ladders(WORDS), books(), st.integers(0, 70))
    @settings(max_examples=60)
    def test_asking_changes_nothing_and_the_same_question_has_the_same_answer(
        self, found: list[NeglectLadder], book: Book, day: int
    ) -> None:
        copy = attrs.evolve(book)
        first = neglect(policy_of(*found), book, as_of=on(day))
        assert first == neglect(policy_of(*found), copy, as_of=on(day))
        assert book == copy

    @given(books(), st.integers(0, 70))
    @settings(max_examples=100)
    def test_the_stretches_of_owners_say_what_the_book_says(self, book: Book, day: int) -> None:
        ownership = Ownership.of(book.clients[0], book.owner_spells)
        stretch = ownership.on(on(day).toordinal())
        assert stretch.owner_id == book.owner_on("c", on(day))
        known = took_over(book, on(day))
        assert stretch.start == (None if known is None else known.toordinal())
        for staff_id in ("lee", "wu"):
            had = [n for n in range(day) if book.owner_on("c", on(n)) == staff_id]
            lost = ownership.lost(staff_id, on(day).toordinal())
            if had and book.owner_on("c", on(day)) != staff_id:
                assert lost == on(had[-1] + 1).toordinal()

    @given(books(), st.sampled_from(SPANS), st.sampled_from(SPANS), st.integers(0, 70), st.sampled_from(["lee", "wu"]))
    @settings(max_examples=120)
    def test_a_claim_is_refused_for_what_somebody_finds_who_walks_the_book(
        self, book: Book, lock_out: str, delay: str, day: int, staff_id: str
    ) -> None:
        policy = policy_of(pool=ClaimRules(lock_out=lock_out, delay=delay))
        verdict = may_claim(policy, book, "c", staff_id, as_of=on(day))
        if book.owner_on("c", on(day)) is not None:
            assert verdict.answer == "no"
            return
        events = [t.occurred_at for t in book.touchpoints] + [p.purchased_on for p in book.purchases]
        begins = book.clients[0].client_since_on or min(events, default=None)
        since = took_over(book, on(day)) or (begins if begins is not None and begins <= on(day) else None)
        if since is None:
            assert verdict.answer in {"no", "unknown"}
            return
        had = [n for n in range(-200, day) if book.owner_on("c", on(n)) == staff_id]
        lost = on(had[-1] + 1) if had else None
        hindered = on(day) < later(since, Every.parse(delay))
        hindered = hindered or (lost is not None and on(day) < later(lost, Every.parse(lock_out)))
        assert verdict.answer == ("no" if hindered else "yes")

    @given(st.lists(st.tuples(st.sampled_from(OWNERS), st.sampled_from([None, True, False])), max_size=6), st.integers(0, 4))
    @settings(max_examples=100)
    def test_a_limit_counts_every_client_once_and_a_claim_never_goes_over_it(
        self, drawn: list[tuple[str | None, bool | None]], most: int
    ) -> None:
        clients = [
            Client(id=f"c-{n}", name="C", owner_id=owner, attributes={} if pinned is None else {"pinned": pinned})
            for n, (owner, pinned) in enumerate(drawn)
        ]
        limit = HoldingLimit(id="few", most=most, exempt=criterion("pinned == True"))
        book, policy = Book(clients=clients, staff=STAFF), policy_of(limits=[limit])
        counts = {one.owner_id: (one.count, len(one.open_ids)) for one in holding(policy, book, as_of=FIRST)}
        for owner in ("lee", "wu"):
            mine = [pinned for held_by, pinned in drawn if held_by == owner]
            assert counts.get(owner, (0, 0)) == (mine.count(False), mine.count(None))
            for client, (held_by, pinned) in zip(clients, drawn, strict=True):
                answer = may_claim(policy, book, client.id, owner, as_of=FIRST).answer
                if held_by is not None:
                    assert answer == "no"
                elif pinned:
                    assert answer == "yes"
                elif mine.count(False) >= most and pinned is False:
                    assert answer == "no"
                else:
                    assert answer == ("yes" if len(mine) - mine.count(True) < most else "unknown")


def level(one: Neglect) -> int:
    return -1 if one.action is None else ACTIONS.index(one.action)


class TestDocuments:
    """STO-4: what a policy document says is what is read back."""

    @given(neglect_ladders(WORDS), holding_limits(WORDS), claim_rules(WORDS))
    @settings(max_examples=60)
    def test_ladders_limits_and_claim_rules_are_read_back_as_they_were(
        self, found: list[NeglectLadder], limits: list[HoldingLimit], pool: ClaimRules | None
    ) -> None:
        policy = policy_of(*found, limits=limits, pool=pool)
        assert loads_policy(dumps_policy(policy)) == policy

    @given(policies(with_examples=False))
    @settings(max_examples=20)
    def test_every_drawn_policy_says_where_the_clients_of_an_empty_book_stand(self, policy: Policy) -> None:
        book = Book(currency=policy.currency)
        assert neglect(policy, book, as_of=policy.effective_from) == ()
        assert holding(policy, book, as_of=policy.effective_from) == ()
