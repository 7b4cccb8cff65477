"""A book of objects as columns: for those who have one, and for the tests that compare the two."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from relcare._fields import check_day
from relcare.decisions import Policy
from relcare.errors import BookDocumentError, InvalidValueError, MissingExtraError, Problem
from relcare.frames._frames import Frames
from relcare.frames._needs import attribute_column, needs_of
from relcare.model import Book, Client, civil_day
from relcare.policy import Fact

if TYPE_CHECKING:
    import polars as pl

__all__ = ["frames_of"]


def frames_of(book: Book, policy: Policy, *, as_of: date) -> Frames:
    """A book as polars frames, with the columns that a policy asks for.

    Entries that were taken back are left out, instants become days in the zone of the book, owners are those of the day.

    Args:
        book: The book.
        policy: Whose facts name the attributes that become columns.
        as_of: The day whose attributes and owners are taken.

    Raises:
        BookDocumentError: If an attribute has a value that its fact's column cannot hold, or changed at some time: columns hold
            no history of attributes.
        MissingExtraError: If polars is not installed.
    """
    check_day("as_of", as_of)
    return _Writer(book, policy, as_of).frames()


class _Writer:
    def __init__(self, book: Book, policy: Policy, as_of: date) -> None:
        try:
            import polars as pl
        except ImportError as error:
            raise MissingExtraError("relcare.frames.frames_of", "polars") from error
        self.pl = pl
        self.book = book
        self.policy = policy
        self.as_of = as_of
        self.zone = ZoneInfo(book.zone)

    def frames(self) -> Frames:
        book, pl = self.book, self.pl
        text, day = pl.String, pl.Date
        touches = [touch for several in book.touchpoints_by_client.values() for touch in several]
        names = ("client_id", "channel", "direction", "outcome", "purpose", "in_lieu_of", "person_id", "staff_id", "id")
        spells = ("client_id", "scheme_id", "tier")
        days = ("start_on", "end_on")
        return Frames(
            clients=self.clients(),
            people=self.table(book.people, dict.fromkeys(("id", "client_id", "role", "rank"), text)),
            touchpoints=self.table(touches, dict.fromkeys(names, text)).with_columns(
                pl.Series("occurred_at", [self.civil(touch.occurred_at) for touch in touches], dtype=day)
            ),
            purchases=self.purchases(),
            staff=self.table(book.staff, dict.fromkeys(("id", "role"), text)),
            tiers=self.table(book.tier_spells, {**dict.fromkeys(spells, text), **dict.fromkeys(days, day)}),
            pins=self.table(book.pins, {**dict.fromkeys((*spells, "kind"), text), **dict.fromkeys(days, day)}),
            zone=book.zone,
        )

    def table(self, items: Sequence[object], columns: Mapping[str, Any]) -> "pl.DataFrame":
        return self.pl.DataFrame({name: [getattr(item, name) for item in items] for name in columns}, schema=dict(columns))

    def civil(self, moment: date) -> date:
        return civil_day(moment, self.zone)

    def purchases(self) -> "pl.DataFrame":
        pl, bought = self.pl, self.book.purchases
        texts = ("id", "client_id", "category", "returns_purchase_id")
        amounts = [purchase.amount.amount for purchase in bought]
        scale = max((-int(amount.as_tuple().exponent) for amount in amounts), default=0)
        frame = self.table(bought, {**dict.fromkeys(texts, pl.String), "purchased_on": pl.Date})
        return frame.with_columns(
            pl.Series("amount", amounts, dtype=pl.Decimal(38, max(scale, 0))),
            pl.Series("currency", [purchase.amount.currency for purchase in bought], dtype=pl.String),
        )

    def clients(self) -> "pl.DataFrame":
        pl, book = self.pl, self.book
        columns = {"id": pl.String, "stage": pl.String, "region": pl.String, "zone": pl.String, "client_since_on": pl.Date}
        frame = self.table(book.clients, columns).with_columns(
            pl.Series("owner_id", [self.owner(client) for client in book.clients], dtype=pl.String),
            pl.Series("relationship_types", [sorted(c.relationship_types) for c in book.clients], dtype=pl.List(pl.String)),
        )
        read: dict[str, Fact] = {}
        for fact in needs_of(self.policy).attributes:
            column = attribute_column(_name(fact))
            if _room(read.setdefault(column, fact)) != _room(fact):
                message = f"is read as {_room(read[column])} and as {_room(fact)}, by {read[column].id} and {fact.id}"
                raise BookDocumentError([Problem(file="clients", path=column, message=message)])
        return frame.with_columns(self.attribute(column, fact) for column, fact in read.items())

    def owner(self, client: Client) -> str | None:
        known = client.id in self.book.owner_spells_by_client
        return self.book.owner_on(client.id, self.as_of) if known else client.owner_id

    def attribute(self, column: str, fact: Fact) -> "pl.Series":
        name = _name(fact)
        changing = [client.id for client in self.book.clients if any(change.name == name for change in client.attribute_changes)]
        if changing:
            raise BookDocumentError(
                [Problem(file="clients", path=column, message=f"has dated changes, of client {changing[0]!r} among others")]
            )
        values = [client.attributes.get(name) for client in self.book.clients]
        fits, kind = _column_of(fact, values, self.pl)
        for client, value in zip(self.book.clients, values, strict=True):
            if value is not None and not fits(value):
                raise InvalidValueError(f"client {client.id!r}: {name}", value, f"must be a {fact.type} to become a column")
        plain: list[object] = [sorted(v) if isinstance(v, frozenset) else v for v in values]
        return self.pl.Series(column, plain, dtype=kind)


def _name(fact: Fact) -> str:
    return (fact.reads or "").partition(".")[2] or fact.id


def _room(fact: Fact) -> str:
    """The sort of column that a fact is read from."""
    return "a number" if fact.fact_type.is_numeric else "text" if fact.type in {"level", "category"} else f"a {fact.type}"


def _column_of(fact: Fact, values: Iterable[object], pl: Any) -> tuple[Callable[[object], bool], Any]:  # noqa: ANN401
    """Which values a fact's column holds, and its type."""
    if fact.fact_type.is_numeric:
        scale = max((-int(v.as_tuple().exponent) for v in values if isinstance(v, Decimal)), default=0)
        return lambda value: isinstance(value, (int, Decimal)) and not isinstance(value, bool), pl.Decimal(38, max(scale, 0))
    if fact.type == "flag":
        return lambda value: isinstance(value, bool), pl.Boolean
    if fact.type == "date":
        return lambda value: isinstance(value, date) and not isinstance(value, datetime), pl.Date
    if fact.type == "set":
        return lambda value: isinstance(value, frozenset), pl.List(pl.String)
    return lambda value: isinstance(value, str), pl.String
