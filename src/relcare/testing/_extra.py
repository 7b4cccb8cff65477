"""Says which extra is missing before anything else of this package is imported."""

from relcare.errors import MissingExtraError

__all__ = ["EXTRA"]

EXTRA = "testing"

try:
    import hypothesis
    import pytest
except ImportError as error:
    raise MissingExtraError("relcare.testing", EXTRA) from error

_ = (hypothesis, pytest)
