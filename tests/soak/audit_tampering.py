"""What somebody can do to an audit trail who can write the store, but has neither the key nor the anchor."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import attrs

from relcare.access import Action, Anchor, AuditEntry, ChainHead, ChainLink, DigestKey, erased_link, next_link
from relcare.storage import AuditTrail, MemoryStore
from relcare.storage._audit_texts import dump_head, load_link
from relcare.storage._audit_trail import HEAD_KIND, LINK_KIND, link_record
from relcare.storage._values import Record

__all__ = ["INVISIBLE", "KEY", "NOON", "WAYS", "Trail", "trail_of"]

KEY: Final = DigestKey(b"kept away from the store, 32 bytes")
NOON: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
CHAIN: Final = "audit"
_ACTORS: Final = ("lee", "wu", "kim")


@attrs.frozen
class Trail:
    """A store with a trail, and the anchor that was taken of it.

    Attributes:
        store: Where it lies.
        anchor: Kept elsewhere.
    """

    store: MemoryStore
    anchor: Anchor

    def links(self) -> list[ChainLink]:
        """All of them."""
        with self.store.read() as view:
            return [load_link(record.payload) for record in view.records.scan(LINK_KIND)]

    def replace(self, links: list[ChainLink], *, head: ChainHead | None) -> None:
        """Puts these links in place of what is there; None for the head leaves what the store says of the end."""
        with self.store.write() as unit:
            for record in list(unit.records.scan(LINK_KIND)):
                unit.records.delete(LINK_KIND, record.id, expected=record.version)
            for number, link in enumerate(links):
                unit.records.put(attrs.evolve(link_record(CHAIN, link), id=f"{CHAIN}:{number:012d}"), expected=0)
            if head is not None:
                known = unit.records.get(HEAD_KIND, CHAIN)
                record = Record(kind=HEAD_KIND, id=CHAIN, payload=dump_head(head))
                unit.records.put(record, expected=0 if known is None else known.version)


def trail_of(random: Random, *, most: int = 12) -> Trail:
    """A trail of a few entries, with its anchor."""
    store = MemoryStore()
    with store.write() as unit:
        trail = AuditTrail(unit, new_salt=lambda: f"{random.getrandbits(128):032x}")
        for number in range(random.randint(3, most)):
            trail.append(entry_of(random, number))
        anchor = trail.anchor(KEY, NOON + timedelta(hours=1))
    return Trail(store, anchor)


def entry_of(random: Random, number: int) -> AuditEntry:
    """An entry unlike the others."""
    action: Action = random.choice(("get", "export", "search"))
    digests = [KEY.digest("client", f"c-{one}") for one in random.sample(range(10), random.randint(1, 3))]
    return AuditEntry(
        at=NOON + timedelta(seconds=number),
        actor_id=random.choice(_ACTORS),
        origin="10.0.0.7",
        action=action,
        answer=random.choice(("allowed", "denied")),
        client_digest=digests[0] if action == "get" else None,
        client_digests=() if action == "get" else digests,
        count=number,
        purpose="care",
        reason=f"case {random.getrandbits(40)}",
    )


def _changed(entry: AuditEntry, random: Random) -> AuditEntry:
    ways: list[dict[str, object]] = [
        {"actor_id": "mallory"},
        {"at": entry.at - timedelta(days=1)},
        {"answer": "denied" if entry.answer == "allowed" else "allowed"},
        {"client_digest": "0" * 64, "client_digests": ()},
        {"client_digest": None, "client_digests": (*entry.client_digests, "0" * 64)},
        {"count": entry.count + 1},
        {"reason": "nothing special"},
        {"origin": None},
    ]
    return attrs.evolve(entry, **random.choice(ways))  # type: ignore[arg-type]


def _rebuilt(entries: list[AuditEntry], random: Random) -> list[ChainLink]:
    """A chain that is right in itself."""
    links: list[ChainLink] = []
    for entry in entries:
        links.append(next_link(CHAIN, links[-1] if links else None, entry, salt=f"{random.getrandbits(128):032x}"))
    return links


def _entries(trail: Trail) -> list[AuditEntry]:
    return [link.entry for link in trail.links() if link.entry is not None]


def _edit(trail: Trail, random: Random) -> None:
    links = trail.links()
    at = random.randrange(len(links))
    entry = links[at].entry
    links[at] = attrs.evolve(links[at], entry=None if entry is None else _changed(entry, random))
    trail.replace(links, head=None)


def _edit_and_digest(trail: Trail, random: Random) -> None:
    """An edited entry with its own digests right; the link after it does not follow any more, unless it is the last."""
    links = trail.links()
    at = random.randrange(len(links) - 1)
    entry = links[at].entry
    if entry is not None:
        links[at] = next_link(CHAIN, links[at - 1] if at else None, _changed(entry, random), salt="0" * 32)
    trail.replace(links, head=None)


def _delete(trail: Trail, random: Random) -> None:
    links = trail.links()
    del links[random.randrange(len(links) - 1)]
    trail.replace(links, head=None)


def _insert(trail: Trail, random: Random) -> None:
    links = trail.links()
    links.insert(random.randrange(len(links)), random.choice(links))
    trail.replace(links, head=None)


def _reorder(trail: Trail, random: Random) -> None:
    links = trail.links()
    first, second = random.sample(range(len(links)), 2)
    links[first], links[second] = links[second], links[first]
    trail.replace(links, head=None)


def _cut(trail: Trail, random: Random) -> None:
    """The end is cut off; who does it leaves the head as it was."""
    links = trail.links()
    trail.replace(links[: random.randrange(1, len(links))], head=None)


def _cut_with_head(trail: Trail, random: Random) -> None:
    links = trail.links()
    left = links[: random.randrange(1, len(links))]
    trail.replace(left, head=left[-1].head)


def _rewrite(trail: Trail, random: Random) -> None:
    """All of it anew with one entry changed, and every digest worked out again."""
    entries = _entries(trail)
    at = random.randrange(len(entries))
    entries[at] = _changed(entries[at], random)
    links = _rebuilt(entries, random)
    trail.replace(links, head=links[-1].head)


def _other_book(trail: Trail, random: Random) -> None:
    """The trail of another book, which is whole."""
    links = trail_of(random).links()
    trail.replace(links, head=links[-1].head)


def _erase_unseen(trail: Trail, random: Random) -> None:
    """An entry is taken away as an erasure would, and no journal knows of it."""
    links = trail.links()
    at = random.randrange(len(links))
    links[at] = erased_link(links[at])
    trail.replace(links, head=None)


def _forget_all(trail: Trail, random: Random) -> None:
    with trail.store.write() as unit:
        for kind in (LINK_KIND, HEAD_KIND):
            for record in list(unit.records.scan(kind)):
                unit.records.delete(kind, record.id, expected=record.version)


WAYS: Final[Mapping[str, Callable[[Trail, Random], None]]] = {
    "an edit": _edit,
    "an edit with its digest": _edit_and_digest,
    "a deletion": _delete,
    "an insertion": _insert,
    "another order": _reorder,
    "a cut end": _cut,
    "a cut end, head and all": _cut_with_head,
    "a chain rewritten": _rewrite,
    "the trail of another book": _other_book,
    "an erasure that nobody knows of": _erase_unseen,
    "all of it gone": _forget_all,
}

INVISIBLE: Final = frozenset({"a cut end, head and all", "a chain rewritten", "the trail of another book", "all of it gone"})
"""What only an anchor shows, as docs/explanation/who-may-see-a-file.md says."""
