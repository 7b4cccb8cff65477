"""Reviews as records: a review of many clients is longer than one record holds, so its text is kept in pieces."""

from collections.abc import Iterator
from typing import Final

from relcare.codec import TextPiece, dump_record, load_record
from relcare.errors import StorageError
from relcare.model import Review
from relcare.storage._book_entries import entry_id
from relcare.storage._protocols import RecordReader, Records
from relcare.storage._values import Record

__all__ = ["put_review", "review_of"]

_KIND: Final = "review"
_PIECE_KIND: Final = "review_piece"
# Of a character at most four bytes are kept, or two where it is written with a backslash: a record holds 1 MiB.
_PIECE_CHARS: Final = 200_000


def review_of(records: RecordReader, record: Record) -> Review:
    """The review whose first piece a record is.

    Raises:
        StorageError: If a piece is missing or damaged.
    """
    first = load_record("text_piece", record.payload)
    return load_record("review", first.text + "".join(_others(records, record.id, first.count)))


def _others(records: RecordReader, review_id: str, count: int) -> Iterator[str]:
    for number in range(1, count):
        record = records.get(_PIECE_KIND, _piece_id(review_id, number))
        if record is None:
            raise StorageError("a stored review is damaged (a piece is missing); hint: restore a backup")
        yield load_record("text_piece", record.payload).text


def put_review(records: Records, review: Review, *, expected: int) -> Record:
    """The first piece of a review as it is now stored, with its version.

    Raises:
        ConflictError: If another version is stored.
    """
    text = dump_record(review)
    pieces = [text[start : start + _PIECE_CHARS] for start in range(0, len(text), _PIECE_CHARS)]
    earlier = records.get(_KIND, review.id)
    first = TextPiece(text=pieces[0], count=len(pieces))
    stored = records.put(Record(kind=_KIND, id=review.id, payload=dump_record(first)), expected=expected)
    known = 1 if earlier is None else load_record("text_piece", earlier.payload).count
    for number in range(1, max(known, len(pieces))):
        _put_piece(records, _piece_id(review.id, number), pieces[number] if number < len(pieces) else None)
    return stored


def _put_piece(records: Records, piece_id: str, text: str | None) -> None:
    """Whoever may write the first piece of a review may write the others: the version of the first guards them all."""
    known = records.get(_PIECE_KIND, piece_id)
    version = 0 if known is None else known.version
    if text is not None:
        records.put(Record(kind=_PIECE_KIND, id=piece_id, payload=dump_record(TextPiece(text=text))), expected=version)
    elif known is not None:
        records.delete(_PIECE_KIND, piece_id, expected=version)


def _piece_id(review_id: str, number: int) -> str:
    return entry_id(str(number), review_id)
