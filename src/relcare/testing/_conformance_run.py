"""Running conformance cases against this implementation."""

import json
from collections.abc import Iterator
from typing import Final, cast

import attrs

from relcare.calendars import Calendar
from relcare.codec import loads_policy
from relcare.decisions import Example, ExampleFailure, Policy
from relcare.errors import PolicyDocumentError, PolicyError, RelcareError
from relcare.testing._conformance import ConformanceCase, ConformanceTest, thawed
from relcare.testing._conformance_answers import PARTS, decided
from relcare.testing._conformance_membership import events_of, may_take

__all__ = ["CaseFailure", "CaseReport", "run_case"]

REFUSED: Final = "refused"
"""Expected where the question itself must be refused, such as for an amount in another currency."""

_CANNOT_RUN: Final = ""


@attrs.frozen(kw_only=True)
class CaseFailure:
    """An answer that is not the expected one.

    Attributes:
        test: Which test of the case, from 0; None when it is the policy document as a whole.
        key: What was asked, such as `due.call`, `owed` or `sizes.abc`; empty when the question could not be asked.
        expected: As text.
        found: As text; the error when the question could not be asked.
        why: How the expected answer follows from the rules.
    """

    test: int | None
    key: str
    expected: str
    found: str
    why: str

    def __str__(self) -> str:
        place = "policy" if self.test is None else f"tests[{self.test}]"
        return f"{place}: {self.key or 'the question'} gives {self.found}, not {self.expected}; {self.why}"


@attrs.frozen(kw_only=True)
class CaseReport:
    """Whether a case holds.

    Attributes:
        case_id: The case.
        failures: What does not hold, in the order of the tests.
    """

    case_id: str
    failures: tuple[CaseFailure, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether everything is as expected."""
        return not self.failures

    def raise_if_any(self) -> None:
        """Raise when an answer is not the expected one.

        Raises:
            PolicyError: Naming the case and every failure.
        """
        if self.failures:
            raise PolicyError(f"conformance case {self.case_id}:\n" + "\n".join(str(failure) for failure in self.failures))


def run_case(case: ConformanceCase, *, calendar: Calendar | None = None) -> CaseReport:
    """Whether this implementation gives the answers of a case.

    Args:
        case: One of `conformance_cases`, or one of your own in the same form.
        calendar: Business days; by default those that the case's policy names, Monday to Friday where it names none (TIM-6).

    Examples:
        >>> from relcare.testing import conformance_cases
        >>> all(run_case(case).is_ok for case in conformance_cases())
        True
    """
    document = {**case.policy, "examples": [test.example for test in case.tests]}
    try:
        policy = loads_policy(json.dumps(document, default=thawed), file=case.id, syntax="json")
    except PolicyDocumentError as error:
        found = {problem.path or "" for problem in error.problems}
        return _refusal(case, ", ".join(sorted(found)) if case.refused else str(error), is_right=found == set(case.refused))
    if case.refused:
        return _refusal(case, "no problem", is_right=False)
    return CaseReport(case_id=case.id, failures=tuple(_failures(case, policy, calendar)))


def _refusal(case: ConformanceCase, found: str, *, is_right: bool) -> CaseReport:
    expected = f"problems at {', '.join(sorted(case.refused))}" if case.refused else "a policy"
    failure = CaseFailure(test=None, key="reading it", expected=expected, found=found, why=case.title)
    return CaseReport(case_id=case.id, failures=() if is_right else (failure,))


def _failures(case: ConformanceCase, policy: Policy, calendar: Calendar | None) -> Iterator[CaseFailure]:
    told: dict[int, list[ExampleFailure]] = {}
    for failure in policy.check(calendar=calendar).failures:
        told.setdefault(failure.index, []).append(failure)
    for index, (test, example) in enumerate(zip(case.tests, policy.examples, strict=True)):
        is_refused = REFUSED in example.expect.values()
        if is_refused and [failure.key for failure in told.get(index, ())] == [_CANNOT_RUN]:
            continue
        for one in told.get(index, ()):
            expected = one.expected or "an answer"
            yield CaseFailure(test=index, key=one.key, expected=expected, found=one.found, why=test.why)
        for key, wanted, found in _beyond(test, example, policy, calendar):
            if found != wanted:
                yield CaseFailure(test=index, key=key, expected=_text(wanted), found=_text(found), why=test.why)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _beyond(
    test: ConformanceTest, example: Example, policy: Policy, calendar: Calendar | None
) -> Iterator[tuple[str, object, object]]:
    """What a test asks beyond a worked example: key, expected and found, both as JSON."""
    asked = cast("dict[str, object]", thawed(test.document))
    parts = [key for key in PARTS if key in asked]
    if not parts and "may_take" not in asked:
        return
    try:
        events = events_of(asked.get("steps", []), example, policy)
        result = decided(example, asked.get("staff", []), events, policy, calendar)
    except RelcareError as error:
        yield _CANNOT_RUN, "an answer", str(error)
        return
    for part in parts:
        yield from PARTS[part](asked[part], result)
    yield from may_take(asked.get("may_take", []), events, example, policy)
