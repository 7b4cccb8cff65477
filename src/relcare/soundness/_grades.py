"""Questions about grades: does anybody ask for them, can every part be reached, do they rank the right way (SEG-5)."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, cast, get_args

import attrs

from relcare.decisions import Policy
from relcare.grades import Grade
from relcare.model import ReasonValue
from relcare.policy import Criterion, FactType, Vocabulary, facts_of
from relcare.soundness._ask import or_proved, plain_refutation
from relcare.soundness._findings import Finding

__all__ = ["prove_grades"]

# What neither decides nor asks for anything: the grades themselves, their examples, what is accepted.
_SILENT: Final = frozenset({"grades", "facts", "examples", "accept", "require"})


def prove_grades(policy: Policy, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Every grade is asked for, reaches each of its parts, and ranks its fact the way that the fact itself is better.

    Args:
        policy: The policy.
        vocabulary: What grades may use.
    """
    used = frozenset(_named(policy)) if policy.grades else frozenset[str]()
    for index, grade in enumerate(policy.grades):
        subject, kind = f"grade[{index}]", vocabulary[grade.fact]
        yield from or_proved("used", subject, [] if grade.name in used else [_unused(grade, subject)])
        yield from or_proved("parts", subject, list(_unreached(grade, kind, subject)))
        yield from or_proved("direction", subject, list(_turned(grade, kind, subject)))


def _unused(grade: Grade, subject: str) -> Finding:
    hint = f"ask for {grade.name} in a score, a criterion or a matrix, or leave the grade out"
    return plain_refutation("used", subject, "grade.unused", (subject,), hint, grade=grade.id)


def _unreached(grade: Grade, kind: FactType, subject: str) -> Iterator[Finding]:
    """A fact with fewer values than the grade has parts, whose equals stay together."""
    count = _count_of(kind)
    if grade.ties != "by id" and count is not None and count < grade.parts:
        values: dict[str, ReasonValue] = {"grade": grade.id, "fact": grade.fact, "values": count, "parts": grade.parts}
        hint = f"write parts = {max(count, 2)}, or give points to each value instead"
        yield plain_refutation("parts", subject, "grade.parts", (f"{subject}.parts",), hint, **values)


def _count_of(kind: FactType) -> int | None:
    """How many values a fact can have; None where there is no end of them."""
    if kind.kind == "level":
        return len(kind.values)
    if not kind.is_numeric or kind.grain is None or not isinstance(kind.low, Decimal) or not isinstance(kind.high, Decimal):
        return None
    return int((kind.high - kind.low) / kind.grain) + 1


def _turned(grade: Grade, kind: FactType, subject: str) -> Iterator[Finding]:
    """A grade for which that is better which the fact itself calls worse."""
    if grade.better is not None and kind.polarity not in {"neither", grade.better}:
        values = {"grade": grade.id, "fact": grade.fact, "better": grade.better, "polarity": kind.polarity}
        places = (f"{subject}.better", f"facts.{grade.fact}")
        yield plain_refutation("direction", subject, "grade.direction", places, "leave better out", **values)


def _named(policy: Policy) -> Iterator[str]:
    """Every name that stands anywhere in the rules of a policy, facts among them."""
    for field in attrs.fields(Policy):
        if field.name not in _SILENT:
            yield from _names_in(getattr(policy, field.name))


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, get_args(Criterion)):
        yield from facts_of(cast("Criterion", value))
    elif isinstance(value, Mapping):
        for key, one in cast("Mapping[object, object]", value).items():
            yield from (*_names_in(key), *_names_in(one))
    elif isinstance(value, (tuple, frozenset)):
        for one in cast("Iterable[object]", value):
            yield from _names_in(one)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):  # type: ignore[arg-type]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            yield from _names_in(getattr(value, field.name))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
