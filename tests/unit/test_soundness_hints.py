"""The hint of a gap is a change that one can make: written into the document, it closes the gap and moves nobody else."""

import re
from itertools import product
from typing import Final

import attrs
import pytest

import relcare as rc
from relcare.cells import Space
from relcare.policy import Criterion, Vocabulary, criterion
from relcare.segmentation import ThresholdScheme, ThresholdTier, assign
from relcare.soundness import Finding, prove

HEAD: Final = """
format = 1
[policy]
id = "p"
version = "1"
effective_from = 2026-01-01
[facts]
revenue = { type = "money", min = "0", max = "1000000" }
margin = { type = "number", grain = "0.1" }
recency = { type = "integer", min = "0", max = "3650" }
likelihood = { type = "level", values = ["none", "low", "medium", "high"] }
region = { type = "category", values = ["direct", "partner", "reseller", "public"] }
city = { type = "category" }
interests = { type = "set" }
is_key = { type = "flag" }
joined = { type = "date", min = 2000-01-01, max = 2026-12-31 }
spend = { type = "money", min = "0", may_be_missing = true }
"""
OTHERWISE: Final = 'write otherwise = "{}", or let a tier take these clients'
CHANGED: Final = 'write when = "{}" for {}'
_WHEN: Final = re.compile(r'write when = "(?P<when>.*)" for (?P<tier>\w+)')
_OTHERWISE: Final = re.compile(r'write otherwise = "(?P<tier>\w+)".*')

GAPS: Final = {
    "a day": (("recency <= 89", "recency > 90"), CHANGED.format("recency > 89", "B")),
    "a cent": (("revenue >= 100", "revenue < 99.99"), CHANGED.format("revenue < 100", "B")),
    "a cent above an inclusive end": (("revenue > 100", "revenue < 100"), CHANGED.format("revenue < 100.01", "B")),
    "a level": (("likelihood == 'high'", "likelihood <= 'low'"), CHANGED.format("likelihood <= 'medium'", "B")),
    "the lowest level": (
        ("likelihood == 'high'", "'low' <= likelihood < 'high'"),
        CHANGED.format("likelihood >= 'none' and likelihood < 'high'", "B"),
    ),
    "a level of several": (
        ("likelihood == 'high'", "likelihood in ('low', 'none')"),
        CHANGED.format("likelihood in ('none', 'low', 'medium')", "B"),
    ),
    "a choice": (
        ("region in ('direct', 'partner')", "region == 'reseller'"),
        CHANGED.format("region in ('reseller', 'public')", "B"),
    ),
    "a choice between two": (
        ("region in ('direct', 'partner', 'reseller')", "region == 'reseller' or is_key"),
        CHANGED.format("region in ('reseller', 'public') or is_key == True", "B"),
    ),
    "any other text": (("city == 'Seoul'", "city == 'Busan'"), OTHERWISE.format("B")),
    "a date": (("joined >= '2020-01-01'", "joined < '2019-12-31'"), CHANGED.format("joined < '2020-01-01'", "B")),
    "the first years": (
        ("joined >= '2020-01-01'", "'2010-01-01' <= joined < '2020-01-01'"),
        CHANGED.format("joined >= '2000-01-01' and joined < '2020-01-01'", "B"),
    ),
    "below, without a bound": (("margin >= 10", "-10 <= margin < 10"), OTHERWISE.format("B")),
    "above, without a bound": (("margin < 0", "0 <= margin < 10"), OTHERWISE.format("B")),
    "on both sides": (("0 <= margin < 10", "10 <= margin < 20"), OTHERWISE.format("B")),
    "two gaps in one fact": (("recency < 30", "30 < recency < 60", "recency > 60"), OTHERWISE.format("C")),
    "a flag": (("is_key", "not is_key and recency <= 30"), CHANGED.format("not is_key == True and recency <= 3650", "B")),
    "a member": (("'golf' in interests", "'tea' in interests"), OTHERWISE.format("B")),
    "a corner of two facts": (
        ("revenue >= 100 and recency <= 90", "revenue < 100"),
        CHANGED.format("revenue >= 100 and recency <= 3650", "A"),
    ),
    "a corner that no single border reaches": (
        ("revenue >= 100 and recency <= 90", "revenue < 50 and recency > 90"),
        OTHERWISE.format("B"),
    ),
    "a fact that is missing": (("not missing(spend) and spend >= 5", "not missing(spend) and spend < 5"), OTHERWISE.format("B")),
    "not": (("recency <= 89", "not recency <= 90"), CHANGED.format("recency <= 90", "A")),
    "chained and joined": (
        ("revenue >= 100 or is_key", "10 <= revenue < 99 and not is_key", "revenue < 10 and not is_key"),
        CHANGED.format("revenue >= 10 and revenue < 100 and not is_key == True", "B"),
    ),
    "unique": (("recency <= 89", "recency > 90"), CHANGED.format("recency > 89", "B")),
}


def broken(name: str) -> rc.Policy:
    listed = ", ".join(f'{{ id = "{tier}", when = "{text}" }}' for tier, text in zip("ABC", GAPS[name][0], strict=False))
    hit = "unique" if name == "unique" else "highest"
    return rc.loads_policy(f'{HEAD}[[segmentation]]\nid = "s"\nkind = "threshold"\nhit = "{hit}"\ntiers = [ {listed} ]\n')


def gap_of(policy: rc.Policy) -> Finding | None:
    return next((finding for finding in prove(policy).refuted if finding.code == "total.gap"), None)


def applied(policy: rc.Policy, hint: str) -> rc.Policy:
    """The policy with the hint written into it."""
    (scheme,) = policy.segmentation
    assert isinstance(scheme, ThresholdScheme)
    changed = _WHEN.fullmatch(hint)
    if changed is not None:
        tiers = [ThresholdTier(t.id, criterion(changed["when"])) if t.id == changed["tier"] else t for t in scheme.tiers]
        assert tiers != list(scheme.tiers)
        return attrs.evolve(policy, segmentation=[attrs.evolve(scheme, tiers=tiers)])
    otherwise = _OTHERWISE.fullmatch(hint)
    assert otherwise is not None, hint
    return attrs.evolve(policy, segmentation=[attrs.evolve(scheme, otherwise=otherwise["tier"])])


def criteria_of(policy: rc.Policy) -> list[Criterion]:
    (scheme,) = policy.segmentation
    assert isinstance(scheme, ThresholdScheme)
    return [tier.when for tier in scheme.tiers]


@pytest.mark.parametrize("name", GAPS)
class TestGapHints:
    """What is written instead closes the gap, and whoever had a tier keeps it."""

    def test_the_hint_closes_the_gap(self, name: str) -> None:
        policy = broken(name)
        found = gap_of(policy)
        assert found is not None
        assert gap_of(applied(policy, found.hint or "")) is None

    def test_whoever_had_a_tier_keeps_it(self, name: str) -> None:
        policy = broken(name)
        found = gap_of(policy)
        assert found is not None
        mended = applied(policy, found.hint or "")
        words = Vocabulary({fact.id: fact.fact_type for fact in policy.facts})
        space = Space.of([*criteria_of(policy), *criteria_of(mended)], words)
        cells = product(*(axis.cells for axis in space.axes))
        rows = {str(at): dict(zip(space.places, cell, strict=True)) for at, cell in enumerate(cells)}
        before, after = (assign(one.segmentation[0], rows, vocabulary=words, tiers_in_force={}).tiers for one in (policy, mended))
        assert before.items() <= after.items()
        assert len(after) > len(before)

    def test_the_hint_is_the_smallest_change(self, name: str) -> None:
        found, expected = gap_of(broken(name)), GAPS[name][1]
        assert found is not None
        assert found.hint == expected
