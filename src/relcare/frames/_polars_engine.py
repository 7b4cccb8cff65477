"""Tables in polars."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import narwhals.stable.v2 as nw

from relcare.frames._engine import BLANK, EPOCH, SEPARATOR, Cell, Engine, Lazy

if TYPE_CHECKING:
    import polars as pl

__all__ = ["PolarsEngine"]


class PolarsEngine(Engine):
    """Lazy polars frames; eager ones are made lazy."""

    name = "polars"
    title = "polars"

    def opened(self, native: object) -> Lazy:
        return cast("Lazy", nw.from_native(cast("pl.DataFrame | pl.LazyFrame", native)).lazy())

    def rows(self, frame: Lazy) -> list[tuple[Any, ...]]:
        return _polars(frame).collect(engine="streaming").rows()

    def single_rows(self, frames: Sequence[Lazy]) -> list[tuple[Any, ...]]:
        import polars as pl

        return [found.row(0) for found in pl.collect_all([_polars(frame) for frame in frames], engine="streaming")]

    def settled(self, frame: Lazy) -> Lazy:
        return nw.from_native(_polars(frame).collect(engine="streaming").lazy())

    def every_nth(self, frame: Lazy, column: str, step: int) -> list[int]:
        import polars as pl

        found: list[int] = _polars(frame).select(pl.col(column).gather_every(step)).collect().to_series().drop_nulls().to_list()
        return found

    def with_days(self, frame: Lazy, days: Mapping[str, str], zone: str) -> Lazy:
        import polars as pl

        native, schema = _polars(frame), frame.collect_schema()

        def civil(column: str) -> pl.Expr:
            found = pl.col(column)
            if isinstance(kind := schema[column], nw.Datetime):
                return (found if kind.time_zone is None else found.dt.convert_time_zone(zone)).dt.date()
            return found

        return nw.from_native(
            native.with_columns((civil(c).cast(pl.Int32).cast(pl.Int64) + EPOCH).alias(new) for new, c in days.items())
        )

    def untold(self, frame: Lazy) -> Mapping[str, str | None]:
        import polars as pl

        native, known = _polars(frame).collect_schema(), frame.collect_schema()
        return {
            name: None if kind == pl.Null else str(kind) for name, kind in native.items() if isinstance(known[name], nw.Unknown)
        }

    def with_instants(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        import polars as pl

        return nw.from_native(_polars(frame).with_columns(pl.col(column).dt.epoch("us") for column in columns))

    def one_column(self, frame: Lazy, column: str, new: str) -> Lazy:
        return frame.select(**{new: nw.col(column)})

    def write_parquet(self, frame: Lazy, path: Path) -> None:
        _polars(frame).sink_parquet(path, compression="zstd")

    def with_units(self, frame: Lazy, units: Mapping[str, tuple[str, int]]) -> Lazy:
        import polars as pl

        # What lies beneath a decimal is the integer itself.
        return nw.from_native(
            _polars(frame).with_columns(pl.col(c).to_physical().cast(pl.Int128).alias(new) for new, (c, _) in units.items())
        )

    def with_sets(self, frame: Lazy, sets: Mapping[str, str]) -> Lazy:
        import polars as pl

        schema = frame.collect_schema()

        def members(column: str) -> pl.Expr:
            found = pl.col(column)
            if schema[column] != nw.String:
                return found
            return found.str.split("|").list.eval(pl.element().str.strip_chars(BLANK))

        def joined(column: str) -> pl.Expr:
            clean = (
                members(column).list.eval(pl.element().filter(pl.element().is_not_null() & (pl.element() != ""))).list.unique()
            )
            return pl.concat_str(pl.lit(SEPARATOR), clean.list.sort().list.join(SEPARATOR), pl.lit(SEPARATOR))

        return nw.from_native(_polars(frame).with_columns(joined(c).alias(new) for new, c in sets.items()))

    def with_lists(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        import polars as pl

        def members(column: str) -> pl.Expr:
            found = pl.col(column).str.strip_chars(SEPARATOR).str.split(SEPARATOR)
            return found.list.eval(pl.element().filter(pl.element() != ""))

        return nw.from_native(_polars(frame).with_columns(members(column).alias(column) for column in columns))

    def with_names(self, frame: Lazy, columns: Mapping[str, tuple[str, Sequence[str]]]) -> Lazy:
        import polars as pl

        def named(column: str, names: Sequence[str]) -> pl.Expr:
            # Conditions would write every text anew for each of the names. Nothing stands behind the names, for a list of one
            # would be taken for a constant.
            return pl.lit(pl.Series([*names, None], dtype=pl.String)).gather(pl.col(column))

        return nw.from_native(_polars(frame).with_columns(named(*found).alias(new) for new, found in columns.items()))

    def with_dates(self, frame: Lazy, columns: Sequence[str]) -> Lazy:
        import polars as pl

        return nw.from_native(_polars(frame).with_columns((pl.col(c) - EPOCH).cast(pl.Int32).cast(pl.Date) for c in columns))

    def table(self, beside: Lazy, columns: Mapping[str, tuple[nw.dtypes.DType, Sequence[Cell]]]) -> Lazy:  # noqa: ARG002
        import polars as pl

        kinds = {name: pl.String if kind == nw.String else pl.Int64 for name, (kind, _) in columns.items()}
        return nw.from_native(pl.LazyFrame({name: values for name, (_, values) in columns.items()}, schema=kinds))


def _polars(frame: Lazy) -> "pl.LazyFrame":
    return frame.to_native()  # type: ignore[no-any-return]
