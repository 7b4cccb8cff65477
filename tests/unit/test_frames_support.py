"""What is not decided over columns is named with its place, all of it at once, and can be left out only by asking."""

from datetime import date
from typing import Any, Final

import attrs
import pytest

from relcare.cadence import CadenceRule, Trigger
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.errors import InvalidValueError, PolicyError, UnsupportedPolicyError
from relcare.grades import Grade
from relcare.permission import Cap, ConsentRule, Gap, Hours, HourWindow, PermissionRules, Stop
from relcare.policy import Fact, Measure, criterion
from relcare.presets import preset
from relcare.relationships import Strategy
from relcare.segmentation import Band, QuotaScheme, QuotaTier, ScoreTerm
from relcare.segments import CriterionSegment, ProductSegment
from relcare.vip import MembershipRules, Programme, VipPath

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")
check_support = pytest.importorskip("relcare.frames._support").check_support

DAY: Final = date(2026, 3, 31)
POINTS: Final = Fact(id="points", type="integer", may_be_missing=True)
CLIENTS: Final = pl.DataFrame({"id": ["a"], "points": [1]})


BY_HOURS: Final = PermissionRules(
    law=["kr"],
    zones=["Asia/Seoul", "Asia/Tokyo"],
    caps=[Cap(limit=1, per="24 hours"), Cap(limit=1, per="day")],
    gaps=[Gap(minimum="4 hours"), Gap(minimum="4 days")],
    hours=[Hours(quiet=[HourWindow.parse("21:00-08:00")], night_consent=True)],
    stops=[Stop(after=1, within="1 week"), Stop(after=2, within="1 week")],
    consent=[ConsentRule(mode="opt-in")],
)


def policy(**parts: Any) -> Policy:
    return Policy(id="house", version="1", effective_from=date(2026, 1, 1), **{"facts": [POINTS], **parts})


def refused(house: Policy, only: Any = None) -> list[str]:
    with pytest.raises(UnsupportedPolicyError) as caught:
        frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=only)
    return [problem.path for problem in caught.value.problems]


def quota(**more: Any) -> QuotaScheme:
    return QuotaScheme(tiers=[QuotaTier("A", "20%"), QuotaTier("B", "80%")], **{"id": "abc", "score": "points", **more})


def too_great(name: str) -> QuotaScheme:
    """A scheme whose points may add up to more than a column holds."""
    return quota(id=name, score=[ScoreTerm(fact="points", bands=[Band(0, 10**19)])])


def test_every_part_is_named_at_once_with_its_place() -> None:
    house = policy(
        cadence=[
            CadenceRule(id="call", channel="call", every="1 week", spread="3 days"),
        ],
        permission=BY_HOURS,
        relationships=[Strategy(type="partner", appeal="fellow feeling")],
        segmentation=[too_great("abc")],
        vip=[Programme(id="vip", paths=[VipPath("points", criterion("points > 5"))], membership=MembershipRules())],
    )
    assert sorted(refused(house)) == [
        "cadence[0].spread",
        "permission.caps[0].per",
        "permission.consent[0]",
        "permission.gaps[0].minimum",
        "permission.hours[0].night_consent",
        "permission.law[0]",
        "permission.stops[1].within",
        "permission.zones",
        "segmentation[0].score",
        "vip[0].membership",
    ]


def test_who_qualifies_is_decided_without_the_steps_that_membership_needs() -> None:
    open_to_all = Programme(id="open", paths=[VipPath("points", criterion("points > 0"))], membership=MembershipRules())
    nominated = Programme(
        id="club", paths=[VipPath("named", criterion("vip.club.nominated == True"))], membership=MembershipRules()
    )
    house = policy(vip=[open_to_all])
    assert refused(house) == ["vip[0].membership"]
    rows = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=["vip"]).clients.collect()
    assert rows["programme.open.qualification"].to_list() == ["yes"]
    asking = policy(
        vip=[open_to_all, nominated],
        segments=[
            CriterionSegment(id="members", when=criterion("vip.open.membership == 'member'")),
            ProductSegment(id="enjoying", by=["vip.open.benefits"]),
        ],
        cadence=[CadenceRule(id="call", channel="call", every="1 week", when=criterion("vip.open.membership == 'member'"))],
    )
    assert refused(asking, only=["vip"]) == ["vip[1]"]
    assert refused(asking, only=["segments"]) == ["segment[0]", "segment[1]", "vip[1]"]
    assert refused(asking, only=["cadence"]) == ["cadence[0]", "vip[1]"]
    whole = refused(attrs.evolve(asking, cadence=[]))
    assert whole == ["segment[0]", "segment[1]", "vip[0].membership", "vip[1]", "vip[1].membership"]


@pytest.mark.parametrize("name", ["consulting", "warehouse", "investment", "service-desk", "agent"])
def test_tiers_and_qualifications_of_every_preset_are_decided(name: str) -> None:
    house = preset(name)
    check_support(house, vocabularies_of_policy(house), {"grades", "segmentation", "vip", "segments"})


def test_a_part_that_is_not_asked_for_is_no_obstacle() -> None:
    house = policy(cadence=[CadenceRule(id="call", channel="call", every="1 week", spread="3 days")], segmentation=[quota()])
    assert refused(house) == ["cadence[0].spread"]
    decided = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY, only=["segmentation"])
    assert decided.clients.collect()["scheme.abc.tier"].to_list() == ["B"]


def test_who_asks_what_is_owed_asks_for_all_that_may_oblige_or_defer() -> None:
    call = CadenceRule(id="call", channel="call", every="1 week")
    fault = Trigger(id="fault", event=criterion("purpose == 'fault'"), channel="call", within="2 days")
    house = policy(cadence=[call], triggers=[fault], permission=PermissionRules(law=["kr"]))
    assert refused(house, only=["cadence"]) == ["permission.law[0]"]
    assert refused(attrs.evolve(house, cadence=()), only=["cadence"]) == ["permission.law[0]"]
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
    assert refused(attrs.evolve(house, segmentation=[too_great("abc")]), only=["vip"]) == ["segmentation[0].score"]


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"facts": [Fact(id="spread", type="integer", reads="client.client_since_on")]}, "facts.spread"),
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
    ],
    ids=["a field of another type", "a value too great"],
)
def test_a_part_of_a_part_is_named(parts: dict[str, Any], path: str) -> None:
    assert refused(policy(**parts)) == [path]


def test_names_that_differ_in_case_alone_are_one_to_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb")
    house = policy(facts=[POINTS, Fact(id="Points", type="integer", reads="client.points")])
    clients = duckdb.connect().from_arrow(CLIENTS.to_arrow())
    with pytest.raises(UnsupportedPolicyError, match="does not tell upper from lower case"):
        frames.decide(house, frames.Frames(clients=clients), as_of=DAY)
    rows = frames.decide(house, frames.Frames(clients=CLIENTS), as_of=DAY).clients.collect()
    assert (rows["points"].to_list(), rows["Points"].to_list()) == ([1], [1])


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ({"facts": [POINTS, Fact(id="Points", type="integer", reads="client.points")]}, ("points", "Points")),
        (
            {
                "grades": [
                    Grade(id="age", fact="points", parts=2, better="more"),
                    Grade(id="Age", fact="points", parts=3, better="more"),
                ]
            },
            ("grade.age", "grade.Age"),
        ),
        ({"segmentation": [quota(), quota(id="ABC")]}, ("tier.abc", "tier.ABC")),
        (
            {"vip": [Programme(id=name, paths=[VipPath("one", criterion("points > 5"))]) for name in ("club", "Club")]},
            ("vip.club", "vip.Club"),
        ),
        (
            {"segments": [CriterionSegment(id=name, when=criterion("points > 5")) for name in ("large", "LARGE")]},
            ("segment.large", "segment.LARGE"),
        ),
    ],
    ids=["facts", "grades", "schemes", "programmes", "segments"],
)
def test_both_names_that_are_one_to_duckdb_are_told_with_the_way_out(parts: dict[str, Any], names: tuple[str, str]) -> None:
    duckdb = pytest.importorskip("duckdb")
    clients = duckdb.connect(config={"threads": 1}).sql("SELECT 'a' AS id, 1 AS points")
    with pytest.raises(UnsupportedPolicyError) as caught:
        frames.decide(policy(**parts), frames.Frames(clients=clients), as_of=DAY)
    told = {problem.path: problem for problem in caught.value.problems}
    assert told[names[1]].message == f"is {names[0]!r} to DuckDB, which does not tell upper from lower case"
    assert {problem.hint for problem in told.values()} == {"rename one, or use polars"}


def test_tiers_paths_and_rules_whose_names_differ_in_case_alone_are_told_apart_by_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect(config={"threads": 1})
    house = policy(
        segmentation=[QuotaScheme(id="abc", score="points", tiers=[QuotaTier("a", "50%"), QuotaTier("A", "50%")])],
        vip=[Programme(id="club", paths=[VipPath("p", criterion("points > 5")), VipPath("P", criterion("points > 0"))])],
        cadence=[
            CadenceRule(id=name, channel=channel, every="1 week") for name, channel in (("call", "call"), ("Call", "visit"))
        ],
    )
    clients = connection.sql("SELECT * FROM (VALUES ('x', 2), ('y', 1)) v(id, points)")
    touches = connection.sql(
        "SELECT NULL::TEXT AS client_id, NULL::DATE AS occurred_at, NULL::TEXT AS channel, NULL::TEXT AS outcome LIMIT 0"
    )
    decided = frames.decide(house, frames.Frames(clients=clients, touchpoints=touches), as_of=DAY)
    shown = 'client_id, "scheme.abc.tier", "programme.club.path"'
    assert sorted(decided.clients.select(shown).fetchall()) == [("x", "a", "P"), ("y", "A", "P")]
    assert set(decided.obligations.select("rule_id").fetchall()) == {("call",), ("Call",)}


def test_an_unknown_part_and_a_day_out_of_force_are_errors() -> None:
    with pytest.raises(InvalidValueError, match="only is 'neglect'"):
        frames.decide(policy(), frames.Frames(clients=CLIENTS), as_of=DAY, only=["neglect"])
    with pytest.raises(PolicyError, match="outside the effective dates"):
        frames.decide(policy(), frames.Frames(clients=CLIENTS), as_of=date(2025, 12, 31))
