"""A log whose tampering shows: every link holds the digest of the one before it, and an anchor outside says where it ended."""

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, TypeAlias

import attrs

from relcare._fields import check_id
from relcare.access._audit import AuditEntry, DigestKey, digest_bytes
from relcare.access._who import check_instant, to_instant
from relcare.errors import InvalidValueError

__all__ = ["CHAIN_FAULTS", "Anchor", "ChainFault", "ChainLink", "ChainReport", "anchor_of", "next_link", "verify_chain"]

ChainFaultKind: TypeAlias = Literal["place", "before", "digest", "anchor", "shorter", "head"]
CHAIN_FAULTS: Final[tuple[ChainFaultKind, ...]] = ("place", "before", "digest", "anchor", "shorter", "head")
"""What can be wrong: a link out of its place; one that does not follow the one before it; one whose content is not what it was;
an anchor that is not genuine or is of another chain; a chain that ends before its anchor; one that says something else there."""


@attrs.frozen(kw_only=True)
class ChainLink:
    """An entry in its place.

    Attributes:
        place: From 0, without gaps.
        entry: What is kept.
        before: The digest of the link before it; of the first, that of the chain's id.
        digest: Of the place, the entry and `before`.
    """

    place: int
    entry: AuditEntry
    before: str
    digest: str


@attrs.frozen(kw_only=True)
class Anchor:
    """Where a chain ended at an instant, sealed: kept outside the firm's store, it makes cuts and rewriting show.

    Attributes:
        chain_id: The chain.
        count: How many links it had.
        head: The digest of the last of them; of an empty chain, that of its id.
        at: When; kept in UTC.
        seal: By the key, over all of these.
    """

    chain_id: str
    count: int
    head: str
    at: datetime = attrs.field(converter=to_instant)
    seal: str

    def __attrs_post_init__(self) -> None:
        check_id("chain_id", self.chain_id)
        check_instant("at", self.at)
        if type(self.count) is not int or self.count < 0:
            raise InvalidValueError("count", self.count, "must be a whole number from 0")


@attrs.frozen
class ChainFault:
    """Something that is wrong with a chain.

    Attributes:
        kind: See `CHAIN_FAULTS`.
        place: At which link; of the anchor, how many links it speaks of.
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
        faults: In the order of the links, those of the anchor last.
    """

    count: int
    anchored: int
    faults: tuple[ChainFault, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def _origin(chain_id: str) -> str:
    return sha256(digest_bytes("relcare audit chain", chain_id)).hexdigest()


def _digest(place: int, entry: AuditEntry, before: str) -> str:
    return sha256(digest_bytes(str(place), before) + entry.canonical()).hexdigest()


def next_link(chain_id: str, last: ChainLink | None, entry: AuditEntry) -> ChainLink:
    """The link that an entry becomes.

    Args:
        chain_id: Of the chain: links of one chain do not fit another.
        last: The link before it; None for the first.
        entry: What is to be kept.

    Source: ACC-4.
    """
    check_id("chain_id", chain_id)
    place, before = (0, _origin(chain_id)) if last is None else (last.place + 1, last.digest)
    return ChainLink(place=place, entry=entry, before=before, digest=_digest(place, entry, before))


def anchor_of(chain_id: str, links: Sequence[ChainLink], key: DigestKey, *, at: datetime) -> Anchor:
    """An anchor for a chain as it is now; keep it where who can write the log cannot.

    Args:
        chain_id: Of the chain.
        links: All of them, or the last ones.
        key: For the seal.
        at: When.

    Source: ACC-4.
    """
    count, head = (links[-1].place + 1, links[-1].digest) if links else (0, _origin(chain_id))
    instant = to_instant(at)
    check_instant("at", instant)
    return Anchor(chain_id=chain_id, count=count, head=head, at=instant, seal=_seal(key, chain_id, count, head, instant))


def _seal(key: DigestKey, chain_id: str, count: int, head: str, at: datetime) -> str:
    return key.digest("anchor", chain_id, str(count), head, at.isoformat())


def verify_chain(
    chain_id: str, links: Iterable[ChainLink], *, anchor: Anchor | None = None, key: DigestKey | None = None
) -> ChainReport:
    """Whether a log is what was written: every entry unchanged, in its place, none missing up to the anchor, none put in.

    Args:
        chain_id: Of the chain.
        links: All of them, from the first on.
        anchor: The last one that was taken, from outside; None verifies what can be verified without.
        key: With which the anchor was sealed; must be given with one.

    Raises:
        InvalidValueError: If an anchor is given without a key.

    Examples:
        >>> from datetime import UTC, datetime
        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> key = DigestKey(b"a secret of at least 32 bytes, see?")
        >>> links = []
        >>> for who in ("lee", "wu", "kim"):
        ...     entry = AuditEntry(at=noon, actor_id=who, action="get", answer="allowed", purpose="call back")
        ...     links.append(next_link("2026", links[-1] if links else None, entry))
        >>> anchor = anchor_of("2026", links, key, at=noon)
        >>> verify_chain("2026", links, anchor=anchor, key=key).is_intact
        True
        >>> cut = links[:2]
        >>> verify_chain("2026", cut).is_intact, verify_chain("2026", cut, anchor=anchor, key=key).faults
        (True, (ChainFault(kind='shorter', place=3),))

    Source: ACC-4.
    """
    if anchor is not None and key is None:
        raise InvalidValueError("key", None, "must be given with an anchor")
    faults: list[ChainFault] = []
    before, count = _origin(chain_id), 0
    heads = {0: before}
    for place, link in enumerate(links):
        if link.place != place:
            faults.append(ChainFault("place", place))
        if link.before != before:
            faults.append(ChainFault("before", place))
        if link.digest != _digest(place, link.entry, before):
            faults.append(ChainFault("digest", place))
        before, count = link.digest, place + 1
        if anchor is not None and count == anchor.count:
            heads[count] = before
    if anchor is not None and key is not None:
        faults.extend(_anchor_faults(chain_id, count, heads, anchor, key))
    anchored = 0 if anchor is None else min(anchor.count, count)
    return ChainReport(count=count, anchored=anchored, faults=tuple(faults))


def _anchor_faults(chain_id: str, count: int, heads: dict[int, str], anchor: Anchor, key: DigestKey) -> Iterable[ChainFault]:
    seal = _seal(key, anchor.chain_id, anchor.count, anchor.head, anchor.at)
    if anchor.chain_id != chain_id or not hmac.compare_digest(seal.encode(), anchor.seal.encode()):
        yield ChainFault("anchor", anchor.count)
    elif anchor.count > count:
        yield ChainFault("shorter", anchor.count)
    elif not hmac.compare_digest(heads[anchor.count].encode(), anchor.head.encode()):
        yield ChainFault("head", anchor.count)
