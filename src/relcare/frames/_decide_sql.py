"""A policy decided by a database: the relations that decide over columns, taken as text."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.errors import BookDocumentError, InvalidValueError, Problem, UnsupportedPolicyError
from relcare.frames._contacts import last_column
from relcare.frames._criteria import expression
from relcare.frames._decide import prepared
from relcare.frames._decided import DecidedFrames
from relcare.frames._frames import Opened
from relcare.frames._given import check_policy
from relcare.frames._sql_extra import need_sql_text
from relcare.frames._sql_places import Places
from relcare.frames._sql_tables import DecidedSql, SqlDialectName, SqlTables
from relcare.frames._triggers import sign_column

if TYPE_CHECKING:
    from relcare.frames._sql_engine import SqlEngine

_Engine = TypeVar("_Engine", bound="SqlEngine")

__all__ = ["decide_sql"]


def decide_sql(
    policy: Policy, tables: SqlTables, *, as_of: date, only: Collection[str] | None = None, calendar: Calendar | None = None
) -> DecidedSql:
    """What a policy says about a book in a database, at the end of a day, as SQL: the same as `Policy.decide` says.

    What must be known before is asked on the way through `tables.run`: whether cells are what they should be, histograms of
    scores around the borders, the few different days and patterns that cadence meets. Clients are not brought out.

    Args:
        policy: The policy.
        tables: The book.
        as_of: A civil day in the zone of the tables; its events count.
        only: Some of `grades`, `segmentation`, `vip`, `segments` and `cadence`, see `decide`.
        calendar: Business days; the policy's own by default.

    Raises:
        UnsupportedPolicyError: If the policy has parts that are not decided over columns, or not in this dialect.
        BookDocumentError: If columns are missing, of a wrong type or hold what they must not.
        InvalidValueError: If `only` names what is no such part.
        PolicyError: If the policy is not in force on that day.
        MissingExtraError: Without the extra `sqltext`.

    Source: TIM-1, FCT-1 to FCT-5, CRI-2, SEG-1 to SEG-6, SEG-8, SEG-10, VIP-1, VIP-2, VIP-4, CAD-1 to CAD-13.
    """
    need_sql_text()
    from relcare.frames._sql_engine import SqlEngine

    check_policy(policy)
    if not isinstance(tables, SqlTables):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValueError("tables", type(tables).__name__, "must be SqlTables", "Frames are decided by decide")
    run, day = prepared(policy, as_of, tables.zone, only)
    _refuse_bars(policy)
    engine, given = _opened(SqlEngine, policy, tables)
    run.told = engine.told
    try:
        return _decided(run.decided(given, day, calendar), engine, tables.dialect)
    except UnsupportedPolicyError as error:
        if engine.texts.unsaid is None:
            raise
        raise _all_unsaid(engine, _dry(policy, tables, as_of=as_of, only=only, calendar=calendar)) from error


def _decided(decided: DecidedFrames, engine: "SqlEngine", dialect: SqlDialectName) -> DecidedSql:
    def shown(native: object) -> str | None:
        return None if native is None else engine.shown(native)

    return DecidedSql(
        policy_id=decided.policy_id,
        policy_version=decided.policy_version,
        as_of=decided.as_of,
        dialect=dialect,
        clients=engine.shown(decided.clients),
        obligations=shown(decided.obligations),
        undecided=shown(decided.undecided),
        cells=shown(decided.cells),
        borders=decided.borders,
        asked=tuple(engine.asked),
        before=tuple(engine.before),
    )


def _dry(
    policy: Policy, tables: SqlTables, *, as_of: date, only: Collection[str] | None, calendar: Calendar | None
) -> Mapping[str, str]:
    """What cannot be said, by the columns that it goes into; from beginning to end, over tables in which there is nothing."""
    from relcare.frames._sql_dry import DryEngine

    run, day = prepared(policy, as_of, tables.zone, only)
    engine, given = _opened(DryEngine, policy, tables)
    decided = run.decided(given, day, calendar)
    for native in (decided.clients, decided.obligations, decided.undecided, decided.cells):
        if native is not None:
            engine.taken_down(engine.opened(native))
    words, layout = run.decisions.words.full, run.layout
    asking = {last_column(place): rule.when for place, rule in enumerate(run.rules)}
    asking |= {sign_column(place): trigger.when for place, trigger in enumerate(run.triggers)}
    engine.say({new: expression(when, words, layout) for new, when in asking.items() if when is not None}, words, layout)
    return engine.texts.spoilt


def _all_unsaid(engine: "SqlEngine", spoilt: Mapping[str, str]) -> UnsupportedPolicyError:
    """What is said of a policy that met what cannot be said, with all that it would have met further on."""
    met = (engine.step, engine.texts.unsaid or "")
    return UnsupportedPolicyError(engine.places.refusals({**spoilt, **engine.texts.spoilt}, met, engine.dialect.name))


def _opened(kind: "type[_Engine]", policy: Policy, tables: SqlTables) -> tuple["_Engine", Opened]:
    """The tables of the database; what their cells hold is asked at once."""
    from relcare.frames._sql_dialects import DIALECTS

    sources = {name: tables.sources.get(name, name).split(".") for name in tables.columns}
    taken = [source[-1] for source in sources.values()]
    engine = kind(DIALECTS[tables.dialect], tables.run, taken, Places(policy), is_storing=tables.temporary)
    quoted = {name: ".".join(map(engine.dialect.quoted, source)) for name, source in sources.items()}
    types = tables.types
    problems = [problem for name in types for problem in engine.check(name, sources[name], types[name])]
    if problems:
        raise BookDocumentError(problems)
    given = {name: engine.given(quoted[name], types[name]) for name in types}
    return engine, Opened(engine=engine, tables=given, zone=tables.zone, currency=tables.currency)


def _refuse_bars(policy: Policy) -> None:
    """Names of rules are shown as text joined by `|`."""
    problems = list(_barred(policy))
    if problems:
        raise UnsupportedPolicyError(problems)


def _barred(policy: Policy) -> Iterator[Problem]:
    for place, rule in enumerate(policy.cadence):
        if "|" in rule.id:
            message = "has a | in it, which stands between the rules that ask for one contact"
            yield Problem(file="<policy>", path=f"cadence[{place}].id", message=message, hint="rename the rule")
