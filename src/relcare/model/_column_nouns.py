"""What is known of the fields of the nouns beyond their types, for those who make many of them at once."""

from collections.abc import Mapping
from typing import Final

import attrs

from relcare.model._appointment import Appointment
from relcare.model._client import Client, ContactPerson
from relcare.model._column_checks import Check, amounts, attribute_maps, days, ids, moments, notes, texts
from relcare.model._consent import Consent
from relcare.model._events import VOID, Purchase, Touchpoint
from relcare.model._membership import MembershipEvent
from relcare.model._money import Money
from relcare.model._pin import Pin
from relcare.model._responsible import Absence, OwnerSpell
from relcare.model._staff import Staff, TierSpell

__all__ = ["GIVEN", "NOUNS", "Noun"]

GIVEN: Final = object()
"""Stands for any value but None."""


@attrs.frozen(kw_only=True)
class Noun:
    """What is known of the fields of a class beyond their types.

    Attributes:
        checks: What passes by itself, by field; the values of other fields are put to the class.
        apart: By field, the value with which it speaks of other fields; `GIVEN` for all but None.
    """

    checks: Mapping[str, Check]
    apart: Mapping[str, object] = attrs.field(factory=dict[str, object])


def _checks(**names: tuple[Check, str]) -> Mapping[str, Check]:
    return {name: check for check, several in names.values() for name in several.split()}


_SPAN: Final = (days, "start_on")
_CLOSED: Final = {"end_on": GIVEN}

NOUNS: Final[Mapping[type, Noun]] = {
    Absence: Noun(
        checks=_checks(ids=(ids, "staff_id"), texts=(texts, "reason"), days=_SPAN), apart={**_CLOSED, "deputy_id": GIVEN}
    ),
    Appointment: Noun(
        checks=_checks(
            ids=(ids, "id client_id staff_id person_id"),
            texts=(texts, "channel purpose obligation_key place"),
            days=(days, "on"),
        )
    ),
    Client: Noun(
        checks=_checks(
            ids=(ids, "id owner_id"),
            texts=(texts, "name region"),
            days=(days, "client_since_on"),
            maps=(attribute_maps, "attributes"),
        )
    ),
    Consent: Noun(
        checks=_checks(
            ids=(ids, "id client_id person_id"), texts=(texts, "channel purpose source"), days=_SPAN, at=(moments, "recorded_at")
        ),
        apart={**_CLOSED, "night": True},
    ),
    ContactPerson: Noun(checks=_checks(ids=(ids, "id client_id"), texts=(texts, "name role rank phone email"))),
    MembershipEvent: Noun(
        checks=_checks(
            ids=(ids, "id client_id by"), texts=(texts, "role reason"), days=(days, "on"), at=(moments, "recorded_at")
        ),
        apart={**_CLOSED, "level": GIVEN, "sponsor_id": GIVEN},
    ),
    Money: Noun(checks={}),
    OwnerSpell: Noun(checks=_checks(ids=(ids, "client_id owner_id"), notes=(notes, "note"), days=_SPAN), apart=_CLOSED),
    Pin: Noun(checks=_checks(ids=(ids, "client_id scheme_id tier by"), texts=(texts, "reason"), days=_SPAN), apart=_CLOSED),
    Purchase: Noun(
        checks=_checks(
            ids=(ids, "id client_id"),
            amounts=(amounts, "amount"),
            texts=(texts, "category"),
            days=(days, "purchased_on"),
            at=(moments, "recorded_at"),
        ),
        apart={"returns_purchase_id": GIVEN},
    ),
    Staff: Noun(checks=_checks(ids=(ids, "id head_id"), texts=(texts, "name role"))),
    TierSpell: Noun(checks=_checks(ids=(ids, "client_id scheme_id tier"), days=_SPAN), apart=_CLOSED),
    Touchpoint: Noun(
        checks=_checks(
            ids=(ids, "id client_id person_id staff_id"),
            texts=(texts, "channel outcome purpose in_lieu_of"),
            notes=(notes, "note"),
            at=(moments, "occurred_at follow_up_at recorded_at"),
        ),
        apart={"voids_id": GIVEN, "channel": VOID},
    ),
}
