"""What a policy document is made of below its areas: facts and measures declared, criteria read, checked, compiled."""

from relcare._time import Every, LeapDay, Span
from relcare.policy._compile import CompiledCriteria, CompiledForRows, compile_criteria, compile_for_rows
from relcare.policy._criteria import (
    And,
    Compare,
    Constant,
    Contains,
    Criterion,
    Leaf,
    Missing,
    Not,
    OneOf,
    Operator,
    Or,
    all_of,
    any_of,
    check_criteria,
    check_is_criterion,
    facts_of,
    leaves,
)
from relcare.policy._criterion_text import CriterionProblem
from relcare.policy._evaluate import decisive_facts, evaluate, evaluate_leaf, leaf_test, may_hold
from relcare.policy._facts import Fact
from relcare.policy._grammar import criterion, parse_criterion
from relcare.policy._measures import Derivation, Measure
from relcare.policy._problems import RuleProblem, criterion_problems, fact_problems
from relcare.policy._types import FACT_KINDS, ROUNDINGS, Core, FactKind, FactType, LiteralProblem, OutOfBounds, Polarity, Rounding
from relcare.policy._vocabulary import CLIENT_FACTS, EVENT_FACTS, Vocabulary, check_criterion
from relcare.policy._windows import PERIODS, Period, Window

__all__ = [
    "CLIENT_FACTS",
    "EVENT_FACTS",
    "FACT_KINDS",
    "PERIODS",
    "ROUNDINGS",
    "And",
    "Compare",
    "CompiledCriteria",
    "CompiledForRows",
    "Constant",
    "Contains",
    "Core",
    "Criterion",
    "CriterionProblem",
    "Derivation",
    "Every",
    "Fact",
    "FactKind",
    "FactType",
    "Leaf",
    "LeapDay",
    "LiteralProblem",
    "Measure",
    "Missing",
    "Not",
    "OneOf",
    "Operator",
    "Or",
    "OutOfBounds",
    "Period",
    "Polarity",
    "Rounding",
    "RuleProblem",
    "Span",
    "Vocabulary",
    "Window",
    "all_of",
    "any_of",
    "check_criteria",
    "check_criterion",
    "check_is_criterion",
    "compile_criteria",
    "compile_for_rows",
    "criterion",
    "criterion_problems",
    "decisive_facts",
    "evaluate",
    "evaluate_leaf",
    "fact_problems",
    "facts_of",
    "leaf_test",
    "leaves",
    "may_hold",
    "parse_criterion",
]
