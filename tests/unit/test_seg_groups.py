"""Quotas per group in whole policies: reviews, proofs, explanations (SEG-4)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from relcare.codec import loads_policy
from relcare.decisions import LiveTiers, Policy
from relcare.errors import InvalidValueError, PolicyDocumentError, UnknownRecordError
from relcare.model import Book, Client, Touchpoint
from relcare.review import propose
from relcare.soundness import Finding, justify, prove

RULES = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2025-01-01

[facts.orders]
type = "integer"
may_be_missing = true

[facts.size]
type = "level"
values = ["small", "large"]
polarity = "more"

[[segmentation]]
id = "abc"
kind = "quota"
score = "orders"
group_by = "GROUP"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
"""
DAY = date(2026, 3, 10)
CLIENTS = {"c-1": ("north", 9), "c-2": ("north", 8), "c-3": ("south", 3), "c-4": ("south", 3), "c-5": (None, 9)}


def rules(group: str = "client.region", more: str = "") -> Policy:
    return loads_policy(RULES.replace("GROUP", group) + more)


def book() -> Book:
    clients = [
        Client(id=client_id, name=client_id, owner_id="lee", region=region, attributes={"orders": orders, "size": "small"})
        for client_id, (region, orders) in CLIENTS.items()
    ]
    return Book(clients=clients, zone="Asia/Shanghai")


def finding(policy: Policy, question: str) -> Finding:
    return next(found for found in prove(policy).findings if found.question == question)


def test_a_review_names_the_borders_of_each_group() -> None:
    review = propose(rules(), book(), as_of=DAY)
    assert [(one.group, one.tier, one.score, one.equal_ids) for one in review.borders] == [
        ("north", "A", Decimal(9), ()),
        ("north", "B", Decimal(8), ()),
        ("south", "A", Decimal(3), ("c-3", "c-4")),
        ("south", "B", Decimal(3), ()),
    ]
    assert {row.client_id: row.tier for row in review.rows} == {"c-1": "A", "c-2": "B", "c-3": "A", "c-4": "B", "c-5": None}
    assert [row.client_id for row in review.rows if row.is_border] == ["c-1", "c-2", "c-3", "c-4"]
    assert [row.client_id for row in review.rows if row.is_unequal] == ["c-3", "c-4"]


def test_rank_and_border_of_a_justification_are_those_of_the_own_group() -> None:
    policy = rules()
    result = policy.decide(book(), as_of=DAY)
    found = justify(policy, result, client_id="c-2").tier("abc")
    assert found.placement is not None
    assert (found.placement.rank, found.placement.count, found.placement.reached_from) == (2, 2, Decimal(10))
    # In the south 8 would be the best of three, of whom two are in A.
    change = found.lever("client.region").up
    assert change is not None
    assert (change.becomes, change.outcome) == ("south", "A")
    assert found.sufficient == ("orders", "client.region")


def test_who_has_no_group_is_told_what_each_would_make_of_it() -> None:
    policy = rules()
    found = justify(policy, policy.decide(book(), as_of=DAY), client_id="c-5").tier("abc")
    assert (found.state, found.missing) == ("undecided", ("client.region",))
    assert {way.outcome for way in found.ways} == {"A"}


def test_the_share_of_a_tier_is_undecided_without_a_book() -> None:
    policy = rules(more='[[require]]\nshare = "A <= 50%"\n')
    found = finding(policy, "require share")
    assert found.outcome == "undecided"
    assert "each group is cut by itself" in str(found.values["why"])


def test_more_of_the_fact_that_names_the_group_is_undecided() -> None:
    assert finding(rules(), "monotone").outcome == "proved"
    found = finding(rules("size"), "monotone")
    assert found.outcome == "undecided"
    assert found.values["why"] == "size names the group, and each group is cut by itself"


def test_groups_are_kept_up_to_date_event_by_event() -> None:
    live = LiveTiers(rules(), book(), as_of=DAY)
    assert dict(live.tiers("abc")) == dict(rules().decide(book(), as_of=DAY).schemes["abc"].tiers)


def test_a_document_is_told_what_makes_no_group() -> None:
    with pytest.raises(PolicyDocumentError, match=r"unknown fact 'client\.regoin'"):
        rules("client.regoin")


def test_live_tiers_refuse_what_is_no_event() -> None:
    live = LiveTiers(rules(), book(), as_of=DAY)
    client = book().clients[0]
    with pytest.raises(InvalidValueError, match="must be a Touchpoint or a Purchase"):
        live.record(client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_live_tiers_answer_one_way_about_clients_and_schemes_that_there_are_not() -> None:
    live = LiveTiers(rules(), book(), as_of=DAY)
    known = book().clients[0].id
    assert live.tier("abc", known) == live.tiers("abc").get(known)
    asked: list[Callable[[], object]] = [lambda: live.tiers("abd"), lambda: live.tier("abd", known)]
    for ask in asked:
        with pytest.raises(UnknownRecordError, match="unknown scheme 'abd'; hint: did you mean 'abc'"):
            ask()
    stranger = Touchpoint(id="t-1", client_id=f"{known}x", occurred_at=DAY, channel="call")
    asked = [lambda: live.tier("abc", stranger.client_id), lambda: live.record(stranger)]
    for ask in asked:
        with pytest.raises(UnknownRecordError, match=f"unknown client '{known}x'; hint: did you mean '{known}'"):
            ask()


def test_a_client_without_a_tier_has_none_while_one_that_there_is_not_is_an_error() -> None:
    bare = Book(clients=[Client(id="c-bare", name="bare")], zone="UTC")
    live = LiveTiers(rules(), bare, as_of=DAY)
    assert (live.tier("abc", "c-bare"), dict(live.tiers("abc"))) == (None, {})
    with pytest.raises(UnknownRecordError):
        live.tier("abc", "c-9")
