"""The JSON shape of `relcare check`."""

from collections.abc import Callable, Sequence

from relcare.cli._checking import Checked
from relcare.cli._shapes import Json, problem_shape, values_shape
from relcare.soundness import Finding

__all__ = ["check_shape", "finding_shape"]


def check_shape(checked: Sequence[Checked], versions: Sequence[Finding]) -> dict[str, Json]:
    """Each document, and how they go together."""
    names = [one.word for one in checked if one.document is not None]

    def named(place: str) -> str:
        return names[int(place[len("documents[") : -1])] if place.startswith("documents[") else place

    return {
        "is_ok": all(one.is_ok for one in checked) and not any(finding.is_open for finding in versions),
        "policies": [_policy_shape(one) for one in checked],
        "versions": [finding_shape(finding, named, lambda _: 1) for finding in versions],
    }


def _policy_shape(one: Checked) -> dict[str, Json]:
    document, examples = one.document, one.examples
    shape: dict[str, Json] = {
        "policy": one.word,
        "is_ok": one.is_ok,
        "problems": [problem_shape(problem) for problem in one.problems],
        "examples": {"count": 0, "failures": []},
        "answers": [],
    }
    if document is None or examples is None or one.proof is None:
        return shape
    shape["examples"] = {
        "count": examples.count,
        "failures": [
            {
                "index": failure.index,
                "line": document.line_of(f"examples[{failure.index}]"),
                "key": failure.key,
                "expected": failure.expected,
                "found": failure.found,
            }
            for failure in examples.failures
        ],
    }
    file = document.file
    shape["answers"] = [finding_shape(f, lambda _: file, document.line_of) for f in one.proof.findings]
    return shape


def finding_shape(finding: Finding, file_of: Callable[[str], str], line_of: Callable[[str], int]) -> dict[str, Json]:
    """One question with its answer."""
    return {
        "question": finding.question,
        "subject": finding.subject,
        "outcome": finding.outcome,
        "code": finding.code,
        "severity": finding.severity,
        "is_open": finding.is_open,
        "is_required": finding.is_required,
        "accepted": finding.accepted,
        "places": [{"path": place, "file": file_of(place), "line": line_of(place)} for place in finding.places],
        "witnesses": [{"facts": values_shape(witness.facts), "outcome": witness.outcome} for witness in finding.witnesses],
        "values": values_shape(finding.values),
        "hint": finding.hint,
        "spent": finding.spent,
    }
