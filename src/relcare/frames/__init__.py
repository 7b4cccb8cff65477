"""The same policies over columns: a book as polars frames, DuckDB relations or Spark DataFrames, decided where it lies.

Needs the extra `frames` and the engine that the tables are of.
"""

from relcare.frames import _extra as _extra  # first: it names the extra where a tool is missing

# isort: split
from relcare.frames._book import frames_of
from relcare.frames._book_reading import book_from_frames
from relcare.frames._borders import GroupBorders
from relcare.frames._compare import compare
from relcare.frames._compared import ComparedFrames, OwedChange, RoleChange, Transition
from relcare.frames._decide import decide
from relcare.frames._decide_sql import decide_sql
from relcare.frames._decided import DecidedFrames
from relcare.frames._explain_row import explain_row
from relcare.frames._frames import Frames
from relcare.frames._later import expand
from relcare.frames._parquet import read_parquet, write_parquet
from relcare.frames._row_reader import DecidedRow, RowReader
from relcare.frames._row_settled import SettledRow
from relcare.frames._sql_tables import DecidedSql, SqlTables

__all__ = [
    "ComparedFrames",
    "DecidedFrames",
    "DecidedRow",
    "DecidedSql",
    "Frames",
    "GroupBorders",
    "OwedChange",
    "RoleChange",
    "RowReader",
    "SettledRow",
    "SqlTables",
    "Transition",
    "book_from_frames",
    "compare",
    "decide",
    "decide_sql",
    "expand",
    "explain_row",
    "frames_of",
    "read_parquet",
    "write_parquet",
]
