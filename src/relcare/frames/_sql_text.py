"""Statements in parts: each part is written once, under a name of its own, and shared by all statements that need it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import attrs
import sqlglot
import sqlglot.expressions as exp

from relcare.frames._sql_booleans import Flags, flags_of, with_plain_casts
from relcare.frames._sql_dialect import SqlDialect
from relcare.frames._sql_rewrite import rewritten
from relcare.frames._sql_unsaid import Spoilt, spoilt_by

__all__ = ["HEAVY", "Texts"]

HEAVY: Final = 300
"""More parts than this in one statement take SQLite seconds to read: it writes out each wherever it is named."""

_CODED: Final = re.compile(r"([a-z]+) ((?:[0-9a-f]{2})+)")
_PASSING: Final = re.compile(r"row_index_[0-9a-f]+")
_HEAD: Final = re.compile(r'^"(__duckdb_s\d+)" AS NOT MATERIALIZED \(\n', re.MULTILINE)
_LOCAL: Final = re.compile(r'"(__duckdb_s\d+)"')
_WHOLE: Final = re.compile(r'SELECT \* FROM "(relcare_\d+)"')
_LONGEST: Final = 40


@attrs.frozen
class _Part:
    """A common table expression.

    Attributes:
        text: Its query.
        needs: The parts that it reads.
        columns: Their names, where the query does not say them.
        flags: Its columns by the names that DuckDB knows.
        weight: How many parts a database reads that writes each out wherever it is named.
        spoilt: Its columns that rest on what cannot be said, as they are called here.
    """

    text: str
    needs: tuple[str, ...]
    columns: tuple[str, ...]
    flags: Flags
    weight: int
    spoilt: Spoilt


@attrs.frozen
class _Turned:
    """A query in the dialect.

    Attributes:
        text: The query.
        needs: The parts that it reads, as often as it reads them.
        flags: Its columns, and which are booleans.
        spoilt: See `_Part`.
    """

    text: str
    needs: tuple[str, ...]
    flags: Flags
    spoilt: Spoilt


class Texts:
    """Parts of statements in one dialect.

    Args:
        dialect: Which.
        taken: Names that parts must not have: those of the tables in the database.
        store: Makes a table of a part that has become too heavy, see `is_stored`.
        is_told: Whether a column stands for a part of the policy.

    Attributes:
        unsaid: What the dialect has no words for, of the first query with such; its text means nothing, and is not to be run.
        spoilt: The columns for parts of the policy that rest on such, and on what.
    """

    def __init__(
        self, dialect: SqlDialect, taken: Iterable[str], store: Callable[[str], None], is_told: Callable[[str], bool]
    ) -> None:
        self.dialect: SqlDialect = dialect
        self._taken: frozenset[str] = frozenset(name.lower() for name in taken)
        self.unsaid: str | None = None
        self.spoilt: dict[str, str] = {}
        self._store = store
        self._is_told = is_told
        self._stored: set[str] = set()
        self._parts: dict[str, _Part] = {}
        self._by_query: dict[str, str] = {}
        self._by_text: dict[tuple[str, tuple[str, ...]], str] = {}
        self._names: dict[str, str] = {}
        self._given: dict[str, str] = {}
        self._count = 0

    def name_of(self, column: str) -> str:
        """What a column is called: short, of letters, digits and low lines."""
        plain = "row_index" if _PASSING.fullmatch(column) else column
        if plain not in self._names:
            coded = _CODED.fullmatch(plain)
            shown = f"{coded[1]}_{_decoded(coded[2])}" if coded else plain
            base = re.sub(r"[^a-z0-9_]+", "_", shown.lower(), flags=re.ASCII)[:_LONGEST] or "_"
            found, at = base, 2
            while found in self._given:
                found, at = f"{base}_{at}", at + 1
            self._given[found] = plain
            self._names[plain] = found
        return self._names[plain]

    def column(self, name: str) -> str:
        """A column by the name that it has here, as an identifier."""
        return self.dialect.quoted(self.name_of(name))

    def part(
        self,
        text: str,
        flags: Flags,
        needs: Sequence[str] = (),
        columns: Sequence[str] = (),
        spoilt: Spoilt | None = None,
    ) -> str:
        """The name of a part; the same text is the same part.

        Args:
            text: Its query.
            flags: Its columns, and which are booleans.
            needs: The parts that it reads.
            columns: As they are called here, where the query does not say so.
            spoilt: See `_Part`; those of the parts that it reads, if None.
        """
        key = (text, tuple(columns))
        if key not in self._by_text:
            self._count += 1
            while f"relcare_{self._count}" in self._taken:
                self._count += 1
            name = self._by_text[key] = f"relcare_{self._count}"
            weight = 1 + sum(self._weight(other) for other in needs)
            if spoilt is None:
                spoilt = {column: why for other in needs for column, why in self._parts[other].spoilt.items()}
            self._parts[name] = _Part(text, tuple(needs), tuple(columns), dict(flags), weight, spoilt)
            if weight > HEAVY and self.unsaid is None:
                self._store(name)
        return self._by_text[key]

    def _weight(self, name: str) -> int:
        return 1 if name in self._stored else self._parts[name].weight

    def stored(self, name: str) -> str:
        """The query of a part that becomes a table from now on."""
        text = self.with_parts(f"SELECT * FROM {self.dialect.quoted(name)}", [name])
        self._stored.add(name)
        return text

    def is_stored(self, name: str) -> bool:
        """Whether a part is a table."""
        return name in self._stored

    def named(self, query: str) -> str:
        """The name of the part that a query of DuckDB's is, over parts."""
        whole = _WHOLE.fullmatch(query)
        if whole:
            return whole[1]
        turned = self._turned(query)
        return self.part(turned.text, turned.flags, turned.needs, spoilt=turned.spoilt)

    def statement(self, query: str) -> str:
        """A query of DuckDB's over parts, as one that can be run."""
        turned = self._turned(query)
        return self.with_parts(turned.text, turned.needs)

    def with_parts(self, text: str, needs: Iterable[str]) -> str:
        """A query with the parts that it reads, each behind those that it reads itself."""
        ordered: dict[str, None] = {}
        for name in needs:
            self._gather(name, ordered)
        shown = ",\n".join(f"{self._head(name)} AS (\n  {self._parts[name].text}\n)" for name in ordered)
        return f"WITH {shown}\n{text}" if shown else text

    def _gather(self, name: str, ordered: dict[str, None]) -> None:
        if name not in ordered and name not in self._stored:
            for other in self._parts[name].needs:
                self._gather(other, ordered)
            ordered[name] = None

    def _head(self, name: str) -> str:
        columns = self._parts[name].columns
        head = self.dialect.quoted(name)
        return f"{head}({', '.join(self.column(one) for one in columns)})" if columns else head

    def _turned(self, query: str) -> _Turned:
        """A query without its common table expressions, which become parts."""
        *heads, (_, last) = _pieces(query)
        local: dict[str, str] = {}

        def with_parts(text: str) -> str:
            return _LOCAL.sub(lambda found: f'"{local[found[1]]}"', text)

        for name, text in heads:
            local[name] = self._known(with_parts(text))
        return self._plain(with_parts(last))

    def _known(self, query: str) -> str:
        """The part that a query is; each is read once."""
        if query not in self._by_query:
            turned = self._plain(query)
            self._by_query[query] = self.part(turned.text, turned.flags, turned.needs, spoilt=turned.spoilt)
        return self._by_query[query]

    def _plain(self, query: str) -> _Turned:
        root = sqlglot.parse_one(query, read="duckdb")
        needs = tuple(table.name for table in root.find_all(exp.Table))
        flags: Flags = {}
        if self.dialect.is_strict:
            tables = {name: self._parts[name].flags for name in needs}
            flags = flags_of(root, tables)
            with_plain_casts(root, tables)
        turned, unsaid = rewritten(root, self.dialect, self.name_of)
        if unsaid and self.unsaid is None:
            self.unsaid = unsaid[0].sql(dialect="duckdb")
        if self.unsaid is None:
            return _Turned(turned.sql(dialect=self.dialect.name), needs, flags, {})
        return _Turned(query, needs, flags, self._spoilt(turned, unsaid, needs))

    def _spoilt(self, query: exp.Expr, unsaid: Sequence[exp.Expr], needs: Iterable[str]) -> Spoilt:
        """The columns of a query that rest on what cannot be said; those that stand for a part of the policy are noted."""
        found = spoilt_by(query, unsaid, {name: self._parts[name].spoilt for name in needs}, self._is_named)
        for name in filter(self._is_named, found):
            self.spoilt.setdefault(self._given[name], found[name])
        return {name: why for name, why in found.items() if not self._is_named(name)}

    def _is_named(self, name: str) -> bool:
        return name in self._given and self._is_told(self._given[name])


def _pieces(query: str) -> Iterator[tuple[str, str]]:
    """The common table expressions of a query by name, and the query itself, as DuckDB writes them: each on lines of its own."""
    if not query.startswith("WITH "):
        yield "", query
        return
    *heads, last = _HEAD.split(query.removeprefix("WITH "))[1:]
    for name, text in zip(heads[:-1:2], heads[1::2], strict=True):
        yield name, text.removesuffix("\n),\n")
    text, _, query = last.partition("\n)\n")
    yield heads[-1], text
    yield "", query


def _decoded(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace")
