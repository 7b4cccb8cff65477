import pickle
from decimal import Decimal

import pytest

from relcare._fields import (
    MAX_NOTE,
    ReadOnlyMap,
    check_choice,
    check_id,
    check_identifier,
    check_text,
    check_tuple_of,
    check_zone,
    nearest_identifier,
    to_decimal,
    to_frozenset,
    to_map,
    to_tuple,
)
from relcare.errors import InvalidValueError


def is_refused(check: object, value: object) -> bool:
    try:
        check("field", value)  # type: ignore[operator]
    except InvalidValueError as error:
        return error.name == "field"
    return False


class TestReadOnlyMap:
    def test_it_equals_any_mapping_with_the_same_entries_and_keeps_the_order(self) -> None:
        one = ReadOnlyMap([("b", 1), ("a", 2)])
        assert one == {"a": 2, "b": 1}
        assert list(one) == ["b", "a"]
        assert repr(one) == "{'b': 1, 'a': 2}"
        assert len(one) == 2

    def test_it_hashes_by_its_entries_and_survives_pickling(self) -> None:
        one = ReadOnlyMap({"a": 1, "b": 2})
        assert hash(one) == hash(ReadOnlyMap({"b": 2, "a": 1}))
        assert pickle.loads(pickle.dumps(one)) == one

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            ReadOnlyMap({"a": 1})["a"] = 2  # type: ignore[index]

    def test_what_it_was_made_of_may_change_without_it(self) -> None:
        given = {"a": 1}
        one = to_map(given)
        given["a"] = 2
        assert one["a"] == 1
        assert to_map(one) is one


class TestConverters:
    def test_a_text_is_never_split_into_letters(self) -> None:
        assert to_tuple("abc") == "abc"  # type: ignore[comparison-overlap]
        assert to_frozenset("abc") == "abc"  # type: ignore[comparison-overlap]

    def test_what_cannot_be_turned_is_handed_on(self) -> None:
        assert to_tuple(5) == 5  # type: ignore[arg-type, comparison-overlap]
        assert to_frozenset([[]]) == [[]]  # type: ignore[list-item, comparison-overlap]
        assert to_map(5) == 5  # type: ignore[comparison-overlap, arg-type]

    def test_collections_and_iterators_become_what_the_field_holds(self) -> None:
        assert to_tuple(n for n in (1, 2)) == (1, 2)
        assert to_frozenset(["a", "a"]) == frozenset({"a"})


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (0, "0"),
        (-5, "-5"),
        ("0", "0"),
        ("007", "7"),
        ("-0.5", "-0.5"),
        ("1.500", "1.5"),
        (Decimal("1E+18"), "1000000000000000000"),
    ],
    ids=repr,
)
def test_a_number_is_a_decimal_an_int_or_decimal_text(given: object, number: str) -> None:
    assert to_decimal("field", given) == Decimal(number)


@pytest.mark.parametrize(
    "given", ["", " ", "-", ".", "+1", "1.", ".5", "1e3", "1 000", "1_000", "0x1", "nan", "0" * 29, "²", b"1", [], {}], ids=repr
)
def test_no_other_text_and_no_other_type_is_a_number(given: object) -> None:
    assert is_refused(to_decimal, given)


@pytest.mark.parametrize(
    "value", ["a", "A b", "한글", "\U0001f600", "\u1100\u1175\u11b7", "=1", "i" * 200, "O'Brien", "50%_", "0"]
)
def test_an_id_is_visible_text(value: str) -> None:
    assert not is_refused(check_id, value)


@pytest.mark.parametrize(
    "value",
    ["", " a", "a ", "a\u3000", "a\u00adb", "a\u200db", "a\ufeffb", "\u3164", "i" * 201, "a\nb", "\ud800", None, 5, b"a"],
    ids=repr,
)
def test_ids_that_could_look_alike_are_refused(value: object) -> None:
    assert is_refused(check_id, value)


@pytest.mark.parametrize("value", ["x", "_", "x1", "등급", "级别", "naïve", "match", "type", "__class__", "x" * 200])
def test_an_identifier_may_be_in_any_script(value: str) -> None:
    assert not is_refused(check_identifier, value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1x",
        "a b",
        "a-b",
        "a.b",
        "ﬁ",
        "Ａ",
        "x²",
        "\u1100\u1175\u11b7",
        "and",
        "or",
        "not",
        "in",
        "is",
        "missing",
        "True",
        "None",
        "class",
        "lambda",
        "if",
        "async",
        "x" * 201,
        None,
        1,
    ],
    ids=repr,
)
def test_an_identifier_can_stand_in_a_criterion(value: object) -> None:
    assert is_refused(check_identifier, value)


def test_the_hint_is_itself_an_identifier() -> None:
    for text in ("end customer", "class", "missing", "high-end", " x "):
        hint = nearest_identifier(text)
        assert hint is not None
        check_identifier("field", hint)
    assert nearest_identifier("1") is None
    assert nearest_identifier("--") is None


@pytest.mark.parametrize("value", ["a", " a ", "\U0001f468\u200d\U0001f469", "a\u200cb", "שלום", "t" * 4_096])
def test_a_name_may_hold_joiners_and_blanks(value: str) -> None:
    assert not is_refused(check_text, value)


@pytest.mark.parametrize(
    "value", ["", " ", "\u200b", "\u3164 ", "a\nb", "a\tb", "a\u202eb", "a\u2028b", "\ud800", "t" * 4_097, None, 1], ids=repr
)
def test_a_name_neither_hides_nor_turns_the_text_around_it(value: object) -> None:
    assert is_refused(check_text, value)


def test_a_note_may_have_lines_and_tabs_and_nothing_worse() -> None:
    check_text("field", "a\n\tb\r\n\u0085\u2028", MAX_NOTE)
    for worse in ("a\0", "a\x1b[2J", "a\u202e", "\ud800", "\n\t"):
        with pytest.raises(InvalidValueError):
            check_text("field", worse, MAX_NOTE)


def test_a_choice_names_the_nearest() -> None:
    check_choice("field", "open", ("open", "closed"))
    with pytest.raises(InvalidValueError, match="must be one of 'open', 'closed'; hint: did you mean 'closed'"):
        check_choice("field", "close", ("open", "closed"))
    with pytest.raises(InvalidValueError, match=r"'closed'$"):
        check_choice("field", None, ("open", "closed"))


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Seoul", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "EST5EDT", "America/Port-au-Prince"]
)
def test_a_zone_is_an_iana_name(zone: str) -> None:
    assert not is_refused(check_zone, zone)


def test_the_first_wrong_member_of_a_collection_is_named_by_its_place() -> None:
    check_tuple_of("field", (1, 2), int)
    with pytest.raises(InvalidValueError, match=r"^field\[1\] is 'x': must be a int"):
        check_tuple_of("field", (1, "x", "y"), int)
    with pytest.raises(InvalidValueError, match="must be a collection of int"):
        check_tuple_of("field", "ab", int)
