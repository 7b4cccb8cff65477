"""Where things stand in the text of a document."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

import attrs

__all__ = ["DocumentPath", "Place", "Places", "path_text"]

DocumentPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of tables and indexes (from 0) of arrays."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_PLAIN_STRING = re.compile(r"""(?:"(?!"")[^"\\\n]*+"|'(?!'')[^'\n]*+')""")
_KEY_SHOWN = 60


@attrs.frozen(kw_only=True)
class Place:
    """Where a key and its value stand; lines and columns count from 1, columns in characters (code points).

    Attributes:
        line: The line of the key; of the element itself in an array.
        column: The column of the key, its opening quote included; of the element itself in an array.
        value_line: The line where the value starts. A table opened by a header starts at the header's bracket; a table that
            only a dotted name implies starts at its name.
        value_column: The column where the value starts, its opening quote or bracket included.
        content_column: The column of the first character of a text, which then stands on `value_line`; None where characters
            of the text and columns do not run in step (escapes, multi-line strings) and for all that is not text.
    """

    line: int
    column: int
    value_line: int
    value_column: int
    content_column: int | None = None

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of one character of a text value; the start of the value where that cannot be told.

        Args:
            offset: Which character of the text, from 0; the length of the text means just behind its end.

        Examples:
            >>> Place(line=3, column=1, value_line=3, value_column=8, content_column=9).at(4)
            (3, 13)
        """
        if self.content_column is None:
            return self.value_line, self.value_column
        return self.value_line, self.content_column + offset


class Places(Mapping[DocumentPath, Place]):
    """The places of all keys and values of one text; line and column are worked out when asked for."""

    def __init__(self, text: str, offsets: Mapping[DocumentPath, tuple[int, int]]) -> None:
        """Take the text and, for every path, the offsets of key and value in it (from 0, never beyond the text's length)."""
        self._text = text
        self._offsets = offsets

    @cached_property
    def _line_starts(self) -> list[int]:
        # Only "\n" ends a line here: `splitlines` would also break at U+2028, which is an ordinary character inside a string.
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    def _line_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def place_at(self, key_offset: int, value_offset: int) -> Place:
        """The place whose key and value stand at these offsets of the text (from 0), told without looking at the value."""
        line, column = self._line_column(key_offset)
        value_line, value_column = self._line_column(value_offset)
        return Place(line=line, column=column, value_line=value_line, value_column=value_column)

    def around(self, path: DocumentPath) -> Place:
        """The place of the path, or of the nearest thing around it that stands in the text.

        This is where a missing key is reported: at the table that lacks it. The document as a whole is at line 1, column 1.

        Args:
            path: Any path, also one that the document does not have.
        """
        for length in range(len(path), 0, -1):
            if path[:length] in self._offsets:
                return self[path[:length]]
        return Place(line=1, column=1, value_line=1, value_column=1)

    def __getitem__(self, path: DocumentPath) -> Place:
        key_offset, value_offset = self._offsets[path]
        place = self.place_at(key_offset, value_offset)
        # A key that is its own value is a table that the key implies: its quotes are those of the name.
        has_value = key_offset != value_offset or isinstance(path[-1], int)
        if not has_value or _PLAIN_STRING.match(self._text, value_offset) is None:
            return place
        return attrs.evolve(place, content_column=place.value_column + 1)

    def __contains__(self, path: object) -> bool:
        return path in self._offsets

    def __iter__(self) -> Iterator[DocumentPath]:
        return iter(self._offsets)

    def __len__(self) -> int:
        return len(self._offsets)


def path_text(path: DocumentPath) -> str:
    """The path as messages show it: `cadence[2].every`; a key that is no bare word stands in double quotes.

    Keys are cut at 60 characters, and characters that do not print are escaped. The empty path gives the empty text.

    Args:
        path: Keys and indexes (from 0) from the outside in.

    Examples:
        >>> path_text(("segmentation", 0, "score", 1, "points", "key city"))
        'segmentation[0].score[1].points."key city"'
    """
    return "".join(_shown(part) for part in path).removeprefix(".")


def _shown(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if _BARE_KEY.fullmatch(part):
        return f".{part}"
    cut = part if len(part) <= _KEY_SHOWN else f"{part[: _KEY_SHOWN - 3]}..."
    return f".{json.dumps(cut, ensure_ascii=not cut.isprintable())}"
