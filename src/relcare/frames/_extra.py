"""Says which extra is missing before anything else of this package is imported."""

from relcare.errors import MissingExtraError

__all__ = ["EXTRA"]

EXTRA = "frames"

try:
    import narwhals
except ImportError as error:
    raise MissingExtraError("relcare.frames", EXTRA) from error

_ = narwhals
