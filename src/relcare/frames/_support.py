"""What cannot be decided over columns yet: named with its place, never left out in silence."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Final, cast

import attrs

from relcare.cadence import CadenceRule
from relcare.decisions import Policy, Vocabularies
from relcare.errors import Problem, UnsupportedPolicyError
from relcare.frames._criteria import MOST
from relcare.frames._facts import NOTES
from relcare.frames._needs import facts_of_programme, facts_of_rule, facts_of_segment, field_of
from relcare.frames._permission import unsupported_permission
from relcare.frames._scores import is_score_too_great
from relcare.permission import PermissionRules
from relcare.policy import Fact, FactType, OutOfBounds, Vocabulary
from relcare.segmentation import QuotaScheme, Scheme

__all__ = ["LATER", "PARTS", "check_support"]

PARTS: Final = ("grades", "segmentation", "vip", "segments", "cadence")
"""The parts of a policy that are decided over columns, beside its facts."""

# They say something about a policy and decide nothing, or stand beside what they are about.
_SILENT: Final = frozenset(
    {
        "id",
        "version",
        "effective_from",
        "effective_until",
        "title",
        "currency",
        "calendar",
        "source",
        "facts",
        "examples",
        "staffing",
        "require",
        "accept",
        "working_hours",
        "access",
        "relationships",
        "retention",
    }
)
_NO_TEXTS: Final = frozenset({"client_since_on", "relationship_types"})
_OWED: Final = ("triggers", "permission")
"""Decided with cadence."""
_OF_STEPS: Final = "not decided over columns: it needs people's steps, in the order in which they were taken"
LATER: Final = "ask for the parts that are decided here with only=(...), and decide the rest with Policy.decide"
"""The way out of a part that is not decided here; a command line has words of its own for it."""


def check_support(policy: Policy, words: Vocabularies, only: Collection[str] | None) -> None:
    """Refuse a policy with parts that are asked for and not decided here.

    Args:
        policy: The policy.
        words: Its vocabularies.
        only: The parts that are asked for; all of them when None.

    Raises:
        UnsupportedPolicyError: With every such part and its place.
    """
    problems = [
        Problem(file="<policy>", path=path, message=message, hint=hint)
        for path, message, hint in _unsupported(policy, words, only)
    ]
    if problems:
        raise UnsupportedPolicyError(problems)


def _unsupported(policy: Policy, words: Vocabularies, only: Collection[str] | None) -> Iterator[tuple[str, str, str | None]]:
    for place, fact in enumerate(policy.facts):
        yield from ((f"facts.{fact.id}", message, None) for message in _of_fact(fact, policy.facts[place].fact_type))
    is_owed = bool(policy.cadence or policy.triggers) and (only is None or "cadence" in only)
    for field in attrs.fields(Policy):
        parts = getattr(policy, field.name)
        name = field.alias if field.alias and not field.name.startswith("_") else field.name
        if field.name in _SILENT or name in (*PARTS, *_OWED) or not parts:
            continue
        if only is not None and name not in only:
            continue
        places = enumerate(cast("tuple[object, ...]", parts)) if isinstance(parts, tuple) else ()
        for path in [f"{name}[{place}]" for place, _ in places] or [name]:
            yield path, "is not decided over columns yet", LATER
    if only is None or "segmentation" in only:
        for place, scheme in enumerate(policy.segmentation):
            yield from _of_scheme(f"segmentation[{place}]", scheme, words.schemes[place])
    if is_owed:
        for place, rule in enumerate(policy.cadence):
            yield from _of_rule(f"cadence[{place}]", rule)
        # Who asks what is owed asks for what may defer it.
        for path, message in unsupported_permission(policy.permission or PermissionRules()):
            yield f"permission.{path}", message, None
    yield from _of_steps(policy, only)


def _of_steps(policy: Policy, only: Collection[str] | None) -> Iterator[tuple[str, str, str | None]]:
    """What needs people's steps, which are a log: of one day the order of its rows counts, and tables have none."""
    managed = [(place, one) for place, one in enumerate(policy.vip_programmes) if one.membership is not None]
    if only is None:
        # Who asks for `vip` asks who qualifies; membership is another matter (VIP-2).
        for place, _ in managed:
            yield f"vip[{place}].membership", f"is {_OF_STEPS}", LATER
    needed = {f"vip.{one.id}.{what}" for _, one in managed for what in ("nominated", "membership", "benefits")}
    asked: tuple[tuple[str, str, Iterable[Iterable[str]]], ...] = (
        ("vip", "vip", map(facts_of_programme, policy.vip_programmes)),
        ("segments", "segment", map(facts_of_segment, policy.segments)),
        ("cadence", "cadence", map(facts_of_rule, policy.cadence)),
        ("cadence", "triggers", map(facts_of_rule, policy.triggers)),
    )
    for part, room, several in asked:
        for place, names in enumerate(several) if only is None or part in only else ():
            for name in sorted(needed & set(names)):
                yield f"{room}[{place}]", f"asks for {name}, which is {_OF_STEPS}", None


def _of_fact(fact: Fact, kind: FactType) -> Iterator[str]:
    if fact.id in _TAKEN:
        yield f"has the name of a column that every row has beside its facts: {', '.join(map(repr, _TAKEN))}"
    field = field_of(fact)
    if field in _NO_TEXTS and kind.is_numeric:
        yield f"reads client.{field} as a {kind.kind}, which it is not"
    measure = fact.measure
    if measure is not None and isinstance(measure.when_empty, Decimal):
        empty = kind.from_number(fact.id, measure.when_empty)
        if not isinstance(empty, OutOfBounds) and abs(int(empty or 0)) >= MOST:  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            yield "has a when_empty that is too great for a column"


_TAKEN: Final = ("client_id", NOTES)


def _of_scheme(path: str, scheme: Scheme, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str | None]]:
    if isinstance(scheme, QuotaScheme) and is_score_too_great(scheme, vocabulary):
        yield f"{path}.score", "may add up to more than a column holds", None


def _of_rule(path: str, rule: CadenceRule) -> Iterator[tuple[str, str, str | None]]:
    if rule.spread.days:
        yield f"{path}.spread", "is not decided over columns: days are spread by a digest of each id", None
