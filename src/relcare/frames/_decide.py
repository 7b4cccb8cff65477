"""A policy decided over columns: facts, tiers, lists, qualifications, each as columns for the next (FCT-5)."""

from collections.abc import Collection, Iterator
from datetime import date
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from relcare.cadence import CadenceRule, DueContext, Trigger
from relcare.calendars import Calendar, RollTable
from relcare.decisions import Policy, ReadyPolicy
from relcare.frames._asked import AskedColumns
from relcare.frames._border import cross
from relcare.frames._borders import GroupBorders
from relcare.frames._cadence import CadenceColumns
from relcare.frames._cadence_plan import CadencePlan
from relcare.frames._core import Core
from relcare.frames._currency import check_currencies
from relcare.frames._decided import DecidedFrames
from relcare.frames._duties import DutyColumns
from relcare.frames._engine import SEPARATOR, Lazy
from relcare.frames._facts import FactColumns, fact_column
from relcare.frames._frames import Frames, Opened, check_frames, opened
from relcare.frames._given import check_only, check_policy
from relcare.frames._grades import GradeColumns
from relcare.frames._moments import OneDay
from relcare.frames._needs import facts_of_grade, facts_of_programme, facts_of_rule, facts_of_scheme, facts_of_segment, needs_of
from relcare.frames._permission import PermissionColumns
from relcare.frames._programmes import ProgrammeColumns
from relcare.frames._progress import Progress, silent
from relcare.frames._schemes import SchemeColumns
from relcare.frames._segments import SegmentColumns, cells_of, never_of, with_segments
from relcare.frames._shown import Shown
from relcare.frames._spells import with_spells
from relcare.frames._support import PARTS, check_support
from relcare.frames._vip_dates import LookBack, with_first_days
from relcare.segmentation import QuotaScheme

__all__ = ["decide", "prepared"]


def decide(
    policy: Policy,
    frames: Frames,
    *,
    as_of: date,
    only: Collection[str] | None = None,
    calendar: Calendar | None = None,
    progress: Progress = silent,
) -> DecidedFrames:
    """What a policy says about a book in columns, at the end of a day: the same as `Policy.decide` says of each client.

    What is collected on the way are aggregates: counts of wrong rows, histograms of scores around the borders, the ids of those
    who share a score at one. All else stays lazy in the engine of the tables.

    Args:
        policy: The policy.
        frames: The book.
        as_of: A civil day in the zone of the frames; its events count.
        only: Some of `grades`, `segmentation`, `vip`, `segments` and `cadence`, for a policy that has more than can be decided
            over columns; facts always are. What they rest on is decided with them.
        calendar: Business days; the policy's own by default.
        progress: Told in a few words what is worked on next, for a person who waits.

    Raises:
        UnsupportedPolicyError: If the policy has parts that are not decided over columns, with the place of each.
        BookDocumentError: If columns are missing, of a wrong type or hold what they must not.
        InvalidValueError: If `only` names what is no such part.
        PolicyError: If the policy is not in force on that day.
        StorageError: If DuckDB has too little memory for it.

    Source: TIM-1, FCT-1 to FCT-5, CRI-2, SEG-1 to SEG-10, VIP-1, VIP-2, VIP-4, CAD-1 to CAD-6, CAD-8 to CAD-11, CAD-13.
    """
    check_frames(frames)
    run, day = prepared(policy, as_of, frames.zone, only)
    run.told = progress
    return run.decided(opened(frames), day, calendar)


def prepared(policy: Policy, as_of: date, zone: str, only: Collection[str] | None) -> tuple["_Run", date]:
    """A policy ready to be decided over the tables of any engine, and the day; see `decide`."""
    check_policy(policy)
    check_only(only)
    decisions = ReadyPolicy(policy)
    run = _Run(decisions, _closed(policy, only))
    check_support(policy, decisions.words, only if only is None else run.parts)
    return run, decisions.day(as_of, zone)


_ROOMS = {"segments": "segment.", "vip": "vip.", "segmentation": "tier.", "grades": "grade."}
"""The parts whose results have names that begin so, each before those it may rest on."""


def _closed(policy: Policy, only: Collection[str] | None) -> frozenset[str]:
    """The parts that are asked for and those they rest on."""
    asked = {
        "cadence": {name for rule in _owing(policy) for name in facts_of_rule(rule)},
        "segments": {name for segment in policy.segments for name in facts_of_segment(segment)},
        "vip": {name for programme in policy.vip_programmes for name in facts_of_programme(programme)},
        "segmentation": {name for scheme in policy.segmentation for name in facts_of_scheme(scheme)},
    }
    parts = frozenset(PARTS if only is None else only)
    for part, room in _ROOMS.items():
        if any(name.startswith(room) for there in parts for name in asked.get(there, ())):
            parts |= {part}
    return parts


def _owing(policy: Policy) -> tuple[CadenceRule | Trigger, ...]:
    """All that asks for contacts: the rules, and the triggers behind them."""
    return (*policy.cadence, *policy.triggers)


class _Run:
    def __init__(self, decisions: ReadyPolicy, parts: frozenset[str]) -> None:
        self.decisions = decisions
        self.policy: Policy = decisions.policy
        self.parts = parts
        self.schemes = dict(enumerate(self.policy.segmentation)) if "segmentation" in parts else {}
        self.programmes = dict(enumerate(self.policy.vip_programmes)) if "vip" in parts else {}
        self.grades = self.policy.grades if "grades" in parts else ()
        self.segments = self.policy.segments if "segments" in parts else ()
        self.rules = self.policy.cadence if "cadence" in parts else ()
        self.triggers = self.policy.triggers if "cadence" in parts else ()
        self.owing = _owing(self.policy) if "cadence" in parts else ()
        self.layout = {name: fact_column(name) for name in decisions.words.full}
        self.told: Progress = silent

    def decided(self, given: Opened, day: date, calendar: Calendar | None) -> DecidedFrames:
        self.told("tables")
        needs = needs_of(self.policy, self._facts(), self.rules, self.triggers)
        core = cross(given, needs, as_of=day.toordinal(), relationship_types=self.decisions.strategies)
        if not core.is_checked:
            check_currencies(core, self.policy.facts, self.policy.currency, given.currency)
        self.told("facts")
        facts = FactColumns(self.policy.facts, self.decisions.reader.types, core)
        frame = facts.read(core.clients, OneDay(day.toordinal()))
        if self._asks_again() and not self._is_plain():
            frame = core.engine.settled(frame)
        for grade in self._grades(core):
            frame = grade.decided(frame)
        frame, rankings = self._with_tiers(frame, core, day.toordinal())
        frame = self._with_qualifications(frame, core, facts, day.toordinal())
        segments = self._segments()
        frame = with_segments(segments, frame, core.engine)
        cells = cells_of(segments, frame, core.engine)
        owed, unknown = self._owed(frame, core, day, calendar, ZoneInfo(given.zone)) if self.owing else (None, None)
        return DecidedFrames(
            policy_id=self.policy.id,
            policy_version=self.policy.version,
            as_of=day,
            engine=core.engine.name,
            clients=self._shown().of(frame, core.engine).to_native(),
            obligations=None if owed is None else owed.to_native(),
            undecided=None if unknown is None else unknown.to_native(),
            cells=None if cells is None else cells.to_native(),
            rankings=rankings,
            run_by=core.engine,
        )

    def _asks_again(self) -> bool:
        """Whether the facts are looked at more than once: for borders, or to see who is looked back on."""
        quotas = [scheme for scheme in self.schemes.values() if isinstance(scheme, QuotaScheme)]
        return any((self.grades, quotas, self.programmes, self.segments, self.owing))

    def _is_plain(self) -> bool:
        """Whether facts are columns of clients as they are, for schemes and segments: it costs nothing to read them again."""
        is_read = all(not (one.measure or one.derivation or (one.reads or "").startswith("people.")) for one in self.policy.facts)
        return is_read and not self.grades and not self.programmes and not self.owing

    def _facts(self) -> Iterator[str]:
        for scheme in self.schemes.values():
            yield from facts_of_scheme(scheme)
        for programme in self.programmes.values():
            yield from facts_of_programme(programme)
        for grade in self.grades:
            yield from facts_of_grade(grade)
        for segment in self.segments:
            yield from facts_of_segment(segment)
        for rule in self.owing:
            yield from facts_of_rule(rule)

    def _grades(self, core: Core) -> Iterator[GradeColumns]:
        words = self.decisions.words.grades
        for place, grade in enumerate(self.grades):
            yield GradeColumns(place=place, grade=grade, vocabulary=words, layout=self.layout, engine=core.engine)

    def _segments(self) -> list[SegmentColumns]:
        words, never = self.decisions.words.segments, never_of(self.schemes, ())
        return [
            SegmentColumns(place=place, segment=segment, vocabulary=words, layout=self.layout, never=never)
            for place, segment in enumerate(self.segments)
        ]

    def _shown(self) -> Shown:
        return Shown(
            vocabulary=self.decisions.words.full,
            layout=self.layout,
            grades=self.grades,
            schemes=self.schemes,
            programmes=self.programmes,
            segments=self.segments,
        )

    def _with_tiers(self, frame: Lazy, core: Core, as_of: int) -> tuple[Lazy, dict[str, dict[str, GroupBorders]]]:
        found: dict[str, dict[str, GroupBorders]] = {}
        frame = with_spells(frame, core, self.schemes)
        for place, scheme in self.schemes.items():
            self.told(f"scheme {scheme.id}")
            columns = SchemeColumns(
                place=place,
                scheme=scheme,
                vocabulary=self.decisions.words.schemes[place],
                layout=self.layout,
                engine=core.engine,
                as_of=as_of,
                has_spells=core.tiers is not None,
                has_pins=core.pins is not None,
                is_checked=core.is_checked,
            )
            frame, borders = columns.decided(frame)
            if isinstance(scheme, QuotaScheme):
                if place + 1 < len(self.schemes) or self.programmes or self.segments or self.owing:
                    # Engines would plan all of it anew for every histogram of the schemes below.
                    frame = core.engine.settled(frame)
                found[scheme.id] = {group or "": one for group, one in borders.items()}
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
            frame = one.listed(frame, day, lambda base, review: core.engine.settled(facts.read(base, OneDay(review))))
        for one in columns:
            frame = one.decided(frame)
        if not columns:
            return frame
        self.told("qualifications")
        look = LookBack(core=core, facts=facts, decisions=self.decisions, programmes=columns, as_of=day)
        return with_first_days(frame, look)

    def _owed(self, frame: Lazy, core: Core, day: date, calendar: Calendar | None, zone: ZoneInfo) -> tuple[Lazy, Lazy]:
        """What is owed, and of whom it is not known."""
        self.told("contacts")
        as_of, schemes = day.toordinal(), self.policy.segmentation
        used = self.decisions.own_calendar if calendar is None else calendar
        in_force = self.policy.effective_from.toordinal()
        asked = AskedColumns(
            rules=self.rules,
            schemes=schemes,
            vocabulary=self.decisions.words.full,
            layout=self.layout,
            core=core,
            as_of=as_of,
            never=never_of(self.schemes, self.segments),
        )
        looks = [asked.looks.index(look) if (look := asked.look(rule)) in asked.looks else None for rule in self.rules]
        plan = CadencePlan(rules=self.rules, strategies=self.decisions.strategies, looks=looks)
        cadence = CadenceColumns(
            rules=self.rules,
            asked=asked,
            plan=plan,
            core=core,
            layout=self.layout,
            context=DueContext(
                as_of=as_of,
                in_force_from=in_force,
                table=RollTable(used, day, day),
                zone=zone,
                hours=self.policy.working_hours,
            ),
            triggers=self.triggers,
        )
        owed, unknown = cadence.decided(frame)
        permission: PermissionColumns | None = None
        if (rules := self.policy.permission) is not None:
            permission = PermissionColumns(rules=rules, asking=self.owing, core=core, as_of=as_of, zone=zone.key, calendar=used)
        duties = DutyColumns(rules=self.owing, plan=plan, core=core, as_of=as_of, permission=permission)
        return duties.shown(owed), duties.named(unknown)


def _has(types: nw.Expr, name: str) -> nw.Expr:
    return types.str.contains(f"{SEPARATOR}{name}{SEPARATOR}", literal=True)
