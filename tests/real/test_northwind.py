"""The trading company's tables: the counts that were worked out by hand, through the library and through the command."""

import json
import os
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import relcare as rc
from relcare.cli import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "northwind.py"
POLICY = ROOT / "docs" / "examples" / "northwind.toml"
DATA = Path(os.environ.get("RELCARE_DATA", "")) / "northwind"

pytestmark = pytest.mark.skipif(
    "RELCARE_DATA" not in os.environ or not DATA.is_dir(), reason="RELCARE_DATA names no folder with the trading company's tables"
)


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLE))


@pytest.fixture(scope="module")
def book(example: dict[str, Any]) -> rc.Book:
    found = example["load"](DATA)
    assert isinstance(found, rc.Book)
    return found


def test_the_book_has_all_three_types_and_exact_amounts(book: rc.Book) -> None:
    kinds = [next(iter(client.relationship_types)) for client in book.clients]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"end_customer": 91, "upstream": 29, "partner": 3}
    assert len(book.purchases) == 830
    assert str(sum(p.amount.amount for p in book.purchases)) == "1265793.0395"


def test_revenue_tiers_of_1997_are_18_37_36(book: rc.Book) -> None:
    scheme = rc.load_policy(POLICY).decide(book, as_of=date(1997, 12, 31)).schemes["revenue"]
    assert list(scheme.sizes.items()) == [("A", 18), ("B", 37), ("C", 36)]
    best = [a.client_id.removeprefix("customer-") for a in scheme.assignments if a.tier == "A"]
    assert best == [
        *("QUICK", "SAVEA", "ERNSH", "MEREP", "HUNGO", "RATTC", "SIMOB", "BERGS", "HILAA"),
        *("FOLKO", "LEHMS", "WARTH", "RICSU", "FRANK", "FOLIG", "BONAP", "QUEEN", "KOENE"),
    ]
    assert scheme.ties == () or all(len(tie.client_ids) > 1 for tie in scheme.ties)


def test_vips_are_14_by_order_15_by_month_16_by_either(book: rc.Book) -> None:
    decisions = rc.load_policy(POLICY).decide(book, as_of=date(1998, 5, 6)).vip_decisions("vip")
    held = [{path.id for path in decision.paths if path.answer == "yes"} for decision in decisions]
    assert [sum(path in paths for paths in held) for path in ("one order", "one month")] == [14, 15]
    assert sum(bool(paths) for paths in held) == 16 == sum(d.is_eligible for d in decisions)


def test_coming_birthdays_are_those_of_two_employees(book: rc.Book) -> None:
    coming = book.birthdays(date(1998, 5, 6), date(1998, 7, 5))
    assert [(b.on.isoformat(), b.name, b.age) for b in coming] == [
        ("1998-05-29", "Robert King", 38),
        ("1998-07-02", "Michael Suyama", 35),
    ]


def test_the_example_prints_what_it_promises(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    namespace = runpy.run_path(str(EXAMPLE))
    namespace["main"]([str(DATA), str(tmp_path / "book")])
    printed = capsys.readouterr().out
    assert "18 / 37 / 36" in printed
    assert "14 by order, 15 by month, 16 by either" in printed
    assert rc.read_book(tmp_path / "book") == namespace["load"](DATA)


def test_the_command_gives_the_same_on_the_folder_form(book: rc.Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "book"
    rc.write_book(book, folder)

    def run(*arguments: str) -> Any:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, str(folder), "--policy", str(POLICY), "--json"])
        assert ended.value.code in {0, None}
        return json.loads(capsys.readouterr().out)

    tiers = run("review", "show", "--as-of", "1997-12-31")["schemes"][0]["assignments"]
    assert [sum(a["tier"] == tier for a in tiers) for tier in "ABC"] == [18, 37, 36]
    vips = run("vip", "show", "--as-of", "1998-05-06")["programmes"][0]["decisions"]
    assert sum(d["qualification"] == "yes" for d in vips) == 16
