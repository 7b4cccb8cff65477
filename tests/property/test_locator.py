"""Places in documents: whatever the style, every key and value is found where it stands."""

import json
import random
import re
import string
import tomllib
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relcare.codec._locator import locate_json, locate_toml
from relcare.codec._places import DocumentPath, Place, Places
from relcare.codec._text import parse_json, parse_toml
from relcare.errors import PolicyDocumentError, Problem

POLICY = """\
format = 1

[policy]
id = "consulting"
effective_from = 2026-01-01
source = "handbook of the consulting department"  # 상담부 안내서

[facts.region_weight]
type = "level"
values = ["outer", "near", "key city"]
may_be_missing = true

[facts.largest_purchase]
measure = { max = "purchases.amount", where = "category == 'high-end'", window = "lifetime", when_empty = "0" }

[[segmentation]]
id = "abc"
scope = "client.stage != 'visitor'"
score = [
  { fact = "region_weight", points = { outer = 0, near = 1, "key city" = 3 } },
  # the middle of the list
  { fact = "revenue_12m", bands = [ { from = "10000", points = 2 }, { from = "100000", points = 5 } ] },
]
tiers = [ { id = "A", share = "20%" }, { id = "B", share = "40%" }, { id = "C", share = "40%" } ]

[[cadence]]
id = "call-A"
minutes = 20
satisfied_by = ["visit"]

[[cadence]]
id = 'visit'
note = '''
[[cadence]]
'''

[[vip]]
id = "vip"
paths = [
  { id = "one purchase", when = "largest_purchase >= 10_000" },
  { id = "rank", when = "best_rank >= 'department'" },
]

[[examples]]
given = { largest_purchase = "12000", best_month = "0" }
expect = { "vip.vip" = "yes" }
"""

# fmt: off
TOKENS = [
    "a", "b", "1", '"a"', "'b'", '"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", "=", " = ",
    ",", ".", ":", "#", " ", "\\", "\\u0041", "\n", "\r\n", "\t", "\ud800", "김", "[a]\n", "[[b]]\n",
    "a = 1\n", '"b" = [1]\n', "b.c = 2\n", "-", "1.5", "9" * 450, "nan", "null",
]
# fmt: on

# fmt: off
AWKWARD_TEXT = [
    "", " ", "key city", "a.b", "#", "]", "}", "=", '"', "'", "\\", '"""', "'''", "a\nb", "\r\n", "\t",
    "\x00", "\x7f", "김철수", "王小明", "😀", "\u2028", "\x85", "\ufeff", "true", "1", "2026-01-31",
]
# fmt: on

texts = st.one_of(
    st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=4),
    st.sampled_from(AWKWARD_TEXT),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
scalars = st.one_of(texts, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.dates())


def tables(values: st.SearchStrategy[Any], at_most: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(texts, values, max_size=at_most)


nested = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), tables(inner, 3), st.lists(tables(inner, 2), min_size=1, max_size=3)),
    max_leaves=10,
)
documents = tables(nested)


@attrs.define
class Writer:
    """Writes data as TOML in any style that chance picks, and notes where everything went."""

    chance: random.Random
    line_end: str
    text: str = ""
    offsets: dict[DocumentPath, tuple[int, int]] = attrs.field(factory=dict)
    exact_texts: set[DocumentPath] = attrs.field(factory=set)
    implied: set[DocumentPath] = attrs.field(factory=set)

    def put(self, text: str) -> None:
        self.text += text

    def is_lucky(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def blank(self) -> None:
        self.put(self.chance.choice(["", " ", " ", "\t ", "   "]))

    def comment(self) -> None:
        self.put(self.chance.choice(["# c", "# ]}\"'", "#", '# [a]\tb = """', "# 고객 = 1"]))

    def gap(self) -> None:
        """Blanks, line ends and comments, as they may stand inside an array."""
        self.blank()
        while self.is_lucky(0.3):
            if self.is_lucky():
                self.comment()
            self.put(self.line_end)
            self.blank()

    def end_line(self) -> None:
        self.blank()
        if self.is_lucky(0.3):
            self.comment()
        self.put(self.line_end)
        while self.is_lucky(0.2):
            self.put(self.chance.choice(["", "\t", "# c", "  # [[x]]"]) + self.line_end)

    def escaped(self, text: str, *, over_lines: bool) -> str:
        """The text between double quotes, with the escapes it needs and some that it does not."""
        written = ""
        for char in text:
            if char == "\n" and over_lines and self.is_lucky():
                written += self.line_end
            elif char in '"\\' or ord(char) < 32 or ord(char) == 127 or self.is_lucky(0.05):
                short = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\", "\r": "\\r"}.get(char)
                is_long = ord(char) > 0xFFFF or self.is_lucky()
                long = f"\\U{ord(char):08X}" if is_long else f"\\u{ord(char):04x}"
                written += short if short and self.is_lucky() else long
            else:
                written += char
        return written

    def quoted(self, text: str) -> str:
        is_plain = not re.search(r"[\x00-\x08\x0a-\x1f\x7f']", text)
        return f"'{text}'" if is_plain and self.is_lucky() else f'"{self.escaped(text, over_lines=False)}"'

    def key(self, key: str) -> None:
        is_bare = re.fullmatch(r"[A-Za-z0-9_-]+", key) and self.is_lucky(0.7)
        self.put(key if is_bare else self.quoted(key))

    def keys(self, table: DocumentPath, keys: list[str]) -> list[tuple[DocumentPath, int]]:
        """Write a dotted key; the paths of its parts and where they stand."""
        written = list[tuple[DocumentPath, int]]()
        for number, key in enumerate(keys):
            if number:
                self.blank()
                self.put(".")
                self.blank()
            table = (*table, key)
            written.append((table, len(self.text)))
            self.key(key)
        return written

    def imply(self, path: DocumentPath, key_at: int, value_at: int) -> None:
        if path not in self.offsets:
            self.offsets[path] = (key_at, value_at)
            self.implied.add(path)

    def scalar(self, path: DocumentPath, value: object) -> None:
        if isinstance(value, bool):
            self.put("true" if value else "false")
        elif isinstance(value, int):
            self.put(self.chance.choice([str(value), f"{value:_}", f"0x{value:x}" if value >= 0 else str(value)]))
        elif not isinstance(value, str):
            self.put(str(value))
        elif self.is_lucky(0.7):
            written = self.quoted(value)
            if written[0] == "'" or "\\" not in written:
                self.exact_texts.add(path)
            self.put(written)
        elif self.is_lucky() and "'" not in value and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", value):
            self.put("'''" + self.line_end + value.replace("\n", self.line_end) + "'''")
        else:
            self.put('"""' + self.line_end + self.escaped(value, over_lines=True) + '"""')

    def value(self, path: DocumentPath, value: object) -> None:
        if isinstance(value, list):
            self.put("[")
            for index, element in enumerate(value):
                self.gap()
                self.offsets[*path, index] = (len(self.text), len(self.text))
                self.value((*path, index), element)
                self.gap()
                if index + 1 < len(value) or self.is_lucky():
                    self.put(",")
            self.gap()
            self.put("]")
        elif isinstance(value, dict):
            self.put("{")
            for number, (key, inner) in enumerate(value.items()):
                self.put("," if number else "")
                self.blank()
                self.pairs(path, [key], inner, separator=lambda: self.put(","))
                self.blank()
            self.blank()
            self.put("}")
        else:
            self.scalar(path, value)

    def pairs(self, table: DocumentPath, keys: list[str], value: object, separator: Any) -> None:
        """Write one pair, or for a table now and then one dotted pair for each of its entries."""
        if isinstance(value, dict) and value and self.is_lucky(0.4):
            for number, (key, inner) in enumerate(value.items()):
                if number:
                    separator()
                self.pairs(table, [*keys, key], inner, separator)
            return
        self.blank()
        *implied, (path, key_at) = self.keys(table, keys)
        for outer, outer_at in implied:
            self.imply(outer, outer_at, outer_at)
        self.blank()
        self.put("=")
        self.blank()
        self.offsets[path] = (key_at, len(self.text))
        self.value(path, value)

    def header(self, path: DocumentPath, *, is_element: bool) -> None:
        self.blank()
        start = len(self.text)
        self.put("[[" if is_element else "[")
        self.blank()
        *implied, (_, key_at) = self.keys((), [part for part in path if isinstance(part, str)])
        self.blank()
        self.put("]]" if is_element else "]")
        self.end_line()
        # The keys of the header in the paths of the data, which have an index behind every array of tables.
        ends = [length for length in range(1, len(path) + 1) if isinstance(path[length - 1], str)]
        for length, (_, at) in zip(ends, implied, strict=False):
            self.imply(path[:length], at, start)
        if is_element:
            self.imply(path[:-1], key_at, start)
            self.offsets[path] = (start, start)
        else:
            self.offsets[path] = (key_at, start)

    def table(self, path: DocumentPath, table: dict[str, Any], *, is_element: bool = False) -> None:
        """Write a table: its own pairs, and a section for each table or list of tables that chance sets apart."""
        apart = {
            key: value
            for key, value in table.items()
            if (isinstance(value, dict) or (isinstance(value, list) and value and all(isinstance(v, dict) for v in value)))
            and self.is_lucky(0.7)
        }
        own = {key: value for key, value in table.items() if key not in apart}
        is_root = not path
        only_tables = all(isinstance(value, dict) for value in apart.values())
        is_late = only_tables and apart and not is_root and not is_element and self.is_lucky(0.2)
        is_silent = not own and apart and not is_element and self.is_lucky(0.3)
        if not is_late:
            self.section(path, own, is_element=is_element, is_silent=bool(is_root or is_silent))
        for key, value in apart.items():
            if isinstance(value, dict):
                self.table((*path, key), value)
            else:
                for index, element in enumerate(value):
                    self.table((*path, key, index), element, is_element=True)
        if is_late:
            self.section(path, own, is_element=False, is_silent=False)

    def section(self, path: DocumentPath, own: dict[str, Any], *, is_element: bool, is_silent: bool) -> None:
        if not is_silent:
            self.header(path, is_element=is_element)
        for key, value in own.items():
            self.pairs(path, [key], value, separator=self.end_line)
            self.end_line()


def _leaves(value: object, path: DocumentPath = ()) -> Iterator[DocumentPath]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, element in inner:
        yield from _leaves(element, (*path, part))
    if path and not inner:
        yield path


def _line_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].split("\n")
    return len(before), len(before[-1]) + 1


def _place(writer: Writer, path: DocumentPath) -> Place:
    key_at, value_at = writer.offsets[path]
    line, column = _line_column(writer.text, key_at)
    value_line, value_column = _line_column(writer.text, value_at)
    return Place(
        line=line,
        column=column,
        value_line=value_line,
        value_column=value_column,
        content_column=value_column + 1 if path in writer.exact_texts else None,
    )


def _written(data: dict[str, Any], seed: int) -> Writer:
    chance = random.Random(seed)
    writer = Writer(chance, chance.choice(["\n", "\r\n"]))
    writer.table((), data)
    return writer


seeds = st.integers(0, 2**32)


class TestTomlPlaces:
    """Every key, table and element of a TOML document is found exactly where it was written, in any style."""

    @given(documents, seeds)
    @example({"a": {"b": {"c": 1}}}, 3)
    def test_everything_is_found_where_it_was_written(self, data: dict[str, Any], seed: int) -> None:
        writer = _written(data, seed)
        assert tomllib.loads(writer.text) == data
        places = locate_toml(writer.text)
        assert dict(places) == {path: _place(writer, path) for path in writer.offsets}
        assert set(_leaves(data)) <= set(places)

    @given(documents, seeds)
    def test_reading_gives_the_data_and_its_places(self, data: dict[str, Any], seed: int) -> None:
        text = _written(data, seed).text
        read, places = parse_toml(text, "house.toml")
        assert read == data
        assert places == locate_toml(text)

    @given(documents, seeds)
    def test_an_independent_parser_finds_the_same_lines(self, data: dict[str, Any], seed: int) -> None:
        text = _written(data, seed).text
        lines = _tree_sitter_lines(text)
        places = locate_toml(text)
        assert {path: places[path].line for path in lines} == lines
        assert set(_leaves(data)) <= set(lines)

    def test_an_independent_parser_finds_the_same_lines_in_a_policy(self) -> None:
        lines = _tree_sitter_lines(POLICY)
        places = locate_toml(POLICY)
        assert {path: places[path].line for path in lines} == lines
        assert set(_leaves(tomllib.loads(POLICY))) <= set(places)


class TestJsonPlaces:
    """Every key and element of a JSON document is found exactly where it was written, in any style."""

    @given(tables(nested.filter(lambda value: "datetime" not in repr(value))), st.sampled_from([None, 0, 3]), st.booleans())
    def test_everything_is_found_where_it_was_written(self, data: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
        text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        read, places = parse_json(text, "house.json")
        assert read == data
        assert set(_leaves(data)) <= set(places)
        for path, place in places.items():
            expected: Any = data
            for part in path:
                expected = expected[part]
            found, _ = json.JSONDecoder().raw_decode(text, starts[place.value_line - 1] + place.value_column - 1)
            assert found == expected
            key, _ = json.JSONDecoder().raw_decode(text, starts[place.line - 1] + place.column - 1)
            assert key == (path[-1] if isinstance(path[-1], str) else expected)
            if place.content_column is not None:
                content = starts[place.value_line - 1] + place.content_column - 1
                assert text[content : content + len(found)] == found


class TestAnyText:
    """Whatever the text: the locator never raises, and reading gives data with all places or one error with places."""

    @given(st.one_of(st.lists(st.sampled_from(TOKENS), max_size=40).map("".join), st.text()))
    def test_any_text_is_located_or_refused_with_places(self, text: str) -> None:
        _check_any(text)

    @given(st.integers(0, len(POLICY)), st.integers(0, 6), st.lists(st.sampled_from(TOKENS), max_size=3).map("".join))
    def test_a_damaged_policy_is_located_or_refused_with_places(self, at: int, cut: int, put: str) -> None:
        _check_any(POLICY[:at] + put + POLICY[at + cut :])


def _check_any(text: str) -> None:
    lines = text.split("\n")
    for found in (locate_toml(text), locate_json(text)[0]):
        for place in found.values():
            assert 1 <= place.column <= len(lines[place.line - 1]) + 1
            assert 1 <= place.value_column <= len(lines[place.value_line - 1]) + 1
    for parse in (parse_toml, parse_json):
        problems: tuple[Problem, ...] = ()
        data: dict[str, object] = {}
        places: Places | None = None
        try:
            data, places = parse(text, "house")
        except PolicyDocumentError as error:
            problems = error.problems
        assert (places is None) == bool(problems)
        assert places is None or set(_leaves(data)) <= set(places)
        for problem in problems:
            assert problem.line is not None
            assert 1 <= problem.line <= len(lines)


def _tree_sitter_lines(text: str) -> dict[DocumentPath, int]:
    """The lines of keys, headers and elements after tree-sitter, with which the locator shares no code."""
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_toml")
    root = tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(text.encode()).root_node
    assert not root.has_error
    lines: dict[DocumentPath, int] = {}
    latest: dict[DocumentPath, int] = {}
    for node in _inside(root):
        if node.type == "pair":
            lines.update(_pair_lines((), node))
            continue
        head, *pairs = _inside(node)
        path: DocumentPath = ()
        for key in _keys(head):
            path = (*path, *([latest[path]] if path in latest else []), key)
        if node.type == "table_array_element":
            latest[path] = latest.get(path, -1) + 1
            path = (*path, latest[path])
        lines[path] = node.start_point.row + 1
        for pair in pairs:
            lines.update(_pair_lines(path, pair))
    return lines


def _inside(node: Any) -> list[Any]:
    return [child for child in node.named_children if child.type != "comment"]


def _keys(node: Any) -> list[str]:
    if node.type == "dotted_key":
        return [key for child in node.named_children for key in _keys(child)]
    return list(tomllib.loads(f"{node.text.decode()} = 0"))


def _pair_lines(table: DocumentPath, pair: Any) -> Iterator[tuple[DocumentPath, int]]:
    key, value = _inside(pair)
    path = (*table, *_keys(key))
    yield path, pair.start_point.row + 1
    yield from _value_lines(path, value)


def _value_lines(path: DocumentPath, value: Any) -> Iterator[tuple[DocumentPath, int]]:
    if value.type == "inline_table":
        for pair in _inside(value):
            yield from _pair_lines(path, pair)
    elif value.type == "array":
        for index, element in enumerate(_inside(value)):
            yield (*path, index), element.start_point.row + 1
            yield from _value_lines((*path, index), element)
