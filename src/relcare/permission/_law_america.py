"""The United States and those of its states whose hours differ. Parameters, not legal advice."""

from datetime import date
from typing import Final

from relcare.permission._fatigue import Cap, Stop
from relcare.permission._hours import Hours
from relcare.permission._law import LawRow, LegalPreset, Rule

__all__ = ["STATES_OF_THE_US", "UNITED_STATES"]

_LOOKED_UP: Final = date(2026, 11, 21)
_STOP_WORDS: Final = ("cancel", "end", "opt out", "opt-out", "quit", "revoke", "stop", "unsubscribe")
_EASTERN: Final = "America/New_York"
_CENTRAL: Final = "America/Chicago"

UNITED_STATES: Final = LegalPreset(
    id="us",
    title="United States",
    # One of each clock that the fifty states keep today.
    zones=(
        _EASTERN,
        _CENTRAL,
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "America/Adak",
        "Pacific/Honolulu",
    ),
    rows=(
        LawRow(
            id="us.tcpa.hours",
            says=("no telephone solicitation before 08:00 or after 21:00 at the called party's place; texts are taken as calls"),
            source="47 CFR 64.1200(c)(1)",
            confidence="secondary",
            as_of=_LOOKED_UP,
            media=("phone", "text"),
            rules=(Hours(allowed=("08:00-21:00",), purposes="advertising"),),
        ),
        LawRow(
            id="us.tcpa.dnc",
            says=(
                "the national do-not-call list used is at most 31 days old; the company's own is honoured within 10 "
                "business days (here at once) and kept 5 years"
            ),
            source="FCC rules in force since 2025-04-11; the TSR of the FTC still says 30 days",
            confidence="secondary",
            as_of=_LOOKED_UP,
            valid_from=date(2025, 4, 11),
        ),
        LawRow(
            id="us.tcpa.ebr",
            says="an established relation lasts 18 months after a deal, 3 months after an inquiry; an opt-out beats it",
            source="47 CFR 64.1200(f)(5)",
            confidence="secondary",
            as_of=_LOOKED_UP,
        ),
        LawRow(
            id="us.tcpa.revoke",
            says=(
                "consent is revoked by any reasonable means, such as stop, quit, end, revoke, opt out, cancel or "
                "unsubscribe, within 10 business days (here at once), and of everything (waived by the FCC until "
                "2027-01-31)"
            ),
            source="summaries by several law firms; DA 26-12",
            confidence="secondary",
            as_of=_LOOKED_UP,
            rules=(Stop(after=1, outcomes=_STOP_WORDS, purposes="advertising"),),
        ),
        LawRow(
            id="us.canspam",
            says=("an opt-out from e-mail is honoured within 10 business days (here at once), and the address is not passed on"),
            source="15 USC 7704(a)(4)",
            confidence="primary",
            as_of=_LOOKED_UP,
            media=("email",),
            rules=(Stop(after=1, outcomes=_STOP_WORDS, purposes="advertising"),),
        ),
    ),
)


def _row(state: str, what: str, says: str, rule: Rule, source: str = "a vendor's table of 2025-11") -> LawRow:
    return LawRow(
        id=f"us.state.{state.lower()}.{what}",
        says=says,
        source=source,
        confidence="secondary",
        as_of=_LOOKED_UP,
        media=("phone", "text"),
        rules=(rule,),
    )


def _hours(state: str, first: str, last: str, source: str = "a vendor's table of 2025-11") -> LawRow:
    rule = Hours(allowed=(f"{first}-{last}",), purposes="advertising")
    return _row(state, "hours", f"telephone solicitation from {first} to {last} only", rule, source)


def _no_sunday(state: str) -> LawRow:
    rule = Hours(allowed=("Mon-Sat 00:00-24:00",), purposes="advertising")
    return _row(state, "sunday", "no telephone solicitation on Sundays", rule)


def _state(state: str, title: str, zones: tuple[str, ...], *rows: LawRow) -> LegalPreset:
    return LegalPreset(id=f"us-{state}", title=title, zones=zones, includes=("us",), rows=rows)


_FLORIDA_CAP: Final = LawRow(
    id="us.state.fl.cap",
    says="no more than 3 calls within 24 hours",
    source="Florida Telephone Solicitation Act, as commonly told",
    confidence="common knowledge",
    as_of=_LOOKED_UP,
    media=("phone", "text"),
    rules=(Cap(limit=3, per="24 hours", purposes="advertising"),),
)
_FLORIDA_SUIT: Final = LawRow(
    id="us.state.fl.suit",
    says="a suit over texts comes only after STOP was not honoured for 15 days (here it is honoured at once)",
    source="a vendor's table of 2025-11; nolo",
    confidence="secondary",
    as_of=_LOOKED_UP,
)

STATES_OF_THE_US: Final = (
    _state("AL", "United States, Alabama", (_CENTRAL,), _no_sunday("AL")),
    _state("CT", "United States, Connecticut", (_EASTERN,), _hours("CT", "09:00", "20:00")),
    _state(
        "FL",
        "United States, Florida",
        (_EASTERN, _CENTRAL),
        _hours("FL", "08:00", "20:00", "a vendor's table of 2025-11; nolo"),
        _FLORIDA_CAP,
        _FLORIDA_SUIT,
    ),
    _state("KY", "United States, Kentucky", (_EASTERN, _CENTRAL), _hours("KY", "10:00", "21:00")),
    _state("LA", "United States, Louisiana", (_CENTRAL,), _no_sunday("LA")),
    _state("MI", "United States, Michigan", ("America/Detroit", _CENTRAL), _hours("MI", "09:00", "21:00")),
    _state("MN", "United States, Minnesota", (_CENTRAL,), _hours("MN", "09:00", "21:00")),
    _state("MS", "United States, Mississippi", (_CENTRAL,), _no_sunday("MS")),
    _state("NM", "United States, New Mexico", ("America/Denver",), _hours("NM", "09:00", "21:00")),
    _state("RI", "United States, Rhode Island", (_EASTERN,), _hours("RI", "09:00", "18:00")),
)
