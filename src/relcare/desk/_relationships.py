"""How the relationships of the book are doing, and the clients around one client."""

from datetime import date

import attrs

from relcare.decisions import Portfolio, portfolio
from relcare.desk._base import BaseDesk
from relcare.relationships import Referred, referrals_around

__all__ = ["RelationshipDesk"]


@attrs.frozen(kw_only=True, eq=False)
class RelationshipDesk(BaseDesk):
    """The part of a `Desk` that asks about relationships."""

    def portfolio(self, *, by: str, as_of: date | None = None) -> Portfolio:
        """How each type of relationship is doing by its own indicators, and who needs attention and why.

        Args:
            by: Who asks; not looked at yet.
            as_of: The day, as for `decide`.

        Raises:
            PolicyError: If the policy is not in force on that day.

        Source: REL-2, REL-3.
        """
        return portfolio(self.policy, self.decide(by=by, as_of=as_of))

    def referrals(
        self,
        client_id: str,
        *,
        by: str,
        as_of: date | None = None,
        attribute: str = "referred_by",
        most_steps: int | None = None,
    ) -> tuple[Referred, ...]:
        """Which clients stand around one client; see `relcare.relationships.referrals_around`.

        Args:
            client_id: Around whom.
            by: Who asks; not looked at yet.
            as_of: The day whose attributes count, as for `decide`.
            attribute: Which attribute of a client holds the id of who brought it.
            most_steps: How many referrals away at most, from 1; None for all.

        Raises:
            UnknownRecordError: If there is no such client.
        """
        book = self.book(by=by)
        day = self._day(as_of, book.zone)
        return referrals_around(book.clients, client_id, as_of=day, attribute=attribute, most_steps=most_steps)
