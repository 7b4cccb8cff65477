"""Tiers kept up to date one client at a time: an ordered list in place of a ranking of everybody (SEG-13)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from relcare._fields import ReadOnlyMap
from relcare.errors import InvalidValueError, MissingExtraError
from relcare.policy import Core, Vocabulary, compile_criteria, facts_of
from relcare.segmentation._assign import assign
from relcare.segmentation._quota_run import cuts_of
from relcare.segmentation._run import Rows
from relcare.segmentation._scheme import QuotaScheme, Scheme
from relcare.segmentation._score import Scorer, scorer_of
from relcare.segmentation._uses import facts_used

__all__ = ["LiveChange", "LiveScheme"]

_Key = tuple[int, str]
# Sorts after every id: no text begins with more than the last code point.
_AFTER: Final = "\U0010ffff" * 2


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


@attrs.frozen
class _Order:
    """Where a client stood, in which tier, and where the tiers ended, before or after an event."""

    key: _Key | None
    tier: str | None
    cuts: tuple[int, ...]


class LiveScheme:
    """The tiers of one scheme, equal to `assign` over all rows after any sequence of updates.

    Pins and what keeps tiers steady are left out: this is what the facts alone propose. Not safe for several threads.

    Args:
        scheme: Checked before.
        rows: The facts by client id, in core form.
        vocabulary: What the facts mean.
        tiers_in_force: For who lacks a fact, as for `assign`.

    Raises:
        InvalidValueError: If it cuts groups by themselves, or uses a grade.
        MissingExtraError: If it is a quota and the extra `live` is not installed.

    Source: SEG-13.
    """

    def __init__(
        self, scheme: Scheme, rows: Rows, *, vocabulary: Vocabulary, tiers_in_force: Mapping[str, str] | None = None
    ) -> None:
        if isinstance(scheme, QuotaScheme) and scheme.group_by is not None:
            rule = "must not be grouped: only a ranking of everybody is kept up to date"
            raise InvalidValueError("group_by", scheme.group_by, rule, "decide the book as a whole")
        grade = next((name for name in facts_used(scheme) if name.startswith("grade.")), None)
        if grade is not None:
            rule = f"must not use {grade}, which changes with every other client: only what depends on the client alone is kept"
            raise InvalidValueError("scheme", scheme.id, f"{rule} up to date", "decide the book as a whole")
        self._scheme = scheme
        self._words = vocabulary
        self._in_force = dict(tiers_in_force or {})
        self._scorer: Scorer | None = None
        self._layout = () if scheme.scope is None else facts_of(scheme.scope)
        self._scope = None if scheme.scope is None else compile_criteria((scheme.scope,), vocabulary, self._layout)
        self._scores: dict[str, int] = {}
        self._apart: dict[str, str] = {}
        self._seats: Counter[str] = Counter()
        self._order: Any = None
        self._cut: tuple[int, list[int]] | None = None
        if isinstance(scheme, QuotaScheme):
            self._scorer = scorer_of(scheme, vocabulary)
            result = assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=self._in_force)
            ranking = result.ranking
            self._scores = {} if ranking is None else dict(ranking.scores)
            self._apart = {client_id: tier for client_id, tier in result.tiers.items() if client_id not in self._scores}
            self._seats.update(self._apart.values())
            self._order = _sorted_list((-score, client_id) for client_id, score in self._scores.items())
        else:
            self._apart = dict(assign(scheme, rows, vocabulary=vocabulary, tiers_in_force=self._in_force).tiers)

    @property
    def scheme_id(self) -> str:
        """The scheme."""
        return self._scheme.id

    def tier(self, client_id: str) -> str | None:
        """A client's tier; None for none."""
        return self._now(client_id).tier

    @property
    def tiers(self) -> Mapping[str, str]:
        """The tier of every client that has one; in the order of the ranking, then the others. Reads everybody."""
        cuts = self._cuts()
        ranked = {client_id: self._tier_at(place, cuts) for place, (_, client_id) in enumerate(self._keys())}
        return ReadOnlyMap({**ranked, **self._apart})

    def _keys(self) -> Iterable[_Key]:
        return () if self._order is None else cast("Iterable[_Key]", self._order)

    def update(self, client_id: str, row: Mapping[str, Core] | None) -> tuple[LiveChange, ...]:
        """Everybody whose tier changes when a client's facts do, without reading the rest.

        Args:
            client_id: A client, known or new.
            row: Its facts now, in core form; None when it left the book.

        Returns:
            By id. Of a quota with ties by id these are, while as many are ranked as before, the client and at most one other for
            each border.
        """
        old = self._now(client_id)
        score, apart = self._placed(client_id, row)
        if old.key is not None:
            self._order.remove(old.key)
            del self._scores[client_id]
        self._set_apart(client_id, apart)
        if score is not None:
            self._scores[client_id] = score
            self._order.add((-score, client_id))
        new = self._now(client_id)
        found = {client_id: (old.tier, new.tier), **self._others(client_id, old, new)}
        return tuple(
            LiveChange(client_id=one, scheme_id=self._scheme.id, before=before, tier=tier)
            for one, (before, tier) in sorted(found.items())
            if before != tier
        )

    def _placed(self, client_id: str, row: Mapping[str, Core] | None) -> tuple[int | None, str | None]:
        """The score with which a client is ranked, else the tier that it has without one."""
        if row is None:
            return None, None
        if self._scorer is not None and self._is_in_scope(row):
            score = self._scorer.score(row)
            if score is not None:
                return score, None
        return None, self._alone(client_id, row)

    def _is_in_scope(self, row: Mapping[str, Core]) -> bool:
        return self._scope is None or self._scope([row.get(name) for name in self._layout])[0] is True

    def _alone(self, client_id: str, row: Mapping[str, Core]) -> str | None:
        return assign(self._scheme, {client_id: row}, vocabulary=self._words, tiers_in_force=self._in_force).tiers.get(client_id)

    def _set_apart(self, client_id: str, tier: str | None) -> None:
        gone = self._apart.pop(client_id, None)
        if gone is not None:
            self._seats[gone] -= 1
        if tier is not None:
            self._apart[client_id] = tier
            self._seats[tier] += 1

    def _now(self, client_id: str) -> _Order:
        """Where a client is just now."""
        cuts, score = self._cuts(), self._scores.get(client_id)
        if score is None:
            return _Order(None, self._apart.get(client_id), cuts)
        key = (-score, client_id)
        return _Order(key, self._tier_at(self._order.bisect_left(key), cuts), cuts)

    def _cuts(self) -> tuple[int, ...]:
        """Where the tiers end, as places in the order, once equals are treated as declared (SEG-3)."""
        scheme = self._scheme
        if not isinstance(scheme, QuotaScheme):
            return ()
        return tuple(self._end(cut, scheme) for cut in self._shares_of(scheme))

    def _shares_of(self, scheme: QuotaScheme) -> list[int]:
        """The cuts by the shares alone: most events leave as many ranked as before."""
        count = len(self._order)
        if scheme.uses_quota:
            return cuts_of(scheme, count, self._seats)
        if self._cut is None or self._cut[0] != count:
            self._cut = count, cuts_of(scheme, count, {})
        return self._cut[1]

    def _end(self, cut: int, scheme: QuotaScheme) -> int:
        if scheme.ties == "by id" or not 0 < cut < len(self._order):
            return cut
        last, following = self._order[cut - 1][0], self._order[cut][0]
        if last != following:
            return cut
        key = (last, _AFTER) if scheme.ties == "together upward" else (last, "")
        return int(self._order.bisect_left(key))

    def _others(self, client_id: str, old: _Order, new: _Order) -> dict[str, tuple[str | None, str | None]]:
        """Whoever stands where a border was or is, with the tier it had and the one it has."""
        found: dict[str, tuple[str | None, str | None]] = {}
        for was, now in zip(old.cuts, new.cuts, strict=True):
            for place in range(max(0, min(was, now) - 1), min(len(self._order), max(was, now) + 1)):
                key: _Key = self._order[place]
                if key[1] != client_id:
                    before = place - (new.key is not None and new.key < key) + (old.key is not None and old.key < key)
                    found[key[1]] = (self._tier_at(before, old.cuts), self._tier_at(place, new.cuts))
        return found

    def _tier_at(self, place: int, cuts: tuple[int, ...]) -> str:
        """The tier of a place from 0; the last one takes whom no border includes."""
        ids = self._scheme.tier_ids
        return next((tier for tier, cut in zip(ids, cuts, strict=True) if place < cut), ids[-1])


def _sorted_list(keys: Any) -> Any:  # noqa: ANN401 - the library has no types
    try:
        from sortedcontainers import SortedList
    except ImportError as error:
        raise MissingExtraError("a quota kept up to date", "live") from error
    return SortedList(keys)
