"""Eighteen months of a music retailer: segments, VIPs, and two years of monthly tiers, held steady more or less.

    python cdnow.py DATA_FOLDER

DATA_FOLDER holds `CDNOW_master.txt`: customer, day, number of discs and dollars of every purchase from January 1997 to June 1998,
by those who bought for the first time in January, February or March 1997.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final

import attrs

import relcare as rc
from relcare.decisions import BookResult
from relcare.review import Simulation, history, simulate_each, steadied
from relcare.segmentation import Scheme

POLICY: Final = Path(__file__).with_name("cdnow.toml")
LAST_DAY: Final = date(1998, 6, 30)
FROM, UNTIL = date(1996, 12, 31), date(1998, 12, 31)
BANDS: Final = ("0%", "5%", "10%", "20%")


def load(folder: Path) -> rc.Book:
    """The retailer's book; several purchases of a day are several purchases."""
    lines = (folder / "CDNOW_master.txt").read_text(encoding="ascii").splitlines()
    rows = [line.split() for line in lines[1:] if line.strip()]
    return rc.Book(
        clients=[
            rc.Client(id=f"customer-{number}", name=f"Customer {number}", relationship_types={"end_customer"})
            for number in dict.fromkeys(row[0] for row in rows)
        ],
        purchases=[
            rc.Purchase(
                id=f"purchase-{place:05}",
                client_id=f"customer-{number}",
                purchased_on=date(int(day[:4]), int(day[4:6]), int(day[6:])),
                amount=rc.Money(dollars, "USD"),
            )
            for place, (number, day, _, dollars) in enumerate(rows)
        ],
        zone="America/New_York",
        currency="USD",
    )


def percent(share: Fraction | None) -> str:
    """A share as people read it."""
    return "-" if share is None else f"{float(share):.1%}"


def show_segments(result: BookResult) -> None:
    """Quintiles, and the segments made of them; which equals the cuts run through."""
    print(f"Segments as of {result.as_of}")
    for grade in result.grades.values():
        parts = ", ".join(f"{part.grade}: {part.count:,} to {part.last}" for part in grade.groups)
        print(f"  {grade.grade_id:9} {parts}")
        for tie in grade.ties:
            print(f"    {len(tie.client_ids):,} with {tie.value} stand at a cut")
    scheme = result.schemes["rfm"]
    print("  " + ", ".join(f"{tier} {count:,}" for tier, count in scheme.sizes.items()))
    best = min(client_id for client_id, tier in scheme.tiers.items() if tier == "champion")
    print("  why:", rc.explain(result.tier("rfm", best)))


def show_vips(result: BookResult) -> None:
    """Who qualifies by which path, the first since when, and why."""
    decisions = [decision for decision in result.vip_decisions("vip") if decision.is_eligible]
    by_path = Counter(path.id for decision in decisions for path in decision.paths if path.answer == "yes")
    paths = ", ".join(f"{count} by {path}" for path, count in sorted(by_path.items()))
    print(f"\nVIPs as of {result.as_of}: {paths}, {len(decisions)} by either")
    since = [(decision.first_eligible_on or LAST_DAY, str(decision.client_id), decision) for decision in decisions]
    for _, _, decision in sorted(since)[:3]:
        print("  " + rc.explain(decision))


def show_borders(result: BookResult) -> None:
    """Where the tiers of the year end, and who shares the score there."""
    scheme = result.schemes["abc"]
    print(f"\nTiers of the year as of {result.as_of}: {' / '.join(f'{count:,}' for count in scheme.sizes.values())}")
    for tie in scheme.ties:
        treated = Counter(tie.tiers)
        places = " and ".join(f"{count:,} in {tier}" for tier, count in sorted(treated.items()))
        print(f"  the cut below {tie.tier} runs through {len(tie.client_ids):,} customers with {tie.score}: {places}")


def show_transitions(scheme: Scheme, found: Simulation, from_on: date, until_on: date) -> None:
    """From which tier to which, first day to last."""
    told = history(scheme, found.book, from_on=from_on, until_on=until_on)
    print(f"  {from_on} to {until_on}, {percent(told.stability)} in the same tier")
    for before in scheme.tier_ids:
        counts = " ".join(f"{told.transitions.get((before, tier), 0):7,}" for tier in scheme.tier_ids)
        print(f"    {before} to {'/'.join(scheme.tier_ids)} {counts}")


def show_churn(found: dict[str, Simulation]) -> None:
    """How many of those with a tier each band moved, year by year."""
    print("\nChurn of 24 monthly reviews by band: share moved a review, and moves in 1997 and in 1998")
    for band, one in found.items():
        moves = [sum(count for on, count in one.moves if on.year == year) for year in (1997, 1998)]
        print(f"  {band:>4} {percent(one.expected_churn):>6} {moves[0]:7,} {moves[1]:7,}")


def rehearsed(policy: rc.Policy, book: rc.Book, bands: Sequence[str] = BANDS) -> dict[str, Simulation]:
    """The monthly reviews of both years with each band."""
    monthly = attrs.evolve(policy, segmentation=[scheme for scheme in policy.segmentation if scheme.id == "abc"])
    variants = {band: steadied(monthly, hysteresis=band) for band in bands}
    return simulate_each(variants, book, from_on=FROM, until_on=UNTIL)


def main(arguments: list[str]) -> None:
    """Load, decide, rehearse, print."""
    book = load(Path(arguments[0]))
    policy = rc.load_policy(POLICY)
    policy.check().raise_if_any()
    print(f"{len(book.clients):,} customers, {len(book.purchases):,} purchases\n")
    result = policy.decide(book, as_of=LAST_DAY)
    show_segments(result)
    show_vips(result)
    show_borders(result)
    found = rehearsed(policy, book)
    show_churn(found)
    scheme = next(scheme for scheme in policy.segmentation if scheme.id == "abc")
    for band in ("0%", "10%"):
        print(f"\nTransitions with a band of {band}")
        show_transitions(scheme, found[band], date(1997, 4, 1), date(1997, 12, 31))
        show_transitions(scheme, found[band], date(1998, 1, 31), date(1998, 12, 31))


if __name__ == "__main__":
    main(sys.argv[1:])
