"""Whose a late day is: one cause for each (CAD-9, CAD-14)."""

from collections.abc import Iterator, Mapping
from datetime import date

from relcare.cadence import ACCOUNT_MANAGER, CadenceRule, Owed, Trigger, staff_by_role
from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.model import Book, Client
from relcare.model._responsible import stand_ins
from relcare.permission import ClientPermission, PermissionRules, possible_zones
from relcare.planning._attainment_values import Cause

__all__ = ["Barriers", "Responsibles", "late_runs"]


class Responsibles:
    """Who is responsible on which day.

    Args:
        book: With staff, owner spells and absences.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._roles: Mapping[str, str] = staff_by_role(book.staff)

    def owner(self, client_id: str, day: int) -> str | None:
        """The account manager on a day."""
        if client_id not in self._book.owner_spells_by_client:
            return self._book.client_by_id[client_id].owner_id
        return self._book.owner_on(client_id, date.fromordinal(day))

    def of(self, rule: CadenceRule | Trigger, client_id: str, day: int) -> tuple[str | None, bool]:
        """Who is to do what a rule asks on a day, and whether that person is away without anybody who stands in.

        A deputy who is away, too, passes it on to their own. Where that leads to nobody, it stays with whom the rule names.
        """
        named = None if rule.role == ACCOUNT_MANAGER else self._roles.get(rule.role)
        named = self.owner(client_id, day) if named is None else named
        if named is None:
            return None, False
        deputies = stand_ins(named, self._book.absences_by_staff, date.fromordinal(day))
        return (named, True) if deputies is None else ((named, *deputies)[-1], False)


class Barriers:
    """What kept a channel closed on a day: permission or caps; nothing where the policy and the clients say nothing.

    Args:
        policy: Its `permission`.
        book: With consents and touchpoints.
        calendar: Business days, for public holidays.
    """

    def __init__(self, policy: Policy, book: Book, calendar: Calendar) -> None:
        self._rules: PermissionRules = policy.permission or PermissionRules()
        self._has_rules: bool = policy.permission is not None
        self._book = book
        self._calendar = calendar
        self._known: dict[tuple[str, str, str | None, str | None, int], Cause | None] = {}
        self._last: tuple[tuple[str, date | None], ClientPermission] | None = None

    def cause(self, client: Client, owed: Owed, day: int) -> Cause | None:
        """Why nobody was to contact the client by the rule's channel on a day; None when somebody might.

        Only when no minute of the day was open. What comes from too many contacts counts as a cap where nothing else closes it.
        """
        if not self._has_rules and client.id not in self._book.consents_by_client:
            return None
        key = (client.id, owed.rule.channel, owed.rule.purpose, owed.person_id, day)
        if key not in self._known:
            self._known[key] = self._asked(client, owed, day)
        return self._known[key]

    def _asked(self, client: Client, owed: Owed, day: int) -> Cause | None:
        that = date.fromordinal(day)
        deals = (p.purchased_on for p in self._book.purchases_by_client.get(client.id, ()) if p.kind == "purchase")
        permission = self._permission(client, max((deal for deal in deals if deal <= that), default=None))
        answer = permission.first_allowed(
            channel=owed.rule.channel, purpose=owed.rule.purpose, day=that, person_id=owed.person_id
        )
        if answer.is_allowed:
            return None
        return "cap" if answer.is_capped else "permission"

    def _permission(self, client: Client, last_deal_on: date | None) -> ClientPermission:
        """Made once for the days of a client that follow each other: to lay out the touchpoints costs more than to ask."""
        key = (client.id, last_deal_on)
        if self._last is None or self._last[0] != key:
            made = ClientPermission(
                rules=self._rules,
                zones=possible_zones(self._rules, client, self._book.zone),
                touchpoints=self._book.touchpoints_by_client.get(client.id, ()),
                consents=self._book.consents_by_client.get(client.id, ()),
                calendar=self._calendar,
                last_deal_on=last_deal_on,
            )
            self._last = (key, made)
        return self._last[1]


def late_runs(
    owed: Owed, client: Client, responsibles: Responsibles, barriers: Barriers, *, until: int
) -> Iterator[tuple[int, int, Cause, str | None]]:
    """The days after the last day of grace at whose end a contact was owed, in runs of one cause: first, last, cause, whose.

    What nobody may do is nobody's fault, so barriers come first; then absence; what is left is the responsible one's.

    Args:
        owed: In one stretch.
        client: To whom.
        responsibles: Who is responsible when.
        barriers: What was not allowed when.
        until: The last day looked at.
    """
    run: tuple[int, int, Cause, str | None] | None = None
    for day in range(max(owed.first, owed.latest + 1), min(owed.last, until) + 1):
        staff_id, is_away = responsibles.of(owed.rule, client.id, day)
        cause: Cause = barriers.cause(client, owed, day) or ("owner_absent" if is_away else "owner")
        if run is not None and run[2:] == (cause, staff_id):
            run = (run[0], day, cause, staff_id)
            continue
        if run is not None:
            yield run
        run = (day, day, cause, staff_id)
    if run is not None:
        yield run
