"""The guarded desk: every path to a client's file goes through one decision and leaves one entry in the audit log."""

import attrs

from relcare.desk._caller import Caller
from relcare.desk._house import House
from relcare.desk._visit_books import BooksVisit
from relcare.desk._visit_changes import ChangesVisit
from relcare.desk._visit_delegations import DelegationsVisit
from relcare.desk._visit_erasures import ErasuresVisit
from relcare.desk._visit_exports import ExportsVisit
from relcare.desk._visit_grants import GrantsVisit
from relcare.desk._visit_records import RecordsVisit

__all__ = ["GuardedDesk", "Visit"]


@attrs.frozen(eq=False)
class Visit(ExportsVisit, BooksVisit, RecordsVisit, ChangesVisit, GrantsVisit, DelegationsVisit, ErasuresVisit):
    """What one caller may see and do: all there is between an application and its clients' files.

    Each call is decided anew, by the rules and the book as they are then, and holds nothing in between. Each leaves exactly one
    entry in the audit log, refusals too, in the unit of work of what it changes; where the entry cannot be written, nothing is
    told and nothing is changed. A refusal changes nothing else. A call that fails once it was decided about (an id is taken, the
    policy is not in force on the day) changes nothing either, and has an entry that says so. A call that cannot be understood (an
    unknown field, a criterion that cannot be read) is an error before anything is looked at, and is no access.

    Made by `GuardedDesk.as_`.

    Source: ACC-1 to ACC-6.
    """


@attrs.frozen(kw_only=True, eq=False)
class GuardedDesk(House):
    """A store, a policy and a clock behind the rules of access: a `Desk` for applications that do not guard themselves.

    It does nothing by itself; `as_` says for whom, once for each request that the application serves. A policy without
    `[[access]]` lets nobody do anything. Whoever holds the store holds everything: keep it to where the desk is made.

    Attributes:
        store: It holds a book, see `save_book`, and from the first access on the audit log, grants, changes and delegations.
        policy: By whose rules is decided; its `access` says who may what.
        clock: What time it is; `SystemClock()` in an application.
        key: For the digests in the audit log; kept away from the store.
        calendar: Business days; by default the policy's own (TIM-6).
        chain_id: Of the chain of the audit log.
        decider: Who answers; by default the rules of the policy. The steps of grants and changes, and what a duplicate check
            compares, hold to those rules whoever answers.
        new_salt: Gives 32 hexadecimal digits or more drawn at random, others each time: for the ids that the desk makes and for
            the links of the log. By default from the operating system's source of randomness, as it must be in an application.

    Raises:
        InvalidValueError: If the key is none.

    Examples:
        >>> from datetime import UTC, date, datetime
        >>> from relcare.access import DigestKey, Principal
        >>> from relcare.codec import loads_policy
        >>> from relcare.model import Book, Client, ContactPerson
        >>> from relcare.storage import MemoryStore
        >>> from relcare.testing import FixedClock
        >>> policy = loads_policy('''
        ... format = 1
        ... [policy]
        ... id = "house"
        ... version = "1"
        ... effective_from = 2026-01-01
        ... [[field_class]]
        ... id = "basic"
        ... fields = ["client.name", "client.region"]
        ... [[access]]
        ... id = "own-file"
        ... relations = ["account manager"]
        ... actions = ["get", "list"]
        ... classes = ["basic"]
        ... ''')
        >>> book = Book(
        ...     clients=[Client(id="c-1", name="Kim & Co", owner_id="lee"), Client(id="c-2", name="Harbour Ltd", owner_id="han")],
        ...     people=[ContactPerson(id="p-1", client_id="c-1", name="Kim", phone="010-1234-5678")],
        ... )
        >>> desk = GuardedDesk(
        ...     store=MemoryStore.create(book),
        ...     policy=policy,
        ...     clock=FixedClock(datetime(2026, 3, 31, 9, tzinfo=UTC)),
        ...     key=DigestKey(b"kept away from the log, at least 32 bytes"),
        ... )
        >>> lee = desk.as_(Caller(principal=Principal(id="lee"), purpose="care", origin="10.0.0.7"))
        >>> dict(lee.get("c-1", ["client.name", "person.phone"]).values)
        {'client.name': 'Kim & Co'}
        >>> lee.list(["client.name"]).client_ids
        ('c-1',)

    Source: ACC-1, ACC-4.
    """

    def as_(self, caller: Caller) -> Visit:
        """What a caller may see and do.

        Args:
            caller: Who, what for, and how the answer leaves the desk.
        """
        return Visit(house=self, caller=caller)
