"""The links of the audit trail as the text that stores keep, and back; an anchor too, for the file in which it is kept."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import attrs

from relcare.access import Anchor, AuditEntry, ChainHead, ChainLink
from relcare.errors import StorageError

__all__ = ["AUDIT_FORMAT", "dump_anchor", "dump_head", "dump_link", "entry_shape", "load_anchor", "load_head", "load_link"]

AUDIT_FORMAT: Final = 1
"""The format that this release writes."""

_ENTRY: Final = tuple(field.name for field in attrs.fields(AuditEntry))
_LINK: Final = frozenset(field.name for field in attrs.fields(ChainLink))
_LISTS: Final = frozenset({"client_digests", "fields", "grant_ids", "reason_codes"})

# Sorted, so that the same value always gives the same text.
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def dump_link(link: ChainLink) -> str:
    """A link as one line of JSON; of an erased one, what stays."""
    shape = {name: getattr(link, name) for name in _LINK}
    shape["entry"] = None if link.entry is None else entry_shape(link.entry)
    return _encode({"format": AUDIT_FORMAT, **shape})


def load_link(text: str) -> ChainLink:
    """The link that a stored text means.

    Raises:
        StorageError: A newer release wrote it, or it is damaged; the message shows nothing of it.
    """
    what = "link of the audit trail"
    shape = _shape(what, text)
    try:
        entry: object = shape.pop("entry")
        return ChainLink(entry=None if entry is None else _entry(cast("dict[str, Any]", entry)), **shape)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(what, type(error).__name__) from error


def dump_head(head: ChainHead) -> str:
    """Where a chain ends, as JSON."""
    return _encode({"format": AUDIT_FORMAT, "count": head.count, "digest": head.digest})


def load_head(text: str) -> ChainHead:
    """Where a chain ends.

    Raises:
        StorageError: A newer release wrote it, or it is damaged.
    """
    what = "head of the audit trail"
    shape = _shape(what, text)
    try:
        return ChainHead(**shape)
    except (ValueError, TypeError) as error:
        raise _damaged(what, type(error).__name__) from error


def dump_anchor(anchor: Anchor) -> str:
    """An anchor as JSON, for a file elsewhere."""
    return _encode({"format": AUDIT_FORMAT, **attrs.asdict(anchor), "at": anchor.at.isoformat()})


def load_anchor(text: str) -> Anchor:
    """The anchor that a text means; whether it is genuine only `verify_chain` knows.

    Raises:
        StorageError: A newer release wrote it, or it is none.
    """
    what = "anchor"
    shape = _shape(what, text)
    try:
        return Anchor(at=datetime.fromisoformat(shape.pop("at")), **shape)
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(what, type(error).__name__) from error


def entry_shape(entry: AuditEntry) -> dict[str, object]:
    """An entry as plain values."""
    shape: dict[str, object] = {name: getattr(entry, name) for name in _ENTRY}
    shape["at"] = entry.at.isoformat()
    shape["value_digests"] = dict(entry.value_digests)
    for name in _LISTS:
        shape[name] = list(getattr(entry, name))
    return shape


def _entry(shape: dict[str, Any]) -> AuditEntry:
    # Only lists of text: of one text alone the letters would be taken for fields.
    if not all(isinstance(shape[name], list) for name in _LISTS) or not isinstance(shape["value_digests"], Mapping):
        raise TypeError
    return AuditEntry(at=datetime.fromisoformat(shape.pop("at")), **shape)


def _shape(what: str, text: str) -> dict[str, Any]:
    try:
        shape: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(what, "no JSON") from error
    if not isinstance(shape, dict):
        raise _damaged(what, "not one object")
    found = cast("dict[str, Any]", shape)
    number = found.pop("format", None)
    if type(number) is not int or number < 1:
        raise _damaged(what, "no format number")
    if number > AUDIT_FORMAT:
        raise StorageError(
            f"a stored {what} was written by a newer relcare (format {number}, this one knows {AUDIT_FORMAT}); "
            "hint: upgrade relcare"
        )
    return found


def _damaged(what: str, how: str) -> StorageError:
    return StorageError(f"a stored {what} is damaged ({how})")
