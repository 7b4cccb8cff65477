"""Tiers as a managed change at the desk: proposed, challenged, decided and in force, and what became of them (SEG-11)."""

from collections.abc import Collection, Mapping
from datetime import date

import attrs

from relcare._fields import check_id
from relcare.desk._base import BaseDesk
from relcare.errors import UnknownRecordError, nearest
from relcare.model import Challenge, Review
from relcare.review import Preview, TierHistory, challenge, decide, history, preview, propose
from relcare.storage import BookReader, ReviewWriter, load_client_part

__all__ = ["ReviewDesk"]


@attrs.frozen(kw_only=True, eq=False)
class ReviewDesk(BaseDesk):
    """The part of a `Desk` that reviews tiers."""

    def propose_review(self, *, by: str, as_of: date | None = None) -> Review:
        """The review that is due, now kept; one that is kept already comes back as it stands, with its challenges.

        Args:
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.

        Raises:
            InvalidValueError: If the policy has no scheme.
            PolicyError: If the policy was not in force on the day of the review.

        Source: SEG-11.
        """
        check_id("by", by)
        with self.store.write() as unit:
            writer = ReviewWriter(unit)
            book = writer.book()
            day = self._day(as_of, book.zone)
            made = propose(self.policy, book, as_of=day, earlier=writer.reviews(), calendar=self.calendar)
            return writer.propose(made).value

    def preview_review(self, review_id: str | None = None, *, by: str) -> Preview:
        """What a review that is kept would do to the book as it is now; see `relcare.review.preview`.

        Args:
            review_id: Which; the latest of the policy by default.
            by: Who asks; not looked at yet.

        Raises:
            UnknownRecordError: If it is not kept.
        """
        return preview(self.policy, self.book(by=by), self.review(review_id, by=by), calendar=self.calendar)

    def challenge_review(
        self,
        client_id: str,
        *,
        reason: str,
        by: str,
        review_id: str | None = None,
        tier: str | None = None,
        scheme_id: str | None = None,
    ) -> Review:
        """The review with an objection to what it proposes for a client, noted in the log of the client.

        Who says the same again does not object twice.

        Args:
            client_id: A client of the review.
            reason: Why.
            by: Who objects.
            review_id: Which; the latest of the policy by default.
            tier: The tier asked for; by default the one the client has.
            scheme_id: In which scheme; may be left out where the review is about one.

        Raises:
            UnknownRecordError: If the review is not kept, or the client is not in it.
            PolicyError: If it is decided.
            InvalidValueError: If it is not said which scheme or tier is meant.

        Source: SEG-11.
        """
        check_id("by", by)
        now = self._now()
        tiers = {scheme.id: scheme.tier_ids for scheme in self.policy.segmentation}
        with self.store.write() as unit:
            writer = ReviewWriter(unit)
            found = writer.get_review(self.policy.id, review_id)
            made = challenge(found.value, client_id, reason=reason, by=by, at=now, tier=tier, scheme_id=scheme_id, tiers=tiers)
            if _said(made.challenges[-1]) in map(_said, found.value.challenges):
                return found.value
            writer.put_review(made, expected=found.version, by=by, recorded_at=now)
            return made

    def decide_review(
        self,
        *,
        by: str,
        review_id: str | None = None,
        in_force_from: date | None = None,
        uphold: Collection[str | tuple[str, str]] = (),
    ) -> Review:
        """The review as it is decided, with its tiers in force: both are kept or neither, each change noted in the log.

        A review that is decided comes back as it stands, and nobody moves.

        Args:
            by: Who decides; not who made a challenge that is upheld.
            review_id: Which; the latest of the policy by default.
            in_force_from: The first day of the new tiers, today or later by the clock; by default today.
            uphold: Whose challenges are upheld, as for `relcare.review.decide`; the others are dismissed.

        Raises:
            UnknownRecordError: If the review is not kept.
            InvalidValueError: If there is no challenge for a client, its maker decides, or the day is past.
            PolicyError: If a client's tier is another than when it was proposed.

        Source: SEG-11.
        """
        check_id("by", by)
        now = self._now()
        with self.store.write() as unit:
            writer = ReviewWriter(unit)
            found = writer.get_review(self.policy.id, review_id)
            made = decide(found.value, by=by, at=now, in_force_from=in_force_from, uphold=uphold)
            if made != found.value:
                writer.put_review(made, expected=found.version, by=by, recorded_at=now)
                writer.put_in_force(made, by=by, recorded_at=now)
            return made

    def review(self, review_id: str | None = None, *, by: str) -> Review:
        """A review of the policy as it is kept: its rows, borders, policy version, challenges and decision, as it was then.

        Args:
            review_id: Which; the latest by default.
            by: Who asks; not looked at yet.

        Raises:
            UnknownRecordError: If it is not kept.
        """
        check_id("by", by)
        with self.store.read() as unit:
            return BookReader(unit).get_review(self.policy.id, review_id).value

    def reviews(self, *, by: str) -> tuple[Review, ...]:
        """Every review that is kept, of other policies too, proposals included, by day, then id.

        Args:
            by: Who asks; not looked at yet.
        """
        check_id("by", by)
        with self.store.read() as unit:
            return BookReader(unit).reviews()

    def tiers_in_force(self, client_id: str, *, by: str, as_of: date | None = None) -> Mapping[str, str]:
        """A client's tiers as they were decided, by scheme, without those it never got.

        Args:
            client_id: The client.
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.

        Raises:
            UnknownRecordError: If there is no such client.
        """
        check_id("by", by)
        part = load_client_part(self.store, client_id)
        return part.tiers_in_force(client_id, on=self._day(as_of, part.zone))

    def tier_history(self, scheme_id: str, *, by: str, from_on: date, until_on: date) -> TierHistory:
        """What became of the tiers of a scheme from a day to a day: transitions, movements, stability, time in tier.

        Args:
            scheme_id: A scheme of the policy.
            by: Who asks; not looked at yet.
            from_on: The first day.
            until_on: The last day, inclusive; not before the first.

        Raises:
            UnknownRecordError: If the policy has no such scheme.
            InvalidValueError: If the days are in the wrong order.

        Source: SEG-11.
        """
        schemes = {scheme.id: scheme for scheme in self.policy.segmentation}
        if scheme_id not in schemes:
            near = nearest(scheme_id, schemes)
            raise UnknownRecordError("scheme", scheme_id, f"did you mean {near!r}?" if near else None)
        return history(schemes[scheme_id], self.book(by=by), from_on=from_on, until_on=until_on)


def _said(one: Challenge) -> tuple[str, str, str, str, str]:
    """What a challenge says, whenever it was made."""
    return one.client_id, one.scheme_id, one.tier, one.reason, one.by
