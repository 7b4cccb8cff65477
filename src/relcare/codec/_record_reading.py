"""Stored values back from their documents, by one generated function for each class, without the detour over a converter.

What the converter would refuse is refused here: a test holds the two against each other. The functions are made of the names of
fields; what they read goes through the functions in their namespace.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, cast, get_args, get_origin

import attrs

from relcare.codec._record_hooks import attribute_of, instant_of, moment_of, money_of, same_flag, same_number, same_text, texts_of
from relcare.codec._record_values import (
    AccessCase,
    BookSettings,
    ClientOwners,
    ClientPins,
    ClientTiers,
    RecordChange,
    StaffAbsences,
    TextPiece,
)
from relcare.errors import InvalidValueError
from relcare.model import AttributeValue, Birthday, Money, from_columns

__all__ = ["Reader", "reader_of", "values_of"]

Document: TypeAlias = dict[str, Any]
Read: TypeAlias = Callable[[Any, object], Any]

# Nouns check their texts themselves.
_UNCHECKED: Final = frozenset(
    {AccessCase, BookSettings, ClientOwners, ClientPins, ClientTiers, RecordChange, StaffAbsences, TextPiece}
)
# As JSON has them.
_PLAIN: Final = frozenset({str, int, bool, type(None)})


def _birthday(value: Any, _: object) -> Birthday:  # noqa: ANN401 - whatever stands in a document
    return Birthday.parse(value)


def _attributes(value: Any, _: object) -> dict[str, AttributeValue]:  # noqa: ANN401 - as above
    return {name: one if type(one) in _PLAIN else attribute_of(one, None) for name, one in value.items()}


_READERS: Final[Mapping[object, Read]] = {
    date: moment_of,
    datetime: instant_of,
    int: same_number,
    bool: same_flag,
    Money: money_of,
    Birthday: _birthday,
}


@attrs.frozen(eq=False)
class Reader:
    """What reads a class.

    Attributes:
        kind: The class.
        fields: What reads those fields that do not stand in the document as they are, and whether they may be None.
        read: From a document, which is used up, to a value; it may raise whatever a foreign one makes it raise.
    """

    kind: type
    fields: Mapping[str, tuple[Read, bool]]
    read: Callable[[Document, object], Any]


def reader_of(kind: type) -> Reader:
    """What reads a class whose fields hold what stores keep.

    Raises:
        TypeError: If a field is of another type.
    """
    fields = dict(_field_readers(kind))
    namespace: dict[str, Any] = {"__builtins__": {}, "kind": kind}
    lines = ["def read(document, _):"]
    for name, (read, has_none) in fields.items():
        namespace[f"read_{name}"] = read
        if has_none:
            lines += [f"    {name} = document.get('{name}')", f"    if {name} is not None:"]
            lines.append(f"        document['{name}'] = read_{name}({name}, None)")
        else:
            lines += [f"    if '{name}' in document:", f"        document['{name}'] = read_{name}(document['{name}'], None)"]
    source = "\n".join([*lines, "    return kind(**document)"])
    exec(compile(source, f"<{kind.__name__}>", "exec"), namespace)  # noqa: S102 - made of names of fields, see the module's docstring
    return Reader(kind, fields, namespace["read"])


def _field_readers(kind: type) -> Any:  # noqa: ANN401 - pairs for a dictionary
    for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind)):
        inner, has_none = _without_none(field.type)
        read = same_text if inner is str and kind in _UNCHECKED else _reader(inner)
        if read is not None:
            yield field.name, (read, has_none)


def _without_none(kind: object) -> tuple[object, bool]:
    """A type without None, and whether that is one of its values."""
    members = get_args(kind)
    if kind == AttributeValue or get_origin(kind) not in {Union, UnionType}:
        return kind, False
    (inner,) = (one for one in members if one is not type(None))
    return inner, type(None) in members


def _reader(kind: object) -> Read | None:
    """What reads a type; None where it stands in the document as it is."""
    if kind is str or kind in _READERS:
        return _READERS.get(kind)
    if kind == AttributeValue:
        return attribute_of
    origin, members = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _choice_reader(members)
    if origin is frozenset:
        return texts_of
    if origin is tuple:
        return _tuple_reader(same_text if members[0] is str else _reader(members[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _attributes
    if isinstance(kind, type) and attrs.has(kind):
        return reader_of(kind).read
    raise TypeError(kind)


def _choice_reader(choices: Sequence[object]) -> Read:
    def read(value: object, _: object) -> object:
        # A class may understand other words too; no text that was stored has them.
        if value not in choices:
            raise InvalidValueError("choice", value, "must be one of those that are written")
        return value

    return read


def _tuple_reader(read: Read | None) -> Read:
    def read_all(values: Any, _: object) -> tuple[Any, ...]:  # noqa: ANN401 - whatever stands in a document
        return tuple(values) if read is None else tuple(read(value, None) for value in values)

    return read_all


def values_of(reader: Reader, documents: Sequence[Document]) -> tuple[Any, ...]:
    """The values of many documents at once; it may raise whatever a foreign one makes it raise.

    Args:
        reader: Of a noun of the model.
        documents: At least one; what they hold is read once where it is the same.
    """
    defaults = {field.name: field.default for field in attrs.fields(cast("type[attrs.AttrsInstance]", reader.kind))}
    columns: dict[str, list[Any]] = {}
    for name in set[str]().union(*documents):
        default = defaults[name]
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = default.factory()
        if default is attrs.NOTHING:
            values = [document[name] for document in documents]
        else:
            values = [document.get(name, default) for document in documents]
        columns[name] = _read_column(values, *reader.fields[name], default) if name in reader.fields else values
    return from_columns(cast("type[Any]", reader.kind), columns)


def _read_column(values: list[Any], read: Read, has_none: bool, default: object) -> list[Any]:  # noqa: FBT001 - as it stands in a reader
    if set(map(type, values)) <= {str, type(None)}:
        known: dict[Any, Any] = {value: read(value, None) for value in dict.fromkeys(values) if value is not None}
        if has_none:
            known[None] = None
        return list(map(known.__getitem__, values))
    return [value if value is default or (has_none and value is None) else read(value, None) for value in values]
