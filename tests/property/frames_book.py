"""A full book, in which much is equal, much stands on a border, and much is missing."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from relcare.model import (
    Absence,
    Birthday,
    Book,
    Client,
    Consent,
    ContactPerson,
    Money,
    Pin,
    Purchase,
    Staff,
    TierSpell,
    Touchpoint,
)

DAYS: Final = (date(2024, 2, 29), date(2024, 12, 31), date(2025, 3, 31))
TIERS: Final = {"abc": ("A", "B", "C"), "points": ("A", "B", "C"), "best": ("gold", "silver", "plain"), "only": ("x", "y", "z")}
ZONE: Final = ZoneInfo("Asia/Seoul")


def drawn_book(seed: int, clients: int) -> Book:
    """A book in which much is equal, much stands on a border, and much is missing."""
    draw = Random(seed)

    def maybe(*values: Any) -> Any:
        return draw.choice([None, *values])

    def on() -> date:
        return draw.choice(DAYS) if draw.random() < 0.3 else date(2023, 6, 1) + timedelta(draw.randrange(700))

    def moment() -> date:
        """A day, or an instant on it; often the same ones."""
        day, hour = on(), draw.choice([None, None, 0, 9, 17, 23])
        return day if hour is None else datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZONE)

    served = [
        Client(
            id=f"c{place}" if place % 3 else f"C-{place}é",
            name="n",
            relationship_types=frozenset(draw.sample(["partner", "channel", "end_customer"], draw.randrange(3))),
            stage=maybe("visitor", "open", "closed", "dormant"),
            owner_id=maybe("lee", "kim"),
            region=maybe("seoul", "busan", "北京"),
            client_since_on=maybe(on()),
            zone=maybe(None, None, "America/New_York", "Pacific/Auckland"),
            attributes={
                "likelihood": maybe("low", "medium", "high", "often"),
                "strength": maybe(0, 1, 2, 3, 4, 5, 6, 7),
                "listed": maybe(True, False),
                "tags": maybe(frozenset(), frozenset({"export"}), frozenset({"a|b", "export", "z"})),
                "founded": maybe(date(1949, 12, 31), date(1999, 12, 31), date(2000, 1, 1)),
            },
        )
        for place in range(clients)
    ]
    ids = [client.id for client in served]
    people = [
        ContactPerson(
            id=f"p{n}",
            client_id=draw.choice(ids),
            name="n",
            role=maybe("principal", "buyer", "porter"),
            rank=maybe("clerk", "department", "chief"),
            birthday=maybe(*(Birthday.parse(text) for text in ("1980-02-29", "--01-15", "--12-30", "2024-03-05", "--04-02"))),
        )
        for n in range(clients)
    ]
    by_client: dict[str, list[str]] = {}
    for person in people:
        by_client.setdefault(person.client_id, []).append(person.id)
    touches: list[Touchpoint] = []
    bought: list[Purchase] = []
    for n in range(5 * clients):
        whose = draw.choice(ids)
        touches.append(
            Touchpoint(
                id=f"t{n}",
                client_id=whose,
                occurred_at=moment(),
                channel=draw.choice(["call", "visit"]),
                follow_up_at=maybe(moment(), None),
                purpose=maybe("service", "greeting", "advertising"),
                outcome=maybe("met", "reached", "missed"),
                direction=draw.choice(["outgoing", "incoming"]),
                person_id=maybe(*by_client.get(whose, ())),
                staff_id=maybe("lee", "kim", "nobody"),
                in_lieu_of=maybe("visit", "letter", "card"),
            )
        )
        amount = Money(draw.choice(["0", "50", "100.25", "100.50", "100.75", "120", "149.99", "150"]), "CNY")
        bought.append(
            Purchase(id=f"b{n}", client_id=whose, purchased_on=on(), amount=amount, category=maybe("high-end", "fibre"))
        )
    given_back = [
        Purchase(
            id=f"r{one.id}",
            client_id=one.client_id,
            purchased_on=one.purchased_on + timedelta(draw.randrange(40)),
            amount=draw.choice([one.amount, Money("10", "CNY")]),
            returns_purchase_id=one.id,
        )
        for one in draw.sample(bought, clients)
        if one.amount.amount >= 10
    ]
    credit = [
        Purchase(id=f"k{n}", client_id=draw.choice(ids), purchased_on=on(), amount=Money("-5.5", "CNY")) for n in range(clients)
    ]
    spells = [
        TierSpell(client_id=one, scheme_id=scheme, tier=draw.choice([*tiers, "gone"]), start_on=begins, end_on=ends)
        for scheme, tiers in TIERS.items()
        for one in draw.sample(ids, clients // 2)
        for begins, ends in pairwise([*sorted({on() for _ in range(draw.randrange(1, 4))}), date(2025, 12, 31)])
    ]
    consents = [
        Consent(
            id=f"s{n}",
            client_id=draw.choice(ids),
            kind=draw.choice(["refused", "refused", "given"]),
            person_id=draw.choice([None, None, None, people[n].id]),
            channel=draw.choice([None, "call", "visit", "phone", "letter"]),
            purpose=draw.choice([None, None, "advertising", "service"]),
            start_on=on(),
            end_on=draw.choice([None, None, date(2026, 1, 1)]),
        )
        for n in range(clients)
    ]
    absences = [
        Absence(staff_id="lee", start_on=date(2024, 2, 1), end_on=date(2024, 12, 31), deputy_id="kim"),
        Absence(staff_id="kim", start_on=date(2025, 3, 1), deputy_id=maybe("lee", "wu")),
    ]
    pins = [
        Pin(
            client_id=one,
            scheme_id=scheme,
            tier=draw.choice(tiers),
            kind=draw.choice(["floor", "exact"]),
            by="lee",
            reason="r",
            start_on=on(),
        )
        for scheme, tiers in TIERS.items()
        for one in draw.sample(ids, clients // 6)
    ]
    return Book(
        clients=served,
        people=people,
        touchpoints=touches,
        purchases=[*bought, *given_back, *credit],
        staff=[Staff(id="lee", name="n", role="secretary"), Staff(id="kim", name="n")],
        tier_spells=spells,
        pins=pins,
        consents=consents,
        absences=absences,
        zone="Asia/Seoul",
    )
