"""The tiers of a book on one day after another: measures are laid out once, and only what schemes can see is worked out."""

from collections.abc import Mapping, Sequence
from datetime import date

from relcare.decisions._engine import Engine
from relcare.decisions._graded import grade_book
from relcare.decisions._policy import Policy
from relcare.decisions._seen import seen_by_schemes, set_tiers
from relcare.facts import FactReader, histories_of
from relcare.model import Book
from relcare.policy import Core
from relcare.segmentation import SchemeResult, assign

__all__ = ["DayRows", "TiersByDay"]


class DayRows:
    """The facts that the schemes of some policies can see, of every client of a book, day by day.

    Args:
        policies: At least one; they may differ in anything but their facts and currency.
        book: The clients with their history.
    """

    def __init__(self, policies: Sequence[Policy], book: Book) -> None:
        first = policies[0]
        seen = tuple(sorted({name for policy in policies for name in seen_by_schemes(policy)}))
        reader = FactReader(FactReader(first.facts, first.currency).closure(seen), first.currency)
        self._book = book
        self._sources = {history.client.id: reader.open(history) for history in histories_of(book)}
        self._latest: tuple[date, dict[str, dict[str, Core]]] | None = None

    def on(self, day: date) -> dict[str, dict[str, Core]]:
        """The facts at the end of a day by client; whoever asks for the day again gets the same rows."""
        if self._latest is None or self._latest[0] != day:
            ordinal = day.toordinal()
            rows = {client_id: source.at(ordinal)[0] for client_id, source in self._sources.items()}
            for client_id in self._book.owner_spells_by_client:
                rows[client_id]["client.owner_id"] = self._book.owner_on(client_id, day)
            self._latest = day, rows
        return self._latest[1]


class TiersByDay:
    """What the schemes of a policy find for a book, equal to what `Policy.decide` finds day by day.

    Args:
        policy: The policy.
        book: The clients with their history; its tiers are not looked at.
        rows: The facts for it and for others, so that they are worked out once for all; its own by default.
    """

    def __init__(self, policy: Policy, book: Book, rows: DayRows | None = None) -> None:
        self._engine = Engine(policy)
        self._engine.check_currency(book)
        self._book = book
        self._seen = frozenset(seen_by_schemes(policy))
        self._grades = [grade for grade in policy.grades if grade.name in self._seen]
        self._rows = DayRows([policy], book) if rows is None else rows

    def on(self, day: date, tiers_in_force: Mapping[str, Mapping[str, str]]) -> dict[str, SchemeResult]:
        """The result of every scheme.

        Args:
            day: A civil day in the book's zone.
            tiers_in_force: The tier by client, by scheme.

        Raises:
            PolicyError: If the policy is not in force on the day.
        """
        policy = self._engine.policy
        self._engine.day(day, self._book.zone)
        rows = self._rows.on(day)
        grade_book(self._grades, rows, self._engine.words.grades)
        found: dict[str, SchemeResult] = {}
        for scheme, vocabulary in zip(policy.segmentation, self._engine.words.schemes, strict=True):
            in_force = tiers_in_force.get(scheme.id, {})
            pins = {pin.client_id: pin for pin in self._book.pins if pin.scheme_id == scheme.id and pin.covers(day)}
            result = assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=in_force, pins=pins)
            if f"tier.{scheme.id}" in self._seen:
                set_tiers(scheme, rows, in_force, result.tiers)
            found[scheme.id] = result
        return found
