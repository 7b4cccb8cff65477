"""Erasing through the guard: by whom the rules let do it, and by the rules of retention."""

from datetime import date, datetime

import attrs

from relcare._fields import check_text
from relcare.desk._visit_base import BaseVisit
from relcare.storage import ErasureReport
from relcare.storage._erasing import ErasingUnit
from relcare.storage._erasure import erase_in
from relcare.storage._erasure_work import Order

__all__ = ["ErasuresVisit"]


@attrs.frozen(eq=False)
class ErasuresVisit(BaseVisit):
    """The part of a `Visit` that lets a client go."""

    def erase(self, client_id: str, *, ground: str, ended_on: date | None = None, erases_links: bool = False) -> ErasureReport:
        """Takes a client's data out of the store, as `Desk.erase`: a policy with `[retention]` says what must be kept.

        It takes being let `erase`, which is about the file as a whole and about no field of it. The caller is who has it done.
        A client of whom nothing but what the law has kept is left is unknown here; time takes it, see `Desk.apply_retention`.

        Args:
            client_id: Whose data.
            ground: Why, in words that can be told; the reason in the log.
            ended_on: On which day the relationship ended; None while it lasts.
            erases_links: Whether the entries of the log about the client alone go too, as far as rules allow it:
                never those of the caller's own accesses, nor those of erasures.

        Raises:
            UnknownRecordError: If there is no such client, or it is not theirs to know.
            AccessDenied: If they may not.
            StorageError: If the store cannot erase, or failed; nothing was changed.

        Source: ACC-1, ACC-4, ACC-5.
        """
        check_text("ground", ground)
        house = self._house

        def erase(unit: ErasingUnit, by: str, at: datetime) -> ErasureReport:
            order = Order(
                key=house.key,
                at=at,
                by=by,
                ground=ground,
                rules=house.policy.retention,
                erases_links=erases_links,
                spares_own=True,
            )
            return erase_in(unit, client_id, order, ended_on)

        return self._erase(self._caller.request("erase", client_id=client_id), ground, erase)
