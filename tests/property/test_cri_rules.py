from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from relcare.policy import (
    And,
    Contains,
    Core,
    Criterion,
    FactType,
    Leaf,
    Missing,
    Not,
    OneOf,
    Or,
    Vocabulary,
    all_of,
    any_of,
    check_criterion,
    compile_criteria,
    compile_for_rows,
    criterion,
    decisive_facts,
    evaluate,
    facts_of,
    leaves,
    parse_criterion,
)
from relcare.testing import NASTY_TEXTS, criteria, rows, vocabularies

Case = tuple[Vocabulary, list[Criterion], dict[str, Core]]
_TOKENS = (
    *("x", "tier.abc", "한글", "(", ")", "'a'", '"b"', "1", "10_000", "0.5", "-", "and", "or", "not", "in", "is", "=", ","),
    *("==", "!=", "<", "<=", ">", ">=", "('a',)", "missing(", "missing(x)", "True", "None", ".", " ", "\n", "\t", "#", "\\", "'"),
    *("if", "lambda:", "[", "]", "{", "}", "*", "1e5", "f'a'", ":=", "\U0001f600", "\u3000", "class", "await", "\0", "\ud800"),
)
texts = (
    st.lists(st.sampled_from(_TOKENS), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(_TOKENS), max_size=14).map("".join)
    | st.text(max_size=30)
    | st.sampled_from([text for text in NASTY_TEXTS if len(text) < 5_000])
)


# Three vocabularies of every kind of fact, whose strategies are made once; and, more dearly, any other.
_FIXED = (
    Vocabulary(
        {
            "x": FactType(kind="money", grain=Decimal("0.01"), low=Decimal(-5), high=Decimal(20_000)),
            "tier.abc": FactType(kind="level", values=("C", "B", "A")),
            "client.relationship_types": FactType(kind="set", may_be_missing=False),
            "한글": FactType(kind="flag"),
        }
    ),
    Vocabulary(
        {
            "count": FactType(kind="integer", grain=Decimal(1), low=Decimal(0)),
            "on": FactType(kind="date", low=date(2024, 2, 29), high=date(2026, 3, 1)),
            "client.stage": FactType(kind="category", values=("open", "closed")),
            "region": FactType(kind="category"),
        }
    ),
    Vocabulary(
        {"amount": FactType(kind="number"), "n": FactType(kind="number", grain=Decimal(5)), "flag": FactType(kind="flag")}
    ),
)
_MADE = tuple(st.tuples(st.just(words), criteria(words)) for words in _FIXED)
_LISTS = tuple(st.tuples(st.just(words), st.lists(criteria(words, max_depth=2), min_size=1, max_size=3)) for words in _FIXED)
pairs = st.one_of(*_MADE)
any_pairs = vocabularies(max_facts=3).flatmap(lambda words: st.tuples(st.just(words), criteria(words)))


@st.composite
def cases(draw: st.DrawFn, count: int = 3) -> Case:
    """A vocabulary, criteria over it, and a row near their constants."""
    words, some = draw(st.one_of(*_LISTS))
    return words, some[:count], draw(rows(words, near=some[:count]))


@st.composite
def any_cases(draw: st.DrawFn) -> Case:
    """The same over any vocabulary."""
    words, one = draw(any_pairs)
    return words, [one], draw(rows(words, near=[one]))


def shuffled(node: Criterion, draw: st.DataObject) -> Criterion:
    if isinstance(node, Not):
        return Not(shuffled(node.part, draw))
    if isinstance(node, (And, Or)):
        parts = [shuffled(part, draw) for part in node.parts]
        return type(node)(tuple(draw.draw(st.permutations(parts))))
    return node


class TestCri1:
    """CRI-1: a criterion is text in our published grammar.

    "It is parsed with `ast` under our published grammar, never evaluated, at most 4,000 characters and depth 32; it becomes a
    closed union of frozen values and prints back canonically. [...] Errors name file, line, column and the nearest right name."
    """

    @given(pairs | any_pairs)
    def test_the_text_of_a_criterion_gives_it_back_and_is_canonical(self, pair: tuple[Vocabulary, Criterion]) -> None:
        _, given_ = pair
        text = str(given_)
        if len(text) <= 4_000:
            read = parse_criterion(text)
            assert read == given_
            assert str(read) == text
            assert hash(read) == hash(given_)
            assert not isinstance(read, tuple)
            for leaf in leaves(read):
                part = parse_criterion(text[slice(*leaf.span)])
                assert part in {leaf, Not(leaf)}

    @given(pairs | any_pairs)
    def test_a_well_typed_criterion_has_no_problem_over_its_vocabulary(self, pair: tuple[Vocabulary, Criterion]) -> None:
        words, given_ = pair
        assert check_criterion(given_, words) == ()
        assert set(facts_of(given_)) <= set(words)

    @given(texts)
    @example("not " * 31 + "1 < x < 2")
    @example("x > " + "-" * 1_900 + "1")
    @example(".".join("a" * 1_500))
    @example("   x ==")
    @example("\u3000x in (")
    @example(" and ".join(["1<x<2"] * 390))
    def test_no_text_raises_and_every_problem_has_a_place_inside_it(self, text: str) -> None:
        found = parse_criterion(text)
        if isinstance(found, tuple):
            assert found
            assert [problem.offset for problem in found] == sorted(problem.offset for problem in found)
            assert all(0 <= problem.offset <= len(text) and problem.message for problem in found)
        else:
            assert parse_criterion(str(found)) == found
            assert all(0 <= leaf.span[0] < leaf.span[1] <= len(text) for leaf in leaves(found))

    @given(pairs, st.integers(0, 400), st.sampled_from(["", " ", "(", ")", "'", "not", "1", "x", "\\", "한"]))
    def test_a_slip_of_the_pen_is_a_problem_or_another_criterion(
        self, pair: tuple[Vocabulary, Criterion], at: int, slip: str
    ) -> None:
        text = str(pair[1])
        at %= len(text)
        found = parse_criterion(text[:at] + slip + text[at + 1 :])
        if isinstance(found, tuple):
            assert all(0 <= problem.offset <= len(text) + len(slip) for problem in found)
        else:
            assert criterion(str(found)) == found

    @given(pairs, st.sampled_from(["  ", "\n", "\t", "\r\n"]))
    def test_brackets_and_blanks_around_it_change_nothing(self, pair: tuple[Vocabulary, Criterion], blank: str) -> None:
        given_ = pair[1]
        text = str(given_)
        if len(text) < 3_900:
            assert parse_criterion(f"{blank}({blank}{text}{blank}){blank}") == given_

    @given(cases(), st.data())
    def test_a_wrong_name_is_a_problem_where_it_stands(self, case: Case, data: st.DataObject) -> None:
        words, (given_, *_), _ = case
        gone = data.draw(st.sampled_from(facts_of(given_)))
        fewer = Vocabulary({name: kind for name, kind in words.items() if name != gone})
        read = criterion(str(given_))
        found = check_criterion(read, fewer)
        assert [problem.offset for problem in found] == [leaf.span[0] for leaf in leaves(read) if leaf.fact == gone]
        assert all(problem.message == f"unknown fact {gone!r}" for problem in found)


def leaf_by_reading(leaf: Leaf, row: Mapping[str, Core], words: Vocabulary) -> int:
    """0 for no, 1 for unknown, 2 for yes: found on the values as people read them, without the core form of the constants."""
    kind, core = words[leaf.fact], row.get(leaf.fact)
    if isinstance(leaf, Missing):
        return 2 if core is None else 0
    if core is None:
        return 1
    if isinstance(leaf, Contains):
        assert isinstance(core, frozenset)
        return 2 if leaf.value in core else 0
    read = readable(kind, kind.decode(core))
    if isinstance(leaf, OneOf):
        return 2 if any(read == readable(kind, value) for value in leaf.values) else 0
    compare = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}[leaf.operator]
    return 2 if compare(read, readable(kind, leaf.value)) else 0


def readable(kind: FactType, value: Any) -> Any:
    if kind.kind == "level":
        return kind.values.index(value)
    if kind.kind == "date":
        return value.isoformat() if isinstance(value, date) else value
    return Decimal(value) if kind.is_numeric else value


def by_reading(node: Criterion, row: Mapping[str, Core], words: Vocabulary) -> int:
    """Kleene's tables as arithmetic: and is the least, or the greatest, not turns around."""
    if isinstance(node, Not):
        return 2 - by_reading(node.part, row, words)
    if isinstance(node, And):
        return min(by_reading(part, row, words) for part in node.parts)
    if isinstance(node, Or):
        return max(by_reading(part, row, words) for part in node.parts)
    return leaf_by_reading(node, row, words)


class TestCri2:
    """CRI-2: Kleene's strong three-valued logic.

    "A missing fact makes a comparison unknown (no tautology is sought, so every engine agrees)."
    """

    @given(cases() | any_cases())
    def test_the_answer_is_the_one_that_the_tables_give_on_readable_values(self, case: Case) -> None:
        words, some, row = case
        for one in some:
            assert evaluate(one, row, words) is {0: False, 1: None, 2: True}[by_reading(one, row, words)]

    @given(cases() | any_cases())
    def test_the_generated_function_answers_like_the_plain_reading(self, case: Case) -> None:
        words, some, row = case
        layout = tuple(words)
        function = compile_criteria(some, words, layout)
        for filled in (row, dict.fromkeys(words), {name: row[name] for name in list(row)[::2]}):
            assert function([filled.get(name) for name in layout]) == tuple(evaluate(one, filled, words) for one in some)

    @given(cases() | any_cases())
    def test_the_function_of_many_rows_answers_like_the_plain_reading(self, case: Case) -> None:
        words, some, row = case
        asked: list[dict[str, Core]] = [
            dict(row),
            dict.fromkeys(words),
            {name: row[name] for name in list(row)[::2]},
            {},
            dict(row),
        ]
        expected = [tuple(evaluate(one, filled, words) for one in some) for filled in asked]
        assert compile_for_rows(some, words)(asked) == expected
        assert compile_for_rows(some, words, is_for_many=True)(asked) == expected

    @given(cases(count=2), st.randoms(use_true_random=False))
    def test_the_layout_of_the_row_does_not_matter(self, case: Case, random: Any) -> None:
        words, some, row = case
        layout = sorted(words, key=lambda _: random.random())
        function = compile_criteria(some, words, [*layout, "more"])
        assert function([*(row[name] for name in layout), 5]) == tuple(evaluate(one, row, words) for one in some)

    @given(cases(count=1), st.data())
    def test_the_order_of_parts_does_not_matter(self, case: Case, data: st.DataObject) -> None:
        words, (one,), row = case
        assert evaluate(shuffled(one, data), row, words) is evaluate(one, row, words)

    @given(cases(count=1), st.data())
    def test_unrelated_facts_do_not_matter(self, case: Case, data: st.DataObject) -> None:
        words, (one,), row = case
        other = data.draw(rows(words, near=[one]))
        asked = set(facts_of(one))
        mixed = {name: row[name] if name in asked else other[name] for name in words}
        assert evaluate(one, mixed, words) is evaluate(one, row, words)
        assert evaluate(one, {name: row[name] for name in asked}, words) is evaluate(one, row, words)

    @given(cases(count=1), st.data())
    def test_filling_in_a_missing_fact_never_turns_a_decided_answer_around(self, case: Case, data: st.DataObject) -> None:
        """A criterion that asks `missing(fact)` is about the absence itself: its fact keeps its state here."""
        words, (one,), row = case
        asked_about = {leaf.fact for leaf in leaves(one) if isinstance(leaf, Missing)}
        other = data.draw(rows(words, near=[one]))
        filled = {name: other[name] if row[name] is None and name not in asked_about else row[name] for name in words}
        before = evaluate(one, row, words)
        assert before is None or evaluate(one, filled, words) is before

    @given(cases())
    def test_the_laws_of_not_and_or_hold(self, case: Case) -> None:
        words, some, row = case
        answers = {evaluate(one, row, words) for one in some}
        for both, either in ((all_of(*some), any_of(*some)),):
            assert evaluate(both, row, words) is (False if False in answers else None if None in answers else True)
            assert evaluate(Not(either), row, words) is evaluate(all_of(*(Not(one) for one in some)), row, words)
            assert evaluate(Not(both), row, words) is evaluate(any_of(*(Not(one) for one in some)), row, words)
            assert evaluate(Not(Not(both)), row, words) is evaluate(both, row, words)

    @given(cases(count=1))
    def test_an_open_answer_names_the_facts_that_leave_it_open(self, case: Case) -> None:
        words, (one,), row = case
        asked = decisive_facts(one, row, words)
        assert all(row[name] is None for name in asked)
        assert asked or evaluate(one, row, words) is not None
        assert list(asked) == sorted(asked)
