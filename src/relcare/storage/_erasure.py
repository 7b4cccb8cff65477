"""Erasing a client: what must be kept is kept and nothing else is done with it, the person's data goes, and the store proves it.

Source: ACC-5.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import attrs

from relcare.access import AuditEntry, DigestKey, RetentionRules
from relcare.errors import InvalidValueError, StorageError, UnknownRecordError
from relcare.storage._audit_trail import CHAIN_ID, AuditTrail
from relcare.storage._capabilities import CanBeInspected
from relcare.storage._erasing import CanErase, ErasingUnit
from relcare.storage._erasure_journal import Erasure, check_of, erasures_of, note_erasure
from relcare.storage._erasure_scope import client_ids
from relcare.storage._erasure_work import ErasureReport, Order, erase_pieces
from relcare.storage._protocols import Store

__all__ = ["ErasureReport", "apply_retention", "erasable", "erase_client", "erase_in", "reapply_erasures", "scrubbed"]


def erase_client(
    store: Store,
    client_id: str,
    *,
    key: DigestKey,
    at: datetime,
    by: str,
    ground: str,
    rules: RetentionRules | None = None,
    ended_on: date | None = None,
    erases_links: bool = False,
    entry: AuditEntry | None = None,
    chain_id: str = CHAIN_ID,
) -> ErasureReport:
    """Takes a client's data out of a store, in one unit of work, and notes that it did: in the journal, and in the audit trail.

    Records and the memory of their versions go. Of the entries of the log position and kind `erased` stay, under the keyed digest
    of the client. Rows of reviews go. Freed pages and the write-ahead log of a SQLite book are overwritten. What by the rules the
    law has kept is stored as `restricted`: no book, search, count, rhythm or programme sees it. What may still be used stays,
    and the client with it.

    Not found by this: a client's id or name in free text about others, in attributes of others, in idempotency keys and in
    requests that name no client. Backups from before are erased again when they are restored, see `reapply_erasures`.

    Args:
        store: One that can erase, see `CanErase`.
        client_id: Whose data.
        key: For the digests of the journal and the log.
        at: The aware instant that it is.
        by: Who has it done; not asked for rights.
        ground: Why, in words that can be told.
        rules: Of retention; None: everything goes.
        ended_on: On which day the relationship ended; None while it lasts.
        erases_links: Whether the audit trail's entries about the client alone go too, as far as rules allow it. They hold
            digests and no values but what somebody gave as a reason; those of lists that showed others too stay, and so do
            those of erasures.
        entry: Of the audit trail, about this; None for one of its own: that somebody did `erase`, of whom by digest, and on what
            ground. It is appended in the same unit.
        chain_id: Of the chain of the audit trail to which it is appended.

    Returns:
        What became of each piece. Its `left` says what could not be cleaned once everything was erased: that fails nothing.

    Raises:
        UnknownRecordError: Nothing is stored about such a client, not even what the law has kept.
        StorageError: The store cannot erase, or failed; nothing was changed.

    Examples:
        >>> from relcare.model import Book, Client
        >>> from relcare.storage import MemoryStore, erase_client, erasures_in, load_book
        >>> store = MemoryStore.create(Book(clients=[Client(id="c-17", name="김철수")], zone="Asia/Seoul"))
        >>> key = DigestKey(b"a secret of at least 32 bytes, see?")
        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> report = erase_client(store, "c-17", key=key, at=noon, by="lee", ground="request of 30 March")
        >>> report.erasure.record_count, load_book(store).clients
        (1, ())
        >>> [erasure.client_digest == key.digest("client", "c-17") for erasure in erasures_in(store)]
        [True]

    Source: ACC-5, TIM-7.
    """
    order = Order(key=key, at=_in_utc(at), by=by, ground=ground, rules=rules, erases_links=erases_links)
    with erasable(store).erasing() as unit:
        found = erase_in(unit, client_id, order, ended_on)
        AuditTrail(unit, chain_id).append(entry or _entry(found.erasure))
    return attrs.evolve(found, left=scrubbed(store))


def erase_in(unit: ErasingUnit, client_id: str, order: Order, ended_on: date | None = None) -> ErasureReport:
    """What `erase_client` does in its unit of work, but for the entry of the audit trail; that and scrubbing is the caller's.

    Args:
        unit: Opened for erasing.
        client_id: Whose data.
        order: By whom, when, on what ground and by which rules.
        ended_on: On which day the relationship ended; None while it lasts.

    Raises:
        UnknownRecordError: Nothing is stored about such a client.
    """
    found = erase_pieces(unit, client_id, order, ended_on)
    if found.erasure.is_empty and not found.decisions:
        raise UnknownRecordError("client", client_id)
    note_erasure(unit, found.erasure)
    return found


def apply_retention(
    store: Store,
    rules: RetentionRules,
    *,
    key: DigestKey,
    at: datetime,
    by: str,
    ended_on: Mapping[str, date] | None = None,
    erases_links: bool = False,
    chain_id: str = CHAIN_ID,
) -> tuple[ErasureReport, ...]:
    """What time has brought, for every client of a store: what no purpose holds any more goes, or is only stored.

    Args:
        store: One that can erase.
        rules: Of retention.
        key: For the digests.
        at: The aware instant that it is.
        by: Who has it done.
        ended_on: By client, on which day the relationship ended.
        erases_links: As for `erase_client`.
        chain_id: As for `erase_client`.

    Returns:
        For each client of whom something went or became restricted, one client after the other.

    Raises:
        StorageError: The store cannot erase, or is damaged; or it failed: the clients before are done.

    Source: ACC-5.
    """
    order = Order(
        key=key,
        at=_in_utc(at),
        by=by,
        ground="the time of retention is over",
        rules=rules,
        asked="time",
        erases_links=erases_links,
        trusts_keys=True,
    )
    if isinstance(store, CanBeInspected):
        store.verify()
    with store.read() as view:
        everybody = tuple(client_ids(view))
    reports: list[ErasureReport] = []
    for client_id in everybody:
        with erasable(store).erasing() as unit:
            report = erase_pieces(unit, client_id, order, (ended_on or {}).get(client_id))
            if not report.erasure.is_empty:
                note_erasure(unit, report.erasure)
                AuditTrail(unit, chain_id).append(_entry(report.erasure))
                reports.append(report)
    left = scrubbed(store) if reports else None
    return tuple(attrs.evolve(report, left=left) for report in reports)


def reapply_erasures(
    store: Store,
    journal: Iterable[Erasure],
    *,
    key: DigestKey,
    rules: RetentionRules | None = None,
    chain_id: str = CHAIN_ID,
) -> tuple[ErasureReport, ...]:
    """Erases again what a journal says was erased and a restored backup has brought back.

    Each is decided as it was then: as a request or by time, as of its instant, with the end of the relationship that was known,
    by the rules where rules decided and without where everything went. Of the audit trail the very entries go that went then.
    Erasures that the store's own journal knows are done already; one of a client whom the store does not know is noted.

    Args:
        store: As it was restored.
        journal: Of the newer store, see `erasures_in`, or as it was kept beside the backups, see `load_journal`.
        key: With which its digests were made.
        rules: Of retention; must be given when rules decided one of these erasures.
        chain_id: Of the chain of the audit trail, in which each of them has an entry, under the instant of the erasure.

    Returns:
        Of each client of whom something was there again, what became of it.

    Raises:
        InvalidValueError: The key is another one, or rules must be given and are not.
        StorageError: The store cannot erase, or failed.

    Source: ACC-5.
    """
    with store.read() as view:
        known = set(erasures_of(view))
        missing = sorted((one for one in dict.fromkeys(journal) if one not in known), key=lambda one: one.at)
        digests = {key.digest("client", client_id): client_id for client_id in client_ids(view)} if missing else {}
    if any(one.key_check not in {None, check_of(key)} for one in missing):
        raise InvalidValueError("key", key, "must be the one with which the journal of erasures was made")
    if rules is None and any(one.by_rules or one.restricted_count for one in missing):
        raise InvalidValueError("rules", None, "must be given: the law had records kept that were not erased, or may have had")
    if missing and isinstance(store, CanBeInspected):
        store.verify()
    reports: list[ErasureReport] = []
    for one in missing:
        client_id = digests.get(one.client_digest)
        with erasable(store).erasing() as unit:
            note_erasure(unit, one)
            if client_id is not None:
                found = erase_pieces(unit, client_id, _order_of(one, key, rules), one.ended_on)
                AuditTrail(unit, chain_id).append(_entry(found.erasure))
                reports.append(attrs.evolve(found, erasure=one))
    left = scrubbed(store) if reports else None
    return tuple(attrs.evolve(report, left=left) for report in reports)


def scrubbed(store: Store) -> str | None:
    """What of an erasure is left in the files of a store; that cleaning fails is told and not raised: what went is gone."""
    try:
        return erasable(store).scrub()
    except StorageError as error:
        return f"the freed pages of the store could not be cleaned: {error}; hint: scrub again"


def _order_of(one: Erasure, key: DigestKey, rules: RetentionRules | None) -> Order:
    return Order(
        key=key,
        at=one.at,
        by=one.by,
        ground=one.ground,
        rules=rules if one.by_rules or one.restricted_count else None,
        asked=one.asked,
        erases_links=one.link_count > 0,
        links=frozenset(one.links),
        trusts_keys=True,
    )


def _entry(erasure: Erasure) -> AuditEntry:
    return AuditEntry(
        at=erasure.at,
        actor_id=erasure.by,
        action="erase",
        answer="allowed",
        client_digest=erasure.client_digest,
        count=erasure.record_count + erasure.entry_count,
        purpose="erasure",
        reason=erasure.ground,
    )


def erasable(store: Store) -> CanErase:
    """The store, as one that can erase.

    Raises:
        StorageError: It cannot.
    """
    if not isinstance(store, CanErase):
        raise StorageError(f"nothing can be erased from a {type(store).__name__}; hint: see CanErase")
    return store


def _in_utc(at: datetime) -> datetime:
    if not isinstance(at, datetime) or at.tzinfo is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("at", at, "must be an aware instant", "give it a zone")
    return at.astimezone(UTC)
