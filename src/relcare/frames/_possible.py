"""What may still turn out: an unknown answer is open, unless only facts that will never be known could settle it (FCT-5)."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from relcare.frames._criteria import Expr, Layout, all_true, any_true, expression, is_true
from relcare.policy import And, Criterion, Missing, Not, Or, Vocabulary

__all__ = ["Never", "possible"]

Never = Mapping[str, Expr]
"""By fact, whether it will never be known of a row, such as the tier of a client whom a scheme does not class."""


def possible(criterion: Criterion, vocabulary: Vocabulary, layout: Layout, never: Never) -> tuple[Expr, Expr]:
    """Whether a criterion may turn out true, and whether it may turn out false; see `relcare.policy.may_hold`.

    Args:
        criterion: Checked against the vocabulary before.
        vocabulary: What its facts mean.
        layout: The column of each of its facts.
        never: Facts that are not there may always be known some day.
    """
    if isinstance(criterion, Not):
        yes, no = possible(criterion.part, vocabulary, layout, never)
        return no, yes
    if isinstance(criterion, (And, Or)):
        yeses, noes = zip(*(possible(part, vocabulary, layout, never) for part in criterion.parts), strict=True)
        is_and = isinstance(criterion, And)
        return (all_true(yeses), any_true(noes)) if is_and else (any_true(yeses), all_true(noes))
    answer = expression(criterion, vocabulary, layout)
    if isinstance(criterion, Missing):
        return answer, ~answer
    is_open = answer.is_null() & ~never.get(criterion.fact, nw.lit(value=False))
    return is_true(answer) | is_open, is_true(~answer) | is_open
