"""Facts that read a field of clients as what it is not, such as a region as a number (FCT-1)."""

from collections.abc import Iterable, Mapping, Sequence

import narwhals.stable.v2 as nw

from relcare.errors import BookDocumentError, InvalidValueError, Problem
from relcare.frames._core import Core
from relcare.frames._criteria import MOST, Expr
from relcare.frames._engine import SEPARATOR, Cell, Lazy
from relcare.frames._needs import coded, field_of
from relcare.policy import Fact, FactType, OutOfBounds

__all__ = ["is_odd", "odd_value", "with_odd_forms"]

_OWN_KINDS = {"client_since_on": {"date"}, "relationship_types": {"set"}}
_TEXT_KINDS = {"level", "category"}
_TYPES = {"flag": nw.Boolean(), "set": nw.String(), "category": nw.String()}


def is_odd(fact: Fact) -> bool:
    """Whether a fact reads a field of clients as something else."""
    field = field_of(fact)
    return field is not None and fact.type not in _OWN_KINDS.get(field, _TEXT_KINDS)


def with_odd_forms(base: Lazy, core: Core, facts: Iterable[Fact], types: Mapping[str, FactType]) -> Lazy:
    """The base with what the texts of fields come to; stages, regions, owners and zones have few, each read as of one client.

    Args:
        base: With the columns of `Core.clients`.
        core: The tables.
        facts: Those to be read.
        types: Of each.

    Raises:
        BookDocumentError: If a text is a number off its fact's grain, or too great for a column.
    """
    for fact in facts:
        field = field_of(fact)
        if field is None or field in _OWN_KINDS or not is_odd(fact):
            continue
        texts = sorted(str(text) for (text,) in core.engine.rows(core.engine.distinct(base.select(field))) if text is not None)
        cells = [_cell(fact, field, types[fact.id], text) for text in texts]
        kind = nw.String() if fact.type == "set" else nw.Int64()
        columns: dict[str, tuple[nw.dtypes.DType, Sequence[Cell]]] = {
            field: (nw.String(), texts),
            _value(fact): (kind, cells),
            _strange(fact): (nw.Int64(), [int(cell is None) for cell in cells]),
        }
        base = base.join(core.engine.table(base, columns), on=field, how="left")
    return base


def odd_value(fact: Fact) -> tuple[Expr, Expr]:
    """The value of an odd fact in core form, and whether there is one that it does not allow."""
    field = field_of(fact)
    if field in _OWN_KINDS:
        # A day is no text and a set is no day: nothing of it is allowed. Every client has its types, be they none.
        is_there = ~nw.col("since").is_null() if field == "client_since_on" else nw.lit(value=True)
        return nw.lit(None, dtype=_TYPES.get(fact.type, nw.Int64())), is_there
    value = nw.col(_value(fact))
    return (value == 1 if fact.type == "flag" else value), nw.col(_strange(fact)) == 1


def _value(fact: Fact) -> str:
    return f"v {coded(fact.id)}"


def _strange(fact: Fact) -> str:
    return f"y {coded(fact.id)}"


def _cell(fact: Fact, field: str, kind: FactType, text: str) -> Cell:
    """What a text comes to; None for what the fact does not allow."""
    try:
        core = kind.encode(fact.id, text)
    except InvalidValueError as error:
        raise BookDocumentError([Problem(file="clients", path=field, message=str(error))]) from error
    if core is None or isinstance(core, OutOfBounds):
        return None
    if isinstance(core, frozenset):
        return SEPARATOR + SEPARATOR.join(sorted(core)) + SEPARATOR
    if isinstance(core, int) and abs(core) < MOST:
        return int(core)
    message = f"is {text!r}, which {fact.id} reads as a number too great for a column"
    raise BookDocumentError([Problem(file="clients", path=field, message=message, hint="decide it with Policy.decide")])
