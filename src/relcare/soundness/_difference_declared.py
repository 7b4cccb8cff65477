"""What was written otherwise, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast, get_args

import attrs

from relcare._time import Every, Span
from relcare.access import AccessPurpose, AccessRule, AccessRules, FieldClass, RetentionRules
from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Deadline
from relcare.custody import ClaimRules, HoldingLimit, NeglectLadder
from relcare.decisions import Policy
from relcare.grades import Grade
from relcare.permission import CapPeriod, HourWindow, Lapse, PermissionRules
from relcare.policy import Criterion, Fact, Window
from relcare.relationships import Strategy, strategies_of
from relcare.segmentation import QuotaScheme, Scheme, ThresholdScheme, share_text
from relcare.segments import CriterionSegment, Segment
from relcare.soundness._difference_values import DeclaredChange, written
from relcare.vip import Programme

__all__ = ["declared_changes"]

Rule = (
    Fact
    | Grade
    | QuotaScheme
    | ThresholdScheme
    | CadenceRule
    | Trigger
    | NeglectLadder
    | HoldingLimit
    | Strategy
    | Programme
    | Segment
    | FieldClass
    | AccessPurpose
    | AccessRule
)

_HEAD: Final = ("id", "version", "title", "source", "effective_from", "effective_until", "currency", "calendar")
_WHOLE: Final = (Every, Span, Deadline, Window, CapPeriod, HourWindow, Lapse, *get_args(Criterion))
# What tells the parts of a rule apart, so that a part is compared with the one that means the same.
_NAMES: Final = ("id", "fact", "start", "action")
_WORDS_ONLY: Final = frozenset({"id", "version", "title", "source", "unit", "polarity", "review", "approval"})


def declared_changes(old: Policy, new: Policy) -> Iterator[DeclaredChange]:
    """Every field that differs: the policy itself, then room by room in the order of the new policy, what was removed last.

    Worked examples are passed over; a relationship type is compared with the built-in one where only one policy declares it.
    """
    yield from _fields("policy", "", {name: getattr(old, name) for name in _HEAD}, {name: getattr(new, name) for name in _HEAD})
    yield from _fields("policy", "", {"working_hours": old.working_hours.texts}, {"working_hours": new.working_hours.texts})
    yield from _room("facts", {one.id: one for one in old.facts}, {one.id: one for one in new.facts})
    yield from _room("grades", {one.id: one for one in old.grades}, {one.id: one for one in new.grades})
    yield from _room("segmentation", _by_id(old.segmentation), _by_id(new.segmentation))
    yield from _room("cadence", {one.id: one for one in old.cadence}, {one.id: one for one in new.cadence})
    yield from _room("triggers", {one.id: one for one in old.triggers}, {one.id: one for one in new.triggers})
    yield from _room("neglect", {one.id: one for one in old.neglect}, {one.id: one for one in new.neglect})
    yield from _room("holding", {one.id: one for one in old.holding}, {one.id: one for one in new.holding})
    if old.pool != new.pool:
        yield from _fields("pool", "", old.pool or ClaimRules(), new.pool or ClaimRules())
    if old.permission != new.permission:
        yield from _fields("permission", "", old.permission or PermissionRules(), new.permission or PermissionRules())
    yield from _room("relationships", strategies_of(old.relationships), strategies_of(new.relationships))
    yield from _room("vip", {one.id: one for one in old.vip_programmes}, {one.id: one for one in new.vip_programmes})
    yield from _room("segments", {one.id: one for one in old.segments}, {one.id: one for one in new.segments})
    yield from _access(old.access or AccessRules(), new.access or AccessRules())
    yield from _retention(old.retention or RetentionRules(), new.retention or RetentionRules())


def _access(old: AccessRules, new: AccessRules) -> Iterator[DeclaredChange]:
    """What changes about who may see and do what; rooms are named as the tables of a document."""
    yield from _room("field_class", {one.id: one for one in old.classes}, {one.id: one for one in new.classes})
    yield from _room("access_purpose", {one.id: one for one in old.purposes}, {one.id: one for one in new.purposes})
    yield from _room("access", {one.id: one for one in old.rules}, {one.id: one for one in new.rules})
    # What tells duplicates has no id: it is there, or it is not.
    before, after = ({", ".join(sorted(one.fields)) for one in side.identities} for side in (old, new))
    yield from (DeclaredChange(room="identity", id=one, kind="added") for one in sorted(after - before))
    yield from (DeclaredChange(room="identity", id=one, kind="removed") for one in sorted(before - after))


def _retention(old: RetentionRules, new: RetentionRules) -> Iterator[DeclaredChange]:
    """What changes about how long records are kept. A clock has no id: it is there, or it is not."""
    yield from _fields("retention", "", {"laws": frozenset(old.laws)}, {"laws": frozenset(new.laws)})
    for side in ("keep", "erase"):
        before, after = ({_clock(side, clock) for clock in getattr(rules, side)} for rules in (old, new))
        yield from (DeclaredChange(room="retention", id=one, kind="added") for one in sorted(after - before))
        yield from (DeclaredChange(room="retention", id=one, kind="removed") for one in sorted(before - after))


def _clock(side: str, clock: object) -> str:
    return f"{side} {'; '.join(f'{name} {text}' for name, text in _flat('', clock))}"


def _by_id(schemes: Sequence[Scheme]) -> Mapping[str, Scheme]:
    return {scheme.id: scheme for scheme in schemes}


def _room(room: str, old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[DeclaredChange]:
    for rule_id, rule in new.items():
        if rule_id not in old:
            yield DeclaredChange(room=room, id=rule_id, kind="added")
        elif type(rule) is not type(old[rule_id]):
            yield from _fields(room, rule_id, {"kind": _kind(old[rule_id])}, {"kind": _kind(rule)})
        elif rule != old[rule_id]:
            yield from _fields(room, rule_id, old[rule_id], rule, is_compared=_compared(rule))
    yield from (DeclaredChange(room=room, id=rule_id, kind="removed") for rule_id in old if rule_id not in new)


def _kind(rule: Rule) -> str:
    if isinstance(rule, Segment):
        return "criterion" if isinstance(rule, CriterionSegment) else "product"
    return "quota" if isinstance(rule, QuotaScheme) else "threshold"


def _fields(room: str, rule_id: str, old: object, new: object, *, is_compared: tuple[str, ...] = ()) -> Iterator[DeclaredChange]:
    before, after = dict(_flat("", old)), dict(_flat("", new))
    for field in dict.fromkeys((*after, *before)):
        if before.get(field) != after.get(field):
            is_settled = (
                field in is_compared
                or (field.endswith(".when") and "when" in is_compared)
                or (field.startswith("matrix.") and "matrix" in is_compared)
            )
            yield DeclaredChange(
                room=room,
                id=rule_id,
                kind="changed",
                field=field,
                before=before.get(field),
                after=after.get(field),
                can_matter=not _is_words_only(room, field) and not is_settled,
            )


def _is_words_only(room: str, field: str) -> bool:
    """Whether a field is for people alone. That a rule of access takes an approval is no title of a role."""
    return field.partition(".")[0] in _WORDS_ONLY and (room, field) != ("access", "approval")


def _compared(rule: Rule) -> tuple[str, ...]:
    """The fields of which regions say exactly what their change does, so that the change itself need not count."""
    if isinstance(rule, ThresholdScheme):
        return "scope", "when", "matrix", "hit", "otherwise", "missing", "newcomer"
    if isinstance(rule, QuotaScheme):
        return ("scope",)
    if isinstance(rule, Programme):
        return "when", "paths"
    if isinstance(rule, Grade):
        return "fact", "parts", "better", "ties", "scope"
    return ("when",) if isinstance(rule, (CadenceRule, CriterionSegment)) else ()


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    """A value as its smallest parts with their paths, as text; what is not given is left out."""
    if value is None or value in ((), frozenset()):
        return
    parts = _parts(value)
    if parts is None:
        yield path, _text(value)
        return
    if isinstance(value, tuple):
        yield path, ", ".join(parts)
    for name, part in parts.items():
        yield from _flat(f"{path}.{name}" if path else name, part)


def _parts(value: object) -> Mapping[str, object] | None:
    """The parts of a value by name; None where it is told as a whole."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value)
    if isinstance(value, tuple):
        return _named(cast("tuple[object, ...]", value))
    if not attrs.has(type(value)) or isinstance(value, _WHOLE):
        return None
    fields = attrs.fields(type(value))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportUnknownVariableType]
    # A list whose order says nothing is compared, and told, without one.
    return {
        str(field.name): getattr(value, field.name) if field.eq_key is None else field.eq_key(getattr(value, field.name))
        for field in fields
    }


def _named(values: Sequence[object]) -> Mapping[str, object] | None:
    """Tiers, paths, terms and bands by what they are called, rules about permission by their place.

    The second of two that are called alike has a number.
    """
    named: dict[str, object] = {}
    for value in values:
        parts = _parts(value)
        if parts is None:
            return None
        key = next((name for name in _NAMES if name in parts), None)
        name = f"#{len(named) + 1}" if key is None else _text(parts[key])
        count = sum(known.partition(" #")[0] == name for known in named)
        named[f"{name} #{count + 1}" if count else name] = {field: part for field, part in parts.items() if field != key}
    return named


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(cast("frozenset[str]", value)))
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        return ", ".join(f"[{_text(cast('object', part))}]" if isinstance(part, tuple) else str(part) for part in parts)
    if isinstance(value, Decimal):
        text = f"{value:f}"  # equal amounts have one text: 1.50 is 1.5
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return share_text(value)
    return written(value)
