"""Last contacts and contacts of a period, of every rule in one pass over the log (CAD-1, CAD-2, CAD-4)."""

from collections.abc import Sequence
from typing import TypeAlias

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import DEFAULT_COUNTS, CadenceRule, quota_period
from relcare.facts import EVENT_VOCABULARY
from relcare.frames._border import Core
from relcare.frames._criteria import Expr, any_true, expression, is_true
from relcare.frames._engine import Lazy
from relcare.frames._measures import EVENT_COLUMNS, touchpoint_facts, with_facts
from relcare.frames._needs import BIRTHDAYS
from relcare.frames._reader import CLIENT
from relcare.policy import Criterion, facts_of

__all__ = ["ContactColumns", "done_column", "last_column"]

_Contact: TypeAlias = tuple[str, frozenset[str], frozenset[str], Criterion]
"""What counts as contact: the channel, it and what satisfies it, who must be reached, and which events."""
_ROLE = EVENT_COLUMNS["person.role"]


def last_column(place: int) -> str:
    """The column of the last contact of the rule at a place, an ordinal."""
    return f"l {place}"


def done_column(place: int) -> str:
    """The column that counts the contacts of the quota at a place in its current period."""
    return f"c {place}"


@attrs.frozen(kw_only=True, eq=False)
class ContactColumns:
    """What rules ask of the log.

    Attributes:
        rules: In the order of the policy.
        core: The tables.
        as_of: The day, an ordinal.
    """

    rules: Sequence[CadenceRule]
    core: Core
    as_of: int

    def by_client(self, base: Lazy) -> Lazy:
        """The base with the last contact of each rule that counts for the client as a whole, and the count of each quota.

        Args:
            base: A row for each client.
        """
        plain = {place: rule for place, rule in enumerate(self.rules) if rule.anchor != BIRTHDAYS}
        first = {_contact(rule): place for place, rule in reversed(plain.items())}
        days = {last_column(place): self.day(contact) for contact, place in first.items()}
        counts = {done_column(place): self.counted(rule) for place, rule in plain.items() if rule.mode == "quota"}
        if not days:
            return base
        events = self.events().select(CLIENT, **days, **counts)
        found = events.group_by(CLIENT).agg(*(nw.col(name).max() for name in days), *(nw.col(name).sum() for name in counts))
        base = base.join(found, on=CLIENT, how="left")
        shared = {last_column(place): nw.col(last_column(first[_contact(rule)])) for place, rule in plain.items()}
        return base.with_columns(**shared, **{name: nw.col(name).fill_null(0).cast(nw.Int64()) for name in counts})

    def by_person(self, people: Lazy, place: int) -> Lazy:
        """People with the last contact that may be theirs: one that names them, or nobody (CAD-3).

        Args:
            people: `cid`, `person_id`.
            place: Of a rule of birthdays.
        """
        last = last_column(place)
        events = self.events().select(CLIENT, "person_id", **{last: self.day(_contact(self.rules[place]))})
        is_nobodys = nw.col("person_id").is_null()
        anybody = events.filter(is_nobodys).group_by(CLIENT).agg(anybody=nw.col(last).max())
        own = events.filter(~is_nobodys).group_by(CLIENT, "person_id").agg(own=nw.col(last).max())
        found = people.join(anybody, on=CLIENT, how="left").join(own, on=[CLIENT, "person_id"], how="left")
        return found.with_columns(**{last: nw.max_horizontal("anybody", "own")}).drop("anybody", "own")

    def events(self) -> Lazy:
        """The touchpoints up to the day, with what criteria ask of them."""
        events = self.core.touchpoints
        if events is None:  # pragma: no cover - the border has asked for them
            raise TypeError
        asked = {name for rule in self.rules for name in facts_of(rule.counts or DEFAULT_COUNTS)}
        asked |= {"person.role"} if any(rule.reaches for rule in self.rules) else set[str]()
        return with_facts(events.filter(nw.col("day") <= self.as_of), touchpoint_facts(events), asked)

    def day(self, contact: _Contact) -> Expr:
        """The day of a contact; null for what is none."""
        return nw.when(_is_contact(contact)).then(nw.col("day"))

    def counted(self, rule: CadenceRule) -> Expr:
        """Whether it is a contact of the current period of a quota, as 1 or 0."""
        begins, _ = quota_period(rule, self.as_of)
        return is_true(_is_contact(_contact(rule)) & (nw.col("day") >= begins)).cast(nw.Int64())


def _contact(rule: CadenceRule) -> _Contact:
    return rule.channel, rule.channels, frozenset(rule.reaches), rule.counts or DEFAULT_COUNTS


def _is_contact(contact: _Contact) -> Expr:
    channel, channels, reaches, counts = contact
    is_ours = any_true([nw.col("channel") == name for name in sorted(channels)])
    found = is_true(is_ours) | is_true(nw.col("in_lieu_of") == channel)
    if reaches:
        found = found & is_true(any_true([nw.col(_ROLE) == role for role in sorted(reaches)]))
    return found & is_true(expression(counts, EVENT_VOCABULARY, EVENT_COLUMNS))
