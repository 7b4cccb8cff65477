"""One row that was decided over columns, as the values that objects give: the same reasons, so the same words (CRI-3).

Thresholds, paths and segments are asked again, of the facts that stand in the row: there is no second way to explain them. A rank
cannot be, for the row knows nothing of the others; what is not known of it is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

import attrs

from relcare._fields import ReadOnlyMap
from relcare.decisions import Policy, vocabularies_of_policy
from relcare.frames._borders import GroupBorders
from relcare.frames._cells import Row, core_in, day_in, text_in
from relcare.frames._facts import NOTES
from relcare.frames._needs import facts_of_segment
from relcare.frames._row_duties import DutyReader
from relcare.frames._row_grades import grade_in
from relcare.frames._row_schemes import SchemeReader, check_there, of_another
from relcare.frames._row_settled import SettledRow, settled_in
from relcare.grades import GradePlace
from relcare.model import FactValue, Obligation, Pin, Reason, TierSpell, Undecided
from relcare.policy import Core
from relcare.segmentation import Assignment
from relcare.segments import SegmentMembership, divide
from relcare.vip import Qualifier, VipDecision, qualifier_of

__all__ = ["DecidedRow", "RowReader"]

Explained = TypeVar("Explained", Assignment, SegmentMembership, Undecided, VipDecision)


@attrs.frozen(kw_only=True)
class DecidedRow:
    """What was decided about one client over columns.

    Attributes:
        client_id: Who.
        facts: What stands in the row, by name, as people read it.
        grades: Of each grade that stands in the row, in the order of the policy.
        assignments: Of each scheme, likewise.
        settled: Of each scheme that keeps clients in their tiers, likewise.
        vip: Of each programme, likewise.
        segments: Of each segment, likewise.
        notes: The facts that were out of bounds; with which values is not in the row.
    """

    client_id: str
    facts: Mapping[str, FactValue] = attrs.field(converter=ReadOnlyMap[str, FactValue])
    grades: tuple[GradePlace, ...]
    assignments: tuple[Assignment, ...]
    settled: tuple[SettledRow, ...]
    vip: tuple[VipDecision, ...]
    segments: tuple[SegmentMembership, ...]
    notes: tuple[Reason, ...]


class RowReader:
    """Turns collected rows into the values that `relcare.wording.explain` takes.

    Reasons have the codes, facts and values that `Policy.decide` gives, but for what no row holds: the rank in a quota, how many
    share a score and the last id that is in (with `rankings` the last two are known), the rank in a grade and who shares its
    value, since when each path by itself holds, the value of a fact that was out of bounds, and a pin or since when a tier is in
    force unless they are given.

    Args:
        policy: The policy by which the rows were decided.
        as_of: The day of the decision, `DecidedFrames.as_of`.
        rankings: `DecidedFrames.rankings`; without them less is said of quotas.
    """

    def __init__(self, policy: Policy, *, as_of: date, rankings: Mapping[str, Mapping[str, GroupBorders]] | None = None) -> None:
        self._policy = policy
        self._as_of = as_of
        self._words = words = vocabularies_of_policy(policy)
        self._schemes = [
            SchemeReader(scheme, vocabulary, words.full, (rankings or {}).get(scheme.id, {}))
            for scheme, vocabulary in zip(policy.segmentation, words.schemes, strict=True)
        ]
        self._qualifiers = [qualifier_of(programme, self._words.programmes) for programme in policy.vip_programmes]
        self._duties = DutyReader(policy, self._words.full, as_of)

    def client(self, row: Row, *, pins: Iterable[Pin] = (), spells: Iterable[TierSpell] = ()) -> DecidedRow:
        """What a row of `DecidedFrames.clients` says.

        Args:
            row: By column, as an engine or a tool gives it; facts that a decision rests on are in it.
            pins: The client's pins, such as `Book.pins`; without them only that there is one is said.
            spells: Its tiers in force, such as `Book.tier_spells`; without them nothing is said of since when.

        Raises:
            InvalidValueError: If a column is not there or holds what it cannot, or if the policy decides otherwise by these
                facts, because the row is of another one.

        Source: CRI-3.
        """
        client_id, facts = text_in(row, "client_id") or "", self._cores(row)
        own = [pin for pin in pins if pin.client_id == client_id and pin.covers(self._as_of)]
        since = [spell for spell in spells if spell.client_id == client_id and spell.covers(self._as_of)]
        notes = _notes(row)
        assignments = [
            _noted(reader.assignment(row, facts, own), notes)
            for reader in self._schemes
            if f"scheme.{reader.scheme.id}.tier" in row
        ]
        decisions = [
            _noted(_decision(qualifier, row, facts, client_id), notes)
            for qualifier in self._qualifiers
            if f"programme.{qualifier.programme.id}.qualification" in row
        ]
        full = self._words.full
        return DecidedRow(
            client_id=client_id,
            facts={name: full[name].decode(core) for name, core in facts.items()},
            grades=tuple(self._grades(row, facts)),
            assignments=tuple(assignments),
            settled=tuple(self._settled(row, facts, own, since)),
            vip=tuple(decisions),
            segments=tuple(_noted(one, notes) for one in self._memberships(row, facts, client_id)),
            notes=notes,
        )

    def obligation(self, row: Row, *, client: Row | None = None) -> Obligation:
        """What a row of `DecidedFrames.obligations` says.

        Its reasons are the rules that ask, the last contact or its place in a period or series, and what was merged; how its days
        were rolled, who stands in for whom, which refusal defers it until when, and the hour by which it is due are not in the
        row. In the key of a contact after another one
        stands the day of that, for the id of the touchpoint is not in the row either.

        Args:
            row: By column.
            client: The row of the client; without it the rules stand without the facts they ask for.

        Raises:
            InvalidValueError: As for `client`.
            UnknownRecordError: If the policy has no such rule.
        """
        return self._duties.obligation(row, None if client is None else self._cores(client))

    def undecided(self, row: Row, client: Row) -> Undecided:
        """What a row of `DecidedFrames.undecided` says.

        Args:
            row: By column.
            client: The row of the client: the facts that are missing stand there.

        Raises:
            InvalidValueError: As for `client`.
            UnknownRecordError: If the policy has no such rule.
        """
        return _noted(self._duties.undecided(row, self._cores(client)), _notes(client))

    def _cores(self, row: Row) -> dict[str, Core]:
        """The facts of a row as they are compared."""
        full = self._words.full
        return {name: core_in(row, name, full[name]) for name in full if name in row}

    def _grades(self, row: Row, facts: Mapping[str, Core]) -> Iterator[GradePlace]:
        for grade in self._policy.grades:
            if f"{grade.name}.code" in row:
                yield grade_in(row, grade, facts, self._words.grades)

    def _settled(
        self, row: Row, facts: Mapping[str, Core], pins: Sequence[Pin], spells: Sequence[TierSpell]
    ) -> Iterator[SettledRow]:
        for scheme in self._policy.segmentation:
            if f"scheme.{scheme.id}.settled" in row:
                pin = next((one for one in pins if one.scheme_id == scheme.id and one.tier in scheme.tier_ids), None)
                spell = next((one for one in spells if one.scheme_id == scheme.id), None)
                yield settled_in(row, scheme, facts, self._words.full, pin=pin, spell=spell)

    def _memberships(self, row: Row, facts: Mapping[str, Core], client_id: str) -> Iterator[SegmentMembership]:
        """The segments asked again; the tier of a scheme that does not class the client will never be known."""
        scopes = {f"tier.{scheme.id}": f"scheme.{scheme.id}.is_in_scope" for scheme in self._policy.segmentation}
        never = frozenset(name for name, column in scopes.items() if column in row and not row[column])
        for segment in self._policy.segments:
            column = f"segment.{segment.id}.answer"
            if column in row:
                check_there(row, facts_of_segment(segment))
                result = divide(segment, {client_id: facts}, vocabulary=self._words.segments, inapplicable={client_id: never})
                found = result.membership(client_id)
                if found.answer != text_in(row, column):
                    raise of_another(column, row[column])
                yield found


def _decision(qualifier: Qualifier, row: Row, facts: Mapping[str, Core], client_id: str) -> VipDecision:
    programme = qualifier.programme
    check_there(row, qualifier.layout)
    column = f"programme.{programme.id}."
    found = qualifier.decide(facts, client_id=client_id)
    said = text_in(row, f"{column}qualification")
    if found.qualification != said:
        raise of_another(f"{column}qualification", said)
    return attrs.evolve(found, first_eligible_on=day_in(row, f"{column}first_eligible_on"))


def _notes(row: Row) -> tuple[Reason, ...]:
    """The facts that were out of bounds."""
    named = text_in(row, NOTES) if NOTES in row else None
    return tuple(Reason("fact.out_of_bounds", {}, {"fact": name, "value": None}) for name in (named or "").split())


def _noted(found: Explained, notes: Iterable[Reason]) -> Explained:
    """With the facts for want of which it is as it is, where they are missing because they were out of bounds."""
    missing = found.missing
    about = tuple(note for note in notes if note.values["fact"] in missing)
    return attrs.evolve(found, reasons=found.reasons + about) if about else found
