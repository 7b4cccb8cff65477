"""Reviews in a stored book: kept as they are proposed and challenged, put in force when they are decided (SEG-11)."""

from datetime import datetime

import attrs

from relcare.errors import InvalidValueError
from relcare.model import Book, Review
from relcare.review import put_in_force
from relcare.storage._book_entries import change_entry, client_tiers
from relcare.storage._book_reader import Versioned
from relcare.storage._book_writer import BookWriter
from relcare.storage._event_writer import in_utc
from relcare.storage._review_texts import put_review

__all__ = ["ReviewWriter"]


class ReviewWriter(BookWriter):
    """A `BookWriter` that keeps reviews too, and gives clients the tiers that were decided.

    Args:
        unit: One unit of work: a review and the tiers that it puts in force are stored together or not at all.
    """

    def propose(self, review: Review) -> Versioned[Review]:
        """The review that is kept under the id of this one, with its challenges; this one, now kept, where there is none."""
        stored = self.find_review(review.id)
        if stored is None:
            # As it is read back from now on: what its reasons rest on is then in order of name.
            version = self.put_review(review, expected=0)
            return self.find_review(review.id) or Versioned(review, version)
        return stored

    def put_review(self, review: Review, *, expected: int, by: str | None = None, recorded_at: datetime | None = None) -> int:
        """The new version of a review, of any length.

        The log, which is by client, tells whose tier was challenged; of what is decided it tells the tiers that come into force.

        Args:
            review: It replaces the stored one as a whole.
            expected: The version that was read; 0 says that it must not exist.
            by: Who changes it, for the log.
            recorded_at: The aware instant of the change; kept in UTC.

        Raises:
            ConflictError: If another version is stored.
            InvalidValueError: If the review that is stored is decided: it stays as it is.
        """
        self.settings()
        stored = self.find_review(review.id)
        if stored is not None and stored.value.is_decided and stored.value != review:
            raise InvalidValueError("review", review.id, "must not change once it is decided", "propose the next one")
        record = put_review(self._unit.records, review, expected=expected)
        known = () if stored is None else stored.value.challenges
        if review.decision is None:
            for client_id in dict.fromkeys(one.client_id for one in review.challenges if one not in known):
                self._unit.log.append(change_entry(record, client_id, by=by, recorded_at=in_utc(recorded_at), is_shared=True))
        return record.version

    def put_in_force(self, review: Review, *, by: str | None = None, recorded_at: datetime | None = None) -> tuple[str, ...]:
        """The clients whose tier spells a decided review changes, in the order of its moves; none of them the second time.

        Args:
            review: Decided.
            by: Who changes them, for the log.
            recorded_at: The aware instant of the change; kept in UTC.

        Raises:
            PolicyError: If the review is not decided, or a client's tier is another than when it was proposed.
            UnknownRecordError: If a client is not in the book.
        """
        changed: list[str] = []
        for client_id in dict.fromkeys(row.client_id for row in review.moves):
            stored = self.tiers_of(client_id)
            alone = Book(clients=[self.get_client(client_id).value], tier_spells=stored.value.spells)
            spells = client_tiers(client_id, put_in_force(_about(review, client_id), alone).tier_spells)
            if spells != stored.value:
                changed.append(client_id)
                self.put_tiers(client_id, spells.spells, expected=stored.version, by=by, recorded_at=recorded_at)
        return tuple(changed)


def _about(review: Review, client_id: str) -> Review:
    """The part of a review that is about one client."""
    return attrs.evolve(
        review,
        rows=[row for row in review.rows if row.client_id == client_id],
        challenges=[one for one in review.challenges if one.client_id == client_id],
    )
