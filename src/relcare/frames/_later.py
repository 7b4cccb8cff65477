"""What follows what is owed, over columns: contacts until a day, by joining the few patterns that there are (PLN-2, TIM-3)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import narwhals.stable.v2 as nw

from relcare._time import Every
from relcare.cadence import CadenceRule, DueContext, later_steps
from relcare.calendars import Calendar, RollTable
from relcare.decisions import Policy, ReadyPolicy
from relcare.errors import InvalidValueError
from relcare.frames._decided import DecidedFrames
from relcare.frames._engine import Cell, Engine, Lazy

__all__ = ["expand"]

_KEYS: Final = ("rule_id", "interval", "basis")
_DAYS: Final = ("earliest_on", "due_on", "latest_on")
_TEXTS: Final = frozenset({"rule_id", "interval"})


def expand(policy: Policy, decided: DecidedFrames, *, until: date, calendar: Calendar | None = None) -> Any:  # noqa: ANN401
    """The contacts that rolling rules will ask for until a day, each foreseen as if the one before it were kept when it is due.

    It is what a plan is made of (PLN-2): the same days that `relcare.planning` foresees of objects. Clients with one rule, one
    interval and one due day share all days to come: what is worked out are those few patterns, and they are joined. Occasions and
    quotas are not among them: their days are the calendar's, and the same for everybody.

    Args:
        policy: The one that decided.
        decided: With obligations; what was written of them may stand in for them, by `attrs.evolve(decided, obligations=...)`.
        until: The last due day, inclusive.
        calendar: Business days; the policy's own by default.

    Returns:
        A lazy frame of the same engine, not run yet, in no order: `client_id`, `rule_id`, `nth` (from 1, of each obligation),
        `earliest_on`, `due_on`, `latest_on`.

    Raises:
        InvalidValueError: If cadence was not decided, or by another policy.

    Source: PLN-2, TIM-3, CAD-5.
    """
    if (policy.id, policy.version) != (decided.policy_id, decided.policy_version):
        by = f"{decided.policy_id} version {decided.policy_version}"
        raise InvalidValueError("policy", f"{policy.id} version {policy.version}", f"must be the one that decided, {by}")
    if decided.obligations is None:
        raise InvalidValueError("decided", decided.policy_id, "must have obligations", "decide cadence, too")
    engine: Engine = decided._engine  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - of this room
    rules = {rule.id: rule for rule in policy.cadence if rule.mode == "rolling"}
    owed = engine.opened(decided.obligations)
    owed = engine.with_days(owed.select("client_id", "rule_id", "interval", "due_on"), {"basis": "due_on"}, "UTC").drop("due_on")
    used = ReadyPolicy(policy).own_calendar if calendar is None else calendar
    context = DueContext(
        as_of=decided.as_of.toordinal(),
        in_force_from=policy.effective_from.toordinal(),
        table=RollTable(used, decided.as_of, max(decided.as_of, until)),
    )
    patterns: list[tuple[str, str, int]] = engine.rows(engine.distinct(owed.select(*_KEYS)))
    meant = [pattern for pattern in patterns if pattern[0] in rules]
    rows = [row for pattern in meant for row in _days(rules[pattern[0]], pattern, context, until.toordinal())]
    table = engine.with_dates(_table(engine, owed, rows), _DAYS)
    if len({(rule_id, interval) for rule_id, interval, _ in meant}) == len({rule_id for rule_id, _, _ in meant}):
        # Each rule has one interval, as it has without strategies: who joins by less is faster.
        later = owed.drop("interval").join(table.drop("interval"), on=["rule_id", "basis"], how="inner")
    else:
        later = owed.join(table, on=list(_KEYS), how="inner")
    return later.select("client_id", "rule_id", "nth", *_DAYS).to_native()


def _days(rule: CadenceRule, pattern: tuple[str, str, int], context: DueContext, until: int) -> list[tuple[Cell, ...]]:
    """The days that follow one due day at one interval."""
    _, interval, basis = pattern
    steps = later_steps(rule, Every.parse(interval), int(basis), context, until)
    return [(*pattern, int(one.name), one.earliest, one.due, one.latest) for one in steps]


def _table(engine: Engine, beside: Lazy, rows: Sequence[Sequence[Cell]]) -> Lazy:
    kinds = {name: nw.String() if name in _TEXTS else nw.Int64() for name in (*_KEYS, "nth", *_DAYS)}
    return engine.table(beside, {name: (kind, [row[at] for row in rows]) for at, (name, kind) in enumerate(kinds.items())})
