"""What events oblige to, over columns (CAD-8): the few events that the last contact of their client did not answer are looked at.

A contact on a later day than the event answers it, on whichever day it was: the last contact of each client says so of nearly all
events. Only where it was made on the day of the event itself is it asked which of the two came first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs
import narwhals.stable.v2 as nw

from relcare._time import Every
from relcare.cadence import DueContext, EventKind, Trigger
from relcare.facts import EVENT_VOCABULARY
from relcare.frames._asked import MAY, NO, YES, AskedColumns
from relcare.frames._cadence_plan import CadencePlan
from relcare.frames._contacts import Contact, ContactColumns, answer_column, contact_of, is_contact
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, any_true, cases, expression, is_true
from relcare.frames._deadlines import DeadlineColumns
from relcare.frames._engine import Lazy
from relcare.frames._measures import EVENT_COLUMNS, with_facts
from relcare.frames._order import order_of
from relcare.frames._reader import CLIENT
from relcare.policy import facts_of

__all__ = ["TriggerColumns", "sign_column"]

_EVENT: Final = ("tid", "person_id", "day", "instant", "follow")
_ROW: Final = (CLIENT, "owner_id", *_EVENT, "trigger", "answer", "own", "sign")
_Log: TypeAlias = Callable[[Sequence[int]], Lazy]
_TYPES: Final = {"tid": nw.String(), "person_id": nw.String()}


def sign_column(place: int) -> str:
    """The column that says whether the trigger at a place is about the client, see `AskedColumns`."""
    return f"ts {place}"


@attrs.frozen(kw_only=True, eq=False)
class TriggerColumns:
    """The triggers of a policy over rows.

    Attributes:
        triggers: In the order of the policy.
        behind: How many rules the plan has: triggers are numbered behind them.
        asked: Whom they ask.
        contacts: What answers them.
        plan: Where intervals have numbers.
        core: The tables.
        context: What all clients share.
    """

    triggers: Sequence[Trigger]
    behind: int
    asked: AskedColumns
    contacts: ContactColumns
    plan: CadencePlan
    core: Core
    context: DueContext

    def signed(self, frame: Lazy) -> Lazy:
        """The frame with which triggers are about the client."""
        signs = {sign_column(place): self.asked.sign(trigger) for place, trigger in enumerate(self.triggers)}
        return frame.with_columns(**signs) if signs else frame

    def decided(self, base: Lazy) -> tuple[Lazy, Lazy]:
        """What is owed, with the columns of `OWED_COLUMNS`, and of which clients it is not known whether a trigger is about them.

        Args:
            base: A row for each client, signed, with its last contacts.
        """
        engine = self.core.engine
        rows = engine.settled(nw.concat(list(self._candidates(base)), how="vertical"))
        rows = DeadlineColumns(triggers=self.triggers, engine=engine, context=self.context).joined_to(rows)
        rows = rows.filter(~is_true((nw.col("answer") >= self._begins()) & (nw.col("answer") > nw.col("day"))))
        rows = self._unanswered(rows).with_columns(rule=nw.col("trigger") + self.behind)
        every = [
            (nw.col("trigger") == place, nw.lit(self.plan.number(Every(days=trigger.within.days))))
            for place, trigger in enumerate(self.triggers)
        ]
        also = [(nw.col("trigger") == place, nw.lit(trigger.id)) for place, trigger in enumerate(self.triggers)]
        owed = rows.filter(nw.col("sign") == YES).select(
            CLIENT,
            "rule",
            "owner_id",
            "person_id",
            "earliest",
            "due",
            "latest",
            also=cases(also),
            every=cases(every).cast(nw.Int64()),
            occurrence=nw.col("tid"),
            last=nw.lit(None, dtype=nw.Int64()),
        )
        return owed, engine.distinct(rows.filter(nw.col("sign") == MAY).select(CLIENT, "rule"))

    # ---------------------------------------------------------------------------------------- events that may be open

    def _candidates(self, base: Lazy) -> Iterator[Lazy]:
        """The events that no later contact answered, with `_ROW`, a row for each trigger that they may oblige to."""
        logs: tuple[tuple[EventKind, _Log], ...] = (("touchpoints", self._touchpoints), ("purchases", self._purchases))
        for on, events in logs:
            places = [place for place, trigger in enumerate(self.triggers) if trigger.on == on]
            if not places:
                continue
            # One pass over the log for all of them; what is left of it is looked at once for each.
            found = self._beside(self._with_firsts(events(places), places), places, base)
            found = found.with_columns(**{_open(place): nw.col(_obliges(place)) & self._is_left(place) for place in places})
            left = self.core.engine.settled(found.filter(any_true([nw.col(_open(place)) for place in places])))
            for place in places:
                mine = left.filter(nw.col(_open(place)))
                yield self._row(self._first_of(mine, place) if self.triggers[place].first else mine, place)

    def _touchpoints(self, places: Sequence[int]) -> Lazy:
        """Touchpoints with whether each obliges, and whether it is itself a contact that answers others."""
        names = {name for place in places for name in facts_of(self.triggers[place].event)}
        events = self.contacts.events([contact_of(self.triggers[place]) for place in places], names)
        if "follow" not in events.collect_schema():
            events = events.with_columns(follow=nw.lit(None, dtype=nw.Int64()))
        found = {_obliges(place): self._obliging(place) for place in places}
        found |= {_own(place): is_true(is_contact(contact_of(self.triggers[place]))) for place in places}
        return events.select(CLIENT, *_EVENT, **found).filter(any_true([nw.col(_obliges(place)) for place in places]))

    def _purchases(self, places: Sequence[int]) -> Lazy:
        """Purchases likewise; returns and credits are none."""
        bought = self.core.purchases
        if bought is None:  # pragma: no cover - the border has asked for them
            raise TypeError
        bought = bought.filter(nw.col("back").is_null() & (nw.col("units") >= 0) & (nw.col("day") <= self.context.as_of))
        names = {name for place in places for name in facts_of(self.triggers[place].event)}
        events = with_facts(bought, {"category": "category", "amount": "units"}, names)
        found = {_obliges(place): self._obliging(place) for place in places}
        found |= {_own(place): nw.lit(value=False) for place in places}
        nothing = {name: nw.lit(None, dtype=_TYPES.get(name, nw.Int64())) for name in ("person_id", "instant", "follow")}
        events = events.select(CLIENT, "day", tid=nw.col("pid"), **nothing, **found)
        return events.filter(any_true([nw.col(_obliges(place)) for place in places]))

    def _obliging(self, place: int) -> Expr:
        event, scale = self.triggers[place].event, self.core.amount_scale
        return is_true(expression(event, EVENT_VOCABULARY, EVENT_COLUMNS, scale=scale))

    def _with_firsts(self, events: Lazy, places: Sequence[int]) -> Lazy:
        """The events with their order, and that of the first one of each client, for triggers that ask for it (CAD-8)."""
        firsts = [place for place in places if self.triggers[place].first]
        if not firsts:
            return events
        events = events.with_columns(order=order_of("day", is_day_last=False))
        orders = {_lowest(place): nw.when(nw.col(_obliges(place))).then(nw.col("order")) for place in firsts}
        lowest = events.select(CLIENT, **orders).group_by(CLIENT).agg(*(nw.col(name).min() for name in orders))
        return events.join(lowest, on=CLIENT, how="left")

    def _is_left(self, place: int) -> Expr:
        """Whether an event that obliges has to be looked at: it is a first one, or may still be open."""
        is_first = is_true(nw.col("order") == nw.col(_lowest(place)))
        return is_first if self.triggers[place].first else self._is_open(place)

    def _first_of(self, events: Lazy, place: int) -> Lazy:
        """Of equal first events that with the lowest id, if it may still be open."""
        ids = events.group_by(CLIENT).agg(tid=nw.col("tid").min())
        return events.join(ids, on=[CLIENT, "tid"], how="inner").filter(self._is_open(place))

    def _beside(self, events: Lazy, places: Sequence[int], base: Lazy) -> Lazy:
        """Events since the policy began beside what is known of their clients."""
        kept = [column(place) for place in places for column in (answer_column, sign_column)]
        since = events.filter(nw.col("day") >= self.context.in_force_from)
        return since.join(base.select(CLIENT, "owner_id", *kept), on=CLIENT, how="inner")

    def _is_open(self, place: int) -> Expr:
        """Whether an event may still be open: no contact on a later day, nor from the agreed day on."""
        answer, day = nw.col(answer_column(place)), nw.col("day")
        is_about = nw.col(sign_column(place)) != NO
        trigger = self.triggers[place]
        if trigger.on == "purchases":
            return is_about & ~is_true(answer >= day)
        if trigger.within.unit != "agreed":
            return is_about & ~is_true(answer > day)
        # It may be kept earlier than agreed where the agreed day is no business day: that is looked at later.
        is_kept = is_true((answer > day) & (answer >= nw.col("follow")))
        return is_about & ~nw.col("follow").is_null() & ~is_kept

    def _row(self, events: Lazy, place: int) -> Lazy:
        basis = "follow" if self.triggers[place].within.unit == "agreed" else "day"
        return events.with_columns(
            trigger=nw.lit(place).cast(nw.Int64()),
            answer=nw.col(answer_column(place)),
            own=nw.col(_own(place)).cast(nw.Int64()),
            sign=nw.col(sign_column(place)),
        ).select(*_ROW, basis=nw.col(basis))

    # ----------------------------------------------------------------------------------- contacts on the day of the event

    @staticmethod
    def _begins() -> Expr:
        """From which day on a contact answers: that of the event, or the agreed one."""
        return nw.max_horizontal("day", "earliest")

    def _unanswered(self, rows: Lazy) -> Lazy:
        """The rows without those that were answered later on the same day; instants decide, a mere day is taken to be after."""
        same = (nw.col("answer") == nw.col("day")) & (self._begins() == nw.col("day"))
        days = self.core.engine.distinct(rows.filter(is_true(same)).select(CLIENT, "day"))
        ((count,),) = self.core.engine.rows(days.select(n=nw.len()))
        if not count:
            return rows
        contacts = {place: contact_of(trigger) for place, trigger in enumerate(self.triggers) if trigger.on == "touchpoints"}
        told = rows.join(self._of_the_day(days, contacts), on=[CLIENT, "day"], how="left")
        several, undated, latest = (
            cases([(nw.col("trigger") == place, nw.col(f"{what} {place}")) for place in contacts]) for what in ("n", "d", "x")
        )
        by_instant = (undated > 0) | is_true(latest > nw.col("instant"))
        by_day = several > nw.col("own")
        is_answered = nw.when(nw.col("instant").is_null()).then(by_day).otherwise(by_instant)
        return told.filter(~is_true(same & is_answered))

    def _of_the_day(self, days: Lazy, contacts: Mapping[int, Contact]) -> Lazy:
        """The contacts of clients on some days: how many, how many of them by their day alone, the latest instant."""
        events = self.contacts.events(contacts.values()).join(days, on=[CLIENT, "day"], how="inner")
        found: dict[str, Expr] = {}
        for place, contact in contacts.items():
            counts, instant = is_true(is_contact(contact)), nw.col("instant")
            found[f"n {place}"] = counts.cast(nw.Int64())
            found[f"d {place}"] = (counts & instant.is_null()).cast(nw.Int64())
            found[f"x {place}"] = nw.when(counts).then(instant)
        totals = [nw.col(name).max() if name[0] == "x" else nw.col(name).sum().cast(nw.Int64()) for name in found]
        return events.select(CLIENT, "day", **found).group_by(CLIENT, "day").agg(*totals)


def _obliges(place: int) -> str:
    return f"o {place}"


def _open(place: int) -> str:
    return f"w {place}"


def _lowest(place: int) -> str:
    return f"k {place}"


def _own(place: int) -> str:
    return f"y {place}"
