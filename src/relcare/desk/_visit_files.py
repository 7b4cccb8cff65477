"""One client's file through the guard: its fields, what the policy says about it, and what is owed to whom."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import attrs

from relcare.access import AccessDecision, AccessRequest, Action
from relcare.decisions import ClientResult
from relcare.desk._client_file import REASONS, ClientFile, FileReader, conclusion_fields, owed_by
from relcare.desk._sitting import Sitting
from relcare.desk._uses import uses_of
from relcare.desk._visit_base import BaseVisit, Seen
from relcare.errors import InvalidValueError
from relcare.model import Book, Obligations, Reason
from relcare.wording import explain

__all__ = ["OWED", "FilesVisit", "all_or_nothing", "file_of"]

OWED: Final = "obligation.owed"
_MOST: Final = 1_000_000


@attrs.frozen(eq=False)
class FilesVisit(BaseVisit):
    """The part of a `Visit` that is about one client at a time, and about what is owed."""

    def get(self, client_id: str, fields: Iterable[str] | None = None, *, as_of: date | None = None) -> ClientFile:
        """A client's file: of the fields that are asked for those that may be seen.

        Args:
            client_id: The client.
            fields: Such as `client.name`, `person.phone`, `tier.abc`, `obligation.owed`; by default every field of a class.
                Reasons (`decision.reasons`) tell the values of others, and are there only where all of those may be seen.
            as_of: The day whose values are meant; today by the clock otherwise. Whether they may be seen is always today's.

        Raises:
            UnknownRecordError: If there is no such client, or it is not theirs to know: the same for both (ACC-6).
            AccessDenied: If they may know of it, and see none of the fields.
            InvalidValueError: If there is no such field.

        Source: ACC-1, ACC-4, ACC-6.
        """
        return self._file("get", client_id, fields, as_of)

    def report(self, client_id: str, fields: Iterable[str] | None = None, *, as_of: date | None = None) -> ClientFile:
        """An extract of a client's file, as for `get`, where the rules let them report it: on paper, for instance.

        Args:
            client_id: The client.
            fields: As for `get`.
            as_of: As for `get`.

        Raises:
            UnknownRecordError: As for `get`.
            AccessDenied: As for `get`.
            InvalidValueError: As for `get`.
        """
        return self._file("report", client_id, fields, as_of)

    def decide(self, client_id: str, *, as_of: date | None = None) -> ClientResult:
        """Everything the policy says about a client, as `Desk.decide_client`, for who may see every field that it rests on.

        Args:
            client_id: The client.
            as_of: The day, as for `get`.

        Raises:
            UnknownRecordError: As for `get`.
            AccessDenied: If a field that it may rest on is hidden from them.
            PolicyError: If the policy is not in force on that day.
        """
        request = self._caller.request("get", client_id=client_id, fields=self._concluding())

        def look(sitting: Sitting) -> Seen[ClientResult]:
            decision = all_or_nothing(self._about(sitting, request)[0], request)
            value = self._reader(sitting, client_id, as_of).result(client_id) if decision.is_allowed else None
            return Seen(decision=decision, value=value, uses=dict.fromkeys(decision.grant_ids, 1))

        return self._look(look)

    def explain(self, client_id: str, *, as_of: date | None = None) -> tuple[str, ...]:
        """Why a client is where it is, a line each: its tiers, its qualifications, what it is owed, what is undecided.

        Args:
            client_id: The client.
            as_of: The day, as for `get`.

        Raises:
            UnknownRecordError: As for `get`.
            AccessDenied: As for `decide`.
            PolicyError: If the policy is not in force on that day.
        """
        found = self.decide(client_id, as_of=as_of)
        return tuple(map(explain, (*found.assignments, *found.vip, *found.obligations, *found.undecided)))

    def due(self, *, owner_id: str | None = None, until: date | None = None, as_of: date | None = None) -> Obligations:
        """What may be done now, or is due until a day, to the clients of whom they may see it; in the order of CAD-5.

        It is worked out over all clients, for a quota ranks them among all, and told without those whose `obligation.owed` they
        may not list; with its reasons for those of whom they may see every field that reasons tell.

        Args:
            owner_id: Only for the clients of this account manager.
            until: Also what is not open yet but due on this day or earlier. A civil day.
            as_of: The day of the question, as for `get`.

        Raises:
            AccessDenied: If nobody would let them see what is owed.
            PolicyError: If the policy is not in force on that day.

        Source: ACC-1, CAD-5.
        """
        # Of all clients there are: a grant for it is for as many, and good for one call.
        request = self._caller.request("list", fields=(OWED,), count=_MOST)
        why = attrs.evolve(request, fields=(REASONS, *self._concluding()))

        def look(sitting: Sitting) -> Seen[Obligations]:
            decision = sitting.decide_query(request)
            if not decision.is_allowed:
                return Seen(decision=decision)
            book = sitting.reader.book()
            day = sitting.day(as_of)
            owed = owed_by(self._house.policy, book, day, self._house.calendar)
            mine = owed if owner_id is None else owed.for_owner(owner_id)
            kept = [o for o in mine if o.earliest_on <= day or (until is not None and o.due_on <= until)]
            rests_on: dict[str, tuple[AccessDecision, ...]] = {}
            for one in dict.fromkeys(o.client_id for o in kept):
                listed, reasons = sitting.decide_each(book, request, one), sitting.decide_each(book, why, one)
                if listed.is_allowed:
                    rests_on[one] = (listed, reasons) if reasons.fields == why.fields else (listed,)
            told = [o if len(rests_on[o.client_id]) > 1 else attrs.evolve(o, reasons=()) for o in kept if o.client_id in rests_on]
            return Seen(
                decision=decision,
                value=Obligations(told, is_sorted=True),
                count=len(told),
                shown=tuple(rests_on),
                uses=uses_of(rests_on, decision.grant_ids),
            )

        return self._look(look)

    def _file(self, action: Action, client_id: str, fields: Iterable[str] | None, as_of: date | None) -> ClientFile:
        asked = self._asked(fields)
        request = self._caller.request(action, client_id=client_id, fields=asked)

        def look(sitting: Sitting) -> Seen[ClientFile]:
            decision, book, standing = self._about(sitting, request)
            if REASONS in decision.fields and book is not None:
                wider = attrs.evolve(request, fields=dict.fromkeys((*asked, *self._concluding())))
                decision = _without_reasons(decision, request, sitting.decide(wider, standing))
            if not decision.is_allowed:
                return Seen(decision=decision)
            file = file_of(self._reader(sitting, client_id, as_of), client_id, decision)
            return Seen(decision=decision, value=file, uses=dict.fromkeys(decision.grant_ids, 1))

        return self._look(look)

    def _asked(self, fields: Iterable[str] | None) -> tuple[str, ...]:
        if isinstance(fields, str):
            raise InvalidValueError("fields", fields, "must be a collection of fields", f"write [{fields!r}]")
        return self._all_fields() if fields is None else tuple(fields)

    def _reader(self, sitting: Sitting, client_id: str, as_of: date | None) -> FileReader:
        part: Book = sitting.reader.client_part(client_id)
        return FileReader(self._house.policy, self._house.calendar, part, sitting.day(as_of))

    def _concluding(self) -> tuple[str, ...]:
        return conclusion_fields(self._house.policy)


def file_of(reader: FileReader, client_id: str, decision: AccessDecision) -> ClientFile:
    """The file of a client, as far as a decision lets it be seen.

    Args:
        reader: Of a book that holds the client.
        client_id: The client.
        decision: About it, or about others to whom the asker stands in the same way.
    """
    return ClientFile(
        client_id=client_id,
        values=reader.values(client_id, decision.fields),
        ids=reader.ids(client_id, decision.fields),
        decision=attrs.evolve(decision.told, client_id=client_id),
    )


def all_or_nothing(decision: AccessDecision, request: AccessRequest) -> AccessDecision:
    """The decision, denied where any field stays hidden: what rests on all of them tells of all of them."""
    if not decision.is_allowed or decision.fields == request.fields:
        return decision
    hidden = (Reason("access.hidden", {}, {"fields": decision.hidden}),)
    return attrs.evolve(decision, answer="denied", fields=(), hidden=request.fields, grant_ids=(), reasons=hidden, logged=hidden)


def _without_reasons(decision: AccessDecision, request: AccessRequest, wider: AccessDecision) -> AccessDecision:
    """The decision without reasons, where a field that they may tell of stays hidden."""
    if wider.is_allowed and not wider.hidden:
        return decision
    fields = tuple(field for field in decision.fields if field != REASONS)
    hidden = tuple(field for field in request.fields if field not in fields)
    if not fields:
        return all_or_nothing(attrs.evolve(decision, fields=(), hidden=hidden), request)
    told = (*(one for one in decision.reasons if one.code != "access.hidden"), Reason("access.hidden", {}, {"fields": hidden}))
    return attrs.evolve(decision, fields=fields, hidden=hidden, reasons=told, logged=told)
