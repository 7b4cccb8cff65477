"""Answers about all clients at once, worked out over those that the caller may see and nobody else."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, TypeVar

import attrs

from relcare.access import AccessDecision
from relcare.decisions import BookResult, Portfolio, portfolio
from relcare.desk._client_file import REASONS, quietly
from relcare.desk._sitting import Sitting
from relcare.desk._uses import uses_of
from relcare.desk._visit_base import Seen
from relcare.desk._visit_files import OWED, FilesVisit, all_or_nothing
from relcare.model import Book, Client
from relcare.segments import SegmentResult

__all__ = ["BooksVisit"]

T = TypeVar("T")
_MOST: Final = 1_000_000


@attrs.frozen(eq=False)
class BooksVisit(FilesVisit):
    """The part of a `Visit` that is about the book as a whole.

    Whoever is counted, compared and ranked is a client of whom the caller may `list` every field that conclusions rest on. The
    answer is that of a book without the others: places in a quota, too, are given among those that they may see.
    """

    def segments(self, *, as_of: date | None = None) -> Mapping[str, SegmentResult]:
        """Who belongs to which segment, as `Desk.segments`, of the clients that they may see.

        Args:
            as_of: The day whose values are meant, as for `get`.

        Raises:
            AccessDenied: If nobody would let them list every field that conclusions rest on.
            PolicyError: If the policy is not in force on that day.

        Source: ACC-1, ACC-6, SEG-7.
        """

        def told(result: BookResult) -> tuple[Mapping[str, SegmentResult], Iterable[str]]:
            return result.segments, (one for segment in result.segments.values() for one in segment.client_ids)

        return self._over_the_book(as_of, told)

    def portfolio(self, *, as_of: date | None = None) -> Portfolio:
        """How relationships are doing, as `Desk.portfolio`, of the clients that they may see.

        Args:
            as_of: As for `segments`.

        Raises:
            AccessDenied: As for `segments`.
            PolicyError: As for `segments`.

        Source: ACC-1, ACC-6, REL-2.
        """

        def told(result: BookResult) -> tuple[Portfolio, Iterable[str]]:
            found = portfolio(self._house.policy, result)
            return found, (one.client_id for one in found.clients)

        return self._over_the_book(as_of, told)

    def _over_the_book(self, as_of: date | None, told: Callable[[BookResult], tuple[T, Iterable[str]]]) -> T:
        """What is told of a decided book, and of whom, once the others are taken out of it."""
        fields = dict.fromkeys((OWED, REASONS, *self._concluding()))
        request = self._caller.request("list", fields=tuple(fields), count=_MOST)

        def look(sitting: Sitting) -> Seen[T]:
            decision = all_or_nothing(sitting.decide_query(request), request)
            if not decision.is_allowed:
                return Seen(decision=decision)
            book = sitting.reader.book()
            answers = {one: sitting.decide_each(book, request, one) for one in book.client_by_id}
            seen: dict[str, tuple[AccessDecision, ...]] = {
                one: (answer,) for one, answer in answers.items() if answer.fields == request.fields
            }
            with quietly():
                part = _part(book, seen)
                value, ids = told(self._house.policy.decide(part, as_of=sitting.day(as_of), calendar=self._house.calendar))
            whose = tuple(dict.fromkeys(ids))
            uses = uses_of(seen, decision.grant_ids)
            return Seen(decision=decision, value=value, count=len(whose), shown=whose, uses=uses)

        return self._look(look)


def _part(book: Book, client_ids: Collection[str]) -> Book:
    """A book without the other clients, and whatever is theirs; staff and absences are nobody's."""
    kept = {None, *client_ids}
    rows: dict[str, tuple[Any, ...]] = {
        field.name: value for field in attrs.fields(Book) if isinstance(value := getattr(book, field.name), tuple)
    }
    own: dict[str, Any] = {name: tuple(one for one in several if _whose(one) in kept) for name, several in rows.items()}
    return attrs.evolve(book, **own)


def _whose(one: object) -> str | None:
    return one.id if isinstance(one, Client) else getattr(one, "client_id", None)
