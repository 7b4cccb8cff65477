"""What a policy asks of the tables: which facts are worked out, and which columns they are read from."""

from collections.abc import Iterable, Iterator

import attrs

from relcare.cadence import ACCOUNT_MANAGER, DEFAULT_COUNTS, CadenceRule, Trigger
from relcare.decisions import Policy
from relcare.frames._layout import CLIENT_COLUMNS
from relcare.grades import Grade
from relcare.permission import PermissionRules
from relcare.policy import Fact, Measure, facts_of
from relcare.segmentation import Scheme, facts_used
from relcare.segments import CriterionSegment, Segment
from relcare.vip import Programme

__all__ = [
    "BIRTHDAYS",
    "PERSON_FIELDS",
    "Needs",
    "attribute_of",
    "coded",
    "facts_of_grade",
    "facts_of_programme",
    "facts_of_rule",
    "facts_of_scheme",
    "facts_of_segment",
    "field_of",
    "needs_of",
]

BIRTHDAYS = "people.birthday"
PERSON_FIELDS = {"person.role": "role", "person.rank": "rank"}


def coded(name: str) -> str:
    """A name as part of a column's name inside: DuckDB does not tell `x` from `X`."""
    return name.encode().hex()


@attrs.frozen(kw_only=True)
class Needs:
    """What is read from the tables.

    Attributes:
        client_fields: Fields of clients that parts or facts ask for, `id` apart.
        attributes: Facts that are read from an attribute.
        touchpoints: Fields of touchpoints; None where no measure is over them.
        purchases: Fields of purchases; None where no measure is over them.
        has_ranks: Whether a fact asks for the best rank of the people.
        has_people_roles: Whether a fact asks for the roles of the people.
        has_returns: Whether a measure is net of returns.
        has_money: Whether amounts are looked at.
        cadence: The rules whose contacts are asked for; none where no cadence is.
        triggers: Likewise.
        permission: The rules about permission, where it is asked what is owed.
    """

    client_fields: frozenset[str]
    attributes: tuple[Fact, ...]
    touchpoints: frozenset[str] | None
    purchases: frozenset[str] | None
    has_ranks: bool
    has_returns: bool
    has_money: bool
    cadence: tuple[CadenceRule, ...] = ()
    has_people_roles: bool = False
    triggers: tuple[Trigger, ...] = ()
    permission: PermissionRules | None = None

    @property
    def owed(self) -> tuple[CadenceRule | Trigger, ...]:
        """All that asks for contacts; nothing where it is not asked what is owed."""
        return (*self.cadence, *self.triggers)

    @property
    def has_touch_events(self) -> bool:
        """Whether touchpoints have to be told from each other: because they oblige, or because their order counts."""
        has_runs = self.permission is not None and bool(self.permission.rotations)
        has_runs |= any(rule.in_lieu_limit is not None for rule in self.cadence)
        return has_runs or any(trigger.on == "touchpoints" for trigger in self.triggers)

    @property
    def has_instants(self) -> bool:
        """Whether it matters when on its day a touchpoint was."""
        return self.has_touch_events or bool(_fatigue_fields(self.permission))

    @property
    def has_promises(self) -> bool:
        """Whether a trigger is about the times that were agreed."""
        return any(trigger.within.unit == "agreed" for trigger in self.triggers)

    @property
    def has_purchase_ids(self) -> bool:
        """Whether purchases are told from each other."""
        return self.has_returns or any(trigger.on == "purchases" for trigger in self.triggers)

    @property
    def has_birthdays(self) -> bool:
        """Whether a rule keeps the birthdays of people."""
        return any(rule.anchor == BIRTHDAYS for rule in self.cadence)

    @property
    def has_roles(self) -> bool:
        """Whether a rule is the duty of a role among the staff."""
        return any(rule.role != ACCOUNT_MANAGER for rule in self.owed)


def facts_of_grade(grade: Grade) -> Iterator[str]:
    """The facts that a grade asks for."""
    yield grade.fact
    yield from () if grade.scope is None else facts_of(grade.scope)


def facts_of_segment(segment: Segment) -> Iterator[str]:
    """The facts that a segment asks for, its dimensions among them."""
    if isinstance(segment, CriterionSegment):
        yield from facts_of(segment.when)
        return
    yield from segment.by
    yield from () if segment.scope is None else facts_of(segment.scope)


def facts_of_scheme(scheme: Scheme) -> Iterator[str]:
    """The facts that a scheme asks for."""
    yield from facts_used(scheme)


def facts_of_programme(programme: Programme) -> Iterator[str]:
    """The facts that the paths and lists of a programme ask for."""
    yield from (name for path in programme.paths for name in facts_of(path.when))
    for top in programme.top:
        yield top.by
        yield from () if top.among is None else facts_of(top.among)


def facts_of_rule(rule: CadenceRule | Trigger) -> Iterator[str]:
    """The facts that a cadence rule or a trigger asks for, the anchor among them."""
    yield from () if rule.when is None else facts_of(rule.when)
    if isinstance(rule, Trigger):
        return
    if rule.anchor is not None and rule.anchor_date is None and rule.festival is None and rule.anchor != BIRTHDAYS:
        yield rule.anchor


def needs_of(
    policy: Policy,
    names: Iterable[str] = (),
    cadence: tuple[CadenceRule, ...] = (),
    triggers: tuple[Trigger, ...] = (),
) -> Needs:
    """What the facts of a policy and its parts ask for.

    Args:
        policy: The policy.
        names: The facts that the parts ask for which are decided.
        cadence: The cadence rules that are decided.
        triggers: The triggers that are decided.
    """
    asked = set(names)
    fields = {name.partition(".")[2] for name in asked if name.startswith("client.")}
    fields |= {"relationship_types"} if any(name.startswith("strategy.") for name in asked) else set()
    fields |= {name for fact in policy.facts if (name := field_of(fact)) is not None}
    events = {over: _event_fields(policy.facts, over) for over in ("touchpoints", "purchases")}
    owed: tuple[CadenceRule | Trigger, ...] = (*cadence, *triggers)
    if owed:
        asked_of_contacts = {name for rule in owed for name in _contact_fields(rule)}
        events["touchpoints"] = (events["touchpoints"] or frozenset()) | asked_of_contacts
    permission = policy.permission if owed else None
    if fatigue := _fatigue_fields(permission):
        events["touchpoints"] = (events["touchpoints"] or frozenset()) | fatigue
    for trigger in triggers:
        events[trigger.on] = (events[trigger.on] or frozenset()) | set(facts_of(trigger.event))
    measures = [fact.measure for fact in policy.facts if fact.measure is not None]
    return Needs(
        client_fields=frozenset(fields),
        attributes=tuple(fact for fact in policy.facts if _is_attribute(fact)),
        touchpoints=events["touchpoints"],
        purchases=events["purchases"],
        has_ranks=any(fact.reads == "people.rank" for fact in policy.facts),
        has_people_roles=any(fact.reads == "people.role" for fact in policy.facts),
        has_returns=any(measure.returns == "net" for measure in measures if measure.over == "purchases"),
        has_money="amount" in (events["purchases"] or ()),
        cadence=cadence,
        triggers=triggers,
        permission=permission,
    )


def attribute_of(fact: Fact) -> str:
    """The attribute that a fact is read from, where it is read from one."""
    return (fact.reads or "").partition(".")[2] or fact.id


def _contact_fields(rule: CadenceRule | Trigger) -> Iterator[str]:
    """The fields of touchpoints that say whether they are contacts for a rule."""
    yield from ("channel", "in_lieu_of")
    yield from facts_of(rule.counts or DEFAULT_COUNTS)
    yield from ("person.role",) if rule.reaches else ()
    yield from ("person_id",) if isinstance(rule, CadenceRule) and rule.anchor == BIRTHDAYS else ()


def _fatigue_fields(rules: PermissionRules | None) -> frozenset[str]:
    """The fields of touchpoints that say whether clients have had enough; none where no rule asks."""
    if rules is None:
        return frozenset()
    found = {"channel", "direction", "purpose"} if rules.caps or rules.gaps or rules.rotations else set[str]()
    return frozenset(found | ({"channel", "outcome"} if rules.stops else set[str]()))


def field_of(fact: Fact) -> str | None:
    """The field of clients that a fact is read from."""
    room, _, name = (fact.reads or "").partition(".")
    return name if room == "client" and name in CLIENT_COLUMNS and name not in {"id", "name"} else None


def _is_attribute(fact: Fact) -> bool:
    is_computed = fact.measure is not None or fact.derivation is not None
    return not is_computed and not (fact.reads or "").startswith("people.") and field_of(fact) is None


def _event_fields(facts: Iterable[Fact], over: str) -> frozenset[str] | None:
    measures = [fact.measure for fact in facts if fact.measure is not None and fact.measure.over == over]
    return frozenset(_fields(measures)) if measures else None


def _fields(measures: Iterable[Measure]) -> Iterator[str]:
    for measure in measures:
        yield from facts_of(measure.where) if measure.where is not None else ()
        if measure.field is not None:
            yield measure.field
