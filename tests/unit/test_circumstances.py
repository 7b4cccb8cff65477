"""What is owed and may not be done today is deferred; who is away has a deputy or is not late (CAD-11, CAD-14, PLN-6)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import attrs
import pytest

from relcare.cadence import CadenceRule
from relcare.decisions import Policy
from relcare.model import Absence, Book, Client, Consent, Money, Obligation, OwnerSpell, Purchase, Staff, Touchpoint
from relcare.permission import Cap, ConsentRule, PermissionRules

CLIENT = Client(id="c", name="C", owner_id="lee", client_since_on=date(2025, 1, 1))
CALL = CadenceRule(id="call", channel="call", every="1 week", roll="none")


def day(text: str) -> date:
    return date.fromisoformat(text)


def touch(on: str, **more: Any) -> Touchpoint:
    given: dict[str, Any] = {"id": f"t {on}", "client_id": "c", "occurred_at": day(on), "channel": "call"}
    return Touchpoint(**(given | more))


def one(as_of: str, *, log: Sequence[Touchpoint] = (), permission: PermissionRules | None = None, **more: Any) -> Obligation:
    """What is owed, asked of a book and of the one client alike."""
    policy = Policy(id="p", version="1", effective_from=day("2025-01-01"), cadence=[CALL], permission=permission)
    staff = [Staff(id="lee", name="Lee"), Staff(id="wu", name="Wu")]
    book = Book(clients=[CLIENT], touchpoints=log, staff=staff, **more)
    (found,) = policy.decide(book, as_of=day(as_of)).obligations
    alone = policy.decide_client(CLIENT, touchpoints=log, staff=staff, as_of=day(as_of), **({"purchases": ()} | more))
    assert list(alone.obligations) == [found]
    return found


def codes(obligation: Obligation) -> list[str]:
    return [reason.code for reason in obligation.reasons]


class TestPermission:
    """CAD-11: "Blocked means deferred with the next allowed time, not the owner's lateness"."""

    def test_a_cap_defers_with_the_next_allowed_day_and_it_is_not_the_owners_lateness(self) -> None:
        # Deferred with the next allowed time, and not overdue by the owner.
        capped = PermissionRules(caps=[Cap(limit=2, per="month")])
        log = [touch("2026-03-02"), touch("2026-03-04", outcome="missed")]
        found = one("2026-03-20", log=log, permission=capped)
        assert (found.state, found.attributed_to, found.overdue_days) == ("deferred", "cap", 11)
        assert found.next_allowed_at is not None
        assert found.next_allowed_at.date() == day("2026-04-01")
        assert "permission.cap" in codes(found)

    def test_that_the_zone_is_not_known_or_the_law_is_old_does_not_make_a_cap_a_matter_of_permission(self) -> None:
        capped = PermissionRules(caps=[Cap(limit=1, per="month")], law=["us"], zones=["America/New_York", "America/Denver"])
        found = one("2029-03-20", log=[touch("2029-03-02")], permission=capped)
        assert {"permission.zone_unknown", "permission.law_stale", "permission.cap"} <= set(codes(found))
        assert (found.state, found.attributed_to) == ("deferred", "cap")

    def test_a_return_is_no_last_deal(self) -> None:
        soft = PermissionRules(consent=[ConsentRule(mode="opt-in", soft_opt_in="6 months")])
        bought = Purchase(id="b", client_id="c", purchased_on=day("2025-06-01"), amount=Money("10", "CNY"))
        back = Purchase(id="r", client_id="c", purchased_on=day("2026-03-01"), amount=Money("10", "CNY"), returns_purchase_id="b")
        credit = Purchase(id="k", client_id="c", purchased_on=day("2026-03-02"), amount=Money("-1", "CNY"))
        log = [touch("2026-03-01")]
        assert one("2026-03-20", log=log, permission=soft, purchases=[bought, back, credit]).state == "deferred"
        again = attrs.evolve(bought, id="b2", purchased_on=day("2026-03-01"))
        assert one("2026-03-20", log=log, permission=soft, purchases=[bought, again]).state == "overdue"

    def test_what_has_not_begun_is_not_deferred(self) -> None:
        capped = PermissionRules(caps=[Cap(limit=1, per="month")])
        assert one("2026-03-03", log=[touch("2026-03-02")], permission=capped).state == "upcoming"

    def test_a_refusal_of_the_client_counts_without_any_rules(self) -> None:
        refused = Consent(id="k", client_id="c", kind="refused", start_on=day("2026-03-01"))
        found = one("2026-03-20", log=[touch("2026-02-02")], consents=[refused])
        assert (found.state, found.attributed_to, found.next_allowed_at) == ("deferred", "permission", None)

    def test_a_refusal_that_has_ended_does_not_count(self) -> None:
        refused = Consent(id="k", client_id="c", kind="refused", start_on=day("2026-03-01"), end_on=day("2026-03-20"))
        assert one("2026-03-20", log=[touch("2026-02-02")], consents=[refused]).state == "overdue"
        deferred = one("2026-03-19", log=[touch("2026-02-02")], consents=[refused])
        assert deferred.next_allowed_at is not None
        assert deferred.next_allowed_at.date() == day("2026-03-20")


class TestAbsence:
    """CAD-14: "Lateness is attributed"; PLN-6: "Delegation is for a time and reverts"."""

    def test_while_somebody_is_away_the_deputy_does_it_and_then_they_again(self) -> None:
        away = Absence(staff_id="lee", start_on=day("2026-03-10"), end_on=day("2026-03-20"), deputy_id="wu")
        during, after = (one(on, log=[touch("2026-03-01")], absences=[away]) for on in ("2026-03-19", "2026-03-20"))
        assert (during.staff_id, during.owner_id, during.attributed_to) == ("wu", "lee", "owner")
        assert (after.staff_id, after.attributed_to) == ("lee", "owner")
        assert "role.deputy" in codes(during)

    def test_a_deputy_who_is_away_as_well_passes_it_on(self) -> None:
        absences = [
            Absence(staff_id="lee", start_on=day("2026-03-01"), end_on=day("2026-03-20"), deputy_id="wu"),
            Absence(staff_id="wu", start_on=day("2026-03-10"), end_on=day("2026-03-15"), deputy_id="ito"),
        ]
        passed, stays = (one(on, log=[touch("2026-03-01")], absences=absences) for on in ("2026-03-14", "2026-03-15"))
        assert (passed.staff_id, passed.attributed_to, stays.staff_id) == ("ito", "owner", "wu")
        told = [(r.values["absent"], r.values["deputy"]) for r in passed.reasons if r.code == "role.deputy"]
        assert told == [("lee", "wu"), ("wu", "ito")]

    @pytest.mark.parametrize("deputy_id", [None, "lee"], ids=["to nobody", "in a circle"])
    def test_a_deputy_who_is_away_and_passes_it_on_to_nobody_leaves_it_undone(self, deputy_id: str | None) -> None:
        absences = [
            Absence(staff_id="lee", start_on=day("2026-03-01"), end_on=day("2026-03-20"), deputy_id="wu"),
            Absence(staff_id="wu", start_on=day("2026-03-10"), end_on=day("2026-03-15"), deputy_id=deputy_id),
        ]
        found = one("2026-03-14", log=[touch("2026-03-01")], absences=absences)
        assert (found.staff_id, found.attributed_to) == ("lee", "owner_absent")
        assert "role.absent" in codes(found)

    def test_without_a_deputy_it_is_nobodys_fault_while_they_are_away(self) -> None:
        away = Absence(staff_id="lee", start_on=day("2026-03-01"), end_on=day("2026-03-20"))
        assert one("2026-03-19", log=[touch("2026-03-01")], absences=[away]).attributed_to == "owner_absent"
        assert one("2026-03-20", log=[touch("2026-03-01")], absences=[away]).attributed_to == "owner"
        assert one("2026-03-05", log=[touch("2026-03-01")], absences=[away]).attributed_to is None


class TestOwners:
    def test_the_owner_of_the_day_is_the_one_of_the_spell(self) -> None:
        spells = [
            OwnerSpell(client_id="c", owner_id="wu", start_on=day("2026-01-01"), end_on=day("2026-03-15")),
            OwnerSpell(client_id="c", owner_id="lee", start_on=day("2026-03-15")),
        ]
        before, after = (one(on, log=[touch("2026-03-01")], owner_spells=spells) for on in ("2026-03-14", "2026-03-15"))
        assert (before.owner_id, before.staff_id, after.owner_id) == ("wu", "wu", "lee")

    def test_a_new_owner_never_restarts_the_clock(self) -> None:
        spells = [OwnerSpell(client_id="c", owner_id="wu", start_on=day("2026-03-15"))]
        assert one("2026-03-20", log=[touch("2026-03-01")], owner_spells=spells).due_on == day("2026-03-08")

    def test_in_the_pool_nobody_owns_it(self) -> None:
        spells = [OwnerSpell(client_id="c", owner_id=None, start_on=day("2026-03-15"))]
        found = one("2026-03-20", log=[touch("2026-03-01")], owner_spells=spells)
        assert (found.owner_id, found.staff_id) == (None, None)
