"""C3: every limit holds to the last one allowed, refuses the next, and costs nothing to ask."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from time import process_time
from typing import Any, Final

import attrs
from tests.soak.promise import Length, Outcome, Promise

from relcare.codec import decode_text, loads_policy, parse_json, parse_toml
from relcare.errors import RelcareError
from relcare.grades import Grade
from relcare.model import Client, Money, Touchpoint
from relcare.policy import Every, Span, Window, criterion
from relcare.segmentation import to_share

_HEAD: Final = 'format = 1\n[policy]\nid = "p"\nversion = "1"\neffective_from = 2026-01-01\n'
_MILLISECONDS: Final = 10.0
_DAY: Final = date(2026, 3, 20)


@attrs.frozen
class Limit:
    """One limit.

    Attributes:
        name: As the documentation calls it.
        most: The last that is allowed.
        make: Makes something of a size; what is too large is refused.
        is_timed_within: Whether what is allowed must be as quick as a refusal; a whole document need not.
    """

    name: str
    most: int
    make: Callable[[int], Any]
    is_timed_within: bool = True


def _touchpoint(note: str) -> Touchpoint:
    return Touchpoint(id="t", client_id="c", occurred_at=_DAY, channel="call", note=note)


def _cells(count: int) -> Any:
    facts = "\n".join(
        f'[facts.f{n}]\ntype = "category"\nvalues = [{", ".join(f"{chr(34)}v{i}{chr(34)}" for i in range(size))}]'
        for n, size in enumerate((100, count))
    )
    return loads_policy(f'{_HEAD}{facts}\n[[segment]]\nid = "s"\nby = ["f0", "f1"]\n')


def _sized(count: int) -> Any:
    return parse_toml(decode_text(b"#" * count, "f"), "f")


LIMITS: Final = (
    Limit("characters of an id", 200, lambda n: Client(id="c" * n, name="c")),
    Limit("characters of a text", 4_096, lambda n: Client(id="c", name="c" * n)),
    Limit("characters of a note", 65_536, lambda n: _touchpoint("n" * n)),
    Limit("digits of a number", 28, lambda n: Money("9" * n, "CNY")),
    Limit("decimal places of a number", 12, lambda n: Money(f"0.{'1' * n}", "CNY")),
    Limit("decimal places of a Decimal", 12, lambda n: Money(Decimal(1).scaleb(-n), "CNY")),
    Limit("days of a step", 69_993, lambda n: Every(days=n)),
    Limit("days of a step, as text", 69_993, lambda n: Every.parse(f"{n} days")),
    Limit("months of a step", 9_999, lambda n: Every(months=n)),
    Limit("days of a tolerance", 69_993, lambda n: Span(days=n)),
    Limit("days of a window", 69_993, lambda n: Window.parse(f"{n} days")),
    Limit("decimal places of a percentage", 9, lambda n: to_share(f"0.{'1' * n}%")),
    Limit("digits of a fraction", 9, lambda n: to_share(f"1/{'9' * n}")),
    Limit("characters of a criterion", 4_000, lambda n: criterion("x == 1".ljust(n))),
    Limit("levels of a criterion", 32, lambda n: criterion("not " * (n - 1) + "x == 1")),
    Limit("groups of a grade", 1_000, lambda n: Grade(id="g", fact="f", parts=n)),
    Limit("cells of a segment", 100, _cells, is_timed_within=False),  # a hundred times as many, with the other dimension
    Limit(
        "days up to 2199",
        (date(2199, 12, 31) - _DAY).days,
        lambda n: Touchpoint(id="t", client_id="c", occurred_at=_DAY + timedelta(n), channel="c"),
    ),
    Limit(
        "days back to 1900",
        (_DAY - date(1900, 1, 1)).days,
        lambda n: Touchpoint(id="t", client_id="c", occurred_at=_DAY - timedelta(n), channel="c"),
    ),
    Limit("levels of a document in TOML", 32, lambda n: parse_toml(f"a = {'[' * (n - 1)}1{']' * (n - 1)}", "f")),
    Limit("levels of a document in JSON", 32, lambda n: parse_json(f'{{"a": {"[" * (n - 1)}1{"]" * (n - 1)}}}', "f")),
    Limit("bytes of a document", 1_048_576, _sized, is_timed_within=False),
    Limit("whole numbers of a document", 2**63 - 1, lambda n: parse_toml(f"a = {n}", "f")),
)


def _outcome(limit: Limit, size: int) -> tuple[str, float]:
    """What came of it, and the milliseconds of the processor that it took."""
    began = process_time()
    try:
        limit.make(size)
    except RelcareError:
        told = "refused"
    except Exception as error:  # noqa: BLE001 - what is no error of ours is what is looked for
        told = f"{type(error).__name__}: {error}"
    else:
        told = "allowed"
    return told, (process_time() - began) * 1_000


def problems(limit: Limit, times: int) -> tuple[list[str], float]:
    """What is amiss with a limit, and how long the slower of the two answers took in the middle of several."""
    found: list[str] = []
    slowest = 0.0
    for size, expected in ((limit.most, "allowed"), (limit.most + 1, "refused")):
        outcomes = [_outcome(limit, size) for _ in range(times)]
        others = sorted({told for told, _ in outcomes} - {expected})
        found.extend(f"{limit.name}: {size:,} is {told}, not {expected}" for told in others)
        taken = median(milliseconds for _, milliseconds in outcomes)
        if limit.is_timed_within or expected == "refused":
            slowest = max(slowest, taken)
            if taken >= _MILLISECONDS:
                found.append(f"{limit.name}: {size:,} took {taken:.1f} ms")
    return found, slowest


def _check(length: Length) -> Outcome:
    times = length.of(3, 200)
    outcomes = {limit.name: problems(limit, times) for limit in LIMITS}
    failures = tuple(one for found, _ in outcomes.values() for one in found)
    name = max(outcomes, key=lambda one: outcomes[one][1])
    note = f"{len(LIMITS)} limits; slowest answer {outcomes[name][1]:.2f} ms, {name}"
    return Outcome(runs=2 * times * len(LIMITS), failures=failures, note=note)


PROMISES: Final = (
    Promise("C3", "Every limit allows its last, refuses the next by a typed error, and answers within 10 ms", _check),
)
