"""A log whose tampering shows: every link holds the digest of the one before it, and an anchor outside says where it ended.

A link commits to its entry by a digest with a salt of its own. Entry and salt can be taken away later, and the chain is still
whole: without the salt nobody can try out what the entry may have said.
"""

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_id
from relcare.access._audit import AuditEntry, DigestKey, digest_bytes
from relcare.access._links import Anchor, ChainHead, ChainLink, check_salt
from relcare.access._who import check_instant, to_instant
from relcare.errors import InvalidValueError

__all__ = [
    "CHAIN_FAULTS",
    "ChainFault",
    "ChainFaultKind",
    "ChainReport",
    "anchor_of",
    "erased_link",
    "next_link",
    "verify_chain",
]

ChainFaultKind: TypeAlias = Literal["place", "before", "content", "digest", "erased", "end", "anchor", "shorter", "head"]
CHAIN_FAULTS: Final[tuple[ChainFaultKind, ...]] = (
    "place",
    "before",
    "content",
    "digest",
    "erased",
    "end",
    "anchor",
    "shorter",
    "head",
)
"""What can be wrong: a link out of its place; one that does not follow the one before it; one whose entry is not what it commits
to; one whose digest is not its own; one that was erased though nobody knows of it; a chain that ends elsewhere than the store
says; an anchor that is not genuine or is of another chain; a chain that ends before its anchor; one that says something else
there."""


@attrs.frozen
class ChainFault:
    """Something that is wrong with a chain.

    Attributes:
        kind: See `CHAIN_FAULTS`.
        place: At which link; of the end and of the anchor, how many links they speak of.
    """

    kind: ChainFaultKind
    place: int


@attrs.frozen(kw_only=True)
class ChainReport:
    """What verifying a chain came to.

    Attributes:
        count: How many links there are.
        anchored: How many of them the anchor speaks for. Of the others, and of all where there is no anchor, only edits in place
            show: links cut off at the end, and a chain rewritten from a place on, do not.
        erased: The places of the links whose entry was erased. They still stand in their place, and nobody can put another
            entry there.
        faults: In the order of the links, those of the end and of the anchor last.
    """

    count: int
    anchored: int
    erased: tuple[int, ...] = ()
    faults: tuple[ChainFault, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def _origin(chain_id: str) -> str:
    return sha256(digest_bytes("relcare audit chain", chain_id)).hexdigest()


def _commitment(salt: str, entry: AuditEntry) -> str:
    return sha256(digest_bytes("relcare audit entry", salt) + entry.canonical()).hexdigest()


def _digest(place: int, client_digest: str | None, commitment: str, before: str) -> str:
    return sha256(digest_bytes(str(place), client_digest or "", commitment, before)).hexdigest()


def next_link(chain_id: str, last: ChainLink | ChainHead | None, entry: AuditEntry, *, salt: str) -> ChainLink:
    """The link that an entry becomes.

    Args:
        chain_id: Of the chain: links of one chain do not fit another.
        last: The link before it, or where the chain ends; None for the first.
        entry: What is to be kept.
        salt: At least 32 hexadecimal digits, drawn at random for this link alone: `secrets.token_hex(16)`.

    Raises:
        InvalidValueError: If the chain can have no such id, or the salt is none.

    Source: ACC-4, ACC-5.
    """
    check_id("chain_id", chain_id)
    check_salt("salt", salt)
    head = last if isinstance(last, ChainHead) else _head_of(chain_id, last)
    commitment = _commitment(salt, entry)
    return ChainLink(
        place=head.count,
        entry=entry,
        salt=salt,
        client_digest=entry.only_client,
        commitment=commitment,
        before=head.digest,
        digest=_digest(head.count, entry.only_client, commitment, head.digest),
    )


def erased_link(link: ChainLink) -> ChainLink:
    """The link without its entry and salt; the chain that it is in stays whole.

    Source: ACC-5.
    """
    return attrs.evolve(link, entry=None, salt=None)


def anchor_of(chain_id: str, links: Sequence[ChainLink] | ChainHead, key: DigestKey, *, at: datetime) -> Anchor:
    """An anchor for a chain as it is now; keep it where who can write the log cannot.

    Args:
        chain_id: Of the chain.
        links: All of them, or the last ones, or where the chain ends.
        key: For the seal.
        at: When.

    Source: ACC-4.
    """
    head = links if isinstance(links, ChainHead) else _head_of(chain_id, links[-1] if links else None)
    instant = to_instant(at)
    check_instant("at", instant)
    seal = _seal(key, chain_id, head.count, head.digest, instant)
    return Anchor(chain_id=chain_id, count=head.count, head=head.digest, at=instant, seal=seal)


def _head_of(chain_id: str, last: ChainLink | None) -> ChainHead:
    return ChainHead(0, _origin(chain_id)) if last is None else last.head


def _seal(key: DigestKey, chain_id: str, count: int, head: str, at: datetime) -> str:
    return key.digest("anchor", chain_id, str(count), head, at.isoformat())


def verify_chain(
    chain_id: str,
    links: Iterable[ChainLink],
    *,
    anchor: Anchor | None = None,
    key: DigestKey | None = None,
    head: ChainHead | None = None,
    erased: Collection[int] | None = None,
) -> ChainReport:
    """Whether a log is what was written: every entry unchanged, in its place, none missing up to the anchor, none put in.

    Args:
        chain_id: Of the chain.
        links: All of them, from the first on.
        anchor: The last one that was taken, from outside; None verifies what can be verified without.
        key: With which the anchor was sealed; must be given with one.
        head: Where the store says that the chain ends; None: it is not asked. Who can write the links can write it too.
        erased: The places of the links that are known to be erased. An erased link is a fault where it is not among them; None:
            all of them are reported and none is a fault.

    Raises:
        InvalidValueError: If an anchor is given without a key.

    Examples:
        >>> from datetime import UTC, datetime
        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> key = DigestKey(b"a secret of at least 32 bytes, see?")
        >>> links = []
        >>> for who, salt in (("lee", "0" * 32), ("wu", "1" * 32), ("kim", "2" * 32)):
        ...     entry = AuditEntry(at=noon, actor_id=who, action="get", answer="allowed", purpose="call back")
        ...     links.append(next_link("2026", links[-1] if links else None, entry, salt=salt))
        >>> anchor = anchor_of("2026", links, key, at=noon)
        >>> verify_chain("2026", links, anchor=anchor, key=key).is_intact
        True
        >>> cut = links[:2]
        >>> verify_chain("2026", cut).is_intact, verify_chain("2026", cut, anchor=anchor, key=key).faults
        (True, (ChainFault(kind='shorter', place=3),))

        An entry may be erased, and the chain is still whole:

        >>> links[1] = erased_link(links[1])
        >>> report = verify_chain("2026", links, anchor=anchor, key=key)
        >>> report.is_intact, report.erased
        (True, (1,))
        >>> verify_chain("2026", links, erased=()).faults
        (ChainFault(kind='erased', place=1),)

    Source: ACC-4, ACC-5.
    """
    if anchor is not None and key is None:
        raise InvalidValueError("key", None, "must be given with an anchor")
    faults: list[ChainFault] = []
    gone: list[int] = []
    before, count = _origin(chain_id), 0
    heads = {0: before}
    for place, link in enumerate(links):
        faults.extend(ChainFault(kind, place) for kind in _link_faults(place, before, link))
        if link.is_erased:
            gone.append(place)
            if erased is not None and place not in erased:
                faults.append(ChainFault("erased", place))
        before, count = link.digest, place + 1
        if anchor is not None and count == anchor.count:
            heads[count] = before
    if head is not None and head != ChainHead(count, before):
        faults.append(ChainFault("end", head.count))
    if anchor is not None and key is not None:
        faults.extend(_anchor_faults(chain_id, count, heads, anchor, key))
    anchored = 0 if anchor is None else min(anchor.count, count)
    return ChainReport(count=count, anchored=anchored, erased=tuple(gone), faults=tuple(faults))


def _link_faults(place: int, before: str, link: ChainLink) -> Iterable[ChainFaultKind]:
    if link.place != place:
        yield "place"
    if link.before != before:
        yield "before"
    if link.entry is not None and link.salt is not None:
        is_same = link.commitment == _commitment(link.salt, link.entry) and link.client_digest == link.entry.only_client
        if not is_same:
            yield "content"
    if link.digest != _digest(place, link.client_digest, link.commitment, before):
        yield "digest"


def _anchor_faults(chain_id: str, count: int, heads: Mapping[int, str], anchor: Anchor, key: DigestKey) -> Iterable[ChainFault]:
    seal = _seal(key, anchor.chain_id, anchor.count, anchor.head, anchor.at)
    if anchor.chain_id != chain_id or not hmac.compare_digest(seal.encode(), anchor.seal.encode()):
        yield ChainFault("anchor", anchor.count)
    elif anchor.count > count:
        yield ChainFault("shorter", anchor.count)
    elif not hmac.compare_digest(heads[anchor.count].encode(), anchor.head.encode()):
        yield ChainFault("head", anchor.count)
