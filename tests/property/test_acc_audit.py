"""ACC-4: Every access and decision is in an append-only log whose tampering shows."""

import pickle
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from relcare.access import (
    AccessRequest,
    AccessRule,
    AccessRules,
    AuditEntry,
    ChainLink,
    DigestKey,
    FieldClass,
    Principal,
    Standing,
    anchor_of,
    decide_access,
    erased_link,
    next_link,
    verify_chain,
)
from relcare.testing import NASTY_NAMES, audit_chains

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
KEY = DigestKey(b"a" * 32)
SALT = "5a" * 16
Links = tuple[ChainLink, ...]


def rebuilt(entries: Sequence[AuditEntry], chain_id: str = "log") -> Links:
    """A chain that is right in itself: what somebody makes who rewrites a log and works out every digest anew."""
    links: list[ChainLink] = []
    for entry in entries:
        links.append(next_link(chain_id, links[-1] if links else None, entry, salt=SALT))
    return tuple(links)


def entries_of(links: Links) -> list[AuditEntry]:
    return [link.entry for link in links if link.entry is not None]


def more_links(links: Links, entries: Sequence[AuditEntry]) -> Links:
    """What the chain goes on with."""
    last = links[-1] if links else None
    more: list[ChainLink] = []
    for entry in entries:
        last = next_link("log", last, entry, salt=SALT)
        more.append(last)
    return tuple(more)


def changed(entry: AuditEntry, rng: random.Random) -> AuditEntry:
    """The entry with one thing in it changed."""
    ways: list[dict[str, object]] = [
        {"at": entry.at + timedelta(microseconds=1)},
        {"actor_id": None if entry.actor_id else "mallory"},
        {"origin": None if entry.origin else "elsewhere"},
        {"action": "get" if entry.action != "get" else "list"},
        {"answer": "allowed" if entry.answer != "allowed" else "denied"},
        {"client_digest": "0" * 64, "client_digests": ()},
        {"client_digest": None, "client_digests": (*entry.client_digests, "0" * 64)},
        {"client_digests": entry.client_digests[1:]} if entry.client_digests else {"client_digest": "1" * 64},
        {"query_digest": "0" * 64},
        {"fields": (*entry.fields, "client.zone")},
        {"count": entry.count + 1},
        {"purpose": f"{entry.purpose} "},
        {"medium": "file" if entry.medium != "file" else "paper"},
        {"grant_ids": (*entry.grant_ids, "g-9")},
        {"reason_codes": (*entry.reason_codes, "access.granted")},
        {"value_digests": {**entry.value_digests, "client.zone": "0" * 64}},
        {"reason": "-" if entry.reason != "-" else "+"},
        # What moves from one list to the next.
        {"fields": entry.grant_ids, "grant_ids": entry.fields},
    ]
    if len(entry.client_digests) > 1:
        ways.append({"client_digests": entry.client_digests[::-1]})
    return attrs.evolve(entry, **rng.choice(ways))  # type: ignore[arg-type]


def tampered(links: Links, rng: random.Random) -> Links:
    """A log that somebody got at, in one of the ways there are: in place, or with every digest worked out anew."""
    at, other = rng.randrange(len(links)), rng.randrange(len(links))
    entries = entries_of(links)
    digest = "".join(rng.choices("0123456789abcdef", k=64))
    edited = changed(entries[at], rng)
    ways: list[Links] = [
        (*links[:at], attrs.evolve(links[at], entry=edited), *links[at + 1 :]),
        (*links[:at], attrs.evolve(links[at], before=digest), *links[at + 1 :]),
        (*links[:at], attrs.evolve(links[at], digest=digest), *links[at + 1 :]),
        (*links[:at], attrs.evolve(links[at], commitment=digest), *links[at + 1 :]),
        (*links[:at], attrs.evolve(links[at], client_digest=digest), *links[at + 1 :]),
        (*links[:at], attrs.evolve(links[at], salt=f"{links[at].salt}0"), *links[at + 1 :]),
        (*links[:at], erased_link(attrs.evolve(links[at], client_digest=digest)), *links[at + 1 :]),
        (*links[:at], erased_link(rebuilt([edited])[0]), *links[at + 1 :]),
        (*links[:at], *links[at + 1 :]),
        (*links[:at], links[other], *links[at:]),
        links[:at],
        tuple(rng.sample(links, len(links))),
        rebuilt([*entries[:at], edited, *entries[at + 1 :]]),
        rebuilt([*entries[:at], *entries[at + 1 :]]),
        rebuilt([*entries[:at], entries[other], *entries[at:]]),
        rebuilt(entries, "another"),
    ]
    return rng.choice(ways)


class TestChain:
    """ACC-4: Every access and decision is in an append-only log whose tampering shows, in the same unit of work."""

    @settings(max_examples=200)
    @given(audit_chains(), st.integers(0, 2**32))
    def test_with_its_anchor_every_tampering_is_found(self, links: Links, seed: int) -> None:
        assume(links)
        anchor = anchor_of("log", links, KEY, at=NOON)
        assert verify_chain("log", links, anchor=anchor, key=KEY).is_intact
        rng = random.Random(seed)
        for _ in range(25):
            other = tampered(links, rng)
            report = verify_chain("log", other, anchor=anchor, key=KEY)
            # A link that fits behind those of the anchor is no tampering with them: the log went on, and the report says so.
            assert not report.is_intact or other[: len(links)] == links
            assert report.anchored == min(len(links), len(other))

    @settings(max_examples=100)
    @given(audit_chains(), st.integers(0, 2**32))
    def test_without_an_anchor_edits_in_place_are_found_and_rewriting_is_not(self, links: Links, seed: int) -> None:
        assume(len(links) > 1)
        rng = random.Random(seed)
        at = rng.randrange(len(links))
        edited = (*links[:at], attrs.evolve(links[at], entry=changed(entries_of(links)[at], rng)), *links[at + 1 :])
        assume(edited != links)
        assert not verify_chain("log", edited).is_intact
        assert verify_chain("log", links[:-1]).is_intact
        assert verify_chain("log", rebuilt(entries_of(links[1:]))).is_intact
        assert verify_chain("log", links[:-1]).anchored == 0

    @given(audit_chains(), audit_chains(most=3))
    def test_an_anchor_still_holds_when_the_log_goes_on(self, links: Links, more: Links) -> None:
        anchor = anchor_of("log", links, KEY, at=NOON)
        longer = (*links, *more_links(links, entries_of(more)))
        report = verify_chain("log", longer, anchor=anchor, key=KEY)
        assert (report.is_intact, report.count, report.anchored) == (True, len(links) + len(more), len(links))

    @given(audit_chains(), st.sampled_from(["count", "head", "at", "chain_id", "seal"]))
    def test_an_anchor_that_was_not_sealed_so_is_no_anchor(self, links: Links, name: str) -> None:
        anchor = anchor_of("log", links, KEY, at=NOON)
        forged = {
            "count": 0 if anchor.count else 1,
            "head": "0" * 64,
            "at": NOON + timedelta(1),
            "chain_id": "x",
            "seal": "0" * 64,
        }
        other = attrs.evolve(anchor, **{name: forged[name]})  # type: ignore[arg-type]
        (fault,) = verify_chain("log", links, anchor=other, key=KEY).faults
        assert fault.kind == "anchor"
        (fault,) = verify_chain("log", links, anchor=anchor, key=DigestKey(b"b" * 32)).faults
        assert fault.kind == "anchor"


class TestErasedLinks:
    """ACC-5: the person's data goes, and the log proves it."""

    @given(audit_chains(), st.integers(0, 2**6 - 1))
    def test_whatever_is_erased_the_chain_is_whole_and_says_what_is_gone(self, links: Links, mask: int) -> None:
        gone = tuple(place for place in range(len(links)) if mask >> place & 1)
        left = tuple(erased_link(link) if link.place in gone else link for link in links)
        anchor = anchor_of("log", links, KEY, at=NOON)
        report = verify_chain("log", left, anchor=anchor, key=KEY, erased=gone)
        assert (report.is_intact, report.erased) == (True, gone)
        assert [link.client_digest for link in left] == [link.client_digest for link in links]

    @given(audit_chains(), st.integers(0, 2**32))
    def test_an_erasure_that_nobody_knows_of_is_found(self, links: Links, seed: int) -> None:
        assume(links)
        at = random.Random(seed).randrange(len(links))
        left = (*links[:at], erased_link(links[at]), *links[at + 1 :])
        assert [(fault.kind, fault.place) for fault in verify_chain("log", left, erased=()).faults] == [("erased", at)]
        assert verify_chain("log", left).is_intact

    @given(audit_chains())
    def test_nothing_of_the_entry_is_left_and_without_its_salt_it_cannot_be_tried_out(self, links: Links) -> None:
        assume(links)
        entry = entries_of(links)[0]
        again = next_link("log", None, entry, salt="00" * 16)
        assert (again.commitment == links[0].commitment) == (links[0].salt == "00" * 16)
        left = erased_link(links[0])
        assert left.entry is None
        assert left.salt is None


class TestNoValues:
    """ACC-4: the log holds keyed digests and never what stands in a client's file."""

    RULES = AccessRules(
        classes=[FieldClass("basic", ["client.name"])],
        rules=[AccessRule(id="own", relations=["account manager"], actions=["search"], classes=["basic"])],
    )

    @given(st.sampled_from([name for name in NASTY_NAMES if len(name) > 5]), st.sampled_from(["account manager", "outsider"]))
    def test_neither_whose_file_nor_what_was_searched_for_can_be_read_from_an_entry(self, name: str, relation: str) -> None:
        request = AccessRequest(
            action="search", client_id="canary-17", query=f"canary {name}", fields=["client.name"], purpose="care"
        )
        standing = Standing(relations={relation})  # type: ignore[arg-type]
        decision = decide_access(self.RULES, Principal(id="lee"), request, standing, at=NOON)
        entry = AuditEntry.of(decision, KEY, at=NOON, actor_id="lee", origin="10.0.0.7", query=request.query)
        link = next_link("log", None, entry, salt=SALT)
        assert SALT not in repr(link)
        for text in (repr(entry), repr(link), repr(KEY), repr(entry.canonical())):
            assert "canary" not in text
            assert "aaaa" not in text
        assert b"canary" not in pickle.dumps(entry)

    @given(st.sampled_from(["c-1", "c-2"]), st.sampled_from(["client", "query"]))
    def test_a_digest_says_the_same_of_the_same_under_one_key_and_kind_alone(self, text: str, kind: str) -> None:
        assert KEY.digest(kind, text) == DigestKey(b"a" * 32).digest(kind, text)
        assert KEY.digest(kind, text) != DigestKey(b"b" * 32).digest(kind, text)
        assert KEY.digest(kind, text) != KEY.digest(f"{kind}s", text)
        assert KEY.digest(kind, text, "") != KEY.digest(kind, text)
        assert KEY.digest(kind, "a", "bc") != KEY.digest(kind, "ab", "c")
