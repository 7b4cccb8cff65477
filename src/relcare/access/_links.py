"""The links of a chain, where it ends, and the anchor that is kept outside: values that any store can keep."""

from datetime import datetime
from typing import Final

import attrs

from relcare._fields import check_id
from relcare.access._audit import AuditEntry, check_digest
from relcare.access._who import check_instant, to_instant
from relcare.errors import InvalidValueError

__all__ = ["Anchor", "ChainHead", "ChainLink", "check_salt"]

_SHORTEST_SALT: Final = 32


def check_salt(name: str, value: object) -> None:
    """Refuses what is no salt: at least 32 hexadecimal digits in lower case, which is 16 bytes drawn at random."""
    is_salt = isinstance(value, str) and len(value) >= _SHORTEST_SALT and set(value) <= set("0123456789abcdef")
    if not is_salt:
        raise InvalidValueError(name, "...", f"must be at least {_SHORTEST_SALT} hexadecimal digits in lower case")


@attrs.frozen
class ChainHead:
    """Where a chain ends.

    Attributes:
        count: How many links it has.
        digest: Of the last of them; of an empty chain, that of its id.

    Raises:
        InvalidValueError: If these can be of no chain.
    """

    count: int
    digest: str

    def __attrs_post_init__(self) -> None:
        if type(self.count) is not int or not 0 <= self.count < 2**63:
            raise InvalidValueError("count", self.count, "must be a whole number from 0")
        check_digest("digest", self.digest)


@attrs.frozen(kw_only=True)
class ChainLink:
    """An entry in its place.

    Attributes:
        place: From 0, without gaps.
        entry: What is kept; None once it is erased.
        salt: With which the entry is committed to; erased with it. Not shown by `repr`.
        client_digest: Of the client whom the entry is about alone, see `AuditEntry.only_client`; it stays, so that the log still
            tells about whose file something was erased.
        commitment: The digest of the salt and the entry.
        before: The digest of the link before it; of the first, that of the chain's id.
        digest: Of the place, `client_digest`, `commitment` and `before`.

    Raises:
        InvalidValueError: If the place is no whole number, a digest is none, or only one of entry and salt is there.
    """

    place: int
    entry: AuditEntry | None
    salt: str | None = attrs.field(repr=False)
    client_digest: str | None = None
    commitment: str
    before: str
    digest: str

    def __attrs_post_init__(self) -> None:
        if type(self.place) is not int or not 0 <= self.place < 2**63:
            raise InvalidValueError("place", self.place, "must be a whole number from 0")
        if (self.entry is None) != (self.salt is None):
            raise InvalidValueError("salt", "...", "must be there exactly where the entry is")
        if self.entry is not None and not isinstance(self.entry, AuditEntry):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("entry", self.entry, "must be an AuditEntry or None")
        if self.salt is not None:
            check_salt("salt", self.salt)
        if self.client_digest is not None:
            check_digest("client_digest", self.client_digest)
        for name in ("commitment", "before", "digest"):
            check_digest(name, getattr(self, name))

    @property
    def is_erased(self) -> bool:
        """Whether the entry was taken away."""
        return self.entry is None

    @property
    def head(self) -> ChainHead:
        """Where the chain ends with this link."""
        return ChainHead(self.place + 1, self.digest)


@attrs.frozen(kw_only=True)
class Anchor:
    """Where a chain ended at an instant, sealed: kept outside the firm's store, it makes cuts and rewriting show.

    Attributes:
        chain_id: The chain.
        count: How many links it had.
        head: The digest of the last of them; of an empty chain, that of its id.
        at: When; kept in UTC.
        seal: By the key, over all of these.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    chain_id: str
    count: int
    head: str
    at: datetime = attrs.field(converter=to_instant)
    seal: str

    def __attrs_post_init__(self) -> None:
        check_id("chain_id", self.chain_id)
        check_instant("at", self.at)
        if type(self.count) is not int or not 0 <= self.count < 2**63:
            raise InvalidValueError("count", self.count, "must be a whole number from 0")
        for name in ("head", "seal"):
            check_digest(name, getattr(self, name))
