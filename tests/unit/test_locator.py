import tomllib

import pytest

from relcare.codec._locator import DEPTH_LIMIT, locate_json, locate_toml, scan_json, scan_toml
from relcare.codec._places import DocumentPath, Place, Places, path_text

# TOML text, path, then line and column of the key, line and column of the value, column of the content.
TOML_PLACES: dict[str, tuple[str, DocumentPath, tuple[int, int, int, int, int | None]]] = {
    "a bare key": ("a = 1", ("a",), (1, 1, 1, 5, None)),
    "a key without blanks around": ("a=1", ("a",), (1, 1, 1, 3, None)),
    "an indented key": ("\t a\t=\t1", ("a",), (1, 3, 1, 7, None)),
    "a key of digits": ('2026 = "x"', ("2026",), (1, 1, 1, 8, 9)),
    "a quoted key": ('"key city" = 3', ("key city",), (1, 1, 1, 14, None)),
    "a literal key": ("'key \\u0041' = 3", ("key \\u0041",), (1, 1, 1, 16, None)),
    "an escaped key": ('"\\u0041\\"\\\\\\tb\\U0001F600" = 3', ('A"\\\tb\U0001f600',), (1, 1, 1, 29, None)),
    "an empty key": ('"" = 3', ("",), (1, 1, 1, 6, None)),
    "an empty literal key": ("'' = 3", ("",), (1, 1, 1, 6, None)),
    "columns count characters, not bytes": ('"김철수" = "고객"', ("김철수",), (1, 1, 1, 9, 10)),
    "a character beyond U+FFFF is one column": ("'\U0001f600' = 1", ("\U0001f600",), (1, 1, 1, 7, None)),
    "a dotted key": ("a . \"b.c\" . 'd' = 1", ("a", "b.c", "d"), (1, 13, 1, 19, None)),
    "the table that a dotted key implies": ("x = 1\na.b = 1", ("a",), (2, 1, 2, 1, None)),
    "a dotted key of numbers": ("3.14 = 1", ("3", "14"), (1, 3, 1, 8, None)),
    "a text with escapes has no content column": ('a = "x\\ty"', ("a",), (1, 1, 1, 5, None)),
    "a literal text": ("a = 'x\\y'", ("a",), (1, 1, 1, 5, 6)),
    "an empty text": ('a = ""', ("a",), (1, 1, 1, 5, 6)),
    "an empty literal text": ("a = ''", ("a",), (1, 1, 1, 5, 6)),
    "a multi-line text": ('a = """x"""', ("a",), (1, 1, 1, 5, None)),
    "a comment line first": ("# b = 2\n\n  # c\na = 1 # d", ("a",), (4, 1, 4, 5, None)),
    "a number sign in a text": ('a = "# no comment"\nb = 1', ("b",), (2, 1, 2, 5, None)),
    "brackets and quotes in a comment": ("a = [ # ]\"'\n 1 ]\nb = 2", ("b",), (3, 1, 3, 5, None)),
    "after a multi-line text": ('a = """\n[x]\nb = 3\n\\""" """\nb = 1', ("b",), (5, 1, 5, 5, None)),
    "after a multi-line text ending in quotes": ('a = """x"""""\nb = 1', ("b",), (2, 1, 2, 5, None)),
    "after a multi-line text that continues its line": ('a = """x \\\n  y"""\nb = 1', ("b",), (3, 1, 3, 5, None)),
    "after an empty multi-line text": ('a = """"""\nb = 1', ("b",), (2, 1, 2, 5, None)),
    "after a literal multi-line text": ("a = '''\n'' \\'''\nb = 1", ("b",), (3, 1, 3, 5, None)),
    "after an escaped quote": ('a = "\\"[" \nb = 1', ("b",), (2, 1, 2, 5, None)),
    "windows line ends": ('a = 1\r\n[t]\r\nb = "x"\r\n', ("t", "b"), (3, 1, 3, 5, 6)),
    "a line separator in a text ends no line": ('a = "\u2028\u0085"\nb = 1', ("b",), (2, 1, 2, 5, None)),
    "a date and time": ("a = 2026-01-31 10:00:00\nb = 1", ("b",), (2, 1, 2, 5, None)),
    "a table": ("\n [ t . 'u' ] # c\nb = 1", ("t", "u"), (2, 8, 2, 2, None)),
    "the table that a header implies": ("\n[t.u]", ("t",), (2, 2, 2, 1, None)),
    "a table after the one inside it": ("[t.u]\n[t]\nb = 1", ("t",), (2, 2, 2, 1, None)),
    "a key in a table": ("[t]\nb = 1", ("t", "b"), (2, 1, 2, 5, None)),
    "a list of tables": ("[[t]]\n[[t]]", ("t",), (1, 3, 1, 1, None)),
    "the second table of a list": ("[[t]]\n  [[t]]", ("t", 1), (2, 3, 2, 3, None)),
    "a key in the second table of a list": ("[[t]]\na=1\n[[t]]\na=2", ("t", 1, "a"), (4, 1, 4, 3, None)),
    "a table inside a table of a list": ("[[t]]\n[[t]]\n[t.u]\na=2", ("t", 1, "u", "a"), (4, 1, 4, 3, None)),
    "a list of tables inside a list of tables": (
        "[[t]]\n[[t.u]]\n[[t]]\n[[t.u]]\n[[t.u]]\na=2",
        ("t", 1, "u", 1, "a"),
        (6, 1, 6, 3, None),
    ),
    "an element of an array": ("a = [1, 22, 3]", ("a", 1), (1, 9, 1, 9, None)),
    "a text in an array": ("a = ['x','y']", ("a", 1), (1, 10, 1, 10, 11)),
    "an element of an array over lines": ("a = [\n  1, # one\n  # two\n  2,\n]", ("a", 1), (4, 3, 4, 3, None)),
    "after a text ending in quotes, in an array": ('a = ["""x""""", 1]', ("a", 1), (1, 17, 1, 17, None)),
    "after a literal text ending in quotes, in an array": ("a = ['''x'''', 1]", ("a", 1), (1, 16, 1, 16, None)),
    "after a number with a comment, in an array": ("a = [1 # [\n, 2]", ("a", 1), (2, 3, 2, 3, None)),
    "an array in an array": ("a = [[1], [2, [3]]]", ("a", 1, 1, 0), (1, 16, 1, 16, None)),
    "after an array in an array": ("a = [[1], []]\nb = 1", ("b",), (2, 1, 2, 5, None)),
    "a key of an inline table": ("a = { b = 1, c = 'x' }", ("a", "c"), (1, 14, 1, 18, 19)),
    "a dotted key of an inline table": ("a = { b.c = 1, b.d = 2 }", ("a", "b", "d"), (1, 18, 1, 22, None)),
    "a key of an inline table in an array": ("a = [ {b=1},\n {b=2} ]", ("a", 1, "b"), (2, 3, 2, 5, None)),
    "an array in an inline table": ("a = {b=[\n1,\n2]}", ("a", "b", 1), (3, 1, 3, 1, None)),
    "after an inline table": ("a = {}\nb = {c={}}\nd = 1", ("d",), (3, 1, 3, 5, None)),
}

JSON_PLACES: dict[str, tuple[str, DocumentPath, tuple[int, int, int, int, int | None]]] = {
    "a key": ('{"a": 1}', ("a",), (1, 2, 1, 7, None)),
    "an escaped key": ('{"\\u0041\\/\\ud83d\\ude00" : "x"}', ("A/\U0001f600",), (1, 2, 1, 27, 28)),
    "a text with escapes": ('{"a": "\\n"}', ("a",), (1, 2, 1, 7, None)),
    "a value on its own line": ('{\n  "a"\n :\n  1}', ("a",), (2, 3, 4, 3, None)),
    "an element": ('{"a": [1,\n {"b": null}]}', ("a", 1, "b"), (2, 3, 2, 8, None)),
    "brackets in a text": ('{"a": "]}", "b": 1}', ("b",), (1, 13, 1, 18, None)),
    "an array at the top": ("[1, 2]", (1,), (1, 5, 1, 5, None)),
}

NO_TOML = [
    "",
    "=",
    "a",
    "a =",
    "a = \n",
    "[",
    "[[",
    "]",
    "}",
    "[a",
    "[[a]",
    "a = [",
    "a = {",
    "a = {b",
    "a = {=",
    "a = [,",
    '"',
    '"a',
    "'''",
]
NO_TOML += [
    '"""',
    'a = "',
    'a = """',
    '"\\u12" = 1',
    '"\\UFFFFFFFF" = 1',
    "a.",
    ".a = 1",
    "a = [}",
    "a = {]\n]",
    "\\",
    "a = {b = }",
    "\x00=1",
]

SIZE = 1 << 17
# Each would take minutes if any step looked at what it had seen before.
LONG_TEXTS = {
    "open brackets": "a=" + "[" * SIZE,
    "open tables": "a={" * (SIZE // 3),
    "a key of many parts": "a." * (SIZE // 2) + "a=1",
    "a header of many parts": "[" + "a." * (SIZE // 2) + "a]",
    "quotes": "a=" + '"' * SIZE,
    "backslashes": 'a="' + "\\" * SIZE,
    "escapes": 'a="""' + '\\"' * (SIZE // 2),
    "open texts": 'a="\n' * (SIZE // 4),
    "open multi-line texts": ('a = """x' + "'''\n") * (SIZE // 12),
    "comments in an array": "a=[" + "#\n" * (SIZE // 2),
    "blanks": "a" + " " * SIZE,
    "line ends": "\n" * SIZE,
    "commas": "a=[" + "," * SIZE,
    "headers": "[[a]]\n" * (SIZE // 6),
    "equals": "=" * SIZE,
}


def _of(numbers: tuple[int, int, int, int, int | None]) -> Place:
    line, column, value_line, value_column, content_column = numbers
    return Place(line=line, column=column, value_line=value_line, value_column=value_column, content_column=content_column)


@pytest.mark.parametrize(("text", "path", "numbers"), TOML_PLACES.values(), ids=TOML_PLACES)
def test_a_toml_key_is_found_where_it_stands(
    text: str, path: DocumentPath, numbers: tuple[int, int, int, int, int | None]
) -> None:
    tomllib.loads(text)
    assert locate_toml(text)[path] == _of(numbers)
    assert scan_toml(text).duplicates == ()


@pytest.mark.parametrize(("text", "path", "numbers"), JSON_PLACES.values(), ids=JSON_PLACES)
def test_a_json_key_is_found_where_it_stands(
    text: str, path: DocumentPath, numbers: tuple[int, int, int, int, int | None]
) -> None:
    places, duplicates = locate_json(text)
    assert places[path] == _of(numbers)
    assert duplicates == ()


def test_toml_of_the_coming_version_is_understood_too() -> None:
    places = locate_toml('a = {\n  b = 1, # one\n  "\\x41\\e" = 2,\n}\nc = 1')
    assert set(places) == {("a",), ("a", "b"), ("a", "A\x1b"), ("c",)}
    assert places["c",].line == 5


def test_nothing_else_is_reported_than_what_stands_there() -> None:
    assert set(locate_toml("a.b = [1]\n[[t]]\n[t.u]\n[[t]]")) == {
        ("a",),
        ("a", "b"),
        ("a", "b", 0),
        ("t",),
        ("t", 0),
        ("t", 0, "u"),
        ("t", 1),
    }


@pytest.mark.parametrize("text", NO_TOML)
def test_what_is_no_document_is_scanned_without_an_error(text: str) -> None:
    for places in (locate_toml(text), locate_json(text)[0]):
        for place in places.values():
            assert place.line >= 1
            assert place.column >= 1


def test_what_stands_before_and_after_a_mistake_is_found() -> None:
    places = locate_toml('a = 1\nb = "x\n c 2\n[t\nd = 3\n[[u]]\ne = 4')
    assert places["a",].line == 1
    assert places["b",].line == 2
    assert places["t", "d"].line == 5
    assert places["u", 0, "e"].line == 7


def test_keys_given_twice_in_one_json_object_are_reported_once_each() -> None:
    text = '{"a": {"x": 1}, "b": 1,\n "a": {"x": 2, "y": 2}, "c": {"a": 1, "b": 1},\n "b": 2, "a": 3}'
    places, duplicates = locate_json(text)
    assert duplicates == (("a",), ("b",), ("a",))
    assert places["a",].line == 1
    assert ("a", "y") not in places
    assert [place.line for _, place in scan_json(text).duplicates] == [2, 3, 3]


@pytest.mark.parametrize("text", ["a=1\na=2", "[a]\n[a]", "a={b=1,b=2}", "[[a]]\n[a]", "[t]\na.b=1\na.b=2", "[a]\n[[a]]"])
def test_toml_keys_given_twice_are_reported(text: str) -> None:
    assert len(scan_toml(text).duplicates) == 1


def test_depth_is_recorded_up_to_the_limit_and_no_further() -> None:
    nested = "a = " + "[" * (DEPTH_LIMIT - 1) + "1" + "]" * (DEPTH_LIMIT - 1) + "\nb = 1"
    located = scan_toml(nested)
    assert located.too_deep is None
    assert max(len(path) for path in located.places) == DEPTH_LIMIT
    located = scan_toml(nested.replace("1]", "[1]]"))
    assert located.too_deep is not None
    assert (located.too_deep.line, located.too_deep.column) == (1, 5 + DEPTH_LIMIT)
    assert located.places["b",].line == 2


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * (DEPTH_LIMIT + 1)) + " = 1",
        "[" + ".".join("a" * (DEPTH_LIMIT + 1)) + "]",
        "[" + ".".join("a" * (DEPTH_LIMIT + 2)) + "]\na = 1",
        "[[" + ".".join("a" * DEPTH_LIMIT) + "]]",
        "[" + ".".join("a" * DEPTH_LIMIT) + "]\nb = 1",
        "a = " + "{a = " * DEPTH_LIMIT,
    ],
)
def test_every_way_to_nest_too_deeply_is_seen(text: str) -> None:
    located = scan_toml(text)
    assert located.too_deep is not None
    assert max(len(path) for path in located.places) == DEPTH_LIMIT


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_time_is_linear_whatever_the_text(text: str) -> None:
    assert len(locate_toml(text)) <= len(text)
    assert len(locate_json(text)[0]) <= len(text)


def test_the_place_around_a_missing_key_is_its_table() -> None:
    places = locate_toml("[[cadence]]\nid = 1\n[[cadence]]\nid = 2\n")
    assert places.around(("cadence", 1, "every")) == places["cadence", 1]
    assert places.around(("cadence", 1, "id", 3)) == places["cadence", 1, "id"]
    start = places.around(("policy", "id"))
    assert (start.line, start.column, start.value_line, start.value_column, start.content_column) == (1, 1, 1, 1, None)
    assert places.around(()) == start


def test_places_are_a_mapping_of_all_paths() -> None:
    places = locate_toml("a = 1\nb = 2")
    assert list(places) == [("a",), ("b",)]
    assert len(places) == 2
    assert ("a",) in places
    assert places.get(("c",)) is None
    assert places == Places("a = 1\nb = 2", {("a",): (0, 4), ("b",): (6, 10)})


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("when = \"tier.abc = 'A'\"", 9, (1, 18)),
        ("when = 'a'", 0, (1, 9)),
        ("when = 'a'", 1, (1, 10)),
        ('\n when = "a\\tb"', 3, (2, 9)),
        ('when = """\na"""', 0, (1, 8)),
        ("when = 5", 2, (1, 8)),
    ],
)
def test_a_place_inside_a_text_is_exact_where_the_text_stands_as_it_is(text: str, offset: int, expected: tuple[int, int]) -> None:
    assert locate_toml(text)["when",].at(offset) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("policy",), "policy"),
        (("cadence", 2, "every"), "cadence[2].every"),
        ((0, 1), "[0][1]"),
        (("points", "key city"), 'points."key city"'),
        (("facts", "지역", "a.b"), 'facts."지역"."a.b"'),
        (("",), '""'),
        (('a"b',), '"a\\"b"'),
        (("a\u202eb\n",), '"a\\u202eb\\n"'),
        (("a" * 61,), '"' + "a" * 57 + '..."'),
    ],
)
def test_a_path_is_shown_in_one_line(path: DocumentPath, expected: str) -> None:
    assert path_text(path) == expected
