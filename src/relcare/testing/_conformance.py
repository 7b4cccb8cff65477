"""Conformance cases: rules with their answers as JSON, for this and any other implementation."""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, TypeAlias, cast

import attrs

from relcare._fields import ReadOnlyMap, to_texts, to_tuple
from relcare.errors import UnknownRecordError, nearest

__all__ = ["AREAS", "CASE_FORMAT", "ConformanceCase", "ConformanceTest", "Json", "conformance_cases", "thawed"]

CASE_FORMAT: Final = 1
"""The format of the cases that this release ships and reads."""

AREAS: Final = ("cadence", "facts", "membership", "segmentation", "vip")
"""One file each in `relcare/testing/cases`."""

Json: TypeAlias = "str | int | float | bool | tuple[Json, ...] | Mapping[str, Json] | None"
"""A value of a JSON document that nobody can change; a float stands only where it must be refused (FCT-4)."""

_TEST_OWN: Final = frozenset({"why", "staff", "owed", "sizes", "held", "ties", "paths", "steps", "membership", "may_take"})


def _frozen(value: object) -> Json:
    if isinstance(value, Mapping):
        table = cast("Mapping[str, object]", value)
        return ReadOnlyMap({key: _frozen(item) for key, item in table.items()})
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in cast("Sequence[object]", value))
    return cast("Json", value)


def _to_document(value: Mapping[str, object]) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", _frozen(value))


@attrs.frozen
class ConformanceTest:
    """One question with its answer.

    Attributes:
        document: As the file has it; `docs/reference/conformance.md` says what the keys mean.
    """

    document: Mapping[str, Json] = attrs.field(converter=_to_document)

    @property
    def why(self) -> str:
        """How the answer follows from the rules; empty where it does not say."""
        return str(self.document.get("why", ""))

    @property
    def example(self) -> Mapping[str, Json]:
        """The part of it that is a worked example of a policy document."""
        return ReadOnlyMap({key: value for key, value in self.document.items() if key not in _TEST_OWN})


def _to_tests(values: Iterable[ConformanceTest]) -> tuple[ConformanceTest, ...]:
    return to_tuple(values)


@attrs.frozen(kw_only=True)
class ConformanceCase:
    """A policy with questions whose answers follow from the rules, or one that must be refused.

    Attributes:
        id: Unique; the area and a name, which names the failure of another system where there is one.
        title: What it shows.
        rules: The ids of the rules it rests on.
        seen_in: Where another system was seen to answer otherwise, or where its users ask for it; empty for boundary cases.
        policy: A policy document without examples.
        tests: In order; none where the policy must be refused.
        refused: The paths of the problems for which the policy must be refused.
    """

    id: str
    title: str
    rules: tuple[str, ...] = attrs.field(converter=to_texts)
    seen_in: tuple[str, ...] = attrs.field(default=(), converter=to_texts)
    policy: Mapping[str, Json] = attrs.field(converter=_to_document)
    tests: tuple[ConformanceTest, ...] = attrs.field(default=(), converter=_to_tests)
    refused: tuple[str, ...] = attrs.field(default=(), converter=to_texts)

    @property
    def area(self) -> str:
        """The file it stands in, such as `cadence`."""
        return self.id.partition(".")[0]


def conformance_cases(area: str | None = None) -> tuple[ConformanceCase, ...]:
    """The cases that come with the package, in the order of the files; ids are unique over all of them.

    Args:
        area: `cadence`, `facts`, `membership`, `segmentation` or `vip`; all of them without it, in this order.

    Raises:
        UnknownRecordError: If there is no such area.

    Examples:
        >>> case = conformance_cases("segmentation")[0]
        >>> case.title
        'Seven clients at 20/40/40 give 1/3/3, in whatever order they come'
        >>> case.rules
        ('SEG-2', 'SEG-3', 'TIM-1')
    """
    if area is not None and area not in AREAS:
        near = nearest(area, AREAS)
        raise UnknownRecordError("area", area, f"did you mean {near!r}?" if near else f"there are {', '.join(AREAS)}")
    return tuple(case for name in AREAS if area in {None, name} for case in _read(name))


def _read(area: str) -> list[ConformanceCase]:
    text = files("relcare.testing").joinpath("cases", f"{area}.json").read_text(encoding="utf-8")
    return [_case(fields) for fields in json.loads(text)["cases"]]


def _case(fields: Mapping[str, Any]) -> ConformanceCase:
    return ConformanceCase(
        id=fields["id"],
        title=fields["title"],
        rules=fields["rules"],
        seen_in=fields.get("seen_in", ()),
        policy=fields["policy"],
        tests=[ConformanceTest(test) for test in fields.get("tests", ())],
        refused=fields.get("refused", ()),
    )


def thawed(value: object) -> object:
    """The same value in dictionaries and lists, as `json` writes and compares them."""
    if isinstance(value, Mapping):
        table = cast("Mapping[str, object]", value)
        return {key: thawed(item) for key, item in table.items()}
    if isinstance(value, (list, tuple)):
        return [thawed(item) for item in cast("Sequence[object]", value)]
    return value
