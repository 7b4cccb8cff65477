import pickle
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from relcare.cadence import CadenceRule
from relcare.decisions import BookResult, Policy, portfolio
from relcare.grades import Grade
from relcare.model import Book, Client, from_columns
from relcare.policy import Fact, criterion
from relcare.relationships import Indicator, Strategy
from relcare.segmentation import QuotaScheme, QuotaTier

DAY = date(2026, 3, 31)
POLICY = Policy(
    id="house",
    version="1",
    effective_from=date(2026, 1, 1),
    facts=[Fact(id="fit", type="integer", min=0, max=9, polarity="more"), Fact(id="city", type="category")],
    grades=[Grade(id="quintile", fact="fit", parts=5)],
    segmentation=[QuotaScheme(id="abc", tiers=[QuotaTier("A", "20%"), QuotaTier("B", "80%")], score="fit", group_by="city")],
    relationships=[Strategy(type="partner", appeal="gain", indicators=[Indicator(id="fits", healthy=criterion("fit >= 1"))])],
    cadence=[CadenceRule(id="call", channel="call", every="1 month", when=criterion("tier.abc == 'A'"))],
)
BOOK = Book(
    clients=from_columns(
        Client,
        {
            "id": [f"c-{n}" for n in range(6)],
            "name": ["Ahn"] * 6,
            "relationship_types": [["partner"]] * 6,
            "client_since_on": [date(2026, 1, 5)] * 6,
            "attributes.fit": [3, 9, 4, 1, 5, 99],
            "attributes.city": ["Seoul"] * 6,
        },
    )
)


@pytest.fixture
def result() -> BookResult:
    return POLICY.decide(BOOK, as_of=DAY)


@pytest.mark.parametrize(
    "read",
    [
        lambda one: one.schemes,
        lambda one: one.grades,
        lambda one: one.notes,
        lambda one: one.segments,
        lambda one: one.facts("c-1"),
        lambda one: one.schemes["abc"].tiers,
        lambda one: one.schemes["abc"].wanted,
        lambda one: one.schemes["abc"].groups,
        lambda one: one.schemes["abc"].rankings,
        lambda one: one.schemes["abc"].borders,
        lambda one: one.schemes["abc"].sizes,
        lambda one: one.schemes["abc"].sizes_by_group,
        lambda one: one.schemes["abc"].rankings["Seoul"].scores,
        lambda one: one.grades["quintile"].grades,
        lambda one: portfolio(POLICY, one).types[0].counts,
        lambda one: portfolio(POLICY, one).clients[0].indicators[0].facts,
        lambda _: POLICY.decide_facts({"fit": 3}, as_of=DAY).facts,
        lambda _: POLICY.decide_facts({"fit": 3}, as_of=DAY).tiers,
        lambda _: POLICY.decide_client(BOOK.clients[0], touchpoints=(), purchases=(), as_of=DAY).tiers,
    ],
    ids=[
        *("schemes", "grades", "notes", "segments", "facts", "tiers", "wanted", "groups", "rankings", "borders", "sizes"),
        *("sizes by group", "scores", "places", "counts", "indicators", "facts alone", "tiers of facts", "one client"),
    ],
)
def test_no_mapping_of_a_result_can_be_changed(result: BookResult, read: Callable[[BookResult], Mapping[Any, Any]]) -> None:
    found: Any = read(result)
    with pytest.raises(TypeError):
        found["x"] = "A"
    assert not hasattr(found, "update")


def test_a_result_that_was_pickled_says_the_same(result: BookResult) -> None:
    again: BookResult = pickle.loads(pickle.dumps(result))
    assert again.schemes["abc"].tiers == result.schemes["abc"].tiers
    assert again.schemes["abc"].assignments == result.schemes["abc"].assignments
    assert again.obligations == result.obligations
    assert again.notes == result.notes
    assert again.notes
    assert [one.rule_id for one in again.obligations] == ["call"]


def test_a_tier_that_is_not_in_force_is_said_to_be_provisional(result: BookResult) -> None:
    (owed,) = result.obligations
    assert "tier.provisional" in [reason.code for reason in owed.reasons]
