"""Who does what is owed, and what stands in its way: roles, absences, refusals; the rows as they are read (CAD-5, CAD-9)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import attrs
import narwhals.stable.v2 as nw

from relcare.cadence import ACCOUNT_MANAGER, CadenceRule, Trigger
from relcare.frames._cadence_plan import CadencePlan
from relcare.frames._core import Core
from relcare.frames._criteria import Expr, all_true, cases, is_true
from relcare.frames._engine import Engine, Lazy
from relcare.frames._permission import PermissionColumns
from relcare.frames._reader import CLIENT
from relcare.model import Absence, stand_ins
from relcare.permission import PermissionRules

__all__ = ["OBLIGATION_COLUMNS", "DutyColumns"]

OBLIGATION_COLUMNS: Final = (
    "client_id",
    "rule_id",
    "rule_ids",
    "person_id",
    "occurrence",
    "channel",
    "owner_id",
    "staff_id",
    "attributed_to",
    "state",
    "never_contacted",
    "last_contact_on",
    "interval",
    "earliest_on",
    "due_on",
    "latest_on",
    "overdue_days",
)
_DAYS: Final = ("last_contact_on", "earliest_on", "due_on", "latest_on")
_PARTS: Final = ("channel", "purpose", "person_id")


@attrs.frozen(kw_only=True, eq=False)
class DutyColumns:
    """What becomes of contacts that are owed.

    Attributes:
        rules: In the order of the policy; triggers behind them.
        plan: With the intervals.
        core: The tables.
        as_of: The day, an ordinal.
        permission: What else stands in the way; None where there are no rules about it.
    """

    rules: Sequence[CadenceRule | Trigger]
    plan: CadencePlan
    core: Core
    as_of: int
    permission: PermissionColumns | None = None

    @property
    def engine(self) -> Engine:
        return self.core.engine

    def shown(self, owed: Lazy) -> Lazy:
        """The rows as they are read, with `OBLIGATION_COLUMNS`.

        Args:
            owed: See `CadenceColumns.decided`.
        """
        frame = self._with_staff(owed)
        frame = self._with_refusals(frame.with_columns(overdue=self._overdue()))
        frame = self._with_permission(frame, owed)
        is_barred = nw.col("is_refused") | nw.col("is_shut")
        state = cases([(is_barred | nw.col("is_tired"), nw.lit("deferred"))], self._state())
        late = nw.col("overdue") > 0
        whose = cases(
            [
                (is_barred, nw.lit("permission")),
                (nw.col("is_tired"), nw.lit("cap")),
                (nw.col("is_gone"), nw.lit("owner_absent")),
            ],
            nw.lit("owner"),
        )
        intervals = [(nw.col("every") == at, nw.lit(str(every))) for at, every in enumerate(self.plan.intervals)]
        found = {
            "client_id": nw.col(CLIENT),
            "rule_id": self._of_rule({place: rule.id for place, rule in enumerate(self.rules)}),
            "rule_ids": nw.col("also"),
            "person_id": nw.col("person_id"),
            "occurrence": nw.col("occurrence"),
            "channel": self._of_rule({place: rule.channel for place, rule in enumerate(self.rules)}),
            "owner_id": nw.col("owner_id"),
            "staff_id": nw.col("staff_id"),
            "attributed_to": nw.when(late).then(whose),
            "state": state,
            "never_contacted": nw.col("last").is_null(),
            "last_contact_on": nw.col("last"),
            "interval": cases(intervals) if intervals else nw.lit(None, dtype=nw.String()),
            "earliest_on": nw.col("earliest"),
            "due_on": nw.col("due"),
            "latest_on": nw.col("latest"),
            "overdue_days": nw.col("overdue"),
        }
        read = frame.select(**{name: found[name] for name in OBLIGATION_COLUMNS})
        return self.engine.with_lists(self.engine.with_dates(read, _DAYS), ["rule_ids"])

    def named(self, unknown: Lazy) -> Lazy:
        """Rules of which it is not known whether they ask, by name."""
        names = self._of_rule({place: rule.id for place, rule in enumerate(self.rules)})
        return unknown.select(client_id=nw.col(CLIENT), rule_id=names)

    @staticmethod
    def _of_rule(texts: Mapping[int, str]) -> Expr:
        return cases([(nw.col("rule") == place, nw.lit(text)) for place, text in texts.items()])

    def _overdue(self) -> Expr:
        late = nw.lit(self.as_of) - nw.col("due")
        return nw.when(nw.col("due") < self.as_of).then(late).otherwise(nw.lit(0)).cast(nw.Int64())

    def _state(self) -> Expr:
        """Upcoming before the earliest day, due to the due day, grace to the latest, then overdue; all inclusive (CAD-5)."""
        return cases(
            [
                (nw.col("earliest") > self.as_of, nw.lit("upcoming")),
                (nw.col("due") >= self.as_of, nw.lit("due")),
                (nw.col("latest") >= self.as_of, nw.lit("grace")),
            ],
            nw.lit("overdue"),
        )

    # -------------------------------------------------------------------------------------------------------- who does it

    def _with_staff(self, frame: Lazy) -> Lazy:
        """Who has the role, else the owner; whoever stands in for who is away (CAD-9, PLN-6)."""
        roles = self._roles()
        named = {place: roles[rule.role] for place, rule in enumerate(self.rules) if rule.role in roles}
        owner = nw.col("owner_id")
        frame = frame.with_columns(
            staff_id=cases([(nw.col("rule") == p, nw.lit(s)) for p, s in named.items()], owner) if named else owner
        )
        away = self._away()
        if not away:
            return frame.with_columns(is_gone=nw.lit(value=False))
        table = self.engine.table(
            frame,
            {
                "staff_id": (nw.String(), list(away)),
                "deputy": (nw.String(), list(away.values())),
                "is_away": (nw.Int64(), [1] * len(away)),
            },
        )
        frame = frame.join(table, on="staff_id", how="left")
        is_gone = (nw.col("is_away") == 1) & nw.col("deputy").is_null()
        return frame.with_columns(is_gone=is_true(is_gone), staff_id=nw.coalesce("deputy", "staff_id"))

    def _roles(self) -> dict[str, str]:
        """The member of staff for each role that rules name: of several the one whose id is lowest by code point."""
        asked = {rule.role for rule in self.rules} - {ACCOUNT_MANAGER}
        if self.core.staff is None or not asked:
            return {}
        members = self.core.staff.filter(nw.col("staff_role").is_in(sorted(asked)))
        found = members.group_by("staff_role").agg(staff_id=nw.col("staff_id").min())
        return dict(self.engine.rows(found.select("staff_role", "staff_id")))

    def _away(self) -> dict[str, str | None]:
        """Who is away, and who does their work instead; None where nobody does."""
        if self.core.absences is None:
            return {}
        day = date.fromordinal(self.as_of)
        rows = self.engine.rows(self.core.absences.select("staff_id", "deputy_id"))
        gone = {staff: (Absence(staff_id=staff, start_on=day, deputy_id=deputy),) for staff, deputy in rows}
        chains = {staff: stand_ins(staff, gone, day) for staff in gone}
        return {staff: chain[-1] if chain else None for staff, chain in chains.items()}

    # ----------------------------------------------------------------------------------------------------------- refusals

    def _with_refusals(self, frame: Lazy) -> Lazy:
        """Whether the client, or the person, refused such a contact and has not taken that back (CAD-11)."""
        consents = self.core.consents
        frame = frame.with_columns(person=nw.col("person_id").fill_null(""))
        if consents is None:
            return frame.with_columns(is_refused=nw.lit(value=False))
        keys = [CLIENT, "rule", "person"]
        told = _told(consents, "refused")
        # Few refuse: what is owed to everybody else is not looked at for it.
        begun = frame.filter(nw.col("earliest") <= self.as_of).select(*keys, "person_id")
        begun = self.engine.settled(self.engine.distinct(begun.join(told.select(CLIENT), on=CLIENT, how="semi")))
        begun = begun.join(self._about(frame), on="rule", how="left")
        refused = begun.join(told, on=CLIENT, how="inner").filter(_concerns("refused"))
        both = refused.join(_told(consents, "given"), on=CLIENT, how="inner").filter(_concerns("given"))
        as_exact = [nw.col(f"refused {part}").is_null() | ~nw.col(f"given {part}").is_null() for part in _PARTS]
        taken_back = both.filter((nw.col("given from") > nw.col("refused from")) & all_true(as_exact))
        held = refused.join(taken_back.select(*keys, "refused id"), on=[*keys, "refused id"], how="anti")
        blocked = self.engine.distinct(held.select(*keys)).with_columns(is_refused=nw.lit(value=True))
        frame = frame.join(blocked, on=keys, how="left")
        is_begun = nw.col("earliest") <= self.as_of
        return frame.with_columns(is_refused=is_true(nw.col("is_refused")) & is_begun)

    def _with_permission(self, frame: Lazy, owed: Lazy) -> Lazy:
        """Whether the hours are closed all day, and whether there were too many contacts; of what has begun."""
        if self.permission is None:
            return frame.with_columns(is_shut=nw.lit(value=False), is_tired=nw.lit(value=False))
        is_begun = nw.col("earliest") <= self.as_of
        frame = self.permission.joined_to(frame, owed)
        return frame.with_columns(is_shut=nw.col("is_shut") & is_begun, is_tired=nw.col("is_tired") & is_begun)

    def _about(self, beside: Lazy) -> Lazy:
        """What each rule is about, as refusals may name it: channel and medium, purpose and class."""
        plain = PermissionRules() if self.permission is None else self.permission.rules
        rows = [
            (place, rule.channel, plain.medium_of(rule.channel), rule.purpose, plain.class_of(rule.purpose))
            for place, rule in enumerate(self.rules)
        ]
        names = ("rule", "channel", "medium", "purpose", "class")
        return self.engine.table(
            beside,
            {name: (nw.Int64() if name == "rule" else nw.String(), [row[at] for row in rows]) for at, name in enumerate(names)},
        )


def _told(consents: Lazy, kind: str) -> Lazy:
    """What clients said in one way, under names of their own."""
    names = {f"{kind} {name}": nw.col(name) for name in ("id", "from", *_PARTS)}
    return consents.filter(nw.col("kind") == kind).select(CLIENT, **names)


def _concerns(kind: str) -> Expr:
    """Whether a consent or refusal is about the channel, purpose and person of a row."""
    channel, purpose, person = (nw.col(f"{kind} {part}") for part in _PARTS)
    is_channel = channel.is_null() | is_true(channel == nw.col("channel")) | is_true(channel == nw.col("medium"))
    is_purpose = purpose.is_null() | is_true(purpose == nw.col("purpose")) | is_true(purpose == nw.col("class"))
    return is_channel & is_purpose & (person.is_null() | is_true(person == nw.col("person_id")))
