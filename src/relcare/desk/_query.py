"""Which clients are meant, and in which order: words, a criterion about fields, and fields to sort by."""

import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, Self, cast

import attrs

from relcare._fields import check_text
from relcare.access import check_field
from relcare.decisions import Policy
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.desk._cells import cell_text
from relcare.desk._client_file import is_single
from relcare.errors import InvalidValueError
from relcare.policy import (
    CLIENT_FACTS,
    Compare,
    Core,
    Criterion,
    FactType,
    OneOf,
    OutOfBounds,
    Vocabulary,
    check_criterion,
    criterion,
    evaluate,
    facts_of,
    leaves,
)

__all__ = ["Query"]

_MOST_WORDS: Final = 200
_SHORT: Final = 400
_NO_ANSWER: Final = frozenset({"obligation", "decision"})
_DATES: Final = frozenset({"client.client_since_on"})


@attrs.frozen(kw_only=True)
class Query:
    """A question about clients. Which of its fields somebody may use is decided before it is asked of any client.

    Attributes:
        text: The words to be found, each somewhere in what the asker may see of the fields that are shown; None for any.
        where: A criterion about fields; None for every client.
        order_by: The fields to sort by, the first first, `-` before one from the greatest down; then by id.
        types: What the fields of the criterion and of the order hold.
    """

    text: str | None
    where: Criterion | None
    order_by: tuple[str, ...]
    types: Vocabulary

    @classmethod
    def of(cls, policy: Policy, text: str | None = None, where: str | None = None, order_by: Iterable[str] = ()) -> Self:
        """The question that words mean, every field of it known.

        Raises:
            InvalidValueError: If there is no such field, or it cannot be compared or sorted by; it depends on no client.
            PolicyDocumentError: If the criterion cannot be read.
        """
        if text is not None:
            check_text("text", text, _MOST_WORDS)
        if isinstance(order_by, str):
            raise InvalidValueError("order_by", order_by, "must be a collection of fields", f"write [{order_by!r}]")
        order = tuple(order_by)
        meant = None if where is None else criterion(where)
        for index, field in enumerate(order):
            check_field(f"order_by[{index}]", field.removeprefix("-"))
            if not is_single(field.removeprefix("-")):
                raise InvalidValueError(f"order_by[{index}]", field, "must be a field of which a client has one value")
        for field in () if meant is None else facts_of(meant):
            check_field("where", field)
            if field.partition(".")[0] in _NO_ANSWER:
                raise InvalidValueError("where", field, "must be a field that holds a value")
        types = _types(policy, meant, (field.removeprefix("-") for field in order))
        if meant is not None:
            for problem in check_criterion(meant, types):
                raise InvalidValueError("where", where, problem.message, problem.hint)
        return cls(text=text, where=meant, order_by=order, types=types)

    @property
    def filter_fields(self) -> tuple[str, ...]:
        """The fields that the criterion uses."""
        return () if self.where is None else tuple(dict.fromkeys(facts_of(self.where)))

    @property
    def sort_fields(self) -> tuple[str, ...]:
        """The fields that the order uses."""
        return tuple(dict.fromkeys(field.removeprefix("-") for field in self.order_by))

    @property
    def words(self) -> str | None:
        """The question as a grant is bound to it and the log digests it; None where nothing is asked for."""
        parts = [self.text] if self.text is not None else []
        if self.where is not None:
            parts.append(f"where {self.where}")
        return " ".join(parts) or None

    @cached_property
    def _sought(self) -> tuple[str, ...]:
        return tuple(_plain(self.text or "").split())

    def finds(self, values: Mapping[str, object]) -> bool:
        """Whether every word of the text is somewhere in some values.

        Args:
            values: Those that the asker may see, and no other.
        """
        if not self._sought:
            return True
        told = "\n".join(_plain(cell_text(value)) for value in values.values())
        return all(word in told for word in self._sought)

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether the criterion holds; not where it is unknown (CRI-2).

        Args:
            values: Of the fields in `filter_fields`.
        """
        if self.where is None:
            return True
        row = {field: self._core(field, values[field]) for field in self.filter_fields}
        return evaluate(self.where, row, self.types) is True

    def in_order(self, found: Iterable[tuple[str, Mapping[str, object]]]) -> tuple[str, ...]:
        """Ids in the order that is asked for; what is not known comes last either way.

        Args:
            found: Each with its values of the fields in `sort_fields`.
        """
        rows = sorted(found, key=lambda row: row[0])
        for field in reversed(self.order_by):
            name = field.removeprefix("-")
            cores = {client_id: self._core(name, values[name]) for client_id, values in rows}
            keyed = [(_sort_key(core), row) for row in rows if (core := cores[row[0]]) is not None]
            keyed.sort(key=itemgetter(0), reverse=field.startswith("-"))
            rows = [row for _, row in keyed] + [row for row in rows if cores[row[0]] is None]
        return tuple(client_id for client_id, _ in rows)

    def _core(self, field: str, value: object) -> Core:
        kind = self.types[field]
        if isinstance(value, tuple):
            value = frozenset(cell_text(one) for one in cast("tuple[object, ...]", value) if one is not None)
        elif kind.kind == "category" and value is not None:
            value = cell_text(value)
        try:
            found = kind.encode(field, value)
        except InvalidValueError:  # off the grain of its fact: as good as not known
            return None
        return None if isinstance(found, OutOfBounds) else found


def _sort_key(value: object) -> tuple[int, Any]:
    if isinstance(value, frozenset):
        return 2, sorted(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return (0, value) if isinstance(value, (int, Decimal)) else (1, value)


def _types(policy: Policy, where: Criterion | None, order: Iterable[str]) -> Vocabulary:
    own = [fact for fact in policy.facts if fact.measure is None and fact.derivation is None]
    facts = {fact.reads or f"client.{fact.id}": fact.fact_type for fact in own}
    derived = vocabularies_of_policy(policy).full
    numbers = {leaf.fact for leaf in (() if where is None else leaves(where)) if _compares_number(leaf)}

    def kind_of(field: str) -> FactType:
        kind, _, name = field.partition(".")
        if field in CLIENT_FACTS:
            return CLIENT_FACTS[field]
        if kind == "attribute" and f"client.{name}" in facts:
            return facts[f"client.{name}"]
        if kind == "tier" and field in derived:
            return derived[field]
        if not is_single(field):
            return FactType(kind="set")
        return FactType(kind="date" if field in _DATES else "number" if field in numbers else "category")

    return Vocabulary({field: kind_of(field) for field in (*(() if where is None else facts_of(where)), *order)})


def _compares_number(leaf: object) -> bool:
    if isinstance(leaf, Compare):
        return isinstance(leaf.value, Decimal)
    return isinstance(leaf, OneOf) and all(isinstance(value, Decimal) for value in leaf.values)


def _plain(text: str) -> str:
    """Letters without regard to case and, in texts that are short enough for it to be quick, width."""
    return (unicodedata.normalize("NFKC", text) if len(text) <= _SHORT else text).casefold()
