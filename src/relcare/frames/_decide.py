"""A policy decided over columns: facts, tiers, lists, qualifications, each as columns for the next (FCT-5)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

import narwhals.stable.v2 as nw

from relcare.cadence import DueContext
from relcare.calendars import Calendar, RollTable
from relcare.decisions import Policy
from relcare.decisions._engine import Engine as Decisions
from relcare.errors import InvalidValueError, Problem, UnsupportedPolicyError
from relcare.frames._asked import AskedColumns
from relcare.frames._border import Core, cross
from relcare.frames._borders import GroupBorders
from relcare.frames._cadence import CadenceColumns
from relcare.frames._cadence_plan import CadencePlan
from relcare.frames._currency import check_currencies
from relcare.frames._decided import DecidedFrames
from relcare.frames._duties import DutyColumns
from relcare.frames._engine import SEPARATOR, Lazy
from relcare.frames._facts import NOTES, FactColumns, fact_column
from relcare.frames._frames import Frames, opened
from relcare.frames._moments import OneDay
from relcare.frames._needs import facts_of_programme, facts_of_rule, facts_of_scheme, needs_of
from relcare.frames._programmes import PROGRAMME_COLUMNS, ProgrammeColumns, programme_column
from relcare.frames._reader import CLIENT
from relcare.frames._schemes import SCHEME_COLUMNS, SchemeColumns, scheme_column
from relcare.frames._spells import with_spells
from relcare.frames._support import PARTS, check_support
from relcare.frames._vip_dates import LookBack, with_first_days
from relcare.ranking import Border
from relcare.segmentation import QuotaScheme

__all__ = ["decide"]


def decide(
    policy: Policy, frames: Frames, *, as_of: date, only: Collection[str] | None = None, calendar: Calendar | None = None
) -> DecidedFrames:
    """What a policy says about a book in columns, at the end of a day: the same as `Policy.decide` says of each client.

    What is collected on the way are aggregates: counts of wrong rows, histograms of scores around the borders, the ids of those
    who share a score at one. All else stays lazy in the engine of the tables.

    Args:
        policy: The policy.
        frames: The book.
        as_of: A civil day in the zone of the frames; its events count.
        only: Some of `segmentation`, `vip` and `cadence`, for a policy that has more than can be decided over columns; facts
            always are. What they rest on is decided with them.
        calendar: Business days; the policy's own by default.

    Raises:
        UnsupportedPolicyError: If the policy has parts that are not decided over columns, with the place of each.
        BookDocumentError: If columns are missing, of a wrong type or hold what they must not.
        InvalidValueError: If `only` names what is no such part.
        PolicyError: If the policy is not in force on that day.

    Source: TIM-1, FCT-1 to FCT-5, CRI-2, SEG-1 to SEG-6, SEG-8, SEG-10, VIP-1, VIP-2, VIP-4.
    """
    for name in only or ():
        if name not in PARTS:
            raise InvalidValueError("only", name, f"must be of {', '.join(PARTS)}")
    decisions = Decisions(policy)
    run = _Run(decisions, _closed(policy, only))
    check_support(policy, decisions.words, only if only is None else run.parts)
    return run.decided(frames, decisions.day(as_of, frames.zone), calendar)


_ROOMS = {"segmentation": "tier.", "vip": "vip."}
"""The parts whose results have names that begin so."""


def _closed(policy: Policy, only: Collection[str] | None) -> frozenset[str]:
    """The parts that are asked for and those they rest on."""
    parts = frozenset(PARTS if only is None else only)
    owed = [name for rule in policy.cadence for name in facts_of_rule(rule)] if "cadence" in parts else []
    parts |= {part for part, room in _ROOMS.items() if any(name.startswith(room) for name in owed)}
    rests = any(name.startswith("tier.") for programme in policy.vip_programmes for name in facts_of_programme(programme))
    return parts | {"segmentation"} if "vip" in parts and rests else parts


class _Run:
    def __init__(self, decisions: Decisions, parts: frozenset[str]) -> None:
        self.decisions = decisions
        self.policy: Policy = decisions.policy
        self.parts = parts
        self.schemes = dict(enumerate(self.policy.segmentation)) if "segmentation" in parts else {}
        self.programmes = dict(enumerate(self.policy.vip_programmes)) if "vip" in parts else {}
        self.rules = self.policy.cadence if "cadence" in parts else ()
        self.layout = {name: fact_column(name) for name in decisions.words.full}

    def decided(self, frames: Frames, day: date, calendar: Calendar | None) -> DecidedFrames:
        given = opened(frames)
        needs = needs_of(self.policy, self._facts(), self.rules)
        core = cross(given, needs, as_of=day.toordinal(), relationship_types=self.decisions.strategies)
        check_currencies(core, self.policy.facts, self.policy.currency)
        facts = FactColumns(self.policy.facts, self.decisions.reader.types, core)
        frame = facts.read(core.clients, OneDay(day.toordinal()))
        if self._asks_again():
            frame = core.engine.settled(frame)
        frame, borders = self._with_tiers(frame, core)
        frame = self._with_qualifications(frame, core, facts, day.toordinal())
        owed, unknown = self._owed(frame, core, day, calendar) if self.rules else (None, None)
        return DecidedFrames(
            policy_id=self.policy.id,
            policy_version=self.policy.version,
            as_of=day,
            engine=core.engine.name,
            clients=self._shown(frame, core).to_native(),
            obligations=None if owed is None else owed.to_native(),
            undecided=None if unknown is None else unknown.to_native(),
            borders=borders,
            run_by=core.engine,
        )

    def _asks_again(self) -> bool:
        """Whether the facts are looked at more than once: for borders, or to see who is looked back on."""
        return (
            bool(self.programmes) or bool(self.rules) or any(isinstance(scheme, QuotaScheme) for scheme in self.schemes.values())
        )

    def _facts(self) -> Iterator[str]:
        for scheme in self.schemes.values():
            yield from facts_of_scheme(scheme)
        for programme in self.programmes.values():
            yield from facts_of_programme(programme)
        for rule in self.rules:
            yield from facts_of_rule(rule)

    def _with_tiers(self, frame: Lazy, core: Core) -> tuple[Lazy, dict[str, dict[str, tuple[Border | None, ...]]]]:
        found: dict[str, dict[str, tuple[Border | None, ...]]] = {}
        frame = with_spells(frame, core, self.schemes)
        for place, scheme in self.schemes.items():
            columns = SchemeColumns(
                place=place,
                scheme=scheme,
                vocabulary=self.decisions.words.schemes[place],
                layout=self.layout,
                engine=core.engine,
            )
            frame, borders = columns.decided(frame)
            if isinstance(scheme, QuotaScheme):
                # Engines would plan all of it anew for every histogram of the schemes below.
                frame = core.engine.settled(frame)
                found[scheme.id] = _by_group(borders)
        return frame, found

    def _with_qualifications(self, frame: Lazy, core: Core, facts: FactColumns, day: int) -> Lazy:
        types = nw.col("types").fill_null("")
        flags = {self.layout[f"strategy.{name}"]: _has(types, name) for name in self.decisions.strategies}
        frame = frame.with_columns(**flags)
        columns = [
            ProgrammeColumns(
                place=place,
                programme=programme,
                vocabulary=self.decisions.words.programmes,
                layout=self.layout,
                engine=core.engine,
            )
            for place, programme in self.programmes.items()
        ]
        for one in columns:
            frame = one.listed(frame)
        for one in columns:
            frame = one.decided(frame)
        if not columns:
            return frame
        look = LookBack(core=core, facts=facts, decisions=self.decisions, programmes=columns, as_of=day)
        return with_first_days(frame, look)

    def _owed(self, frame: Lazy, core: Core, day: date, calendar: Calendar | None) -> tuple[Lazy, Lazy]:
        """What is owed, and of whom it is not known."""
        as_of, schemes = day.toordinal(), self.policy.segmentation
        used = self.decisions.duties.own_calendar if calendar is None else calendar
        in_force = self.policy.effective_from.toordinal()
        asked = AskedColumns(
            rules=self.rules,
            schemes=schemes,
            vocabulary=self.decisions.words.full,
            layout=self.layout,
            core=core,
            as_of=as_of,
            is_scheme_there=bool(self.schemes),
        )
        looks = [asked.looks.index(look) if (look := asked.look(rule)) in asked.looks else None for rule in self.rules]
        plan = CadencePlan(rules=self.rules, strategies=self.decisions.strategies, looks=looks)
        cadence = CadenceColumns(
            rules=self.rules,
            asked=asked,
            plan=plan,
            core=core,
            layout=self.layout,
            context=DueContext(as_of=as_of, in_force_from=in_force, table=RollTable(used, day, day)),
        )
        owed, unknown = cadence.decided(frame)
        duties = DutyColumns(rules=self.rules, plan=plan, core=core, as_of=as_of)
        return duties.shown(owed), duties.named(unknown)

    # ---------------------------------------------------------------------------------------------------- output

    def _shown(self, frame: Lazy, core: Core) -> Lazy:
        types = self.decisions.words.full
        there = set(frame.collect_schema())
        names = [name for name in types if self.layout[name] in there]
        found: dict[str, nw.Expr] = {"client_id": nw.col(CLIENT)}
        for name in names:
            found[name] = nw.col(self.layout[name])
        for place, scheme in self.schemes.items():
            found |= {f"scheme.{scheme.id}.{what}": nw.col(scheme_column(place, what)) for what in SCHEME_COLUMNS}
        for place, programme in self.programmes.items():
            found |= {f"programme.{programme.id}.{what}": nw.col(programme_column(place, what)) for what in PROGRAMME_COLUMNS}
        found[NOTES] = nw.col(NOTES)
        if core.engine.name == "duckdb":
            _refuse_alike(found)
        dates = [name for name in names if types[name].kind == "date"]
        sets = [name for name in names if types[name].kind == "set"]
        return core.engine.with_lists(core.engine.with_dates(frame.select(**found), dates), sets)


def _has(types: nw.Expr, name: str) -> nw.Expr:
    return types.str.contains(f"{SEPARATOR}{name}{SEPARATOR}", literal=True)


def _by_group(borders: Mapping[str | None, GroupBorders]) -> dict[str, tuple[Border | None, ...]]:
    return {group or "": found.borders for group, found in borders.items()}


def _refuse_alike(names: Collection[str]) -> None:
    """DuckDB takes names that differ in case alone for one."""
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            problems.append(
                Problem(
                    file="<policy>",
                    path=name,
                    message=f"is {other!r} to DuckDB, which does not tell upper from lower case",
                    hint="rename one, or use polars",
                )
            )
    if problems:
        raise UnsupportedPolicyError(problems)
