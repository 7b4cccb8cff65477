"""For tests of relcare and of what is built on it: the storage contract that proves a store of one's own, and strategies.

Needs the extra `testing`.
"""

from relcare.testing import _extra as _extra  # first: it names the extra where a tool is missing
from relcare.testing._book_strategies import books, tier_spells, touchpoints
from relcare.testing._cadence_strategies import cadence_rules, calendars
from relcare.testing._clocks import FixedClock
from relcare.testing._nasty import (
    NASTY_DAYS,
    NASTY_IDENTIFIERS,
    NASTY_IDS,
    NASTY_INSTANTS,
    NASTY_NAMES,
    NASTY_NUMBERS,
    NASTY_TEXTS,
    NASTY_TIMES,
    NASTY_ZONES,
)
from relcare.testing._policies import policies
from relcare.testing._policy_parts import measures
from relcare.testing._policy_strategies import criteria, fact_values, facts, rows, vocabularies, windows
from relcare.testing._scheme_strategies import (
    intervals,
    quota_schemes,
    scheme_cases,
    shares,
    strategies_of_types,
    threshold_schemes,
)
from relcare.testing._store_contract import StoreContract
from relcare.testing._store_machine import store_machine
from relcare.testing._store_strategies import store_entries, store_ids, store_records
from relcare.testing._strategies import (
    amounts,
    birthdays,
    clients,
    days,
    identifiers,
    ids,
    moments,
    money,
    names,
    people,
    purchases,
    staff,
    zones,
)

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
    "FixedClock",
    "StoreContract",
    "amounts",
    "birthdays",
    "books",
    "cadence_rules",
    "calendars",
    "clients",
    "criteria",
    "days",
    "fact_values",
    "facts",
    "identifiers",
    "ids",
    "intervals",
    "measures",
    "moments",
    "money",
    "names",
    "people",
    "policies",
    "purchases",
    "quota_schemes",
    "rows",
    "scheme_cases",
    "shares",
    "staff",
    "store_entries",
    "store_ids",
    "store_machine",
    "store_records",
    "strategies_of_types",
    "threshold_schemes",
    "tier_spells",
    "touchpoints",
    "vocabularies",
    "windows",
    "zones",
]
