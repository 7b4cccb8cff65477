"""Worked examples from their tables; ids that do not matter may be left out."""

from datetime import date, datetime

from relcare.codec._tables import Table
from relcare.codec._text import FloatText
from relcare.decisions import Example
from relcare.model import AttributeValue, Birthday, Client, ContactPerson, Money, Purchase, Touchpoint

__all__ = ["read_example"]

_ONLY_CLIENT = "client"


def read_example(table: Table, currency: str | None) -> Example | None:
    """An example; None when something is wrong with it.

    Args:
        table: Its table.
        currency: The policy's, for purchases that name none.
    """
    given = table.table("given")
    one, several = table.table("client"), table.tables("clients")
    client = _client(one, _ONLY_CLIENT) if one is not None else None
    clients = [_client(part, None) for part in several]
    # Also of a client that could not be read: its people and events are not complained about for that.
    default = client.id if client is not None else _ONLY_CLIENT if one is not None else None
    people = [_person(part, f"p-{i}", default) for i, part in enumerate(table.tables("people"), 1)]
    touchpoints = [_touchpoint(part, f"t-{i}", default) for i, part in enumerate(table.tables("touchpoints"), 1)]
    purchases = [_purchase(part, f"b-{i}", default, currency) for i, part in enumerate(table.tables("purchases"), 1)]
    tiers = table.table("tiers")
    tier_of = {} if tiers is None else {scheme: tiers.text(scheme) or "" for scheme in list(tiers.data)}
    expect = table.table("expect", required=True)
    expected = {} if expect is None else {key: _expectation(expect, key) for key in list(expect.data)}
    as_of, zone = table.day("as_of"), table.text("zone")
    table.close()
    parts = (*([client] if one is not None else []), *clients, *people, *touchpoints, *purchases)
    if any(part is None for part in parts) or any(t is not None and t.is_broken for t in (given, tiers, expect)):
        table.is_broken = True
    values = None if given is None else _attributes(given)
    return table.build(
        lambda: Example(
            given=values,
            client=client,
            clients=tuple(c for c in clients if c is not None),
            tiers=tier_of,
            people=tuple(p for p in people if p is not None),
            touchpoints=tuple(t for t in touchpoints if t is not None),
            purchases=tuple(p for p in purchases if p is not None),
            as_of=as_of,
            zone=zone or "UTC",
            expect=expected,
        )
    )


def _expectation(table: Table, key: str) -> str | bool | int | date:
    value = table.any_value(key)
    if isinstance(value, (str, bool, int, date)) and not isinstance(value, datetime):
        return value
    if not isinstance(table.data[key], FloatText):  # reported for the whole document at once
        table.report(key, "must be text, a whole number, true or false, or a date")
    return ""


def _attributes(table: Table) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {}
    for name, value in table.items():
        if isinstance(value, list):
            members = table.texts(name)
            found[name] = frozenset(members or ())
        elif isinstance(value, (str, int, bool, date)):
            found[name] = value
        else:
            table.report(name, "must be text, a whole number, true or false, a date or a list of texts")
    return found


def _client(table: Table, default_id: str | None) -> Client | None:
    client_id = table.text("id", required=default_id is None) or default_id
    attributes = table.table("attributes")
    values = {} if attributes is None else _attributes(attributes)
    table.is_broken = table.is_broken or (attributes is not None and attributes.is_broken)
    name, stage, owner_id, region, zone = (table.text(key) for key in ("name", "stage", "owner_id", "region", "zone"))
    types, since = table.texts("relationship_types"), table.day("client_since_on")
    table.close()
    return table.build(
        lambda: Client(
            id=client_id or "",
            name=name or client_id or "",
            relationship_types=types or (),
            stage=stage,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            owner_id=owner_id,
            region=region,
            zone=zone,
            client_since_on=since,
            attributes=values,
        )
    )


def _of_client(table: Table, default: str | None) -> str:
    return table.text("client_id", required=default is None) or default or ""


def _person(table: Table, default_id: str, client: str | None) -> ContactPerson | None:
    client_id = _of_client(table, client)
    person_id = table.text("id") or default_id
    name = table.text("name") or person_id
    fields = {key: table.text(key) for key in ("role", "rank", "phone", "email")}
    born = table.any_value("birthday")
    table.close()
    return table.build(
        lambda: ContactPerson(
            id=person_id,
            client_id=client_id,
            name=name,
            birthday=None if born is None else Birthday.parse(str(born)),
            **fields,
        )
    )


def _touchpoint(table: Table, default_id: str, client: str | None) -> Touchpoint | None:
    client_id = _of_client(table, client)
    touch_id, channel = table.text("id") or default_id, table.text("channel", required=True)
    occurred, recorded = table.moment("occurred_at", required=True), table.moment("recorded_at")
    follow_up = table.moment("follow_up_at")
    direction = table.text("direction")
    fields = {key: table.text(key) for key in ("outcome", "purpose", "person_id", "staff_id", "in_lieu_of", "note", "voids_id")}
    table.close()
    if occurred is None:
        return None
    return table.build(
        lambda: Touchpoint(
            id=touch_id,
            client_id=client_id,
            occurred_at=occurred,
            follow_up_at=follow_up,
            recorded_at=recorded,
            channel=channel or "",
            direction=direction or "outgoing",  # pyright: ignore[reportArgumentType]
            **fields,
        )
    )


def _purchase(table: Table, default_id: str, client: str | None, currency: str | None) -> Purchase | None:
    client_id = _of_client(table, client)
    purchase_id, on = table.text("id") or default_id, table.day("purchased_on", required=True)
    amount, category = table.number("amount", required=True), table.text("category")
    own, recorded = table.text("currency"), table.moment("recorded_at")
    returns = table.text("returns_purchase_id")
    table.close()
    if own is None and currency is None:
        table.report(None, "currency is missing", "name it here or in [policy]")
    if on is None:
        return None
    return table.build(
        lambda: Purchase(
            id=purchase_id,
            client_id=client_id,
            purchased_on=on,
            amount=Money(amount or 0, own or currency or ""),
            category=category,
            returns_purchase_id=returns,
            recorded_at=recorded,
        )
    )
