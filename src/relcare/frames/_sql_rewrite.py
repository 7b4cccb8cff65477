"""One statement of DuckDB's, as narwhals writes it, as a statement that says the same in another dialect.

What is known is said anew, node by node; whatever else is met is handed back, so that no
dialect is given what it reads differently.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Final

import sqlglot.expressions as exp

from relcare.frames._sql_dialect import SqlDialect
from relcare.frames._sql_exact import guarded, is_wide
from relcare.frames._sql_shape import bare, flattened, plain_quotients

__all__ = ["rewritten"]

_KNOWN: Final = (
    *(exp.Select, exp.Union, exp.From, exp.Where, exp.Join, exp.Group, exp.Order, exp.Ordered, exp.Limit, exp.Distinct, exp.Star),
    *(exp.Table, exp.TableAlias, exp.Alias, exp.Identifier, exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.DataType),
    *(exp.DataTypeParam, exp.Var, exp.Paren, exp.Case, exp.If, exp.Cast, exp.Coalesce, exp.And, exp.Or, exp.Not, exp.Is, exp.In),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Neg, exp.Abs, exp.DPipe),
    *(exp.Sum, exp.Min, exp.Max, exp.Count, exp.Window, exp.WindowSpec, exp.Replace, exp.Trim),
    *(exp.RowNumber, exp.Length, exp.Substring, exp.TimeToStr, exp.Year, exp.Month),
    *(exp.IntDiv, exp.Div, exp.Anonymous),
)
_OURS: Final = frozenset(
    {"DIV", "STRPOS", "INSTR", "CONTAINS", "CHR", "CHAR", "SUBSTR", "GREATEST", "LEAST", "MAX", "MIN", "TYPEOF", "STRFTIME"}
)
_BLANK: Final = 32


def rewritten(root: exp.Expr, dialect: SqlDialect, name_of: Callable[[str], str]) -> tuple[exp.Expr, tuple[exp.Expr, ...]]:
    """The same statement in a dialect, with what in it is not known to mean the same there; the one given is used up.

    Args:
        root: A query without common table expressions, parsed as DuckDB's.
        dialect: Which.
        name_of: What columns are called.
    """
    root = plain_quotients(root, dialect.quotient)
    wide = [column for select in root.find_all(exp.Select) for column in select.expressions if is_wide(column)]
    for node in reversed(list(root.dfs())):
        made = _said(node, dialect)
        if made is not node:
            if node is root:
                root = made
            node.replace(made)
    _named(root, name_of)
    if dialect.is_narrow:
        guarded(wide)
    flattened(root)
    return root, tuple(node for node in root.dfs() if not _is_known(node))


def _said(node: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """A node as a dialect says it; the parts of it are said already."""
    way = next((way for kind, way in _WAYS if isinstance(node, kind)), None)
    return node if way is None else way(node, dialect)


def _sum(node: exp.Anonymous, dialect: SqlDialect) -> exp.Expr:  # noqa: ARG001 - as the others are called
    if node.name.lower() != "add":
        return node
    return exp.Paren(this=exp.Add(this=node.expressions[0], expression=node.expressions[1]))


def _literal(node: exp.Literal, dialect: SqlDialect) -> exp.Expr:
    has_controls = node.is_string and any(ord(sign) < _BLANK for sign in node.this)
    return _pieces(node.this, dialect) if has_controls else node


def _count(node: exp.Count, dialect: SqlDialect) -> exp.Expr:  # noqa: ARG001
    return exp.Count(this=exp.Star()) if node.this is None else node


def _concatenated(node: exp.Concat, dialect: SqlDialect) -> exp.Expr:  # noqa: ARG001
    return _joined([_or_empty(part) for part in node.expressions])


def _part_of_date(node: exp.Year | exp.Month, dialect: SqlDialect) -> exp.Expr:
    if dialect.name != "sqlite":
        return node
    parts = [exp.Literal.string("%Y" if isinstance(node, exp.Year) else "%m"), node.this]
    return exp.Cast(this=exp.Anonymous(this="STRFTIME", expressions=parts), to=exp.DataType(this=exp.DataType.Type.BIGINT))


def _type(node: exp.DataType, dialect: SqlDialect) -> exp.Expr:
    if node.this is not exp.DataType.Type.INT128:
        return node
    return exp.DataType.build(dialect.wide, dialect=dialect.name)


def _numbered(node: exp.Window, dialect: SqlDialect) -> exp.Expr:
    if dialect.is_row_order_needed and not node.args.get("order"):
        keys = [exp.Ordered(this=key.copy()) for key in node.args["partition_by"]]
        node.set("order", exp.Order(expressions=keys))
    return node


def _pieces(value: str, dialect: SqlDialect) -> exp.Expr:
    """A text with control characters in it, these by their numbers."""
    found: list[exp.Expr] = []
    plain = ""
    for sign in value:
        if ord(sign) >= _BLANK:
            plain += sign
            continue
        found += [exp.Literal.string(plain)] if plain else []
        found.append(exp.Anonymous(this=dialect.char, expressions=[exp.Literal.number(ord(sign))]))
        plain = ""
    found += [exp.Literal.string(plain)] if plain else []
    return _joined(found)


def _behind(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.DPipe(this=one, expression=other, safe=True)


def _joined(parts: Sequence[exp.Expr]) -> exp.Expr:
    found = reduce(_behind, parts)
    return exp.Paren(this=found) if len(parts) > 1 else found


def _or_empty(part: exp.Expr) -> exp.Expr:
    inner = bare(part)
    if isinstance(inner, exp.Cast) and isinstance(inner.this, exp.Literal):
        return inner.this
    return exp.Coalesce(this=part, expressions=[exp.Literal.string("")])


def _joined_by(node: exp.ConcatWs, dialect: SqlDialect) -> exp.Expr:  # noqa: ARG001
    """Parts with a separator between; those that are null are left out with theirs."""
    separator, *parts = node.expressions
    each = [_or_empty(exp.DPipe(this=separator.copy(), expression=exp.Paren(this=part), safe=True)) for part in parts]
    begins = exp.Literal.number(len(separator.this) + 1)
    return exp.Anonymous(this="SUBSTR", expressions=[_joined(each), begins])


def _contains(node: exp.Contains, dialect: SqlDialect) -> exp.Expr:
    whole, part = node.this, node.expression
    if isinstance(whole, exp.Array):
        return exp.Paren(this=exp.In(this=part, expressions=whole.expressions))
    return dialect.has_text(whole, part)


def _extreme(node: exp.Greatest | exp.Least, dialect: SqlDialect) -> exp.Expr:
    """The greatest or least of those that are not null."""
    parts: list[exp.Expr] = [node.this, *node.expressions]
    if len(parts) == 1:
        return parts[0]
    word = "GREATEST" if isinstance(node, exp.Greatest) else "LEAST"
    if dialect.name == "sqlite":
        word = "MAX" if word == "GREATEST" else "MIN"
    if dialect.is_null_greatest:
        turned = [[*parts[at:], *parts[:at]] for at in range(len(parts))]
        parts = [exp.Coalesce(this=one[0].copy(), expressions=[other.copy() for other in one[1:]]) for one in turned]
    return exp.Anonymous(this=word, expressions=parts)


def _grouped(group: exp.Group, dialect: SqlDialect) -> exp.Expr:  # noqa: ARG001
    """No group for a query of aggregates alone, which it has where a table is counted as a whole."""
    select = group.parent
    if group.args.get("all") and isinstance(select, exp.Select) and all(one.find(exp.AggFunc) for one in select.expressions):
        select.set("group", None)
    return group


def _named(root: exp.Expr, name_of: Callable[[str], str]) -> None:
    """Names that every database takes; aliases of tables that nobody uses are left out."""
    used = {column.table for column in root.find_all(exp.Column)}
    for node in root.find_all(exp.Column, exp.Alias, exp.Table):
        if isinstance(node, exp.Table):
            if node.alias and node.alias not in used:
                node.set("alias", None)
            continue
        part = "this" if isinstance(node, exp.Column) else "alias"
        name = node.args[part]
        if isinstance(name, exp.Identifier):
            node.set(part, exp.to_identifier(name_of(name.this), quoted=True))


def _is_known(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in _OURS
    return isinstance(node, _KNOWN) and not (isinstance(node, exp.Group) and node.args.get("all"))


_WAYS: Final[tuple[tuple[type[exp.Expr], Callable[[Any, SqlDialect], exp.Expr]], ...]] = (
    (exp.Anonymous, _sum),
    (exp.Literal, _literal),
    (exp.Count, _count),
    (exp.Contains, _contains),
    (exp.ConcatWs, _joined_by),  # a Concat, too
    (exp.Concat, _concatenated),
    (exp.Greatest, _extreme),
    (exp.Least, _extreme),
    (exp.Year, _part_of_date),
    (exp.Month, _part_of_date),
    (exp.DataType, _type),
    (exp.Group, _grouped),
    (exp.Window, _numbered),
)
