"""Says which extra is missing before SQL text is made."""

from relcare.errors import MissingExtraError

__all__ = ["need_sql_text"]

EXTRA = "sqltext"


def need_sql_text() -> None:
    """Refuse to go on without the tools that text is made with.

    Raises:
        MissingExtraError: If DuckDB or sqlglot is not installed.
    """
    try:
        import duckdb
        import sqlglot
    except ImportError as error:
        raise MissingExtraError("deciding in SQL", EXTRA) from error
    _ = duckdb, sqlglot
