"""Values of the book into stored text, by one generated function for each class: no dictionary is made on the way.

The texts are those that the converter and the encoder of the codec would write: a test holds the two against each other. The
functions are made of the names of fields; what they write goes through the functions in their namespace.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, cast, get_args, get_origin

import attrs

from relcare.codec._moments import moment_text
from relcare.model import AttributeValue, Birthday, Money, ReasonValue

__all__ = ["Write", "writer_of"]

Write: TypeAlias = Callable[[Any], str]


def _moment(value: date) -> str:
    return f'"{value.isoformat()}"' if type(value) is date else encode_basestring(moment_text(value))


def _money(value: Money) -> str:
    return f'"{value.amount:f} {value.currency}"'


def _digits(value: Decimal) -> str:
    return f'"{value:f}"'


def _number(value: int) -> str:
    return int.__repr__(value)


def _flag(value: bool) -> str:  # noqa: FBT001 - a value
    return "true" if value else "false"


def _birthday(value: Birthday) -> str:
    return f'"{value}"'


def _texts(values: frozenset[str]) -> str:
    return f"[{','.join(map(encode_basestring, sorted(values)))}]"


def _attribute(value: AttributeValue) -> str:
    """Text, whole numbers, flags and nothing as JSON has them; every other type says its name."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return _flag(value)
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, Decimal):
        return f'{{"decimal":{_digits(value)}}}'
    return f'{{"date":"{value.isoformat()}"}}' if isinstance(value, date) else f'{{"set":{_texts(value)}}}'


def _reason_value(value: ReasonValue) -> str:
    """As an attribute, and lists beside it."""
    return f'{{"list":[{",".join(map(encode_basestring, value))}]}}' if isinstance(value, tuple) else _attribute(value)


_WRITERS: Final[Mapping[object, Write]] = {
    str: encode_basestring,
    int: _number,
    bool: _flag,
    date: _moment,
    datetime: _moment,
    Decimal: _digits,
    Money: _money,
    Birthday: _birthday,
}
_UNIONS: Final[tuple[tuple[object, Write], ...]] = ((AttributeValue, _attribute), (ReasonValue, _reason_value))


def writer_of(kind: type, record_format: int | None = None) -> Write:
    """A function that writes a value of a class as one JSON object: names sorted, defaults left out.

    Args:
        kind: An attrs class whose fields hold what stores keep.
        record_format: Of a record of its own: the number that stands in it; None for a part of one.

    Raises:
        TypeError: If a field is of another type. The function raises it, or `AttributeError`, for a value that holds another.
    """
    if kind in _WRITERS:
        return _WRITERS[kind]
    namespace: dict[str, Any] = {"__builtins__": {}, "null": "null", "quote": '"', "type": type, "date": date}
    fields = {field.name: field for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind))}
    lines: list[str] = []
    always = ""  # what stands there in any case, up to the next field that may be left out
    for name in sorted({*fields, *(() if record_format is None else ("format",))}):
        if name not in fields:
            always += f',"{name}":{record_format}'
            continue
        write, has_none = _field_writer(fields[name].type)
        namespace[f"write_{name}"] = write
        default = fields[name].default
        if default is attrs.NOTHING:
            piece = _expression(write, name, f"value.{name}")
            always += f',"{name}":{{{f"{piece} if value.{name} is not None else null" if has_none else piece}}}'
            continue
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = default.factory()
        namespace[f"default_{name}"] = default
        is_empty = default is not None and not default and not isinstance(default, int)
        is_other = f"{name} is not None" if default is None else name if is_empty else f"{name} != default_{name}"
        lines += [
            *([f"    found += f'{always}'"] if always else ()),
            f"    {name} = value.{name}",
            f"    if {is_other}: found += f',\"{name}\":{{{_expression(write, name, name)}}}'",
        ]
        always = ""
    source = ["def write(value):", "    found = ''", *lines, f"    found += f'{always}'", "    return '{' + found[1:] + '}'"]
    exec(compile("\n".join(source), f"<{kind.__name__}>", "exec"), namespace)  # noqa: S102 - made of names of fields, see the module's docstring
    return cast("Write", namespace["write"])


def _expression(write: Write, name: str, value: str) -> str:
    """The text of a value, given as source, as source; of a day without a call, for nearly all there is has one."""
    other = f"write_{name}({value})"
    return f"(quote + {value}.isoformat() + quote if type({value}) is date else {other})" if write is _moment else other


def _field_writer(kind: object) -> tuple[Write, bool]:
    """What writes a field of a type, and whether it may be None."""
    for union, write in _UNIONS:
        if kind == union:
            return write, False
    if get_origin(kind) in {Union, UnionType}:
        (inner,) = (one for one in get_args(kind) if one is not type(None))
        return _field_writer(inner)[0], True
    return _plain_writer(kind), False


def _plain_writer(kind: object) -> Write:
    origin, members = get_origin(kind), get_args(kind)
    if origin is Literal:
        return encode_basestring
    if origin is frozenset:
        return _texts
    if origin is tuple:
        return _list_writer(_field_writer(members[0])[0])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _map_writer(_field_writer(members[1])[0])
    if isinstance(kind, type):
        return writer_of(kind)
    raise TypeError(kind)


def _list_writer(write: Write) -> Write:
    return lambda values: f"[{','.join(map(write, values))}]"


def _map_writer(write: Write) -> Write:
    def written(values: Mapping[str, Any]) -> str:
        return f"{{{','.join([f'{encode_basestring(name)}:{write(value)}' for name, value in sorted(values.items())])}}}"

    return written
