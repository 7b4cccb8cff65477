"""The areas composed: facts, tiers, strategies, qualifications, obligations; each result is a fact for the next (FCT-5).

Qualifications come before obligations, so that a cadence rule may ask for `vip.<programme>`; nothing in a programme can depend on
what is owed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from relcare._fields import check_moment, to_moment
from relcare.cadence import TierChange, tier_changes
from relcare.calendars import Calendar
from relcare.decisions._alone import decide_client, take_step
from relcare.decisions._case import Case
from relcare.decisions._duties import Duties
from relcare.decisions._given import decide_facts
from relcare.decisions._others import Borders, Others
from relcare.decisions._programmes import Programmes
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.decisions._seen import seen_of_everybody
from relcare.decisions._segmenting import Segmenter
from relcare.decisions._vocabularies import vocabularies_of_policy
from relcare.decisions._whole import decide_book
from relcare.errors import InvalidValueError, PolicyError
from relcare.facts import ClientHistory, FactReader
from relcare.model import Book, FactValue, MembershipEvent, TierSpell, civil_day
from relcare.policy import Core
from relcare.relationships import MergedStrategy, merge_strategies, strategies_of
from relcare.segments import SegmentResult
from relcare.vip import MembershipState

if TYPE_CHECKING:
    from relcare.decisions._policy import Policy

__all__ = ["Borders", "Engine"]

_NOTHING_KNOWN: Final = Others()


def _civil_as_of(as_of: date, zone: str) -> date:
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
        self.seen = frozenset(seen_of_everybody(policy))
        self._merged: dict[frozenset[str], MergedStrategy] = {}
        self._flags: dict[frozenset[str], dict[str, Core]] = {}

    def day(self, as_of: date, zone: str) -> date:
        """The civil day, checked against the policy's effective dates."""
        day, policy = _civil_as_of(as_of, zone), self.policy
        if day < policy.effective_from or (policy.effective_until is not None and day >= policy.effective_until):
            until = f" until before {policy.effective_until}" if policy.effective_until else ""
            raise PolicyError(
                f"as_of {day} is outside the effective dates of policy {policy.id!r} version {policy.version!r}: from "
                f"{policy.effective_from}{until}",
                "use the version that was in force then",
            )
        return day

    def decide(self, book: Book, as_of: date, given: Calendar | None) -> BookResult:
        """A book, see `Policy.decide`."""
        return decide_book(self, book, as_of, given)

    def decide_client(
        self,
        book: Book,
        tiers: Mapping[str, str],
        grades: Mapping[str, int | None],
        as_of: date,
        given: Calendar | None,
        *,
        others: Others = _NOTHING_KNOWN,
    ) -> ClientResult:
        """The one client of a book, without looking at anything but its own history, and at what is known of the others."""
        return decide_client(self, book, tiers, grades, as_of=as_of, given=given, others=others)

    def take_step(self, book: Book, event: MembershipEvent) -> MembershipState:
        """Where the one client of a book stands once a step has been taken; see `Policy.take_step`."""
        return take_step(self, book, event)

    def decide_facts(self, given: Mapping[str, object], day: date) -> FactsResult:
        """Facts alone, see `Policy.decide_facts`."""
        return decide_facts(self, given, day)

    def check_currency(self, book: Book) -> None:
        """Refuse to compare clients in different currencies where the policy names none (FCT-4)."""
        if self.policy.currency is None:
            self.check_currencies({purchase.amount.currency for purchase in book.purchases})

    def check_currencies(self, found: Collection[str]) -> None:
        """Refuse several currencies where the policy names none and adds up amounts (FCT-4)."""
        is_summed = any(f.measure is not None and f.measure.field == "amount" for f in self.policy.facts)
        if self.policy.currency is None and is_summed and len(found) > 1:
            raise InvalidValueError("purchases", ", ".join(sorted(found)), "must be in one currency", "name it in the policy")

    def case(self, history: ClientHistory, as_of: int) -> Case:
        """A client with its own facts and strategy."""
        source = self.reader.open(history)
        row, notes = source.at(as_of)
        try:
            strategy = self.strategy(history.client.relationship_types)
        except InvalidValueError as error:
            raise error.renamed(f"client {history.client.id!r}: {error.name}") from None
        return Case(history=history, source=source, row=row, notes=list(notes), strategy=strategy)

    def strategy(self, types: frozenset[str]) -> MergedStrategy:
        """What relationship types come to; the clients who share them share one value."""
        return self._merged.get(types) or self._merged.setdefault(types, merge_strategies(types, self.strategies))

    def flags(self, types: frozenset[str]) -> Mapping[str, Core]:
        """Whether each of the strategies is one of a client of these types, as facts."""
        return self._flags.get(types) or self._flags.setdefault(
            types, {f"strategy.{one}": one in types for one in self.strategies}
        )

    def changes(self, spells: Sequence[TierSpell], day: date) -> dict[str, TierChange]:
        """The latest change of tier in each scheme by a day."""
        return tier_changes(spells, {scheme.id: scheme.tier_ids for scheme in self.policy.segmentation}, day)

    def set_derived(self, case: Case, as_of: int) -> None:
        """The facts that follow from a client's own and its tiers: strategies, programmes, segments."""
        case.row.update(self.flags(case.history.client.relationship_types))
        self.programmes.set_facts(case, as_of)
        case.row.update(self.segmenter.facts(case.row))
        case.inapplicable.update(self.segmenter.inapplicable(case.row, frozenset(case.inapplicable)))

    def divided(self, cases: Mapping[str, Case]) -> dict[str, SegmentResult]:
        """Who of these belongs to which segment."""
        return self.segmenter.divided(
            {client_id: case.row for client_id, case in cases.items()},
            {client_id: frozenset(case.inapplicable) for client_id, case in cases.items() if case.inapplicable},
            {client_id: case.notes for client_id, case in cases.items()},
        )

    def readable(self, row: Mapping[str, Core]) -> dict[str, FactValue]:
        """Facts as people read them."""
        return {name: self.words.full[name].decode(value) for name, value in row.items()}

    def tiers(self, facts: Mapping[str, FactValue]) -> dict[str, str | None]:
        """The tier in each scheme, of facts as people read them."""
        found: dict[str, str | None] = {}
        for scheme in self.policy.segmentation:
            tier = facts.get(f"tier.{scheme.id}")
            found[scheme.id] = tier if isinstance(tier, str) else None
        return found
