"""Prints how the relationships of a troubled sample book are doing; its output is the committed result.

    python tests/golden/portfolio.py > tests/golden/portfolio.json

A difference is a decision that changed for the same input: it belongs into the changelog under "Decisions changed".
"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import attrs

from relcare.cli._portfolio_shape import portfolio_shape, referrals_shape
from relcare.decisions import portfolio
from relcare.demo import DEMO_AS_OF, demo_book
from relcare.model import AttributeValue, Book
from relcare.presets import preset
from relcare.relationships import referrals_around

TROUBLES: tuple[tuple[str, Mapping[str, AttributeValue]], ...] = (
    ("upstream", {"trouble_since": date(2026, 3, 27)}),
    ("upstream", {"trouble_since": date(2026, 2, 2), "support_plan_on": date(2026, 2, 5)}),
    ("partner", {"agreement_ends_on": date(2026, 5, 31), "agreement_is_ending": True}),
    ("channel", {"margin": Decimal("11.9"), "margin_target": Decimal("12.0"), "margin_on": date(2026, 3, 2)}),
    ("channel", {"margin": Decimal("12.0"), "margin_target": Decimal("12.0"), "margin_on": date(2026, 3, 2)}),
    ("end_customer", {"open_objections": 2}),
    ("end_customer", {"open_objections": 0}),
)


def troubled_book() -> Book:
    """The sample book, in which the first clients of each type have something to attend to, and were brought by each other."""
    clients = {client.id: client for client in demo_book().clients}
    taken: list[str] = []
    for kind, attributes in TROUBLES:
        found = next(one for one in clients.values() if kind in one.relationship_types and one.id not in taken)
        brought: dict[str, AttributeValue] = {"referred_by": taken[-1]} if taken else {}
        clients[found.id] = attrs.evolve(found, attributes={**found.attributes, **attributes, **brought})
        taken.append(found.id)
    return attrs.evolve(demo_book(), clients=clients.values())


def answer() -> str:
    """The portfolio by the preset `agent`, and the clients around the first supplier, as the command gives them."""
    book, policy = troubled_book(), preset("agent")
    found = portfolio(policy, policy.decide(book, as_of=DEMO_AS_OF))
    first = next(client.id for client in book.clients if "trouble_since" in client.attributes)
    around = referrals_around(book.clients, first, as_of=DEMO_AS_OF)
    shapes = {"portfolio": portfolio_shape(found), "referrals": referrals_shape(first, DEMO_AS_OF, around)}
    return f"{json.dumps(shapes, ensure_ascii=False, indent=1)}\n"


if __name__ == "__main__":
    sys.stdout.write(answer())
