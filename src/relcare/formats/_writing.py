"""From a book to a folder."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from relcare.errors import InvalidValueError, StorageError
from relcare.formats._cells import amount_cell, attribute_cell, day_cell, flag_cell, moment_cell
from relcare.formats._findings import reason
from relcare.formats._head import head_text
from relcare.formats._review_sheets import REVIEW_SHEETS
from relcare.formats._review_writing import review_sheets
from relcare.formats._sheets import (
    ABSENCES,
    APPOINTMENTS,
    ATTRIBUTES,
    CLIENTS,
    CONSENTS,
    HEAD,
    MEMBERSHIP_EVENTS,
    OWNER_SPELLS,
    PEOPLE,
    PINS,
    PURCHASES,
    SHEETS,
    STAFF,
    TIERS,
    TOUCHPOINTS,
)
from relcare.model import Birthday, Book, Review

__all__ = ["write_book"]

_TO_QUOTE = re.compile(r'[",\r\n]')
Row = Sequence[str | None]


def write_book(book: Book, folder: Path | str, *, reviews: Iterable[Review] = ()) -> None:
    """Write a book as the folder of CSV files that `read_book` reads, with the reviews that `read_reviews` reads.

    Reading it back gives an equal book, with three reservations: values of attributes come back as text (`true`, `12.50`,
    `2026-03-20`, `a|b` for a set); an attribute that is None comes back as one that is not there; an instant comes back in the
    book's zone.

    The files are data to be read again, not pages for a spreadsheet: a cell that begins with `=` is written as it is. Instants
    are written with their offset, lines end in a line feed, and the currency of the book stands in every purchase too.
    `book.toml` is written last: a folder whose writing was interrupted is refused when it is read.

    Args:
        book: The book. Files for what it has none of are not written.
        folder: Where to; made if it does not exist. What lies there is left alone.
        reviews: Of the book, each id once, in any order.

    Raises:
        InvalidValueError: If there is a book in the folder already, or the book holds what a cell cannot: an attribute named like
            a column of clients.csv, or a set with a `|` in a member; or a review is of a book in another zone. Nothing is
            written.
        StorageError: If the folder or a file cannot be written.
    """
    root = Path(folder)
    names = (HEAD, *(sheet.name for sheet in (*SHEETS, *REVIEW_SHEETS)))
    if taken := [name for name in names if os.path.lexists(root / name)]:
        raise InvalidValueError("folder", str(folder), f"must hold no book yet, but has {taken[0]}", "name a new folder")
    sheets = chain(_sheets(book), review_sheets(tuple(reviews), book.zone))
    texts = [(name, _text(columns, rows)) for name, columns, rows in sheets if rows]
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name, text in (*texts, (HEAD, head_text(book.zone, book.currency))):
            with (root / name).open("x", encoding="utf-8", newline="") as stream:
                stream.write(text)
    except (OSError, ValueError) as fault:
        raise StorageError(f"the book was not written to {str(root)!r}: {reason(fault)}") from fault


def _text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    return "".join(f"{','.join([_cell(cell) for cell in row])}\n" for row in (columns, *rows))


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text


def _birthday_cell(birthday: Birthday | None) -> str:
    return "" if birthday is None else str(birthday)


def _sheets(book: Book) -> Iterator[tuple[str, Sequence[str], list[Row]]]:
    zone = ZoneInfo(book.zone)
    yield (
        ABSENCES.name,
        ABSENCES.columns,
        [(a.staff_id, day_cell(a.start_on), day_cell(a.end_on), a.deputy_id, a.reason) for a in book.absences],
    )
    yield APPOINTMENTS.name, APPOINTMENTS.columns, _appointments(book, zone)
    yield ATTRIBUTES.name, ATTRIBUTES.columns, _changes(book, zone)
    yield CLIENTS.name, *_clients(book)
    yield CONSENTS.name, CONSENTS.columns, _consents(book, zone)
    yield MEMBERSHIP_EVENTS.name, MEMBERSHIP_EVENTS.columns, _membership_events(book, zone)
    yield (
        OWNER_SPELLS.name,
        OWNER_SPELLS.columns,
        [(o.client_id, o.owner_id, day_cell(o.start_on), day_cell(o.end_on), o.note) for o in book.owner_spells],
    )
    yield (
        PEOPLE.name,
        PEOPLE.columns,
        [(p.id, p.client_id, p.name, p.role, p.rank, p.phone, p.email, _birthday_cell(p.birthday)) for p in book.people],
    )
    yield (
        PINS.name,
        PINS.columns,
        [(p.client_id, p.scheme_id, p.tier, p.kind, p.by, p.reason, day_cell(p.start_on), day_cell(p.end_on)) for p in book.pins],
    )
    yield PURCHASES.name, *_purchases(book, zone)
    yield STAFF.name, STAFF.columns, [(s.id, s.name, s.role, s.head_id, _birthday_cell(s.birthday)) for s in book.staff]
    yield (
        TIERS.name,
        TIERS.columns,
        [(t.client_id, t.scheme_id, t.tier, day_cell(t.start_on), day_cell(t.end_on)) for t in book.tier_spells],
    )
    yield TOUCHPOINTS.name, TOUCHPOINTS.columns, _touchpoints(book, zone)


def _appointments(book: Book, zone: ZoneInfo) -> list[Row]:
    return [
        (
            one.id,
            one.client_id,
            one.staff_id,
            day_cell(one.on),
            moment_cell(one.starts_at, zone),
            str(one.minutes),
            one.channel,
            one.purpose,
            one.person_id,
            one.obligation_key,
            one.state,
            str(one.sequence),
            one.place,
        )
        for one in book.appointments
    ]


def _changes(book: Book, zone: ZoneInfo) -> list[Row]:
    return [
        (
            client.id,
            change.name,
            attribute_cell(f"attribute_changes.{change.name}", change.value),
            day_cell(change.effective_on),
            moment_cell(change.recorded_at, zone),
        )
        for client in book.clients
        for change in client.attribute_changes
    ]


def _clients(book: Book) -> tuple[Sequence[str], list[Row]]:
    names = sorted({name for client in book.clients for name in client.attributes})
    for name in names:
        if name in CLIENTS.columns:
            raise InvalidValueError("attributes", name, f"must not be named like a column of {CLIENTS.name}")
    rows: list[Row] = [
        (
            client.id,
            client.name,
            "|".join(sorted(client.relationship_types)),
            client.owner_id,
            client.region,
            client.stage,
            day_cell(client.client_since_on),
            client.zone,
            *(attribute_cell(f"attributes.{name}", client.attributes.get(name)) for name in names),
        )
        for client in book.clients
    ]
    return (*CLIENTS.columns, *names), rows


def _consents(book: Book, zone: ZoneInfo) -> list[Row]:
    return [
        (
            consent.id,
            consent.client_id,
            consent.person_id,
            consent.channel,
            consent.purpose,
            consent.kind,
            day_cell(consent.start_on),
            day_cell(consent.end_on),
            flag_cell(value=consent.night),
            consent.source,
            moment_cell(consent.recorded_at, zone),
        )
        for consent in book.consents
    ]


def _membership_events(book: Book, zone: ZoneInfo) -> list[Row]:
    return [
        (
            event.id,
            event.client_id,
            event.programme_id,
            event.step,
            day_cell(event.on),
            event.by,
            event.role,
            event.sponsor_id,
            event.level,
            day_cell(event.end_on),
            event.reason,
            moment_cell(event.recorded_at, zone),
        )
        for event in book.membership_events
    ]


def _purchases(book: Book, zone: ZoneInfo) -> tuple[Sequence[str], list[Row]]:
    rows: list[Row] = [
        (
            purchase.id,
            purchase.client_id,
            day_cell(purchase.purchased_on),
            amount_cell(purchase.amount.amount),
            purchase.amount.currency,
            purchase.category,
            purchase.returns_purchase_id,
            moment_cell(purchase.recorded_at, zone),
        )
        for purchase in book.purchases
    ]
    return PURCHASES.columns, rows


def _touchpoints(book: Book, zone: ZoneInfo) -> list[Row]:
    return [
        (
            touch.id,
            touch.client_id,
            moment_cell(touch.occurred_at, zone),
            touch.channel,
            touch.direction,
            touch.outcome,
            touch.purpose,
            touch.person_id,
            touch.staff_id,
            touch.in_lieu_of,
            touch.note,
            moment_cell(touch.follow_up_at, zone),
            moment_cell(touch.recorded_at, zone),
            touch.voids_id,
        )
        for touch in book.touchpoints
    ]
