"""Tiers kept up to date one client at a time: ordered lists in place of a ranking of everybody (SEG-13)."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

import attrs

from relcare._fields import ReadOnlyMap
from relcare.errors import InvalidValueError
from relcare.model import Pin
from relcare.policy import Core, Vocabulary, compile_criteria, facts_of
from relcare.segmentation._assign import assign
from relcare.segmentation._groups import grouper_of
from relcare.segmentation._live_field import Field
from relcare.segmentation._run import Rows
from relcare.segmentation._scheme import QuotaScheme, Scheme
from relcare.segmentation._score import Scorer, scorer_of
from relcare.segmentation._uses import facts_used

__all__ = ["LiveChange", "LiveScheme"]


@attrs.frozen(kw_only=True)
class LiveChange:
    """A client has another tier than before an event.

    Attributes:
        client_id: Who.
        scheme_id: In which scheme.
        before: The tier before it; None for none.
        tier: The tier after it; None for none.
    """

    client_id: str
    scheme_id: str
    before: str | None
    tier: str | None


@attrs.frozen(kw_only=True)
class _Place:
    """Where a client stands before or after an event.

    Attributes:
        group: In whose ranking it is, or takes a place; None for none.
        score: Of a quota; None without one.
        is_counted: Whether it is ranked among the others, and not only held against their borders.
        tier: The one it has whatever the others do; None where that hangs on the ranking, or there is none.
    """

    group: str | None = None
    score: int | None = None
    is_counted: bool = False
    tier: str | None = None


_NOWHERE: Final = _Place()


class LiveScheme:
    """The tiers of one scheme, equal to `assign` over all rows after any sequence of updates.

    What keeps tiers steady is left out: this is what facts and pins alone propose. Not safe for several threads.

    Args:
        scheme: Checked before; of one with groups each ranking is kept by itself.
        rows: The facts by client id, in core form.
        vocabulary: What the facts mean.
        tiers_in_force: For who lacks a fact, as for `assign`.
        pins: The pin that holds each client in this scheme, as for `assign`.

    Raises:
        InvalidValueError: If it uses a grade.
        MissingExtraError: If it is a quota and the extra `live` is not installed.

    Source: SEG-13.
    """

    def __init__(
        self,
        scheme: Scheme,
        rows: Rows,
        *,
        vocabulary: Vocabulary,
        tiers_in_force: Mapping[str, str] | None = None,
        pins: Mapping[str, Pin] | None = None,
    ) -> None:
        grade = next((name for name in facts_used(scheme) if name.startswith("grade.")), None)
        if grade is not None:
            rule = f"must not use {grade}, which changes with every other client: only what depends on the client alone is kept"
            raise InvalidValueError("scheme", scheme.id, f"{rule} up to date", "decide the book as a whole")
        self._scheme = scheme
        self._words = vocabulary
        self._in_force = dict(tiers_in_force or {})
        self._pins = {client_id: pin for client_id, pin in (pins or {}).items() if pin.tier in scheme.tier_ids}
        self._layout = () if scheme.scope is None else facts_of(scheme.scope)
        self._scope = None if scheme.scope is None else compile_criteria((scheme.scope,), vocabulary, self._layout)
        self._fields: dict[str, Field] = {}
        self._places: dict[str, _Place] = {}
        self._beside: dict[str, dict[str, int]] = {}
        if isinstance(scheme, QuotaScheme):
            self._scorer: Scorer | None = scorer_of(scheme, vocabulary)
            self._grouper = grouper_of(scheme, vocabulary)
            self._fill(scheme, rows, self._scorer.scores(rows.values()))
        else:
            self._scorer = None
            tiers = assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=self._in_force, pins=self._pins).tiers
            self._places = {client_id: _Place(tier=tier) for client_id, tier in tiers.items()}

    def _fill(self, scheme: QuotaScheme, rows: Rows, scores: Sequence[int | None]) -> None:
        """Everybody at once: scoring and sorting all is quicker than adding one after the other."""
        ranked: dict[str, dict[str, int]] = {}

        @cache
        def tiers() -> Mapping[str, str]:
            # Who is not ranked has a tier that does not depend on the others, so all of them are asked about together.
            return assign(scheme, rows, vocabulary=self._words, tiers_in_force=self._in_force, pins=self._pins).tiers

        for (client_id, row), score in zip(rows.items(), scores, strict=True):
            place = self._place_in(scheme, client_id, row, score, lambda one: tiers().get(one))
            self._places[client_id] = place
            if place.is_counted and place.group is not None and place.score is not None:
                ranked.setdefault(place.group, {})[client_id] = place.score
        self._fields = {group: Field(scheme, several) for group, several in ranked.items()}
        for client_id, place in self._places.items():
            if not place.is_counted:
                self._enter(client_id, place)

    @property
    def scheme_id(self) -> str:
        """The scheme."""
        return self._scheme.id

    def tier(self, client_id: str) -> str | None:
        """A client's tier; None for none, and for whoever is not there: rows come and go, so that any id may be asked about."""
        return self._tier(client_id, self._places.get(client_id, _NOWHERE))

    @property
    def tiers(self) -> Mapping[str, str]:
        """The tier of every client that has one: the ranked in order, group by group, then the others. Reads everybody."""
        ranked = [pair for group in sorted(self._fields) for pair in self._fields[group].tiers()]
        found = {client_id: self._lifted(client_id, tier) for client_id, tier in ranked}
        for client_id, place in self._places.items():
            if not place.is_counted and (tier := self._tier(client_id, place)) is not None:
                found[client_id] = tier
        return ReadOnlyMap(found)

    def update(self, client_id: str, row: Mapping[str, Core] | None) -> tuple[LiveChange, ...]:
        """Everybody whose tier changes when a client's facts do, without reading the rest.

        Args:
            client_id: A client, known or new.
            row: Its facts now, in core form; None when it left the book. Nothing changes when one leaves who was not there.

        Returns:
            By id. Of a quota with ties by id these are, while as many are ranked in each group as before, the client, at most one
            other for each border of its group, and whoever a pin as a floor holds against a border that moved.
        """
        old, new = self._places.get(client_id, _NOWHERE), self._place_of(client_id, row)
        groups = [group for group in dict.fromkeys((old.group, new.group)) if group is not None]
        own = self._tier(client_id, old)
        fields = [(group, self._field(group)) for group in groups]
        before = [(field, field.cuts(), field.key_of(client_id)) for _, field in fields]
        pinned = {one: self.tier(one) for group, _ in fields for one in self._beside.get(group, ()) if one != client_id}
        self._leave(client_id, old)
        self._enter(client_id, new)
        self._places[client_id] = new
        if row is None:
            del self._places[client_id]
        found: dict[str, tuple[str | None, str | None]] = {client_id: (own, self._tier(client_id, new))}
        for field, cuts, key in before:
            for one, (was, now) in field.moved(client_id, cuts, key).items():
                found[one] = (self._lifted(one, was), self._lifted(one, now))
        found.update({one: (was, self.tier(one)) for one, was in pinned.items()})
        return tuple(
            LiveChange(client_id=one, scheme_id=self._scheme.id, before=was, tier=now)
            for one, (was, now) in sorted(found.items())
            if was != now
        )

    def _field(self, group: str) -> Field:
        found = self._fields.get(group)
        if found is None:
            scheme = self._scheme
            assert isinstance(scheme, QuotaScheme)  # noqa: S101 - thresholds have no groups
            found = self._fields[group] = Field(scheme, {})
        return found

    def _leave(self, client_id: str, place: _Place) -> None:
        if place.group is None:
            return
        field = self._field(place.group)
        if place.is_counted:
            field.remove(client_id)
        elif place.tier is not None:
            field.seats[place.tier] -= 1
        else:
            self._beside[place.group].pop(client_id, None)

    def _enter(self, client_id: str, place: _Place) -> None:
        if place.group is None:
            return
        field = self._field(place.group)
        if place.score is not None and place.is_counted:
            field.add(client_id, place.score)
        elif place.tier is not None:
            field.seats[place.tier] += 1
        elif place.score is not None:
            self._beside.setdefault(place.group, {})[client_id] = place.score

    def _tier(self, client_id: str, place: _Place) -> str | None:
        """The tier of a client that stands at a place; it is the one it stands at now."""
        if place.tier is not None or place.group is None or place.score is None:
            return place.tier
        field = self._fields[place.group]
        if place.is_counted:
            return self._lifted(client_id, field.tier_of((-place.score, client_id)))
        return self._lifted(client_id, field.tier_beside(place.score, client_id))

    def _lifted(self, client_id: str, tier: str) -> str:
        """The tier under a pin that is a floor; an exact one is a place of its own."""
        pin = self._pins.get(client_id)
        if pin is None:
            return tier
        ids = self._scheme.tier_ids
        return tier if ids.index(tier) <= ids.index(pin.tier) else pin.tier

    def _place_of(self, client_id: str, row: Mapping[str, Core] | None) -> _Place:
        """Where a client stands with these facts."""
        if row is None:
            return _NOWHERE
        if self._scorer is None or not isinstance(self._scheme, QuotaScheme):
            return _Place(tier=self._alone(client_id, row))
        return self._place_in(self._scheme, client_id, row, self._scorer.score(row))

    def _place_in(
        self,
        scheme: QuotaScheme,
        client_id: str,
        row: Mapping[str, Core],
        points: int | None,
        tier_of: Callable[[str], str | None] | None = None,
    ) -> _Place:
        """Where a client stands in a quota that would rank it with these points; `tier_of` tells the tier of the unranked."""
        scope = True if self._scope is None else self._scope([row.get(name) for name in self._layout])[0]
        group = None if scope is False else self._grouper(row)
        score = points if scope and group is not None else None
        pin = self._pins.get(client_id)
        if score is not None and (pin is None or pin.kind == "floor"):
            return _Place(group=group, score=score, is_counted=pin is None or scheme.uses_quota)
        tier = self._alone(client_id, row) if tier_of is None else tier_of(client_id)
        return _Place(group=group if scheme.uses_quota and tier is not None else None, tier=tier)

    def _alone(self, client_id: str, row: Mapping[str, Core]) -> str | None:
        """The tier of who is not ranked: kept, a newcomer's, or that of an exact pin."""
        rows = {client_id: row}
        found = assign(self._scheme, rows, vocabulary=self._words, tiers_in_force=self._in_force, pins=self._pins)
        return found.tiers.get(client_id)
