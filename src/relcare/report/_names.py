"""Who is meant by an id."""

from collections.abc import Mapping

import attrs

from relcare.model import Book
from relcare.report._text import MISSING, plain

__all__ = ["Names", "names_of"]


@attrs.frozen
class Names:
    """The names of clients and staff by id.

    Attributes:
        clients: By client id.
        staff: By staff id.
    """

    clients: Mapping[str, str]
    staff: Mapping[str, str]

    def client(self, client_id: str) -> str:
        """Id and name, ready to print; the id alone when nobody has it."""
        name = self.clients.get(client_id)
        return plain(client_id if name is None else f"{client_id} {name}")

    def member(self, staff_id: str | None) -> str:
        """The id, which is what people call each other by in lists; a dash for nobody."""
        return MISSING if staff_id is None else plain(staff_id)


def names_of(book: Book) -> Names:
    """The names in a book."""
    return Names({client.id: client.name for client in book.clients}, {member.id: member.name for member in book.staff})
