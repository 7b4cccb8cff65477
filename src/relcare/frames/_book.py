"""A book of objects as columns, with everything in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError, MissingExtraError
from relcare.frames._frames import Frames
from relcare.frames._layout import (
    ATTRIBUTES,
    INSTANT,
    LAYOUT,
    ZONE,
    ColumnKind,
    TableLayout,
    attribute_column,
    kind_of_attribute,
)
from relcare.model import AttributeValue, Book, Client, civil_day

if TYPE_CHECKING:
    import polars as pl

__all__ = ["frames_of"]

_DIGITS: Final = 38
_WHOLE: Final = 2**62


def frames_of(book: Book) -> Frames:
    """A book as polars frames, with everything in it: `book_from_frames` gives an equal book.

    What was taken back, dated and of several kinds is there too. A moment is three columns: its civil day in the zone of the
    book, and beside it `.instant` and `.zone` where it is an instant. An attribute is a column of clients where all its values
    are of one kind; what such columns cannot hold stands in `attributes`, a row each.

    Args:
        book: The book.

    Raises:
        InvalidValueError: If it is no book, or amounts of very different size do not fit one column of decimals.
        MissingExtraError: If polars is not installed.
    """
    if not isinstance(book, Book):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("book", book, "must be a Book", "read_book reads one")
    try:
        import polars  # noqa: ICN001 - whether it is there
    except ImportError as error:
        raise MissingExtraError("relcare.frames.frames_of", "polars") from error
    return _Writer(book, polars).frames()


class _Writer:
    def __init__(self, book: Book, pl: Any) -> None:  # noqa: ANN401 - the module, which is imported only where it is used
        self.pl = pl
        self.book = book
        self.zone = ZoneInfo(book.zone)
        self.columns = _attribute_columns(book.clients)

    def frames(self) -> Frames:
        tables = {table.name: self.table(table) for table in LAYOUT if table is not ATTRIBUTES}
        clients = tables["clients"].with_columns(self.attribute(name, kind) for name, kind in self.columns.items())
        tables |= {"clients": clients, "attributes": self.attributes()}
        return Frames(**tables, zone=self.book.zone, currency=self.book.currency, is_checked=False)

    def table(self, table: TableLayout) -> "pl.DataFrame":
        items: Sequence[object] = getattr(self.book, table.field)
        found: list[pl.Series] = []
        for name, kind in table.columns.items():
            if kind == "amount":
                found.append(self.decimals(name, [item.amount.amount for item in self.book.purchases]))
            elif name == "currency":
                found.append(self.series(name, "text", [item.amount.currency for item in self.book.purchases]))
            else:
                found += self.series_of(name, kind, [getattr(item, name) for item in items])
        return self.pl.DataFrame(found)  # type: ignore[no-any-return]

    def series_of(self, name: str, kind: ColumnKind, values: list[Any]) -> "Iterator[pl.Series]":
        if kind != "moment":
            yield self.series(name, kind, values)
            return
        yield self.series(name, "day", [None if value is None else civil_day(value, self.zone) for value in values])
        instants = [value.astimezone(UTC) if isinstance(value, datetime) else None for value in values]
        yield self.pl.Series(name + INSTANT, instants, dtype=self.pl.Datetime("us", "UTC"))
        yield self.pl.Series(name + ZONE, [_zone_text(value) for value in values], dtype=self.pl.String)

    def series(self, name: str, kind: ColumnKind, values: list[Any]) -> "pl.Series":
        pl = self.pl
        if kind == "set":
            return pl.Series(name, [sorted(value) for value in values], dtype=pl.List(pl.String))  # type: ignore[no-any-return]
        if kind == "birthday":
            return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)  # type: ignore[no-any-return]
        types = {"text": pl.String, "day": pl.Date, "flag": pl.Boolean, "number": pl.Int64}
        return pl.Series(name, values, dtype=types[kind])  # type: ignore[no-any-return]

    def decimals(self, name: str, values: Sequence[Decimal | int | None]) -> "pl.Series":
        """Exact numbers, with as many decimals as one of them has."""
        scale = _scale_of(values)
        if scale is None:
            rule = f"must fit {_DIGITS} digits together: the largest and the finest of them do not go into one column"
            raise InvalidValueError(name, f"{len(values)} numbers", rule)
        numbers = [None if value is None else Decimal(value) for value in values]
        return self.pl.Series(name, numbers, dtype=self.pl.Decimal(_DIGITS, scale))  # type: ignore[no-any-return]

    def attribute(self, name: str, kind: str) -> "pl.Series":
        column, pl = attribute_column(name), self.pl
        values = [client.attributes.get(name) for client in self.book.clients]
        if kind == "set":
            lists = [sorted(value) if isinstance(value, frozenset) else None for value in values]
            return pl.Series(column, lists, dtype=pl.List(pl.String))  # type: ignore[no-any-return]
        if kind == "number" and not all(value is None or (type(value) is int and abs(value) < _WHOLE) for value in values):
            return self.decimals(column, [value for value in values if value is None or isinstance(value, (int, Decimal))])
        types = {"text": pl.String, "day": pl.Date, "flag": pl.Boolean, "number": pl.Int64}
        return pl.Series(column, values, dtype=types[kind])  # type: ignore[no-any-return]

    def attributes(self) -> "pl.DataFrame":
        """What the columns of clients do not hold."""
        rows = [(client.id, *row) for client in self.book.clients for row in self.apart(client)]
        columns = list(zip(*rows, strict=True)) or [()] * len(ATTRIBUTES.columns)
        found: list[pl.Series] = []
        for values, (name, kind) in zip(columns, ATTRIBUTES.columns.items(), strict=True):
            found += self.series_of(name, kind, list(values))
        return self.pl.DataFrame(found)  # type: ignore[no-any-return]

    def apart(self, client: Client) -> Iterator[tuple[str, str, str | None, date | None, date | None]]:
        for name, value in client.attributes.items():
            if value is None or name not in self.columns:
                yield name, kind_of_attribute(value), _attribute_text(value), None, None
        for change in client.attribute_changes:
            kind, text = kind_of_attribute(change.value), _attribute_text(change.value)
            yield change.name, kind, text, change.effective_on, change.recorded_at


def _attribute_columns(clients: Sequence[Client]) -> Mapping[str, str]:
    """The attributes that are columns, with the kind that all their values have."""
    values: dict[str, list[AttributeValue]] = {}
    for client in clients:
        for name, value in client.attributes.items():
            if value is not None:
                values.setdefault(name, []).append(value)
    found: dict[str, str] = {}
    for name, several in sorted(values.items()):
        kinds = {kind_of_attribute(value) for value in several}
        is_fit = "number" not in kinds or _scale_of([v for v in several if isinstance(v, (int, Decimal))]) is not None
        if len(kinds) == 1 and is_fit:
            found[name] = kinds.pop()
    return found


def _scale_of(values: Sequence[Decimal | int | None]) -> int | None:
    """How many decimals a column of these numbers needs; None where it would need too many digits."""
    numbers = [Decimal(value) for value in values if value is not None]
    scale = max((-int(number.as_tuple().exponent) for number in numbers), default=0)
    whole = max((number.adjusted() + 1 for number in numbers if number), default=0)
    scale = max(scale, 0)
    return scale if max(whole, 0) + scale <= _DIGITS else None


def _zone_text(value: object) -> str | None:
    """The zone in which an instant is written, by name or offset; None for no instant."""
    if not isinstance(value, datetime):
        return None
    key: object = getattr(value.tzinfo, "key", None)
    if isinstance(key, str):
        return key
    text = value.isoformat()
    return text[max(text.rfind("+"), text.rfind("-")) :]


_TEXTS: Final[Mapping[str, Callable[[Any], str]]] = {
    "text": str,
    "number": lambda value: f"{Decimal(value):f}",
    "flag": lambda value: "true" if value else "false",
    "day": lambda value: value.isoformat(),
    "set": lambda value: "\n".join(sorted(value)),
}


def _attribute_text(value: AttributeValue) -> str | None:
    return None if value is None else _TEXTS[kind_of_attribute(value)](value)
