"""C2: a wrong value is refused by every constructor, with our own error, and by its type as strictly as by its range."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random
from traceback import format_exc
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import Phase, find, settings
from tests.soak.promise import Length, Outcome, Promise

from relcare.calendars import NationalCalendar
from relcare.errors import RelcareError
from relcare.policy import Vocabulary
from relcare.testing import NASTY_INSTANTS, NASTY_NUMBERS, NASTY_TEXTS, NASTY_ZONES
from relcare.testing._values import VALUES, strategy_of

# Made by a function that checks what it is given (`calendar`), or from parts that were checked one by one.
_MADE_BY_US: Final = frozenset({NationalCalendar, Vocabulary})
_LONGEST: Final = 65_536
_FIRST: Final = settings(max_examples=20, database=None, deadline=None, derandomize=True, phases=(Phase.generate,))
_ODD: Final[tuple[object, ...]] = (
    None,
    b"bytes",
    [],
    (),
    {},
    set(),
    object(),
    [None],
    [[]],
    ({},),
    {"a": object()},
    {None: None},
    {"a": []},
    [float("nan")],
    (True,),
    lambda: None,
    int,
)
POOL: Final[tuple[object, ...]] = (*NASTY_TEXTS, *NASTY_NUMBERS, *NASTY_INSTANTS, *NASTY_ZONES, *_ODD)


@cache
def valid(kind: type) -> Any:
    """Some value of a class, the simplest there is."""
    return find(strategy_of(kind), lambda _: True, settings=_FIRST)


@cache
def hints(kind: type) -> Mapping[str, Any]:
    """The declared types of a class."""
    return get_type_hints(kind)


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of a declared type, strictly: true is no number, and what is no finite number is none either."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return True
    if origin in {Union, UnionType}:
        return any(fits(value, one) for one in args)
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in args)
    if origin is not None:
        return _holds(value, origin, args)
    return _is_plain(value, hint)


def _holds(value: object, origin: Any, args: tuple[Any, ...]) -> bool:
    """Whether a collection is what it is declared as, with all that it holds."""
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return isinstance(value, tuple) and all(fits(one, args[0]) for one in value)
    if origin is tuple:
        return isinstance(value, tuple) and len(value) == len(args) and all(map(fits, value, args))
    if origin is frozenset:
        return isinstance(value, frozenset) and all(fits(one, args[0]) for one in value)
    if issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(fits(key, args[0]) and fits(one, args[1]) for key, one in value.items())
    return isinstance(value, origin)


def _is_plain(value: object, hint: Any) -> bool:
    if hint is None or hint is type(None):
        return value is None
    if hint in {int, bool, float}:
        return type(value) is hint
    if hint is str:
        return isinstance(value, str) and len(value) <= _LONGEST and _can_be_written(value)
    if hint is Decimal:
        return isinstance(value, Decimal) and value.is_finite()
    if hint is date or hint is Fraction:
        return isinstance(value, hint)
    is_protocol = getattr(hint, "_is_protocol", False)
    return is_protocol or not isinstance(hint, type) or isinstance(value, hint)


def _can_be_written(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def shown(value: object) -> str:
    """A value, as far as it can be shown: Python writes no whole number of thousands of digits."""
    try:
        return repr(value)[:80]
    except ValueError:
        return f"a {type(value).__name__} that cannot be shown"


def trials() -> Iterator[tuple[type, str, str]]:
    """Every field of every public value that takes an argument: the class, the argument, the field."""
    for kind in VALUES:
        if attrs.has(kind) and kind not in _MADE_BY_US:
            for field in attrs.fields(kind):
                if field.init:
                    yield kind, field.alias, field.name


def problem(kind: type, argument: str, field: str, value: object) -> str | None:
    """What is amiss when a value is given; None when it is refused as it should be, or kept as what it must be."""
    try:
        made = attrs.evolve(valid(kind), **{argument: value})
        repr(made)
    except RelcareError:
        return None
    except Exception:  # noqa: BLE001 - what is no error of ours is what is looked for
        return format_exc(limit=-2)
    kept, hint = getattr(made, field), hints(kind).get(field, Any)
    if not fits(kept, hint):
        return f"kept {shown(kept)}, which is no {hint}"
    return None


def _check(length: Length) -> Outcome:
    every = [(*trial, number) for trial in trials() for number in range(len(POOL))]
    chosen = every if length.name == "full" else Random(length.seed).sample(every, 4_000)
    failures: list[str] = []
    for kind, argument, field, number in chosen:
        found = problem(kind, argument, field, POOL[number])
        if found is not None:
            failures.append(f"{kind.__name__}.{argument} = POOL[{number}] {shown(POOL[number])}: {found}")
    note = f"{len(VALUES)} classes, {len(POOL)} wrong values"
    return Outcome(runs=len(chosen), failures=tuple(failures), note=note)


PROMISES: Final = (
    Promise("C2", "A wrong value is refused by every constructor, by its own error and by its exact type", _check),
)
