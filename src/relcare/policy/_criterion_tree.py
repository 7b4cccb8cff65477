"""Python's tree of a criterion's text: our closed grammar decides what may stand in it, and names what may not (CRI-1)."""

import ast
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from relcare.policy._criteria import Compare, Constant, Contains, Criterion, Missing, Not, OneOf, Operator, all_of, any_of
from relcare.policy._criterion_text import MAX_DEPTH, STRINGS, CriterionProblem, Shifted

__all__ = ["TreeReader"]

_NUMBER = re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?", re.ASCII)
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_OPERATORS: Final[dict[type[ast.cmpop], Operator]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_FLIPPED: Final[dict[Operator, Operator]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_UNKNOWN_NODES: Final[dict[type[ast.expr], str]] = {
    ast.BinOp: "arithmetic is not part of a criterion; declare a fact with `ratio` or `difference`",
    ast.JoinedStr: "formatted text is not part of a criterion",
    ast.Lambda: "functions are not part of a criterion",
    ast.IfExp: "`if` is not part of a criterion; use `and`, `or`, `not`",
    ast.Subscript: "brackets are not part of a criterion",
    ast.List: "a list is not part of a criterion; write the choices in round brackets",
    ast.Set: "a set is not part of a criterion; write the choices in round brackets",
    ast.NamedExpr: "`:=` is not part of a criterion",
    ast.Call: "the only function is missing(fact)",
}


class TreeReader:
    """Walks the tree of one text and gathers every problem."""

    def __init__(self, line: str) -> None:
        self.line = str(line)
        self.shift = line.shift if isinstance(line, Shifted) else 0
        self.raw = self.line.encode("utf-8", "surrogatepass")
        self.problems: list[CriterionProblem] = []

    def offset(self, node: ast.expr) -> int:
        # Python counts columns in UTF-8 bytes.
        return len(self.raw[: node.col_offset].decode("utf-8", "surrogatepass"))

    def segment(self, node: ast.expr) -> str:
        return self.raw[node.col_offset : node.end_col_offset].decode("utf-8", "surrogatepass")

    def span(self, node: ast.expr) -> tuple[int, int]:
        start = self.offset(node)
        return start + self.shift, start + len(self.segment(node)) + self.shift

    def refuse(self, node: ast.expr, message: str, hint: str | None = None) -> None:
        self.problems.append(CriterionProblem(self.offset(node) + self.shift, message, hint))

    def read(self, node: ast.expr, depth: int) -> Criterion | None:
        if depth > MAX_DEPTH:
            self.refuse(node, f"is nested deeper than {MAX_DEPTH} levels")
            return None
        if isinstance(node, ast.BoolOp):
            parts = [self.read(value, depth + 1) for value in node.values]
            join: Callable[..., Criterion] = all_of if isinstance(node.op, ast.And) else any_of
            return join(*(part for part in parts if part), span=self.span(node)) if all(parts) else None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            part = self.read(node.operand, depth + 1)
            return part and Not(part, span=self.span(node))
        if isinstance(node, ast.Compare):
            if len(node.ops) > 1 and depth == MAX_DEPTH:  # a chain is written out with `and`, one level deeper
                self.refuse(node, f"is nested deeper than {MAX_DEPTH} levels")
                return None
            return self.comparison(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "missing":
            return self.missing(node)
        name = self.name(node)
        if name is not None:  # a flag by itself
            return Compare(name, "==", value=True, span=self.span(node))
        self.unknown(node)
        return None

    def unknown(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            self.refuse(node, "a constant by itself is no criterion", "compare a fact with it")
        else:
            self.refuse(node, _UNKNOWN_NODES.get(type(node), f"{type(node).__name__} is not part of a criterion"))

    def name(self, node: ast.expr) -> str | None:
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        written = self.segment(node)
        # Python folds identifiers to NFKC; what it would fold is refused, so that a name is what is written.
        if not _NAME.fullmatch(written) or not unicodedata.is_normalized("NFKC", written):
            self.refuse(node, "a name is letters, digits and underscores, joined by single dots, in normal form (NFKC)")
            return "?"
        return written

    def missing(self, node: ast.Call) -> Criterion | None:
        name = self.name(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        if name is None:
            self.refuse(node, "missing() takes the name of one fact", "write missing(fact)")
            return None
        return Missing(name, span=self.span(node))

    def comparison(self, node: ast.Compare) -> Criterion | None:
        parts: list[Criterion] = []
        operands: Sequence[ast.expr] = (node.left, *node.comparators)
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            part = self.pair(node, left, operator, right)
            if part is None:
                return None
            parts.append(part)
        return all_of(*parts, span=self.span(node))

    def pair(self, node: ast.Compare, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Criterion | None:
        span = self.span(node)
        if isinstance(operator, (ast.In, ast.NotIn)):
            found = self.membership(left, right, span)
            return Not(found, span=span) if found and isinstance(operator, ast.NotIn) else found
        sign = _OPERATORS.get(type(operator))
        if sign is None:
            self.refuse(left, "`is` is not part of a criterion", "write == or missing(fact)")
            return None
        fact, other, sign = (left, right, sign) if isinstance(left, (ast.Name, ast.Attribute)) else (right, left, _FLIPPED[sign])
        name = self.name(fact)
        if name is None:
            self.refuse(left, "a comparison needs a fact on one side")
            return None
        if isinstance(other, (ast.Name, ast.Attribute)):
            self.refuse(other, "a fact is compared with a constant, not with another fact", "declare a fact with `difference`")
            return None
        value = self.constant(other)
        return None if value is None else Compare(name, sign, value, span=span)

    def membership(self, left: ast.expr, right: ast.expr, span: tuple[int, int]) -> Criterion | None:
        name = self.name(left)
        if name is not None:
            if not isinstance(right, ast.Tuple) or not right.elts:
                self.refuse(right, "`in` needs the choices in round brackets", "write in ('a', 'b') or in ('a',)")
                return None
            values = [self.constant(item) for item in right.elts]
            return OneOf(name, tuple(v for v in values if v is not None), span=span) if None not in values else None
        container = self.name(right)
        value = self.constant(left)
        if container is None or not isinstance(value, str):
            if value is not None:
                self.refuse(right, "`in` needs a fact on one side", "write fact in ('a', 'b') or 'a' in fact")
            return None
        return Contains(container, value, span=span)

    def constant(self, node: ast.expr) -> Constant | None:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            # One sign only: a long row of them must not become a deep recursion.
            value = False if isinstance(node.operand, ast.UnaryOp) else self.constant(node.operand)
            if isinstance(value, Decimal) and not value.is_zero():
                return value.copy_negate()  # exact, whatever the host's decimal context
            if value is not None:
                self.refuse(node, "a minus sign goes before a number other than 0")
            return None
        if isinstance(node, ast.Constant):
            written = self.segment(node)
            if isinstance(node.value, bool):
                return node.value
            if isinstance(node.value, str) and STRINGS.fullmatch(written):
                return written[1:-1]
            if isinstance(node.value, (int, float)) and _NUMBER.fullmatch(written) and len(written) <= 40:
                return Decimal(written.replace("_", ""))
            hint = "write missing(fact)" if node.value is None else None
            self.refuse(node, "a constant is a number, text in single marks, True or False", hint)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            self.refuse(
                node, "a fact is compared with a constant, not with another fact", f"for text write '{self.segment(node)}'"
            )
        else:
            self.unknown(node)
        return None
