"""The areas composed: facts, tiers, strategies, qualifications, obligations; each result is a fact for the next (FCT-5).

Qualifications come before obligations, so that a cadence rule may ask for `vip.<programme>`; nothing in a programme can depend on
what is owed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import check_moment, to_moment
from relcare.cadence import Cadence, DueContext, TierChange, cadence_of, staff_by_role, tier_changes
from relcare.calendars import Calendar, RollTable, Weekdays, calendar
from relcare.decisions._circumstances import Circumstances
from relcare.decisions._graded import encode_grades, grade_book, ungraded
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.decisions._segmenting import Segmenter
from relcare.decisions._turning_days import turning_days
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.errors import IllegalStepError, InvalidValueError, PolicyError, nearest
from relcare.facts import ClientHistory, FactReader, FactSource, histories_of
from relcare.model import (
    Absence,
    Book,
    Consent,
    FactValue,
    MembershipEvent,
    Obligation,
    Obligations,
    Pin,
    Reason,
    Staff,
    TierSpell,
    Undecided,
    civil_day,
)
from relcare.policy import Core, OutOfBounds
from relcare.relationships import MergedStrategy, merge_strategies, strategies_of
from relcare.segmentation import Assignment, Scheme, SchemeResult, assign, assign_one, in_scope
from relcare.segments import SegmentResult
from relcare.vip import (
    MembershipRules,
    MembershipState,
    Programme,
    QualifiedSpell,
    Qualifier,
    RowAt,
    VipDecision,
    benefits_of,
    is_nominated,
    membership,
    membership_so_far,
    qualifier_of,
    review_day,
    top_places,
)

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["Engine", "civil_as_of"]

Row = dict[str, Core]


def civil_as_of(as_of: date, zone: str) -> date:
    """The civil day that is asked about: a date as it is, an aware instant as the zone's calendar shows it (TIM-1).

    Raises:
        InvalidValueError: If it is a naive instant, no date, or not from 1900 to 2199.
    """
    moment = to_moment(as_of)
    check_moment("as_of", moment)
    return civil_day(moment, ZoneInfo(zone))


@attrs.frozen(kw_only=True, eq=False)
class _Case:
    """One client in the course of a decision."""

    history: ClientHistory
    source: FactSource
    row: Row
    notes: list[Reason]
    strategy: MergedStrategy
    provisional: dict[str, Reason] = attrs.field(factory=dict[str, Reason])
    inapplicable: set[str] = attrs.field(factory=set[str])
    changes: Mapping[str, TierChange] = attrs.field(factory=dict[str, TierChange])
    consents: Sequence[Consent] = ()
    steps: Sequence[MembershipEvent] = ()

    def steps_in(self, programme_id: str) -> list[MembershipEvent]:
        """The client's steps in one programme, in their order."""
        return [step for step in self.steps if step.programme_id == programme_id]


class Engine:
    """A policy made ready to decide; every part is compiled once."""

    def __init__(self, policy: "Policy") -> None:
        self.policy = policy
        self.words = vocabularies_of_policy(policy)
        self.reader = FactReader(policy.facts, policy.currency)
        self.strategies = strategies_of(policy.relationships)
        self.qualifiers: tuple[Qualifier, ...] = tuple(qualifier_of(p, self.words.programmes) for p in policy.vip_programmes)
        self.segmenter = Segmenter(policy.segments, self.words.segments)
        self._merged: dict[frozenset[str], MergedStrategy] = {}
        self._tables: list[tuple[Calendar, RollTable]] = []

    @cached_property
    def cadence(self) -> Cadence:
        policy = self.policy
        return cadence_of(
            policy.cadence, self.words.full, policy_id=policy.id, policy_version=policy.version, triggers=policy.triggers
        )

    @cached_property
    def own_calendar(self) -> Calendar:
        return Weekdays() if self.policy.calendar is None else calendar(self.policy.calendar)

    def context(self, as_of: date, given: Calendar | None, zone: str, moment: date) -> DueContext:
        if isinstance(given, str):
            raise InvalidValueError("calendar", given, "must be a calendar", f'write relcare.calendars.calendar("{given}")')
        used = self.own_calendar if given is None else given
        table = next((table for known, table in self._tables if known is used), None)
        if table is None:
            table = RollTable(used, as_of, as_of)
            self._tables = [*self._tables[-3:], (used, table)]
        return DueContext(
            as_of=as_of.toordinal(),
            in_force_from=self.policy.effective_from.toordinal(),
            table=table,
            zone=ZoneInfo(zone),
            hours=self.policy.working_hours,
            moment=moment if isinstance(moment, datetime) else None,
        )

    def circumstances(
        self, day: date, given: Calendar | None, zone: str, absences: Mapping[str, Sequence[Absence]] | None
    ) -> Circumstances:
        """What stands between obligations and their being done on a day."""
        return Circumstances(
            as_of=day,
            rules=self.policy.permission,
            zone=zone,
            calendar=lambda: self.own_calendar if given is None else given,
            purposes=self.purposes,
            absences=absences or {},
        )

    @cached_property
    def purposes(self) -> Mapping[str, str | None]:
        """What each rule and trigger is for."""
        return Circumstances.purposes_of(self.policy.cadence, self.policy.triggers)

    def day(self, as_of: date, zone: str) -> date:
        """The civil day, checked against the policy's effective dates."""
        day, policy = civil_as_of(as_of, zone), self.policy
        if day < policy.effective_from or (policy.effective_until is not None and day >= policy.effective_until):
            until = f" until before {policy.effective_until}" if policy.effective_until else ""
            raise PolicyError(
                f"as_of {day} is outside the effective dates of policy {policy.id!r} version {policy.version!r}: from "
                f"{policy.effective_from}{until}",
                "use the version that was in force then",
            )
        return day

    def decide(self, book: Book, as_of: date, given: Calendar | None) -> BookResult:
        if not isinstance(book, Book):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("book", book, "must be a Book", "decide_client takes one client, decide_facts takes facts")
        day = self.day(as_of, book.zone)
        self.check_currency(book)
        ordinal = day.toordinal()
        cases = {history.client.id: self._case(history, ordinal) for history in _owned(histories_of(book), book, day)}
        for client_id, consents in book.consents_by_client.items():
            cases[client_id] = attrs.evolve(cases[client_id], consents=consents)
        for client_id, spells in book.tier_spells_by_client.items():
            cases[client_id] = attrs.evolve(cases[client_id], changes=self._changes(spells, day))
        for client_id, steps in book.membership_events_by_client.items():
            cases[client_id] = attrs.evolve(cases[client_id], steps=steps)
        rows = {client_id: case.row for client_id, case in cases.items()}
        grades = grade_book(self.policy.grades, rows, self.words.grades)
        schemes: dict[str, SchemeResult] = {}
        in_force = {client_id: book.tiers_in_force(client_id, on=day) for client_id in cases}
        for scheme, vocabulary in zip(self.policy.segmentation, self.words.schemes, strict=True):
            tiers = {client_id: spells[scheme.id] for client_id, spells in in_force.items() if scheme.id in spells}
            pins = _pins_of(scheme, book.pins, day)
            result = assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=tiers, pins=pins)
            for client_id, case in cases.items():
                self._set_tier(case, scheme.id, scheme.tier_ids, tiers.get(client_id), result.tiers.get(client_id))
                if client_id in result.out_of_scope:
                    case.inapplicable.add(f"tier.{scheme.id}")
            schemes[scheme.id] = _with_notes(result, cases)
        self._set_lists(cases, ordinal)
        for case in cases.values():
            self._set_derived(case, ordinal)
        return BookResult(
            policy_id=self.policy.id,
            policy_version=self.policy.version,
            as_of=day,
            grades=grades,
            schemes=schemes,
            programme_ids=tuple(programme.id for programme in self.policy.vip_programmes),
            client_ids=tuple(cases),
            notes={client_id: tuple(case.notes) for client_id, case in cases.items() if case.notes},
            facts=lambda client_id: self._readable(rows[client_id]),
            strategy=lambda client_id: cases[client_id].strategy,
            oblige=lambda: self._oblige(
                list(cases.values()),
                book.staff,
                self.context(day, given, book.zone, as_of),
                self.circumstances(day, given, book.zone, book.absences_by_staff),
            ),
            vip=lambda programme_id, client_id: self._vip(programme_id, cases[client_id], ordinal),
            membership=lambda programme_id, client_id: self._membership(programme_id, cases[client_id], ordinal),
            qualified=lambda programme_id, client_id: self._qualified(programme_id, cases[client_id], ordinal),
            divide=lambda: self._divided(cases),
        )

    def check_currency(self, book: Book) -> None:
        """Refuse to compare clients in different currencies where the policy names none (FCT-4)."""
        if self.policy.currency is None and any(f.measure is not None and f.measure.field == "amount" for f in self.policy.facts):
            found = sorted({purchase.amount.currency for purchase in book.purchases})
            if len(found) > 1:
                raise InvalidValueError("purchases", ", ".join(found), "must be in one currency", "name it in the policy")

    def decide_client(
        self, book: Book, tiers: Mapping[str, str], grades: Mapping[str, int | None], as_of: date, given: Calendar | None
    ) -> ClientResult:
        """The one client of a book, without looking at anything but its own history."""
        day = self.day(as_of, book.zone)
        ordinal = day.toordinal()
        case, assignments = self._alone(book, tiers, grades, day)
        owed, undecided = self._oblige(
            [case],
            book.staff,
            self.context(day, given, book.zone, as_of),
            self.circumstances(day, given, book.zone, book.absences_by_staff),
        )
        facts = self._readable(case.row)
        return ClientResult(
            policy_id=self.policy.id,
            policy_version=self.policy.version,
            as_of=day,
            client_id=case.history.client.id,
            facts=facts,
            tiers=self._tiers(facts),
            assignments=tuple(assignments),
            strategy=case.strategy,
            obligations=owed,
            undecided=undecided,
            vip=tuple(self._vip(programme.id, case, ordinal) for programme in self.policy.vip_programmes),
            memberships=tuple(
                self._membership(programme.id, case, ordinal)
                for programme in self.policy.vip_programmes
                if programme.membership is not None
            ),
            notes=tuple(case.notes),
            segments=tuple(
                result.membership(case.history.client.id) for result in self._divided({case.history.client.id: case}).values()
            ),
        )

    def take_step(self, book: Book, event: MembershipEvent) -> MembershipState:
        """Where the one client of a book stands once a step has been taken; see `Policy.take_step`."""
        day = self.day(event.on, book.zone)
        case, _ = self._alone(attrs.evolve(book, membership_events=(*book.membership_events, event)), {}, {}, day)
        qualifier = self._qualifier(event.programme_id)
        qualified = self._qualified(event.programme_id, case, day.toordinal())
        try:
            return membership(qualifier.programme, case.steps_in(event.programme_id), qualified, as_of=day)
        except IllegalStepError as error:
            raise error.renamed(error.name.partition("].")[2]) from None

    def _alone(
        self, book: Book, tiers: Mapping[str, str], grades: Mapping[str, int | None], day: date
    ) -> tuple[_Case, list[Assignment]]:
        """The one client of a book with all that is derived, and what the threshold schemes decided."""
        ordinal = day.toordinal()
        (history,) = _owned(histories_of(book), book, day)
        spells = book.tier_spells
        case = attrs.evolve(self._case(history, ordinal), changes=self._changes(spells, day), consents=book.consents)
        case = attrs.evolve(case, steps=book.membership_events)
        _refuse_unknown("grades", grades, [grade.id for grade in self.policy.grades])
        case.row.update(encode_grades(self.policy.grades, grades))
        case.notes.extend(ungraded(self.policy.grades, case.row, self.words.grades))
        assignments: list[Assignment] = []
        for scheme, vocabulary in zip(self.policy.segmentation, self.words.schemes, strict=True):
            tier = tiers.get(scheme.id)
            if tier is not None and tier not in scheme.tier_ids:
                raise InvalidValueError(f"tiers.{scheme.id}", tier, f"must be one of {', '.join(map(repr, scheme.tier_ids))}")
            tier = tier or next((s.tier for s in spells if s.scheme_id == scheme.id and s.covers(day)), None)
            pin = _pins_of(scheme, book.pins, day).get(history.client.id)
            found = assign_one(scheme, history.client.id, case.row, vocabulary=vocabulary, tier_in_force=tier, pin=pin)
            if found is not None:
                assignments.append(_noted(found, case.notes))
            self._set_tier(case, scheme.id, scheme.tier_ids, tier, found.tier if found else None)
            if not in_scope(scheme, case.row, vocabulary):
                case.inapplicable.add(f"tier.{scheme.id}")
        _refuse_unknown("tiers", tiers, [scheme.id for scheme in self.policy.segmentation])
        self._set_lists({history.client.id: case}, ordinal, is_whole=False)
        self._set_derived(case, ordinal)
        return case, assignments

    def decide_facts(self, given: Mapping[str, object], day: date) -> FactsResult:
        row, notes = self.encode(given)
        notes = (*notes, *ungraded(self.policy.grades, row, self.words.grades))
        assignments: list[Assignment] = []
        for scheme, vocabulary in zip(self.policy.segmentation, self.words.schemes, strict=True):
            name = f"tier.{scheme.id}"
            if name in given:
                continue
            found = assign_one(scheme, "given", row, vocabulary=vocabulary, tier_in_force=None)
            row[name] = (
                None if found is None or found.tier is None else len(scheme.tier_ids) - 1 - scheme.tier_ids.index(found.tier)
            )
            if found is not None:
                assignments.append(_noted(found, notes))
        types = row.get("client.relationship_types")
        if isinstance(types, frozenset):
            merge_strategies(types, self.strategies)  # an unknown type is an error (REL-4)
        for name in self.strategies:
            row.setdefault(f"strategy.{name}", name in types if isinstance(types, frozenset) else None)
        decisions = tuple(_vip_noted(qualifier.decide(row), notes) for qualifier in self.qualifiers)
        for decision in decisions:
            row.setdefault(
                f"vip.{decision.programme_id}", None if decision.qualification == "unknown" else decision.qualification
            )
        for name, answer in self.segmenter.facts(row).items():
            row.setdefault(name, answer)
        facts = self._readable(row)
        return FactsResult(
            policy_id=self.policy.id,
            policy_version=self.policy.version,
            as_of=day,
            facts=facts,
            tiers=self._tiers(facts),
            assignments=tuple(assignments),
            vip=decisions,
            notes=notes,
        )

    def encode(self, given: Mapping[str, object]) -> tuple[Row, tuple[Reason, ...]]:
        """Facts as people write them in core form, with a reason for each that is out of bounds (FCT-1)."""
        _refuse_unknown("facts", given, list(self.words.full))
        row: Row = {}
        notes: list[Reason] = []
        for name, value in given.items():
            core = self.words.full[name].encode(name, value)
            if isinstance(core, OutOfBounds):
                notes.append(Reason("fact.out_of_bounds", {}, {"fact": name, "value": core.value}))
                core = None
            row[name] = core
        for fact in self.reader.facts:
            if fact.derivation is not None and fact.id not in given:
                derived = self.reader.derived(fact, row)
                if isinstance(derived, OutOfBounds):
                    notes.append(Reason("fact.out_of_bounds", {}, {"fact": fact.id, "value": derived.value}))
                    derived = None
                row[fact.id] = derived
        return row, tuple(notes)

    def _case(self, history: ClientHistory, as_of: int) -> _Case:
        source = self.reader.open(history)
        row, notes = source.at(as_of)
        types = history.client.relationship_types
        try:
            strategy = self._merged.get(types) or self._merged.setdefault(types, merge_strategies(types, self.strategies))
        except InvalidValueError as error:
            raise error.renamed(f"client {history.client.id!r}: {error.name}") from None
        return _Case(history=history, source=source, row=row, notes=list(notes), strategy=strategy)

    def _changes(self, spells: Sequence[TierSpell], day: date) -> dict[str, TierChange]:
        return tier_changes(spells, {scheme.id: scheme.tier_ids for scheme in self.policy.segmentation}, day)

    @staticmethod
    def _set_tier(case: _Case, scheme_id: str, tier_ids: Sequence[str], in_force: str | None, computed: str | None) -> None:
        """The tier in force, else the one computed now, said to be provisional (CAD-6)."""
        name = f"tier.{scheme_id}"
        if in_force is not None and in_force not in tier_ids:
            case.notes.append(Reason("tier.unknown", {}, {"scheme": scheme_id, "tier": in_force}))
        tier = in_force if in_force in tier_ids else computed
        case.row[name] = None if tier is None else len(tier_ids) - 1 - tier_ids.index(tier)
        if tier is not None and tier != in_force:
            case.provisional[name] = Reason("tier.provisional", {}, {"scheme": scheme_id, "tier": tier})

    def _set_lists(self, cases: Mapping[str, _Case], as_of: int, *, is_whole: bool = True) -> None:
        """Who is on the lists of the best; for a client by itself only whether it is left out (VIP-1)."""
        for programme in self.policy.vip_programmes:
            for top in programme.top:
                day = review_day(top, as_of)
                rows = {i: case.row if day == as_of else _as_on(case, day) for i, case in cases.items()}
                for client_id, is_on in top_places(top, rows, self.words.programmes).items():
                    cases[client_id].row[f"vip.{programme.id}.top.{top.id}"] = is_on if is_whole or is_on is False else None

    def _set_derived(self, case: _Case, as_of: int) -> None:
        types = case.history.client.relationship_types
        for name in self.strategies:
            case.row[f"strategy.{name}"] = name in types
        managed = [programme for programme in self.policy.vip_programmes if programme.membership is not None]
        for programme in managed:
            steps = case.steps_in(programme.id)
            case.row[f"vip.{programme.id}.nominated"] = is_nominated(steps, as_of=date.fromordinal(as_of))
        for qualifier in self.qualifiers:
            answer = qualifier.qualification(case.row)
            case.row[f"vip.{qualifier.programme.id}"] = None if answer == "unknown" else answer
        for programme in managed:
            state = self._membership(programme.id, case, as_of, is_noted=True)
            case.row[f"vip.{programme.id}.membership"] = state.state
            case.row[f"vip.{programme.id}.benefits"] = benefits_of(programme, state)
        case.row.update(self.segmenter.facts(case.row))
        case.inapplicable.update(self.segmenter.inapplicable(case.row, frozenset(case.inapplicable)))

    def _divided(self, cases: Mapping[str, _Case]) -> dict[str, SegmentResult]:
        return self.segmenter.divided(
            {client_id: case.row for client_id, case in cases.items()},
            {client_id: frozenset(case.inapplicable) for client_id, case in cases.items() if case.inapplicable},
            {client_id: case.notes for client_id, case in cases.items()},
        )

    def _oblige(
        self, cases: Sequence[_Case], staff: Sequence[Staff], context: DueContext, circumstances: Circumstances
    ) -> tuple[Obligations, tuple[Undecided, ...]]:
        roles = staff_by_role(staff)
        owed: list[Obligation] = []
        undecided: list[Undecided] = []
        for case in cases:
            some, unknown = self.cadence.oblige(
                case.history,
                case.row,
                context,
                strategy_intervals=case.strategy.intervals,
                provisional=case.provisional,
                roles=roles,
                inapplicable=frozenset(case.inapplicable),
                changes=case.changes,
            )
            owed.extend(circumstances.applied(some, case.history, case.consents))
            undecided.extend(attrs.evolve(u, reasons=(*u.reasons, *_about(case.notes, u.missing))) for u in unknown)
        return Obligations(owed), tuple(undecided)

    @cached_property
    def _outsiders(self) -> Mapping[str, MembershipState]:
        """By programme, where everybody stands who never took a step: the many share one value."""
        programmes = self.policy.vip_programmes
        return {one.id: membership(one, (), (), as_of=self.policy.effective_from) for one in programmes}

    def _qualifier(self, programme_id: str) -> Qualifier:
        return next(q for q in self.qualifiers if q.programme.id == programme_id)

    def _vip(self, programme_id: str, case: _Case, as_of: int) -> VipDecision:
        qualifier = self._qualifier(programme_id)
        never = True not in qualifier.answers(case.row) and qualifier.is_rising and case.source.is_rising(qualifier.layout)
        decision = qualifier.decide(
            case.row,
            client_id=case.history.client.id,
            as_of=as_of,
            row_at=self._row_at(qualifier, case, as_of),
            # What can only rise and does not suffice now never did.
            days=() if never else list(self._days(qualifier, case, as_of)),
        )
        return _vip_noted(decision, case.notes)

    def _row_at(self, qualifier: Qualifier, case: _Case, as_of: int) -> RowAt:
        """The facts of a programme at the end of an earlier day.

        Tiers and strategies have no history here: they are taken as they are now. Lists hold from their last review on (VIP-4).
        """
        programme = qualifier.programme
        today = {name: case.row.get(name) for name in qualifier.layout}
        reviews = {f"vip.{programme.id}.top.{top.id}": review_day(top, as_of) for top in programme.top}
        steps, nominated = case.steps_in(programme.id), f"vip.{programme.id}.nominated"

        def row_at(day: int) -> Mapping[str, Core]:
            row = {**today, **case.source.at(day, qualifier.layout)[0]}
            row.update({name: False for name, review in reviews.items() if day < review})
            if programme.membership is not None:
                row[nominated] = is_nominated(steps, as_of=date.fromordinal(day))
            return row

        return row_at

    def _qualified(self, programme_id: str, case: _Case, as_of: int) -> tuple[QualifiedSpell, ...]:
        qualifier = self._qualifier(programme_id)
        days = list(self._days(qualifier, case, as_of))
        return qualifier.qualified(self._row_at(qualifier, case, as_of), days, as_of)

    def _membership(self, programme_id: str, case: _Case, as_of: int, *, is_noted: bool = False) -> MembershipState:
        steps = case.steps_in(programme_id)
        if not steps:
            return self._outsiders[programme_id]
        programme = self._qualifier(programme_id).programme
        qualified = self._qualified(programme_id, case, as_of) if _asks_when_qualified(programme) else ()
        state, fault = membership_so_far(programme, steps, qualified, as_of=date.fromordinal(as_of))
        if fault is not None and is_noted:
            values = {"programme": programme_id, "place": fault.name, "value": fault.value, "rule": fault.rule}
            case.notes.append(Reason("membership.illegal", {}, values))
        return state

    def _days(self, qualifier: Qualifier, case: _Case, as_of: int) -> Iterator[int]:
        """Every day on which a path may change; history begins with the client's first day."""
        # What happens after `as_of` says nothing about a client's first day, as in CAD-1.
        known = [day for day in (case.history.begins, case.history.first_event) if day is not None and day <= as_of]
        begins = min(known, default=min(as_of, self.policy.effective_from.toordinal()))
        yield begins
        yield from (day for day in turning_days(qualifier, case.source, as_of) if day > begins)
        programme = qualifier.programme
        own = [*(review_day(top, as_of) for top in programme.top), *(s.on.toordinal() for s in case.steps_in(programme.id))]
        yield from (day for day in own if day > begins)

    def _readable(self, row: Mapping[str, Core]) -> dict[str, FactValue]:
        return {name: self.words.full[name].decode(value) for name, value in row.items()}

    def _tiers(self, facts: Mapping[str, FactValue]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for scheme in self.policy.segmentation:
            tier = facts.get(f"tier.{scheme.id}")
            found[scheme.id] = tier if isinstance(tier, str) else None
        return found


def _as_on(case: _Case, day: int) -> Row:
    """A client's facts at the end of an earlier day; what has no history there is as it is now."""
    return {**case.row, **case.source.at(day)[0]}


def _asks_when_qualified(programme: Programme) -> bool:
    """Whether it matters for a membership when the client qualified."""
    rules = programme.membership or MembershipRules()
    return rules.returns_delay is not None or rules.keeping == "re-evaluated"


def _owned(histories: Iterable[ClientHistory], book: Book, day: date) -> Iterator[ClientHistory]:
    """The histories with the owner of the day, where the book says who that was."""
    for history in histories:
        if history.client.id in book.owner_spells_by_client:
            owner = book.owner_on(history.client.id, day)
            yield attrs.evolve(history, client=attrs.evolve(history.client, owner_id=owner))
        else:
            yield history


def _pins_of(scheme: Scheme, pins: Iterable[Pin], day: date) -> dict[str, Pin]:
    """Whom the pins of a scheme hold on a day."""
    return {pin.client_id: pin for pin in pins if pin.scheme_id == scheme.id and pin.covers(day)}


def _refuse_unknown(name: str, given: Mapping[str, object], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            near = nearest(str(key), known)
            raise InvalidValueError(name, key, "is not known to the policy", f"did you mean {near!r}?" if near else None)


def _about(notes: Sequence[Reason], facts: Sequence[str]) -> list[Reason]:
    return [note for note in notes if note.values.get("fact") in facts]


def _noted(assignment: Assignment, notes: Sequence[Reason]) -> Assignment:
    about = _about(notes, assignment.missing)
    return attrs.evolve(assignment, reasons=(*assignment.reasons, *about)) if about else assignment


def _vip_noted(decision: VipDecision, notes: Sequence[Reason]) -> VipDecision:
    about = _about(notes, decision.missing)
    return attrs.evolve(decision, reasons=(*decision.reasons, *about)) if about else decision


def _with_notes(result: SchemeResult, cases: Mapping[str, _Case]) -> SchemeResult:
    if not any(case.notes for case in cases.values()):
        return result
    return result.explained_by(lambda client_id: _noted(result.assignment(client_id), cases[client_id].notes))
