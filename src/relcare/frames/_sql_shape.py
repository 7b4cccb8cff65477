"""Shorter and flatter trees: floor divisions as one, cases in a row, parentheses only where they matter.

narwhals writes parentheses around everything and spells out a floor division in some hundred words; parsers of databases have
limits of depth.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import sqlglot.expressions as exp

__all__ = ["bare", "flattened", "plain_quotients"]

Quotient: TypeAlias = Callable[[exp.Expr, exp.Expr], exp.Expr]

_ATOMS: Final = (exp.Column, exp.Literal, exp.Boolean, exp.Null, exp.Func, exp.Paren, exp.Star)
_INFIX: Final = (exp.And, exp.Or, exp.Binary)
_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In)
_HOLDERS: Final = (exp.Alias, exp.If, exp.Case, exp.Cast, exp.Where, exp.Func, exp.Paren, exp.Ordered)


def bare(node: exp.Expr) -> exp.Expr:
    """What is within parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def plain_quotients(root: exp.Expr, quotient: Quotient) -> exp.Expr:
    """The tree with floor divisions as one quotient each, which rounds to 0 as databases do.

    Args:
        root: The tree, which is changed.
        quotient: What makes the quotient of two numbers not below 0.
    """
    left = [root]
    while left:
        node = left.pop()
        divided = _divided(node) if isinstance(node, exp.Case) else None
        if divided is None:
            left.extend(node.iter_expressions())
        else:
            left.append(node.replace(_floor(*divided, quotient)))
    for node in reversed(list(root.find_all(exp.Mod, exp.Mul))):
        if isinstance(node, exp.Mul) and _is_one(node.expression):
            node.replace(node.this.copy())
        elif isinstance(node, exp.Mod) and (plain := _plain_rest(node)) is not None:
            node.replace(plain.copy())
    return root


def _divided(case: exp.Case) -> tuple[exp.Expr, exp.Expr] | None:
    """The two numbers of a floor division as narwhals writes it; None of any other case.

    It is `CASE WHEN by <> 0 THEN CASE WHEN <rounded up> THEN trunc(number // by) - 1 ELSE trunc(number // by) END END`.
    """
    if case.this is not None or len(case.args["ifs"]) != 1:
        return None
    inner = bare(case.args["ifs"][0].args["true"])
    is_divided = isinstance(bare(case.args["ifs"][0].this), exp.NEQ) and isinstance(inner, exp.Case)
    if not is_divided or not isinstance(inner, exp.Case) or inner.args.get("default") is None or inner.find(exp.Typeof) is None:
        return None
    whole = bare(inner.args["default"])
    division = bare(whole.this) if isinstance(whole, exp.Trunc) else whole
    return (division.this, division.expression) if isinstance(division, exp.IntDiv) else None


def _floor(number: exp.Expr, by: exp.Expr, quotient: Quotient) -> exp.Expr:
    if not _is_positive(by) or not _is_natural(number):
        # Less what is left over it is a multiple, whatever its sign.
        rest = exp.Mod(this=_held(number), expression=_held(by))
        rest = exp.Mod(this=_held(exp.Add(this=_held(rest), expression=_held(by))), expression=_held(by))
        number = exp.Paren(this=exp.Sub(this=_held(number), expression=_held(rest)))
    found = quotient(_held(number), _held(by))
    if _is_positive(by):
        return found
    is_any = exp.NEQ(this=_held(by), expression=exp.Literal.number(0))
    return exp.Paren(this=exp.Case(ifs=[exp.If(this=is_any, true=found)]))


def _held(node: exp.Expr) -> exp.Expr:
    return node.copy() if isinstance(node, _ATOMS) else exp.Paren(this=node.copy())


def _plain_rest(node: exp.Mod) -> exp.Expr | None:
    """`number % by` of `((number % by) + by) % by`, where neither is below 0."""
    total = bare(node.this)
    first = bare(total.this) if isinstance(total, exp.Add) else total
    is_natural = isinstance(first, exp.Mod) and _is_natural(first.this) and _is_natural(node.expression)
    return first if is_natural and isinstance(total, exp.Add) and total.expression == node.expression else None


def _is_natural(node: exp.Expr) -> bool:
    """Whether a number is surely not below 0."""
    node = bare(node)
    if isinstance(node, exp.Cast):
        return _is_natural(node.this)
    if isinstance(node, exp.Mul):
        return _is_natural(node.this) and _is_natural(node.expression)
    return isinstance(node, exp.Abs) or (isinstance(node, exp.Literal) and not node.is_string)


def _is_positive(node: exp.Expr) -> bool:
    """Whether it is a constant above 0."""
    node = bare(node)
    node = bare(node.this) if isinstance(node, exp.Cast) else node
    return isinstance(node, exp.Literal) and not node.is_string and node.this != "0"


def _is_one(node: exp.Expr) -> bool:
    node = bare(node)
    return isinstance(node, exp.Literal) and not node.is_string and node.this == "1"


def flattened(root: exp.Expr) -> None:
    """Leave out parentheses that change nothing, and put cases within the last part of a case behind it."""
    for node in reversed(list(root.find_all(exp.Paren, exp.Case))):
        if isinstance(node, exp.Paren):
            if _is_idle(node):
                node.replace(node.this)
            continue
        last = node.args.get("default")
        last = None if last is None else bare(last)
        if isinstance(last, exp.Null):
            node.set("default", None)
        elif isinstance(last, exp.Case) and last.this is None and node.this is None:
            node.set("ifs", [*node.args["ifs"], *last.args["ifs"]])
            node.set("default", last.args.get("default"))


def _is_idle(paren: exp.Paren) -> bool:
    inner, parent = paren.this, paren.parent
    if isinstance(inner, _ATOMS) and not isinstance(inner, _INFIX):
        return True
    if isinstance(parent, exp.And):
        return isinstance(inner, (exp.And, *_COMPARISONS))
    if isinstance(parent, exp.Or):
        return isinstance(inner, (exp.And, exp.Or, *_COMPARISONS))
    return isinstance(parent, exp.Paren) or (isinstance(parent, _HOLDERS) and not isinstance(parent, (exp.Binary, exp.Unary)))
