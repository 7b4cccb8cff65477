"""What is not decided over columns is named with its place, all of it at once, and can be left out only by asking."""

from datetime import date
from typing import Any, Final

import attrs
import pytest

from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import Policy
from relcare.errors import InvalidValueError, PolicyError, UnsupportedPolicyError
from relcare.grades import Grade
from relcare.permission import PermissionRules
from relcare.policy import Derivation, Fact, Measure, criterion
from relcare.relationships import Strategy
from relcare.segmentation import QuotaScheme, QuotaTier, Steadiness, ThresholdScheme, ThresholdTier
from relcare.vip import MembershipRules, Programme, TopList, VipPath

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
POINTS: Final = Fact(id="points", type="integer", may_be_missing=True)
CLIENTS: Final = pl.DataFrame({"id": ["a"], "points": [1]})


def policy(**parts: Any) -> Policy:
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), **{"facts": [POINTS], **parts})


def refused(house: Policy, only: Any = None) -> list[str]:
    with pytest.raises(UnsupportedPolicyError) as caught:
        frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=only)
    return [problem.path for problem in caught.value.problems]


def quota(**more: Any) -> QuotaScheme:
    return QuotaScheme(tiers=[QuotaTier("A", "20%"), QuotaTier("B", "80%")], **{"id": "abc", "score": "points", **more})


def test_every_part_is_named_at_once_with_its_place() -> None:
    house = policy(
        cadence=[
            CadenceRule(id="call", channel="call", every="1 week", spread="3 days"),
            CadenceRule(id="card", channel="card", every="1 month", in_lieu_limit=2),
        ],
        triggers=[Trigger(id="fault", event=criterion("purpose == 'fault'"), channel="call", within="2 days")],
        permission=PermissionRules(service=("fault",)),
        relationships=[Strategy(type="partner", appeal="fellow feeling")],
        segmentation=[quota(steady=Steadiness(hysteresis="5%"))],
        vip=[
            Programme(
                id="vip",
                paths=[VipPath("points", criterion("points > 5"))],
                membership=MembershipRules(),
                top=[TopList(id="best", most=3, by="points", review="monthly")],
            )
        ],
    )
    assert sorted(refused(house)) == [
        "cadence[0].spread",
        "cadence[1].in_lieu_limit",
        "permission",
        "segmentation[0].steady.hysteresis",
        "triggers[0]",
        "vip[0].membership",
        "vip[0].top[0].review",
    ]


def test_who_asks_for_a_grade_is_refused_even_where_grades_are_not_asked_for() -> None:
    house = policy(
        grades=[Grade(id="rank", fact="points", parts=5, better="more")],
        segmentation=[quota(score="grade.rank"), quota(id="own")],
        vip=[
            Programme(id="by_path", paths=[VipPath("rank", criterion("grade.rank == 5"))]),
            Programme(
                id="by_list",
                paths=[VipPath("best", criterion("vip.by_list.top.best == True"))],
                top=[TopList(id="best", most=3, by="points", among=criterion("grade.rank >= 2"))],
            ),
        ],
    )
    assert refused(house, only=["segmentation", "vip"]) == ["segmentation[0]", "vip[0]", "vip[1]"]
    assert refused(house) == ["grades[0]", "segmentation[0]", "vip[0]", "vip[1]"]


def test_a_part_that_is_not_asked_for_is_no_obstacle() -> None:
    house = policy(cadence=[CadenceRule(id="call", channel="call", every="1 week", spread="3 days")], segmentation=[quota()])
    assert refused(house) == ["cadence[0].spread"]
    decided = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=["segmentation"])
    assert decided.clients.collect()["scheme.abc.tier"].to_list() == ["B"]


def test_who_asks_what_is_owed_asks_for_all_that_may_oblige_or_defer() -> None:
    call = CadenceRule(id="call", channel="call", every="1 week")
    fault = Trigger(id="fault", event=criterion("purpose == 'fault'"), channel="call", within="2 days")
    house = policy(cadence=[call], triggers=[fault], permission=PermissionRules(service=("fault",)))
    assert refused(house, only=["cadence"]) == ["permission", "triggers[0]"]
    decided = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=["segmentation"])
    assert decided.obligations is None
    with pytest.raises(InvalidValueError, match="was not decided"):
        decided.count("obligations")


def test_what_a_part_rests_on_is_decided_with_it() -> None:
    vip = Programme(id="vip", paths=[VipPath("best", criterion("tier.abc == 'A'"))])
    house = policy(segmentation=[quota()], vip=[vip])
    rows = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=["vip"]).clients.collect()
    assert rows["programme.vip.qualification"].to_list() == ["no"]
    call = CadenceRule(id="call", channel="call", every="1 week", when=criterion("vip.vip == 'no'"))
    owing = attrs.evolve(house, cadence=[call])
    touches = pl.DataFrame(schema={"client_id": pl.String, "occurred_at": pl.Date, "channel": pl.String, "outcome": pl.String})
    decided = frames.decide(owing, frames.Frames(clients=CLIENTS, touchpoints=touches), as_of=DAY, only=["cadence"])
    assert decided.obligations.collect()["state"].to_list() == ["overdue"]
    assert refused(attrs.evolve(house, segmentation=[quota(steady=Steadiness(hysteresis="5%"))]), only=["vip"])


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"facts": [Fact(id="roles", type="set", reads="people.role")]}, "facts.roles"),
        ({"facts": [Fact(id="spread", type="integer", reads="client.region")]}, "facts.spread"),
        (
            {
                "facts": [
                    Fact(
                        id="largest",
                        type="money",
                        measure=Measure(function="max", over="purchases", field="amount", when_empty=10**20),
                    )
                ]
            },
            "facts.largest",
        ),
        (
            {
                "segmentation": [
                    ThresholdScheme(id="s", tiers=[ThresholdTier("x", criterion("points > 1"), criterion("points > 0"))])
                ]
            },
            "segmentation[0].tiers[0].stays",
        ),
    ],
    ids=["roles of people", "a field of another type", "a value too great", "a criterion of staying"],
)
def test_a_part_of_a_part_is_named(parts: dict[str, Any], path: str) -> None:
    assert refused(policy(**parts)) == [path]


def test_a_fact_that_ages_through_another_is_not_dated() -> None:
    silence = Fact(id="silence", type="integer", measure=Measure(function="days_since", over="touchpoints"))
    gap = Fact(id="gap", type="integer", derivation=Derivation(function="difference", first="silence", second="points"))
    vip = Programme(id="vip", paths=[VipPath("gap", criterion("gap > 5"))])
    assert refused(policy(facts=[POINTS, silence, gap], vip=[vip])) == ["vip[0].paths"]


def test_names_that_differ_in_case_alone_are_one_to_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb")
    house = policy(facts=[POINTS, Fact(id="Points", type="integer", reads="client.points")])
    clients = duckdb.connect().from_arrow(CLIENTS.to_arrow())
    with pytest.raises(UnsupportedPolicyError, match="does not tell upper from lower case"):
        frames.decide(house, frames.Frames(clients=clients), as_of=DAY)
    rows = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY).clients.collect()
    assert (rows["points"].to_list(), rows["Points"].to_list()) == ([1], [1])


def test_an_unknown_part_and_a_day_out_of_force_are_errors() -> None:
    with pytest.raises(InvalidValueError, match="only is 'neglect'"):
        frames.decide(policy(), frames.Frames(clients=CLIENTS), as_of=DAY, only=["neglect"])
    with pytest.raises(PolicyError, match="outside the effective dates"):
        frames.decide(policy(), frames.Frames(clients=CLIENTS), as_of=date(2025, 12, 31))
