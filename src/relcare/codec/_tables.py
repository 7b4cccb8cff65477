"""Reading a document table by table: every wrong key and value becomes a problem with its place, and reading goes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar, cast

from relcare._fields import check_choice, check_day, check_moment, to_decimal, to_moment
from relcare._time import day_from_text
from relcare.codec._building import attempt
from relcare.codec._document_reader import DocumentReader, kind_of
from relcare.codec._moments import moment_from_text
from relcare.codec._places import DocumentPath
from relcare.codec._text import FloatText
from relcare.errors import InvalidValueError, nearest
from relcare.facts import EVENT_VOCABULARY
from relcare.policy import Criterion, criterion_problems, fact_problems, parse_criterion

__all__ = ["Check", "Table"]

T = TypeVar("T")
Check: TypeAlias = Callable[[str, object], object]
_MISSING = object()
# Criteria about an event and not about a client (CRI-1).
_OF_EVENTS: Final = frozenset({"counts", "event", "where"})


class Table:
    """One table of the document. Ask for each key it may have, then `close` it.

    A key that is absent gives None; one of the wrong kind gives None too, is reported, and makes the table broken.
    """

    def __init__(self, reader: DocumentReader, data: Mapping[str, object], path: DocumentPath) -> None:
        self.reader = reader
        self.data = data
        self.path = path
        self.is_broken = False
        self._asked: list[str] = []

    def report(
        self, key: str | None, message: str, hint: str | None = None, *, offset: int | None = None, at_key: bool = False
    ) -> None:
        """Add a problem with a key (None: with the table) and mark the table as broken."""
        self.is_broken = True
        path = self.path if key is None else (*self.path, key)
        self.reader.report(path, message, hint, offset=offset, at_key=at_key)

    def _take(self, key: str, *, required: bool) -> object:
        self._asked.append(key)
        value = self.data.get(key, _MISSING)
        if value is _MISSING and required:
            self.report(key, f"{key} is missing")
        if isinstance(value, FloatText):  # reported for the whole document at once
            self.is_broken = True
            return _MISSING
        return value

    def _list(self, key: str, expected: str, *, required: bool) -> Sequence[object] | None:
        return cast("Sequence[object] | None", self._of_kind(key, list, expected, required=required))

    def _of_kind(self, key: str, kind: type[T], expected: str, *, required: bool) -> T | None:
        value = self._take(key, required=required)
        if value is _MISSING:
            return None
        is_right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if not is_right:
            self.report(key, f"must be {expected}, not {kind_of(value)}")
            return None
        return value  # type: ignore[return-value]  # pyright: ignore[reportReturnType]

    def text(self, key: str, *, required: bool = False, check: Check | None = None) -> str | None:
        """A text that passes a check."""
        value = self._of_kind(key, str, "text", required=required)
        return value if value is None or check is None or self._passes(key, value, check) else None

    def choice(self, key: str, choices: Iterable[str], *, required: bool = False) -> str | None:
        """One of several texts."""
        options = tuple(choices)
        return self.text(key, required=required, check=lambda name, value: check_choice(name, value, options))

    def parsed(self, key: str, parse: Callable[[str], T], *, required: bool = False) -> T | None:
        """What a text means, such as a length of time."""
        text = self.text(key, required=required)
        if text is None:
            return None
        try:
            return parse(text)
        except InvalidValueError as error:
            self.report(key, f"is {error.value}: {error.rule}", error.hint)
            return None

    def _passes(self, key: str, value: object, check: Check) -> bool:
        try:
            check(key, value)
        except InvalidValueError as error:
            self.report(key, f"is {error.value}: {error.rule}", error.hint)
            return False
        return True

    def fact(self, key: str, *, required: bool = True) -> str | None:
        """The name of a fact; whether there is such a fact is asked when all facts are known."""
        name = self.text(key, required=required)
        if name is not None:
            self.ask_fact(name, key)
        return name

    def ask_fact(self, name: str, *place: str | int) -> None:
        """Ask whether there is a fact of that name, when all facts are known; `place` is where it stands in the table."""
        self.reader.ask((*self.path, *place), lambda known: fact_problems((), name, known.facts))

    def whole(self, key: str, *, required: bool = False) -> int | None:
        """A whole number."""
        return self._of_kind(key, int, "a whole number", required=required)

    def flag(self, key: str) -> bool | None:
        """True or false."""
        return self._of_kind(key, bool, "true or false", required=False)

    def number(self, key: str, *, required: bool = False) -> str | int | None:
        """An exact number: decimal text or a whole number."""
        value = self._take(key, required=required)
        if value is _MISSING:
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            self.report(key, f"must be decimal text, not {kind_of(value)}", 'write it as in "0.01"')
            return None
        return value if self._passes(key, value, to_decimal) else None

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date: a date of TOML, or ISO text."""
        value = self._take(key, required=required)
        if value is _MISSING:
            return None
        found = day_from_text(value) if isinstance(value, str) else value
        if not isinstance(found, date) or isinstance(found, datetime):
            self.report(key, f"must be a date, not {kind_of(value)}", "write it as 2026-01-31")
            return None
        return found if self._passes(key, found, check_day) else None

    def moment(self, key: str, *, required: bool = False) -> date | None:
        """A date or an instant: those of TOML, or ISO text."""
        value = self._take(key, required=required)
        if value is _MISSING:
            return None
        if not isinstance(value, (str, date)):
            self.report(key, f"must be a date or an instant with its offset, not {kind_of(value)}", "write it as 2026-01-31")
            return None
        try:
            found = moment_from_text(key, value) if isinstance(value, str) else to_moment(value)
            check_moment(key, to_moment(found))
        except InvalidValueError as error:
            self.report(key, f"is {error.value}: {error.rule}", error.hint)
            return None
        return found

    def bound(self, key: str) -> Decimal | date | None:
        """The end of a range: an exact number, or a date."""
        value = self.any_value(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        day = day_from_text(value) if isinstance(value, str) else None
        try:
            return to_decimal(key, value) if day is None else day
        except InvalidValueError as error:
            self.report(key, f"is {error.value}: {error.rule}", error.hint)
            return None

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self._list(key, "a list of texts", required=required)
        if value is None:
            return None
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self.is_broken = True
                self.reader.report((*self.path, key, index), f"must be text, not {kind_of(item)}")
        texts = tuple(item for item in value if isinstance(item, str))
        return texts if len(texts) == len(value) else None

    def named(self, key: str) -> Iterator[tuple[int, str]]:
        """The texts of a list with their indexes, whatever else is in it."""
        value = self.data.get(key)
        for index, item in enumerate(cast("list[object]", value) if isinstance(value, list) else ()):
            if isinstance(item, str) and not isinstance(item, FloatText):
                yield index, item

    def any_value(self, key: str) -> object:
        """Whatever stands there; None when absent, and for a float, which is reported for the whole document."""
        value = self._take(key, required=False)
        return None if value is _MISSING else value

    def criterion(self, key: str, *, required: bool = False) -> Criterion | None:
        """A criterion's text."""
        text = self.text(key, required=required)
        if text is None:
            return None
        found = parse_criterion(text)
        if not isinstance(found, tuple):
            self._ask_criterion(key, found)
            return found
        for problem in found:
            self.report(key, problem.message, problem.hint, offset=problem.offset)
        return None

    def _ask_criterion(self, key: str, criterion: Criterion) -> None:
        is_event = key in _OF_EVENTS
        self.reader.ask(
            (*self.path, key), lambda known: criterion_problems((), criterion, EVENT_VOCABULARY if is_event else known.facts)
        )

    def table(self, key: str, *, required: bool = False) -> "Table | None":
        """A table in this one."""
        value = cast("Mapping[str, object] | None", self._of_kind(key, dict, "a table", required=required))
        return None if value is None else Table(self.reader, value, (*self.path, key))

    def tables(self, key: str, *, required: bool = False) -> "list[Table]":
        """A list of tables; what is no table is reported and left out."""
        for index, item in enumerate(self._list(key, "a list of tables", required=required) or ()):
            if not isinstance(item, dict):
                self.is_broken = True
                self.reader.report((*self.path, key, index), f"must be a table, not {kind_of(item)}")
        return self.listed(key)

    def listed(self, key: str) -> "list[Table]":
        """The tables of a list, without a word about what else is in it; see `tables`."""
        value = self.data.get(key)
        items = enumerate(cast("list[object]", value) if isinstance(value, list) else ())
        kept = [(index, cast("Mapping[str, object]", item)) for index, item in items if isinstance(item, dict)]
        return [Table(self.reader, item, (*self.path, key, index)) for index, item in kept]

    def values(self, key: str, read: Callable[["Table"], T | None], *, required: bool = False) -> list[T] | None:
        """What each table of a list means; None when the list is absent, or something in it is wrong.

        Args:
            key: Of the list.
            read: Reads one table; None when something is wrong with it.
            required: Whether the list must be there.
        """
        tables = self.tables(key, required=required)
        found = [read(table) for table in tables]
        right = [value for value in found if value is not None]
        value = self.data.get(key)
        if isinstance(value, list) and len(right) == len(cast("list[object]", value)):
            return right
        self.is_broken = self.is_broken or key in self.data
        return None

    def part(self, key: str, read: Callable[["Table"], T | None]) -> T | None:
        """What a table in this one means; None when it is absent or wrong."""
        table = self.table(key)
        found = None if table is None else read(table)
        self.is_broken = self.is_broken or (table is not None and found is None)
        return found

    def items(self) -> Iterator[tuple[str, object]]:
        """Every key with its value, for tables whose keys are free."""
        self._asked.extend(self.data)
        return iter(self.data.items())

    def close(self, *others: str) -> None:
        """Report every key that was neither asked for nor is among the others, with the nearest one that was."""
        self._asked.extend(others)
        for key in self.data:
            if key not in self._asked:
                near = nearest(key, self._asked)
                hint = f"did you mean {near!r}?" if near else f"known here: {', '.join(sorted(set(self._asked)))}"
                self.report(key, f"unknown key {key!r}", hint, at_key=True)

    def build(self, kind: Callable[..., T], fields: Mapping[str, object], names: Mapping[str, str] | None = None) -> T | None:
        """The value, once the table is closed; None when the table is broken or the value refuses a field.

        Args:
            kind: The class of the value.
            fields: Its keyword arguments; None for what is not given, and for what was reported already.
            names: What the document calls a field, where it is not the field's own name.
        """
        shown = names or {}
        made, refused = attempt(kind, fields, shown, self.data, is_broken=self.is_broken)
        for error in refused:
            self.report_error(error, shown)
        if made is None and not self.is_broken:  # pragma: no cover - nothing may be left out in silence
            self.report(None, "cannot be read")
        return None if self.is_broken else made

    def report_error(self, error: InvalidValueError, names: Mapping[str, str]) -> None:
        """Report what a value refused, at the field it names if the table has it."""
        field, _, rest = error.name.replace("[", ".").replace("]", "").partition(".")
        key = names.get(field, field)
        if key not in self.data:
            message = error.told.partition("; hint:")[0]
        else:
            message = error.rule if error.is_absent else f"is {error.value}: {error.rule}"
        path: DocumentPath = (*self.path, key) if key in self.data else self.path
        deeper = (*path, *(int(part) if part.isdigit() else part for part in rest.split(".") if part))
        self.is_broken = True
        self.reader.report(deeper if deeper in self.reader.places else path, message, error.hint)
