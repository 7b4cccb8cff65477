"""A month's payments in Korean won become a book, and a policy says who is a VIP: whoever paid the line exactly is in.

    python kr_screengolf.py DATA_FOLDER

DATA_FOLDER holds `data.csv`: one row a payer with what it paid in May 2024. The day of a payment is not known, so each counts on
the last day of the month.
"""

import csv
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import relcare as rc

POLICY: Final = Path(__file__).with_name("kr_screengolf.toml")
LAST_DAY: Final = date(2024, 5, 31)
LINE: Final = Decimal(100_000)


def load(folder: Path) -> rc.Book:
    """The book of the payers; what somebody paid in the month is one purchase."""
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return rc.Book(
        clients=[
            rc.Client(
                id=f"payer-{row['uid']}",
                name=f"Payer {row['uid']}",
                relationship_types={"end_customer"},
                region=row["region_city_group"],
            )
            for row in rows
        ],
        purchases=[
            rc.Purchase(
                id=f"may-{row['uid']}",
                client_id=f"payer-{row['uid']}",
                purchased_on=LAST_DAY,
                amount=rc.Money(row["total_payment_may"], "KRW"),
            )
            for row in rows
        ],
        zone="Asia/Seoul",
        currency="KRW",
    )


def main(arguments: list[str]) -> None:
    """Load, decide, print."""
    book = load(Path(arguments[0]))
    policy = rc.load_policy(POLICY)
    policy.check().raise_if_any()
    result = policy.decide(book, as_of=LAST_DAY)
    paid = {purchase.client_id: purchase.amount.amount for purchase in book.purchases}
    decisions = {str(decision.client_id): decision for decision in result.vip_decisions("vip")}
    members = {client_id: decision for client_id, decision in decisions.items() if decision.is_eligible}
    on_the_line = [client_id for client_id in members if paid[client_id] == LINE]
    print(f"{len(decisions):,} payers, {len(members):,} VIPs as of {LAST_DAY}: {len(members) / len(decisions):.1%}")
    print(f"exactly on the line of {LINE:,}: {len(on_the_line)}, all of them in")

    print("\nThe first on the line:")
    for client_id in on_the_line[:3]:
        print(f"  {rc.explain(members[client_id])}")
    nearest = max((client_id for client_id in decisions if client_id not in members), key=paid.__getitem__)
    print(f"\nThe nearest below it:\n  {rc.explain(decisions[nearest])}")

    regions = {client.id: client.region for client in book.clients}
    counts = Counter(regions[client_id] for client_id in members)
    print("\nVIPs by region:", ", ".join(f"{region} {count:,}" for region, count in counts.most_common(5)))


if __name__ == "__main__":
    main(sys.argv[1:])
