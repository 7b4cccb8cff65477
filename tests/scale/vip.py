"""Who qualifies for a programme, and since when, over millions of purchases: what a benchmark measures, alone in a process too.

To be called as:

    python -m tests.scale.vip --folder /tmp/shop --memory-limit 300MB
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl
from tests.scale.invented import drawn
from tests.scale.measured import peak_bytes

import relcare as rc
from relcare.frames import DecidedFrames, Frames, decide

__all__ = ["AS_OF", "MONTH", "SINGLE", "by_relcare", "shop"]

AS_OF: Final = date(2026, 12, 31)
SINGLE, MONTH = 970_000, 1_700_000
"""In cents: what one purchase must come to, or those of a calendar month."""
_COLUMNS: Final = ("client_id", "programme.vip.qualification", "programme.vip.path", "programme.vip.first_eligible_on")
_POLICY: Final = rc.loads_policy(f"""
format = 1
[policy]
id = "shop"
version = "1"
effective_from = 2026-01-01
currency = "EUR"
[facts.largest]
type = "money"
measure = {{ max = "purchases.amount", window = "lifetime", when_empty = "0" }}
[facts.best_month]
type = "money"
measure = {{ sum = "purchases.amount", per = "calendar month", take = "max", window = "lifetime", when_empty = "0" }}
[[vip]]
id = "vip"
paths = [{{ id = "single", when = "largest >= {SINGLE // 100}" }}, {{ id = "month", when = "best_month >= {MONTH // 100}" }}]
""")


def shop(folder: Path, purchases: int, clients: int) -> Path:
    """Purchases of a year in no order, as Parquet files; most of them are small."""
    folder.mkdir(parents=True)
    numbers = pl.LazyFrame({"n": pl.int_range(clients, eager=True)})
    numbers.select(id="c" + pl.col("n").cast(pl.String).str.zfill(9)).sink_parquet(folder / "clients.parquet")
    numbers = pl.LazyFrame({"n": pl.int_range(purchases, eager=True)})
    cents = drawn(2, 1_000) * drawn(3, 1_000) + 100
    numbers.select(
        client_id="c" + drawn(1, clients).cast(pl.String).str.zfill(9),
        purchased_on=pl.lit(date(2026, 1, 1)) + pl.duration(days=drawn(4, 365)),
        amount=(cents.cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
    ).sink_parquet(folder / "purchases.parquet")
    return folder


def by_relcare(folder: Path, engine: str, memory_limit: str | None = None) -> tuple[DecidedFrames, Any]:
    """What the policy says of each client, and the frame of it that has not run yet."""
    clients, purchases = folder / "clients.parquet", folder / "purchases.parquet"
    if engine == "polars":
        frames = Frames(clients=pl.scan_parquet(clients), purchases=pl.scan_parquet(purchases), currency="EUR", is_checked=True)
        decided = decide(_POLICY, frames, as_of=AS_OF)
        return decided, decided.clients.select(_COLUMNS)
    import duckdb

    limits: dict[str, Any] = (
        {} if memory_limit is None else {"memory_limit": memory_limit, "temp_directory": str(folder / "spill")}
    )
    connection = duckdb.connect(config=limits)
    tables = [connection.read_parquet(str(path)) for path in (clients, purchases)]
    decided = decide(_POLICY, Frames(clients=tables[0], purchases=tables[1], currency="EUR", is_checked=True), as_of=AS_OF)
    return decided, decided.clients.select(", ".join(f'"{name}"' for name in _COLUMNS))


def main() -> None:
    """Decides in DuckDB within a limit, and prints what memory that took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--memory-limit", required=True)
    options = parser.parse_args()
    decided, _ = by_relcare(options.folder, "duckdb", options.memory_limit)
    counts = decided.counts("programme.vip.path")
    sys.stdout.write(json.dumps({"peak_bytes": peak_bytes(), "counts": {str(path): count for path, count in counts.items()}}))


if __name__ == "__main__":
    main()
