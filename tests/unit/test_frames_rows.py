"""Collected rows in words: of either engine, of other tools, with and without what they do not hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest

import relcare
from relcare.codec import loads_policy
from relcare.errors import InvalidValueError, UnknownRecordError
from relcare.model import Pin
from relcare.wording import CATALOGUES, Catalogue, explain

pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")

DAY: Final = date(2026, 3, 31)
HOUSE: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2026-01-01
[facts.points]
type = "number"
grain = "0.5"
max = "100"
may_be_missing = true
[facts.tags]
type = "set"
may_be_missing = true
[facts.size]
type = "level"
values = ["small", "large"]
may_be_missing = true
[facts.founded]
type = "date"
may_be_missing = true
[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
tiers = [{ id = "A", share = "25%" }, { id = "B", share = "75%" }]
[[segmentation]]
id = "kind"
kind = "threshold"
tiers = [{ id = "old", when = "founded < '2000-01-01' and size == 'large'" }, { id = "export", when = "'export' in tags" }]
otherwise = "rest"
[[vip]]
id = "club"
paths = [{ id = "strong", when = "points >= 5" }]
[[segment]]
id = "warm"
when = "vip.club == 'yes'"
[[cadence]]
id = "call-A"
channel = "call"
every = "1 week"
when = "tier.abc == 'A'"
[[cadence]]
id = "call-all"
channel = "call"
every = "2 weeks"
[[cadence]]
id = "ask"
channel = "visit"
every = "1 month"
when = "size == 'large'"
"""
CLIENTS: Final = {
    "id": ["a", "b", "c", "d", "e"],
    "points": [6, 3, 3, 200, None],
    "tags": ["export|fair", "", "fair", None, "export"],
    "size": ["large", "small", "large", None, "small"],
    "founded": [date(1990, 1, 1), date(1990, 1, 1), None, date(2010, 5, 5), date(1999, 12, 31)],
    "owner_id": ["kim", "kim", None, "lee", "lee"],
}
TOUCHPOINTS: Final = {
    "client_id": ["a", "c"],
    "occurred_at": [date(2026, 3, 20), date(2026, 3, 30)],
    "channel": ["call", "call"],
    "outcome": ["reached", "reached"],
}
POLICY: Final = loads_policy(HOUSE)


def decided(**more: Any) -> Any:
    tables = frames.Frames(clients=pl.DataFrame(CLIENTS), touchpoints=pl.DataFrame(TOUCHPOINTS), **more)
    return frames.decide(POLICY, tables, as_of=DAY)


def rows_by_client(found: Any) -> dict[str, dict[str, Any]]:
    return {row["client_id"]: row for row in found.clients.collect().to_dicts()}


@pytest.fixture(scope="module")
def rows() -> Mapping[str, dict[str, Any]]:
    return rows_by_client(decided())


WORDS: Final = {
    "a": (
        "a is in tier A of scheme abc: in scheme abc with score 6.0 (points is 6.0), the border of tier A being at score 6.0",
        (
            "a is in tier old of scheme kind: tier old of scheme kind because founded < '2000-01-01' and size == 'large' holds "
            "(founded is 1990-01-01, size is large, tags is export + fair), the highest tier whose criterion does"
        ),
        "a qualifies for programme club since 2026-03-20: path strong of programme club holds, points >= 5 (points is 6.0)",
        "a is in segment warm: vip.club == 'yes' holds, which makes segment warm (vip.club is yes)",
    ),
    "d": (
        (
            "d is held without a tier in scheme abc: too little is known for scheme abc, and there is no tier to keep "
            "(points is missing); points is out of bounds and counts as missing"
        ),
    ),
}


@pytest.mark.parametrize("client_id", list(WORDS))
def test_a_row_of_a_client_in_words(rows: Mapping[str, Any], client_id: str) -> None:
    told = frames.explain_row(POLICY, rows[client_id], as_of=DAY)
    assert told[: len(WORDS[client_id])] == WORDS[client_id]
    assert len(told) == 4


def test_the_cuts_tell_how_many_are_ranked_and_who_shares_a_score() -> None:
    found = decided()
    rows = rows_by_client(found)
    reader = frames.RowReader(POLICY, as_of=DAY, rankings=found.rankings)
    ranked = reader.client(rows["a"]).assignments[0].reasons[0]
    assert (ranked.values["count"], ranked.values["rank"]) == (3, None)
    assert ranked.values["border_id"] is None, "nobody shares the score"


def test_a_tie_is_told_where_the_cuts_are_known() -> None:
    clients = pl.DataFrame({**CLIENTS, "points": [3, 3, 3, 1, 1]})
    found = frames.decide(POLICY, frames.Frames(clients=clients), as_of=DAY, only=["segmentation"])
    row = rows_by_client(found)["b"]
    tied = frames.RowReader(POLICY, as_of=DAY, rankings=found.rankings).client(row).assignments[0]
    assert explain(tied.reasons[-1]) == ("3 clients share the score at the cut below tier A of scheme abc, and the ids part them")
    plain = frames.RowReader(POLICY, as_of=DAY).client(row).assignments[0]
    assert [reason.code for reason in plain.reasons] == ["segmentation.ranked"]


def test_a_pin_is_told_in_full_where_it_is_given_and_without_its_words_where_not() -> None:
    pin = Pin(client_id="b", scheme_id="kind", tier="old", kind="exact", by="kim", reason="a promise", start_on=DAY)
    pins = pl.DataFrame(
        {"client_id": ["b"], "scheme_id": ["kind"], "tier": ["old"], "kind": ["exact"], "start_on": [DAY], "end_on": [None]},
        schema_overrides={"end_on": pl.Date},
    )
    row = rows_by_client(decided(pins=pins))["b"]
    reader = frames.RowReader(POLICY, as_of=DAY)
    bare, full = reader.client(row).assignments[1], reader.client(row, pins=[pin]).assignments[1]
    assert explain(bare) == "b is in tier old of scheme kind: pin of scheme kind"
    assert explain(full).startswith(
        "b is in tier old of scheme kind: exact pin at tier old of scheme kind by kim: a promise; no "
    )
    assert (bare.pin, full.pin) == (None, pin)
    other_day = frames.RowReader(POLICY, as_of=date(2026, 3, 30))
    assert other_day.client(row, pins=[pin]).assignments[1] == bare, "it does not hold on that day"


def test_the_tier_of_a_scheme_that_does_not_class_a_client_is_not_missing_to_a_segment() -> None:
    scope = 'score = "points"\nscope = "size == \'large\'"'
    scoped = HOUSE.replace('score = "points"', scope).replace("vip.club == 'yes'", "tier.abc == 'A'")
    policy = loads_policy(scoped)
    parts = ["segmentation", "segments"]
    found = frames.decide(policy, frames.Frames(clients=pl.DataFrame(CLIENTS)), as_of=DAY, only=parts)
    member = frames.RowReader(policy, as_of=DAY).client(rows_by_client(found)["b"]).segments[0]
    assert (member.answer, member.missing, member.reasons[0].code) == ("no", (), "segment.inapplicable")


def test_every_language_with_a_catalogue_works(rows: Mapping[str, Any]) -> None:
    own = CATALOGUES["en"].extended({"segmentation.ranked": "[Platz {rank}; ]{score} Punkte"}, language="de")
    assert isinstance(own, Catalogue)
    assert frames.explain_row(POLICY, rows["a"], as_of=DAY, language=own)[0].endswith(": 6.0 Punkte (points is 6.0)")


# ------------------------------------------------------------------------------------------------------------- other tools


def test_rows_of_duckdb_and_of_pandas_say_the_same(rows: Mapping[str, Any]) -> None:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect(config={"threads": 1})
    connection.from_arrow(pl.DataFrame(CLIENTS).to_arrow()).create("clients")
    parts = ["segmentation"]
    found = frames.decide(POLICY, frames.Frames(clients=connection.table("clients"), is_checked=True), as_of=DAY, only=parts)
    same = frames.decide(POLICY, frames.Frames(clients=pl.DataFrame(CLIENTS)), as_of=DAY, only=parts)
    wanted = {one: frames.explain_row(POLICY, row, as_of=DAY) for one, row in rows_by_client(same).items()}
    relation = found.clients
    named = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    tables = [named, relation.df().to_dict("records")] if pytest.importorskip("pandas") else [named]
    for table in tables:
        assert {str(row["client_id"]): frames.explain_row(POLICY, row, as_of=DAY) for row in table} == wanted


# ------------------------------------------------------------------------------------------------------------------ contacts


def test_what_is_owed_in_words(rows: Mapping[str, Any]) -> None:
    found = decided()
    owed = {(row["client_id"], row["rule_id"]): row for row in found.obligations.collect().to_dicts()}
    told = frames.explain_row(POLICY, owed["a", "call-A"], as_of=DAY, client=rows["a"])
    assert told == (
        (
            "call owed to a by 2026-03-27, overdue by 4 days: "
            "rule call-A asks for contact by call every 1 week while tier.abc == 'A' (tier.abc is A); "
            "last contact on 2026-03-20, and the next is due 1 week later; rule call-all asks for contact by call; "
            "rule call-A governs, and the same contact serves call-all"
        ),
    )
    never = frames.explain_row(POLICY, owed["b", "call-all"], as_of=DAY)
    assert never[0].endswith("every 2 weeks; no contact that counts so far")


def test_an_undecided_rule_in_words(rows: Mapping[str, Any]) -> None:
    (row,) = [one for one in decided().undecided.collect().to_dicts() if one["rule_id"] == "ask"]
    assert frames.explain_row(POLICY, row, as_of=DAY, client=rows["d"]) == (
        (
            "undecided whether anything is owed to d under rule ask: "
            "rule ask asks only while size == 'large', which is unknown (size is missing)"
        ),
    )


# -------------------------------------------------------------------------------------------------------------------- refused


def without(row: Mapping[str, Any], column: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != column}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"scheme.kind.tier": "rest"}, "row.scheme.kind.tier"),
        ({"scheme.kind.code": "segmentation.otherwise"}, "row.scheme.kind.tier"),
        ({"scheme.abc.score": 3}, "row.scheme.abc.score"),
        ({"programme.club.qualification": "no"}, "row.programme.club.qualification"),
        ({"segment.warm.answer": "unknown"}, "row.segment.warm.answer"),
        ({"points": "many"}, "row.points"),
        ({"points": 1.25}, "row.points"),
        ({"founded": "1990-01-01"}, "row.founded"),
    ],
)
def test_a_row_that_the_policy_does_not_decide_so_is_refused(rows: Mapping[str, Any], changes: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        frames.explain_row(POLICY, {**rows["a"], **changes}, as_of=DAY)
    assert caught.value.name == name


def test_a_column_that_a_decision_rests_on_must_be_there(rows: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"'tags' is a column|tags") as caught:
        frames.explain_row(POLICY, without(rows["a"], "tags"), as_of=DAY)
    assert caught.value.name == "row"
    only_vip = {
        name: value for name, value in rows["a"].items() if not name.startswith(("scheme.", "segment.")) and name != "tags"
    }
    assert len(frames.explain_row(POLICY, only_vip, as_of=DAY)) == 1, "what is not asked for need not be there"


def test_a_rule_that_the_policy_has_not_is_refused(rows: Mapping[str, Any]) -> None:
    (row,) = [one for one in decided().obligations.collect().to_dicts() if one["rule_id"] == "call-A"]
    with pytest.raises(UnknownRecordError, match="did you mean 'call-A'"):
        frames.explain_row(POLICY, {**row, "rule_id": "call-B"}, as_of=DAY)
    with pytest.raises(InvalidValueError, match=r"tier\.abc"):
        frames.explain_row(POLICY, row, as_of=DAY, client=without(rows["a"], "tier.abc"))
    with pytest.raises(InvalidValueError, match="must be there"):
        frames.explain_row(POLICY, {**row, "due_on": None}, as_of=DAY)


def test_books_turn_into_columns_and_back_by_names_at_the_top_which_nobody_loads_unasked() -> None:
    assert (relcare.frames_of, relcare.book_from_frames) == (frames.frames_of, frames.book_from_frames)
    assert {"frames_of", "book_from_frames"} <= set(dir(relcare))
    assert not {"frames_of", "book_from_frames"} & set(relcare.__all__), "they need an extra, and import * must need none"
