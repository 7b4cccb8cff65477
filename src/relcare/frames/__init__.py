"""The same policies over columns: a book as polars frames or DuckDB relations, decided where it lies.

Needs the extra `frames` and the engine that the tables are of.
"""

from relcare.frames import _extra as _extra  # first: it names the extra where a tool is missing

# isort: split
from relcare.frames._book import frames_of
from relcare.frames._book_reading import book_from_frames
from relcare.frames._decide import decide
from relcare.frames._decided import DecidedFrames
from relcare.frames._frames import Frames
from relcare.frames._parquet import read_parquet, write_parquet

__all__ = ["DecidedFrames", "Frames", "book_from_frames", "decide", "frames_of", "read_parquet", "write_parquet"]
