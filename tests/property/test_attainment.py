"""Keeping score, against the days themselves: every day of the period decided by itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.model import Absence, Book, Client, ContactPerson, Obligation, OwnerSpell, Staff, TierSpell, Touchpoint
from relcare.planning import CAUSES, Attainment, attainment
from relcare.policy import Every, Fact, criterion
from relcare.relationships import Strategy
from relcare.segmentation import ThresholdScheme, ThresholdTier
from relcare.testing import calendars, days

few = settings(max_examples=settings().max_examples * 3 // 10)

FROM = date(2026, 3, 1)
IN_FORCE = date(2026, 1, 5)
near = days(date(2025, 12, 1), date(2026, 5, 31))
OWNERS = ("ann", "bob", "cho")
STAFF = (
    Staff(id="ann", name="Ann", role="account manager", head_id="cho"),
    Staff(id="bob", name="Bob", role="secretary", head_id="cho"),
    Staff(id="cho", name="조", role="researcher"),
)
CHANNELS = ("call", "visit", "message")
SCHEME = ThresholdScheme(
    id="abc",
    tiers=[ThresholdTier("A", criterion("size == 'large'")), ThresholdTier("B", criterion("size == 'small'"))],
    otherwise="C",
)
FACTS = (
    Fact(id="size", type="level", values=("small", "large"), may_be_missing=False, reads="client.size"),
    Fact(id="contract_on", type="date", may_be_missing=True, reads="client.contract_on"),
)
PARTNER = Strategy(type="partner", appeal="fellow feeling", intervals={"call": "5 days"})

whens = st.sampled_from(
    [None, None, "tier.abc == 'A'", "tier.abc != 'A'", "tier.abc <= 'B'", "size == 'large'", "strategy.partner"]
)
spans = st.sampled_from(["0 days", "0 days", "1 day", "2 business days", "5 days"])
common: dict[str, Any] = {
    "channel": st.sampled_from(CHANNELS),
    "when": whens.map(lambda text: None if text is None else criterion(text)),
    "role": st.sampled_from(["account manager", "account manager", "secretary", "nobody"]),
    "satisfied_by": st.sampled_from([(), (), ("visit",)]),
    "grace": spans,
    "roll": st.sampled_from(["following", "preceding", "nearest", "none"]),
}
rolling = st.fixed_dictionaries(
    {
        **common,
        "every": st.sampled_from(["3 days", "1 week", "10 days", "1 month"]),
        "spread": st.sampled_from(["0 days", "3 days"]),
        "in_lieu_limit": st.sampled_from([None, None, 0, 1]),
        "minimum": st.sampled_from([None, "6 days"]),
    }
)
quotas = st.fixed_dictionaries(
    {
        **common,
        "mode": st.just("quota"),
        "every": st.sampled_from(["1 week", "1 month", "3 months"]),
        "times": st.sampled_from([1, 2, 5]),
    }
)
grids = st.fixed_dictionaries(
    {
        **common,
        "mode": st.just("grid"),
        "anchor": st.sampled_from(["2026-01-31", "contract_on", "client.client_since_on"]),
        "every": st.sampled_from(["4 days", "2 weeks", "1 month"]),
        "lead": st.sampled_from(["0 days", "1 day", "2 business days"]),
    }
) | st.fixed_dictionaries({**common, "mode": st.just("grid"), "anchor": st.just("people.birthday")})
rules = st.lists(rolling | rolling | quotas | grids, min_size=1, max_size=3).map(
    lambda drawn: [CadenceRule(id=f"r-{place}", **one) for place, one in enumerate(drawn)]
)
triggers = st.lists(
    st.fixed_dictionaries(
        {
            **{name: part for name, part in common.items() if name != "roll"},
            "event": st.sampled_from(["channel == 'visit'", "channel == 'message'"]).map(criterion),
            "within": st.sampled_from(["1 day", "3 business days", "4 business hours"]),
            "first": st.booleans(),
        }
    ),
    max_size=1,
).map(lambda drawn: [Trigger(id=f"t-{place}", **one) for place, one in enumerate(drawn)])
policies = st.builds(
    lambda rules, triggers: Policy(
        id="p",
        version="1",
        effective_from=IN_FORCE,
        facts=FACTS,
        segmentation=(SCHEME,),
        relationships=(PARTNER,),
        cadence=rules,
        triggers=triggers,
    ),
    rules,
    triggers,
)


def spells(make: Any, values: Sequence[Any]) -> st.SearchStrategy[list[Any]]:
    """Spells that touch or leave a gap."""

    def made(borders: list[date], held: list[Any]) -> list[Any]:
        ends: list[date | None] = [*sorted(borders)[1:], None]
        pairs = zip(sorted(borders), ends, held, strict=False)
        return [make(value, start, end) for start, end, value in pairs if value != "gap"]

    return st.builds(
        made, st.lists(near, max_size=3, unique=True), st.lists(st.sampled_from([*values, "gap"]), min_size=3, max_size=3)
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    count = draw(st.integers(1, 2))
    clients: list[Client] = []
    people: list[ContactPerson] = []
    touchpoints: list[Touchpoint] = []
    tier_spells: list[TierSpell] = []
    owner_spells: list[OwnerSpell] = []
    for number in range(count):
        client_id = f"c-{number}"
        attributes: dict[str, Any] = {"size": draw(st.sampled_from(["small", "large"]))}
        contract = draw(st.none() | near)
        if contract is not None:
            attributes["contract_on"] = contract
        clients.append(
            Client(
                id=client_id,
                name="Kim",
                owner_id=draw(st.sampled_from([*OWNERS, None])),
                client_since_on=draw(st.none() | near),
                relationship_types=draw(st.sampled_from([(), ("partner",), ("partner", "upstream")])),
                attributes=attributes,
            )
        )
        people.append(ContactPerson(id=f"p-{number}", client_id=client_id, name="Bo", birthday=draw(near).replace(year=1980)))
        log = draw(
            st.lists(
                st.tuples(
                    near,
                    st.sampled_from([*CHANNELS, *CHANNELS, "email"]),
                    st.sampled_from([None, "met", "reached", "missed"]),
                    st.sampled_from([None, *OWNERS]),
                    st.sampled_from([None, None, "visit", "call"]),
                    st.sampled_from([None, f"p-{number}"]),
                ),
                max_size=8,
            )
        )
        touchpoints += [
            Touchpoint(
                id=f"t-{number}.{place}",
                client_id=client_id,
                occurred_at=on,
                channel=channel,
                outcome=outcome,
                staff_id=staff_id,
                in_lieu_of=in_lieu_of,
                person_id=person_id,
            )
            for place, (on, channel, outcome, staff_id, in_lieu_of, person_id) in enumerate(log)
        ]
        tier_spells += draw(
            spells(
                lambda tier, start, end, c=client_id: TierSpell(
                    client_id=c, scheme_id="abc", tier=tier, start_on=start, end_on=end
                ),
                "ABC",
            )
        )
        owner_spells += draw(
            spells(
                lambda owner, start, end, c=client_id: OwnerSpell(client_id=c, owner_id=owner, start_on=start, end_on=end),
                [*OWNERS, None],
            )
        )
    absences = [
        absence
        for owner in OWNERS
        for absence in draw(
            spells(
                lambda deputy, start, end, o=owner: Absence(
                    staff_id=o, deputy_id=None if deputy == o else deputy, start_on=start, end_on=end
                ),
                [None, *OWNERS],
            )
        )
    ]
    return Book(
        clients=clients,
        people=people,
        touchpoints=touchpoints,
        staff=STAFF,
        tier_spells=tier_spells,
        owner_spells=owner_spells,
        absences=absences,
    )


@attrs.frozen(kw_only=True)
class Question:
    """A book and a period, with the report and the days of the period one by one."""

    policy: Policy
    book: Book
    from_on: date
    until_on: date
    as_of: date
    calendar: Calendar

    @cached_property
    def report(self) -> Attainment:
        return attainment(
            self.policy,
            self.book,
            from_on=self.from_on,
            until_on=self.until_on,
            as_of=self.as_of,
            calendar=self.calendar,
        )

    @cached_property
    def by_day(self) -> Mapping[date, Sequence[Obligation]]:
        """Each day of the period that is over, decided by itself."""
        over = (min(self.until_on, self.as_of) - self.from_on).days + 1
        days_over = (self.from_on + timedelta(days=n) for n in range(over))
        return {day: self.policy.decide(self.book, as_of=day, calendar=self.calendar).obligations for day in days_over}

    def begins(self, client_id: str) -> date:
        """The client's first day as it is known in the end, or the policy's."""
        client = self.book.get_client(client_id)
        seen = [t.occurred_at for t in self.book.touchpoints_by_client.get(client_id, ()) if t.occurred_at <= self.as_of]
        return max(IN_FORCE, client.client_since_on or min(seen, default=IN_FORCE))

    def late(self) -> Counter[tuple[str, date]]:
        """Each obligation with each day on which it was late, as that day's decision says."""
        return Counter(
            (owed.key, day)
            for day, obligations in self.by_day.items()
            for owed in obligations
            if day > owed.latest_on and day >= self.begins(owed.client_id)
        )


@st.composite
def questions(draw: st.DrawFn) -> Question:
    policy, book, calendar = draw(policies), draw(books()), draw(calendars())
    from_on = draw(st.sampled_from([FROM, FROM, IN_FORCE, date(2026, 3, 17)]))
    until_on = from_on + timedelta(days=draw(st.sampled_from([0, 6, 13, 13, 45])))
    as_of = max(until_on + timedelta(days=draw(st.sampled_from([0, 0, -5, 12]))), IN_FORCE)
    return Question(policy=policy, book=book, from_on=from_on, until_on=until_on, as_of=as_of, calendar=calendar)


class TestCad14:
    """CAD-14: Attainment separates planned, done, remaining; earned is capped, raw stands beside it; pace compares with the
    elapsed share. Each late day has one cause.
    """  # noqa: D205

    @few
    @given(questions())
    def test_a_day_is_late_when_the_decision_of_that_day_says_so(self, question: Question) -> None:
        told = Counter(
            (late.key, late.from_on + timedelta(days=n)) for late in question.report.lateness for n in range(late.days)
        )
        assert told == question.late()

    @few
    @given(questions())
    def test_each_late_day_has_one_cause_and_they_sum_to_the_late_days(self, question: Question) -> None:
        report, late = question.report, question.late()
        assert sum(report.total.late_days.values()) == late.total()
        assert set(report.total.late_days) == set(CAUSES)
        for run in report.lateness:
            rules: list[CadenceRule | Trigger] = [*question.policy.cadence, *question.policy.triggers]
            rule = next(rule for rule in rules if rule.id == run.about.rule_id)
            for day in (run.from_on + timedelta(days=n) for n in range(run.days)):
                owner = question.book.owner_on(run.about.client_id, day)
                named = "bob" if rule.role == "secretary" else owner
                assert run.about.owner_id == owner
                if run.cause == "owner":
                    assert not is_away(question.book, run.staff_id, day)
                    assert run.staff_id == named or is_away(question.book, named, day)
                else:
                    assert run.cause == "owner_absent"
                    assert run.staff_id == named is not None
                    assert is_away(question.book, named, day)

    @few
    @given(questions())
    def test_a_rolling_rule_plans_a_share_of_a_contact_for_each_day_on_which_it_asks(self, question: Question) -> None:
        if question.as_of < question.until_on:
            return
        rolling = {rule.id for rule in question.policy.cadence if rule.mode == "rolling"}
        asked: dict[tuple[str, str], Fraction] = {}
        for day, obligations in question.by_day.items():
            for owed in obligations:
                if owed.rule_id in rolling and day >= question.begins(owed.client_id):
                    which = (owed.client_id, owed.rule_id)
                    asked[which] = asked.get(which, Fraction()) + 1 / Every.parse(owed.interval).average_days
        planned: dict[tuple[str, str], Fraction] = {}
        for one in question.report.expectations:
            if one.about.rule_id in rolling:
                which = (one.about.client_id, one.about.rule_id)
                planned[which] = planned.get(which, Fraction()) + one.planned
        assert planned == asked

    @few
    @given(questions())
    def test_what_is_still_owed_in_the_end_is_open(self, question: Question) -> None:
        if question.as_of > question.until_on:
            return
        listed = question.by_day.get(question.as_of, ())
        began = [owed for owed in listed if question.as_of >= question.begins(owed.client_id)]
        late = {key for key, _ in question.late()}
        open_late = {owed.key for owed in began if question.as_of > owed.latest_on}
        pending = {
            owed.key
            for owed in began
            if question.as_of <= owed.latest_on and (question.from_on <= owed.due_on <= question.as_of or owed.key in late)
        }
        found = question.report.outcomes
        assert {outcome.key for outcome in found if outcome.result == "open_late"} == open_late
        assert {outcome.key for outcome in found if outcome.result == "pending"} == pending

    @few
    @given(questions())
    def test_what_was_kept_was_owed_the_evening_before_and_is_no_longer(self, question: Question) -> None:
        triggered = {trigger.id for trigger in question.policy.triggers}
        for outcome in question.report.outcomes:
            kept_on = outcome.kept_on
            assert (kept_on is not None) is (outcome.result in {"on_time", "late"})
            if kept_on is None:
                continue
            assert (kept_on <= outcome.latest_on) is (outcome.result == "on_time")
            assert outcome.days_late == max(0, (kept_on - outcome.latest_on).days)
            assert outcome.key not in {owed.key for owed in question.by_day.get(kept_on, ()) if owed.state != "upcoming"}
            if outcome.result == "late" and outcome.about.rule_id not in triggered:
                before = question.by_day.get(kept_on - timedelta(days=1))
                was_owed = before is None or outcome.key in {owed.key for owed in before} or outcome.days_late == 1
                assert was_owed or question.book.tier_spells

    @few
    @given(questions(), st.sampled_from(["owner", "team", "tier", "channel", "rule", "month", "client"]))
    def test_the_groups_share_out_the_whole(self, question: Question, grouping: Any) -> None:
        total, groups = question.report.total, question.report.by(grouping)
        for name in ("planned", "done", "own"):
            assert sum(getattr(group, name) for group in groups) == getattr(total, name)
        for name in ("results", "late_days", "done_by"):
            summed = Counter[Any]()
            for group in groups:
                summed.update(getattr(group, name))
            assert +summed == +Counter(getattr(total, name))
        assert [group.name for group in groups] == sorted({g.name for g in groups}, key=lambda name: (name is None, name or ""))

    @few
    @given(questions())
    def test_earned_is_capped_and_what_is_not_earned_remains(self, question: Question) -> None:
        total = question.report.total
        for score in (total, *question.report.by("client"), *question.report.by("rule")):
            assert 0 <= score.earned <= min(score.planned, Fraction(score.done))
            assert score.remaining == score.planned - score.earned
            assert 0 <= score.own <= score.done == sum(score.done_by.values())
            assert 0 <= score.covered <= score.clients
            assert 0 <= score.reached <= score.clients
        days = (question.until_on - question.from_on).days + 1
        over = min(days, max(0, (question.as_of - question.from_on).days + 1))
        assert total.elapsed == Fraction(over, days)
        if total.planned and over:
            assert total.pace == total.done / total.planned / Fraction(over, days)


def is_away(book: Book, staff_id: str | None, day: date) -> bool:
    return any(absence.covers(day) for absence in book.absences_by_staff.get(staff_id or "", ()))


class TestCad12:
    """CAD-12: Anyone's touch resets the client's clock; credit goes to who did it."""

    @few
    @given(questions(), st.permutations([*OWNERS, None]))
    def test_credit_goes_to_who_did_it_and_nothing_else_depends_on_that(
        self, question: Question, doers: list[str | None]
    ) -> None:
        swapped = dict(zip([*OWNERS, None], doers, strict=True))
        book = attrs.evolve(
            question.book,
            touchpoints=[attrs.evolve(touch, staff_id=swapped[touch.staff_id]) for touch in question.book.touchpoints],
        )
        other = attainment(question.policy, book, from_on=question.from_on, until_on=question.until_on, as_of=question.as_of)
        report = attainment(
            question.policy, question.book, from_on=question.from_on, until_on=question.until_on, as_of=question.as_of
        )
        for mine, theirs in zip(report.expectations, other.expectations, strict=True):
            assert (mine.about, mine.planned) == (theirs.about, theirs.planned)
            assert {swapped[doer]: count for doer, count in mine.done_by.items()} == dict(theirs.done_by)
        assert report.lateness == other.lateness
        assert [attrs.evolve(outcome, staff_id=None) for outcome in report.outcomes] == [
            attrs.evolve(outcome, staff_id=None) for outcome in other.outcomes
        ]
