"""What a policy asks of the tables: which facts are worked out, and which columns they are read from."""

from collections.abc import Iterable, Iterator

import attrs

from relcare.cadence import ACCOUNT_MANAGER, DEFAULT_COUNTS, CadenceRule
from relcare.decisions import Policy
from relcare.frames._layout import CLIENT_COLUMNS
from relcare.policy import Fact, Measure, facts_of
from relcare.segmentation import QuotaScheme, Scheme
from relcare.vip import Programme

__all__ = [
    "BIRTHDAYS",
    "PERSON_FIELDS",
    "Needs",
    "attribute_of",
    "coded",
    "facts_of_programme",
    "facts_of_rule",
    "facts_of_scheme",
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
        has_returns: Whether a measure is net of returns.
        has_money: Whether amounts are looked at.
        cadence: The rules whose contacts are asked for; none where no cadence is.
    """

    client_fields: frozenset[str]
    attributes: tuple[Fact, ...]
    touchpoints: frozenset[str] | None
    purchases: frozenset[str] | None
    has_ranks: bool
    has_returns: bool
    has_money: bool
    cadence: tuple[CadenceRule, ...] = ()

    @property
    def has_birthdays(self) -> bool:
        """Whether a rule keeps the birthdays of people."""
        return any(rule.anchor == BIRTHDAYS for rule in self.cadence)

    @property
    def has_roles(self) -> bool:
        """Whether a rule is the duty of a role among the staff."""
        return any(rule.role != ACCOUNT_MANAGER for rule in self.cadence)


def facts_of_scheme(scheme: Scheme) -> Iterator[str]:
    """The facts that a scheme asks for."""
    yield from () if scheme.scope is None else facts_of(scheme.scope)
    if isinstance(scheme, QuotaScheme):
        yield from scheme.facts
    else:
        yield from (name for tier in scheme.tiers for name in facts_of(tier.when))


def facts_of_programme(programme: Programme) -> Iterator[str]:
    """The facts that the paths and lists of a programme ask for."""
    yield from (name for path in programme.paths for name in facts_of(path.when))
    for top in programme.top:
        yield top.by
        yield from () if top.among is None else facts_of(top.among)


def facts_of_rule(rule: CadenceRule) -> Iterator[str]:
    """The facts that a cadence rule asks for, its anchor among them."""
    yield from () if rule.when is None else facts_of(rule.when)
    if rule.anchor is not None and rule.anchor_date is None and rule.festival is None and rule.anchor != BIRTHDAYS:
        yield rule.anchor


def needs_of(policy: Policy, names: Iterable[str] = (), cadence: tuple[CadenceRule, ...] = ()) -> Needs:
    """What the facts of a policy and its parts ask for.

    Args:
        policy: The policy.
        names: The facts that the parts ask for which are decided.
        cadence: The cadence rules that are decided.
    """
    asked = set(names)
    fields = {name.partition(".")[2] for name in asked if name.startswith("client.")}
    fields |= {"relationship_types"} if any(name.startswith("strategy.") for name in asked) else set()
    fields |= {name for fact in policy.facts if (name := field_of(fact)) is not None}
    events = {over: _event_fields(policy.facts, over) for over in ("touchpoints", "purchases")}
    if cadence:
        asked_of_contacts = {name for rule in cadence for name in _contact_fields(rule)}
        events["touchpoints"] = (events["touchpoints"] or frozenset()) | asked_of_contacts
    measures = [fact.measure for fact in policy.facts if fact.measure is not None]
    return Needs(
        client_fields=frozenset(fields),
        attributes=tuple(fact for fact in policy.facts if _is_attribute(fact)),
        touchpoints=events["touchpoints"],
        purchases=events["purchases"],
        has_ranks=any(fact.reads == "people.rank" for fact in policy.facts),
        has_returns=any(measure.returns == "net" for measure in measures if measure.over == "purchases"),
        has_money="amount" in (events["purchases"] or ()),
        cadence=cadence,
    )


def attribute_of(fact: Fact) -> str:
    """The attribute that a fact is read from, where it is read from one."""
    return (fact.reads or "").partition(".")[2] or fact.id


def _contact_fields(rule: CadenceRule) -> Iterator[str]:
    """The fields of touchpoints that say whether they are contacts for a rule."""
    yield from ("channel", "in_lieu_of")
    yield from facts_of(rule.counts or DEFAULT_COUNTS)
    yield from ("person.role",) if rule.reaches else ()
    yield from ("person_id",) if rule.anchor == BIRTHDAYS else ()


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
