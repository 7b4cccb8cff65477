"""What a type checker sees of the errors; read by mypy, never run."""

from typing import assert_type

from relcare.errors import DocumentError, InvalidValueError, PolicyDocumentError, Problem, UnknownRecordError, nearest


def read(error: Exception) -> None:
    """The attributes that a caller may rely on."""
    if isinstance(error, InvalidValueError):
        assert_type(error.name, str)
        assert_type(error.value, str)
        assert_type(error.hint, str | None)
    if isinstance(error, UnknownRecordError):
        assert_type(error.record_id, str)
    if isinstance(error, DocumentError):
        assert_type(error.problems, tuple[Problem, ...])


def collect(problems: list[Problem]) -> DocumentError:
    """Problems may come as any iterable."""
    assert_type(problems[0].line, int | None)
    assert_type(nearest("tier", {"tiers"}), str | None)
    return PolicyDocumentError(problem for problem in problems)
