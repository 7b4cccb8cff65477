"""Erasing clients at the desk, by the policy's rules of retention."""

from collections.abc import Mapping
from datetime import date

import attrs

from relcare._fields import check_id
from relcare.access import DigestKey
from relcare.desk._base import BaseDesk
from relcare.errors import PolicyError
from relcare.storage import ErasureReport, apply_retention, erase_client

__all__ = ["ErasureDesk"]


@attrs.frozen(kw_only=True, eq=False)
class ErasureDesk(BaseDesk):
    """The part of a `Desk` that lets clients go."""

    def erase(
        self,
        client_id: str,
        *,
        by: str,
        ground: str,
        key: DigestKey,
        ended_on: date | None = None,
        erases_links: bool = False,
        chain_id: str = "audit",
    ) -> ErasureReport:
        """Takes a client's data out of the store, see `erase_client`; a policy with `[retention]` says what must be kept.

        Args:
            client_id: Whose data.
            by: Who has it done; not asked for rights.
            ground: Why, in words that can be told.
            key: For the digests of the journal and the audit trail.
            ended_on: On which day the relationship ended; None while it lasts.
            erases_links: Whether the entries of the audit trail about the client go too, as far as rules allow it.
            chain_id: Of the chain of the audit trail that tells of it.

        Raises:
            UnknownRecordError: Nothing is stored about such a client.
            StorageError: The store cannot erase, or failed; nothing was changed.

        Source: ACC-5.
        """
        check_id("by", by)
        return erase_client(
            self.store,
            client_id,
            key=key,
            at=self._now(),
            by=by,
            ground=ground,
            rules=self.policy.retention,
            ended_on=ended_on,
            erases_links=erases_links,
            chain_id=chain_id,
        )

    def apply_retention(
        self,
        *,
        by: str,
        key: DigestKey,
        ended_on: Mapping[str, date] | None = None,
        erases_links: bool = False,
        chain_id: str = "audit",
    ) -> tuple[ErasureReport, ...]:
        """What time has brought, for every client; to be asked daily. See `relcare.storage.apply_retention`.

        Args:
            by: Who has it done; not asked for rights.
            key: For the digests.
            ended_on: By client, on which day the relationship ended.
            erases_links: As for `erase`.
            chain_id: As for `erase`.

        Raises:
            PolicyError: The policy says nothing about retention.
            StorageError: The store cannot erase, or failed; the clients before are done.

        Source: ACC-5.
        """
        check_id("by", by)
        rules = self.policy.retention
        if rules is None:
            raise PolicyError("the policy says nothing about retention", "add [retention] to it")
        return apply_retention(
            self.store,
            rules,
            key=key,
            at=self._now(),
            by=by,
            ended_on=ended_on,
            erases_links=erases_links,
            chain_id=chain_id,
        )
