"""Verdicts on threshold schemes against trying every client there can be."""

from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.cells import Cover, Space
from relcare.decisions import Policy
from relcare.policy import Core, Criterion, Fact, Vocabulary, criterion, evaluate
from relcare.segmentation import ThresholdScheme, ThresholdTier, assign_one
from relcare.soundness import prove
from relcare.testing import days

FACTS = (
    Fact(id="revenue", type="integer", min=0, max=7, polarity="more", may_be_missing=True),
    Fact(id="recency", type="integer", min=0, max=5, polarity="less"),
    Fact(id="likelihood", type="level", values=("none", "low", "high"), polarity="more", may_be_missing=True),
)
WORDS = Vocabulary({fact.id: fact.fact_type for fact in FACTS})
EVERYBODY: list[dict[str, Core]] = [
    {"revenue": revenue, "recency": recency, "likelihood": likelihood}
    for revenue, recency, likelihood in product((None, *range(8)), range(6), (None, 0, 1, 2))
]
comparisons = st.one_of(
    st.builds("revenue {} {}".format, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), st.integers(0, 7)),
    st.builds("recency {} {}".format, st.sampled_from(("<", "<=", ">", ">=")), st.integers(0, 5)),
    st.builds("likelihood {} '{}'".format, st.sampled_from(("<", ">=", "==")), st.sampled_from(("none", "low", "high"))),
    st.sampled_from(("missing(revenue)", "missing(likelihood)")),
)
criteria = st.lists(st.lists(comparisons, min_size=1, max_size=3), min_size=1, max_size=2).map(
    lambda parts: criterion(" or ".join(f"({' and '.join(part)})" for part in parts))
)
schemes = st.builds(
    lambda whens, hit, otherwise: ThresholdScheme(
        id="s",
        tiers=[ThresholdTier(tier, when) for tier, when in zip("ABCD", whens, strict=False)],
        hit=hit,
        otherwise="Z" if otherwise or hit == "first" else None,
    ),
    st.lists(criteria, min_size=1, max_size=4),
    st.sampled_from(("highest", "first", "unique")),
    st.booleans(),
)


def ranks(scheme: ThresholdScheme) -> list[int | None]:
    """The rank of everybody's tier as the real evaluator gives it, None while held for want of data, -1 when nobody decides."""
    found: list[int | None] = []
    for row in EVERYBODY:
        assignment = assign_one(scheme, "c", row, vocabulary=WORDS, tier_in_force=None)
        assert assignment is not None
        code = assignment.reasons[0].code
        tier = assignment.tier
        found.append(-1 if code == "segmentation.no_match" else None if tier is None else scheme.tier_ids.index(tier))
    return found


class TestVerdicts:
    """What is proved holds for everybody, and what is refuted does not: exactly what trying all of them says."""

    @settings(max_examples=60)
    @given(schemes, days())
    def test_total_conflicts_monotone_and_demotion_agree_with_brute_force(self, scheme: ThresholdScheme, day: object) -> None:
        policy = Policy(id="p", version="1", effective_from=day, facts=FACTS, segmentation=[scheme])  # type: ignore[arg-type]
        report = prove(policy)
        assert report.undecided == ()
        refuted = {finding.code for finding in report.refuted}
        decided = ranks(scheme)
        by_row = {tuple(row.values()): rank for row, rank in zip(EVERYBODY, decided, strict=True)}
        assert ("total.gap" in refuted) is (-1 in decided)
        if scheme.hit == "unique":
            holding = [sum(evaluate(tier.when, row, WORDS) is True for tier in scheme.tiers) for row in EVERYBODY]
            assert ("conflict" in refuted) is any(count > 1 for count in holding)
        falls = any(
            worse is not None and better is not None and min(worse, better) >= 0 and worse > better
            for better, worse in self.steps(by_row)
        )
        assert ("monotone" in refuted) is falls
        for finding in report.refuted:
            for witness in finding.witnesses:
                assert witness.outcome in {*scheme.tier_ids, "held"}

    @staticmethod
    def steps(by_row: dict[tuple[Core, ...], int | None]) -> list[tuple[int | None, int | None]]:
        """Pairs of ranks of two clients who differ in one fact alone, the one with more of what is better second."""
        pairs: list[tuple[int | None, int | None]] = []
        for place, values in ((0, range(8)), (1, range(5, -1, -1)), (2, range(3))):
            for row in by_row:
                if row[place] == values[0]:
                    line = [by_row[(*row[:place], value, *row[place + 1 :])] for value in values]
                    known = [rank for rank in line if rank is not None and rank >= 0]
                    pairs.extend(pairwise(known))
        return pairs

    @given(st.lists(criteria, min_size=2, max_size=4))
    def test_a_shadowed_rule_decides_nobody(self, whens: list[Criterion]) -> None:
        scheme = ThresholdScheme(
            id="s",
            tiers=[ThresholdTier(t, w) for t, w in zip("ABCD", whens, strict=False)],
            otherwise="Z",
        )
        space = Space.of([tier.when for tier in scheme.tiers], WORDS)
        regions = [space.region(tier.when) for tier in scheme.tiers]
        for index, region in enumerate(regions):
            before = [box for r in regions[:index] for box in r.holds]
            dead = all(Cover().covers(box, before) for box in region.holds)
            first = [
                row
                for row in EVERYBODY
                if evaluate(scheme.tiers[index].when, row, WORDS)
                and not any(evaluate(tier.when, row, WORDS) for tier in scheme.tiers[:index])
            ]
            assert dead is (first == [])
