"""Values about retention, drawn from few words so that clocks and records meet."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from hypothesis import strategies as st

from relcare.access import (
    RETENTION_CLOCKS,
    RETENTION_KINDS,
    RETENTION_LAWS,
    EraseClock,
    KeepClock,
    RetentionKind,
    RetentionRecord,
    RetentionRules,
)
from relcare.testing._picks import Picks
from relcare.testing._strategies import cached

__all__ = ["drawn_retention", "part_of_retention", "retention_records", "retention_rules"]

_KINDS: Final[tuple[RetentionKind, ...]] = ("client", "purchase", "touchpoint", "audit")
_TOPICS: Final = ("complaint", "advertising", "定期")
_PURPOSES: Final = ("care", "prospecting", "고객 관리")
_LENGTHS: Final = ("1 day", "6 months", "1 year", "3 years", "800 years")
_GROUNDS: Final = (None, "proof of payment", "법령")
_FIRST: Final = date(2020, 2, 29)


def _kinds(picks: Picks) -> list[RetentionKind]:
    return picks.some(_KINDS if picks.flag() else RETENTION_KINDS, 1, 3)


def _keep(picks: Picks) -> KeepClock:
    return KeepClock(
        kinds=_kinds(picks),
        topics=picks.some(_TOPICS, 0, 2),
        ground=picks.one(_GROUNDS),
        source=picks.one((None, "Decree 6")),
        lasts=picks.one((None, *_LENGTHS)),
        counted_from=picks.one(RETENTION_CLOCKS),
    )


def _erase(picks: Picks) -> EraseClock:
    on_request = picks.flag()
    return EraseClock(
        kinds=_kinds(picks),
        topics=picks.some(_TOPICS, 0, 2),
        purpose=picks.one(_PURPOSES),
        after=picks.one(_LENGTHS),
        counted_from=picks.one(RETENTION_CLOCKS),
        on_request=on_request,
        ground=picks.one(_GROUNDS) if on_request else "a contract in force",
        source=picks.one((None, "handbook")),
    )


def _record(picks: Picks) -> RetentionRecord:
    days = [None if picks.flag() else _FIRST + timedelta(days=366 * picks.count(0, 4)) for _ in range(2)]
    return RetentionRecord(
        kind=picks.one(_KINDS if picks.flag() else RETENTION_KINDS),
        topic=picks.one((None, *_TOPICS)),
        event_on=_FIRST + timedelta(days=picks.count(0, 1_500)),
        last_contact_on=days[0],
        ended_on=days[1],
    )


def drawn_retention(picks: Picks) -> RetentionRules:
    """Rules with a few clocks of each sort, and laws among them."""
    return RetentionRules(
        laws=picks.some(tuple(RETENTION_LAWS), 0, 2),
        keep=[_keep(picks) for _ in range(picks.count(0, 3))],
        erase=[_erase(picks) for _ in range(picks.count(0, 3))],
    )


_PARTS: Final[Mapping[type, Callable[[Picks], object]]] = {
    EraseClock: _erase,
    KeepClock: _keep,
    RetentionRecord: _record,
    RetentionRules: drawn_retention,
}


@st.composite
def _drawn(draw: st.DrawFn, make: Callable[[Picks], object]) -> object:
    return make(Picks(draw))


@st.composite
def _drawn_rules(draw: st.DrawFn) -> RetentionRules:
    return drawn_retention(Picks(draw))


@st.composite
def _drawn_record(draw: st.DrawFn) -> RetentionRecord:
    return _record(Picks(draw))


@cached
def retention_rules() -> st.SearchStrategy[RetentionRules]:
    """Rules of retention of every kind, over the kinds, topics and days of `retention_records`."""
    return _drawn_rules()


@cached
def retention_records() -> st.SearchStrategy[RetentionRecord]:
    """Records of every kind, from 2020 on, of clients who are in touch or not and whose relationship ended or not."""
    return _drawn_record()


def part_of_retention(kind: type) -> st.SearchStrategy[object]:
    """One value of retention, by its class."""
    return _drawn(_PARTS[kind])
