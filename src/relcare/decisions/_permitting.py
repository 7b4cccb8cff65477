"""Whether a client of a policy may be contacted: the policy's rules, with what is known of the client."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from relcare._fields import check_tuple_of, to_tuple
from relcare.calendars import Calendar
from relcare.errors import InvalidValueError
from relcare.model import Client, Consent, Touchpoint, standing
from relcare.permission import PermissionDecision, PermissionRules, may_contact, possible_zones

__all__ = ["permission_to_contact"]


def permission_to_contact(
    rules: PermissionRules | None,
    client: Client,
    *,
    channel: str,
    purpose: str | None,
    at: datetime,
    touchpoints: Iterable[Touchpoint],
    consents: Iterable[Consent],
    zone: str,
    calendar: Calendar | None,
    own_calendar: Callable[[], Calendar],
    person_id: str | None,
    last_deal_on: date | None,
) -> PermissionDecision:
    """See `Policy.may_contact`; the policy's own calendar is only made where public holidays of it matter."""
    happened, said = to_tuple(touchpoints), to_tuple(consents)
    check_tuple_of("touchpoints", happened, Touchpoint)
    check_tuple_of("consents", said, Consent)
    whose = [
        *((f"touchpoints[{index}]", touch.client_id) for index, touch in enumerate(happened)),
        *((f"consents[{index}]", consent.client_id) for index, consent in enumerate(said)),
    ]
    for name, client_id in whose:
        if client_id != client.id:
            raise InvalidValueError(f"{name}.client_id", client_id, f"must be {client.id!r}")
    held = rules or PermissionRules()
    if calendar is None and held.sees_holidays:
        calendar = own_calendar()
    return may_contact(
        held,
        zones=possible_zones(held, client, zone),
        channel=channel,
        purpose=purpose,
        at=at,
        touchpoints=standing(happened),
        consents=said,
        calendar=calendar,
        person_id=person_id,
        last_deal_on=last_deal_on,
    )
