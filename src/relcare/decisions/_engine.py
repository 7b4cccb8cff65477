"""The areas composed: facts, tiers, strategies, qualifications, obligations; each result is a fact for the next (FCT-5).

Qualifications come before obligations, so that a cadence rule may ask for `vip.<programme>`; nothing in a programme can depend on
what is owed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from relcare._fields import ReadOnlyMap, check_moment, to_moment
from relcare.cadence import TierChange, tier_changes
from relcare.calendars import Calendar
from relcare.decisions._case import Case, Row, noted, owned, tier_core, vip_noted, with_notes
from relcare.decisions._duties import Duties
from relcare.decisions._graded import encode_grades, grade_book, ungraded
from relcare.decisions._programmes import Programmes
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.decisions._segmenting import Segmenter
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.errors import IllegalStepError, InvalidValueError, PolicyError, nearest
from relcare.facts import ClientHistory, FactReader, histories_of
from relcare.model import Book, FactValue, MembershipEvent, Pin, Reason, TierSpell, civil_day
from relcare.policy import Core, OutOfBounds
from relcare.ranking import Border
from relcare.relationships import MergedStrategy, merge_strategies, strategies_of
from relcare.segmentation import Assignment, QuotaScheme, Scheme, SchemeResult, assign, assign_one, in_scope, place_one
from relcare.segments import SegmentResult
from relcare.vip import MembershipState, membership

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["Borders", "Engine", "civil_as_of"]

Borders: TypeAlias = Mapping[str, Mapping[str, Sequence[Border | None]]]
"""Of quotas: by scheme, then by group, one for each tier, best first."""

_NO_BORDERS: Final[Borders] = ReadOnlyMap()


def civil_as_of(as_of: date, zone: str) -> date:
    """The civil day that is asked about: a date as it is, an aware instant as the zone's calendar shows it (TIM-1).

    Raises:
        InvalidValueError: If it is a naive instant, no date, or not from 1900 to 2199.
    """
    moment = to_moment(as_of)
    check_moment("as_of", moment)
    return civil_day(moment, ZoneInfo(zone))


class Engine:
    """A policy made ready to decide; every part is compiled once."""

    def __init__(self, policy: "Policy") -> None:
        self.policy = policy
        self.words = vocabularies_of_policy(policy)
        self.reader = FactReader(policy.facts, policy.currency)
        self.strategies = strategies_of(policy.relationships)
        self.programmes = Programmes(policy.vip_programmes, self.words.programmes, policy.effective_from)
        self.segmenter = Segmenter(policy.segments, self.words.segments)
        self.duties = Duties(policy, self.words.full)
        self._merged: dict[frozenset[str], MergedStrategy] = {}
        self._flags: dict[frozenset[str], dict[str, Core]] = {}

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
        cases = {history.client.id: self._case(history, ordinal) for history in owned(histories_of(book), book, day)}
        for client_id, consents in book.consents_by_client.items():
            cases[client_id] = attrs.evolve(cases[client_id], consents=consents)
        for client_id, spells in book.tier_spells_by_client.items():
            cases[client_id] = attrs.evolve(cases[client_id], changes=self._changes(spells, day))
        for client_id, steps in book.membership_events_by_client.items():
            cases[client_id] = attrs.evolve(cases[client_id], steps=steps)
        rows = {client_id: case.row for client_id, case in cases.items()}
        grades = grade_book(self.policy.grades, rows, self.words.grades)
        schemes: dict[str, SchemeResult] = {}
        in_force = {client_id: book.tiers_in_force(client_id, on=day) for client_id in book.tier_spells_by_client}
        for scheme, vocabulary in zip(self.policy.segmentation, self.words.schemes, strict=True):
            tiers = {client_id: spells[scheme.id] for client_id, spells in in_force.items() if scheme.id in spells}
            pins = _pins_of(scheme, book.pins, day)
            result = assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=tiers, pins=pins)
            tier_ids, found = scheme.tier_ids, result.tiers
            for client_id, case in cases.items():
                case.set_tier(scheme.id, tier_ids, tiers.get(client_id), found.get(client_id))
            for client_id in result.out_of_scope:
                cases[client_id].inapplicable.add(f"tier.{scheme.id}")
            schemes[scheme.id] = with_notes(result, cases)
        self.programmes.set_lists(cases, ordinal)
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
            oblige=lambda: self.duties.of(list(cases.values()), book, as_of, day, given),
            vip=lambda programme_id, client_id: self.programmes.decision(programme_id, cases[client_id], ordinal),
            membership=lambda programme_id, client_id: self.programmes.membership(programme_id, cases[client_id], ordinal),
            qualified=lambda programme_id, client_id: self.programmes.qualified(programme_id, cases[client_id], ordinal),
            divide=lambda: self._divided(cases),
            question=(self.policy, book, as_of, given),
        )

    def check_currency(self, book: Book) -> None:
        """Refuse to compare clients in different currencies where the policy names none (FCT-4)."""
        if self.policy.currency is None:
            self.check_currencies({purchase.amount.currency for purchase in book.purchases})

    def check_currencies(self, found: Collection[str]) -> None:
        """Refuse several currencies where the policy names none and adds up amounts (FCT-4)."""
        is_summed = any(f.measure is not None and f.measure.field == "amount" for f in self.policy.facts)
        if self.policy.currency is None and is_summed and len(found) > 1:
            raise InvalidValueError("purchases", ", ".join(sorted(found)), "must be in one currency", "name it in the policy")

    def decide_client(
        self,
        book: Book,
        tiers: Mapping[str, str],
        grades: Mapping[str, int | None],
        as_of: date,
        given: Calendar | None,
        *,
        borders: Borders = _NO_BORDERS,
    ) -> ClientResult:
        """The one client of a book, without looking at anything but its own history, and at borders between all."""
        day = self.day(as_of, book.zone)
        ordinal = day.toordinal()
        case, assignments = self._alone(book, tiers, grades, day, borders)
        owed, undecided = self.duties.of([case], book, as_of, day, given)
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
            vip=self.programmes.decisions(case, ordinal),
            memberships=self.programmes.memberships(case, ordinal),
            notes=tuple(case.notes),
            segments=tuple(
                result.membership(case.history.client.id) for result in self._divided({case.history.client.id: case}).values()
            ),
        )

    def take_step(self, book: Book, event: MembershipEvent) -> MembershipState:
        """Where the one client of a book stands once a step has been taken; see `Policy.take_step`."""
        day = self.day(event.on, book.zone)
        case, _ = self._alone(attrs.evolve(book, membership_events=(*book.membership_events, event)), {}, {}, day)
        qualified = self.programmes.qualified(event.programme_id, case, day.toordinal())
        programme = self.programmes.qualifier(event.programme_id).programme
        try:
            return membership(programme, case.steps_in(event.programme_id), qualified, as_of=day)
        except IllegalStepError as error:
            raise error.renamed(error.name.partition("].")[2]) from None

    def _alone(
        self,
        book: Book,
        tiers: Mapping[str, str],
        grades: Mapping[str, int | None],
        day: date,
        borders: Borders = _NO_BORDERS,
    ) -> tuple[Case, list[Assignment]]:
        """The one client of a book with all that is derived, and what the threshold schemes decided."""
        ordinal = day.toordinal()
        (history,) = owned(histories_of(book), book, day)
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
            computed = found.tier if found else None
            if found is not None:
                assignments.append(noted(found, case.notes))
            elif isinstance(scheme, QuotaScheme) and scheme.id in borders:
                computed = place_one(
                    scheme,
                    history.client.id,
                    case.row,
                    vocabulary=vocabulary,
                    borders=borders[scheme.id],
                    tier_in_force=tier,
                    pin=pin,
                )
            case.set_tier(scheme.id, scheme.tier_ids, tier, computed)
            if not in_scope(scheme, case.row, vocabulary):
                case.inapplicable.add(f"tier.{scheme.id}")
        _refuse_unknown("tiers", tiers, [scheme.id for scheme in self.policy.segmentation])
        _refuse_unknown("borders", borders, [scheme.id for scheme in self.policy.segmentation])
        self.programmes.set_lists({history.client.id: case}, ordinal, is_whole=False)
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
            row[name] = tier_core(scheme.tier_ids, found.tier if found else None)
            if found is not None:
                assignments.append(noted(found, notes))
        types = row.get("client.relationship_types")
        if isinstance(types, frozenset):
            merge_strategies(types, self.strategies)  # an unknown type is an error (REL-4)
        for name in self.strategies:
            row.setdefault(f"strategy.{name}", name in types if isinstance(types, frozenset) else None)
        decisions = tuple(vip_noted(qualifier.decide(row), notes) for qualifier in self.programmes.qualifiers)
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

    def _case(self, history: ClientHistory, as_of: int) -> Case:
        source = self.reader.open(history)
        row, notes = source.at(as_of)
        types = history.client.relationship_types
        try:
            strategy = self._merged.get(types) or self._merged.setdefault(types, merge_strategies(types, self.strategies))
        except InvalidValueError as error:
            raise error.renamed(f"client {history.client.id!r}: {error.name}") from None
        return Case(history=history, source=source, row=row, notes=list(notes), strategy=strategy)

    def _changes(self, spells: Sequence[TierSpell], day: date) -> dict[str, TierChange]:
        return tier_changes(spells, {scheme.id: scheme.tier_ids for scheme in self.policy.segmentation}, day)

    def _set_derived(self, case: Case, as_of: int) -> None:
        types = case.history.client.relationship_types
        flags = self._flags.get(types) or self._flags.setdefault(
            types, {f"strategy.{one}": one in types for one in self.strategies}
        )
        case.row.update(flags)
        self.programmes.set_facts(case, as_of)
        case.row.update(self.segmenter.facts(case.row))
        case.inapplicable.update(self.segmenter.inapplicable(case.row, frozenset(case.inapplicable)))

    def _divided(self, cases: Mapping[str, Case]) -> dict[str, SegmentResult]:
        return self.segmenter.divided(
            {client_id: case.row for client_id, case in cases.items()},
            {client_id: frozenset(case.inapplicable) for client_id, case in cases.items() if case.inapplicable},
            {client_id: case.notes for client_id, case in cases.items()},
        )

    def _readable(self, row: Mapping[str, Core]) -> dict[str, FactValue]:
        return {name: self.words.full[name].decode(value) for name, value in row.items()}

    def _tiers(self, facts: Mapping[str, FactValue]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for scheme in self.policy.segmentation:
            tier = facts.get(f"tier.{scheme.id}")
            found[scheme.id] = tier if isinstance(tier, str) else None
        return found


def _pins_of(scheme: Scheme, pins: Iterable[Pin], day: date) -> dict[str, Pin]:
    """Whom the pins of a scheme hold on a day."""
    return {pin.client_id: pin for pin in pins if pin.scheme_id == scheme.id and pin.covers(day)}


def _refuse_unknown(name: str, given: Mapping[str, object], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            near = nearest(str(key), known)
            raise InvalidValueError(name, key, "is not known to the policy", f"did you mean {near!r}?" if near else None)
