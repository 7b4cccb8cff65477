"""A book decided as a whole: what is read at once, what waits until it is asked for, and of whom a refusal speaks."""

import pickle
from datetime import date

import pytest

from relcare.decisions import BookResult, Policy
from relcare.errors import InvalidValueError
from relcare.facts import FactReader
from relcare.model import Book, Client, MembershipEvent, Money, OwnerSpell, Purchase, TierSpell
from relcare.policy import Fact, Measure, Window, criterion
from relcare.segmentation import QuotaScheme, QuotaTier, ThresholdScheme, ThresholdTier
from relcare.vip import MembershipRules, Programme, VipPath

DAY = date(2026, 3, 31)
FIT = Fact(id="fit", type="integer", min=0, max=100)
SPENT = Fact(
    id="spent",
    type="money",
    grain="0.01",
    max=1000,
    measure=Measure(function="sum", over="purchases", field="amount", window=Window.parse("12 months")),
)
HALVES = QuotaScheme(id="abc", tiers=[QuotaTier("A", "50%"), QuotaTier("B", "50%")], score="fit")
LENT = ThresholdScheme(
    id="lent", tiers=[ThresholdTier("yes", criterion("tier.abc == 'A'")), ThresholdTier("no", criterion("fit >= 0"))]
)


def policy_of(**parts: object) -> Policy:
    given: dict[str, object] = {"facts": [FIT], "segmentation": [HALVES], "currency": "CNY", **parts}
    return Policy(id="house", version="1", effective_from=date(2025, 1, 1), **given)  # type: ignore[arg-type]


def client(number: int, fit: object = 50, **more: object) -> Client:
    return Client(id=f"c-{number}", name="c", attributes={"fit": fit}, **more)  # type: ignore[arg-type, dict-item]


def bought(number: int, amount: str, currency: str = "CNY") -> Purchase:
    return Purchase(id=f"b-{number}", client_id=f"c-{number}", purchased_on=DAY, amount=Money(amount, currency))


def decided(book: Book, **parts: object) -> BookResult:
    return policy_of(**parts).decide(book, as_of=DAY)


def test_no_history_is_laid_out_until_somebody_asks_about_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = FactReader.open

    def noting(self: FactReader, history: object) -> object:
        opened.append(history.client.id)  # type: ignore[attr-defined]
        return real(self, history)  # type: ignore[arg-type]

    monkeypatch.setattr(FactReader, "open", noting)
    result = decided(Book(clients=[client(1, 10), client(2, 90)], purchases=[bought(1, "5")]))
    assert dict(result.schemes["abc"].tiers) == {"c-2": "A", "c-1": "B"}
    assert opened == []
    assert result.facts("c-2")["tier.abc"] == "A"
    assert result.strategy("c-2") == result.strategy("c-2")
    assert opened == ["c-2"]


def test_a_tier_is_a_fact_for_the_schemes_below_and_for_whoever_asks() -> None:
    result = decided(Book(clients=[client(1, 10), client(2, 90)]), segmentation=[HALVES, LENT])
    assert dict(result.schemes["lent"].tiers) == {"c-1": "no", "c-2": "yes"}
    assert {name: value for name, value in result.facts("c-1").items() if name.startswith("tier.")} == {
        "tier.abc": "B",
        "tier.lent": "no",
    }


def test_a_refusal_speaks_of_the_first_client_of_the_book_and_its_first_fact() -> None:
    facts = [FIT, Fact(id="rank", type="integer")]
    first = Client(id="c-1", name="c", attributes={"fit": 1, "rank": "1.5"})
    second = Client(id="c-2", name="c", attributes={"fit": "1.5", "rank": 1})
    with pytest.raises(InvalidValueError, match="client 'c-1': fact 'rank'"):
        decided(Book(clients=[first, second]), facts=facts)


def test_an_unknown_type_of_relationship_is_refused_with_whose_it_is() -> None:
    with pytest.raises(InvalidValueError, match="client 'c-2'"):
        decided(Book(clients=[client(1), client(2, relationship_types={"pen_friend"})]))


def test_a_purchase_in_another_currency_is_refused_while_the_book_is_decided() -> None:
    book = Book(clients=[client(1), client(2)], purchases=[bought(2, "5", "USD")])
    with pytest.raises(InvalidValueError, match="must be in the policy's currency"):
        decided(book, facts=[FIT, SPENT])


def test_what_is_noticed_is_told_in_the_order_of_the_policy_then_of_the_decision() -> None:
    programme = Programme(id="gold", paths=[VipPath(id="fit", when=criterion("fit >= 1"))], membership=MembershipRules())
    steps = [
        MembershipEvent(id=f"m-{one}", client_id=one, programme_id="gold", on=DAY, step="revoked", by="lee", reason="no reason")
        for one in ("c-4", "c-3")
    ]
    book = Book(
        clients=[client(1), client(2, 101), client(3, 101), client(4)],
        purchases=[bought(2, "2000"), bought(3, "2000")],
        tier_spells=[TierSpell(client_id="c-3", scheme_id="abc", tier="Z", start_on=date(2026, 1, 1))],
        membership_events=steps,
    )
    result = decided(book, facts=[FIT, SPENT], vip=[programme])
    told = {one: [(r.code, r.values.get("fact")) for r in reasons] for one, reasons in result.notes.items()}
    read = [("fact.out_of_bounds", "fit"), ("fact.out_of_bounds", "spent")]
    illegal = ("membership.illegal", None)
    assert told == {"c-2": read, "c-3": [*read, ("tier.unknown", None), illegal], "c-4": [illegal]}
    assert list(told) == ["c-2", "c-3", "c-4"]
    assert [reason.code for reason in result.tier("abc", "c-2").reasons][-1] == "fact.out_of_bounds"
    assert result.facts("c-2")["fit"] is None


def test_the_owner_is_the_one_of_the_day() -> None:
    spell = OwnerSpell(client_id="c-1", owner_id="kim", start_on=date(2026, 1, 1))
    by_owner = ThresholdScheme(id="whose", tiers=[ThresholdTier("kims", criterion("client.owner_id == 'kim'"))], otherwise=None)
    book = Book(clients=[client(1, owner_id="lee"), client(2, owner_id="lee")], owner_spells=[spell])
    result = decided(book, segmentation=[by_owner])
    assert dict(result.schemes["whose"].tiers) == {"c-1": "kims"}
    assert [result.facts(one)["client.owner_id"] for one in result.client_ids] == ["kim", "lee"]


def test_a_result_is_the_same_after_pickling_whatever_was_asked_before() -> None:
    book = Book(clients=[client(1, 10), client(2, 90)], purchases=[bought(1, "5")])
    result = decided(book, facts=[FIT, SPENT])
    again = pickle.loads(pickle.dumps(result))
    for one in reversed(result.client_ids):
        assert list(again.facts(one).items()) == list(result.facts(one).items())
        assert again.tier("abc", one) == result.tier("abc", one)
    assert again.notes == result.notes == {}


def test_nobody_is_decided_in_an_empty_book() -> None:
    result = decided(Book(), facts=[FIT, SPENT])
    assert (result.client_ids, dict(result.schemes["abc"].tiers), list(result.obligations)) == ((), {}, [])
