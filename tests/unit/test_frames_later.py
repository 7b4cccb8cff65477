"""What follows what is owed, over columns: the days that a plan of objects foresees."""

from collections import Counter
from datetime import date
from typing import Any

import attrs
import pytest

import relcare as rc
from relcare.cadence import DueContext, later_steps
from relcare.calendars import RollTable
from relcare.decisions import Policy, ReadyPolicy
from relcare.demo import demo_book
from relcare.errors import InvalidValueError
from relcare.model import Book
from relcare.policy import Every

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")

from relcare.frames import Frames, decide, expand, frames_of  # noqa: E402

AS_OF, UNTIL = date(2026, 3, 31), date(2026, 12, 31)
POLICY = rc.loads_policy("""
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
calendar = "CN"
[[cadence]]
id = "call"
channel = "call"
every = "1 week"
grace = "2 days"
[[cadence]]
id = "visit"
channel = "visit"
every = "2 months"
lead = "1 week"
roll = "preceding"
[[cadence]]
id = "news"
mode = "grid"
channel = "news"
every = "1 month"
anchor = "2026-01-10"
""")


def by_objects(policy: Policy, book: Book) -> Counter[tuple[Any, ...]]:
    result, own = policy.decide(book, as_of=AS_OF), ReadyPolicy(policy).own_calendar
    context = DueContext(
        as_of=AS_OF.toordinal(), in_force_from=policy.effective_from.toordinal(), table=RollTable(own, AS_OF, UNTIL)
    )
    rules = {rule.id: rule for rule in policy.cadence if rule.mode == "rolling"}
    return Counter(
        (one.client_id, one.rule_id, int(later.name), *map(date.fromordinal, (later.earliest, later.due, later.latest)))
        for one in result.obligations
        if one.rule_id in rules
        for later in later_steps(
            rules[one.rule_id], Every.parse(one.interval), one.due_on.toordinal(), context, UNTIL.toordinal()
        )
    )


def in_duckdb(tables: Frames) -> Frames:
    connection = duckdb.connect(config={"threads": 1})
    given = {name: table for name, table in attrs.asdict(tables, recurse=False).items() if hasattr(table, "to_arrow")}
    for name, table in given.items():
        connection.from_arrow(table.to_arrow()).create(name)
    return attrs.evolve(tables, **{name: connection.table(name) for name in given})


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_later_contacts_are_those_that_a_plan_of_objects_foresees(engine: str) -> None:
    book = demo_book()
    tables = frames_of(book)
    decided = decide(POLICY, tables if engine == "polars" else in_duckdb(tables), as_of=AS_OF)
    later = expand(POLICY, decided, until=UNTIL)
    found = later.collect().rows() if engine == "polars" else later.fetchall()
    wanted = by_objects(POLICY, book)
    assert Counter(found) == wanted
    assert wanted.total() > 20 * len(book.clients)
    assert {row[1] for row in found} == {"call", "visit"}


def test_nothing_follows_before_the_day_that_was_decided_about() -> None:
    decided = decide(POLICY, frames_of(demo_book()), as_of=AS_OF)
    assert expand(POLICY, decided, until=AS_OF).collect().height == 0


def test_who_did_not_decide_cadence_or_asks_another_policy_is_told() -> None:
    decided = decide(POLICY, frames_of(demo_book()), as_of=AS_OF)
    with pytest.raises(InvalidValueError, match="must be the one that decided, p version 1"):
        expand(attrs.evolve(POLICY, version="2"), decided, until=UNTIL)
    with pytest.raises(InvalidValueError, match="must have obligations"):
        expand(POLICY, attrs.evolve(decided, obligations=None), until=UNTIL)


def test_a_client_with_an_interval_of_its_own_keeps_to_it() -> None:
    decided = decide(POLICY, frames_of(demo_book()), as_of=AS_OF)
    owed = decided.obligations.collect()
    whose = owed["client_id"].min()
    is_whose = (pl.col("client_id") == whose) & (pl.col("rule_id") == "call")
    slower = owed.with_columns(interval=pl.when(is_whose).then(pl.lit("2 weeks")).otherwise(pl.col("interval")))

    def calls(table: Any) -> Counter[str]:
        later = expand(POLICY, attrs.evolve(decided, obligations=table.lazy()), until=UNTIL).collect()
        return Counter(later.filter(pl.col("rule_id") == "call")["client_id"].to_list())

    before, after = calls(owed), calls(slower)
    assert after[whose] in {before[whose] // 2, (before[whose] + 1) // 2}
    assert {client: n for client, n in after.items() if client != whose} == {
        client: n for client, n in before.items() if client != whose
    }
