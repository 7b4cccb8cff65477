"""Quotas per period, contacts in lieu with their limit, and what a change of tier does to a due date."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from relcare.cadence import CadenceRule, spread_day
from relcare.decisions import Policy
from relcare.model import Book, Client, Obligation, Obligations, TierSpell, Touchpoint
from relcare.policy import Fact, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier

CLIENT = Client(id="c", name="C", client_since_on=date(2025, 1, 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


def touch(on: str, channel: str = "call", **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": f"{channel} {on}", "client_id": "c", "occurred_at": day(on), "channel": channel}
    return Touchpoint(**(given | more))


def owed(rule: CadenceRule, as_of: str, log: Sequence[Touchpoint] = (), client: Client = CLIENT) -> Obligations:
    policy = Policy(id="p", version="1", effective_from=date(2025, 1, 1), cadence=[rule])
    return policy.decide_client(client, touchpoints=log, purchases=(), as_of=day(as_of)).obligations


class TestQuotas:
    """CAD-3: so many per period; the period is cut into equal shares, and each contact made counts for the first open one."""

    FOUR = CadenceRule(id="q", channel="call", every="1 month", mode="quota", times=4, roll="none")

    def test_an_untouched_april_owes_four_calls_in_four_shares(self) -> None:
        found = sorted((o.key, str(o.earliest_on), str(o.due_on), o.state) for o in owed(self.FOUR, "2026-04-15"))
        assert found == [
            ("c/q/2026-04-01.1", "2026-04-01", "2026-04-07", "overdue"),
            ("c/q/2026-04-01.2", "2026-04-08", "2026-04-15", "due"),
            ("c/q/2026-04-01.3", "2026-04-16", "2026-04-22", "upcoming"),
            ("c/q/2026-04-01.4", "2026-04-23", "2026-04-30", "upcoming"),
        ]

    def test_each_contact_of_the_period_takes_the_first_share_that_is_open(self) -> None:
        log = [touch("2026-03-31"), touch("2026-04-01"), touch("2026-04-02")]
        assert [o.key for o in owed(self.FOUR, "2026-04-15", log)] == ["c/q/2026-04-01.3", "c/q/2026-04-01.4"]

    def test_enough_contacts_owe_nothing_and_more_are_not_carried_over(self) -> None:
        log = [touch(f"2026-04-0{n}") for n in range(1, 8)]
        assert not owed(self.FOUR, "2026-04-30", log)
        assert len(owed(self.FOUR, "2026-05-01", log)) == 4

    def test_what_a_period_lacked_is_not_owed_in_the_next(self) -> None:
        assert {o.key[:12] for o in owed(self.FOUR, "2026-05-01")} == {"c/q/2026-05-"}

    def test_shares_before_the_client_began_are_not_owed(self) -> None:
        client = Client(id="c", name="C", client_since_on=day("2026-04-16"))
        assert [o.key for o in owed(self.FOUR, "2026-04-20", client=client)] == ["c/q/2026-04-01.3", "c/q/2026-04-01.4"]

    @pytest.mark.parametrize(
        ("every", "as_of", "first", "last"),
        [
            ("1 week", "2026-04-01", "2026-03-30", "2026-04-05"),
            ("1 month", "2026-02-28", "2026-02-01", "2026-02-28"),
            ("1 quarter", "2026-05-31", "2026-04-01", "2026-06-30"),
            ("6 months", "2026-07-01", "2026-07-01", "2026-12-31"),
            ("1 year", "2026-12-31", "2026-01-01", "2026-12-31"),
        ],
    )
    def test_periods_are_those_of_the_calendar(self, every: str, as_of: str, first: str, last: str) -> None:
        rule = CadenceRule(id="q", channel="call", every=every, mode="quota", roll="none")
        (found,) = owed(rule, as_of)
        assert (str(found.earliest_on), str(found.due_on)) == (first, last)


class TestInLieu:
    """CAD-4: a call stands in for a visit only when logged in lieu of it, and at most k times running."""

    VISIT = CadenceRule(id="visit", channel="visit", every="2 months", roll="none", in_lieu_limit=2)

    def due(self, *log: Touchpoint) -> str:
        (found,) = owed(self.VISIT, "2026-06-30", log)
        return str(found.due_on)

    def test_so_many_in_a_row_count_and_no_more(self) -> None:
        calls = [touch(f"2026-0{month}-10", in_lieu_of="visit") for month in (2, 3, 4, 5)]
        assert self.due(touch("2026-01-10", "visit"), *calls) == "2026-05-10"

    def test_a_real_visit_begins_a_new_run(self) -> None:
        calls = [touch(f"2026-0{month}-10", in_lieu_of="visit") for month in (2, 3, 5, 6)]
        assert self.due(*calls, touch("2026-04-10", "visit")) == "2026-08-10"

    def test_without_any_visit_the_first_ones_count(self) -> None:
        assert self.due(*(touch(f"2026-0{month}-10", in_lieu_of="visit") for month in (1, 2, 3))) == "2026-04-10"

    def test_no_limit_lets_them_replace_visits_for_ever(self) -> None:
        rule = CadenceRule(id="visit", channel="visit", every="2 months", roll="none")
        log = [touch(f"2026-0{month}-10", in_lieu_of="visit") for month in (1, 2, 3, 4, 5)]
        assert str(owed(rule, "2026-06-30", log)[0].due_on) == "2026-07-10"

    def test_a_limit_of_none_at_all_lets_no_call_stand_in(self) -> None:
        rule = CadenceRule(id="visit", channel="visit", every="2 months", roll="none", in_lieu_limit=0)
        log = [touch("2026-01-10", "visit"), touch("2026-02-10", in_lieu_of="visit")]
        assert str(owed(rule, "2026-06-30", log)[0].due_on) == "2026-03-10"


def tiered(spread: str = "0 days") -> Policy:
    """A is called every week, C every four weeks."""
    tiers = [ThresholdTier(id=name, when=criterion(f"size >= {least}")) for name, least in (("A", 10), ("B", 5), ("C", 0))]
    return Policy(
        id="p",
        version="1",
        effective_from=date(2025, 1, 1),
        facts=[Fact(id="size", type="integer", reads="client.size", may_be_missing=True)],
        segmentation=[ThresholdScheme(id="abc", tiers=tiers)],
        cadence=[
            CadenceRule(id="a", channel="call", every="1 week", when=criterion("tier.abc == 'A'"), roll="none", spread=spread),
            CadenceRule(id="c", channel="call", every="4 weeks", when=criterion("tier.abc == 'C'"), roll="none", spread=spread),
        ],
    )


def spells(*steps: tuple[str, str]) -> list[TierSpell]:
    ends = [day(start) for start, _ in steps[1:]]
    return [
        TierSpell(client_id="c", scheme_id="abc", tier=tier, start_on=day(start), end_on=end)
        for (start, tier), end in zip(steps, [*ends, None], strict=True)
    ]


def redated(policy: Policy, last: str, as_of: str, *steps: tuple[str, str]) -> Obligation:
    book = Book(clients=[CLIENT], touchpoints=[touch(last)], tier_spells=spells(*steps))
    (found,) = policy.decide(book, as_of=day(as_of)).obligations
    one = policy.decide_client(
        CLIENT, touchpoints=[touch(last)], purchases=(), tier_spells=spells(*steps), as_of=day(as_of)
    ).obligations
    assert list(one) == [found]
    return found


class TestTierChanges:
    """CAD-6: due = max(last + new, min(last + old, s + k)) while the last contact precedes the change at s; then last + new."""

    def test_a_rise_does_not_make_overdue_what_was_not(self) -> None:
        # Called on the 2nd as C (due on the 30th); A from the 16th: weekly would have been due on the 9th.
        found = redated(tiered(), "2026-03-02", "2026-03-20", ("2026-01-01", "C"), ("2026-03-16", "A"))
        assert (str(found.due_on), found.state) == ("2026-03-16", "overdue")
        assert "cadence.redated" in [reason.code for reason in found.reasons]

    def test_a_rise_never_puts_off_what_was_due_earlier(self) -> None:
        # As C it was due on 8 March, before the change on the 16th even with the spread.
        found = redated(tiered("1 week"), "2026-02-08", "2026-03-20", ("2026-01-01", "C"), ("2026-03-16", "A"))
        assert str(found.due_on) == "2026-03-08"

    def test_a_fall_counts_the_new_interval_from_the_last_contact(self) -> None:
        found = redated(tiered(), "2026-03-02", "2026-03-20", ("2026-01-01", "A"), ("2026-03-10", "C"))
        assert str(found.due_on) == "2026-03-30"

    def test_after_the_first_contact_in_the_new_tier_the_change_is_forgotten(self) -> None:
        found = redated(tiered("1 week"), "2026-03-16", "2026-03-20", ("2026-01-01", "C"), ("2026-03-16", "A"))
        assert str(found.due_on) == "2026-03-23"
        assert "cadence.redated" not in [reason.code for reason in found.reasons]

    def test_a_burst_is_spread_by_the_published_hash(self) -> None:
        start = day("2026-03-16")
        found = redated(tiered("1 week"), "2026-03-02", "2026-03-20", ("2026-01-01", "C"), ("2026-03-16", "A"))
        assert found.due_on == start + timedelta(days=spread_day("c", "a", start, 7))

    def test_the_spread_is_at_most_the_new_interval(self) -> None:
        found = redated(tiered("9 weeks"), "2026-03-02", "2026-03-20", ("2026-01-01", "C"), ("2026-03-16", "A"))
        assert found.due_on == day("2026-03-16") + timedelta(days=spread_day("c", "a", day("2026-03-16"), 7))

    def test_a_first_tier_and_the_same_tier_again_are_no_change(self) -> None:
        for steps in ([("2026-03-16", "A")], [("2026-01-01", "A"), ("2026-03-16", "A")]):
            assert str(redated(tiered(), "2026-03-02", "2026-03-20", *steps).due_on) == "2026-03-09"

    def test_a_tier_without_a_rule_before_it_dates_from_the_change(self) -> None:
        found = redated(tiered(), "2026-03-02", "2026-03-20", ("2026-01-01", "B"), ("2026-03-16", "A"))
        assert str(found.due_on) == "2026-03-16"

    def test_the_hash_is_the_one_that_is_published(self) -> None:
        # First 8 bytes, big-endian, of BLAKE2b-64 over "c-1 NUL call-A NUL 2026-03-01", mod 7: worked out beside the library.
        assert [spread_day("c-1", "call-A", date(2026, 3, n), 7) for n in range(1, 9)] == [5, 0, 2, 5, 1, 3, 4, 3]
        assert spread_day("c-1", "call-A", date(2026, 3, 1), 0) == 0


def test_rules_of_one_raw_day_keep_their_own_roll_lead_and_grace() -> None:
    # What a day comes to is worked out once for all clients; 14 March 2026 is a Saturday.
    kinds: list[dict[str, Any]] = [
        {"roll": "none"},
        {"roll": "following"},
        {"roll": "preceding"},
        {"roll": "none", "lead": "2 days"},
        {"roll": "none", "grace": "2 days"},
        {"roll": "none", "grace": "2 business days"},
    ]
    rules = [CadenceRule(id=f"r{n}", channel="call", role=f"role {n}", every="1 week", **kind) for n, kind in enumerate(kinds)]
    policy = Policy(id="p", version="1", effective_from=date(2025, 1, 1), cadence=rules)
    result = policy.decide_client(CLIENT, touchpoints=[touch("2026-03-07")], purchases=(), as_of=day("2026-03-08"))
    assert {o.rule_id: (o.earliest_on.day, o.due_on.day, o.latest_on.day) for o in result.obligations} == {
        "r0": (14, 14, 14),
        "r1": (16, 16, 16),
        "r2": (13, 13, 13),
        "r3": (12, 14, 14),
        "r4": (14, 14, 16),
        "r5": (14, 14, 17),
    }
