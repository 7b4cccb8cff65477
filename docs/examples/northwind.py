"""A trading company's tables become a book, and a policy decides about it.

    python northwind.py DATA_FOLDER [BOOK_FOLDER]

DATA_FOLDER holds the CSV tables of the sample: customers, suppliers, shippers, employees, orders, order_details. With BOOK_FOLDER
the book is also left there as a folder of CSV files, for the `relcare` command.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import relcare as rc
from relcare.decisions import BookResult
from relcare.model import Birthday

POLICY = Path(__file__).with_name("northwind.toml")
TABLES = (
    ("customers", "customerID", "end_customer"),
    ("suppliers", "supplierID", "upstream"),
    ("shippers", "shipperID", "partner"),
)
LAST_DAY = date(1998, 5, 6)


def rows(folder: Path, table: str) -> Iterator[dict[str, str]]:
    """The rows of one table; the literal text NULL is an absent value."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: "" if value == "NULL" else value for key, value in row.items()}


def day(text: str) -> date:
    """The date of a time stamp at midnight."""
    return date.fromisoformat(text.split(" ", 1)[0])


def amounts(folder: Path) -> dict[str, Decimal]:
    """What each order came to: quantity x price x (1 - discount), summed; exact."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for line in rows(folder, "order_details"):
        totals[line["orderID"]] += Decimal(line["quantity"]) * Decimal(line["unitPrice"]) * (1 - Decimal(line["discount"]))
    return totals


def load(folder: Path) -> rc.Book:
    """The company's book. Ids get a prefix, for those of suppliers, shippers and employees collide."""
    orders = sorted(rows(folder, "orders"), key=lambda order: (order["orderDate"], order["orderID"]))
    # Whoever took a customer's last order looks after it.
    owners = {order["customerID"]: f"employee-{order['employeeID']}" for order in orders}
    clients, people = [], []
    for table, key, kind in TABLES:
        prefix = table.removesuffix("s")
        for row in rows(folder, table):
            client_id = f"{prefix}-{row[key]}"
            clients.append(
                rc.Client(
                    id=client_id,
                    name=row["companyName"],
                    relationship_types={kind},
                    owner_id=owners.get(row[key]) if kind == "end_customer" else "employee-2",
                    region=row.get("country") or None,
                )
            )
            if row.get("contactName"):
                people.append(
                    rc.ContactPerson(
                        id=f"{client_id}-contact",
                        client_id=client_id,
                        name=row["contactName"],
                        role=row["contactTitle"] or None,
                        phone=row["phone"] or None,
                    )
                )
    totals = amounts(folder)
    return rc.Book(
        clients=clients,
        people=people,
        purchases=[
            rc.Purchase(
                id=f"order-{order['orderID']}",
                client_id=f"customer-{order['customerID']}",
                purchased_on=day(order["orderDate"]),
                amount=rc.Money(totals[order["orderID"]], "USD"),
            )
            for order in orders
        ],
        touchpoints=[
            rc.Touchpoint(
                id=f"order-{order['orderID']}",
                client_id=f"customer-{order['customerID']}",
                occurred_at=day(order["orderDate"]),
                channel="order",
                direction="incoming",
                staff_id=f"employee-{order['employeeID']}",
            )
            for order in orders
        ],
        staff=[
            rc.Staff(
                id=f"employee-{row['employeeID']}",
                name=f"{row['firstName']} {row['lastName']}",
                role=row["title"],
                head_id=f"employee-{row['reportsTo']}" if row["reportsTo"] else None,
                birthday=Birthday.parse(row["birthDate"][:10]),
            )
            for row in rows(folder, "employees")
        ],
        zone="UTC",
        currency="USD",
    )


def show_tiers(result: BookResult) -> None:
    """The tiers of 1997, the best set by name."""
    scheme = result.schemes["revenue"]
    sizes = scheme.sizes.values()
    print(f"Revenue tiers for 1997, {sum(sizes)} customers: {' / '.join(map(str, sizes))}")
    best = [a for a in scheme.assignments if a.tier == "A"]
    print("A:", ", ".join(f"{a.client_id.removeprefix('customer-')} {a.score}" for a in best))
    print("why", best[-1].client_id + ":", rc.explain(best[-1]))


def show_vips(result: BookResult) -> None:
    """Who qualifies, by which path, and since when."""
    decisions = [d for d in result.vip_decisions("vip") if d.is_eligible]
    by_order, by_month = (
        sum(path.id == wanted and path.answer == "yes" for decision in decisions for path in decision.paths)
        for wanted in ("one order", "one month")
    )
    print(f"\nVIP as of {result.as_of}: {by_order} by order, {by_month} by month, {len(decisions)} by either")
    for decision in decisions:
        paths = " and ".join(path.id for path in decision.paths if path.answer == "yes")
        print(f"  {str(decision.client_id).removeprefix('customer-')} since {decision.first_eligible_on} by {paths}")


def main(arguments: list[str]) -> None:
    """Load, decide, print."""
    book = load(Path(arguments[0]))
    policy = rc.load_policy(POLICY)
    policy.check().raise_if_any()
    show_tiers(policy.decide(book, as_of=date(1997, 12, 31)))
    result = policy.decide(book, as_of=LAST_DAY)
    show_vips(result)
    print("\nBirthdays of staff in the next 60 days:")
    for birthday in book.birthdays(LAST_DAY, LAST_DAY + timedelta(days=60)):
        print(f"  {birthday.on} {birthday.name}, {birthday.age}")
    week = rc.board(result.obligations, result.undecided, as_of=LAST_DAY).section("week")
    print(f"\nThe week's board: {len(week)} contacts by {week.until_on}")
    for obligation in week.obligations[:10]:
        name = obligation.client_id.removeprefix("customer-")
        print(f"  {obligation.due_on} {obligation.state:8} {name:6} {obligation.channel}")
    print("why:", rc.explain(week.obligations[0]))
    if len(arguments) > 1:
        rc.write_book(book, arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
