"""Hypothesis strategies for the audit trail: entries, and the chain that they are links of."""

from collections.abc import Callable, Mapping
from typing import Final

from hypothesis import strategies as st

from relcare.access import ACTIONS, MEDIA, Anchor, AuditEntry, ChainHead, ChainLink, DigestKey, anchor_of, erased_link, next_link
from relcare.testing._access_log_strategies import START, STEP
from relcare.testing._access_strategies import FIELD_NAMES, PEOPLE, PURPOSE_NAMES
from relcare.testing._nasty import NASTY_NAMES
from relcare.testing._picks import Picks
from relcare.testing._strategies import cached

__all__ = ["AUDITED", "audit_chains"]


def _key(picks: Picks) -> DigestKey:
    return DigestKey(bytes([picks.count(0, 255)]) * 32)


def _entry(picks: Picks) -> AuditEntry:
    key = _key(picks)
    about = picks.one((None, key.digest("client", "c-1")))
    shown = picks.some([key.digest("client", f"c-{number}") for number in range(3)], 0, 3) if about is None else ()
    return AuditEntry(
        at=START + picks.count(0, 20) * STEP,
        actor_id=picks.one((None, *PEOPLE)),
        origin=picks.one((None, "10.0.0.7")),
        action=picks.one(ACTIONS),
        answer=picks.one(("allowed", "denied", "unknown")),
        client_digest=about,
        client_digests=shown,
        query_digest=picks.one((None, key.digest("query", "chemist"))),
        fields=picks.some(FIELD_NAMES, 0, 3),
        count=picks.count(0, 3),
        purpose=picks.one(PURPOSE_NAMES),
        medium=picks.one(MEDIA),
        grant_ids=picks.some(("g-1", "g-2"), 0, 2),
        reason_codes=picks.some(("access.rule", "access.hidden"), 0, 2),
        value_digests={"client.region": key.digest("client.region", "서울")} if picks.flag() else {},
        reason=picks.one((None, *NASTY_NAMES)),
    )


def _chain(picks: Picks, length: int) -> tuple[ChainLink, ...]:
    links: list[ChainLink] = []
    for _ in range(length):
        entry = _entry(picks)
        links.append(next_link("log", links[-1] if links else None, entry, salt=f"{picks.count(0, 9)}" * 32))
    return tuple(links)


def _link(picks: Picks) -> ChainLink:
    link = _chain(picks, 2)[-1]
    return erased_link(link) if picks.flag() else link


def _anchor(picks: Picks) -> Anchor:
    return anchor_of("log", _chain(picks, picks.count(0, 2)), _key(picks), at=START)


AUDITED: Final[Mapping[type, Callable[[Picks], object]]] = {
    Anchor: _anchor,
    AuditEntry: _entry,
    ChainHead: lambda picks: _chain(picks, 1)[-1].head,
    ChainLink: _link,
    DigestKey: _key,
}
"""How each is drawn."""


@st.composite
def _drawn_chain(draw: st.DrawFn, *, most: int) -> tuple[ChainLink, ...]:
    picks = Picks(draw)
    return _chain(picks, picks.count(0, most))


@cached
def audit_chains(*, most: int = 6) -> st.SearchStrategy[tuple[ChainLink, ...]]:
    """Intact chains of the id `log`.

    Args:
        most: The most links.
    """
    return _drawn_chain(most=most)
