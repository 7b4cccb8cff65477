"""The journal of erasures: that something was erased, when and on what ground, and of whom only a keyed digest.

It outlives what it speaks of, so that a backup from before an erasure can be restored and erased again.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final, cast

import attrs

from relcare._fields import check_choice, check_day, check_tuple_of, to_texts
from relcare.access import RETENTION_QUESTIONS, DigestKey, RetentionQuestion
from relcare.access._audit import check_digest
from relcare.errors import InvalidValueError, StorageError
from relcare.storage._protocols import ReadUnit, Store, UnitOfWork
from relcare.storage._values import Record, check_text

__all__ = [
    "ERASURE_KIND",
    "Erasure",
    "check_of",
    "dump_journal",
    "erased_digests",
    "erasures_in",
    "erasures_of",
    "load_journal",
    "note_erasure",
]

ERASURE_KIND: Final = "erasure"
"""The kind of its records."""

_FORMAT: Final = 1
_COUNTS: Final = ("record_count", "entry_count", "link_count", "restricted_count")

_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def _to_utc(value: datetime) -> datetime:
    is_aware = isinstance(value, datetime) and value.tzinfo is not None  # pyright: ignore[reportUnnecessaryIsInstance]
    return value.astimezone(UTC) if is_aware else value


def _to_digests(values: Iterable[str]) -> tuple[str, ...]:
    return to_texts(values)


@attrs.frozen(kw_only=True)
class Erasure:
    """One client's data that went, and what must be known to do it again to an older copy.

    Attributes:
        at: When; kept in UTC.
        client_digest: Of whom, by the key of the firm.
        by: Who had it done.
        ground: Why, in words that can be told.
        asked: Whether somebody asked for it, or time alone did.
        ended_on: On which day the relationship had ended, as far as was known then.
        by_rules: Whether rules of retention decided; otherwise everything went.
        key_check: A digest by which another key than that of `client_digest` is told, see `check_of`; None where it is not known.
        record_count: How many records went.
        entry_count: How many entries of the log went.
        link_count: How many entries of the audit trail went.
        restricted_count: How many records and entries the law has kept: they are stored and nothing else.
        links: The digests of those links of the audit trail whose entries went, whichever chain they are in.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: ACC-5.
    """

    at: datetime = attrs.field(converter=_to_utc)
    client_digest: str
    by: str
    ground: str
    asked: RetentionQuestion = "erasure"
    ended_on: date | None = None
    by_rules: bool = False
    key_check: str | None = None
    record_count: int = 0
    entry_count: int = 0
    link_count: int = 0
    restricted_count: int = 0
    links: tuple[str, ...] = attrs.field(default=(), converter=_to_digests)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.at, datetime) or self.at.tzinfo is not UTC:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("at", self.at, "must be an aware instant", "give it a zone")
        check_digest("client_digest", self.client_digest)
        check_text("by", self.by)
        check_text("ground", self.ground)
        check_choice("asked", self.asked, RETENTION_QUESTIONS)
        if self.ended_on is not None:
            check_day("ended_on", self.ended_on)
        if type(self.by_rules) is not bool:
            raise InvalidValueError("by_rules", self.by_rules, "must be true or false")
        if self.key_check is not None:
            check_digest("key_check", self.key_check)
        check_tuple_of("links", self.links, str)
        for index, digest in enumerate(self.links):
            check_digest(f"links[{index}]", digest)
        for name in _COUNTS:
            value = getattr(self, name)
            if type(value) is not int or value < 0:
                raise InvalidValueError(name, value, "must be a whole number from 0")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was there to be erased."""
        return not any(getattr(self, name) for name in _COUNTS)


def check_of(key: DigestKey) -> str:
    """What tells a key from another one, and nothing about it to who does not have it."""
    return key.digest("key check", "erasures")


def note_erasure(unit: UnitOfWork, erasure: Erasure) -> None:
    """Keeps an erasure in the journal of a store; the same one again adds nothing.

    Two of one client at one instant are two.
    """
    first = f"{erasure.at:%Y%m%dT%H%M%S%f}Z:{erasure.client_digest}"
    payload = _encode(_shape(erasure))
    record_id, number = first, 1
    while (known := unit.records.get(ERASURE_KIND, record_id)) is not None:
        if known.payload == payload:
            return
        number += 1
        record_id = f"{first}:{number:04}"
    unit.records.put(Record(kind=ERASURE_KIND, id=record_id, payload=payload), expected=0)


def erasures_of(unit: ReadUnit) -> tuple[Erasure, ...]:
    """The journal as one unit sees it, in the order of time.

    Raises:
        StorageError: It cannot be read.
    """
    return tuple(_erasure(_parsed(record.payload)) for record in unit.records.scan(ERASURE_KIND))


def erased_digests(unit: ReadUnit) -> frozenset[str]:
    """The digests of all links of the audit trail whose entries went by an erasure that the journal knows."""
    return frozenset(digest for one in erasures_of(unit) for digest in one.links)


def erasures_in(store: Store) -> tuple[Erasure, ...]:
    """The journal of a store, in the order of time; empty where nothing was ever erased.

    Raises:
        StorageError: It cannot be read.

    Source: ACC-5.
    """
    with store.read() as view:
        return erasures_of(view)


def dump_journal(erasures: Iterable[Erasure]) -> str:
    """A journal as JSON, to be kept beside the backups; it says of nobody who they are."""
    return _encode({"format": _FORMAT, "erasures": [_shape(one) for one in erasures]})


def load_journal(text: str) -> tuple[Erasure, ...]:
    """The journal that a text means.

    Raises:
        StorageError: A newer release wrote it, or it is none.
    """
    document = _parsed(text)
    found: object = document.get("erasures")
    if document.get("format") != _FORMAT or not isinstance(found, list):
        raise _damaged("no journal of this format")
    return tuple(_erasure(one) for one in cast("list[object]", found))


def _shape(erasure: Erasure) -> dict[str, object]:
    ended_on = None if erasure.ended_on is None else erasure.ended_on.isoformat()
    return {**attrs.asdict(erasure), "at": erasure.at.isoformat(), "ended_on": ended_on}


def _parsed(text: str) -> dict[str, Any]:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged("no JSON") from error
    if not isinstance(document, dict):
        raise _damaged("not one object")
    return cast("dict[str, Any]", document)


def _erasure(shape: object) -> Erasure:
    try:
        fields = dict(cast("dict[str, Any]", shape))
        ended_on = fields.pop("ended_on", None)
        return Erasure(
            at=datetime.fromisoformat(fields.pop("at")),
            ended_on=None if ended_on is None else date.fromisoformat(ended_on),
            **fields,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(type(error).__name__) from error


def _damaged(how: str) -> StorageError:
    return StorageError(f"the journal of erasures is damaged ({how})")
