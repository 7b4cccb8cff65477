"""Which entries of the audit trail go with a client, and that they do: the links stay, and the chain is whole.

Source: ACC-4, ACC-5.
"""

from collections.abc import Callable

from relcare.access import AuditEntry, ChainLink, erased_link
from relcare.storage._audit_texts import load_link
from relcare.storage._audit_trail import LINK_KIND, link_record
from relcare.storage._erasing import ErasingUnit
from relcare.storage._erasure_scope import records_with

__all__ = ["erase_links"]


def erase_links(
    unit: ErasingUnit,
    client_digest: str,
    may_go: Callable[[ChainLink, AuditEntry], bool],
    *,
    trusts_keys: bool = False,
) -> tuple[str, ...]:
    """The digests of the links whose entries went, in the order of their places.

    Only those that are about the client alone: one of a list is what others are told from about whom was shown. What says that
    somebody erased, or wanted to, never goes: it is all that accounts for the others.

    Args:
        unit: Opened for erasing.
        client_digest: Of whom.
        may_go: Whether one of them may.
        trusts_keys: See `client_records`.
    """
    gone: list[str] = []
    for record in tuple(records_with(unit, LINK_KIND, ("client", client_digest), trusts_keys=trusts_keys)):
        link = load_link(record.payload)
        entry = link.entry
        if entry is None or entry.action == "erase" or link.client_digest != client_digest or not may_go(link, entry):
            continue
        chain_id = record.id.rpartition(":")[0]
        unit.records.put(link_record(chain_id, erased_link(link)), expected=record.version)
        gone.append(link.digest)
    return tuple(gone)
