"""Where clients stand, who belongs together and who stays in a tier, over columns: borders, gaps, ends of months."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest

from relcare import loads_policy
from relcare._time import Every
from relcare.decisions import Policy
from relcare.errors import BookDocumentError, InvalidValueError

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")
steady = pytest.importorskip("relcare.frames._steady")

DAY: Final = date(2026, 2, 28)
HEAD: Final = """
format = 1
[policy]
id = "house"
version = "1"
effective_from = 2024-01-01
[facts.points]
type = "integer"
may_be_missing = true
[facts.level]
type = "level"
values = ["low", "high"]
may_be_missing = true
[facts.tags]
type = "set"
may_be_missing = true
[facts.wishes]
type = "set"
may_be_missing = true
[facts.since]
type = "date"
from = "client.client_since_on"
may_be_missing = true
"""
Decide = Callable[..., Any]


def rules(text: str) -> Policy:
    return loads_policy(HEAD + text)


def clients(points: list[int | None], **columns: list[Any]) -> Any:
    ids = "abcdefghijklmnop"[: len(points)]
    nothing = {"level": pl.String, "tags": pl.List(pl.String), "wishes": pl.List(pl.String), "client_since_on": pl.Date}
    given = [pl.Series(name, columns.get(name, [None] * len(ids)), dtype=kind) for name, kind in nothing.items()]
    more = [pl.Series(name, values) for name, values in columns.items() if name not in nothing]
    return pl.DataFrame([pl.Series("id", list(ids)), pl.Series("points", points, dtype=pl.Int64), *given, *more])


def in_tiers(*rows: tuple[str, str, str, date]) -> Any:
    names = ("client_id", "scheme_id", "tier", "start_on")
    return pl.DataFrame(rows, schema=dict(zip(names, (pl.String, pl.String, pl.String, pl.Date), strict=True)), orient="row")


def decided_in(engine: str) -> Decide:
    """Decides over tables in an engine."""

    def decided(policy: Policy, as_of: date = DAY, only: Any = None, **tables: Any) -> Any:
        if engine == "duckdb":
            connection = duckdb.connect(config={"threads": 1})
            for name, table in tables.items():
                connection.from_arrow(table.to_arrow()).create(name)
            tables = {name: connection.table(name) for name in tables}
        return frames.decide(policy, frames.Frames(**tables), as_of=as_of, only=only)

    return decided


@pytest.fixture(params=["polars", "duckdb"])
def decide(request: pytest.FixtureRequest) -> Decide:
    """Decides over tables in either engine."""
    return decided_in(request.param)


@pytest.fixture
def in_polars() -> Decide:
    """Decides over polars frames: what DuckDB says is compared with it in the identity suite."""
    return decided_in("polars")


def column(found: Any, name: str, table: str = "clients") -> list[Any]:
    """One column, in the order of the ids."""
    native = getattr(found, table)
    rows = native.collect() if hasattr(native, "collect") else pl.from_arrow(native.to_arrow_table())
    return rows.sort("client_id", *([name] if table == "cells" else []))[name].to_list()  # type: ignore[no-any-return]


# ----------------------------------------------------------------------------------------------------------------- grades


class TestGrades:
    """SEG-5: equals stand together; who lacks the fact, or is outside the scope, has no grade."""

    GRADE = '[[grade]]\nid = "rank"\nfact = "points"\nparts = 2\nbetter = "more"\n'

    @pytest.mark.parametrize(
        ("ties", "grades", "last"),
        [
            ("together upward", [2, 2, 2, 1], [5, 5, 5, 1]),
            ("together downward", [1, 1, 1, 1], [1, 1, 1, 1]),
            ("by id", [2, 2, 1, 1], [5, 5, 1, 1]),
        ],
    )
    def test_equals_at_a_cut_stand_as_their_rule_says(
        self, decide: Decide, ties: str, grades: list[int], last: list[int]
    ) -> None:
        found = decide(rules(f'{self.GRADE}ties = "{ties}"\n'), clients=clients([5, 5, 5, 1]))
        assert column(found, "grade.rank") == grades
        assert column(found, "grade.rank.last") == last
        assert column(found, "grade.rank.is_tied") == [True, True, True, False]

    def test_who_has_no_grade_is_told_why(self, decide: Decide) -> None:
        grade = self.GRADE + "scope = \"level == 'high'\"\n"
        found = decide(rules(grade), clients=clients([5, None, 4, 3], level=["high", "high", "low", None]))
        assert column(found, "grade.rank") == [2, None, None, None]
        codes = ["grade.placed", "grade.missing", "grade.out_of_scope", "grade.scope_unknown"]
        assert column(found, "grade.rank.code") == codes
        assert column(found, "grade.rank.last") == [5, None, None, None]

    def test_nobody_in_the_scope_leaves_everybody_without_a_grade(self, decide: Decide) -> None:
        grade = self.GRADE + "scope = \"level == 'high'\"\n"
        found = decide(rules(grade), clients=clients([5, 4], level=["low", "low"]))
        assert column(found, "grade.rank") == [None, None]
        assert column(found, "grade.rank.is_tied") == [False, False]

    def test_of_days_the_longest_ago_may_be_the_best(self, decide: Decide) -> None:
        days = [date(2020, 2, 29), date(2025, 1, 1), None, date(2024, 12, 31)]
        grade = '[[grade]]\nid = "age"\nfact = "since"\nparts = 3\nbetter = "less"\n'
        found = decide(rules(grade), clients=clients([1, 1, 1, 1], client_since_on=days))
        assert column(found, "grade.age") == [3, 1, None, 2]
        assert column(found, "grade.age.last") == [days[0], days[1], None, days[3]]

    def test_a_thousand_parts_of_a_few_leave_most_parts_empty(self, decide: Decide) -> None:
        grade = self.GRADE.replace("parts = 2", "parts = 1000")
        found = decide(rules(grade), clients=clients([1, 2, 3, 4]))
        # The best part in which anybody is ends where half a client would: at the 125th of a thousand.
        assert column(found, "grade.rank") == [126, 376, 626, 876]

    def test_a_scheme_that_asks_for_a_grade_brings_it(self, decide: Decide) -> None:
        scheme = '[[segmentation]]\nid = "s"\nkind = "threshold"\notherwise = "B"\n'
        scheme += 'tiers = [{ id = "A", when = "grade.rank == 2" }]\n'
        found = decide(rules(self.GRADE + scheme), only=["segmentation"], clients=clients([1, 3]))
        assert column(found, "scheme.s.tier") == ["B", "A"]


# --------------------------------------------------------------------------------------------------------------- segments


class TestSegments:
    """SEG-7: nobody is silently left out; what is missing leaves it open, what will never be known does not."""

    SCHEME = """
[[segmentation]]
id = "s"
kind = "threshold"
scope = "level == 'high'"
tiers = [{ id = "A", when = "points > 3" }, { id = "B", when = "points <= 3" }]
"""

    def test_a_tier_that_a_scheme_gives_not_leaves_nothing_open(self, decide: Decide) -> None:
        segment = '[[segment]]\nid = "best"\nwhen = "tier.s == \'A\'"\n'
        found = decide(rules(self.SCHEME + segment), clients=clients([5, 1, 5, None], level=["high", "high", "low", "high"]))
        assert column(found, "segment.best") == [True, False, None, None]
        assert column(found, "segment.best.answer") == ["yes", "no", "no", "unknown"]
        codes = ["segment.member", "segment.outside", "segment.inapplicable", "segment.unknown"]
        assert column(found, "segment.best.code") == codes

    def test_a_client_is_in_a_cell_for_each_member_of_each_set(self, decide: Decide) -> None:
        segment = '[[segment]]\nid = "grid"\nby = ["tags", "level", "wishes"]\n'
        book = clients(
            [1, 2, 3, 4],
            level=["low", "high", "high", None],
            tags=[["x", "y"], ["x"], [], ["x"]],
            wishes=[["p", "q"], ["p"], None, ["p"]],
        )
        found = decide(rules(segment), clients=book)
        assert column(found, "cell", "cells") == ["x / low / p", "x / low / q", "y / low / p", "y / low / q", "x / high / p"]
        assert found.counts("cell", "cells")["x / high / p"] == 1
        assert column(found, "segment.grid.answer") == ["yes", "yes", "no", "unknown"]
        assert column(found, "segment.grid.code") == ["segment.placed", "segment.placed", *["segment.unplaced"] * 2]

    def test_cells_are_there_only_of_products(self, decide: Decide) -> None:
        found = decide(rules('[[segment]]\nid = "best"\nwhen = "points > 3"\n'), clients=clients([5]))
        with pytest.raises(InvalidValueError, match="ask for segments"):
            found.count("cells")

    def test_a_cadence_rule_that_asks_for_a_segment_brings_it_and_what_it_rests_on(self, decide: Decide) -> None:
        segment = '[[segment]]\nid = "best"\nwhen = "tier.s == \'A\'"\n'
        rule = '[[cadence]]\nid = "call"\nchannel = "call"\nevery = "1 week"\nwhen = "segment.best == True"\n'
        touches = pl.DataFrame(
            schema={"client_id": pl.String, "occurred_at": pl.Date, "channel": pl.String, "outcome": pl.String}
        )
        book = clients([5, 1, 5, None], level=["high", "high", "low", "high"])
        found = decide(rules(self.SCHEME + segment + rule), only=["cadence"], clients=book, touchpoints=touches)
        assert column(found, "rule_id", "obligations") == ["call"]
        # The third is in no tier and never will be: only of the fourth it is not known.
        assert column(found, "client_id", "undecided") == ["d"]

    def test_roles_of_people_are_one_set_for_each_client(self, decide: Decide) -> None:
        text = '[facts.roles]\ntype = "set"\nfrom = "people.role"\nmay_be_missing = true\n'
        people = pl.DataFrame(
            {"client_id": ["a", "a", "a", "b", "c", "d"], "role": ["buyer", "owner", "buyer", None, "", "porter"]}
        )
        found = decide(rules(text), clients=clients([1, 1, 1, 1]), people=people)
        roles = [None if one is None else sorted(one) for one in column(found, "roles")]
        assert roles == [["buyer", "owner"], None, None, ["porter"]]
        nobody = decide(rules(text), clients=clients([1, 1]), people=people.head(0))
        assert column(nobody, "roles") == [None, None]

    def test_a_field_that_is_read_as_what_it_is_not_is_read_as_objects_read_it(self, decide: Decide) -> None:
        text = """
[facts.size]
type = "number"
grain = "0.5"
max = "9"
from = "client.region"
may_be_missing = true
[facts.day]
type = "date"
from = "client.region"
may_be_missing = true
[facts.words]
type = "set"
from = "client.region"
may_be_missing = true
[facts.said]
type = "flag"
from = "client.region"
may_be_missing = true
[facts.begun]
type = "category"
from = "client.client_since_on"
may_be_missing = true
[facts.kin]
type = "flag"
from = "client.relationship_types"
may_be_missing = true
"""
        regions = ["1.5", "2026-01-31", "a | b", "yes", "12", None]
        book = clients([1] * 6, region=regions, client_since_on=[DAY, *[None] * 5])
        book = book.with_columns(relationship_types=pl.Series([[]] * 6, dtype=pl.List(pl.String)))
        found = decide(rules(text), clients=book)
        assert column(found, "size") == [3, None, None, None, None, None]
        assert column(found, "day") == [None, date(2026, 1, 31), None, None, None, None]
        assert [sorted(one or ()) for one in column(found, "words")] == [[one] for one in regions[:2]] + [
            ["a", "b"],
            ["yes"],
            ["12"],
            [],
        ]
        assert column(found, "said") == [None, None, None, True, None, None]
        objects = rules(text).decide(
            frames.book_from_frames(frames.Frames(clients=book.with_columns(name=pl.lit("n")))), as_of=DAY
        )
        noted = [" ".join(str(note.values["fact"]) for note in objects.notes.get(one, ())) for one in "abcdef"]
        assert column(found, "notes") == noted

    def test_a_text_that_is_off_the_grain_is_told_with_its_field(self, in_polars: Decide) -> None:
        text = '[facts.size]\ntype = "number"\ngrain = "0.5"\nfrom = "client.region"\nmay_be_missing = true\n'
        with pytest.raises(BookDocumentError, match=r"clients: region: size is '1\.3'"):
            in_polars(rules(text), clients=clients([1], region=["1.3"]))
        with pytest.raises(BookDocumentError, match="too great for a column"):
            in_polars(rules(text), clients=clients([1], region=["9" * 25]))


# ------------------------------------------------------------------------------------------------------------- who stays


def settled(found: Any) -> list[tuple[Any, ...]]:
    return list(zip(*(column(found, f"scheme.s.{what}") for what in ("tier", "wanted", "settled", "settled_codes")), strict=True))


class TestWhoStays:
    """SEG-9: a tier is left when its hysteresis, its stay, its reviews and its steps let it go."""

    @staticmethod
    def thresholds(steady: str = "", *, stays: str = "") -> Policy:
        return rules(f"""
[[segmentation]]
id = "s"
kind = "threshold"
otherwise = "C"
{steady}
tiers = [{{ id = "A", when = "points >= 8"{stays} }}, {{ id = "B", when = "points >= 5" }}]
""")

    def test_who_has_no_tier_gets_what_is_proposed_at_once(self, in_polars: Decide) -> None:
        policy = self.thresholds('steady = { minimum_stay = "1 year", one_step = true }')
        tiers = in_tiers(("b", "s", "gone", date(2026, 1, 1)), ("c", "other", "A", date(2026, 1, 1)))
        found = in_polars(policy, clients=clients([9, 1, 6]), tiers=tiers)
        assert settled(found) == [("A", "A", "A", None), ("C", "C", "C", None), ("B", "B", "B", None)]

    def test_who_stays_while_the_criterion_of_staying_holds_or_is_unknown(self, in_polars: Decide) -> None:
        policy = self.thresholds(stays=", stays = \"level == 'high'\"")
        tiers = in_tiers(*((one, "s", "A", date(2026, 1, 1)) for one in "abc"))
        found = in_polars(policy, clients=clients([6, 6, 6, 6], level=["high", "low", None, "high"]), tiers=tiers)
        stays = ("B", "A", "A", "segmentation.hysteresis")
        assert settled(found) == [stays, ("B", "B", "B", None), stays, ("B", "B", "B", None)]

    def test_a_tier_that_began_today_is_not_left_and_one_of_a_month_ago_is(self, in_polars: Decide) -> None:
        policy = self.thresholds('steady = { minimum_stay = "1 month" }')
        # A month after each of these days is 28 February, but for the last two.
        starts = [date(2026, 1, 28), date(2026, 1, 31), date(2026, 2, 1), DAY]
        tiers = in_tiers(*((one, "s", "A", start) for one, start in zip("abcd", starts, strict=True)))
        found = in_polars(policy, clients=clients([1, 1, 1, 1]), tiers=tiers)
        kept = ("C", "C", "A", "segmentation.minimum_stay")
        assert settled(found) == [("C", "C", "C", None), ("C", "C", "C", None), kept, kept]

    def test_one_step_at_a_time_and_only_falls_are_held_back(self, in_polars: Decide) -> None:
        policy = self.thresholds('steady = { one_step = true, holds_back = "falls" }')
        tiers = in_tiers(("a", "s", "A", date(2025, 1, 1)), ("b", "s", "C", date(2025, 1, 1)))
        found = in_polars(policy, clients=clients([1, 9]), tiers=tiers)
        assert settled(found) == [("C", "C", "B", "segmentation.one_step"), ("A", "A", "A", None)]

    def test_a_first_review_confirms_nothing(self, in_polars: Decide) -> None:
        policy = self.thresholds("steady = { confirm = 2 }")
        found = in_polars(policy, clients=clients([1]), tiers=in_tiers(("a", "s", "A", date(2025, 1, 1))))
        assert settled(found) == [("C", "C", "A", "segmentation.unconfirmed")]

    def test_who_is_held_stays_where_it_is(self, in_polars: Decide) -> None:
        policy = rules("""
[[segmentation]]
id = "s"
kind = "threshold"
hit = "unique"
steady = { confirm = 2 }
tiers = [{ id = "A", when = "points >= 5" }, { id = "B", when = "points <= 5" }]
""")
        found = in_polars(policy, clients=clients([5, 5]), tiers=in_tiers(("a", "s", "B", date(2025, 1, 1))))
        assert settled(found) == [(None, None, "B", "segmentation.held_stays"), (None, None, None, None)]

    def test_a_pin_has_the_last_word(self, in_polars: Decide) -> None:
        policy = self.thresholds('steady = { minimum_stay = "1 year" }')
        pins = pl.DataFrame(
            {
                "client_id": ["a", "b"],
                "scheme_id": ["s", "s"],
                "tier": ["B", "C"],
                "kind": ["floor", "exact"],
                "start_on": [date(2026, 1, 1)] * 2,
            }
        )
        tiers = in_tiers(*((one, "s", "A", date(2026, 1, 1)) for one in "ab"))
        found = in_polars(policy, clients=clients([1, 9]), tiers=tiers, pins=pins)
        early = ("B", "B", "A", "segmentation.minimum_stay")
        assert settled(found) == [early, ("C", "C", "C", "segmentation.pinned")]

    def test_the_wider_cuts_of_a_quota_keep_who_is_in(self, in_polars: Decide) -> None:
        policy = rules("""
[[segmentation]]
id = "s"
kind = "quota"
score = "points"
steady = { hysteresis = "25%" }
tiers = [{ id = "A", share = "25%" }, { id = "B", share = "75%" }]
""")
        tiers = in_tiers(*((one, "s", "A", date(2025, 1, 1)) for one in "bcd"))
        found = in_polars(policy, clients=clients([9, 8, 7, None]), tiers=tiers)
        # Of three the first is in; within half of three, which rounds to two, the second stays.
        kept = ("B", "A", "A", "segmentation.hysteresis")
        assert settled(found) == [("A", "A", "A", None), kept, ("B", "B", "B", None), ("A", "A", "A", None)]
        assert len(found.borders["s"][""]) == 2

    @pytest.mark.parametrize("stay", ["1 month", "6 months", "1 year", "30 days", "2 weeks"])
    @pytest.mark.parametrize("as_of", [date(2024, 2, 29), date(2026, 2, 28), date(2026, 3, 31), date(2026, 7, 1)], ids=str)
    def test_the_last_day_of_beginning_is_the_one_that_steps_give(self, stay: str, as_of: date) -> None:
        every, today = Every.parse(stay), as_of.toordinal()
        last = steady._last_start(every, today)
        for start in range(today - 400, today + 1):
            assert (every.after(start) > today) is (start > last), date.fromordinal(start)


# -------------------------------------------------------------------------------------------------------------------- VIP


class TestDatedPaths:
    """VIP-1, VIP-4: lists hold from their last review on; what grows from day to day is looked at on every day."""

    def test_a_list_goes_by_the_facts_of_its_last_review(self, in_polars: Decide) -> None:
        policy = rules("""
[facts.orders]
type = "integer"
measure = { count = "purchases" }
[[vip]]
id = "club"
top = [{ id = "best", most = 1, by = "orders", review = "monthly" }]
paths = [{ id = "best", when = "vip.club.top.best == True" }]
""")
        bought = pl.DataFrame(
            {
                "client_id": ["a", "b", "b"],
                "purchased_on": [date(2026, 1, 5), date(2026, 2, 1), date(2026, 2, 2)],
                "amount": [1, 1, 1],
            }
        )
        answers = {}
        for as_of in (date(2026, 2, 28), date(2026, 3, 1)):
            found = in_polars(policy, as_of, clients=clients([1, 1]), purchases=bought)
            first = column(found, "programme.club.first_eligible_on")
            answers[as_of.month] = (column(found, "programme.club.qualification"), first)
        # On 1 February each has bought once, so that ids decide; b has bought twice the day after.
        assert answers[2] == (["yes", "no"], [date(2026, 2, 1), None])
        assert answers[3] == (["no", "yes"], [None, date(2026, 3, 1)])

    def test_a_fact_that_ages_through_another_crosses_its_border_on_a_day_of_no_event(self, in_polars: Decide) -> None:
        policy = rules("""
[facts.silence]
type = "integer"
measure = { days_since = "touchpoints" }
[facts.gap]
type = "integer"
difference = ["silence", "points"]
[[vip]]
id = "quiet"
paths = [{ id = "gap", when = "gap > 10" }]
""")
        touches = pl.DataFrame({"client_id": ["a", "b"], "occurred_at": [date(2026, 1, 1), date(2026, 2, 20)]})
        found = in_polars(policy, clients=clients([3, 3]), touchpoints=touches)
        assert column(found, "programme.quiet.first_eligible_on") == [date(2026, 1, 1) + timedelta(14), None]
