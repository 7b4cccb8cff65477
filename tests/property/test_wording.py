"""Words for reasons: they can always be had, they are one line, and nothing in the data speaks for itself."""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.model import STATES, Notice, Obligation, Reason, Undecided, Verdict
from relcare.segmentation import Assignment
from relcare.testing import NASTY_TEXTS, days, ids, names
from relcare.vip import PathDecision, VipDecision
from relcare.wording import CATALOGUES, Explainable, explain, explain_reason, reasons_in_words
from relcare.wording._template import fields_of, parse_template

ENGLISH = CATALOGUES["en"]
ANSWERS = st.sampled_from(["yes", "no", "unknown"])
CODES = sorted(key for key in ENGLISH.templates if "=" not in key)

texts = st.text(st.characters(), max_size=20) | st.sampled_from(NASTY_TEXTS)
strange = st.floats() | st.binary(max_size=3) | st.complex_numbers() | st.dictionaries(st.integers(), st.none(), max_size=1)
amounts = st.decimals() | st.sampled_from(list(map(Decimal, ("1E+999999", "-0", "0.00", "sNaN", "Infinity"))))
integers = st.integers() | st.just(10**6_000)
values: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | texts
    | integers
    | amounts
    | st.dates()
    | st.datetimes()
    | st.lists(texts, max_size=25).map(tuple)
    | st.frozensets(texts, max_size=3)
    | strange
)


@st.composite
def reasons(draw: st.DrawFn) -> Reason:
    """Known and unknown codes, with all, some or none of the values that their words ask for, and any others."""
    code = draw(st.sampled_from(CODES) | texts)
    fields = sorted(set(fields_of(parse_template(ENGLISH.templates.get(code, "")))))
    known = draw(st.fixed_dictionaries(dict.fromkeys(fields, values)) | st.just({}))
    facts, others = (draw(st.dictionaries(texts, values, max_size=most)) for most in (3, 2))
    return Reason(code, facts, {**known, **others})


def obligations() -> st.SearchStrategy[Obligation]:
    optional = st.none() | ids()
    return st.builds(
        Obligation,
        key=ids(),
        client_id=ids(),
        rule_id=ids(),
        rule_ids=st.tuples(ids()),
        owner_id=optional,
        staff_id=optional,
        person_id=optional,
        attributed_to=st.sampled_from([None, "owner"]),
        channel=names(),
        role=names(),
        state=st.sampled_from(STATES),
        never_contacted=st.booleans(),
        last_contact_on=st.none() | days(),
        interval=st.just("1 week"),
        interval_days=st.just(Decimal(7)),
        earliest_on=days(),
        due_on=days(),
        latest_on=days(),
        overdue_days=st.integers(0, 400),
        policy_id=ids(),
        policy_version=ids(),
        as_of=days(),
        reasons=several,
    )


several = st.lists(reasons(), max_size=3).map(tuple)
missing = st.lists(texts, max_size=2).map(tuple)
paths = st.builds(
    PathDecision, id=texts, answer=ANSWERS, shortfall=st.dictionaries(texts, amounts, max_size=2), missing=st.just(())
)
explainable: st.SearchStrategy[Explainable] = (
    reasons()
    | obligations()
    | st.builds(Verdict, answer=ANSWERS, reasons=several, missing=missing)
    | st.builds(Undecided, client_id=ids(), rule_id=texts, missing=missing, reasons=several)
    | st.builds(Assignment, client_id=ids(), scheme_id=texts, tier=st.none() | texts, is_in_scope=st.booleans(), reasons=several)
    | st.builds(
        VipDecision,
        programme_id=texts,
        client_id=st.none() | ids(),
        qualification=ANSWERS,
        paths=st.lists(paths, max_size=2).map(tuple),
        first_eligible_on=st.none() | days(),
        reasons=several,
    )
    | st.builds(Notice, code=texts, kind=texts, id=texts, value=texts)
)


class TestEveryDecisionCarriesItsReasonsInWords:
    """CRI-3: Every decision carries its reasons.

    Which rule, which facts with which values. A reason is a stable code with its values. Words come from a catalogue at the edge.
    """

    @given(explainable)
    @example(Reason(""))
    @example(Reason("cadence.rule", {"{facts}": "[x]\n"}, {"rule": "{rule.__class__}", "channel": "%s", "interval": "\x00"}))
    def test_whatever_was_decided_can_be_put_into_one_line(self, what: Explainable) -> None:
        words = explain(what)
        assert words
        assert words.splitlines() == [words]
        assert words.encode()

    @given(several)
    def test_each_reason_has_its_own_words_in_order(self, some: tuple[Reason, ...]) -> None:
        assert reasons_in_words(some) == tuple(map(explain_reason, some))

    @given(reasons(), st.dictionaries(ids(), ids() | days() | st.none(), min_size=1, max_size=3))
    def test_every_fact_is_told_with_its_value_and_a_missing_one_as_missing(
        self, reason: Reason, facts: dict[str, str | date | None]
    ) -> None:
        words = explain_reason(attrs.evolve(reason, facts=facts))
        for name in facts:
            # An id of 200 characters still has its beginning; quotation marks in it are escaped.
            assert name.partition('"')[0].partition("'")[0][:150] in words
        assert words.count("missing") >= sum(value is None for value in facts.values())

    @given(texts, texts)
    def test_what_the_data_says_never_becomes_a_template(self, rule: str, channel: str) -> None:
        fixed = {"interval": "1 week", "when": None, "source": None}
        words = explain_reason(Reason("cadence.rule", {}, {"rule": "{channel}" + rule, "channel": "call" + channel, **fixed}))
        assert words.startswith(("rule '{channel}", 'rule "{channel}'))
        assert words.endswith(" every 1 week")
