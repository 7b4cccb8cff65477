"""VIP programmes as values: any path is enough (VIP-1)."""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from relcare._fields import check_identifier, check_optional_text, check_text, check_tuple_of, to_tuple
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, FactType, RuleProblem, Vocabulary, check_is_criterion, criterion_problems, fact_problems
from relcare.vip._settings import Benefit, MembershipRules, TopList, check_benefits
from relcare.vip._state import MEMBERSHIP_STATES

__all__ = [
    "QUALIFICATION_TYPE",
    "Programme",
    "VipPath",
    "list_problems",
    "membership_types",
    "path_types",
    "programme_problems",
]

QUALIFICATION_TYPE = FactType(kind="category", values=("yes", "no"))
"""The type of the derived fact `vip.<programme>`; missing while unknown (FCT-5)."""
_TOP_TYPE: Final = FactType(kind="flag", polarity="more")
_NOMINATED_TYPE: Final = FactType(kind="flag", may_be_missing=False)
_STATE_TYPE: Final = FactType(kind="category", values=MEMBERSHIP_STATES, may_be_missing=False)
_BEFORE_PROGRAMMES: Final = "lists are drawn up before it is decided: ask for the facts behind it"


@attrs.frozen
class VipPath:
    """One way to qualify.

    Attributes:
        id: Free text, unique in the programme.
        when: The criterion; thresholds are inclusive when written with >=.
    """

    id: str
    when: Criterion

    def __attrs_post_init__(self) -> None:
        check_text("id", self.id)
        check_is_criterion("when", self.when)


def _to_paths(values: Iterable[VipPath]) -> tuple[VipPath, ...]:
    return to_tuple(values)


def _to_lists(values: Iterable[TopList]) -> tuple[TopList, ...]:
    return to_tuple(values)


def _to_benefits(values: Iterable[Benefit]) -> tuple[Benefit, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class Programme:
    """Who is a VIP.

    Attributes:
        id: An identifier; the qualification becomes the fact `vip.<id>`.
        paths: Any of which is enough (VIP-1); ids unique.
        approval: The role that approves membership; asked of whoever approves, refuses, renews, revokes or grants.
        source: Where the firm says so.
        top: Lists of the best; the fact `vip.<id>.top.<list>` says whether a client is on one.
        membership: Its settings; None for a programme that only says who qualifies. With it there are the facts
            `vip.<id>.nominated` for paths, and `vip.<id>.membership` and `vip.<id>.benefits` for cadence and neglect rules.
        benefits: What members get.

    Raises:
        InvalidValueError: Naming the field that is wrong.
    """

    id: str
    paths: tuple[VipPath, ...] = attrs.field(converter=_to_paths)
    approval: str | None = None
    source: str | None = None
    top: tuple[TopList, ...] = attrs.field(default=(), converter=_to_lists)
    membership: MembershipRules | None = None
    benefits: tuple[Benefit, ...] = attrs.field(default=(), converter=_to_benefits)

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_tuple_of("paths", self.paths, VipPath)
        ids = [path.id for path in self.paths]
        if not ids:
            raise InvalidValueError("paths", ids, "must list at least one path")
        if len(set(ids)) != len(ids):
            raise InvalidValueError("paths", ids, "must have different ids")
        check_optional_text("approval", self.approval)
        check_optional_text("source", self.source)
        check_tuple_of("top", self.top, TopList)
        lists = [top.id for top in self.top]
        if len(set(lists)) != len(lists):
            raise InvalidValueError("top", lists, "must have different ids")
        if self.membership is not None and not isinstance(self.membership, MembershipRules):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("membership", self.membership, "must be MembershipRules")
        check_tuple_of("benefits", self.benefits, Benefit)
        check_benefits(self.benefits, self.membership)


def path_types(programme: Programme) -> dict[str, FactType]:
    """What a programme derives for paths: who is on its lists, and who stands nominated (VIP-1)."""
    found = {f"vip.{programme.id}.top.{top.id}": _TOP_TYPE for top in programme.top}
    if programme.membership is not None:
        found[f"vip.{programme.id}.nominated"] = _NOMINATED_TYPE
    return found


def membership_types(programme: Programme) -> dict[str, FactType]:
    """What a programme derives for cadence and neglect rules: the membership and its benefits (FCT-5)."""
    if programme.membership is None:
        return {}
    benefits = FactType(kind="set", values=tuple(benefit.id for benefit in programme.benefits), may_be_missing=False)
    return {f"vip.{programme.id}.membership": _STATE_TYPE, f"vip.{programme.id}.benefits": benefits}


def programme_problems(programme: Programme, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a programme's paths and lists."""
    for index, path in enumerate(programme.paths):
        yield from criterion_problems(("paths", index, "when"), path.when, vocabulary)
    for index, top in enumerate(programme.top):
        yield from list_problems(("top", index), top, vocabulary)


def list_problems(path: tuple[str | int, ...], top: TopList, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Every wrong use of a fact in a list of the best.

    Args:
        path: Of the list.
        top: The list.
        vocabulary: What paths may ask for; a list may not ask for what programmes derive.
    """
    own = {name: _BEFORE_PROGRAMMES for name in vocabulary if name.startswith("vip.")}
    others = {name: kind for name, kind in vocabulary.items() if name not in own}
    vocabulary = Vocabulary(others, vocabulary.broken, {**vocabulary.elsewhere, **own})
    if top.among is not None:
        yield from criterion_problems((*path, "among"), top.among, vocabulary)
    yield from fact_problems((*path, "by"), top.by, vocabulary)
    kind = vocabulary.get(top.by)
    if kind is not None and not kind.is_ordered:
        yield RuleProblem((*path, "by"), f"{top.by} is a {kind.kind}, which has no order", "rank by a number, a level or a date")
