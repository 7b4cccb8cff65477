"""From a folder to a book."""

from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from relcare.errors import BookDocumentError, InvalidValueError, Problem, nearest
from relcare.formats import _builders, _event_builders
from relcare.formats._builders import ClientChange
from relcare.formats._cells import Amounts
from relcare.formats._findings import Findings, reason
from relcare.formats._head import Head, read_head
from relcare.formats._links import check_clients, check_returns, check_spells, check_unique, check_voids
from relcare.formats._review_sheets import REVIEW_SHEETS
from relcare.formats._rows import Progress, read_table
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
from relcare.formats._table import Table
from relcare.model import NO_CURRENCY, AttributeChange, Book, Purchase

__all__ = ["Progress", "is_book_folder", "read_book"]

_NAMES = frozenset(sheet.name for sheet in (*SHEETS, *REVIEW_SHEETS))


def is_book_folder(path: Path | str) -> bool:
    """Whether a path is a folder that is meant as a book: it has `book.toml`, or one of the CSV files.

    Whether the book is right is for `read_book` to say, a missing `book.toml` included.

    Args:
        path: Any path; what does not exist, and what cannot be a path, is no book.
    """
    folder = Path(path)
    try:
        return folder.is_dir() and any((folder / name).is_file() for name in (HEAD, *_NAMES))
    except (OSError, ValueError):
        return False


def read_book(folder: Path | str, *, progress: Progress | None = None) -> Book:
    r"""The book in a folder of UTF-8 CSV files with `book.toml`.

    Every file but `book.toml` may be missing, and so may every column that a value can do without. An empty cell means that
    nothing is known; blank lines, and rows without anything in them, are passed over. Cells are taken exactly as they are
    written, blanks included.

    - `book.toml`: `format = 1`, `zone`, and `currency` where the book has a single one.
    - `clients.csv`: client_id, name, relationship_types (joined by `|`), owner_id, region, stage, client_since_on, zone. Any
      further column is an attribute: its name is an identifier, its values are text.
    - `people.csv`: person_id, client_id, name, role, rank, phone, email, birthday (`1980-02-29`, or `--02-29`).
    - `touchpoints.csv`: touchpoint_id, client_id, occurred_at, channel, direction, outcome, purpose, person_id, staff_id,
      in_lieu_of, note, follow_up_at (when the next contact was promised), recorded_at, voids_id.
    - `purchases.csv`: purchase_id, client_id, purchased_on, amount, currency (may be left out where the book has one), category,
      returns_purchase_id, recorded_at.
    - `staff.csv`: staff_id, name, role, head_id, birthday.
    - `tiers.csv`: client_id, scheme_id, tier, start_on, end_on.
    - `pins.csv`: client_id, scheme_id, tier, kind (`floor` or `exact`), by, reason, start_on, end_on.
    - `attributes.csv`: client_id, name, value (empty: no longer known), effective_on, recorded_at; dated changes of attributes.
    - `consents.csv`: consent_id, client_id, person_id (empty: the client as a whole), channel (empty: every channel), purpose
      (empty: every purpose), kind (`given` or `refused`), start_on, end_on, night (`true` or `false`), source, recorded_at.
    - `owner_spells.csv`: client_id, owner_id (empty: in the pool), start_on, end_on, note.
    - `membership_events.csv`: event_id, client_id, programme_id, step (`applied`, `nominated`, `checked`, `approved`, `refused`,
      `notified`, `renewed`, `revoked`, `granted`), on, by, role, sponsor_id, level, end_on (of a grant), reason, recorded_at; the
      steps of a client in the order in which they were taken.
    - `absences.csv`: staff_id, start_on, end_on, deputy_id, reason.
    - `appointments.csv`: appointment_id, client_id, staff_id, on, starts_at (empty: only the day is agreed), minutes, channel,
      purpose, person_id, obligation_key, state (`planned`, `confirmed` or `cancelled`; empty: planned), sequence, place.

    The files that `read_reviews` reads may lie beside them.

    Dates are `2026-03-20`. Where an instant is allowed it may be `2026-03-20T14:30` (a blank for the `T`, seconds and a fraction
    are understood): a local time in the book's zone. Of a time that the clocks show twice it is the first; one that they skip is
    refused. With an offset or `Z` it is that instant, expressed in the book's zone.

    Args:
        folder: Where the files are. A CSV file with another name is refused, whatever else lies there is left alone.
        progress: Told the name of the file, the lines done and the lines in all, every few thousand lines.

    Returns:
        The book, everything in the order of the files.

    Raises:
        BookDocumentError: With every wrong row and cell at once, each with file, line, column and the name of the column; at most
            1,000 of them.

    Source: TIM-2, TIM-7, FCT-3.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> folder = Path(mkdtemp())
        >>> for name, text in {
        ...     "book.toml": 'format = 1\nzone = "Asia/Seoul"\ncurrency = "KRW"\n',
        ...     "clients.csv": "client_id,name,likelihood\nc-1,김철수,high\n",
        ...     "purchases.csv": "purchase_id,client_id,purchased_on,amount\np-1,c-1,2026-03-20,12000\n",
        ... }.items():
        ...     _ = (folder / name).write_text(text, encoding="utf-8")
        >>> book = read_book(folder)
        >>> book.clients[0].attributes["likelihood"], str(book.purchases[0].amount)
        ('high', '12000 KRW')
    """
    root = Path(folder)
    findings = Findings()
    _check_folder(root, findings)
    return _Reading(root, read_head(root, findings), findings, progress).book()


def _check_folder(folder: Path, findings: Findings) -> None:
    """Refuse what is no folder, and CSV files that nobody would read: their rows would be missed in silence."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except (OSError, ValueError) as fault:
        message = f"cannot be read as a folder: {reason(fault)}"
        raise BookDocumentError([Problem(file=str(folder), message=message)]) from fault
    for name in names:
        is_hidden = name.startswith((".", "~"))
        if name in _NAMES:
            if not (folder / name).is_file():
                findings.add(Problem(file=str(folder / name), message="must be a file"))
        elif name.lower().endswith(".csv") and not is_hidden:
            near = nearest(name.lower(), _NAMES)
            hint = f"did you mean {near!r}?" if near else f"its CSV files are {', '.join(sorted(_NAMES))}"
            findings.add(Problem(file=str(folder / name), message="a book has no such file", hint=hint))


class _Reading:
    """One reading of a folder."""

    def __init__(self, folder: Path, head: Head, findings: Findings, progress: Progress | None) -> None:
        self._folder = folder
        self._head = head
        self._zone = ZoneInfo(head.zone)
        self._findings = findings
        self._progress = progress

    def book(self) -> Book:
        folder, findings, progress, zone = self._folder, self._findings, self._progress, self._zone
        absences = read_table(ABSENCES, folder, _builders.absences, findings, progress)
        check_spells(absences, findings, ("staff_id",), "the absence of the member of staff")
        appointments = read_table(APPOINTMENTS, folder, _event_builders.appointments(zone), findings, progress)
        check_unique(appointments, findings)
        changes = read_table(ATTRIBUTES, folder, _builders.changes(zone), findings, progress)
        clients = read_table(CLIENTS, folder, _builders.clients(_by_client(changes)), findings, progress)
        known = check_unique(clients, findings)
        check_clients(appointments, clients, known, findings)
        check_clients(changes, clients, known, findings)
        consents = read_table(CONSENTS, folder, _event_builders.consents(zone), findings, progress)
        check_unique(consents, findings)
        check_clients(consents, clients, known, findings)
        steps = read_table(MEMBERSHIP_EVENTS, folder, _event_builders.membership_events(zone), findings, progress)
        check_unique(steps, findings)
        check_clients(steps, clients, known, findings)
        owners = read_table(OWNER_SPELLS, folder, _builders.owner_spells, findings, progress)
        check_clients(owners, clients, known, findings)
        check_spells(owners, findings, ("client_id",), "the owner spell of the client")
        people = read_table(PEOPLE, folder, _builders.people, findings, progress)
        check_unique(people, findings)
        check_clients(people, clients, known, findings)
        pins = read_table(PINS, folder, _builders.pins, findings, progress)
        check_clients(pins, clients, known, findings)
        check_spells(pins, findings, ("client_id", "scheme_id"), "the pin of the client and scheme")
        purchases = self._purchases()
        first = check_unique(purchases, findings)
        check_clients(purchases, clients, known, findings)
        check_returns(purchases, first, findings)
        staff = read_table(STAFF, folder, _builders.staff, findings, progress)
        check_unique(staff, findings)
        spells = read_table(TIERS, folder, _builders.tier_spells, findings, progress)
        check_clients(spells, clients, known, findings)
        check_spells(spells, findings, ("client_id", "scheme_id"), "the spell of the client and scheme")
        touchpoints = read_table(TOUCHPOINTS, folder, _event_builders.touchpoints(zone), findings, progress)
        first = check_unique(touchpoints, findings)
        check_clients(touchpoints, clients, known, findings)
        check_voids(touchpoints, first, findings)
        findings.raise_if_any()
        try:
            return Book(
                clients=clients.items,
                people=people.items,
                touchpoints=touchpoints.items,
                purchases=purchases.items,
                staff=staff.items,
                tier_spells=spells.items,
                consents=consents.items,
                absences=absences.items,
                owner_spells=owners.items,
                appointments=appointments.items,
                membership_events=steps.items,
                pins=pins.items,
                zone=self._head.zone,
                currency=self._head.currency,
            )
        except InvalidValueError as fault:  # pragma: no cover - every rule of the book is judged above, with its place
            raise BookDocumentError([Problem(file=str(folder), message=str(fault))]) from fault

    def _purchases(self) -> Table[Purchase]:
        head, sheet = self._head, PURCHASES
        # What an amount is in, where nobody could tell: a mistake in book.toml is not one in every row.
        otherwise = head.currency if head.is_currency_known else NO_CURRENCY
        if otherwise is None:
            sheet = attrs.evolve(sheet, stand_ins={**sheet.stand_ins, "currency": NO_CURRENCY})
        make = _event_builders.purchases(Amounts(head.currency, otherwise), self._zone)
        return read_table(sheet, self._folder, make, self._findings, self._progress)


def _by_client(changes: Table[ClientChange]) -> dict[str, list[AttributeChange]]:
    found: dict[str, list[AttributeChange]] = {}
    for client_id, change in changes.items:
        found.setdefault(client_id, []).append(change)
    return found
