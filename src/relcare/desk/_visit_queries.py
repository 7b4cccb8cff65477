"""Several clients through the guard: listed, searched, counted, filtered and sorted, as if the others were not there."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import attrs

from relcare.access import AccessDecision, AccessRequest, Action
from relcare.desk._client_file import REASONS, ClientFile, FileReader, needs_events
from relcare.desk._query import Query
from relcare.desk._sitting import Sitting
from relcare.desk._uses import uses_of
from relcare.desk._visit_base import Seen
from relcare.desk._visit_files import FilesVisit, file_of
from relcare.errors import InvalidValueError

__all__ = ["ClientFiles", "QueriesVisit"]

_OF_ONE: Final = frozenset({REASONS})


@attrs.frozen
class ClientFiles:
    """Files of several clients, in the order that was asked for.

    Attributes:
        files: Each with the fields that may be seen of it.
        has_more: Whether more follow that they may see.
    """

    files: tuple[ClientFile, ...]
    has_more: bool = False

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> ClientFile:
        return self.files[index]

    def __iter__(self) -> Iterator[ClientFile]:
        return iter(self.files)

    @property
    def client_ids(self) -> tuple[str, ...]:
        """Whose they are."""
        return tuple(one.client_id for one in self.files)


@attrs.frozen
class _Asked:
    """A query on its way: what is asked, and with which fields it is filtered and sorted."""

    query: Query
    request: AccessRequest
    others: tuple[AccessRequest, ...]
    skip: int
    limit: int


@attrs.frozen(eq=False)
class QueriesVisit(FilesVisit):
    """The part of a `Visit` that is about several clients.

    A field that nobody would let them use is refused before any client is looked at. A client of which they may not use a field
    is left out before anything is filtered, sorted, counted or cut into pages: the answer is that of a book without it.
    """

    def list(
        self,
        fields: Iterable[str],
        *,
        where: str | None = None,
        order_by: Iterable[str] = (),
        skip: int = 0,
        limit: int = 100,
        as_of: date | None = None,
    ) -> ClientFiles:
        """The files of the clients that they may list, by id unless another order is asked for.

        Args:
            fields: That are shown, as for `get`; not `decision.reasons`, which `get` tells of one client.
            where: A criterion about fields (`client.region == 'Seoul' and tier.abc in ('A', 'B')`), in the grammar of policies;
                of fields of which a client has several, text in them (`'visit' in touchpoint.channel`). It takes being let
                `filter` by each. What is unknown is not found (CRI-2).
            order_by: Fields, `-` before one from the greatest down. It takes being let `sort` by each.
            skip: How many to pass over, from 0.
            limit: How many at most, 1 to 1,000,000: what a grant is asked for as its count.
            as_of: The day whose values are meant, as for `get`.

        Raises:
            AccessDenied: If they may not, whoever the clients are.
            InvalidValueError: If there is no such field, or it cannot be used so.
            PolicyDocumentError: If the criterion cannot be read.

        Source: ACC-1, ACC-6.
        """
        query = Query.of(self._house.policy, None, where, order_by)
        return self._find(self._query("list", query, self._asked(fields), skip, limit), as_of)

    def search(
        self,
        text: str,
        fields: Iterable[str],
        *,
        where: str | None = None,
        order_by: Iterable[str] = (),
        skip: int = 0,
        limit: int = 100,
        as_of: date | None = None,
    ) -> ClientFiles:
        """The files that hold every word of a text, somewhere in the fields that are shown and that they may see.

        Args:
            text: Words, up to 200 characters; parts of words are found too, without regard to case.
            fields: That are searched and shown, as for `list`.
            where: As for `list`.
            order_by: As for `list`.
            skip: As for `list`.
            limit: As for `list`.
            as_of: As for `list`.

        Raises:
            AccessDenied: As for `list`.
            InvalidValueError: As for `list`.
            PolicyDocumentError: As for `list`.

        Source: ACC-1, ACC-2, ACC-6.
        """
        query = Query.of(self._house.policy, text, where, order_by)
        return self._find(self._query("search", query, self._asked(fields), skip, limit), as_of)

    def count(self, where: str | None = None, *, as_of: date | None = None) -> int:
        """How many clients there are that they may count, and for which a criterion holds.

        Args:
            where: As for `list`; it takes being let `count` and `filter` by each field.
            as_of: As for `list`.

        Raises:
            AccessDenied: As for `list`.
            InvalidValueError: As for `list`.
            PolicyDocumentError: As for `list`.

        Source: ACC-1, ACC-6.
        """
        query = Query.of(self._house.policy, None, where)
        asked = self._query("count", query, query.filter_fields, 0, 1)

        def look(sitting: Sitting) -> Seen[int]:
            decision, found, _ = self._found(sitting, asked, as_of)
            # The answer is one number, and so is what a grant to count is used for.
            uses = dict.fromkeys(uses_of(found, decision.grant_ids), 1)
            return Seen(decision=decision, value=len(found), query=query.words, uses=uses)

        return self._look(look)

    def _find(self, asked: _Asked, as_of: date | None) -> ClientFiles:
        def look(sitting: Sitting) -> Seen[ClientFiles]:
            return self._page(sitting, asked, as_of)

        return self._look(look)

    def _page(self, sitting: Sitting, asked: _Asked, as_of: date | None) -> Seen[ClientFiles]:
        decision, found, reader = self._found(sitting, asked, as_of)
        if not decision.is_allowed or reader is None:
            return Seen(decision=decision, query=asked.query.words)
        page = dict(tuple(found.items())[asked.skip : asked.skip + asked.limit])
        files = tuple(file_of(reader, client_id, several[0]) for client_id, several in page.items())
        shown = dict.fromkeys(field for file in files for field in file.decision.fields)
        uses = uses_of(page, decision.grant_ids)
        fields = tuple(field for field in asked.request.fields if field in shown)
        decision = attrs.evolve(decision, fields=fields, grant_ids=tuple(uses))
        return Seen(
            decision=decision,
            value=ClientFiles(files, has_more=len(found) > asked.skip + asked.limit),
            query=asked.query.words,
            count=len(files),
            shown=tuple(page),
            uses=uses,
        )

    def _query(self, action: Action, query: Query, fields: tuple[str, ...], skip: int, limit: int) -> _Asked:
        """A query as requests: one for what is done, and one each for the fields that it is filtered and sorted by."""
        if type(skip) is not int or skip < 0:
            raise InvalidValueError("skip", skip, "must be a whole number from 0")
        if _OF_ONE & set(fields):
            raise InvalidValueError("fields", REASONS, "must be asked of one client", "use get")
        words = query.words
        request = self._caller.request(action, query=words, fields=fields, count=limit)
        uses: tuple[tuple[Action, tuple[str, ...]], ...] = (("filter", query.filter_fields), ("sort", query.sort_fields))
        others = tuple(attrs.evolve(request, action=other, fields=used) for other, used in uses if used)
        return _Asked(query, request, others, skip, limit)

    def _found(
        self, sitting: Sitting, asked: _Asked, as_of: date | None
    ) -> tuple[AccessDecision, dict[str, tuple[AccessDecision, ...]], FileReader | None]:
        """Which clients are found, in order, each with the decisions that let it be; after the decision about the query."""
        query = asked.query
        requests = (asked.request, *asked.others)
        answers = [sitting.decide_query(request) for request in requests]
        refused = next((one for one in answers if not one.is_allowed), None)
        if refused is not None:
            return refused, {}, None
        used = (*asked.request.fields, *query.filter_fields, *query.sort_fields)
        book = sitting.reader.book(with_events=needs_events(used))
        reader = FileReader(self._house.policy, self._house.calendar, book, sitting.day(as_of))
        found: dict[str, tuple[AccessDecision, ...]] = {}
        for client_id in sorted(book.client_by_id):
            several = tuple(sitting.decide_each(book, request, client_id) for request in requests)
            if not all(one.is_allowed for one in several):
                continue
            if query.where is not None and not query.holds(reader.values(client_id, query.filter_fields)):
                continue
            if query.text is None or query.finds(reader.values(client_id, several[0].fields)):
                found[client_id] = several
        keys = [(client_id, reader.values(client_id, query.sort_fields)) for client_id in found]
        grant_ids = dict.fromkeys(grant_id for one in answers for grant_id in one.grant_ids)
        decision = attrs.evolve(answers[0], grant_ids=tuple(grant_ids))
        return decision, {client_id: found[client_id] for client_id in query.in_order(keys)}, reader
