"""Since when a client qualifies: its facts on every day on which they may have changed (VIP-4).

Only those who qualify now are looked back on. Each has a few days of its own, from its events and the ends of its windows, and is
asked again on those; the first day after the last one on which no path held is the answer.
"""

from collections.abc import Iterator, Mapping, Sequence

import attrs
import narwhals.stable.v2 as nw

from relcare.decisions import ReadyPolicy, ageing_facts, ages_that_turn, moves_others
from relcare.facts import window_exit
from relcare.frames._core import Core
from relcare.frames._criteria import any_true, is_true, least
from relcare.frames._engine import Engine, Lazy
from relcare.frames._facts import FactColumns
from relcare.frames._measures import asked_by, counts, with_event_facts, with_touch_facts
from relcare.frames._moments import AT, own_days
from relcare.frames._programmes import ProgrammeColumns, programme_column
from relcare.frames._reader import CLIENT
from relcare.policy import Fact, Measure, Window
from relcare.vip import review_day

__all__ = ["LookBack", "with_first_days"]

_FIRST = "first_eligible_on"
_FEW = 20
"""Events of one client in so many are few enough to be worked out beside all the others."""


@attrs.frozen(kw_only=True, eq=False)
class LookBack:
    """What is needed to look back.

    Attributes:
        core: The tables.
        facts: The declared facts.
        decisions: The policy made ready.
        programmes: Those that are decided.
        as_of: The last day, an ordinal.
    """

    core: Core
    facts: FactColumns
    decisions: ReadyPolicy
    programmes: Sequence[ProgrammeColumns]
    as_of: int

    @property
    def names(self) -> frozenset[str]:
        """The facts that a path asks for."""
        qualifiers = self.decisions.qualifiers
        return frozenset(name for one in self.programmes for name in qualifiers[one.place].layout)

    @property
    def declared(self) -> tuple[Fact, ...]:
        """The declared facts among them, and those that they are derived from."""
        return self.decisions.reader.closure(sorted(self.names))


def with_first_days(frame: Lazy, look: LookBack) -> Lazy:
    """The frame with the first day of the unbroken stretch in which some path of a programme holds; null for who qualifies not.

    Args:
        frame: With everything decided about the day.
        look: What is needed to look back; at least one programme.
    """
    core, facts, programmes = look.core, look.facts, look.programmes
    qualified = any_true([nw.col(programme_column(one.place, "qualification")) == "yes" for one in programmes])
    static = [column for name, column in programmes[0].layout.items() if name not in {fact.id for fact in facts.facts}]
    there = set(frame.collect_schema())
    own = list(core.clients.collect_schema())
    lists = _lists_then(look)
    now = frame.filter(qualified).select(*own, *(column for column in static if column in there and column not in own))
    now = core.engine.settled(now)
    look = _narrowed(look, now)
    core, facts = look.core, look.facts
    firsts = _firsts(look, now)
    if not any(fact.measure is not None for fact in look.declared) and not lists:
        # Nothing that a path asks for has a history: it holds from the first day on.
        return _shown(frame, look, {one.place: firsts for one in programmes})
    asked = core.engine.settled(_asked(look, now, firsts))
    moment = own_days(core.engine, asked, [fact.measure.window for fact in look.declared if fact.measure is not None])
    dated = facts.read(moment.asked.join(now, on=CLIENT, how="inner"), moment, look.names)
    dated = dated.with_columns(**lists) if lists else dated
    return _shown(frame, look, {one.place: _first_day(core.engine, dated, one) for one in programmes})


def _narrowed(look: LookBack, now: Lazy) -> LookBack:
    """The same with the events of those who qualify alone, where these are few: they are looked at several times."""
    core = look.core
    ((few,),), ((many,),) = (core.engine.rows(frame.select(n=nw.len())) for frame in (now, core.clients))
    if few * _FEW > many:
        return look
    asked = {fact.measure.over for fact in look.declared if fact.measure is not None}

    def own(events: Lazy | None, over: str) -> Lazy | None:
        if events is None or over not in asked:
            return events
        return core.engine.settled(events.join(now.select(CLIENT), on=CLIENT, how="semi"))

    core = attrs.evolve(core, touchpoints=own(core.touchpoints, "touchpoints"), purchases=own(core.purchases, "purchases"))
    return attrs.evolve(look, core=core, facts=FactColumns(look.facts.facts, look.facts.types, core))


def _shown(frame: Lazy, look: LookBack, firsts: Mapping[int, Lazy]) -> Lazy:
    """The frame with the first days of each programme, of those who qualify for it."""
    columns = [programme_column(place, _FIRST) for place in firsts]
    for place, first in firsts.items():
        frame = frame.join(first.rename({"begins": programme_column(place, _FIRST)}), on=CLIENT, how="left")
    is_yes = {place: nw.col(programme_column(place, "qualification")) == "yes" for place in firsts}
    shown = {column: nw.when(is_yes[place]).then(nw.col(column)) for place, column in zip(firsts, columns, strict=True)}
    return look.core.engine.with_dates(frame.with_columns(**shown), columns)


def _lists_then(look: LookBack) -> dict[str, nw.Expr]:
    """A list of the best holds from its last review on, which without reviews is the day itself (VIP-4)."""
    reviews = {
        one.layout[f"vip.{one.programme.id}.top.{top.id}"]: review_day(top, look.as_of)
        for one in look.programmes
        for top in one.programme.top
    }
    return {
        column: nw.when(nw.col(AT) >= day).then(nw.col(column)).otherwise(nw.lit(value=False)) for column, day in reviews.items()
    }


def _first_day(engine: Engine, dated: Lazy, one: ProgrammeColumns) -> Lazy:
    """The first day of the stretch that lasts, by client."""
    holds = is_true(any_true(list(one.answers().values())))
    # It is asked twice, and the facts of all those days are dear.
    asked = engine.settled(dated.select(CLIENT, AT, holds=holds))
    broken = asked.with_columns(day=nw.when(~nw.col("holds")).then(nw.col(AT))).group_by(CLIENT).agg(broken=nw.col("day").max())
    after = asked.join(broken, on=CLIENT, how="inner")
    lasting = after.filter(nw.col("broken").is_null() | (nw.col(AT) > nw.col("broken")))
    return lasting.group_by(CLIENT).agg(begins=nw.col(AT).min())


# ------------------------------------------------------------------------------------------------------------- which days


def _asked(look: LookBack, now: Lazy, firsts: Lazy) -> Lazy:
    """The days on which a path may begin or cease to hold, the first one of each client among them."""
    days = [firsts.select(CLIENT, **{AT: nw.col("begins")})]
    later = [*_turning(look, now), *_review_days(look, now), *_every_day(look, firsts)]
    if later:
        turning = nw.concat(later, how="vertical").join(firsts, on=CLIENT, how="inner")
        turning = turning.filter((nw.col(AT) > nw.col("begins")) & (nw.col(AT) <= look.as_of))
        days.append(turning.select(CLIENT, AT))
    return look.core.engine.distinct(nw.concat(days, how="vertical"))


def _firsts(look: LookBack, now: Lazy) -> Lazy:
    """The first day of each client: history begins there (CAD-1)."""
    found = now.select(CLIENT, "since")
    columns: list[str] = []
    for name, events in (("touched", look.core.touchpoints), ("bought", look.core.purchases)):
        if events is not None:
            columns.append(name)
            # Few qualify: the events of all others are left out before they are grouped.
            own = events.join(now.select(CLIENT), on=CLIENT, how="semi")
            found = found.join(own.group_by(CLIENT).agg(**{name: nw.col("day").min()}), on=CLIENT, how="left")
    first = least(columns)
    found = found.with_columns(first=first).with_columns(own=nw.coalesce("since", "first"))
    known = [nw.when(nw.col(name) <= look.as_of).then(nw.col(name)) for name in ("own", "first")]
    default = min(look.as_of, look.decisions.policy.effective_from.toordinal())
    return found.with_columns(begins=nw.min_horizontal(*known)).select(CLIENT, begins=nw.col("begins").fill_null(default))


def _review_days(look: LookBack, now: Lazy) -> Iterator[Lazy]:
    for day in sorted({review_day(top, look.as_of) for one in look.programmes for top in one.programme.top}):
        yield now.select(CLIENT, **{AT: nw.lit(day).cast(nw.Int64())})


def _every_day(look: LookBack, firsts: Lazy) -> Iterator[Lazy]:
    """All days of each client where what grows from day to day moves another fact, which may then cross its borders on any."""
    engine = look.core.engine
    ((begins,),) = engine.rows(firsts.select(nw.col("begins").min()))
    if begins is None or not moves_others(look.declared):
        return
    days = list(range(int(begins), look.as_of + 1))
    table = engine.table(firsts, {AT: (nw.Int64(), days)})
    yield firsts.select(CLIENT, "begins").join(table, how="cross").filter(nw.col(AT) > nw.col("begins")).select(CLIENT, AT)


def _turning(look: LookBack, now: Lazy) -> Iterator[Lazy]:
    whose = now.select(CLIENT)
    for fact in look.declared:
        if fact.measure is None:
            continue
        events, returned = _counted(look.core, fact.measure)
        events = events.join(whose, on=CLIENT, how="semi")
        delay = fact.measure.returns_delay.days if fact.measure.returns_delay is not None else 0
        yield events.select(CLIENT, **{AT: nw.col("day") + delay})
        if not fact.measure.window.is_lifetime:
            yield _exits(look, events, fact.measure.window)
        if returned is not None:
            yield returned.join(whose, on=CLIENT, how="semi").select(CLIENT, **{AT: nw.col("day")})
        if ageing_facts([fact]):
            for age in sorted(_ages(look, fact)):
                yield events.select(CLIENT, **{AT: nw.col("day") + age})


def _ages(look: LookBack, fact: Fact) -> set[int]:
    qualifiers = [look.decisions.qualifiers[one.place] for one in look.programmes]
    return {age for one in qualifiers for age in ages_that_turn(one, look.decisions.reader, fact) if age <= look.as_of}


def _counted(core: Core, measure: Measure) -> tuple[Lazy, Lazy | None]:
    """The events that a measure counts on some day, and the returns of purchases that it is net of."""
    events = core.touchpoints if measure.over == "touchpoints" else core.purchases
    if events is None:  # pragma: no cover - the border has asked for them
        raise TypeError(measure)
    chosen = events
    if measure.where is not None and measure.over == "touchpoints":
        chosen = with_touch_facts(core, events, asked_by([measure])).filter(counts(measure, core.amount_scale))
    elif measure.where is not None:
        there = {"category": "category", "amount": "units"}
        chosen = with_event_facts(events, there, [measure]).filter(counts(measure, core.amount_scale))
    if measure.over == "touchpoints":
        return chosen.select(CLIENT, "day"), None
    bought = chosen.filter(nw.col("back").is_null()).select(CLIENT, "day")
    is_net = measure.returns == "net"
    return bought, events.filter(~nw.col("back").is_null()).select(CLIENT, "day") if is_net else None


def _exits(look: LookBack, events: Lazy, window: Window) -> Lazy:
    """The first days on which a window no longer looks at an event."""
    engine = look.core.engine
    days = sorted(int(day) for (day,) in engine.rows(engine.distinct(events.select("day"))))
    leaves = [window_exit(window, day) for day in days]
    table = engine.table(events, {"day": (nw.Int64(), days), AT: (nw.Int64(), leaves)})
    return events.join(table, on="day", how="inner").select(CLIENT, AT)
