"""Hypothesis strategies for what holds for a time: tiers, owners, absences, consents."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, TypeAlias

import attrs
from hypothesis import strategies as st

from relcare.model import Absence, Consent, OwnerSpell, Pin, TierSpell
from relcare.testing._strategies import cached, days, ids, moments, names

__all__ = ["CHANNELS", "PURPOSES", "absences", "consents", "owner_spells", "pins", "tier_spells"]

CHANNELS: Final = ("call", "visit", "message", "card")
PURPOSES: Final = ("greeting", "advertising")

Span: TypeAlias = tuple[date, date | None, int]
"""First day, end, and a number that says what holds then."""


@cached
def _spans(places: int) -> st.SearchStrategy[list[list[Span]]]:
    """For some places: spans that touch or leave a gap and never overlap; the last may be open."""
    borders = st.lists(days(), max_size=5, unique=True).map(sorted)
    # The same number twice, so that what follows on a span is often the same again.
    numbers = st.lists(st.sampled_from([None, 0, 0, 1, 2]), min_size=5, max_size=5)
    return st.lists(st.builds(_cut, borders, numbers, st.booleans()), min_size=places, max_size=places)


def _cut(borders: Sequence[date], numbers: Sequence[int | None], is_open: bool) -> list[Span]:  # noqa: FBT001 - drawn, in order
    ends: list[date | None] = [*borders[1:], *([None] if is_open else [])]
    spans = zip(borders, ends, numbers, strict=False)
    return [(start_on, end_on, number) for start_on, end_on, number in spans if number is not None]


def tier_spells(client_ids: Sequence[str], schemes: Sequence[str] = ("abc",)) -> st.SearchStrategy[tuple[TierSpell, ...]]:
    """Tiers that were in force: spells of a client and scheme touch or leave a gap, and never overlap; the last may be open."""
    places = [(client_id, scheme_id) for client_id in client_ids for scheme_id in schemes]
    return _spans(4).map(
        lambda drawn: tuple(
            TierSpell(client_id=client_id, scheme_id=scheme_id, tier="ABC"[number], start_on=start_on, end_on=end_on)
            for n, (client_id, scheme_id) in enumerate(places)
            for start_on, end_on, number in drawn[n % len(drawn)]
        )
    )


def pins(client_ids: Sequence[str], schemes: Sequence[str] = ("abc",)) -> st.SearchStrategy[tuple[Pin, ...]]:
    """Clients held in a tier by somebody's word: pins of a client and scheme touch or leave a gap, and never overlap."""
    places = [(client_id, scheme_id) for client_id in client_ids for scheme_id in schemes]
    return _spans(2).map(
        lambda drawn: tuple(
            Pin(
                client_id=client_id,
                scheme_id=scheme_id,
                tier="ABC"[number],
                kind="exact" if n % 2 else "floor",
                by="lee",
                reason="the chairman's friend, 친구",
                start_on=start_on,
                end_on=end_on,
            )
            for n, (client_id, scheme_id) in enumerate(places)
            for start_on, end_on, number in drawn[n % len(drawn)]
        )
    )


def owner_spells(client_ids: Sequence[str], *, owner_ids: Sequence[str] = ()) -> st.SearchStrategy[tuple[OwnerSpell, ...]]:
    """Who had which client: spells of a client touch or leave a gap, and never overlap; the last may be open.

    Args:
        client_ids: Whose.
        owner_ids: Who may have been the owner, besides somebody who is on no list, and nobody: clients in the pool.
    """
    owners = ("nobody", None, *owner_ids)
    return _spans(2).map(
        lambda drawn: tuple(
            OwnerSpell(
                client_id=client_id,
                owner_id=owners[(n - number) % len(owners)],
                start_on=start_on,
                end_on=end_on,
                note=None if number else "asks for letters\n편지",
            )
            for n, client_id in enumerate(client_ids)
            for start_on, end_on, number in drawn[n % len(drawn)]
        )
    )


def absences(staff_ids: Sequence[str]) -> st.SearchStrategy[tuple[Absence, ...]]:
    """Who was away: absences of a member of staff touch or leave a gap, and never overlap; the last may be open.

    Args:
        staff_ids: Who. One of the others, somebody who is on no list, or nobody stands in.
    """

    def deputy(staff_id: str, number: int) -> str | None:
        others = (None, "nobody else", *(other for other in staff_ids if other != staff_id))
        return others[-number % len(others)]

    return _spans(2).map(
        lambda drawn: tuple(
            Absence(
                staff_id=staff_id,
                start_on=start_on,
                end_on=end_on,
                deputy_id=deputy(staff_id, number),
                reason="leave" if number == 1 else None,
            )
            for n, staff_id in enumerate(staff_ids)
            for start_on, end_on, number in drawn[n % len(drawn)]
        )
    )


@attrs.frozen(kw_only=True)
class _Word:
    """A consent before it has a client, somebody there, and an end."""

    place: int
    person: int
    length: int | None
    consent: Consent


@cached
def _words(zone: str) -> st.SearchStrategy[list[_Word]]:
    shared: dict[str, st.SearchStrategy[object]] = {
        "id": ids(),
        "client_id": st.just("?"),
        "channel": st.sampled_from([None, *CHANNELS]),
        "purpose": st.sampled_from([None, *PURPOSES]),
        "start_on": days(),
        "source": st.none() | names(),
        "recorded_at": st.none() | days() | moments(zone),
    }
    word = st.builds(
        _Word,
        place=st.integers(0, 5),
        person=st.integers(0, 5),
        length=st.sampled_from([None, None, 1, 31, 365]),
        consent=st.builds(Consent, kind=st.just("given"), night=st.booleans(), **shared)
        | st.builds(Consent, kind=st.just("refused"), **shared)
        # "Do not contact me": of no channel and no purpose.
        | st.builds(Consent, kind=st.just("refused"), **(shared | {"channel": st.none(), "purpose": st.none()})),
    )
    return st.lists(word, max_size=4, unique_by=lambda drawn: drawn.consent.id)


def consents(
    client_ids: Sequence[str], *, zone: str = "Asia/Seoul", person_ids: Sequence[str] = ()
) -> st.SearchStrategy[tuple[Consent, ...]]:
    """What these clients allowed and refused: for a channel, a purpose, for everything, at night too; with and without an end.

    Args:
        client_ids: Whose; none gives none.
        zone: The zone of the instants at which they were recorded.
        person_ids: Whose word it may be, besides the client's own.
    """
    if not client_ids:
        return st.just(())
    there, persons = tuple(client_ids), (None, *person_ids)
    return _words(zone).map(
        lambda words: tuple(
            attrs.evolve(
                word.consent,
                client_id=there[word.place % len(there)],
                person_id=persons[word.person % len(persons)],
                end_on=None if word.length is None else word.consent.start_on + timedelta(days=word.length),
            )
            for word in words
        )
    )
