"""Reading a document table by table: every wrong key and value becomes a problem with its place, and reading goes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias, TypeVar, cast

from relcare._fields import check_choice, check_day, check_moment, to_decimal, to_moment
from relcare._time import day_from_text
from relcare.codec._moments import moment_from_text
from relcare.codec._places import DocumentPath, Places, path_text
from relcare.codec._text import FloatText
from relcare.errors import InvalidValueError, Problem, nearest
from relcare.policy import Criterion, parse_criterion

__all__ = ["Check", "DocumentReader", "Table"]

T = TypeVar("T")
Check: TypeAlias = Callable[[str, object], object]
_MISSING = object()


class DocumentReader:
    """Gathers the problems of one document.

    Args:
        file: As the caller named it.
        places: Where each path stands.
    """

    def __init__(self, file: str, places: Places) -> None:
        self.file = file
        self.places = places
        self.problems: list[Problem] = []
        self.criteria: list[tuple[DocumentPath, Criterion]] = []
        self.references: list[tuple[DocumentPath, str]] = []

    def report(
        self, path: DocumentPath, message: str, hint: str | None = None, *, offset: int | None = None, at_key: bool = False
    ) -> None:
        """Add a problem.

        Args:
            path: Where; a path that the document does not have is reported at the nearest one around it.
            message: What is wrong.
            hint: The way out.
            offset: In a text value, the character concerned.
            at_key: Whether the key is concerned and not its value.
        """
        place = self.places.get(path)
        if place is None:
            around = self.places.around(path)
            line, column = around.line, around.column
        elif at_key:
            line, column = place.line, place.column
        else:
            line, column = place.at(offset) if offset is not None else (place.value_line, place.value_column)
        self.problems.append(Problem(file=self.file, line=line, column=column, path=path_text(path), message=message, hint=hint))


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
            self.report(key, f"must be {expected}, not {_kind_of(value)}")
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
            self.reader.references.append(((*self.path, key), name))
        return name

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
            self.report(key, f"must be decimal text, not {_kind_of(value)}", 'write it as in "0.01"')
            return None
        return value if self._passes(key, value, to_decimal) else None

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date: a date of TOML, or ISO text."""
        value = self._take(key, required=required)
        if value is _MISSING:
            return None
        found = day_from_text(value) if isinstance(value, str) else value
        if not isinstance(found, date) or isinstance(found, datetime):
            self.report(key, f"must be a date, not {_kind_of(value)}", "write it as 2026-01-31")
            return None
        return found if self._passes(key, found, check_day) else None

    def moment(self, key: str, *, required: bool = False) -> date | None:
        """A date or an instant: those of TOML, or ISO text."""
        value = self._take(key, required=required)
        if value is _MISSING:
            return None
        if not isinstance(value, (str, date)):
            self.report(key, f"must be a date or an instant with its offset, not {_kind_of(value)}", "write it as 2026-01-31")
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
                self.reader.report((*self.path, key, index), f"must be text, not {_kind_of(item)}")
        return tuple(item for item in value if isinstance(item, str))

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
            self.reader.criteria.append(((*self.path, key), found))
            return found
        for problem in found:
            self.report(key, problem.message, problem.hint, offset=problem.offset)
        return None

    def table(self, key: str, *, required: bool = False) -> "Table | None":
        """A table in this one."""
        value = cast("Mapping[str, object] | None", self._of_kind(key, dict, "a table", required=required))
        return None if value is None else Table(self.reader, value, (*self.path, key))

    def tables(self, key: str, *, required: bool = False) -> "list[Table]":
        """A list of tables; what is no table is reported and left out."""
        value = self._list(key, "a list of tables", required=required)
        found: list[Table] = []
        for index, item in enumerate(value or ()):
            path = (*self.path, key, index)
            if isinstance(item, dict):
                found.append(Table(self.reader, cast("Mapping[str, object]", item), path))
            else:
                self.is_broken = True
                self.reader.report(path, f"must be a table, not {_kind_of(item)}")
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

    def build(self, make: Callable[[], T], names: Mapping[str, str] | None = None) -> T | None:
        """The value, once the table is closed; None when the table is broken or the value refuses its fields.

        Args:
            make: Builds it.
            names: What the document calls a field, where it is not the field's own name.
        """
        if self.is_broken:
            return None
        try:
            return make()
        except InvalidValueError as error:
            self.report_error(error, names or {})
            return None

    def report_error(self, error: InvalidValueError, names: Mapping[str, str]) -> None:
        """Report what a value refused, at the field it names if the table has it."""
        field, _, rest = error.name.replace("[", ".").replace("]", "").partition(".")
        key = names.get(field, field)
        message = f"is {error.value}: {error.rule}" if key in self.data else str(error).split("; hint:")[0]
        path: DocumentPath = (*self.path, key) if key in self.data else self.path
        deeper = (*path, *(int(part) if part.isdigit() else part for part in rest.split(".") if part))
        self.is_broken = True
        self.reader.report(deeper if deeper in self.reader.places else path, message, error.hint)


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, datetime):
        return "a date with a time"
    names: tuple[tuple[type, str], ...] = (
        (str, "text"),
        (int, "a number"),
        (date, "a date"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "nothing that a policy knows")
