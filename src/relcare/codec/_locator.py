"""Where every key and value of a TOML or JSON text stands.

The parsers of the standard library give no places, so a second, forgiving scan finds them. It judges nothing: of a text
that the parser accepts it finds every path, of any other text whatever it can make out, and it never raises. It uses no
recursion, and its time is linear in the length of the text, because nothing below `DEPTH_LIMIT` is recorded.
"""

import re

import attrs

from relcare.codec._places import DocumentPath, Place, Places

__all__ = ["DEPTH_LIMIT", "Located", "locate_json", "locate_toml", "scan_json", "scan_toml"]

DEPTH_LIMIT = 32
"""The longest path, in keys and indexes, that a document may have."""

_GAP = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_ITEM_GAP = re.compile(r"(?:[ \t\r\n,]++|#[^\n]*+)*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
_SCALAR = re.compile(r"[^,\]}\n#]*+")
# Each pattern finds what may end a string (its quotes, or the line end that leaves it open), or an escape to step over.
_STRING_ENDS = {
    '"': re.compile(r'\\[^\n]|["\n]'),
    "'": re.compile(r"['\n]"),
    '"""': re.compile(r'\\.|"{3,5}', re.DOTALL),
    "'''": re.compile(r"'{3,5}"),
}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
_DUPLICATES_SHOWN = 100
_HIGHEST_CODE_POINT = 0x10FFFF


@attrs.frozen(kw_only=True)
class Located:
    """What a scan found.

    Attributes:
        places: The place of every path; for a path given twice the first place.
        duplicates: The paths given twice in one table, each with its second place, in the order of the text, the first 100 of
            them; what stands inside such a second value is not recorded.
        too_deep: The first place that lies deeper than `DEPTH_LIMIT`, or None.
    """

    places: Places
    duplicates: tuple[tuple[DocumentPath, Place], ...]
    too_deep: Place | None


def locate_toml(text: str) -> Places:
    r"""Where every key, table and array element of a TOML text stands.

    Tables of an array of tables stand at their `[[`, a table's own place is its name in its header. Nothing raises: of a
    text that is no TOML the places that could be made out are returned.

    Args:
        text: The document, with LF or CRLF line ends, without a byte order mark.

    Examples:
        >>> places = locate_toml('[[tiers]]\nid = "A"\n')
        >>> places["tiers", 0, "id"]
        Place(line=2, column=1, value_line=2, value_column=6, content_column=7)
    """
    return scan_toml(text).places


def locate_json(text: str) -> tuple[Places, tuple[DocumentPath, ...]]:
    r"""Where every key and array element of a JSON text stands, and which keys are given twice.

    Args:
        text: The document, without a byte order mark; any text, nothing raises.

    Examples:
        >>> places, duplicates = locate_json('{"id": "a",\n "id": "b"}')
        >>> places["id",].line, duplicates
        (1, (('id',),))
    """
    located = scan_json(text)
    return located.places, tuple(path for path, _ in located.duplicates)


def scan_toml(text: str) -> Located:
    """Places, duplicate keys and excess depth of a TOML text; see `locate_toml`."""
    return _TomlScan(text).run()


def scan_json(text: str) -> Located:
    """Places, duplicate keys and excess depth of a JSON text; see `locate_json`."""
    return _Scan(text).run()


def _skip(pattern: re.Pattern[str], text: str, pos: int) -> int:
    match = pattern.match(text, pos)
    return match.end() if match else pos


def _string_end(text: str, start: int) -> int:
    """The offset behind the string that starts here; the end of its line (or of the text) where it is not closed."""
    quote = text[start]
    if text.startswith(quote * 3, start):
        quote *= 3
    for match in _STRING_ENDS[quote].finditer(text, start + len(quote)):
        found = match[0]
        if found == "\n":
            return match.start()
        if found[0] != "\\":
            return match.end()
    return len(text)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _ESCAPED.get(match[4], match[4])
    number = int(code, 16)
    return chr(number) if number <= _HIGHEST_CODE_POINT else match[0]


def _key_text(quoted: str) -> str:
    """The key that a quoted key stands for; JSON writes characters beyond U+FFFF as two surrogates, which are joined."""
    inner = quoted[1:-1]
    if quoted[0] == "'" or "\\" not in inner:
        return inner
    return _ESCAPE.sub(_unescaped, inner).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


class _Scan:
    """One pass over a text of nested values; by itself it reads JSON.

    The stack holds, for each open bracket, its path (None where nothing is recorded: below the depth limit, in a repeated
    key) and the next index of an array, or -1 for a table.
    """

    separator = ":"
    blank = re.compile(r"[ \t\r\n]*+")
    simple_pair = re.compile(r'(?:([A-Za-z0-9_-]++)|"([^"\\\n]*+)")[ \t\r\n]*+:[ \t\r\n]*+')

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: dict[DocumentPath, tuple[int, int]] = {}
        self.implied: set[DocumentPath] = set()
        self.array_tables: dict[DocumentPath, int] = {}
        self.duplicates: list[tuple[DocumentPath, int, int]] = []
        self.too_deep: int | None = None
        self.stack: list[tuple[DocumentPath | None, int]] = []

    def run(self) -> Located:
        self.read()
        places = Places(self.text, self.offsets)
        return Located(
            places=places,
            duplicates=tuple((path, places.place_at(key_at, value_at)) for path, key_at, value_at in self.duplicates),
            too_deep=None if self.too_deep is None else places.place_at(self.too_deep, self.too_deep),
        )

    def read(self) -> None:
        self.close_all(self.open((), _skip(_ITEM_GAP, self.text, 0)))

    def child(self, parent: DocumentPath | None, part: str | int, at: int) -> DocumentPath | None:
        if parent is None:
            return None
        if len(parent) >= DEPTH_LIMIT:
            self.too_deep = at if self.too_deep is None else self.too_deep
            return None
        return (*parent, part)

    def note(self, path: DocumentPath | None, key_at: int, value_at: int) -> DocumentPath | None:
        """Record the path, and return it for what stands inside; None where that is not to be recorded."""
        if path is None:
            return None
        if path in self.offsets:
            if path not in self.implied:
                if len(self.duplicates) < _DUPLICATES_SHOWN:
                    self.duplicates.append((path, key_at, value_at))
                return None
            self.implied.remove(path)
        self.offsets[path] = (key_at, value_at)
        return path

    def open(self, path: DocumentPath | None, pos: int) -> int:
        """Read the value that starts here: a scalar to its end, an array or inline table to just behind its opening bracket."""
        first = self.text[pos : pos + 1]
        if first == "[":
            self.stack.append((path, 0))
        elif first == "{":
            self.stack.append((path, -1))
        elif first in ('"', "'"):
            return _string_end(self.text, pos)
        else:
            return _skip(_SCALAR, self.text, pos)
        return pos + 1

    def close_all(self, pos: int) -> int:
        """Read on until every open bracket is closed, or the text ends."""
        text, stack, size = self.text, self.stack, len(self.text)
        while stack:
            pos = _skip(_ITEM_GAP, text, pos)
            if pos >= size:
                stack.clear()
            elif text[pos] in "]}":
                stack.pop()
                pos += 1
            elif (entry := stack[-1])[1] < 0:
                # A character that can start no key is stepped over: the scan must move on whatever it meets.
                pos = max(self.pair(entry[0], pos), pos + 1)
            else:
                path, index = entry
                stack[-1] = (path, index + 1)
                element = self.note(self.child(path, index, pos), pos, pos)
                pos = max(self.open(element, pos), pos + 1)
        return pos

    def keys(self, pos: int) -> tuple[list[tuple[str, int]], int]:
        """The parts of a dotted key, each with its offset, and the offset behind them; no parts where no key stands here."""
        text, parts = self.text, list[tuple[str, int]]()
        while True:
            pos = _skip(self.blank, text, pos)
            if text[pos : pos + 1] in ('"', "'"):
                end = _string_end(text, pos)
                key = _key_text(text[pos:end])
            elif (match := _BARE_KEY.match(text, pos)) is not None:
                key, end = match[0], match.end()
            else:
                return parts, pos
            parts.append((key, pos))
            pos = _skip(self.blank, text, end)
            if text[pos : pos + 1] != ".":
                return parts, pos
            pos += 1

    def pair(self, table: DocumentPath | None, pos: int) -> int:
        """Read a key, its separator and the start of its value."""
        simple = self.simple_pair.match(self.text, pos)
        if simple is not None:
            # By far the most frequent form: one bare or unescaped quoted key.
            key = simple[1] if simple[1] is not None else simple[2]
            return self.open(self.note(self.child(table, key, pos), pos, simple.end()), simple.end())
        keys, pos = self.keys(pos)
        if not keys or self.text[pos : pos + 1] != self.separator:
            return pos
        start = _skip(self.blank, self.text, pos + 1)
        key, at = keys[-1]
        path = self.child(self.enter(table, keys, None), key, at)
        return self.open(self.note(path, at, start), start)

    def enter(self, table: DocumentPath | None, keys: list[tuple[str, int]], header_at: int | None) -> DocumentPath | None:
        """The table that all but the last of the keys lead to; under an array of tables that is its latest table."""
        path = table
        for key, at in keys[:-1]:
            path = self.child(path, key, at)
            if path is None:
                return None
            if path not in self.offsets:
                self.offsets[path] = (at, at if header_at is None else header_at)
                self.implied.add(path)
            index = self.array_tables.get(path)
            if index is not None:
                path = self.child(path, index, at)
        return path


class _TomlScan(_Scan):
    """One pass over a TOML text: headers and statements, each from the start of a line."""

    separator = "="
    blank = re.compile(r"[ \t\r]*+")
    simple_pair = re.compile(r'(?:([A-Za-z0-9_-]++)|"([^"\\\n]*+)")[ \t]*+=[ \t]*+')

    def read(self) -> None:
        text, size = self.text, len(self.text)
        table: DocumentPath | None = ()
        pos = _skip(_GAP, text, 0)
        while pos < size:
            if text[pos] == "[":
                table, pos = self.header(pos)
            else:
                pos = self.close_all(self.pair(table, pos))
            line_end = text.find("\n", pos)
            pos = size if line_end < 0 else _skip(_GAP, text, line_end)

    def header(self, start: int) -> tuple[DocumentPath | None, int]:
        """The table that the header opens, and the offset behind its name."""
        is_element = self.text.startswith("[[", start)
        keys, pos = self.keys(start + (2 if is_element else 1))
        if not keys:
            return None, pos
        key, at = keys[-1]
        path = self.child(self.enter((), keys, start), key, at)
        if not is_element or path is None:
            return self.note(path, at, start), pos
        index = self.array_tables.get(path, -1) + 1
        self.array_tables[path] = index
        if index == 0:
            self.note(path, at, start)
        return self.note(self.child(path, index, at), start, start), pos
