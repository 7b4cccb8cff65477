"""Many values at once from columns: what a column holds is checked once for each different value, not once for each row.

The class stays the one judge. A value passes by itself where the check of its field says so; any other is put into a value of
the class, which keeps it or refuses it. Rows with something that was refused, and rows whose fields speak of each other, are
made by the class itself, whose errors are told.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import compress, repeat
from typing import Any, Final, Generic, TypeVar, cast

import attrs

from relcare._fields import read_only
from relcare.errors import BookDocumentError, InvalidValueError, Problem, nearest
from relcare.model._client import check_attribute_name
from relcare.model._column_checks import NO, Check, amounts, attribute_values
from relcare.model._column_nouns import GIVEN, NOUNS, Noun

__all__ = ["from_columns"]

T = TypeVar("T")

_MOST_PROBLEMS: Final = 1_000
_PREFIX: Final = "attributes."
# Equal values of these types are alike in everything; others may differ in digits, zones or class.
_ALIKE: Final = frozenset({str, date, int, bool})


def from_columns(kind: type[T], columns: Mapping[str, Iterable[object]]) -> tuple[T, ...]:
    """Many values of a noun at once, equal to those made one by one, at a fraction of the price.

    Args:
        kind: A class that a `Book` is made of, or `Money`.
        columns: The values of each field in the order of the rows, all of one length. A field that is left out has its default in
            every row. A free attribute of clients may be a column too, `attributes.<name>`: None there says that a client does
            not have it.

    Returns:
        One value a row. Equal texts and days are the same object.

    Raises:
        BookDocumentError: With the rows that are wrong, up to 1,000 of them, each with the field that is wrong first, as the
            class itself tells it; `line` counts the rows from 1.
        InvalidValueError: If a column is no field, a field that must be given has no column, or columns differ in length.

    Examples:
        >>> from datetime import date
        >>> from relcare.model import Touchpoint, from_columns
        >>> calls = from_columns(
        ...     Touchpoint,
        ...     {
        ...         "id": ["t-1", "t-2"],
        ...         "client_id": ["c-1", "c-2"],
        ...         "occurred_at": [date(2026, 3, 2), date(2026, 3, 3)],
        ...         "channel": ["call", "visit"],
        ...     },
        ... )
        >>> calls[1].channel
        'visit'
    """
    noun = NOUNS.get(kind)
    if noun is None:
        known = ", ".join(sorted(one.__name__ for one in NOUNS))
        raise InvalidValueError("kind", kind, f"must be one of {known}")
    return _Making(kind, noun, columns).made()


class _Making(Generic[T]):
    """The values of one class from columns.

    Args:
        kind: The class.
        noun: What is known of it.
        columns: As they were given.
    """

    def __init__(self, kind: type[T], noun: Noun, columns: Mapping[str, Iterable[object]]) -> None:
        self._make: Callable[..., T] = kind
        self._kind = cast("Any", kind)  # its parts are looked at by name
        self._checks = noun.checks
        self._fields = {field.name: field for field in attrs.fields(self._kind)}
        self._given, self._free = self._opened(columns)
        self._count = len(next(iter(self._given.values())))
        self._singly = self._apart(noun.apart)
        self._problems: dict[int, Problem] = {}

    def _opened(self, columns: Mapping[str, Iterable[object]]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        """The columns of fields, and those of free attributes."""
        given: dict[str, list[Any]] = {}
        free: dict[str, list[Any]] = {}
        for name, values in columns.items():
            attribute = name.removeprefix(_PREFIX) if "attributes" in self._fields and "attributes" not in columns else name
            if name not in self._fields and attribute == name:
                near = nearest(str(name), self._fields)
                raise InvalidValueError("columns", name, "must be a field", f"did you mean {near!r}?" if near else None)
            if isinstance(values, (str, bytes)):
                raise InvalidValueError(f"columns.{name}", values, "must be a collection of values, one for each row")
            if attribute == name:
                given[name] = list(values)
            else:
                check_attribute_name("columns", attribute)
                free[attribute] = list(values)
        for name, field in self._fields.items():
            if field.default is attrs.NOTHING and name not in given:
                raise InvalidValueError("columns", sorted(given), f"must have {name!r}")
        (first, one), *others = given.items()
        for name, values in (*others, *((f"{_PREFIX}{name}", values) for name, values in free.items())):
            if len(values) != len(one):
                raise InvalidValueError(f"columns.{name}", f"{len(values)} values", f"must be as long as {first}, {len(one)}")
        return given, free

    def _apart(self, apart: Mapping[str, object]) -> set[int]:
        """The rows whose fields speak of each other."""
        found: set[int] = set()
        for name, odd in apart.items():
            values = self._given.get(name, ())
            if odd is GIVEN:
                found.update(row for row, value in enumerate(values) if value is not None)
            else:
                found.update(row for row, value in enumerate(values) if value == odd)
        return found

    def made(self) -> tuple[T, ...]:
        pattern = self._pattern()
        if pattern is None:
            return self._with_singles([])
        columns = {name: self._settled(name, pattern) for name in self._fields}
        wanted = [row not in self._singly for row in range(self._count)] if self._singly else None
        count = self._count - len(self._singly)
        new: Callable[[type[T]], T] = self._kind.__new__
        made = list(map(new, repeat(self._kind, count)))
        for name, column in columns.items():
            values = column if wanted is None or isinstance(column, repeat) else compress(column, wanted)
            # What the class does last in its own constructor, without the calls around it.
            put: Callable[[T, object], None] = self._kind.__dict__[name].__set__
            deque(map(put, made, values), maxlen=0)
        return self._with_singles(made)

    def _pattern(self) -> T | None:
        """The first value that the class makes of a row that is not apart; None where there is none."""
        for row in range(self._count):
            if row not in self._singly:
                made = self._single(row)
                if made is not None:
                    return made
                self._singly.add(row)
        return None

    def _single(self, row: int) -> T | None:
        """What the class makes of a row; None, with a problem, where it refuses it."""
        fields = {name: values[row] for name, values in self._given.items()}
        if self._free:
            fields["attributes"] = {name: values[row] for name, values in self._free.items() if values[row] is not None}
        try:
            return self._make(**fields)
        except InvalidValueError as error:
            rule = f"is {error.value}: {error.rule}"
            name = self._kind.__name__
            self._problems[row] = Problem(file=name, line=row + 1, path=error.name, message=rule, hint=error.hint)
            if len(self._problems) >= _MOST_PROBLEMS:
                raise BookDocumentError(self._problems.values()) from None
            return None

    def _with_singles(self, made: list[T]) -> tuple[T, ...]:
        """All values in the order of their rows, those of the class itself among them."""
        if not self._singly:
            return tuple(made)
        singles = {row: self._single(row) for row in sorted(self._singly) if row not in self._problems}
        if self._problems:
            raise BookDocumentError(self._problems.values())
        others = iter(made)
        return tuple(one if (one := singles.get(row)) is not None else next(others) for row in range(self._count))

    def _settled(self, name: str, pattern: T) -> Iterable[object]:
        """A field of every row as the class would keep it; rows that it may refuse are left to it."""
        if name == "attributes" and self._free:
            return self._attributes()
        if name not in self._given:
            return repeat(getattr(pattern, name))
        values = self._given[name]
        if self._fields[name].default is None and values.count(None) == len(values):
            return repeat(None)
        check = self._checks.get(name) or self._class_check(pattern, name)
        # Ids are all different, and there is nothing to save on a look at a type.
        if (name == "id" or check is amounts) and NO not in (kept := check(values)):
            return kept
        return self._column(values, check, has_none=self._fields[name].default is None)

    def _class_check(self, pattern: T, name: str) -> Check:
        """What the class itself keeps as a field, among others that are right."""
        fields = {one: getattr(pattern, one) for one in self._fields}

        def put(value: object) -> object:
            try:
                return getattr(self._make(**{**fields, name: value}), name)
            except InvalidValueError:
                return NO

        return lambda values: list(map(put, values))

    def _column(self, values: list[Any], check: Check, *, has_none: bool) -> Sequence[object]:
        """The values of a column as they are kept, equal ones as one object.

        Args:
            values: As they are given.
            check: Asked about each different value.
            has_none: Whether None is one of the values that are right.
        """
        types = set(map(type, values)) - {type(None)}
        if len(types) <= 1 and types <= _ALIKE:
            keys: Sequence[Any] = values
            different: dict[Any, Any] = {value: value for value in dict.fromkeys(values)}
            none = None
        else:
            keys = list(map(id, values))
            different = dict(zip(keys, values, strict=True))
            none = id(None)
        has_none = has_none and different.pop(none, NO) is None
        kept = check(list(different.values()))
        if len(kept) == len(values) and NO not in kept:
            return kept
        known = dict(zip(different, kept, strict=True))
        if has_none:
            known[none] = None
        found = list(map(known.__getitem__, keys))
        if NO in kept:
            self._singly.update(row for row, value in enumerate(found) if value is NO)
        return found

    def _attributes(self) -> Sequence[object]:
        """The free attributes of every row; those that are None there are left out."""
        names = tuple(self._free)
        columns = [self._column(values, attribute_values, has_none=True) for values in self._free.values()]
        rows = zip(*columns, strict=True)
        if any(None in column for column in columns):
            several = ({name: one for name, one in zip(names, row, strict=True) if one is not None} for row in rows)
        else:
            several = (dict(zip(names, row, strict=True)) for row in rows)
        return list(map(read_only, several))
