"""What was decided over columns: frames that have not run yet, and what is asked of them."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import attrs
import narwhals.stable.v2 as nw

from relcare._fields import check_choice
from relcare.errors import InvalidValueError, StorageError
from relcare.frames._borders import GroupBorders
from relcare.frames._engine import Engine, EngineName
from relcare.ranking import Border

__all__ = ["DecidedFrames", "DecidedTable"]

DecidedTable = Literal["clients", "obligations", "undecided", "cells"]


@attrs.frozen(kw_only=True, eq=False)
class DecidedFrames:
    """What a policy decided over columns.

    Attributes:
        policy_id: The policy.
        policy_version: Its version.
        as_of: The civil day.
        engine: `polars`, `duckdb` or `spark`.
        clients: A lazy polars frame, a DuckDB relation or a Spark DataFrame, not run yet, with a row for each client in no order:
            `client_id`; the facts by their names, in whole grains, levels by rank from the lowest, sets as lists of text; for
            each grade `grade.<id>.code`, `.last` (the last value of its part), `.is_tied`; for each scheme `scheme.<id>.tier`,
            `.code`, `.is_in_scope`, `.is_held`, `.group`, `.score`, `.border`, `.is_tied`, and where it keeps clients in their
            tiers (SEG-9) `.wanted`, `.settled`, `.settled_codes`, as `Settlement` has them at a first review; for each
            programme `programme.<id>.qualification`, `.path`, `.code`, `.first_eligible_on`; for each segment
            `segment.<id>.answer`, `.code`; `notes`, the facts that were out of bounds.
        obligations: Likewise, with a row for each contact that is owed: `client_id`, `rule_id`, `rule_ids` (all that ask the
            same), `person_id`, `occurrence`, `channel`, `owner_id`, `staff_id`, `attributed_to`, `state`, `never_contacted`,
            `last_contact_on`, `interval`, `earliest_on`, `due_on`, `latest_on`, `overdue_days`, as `relcare.model.Obligation` has
            them. `occurrence` is `first` or null for a rolling rule, the event of a trigger. None where cadence was not asked
            for.
        undecided: Likewise, `client_id` and `rule_id` of rules whose criterion is unknown; None likewise.
        cells: Likewise, a row for each cell that a client is in: `client_id`, `segment_id`, `cell` (its values, as in
            `equity / bold`). None where no segment is a product, or segments were not asked for.
        rankings: Of each quota its cuts, by group; of one without groups by `""`.
    """

    policy_id: str
    policy_version: str
    as_of: date
    engine: EngineName
    clients: Any
    obligations: Any = None
    undecided: Any = None
    cells: Any = None
    rankings: Mapping[str, Mapping[str, GroupBorders]]
    _engine: Engine = attrs.field(alias="run_by", repr=False)

    @property
    def borders(self) -> Mapping[str, Mapping[str, tuple[Border | None, ...]]]:
        """Of each quota the last score and id that are in, best tier first, by group; of one without groups by `""`."""
        return {scheme_id: {group: cuts.borders for group, cuts in groups.items()} for scheme_id, groups in self.rankings.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `clients`."""
        return tuple(self._engine.opened(self.clients).collect_schema())

    def count(self, table: DecidedTable = "clients") -> int:
        """How many rows a frame has.

        Args:
            table: Which.
        """
        ((count,),) = self._engine.rows(self._engine.opened(self._native(table)).select(n=nw.len()))
        return int(count)

    def counts(self, column: str, table: DecidedTable = "clients") -> dict[Any, int]:
        """How many rows have each value of a column: how large the tiers are, how many qualify.

        Args:
            column: As in `scheme.abc.tier`.
            table: Of which frame.

        Raises:
            InvalidValueError: If there is no such column.
        """
        frame = self._engine.opened(self._native(table))
        if column not in (known := frame.collect_schema()):
            raise InvalidValueError("column", column, f"must be one of {', '.join(known)}")
        values = self._engine.one_column(frame, column, "value")
        counted = values.group_by("value").agg(n=nw.len()).select("value", "n")
        return {value: int(count) for value, count in self._engine.rows(counted)}

    def write_parquet(self, path: Path | str, table: DecidedTable = "clients") -> None:
        """Write the rows of a frame as a Parquet file, streamed; by Spark as a folder of files, where there are several parts.

        Args:
            path: Where nothing is yet.
            table: Which frame.

        Raises:
            InvalidValueError: If something is there already.
            StorageError: If it cannot be written.
        """
        native = self._native(table)
        if os.path.lexists(path):
            raise InvalidValueError("path", str(path), "must not exist yet", "name a new file")
        try:
            self._engine.write_parquet(self._engine.opened(native), Path(path))
        except Exception as fault:
            # Each engine has an error of its own for a folder that is not there, or a disk that is full.
            raise StorageError(f"{str(path)!r} was not written: {str(fault).splitlines()[0]}") from fault

    def _native(self, table: str) -> Any:  # noqa: ANN401 - a frame of the engine
        check_choice("table", table, get_args(DecidedTable))
        native = getattr(self, table)
        if native is None:
            part = "segments" if table == "cells" else "cadence"
            raise InvalidValueError("table", table, "was not decided", f"ask for {part}")
        return native
