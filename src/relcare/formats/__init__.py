"""Books as files: a folder of UTF-8 CSV files with a `book.toml`, read with every mistake at its place, and written."""

from relcare.formats._reading import Progress, is_book_folder, read_book
from relcare.formats._writing import write_book

__all__ = ["Progress", "is_book_folder", "read_book", "write_book"]
