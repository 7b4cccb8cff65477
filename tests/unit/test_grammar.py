import warnings
from decimal import Decimal

import pytest

from relcare.errors import PolicyDocumentError
from relcare.policy import Compare, CriterionProblem, criterion, parse_criterion

ACCEPTED = [
    ("a", "a == True"),
    ("(a)", "a == True"),
    ("not a", "not a == True"),
    ("x>1", "x > 1"),
    ("1 < x", "x > 1"),
    ("1 >= x", "x <= 1"),
    ("'a' == x", "x == 'a'"),
    ("True != x", "x != True"),
    ("x == 10_000", "x == 10000"),
    ("x == 007.50", "x == 7.5"),
    ("x == 0.0", "x == 0"),
    ("x > -1", "x > -1"),
    ("x > -(1)", "x > -1"),
    ("1 < x < 2", "x > 1 and x < 2"),
    ("1 < x < 2 and y", "x > 1 and x < 2 and y == True"),
    ("5 > x > 1", "x < 5 and x > 1"),
    ("not 1 < x < 2", "not (x > 1 and x < 2)"),
    ("x in ('a',)", "x in ('a',)"),
    ("x in ('a', 'b',)", "x in ('a', 'b')"),
    ("not x in ('a', 'b')", "x not in ('a', 'b')"),
    ("x in (1, -2)", "x in (1, -2)"),
    ("'partner' in client.relationship_types", "'partner' in client.relationship_types"),
    ("'a' not in s", "'a' not in s"),
    ("missing(client.stage)", "missing(client.stage)"),
    ('tier.abc >= "B"', "tier.abc >= 'B'"),
    ('x == "it\'s"', 'x == "it\'s"'),
    ("x == ''", "x == ''"),
    ("x == '# no comment'", "x == '# no comment'"),
    ("x == '1e5'", "x == '1e5'"),
    ("등급 == '가'", "등급 == '가'"),
    ("x == '\U0001f600' and y", "x == '\U0001f600' and y == True"),
    ("  a\n  or b\t", "a == True or b == True"),
    ("\n\n  (a\r\n   and b)", "a == True and b == True"),
    ("a or b or (c or d)", "a == True or b == True or c == True or d == True"),
    ("a and (b or c)", "a == True and (b == True or c == True)"),
    ("((a and b)) and c", "a == True and b == True and c == True"),
    ("match and case and type", "match == True and case == True and type == True"),
    ("not " * 31 + "a", "not " * 31 + "a == True"),
    ("(" * 32 + "a" + ")" * 32, "a == True"),
]


@pytest.mark.parametrize(("text", "canonical"), ACCEPTED, ids=repr)
def test_what_the_grammar_knows_is_read_and_has_one_text(text: str, canonical: str) -> None:
    read = criterion(text)
    assert str(read) == canonical
    assert criterion(canonical) == read


REFUSED = [
    ("", 0, "is empty"),
    (" \n\t ", 0, "is empty"),
    ("x ==", 4, "cannot be read"),
    ("   x == (", None, "cannot be read"),
    ("(a", None, "cannot be read"),
    ("a)", None, "cannot be read"),
    ("a b", None, "cannot be read"),
    ("x = 1", None, "cannot be read"),
    ("x == 1; y", None, "cannot be read"),
    ("x == 'a", None, "cannot be read"),
    ("class == 1", None, "cannot be read"),
    ("x <> 1", None, "cannot be read"),
    ("x & 1", 0, "arithmetic"),
    ("x + 1 > 2", 0, "comparison needs a fact"),
    ("x > y + 1", 4, "arithmetic"),
    ("x > 1 + 1", 4, "arithmetic"),
    ("x > y", 4, "not with another fact"),
    ("  x > y", 6, "not with another fact"),
    ("한글 > y", 5, "not with another fact"),
    ("'\U0001f600' == x and x > y", 17, "not with another fact"),
    ("a.b > c.d", 6, "not with another fact"),
    ("1 < 2", 0, "comparison needs a fact"),
    ("x is None", 0, "`is` is not part"),
    ("x is not True", 0, "`is` is not part"),
    ("x == None", 5, "constant is a number, text"),
    ("True", 0, "constant by itself"),
    ("1", 0, "constant by itself"),
    ("'a'", 0, "constant by itself"),
    ("'a' in ('a', 'b')", 7, "`in` needs a fact"),
    ("x in 'abc'", 5, "choices in round brackets"),
    ("x in ('a')", 6, "choices in round brackets"),
    ("x in ()", 5, "choices in round brackets"),
    ("x in ['a']", 5, "choices in round brackets"),
    ("x in {'a'}", 5, "choices in round brackets"),
    ("x in y", 5, "choices in round brackets"),
    ("x in ('a', y)", 11, "not with another fact"),
    ("x in ('a', ('b',))", 11, "Tuple is not part"),
    ("1 in x", 5, "`in` needs a fact"),
    ("x == --1", 5, "minus sign"),
    ("x == -0", 5, "minus sign"),
    ("x == -'a'", 5, "minus sign"),
    ("x == +1", 5, "UnaryOp is not part"),
    ("x == ~1", 5, "UnaryOp is not part"),
    ("-x == 1", 0, "comparison needs a fact"),
    ("x == 1e5", 5, "plain digits"),
    ("x == 0x10", 5, "plain digits"),
    ("x == 1j", 5, "plain digits"),
    ("x == 1or y", 5, "plain digits"),
    ("x == 1.", 5, "constant is a number"),
    ("x == .5", 5, "constant is a number"),
    ("x == 1__0", None, "cannot be read"),
    ("x == 1_0.5_0", 5, "constant is a number"),
    ("x == 010", None, "cannot be read"),
    ("x == " + "1" * 41, 5, "constant is a number"),
    ("x == b'a'", 5, "constant is a number"),
    ("x == r'a'", 5, "constant is a number"),
    ("x == u'a'", 5, "constant is a number"),
    ("x == f'a'", 5, "formatted text"),
    ("x == 'a' 'b'", 5, "constant is a number"),
    ("x == '''a'''", 5, "constant is a number"),
    ("x == ...", 5, "constant is a number"),
    (r"x == 'a\n'", 7, "backslashes"),
    ("x == 1 # why", 7, "comments"),
    ("x == 'a\tb'", 5, "stands on one line"),
    ("x == 'a\nb'", 5, "stands on one line"),
    ("x == 1\0", 6, "control characters"),
    ("x == '\ud800'", 6, "control characters"),
    ("\x0cx == 1", 0, "control characters"),
    ("missing()", 0, "missing() takes"),
    ("missing(a, b)", 0, "missing() takes"),
    ("missing(x=a)", 0, "missing() takes"),
    ("missing('a')", 0, "missing() takes"),
    ("missing(*a)", 0, "missing() takes"),
    ("len(x) > 1", 0, "comparison needs a fact"),
    ("exec('x')", 0, "only function"),
    ("a.missing(b)", 0, "only function"),
    ("x[0] == 1", 0, "comparison needs a fact"),
    ("a if b else c", 0, "`if` is not part"),
    ("lambda: a", 0, "functions"),
    ("(a := b)", 1, "`:=`"),
    ("[a for a in b]", 0, "ListComp is not part"),
    ("a, b", 0, "Tuple is not part"),
    ("ﬁ == 1", 0, "NFKC"),
    ("a. b", 0, "joined by single dots"),
    ("(a).b", 0, "joined by single dots"),
    ("not " * 32 + "a", 128, "nested deeper than 32"),
    ("not " * 31 + "1 < x < 2", 124, "nested deeper than 32"),
    ("(" * 33 + "a" + ")" * 33, 32, "nested deeper than 32"),
    ("x > " + "-" * 900 + "1", 4, "minus sign"),
    ("not " * 900 + "a", 128, "nested deeper than 32"),
    ("a" * 4_001, 4_000, "longer than 4000"),
    (" and ".join(["1<x<2"] * 390), 0, "longer than 4000 characters when it is written out"),
]


@pytest.mark.parametrize(("text", "offset", "message"), REFUSED, ids=lambda value: f"{str(value)[:30]!r} of {len(str(value))}")
def test_what_the_grammar_does_not_know_is_refused_by_name_and_place(text: str, offset: int | None, message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parse_criterion(text)
    assert isinstance(found, tuple), found
    assert message in found[0].message
    # Where Python's own parser gives up differs from version to version.
    assert 0 <= found[0].offset <= len(text) if offset is None else found[0].offset == offset


def test_every_problem_is_found_in_order_of_place() -> None:
    found = parse_criterion("x > y and z in 'a' and len(b) or 1 and c == None")
    assert isinstance(found, tuple)
    assert [problem.offset for problem in found] == [4, 15, 23, 33, 44]


def test_a_long_row_of_names_is_read_without_deep_recursion() -> None:
    name = ".".join("a" * 1_500)
    assert parse_criterion(f"{name} == 1") == Compare(name, "==", Decimal(1))


def test_large_negative_numbers_keep_every_digit() -> None:
    assert parse_criterion("x > -12345678901234567890123456789012345") == Compare(
        "x", ">", Decimal(-12345678901234567890123456789012345)
    )


def test_the_way_out_is_in_the_hint() -> None:
    found = parse_criterion("x == open")
    assert found == (
        CriterionProblem(5, "a fact is compared with a constant, not with another fact", "declare a fact with `difference`"),
    )
    assert parse_criterion("x in (open,)") == (
        CriterionProblem(6, "a fact is compared with a constant, not with another fact", "for text write 'open'"),
    )


def test_a_place_is_told_by_line_and_column() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        criterion("a and\n  x > y\n or b is c")
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(2, 7), (3, 5)]
    assert str(caught.value).startswith("2 problems\n<criterion>:2:7: a fact is compared")


def test_a_criterion_knows_where_each_comparison_stood() -> None:
    text = "  한글 == 1 or missing(b)"
    read = criterion(text)
    assert [text[slice(*leaf.span)] for leaf in read.parts] == ["한글 == 1", "missing(b)"]  # type: ignore[union-attr]
