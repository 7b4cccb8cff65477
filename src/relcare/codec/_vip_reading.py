"""The `[[vip]]` of a document, from its tables."""

from collections.abc import Callable
from typing import TypeVar

from relcare._fields import check_identifier, check_text
from relcare._time import Every
from relcare.codec._tables import Table
from relcare.ranking import TIE_RULES
from relcare.vip import KEEPINGS, TOP_REVIEWS, Benefit, MembershipRules, Programme, TopList, VipPath

__all__ = ["read_programme"]

T = TypeVar("T")


def _given(**values: object) -> dict[str, object]:
    """The keyword arguments that the document gives; the others keep their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def read_programme(table: Table) -> Programme | None:
    """A VIP programme; None when something is wrong with it."""
    paths = _several(table, "paths", _path, required=True)
    settings = table.table("membership")
    membership = None if settings is None else _membership(settings)
    table.is_broken = table.is_broken or (settings is not None and membership is None)
    fields = _given(
        id=table.text("id", required=True, check=check_identifier),
        approval=table.text("approval"),
        source=table.text("source", check=check_text),
        top=_several(table, "top", _top),
        benefits=_several(table, "benefits", _benefit),
        membership=membership,
    )
    table.close()
    return table.build(lambda: Programme(paths=paths, **fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _several(table: Table, key: str, read: Callable[[Table], T | None], *, required: bool = False) -> list[T]:
    found = [read(part) for part in table.tables(key, required=required)]
    table.is_broken = table.is_broken or None in found
    return [value for value in found if value is not None]


def _path(table: Table) -> VipPath | None:
    path_id, when = table.text("id", required=True, check=check_text), table.criterion("when", required=True)
    table.close()
    return None if path_id is None or when is None else table.build(lambda: VipPath(path_id, when))


def _top(table: Table) -> TopList | None:
    fields = _given(
        id=table.text("id", required=True, check=check_identifier),
        most=table.whole("most", required=True),
        by=table.text("by", required=True, check=check_text),
        among=table.criterion("among"),
        ties=table.choice("ties", TIE_RULES),
        review=table.choice("review", TOP_REVIEWS),
    )
    table.close()
    return table.build(lambda: TopList(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _benefit(table: Table) -> Benefit | None:
    fields = _given(
        id=table.text("id", required=True, check=check_identifier),
        text=table.text("text", required=True, check=check_text),
        levels=table.texts("levels"),
    )
    table.close()
    return table.build(lambda: Benefit(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _membership(table: Table) -> MembershipRules | None:
    fields = _given(
        window=table.parsed("window", lambda text: Every.parse(text, "window")),
        length=table.parsed("length", lambda text: Every.parse(text, "length")),
        keeping=table.choice("keeping", KEEPINGS),
        grace=table.parsed("grace", lambda text: Every.parse(text, "grace")),
        levels=table.texts("levels"),
        returns_delay=table.parsed("returns_delay", lambda text: Every.parse(text, "returns_delay")),
        notice=table.parsed("notice", lambda text: Every.parse(text, "notice")),
        grants=table.flag("grants"),
        longest_grant=table.parsed("longest_grant", lambda text: Every.parse(text, "longest_grant")),
    )
    table.close()
    return table.build(lambda: MembershipRules(**fields))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
