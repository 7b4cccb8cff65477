import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from relcare.model import Obligation, Obligations, Reason, Undecided, Verdict


def owed(key: str, **more: Any) -> Obligation:
    given: dict[str, Any] = {
        "key": key,
        "client_id": "c-1",
        "rule_id": "call-A",
        "rule_ids": ("call-A",),
        "owner_id": "lee",
        "staff_id": "lee",
        "channel": "call",
        "role": "account manager",
        "state": "due",
        "never_contacted": False,
        "last_contact_on": date(2026, 3, 1),
        "interval": "1 week",
        "interval_days": Decimal(7),
        "earliest_on": date(2026, 3, 10),
        "due_on": date(2026, 3, 10),
        "latest_on": date(2026, 3, 12),
        "overdue_days": 0,
        "policy_id": "p",
        "policy_version": "1",
        "as_of": date(2026, 3, 10),
        "attributed_to": None,
    }
    return Obligation(**(given | more))


def keys(obligations: Obligations) -> list[str]:
    return [one.key for one in obligations]


class TestOrder:
    """CAD-5.

    "Order: lateness relative to the interval, then declared priority, then id."
    """

    def test_the_latest_relative_to_its_interval_goes_first(self) -> None:
        weekly = owed("a", due_on=date(2026, 3, 3))
        monthly = owed("b", due_on=date(2026, 2, 28), interval="1 month", interval_days=Decimal("30.4369"))
        coming = owed("c", due_on=date(2026, 3, 20))
        assert keys(Obligations([coming, monthly, weekly])) == ["a", "b", "c"]

    def test_equally_late_is_judged_by_the_exact_interval(self) -> None:
        """Ten days of a month are as late as 120 of a year, although 30.4369 is no twelfth of 365.2425: then priority decides."""
        monthly = owed("b", due_on=date(2026, 2, 28), interval="1 month", interval_days=Decimal("30.4369"), priority=10)
        yearly = owed("a", due_on=date(2025, 11, 10), interval="1 year", interval_days=Decimal("365.2425"))
        assert keys(Obligations([yearly, monthly])) == ["b", "a"]

    def test_then_the_higher_priority_then_the_key_by_code_point(self) -> None:
        assert keys(Obligations([owed("b"), owed("a"), owed("B"), owed("é"), owed("z", priority=1)])) == ["z", "B", "a", "b", "é"]

    def test_what_comes_sooner_goes_first_among_what_is_not_yet_due(self) -> None:
        assert keys(Obligations([owed("a", due_on=date(2026, 3, 20)), owed("b", due_on=date(2026, 3, 15))])) == ["b", "a"]


def test_the_lateness_counts_in_intervals() -> None:
    assert owed("a", due_on=date(2026, 3, 3)).lateness_ratio == 1
    assert owed("a").lateness_ratio == 0
    assert owed("a", due_on=date(2026, 3, 17)).lateness_ratio == -1


def test_filters_keep_the_order_and_leave_the_original_alone() -> None:
    every = Obligations(
        [
            owed("a", owner_id=None, state="overdue", due_on=date(2026, 3, 1)),
            owed("b", staff_id=None, client_id="c-2", earliest_on=date(2026, 3, 9)),
            owed("c", due_on=date(2026, 3, 30), earliest_on=date(2026, 3, 29), state="upcoming"),
        ]
    )
    assert keys(every.for_owner("lee")) == ["b", "c"]
    assert keys(every.for_owner(None)) == ["a"]
    assert keys(every.for_staff(None)) == ["b"]
    assert keys(every.for_client("c-2")) == ["b"]
    assert keys(every.due_by(date(2026, 3, 10))) == ["a", "b"]
    assert keys(every.due_by(date(2026, 3, 9))) == ["a"]
    assert keys(every.open_by(date(2026, 3, 9))) == ["b"]
    assert keys(every.open_by(date(2026, 3, 29))) == ["a", "b", "c"]
    assert keys(every.in_state("overdue", "upcoming")) == ["a", "c"]
    assert keys(every.in_state()) == []
    assert len(every) == 3


def test_they_are_a_sequence_that_equals_its_like_and_survives_pickling() -> None:
    every = Obligations([owed("b"), owed("a")])
    assert every[0].key == "a"
    assert keys(every[:1]) == ["a"]
    assert isinstance(every[:1], Obligations)
    assert every == Obligations([owed("a"), owed("b")])
    assert hash(every) == hash(Obligations([owed("a"), owed("b")]))
    assert every != [owed("a"), owed("b")]
    assert owed("a") in every
    assert pickle.loads(pickle.dumps(every)) == every
    assert repr(every) == "<Obligations: 2>"


def test_reasons_verdicts_and_undecided_rules_are_immutable_and_hash() -> None:
    reason = Reason("vip.path_met", {"x": Decimal(1)}, {"rule": "r"})
    with pytest.raises(TypeError):
        reason.facts["x"] = 2  # type: ignore[index]
    assert hash(reason) == hash(Reason("vip.path_met", {"x": Decimal("1.0")}, {"rule": "r"}))
    assert pickle.loads(pickle.dumps(reason)) == reason
    assert hash(Verdict(answer="unknown", reasons=(reason,), missing=("x",)))
    assert hash(Undecided(client_id="c", rule_id="r", missing=("x",)))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        reason.code = "other"  # type: ignore[misc]
