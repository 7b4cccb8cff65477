"""What is written down about access: who, when, from where, whose file, what was done, and why; never a client's value."""

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap, check_choice, check_id, check_optional_text, check_text, check_tuple_of, to_map, to_texts
from relcare.access._decision import ACCESS_ANSWERS, AccessAnswer, AccessDecision
from relcare.access._who import check_instant, to_instant
from relcare.access._words import ACTIONS, MEDIA, Action, Medium
from relcare.errors import InvalidValueError

__all__ = ["MOST_SHOWN", "AuditEntry", "DigestKey", "check_digest", "digest_bytes"]

MOST_SHOWN: Final = 1_000
"""How many clients one entry names at most; a call that shows more of them leaves several entries."""

_MIN_SECRET: Final = 32
_DIGEST_LENGTH: Final = 64
_DIGITS: Final = frozenset("0123456789abcdef")


def digest_bytes(*parts: str) -> bytes:
    """Texts as bytes in such a way that no two different rows of texts give the same ones: each goes with its length."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)


@attrs.frozen
class DigestKey:
    """A secret with which values are turned into digests: who has it can tell whether a value is the one, nobody else can.

    A plain hash would hide nothing: all telephone numbers of a country are tried in minutes.

    Attributes:
        secret: At least 32 bytes, drawn at random and kept away from the log. Not shown by `repr`.

    Raises:
        InvalidValueError: If it is too short.

    Source: ACC-4.
    """

    secret: bytes = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.secret, bytes) or len(self.secret) < _MIN_SECRET:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("secret", "...", f"must be at least {_MIN_SECRET} bytes")

    def digest(self, kind: str, *parts: str) -> str:
        """The digest of texts, as 64 hexadecimal digits; the same texts under another kind give another one.

        Args:
            kind: What they are, such as `client` or a field.
            parts: The texts.
        """
        return hmac.new(self.secret, digest_bytes(kind, *parts), sha256).hexdigest()


def _to_digests(values: Mapping[str, str]) -> Mapping[str, str]:
    return to_map(values)


def _to_names(values: Iterable[str]) -> tuple[str, ...]:
    return to_texts(values)


@attrs.frozen(kw_only=True)
class AuditEntry:
    """One access or decision, as the log keeps it.

    Attributes:
        at: When; kept in UTC.
        actor_id: Who; None for somebody whom the host does not know.
        origin: From where, as the host says it: an address, a terminal.
        action: What was asked.
        answer: What was answered.
        client_digest: Whose file, as a digest; None for a query as a whole.
        client_digests: Of a query, whose files were shown, as digests in the order in which they were, each once and 1,000 at
            most (`MOST_SHOWN`); a call that shows more leaves several entries, the same but for these. Empty where a number
            was told and no file, and beside a `client_digest`.
        query_digest: What was searched for, as a digest, or None.
        fields: The names of the fields that were shown or used.
        count: How many records; of several entries of one call, of the call.
        purpose: What for.
        medium: In which medium.
        grant_ids: The grants it rests on.
        reason_codes: Of the reasons, those that the log alone is told among them.
        value_digests: Of a change, the digest of the new value by field.
        reason: Why, as the actor says it; for exports a firm may ask for it. Free text, and therefore no place for values.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-4.
    """

    at: datetime = attrs.field(converter=to_instant)
    actor_id: str | None
    origin: str | None = None
    action: Action
    answer: AccessAnswer
    client_digest: str | None = None
    client_digests: tuple[str, ...] = attrs.field(default=(), converter=_to_names)
    query_digest: str | None = None
    fields: tuple[str, ...] = attrs.field(default=(), converter=_to_names)
    count: int = 1
    purpose: str
    medium: Medium = "screen"
    grant_ids: tuple[str, ...] = attrs.field(default=(), converter=_to_names)
    reason_codes: tuple[str, ...] = attrs.field(default=(), converter=_to_names)
    value_digests: Mapping[str, str] = attrs.field(factory=ReadOnlyMap[str, str], converter=_to_digests)
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        check_instant("at", self.at)
        if self.actor_id is not None:
            check_id("actor_id", self.actor_id)
        check_optional_text("origin", self.origin)
        check_choice("action", self.action, ACTIONS)
        check_choice("answer", self.answer, ACCESS_ANSWERS)
        for name in ("client_digest", "query_digest"):
            if getattr(self, name) is not None:
                check_digest(name, getattr(self, name))
        for name in ("client_digests", "fields", "grant_ids", "reason_codes"):
            check_tuple_of(name, getattr(self, name), str)
        self._check_shown()
        if type(self.count) is not int or not 0 <= self.count < 2**63:
            raise InvalidValueError("count", self.count, "must be a whole number from 0")
        check_text("purpose", self.purpose)
        check_choice("medium", self.medium, MEDIA)
        if not isinstance(self.value_digests, ReadOnlyMap):
            raise InvalidValueError("value_digests", self.value_digests, "must be a mapping of fields to digests")
        for field, digest in self.value_digests.items():
            check_text("value_digests", field)
            check_digest(f"value_digests[{field!r}]", digest)
        check_optional_text("reason", self.reason)

    def _check_shown(self) -> None:
        for index, digest in enumerate(self.client_digests):
            check_digest(f"client_digests[{index}]", digest)
        if len(set(self.client_digests)) < len(self.client_digests):
            raise InvalidValueError("client_digests", "...", "must come once each")
        if len(self.client_digests) > MOST_SHOWN:
            raise InvalidValueError("client_digests", "...", f"must be at most {MOST_SHOWN:,}", "write several entries")
        if self.client_digests and self.client_digest is not None:
            raise InvalidValueError("client_digests", "...", "must be empty where there is a client_digest")

    @property
    def only_client(self) -> str | None:
        """The digest of the client whom it is about alone; None where it is about several, or about none."""
        if len(self.client_digests) == 1:
            return self.client_digests[0]
        return self.client_digest

    @classmethod
    def of(
        cls,
        decision: AccessDecision,
        key: DigestKey,
        *,
        at: datetime,
        actor_id: str | None,
        origin: str | None = None,
        query: str | None = None,
        count: int = 1,
        reason: str | None = None,
    ) -> "AuditEntry":
        """The entry about a decision, with digests in place of whose file it was and what was searched for.

        Args:
            decision: As it was made, with what only the log is told.
            key: For the digests.
            at: When.
            actor_id: Who asked.
            origin: From where.
            query: What was searched for.
            count: How many records were read.
            reason: Why, as they say.
        """
        codes = dict.fromkeys(one.code for one in (*decision.reasons, *decision.logged))
        return cls(
            at=at,
            actor_id=actor_id,
            origin=origin,
            action=decision.action,
            answer=decision.answer,
            client_digest=None if decision.client_id is None else key.digest("client", decision.client_id),
            query_digest=None if query is None else key.digest("query", query),
            fields=decision.fields,
            count=count if decision.is_allowed else 0,
            purpose=decision.purpose,
            medium=decision.medium,
            grant_ids=decision.grant_ids,
            reason_codes=tuple(codes),
            reason=reason,
        )

    def canonical(self) -> bytes:
        """The entry as bytes: equal for equal entries, and different for different ones."""
        optional = (self.actor_id, self.origin, self.client_digest, self.query_digest, self.reason)
        several = (self.client_digests, self.fields, self.grant_ids, self.reason_codes, *sorted(self.value_digests.items()))
        return digest_bytes(
            self.at.isoformat(),
            self.action,
            self.answer,
            str(self.count),
            self.purpose,
            self.medium,
            *("-" if text is None else f"+{text}" for text in optional),
            *(part for texts in several for part in (str(len(texts)), *texts)),
        )


def check_digest(name: str, value: object) -> None:
    """Refuses what is no digest; the message never shows it, for it may be the value that should have been digested."""
    is_digest = isinstance(value, str) and len(value) == _DIGEST_LENGTH and set(value) <= _DIGITS
    if not is_digest:
        raise InvalidValueError(name, "...", "must be 64 hexadecimal digits in lower case", "make it with a DigestKey")
