"""What stands between an obligation and its being done: permission, fatigue, and who is away (CAD-11, CAD-14, PLN-6)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise

import attrs

from relcare.cadence import CadenceRule, Trigger
from relcare.calendars import Calendar
from relcare.facts import ClientHistory
from relcare.model import Absence, Consent, Obligation, Reason
from relcare.model._responsible import stand_ins
from relcare.permission import ClientPermission, PermissionRules, possible_zones

__all__ = ["Circumstances"]


@attrs.frozen(kw_only=True, eq=False)
class Circumstances:
    """What all obligations of a day share.

    Attributes:
        as_of: The day.
        rules: Permission rules; None for no rules but the clients' own refusals.
        zone: Of the book.
        calendar: Business days, made only where public holidays matter.
        purposes: What each rule and trigger is for.
        absences: Of the staff, by id.
    """

    as_of: date
    rules: PermissionRules | None
    zone: str
    calendar: Callable[[], Calendar]
    purposes: Mapping[str, str | None]
    absences: Mapping[str, Sequence[Absence]]

    @classmethod
    def purposes_of(cls, rules: Sequence[CadenceRule], triggers: Sequence[Trigger]) -> dict[str, str | None]:
        """What each rule and trigger is for, by id."""
        return {**{rule.id: rule.purpose for rule in rules}, **{trigger.id: trigger.purpose for trigger in triggers}}

    def applied(self, obligations: Sequence[Obligation], history: ClientHistory, consents: Sequence[Consent]) -> list[Obligation]:
        """The obligations of one client, deferred where they may not be done today, given to a deputy where somebody is away."""
        permission = self._permission(history, consents)
        found: list[Obligation] = []
        for one in obligations:
            given = self._delegated(one)
            found.append(given if permission is None or self.as_of < given.earliest_on else self._deferred(given, permission))
        return found

    def _permission(self, history: ClientHistory, consents: Sequence[Consent]) -> ClientPermission | None:
        if self.rules is None and not any(consent.kind == "refused" for consent in consents):
            return None
        rules = self.rules or PermissionRules()
        # A return or a credit is no deal: it says nothing of what the client still wants to hear about.
        deals = [one.purchased_on for one in history.purchases if one.kind == "purchase" and one.purchased_on <= self.as_of]
        made = ClientPermission(
            rules=rules,
            zones=possible_zones(rules, history.client, self.zone),
            touchpoints=history.touchpoints,
            consents=consents,
            last_deal_on=max(deals, default=None),
        )
        return attrs.evolve(made, calendar=self.calendar()) if rules.sees_holidays else made

    def _deferred(self, one: Obligation, permission: ClientPermission) -> Obligation:
        """Blocked means deferred, with the next allowed time; it is not the owner's lateness (CAD-11)."""
        answer = permission.first_allowed(
            channel=one.channel, purpose=self.purposes.get(one.rule_id), day=self.as_of, person_id=one.person_id
        )
        if answer.is_allowed:
            return one
        return attrs.evolve(
            one,
            state="deferred",
            next_allowed_at=answer.next_allowed_at,
            attributed_to=("cap" if answer.is_capped else "permission") if one.overdue_days else None,
            reasons=(*one.reasons, *answer.reasons),
        )

    def _delegated(self, one: Obligation) -> Obligation:
        """Whoever is away has a deputy, or is not late while away (PLN-6, CAD-14)."""
        away = next((a for a in self.absences.get(one.staff_id or "", ()) if a.covers(self.as_of)), None)
        if away is None:
            return one
        deputies = stand_ins(away.staff_id, self.absences, self.as_of)
        if deputies is None:
            reason = Reason("role.absent", {}, {"absent": away.staff_id, "since": away.start_on, "until": away.end_on})
            attributed = "owner_absent" if one.overdue_days else None
            return attrs.evolve(one, attributed_to=attributed, reasons=(*one.reasons, reason))
        passed = pairwise((away.staff_id, *deputies))
        reasons = [Reason("role.deputy", {}, {"absent": absent, "deputy": deputy}) for absent, deputy in passed]
        return attrs.evolve(one, staff_id=deputies[-1], reasons=(*one.reasons, *reasons))
