"""Hypothesis strategies for rules about permission: caps, gaps, hours, rotations, stops, consent and laws."""

from collections.abc import Callable, Mapping
from typing import Final

from hypothesis import strategies as st

from relcare.permission import LAWS, Cap, CapPeriod, ConsentRule, Gap, Hours, HourWindow, Lapse, PermissionRules, Rotation, Stop
from relcare.testing._picks import Picks
from relcare.testing._strategies import cached

__all__ = ["drawn_permission", "hours", "part_of_rules", "permission_rules"]

_CHANNELS: Final = ((), (), ("call",), ("call", "message"), ("visit",), ("e-mail",))
_SCOPES: Final = ("every", "every", "advertising")
_PERIODS: Final = ("day", "week", "month", "1 day", "3 days", "30 days", "24 hours", "5 hours")
_GAPS: Final = ("1 hour", "36 hours", "1 day", "3 days", "2 weeks")
# Whole days, hours over midnight, hours within those that clocks skip or show twice, and hours of a minute.
_WINDOWS: Final = (
    "08:00-21:00",
    "Mon-Fri 10:00-13:00",
    "Mon-Fri 14:00-20:00",
    "21:00-08:00",
    "00:00-24:00",
    "01:30-02:30",
    "00:00-00:01",
    "23:30-00:30",
    "02:15-02:16",
    "Sat,Sun 09:00-12:00",
    "Fri-Mon 23:59-03:01",
    "Sun 00:00-24:00",
)
_HOLIDAYS: Final = ("holiday 12:00-14:00", "Wed,holiday 00:00-24:00")
_PURPOSES: Final = ((), ("birthday",), ("cooperation", "delivery"))


def _hours(picks: Picks) -> Hours:
    windows = [HourWindow.parse(text) for text in picks.some((*_WINDOWS, *_HOLIDAYS), 1, 3)]
    names_holiday = any(7 in window.days for window in windows)
    is_quiet = picks.flag()
    return Hours(
        allowed=() if is_quiet else windows,
        quiet=windows if is_quiet else (),
        holidays="as usual" if names_holiday else picks.one(("as usual", "as usual", "closed")),
        channels=picks.one(_CHANNELS),
        purposes=picks.one(_SCOPES),
        night_consent=picks.flag(),
    )


def _cap(picks: Picks) -> Cap:
    return Cap(limit=picks.one((1, 2, 3, 0)), per=picks.one(_PERIODS), channels=picks.one(_CHANNELS), purposes=picks.one(_SCOPES))


def _gap(picks: Picks) -> Gap:
    return Gap(minimum=picks.one(_GAPS), channels=picks.one(_CHANNELS), purposes=picks.one(_SCOPES))


def _rotation(picks: Picks) -> Rotation:
    return Rotation(most=picks.one((1, 2, 3)), channels=picks.one(_CHANNELS), within=picks.one((None, "2 days", "1 month")))


def _stop(picks: Picks) -> Stop:
    return Stop(
        after=picks.one((1, 2)),
        outcomes=picks.one((("refused",), ("declined", "opt-out", "refused"), ("missed", "no answer"))),
        pause=picks.one((None, "2 days", "1 month")),
        within=picks.one((None, "1 week")),
        channels=picks.one(_CHANNELS),
        purposes=picks.one(_SCOPES),
    )


def _consent(picks: Picks) -> ConsentRule:
    if picks.flag():
        return ConsentRule(mode="opt-out", channels=picks.one(_CHANNELS), is_global=picks.flag())
    return ConsentRule(
        mode="opt-in",
        channels=picks.one(_CHANNELS),
        purposes=picks.one(_SCOPES),
        soft_opt_in=picks.one(("no", "6 months", "without limit")),
        reconfirm=picks.one((None, "2 years", "3 days")),
        is_specific=picks.flag(),
        is_global=picks.flag(),
    )


def drawn_permission(picks: Picks, *, laws: bool = True) -> PermissionRules:
    """Rules of every kind, most of them few.

    Args:
        picks: Of the composite strategy.
        laws: Whether they may name legal presets.
    """
    return PermissionRules(
        law=tuple(picks.some(tuple(LAWS), 0, 2)) if laws and picks.flag() else (),
        zones=picks.one(((), (), ("America/St_Johns",), ("Asia/Seoul", "America/New_York"))),
        service=picks.one(_PURPOSES),
        requested=picks.one((("callback",), ("question",), ())),
        uncounted=picks.one(((), ("thanks",))),
        not_contact=picks.one((("note",), ())),
        on_silence=picks.one(("suspend", "keep")),
        media=picks.one(({}, {"visit": "phone"}, {"高端": "email", "call": "text"})),
        caps=[_cap(picks) for _ in range(picks.count(0, 2))],
        gaps=[_gap(picks) for _ in range(picks.count(0, 1))],
        hours=[_hours(picks) for _ in range(picks.count(0, 2))],
        rotations=[_rotation(picks) for _ in range(picks.count(0, 1))],
        stops=[_stop(picks) for _ in range(picks.count(0, 1))],
        consent=[_consent(picks) for _ in range(picks.count(0, 1))],
    )


@st.composite
def _drawn_hours(draw: st.DrawFn) -> Hours:
    return _hours(Picks(draw))


@st.composite
def _drawn_rules(draw: st.DrawFn, *, laws: bool) -> PermissionRules:
    return drawn_permission(Picks(draw), laws=laws)


@cached
def hours() -> st.SearchStrategy[Hours]:
    """Hours, allowed or quiet: over midnight, within the hours that clocks skip or show twice, apart on public holidays."""
    return _drawn_hours()


@cached
def permission_rules(*, laws: bool = True) -> st.SearchStrategy[PermissionRules]:
    """Rules about permission of every kind, with and without legal presets.

    Args:
        laws: Whether they may name legal presets.

    Examples:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=5, database=None)
        ... @given(permission_rules(laws=False))
        ... def without_laws(rules):
        ...     assert not rules.law
        >>> without_laws()
    """
    return _drawn_rules(laws=laws)


@st.composite
def _drawn_part(draw: st.DrawFn, make: Callable[[Picks], object]) -> object:
    return make(Picks(draw))


_PARTS: Final[Mapping[type, Callable[[Picks], object]]] = {
    Cap: _cap,
    ConsentRule: _consent,
    Gap: _gap,
    Rotation: _rotation,
    Stop: _stop,
}


def part_of_rules(kind: type) -> st.SearchStrategy[object]:
    """One cap, gap, rotation, stop or consent rule, or what one is made of: a period, a lapse, a window."""
    if kind in _PARTS:
        return _drawn_part(_PARTS[kind])
    texts = {CapPeriod: _PERIODS, Lapse: _GAPS, HourWindow: (*_WINDOWS, *_HOLIDAYS)}[kind]
    read: Callable[[str], object] = {CapPeriod: CapPeriod.parse, Lapse: Lapse.parse, HourWindow: HourWindow.parse}[kind]
    return st.sampled_from([read(text) for text in texts])
