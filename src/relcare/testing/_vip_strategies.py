"""Hypothesis strategies for steps of clients in VIP programmes, and for what a programme says about membership."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import attrs
from hypothesis import strategies as st

from relcare.model import MEMBERSHIP_STEPS, MembershipEvent, MembershipStep
from relcare.testing._strategies import cached, days, identifiers, ids, moments, names
from relcare.vip import KEEPINGS, Benefit, MembershipRules, QualifiedSpell

__all__ = ["benefits", "membership_events", "membership_rules", "qualified_spells"]

LEVELS: Final = ("gold", "silver", "은")
_LENGTHS: Final = ("1 day", "30 days", "1 month", "1 year")
_PEOPLE: Final = ("lee", "wu", "王")
_ROLES: Final = (None, "leader", "account manager")


@attrs.frozen(kw_only=True)
class _Drawn:
    """A step before it has a client."""

    place: int
    event: MembershipEvent


def _event(kind: MembershipStep, lasts: int, sponsor: str | None, level: str | None, common: MembershipEvent) -> MembershipEvent:
    """The step with those fields that its kind allows."""
    return attrs.evolve(
        common,
        step=kind,
        sponsor_id=sponsor if kind in {"applied", "nominated"} else None,
        level=level if kind in {"approved", "granted"} else None,
        end_on=common.on + timedelta(days=lasts) if kind == "granted" else None,
    )


@cached
def _steps(zone: str) -> st.SearchStrategy[list[_Drawn]]:
    common = st.builds(
        MembershipEvent,
        id=ids(),
        client_id=st.just("?"),
        programme_id=st.just("vip") | identifiers(),
        step=st.just("checked"),
        on=days(),
        by=st.sampled_from(_PEOPLE),
        role=st.sampled_from(_ROLES),
        reason=st.none() | names(),
        recorded_at=st.none() | days() | moments(zone),
    )
    event = st.builds(
        _event,
        st.sampled_from(MEMBERSHIP_STEPS),
        st.sampled_from([1, 30, 366]),
        st.sampled_from([None, *_PEOPLE]),
        st.sampled_from([None, *LEVELS]),
        common,
    )
    drawn = st.builds(_Drawn, place=st.integers(0, 5), event=event)
    return st.lists(drawn, max_size=4, unique_by=lambda one: one.event.id)


def membership_events(client_ids: Sequence[str], *, zone: str = "Asia/Seoul") -> st.SearchStrategy[tuple[MembershipEvent, ...]]:
    """Steps of these clients in VIP programmes, each right by itself; in any order, and seldom a log that a programme accepts.

    Args:
        client_ids: Whose; none gives none.
        zone: The zone of the instants at which they were recorded.
    """
    if not client_ids:
        return st.just(())
    there = tuple(client_ids)
    return _steps(zone).map(
        lambda drawn: tuple(attrs.evolve(one.event, client_id=there[one.place % len(there)]) for one in drawn)
    )


def _settings(levels: int, **fields: object) -> MembershipRules:
    if fields["keeping"] == "grace" and fields["grace"] is None:
        fields["grace"] = "30 days"
    return MembershipRules(levels=LEVELS[:levels], **fields)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def membership_rules() -> st.SearchStrategy[MembershipRules]:
    """The settings of membership, in every combination."""
    length = st.sampled_from([None, *_LENGTHS])
    return st.builds(
        _settings,
        levels=st.integers(0, 3),
        window=length,
        length=length,
        keeping=st.sampled_from(KEEPINGS),
        grace=length,
        returns_delay=length,
        notice=length,
        grants=st.booleans(),
        longest_grant=length,
    )


def benefits(levels: Sequence[str] = ()) -> st.SearchStrategy[Benefit]:
    """A benefit of every level, or of some of these."""
    some = st.lists(st.sampled_from(levels), unique=True, max_size=2) if levels else st.just([])
    return st.builds(Benefit, id=identifiers(), text=names(), levels=some)


def qualified_spells(*, max_size: int = 3) -> st.SearchStrategy[tuple[QualifiedSpell, ...]]:
    """When a client qualified: in order and apart, the last one perhaps open.

    Args:
        max_size: The most stretches.
    """
    return st.builds(_spells, st.lists(days(), unique=True, max_size=2 * max_size))


def _spells(drawn: Sequence[date]) -> tuple[QualifiedSpell, ...]:
    ordered = sorted(drawn)
    ends: list[date | None] = [*ordered[1::2], None]
    return tuple(QualifiedSpell(start_on=start, end_on=end) for start, end in zip(ordered[::2], ends, strict=False))
