"""For tests of relcare and of what is built on it: strategies for every value, laws, clocks, and the storage contract.

Needs the extra `testing`. Each name is loaded when it is first used, so that the plugins of pytest and Hypothesis cost next to
nothing where nobody asks for them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcare.testing._access_strategies import access_requests as access_requests
    from relcare.testing._access_strategies import access_rules as access_rules
    from relcare.testing._appointment_strategies import appointments as appointments
    from relcare.testing._audit_strategies import audit_chains as audit_chains
    from relcare.testing._book_strategies import books as books
    from relcare.testing._book_strategies import touchpoints as touchpoints
    from relcare.testing._books_for import books_for as books_for
    from relcare.testing._cadence_strategies import cadence_rules as cadence_rules
    from relcare.testing._cadence_strategies import calendars as calendars
    from relcare.testing._client_strategies import clients as clients
    from relcare.testing._client_strategies import people as people
    from relcare.testing._client_strategies import staff as staff
    from relcare.testing._clients_for import clients_for as clients_for
    from relcare.testing._clients_for import days_in_force as days_in_force
    from relcare.testing._clocks import FixedClock as FixedClock
    from relcare.testing._clocks import SteppingClock as SteppingClock
    from relcare.testing._conformance import ConformanceCase as ConformanceCase
    from relcare.testing._conformance import ConformanceTest as ConformanceTest
    from relcare.testing._conformance import conformance_cases as conformance_cases
    from relcare.testing._conformance_run import CaseFailure as CaseFailure
    from relcare.testing._conformance_run import CaseReport as CaseReport
    from relcare.testing._conformance_run import run_case as run_case
    from relcare.testing._custody_strategies import claim_rules as claim_rules
    from relcare.testing._custody_strategies import holding_limits as holding_limits
    from relcare.testing._custody_strategies import neglect_ladders as neglect_ladders
    from relcare.testing._grade_strategies import dimensions as dimensions
    from relcare.testing._grade_strategies import grades as grades
    from relcare.testing._grade_strategies import matrices as matrices
    from relcare.testing._grade_strategies import matrix_schemes as matrix_schemes
    from relcare.testing._nasty import NASTY_DAYS as NASTY_DAYS
    from relcare.testing._nasty import NASTY_IDENTIFIERS as NASTY_IDENTIFIERS
    from relcare.testing._nasty import NASTY_IDS as NASTY_IDS
    from relcare.testing._nasty import NASTY_INSTANTS as NASTY_INSTANTS
    from relcare.testing._nasty import NASTY_NAMES as NASTY_NAMES
    from relcare.testing._nasty import NASTY_NUMBERS as NASTY_NUMBERS
    from relcare.testing._nasty import NASTY_TEXTS as NASTY_TEXTS
    from relcare.testing._nasty import NASTY_TIMES as NASTY_TIMES
    from relcare.testing._nasty import NASTY_ZONES as NASTY_ZONES
    from relcare.testing._permission_strategies import hours as hours
    from relcare.testing._permission_strategies import permission_rules as permission_rules
    from relcare.testing._policies import policies as policies
    from relcare.testing._policy_parts import measures as measures
    from relcare.testing._policy_strategies import criteria as criteria
    from relcare.testing._policy_strategies import fact_values as fact_values
    from relcare.testing._policy_strategies import facts as facts
    from relcare.testing._policy_strategies import rows as rows
    from relcare.testing._policy_strategies import vocabularies as vocabularies
    from relcare.testing._policy_strategies import windows as windows
    from relcare.testing._purchase_strategies import purchases as purchases
    from relcare.testing._record_strategies import absences as absences
    from relcare.testing._record_strategies import consents as consents
    from relcare.testing._record_strategies import owner_spells as owner_spells
    from relcare.testing._record_strategies import pins as pins
    from relcare.testing._record_strategies import tier_spells as tier_spells
    from relcare.testing._relationship_strategies import strategies_of_types as strategies_of_types
    from relcare.testing._retention_strategies import retention_records as retention_records
    from relcare.testing._retention_strategies import retention_rules as retention_rules
    from relcare.testing._review_strategies import reviews as reviews
    from relcare.testing._scheme_cases import scheme_cases as scheme_cases
    from relcare.testing._scheme_strategies import quota_schemes as quota_schemes
    from relcare.testing._scheme_strategies import shares as shares
    from relcare.testing._scheme_strategies import steadinesses as steadinesses
    from relcare.testing._scheme_strategies import threshold_schemes as threshold_schemes
    from relcare.testing._segment_strategies import segments as segments
    from relcare.testing._store_contract import StoreContract as StoreContract
    from relcare.testing._store_machine import store_machine as store_machine
    from relcare.testing._store_strategies import store_entries as store_entries
    from relcare.testing._store_strategies import store_ids as store_ids
    from relcare.testing._store_strategies import store_records as store_records
    from relcare.testing._strategies import amounts as amounts
    from relcare.testing._strategies import birthdays as birthdays
    from relcare.testing._strategies import days as days
    from relcare.testing._strategies import identifiers as identifiers
    from relcare.testing._strategies import ids as ids
    from relcare.testing._strategies import intervals as intervals
    from relcare.testing._strategies import moments as moments
    from relcare.testing._strategies import money as money
    from relcare.testing._strategies import names as names
    from relcare.testing._strategies import zones as zones
    from relcare.testing._trigger_strategies import deadlines as deadlines
    from relcare.testing._trigger_strategies import triggers as triggers
    from relcare.testing._trigger_strategies import working_hours as working_hours

_NAMES_BY_MODULE = {
    "_audit_strategies": ("audit_chains",),
    "_book_strategies": ("books", "touchpoints"),
    "_books_for": ("books_for",),
    "_cadence_strategies": ("cadence_rules", "calendars"),
    "_client_strategies": ("clients", "people", "staff"),
    "_clients_for": ("clients_for", "days_in_force"),
    "_clocks": ("FixedClock", "SteppingClock"),
    "_conformance": ("ConformanceCase", "ConformanceTest", "conformance_cases"),
    "_conformance_run": ("CaseFailure", "CaseReport", "run_case"),
    "_custody_strategies": ("claim_rules", "holding_limits", "neglect_ladders"),
    "_grade_strategies": ("dimensions", "grades", "matrices", "matrix_schemes"),
    "_nasty": (
        "NASTY_DAYS",
        "NASTY_IDENTIFIERS",
        "NASTY_IDS",
        "NASTY_INSTANTS",
        "NASTY_NAMES",
        "NASTY_NUMBERS",
        "NASTY_TEXTS",
        "NASTY_TIMES",
        "NASTY_ZONES",
    ),
    "_permission_strategies": ("hours", "permission_rules"),
    "_policies": ("policies",),
    "_policy_parts": ("measures",),
    "_policy_strategies": ("criteria", "fact_values", "facts", "rows", "vocabularies", "windows"),
    "_access_strategies": ("access_requests", "access_rules"),
    "_appointment_strategies": ("appointments",),
    "_purchase_strategies": ("purchases",),
    "_record_strategies": ("absences", "consents", "owner_spells", "pins", "tier_spells"),
    "_relationship_strategies": ("strategies_of_types",),
    "_retention_strategies": ("retention_records", "retention_rules"),
    "_review_strategies": ("reviews",),
    "_scheme_cases": ("scheme_cases",),
    "_scheme_strategies": ("quota_schemes", "shares", "steadinesses", "threshold_schemes"),
    "_store_contract": ("StoreContract",),
    "_store_machine": ("store_machine",),
    "_segment_strategies": ("segments",),
    "_store_strategies": ("store_entries", "store_ids", "store_records"),
    "_strategies": ("amounts", "birthdays", "days", "identifiers", "ids", "intervals", "moments", "money", "names", "zones"),
    "_trigger_strategies": ("deadlines", "triggers", "working_hours"),
}

__all__ = [
    "NASTY_DAYS",
    "NASTY_IDENTIFIERS",
    "NASTY_IDS",
    "NASTY_INSTANTS",
    "NASTY_NAMES",
    "NASTY_NUMBERS",
    "NASTY_TEXTS",
    "NASTY_TIMES",
    "NASTY_ZONES",
    "CaseFailure",
    "CaseReport",
    "ConformanceCase",
    "ConformanceTest",
    "FixedClock",
    "SteppingClock",
    "StoreContract",
    "absences",
    "access_requests",
    "access_rules",
    "amounts",
    "appointments",
    "audit_chains",
    "birthdays",
    "books",
    "books_for",
    "cadence_rules",
    "calendars",
    "claim_rules",
    "clients",
    "clients_for",
    "conformance_cases",
    "consents",
    "criteria",
    "days",
    "days_in_force",
    "deadlines",
    "fact_values",
    "facts",
    "holding_limits",
    "hours",
    "identifiers",
    "ids",
    "intervals",
    "measures",
    "moments",
    "money",
    "names",
    "neglect_ladders",
    "owner_spells",
    "people",
    "permission_rules",
    "pins",
    "policies",
    "purchases",
    "quota_schemes",
    "retention_records",
    "retention_rules",
    "reviews",
    "rows",
    "run_case",
    "scheme_cases",
    "segments",
    "shares",
    "staff",
    "steadinesses",
    "store_entries",
    "store_ids",
    "store_machine",
    "store_records",
    "strategies_of_types",
    "threshold_schemes",
    "tier_spells",
    "touchpoints",
    "triggers",
    "vocabularies",
    "windows",
    "working_hours",
    "zones",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = next((module for module, names in _NAMES_BY_MODULE.items() if name in names), None)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    import_module(f"{__name__}._extra")  # first: it names the extra where a tool is missing
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
