"""The audit trail of a store: a chain of entries among its records, which grows by one link with each access.

A link is a record of its own, so that its entry can be erased. Where the chain ends is another record, which every append
replaces under its version: of two that would follow the same link one is a conflict, and the chain never forks.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from relcare.access import (
    Anchor,
    AuditEntry,
    ChainFault,
    ChainHead,
    ChainLink,
    ChainReport,
    DigestKey,
    anchor_of,
    next_link,
    verify_chain,
)
from relcare.errors import InvalidValueError, StorageError
from relcare.storage._audit_texts import dump_head, dump_link, load_head, load_link
from relcare.storage._erasure_journal import erased_digests
from relcare.storage._protocols import ReadUnit, Records, UnitOfWork
from relcare.storage._values import MAX_ID_CHARS, Record, check_text

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["AUDIT_KINDS", "CHAIN_ID", "AuditTrail", "SaltSource", "link_record"]

CHAIN_ID: Final = "audit"
"""The chain of a store that has one."""

HEAD_KIND: Final = "audit_head"
LINK_KIND: Final = "audit"
AUDIT_KINDS: Final = frozenset({HEAD_KIND, LINK_KIND})
"""The kinds of its records."""

SaltSource: TypeAlias = Callable[[], str]
"""Gives a new salt, 32 hexadecimal digits or more drawn at random, each time it is called."""

_DIGITS: Final = 12
_SALT_BYTES: Final = 16


def _new_salt() -> str:
    return secrets.token_hex(_SALT_BYTES)


class AuditTrail:
    """The audit trail in one unit of a store; good as long as the unit is open.

    What is appended is committed with everything else of the unit, or not at all: no access without its line, and no line
    without its access.

    Args:
        unit: A unit of work; to look only, a unit of reading.
        chain_id: Of the chain; a store may keep several, one a year for example.
        new_salt: Where salts come from; by default from the operating system's source of randomness, as they must be for a log
            in use.

    Raises:
        InvalidValueError: The id is no text, or too long.

    Examples:
        >>> from datetime import UTC, datetime
        >>> from relcare.access import AuditEntry
        >>> from relcare.storage import AuditTrail, MemoryStore
        >>> store = MemoryStore()
        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> with store.write() as unit:
        ...     trail = AuditTrail(unit)
        ...     link = trail.append(AuditEntry(at=noon, actor_id="lee", action="get", answer="allowed", purpose="care"))
        >>> with store.read() as view:
        ...     [link.entry.actor_id for link in AuditTrail(view).links()], AuditTrail(view).verify().is_intact
        (['lee'], True)

    Source: ACC-4.
    """

    def __init__(self, unit: ReadUnit | UnitOfWork, chain_id: str = CHAIN_ID, *, new_salt: SaltSource = _new_salt) -> None:
        self._unit = unit
        self._chain_id = check_text("chain_id", chain_id, limit=MAX_ID_CHARS - _DIGITS - 1)
        if ":" in chain_id:
            raise InvalidValueError("chain_id", chain_id, "must not hold a colon")
        self._new_salt = new_salt

    def append(self, entry: AuditEntry) -> ChainLink:
        """The link that an entry has become.

        Raises:
            ConflictError: Somebody else appended in between; only stores of others, with writers side by side, raise it. Nothing
                is kept: repeat the unit.
            StorageError: The unit is one of reading, or what is stored of the chain is damaged.
        """
        records = self._unit.records
        if not hasattr(records, "put"):
            raise StorageError("the audit trail cannot be written in a unit of reading; hint: open one with store.write()")
        records = cast("Records", records)
        known = records.get(HEAD_KIND, self._chain_id)
        last, version = (None, 0) if known is None else (load_head(known.payload), known.version)
        link = next_link(self._chain_id, last, entry, salt=self._new_salt())
        # The head first: where another was faster, this is the conflict, and no link has two after it.
        records.put(Record(kind=HEAD_KIND, id=self._chain_id, payload=dump_head(link.head)), expected=version)
        records.put(link_record(self._chain_id, link), expected=0)
        return link

    def links(self) -> Iterator[ChainLink]:
        """The links, in their order; ends with the unit.

        Raises:
            StorageError: One is damaged so that it cannot be read; see `verify`.
        """
        for record in self._records():
            yield load_link(record.payload)

    def links_of(self, client_digest: str) -> Iterator[ChainLink]:
        """The links about one client, in their order; ends with the unit.

        These are the calls about the file, the erased ones too, and the lists, searches and exports that showed it among others.

        Args:
            client_digest: See `DigestKey.digest`: `key.digest("client", client_id)`.
        """
        for record in self._unit.records.scan(LINK_KIND, key=("client", check_text("client_digest", client_digest))):
            if self._is_own(record):
                yield load_link(record.payload)

    def head(self) -> ChainHead | None:
        """Where the chain ends; None before its first link."""
        record = self._unit.records.get(HEAD_KIND, self._chain_id)
        return None if record is None else load_head(record.payload)

    def anchor(self, key: DigestKey, at: datetime) -> Anchor:
        """An anchor for the chain as it is now; keep it where who can write the store cannot.

        It seals what is there: verify the chain with the anchor before, and then take the next one.

        Args:
            key: For the seal; keep it elsewhere too.
            at: The aware instant that it is.
        """
        head = self.head()
        return anchor_of(self._chain_id, () if head is None else head, key, at=at)

    def verify(
        self, *, anchor: Anchor | None = None, key: DigestKey | None = None, erased: "Collection[int] | None" = None
    ) -> ChainReport:
        """Whether the chain is what was written; see `verify_chain`.

        Args:
            anchor: The last one that was taken.
            key: With which it was sealed.
            erased: The places that are known to be erased; None: those that the journal of erasures in the store accounts for.
                Any other erased link is a fault.

        Raises:
            StorageError: A link is damaged so that it cannot be read.
        """
        head = self.head()
        known = self._accounted() if erased is None else erased
        report = verify_chain(self._chain_id, self.links(), anchor=anchor, key=key, head=head, erased=known)
        if head is None and report.count:
            # Links without a head: somebody took it away, and the next entry would begin a second chain.
            return attrs.evolve(report, faults=(*report.faults, ChainFault("end", 0)))
        return report

    def _accounted(self) -> frozenset[int]:
        """The places whose entries went by an erasure that the journal knows."""
        known = erased_digests(self._unit)
        # By digest and not by place: in a restored book other entries may stand in the places that were erased elsewhere.
        return frozenset(link.place for link in self.links() if link.digest in known) if known else frozenset()

    def _records(self) -> Iterator[Record]:
        prefix = f"{self._chain_id}:"
        for record in self._unit.records.scan(LINK_KIND, after=prefix):
            if not record.id.startswith(prefix):
                return
            yield record

    def _is_own(self, record: Record) -> bool:
        return record.id.startswith(f"{self._chain_id}:")


def link_record(chain_id: str, link: ChainLink) -> Record:
    """A link as a record; by its id the records of a chain are in the order of its links."""
    about = () if link.client_digest is None else (link.client_digest,)
    shown = () if link.entry is None else link.entry.client_digests
    keys = [("client", digest) for digest in (*about, *shown)]
    return Record(kind=LINK_KIND, id=f"{chain_id}:{link.place:0{_DIGITS}d}", payload=dump_link(link), keys=keys)
