"""One policy, one book, three ways to decide: objects, polars and DuckDB say the same of every client, to the last reason code.

`make identity` draws many more cases than a normal run and prints how much was compared.
"""

from collections import Counter
from datetime import date
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from tests.property.frames_alike import CASES, COMPARED, ENGINES, LONG, assert_alike, assert_same
from tests.property.frames_book import DAYS, drawn_book
from tests.property.frames_policies import RICH, STANDING, cases

from relcare.codec import loads_policy
from relcare.decisions import Policy
from relcare.errors import Problem, UnsupportedPolicyError
from relcare.model import Book, Client

SEEDS: Final = 1 + CASES // 50
TWO_NAMES: Final = """
format = 1

[policy]
id = "two"
version = "1"
effective_from = 2024-01-01

[facts.x]
type = "integer"

[facts.X]
type = "integer"
"""


def a_refusal(path: str, message: str) -> UnsupportedPolicyError:
    return UnsupportedPolicyError([Problem(file="<policy>", path=path, message=message)])


class TestRefusals:
    """TIM-1, CRI-2: no engine agrees with objects by refusing what it ought to decide."""

    def test_two_names_that_are_one_to_an_engine_are_refused_there_and_decided_elsewhere(self) -> None:
        before = Counter(COMPARED)
        assert_same(
            loads_policy(TWO_NAMES), Book(clients=[Client(id="c", name="n", attributes={"x": 1, "X": 2})]), date(2024, 2, 29)
        )
        more = COMPARED - before
        assert {name: more[name] for name in more if "clients" not in name and "contacts" not in name} == {
            "books with polars": 1,
            "policies that DuckDB refuses": 1,
        }

    @pytest.mark.parametrize(
        ("engine", "path", "message"),
        [
            ("polars", "X", "is 'x' to polars, which does not tell upper from lower case"),
            ("DuckDB", "Y", "is 'x' to DuckDB, which does not tell upper from lower case"),
            ("DuckDB", "facts.x", "is not decided over columns yet"),
            ("DuckDB", "cadence[0].id", "has a | in it, which stands between the rules that ask for one contact"),
            ("SQL for sqlite", "facts.x", "needs what is not known to mean the same in sqlite: median(x)"),
        ],
    )
    def test_any_other_reason_fails(self, engine: str, path: str, message: str) -> None:
        with pytest.raises(AssertionError):
            assert_alike(engine, {}, a_refusal(path, message))

    def test_what_text_cannot_hold_is_a_reason_for_text(self) -> None:
        assert_alike("SQL for sqlite", {}, a_refusal("cadence[0].id", "has a | in it, which stands between the rules"))


class TestIdentity:
    """TIM-1 Every answer depends only on its arguments. CRI-2: so that every engine agrees."""

    @settings(max_examples=CASES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(cases())
    def test_objects_polars_and_duckdb_decide_alike(self, case: tuple[Policy, Book, date]) -> None:
        assert_same(*case)


class TestFullBook:
    """SEG-1, SEG-2, SEG-3, SEG-4, SEG-8, SEG-10, FCT-2, FCT-3, VIP-4: what the rules say holds over columns as over objects."""

    @pytest.mark.parametrize("seed", range(SEEDS))
    @pytest.mark.parametrize("as_of", DAYS, ids=str)
    def test_a_policy_of_every_kind_decides_a_full_book_alike(self, as_of: date, seed: int) -> None:
        # DuckDB plans for seconds what it runs in no time: one day is enough where many cases are not asked for.
        engines = ENGINES if SEEDS > 1 or as_of == DAYS[0] else ENGINES[:1]
        assert_same(loads_policy(RICH), drawn_book(seed, 40), as_of, engines)

    @pytest.mark.parametrize("seed", range(SEEDS))
    @pytest.mark.parametrize("as_of", DAYS if LONG else DAYS[2:], ids=str)
    def test_where_clients_stand_and_who_stays_is_alike(self, as_of: date, seed: int) -> None:
        """SEG-5, SEG-7, SEG-9: grades, segments, and what keeps clients in their tiers."""
        assert_same(loads_policy(STANDING), drawn_book(seed, 40), as_of, ENGINES if LONG else ENGINES[:1])


def test_how_much_was_compared(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        if LONG:
            print("", *(f"{count:>9,} {what}" for what, count in sorted(COMPARED.items())), sep="\n")  # noqa: T201 - asked for
