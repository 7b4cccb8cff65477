"""One ranking kept in order, of everybody or of one group: who is added or leaves moves the others without sorting anew."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from relcare.errors import MissingExtraError
from relcare.segmentation._quota_run import cuts_of
from relcare.segmentation._scheme import QuotaScheme

__all__ = ["Field", "Key"]

Key: TypeAlias = tuple[int, str]
"""Score turned round, then id: the order of SEG-3."""

# Sorts after every id: no text begins with more than the last code point.
_AFTER: Final = "\U0010ffff" * 2


class Field:
    """The ranked of a quota, or of one of its groups.

    Args:
        scheme: The quota.
        scores: By client id.

    Raises:
        MissingExtraError: If the extra `live` is not installed.
    """

    def __init__(self, scheme: QuotaScheme, scores: Mapping[str, int]) -> None:
        self._scheme = scheme
        self._ids = scheme.tier_ids
        self.scores = dict(scores)
        self.seats: Counter[str] = Counter()
        self._order: Any = _sorted_list((-score, client_id) for client_id, score in scores.items())
        self._cut: tuple[int, list[int]] | None = None

    def add(self, client_id: str, score: int) -> None:
        """Rank a client."""
        self.scores[client_id] = score
        self._order.add((-score, client_id))

    def remove(self, client_id: str) -> None:
        """Take a ranked client out."""
        self._order.remove((-self.scores.pop(client_id), client_id))

    def key_of(self, client_id: str) -> Key | None:
        """Where a client stands; None when it is not ranked here."""
        score = self.scores.get(client_id)
        return None if score is None else (-score, client_id)

    def tiers(self) -> Iterator[tuple[str, str]]:
        """Everybody who is ranked with the tier, in order; reads all of them."""
        cuts = self.cuts()
        for place, (_, client_id) in enumerate(cast("Iterable[Key]", self._order)):
            yield client_id, self._tier_at(place, cuts)

    def tier_of(self, key: Key) -> str:
        """The tier of who is ranked with a key."""
        return self._tier_at(self._order.bisect_left(key), self.cuts())

    def tier_beside(self, score: int, client_id: str) -> str:
        """The tier that the borders of the ranked give to somebody who is not counted among them (SEG-10)."""
        for tier, end in zip(self._ids, self.cuts(), strict=True):
            if end > 0 and self._includes(end, (-score, client_id)):
                return tier
        return self._ids[-1]

    def _includes(self, end: int, key: Key) -> bool:
        """Whether a key is on the near side of a border: of equals that it parts, by id; else all with its score are in."""
        last: Key = self._order[end - 1]
        is_parting = end < len(self._order) and self._order[end][0] == last[0]
        return key[0] < last[0] or (key[0] == last[0] and (not is_parting or key[1] <= last[1]))

    def cuts(self) -> Sequence[int]:
        """Where the tiers end, as places in the order, once equals are treated as declared (SEG-3)."""
        at = self._shares()
        return at if self._scheme.ties == "by id" else [self._end(cut) for cut in at]

    def _shares(self) -> list[int]:
        """The cuts by the shares alone: most events leave as many ranked as before."""
        count = len(self._order)
        if self._scheme.uses_quota:
            return cuts_of(self._scheme, count, self.seats)
        if self._cut is None or self._cut[0] != count:
            self._cut = count, cuts_of(self._scheme, count, {})
        return self._cut[1]

    def _end(self, cut: int) -> int:
        if not 0 < cut < len(self._order):
            return cut
        last, following = self._order[cut - 1][0], self._order[cut][0]
        if last != following:
            return cut
        return int(self._order.bisect_left((last, _AFTER if self._scheme.ties == "together upward" else "")))

    def moved(self, client_id: str, was: Sequence[int], old: Key | None) -> dict[str, tuple[str, str]]:
        """Whoever else stands where a border was or is, with the tier it had and the one it has.

        Args:
            client_id: Who came, went, or changed its place.
            was: The cuts before that.
            old: Where the client stood then; None when it was not ranked here.
        """
        found: dict[str, tuple[str, str]] = {}
        cuts, new = self.cuts(), self.key_of(client_id)
        for before_end, end in zip(was, cuts, strict=True):
            for place in range(max(0, min(before_end, end) - 1), min(len(self._order), max(before_end, end) + 1)):
                key: Key = self._order[place]
                if key[1] != client_id:
                    before = place - (new is not None and new < key) + (old is not None and old < key)
                    found[key[1]] = (self._tier_at(before, was), self._tier_at(place, cuts))
        return found

    def _tier_at(self, place: int, cuts: Sequence[int]) -> str:
        """The tier of a place from 0; the last one takes whom no border includes."""
        for tier, cut in zip(self._ids, cuts, strict=True):
            if place < cut:
                return tier
        return self._ids[-1]


def _sorted_list(keys: Any) -> Any:  # noqa: ANN401 - the library has no types
    try:
        from sortedcontainers import SortedList
    except ImportError as error:
        raise MissingExtraError("a quota kept up to date", "live") from error
    return SortedList(keys)
