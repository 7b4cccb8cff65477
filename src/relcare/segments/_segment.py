"""Segments as values: by a criterion, or by the product of dimensions (SEG-7)."""

from typing import TypeAlias

import attrs

from relcare._fields import check_identifier, check_optional_text, check_text, check_tuple_of, to_texts
from relcare.errors import InvalidValueError
from relcare.policy import Criterion, check_criteria, check_is_criterion

__all__ = ["CriterionSegment", "ProductSegment", "Segment"]


@attrs.frozen(kw_only=True)
class CriterionSegment:
    """Everybody for whom a criterion holds.

    Attributes:
        id: An identifier, unique among the segments; the membership becomes the flag fact `segment.<id>`.
        when: Who belongs. It may ask for facts, tiers, relationship types and what VIP programmes derive, not for segments. Where
            missing facts leave it open, so is the membership (CRI-2).
        title: For people.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: SEG-7.
    """

    id: str
    when: Criterion
    title: str | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_is_criterion("when", self.when)
        check_optional_text("title", self.title)
        check_optional_text("source", self.source)


@attrs.frozen(kw_only=True)
class ProductSegment:
    """Everybody in scope, divided into cells: one for each combination of the values of some facts.

    Attributes:
        id: An identifier, unique among the segments. It makes no fact: a criterion asks for the dimensions themselves.
        by: The dimensions: levels, categories, flags and sets, each once. A client is in one cell for each member of a set.
        scope: Whom it divides; everybody without it.
        title: For people.
        source: Where the firm says so.

    Raises:
        InvalidValueError: Naming the field that is wrong.

    Source: SEG-7.
    """

    id: str
    by: tuple[str, ...] = attrs.field(converter=to_texts)
    scope: Criterion | None = None
    title: str | None = None
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        check_identifier("id", self.id)
        check_tuple_of("by", self.by, str)
        if not self.by:
            raise InvalidValueError("by", self.by, "must name at least one fact")
        for index, name in enumerate(self.by):
            check_text(f"by[{index}]", name)
            if name in self.by[:index]:
                raise InvalidValueError(f"by[{index}]", name, "must not be named twice")
        check_criteria(scope=self.scope)
        check_optional_text("title", self.title)
        check_optional_text("source", self.source)


Segment: TypeAlias = CriterionSegment | ProductSegment
