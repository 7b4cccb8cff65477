"""Decisions composed: the same question has the same answer, and its reasons alone give it again."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import localcontext
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare._fields import zone_of
from relcare.calendars import Weekdays
from relcare.codec import policy_document
from relcare.decisions import BookResult, Policy
from relcare.errors import PolicyError
from relcare.model import Book, FactValue, Purchase, Reason, civil_day
from relcare.segmentation import QuotaScheme
from relcare.testing import books, days, policies

CALENDAR = Weekdays()
T = TypeVar("T")
AS_OF = days(date(2025, 1, 1))
RULES = policies(with_examples=False)


def answers(result: BookResult, client_ids: Sequence[str]) -> dict[str, Any]:
    """All that was decided, in an order that does not depend on the book's."""
    return {
        "as_of": result.as_of,
        "facts": {c: dict(result.facts(c)) for c in client_ids},
        "tiers": {(s, c): result.tier(s, c) for s in result.schemes for c in client_ids},
        "vip": {(p, c): result.vip(p, c) for p in result.programme_ids for c in client_ids},
        "strategies": {c: result.strategy(c) for c in client_ids},
        "obligations": list(result.obligations),
        "undecided": sorted(map(repr, result.undecided)),
        "notes": {c: result.notes.get(c) for c in client_ids},
        "assignments": {s: scheme.assignments for s, scheme in result.schemes.items()},
        "held": {s: (scheme.held, dict(scheme.sizes), scheme.ties) for s, scheme in result.schemes.items()},
    }


def decided(policy: Policy, book: Book, as_of: date) -> dict[str, Any]:
    return answers(policy.decide(book, as_of=as_of, calendar=CALENDAR), [client.id for client in book.clients])


def shuffled(data: st.DataObject, members: Sequence[T]) -> list[T]:
    return data.draw(st.permutations(list(members)))


class TestOnlyArgumentsMatter:
    """TIM-1: Every answer depends only on its arguments. `as_of` is a required keyword; nothing below the desk reads a clock. It
    is a civil date in the book's zone and means the end of that day (that day's events count).
    """  # noqa: D205

    @settings(max_examples=18)
    @given(RULES, books(), AS_OF, st.data())
    def test_asked_again_and_in_another_order_the_answer_is_the_same(
        self, policy: Policy, book: Book, as_of: date, data: st.DataObject
    ) -> None:
        first = decided(policy, book, as_of)
        turned = attrs.evolve(
            book,
            clients=shuffled(data, book.clients),
            people=shuffled(data, book.people),
            touchpoints=shuffled(data, book.touchpoints),
            purchases=shuffled(data, book.purchases),
            staff=shuffled(data, book.staff),
            tier_spells=shuffled(data, book.tier_spells),
            pins=shuffled(data, book.pins),
            consents=shuffled(data, book.consents),
            absences=shuffled(data, book.absences),
            owner_spells=shuffled(data, book.owner_spells),
            appointments=shuffled(data, book.appointments),
        )
        policy.decide(Book(), as_of=as_of)  # what was asked in between leaves nothing behind
        assert decided(policy, turned, as_of) == first
        fresh = attrs.evolve(policy)
        assert decided(fresh, book, as_of) == first

    @settings(max_examples=12)
    @given(RULES, books(max_clients=2), AS_OF)
    def test_the_host_s_decimal_context_does_not_matter(self, policy: Policy, book: Book, as_of: date) -> None:
        first = decided(policy, book, as_of)
        with localcontext() as context:
            context.prec = 3
            assert decided(attrs.evolve(policy), book, as_of) == first

    @settings(max_examples=15)
    @given(RULES, books(max_clients=3), AS_OF)
    def test_a_day_is_answered_by_what_had_happened_by_its_end(self, policy: Policy, book: Book, as_of: date) -> None:
        zone = zone_of(book.zone)
        plain = attrs.evolve(
            book,
            clients=[attrs.evolve(client, client_since_on=date(2023, 1, 1)) for client in book.clients],
            touchpoints=[t for t in book.touchpoints if t.voids_id is None],
        )
        early = attrs.evolve(
            plain,
            touchpoints=[t for t in plain.touchpoints if civil_day(t.occurred_at, zone) <= as_of],
            purchases=[p for p in plain.purchases if p.purchased_on <= as_of],
        )
        assert decided(policy, early, as_of) == decided(policy, plain, as_of)

    @settings(max_examples=15)
    @given(RULES, books(max_clients=3), AS_OF, st.data())
    def test_a_client_s_own_answers_do_not_depend_on_other_clients(
        self, policy: Policy, book: Book, as_of: date, data: st.DataObject
    ) -> None:
        """Only quotas and grades compare clients: where there are none, each is answered as if it were alone."""
        compares = bool(policy.grades) or any(isinstance(scheme, QuotaScheme) for scheme in policy.segmentation)
        if not book.clients or compares:
            return
        one = data.draw(st.sampled_from(book.clients)).id
        alone = attrs.evolve(
            book,
            clients=[client for client in book.clients if client.id == one],
            people=[p for p in book.people if p.client_id == one],
            touchpoints=[t for t in book.touchpoints if t.client_id == one],
            purchases=[p for p in book.purchases if p.client_id == one],
            tier_spells=[s for s in book.tier_spells if s.client_id == one],
            pins=[pin for pin in book.pins if pin.client_id == one],
            owner_spells=[s for s in book.owner_spells if s.client_id == one],
            consents=[c for c in book.consents if c.client_id == one],
            appointments=[a for a in book.appointments if a.client_id == one],
            membership_events=[e for e in book.membership_events if e.client_id == one],
        )
        whole, part = policy.decide(book, as_of=as_of, calendar=CALENDAR), policy.decide(alone, as_of=as_of, calendar=CALENDAR)
        assert whole.facts(one) == part.facts(one)
        assert [whole.vip(p, one) for p in whole.programme_ids] == [part.vip(p, one) for p in part.programme_ids]
        assert list(whole.obligations.for_client(one)) == list(part.obligations)


def cited(reasons: Sequence[Reason]) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {}
    for reason in reasons:
        for name, value in reason.facts.items():
            assert facts.setdefault(name, value) == value, "one decision has one value of a fact"
    return facts


class TestReasonsReproduceTheDecision:
    """CRI-3: Every decision carries its reasons: which rule, which facts with which values, which policy version; re-evaluating
    only these reproduces it.
    """  # noqa: D205

    @settings(max_examples=25)
    @given(RULES, books(), AS_OF)
    def test_the_facts_cited_give_the_qualification_again(self, policy: Policy, book: Book, as_of: date) -> None:
        result = policy.decide(book, as_of=as_of)
        for programme_id in result.programme_ids:
            for decision in result.vip_decisions(programme_id):
                assert decision.reasons
                again = policy.vip(programme_id).decide(cited(decision.reasons), as_of=as_of)
                assert again.qualification == decision.qualification
                told = {str(reason.values["path"]) for reason in decision.reasons if "path" in reason.values}
                both = [(a, b) for a, b in zip(again.paths, decision.paths, strict=True) if b.id in told]
                assert both
                assert all((a.answer, a.shortfall, a.missing) == (b.answer, b.shortfall, b.missing) for a, b in both)

    @settings(max_examples=25)
    @given(RULES, books(), AS_OF)
    def test_the_facts_cited_give_the_threshold_tier_again(self, policy: Policy, book: Book, as_of: date) -> None:
        # A client's tier in force decides too where it is kept, and so does a pin; here nobody has one.
        bare = attrs.evolve(book, tier_spells=(), pins=())
        result = policy.decide(bare, as_of=as_of)
        for at, scheme in enumerate(policy.segmentation):
            if isinstance(scheme, QuotaScheme):
                continue
            alone = attrs.evolve(policy, cadence=(), triggers=(), neglect=(), holding=(), pool=None, vip=(), segments=())
            for client_id in result.client_ids:
                assignment = result.tier(scheme.id, client_id)
                assert assignment.reasons
                again = {a.scheme_id: a for a in alone.decide_facts(cited(assignment.reasons), as_of=as_of).assignments}[
                    scheme.id
                ]
                assert (again.tier, again.is_held, again.is_in_scope) == (
                    assignment.tier,
                    assignment.is_held,
                    assignment.is_in_scope,
                ), (at, assignment)

    @settings(max_examples=18)
    @given(RULES, books(max_clients=3), AS_OF)
    def test_every_obligation_names_the_policy_and_the_facts_that_oblige(self, policy: Policy, book: Book, as_of: date) -> None:
        result = policy.decide(book, as_of=as_of, calendar=CALENDAR)
        whens = {rule.id: rule.when for rule in policy.cadence}
        for obligation in result.obligations:
            assert (obligation.policy_id, obligation.policy_version, obligation.as_of) == (policy.id, policy.version, as_of)
            facts = result.facts(obligation.client_id)
            rules = {str(reason.values["rule"]): reason for reason in obligation.reasons if reason.code == "cadence.rule"}
            assert set(rules) == set(obligation.rule_ids)
            for rule_id, reason in rules.items():
                assert reason.values["when"] == (None if whens[rule_id] is None else str(whens[rule_id]))
                assert all(facts[name] == value for name, value in reason.facts.items())


class TestOneClientAndABook:
    """FCT-5: `tier.<scheme>` is a level in tier order, missing while held; `vip.<programme>` is `yes` or `no`, missing while
    unknown; `strategy.<type>` is a flag. The three levels of entry give one answer.
    """  # noqa: D205

    @settings(max_examples=25)
    @given(RULES, books(), AS_OF)
    def test_one_client_with_its_tiers_in_force_is_answered_as_in_its_book(self, policy: Policy, book: Book, as_of: date) -> None:
        result = policy.decide(book, as_of=as_of, calendar=CALENDAR)
        quotas = {scheme.id for scheme in policy.segmentation if isinstance(scheme, QuotaScheme)}
        for client in book.clients:
            facts = result.facts(client.id)
            tiers = {s: str(facts[f"tier.{s}"]) for s in quotas if facts[f"tier.{s}"] is not None}
            in_force = book.tiers_in_force(client.id, on=as_of)
            for scheme in policy.segmentation:
                if scheme.id not in quotas and in_force.get(scheme.id) in scheme.tier_ids:
                    tiers[scheme.id] = in_force[scheme.id]
            one = policy.decide_client(
                client,
                touchpoints=[t for t in book.touchpoints if t.client_id == client.id],
                purchases=[p for p in book.purchases if p.client_id == client.id],
                people=[p for p in book.people if p.client_id == client.id],
                staff=book.staff,
                tiers=tiers,
                grades={grade_id: graded.grades.get(client.id) for grade_id, graded in result.grades.items()},
                tier_spells=book.tier_spells_by_client.get(client.id, ()),
                pins=book.pins_by_client.get(client.id, ()),
                owner_spells=book.owner_spells_by_client.get(client.id, ()),
                membership_events=book.membership_events_by_client.get(client.id, ()),
                consents=book.consents_by_client.get(client.id, ()),
                absences=book.absences,
                as_of=as_of,
                zone=book.zone,
                calendar=CALENDAR,
            )
            assert one.facts == facts
            assert one.strategy == result.strategy(client.id)
            assert list(one.vip) == [result.vip(p, client.id) for p in result.programme_ids]
            # Where a tier is given, what the book's spells say of that scheme is not looked at.
            noted = [
                note
                for note in result.notes.get(client.id, ())
                if note.code != "tier.unknown" or note.values["scheme"] not in tiers
            ]
            assert list(one.notes) == noted
            for assignment in one.assignments:
                assert assignment == result.tier(assignment.scheme_id, client.id)
            # In the book a quota's tier may be provisional; given, it is in force.
            ours, theirs = (
                [attrs.evolve(o, reasons=tuple(r for r in o.reasons if r.code != "tier.provisional")) for o in owed]
                for owed in (one.obligations, result.obligations.for_client(client.id))
            )
            assert ours == theirs
            out_of_scope = {s for s in quotas if not result.tier(s, client.id).is_in_scope}
            if not out_of_scope:
                assert list(one.undecided) == [u for u in result.undecided if u.client_id == client.id]

    @settings(max_examples=18)
    @given(RULES, books(max_clients=3), AS_OF)
    def test_the_facts_of_a_client_give_its_qualifications_again(self, policy: Policy, book: Book, as_of: date) -> None:
        result = policy.decide(book, as_of=as_of)
        for client in book.clients:
            # What only a log or the other clients can say is given: memberships, nominations, places in a list.
            decided = {f"vip.{programme_id}" for programme_id in result.programme_ids}
            known = {name: value for name, value in result.facts(client.id).items() if name not in decided}
            again = policy.decide_facts(known, as_of=as_of)
            assert again.facts == result.facts(client.id)
            for decision in again.vip:
                whole = result.vip(decision.programme_id, client.id)
                assert decision.qualification == whole.qualification
                assert [(p.answer, p.shortfall, p.missing) for p in decision.paths] == [
                    (p.answer, p.shortfall, p.missing) for p in whole.paths
                ]

    @settings(max_examples=18)
    @given(RULES, books(max_clients=3), AS_OF)
    def test_derived_facts_say_what_was_decided(self, policy: Policy, book: Book, as_of: date) -> None:
        result = policy.decide(book, as_of=as_of)
        for client in book.clients:
            facts = result.facts(client.id)
            in_force = book.tiers_in_force(client.id, on=as_of)
            for scheme in policy.segmentation:
                tier = in_force.get(scheme.id)
                expected = tier if tier in scheme.tier_ids else result.tier(scheme.id, client.id).tier
                assert facts[f"tier.{scheme.id}"] == expected
            for programme_id in result.programme_ids:
                word = result.vip(programme_id, client.id).qualification
                assert facts[f"vip.{programme_id}"] == (None if word == "unknown" else word)
            for kind in ("upstream", "partner", "channel", "end_customer", *(s.type for s in policy.relationships)):
                assert facts[f"strategy.{kind}"] == (kind in client.relationship_types)
            assert facts["client.relationship_types"] == client.relationship_types
            owner_id = book.owner_on(client.id, as_of)
            assert (facts["client.stage"], facts["client.owner_id"], facts["client.region"]) == (
                client.stage,
                owner_id,
                client.region,
            )


class TestEffectiveDates:
    """TIM-4: effective dates are half-open."""

    @settings(max_examples=50)
    @given(RULES, days(date(2020, 1, 1)))
    def test_a_policy_answers_from_its_first_day_until_before_its_end(self, policy: Policy, as_of: date) -> None:
        for day in (as_of, policy.effective_from, policy.effective_from - timedelta(days=1), policy.effective_until or as_of):
            is_in_force = day >= policy.effective_from and (policy.effective_until is None or day < policy.effective_until)
            if is_in_force:
                assert policy.decide_facts({}, as_of=day).as_of == day
            else:
                with pytest.raises(PolicyError, match=str(policy.effective_from)):
                    policy.decide_facts({}, as_of=day)


class TestIds:
    """STO-6: Ids are text compared by code point; integers inside are dictionary codes, never an order."""

    @settings(max_examples=15)
    @given(RULES, books(), AS_OF)
    def test_equal_scores_go_by_code_point(self, policy: Policy, book: Book, as_of: date) -> None:
        result = policy.decide(book, as_of=as_of)
        for scheme in result.schemes.values():
            ranked = [a for a in scheme.assignments if a.rank is not None]
            assert [a.rank for a in ranked] == list(range(1, len(ranked) + 1))
            keys = [(-(a.score or 0), a.client_id) for a in ranked]
            assert keys == sorted(keys)

    @settings(max_examples=12)
    @given(RULES, books(max_clients=3), AS_OF, st.data())
    def test_renaming_events_and_people_in_order_changes_no_decision(
        self, policy: Policy, book: Book, as_of: date, data: st.DataObject
    ) -> None:
        """Only ids of clients and staff are looked at for their order."""
        plain = attrs.evolve(book, touchpoints=[attrs.evolve(t, voids_id=None) for t in book.touchpoints if t.channel != "void"])
        order = {p.id: f"{n:03}" for n, p in enumerate(sorted(plain.purchases, key=lambda p: p.id))}

        def renamed(purchase: Purchase) -> Purchase:
            back = purchase.returns_purchase_id
            return attrs.evolve(purchase, id=order[purchase.id], returns_purchase_id=None if back is None else order[back])

        other = attrs.evolve(plain, purchases=[renamed(p) for p in plain.purchases])
        assert decided(policy, other, as_of) == decided(policy, plain, as_of)


def test_strategies_of_policies_cover_every_room() -> None:
    """What the laws above are tried on holds every kind of part."""
    seen: set[str] = set()

    @settings(max_examples=200, database=None, derandomize=True)
    @given(policies())
    def look(policy: Policy) -> None:
        document: Any = policy_document(policy)
        seen.update(document)
        seen.update(scheme["kind"] for scheme in document.get("segmentation", ()))
        for fact in document["facts"].values():
            seen.update({fact["type"], *fact.keys()} - {"type", "min", "max"})
        seen.update(key for example in document.get("examples", ()) for key in example)

    look()
    rooms = {"facts", "segmentation", "cadence", "relationship", "vip", "examples", "quota", "threshold"}
    assert seen >= rooms | {"money", "integer", "measure", "from"} | {"given", "client", "clients", "touchpoints", "purchases"}
