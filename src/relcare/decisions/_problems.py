"""Everything that is wrong with a policy's parts taken together."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

import attrs

from relcare.access import AccessRules
from relcare.cadence import CadenceRule, Trigger, rule_problems, trigger_problems
from relcare.calendars._names import name_problem
from relcare.custody import ClaimRules, HoldingLimit, NeglectLadder, claim_problems, holding_problems, ladder_problems
from relcare.decisions._examples import Example, example_problems
from relcare.decisions._requirements import Requirement, requirement_problems
from relcare.decisions._staffing import Staffing, staffing_problems
from relcare.decisions._vocabularies import Vocabularies, vocabularies_of
from relcare.errors import nearest
from relcare.facts import EVENT_VOCABULARY
from relcare.grades import Grade, grade_problems
from relcare.permission import PermissionRules
from relcare.policy import Fact, RuleProblem, Vocabulary, criterion_problems, facts_of
from relcare.relationships import Strategy, strategy_problems
from relcare.segmentation import Scheme, scheme_problems
from relcare.segments import Segment, segment_problems
from relcare.vip import Programme, programme_problems

__all__ = ["PolicyParts", "field_problems", "find_problems", "path_text", "rule_ids_of", "words_of"]

_ROOMS: Final = {"tier": "scheme", "vip": "programme"}
_EVENT_FIELDS: Final = {
    "purchases": frozenset({"category", "amount"}),
    "touchpoints": frozenset(
        {"channel", "direction", "outcome", "purpose", "in_lieu_of", "person.role", "person.rank", "staff.role"}
    ),
}


@attrs.frozen(kw_only=True)
class PolicyParts:
    """The parts of a policy that could be read, each with its index in the document.

    Attributes:
        currency: Of the policy.
        calendar: Its name, or None.
        facts: Declared.
        grades: Index and grade.
        segmentation: Index and scheme.
        cadence: Index and rule.
        triggers: Index and trigger.
        neglect: Index and ladder.
        holding: Index and limit.
        pool: Claim rules, or None.
        relationships: Index and strategy.
        vip: Index and programme.
        segments: Index and segment.
        examples: Index and example.
        staffing: Declared, or None.
        permission: Rules, or None.
        access: Rules, or None.
        require: Index and requirement.
        broken: Facts, tiers, qualifications and types that are declared but could not be read: nobody complains about their use.
    """

    currency: str | None = None
    calendar: str | None = None
    facts: Sequence[Fact] = ()
    grades: Sequence[tuple[int, Grade]] = ()
    segmentation: Sequence[tuple[int, Scheme]] = ()
    cadence: Sequence[tuple[int, CadenceRule]] = ()
    triggers: Sequence[tuple[int, Trigger]] = ()
    neglect: Sequence[tuple[int, NeglectLadder]] = ()
    holding: Sequence[tuple[int, HoldingLimit]] = ()
    pool: ClaimRules | None = None
    relationships: Sequence[tuple[int, Strategy]] = ()
    vip: Sequence[tuple[int, Programme]] = ()
    segments: Sequence[tuple[int, Segment]] = ()
    examples: Sequence[tuple[int, Example]] = ()
    staffing: Staffing | None = None
    permission: PermissionRules | None = None
    access: AccessRules | None = None
    require: Sequence[tuple[int, Requirement]] = ()
    broken: frozenset[str] = frozenset()


def path_text(path: tuple[str | int, ...]) -> str:
    """A path as messages write it: `cadence[2].every`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def find_problems(parts: PolicyParts) -> Iterator[RuleProblem]:
    """Every mistake that shows only when the parts are taken together, with its path from the document's root."""
    yield from _calendars(parts)
    yield from _facts(parts)
    yield from _ids(parts)
    words = words_of(parts)
    for index, grade in parts.grades:
        yield from _under(("grade", index), grade_problems(grade, words.grades))
    for (index, scheme), vocabulary in zip(parts.segmentation, words.schemes, strict=True):
        yield from _under(("segmentation", index), scheme_problems(scheme, vocabulary))
    yield from _rhythms(parts, words.full)
    yield from _custody(parts, words.full)
    rule_ids = rule_ids_of(parts)
    for index, strategy in parts.relationships:
        yield from _under(("relationship", index), strategy_problems(strategy, words.full, rule_ids))
    for index, programme in parts.vip:
        yield from _under(("vip", index), programme_problems(programme, words.programmes))
    for index, segment in parts.segments:
        yield from _under(("segment", index), segment_problems(segment, words.segments))
    for index, example in parts.examples:
        yield from _under(("examples", index), example_problems(example, words.full, rule_ids))
    if parts.staffing is not None:
        yield from _under(("staffing",), staffing_problems(parts.staffing, words.full))
    yield from _access(parts, words.full)
    schemes = [scheme for _, scheme in parts.segmentation]
    is_staffed = parts.staffing is not None or "staffing" in parts.broken
    for index, requirement in parts.require:
        found = requirement_problems(requirement, schemes, words.full, parts.broken, is_staffed=is_staffed, access=parts.access)
        yield from _under(("require", index), found)


def _access(parts: PolicyParts, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    for index, one in enumerate(parts.access.classes if parts.access is not None else ()):
        for place, name in enumerate(one.fields):
            yield from field_problems(("field_class", index, "fields", place), name, vocabulary)


def field_problems(path: tuple[str | int, ...], field: str, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """What is wrong with a field of a client's file that names a scheme or a programme, such as `tier.size`.

    Args:
        path: Of the field.
        field: As a class of fields has it.
        vocabulary: All facts of the policy.
    """
    room, _, name = field.partition(".")
    what = _ROOMS.get(room)
    if what is None or field in vocabulary or vocabulary.is_broken(field):
        return
    near = nearest(name, [known.removeprefix(f"{room}.") for known in vocabulary if known.startswith(f"{room}.")])
    hint = f"did you mean '{room}.{near}'?" if near else f"declare it under [[{'segmentation' if room == 'tier' else 'vip'}]]"
    yield RuleProblem(path, f"unknown {what} {name!r}", hint)


def _calendars(parts: PolicyParts) -> Iterator[RuleProblem]:
    hours = () if parts.permission is None else enumerate(parts.permission.hours)
    named = ((("permission", "hours", index, "calendar"), one.calendar) for index, one in hours)
    for path, name in ((("policy", "calendar"), parts.calendar), *named):
        problem = None if name is None else name_problem(name)
        if problem is not None:
            yield RuleProblem(path, *problem)


def _ids(parts: PolicyParts) -> Iterator[RuleProblem]:
    for room, ids in (
        ("grade", [(i, grade.id) for i, grade in parts.grades]),
        ("segmentation", [(i, scheme.id) for i, scheme in parts.segmentation]),
        ("cadence", [(i, rule.id) for i, rule in parts.cadence]),
        ("trigger", [(i, trigger.id) for i, trigger in parts.triggers]),
        ("neglect", [(i, ladder.id) for i, ladder in parts.neglect]),
        ("holding", [(i, limit.id) for i, limit in parts.holding]),
        ("relationship", [(i, strategy.type) for i, strategy in parts.relationships]),
        ("vip", [(i, programme.id) for i, programme in parts.vip]),
        ("segment", [(i, segment.id) for i, segment in parts.segments]),
    ):
        yield from _unique(room, ids)


def words_of(parts: PolicyParts) -> Vocabularies:
    """What each stage may ask for, from what could be read."""
    return vocabularies_of(
        parts.facts,
        [scheme for _, scheme in parts.segmentation],
        [strategy for _, strategy in parts.relationships],
        [programme for _, programme in parts.vip],
        grades=[grade for _, grade in parts.grades],
        segments=[segment for _, segment in parts.segments],
        currency=parts.currency,
        broken=parts.broken,
    )


def rule_ids_of(parts: PolicyParts) -> list[str]:
    """The ids of all cadence rules and triggers, those that could not be read included."""
    unread = (name.removeprefix("cadence.") for name in sorted(parts.broken) if name.startswith("cadence."))
    return [*(rule.id for _, rule in parts.cadence), *(trigger.id for _, trigger in parts.triggers), *unread]


def _rhythms(parts: PolicyParts, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    for index, rule in parts.cadence:
        yield from _under(("cadence", index), rule_problems(rule, vocabulary))
    taken = {rule.id: index for index, rule in parts.cadence}
    for index, trigger in parts.triggers:
        if trigger.id in taken:
            yield RuleProblem(("trigger", index, "id"), f"id {trigger.id!r} is taken by cadence[{taken[trigger.id]}]")
        yield from _under(("trigger", index), trigger_problems(trigger, vocabulary))


def _custody(parts: PolicyParts, vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    for index, ladder in parts.neglect:
        yield from _under(("neglect", index), ladder_problems(ladder, vocabulary))
    for index, limit in parts.holding:
        yield from _under(("holding", index), holding_problems(limit, vocabulary))
    if parts.pool is not None:
        yield from _under(("pool",), claim_problems(parts.pool, vocabulary))


def _under(path: tuple[str | int, ...], problems: Iterable[RuleProblem]) -> Iterator[RuleProblem]:
    for problem in problems:
        yield attrs.evolve(problem, path=(*path, *problem.path))


def _unique(room: str, ids: Iterable[tuple[int, str]]) -> Iterator[RuleProblem]:
    name = "type" if room == "relationship" else "id"
    first: dict[str, int] = {}
    for index, rule_id in ids:
        if rule_id in first:
            yield RuleProblem((room, index, name), f"{name} {rule_id!r} is taken by {room}[{first[rule_id]}]")
        first.setdefault(rule_id, index)


def _facts(parts: PolicyParts) -> Iterator[RuleProblem]:
    known: dict[str, Fact] = {}
    for fact in parts.facts:
        path: tuple[str | int, ...] = ("facts", fact.id)
        if fact.id in known:
            yield RuleProblem(path, f"fact {fact.id!r} is declared twice")
        if fact.measure is not None and fact.measure.where is not None:
            where = fact.measure.where
            yield from criterion_problems((*path, "measure", "where"), where, EVENT_VOCABULARY)
            for name in facts_of(where):
                if name in EVENT_VOCABULARY and name not in _EVENT_FIELDS[fact.measure.over]:
                    yield RuleProblem((*path, "measure", "where"), f"{fact.measure.over} have no {name}")
        yield from _literals(fact, path)
        if fact.derivation is not None:
            yield from _derivation(fact, path, known, parts)
        known[fact.id] = fact


def _literals(fact: Fact, path: tuple[str | int, ...]) -> Iterator[RuleProblem]:
    """Numbers of the declaration that are off its own grain or bounds (FCT-4)."""
    grain = fact.fact_type.grain
    empty = fact.measure.when_empty if fact.measure is not None else None
    for key, number in (("min", fact.min), ("max", fact.max), ("measure.when_empty", empty)):
        if isinstance(number, Decimal) and grain is not None and (Fraction(number) / Fraction(grain)).denominator != 1:
            yield RuleProblem((*path, *key.split(".")), f"{number} is off the fact's grain, {grain}")
    if empty is None:
        return
    # Whether they are dates or numbers is the fact's own rule.
    below = fact.min is not None and empty < fact.min  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    above = fact.max is not None and empty > fact.max  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    if below or above:
        yield RuleProblem((*path, "measure", "when_empty"), f"{empty} is outside the fact's bounds")


def _derivation(fact: Fact, path: tuple[str | int, ...], known: dict[str, Fact], parts: PolicyParts) -> Iterator[RuleProblem]:
    derivation = fact.derivation
    if derivation is None:  # pragma: no cover - only called for derived facts
        return
    for place, name in enumerate((derivation.first, derivation.second)):
        where, other = (*path, derivation.function, place), known.get(name)
        if other is None and name not in parts.broken:
            later = any(fact.id == name for fact in parts.facts)
            near = nearest(name, known)
            hint = "declare it above this one" if later else f"did you mean {near!r}?" if near else "declare it under [facts]"
            yield RuleProblem(where, f"unknown fact {name!r}", hint)
        elif other is not None and not other.fact_type.is_numeric:
            yield RuleProblem(where, f"{name} is a {other.type}: a {derivation.function} needs numbers")
    if derivation.function == "ratio" and fact.round is None:
        yield RuleProblem(path, "a ratio is seldom a whole multiple of its grain", 'declare round = "half up"')
