"""Exports through the guard: files with what may be seen, which say who took them, what for and why."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import attrs

from relcare.access import FIELDS, AccessDecision
from relcare.desk._cells import cell_text
from relcare.desk._client_file import FileReader
from relcare.desk._exports import Export, TableForm, with_statement, written
from relcare.desk._query import Query
from relcare.desk._sitting import Sitting
from relcare.desk._uses import uses_of
from relcare.desk._visit_base import Seen
from relcare.desk._visit_queries import QueriesVisit
from relcare.errors import InvalidValueError
from relcare.formats import write_icalendar
from relcare.model import Appointment, Book, Client, ContactPerson

__all__ = ["ExportsVisit"]

_TABLES: Final = ("csv", "xlsx", "html")
_MOST: Final = 1_000_000
_NEEDED: Final = ("appointment.staff_id", "appointment.on", "appointment.channel", "appointment.state", "appointment.sequence")
_OF_APPOINTMENTS: Final = tuple(field for field in FIELDS if field.startswith("appointment."))
_NAMES: Final = ("client.name", "person.name")


@attrs.frozen(eq=False)
class ExportsVisit(QueriesVisit):
    """The part of a `Visit` that hands out files. It takes the medium `file`, and a reason."""

    def export(
        self,
        form: TableForm,
        fields: Iterable[str],
        *,
        where: str | None = None,
        order_by: Iterable[str] = (),
        limit: int = _MOST,
        as_of: date | None = None,
    ) -> Export:
        """A table of the clients that they may export, a row each, with the fields that they may; what is hidden is blank.

        Args:
            form: `csv`, `xlsx` or `html`.
            fields: The columns, after the id of the client.
            where: As for `list`.
            order_by: As for `list`.
            limit: As for `list`.
            as_of: As for `list`.

        Raises:
            AccessDenied: If they may not, whoever the clients are: for another medium than `file`, to begin with.
            InvalidValueError: If the caller gives no reason; as for `list`.
            PolicyDocumentError: As for `list`.

        Source: ACC-1, ACC-4.
        """
        if form not in _TABLES:
            raise InvalidValueError("form", form, f"must be one of {', '.join(_TABLES)}", "export_calendar makes calendars")
        self._check_reason()
        query = Query.of(self._house.policy, None, where, order_by)
        asked = self._query("export", query, self._asked(fields), 0, limit)

        def look(sitting: Sitting) -> Seen[Export]:
            seen = self._page(sitting, asked, as_of)
            if seen.value is None:
                return Seen(decision=seen.decision, query=seen.query)
            rows = [(one.client_id, *(cell_text(one.values.get(field)) for field in asked.request.fields)) for one in seen.value]
            statement = self._statement(sitting, seen.decision, len(rows))
            made = written(form, ("client.id", *asked.request.fields), rows, statement)
            return Seen(
                decision=seen.decision,
                value=made,
                query=seen.query,
                count=seen.count,
                shown=seen.shown,
                uses=seen.uses,
            )

        return self._look(look)

    def export_calendar(self, *, from_on: date | None = None, until_on: date | None = None) -> Export:
        """The appointments that they may export, as one iCalendar file (extra `ical`); cancelled ones are cancelled events.

        An appointment is in it where they may see its day, channel, state and by whom it is kept; ids stand in place of names
        that are hidden, and what else is hidden of it is left out.

        Args:
            from_on: The first day; None from the first on.
            until_on: The last day, inclusive; None for all that come.

        Raises:
            AccessDenied: As for `export`.
            InvalidValueError: If the caller gives no reason.
            MissingExtraError: If the extra `ical` is not installed.

        Source: ACC-1, ACC-4.
        """
        self._check_reason()
        asked = self._query("export", Query.of(self._house.policy), (*_OF_APPOINTMENTS, *_NAMES), 0, _MOST)
        first, last = from_on or date.min, until_on or date.max

        def look(sitting: Sitting) -> Seen[Export]:
            decision, found, reader = self._found(sitting, asked, None)
            if not decision.is_allowed or reader is None:
                return Seen(decision=decision)
            seen = {client_id: several[0] for client_id, several in found.items() if set(_NEEDED) <= set(several[0].fields)}
            shown = [
                _projected(one, seen[one.client_id])
                for one in reader.book.appointments
                if one.client_id in seen and first <= one.on <= last
            ]
            text = write_icalendar(shown, _named(reader, seen), stamp=sitting.now)
            told = frozenset(field for one in seen.values() for field in one.fields)
            decision = attrs.evolve(decision, fields=tuple(field for field in asked.request.fields if field in told))
            made = with_statement(text, self._statement(sitting, decision, len(shown)), len(shown))
            whose = tuple(dict.fromkeys(one.client_id for one in shown))
            uses = uses_of({client_id: found[client_id] for client_id in whose}, decision.grant_ids)
            return Seen(decision=decision, value=made, count=len(shown), shown=whose, uses=uses)

        return self._look(look)

    def _check_reason(self) -> None:
        if self._caller.reason is None:
            raise InvalidValueError("caller.reason", None, "must be given: what is exported says why")

    def _statement(self, sitting: Sitting, decision: AccessDecision, count: int) -> tuple[tuple[str, str], ...]:
        return (
            ("exported by", "" if sitting.person is None else sitting.person.id),
            ("at", sitting.now.isoformat()),
            ("purpose", self._caller.purpose),
            ("reason", self._caller.reason or ""),
            ("fields", ", ".join(decision.fields)),
            ("records", str(count)),
        )


def _projected(one: Appointment, decision: AccessDecision) -> Appointment:
    """An appointment without what is hidden of it."""
    hidden = {field.partition(".")[2] for field in decision.hidden if field.startswith("appointment.")}
    defaults: dict[str, Any] = {field.name: field.default for field in attrs.fields(Appointment) if field.name in hidden}
    return attrs.evolve(one, **defaults)


def _named(reader: FileReader, seen: Mapping[str, AccessDecision]) -> Book:
    """A book of the names that may stand in the calendar, and of nothing else: ids stand in place of the others."""
    book = reader.book
    clients = [
        Client(id=one, name=book.client_by_id[one].name) for one, decision in seen.items() if "client.name" in decision.fields
    ]
    people = [
        ContactPerson(id=one.id, client_id=one.client_id, name=one.name)
        for client in clients
        if "person.name" in seen[client.id].fields
        for one in book.people_by_client.get(client.id, ())
    ]
    return Book(clients=clients, people=people, staff=book.staff, zone=book.zone)
