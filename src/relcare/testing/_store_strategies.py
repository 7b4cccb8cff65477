"""Strategies for what stores hold, with the values that stores get wrong mixed in."""

from hypothesis import strategies as st

from relcare.storage import LogEntry, Record
from relcare.testing._store_contract_base import STORE_IDS

KINDS = st.sampled_from(["client", "staff"])
KEYS = st.tuples(st.sampled_from(["owner_id", "team"]), st.sampled_from(["lee", "LEE", "l%", "_"]))
_CLIENTS = ["c-1", "c-2", "C-1"]
_PAYLOADS = st.sampled_from(["{}", "[1]", '{"이름": "김철수"}'])
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=3)


def store_ids() -> st.SearchStrategy[str]:
    """Ids that a store accepts: a few that meet each other often, those that databases confuse, and any short text."""
    return st.sampled_from(_CLIENTS) | st.sampled_from(STORE_IDS) | _TEXTS


def store_records() -> st.SearchStrategy[Record]:
    """Records of two kinds, never stored yet (version 0), with up to three keys."""
    return st.builds(Record, kind=KINDS, id=store_ids(), payload=_PAYLOADS, keys=st.frozensets(KEYS, max_size=3))


def store_entries() -> st.SearchStrategy[LogEntry]:
    """Log entries of three clients, whose ids meet each other often."""
    return st.builds(
        LogEntry,
        id=st.sampled_from(["t-1", "t-2", "t-3"]) | store_ids(),
        kind=st.sampled_from(["touchpoint", "purchase"]),
        client_id=st.sampled_from(_CLIENTS),
        payload=_PAYLOADS,
    )
