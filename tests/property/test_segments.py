"""SEG-7: segments by a plain reading, what their members share counted over, and what proofs say of them replayed."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Final, TypeAlias

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from relcare.codec import dumps_policy, loads_policy
from relcare.decisions import Policy
from relcare.model import Answer, Book, FactValue
from relcare.policy import CLIENT_FACTS, Core, Fact, FactType, Vocabulary, decisive_facts, evaluate, facts_of
from relcare.segments import (
    CriterionSegment,
    ProductSegment,
    Segment,
    SegmentMembership,
    SegmentResult,
    Theme,
    divide,
    expanded,
    in_common,
    invitations,
    segment_problems,
)
from relcare.soundness import prove
from relcare.testing import books, criteria, policies, rows, segments

DAY: Final = date(2026, 1, 1)
Rows: TypeAlias = dict[str, dict[str, Core]]

WORDS: Final = Vocabulary(
    {
        "orders": FactType(kind="integer", grain=Decimal(1), low=Decimal(0), high=Decimal(4)),
        "lines": FactType(kind="set"),
        "risk": FactType(kind="level", values=("cautious", "balanced", "bold")),
        "term": FactType(kind="category", values=("short", "long")),
        "is_local": FactType(kind="flag"),
        "client.region": CLIENT_FACTS["client.region"],
        "client.relationship_types": CLIENT_FACTS["client.relationship_types"],
    }
)
FACTS: Final = (
    Fact(id="orders", type="integer", min=0, max=4, may_be_missing=True),
    Fact(id="lines", type="set", may_be_missing=True),
    Fact(id="risk", type="level", values=("cautious", "balanced", "bold"), may_be_missing=True),
    Fact(id="term", type="category", values=("short", "long"), may_be_missing=True),
    Fact(id="is_local", type="flag", may_be_missing=True),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Segment, Rows]:
    """A segment with up to six clients."""
    segment = draw(segments(WORDS).filter(bool).flatmap(st.sampled_from))
    criterion = segment.when if isinstance(segment, CriterionSegment) else segment.scope
    drawn = draw(st.lists(rows(WORDS, near=() if criterion is None else [criterion]), max_size=6))
    return segment, {f"c-{number}": row for number, row in enumerate(drawn)}


def result_of(case: tuple[Segment, Rows]) -> SegmentResult:
    return divide(case[0], case[1], vocabulary=WORDS)


def values_in(name: str, core: Core) -> set[str]:
    """The values of a dimension, read from the value as people write it."""
    value = WORDS[name].decode(core)
    if isinstance(value, frozenset):
        return set(value)
    return (
        set()
        if value is None
        else {{True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)}
    )


class TestSeg7:
    """SEG-7: segments are unordered, a client may be in several, and they come from criteria or from the product of dimensions.

    Everybody is in, out, in a cell, unplaced, or open with the missing facts named; never silently out.
    """

    @given(cases())
    def test_drawn_segments_are_right(self, case: tuple[Segment, Rows]) -> None:
        assert not list(segment_problems(case[0], WORDS))

    @given(cases())
    def test_everybody_is_in_exactly_one_list(self, case: tuple[Segment, Rows]) -> None:
        found = result_of(case)
        told = [*found.members, *found.unknown, *found.unplaced, *found.outside]
        assert sorted(told) == sorted(case[1])

    @given(cases())
    def test_everybody_in_scope_is_in_a_cell_or_unplaced_for_want_of_a_dimension(self, case: tuple[Segment, Rows]) -> None:
        segment, found = case[0], result_of(case)
        if not isinstance(segment, ProductSegment):
            assert (found.cells, dict(found.unplaced)) == ((), {})
            return
        for client_id, row in case[1].items():
            scope = True if segment.scope is None else evaluate(segment.scope, row, WORDS)
            lacking = sorted(name for name in segment.by if not values_in(name, row.get(name)))
            cells = {cell.values for cell in found.cells if client_id in cell.client_ids}
            assert bool(cells) == (client_id in found.members) == (scope is True and not lacking)
            assert (client_id in found.unplaced) == (scope is True and bool(lacking))
            assert list(found.unplaced.get(client_id, lacking)) == lacking
            assert (client_id in found.unknown) == (scope is None)

    @given(cases())
    def test_a_client_is_in_the_cells_of_its_own_values_and_in_no_other(self, case: tuple[Segment, Rows]) -> None:
        segment, found = case[0], result_of(case)
        for cell in found.cells:
            assert isinstance(segment, ProductSegment)
            assert list(cell.client_ids) == [
                client_id
                for client_id in found.members
                if all(
                    value in values_in(name, case[1][client_id].get(name))
                    for name, value in zip(segment.by, cell.values, strict=True)
                )
            ]
            assert cell.client_ids
        assert len({cell.values for cell in found.cells}) == len(found.cells)

    @given(cases())
    def test_all_cells_are_those_with_members_and_the_empty_ones(self, case: tuple[Segment, Rows]) -> None:
        found = result_of(case)
        both = [*found.cells, *found.empty_cells()]
        assert len(both) == found.cell_count
        assert all(found.cell(cell.name).values == cell.values for cell in both if "/" not in "".join(cell.values))

    @given(cases())
    def test_a_criterion_decides_and_what_is_unknown_names_what_could_settle_it(self, case: tuple[Segment, Rows]) -> None:
        segment, found = case[0], result_of(case)
        if not isinstance(segment, CriterionSegment):
            return
        for client_id, row in case[1].items():
            answer = evaluate(segment.when, row, WORDS)
            assert (client_id in found.members) == (answer is True)
            assert (client_id in found.outside) == (answer is False)
            if answer is None:
                assert found.unknown[client_id] == decisive_facts(segment.when, row, WORDS) != ()

    @given(cases())
    def test_the_facts_of_a_reason_give_the_same_membership_again(self, case: tuple[Segment, Rows]) -> None:
        found = result_of(case)
        for client_id in case[1]:
            told = found.membership(client_id)
            facts = {name: WORDS[name].encode(name, value) for reason in told.reasons for name, value in reason.facts.items()}
            again = divide(case[0], {client_id: facts}, vocabulary=WORDS)  # type: ignore[dict-item]
            assert again.membership(client_id) == told
            assert_answer(found, told)

    @given(cases(), st.randoms(use_true_random=False))
    def test_the_order_of_the_book_decides_nothing(self, case: tuple[Segment, Rows], random: object) -> None:
        turned = dict(reversed(case[1].items()))
        one, other = result_of(case), result_of((case[0], turned))
        assert set(one.members) == set(other.members)
        assert [cell.values for cell in one.cells] == [cell.values for cell in other.cells]

    @given(cases(), st.data())
    def test_what_is_never_known_takes_nobody_in(self, case: tuple[Segment, Rows], data: st.DataObject) -> None:
        never = {client_id: frozenset(data.draw(st.sets(st.sampled_from(sorted(WORDS))))) for client_id in case[1]}
        row_of = {i: {n: None if n in never[i] else v for n, v in row.items()} for i, row in case[1].items()}
        plain, told = divide(case[0], row_of, vocabulary=WORDS), divide(case[0], row_of, vocabulary=WORDS, inapplicable=never)
        assert told.members == plain.members
        for client_id, facts in told.unknown.items():
            assert not never[client_id].intersection(facts)
            assert set(facts) <= set(plain.unknown[client_id])

    @given(segments(WORDS), criteria(Vocabulary({"segment.bold": FactType(kind="flag"), **WORDS})), rows(WORDS))
    def test_a_criterion_about_a_segment_means_what_it_means_written_out(
        self, several: list[Segment], criterion: object, row: dict[str, Core]
    ) -> None:
        named = {one.id: one for one in several if isinstance(one, CriterionSegment)}
        if "bold" not in named or "missing(segment.bold)" in str(criterion):
            return
        words = Vocabulary({"segment.bold": FactType(kind="flag"), **WORDS})
        full = {**row, "segment.bold": evaluate(named["bold"].when, row, WORDS)}
        written = expanded(criterion, named)  # type: ignore[arg-type]
        assert "segment.bold" not in facts_of(written)
        assert evaluate(written, row, WORDS) == evaluate(criterion, full, words)  # type: ignore[arg-type]

    @given(segments(WORDS))
    def test_a_document_gives_the_same_segments_back(self, several: list[Segment]) -> None:
        policy = Policy(id="p", version="1", effective_from=DAY, facts=FACTS, segments=several)
        assert loads_policy(dumps_policy(policy)) == policy

    @settings(max_examples=25)
    @given(policies(with_examples=False), books(), st.data())
    def test_the_flag_is_the_membership_in_every_decision(self, policy: Policy, book: Book, data: st.DataObject) -> None:
        decided = policy.decide(book, as_of=policy.effective_from)
        for segment_id, found in decided.segments.items():
            if isinstance(found.segment, CriterionSegment):
                for client_id in decided.client_ids:
                    flag = decided.facts(client_id)[f"segment.{segment_id}"]
                    assert (flag is True) == (client_id in found.members)
                    assert not (flag is False and client_id in found.unknown)


def assert_answer(found: SegmentResult, told: SegmentMembership) -> None:
    """The answer and the lists say the same."""
    expected: set[Answer] = (
        {"yes"}
        if told.client_id in found.members
        else {"unknown"}
        if told.client_id in found.unknown
        else {"no", "unknown"}
        if told.client_id in found.unplaced
        else {"no"}
    )
    assert told.answer in expected
    assert bool(told.cells) == (told.client_id in found.members and isinstance(found.segment, ProductSegment))


HOBBIES: Final = ("golf", "tea", "opera")
books_of_traits = st.lists(
    st.fixed_dictionaries(
        {
            "hobbies": st.none() | st.frozensets(st.sampled_from(HOBBIES)),
            "term": st.sampled_from((None, "short", "long")),
            "is_local": st.sampled_from((None, True, False)),
        }
    ),
    max_size=8,
).map(lambda several: {f"c-{number}": row for number, row in enumerate(several)})
TraitRows: TypeAlias = dict[str, dict[str, FactValue]]


def has(row: dict[str, FactValue], fact: str, value: str) -> bool | None:
    own = row[fact]
    if own is None:
        return None
    if isinstance(own, frozenset):
        return value in own
    return str(own).lower() == value if isinstance(own, bool) else own == value


class TestSeg7InCommon:
    """SEG-7: what a segment's members have in common, with its lift over the book, chooses whom to invite and on what theme."""

    @given(books_of_traits, st.data(), st.integers(1, 3))
    def test_shares_lift_and_chance_are_those_of_counting(self, book: TraitRows, data: st.DataObject, at_least: int) -> None:
        members = data.draw(st.sets(st.sampled_from(sorted(book)))) if book else set()
        found = in_common(members, book, ["hobbies", "term", "is_local"], at_least=at_least)
        assert [one for one in found.found if one.count < at_least] == []
        for one in found.found:
            known = [i for i in book if has(book[i], one.fact, one.value) is not None]
            having = [i for i in known if has(book[i], one.fact, one.value)]
            inside = [i for i in known if i in members]
            assert (one.book_known, one.book_count, one.known) == (len(known), len(having), len(inside))
            assert list(one.client_ids) == [i for i in having if i in members]
            assert one.lift == Fraction(one.count, len(inside)) / Fraction(len(having), len(known))
            drawn = [len(set(some) & set(having)) for some in combinations(known, len(inside))]
            assert one.chance == Fraction(sum(hits >= one.count for hits in drawn), comb(len(known), len(inside)))
            assert one.chance <= one.chance_of_any <= 1

    @given(books_of_traits, st.data())
    def test_nothing_shared_is_left_out_and_the_order_is_that_of_the_lift(self, book: TraitRows, data: st.DataObject) -> None:
        members = data.draw(st.sets(st.sampled_from(sorted(book)))) if book else set()
        found = in_common(members, book, ["hobbies", "term"], at_least=2)
        values = [("hobbies", one) for one in HOBBIES] + [("term", "short"), ("term", "long")]
        counts = {pair: sum(has(book[i], *pair) is True for i in members) for pair in values}
        assert {(one.fact, one.value) for one in found.found} == {pair for pair, count in counts.items() if count >= 2}
        keys = [(-one.lift, -one.count, one.fact, one.value) for one in found.found]
        assert keys == sorted(keys)
        assert all(found.missing[name] == sum(book[i][name] is None for i in members) for name in ("hobbies", "term"))

    @given(books_of_traits)
    def test_the_whole_book_has_nothing_beyond_itself(self, book: TraitRows) -> None:
        assert all(one.lift == 1 == one.chance for one in in_common(book, book, ["hobbies"], at_least=1).found)

    @given(books_of_traits, st.data(), st.sampled_from(HOBBIES))
    def test_invited_are_those_who_share_the_theme(self, book: TraitRows, data: st.DataObject, hobby: str) -> None:
        members = data.draw(st.sets(st.sampled_from(sorted(book)))) if book else set()
        found = invitations(members, book, Theme("hobbies", hobby))
        inside, outside = [one.client_id for one in found.inside], [one.client_id for one in found.outside]
        assert [*inside, *outside] == [i for i in book if has(book[i], "hobbies", hobby) and i in members] + [
            i for i in book if has(book[i], "hobbies", hobby) and i not in members
        ]
        assert list(found.unknown) == [i for i in book if book[i]["hobbies"] is None and i in members]


class TestSeg7Proofs:
    """SEG-7: a segment that nobody can be in, that everybody is in, or that is another one over again, is told; and only then."""

    @given(segments(WORDS), st.lists(rows(WORDS), max_size=6))
    def test_no_row_contradicts_what_was_proved(self, several: list[Segment], drawn: list[dict[str, Core]]) -> None:
        policy = Policy(id="p", version="1", effective_from=DAY, facts=FACTS, segments=several)
        book = {f"c-{number}": {**row, "client.relationship_types": frozenset[str]()} for number, row in enumerate(drawn)}
        found = {one.id: divide(one, book, vocabulary=WORDS) for one in several}
        for finding in prove(policy).refuted:
            names = finding.values.get("segments") or (finding.values.get("segment"),)
            results = [found[str(name)] for name in names] if isinstance(names, tuple) and None not in names else []
            if finding.code == "segment.never" and "cells" not in finding.values:
                assert results[0].members == ()
            if finding.code == "segment.everybody" and isinstance(results[0].segment, CriterionSegment):
                assert results[0].members == tuple(book)
            if finding.code == "segment.same":
                assert set(results[0].members) == set(results[1].members)

    @given(segments(WORDS), st.lists(rows(WORDS), min_size=1, max_size=6))
    def test_a_cell_that_is_told_to_be_empty_for_ever_is_empty(
        self, several: list[Segment], drawn: list[dict[str, Core]]
    ) -> None:
        policy = Policy(id="p", version="1", effective_from=DAY, facts=FACTS, segments=several)
        for finding in prove(policy).refuted:
            cells = finding.values.get("cells")
            if finding.code == "segment.never" and isinstance(cells, tuple):
                (segment,) = (one for one in several if one.id == finding.values["segment"])
                assert isinstance(segment, ProductSegment)
                result = divide(segment, {f"c-{n}": row for n, row in enumerate(drawn)}, vocabulary=WORDS)
                for cell in result.cells:
                    told = {f"{name} {value}" for name, value in zip(segment.by, cell.values, strict=True)}
                    assert not any(set(text.split(" and ")) <= told for text in cells)

    @given(segments(WORDS))
    def test_a_segment_beside_itself_is_told(self, several: list[Segment]) -> None:
        twins = [attrs.evolve(one, id=f"{one.id}_too") for one in several[:1]]
        policy = Policy(
            id="p",
            version="1",
            effective_from=DAY,
            facts=FACTS,
            segments=[*several[:1], *twins],
        )
        codes = {finding.code for finding in prove(policy).refuted}
        assert not several or codes & {"segment.same", "segment.never"}
