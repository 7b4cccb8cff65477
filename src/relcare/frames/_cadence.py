"""What is owed, over columns: patterns worked out once each and joined, states against the day (CAD-1 to CAD-6, CAD-13).

Clients who are asked by the same rules, have the same basis or the same anchor share everything else: what is collected are those
few, and what comes back are small tables.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare._time import FIRST_DAY
from relcare.cadence import CadenceRule, DueContext, PatternDue, Trigger, grid_dues, quota_dues, rolled_days
from relcare.frames._asked import ASKS, BEFORE, AskedColumns, redated_column
from relcare.frames._cadence_plan import TYPES, CadencePlan, by_rule, of_rules
from relcare.frames._contacts import ContactColumns, answer_column, done_column, last_column
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, Layout, cases, least
from relcare.frames._engine import Cell, Engine, Lazy
from relcare.frames._needs import BIRTHDAYS
from relcare.frames._reader import CLIENT
from relcare.frames._triggers import TriggerColumns, sign_column
from relcare.model import Birthday

__all__ = ["OWED_COLUMNS", "CadenceColumns"]

OWED_COLUMNS: Final = (
    CLIENT, "rule", "also", "every", "owner_id", "person_id", "occurrence", "last", "earliest", "due", "latest",
)  # fmt: skip
"""What is known of each contact that is owed, before it is asked who does it."""
_PATTERN: Final = ("occurrence", "due", "earliest", "latest", "kept_from", "until")
_GROWN: Final = 20
_NOBODY: Final = 0
"""In place of a day that is not there: tables are joined by values, and nothing equals null."""


@attrs.frozen(kw_only=True, eq=False)
class CadenceColumns:
    """The cadence rules of a policy over rows.

    Attributes:
        rules: In the order of the policy.
        asked: Whom they ask.
        plan: What follows from that.
        core: The tables.
        layout: The column of each fact.
        context: What all clients share.
        triggers: In the order of the policy.
    """

    rules: Sequence[CadenceRule]
    asked: AskedColumns
    plan: CadencePlan
    core: Core
    layout: Layout
    context: DueContext
    triggers: Sequence[Trigger] = ()

    @property
    def engine(self) -> Engine:
        return self.core.engine

    @property
    def contacts(self) -> ContactColumns:
        return ContactColumns(rules=self.rules, core=self.core, as_of=self.context.as_of, triggers=self.triggers)

    @property
    def events(self) -> TriggerColumns:
        return TriggerColumns(
            triggers=self.triggers,
            behind=len(self.rules),
            asked=self.asked,
            contacts=self.contacts,
            plan=self.plan,
            core=self.core,
            context=self.context,
        )

    def decided(self, frame: Lazy) -> tuple[Lazy, Lazy]:
        """What is owed, with `OWED_COLUMNS`, and of which clients it is not known whether a rule asks (`cid`, `rule`).

        Args:
            frame: A row for each client, with all facts.
        """
        base = self.engine.settled(self._base(frame))
        ways = self.engine.rows(self.engine.distinct(base.select(ASKS, TYPES, BEFORE)))
        owed = base.join(self.plan.owed(self.engine, base, ways), on=[ASKS, TYPES, BEFORE], how="inner")
        parts = [
            part(owed, places)
            for part, places in (
                (self._rolling, self._places(lambda rule: rule.mode == "rolling")),
                (self._quotas, self._places(lambda rule: rule.mode == "quota")),
                (self._grids, self._places(lambda rule: rule.mode == "grid" and rule.anchor != BIRTHDAYS)),
                (self._birthdays, self._places(lambda rule: rule.anchor == BIRTHDAYS)),
            )
            if places
        ]
        unknown = base.join(self.plan.undecided(self.engine, base, ways), on=ASKS, how="inner").select(CLIENT, "rule")
        if self.triggers:
            obliged, unclear = self.events.decided(base)
            parts.append(obliged.select(*OWED_COLUMNS))
            unknown = nw.concat([unknown, unclear], how="vertical")
        return nw.concat(parts, how="vertical"), unknown

    def _places(self, is_meant: Callable[[CadenceRule], bool]) -> list[int]:
        return [place for place, rule in enumerate(self.rules) if is_meant(rule)]

    # ------------------------------------------------------------------------------------------------------ a row a client

    def _base(self, frame: Lazy) -> Lazy:
        """Who is asked by which rules, the last contacts, and from when on anything is owed."""
        frame = self.asked.joined_to(frame.with_columns(**{TYPES: nw.col(TYPES).fill_null("")}))
        frame = self.events.signed(self._with_floor(self.contacts.by_client(frame)))
        anchors = {f"an {place}": nw.col(self.layout[name]) for place, name in self._fact_anchors().items()}
        frame = frame.with_columns(**anchors) if anchors else frame
        kept = [CLIENT, TYPES, ASKS, BEFORE, "owner_id", "since", "floor", "ahead", *anchors]
        kept += [redated_column(at) for at in range(len(self.asked.looks))]
        kept += [name for name in frame.collect_schema() if name[:2] in {"l ", "c "}]
        kept += [column(place) for place in range(len(self.triggers)) for column in (answer_column, sign_column)]
        return frame.select(*kept)

    def _fact_anchors(self) -> dict[int, str]:
        """The facts that grids are anchored to, by place of the rule."""
        return {
            place: rule.anchor
            for place, rule in enumerate(self.rules)
            if rule.anchor is not None and rule.anchor in self.layout and rule.anchor_date is None
        }

    def _with_floor(self, frame: Lazy) -> Lazy:
        """From when the first interval counts: the client's first day or the rule's, whichever is later (CAD-1).

        `ahead` is that day where it is still to come.
        """
        columns = ["touched"]
        if self.core.purchases is not None:
            columns.append("bought")
            bought = self.core.purchases.group_by(CLIENT).agg(bought=nw.col("day").min())
            frame = frame.join(bought, on=CLIENT, how="left")
        as_of, in_force = self.context.as_of, self.context.in_force_from
        first = least(columns)
        frame = frame.with_columns(first=first)
        begins = nw.coalesce("since", nw.when(nw.col("first") <= as_of).then(nw.col("first")))
        later = nw.when(begins > in_force).then(begins).otherwise(nw.lit(in_force))
        frame = frame.with_columns(floor=later.cast(nw.Int64())).drop("first", *columns)
        return frame.with_columns(ahead=nw.when(nw.col("floor") > as_of).then(nw.col("floor")).otherwise(nw.lit(_NOBODY)))

    # ------------------------------------------------------------------------------------------------------------ rolling

    def _rolling(self, owed: Lazy, places: Sequence[int]) -> Lazy:
        last = by_rule(places, lambda place: nw.col(last_column(place)))
        frame = of_rules(owed, places).with_columns(last=last)
        frame = frame.with_columns(basis=nw.coalesce("last", "floor"))
        frame = self._with_raw_days(frame)
        frame = self._with_days(frame, places)
        # A lead may be longer than a strategy's interval: what was just done is not owed again on the same day.
        after = nw.col("basis") + (~nw.col("last").is_null()).cast(nw.Int64())
        frame = frame.with_columns(after=after).with_columns(begun=nw.max_horizontal("earliest", "after"))
        first = nw.when(nw.col("last").is_null()).then(nw.lit("first"))
        person = nw.lit(None, dtype=nw.String())
        frame = frame.with_columns(earliest=nw.min_horizontal("due", "begun"), occurrence=first, person_id=person)
        return frame.select(*OWED_COLUMNS)

    def _with_raw_days(self, frame: Lazy) -> Lazy:
        """The day an interval after the last contact, re-dated after a change of tier (CAD-6)."""
        looks = range(len(self.asked.looks))
        if not looks:
            return self._after(frame, "every", "raw")
        starts = cases([(nw.col("look") == at, nw.col(redated_column(at))) for at in looks]).cast(nw.Int64())
        frame = self._after(self._after(frame.with_columns(start=starts), "every", "plain"), "old", "former")
        # The new interval never counts before the change, and who was due anyway stays due.
        latest = nw.when(nw.col("former") < nw.col("start")).then(nw.col("former")).otherwise(nw.col("start"))
        is_redated = nw.col("basis") < nw.col("start")
        frame = frame.with_columns(moved=nw.when(is_redated).then(latest))
        return frame.with_columns(raw=nw.max_horizontal("plain", "moved"))

    def _after(self, frame: Lazy, every: str, new: str) -> Lazy:
        """The frame with the day an interval after the basis; null where there is no interval."""
        pairs: list[tuple[int, int]] = self.engine.rows(
            self.engine.distinct(frame.select(every, "basis").filter(~nw.col(every).is_null()))
        )
        found = [(number, basis, self.plan.intervals[number].after(basis)) for number, basis in pairs]
        table = self._table(frame, dict.fromkeys((every, "basis", new)), found)
        return frame.join(table, on=[every, "basis"], how="left")

    def _with_days(self, frame: Lazy, places: Sequence[int]) -> Lazy:
        """The frame with due, earliest and latest of the raw days (CAD-5)."""
        kinds = {place: (rule.roll, rule.lead, rule.grace) for place, rule in enumerate(self.rules)}
        alike = {kind: place for place, kind in reversed(kinds.items()) if place in places}
        frame = frame.with_columns(kind=by_rule(places, lambda place: nw.lit(alike[kinds[place]])))
        pairs: list[tuple[int, int]] = self.engine.rows(self.engine.distinct(frame.select("kind", "raw")))
        found = [
            (kind, raw, days.due, days.earliest, days.latest)
            for kind, raw in pairs
            for days in (rolled_days(self.rules[kind], raw, self.context),)
        ]
        table = self._table(frame, dict.fromkeys(("kind", "raw", "due", "earliest", "latest")), found)
        return frame.join(table, on=["kind", "raw"], how="left")

    # ------------------------------------------------------------------------------------------------- quotas and grids

    def _quotas(self, owed: Lazy, places: Sequence[int]) -> Lazy:
        done = by_rule(places, lambda place: nw.col(done_column(place)))
        last = by_rule(places, lambda place: nw.col(last_column(place)))
        frame = of_rules(owed, places).with_columns(done=done, last=last)
        rows = [
            (place, done, one)
            for place in places
            for done in range(self.rules[place].times)
            for one in quota_dues(self.rules[place], self.context, done=done)
        ]
        return self._joined(frame, ("rule", "done"), [((place, done), one) for place, done, one in rows])

    def _grids(self, owed: Lazy, places: Sequence[int]) -> Lazy:
        anchors = self._fact_anchors()
        anchor = by_rule(
            places,
            lambda place: (
                nw.col(f"an {place}") if place in anchors else nw.col("since") if self._is_since(place) else nw.lit(_NOBODY)
            ),
        )
        ahead = by_rule(places, lambda place: nw.lit(_NOBODY) if self._is_since(place) else nw.col("ahead"))
        last = by_rule(places, lambda place: nw.col(last_column(place)))
        frame = of_rules(owed, places).with_columns(anchor=anchor, ahead=ahead, last=last).filter(~nw.col("anchor").is_null())
        keys = ("rule", "anchor", "ahead")
        patterns: list[tuple[int, int, int]] = self.engine.rows(self.engine.distinct(frame.select(*keys)))
        found = [
            ((place, anchor, ahead), one)
            for place, anchor, ahead in patterns
            for one in grid_dues(self.rules[place], self.context, anchor=anchor or None, since=ahead or None)
        ]
        return self._joined(frame, keys, found)

    def _is_since(self, place: int) -> bool:
        return self.rules[place].anchor == "client.client_since_on"

    def _birthdays(self, owed: Lazy, places: Sequence[int]) -> Lazy:
        births = self.core.births
        if births is None:  # pragma: no cover - the border has asked for them
            raise TypeError
        people = births.select(CLIENT, "person_id", birthday=self._as_kept(nw.col("birthday")))
        parts: list[Lazy] = []
        for place in places:
            told = self.contacts.by_person(people, place).with_columns(last=nw.col(last_column(place)))
            frame = of_rules(owed, [place]).join(told.select(CLIENT, "person_id", "birthday", "last"), on=CLIENT, how="inner")
            # One column: of two keys planners take that of one side first, and have every client meet every birthday.
            born = nw.concat_str(nw.col("birthday"), nw.col("ahead").cast(nw.String()), separator="@")
            frame = frame.with_columns(born=born)
            patterns: list[tuple[str, str, int]] = self.engine.rows(
                self.engine.distinct(frame.select("born", "birthday", "ahead"))
            )
            found = [
                ((key,), one)
                for key, birthday, ahead in patterns
                for one in grid_dues(
                    self.rules[place], self.context, anchor=None, birthday=Birthday.parse(birthday), since=ahead or None
                )
            ]
            parts.append(self._joined(frame.select(*_BORN), ("born",), found))
        return nw.concat(parts, how="vertical")

    def _as_kept(self, birthday: Expr) -> Expr:
        """Birthdays without a year that no longer tells them apart: there are few different ones then, however many people.

        A date of 29 February may be skipped for eight years; who is older than twenty has a birthday before and after any day.
        """
        year, latest = birthday.str.slice(0, 4), date.fromordinal(self.context.as_of).year - _GROWN
        is_date = (birthday.str.len_chars() == len("1980-02-29")) & (birthday.str.slice(4, 1) == "-")
        is_past = (year >= f"{FIRST_DAY.year:04}") & (year <= f"{latest:04}")
        return nw.when(is_date & is_past).then(nw.concat_str(nw.lit("--"), birthday.str.slice(5, 5))).otherwise(birthday)

    def _joined(self, frame: Lazy, keys: Sequence[str], found: Sequence[tuple[Sequence[Cell], PatternDue]]) -> Lazy:
        """The occurrences of patterns that are still owed: not kept, and not before the client began."""
        kinds = {**dict.fromkeys((*keys, *_PATTERN)), "occurrence": nw.String(), "born": nw.String()}
        rows = [(*key, one.occurrence, one.due, one.earliest, one.latest, one.kept_from, one.until) for key, one in found]
        table = self._table(frame, {name: kinds[name] for name in (*keys, *_PATTERN)}, rows)
        frame = frame.join(table, on=list(keys), how="inner")
        is_kept = nw.col("last") >= nw.col("kept_from")
        frame = frame.filter(~is_kept.fill_null(value=False) & (nw.col("until") >= nw.col("floor")))
        if "person_id" not in frame.collect_schema():
            return frame.with_columns(person_id=nw.lit(None, dtype=nw.String())).select(*OWED_COLUMNS)
        named = nw.concat_str(nw.col("person_id"), nw.col("occurrence"))
        return frame.with_columns(occurrence=named).select(*OWED_COLUMNS)

    def _table(self, beside: Lazy, columns: Mapping[str, nw.dtypes.DType | None], rows: Iterable[Sequence[Cell]]) -> Lazy:
        """A small table of rows; whole numbers where no type is named."""
        found = list(rows)
        return self.engine.table(
            beside, {name: (kind or nw.Int64(), [row[at] for row in found]) for at, (name, kind) in enumerate(columns.items())}
        )


_BORN: Final = (CLIENT, "rule", "also", "every", "owner_id", "person_id", "born", "last", "floor")
