"""What a scheme decided: codes inside, objects when asked."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property

import attrs

from relcare._fields import ReadOnlyMap, read_only, to_map
from relcare.errors import UnknownRecordError
from relcare.model import Pin, Reason
from relcare.ranking import Border, Ranking
from relcare.segmentation._groups import WHOLE

__all__ = ["Assignment", "BorderTie", "SchemeResult"]


def _to_tiers(values: Mapping[str, str]) -> Mapping[str, str]:
    return to_map(values)


def _to_wanted(values: Mapping[str, str] | None) -> Mapping[str, str] | None:
    return None if values is None else to_map(values)


def _to_rankings(values: Mapping[str, Ranking]) -> Mapping[str, Ranking]:
    return to_map(values)


@attrs.frozen(kw_only=True)
class Assignment:
    """One client's tier in one scheme.

    Attributes:
        client_id: Who.
        scheme_id: The scheme.
        tier: The tier, or None when held without one, or out of scope.
        is_held: Whether no tier could be decided; the reasons say why (SEG-1).
        is_in_scope: Whether the scheme classes the client at all.
        score: Of a quota scheme; None without one.
        group: Of a scheme with groups: the one the client is ranked in; None without one (SEG-4).
        rank: From 1 among the ranked of its group, score descending, then id; None when not ranked.
        border: The lowest score that still is in the client's tier; None when not ranked.
        missing: The facts for want of which it is held, kept or a newcomer, in order of name.
        reasons: Why.
        pin: Whoever's word holds the client in a tier of the scheme on the day, also while it is out of scope, where that comes
            to nothing; None without one (SEG-10).
    """

    client_id: str
    scheme_id: str
    tier: str | None
    is_held: bool = False
    is_in_scope: bool = True
    score: Decimal | None = None
    group: str | None = None
    rank: int | None = None
    border: Decimal | None = None
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    pin: Pin | None = None


@attrs.frozen(kw_only=True)
class BorderTie:
    """A cut that runs through clients with equal scores (SEG-3).

    Attributes:
        tier: The tier above the cut.
        score: The score they share.
        client_ids: All who share it, by code point.
        tiers: The tier each of them got; more than one kind of tier here is unequal treatment of equals.
        group: In which group, of a scheme with groups (SEG-4).
    """

    tier: str
    score: Decimal
    client_ids: tuple[str, ...]
    tiers: tuple[str, ...]
    group: str | None = None

    @property
    def is_unequal(self) -> bool:
        """Whether equals were treated unequally."""
        return len(set(self.tiers)) > 1


@attrs.frozen(kw_only=True, eq=False)
class SchemeResult:
    """The tiers of one scheme over a book: tiers as texts, assignments made when they are asked for. Its mappings are read-only.

    Attributes:
        scheme_id: The scheme.
        tier_ids: Its tiers, best first.
        tiers: The tier by client id, for clients that have one.
        client_ids: Everybody asked about.
        out_of_scope: Whom the scheme does not class.
        ties: Cuts that run through equals, group by group; empty for threshold schemes.
        rankings: The scores behind a quota by group, with their borders, in integers of its scorer's unit; a scheme without
            groups has one, of the group `""`. Empty for threshold schemes.
        groups: The group by client id, for clients that have one, of a scheme with groups (SEG-4).
    """

    scheme_id: str
    tier_ids: tuple[str, ...]
    tiers: Mapping[str, str] = attrs.field(converter=_to_tiers)
    client_ids: tuple[str, ...]
    out_of_scope: frozenset[str] = frozenset()
    ties: tuple[BorderTie, ...] = ()
    rankings: Mapping[str, Ranking] = attrs.field(factory=ReadOnlyMap[str, Ranking], converter=_to_rankings)
    groups: Mapping[str, str] = attrs.field(factory=ReadOnlyMap[str, str], converter=_to_tiers)
    _wanted: Mapping[str, str] | None = attrs.field(default=None, converter=_to_wanted, alias="wanted")
    _explain: Callable[[str], Assignment] = attrs.field(alias="explain")

    def assignment(self, client_id: str) -> Assignment:
        """One client's tier with its reasons.

        Raises:
            UnknownRecordError: If the client was not asked about.
        """
        if client_id not in self._known:
            raise UnknownRecordError("client", client_id)
        return self._explain(client_id)

    @property
    def wanted(self) -> Mapping[str, str]:
        """The tier by client id once incumbents stay where their scheme's hysteresis lets them (SEG-9); else as `tiers`."""
        return self.tiers if self._wanted is None else self._wanted

    @property
    def ranking(self) -> Ranking | None:
        """The ranking of everybody; None for threshold schemes, and where each group has its own."""
        return self.rankings.get(WHOLE)

    @property
    def borders(self) -> Mapping[str, tuple[Border | None, ...]]:
        """The borders of a quota by group, one for each tier, best first: all it takes to place others by the same measure."""
        return read_only({group: ranking.borders for group, ranking in self.rankings.items()})

    def ranking_for(self, client_id: str) -> Ranking | None:
        """The ranking that a client stands in, or would; None for threshold schemes, and for who has no group."""
        return self.rankings.get(self.groups.get(client_id, WHOLE))

    def explained_by(self, explain: Callable[[str], Assignment]) -> "SchemeResult":
        """The same tiers with other assignments, such as ones that carry more reasons."""
        return attrs.evolve(self, explain=explain)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.client_ids)

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Everybody in scope: the ranked by rank, group by group; for thresholds by tier, best first; then the others by id."""
        found = [a for a in map(self._explain, self.client_ids) if a.is_in_scope]
        order = {tier: index for index, tier in enumerate(self.tier_ids)}
        last = len(order)
        if self.rankings:
            return tuple(sorted(found, key=lambda a: (a.rank is None, a.group or "", a.rank or 0, a.client_id)))
        return tuple(sorted(found, key=lambda a: (order.get(a.tier or "", last), a.client_id)))

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """How many clients each tier has, best tier first, newcomers and kept ones included."""
        return self._count(self.tiers.values())

    @cached_property
    def sizes_by_group(self) -> Mapping[str, Mapping[str, int]]:
        """The same for each group by code point, of who has a group; empty for a scheme without groups (SEG-4)."""
        members: dict[str, list[str]] = {group: [] for group in sorted(set(self.groups.values()))}
        for client_id, group in self.groups.items():
            members[group].append(client_id)
        tiers = self.tiers
        return ReadOnlyMap({group: self._count(tiers[one] for one in ids if one in tiers) for group, ids in members.items()})

    def _count(self, tiers: Iterable[str]) -> Mapping[str, int]:
        counts = Counter(tiers)
        return ReadOnlyMap((tier, counts[tier]) for tier in self.tier_ids)

    @cached_property
    def held(self) -> tuple[str, ...]:
        """Who is held, by code point."""
        return tuple(sorted(a.client_id for a in self.assignments if a.is_held))
