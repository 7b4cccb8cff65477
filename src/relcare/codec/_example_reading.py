"""Worked examples from their tables; ids that do not matter may be left out."""

from datetime import date, datetime
from typing import cast

from relcare.codec._tables import Table
from relcare.decisions import Example
from relcare.decisions._examples import ExpectValue, expect_problems, given_problems, tier_problems
from relcare.model import AttributeValue, Birthday, Client, ContactPerson, Money, Purchase, Touchpoint
from relcare.model._money import check_currency

__all__ = ["read_example"]

_ONLY_CLIENT = "client"


def read_example(table: Table, currency: str | None) -> Example | None:
    """An example; None when something is wrong with it.

    Args:
        table: Its table.
        currency: The policy's, for purchases that name none.
    """
    one = table.data.get("client")
    several = table.data.get("clients")
    # Also of a client that could not be read: its people and events are not complained about for that.
    default = _own_id(cast("dict[str, object]", one)) if isinstance(one, dict) else None
    fields: dict[str, object] = {
        "given": table.part("given", _given),
        "client": table.part("client", lambda part: _client(part, _ONLY_CLIENT)),
        "clients": table.values("clients", lambda part: _client(part, None)),
        "tiers": table.part("tiers", _tiers),
        "people": table.values("people", lambda part: _person(part, _numbered("p", part), default)),
        "touchpoints": table.values("touchpoints", lambda part: _touchpoint(part, _numbered("t", part), default)),
        "purchases": table.values("purchases", lambda part: _purchase(part, _numbered("b", part), default, currency)),
        "as_of": table.day("as_of"),
        "zone": table.text("zone"),
    }
    expect, ids = table.table("expect", required=True), _ids(several)
    fields["expect"] = None if expect is None else _expected(expect, ids)
    table.is_broken = table.is_broken or (expect is not None and expect.is_broken)
    table.close()
    return table.build(Example, fields)


def _own_id(client: dict[str, object]) -> str:
    own = client.get("id")
    return own if isinstance(own, str) else _ONLY_CLIENT


def _ids(clients: object) -> list[str] | None:
    """The ids of a small book; None where one cannot be told."""
    if not isinstance(clients, list):
        return []
    tables = [cast("dict[str, object]", one) for one in cast("list[object]", clients) if isinstance(one, dict)]
    ids = [one["id"] for one in tables if isinstance(one.get("id"), str)]
    return [str(one) for one in ids] if len(ids) == len(cast("list[object]", clients)) else None


def _numbered(letter: str, table: Table) -> str:
    """The id of what has none: `p-1` for the first of the people."""
    index = table.path[-1]
    return f"{letter}-{int(index) + 1}"


def _tiers(table: Table) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for scheme in list(table.data):
        tier = table.text(scheme)
        if tier is not None:
            found[scheme] = tier
            _ask_tier(table, scheme, tier)
    return None if table.is_broken else found


def _ask_tier(table: Table, scheme: str, tier: str) -> None:
    table.reader.ask((*table.path, scheme), lambda known: tier_problems((), scheme, tier, known.facts))


def _expected(table: Table, client_ids: list[str] | None) -> dict[str, ExpectValue] | None:
    found: dict[str, ExpectValue] = {}
    for key in list(table.data):
        value = table.any_value(key)
        if isinstance(value, (str, bool, int, date)) and not isinstance(value, datetime):
            found[key] = value
            if client_ids is not None:
                _ask_expected(table, key, client_ids)
        elif value is not None:  # a float is reported for the whole document at once
            table.report(key, "must be text, a whole number, true or false, or a date")
    return None if table.is_broken else found


def _ask_expected(table: Table, key: str, client_ids: list[str]) -> None:
    path = (*table.path, key)
    table.reader.ask(path, lambda known: expect_problems((), key, known.facts, client_ids=client_ids, rules=known.rule_ids))


def _given(table: Table) -> dict[str, AttributeValue] | None:
    found = _attributes(table)
    for name, value in found.items():
        _ask_given(table, name, value)
    return None if table.is_broken else found


def _ask_given(table: Table, name: str, value: AttributeValue) -> None:
    table.reader.ask((*table.path, name), lambda known: given_problems((), name, value, known.facts))


def _attributes(table: Table) -> dict[str, AttributeValue]:
    """Those that are right; the table is broken where one is not."""
    found: dict[str, AttributeValue] = {}
    for name in list(table.data):
        value = table.any_value(name)
        if isinstance(value, list):
            members = table.texts(name)
            if members is not None:
                found[name] = frozenset(members)
        elif isinstance(value, (str, int, bool, date)):
            found[name] = value
        elif value is not None:  # a float is reported for the whole document at once
            table.report(name, "must be text, a whole number, true or false, a date or a list of texts")
    return found


def _client_attributes(table: Table) -> dict[str, AttributeValue] | None:
    found = _attributes(table)
    return None if table.is_broken else found


def _client(table: Table, default_id: str | None) -> Client | None:
    own = table.text("id", required=default_id is None) or default_id
    fields: dict[str, object] = {
        "id": own,
        "name": table.text("name") or own,
        **{key: table.text(key) for key in ("stage", "owner_id", "region", "zone")},
        "attributes": table.part("attributes", _client_attributes),
        "relationship_types": table.texts("relationship_types"),
        "client_since_on": table.day("client_since_on"),
    }
    table.close()
    return table.build(Client, fields)


def _of_client(table: Table, default: str | None) -> str | None:
    return table.text("client_id", required=default is None) or default


def _person(table: Table, default_id: str, client: str | None) -> ContactPerson | None:
    person_id = table.text("id") or default_id
    fields: dict[str, object] = {
        "client_id": _of_client(table, client),
        "id": person_id,
        "name": table.text("name") or person_id,
        **{key: table.text(key) for key in ("role", "rank", "phone", "email")},
        "birthday": table.parsed("birthday", Birthday.parse) if isinstance(table.data.get("birthday"), str) else _born(table),
    }
    table.close()
    return table.build(ContactPerson, fields)


def _born(table: Table) -> Birthday | None:
    day = table.day("birthday")
    return None if day is None else Birthday.parse(str(day))


def _touchpoint(table: Table, default_id: str, client: str | None) -> Touchpoint | None:
    fields: dict[str, object] = {
        "client_id": _of_client(table, client),
        "id": table.text("id") or default_id,
        "channel": table.text("channel", required=True),
        **{key: table.moment(key, required=key == "occurred_at") for key in ("occurred_at", "recorded_at", "follow_up_at")},
        **{key: table.text(key) for key in ("direction", "outcome", "purpose", "person_id", "staff_id", "in_lieu_of", "note")},
        "voids_id": table.text("voids_id"),
    }
    table.close()
    return table.build(Touchpoint, fields)


def _purchase(table: Table, default_id: str, client: str | None, currency: str | None) -> Purchase | None:
    fields: dict[str, object] = {
        "client_id": _of_client(table, client),
        "id": table.text("id") or default_id,
        "purchased_on": table.day("purchased_on", required=True),
        "amount": _amount(table, currency),
        "category": table.text("category"),
        "returns_purchase_id": table.text("returns_purchase_id"),
        "recorded_at": table.moment("recorded_at"),
    }
    table.close()
    return table.build(Purchase, fields)


def _amount(table: Table, currency: str | None) -> Money | None:
    amount, own = table.number("amount", required=True), table.text("currency", check=check_currency)
    if own is None and currency is None:
        table.report(None, "currency is missing", "name it here or in [policy]")
    code = own or currency
    return None if amount is None or code is None else Money(amount, code)
