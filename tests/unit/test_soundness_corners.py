"""Corners that a proof once passed by, or complained of without cause."""

import relcare as rc
from relcare.soundness import prove

HEAD = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts]
revenue = { type = "money", min = "0", max = "1000000", polarity = "more" }
orders = { type = "integer", min = "0", max = "100", polarity = "more" }
joined = { type = "date", min = 2000-01-01, max = 2026-12-31 }
spend = { type = "money", min = "0", may_be_missing = true }
margin = { type = "number", grain = "0.1" }
is_key = { type = "flag", polarity = "more" }
interests = { type = "set", polarity = "more" }
"""
FLAG_SCORE = 'score = [ { fact = "is_key", points = { true = 0, false = 5 } } ]\ntiers = [ { id = "A", share = "100%" } ]\n'
SECOND = '[[segmentation]]\nid = "t"\nkind = "threshold"\ntiers = [ { id = "X", when = "tier.s == \'B\'" } ]\notherwise = "Y"\n'


def tiers(*when: str, otherwise: str | None = None) -> str:
    listed = ", ".join(f'{{ id = "{tier}", when = "{text}" }}' for tier, text in zip("ABCDE", when, strict=False))
    more = "" if otherwise is None else f'otherwise = "{otherwise}"\n'
    return f'[[segmentation]]\nid = "s"\nkind = "threshold"\ntiers = [ {listed} ]\n{more}'


def call(**keys: str) -> str:
    return '[[cadence]]\nid = "call"\nchannel = "call"\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())


def codes(text: str) -> list[str]:
    return [finding.code for finding in prove(rc.loads_policy(HEAD + text)).refuted]


def test_a_date_outside_the_bounds() -> None:
    assert codes(tiers("joined >= '2020-01-01'", "joined >= '1990-01-01'")) == ["bounds"]


def test_a_number_outside_the_bounds_in_a_choice() -> None:
    assert codes(tiers("orders in (100, 20_000)", otherwise="B")) == ["bounds"]


def test_a_band_outside_the_bounds() -> None:
    bands = 'bands = [ { from = "10", points = 5 }, { from = "5000000", points = 9 } ]'
    text = f'[[segmentation]]\nid = "q"\nkind = "quota"\nscore = [ {{ fact = "revenue", {bands} }} ]\n'
    assert codes(f'{text}tiers = [ {{ id = "A", share = "100%" }} ]\n') == ["bounds"]


def test_points_that_fall_when_a_flag_is_set() -> None:
    assert codes(f'[[segmentation]]\nid = "q"\nkind = "quota"\n{FLAG_SCORE}') == ["monotone"]


def test_two_sets_of_which_neither_has_more() -> None:
    assert codes(tiers("'golf' in interests", "'tea' in interests", otherwise="C")) == []


def test_a_rule_that_others_leave_undecided_wherever_it_holds() -> None:
    assert codes(tiers("spend >= 100", "spend < 100", "missing(spend)")) == ["dead.shadowed"]


def test_the_culprits_of_a_shadow_are_irreducible() -> None:
    (finding,) = prove(
        rc.loads_policy(HEAD + tiers("margin < 3", "margin < 3 or margin > 5", "margin < 2 or margin > 6", otherwise="E"))
    ).refuted
    assert finding.values["by"] == ("B",)


def test_a_tier_against_the_tier_it_names() -> None:
    second = SECOND.replace("tier.s == 'B'", "tier.s == 'A' and revenue < 5")
    assert "tier.contradicted" in codes(tiers("revenue >= 5", otherwise="B") + second)


def test_a_grace_of_business_days_as_long_as_the_interval() -> None:
    assert codes(call(every='"1 week"', grace='"5 business days"')) == ["grace"]


def test_an_interval_of_a_strategy_that_the_least_interval_undoes() -> None:
    strategy = '[[relationship]]\ntype = "partner"\nappeal = "fellow feeling"\nintervals = { call = "1 week" }\n'
    assert codes(call(every='"1 month"', minimum='"1 month"') + strategy) == ["strategy.idle"]
