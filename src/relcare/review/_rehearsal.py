"""Reviews one after another without their papers: who moves, and nothing about why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import attrs

from relcare._fields import ReadOnlyMap
from relcare.decisions import DayRows, Policy, TiersByDay
from relcare.model import Book, TierSpell
from relcare.segmentation import Scheme, SchemeResult, settle

__all__ = ["Rehearsal", "SimulatedMove", "SimulatedReview"]


@attrs.frozen(kw_only=True)
class SimulatedMove:
    """A client whose tier a review would have changed.

    Attributes:
        client_id: Who.
        scheme_id: In which scheme.
        before: The tier until then; None for none.
        tier: The tier from then on; None for none.
    """

    client_id: str
    scheme_id: str
    before: str | None
    tier: str | None


@attrs.frozen(kw_only=True)
class SimulatedReview:
    """What a review would have done.

    Attributes:
        on: The day whose facts count, and from which its tiers are in force.
        moves: Whose tier it changes, the first one included; scheme by scheme, by id.
        counted: How many tiers were in force in the schemes it is about.
        sizes: How many clients each tier of these schemes has after it, best first.
    """

    on: date
    moves: tuple[SimulatedMove, ...]
    counted: int
    sizes: Mapping[str, Mapping[str, int]]


class Rehearsal:
    """The tiers of one policy over a book, moved by one review after another.

    Args:
        policy: The policy.
        book: The clients with their history.
        from_on: The day whose tiers it begins with.
        rows: The facts that the policy can see.
    """

    def __init__(self, policy: Policy, book: Book, from_on: date, rows: DayRows) -> None:
        self._policy = policy
        self._book = book
        self._tiers = TiersByDay(policy, book, rows)
        self._spells: dict[str, dict[str, TierSpell]] = {scheme.id: {} for scheme in policy.segmentation}
        # Spells that are over, and those of schemes that the policy does not have.
        self._others: list[TierSpell] = []
        for spell in book.tier_spells:
            if spell.covers(from_on):
                begun = attrs.evolve(spell, end_on=None)
                if spell.scheme_id in self._spells:
                    self._spells[spell.scheme_id][spell.client_id] = begun
                else:
                    self._others.append(begun)
        self._wanted: dict[str, list[tuple[date, Mapping[str, str]]]] = {scheme.id: [] for scheme in policy.segmentation}

    @property
    def book(self) -> Book:
        """The book with the tiers so far."""
        current = [spell for spells in self._spells.values() for spell in spells.values()]
        return attrs.evolve(self._book, tier_spells=[*self._others, *current])

    def review(self, day: date, schemes: Sequence[Scheme]) -> SimulatedReview:
        """Reviews some schemes on a day, later than the one before."""
        in_force = {
            scheme_id: {client_id: spell.tier for client_id, spell in spells.items()}
            for scheme_id, spells in self._spells.items()
        }
        results = self._tiers.on(day, in_force)
        counted = sum(len(in_force[scheme.id]) for scheme in schemes)
        moves = tuple(move for scheme in schemes for move in self._moves(scheme, results[scheme.id], in_force[scheme.id], day))
        for move in moves:
            self._put_in_force(move, day)
        for scheme in schemes:
            self._remember(scheme, results[scheme.id], day)
        return SimulatedReview(on=day, moves=moves, counted=counted, sizes=self._sizes(schemes))

    def _moves(self, scheme: Scheme, result: SchemeResult, in_force: Mapping[str, str], day: date) -> Iterator[SimulatedMove]:
        pins = {pin.client_id: pin for pin in self._book.pins if pin.scheme_id == scheme.id and pin.covers(day)}
        for client_id in sorted(_unsettled(result, in_force) | (pins.keys() & set(result.client_ids))):
            spell = self._spells[scheme.id].get(client_id)
            before = None if spell is None else spell.tier
            settled = settle(
                scheme,
                result,
                client_id,
                tier_in_force=before,
                since=None if spell is None else spell.start_on,
                earlier=() if spell is None else self._earlier(scheme.id, client_id, spell),
                pin=pins.get(client_id),
                as_of=day,
            )
            if settled.tier != before:
                yield SimulatedMove(client_id=client_id, scheme_id=scheme.id, before=before, tier=settled.tier)

    def _earlier(self, scheme_id: str, client_id: str, spell: TierSpell) -> list[str | None]:
        """What the reviews since the one that began a spell wanted, the latest first."""
        return [wanted.get(client_id) for on, wanted in reversed(self._wanted[scheme_id]) if on > spell.start_on]

    def _remember(self, scheme: Scheme, result: SchemeResult, day: date) -> None:
        """Keeps what a review wanted for as many more as ask whether it is confirmed."""
        asked = 1 if scheme.steady is None else scheme.steady.confirm
        kept = [*self._wanted[scheme.id], (day, result.wanted)]
        self._wanted[scheme.id] = kept[len(kept) - asked + 1 :]

    def _put_in_force(self, move: SimulatedMove, day: date) -> None:
        spells = self._spells[move.scheme_id]
        ended = spells.pop(move.client_id, None)
        if ended is not None:
            self._others.append(attrs.evolve(ended, end_on=day))
        if move.tier is not None:
            spells[move.client_id] = TierSpell(client_id=move.client_id, scheme_id=move.scheme_id, tier=move.tier, start_on=day)

    def _sizes(self, schemes: Sequence[Scheme]) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Mapping[str, int]] = {}
        for scheme in schemes:
            counts = Counter(spell.tier for spell in self._spells[scheme.id].values())
            found[scheme.id] = ReadOnlyMap({tier: counts[tier] for tier in scheme.tier_ids})
        return ReadOnlyMap(found)


def _unsettled(result: SchemeResult, in_force: Mapping[str, str]) -> set[str]:
    """Who may move: the tier that is wanted is not the one in force, or there is none, as for who is held or out of scope."""
    wanted = result.wanted
    return {client_id for client_id, tier in wanted.items() if in_force.get(client_id) != tier} | (
        in_force.keys() - wanted.keys()
    )
