"""Requirements that reach a rule set by way of a computed fact or a tier are not proved by looking away."""

import relcare as rc
from relcare.soundness import Finding, prove

HEAD = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts.revenue]
type = "integer"
min = "0"
polarity = "more"
[facts.orders]
type = "integer"
min = "0"
"""


def required(text: str, kind: str = "monotone") -> Finding:
    report = prove(rc.loads_policy(HEAD + text))
    (found,) = (finding for finding in report.findings if finding.question == f"require {kind}")
    return found


def test_a_ratio_of_the_fact_leaves_it_undecided() -> None:
    found = required("""
[facts.rate]
type = "number"
grain = "0.01"
ratio = ["revenue", "orders"]
round = "half up"
[[segmentation]]
id = "s"
kind = "threshold"
tiers = [{ id = "A", when = "rate < 5" }]
otherwise = "B"
[[require]]
monotone = "revenue"
""")
    assert (found.outcome, found.is_open) == ("undecided", True)
    assert "rate is computed from revenue" in str(found)


def test_a_programme_that_wants_the_worse_tier_refutes_it() -> None:
    found = required("""
[[segmentation]]
id = "s"
kind = "threshold"
tiers = [{ id = "A", when = "revenue >= 100" }]
otherwise = "B"
[[vip]]
id = "vip"
paths = [{ id = "small", when = "tier.s == 'B'" }]
[[require]]
monotone = "revenue"
""")
    assert (found.outcome, found.code) == ("refuted", "require.monotone")


def test_a_tier_that_falls_where_the_fact_rises_refutes_it_too() -> None:
    found = required("""
[[segmentation]]
id = "s"
kind = "threshold"
tiers = [{ id = "A", when = "revenue < 100" }]
otherwise = "B"
[[vip]]
id = "vip"
paths = [{ id = "top", when = "tier.s == 'A'" }]
[[require]]
monotone = "revenue"
""")
    assert (found.outcome, found.code) == ("refuted", "require.monotone")


def test_by_way_of_a_rising_tier_it_is_proved() -> None:
    found = required("""
[[segmentation]]
id = "s"
kind = "threshold"
tiers = [{ id = "A", when = "revenue >= 100" }]
otherwise = "B"
[[vip]]
id = "vip"
paths = [{ id = "top", when = "tier.s == 'A'" }]
[[require]]
monotone = "revenue"
""")
    assert found.outcome == "proved"


def test_a_tier_that_is_also_the_otherwise_is_certain_where_all_others_fail() -> None:
    # B is decided whatever `orders` is, also where it is missing: no data never demotes to anything.
    report = prove(
        rc.loads_policy(
            HEAD.replace('[facts.orders]\ntype = "integer"', '[facts.orders]\nmay_be_missing = true\ntype = "integer"')
            + """
[[segmentation]]
id = "s"
kind = "threshold"
tiers = [{ id = "A", when = "revenue >= 100" }, { id = "B", when = "orders >= 1" }, { id = "C", when = "revenue < 0" }]
otherwise = "B"
"""
        )
    )
    (found,) = (finding for finding in report.findings if finding.question == "never demotes")
    assert found.outcome == "proved"


def test_a_rule_for_clients_without_a_tier_counts_where_the_scope_is_unknown() -> None:
    found = required(
        """
[[segmentation]]
id = "abc"
kind = "quota"
scope = "client.stage != 'visitor'"
score = "revenue"
tiers = [{ id = "A", share = "50%" }, { id = "B", share = "50%" }]
[[cadence]]
id = "call"
channel = "call"
every = "1 day"
minutes = 100
when = "missing(tier.abc)"
[staffing]
clients = 1000
roles = [{ role = "account manager", staff = "1", minutes_per_day = 300 }]
[[require]]
feasible = true
""",
        "feasible",
    )
    assert found.outcome == "undecided"
