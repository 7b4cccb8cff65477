"""Says which extra is missing before anything else of this package is imported."""

from relcare.errors import MissingExtraError

__all__ = ["EXTRA"]

EXTRA = "cli"

try:
    import rich
except ImportError as error:
    raise MissingExtraError("relcare.report", EXTRA) from error

_ = rich
