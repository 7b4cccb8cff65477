"""Where in a policy that stands which a database has no words for: told with its place, all of it at once, and never run."""

import pickle
import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest

from relcare.codec import loads_policy
from relcare.errors import Problem, UnsupportedPolicyError

pytest.importorskip("duckdb")
sqlglot = pytest.importorskip("sqlglot")
frames = pytest.importorskip("relcare.frames")
exp = pytest.importorskip("sqlglot.expressions")
rewrite = pytest.importorskip("relcare.frames._sql_rewrite")
spoilt_by = pytest.importorskip("relcare.frames._sql_unsaid").spoilt_by
Places = pytest.importorskip("relcare.frames._sql_places").Places

ON: Final = date(2026, 3, 31)
HEAD: Final = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
currency = "CNY"
[facts.points]
type = "integer"
"""
ORDERS: Final = """
[facts.orders]
type = "integer"
measure = { count = "purchases", where = "category == 'unsayable'" }
"""
REVENUE: Final = """
[facts.revenue]
type = "money"
measure = { sum = "purchases.amount", where = "category == 'unsayable'" }
"""
BEST_MONTH: Final = """
[facts.best_month]
type = "integer"
measure = { count = "purchases", per = "calendar month", window = "12 calendar months", where = "category == 'unsayable'" }
"""
GRADE: Final = """
[[grade]]
id = "loyal"
fact = "points"
parts = 2
better = "more"
scope = "client.region != 'unsayable'"
"""
QUOTA: Final = """
[[segmentation]]
id = "abc"
kind = "quota"
score = "points"
scope = "client.region == 'unsayable'"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
"""
THRESHOLD: Final = """
[[segmentation]]
id = "plain"
kind = "threshold"
otherwise = "none"
tiers = [{ id = "some", when = "points > 1" }]
[[segmentation]]
id = "best"
kind = "threshold"
otherwise = "none"
tiers = [{ id = "some", when = "client.region == 'unsayable'" }]
"""
SEGMENT: Final = """
[[segment]]
id = "southern"
when = "client.region == 'unsayable'"
"""
CALLS: Final = """
[[cadence]]
id = "visits"
channel = "visit"
every = "1 month"
[[cadence]]
id = "calls"
channel = "call"
every = "1 month"
"""
TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "clients": {"id": "text", "points": "integer", "region": "text"},
    "purchases": {
        "id": "text",
        "client_id": "text",
        "purchased_on": "date",
        "amount": "decimal(9, 2)",
        "category": "text",
        "returns_purchase_id": "text",
    },
    "touchpoints": {"id": "text", "client_id": "text", "occurred_at": "date", "channel": "text", "outcome": "text"},
}


@pytest.fixture(autouse=True)
def unsayable(monkeypatch: pytest.MonkeyPatch) -> None:
    """One word that no dialect can say."""
    is_known = rewrite._is_known
    monkeypatch.setattr(
        rewrite, "_is_known", lambda node: is_known(node) and not (isinstance(node, exp.Literal) and node.this == "unsayable")
    )


def refused(policy: str, **more: Any) -> tuple[Problem, ...]:
    """What is said of a policy in a SQLite database with one client, which is never told what it cannot be."""
    asked: list[str] = []
    connection = sqlite3.connect(":memory:")
    for name, columns in TYPES.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    connection.execute("INSERT INTO clients VALUES ('a', 1, 'north')")

    def run(question: str) -> list[Any]:
        asked.append(question)
        return connection.execute(question).fetchall()

    try:
        tables = frames.SqlTables(dialect="sqlite", columns=TYPES, run=run, **more)
        with pytest.raises(UnsupportedPolicyError) as caught:
            frames.decide_sql(loads_policy(policy), tables, as_of=ON)
    finally:
        connection.close()
    assert asked
    assert not any("unsayable" in question for question in asked)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    return tuple(caught.value.problems)


class TestPlaces:
    @pytest.mark.parametrize(
        ("parts", "path", "called"),
        [
            (REVENUE, "facts.revenue", ""),
            (BEST_MONTH, "facts.best_month", ""),
            (ORDERS + QUOTA.replace("points", "orders").replace("unsayable", "north"), "facts.orders", ""),
            (GRADE, "grade[0]", "'loyal' "),
            (THRESHOLD, "segmentation[1]", "'best' "),
            (f"{CALLS}when = \"client.region == 'unsayable'\"", "cadence[1]", "'calls' "),
            (f"{CALLS}counts = \"outcome == 'unsayable'\"", "cadence[1]", "'calls' "),
        ],
        ids=["money", "period", "what rests on it", "grade", "threshold", "criterion", "contact"],
    )
    def test_a_part_is_named_with_its_place_and_the_text(self, parts: str, path: str, called: str) -> None:
        (problem,) = refused(HEAD + parts)
        assert problem.path == path
        assert problem.message == f"{called}needs what is not known to mean the same in sqlite: 'unsayable'"
        assert problem.hint == "leave it out, or decide it with relcare.frames.decide"

    def test_all_parts_are_named_at_once(self) -> None:
        problems = refused(HEAD + ORDERS + QUOTA + SEGMENT, temporary=True)
        assert [problem.path for problem in problems] == ["facts.orders", "segment[0]", "segmentation[0]"]

    def test_what_goes_into_no_part_alone_is_told_with_the_step_that_asked(self) -> None:
        places = Places(loads_policy(HEAD + QUOTA + CALLS))

        def paths(step: str) -> list[str]:
            return [problem.path for problem in places.refusals({}, (step, "median(x)"), "sqlite")]

        assert paths("scheme abc") == ["segmentation[0]"]
        assert [paths(step) for step in ("tables", "facts", "qualifications", "contacts")] == [
            [""],
            ["facts"],
            ["vip"],
            ["cadence"],
        ]

    def test_names_of_what_is_in_no_policy_have_no_place(self) -> None:
        places = Places(loads_policy(HEAD + QUOTA))
        assert [places.of_name(name) for name in ("tier.abc", "scheme.abc.code", "points")] == ["segmentation[0]"] * 2 + [
            "facts.points"
        ]
        assert [places.of_name(name) for name in ("client.region", "notes", "scheme.other.code")] == [None] * 3
        assert [places.of_column(name) for name in ("x 0 tier", "x 1 tier", "l 0", "v 31", "f 706f696e7473")] == [
            *("segmentation[0]", None, None, None),
            "facts.points",
        ]

    def test_a_name_that_postgres_would_cut_is_told_with_the_place_of_its_part(self) -> None:
        def nothing(question: str) -> list[tuple[int, ...]]:
            columns = sqlglot.parse_one(question, read="postgres").expressions
            return [] if "bin" in question else [(0,) * len(columns)]

        policy = loads_policy(
            HEAD + f'[[segmentation]]\nid = "{"a" * 60}"\nkind = "threshold"\ntiers = [{{ id = "B", when = "points > 1" }}]'
        )
        tables = frames.SqlTables(dialect="postgres", columns=TYPES, run=nothing)
        with pytest.raises(UnsupportedPolicyError) as caught:
            frames.decide_sql(policy, tables, as_of=ON)
        assert {problem.path for problem in caught.value.problems} == {"segmentation[0]"}

    def test_what_is_too_heavy_is_told_with_the_step_that_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("relcare.frames._sql_text.HEAVY", 12)
        (problem,) = refused(HEAD + QUOTA.replace("unsayable", "north"))
        assert (problem.path, problem.hint) == ("segmentation[0]", "set temporary=True, or use `only`")


class TestTrail:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("SELECT a, 'unsayable' AS b FROM t", {"b": "'unsayable'"}),
            ("SELECT lhs.*, rhs.y AS z FROM s AS lhs JOIN t AS rhs ON lhs.a = rhs.a", {"x": "why"}),
            ("SELECT *, x + 1 AS z FROM s", {"x": "why", "z": "why"}),
            ("SELECT x FROM t", {}),
            ("SELECT a FROM s WHERE x > 1", {"*": "why"}),
            ("SELECT a, named FROM rows", {"a": "why"}),
            ("SELECT * FROM rows", {"*": "why"}),
            ("SELECT a FROM t UNION ALL SELECT x AS a FROM s", {"a": "why"}),
            ("SELECT a FROM t GROUP BY a, 'unsayable'", {"*": "'unsayable'"}),
        ],
    )
    def test_columns_that_rest_on_it_are_followed(self, query: str, found: Mapping[str, str]) -> None:
        root = sqlglot.parse_one(query, read="duckdb")
        unsaid = [node for node in root.find_all(exp.Literal) if node.this == "unsayable"]
        tables = {"s": {"x": "why"}, "rows": {"*": "why"}, "t": {}}
        assert spoilt_by(root, unsaid, tables, "named".__eq__) == found
