"""Criteria as values: a closed union of frozen nodes, and their canonical text.

A criterion compares facts with constants and joins the answers by `and`, `or`, `not`. It holds the constants as they were written
(Decimal, text, flag); what they mean on a fact's grain or rank is settled when it is bound to a vocabulary.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal, TypeAlias, cast

import attrs

from relcare._fields import check_choice, check_tuple_of
from relcare.errors import InvalidValueError

__all__ = [
    "OPERATORS",
    "And",
    "Compare",
    "Constant",
    "Contains",
    "Criterion",
    "Leaf",
    "Missing",
    "Not",
    "OneOf",
    "Operator",
    "Or",
    "all_of",
    "any_of",
    "check_criteria",
    "check_is_criterion",
    "facts_of",
    "leaves",
]

Constant: TypeAlias = Decimal | str | bool
Operator = Literal["<", "<=", ">", ">=", "==", "!="]
OPERATORS: Final[tuple[Operator, ...]] = ("<", "<=", ">", ">=", "==", "!=")


def _span() -> tuple[int, int]:
    """Where the node stands in its text, as offsets of its first character and past its last; never part of equality."""
    return attrs.field(default=(0, 0), eq=False, repr=False, kw_only=True)


_MOST: Final = 4_096
_DEEPEST: Final = 72  # more than two texts of 32: rules are joined, and segments are written out in them
_NEVER: Final = re.compile("[\0\ud800-\udfff]")


def _check_fact(name: object) -> None:
    if not isinstance(name, str) or not name:
        raise InvalidValueError("fact", name, "must be the name of a fact")
    _check_word("fact", name)


def _check_word(name: str, text: str) -> None:
    """Refuse text that no store and no document can carry."""
    if len(text) > _MOST or (not text.isprintable() and _NEVER.search(text)):
        raise InvalidValueError(name, text, f"must be text of at most {_MOST} characters that can be written as UTF-8")


def _check_span(span: object) -> None:
    ends = cast("tuple[object, ...]", span) if isinstance(span, tuple) else ()
    if len(ends) != 2 or not all(type(end) is int and 0 <= end <= _MOST for end in ends):
        raise InvalidValueError("span", span, "must be the offsets of its first character and past its last")  # pyright: ignore[reportUnknownArgumentType]


def _check_constant(value: object) -> None:
    is_number = isinstance(value, Decimal) and value.is_finite()
    if not is_number and not isinstance(value, (str, bool)):
        raise InvalidValueError("value", value, "must be a finite Decimal, text or a flag")
    if isinstance(value, str):
        _check_word("value", value)


def _check_parts(parts: object) -> None:
    check_tuple_of("parts", parts, object)
    for part in cast("tuple[object, ...]", parts):
        if not isinstance(part, (Compare, OneOf, Contains, Missing, Not, And, Or)):
            raise InvalidValueError("parts", part, "must be criteria")
        if _levels(part) >= _DEEPEST:
            raise InvalidValueError("parts", type(part).__name__, f"must not be nested deeper than {_DEEPEST} levels")
    if not parts:
        raise InvalidValueError("parts", parts, "must hold at least one criterion")


def _levels(part: "Criterion") -> int:
    inner = part.parts if isinstance(part, (And, Or)) else (part.part,) if isinstance(part, Not) else ()
    return 1 + max(map(_levels, inner), default=0)


def _text(value: Constant) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        text = f"{value:f}"  # equal constants have one text: 1.50 is 1.5
        return text.rstrip("0").rstrip(".") if "." in text else text
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    raise InvalidValueError("criterion", value, "must not hold both kinds of quotation marks: the grammar has no escapes")


@attrs.frozen
class Compare:
    """`fact op constant`; a missing fact makes it unknown."""

    fact: str
    operator: Operator
    value: Constant
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_fact(self.fact)
        _check_span(self.span)
        # The operator goes into generated code: nothing but the six of the grammar may.
        check_choice("operator", self.operator, OPERATORS)
        _check_constant(self.value)

    def __str__(self) -> str:
        return f"{self.fact} {self.operator} {_text(self.value)}"


@attrs.frozen
class OneOf:
    """`fact in (constant, ...)`; a missing fact makes it unknown."""

    fact: str
    values: tuple[Constant, ...]
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_fact(self.fact)
        _check_span(self.span)
        check_tuple_of("values", self.values, object)
        if not self.values:
            raise InvalidValueError("values", self.values, "must hold at least one constant")
        for value in self.values:
            _check_constant(value)

    def __str__(self) -> str:
        return f"{self.fact} in {_tuple_text(self.values)}"


@attrs.frozen
class Contains:
    """`constant in fact`, for a set fact; a missing fact makes it unknown."""

    fact: str
    value: str
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_fact(self.fact)
        _check_span(self.span)
        if not isinstance(self.value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("value", self.value, "must be text")
        _check_word("value", self.value)

    def __str__(self) -> str:
        return f"{_text(self.value)} in {self.fact}"


@attrs.frozen
class Missing:
    """`missing(fact)`; never unknown."""

    fact: str
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_fact(self.fact)
        _check_span(self.span)

    def __str__(self) -> str:
        return f"missing({self.fact})"


@attrs.frozen
class Not:
    """`not part`; unknown stays unknown."""

    part: "Criterion"
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_parts((self.part,))
        _check_span(self.span)

    def __str__(self) -> str:
        if isinstance(self.part, OneOf):
            return f"{self.part.fact} not in {_tuple_text(self.part.values)}"
        if isinstance(self.part, Contains):
            return f"{_text(self.part.value)} not in {self.part.fact}"
        return f"not ({self.part})" if isinstance(self.part, (And, Or)) else f"not {self.part}"


@attrs.frozen
class And:
    """`part and part ...`, at least two; false as soon as one part is, else unknown as soon as one is. See `all_of`."""

    parts: "tuple[Criterion, ...]"
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_parts(self.parts)
        _check_span(self.span)

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@attrs.frozen
class Or:
    """`part or part ...`, at least two; true as soon as one part is, else unknown as soon as one is. See `any_of`."""

    parts: "tuple[Criterion, ...]"
    span: tuple[int, int] = _span()

    def __attrs_post_init__(self) -> None:
        _check_parts(self.parts)
        _check_span(self.span)

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Leaf: TypeAlias = Compare | OneOf | Contains | Missing
Criterion: TypeAlias = Leaf | Not | And | Or


def check_is_criterion(name: str, value: object) -> None:
    """Refuse what is no criterion, its text included.

    Args:
        name: What the message calls it.
        value: What to check.

    Raises:
        InvalidValueError: If it is no criterion.
    """
    if not isinstance(value, Criterion):
        raise InvalidValueError(name, value, "must be a criterion", 'write relcare.criterion("...")')


def check_criteria(**criteria: object) -> None:
    """Refuse what is neither a criterion nor None, naming the field.

    Args:
        **criteria: The values by the names of their fields.

    Raises:
        InvalidValueError: At the first that is neither.
    """
    for name, value in criteria.items():
        if value is not None:
            check_is_criterion(name, value)


def _tuple_text(values: tuple[Constant, ...]) -> str:
    inner = ", ".join(_text(value) for value in values)
    return f"({inner},)" if len(values) == 1 else f"({inner})"


def all_of(*parts: Criterion, span: tuple[int, int] = (0, 0)) -> Criterion:
    """The conjunction; nested ones are joined into one, so that equal meaning in this respect is equal value.

    Args:
        *parts: At least one, in the order in which reasons shall name them.
        span: Where it stands in its text.
    """
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat, span=span)


def any_of(*parts: Criterion, span: tuple[int, int] = (0, 0)) -> Criterion:
    """The disjunction; nested ones are joined into one. See `all_of`."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat, span=span)


def leaves(criterion: Criterion) -> Iterator[Leaf]:
    """The comparisons a criterion is made of, from left to right."""
    if isinstance(criterion, (And, Or)):
        for part in criterion.parts:
            yield from leaves(part)
    elif isinstance(criterion, Not):
        yield from leaves(criterion.part)
    else:
        yield criterion


def facts_of(criterion: Criterion) -> tuple[str, ...]:
    """The facts a criterion mentions, each once, in order of first mention."""
    return tuple(dict.fromkeys(leaf.fact for leaf in leaves(criterion)))
