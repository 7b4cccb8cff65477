import pickle
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relcare.codec._places import Places
from relcare.codec._text import TEXT_LIMIT, FloatText, decode_text, float_problems, parse_json, parse_toml, read_text
from relcare.errors import BookDocumentError, DocumentError, PolicyDocumentError

Parser = Callable[[str, str], tuple[dict[str, object], Places]]

TOML_FAULTS = {
    "no value": ("a = ", "h:1:5: invalid value; hint: the document ends too early"),
    "a bare word": ("\na = tru", "h:2:5: invalid value; hint: text stands in quotes"),
    "no equals sign": ("a 1", "h:1:3: expected '=' after a key in a key/value pair; hint: a line is"),
    "a text that does not end": ('x = 1\na = "x', "h:2:7: unterminated string"),
    "an array that does not end": ("a = [1,\n", "h:2:1: invalid value; hint: the document ends too early"),
    "an array without a comma": ("a = [1\nb = 1]", "h:2:1: unclosed array; hint: a comma or the closing bracket is missing"),
    "windows line ends": ("a = 1\r\nb = 1 2\r\n", "h:2:7: expected newline or end of document after a statement"),
    "a key given twice": ("a = 1\nb = [\n]\n  a = [\n2]", "h:4:3: a: the key is given twice, first on line 1; hint: keep one"),
    "a table given twice": ("[a.'b c']\n[a.'b c']", 'h:2:4: a."b c": the key is given twice, first on line 1'),
    "a key of an inline table given twice": ("a = {b=1,\tb=2}", "h:1:11: a.b: the key is given twice, first on line 1"),
    "a table over a closed one": ("a = {}\n[a.b]", "h:2:5: cannot declare ('a', 'b') twice"),
    "an illegal character": ("a = 1 # \x01", "h:1:9: found invalid character '\\x01'"),
    "nested too deeply": ("b = 1\na = " + "[" * 40_000, "h:2:37: nested deeper than 32 levels"),
    "a key of too many parts": ("a." * 100_000 + "a = 1", "h:1:65: nested deeper than 32 levels"),
    "a number of thousands of digits": (
        "a = [0, -" + "9" * 5_000 + "]",
        "h:1:9: a[1]: the whole number does not fit into 64 bits",
    ),
    "a number beyond 64 bits": (
        "a = 9223372036854775808",
        "h:1:5: a: the whole number does not fit into 64 bits; hint: whole numbers",
    ),
    "a hexadecimal number of thousands of digits": (
        "a = 0x" + "f" * 5_000,
        "h:1:5: a: the whole number does not fit into 64 bits",
    ),
    "half a pair": ("a = 1\nb = '\ud800'", "h:2:6: the character U+D800 is half of a pair"),
}

JSON_FAULTS = {
    "nothing": ("", "h:1:1: expecting value"),
    "no object": ("[1]", "h:1:1: the document must be one object; hint: write { ... }"),
    "a key without quotes": ('{\n "a": 1,\n b: 2}', "h:3:2: expecting property name enclosed in double quotes; hint: keys stand"),
    "something behind it": ('{"a": 1}\n}', "h:2:1: extra data"),
    "a key given twice": ('{"a": {"b": 1,\n "b": 2}}', "h:2:2: a.b: the key is given twice, first on line 1; hint: keep one"),
    "nested too deeply": ('{"a": ' + "[" * 40_000, "h:1:39: nested deeper than 32 levels"),
    "a number of thousands of digits": ('{"a": -' + "9" * 5_000 + "}", "h:1:7: a: the whole number does not fit into 64 bits"),
    "a number beyond 64 bits": ('{"a": -9223372036854775809}', "h:1:7: a: the whole number does not fit into 64 bits"),
    "half a pair": ('{"a": 1, "b": "\\ud800"}', "h:1:15: b: the text has U+D800, half of a surrogate pair"),
    "half a pair in a key": ('{"a": 1,\n "\\udc00b": {}}', 'h:2:13: "\\udc00b": the text has U+DC00, half of a surrogate pair'),
}

# Bytes, and what must be told about them.
WRONG_BYTES = {
    "cp949": (
        '# 고객\na = "김철수"'.encode("cp949"),
        "h:1:3: not UTF-8: the byte 0xB0 is no part of a character; hint: the file seems to be cp949",
    ),
    "gb18030": (
        'a = "王小明"'.encode("gb18030"),
        "h:1:6: not UTF-8: the byte 0xCD is no part of a character; hint: the file seems to be gb18030",
    ),
    "hanja alone": ('a = "金"'.encode("cp949"), "hint: the file seems to be gb18030"),
    "Chinese that reads as usual hangul": (
        "价格,客户\n100,张伟".encode("gb18030"),
        "h:1:1: not UTF-8: the byte 0xBC is no part of a character; hint: the file seems to be gb18030: save it as UTF-8",
    ),
    "Chinese that reads as rare hangul": ("高端".encode("gb18030"), "hint: the file seems to be gb18030: save it as UTF-8"),
    "Korean with a rare syllable": ("(주)한빛".encode("cp949"), "hint: the file seems to be cp949: save it as UTF-8"),
    "Korean that reads as usual Chinese in part": ("제일,이름".encode("cp949"), "hint: the file seems to be cp949: save it"),
    "usual in both": ("价格".encode("gb18030"), "hint: the file seems to be cp949 or gb18030: save it as UTF-8"),
    "one damaged byte": (
        '# 고객\nb = "김"\na = "\u00e9'.encode() + b'\xff"',
        "h:3:7: not UTF-8: the byte 0xFF is no part of a character; hint: save the file as UTF-8",
    ),
    "cp1252": (b'a = "caf\xe9"', "h:1:9: not UTF-8: the byte 0xE9 is no part of a character; hint: save the file as UTF-8"),
    "a character cut off": ('a = "김'.encode()[:-1], "h:1:6: not UTF-8: the byte 0xEA"),
    "UTF-16": ("a = 1".encode("utf-16"), "h:1:1: not UTF-8: the file seems to be UTF-16; hint: save the file as UTF-8"),
    "UTF-16, big-endian": (b"\xfe\xff\0a", "h:1:1: not UTF-8: the file seems to be UTF-16;"),
    "UTF-32": ("a = 1".encode("utf-32"), "h:1:1: not UTF-8: the file seems to be UTF-32;"),
    "UTF-16 without a mark": (
        "a = 1".encode("utf-16-le"),
        "h:1:1: not UTF-8: the file seems to be UTF-16 or UTF-32 without a mark",
    ),
}


def _problem(error: DocumentError) -> str:
    assert len(error.problems) == 1
    return str(error.problems[0])


@pytest.mark.parametrize(("text", "expected"), TOML_FAULTS.values(), ids=TOML_FAULTS)
def test_a_wrong_toml_text_is_one_problem_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_toml(text, "h")
    assert _problem(caught.value).startswith(expected)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(("text", "expected"), JSON_FAULTS.values(), ids=JSON_FAULTS)
def test_a_wrong_json_text_is_one_problem_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_json(text, "h")
    assert _problem(caught.value).startswith(expected)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(("raw", "expected"), WRONG_BYTES.values(), ids=WRONG_BYTES)
def test_bytes_that_are_no_utf_8_are_refused_with_a_guess(raw: bytes, expected: str) -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        decode_text(raw, "h")
    assert expected in _problem(caught.value)


def test_every_repeated_json_key_is_told_at_once() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_json('{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}', "h")
    assert [(problem.path, problem.column) for problem in caught.value.problems] == [("a", 10), ("b.c", 32)]


def test_every_number_beyond_64_bits_is_told_at_once() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_toml("a = 99999999999999999999\nb = [1, 0xffff_ffff_ffff_ffff]", "h")
    assert [problem.path for problem in caught.value.problems] == ["a", "b[1]"]


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_the_ends_of_64_bits_are_accepted(number: int) -> None:
    assert parse_toml(f"a = {number}", "h")[0] == {"a": number}
    assert parse_json(f'{{"a": {number}}}', "h")[0] == {"a": number}


def test_digits_in_a_text_or_a_comment_are_no_number() -> None:
    digits = "9" * 5_000
    assert parse_toml(f"# {digits}\na = '{digits}'", "h")[0] == {"a": digits}


@pytest.mark.parametrize("parse", [parse_toml, parse_json])
def test_depth_32_is_accepted(parse: Parser) -> None:
    opening, closing = ("a = ", "") if parse is parse_toml else ('{"a": ', "}")
    data, places = parse(opening + "[" * 31 + "1" + "]" * 31 + closing, "h")
    assert max(map(len, places)) == 32
    assert list(data) == ["a"]
    with pytest.raises(PolicyDocumentError, match="nested deeper than 32 levels"):
        parse(opening + "[" * 33 + "]" * 33 + closing, "h")


def test_toml_floats_are_marked_as_they_are_written() -> None:
    data, places = parse_toml("a = 0.50\nb = [1, 1e3, -inf]\nc = { d = +nan }\n'e f' = 1_0.2\ng = '0.5'", "h")
    assert data == {"a": "0.50", "b": [1, "1e3", "-inf"], "c": {"d": "+nan"}, "e f": "1_0.2", "g": "0.5"}
    assert [str(problem) for problem in float_problems(data, places, "h")] == [
        'h:1:5: a: floats are refused, they are not exact; hint: write "0.50" as text',
        'h:2:9: b[1]: floats are refused, they are not exact; hint: write "1e3" as text',
        "h:2:14: b[2]: floats are refused, they are not exact; hint: write a finite number as text",
        "h:3:11: c.d: floats are refused, they are not exact; hint: write a finite number as text",
        'h:4:9: "e f": floats are refused, they are not exact; hint: write "10.2" as text',
    ]


def test_json_floats_and_constants_are_marked_as_they_are_written() -> None:
    data, places = parse_json('{"a": [0.50, NaN, -Infinity, 1E400, 7], "b": "0.5", "c": null, "d": true}', "h")
    assert data == {"a": ["0.50", "NaN", "-Infinity", "1E400", 7], "b": "0.5", "c": None, "d": True}
    problems = float_problems(data, places, "h")
    assert [(problem.path, problem.column) for problem in problems] == [("a[0]", 8), ("a[1]", 14), ("a[2]", 19), ("a[3]", 30)]


def test_a_document_without_floats_has_no_float_problems() -> None:
    assert float_problems(*parse_toml("a = '0.5'\nb = []\n[c]", "h"), "h") == []


def test_a_float_marker_is_text_of_a_class_of_its_own() -> None:
    marker = FloatText("0.5")
    assert marker == "0.5"
    assert type(pickle.loads(pickle.dumps(marker))) is FloatText


@pytest.mark.parametrize("parse", [parse_toml, parse_json])
def test_an_empty_document_is_empty_data(parse: Parser) -> None:
    data, places = parse("" if parse is parse_toml else "{}", "h")
    assert data == {}
    assert len(places) == 0


@pytest.mark.parametrize("parse", [parse_toml, parse_json])
def test_a_byte_order_mark_is_no_character_of_the_document(parse: Parser) -> None:
    data, places = parse("\ufeffa = 1" if parse is parse_toml else '\ufeff{"a": 1}', "h")
    assert data == {"a": 1}
    assert places["a",].column == (1 if parse is parse_toml else 2)


@pytest.mark.parametrize("parse", [parse_toml, parse_json])
def test_a_text_beyond_the_limit_is_refused_before_it_is_read(parse: Parser) -> None:
    with pytest.raises(PolicyDocumentError, match="h: the document is larger than 1 MiB; hint: split it"):
        parse(" " * (TEXT_LIMIT + 1), "h")


def test_the_error_is_of_the_class_that_was_asked_for() -> None:
    with pytest.raises(BookDocumentError):
        parse_toml("a", "book.toml", error=BookDocumentError)
    with pytest.raises(BookDocumentError):
        parse_json("a", "book.json", error=BookDocumentError)
    with pytest.raises(BookDocumentError):
        decode_text(b"\xff", "book.toml", error=BookDocumentError)
    with pytest.raises(BookDocumentError):
        read_text("no/such/book.toml", error=BookDocumentError)


def test_a_place_that_python_tells_in_attributes_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python 3.14 has the place in attributes, and may one day leave it out of the message.
    def loads(text: str, /, **_: Any) -> dict[str, Any]:
        fault = tomllib.TOMLDecodeError("Something New")
        vars(fault).update(lineno=7, colno=3)
        raise fault

    monkeypatch.setattr(tomllib, "loads", loads)
    with pytest.raises(PolicyDocumentError) as caught:
        parse_toml("a = 1", "h")
    assert _problem(caught.value) == "h:7:3: something New"


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_bytes('\ufeffa = "김철수"\r\n'.encode())
    assert read_text(file) == 'a = "김철수"\r\n'
    assert read_text(str(file)) == 'a = "김철수"\r\n'


def test_a_file_of_the_limit_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_bytes(b"#" * TEXT_LIMIT)
    assert len(read_text(file)) == TEXT_LIMIT
    file.write_bytes(b"#" * (TEXT_LIMIT + 1))
    with pytest.raises(PolicyDocumentError, match=r"house\.toml: the document is larger than 1 MiB"):
        read_text(file)


def test_a_file_that_cannot_be_read_is_a_problem_of_the_document(tmp_path: Path) -> None:
    with pytest.raises(PolicyDocumentError, match=r"missing\.toml: cannot be read: no such file or directory"):
        read_text(tmp_path / "missing.toml")
    with pytest.raises(PolicyDocumentError, match="cannot be read: is a directory"):
        read_text(tmp_path)
    with pytest.raises(PolicyDocumentError, match="cannot be read: embedded null byte"):
        read_text("a\0b")


def test_a_wrong_byte_in_a_file_is_told_with_the_name_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_bytes("a = 1\nb = '김철수'".encode("cp949"))
    with pytest.raises(PolicyDocumentError) as caught:
        read_text(file)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == (str(file), 2, 6)
