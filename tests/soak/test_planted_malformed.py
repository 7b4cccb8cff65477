"""The rows about malformed input are able to fail: each kind of fault, planted, is seen."""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from tests.soak import malformed, malformed_limits, malformed_values
from tests.soak.malformed_limits import Limit, problems
from tests.soak.malformed_time import Stopwatch
from tests.soak.malformed_values import fits, problem, trials

from relcare.codec import _building
from relcare.errors import InvalidValueError, PolicyDocumentError, Problem
from relcare.policy import Vocabulary

ERRORS = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def seen(way: Callable[[Random, Stopwatch], list[str]], count: int) -> list[str]:
    """What the first documents of a row show."""
    return [told for number in range(count) for told in way(Random(number), Stopwatch())]


def test_names_that_nobody_looks_at_are_missed_by_nobody_but_this_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen(malformed.planted, 6) == []
    monkeypatch.setattr(Vocabulary, "unknown", lambda _self, _name: None)
    assert any("not told" in told for told in seen(malformed.planted, 12))


def test_a_table_that_ends_at_its_first_mistake_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(malformed, "loads_policy", _first_alone)
    assert any("problems for" in told or "not told" in told for told in seen(malformed.planted, 3))


def _first_alone(*args: Any, **words: Any) -> None:
    from relcare.codec import loads_policy

    try:
        loads_policy(*args, **words)
    except PolicyDocumentError as error:
        raise PolicyDocumentError(error.problems[:1]) from None


def test_a_problem_without_a_place_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> None:
        raise PolicyDocumentError([Problem(file="house", message="wrong")])

    monkeypatch.setattr(malformed, "loads_policy", nowhere)
    assert any("no place" in told for told in seen(malformed.mutated, 4))


def test_an_error_of_another_kind_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: Any, **__: Any) -> None:
        raise KeyError("kind")

    monkeypatch.setattr(_building, "_required", fall)
    with pytest.raises(KeyError):
        seen(malformed.planted, 1)


def test_a_wrong_value_that_is_kept_is_seen() -> None:
    assert [kind for kind, argument, field in [*trials()][:3] if problem(kind, argument, field, object()) is not None] == []
    for value, hint in (
        (True, int),
        (7.0, int),
        (float("nan"), float | None),
        ("a\0b", str),
        ([], tuple[str, ...]),
        (1, str | None),
    ):
        is_float = isinstance(value, float) and hint == float | None
        assert fits(value, hint) is is_float


def test_a_class_that_checks_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    @attrs.frozen
    class Loose:
        count: int = 0

    monkeypatch.setattr(malformed_values, "valid", lambda _: Loose())
    assert problem(Loose, "count", "count", True) == "kept True, which is no <class 'int'>"
    assert problem(Loose, "count", "count", 7) is None


def test_a_limit_that_is_off_by_one_is_seen() -> None:
    def make(size: int) -> None:
        if size > 11:
            raise InvalidValueError("size", size, "must be at most 10")

    assert problems(Limit("a size", 10, make), 1)[0] == ["a size: 11 is allowed, not refused"]
    assert problems(Limit("a size", 11, make), 1)[0] == []
    assert problems(Limit("a size", 12, make), 1)[0] == ["a size: 12 is refused, not allowed"]


@pytest.mark.parametrize("limit", malformed_limits.LIMITS, ids=lambda limit: limit.name)
def test_every_limit_is_one_of_the_documentation(limit: Limit) -> None:
    (section,) = re.findall(r"^## Limits$(.+?)^## ", ERRORS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if limit.name.startswith(("days up", "days back")):
        return  # the first and the last day stand there as days
    most = 100 * limit.most if limit.name.startswith("cells") else limit.most
    assert re.search(rf"(?<![0-9,]){most:,}(?![0-9,])", section), most
