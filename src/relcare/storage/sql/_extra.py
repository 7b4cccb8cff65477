"""Says which extra is missing before anything else of this package is imported."""

from relcare.errors import MissingExtraError

__all__ = ["EXTRA"]

EXTRA = "sql"

try:
    import sqlalchemy
except ImportError as error:
    raise MissingExtraError("relcare.storage.sql", EXTRA) from error

_ = sqlalchemy
