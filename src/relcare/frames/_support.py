"""What cannot be decided over columns yet: named with its place, never left out in silence."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Final, cast

import attrs

from relcare.cadence import CadenceRule
from relcare.decisions import Policy, Vocabularies
from relcare.decisions._turning_days import moves_others
from relcare.errors import Problem, UnsupportedPolicyError
from relcare.facts import FactReader
from relcare.frames._criteria import MOST
from relcare.frames._needs import facts_of_rule, field_of
from relcare.frames._scores import is_score_too_great
from relcare.policy import Fact, FactType, OutOfBounds, Vocabulary, facts_of
from relcare.segmentation import QuotaScheme, Scheme, ThresholdScheme, facts_used
from relcare.vip import Programme

__all__ = ["PARTS", "check_support"]

PARTS: Final = ("segmentation", "vip", "cadence")
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
_FIELD_KINDS: Final = {"client_since_on": {"date"}, "relationship_types": {"set"}}
_OWED: Final = frozenset({"triggers", "permission"})
_TEXT_KINDS: Final = frozenset({"level", "category"})
_ELSEWHERE: Final = ("grade.", "segment.")
_LATER: Final = "ask for the parts that are decided here with only=(...), and decide the rest with Policy.decide"


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
    is_owed = bool(policy.cadence) and (only is None or "cadence" in only)
    for field in attrs.fields(Policy):
        parts = getattr(policy, field.name)
        name = field.alias if field.alias and not field.name.startswith("_") else field.name
        if field.name in _SILENT or name in PARTS or not parts:
            continue
        # Who asks what is owed asks for all that is owed, and for what may defer it.
        if only is not None and name not in only and not (is_owed and name in _OWED):
            continue
        places = enumerate(cast("tuple[object, ...]", parts)) if isinstance(parts, tuple) else ()
        for path in [f"{name}[{place}]" for place, _ in places] or [name]:
            yield path, "is not decided over columns yet", _LATER
    if only is None or "segmentation" in only:
        for place, scheme in enumerate(policy.segmentation):
            yield from _of_scheme(f"segmentation[{place}]", scheme, words.schemes[place])
    if is_owed:
        for place, rule in enumerate(policy.cadence):
            yield from _of_rule(f"cadence[{place}]", rule)
    if only is None or "vip" in only:
        for place, programme in enumerate(policy.vip_programmes):
            yield from _of_programme(f"vip[{place}]", programme, policy)


def _of_fact(fact: Fact, kind: FactType) -> Iterator[str]:
    field = field_of(fact)
    if fact.reads == "people.role":
        yield "reads the roles of people, which are not read from columns yet"
    if field is not None and kind.kind not in _FIELD_KINDS.get(field, _TEXT_KINDS):
        yield f"reads client.{field} as a {kind.kind}, which it is not"
    measure = fact.measure
    if measure is not None and isinstance(measure.when_empty, Decimal):
        empty = kind.from_number(fact.id, measure.when_empty)
        if not isinstance(empty, OutOfBounds) and abs(int(empty or 0)) >= MOST:  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            yield "has a when_empty that is too great for a column"


def _asked(path: str, names: Iterable[str]) -> Iterator[tuple[str, str, str | None]]:
    """The facts among these that only the object path works out."""
    for name in names:
        if name.startswith(_ELSEWHERE):
            yield path, f"asks for {name}, which is not decided over columns yet", None


def _of_scheme(path: str, scheme: Scheme, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str | None]]:
    yield from _asked(path, facts_used(scheme))
    if scheme.steady is not None and scheme.steady.hysteresis:
        yield f"{path}.steady.hysteresis", "is not decided over columns yet", None
    if isinstance(scheme, ThresholdScheme):
        for place, tier in enumerate(scheme.tiers):
            if tier.stays is not None:
                yield f"{path}.tiers[{place}].stays", "is not decided over columns yet", None
    elif isinstance(scheme, QuotaScheme):  # pyright: ignore[reportUnnecessaryIsInstance]
        if is_score_too_great(scheme, vocabulary):
            yield f"{path}.score", "may add up to more than a column holds", None
    else:
        yield path, "is of a kind that is not decided over columns yet", None


def _of_rule(path: str, rule: CadenceRule) -> Iterator[tuple[str, str, str | None]]:
    yield from _asked(path, facts_of_rule(rule))
    if rule.spread.days:
        yield f"{path}.spread", "is not decided over columns: days are spread by a digest of each id", None
    if rule.in_lieu_limit is not None:
        yield f"{path}.in_lieu_limit", "is not decided over columns yet: runs of contacts are not counted there", None


def _of_programme(path: str, programme: Programme, policy: Policy) -> Iterator[tuple[str, str, str | None]]:
    asked = {name for one in programme.paths for name in facts_of(one.when)}
    listed = {name for top in programme.top for name in (top.by, *(facts_of(top.among) if top.among else ()))}
    yield from _asked(path, sorted(asked | listed))
    if moves_others(FactReader(policy.facts, policy.currency).closure(sorted(asked))):
        yield f"{path}.paths", "ask for a fact derived from days since an event, which is not dated over columns yet", None
    if programme.membership is not None:
        yield f"{path}.membership", "is not decided over columns yet: it needs people's steps", None
    for place, top in enumerate(programme.top):
        if top.review is not None:
            yield f"{path}.top[{place}].review", "is not decided over columns yet", None
