"""One strategy for each value of the room `access`, by its class."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from hypothesis import strategies as st

from relcare.access import EraseClock, KeepClock, RetentionRecord, RetentionRules
from relcare.testing._access_log_strategies import LOGGED
from relcare.testing._access_strategies import RULES_AND_REQUESTS
from relcare.testing._audit_strategies import AUDITED
from relcare.testing._picks import Picks
from relcare.testing._retention_strategies import part_of_retention

__all__ = ["ACCESS"]


@st.composite
def _drawn(draw: st.DrawFn, make: Callable[[Picks], object]) -> object:
    return make(Picks(draw))


ACCESS: Final[Mapping[type, Callable[[], st.SearchStrategy[object]]]] = {
    **{kind: partial(_drawn, make) for kind, make in {**RULES_AND_REQUESTS, **LOGGED, **AUDITED}.items()},
    **{kind: partial(part_of_retention, kind) for kind in (EraseClock, KeepClock, RetentionRecord, RetentionRules)},
}
"""How each is drawn."""
