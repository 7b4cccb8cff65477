"""Last contacts and contacts of a period, of every rule in one pass over the log (CAD-1, CAD-2, CAD-4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import DEFAULT_COUNTS, CadenceRule, Trigger, quota_period
from relcare.facts import EVENT_VOCABULARY
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, any_true, expression, is_true
from relcare.frames._engine import Lazy
from relcare.frames._in_lieu import within_limit
from relcare.frames._measures import EVENT_COLUMNS, STAFF_ROLE, with_touch_facts
from relcare.frames._needs import BIRTHDAYS, PERSON_FIELDS
from relcare.frames._reader import CLIENT
from relcare.policy import Criterion, facts_of

__all__ = ["Contact", "ContactColumns", "answer_column", "contact_of", "done_column", "is_contact", "last_column"]

Contact: TypeAlias = tuple[str, frozenset[str], frozenset[str], Criterion]
"""What counts as contact: the channel, it and what satisfies it, who must be reached, and which events."""
ROLE: Final = "person.role"


def last_column(place: int) -> str:
    """The column of the last contact of the rule at a place, an ordinal."""
    return f"l {place}"


def done_column(place: int) -> str:
    """The column that counts the contacts of the quota at a place in its current period."""
    return f"c {place}"


def answer_column(place: int) -> str:
    """The column of the last contact that may answer the trigger at a place, an ordinal."""
    return f"t {place}"


@attrs.frozen(kw_only=True, eq=False)
class ContactColumns:
    """What rules ask of the log.

    Attributes:
        rules: In the order of the policy.
        core: The tables.
        as_of: The day, an ordinal.
        triggers: In the order of the policy.
    """

    rules: Sequence[CadenceRule]
    core: Core
    as_of: int
    triggers: Sequence[Trigger] = ()

    def by_client(self, base: Lazy) -> Lazy:
        """The base with the last contact of each trigger and each rule that counts for the whole client, and the count of quotas.

        The first day of the log, `touched`, is with them.

        Args:
            base: A row for each client.
        """
        whole = {place: rule for place, rule in enumerate(self.rules) if rule.anchor != BIRTHDAYS}
        plain = {place: rule for place, rule in whole.items() if rule.in_lieu_limit is None}
        asked = {answer_column(place): contact_of(trigger) for place, trigger in enumerate(self.triggers)}
        asked |= {last_column(place): contact_of(rule) for place, rule in plain.items()}
        first = {contact: column for column, contact in asked.items()}
        quotas = {done_column(place): rule for place, rule in plain.items() if rule.mode == "quota"}
        base = base.join(self._of_clients(first, quotas), on=CLIENT, how="left")
        if any(map(_is_about_people, first)):
            base = base.join(self._of_people(first, quotas), on=CLIENT, how="left")
        for place, rule in whole.items():
            if rule.in_lieu_limit is not None:
                base = base.join(self._of_runs(place, rule), on=CLIENT, how="left")
                quotas |= {done_column(place): rule} if rule.mode == "quota" else {}
        found = {column: nw.col(first[contact]) for column, contact in asked.items()}
        found |= {name: nw.col(name).fill_null(0).cast(nw.Int64()) for name in quotas}
        return base.with_columns(**found) if found else base

    def _of_clients(self, asked: Mapping[Contact, str], quotas: Mapping[str, CadenceRule]) -> Lazy:
        """A row for each client in the log: its first day, `touched`, and the contacts that do not ask who was reached."""
        meant = {contact: column for contact, column in asked.items() if not _is_about_people(contact)}
        events = self.events(meant)
        return self._grouped(events, meant, quotas, nw.col("day").min().alias("touched"))

    def _of_people(self, asked: Mapping[Contact, str], quotas: Mapping[str, CadenceRule]) -> Lazy:
        """A row for each client with contacts that ask who was reached: people are looked up for few events."""
        meant = {contact: column for contact, column in asked.items() if _is_about_people(contact)}
        may_be = any_true([is_on_channel(contact) for contact in meant])
        return self._grouped(self.events(meant, only=may_be), meant, quotas)

    def _grouped(self, events: Lazy, asked: Mapping[Contact, str], quotas: Mapping[str, CadenceRule], *more: Expr) -> Lazy:
        # Half as wide while they are grouped: a day for each client and kind of contact is what is held meanwhile.
        found = {column: self.day(contact).cast(nw.Int32()) for contact, column in asked.items()}
        counts = {name: self.counted(rule) for name, rule in quotas.items() if contact_of(rule) in asked}
        totals = [*(nw.col(name).max() for name in found), *(nw.col(name).sum() for name in counts)]
        grouped = events.select(CLIENT, "day", **found, **counts).group_by(CLIENT).agg(*totals, *more)
        return grouped.with_columns(**{name: nw.col(name).cast(nw.Int64()) for name in found}) if found else grouped

    def _of_runs(self, place: int, rule: CadenceRule) -> Lazy:
        """A row for each client with contacts of a rule that lets only so many in lieu count in a row."""
        contact = contact_of(rule)
        events = self.events([contact], only=is_on_channel(contact)).filter(is_contact(contact))
        events = within_limit(events, rule).with_columns(counted=self.counted(rule))
        days = events.group_by(CLIENT).agg(day=nw.col("day").max(), counted=nw.col("counted").sum())
        done = {done_column(place): nw.col("counted")} if rule.mode == "quota" else {}
        return days.select(CLIENT, **{last_column(place): nw.col("day")}, **done)

    def by_person(self, people: Lazy, place: int) -> Lazy:
        """People with the last contact that may be theirs: one that names them, or nobody (CAD-3).

        Args:
            people: `cid`, `person_id`.
            place: Of a rule of birthdays.
        """
        last = last_column(place)
        rule, contact = self.rules[place], contact_of(self.rules[place])
        events = self.events([contact]).filter(is_contact(contact))
        events = events if rule.in_lieu_limit is None else within_limit(events, rule)
        events = events.select(CLIENT, "person_id", **{last: nw.col("day")})
        is_nobodys = nw.col("person_id").is_null()
        anybody = events.filter(is_nobodys).group_by(CLIENT).agg(anybody=nw.col(last).max())
        own = events.filter(~is_nobodys).group_by(CLIENT, "person_id").agg(own=nw.col(last).max())
        found = people.join(anybody, on=CLIENT, how="left").join(own, on=[CLIENT, "person_id"], how="left")
        return found.with_columns(**{last: nw.max_horizontal("anybody", "own")}).drop("anybody", "own")

    def events(self, contacts: Iterable[Contact], more: Collection[str] = (), *, only: Expr | None = None) -> Lazy:
        """The touchpoints up to the day, with what is asked of them.

        Args:
            contacts: What counts as contact for those who ask.
            more: Further event facts.
            only: Which of them are wanted; all by default.
        """
        events = self.core.touchpoints
        if events is None:  # pragma: no cover - the border has asked for them
            raise TypeError
        asked = {name for contact in contacts for name in _facts_of(contact)} | set(more)
        past = events.filter(nw.col("day") <= self.as_of)
        return with_touch_facts(self.core, past if only is None else past.filter(only), asked)

    def day(self, contact: Contact) -> Expr:
        """The day of a contact; null for what is none."""
        return nw.when(is_contact(contact)).then(nw.col("day"))

    def counted(self, rule: CadenceRule) -> Expr:
        """Whether it is a contact of the current period of a quota, as 1 or 0."""
        begins, _ = quota_period(rule, self.as_of)
        return is_true(is_contact(contact_of(rule)) & (nw.col("day") >= begins)).cast(nw.Int64())


def contact_of(rule: CadenceRule | Trigger) -> Contact:
    """What counts as contact for a rule or a trigger; those for which the same counts share it."""
    return rule.channel, rule.channels, frozenset(rule.reaches), rule.counts or DEFAULT_COUNTS


def is_on_channel(contact: Contact) -> Expr:
    """Whether a touchpoint is on the channel of such a contact, or stands in for one; all contacts are."""
    channel, channels, _, _ = contact
    is_ours = any_true([nw.col("channel") == name for name in sorted(channels)])
    return is_true(is_ours) | is_true(nw.col("in_lieu_of") == channel)


def _facts_of(contact: Contact) -> frozenset[str]:
    """The event facts that a contact is told by."""
    _, _, reaches, counts = contact
    return frozenset(facts_of(counts)) | ({ROLE} if reaches else frozenset[str]())


def _is_about_people(contact: Contact) -> bool:
    """Whether it asks about people or staff, which are tables of their own."""
    return not _facts_of(contact).isdisjoint({STAFF_ROLE, *PERSON_FIELDS})


def is_contact(contact: Contact) -> Expr:
    """Whether a touchpoint is such a contact, see `ContactColumns.events`."""
    _, _, reaches, counts = contact
    found = is_on_channel(contact)
    if reaches:
        found = found & is_true(any_true([nw.col(EVENT_COLUMNS[ROLE]) == role for role in sorted(reaches)]))
    return found & is_true(expression(counts, EVENT_VOCABULARY, EVENT_COLUMNS))
