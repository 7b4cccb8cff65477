"""The tiers of a book kept up to date event by event, without reading the rest of it (SEG-13)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, NoReturn

import attrs

from relcare.decisions._case import tier_core
from relcare.decisions._engine import Engine
from relcare.decisions._policy import Policy
from relcare.errors import InvalidValueError, UnknownRecordError, nearest
from relcare.facts import histories_of
from relcare.model import Book, Client, Purchase, Touchpoint
from relcare.policy import Core
from relcare.segmentation import LiveChange, LiveScheme, Scheme

__all__ = ["LiveTiers"]

_FEW: Final = 10_000


class LiveTiers:
    """What each scheme of a policy proposes for a book on a day, after any events: equal to deciding the book anew.

    What keeps tiers steady is left to reviews. A scheme or a client that there is not is an `UnknownRecordError`, whatever is
    asked or recorded. Not safe for several threads.

    Args:
        policy: With its schemes; those further down may use the tiers of those above.
        book: As it is to begin with, with its pins.
        as_of: A civil day in the book's zone; its events count, later ones do not.

    Raises:
        InvalidValueError: If a scheme uses a grade, or purchases are in several currencies and the policy names none (FCT-4).
        PolicyError: If the policy is not in force on that day.
        MissingExtraError: If a scheme is a quota and the extra `live` is not installed.

    Source: SEG-13.
    """

    def __init__(self, policy: Policy, book: Book, *, as_of: date) -> None:
        engine = Engine(policy)
        self._day = engine.day(as_of, book.zone)
        self._engine = engine
        self._currencies = {purchase.amount.currency for purchase in book.purchases}
        engine.check_currencies(self._currencies)
        touchpoints: dict[str, list[Touchpoint]] = {client.id: [] for client in book.clients}
        for touch in book.touchpoints:  # those that are taken back too: a later event may name them
            touchpoints[touch.client_id].append(touch)
        self._parts = {client.id: _part(book, client, touchpoints[client.id], self._day) for client in book.clients}
        self._in_force = {client.id: book.tiers_in_force(client.id, on=self._day) for client in book.clients}
        self._rows = {client_id: self._row(client_id) for client_id in self._parts}
        self._schemes: list[LiveScheme] = []
        for scheme, words in zip(policy.segmentation, engine.words.schemes, strict=True):
            kept = {client_id: tiers[scheme.id] for client_id, tiers in self._in_force.items() if scheme.id in tiers}
            pins = {pin.client_id: pin for pin in book.pins if pin.scheme_id == scheme.id and pin.covers(self._day)}
            live = LiveScheme(scheme, self._rows, vocabulary=words, tiers_in_force=kept, pins=pins)
            self._schemes.append(live)
            proposed = live.tiers
            for client_id in self._rows:
                self._set_tier(scheme, client_id, proposed.get(client_id))

    def tiers(self, scheme_id: str) -> Mapping[str, str]:
        """The tier of every client that has one in a scheme; whoever has none is absent. Reads everybody.

        Raises:
            UnknownRecordError: If the policy has no such scheme.
        """
        return self._scheme(scheme_id).tiers

    def tier(self, scheme_id: str, client_id: str) -> str | None:
        """The tier of one client in a scheme; None where it has none. Reads no other.

        Raises:
            UnknownRecordError: If there is no such scheme or client.
        """
        live = self._scheme(scheme_id)
        self._part_of(client_id)
        return live.tier(client_id)

    def record(self, event: Touchpoint | Purchase) -> tuple[LiveChange, ...]:
        """Everybody whose tier changes in any scheme by an event, scheme by scheme, by id.

        Args:
            event: Of a client of the book; a touchpoint may take back an earlier one.

        Raises:
            UnknownRecordError: If there is no such client.
            InvalidValueError: If it is no event, in another currency than the purchases so far where the policy names none
                (FCT-4), or contradicts what the client has.
        """
        if not isinstance(event, (Touchpoint, Purchase)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("event", event, "must be a Touchpoint or a Purchase")
        part = self._part_of(event.client_id)
        if isinstance(event, Touchpoint):
            part = attrs.evolve(part, touchpoints=(*part.touchpoints, event))
        else:
            self._engine.check_currencies({*self._currencies, event.amount.currency})
            part = attrs.evolve(part, purchases=(*part.purchases, event))
            self._currencies.add(event.amount.currency)
        self._parts[event.client_id] = part
        self._rows[event.client_id] = self._row(event.client_id)
        touched = {event.client_id}
        found: list[LiveChange] = []
        for live, scheme in zip(self._schemes, self._engine.policy.segmentation, strict=True):
            changes = [change for client_id in sorted(touched) for change in live.update(client_id, self._rows[client_id])]
            touched.update(change.client_id for change in changes)
            for client_id in touched:
                self._set_tier(scheme, client_id, live.tier(client_id))
            found.extend(_joined(changes))
        return tuple(found)

    def _scheme(self, scheme_id: str) -> LiveScheme:
        found = next((live for live in self._schemes if live.scheme_id == scheme_id), None)
        return found or _unknown("scheme", scheme_id, [live.scheme_id for live in self._schemes])

    def _part_of(self, client_id: str) -> Book:
        return self._parts.get(client_id) or _unknown("client", client_id, self._parts)

    def _row(self, client_id: str) -> dict[str, Core]:
        (history,) = histories_of(self._parts[client_id])
        row, _ = self._engine.reader.open(history).at(self._day.toordinal())
        return row

    def _set_tier(self, scheme: Scheme, client_id: str, proposed: str | None) -> None:
        """The tier in force, else the one proposed, as a fact for the schemes below (FCT-5)."""
        in_force = self._in_force[client_id].get(scheme.id)
        tier = in_force if in_force in scheme.tier_ids else proposed
        self._rows[client_id][f"tier.{scheme.id}"] = tier_core(scheme.tier_ids, tier)


def _unknown(kind: str, name: str, known: Collection[str]) -> NoReturn:
    """Say that there is no such record, as `BookResult` does: among very many names none is sought that was meant."""
    near = nearest(name, known) if len(known) <= _FEW else None
    raise UnknownRecordError(kind, name, f"did you mean {near!r}?" if near else None)


def _joined(changes: Sequence[LiveChange]) -> list[LiveChange]:
    """One change a client, from what it was before the first to what it is after the last."""
    first: dict[str, LiveChange] = {}
    last: dict[str, LiveChange] = {}
    for change in changes:
        first.setdefault(change.client_id, change)
        last[change.client_id] = change
    joined = [attrs.evolve(last[client_id], before=first[client_id].before) for client_id in sorted(first)]
    return [change for change in joined if change.before != change.tier]


def _part(book: Book, client: Client, touchpoints: Sequence[Touchpoint], day: date) -> Book:
    """One client with its events and whom it knows."""
    if client.id in book.owner_spells_by_client:
        client = attrs.evolve(client, owner_id=book.owner_on(client.id, day))
    return Book(
        clients=(client,),
        people=book.people_by_client.get(client.id, ()),
        touchpoints=touchpoints,
        purchases=book.purchases_by_client.get(client.id, ()),
        staff=book.staff,
        zone=book.zone,
        currency=book.currency,
    )
